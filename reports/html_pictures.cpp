// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "reports/embedded.h"
#include "reports/figures.h"
#include "reports/html_template.h"
#include "reports/layers.h"
#include "reports/png.h"
#include "system/base64.h"

namespace reconproof::reports {
namespace {

using Slices = std::vector<const SliceImages*>;

/// Of one cell. It is a class for what all of its functions need.
class CellPictures {
 public:
  CellPictures(const Report& report, const Texts& texts, const std::string& cell)
      : report_(report), texts_(texts), cell_(cell) {
    for (const SliceImages& images : report.images)
      if (images.cell == cell) slices_.push_back(&images);
  }

  TemplateObject data(size_t index) const {
    return {{"heading", cell_.empty() ? texts_("viewer_title") : shown(cell_)},
            {"chosen", chosen()},
            {"cell", shown(cell_)},
            {"id", fmt::format("viewer-{}", index)},
            {"rows", rows()},
            {"scales", scales()},
            {"has_boxes", has_boxes()},
            {"jumps", jumps()},
            {"screens", screens()},
            {"slices", layers()},
            {"flicker", texts_.fill("viewer_flicker", {{"other", alternative()}})},
            {"alternative", alternative()},
            {"gain", number_text(kErrorGain)}};
  }

 private:
  std::string ssim(std::optional<double> value) const { return ssim_text(value, report_, texts_); }

  /// How many slices of the worst one's volume are here, in a sentence.
  std::string chosen() const {
    const SliceImages& worst = *slices_.front();
    const int64_t n = std::ranges::count_if(
        slices_, [&](const SliceImages* images) { return images->volume == worst.volume; });
    return texts_.fill(n == worst.volume_slices ? "images_chosen_all" : "images_chosen_some",
                       {{"n", number_text(static_cast<double>(n))},
                        {"all", number_text(static_cast<double>(worst.volume_slices))},
                        {"volume", shown(worst.volume)}});
  }

  bool has_boxes() const {
    return std::ranges::any_of(slices_, [](const auto* images) { return !images->boxes.empty(); });
  }

  /// What the reconstruction is exchanged with.
  std::string alternative() const {
    const bool other = std::ranges::any_of(slices_, &SliceImages::has_other);
    return texts_(other ? "images_other" : "images_label");
  }

  TemplateData boxes(const SliceImages& images) const {
    TemplateData list{TemplateData::type::list};
    for (size_t i = 0; i < images.boxes.size(); ++i) {
      const ShownBox& box = images.boxes[i];
      list.push_back(TemplateObject{{"left", std::to_string(box.left)},
                                    {"top", std::to_string(box.top)},
                                    {"width", std::to_string(box.width)},
                                    {"height", std::to_string(box.height)},
                                    {"text", box_text(box, i + 1, report_, texts_)}});
    }
    return list;
  }

  TemplateData panels(const SliceImages& images) const {
    TemplateData list{TemplateData::type::list};
    for (const Panel& panel : slice_panels(images, report_, texts_)) {
      const bool is_map = panel.kind == "error" || panel.kind == "ssim_map";
      list.push_back(TemplateObject{{"has_image", !panel.png.empty()},
                                    {"uri", panel.png.empty() ? "" : data_uri(panel.png)},
                                    {"width", std::to_string(images.width)},
                                    {"height", std::to_string(images.height)},
                                    {"alt", panel.alt},
                                    {"name", panel.name},
                                    {"value", panel.value},
                                    {"has_boxes", !is_map && !images.boxes.empty()},
                                    {"boxes", boxes(images)}});
    }
    return list;
  }

  TemplateData rows() const {
    TemplateData list{TemplateData::type::list};
    for (const SliceImages* images : slices_) {
      if (images->role == SliceRole::kNeighbour) continue;
      list.push_back(TemplateObject{{"heading", slice_role(*images, texts_)},
                                    {"place", slice_place(*images, texts_)},
                                    {"panels", panels(*images)},
                                    {"has_boxes", !images->boxes.empty()},
                                    {"box_list", boxes_text(*images, report_, texts_)}});
    }
    return list;
  }

