// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The network as a drawing: from k-space to the image, with its own sizes. Everything is drawn in
// the page's text colour, so that it needs no style sheet and follows a dark page.
#include <fmt/format.h>

#include "reports/sections/sections.h"

namespace reconproof::reports {
namespace {

constexpr int kHigh = 66;  // of a box

/// One box with up to three centred lines; `weight` of its fill says how much of the network it is.
std::string box_svg(int x, int y, int width, const std::vector<std::string>& lines, double weight) {
  std::string svg = fmt::format(
      R"(<rect x="{}" y="{}" width="{}" height="{}" rx="6" fill="currentColor" fill-opacity="{:.2f}" stroke="currentColor" stroke-opacity="0.55"/>)",
      x, y, width, kHigh, weight);
  const int first = y + kHigh / 2 + 5 - 9 * (static_cast<int>(lines.size()) - 1);
  for (size_t i = 0; i < lines.size(); ++i) {
    svg += fmt::format(
        R"(<text x="{}" y="{}" text-anchor="middle" fill="currentColor" font-size="{}" font-weight="{}">{}</text>)",
        x + width / 2, first + 18 * static_cast<int>(i), i == 0 ? 14 : 12, i == 0 ? 600 : 400,
        escape_markup(lines[i]));
  }
  return svg;
}

/// Ends in a tip.
std::string arrow_svg(int x, int y, int to_x, int to_y) {
  const bool down = x == to_x;
  const std::string tip = down ? fmt::format("M{} {}l-5 -8h10z", to_x, to_y)
                               : fmt::format("M{} {}l-8 -5v10z", to_x, to_y);
  return fmt::format(
      R"(<path d="M{} {}L{} {}" fill="none" stroke="currentColor" stroke-opacity="0.7"/><path d="{}" fill="currentColor" fill-opacity="0.7"/>)",
      x, y, down ? to_x : to_x - 8, down ? to_y - 8 : to_y, tip);
}

}  // namespace

std::string varnet_svg(const challenge::VarnetSizes& sizes, const Texts& texts) {
  const auto unet = [&](int64_t chans) {
    return texts.fill("figure_unet",
                      {{"chans", count_text(chans)}, {"pools", count_text(sizes.pools)}});
  };
  const std::string times = texts.count("figure_cascades", sizes.cascades);
  std::string svg =
      fmt::format(R"(<svg viewBox="0 0 760 250" role="img" aria-label="{}" font-family="inherit">)",
                  escape_markup(texts("network_figure_alt")));
  svg += box_svg(10, 20, 150, {texts("figure_kspace"), texts("figure_masked")}, 0.04);
  svg += arrow_svg(160, 53, 210, 53);
  // Several cascades look like a stack.
  for (int behind = sizes.cascades > 2 ? 2 : static_cast<int>(sizes.cascades) - 1; behind > 0;
       --behind)
    svg += box_svg(210 + 6 * behind, 20 - 6 * behind, 300, {}, 0.04);
  svg += box_svg(210, 20, 300, {times, unet(sizes.chans), texts("figure_consistency")}, 0.14);
  svg += arrow_svg(522, 53, 590, 53);
  svg += box_svg(590, 20, 160, {texts("figure_inverse"), texts("figure_rss")}, 0.04);
  svg += arrow_svg(85, 86, 85, 160);
  svg += box_svg(10, 160, 300, {texts("figure_sensitivity"), unet(sizes.sens_chans)}, 0.14);
  svg += fmt::format(
      R"(<path d="M310 193L360 193L360 94" fill="none" stroke="currentColor" stroke-opacity="0.7"/><path d="M360 86l-5 8h10z" fill="currentColor" fill-opacity="0.7"/>)");
  svg += arrow_svg(670, 86, 670, 160);
  svg += box_svg(590, 160, 160, {texts("figure_image"), texts("figure_crop")}, 0.04);
  return svg + "</svg>";
}

}  // namespace reconproof::reports
