// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "reports/embedded.h"
#include "reports/png.h"
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

std::string digits(double value, int64_t decimals) {
  return fmt::format("{:.{}f}", value, decimals);
}

double mean_error_percent(const SliceImages& images) {
  double sum = 0;
  int64_t inside = 0;
  for (const float error : images.error) {
    if (error > 0) sum += error, ++inside;
  }
  return inside == 0 ? 0 : 100 * sum / static_cast<double>(inside) / images.window;
}

std::string grey(const std::vector<float>& pixels, const SliceImages& images) {
  if (pixels.empty()) return "";
  return png_grey(to_levels(pixels, images.window), images.height, images.width);
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

std::string bars_svg(const Bars& bars) {
  const double height = kBarsTop + kBarRow * static_cast<double>(bars.bars.size());
  std::string description, drawing;
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
    description += (description.empty() ? "" : ". ") + bar.name + ": " + bar.sentence;
    top += kBarRow;
  }
  return standalone_svg(
      fmt::format(R"(<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>)", kBarsWidth,
                  height, escape_markup(bars.caption + ". " + description), drawing));
}

std::string slice_heading(const SliceImages& images, const Texts& texts) {
  const char* role = images.role == SliceRole::kWorst    ? "images_role_worst"
                     : images.role == SliceRole::kMedian ? "images_role_median"
                                                         : "images_role_only";
  return texts.fill("images_heading", {{"cell", shown(images.cell)}, {"role", texts(role)}});
}

std::string slice_place(const SliceImages& images, const Texts& texts) {
  return texts.fill("images_place",
                    {{"volume", shown(images.volume)}, {"slice", std::to_string(images.slice)}});
}

std::vector<Panel> slice_panels(const SliceImages& images, const Report& report,
                                const Texts& texts) {
  const int64_t decimals = report.edition.score.digits();
  const std::string mean = digits(mean_error_percent(images), 1);
  const Values values = {{"volume", shown(images.volume)},
                         {"slice", std::to_string(images.slice)},
                         {"cell", shown(images.cell)},
                         {"value", digits(images.ssim, decimals)},
                         {"mean", mean},
                         {"gain", number_text(kErrorGain)}};
  const auto ssim = [&](double value) {
    return texts.fill("images_ssim", {{"value", digits(value, decimals)}});
  };
  const auto panel = [&](const std::string& kind, std::string png, const std::string& value) {
    return Panel{kind, texts.fill("images_" + kind, values), value,
                 texts.fill("images_alt_" + kind, values), std::move(png)};
  };
  return {
      panel("input", grey(images.input, images),
            images.zero_filled_ssim && !images.input.empty() ? ssim(*images.zero_filled_ssim) : ""),
      panel("reconstruction", grey(images.reconstruction, images), ssim(images.ssim)),
      panel("label", grey(images.label, images), ""),
      panel("error",
            png_error_map(to_levels(images.error, images.window / kErrorGain), images.height,
                          images.width),
            texts.fill("images_mean_error", {{"mean", mean}}))};
}

}  // namespace reconproof::reports
