// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "reports/embedded.h"
#include "system/error.h"

namespace reconproof::reports {
namespace {

constexpr double kBarsWidth = 680, kBarRow = 58, kBarsTop = 14;
constexpr double kTrackLeft = 14,
                 kTrackRight = 610;     // the limit; beyond it there is room for excess
constexpr double kLargestShare = 1.08;  // that is drawn

/// Index behind the title and the description that an <svg> element begins with.
size_t behind_titles(const std::string& svg, size_t at) {
  for (const char* name : {"title", "desc"}) {
    if (!svg.substr(at).starts_with(fmt::format("<{}>", name))) continue;
    const std::string end = fmt::format("</{}>", name);
    at = svg.find(end, at) + end.size();
  }
  return at;
}

/// ` width="680" height="340"` of viewBox="0 0 680 340".
std::string size_of(const std::string& tag) {
  constexpr std::string_view kViewBox = "viewBox=\"";
  const size_t at = tag.find(kViewBox);
  if (at == std::string::npos || tag.find(" width=") != std::string::npos) return "";
  std::istringstream numbers(tag.substr(at + kViewBox.size()));
  double left = 0, top = 0, width = 0, height = 0;
  if (!(numbers >> left >> top >> width >> height)) return "";
  return fmt::format(R"( width="{}" height="{}")", width, height);
}

const char* role_key(SliceRole role) {
  switch (role) {
    case SliceRole::kWorst:
      return "images_role_worst";
    case SliceRole::kMedian:
      return "images_role_median";
    case SliceRole::kBest:
      return "images_role_best";
    case SliceRole::kWorstBox:
      return "images_role_worst_box";
    case SliceRole::kOnly:
    case SliceRole::kNeighbour:
      break;
  }
  return "images_role_only";
}

}  // namespace

std::string standalone_svg(const std::string& element) {
  const size_t tag_end = element.find('>');
  RP_ASSERT(element.starts_with("<svg") && tag_end != std::string::npos);
  std::string tag = element.substr(0, tag_end);
  tag += size_of(tag);
  if (tag.find("xmlns=") == std::string::npos) tag += R"( xmlns="http://www.w3.org/2000/svg")";
  const size_t drawing = behind_titles(element, tag_end + 1);
  return tag + element.substr(tag_end, drawing - tag_end) + "<style>" +
         std::string(embedded_file("figure.css")) +
         R"(</style><rect width="100%" height="100%" fill="#ffffff"/>)" + element.substr(drawing) +
         "\n";
}

std::string bars_alt(const Bars& bars) {
  std::string alt = bars.caption;
  for (const Bar& bar : bars.bars)
    alt += (alt.empty() ? "" : ". ") + bar.name + ": " + bar.sentence;
  return alt;
}

std::string bars_svg(const Bars& bars) {
  const double height = kBarsTop + kBarRow * static_cast<double>(bars.bars.size());
  std::string drawing;
  double top = kBarsTop;
  for (const Bar& bar : bars.bars) {
    const double share = std::isfinite(bar.share) ? bar.share : kLargestShare;
    const double width = (kTrackRight - kTrackLeft) * std::clamp(share, 0.004, kLargestShare);
    drawing += fmt::format(R"(<text class="bar-name" x="{0}" y="{1}">{2}</text>)"
                           R"(<text class="bar-limit" x="{3}" y="{1}" text-anchor="end">{4}</text>)"
                           R"(<rect class="bar-track" x="{0}" y="{5}" width="{6}" height="16"/>)"
                           R"(<rect class="bar {7}" x="{0}" y="{5}" width="{8:.1f}" height="16"/>)"
                           R"(<path class="bar-line" d="M{9} {10}v24"/>)",
                           kTrackLeft, top + 12, escape_markup(bar.name), kBarsWidth - 14,
                           escape_markup(bar.sentence), top + 22, kTrackRight - kTrackLeft,
                           tone_name(bar.tone), width, kTrackRight, top + 18);
    top += kBarRow;
  }
  return standalone_svg(
      fmt::format(R"(<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>)", kBarsWidth,
                  height, escape_markup(bars_alt(bars)), drawing));
}

const std::string& slice_role(const SliceImages& images, const Texts& texts) {
  return texts(role_key(images.role));
}

std::string slice_heading(const SliceImages& images, const Texts& texts) {
  if (images.cell.empty()) return slice_role(images, texts);
  return texts.fill("images_heading",
                    {{"cell", shown(images.cell)}, {"role", slice_role(images, texts)}});
}

std::string slice_place(const SliceImages& images, const Texts& texts) {
  return texts.fill("images_place", {{"volume", shown(images.volume)},
                                     {"slice", std::to_string(images.slice)},
                                     {"white", scientific_text(images.window)}});
}

std::string ssim_text(std::optional<double> ssim, const Report& report, const Texts& texts) {
  if (!ssim) return "";
  return texts.fill("images_ssim", {{"value", digits_text(*ssim, report.edition.score.digits())}});
}

std::string box_text(const ShownBox& box, size_t number, const Report& report, const Texts& texts) {
  std::string text = texts.fill("images_box", {{"n", std::to_string(number)}});
  if (!box.label.empty()) text += ": " + shown(box.label);
  const std::string ssim = ssim_text(box.ssim, report, texts);
  return text + (ssim.empty() ? "" : ", ") + ssim;
}

std::string boxes_text(const SliceImages& images, const Report& report, const Texts& texts) {
  std::string list;
  for (size_t i = 0; i < images.boxes.size(); ++i)
    list += (i == 0 ? "" : "; ") + box_text(images.boxes[i], i + 1, report, texts);
  return list;
}

Values slice_values(const SliceImages& images, const Report& report) {
  return {{"volume", shown(images.volume)},
          {"slice", std::to_string(images.slice)},
          {"cell", shown(images.cell)},
          {"value", images.ssim ? digits_text(*images.ssim, report.edition.score.digits()) : "–"},
          {"mean", digits_text(images.mean_error_percent, 1)},
          {"gain", number_text(kErrorGain)},
          {"low", number_text(kDarkestSsim)}};
}

std::vector<Panel> slice_panels(const SliceImages& images, const Report& report,
                                const Texts& texts) {
  const Values values = slice_values(images, report);
  const auto panel = [&](const std::string& kind, const std::string& png,
                         const std::string& value) {
    return Panel{kind, texts.fill("images_" + kind, values), value,
                 texts.fill("images_alt_" + kind, values), png};
  };
  const SlicePictures& pictures = images.pictures;
  return {panel("label", pictures.label, ""),
          panel("input", pictures.input,
                images.has_input ? ssim_text(images.zero_filled_ssim, report, texts) : ""),
          panel("reconstruction", pictures.reconstruction, ssim_text(images.ssim, report, texts)),
          panel("error", pictures.error, texts.fill("images_mean_error", values)),
          panel("ssim_map", pictures.ssim, "")};
}

}  // namespace reconproof::reports