  TemplateObject scale(const char* key, const char* gradient, const std::string& low,
                       const std::string& middle, const std::string& high) const {
    const std::string& name = texts_(key);
    return {
        {"name", name},
        {"gradient", std::string(gradient)},
        {"low", low},
        {"middle", middle},
        {"high", high},
        {"aria", texts_.fill("images_scale_aria", {{"name", name}, {"low", low}, {"high", high}})}};
  }

  TemplateData scales() const {
    const auto percent = [](double value) { return number_text(value) + "\u202F%"; };
    TemplateData list{TemplateData::type::list};
    list.push_back(scale("images_scale_grey", "scale-grey", "0", percent(50), percent(100)));
    list.push_back(scale("images_scale_error", "scale-map", "0", percent(50 / kErrorGain),
                         percent(100 / kErrorGain)));
    list.push_back(scale("images_scale_ssim", "scale-map", "1", number_text((1 + kDarkestSsim) / 2),
                         "≤ " + number_text(kDarkestSsim)));
    return list;
  }

  // --- The viewer

  /// Volume by volume, the worst one's first, and in order: what a slider leafs through.
  Slices leafed() const {
    Slices ordered = slices_;
    const std::string& first = slices_.front()->volume;
    std::ranges::stable_sort(ordered, {}, [&](const SliceImages* images) {
      return std::tuple(images->volume != first, images->volume, images->slice);
    });
    return ordered;
  }

  TemplateData jumps() const {
    const Slices ordered = leafed();
    TemplateData list{TemplateData::type::list};
    for (const SliceImages* images : slices_) {
      if (images->role == SliceRole::kNeighbour) continue;
      const auto place = std::ranges::find(ordered, images) - ordered.begin();
      list.push_back(
          TemplateObject{{"index", std::to_string(place)}, {"name", slice_role(*images, texts_)}});
    }
    return list;
  }

  TemplateData screens() const {
    TemplateData list{TemplateData::type::list};
    const Values values = {{"gain", number_text(kErrorGain)}, {"low", number_text(kDarkestSsim)}};
    for (const char* kind : {"label", "input", "reconstruction", "error", "ssim_map"}) {
      if (std::string_view(kind) == "input" && !slices_.front()->has_input) continue;
      list.push_back(TemplateObject{{"kind", std::string(kind)},
                                    {"alt", texts_.fill(std::string("images_alt_") + kind, values)},
                                    {"name", texts_.fill(std::string("images_") + kind, values)}});
    }
    return list;
  }

  TemplateData layers() const {
    TemplateData list{TemplateData::type::list};
    for (const SliceImages* images : leafed()) {
      std::string kinds = "label reconstruction";
      if (images->has_input) kinds += " input";
      if (images->has_other) kinds += " other";
      list.push_back(TemplateObject{
          {"volume", shown(images->volume)},
          {"slice", std::to_string(images->slice)},
          {"last", std::to_string(images->volume_slices - 1)},
          {"place", slice_place(*images, texts_)},
          {"ssim", ssim(images->ssim)},
          {"zero_filled", ssim(images->zero_filled_ssim)},
          {"other", ssim(images->other_ssim)},
          {"mean", digits_text(images->mean_error_percent, 1)},
          {"error", texts_.fill("images_mean_error", slice_values(*images, report_))},
          {"width", std::to_string(images->width)},
          {"height", std::to_string(images->height)},
          {"white", fmt::format("{:.2f}", kHighestLevel * images->window / images->full_scale)},
          {"images", kinds},
          {"layers", system::base64_encode(images->layers)},
          {"boxes", boxes(*images)}});
    }
    return list;
  }

  const Report& report_;
  const Texts& texts_;
  std::string cell_;
  Slices slices_;
};

}  // namespace

std::string pictures_html(const Report& report, const Texts& texts) {
  std::vector<std::string> names;
  for (const SliceImages& images : report.images)
    if (std::ranges::find(names, images.cell) == names.end()) names.push_back(images.cell);
  TemplateData cells{TemplateData::type::list};
  for (size_t i = 0; i < names.size(); ++i)
    cells.push_back(CellPictures(report, texts, names[i]).data(i));
  return fill_template("pictures.html",
                       TemplateObject{{"t", template_texts(texts)},
                                      {"viewer_partial", std::string(embedded_file("viewer.html"))},
                                      {"cells", cells}});
}

}  // namespace reconproof::reports
