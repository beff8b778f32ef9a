// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Figures of a report that stand alone: drawings with their own colours on white, pictures of
// slices as PNG.
#pragma once

#include <string>
#include <vector>

#include "reports/document.h"

namespace reconproof::reports {

struct FigureFile {
  std::string name;  // a plain file name of ours: "training-1.svg"
  std::string bytes;
};

/// An <svg> element of a page as a file of its own: with its name space, its size in pixels, a
/// white ground, and the colours of templates/figure.css in place of the page's.
std::string standalone_svg(const std::string& element);

/// All of them in words.
std::string bars_alt(const Bars& bars);
/// Bars on one common scale, their limits a line; a file of its own, as `standalone_svg` makes
/// them.
std::string bars_svg(const Bars& bars);

/// One picture of a slice.
struct Panel {
  std::string kind;  // "label", "input", "reconstruction", "error", "ssim_map"
  std::string name, value, alt;
  std::string png;  // empty where the data have none, and of a kNeighbour
};

std::vector<Panel> slice_panels(const SliceImages& images, const Report& report,
                                const Texts& texts);
/// "Worst slice", "acc4: Worst slice" and "brain_test1.h5, slice 3; white is 4 × 10⁻⁴".
const std::string& slice_role(const SliceImages& images, const Texts& texts);
std::string slice_heading(const SliceImages& images, const Texts& texts);
std::string slice_place(const SliceImages& images, const Texts& texts);
/// What fills the texts images_alt_*.
Values slice_values(const SliceImages& images, const Report& report);
/// "SSIM 0.9412"; empty without a value.
std::string ssim_text(std::optional<double> ssim, const Report& report, const Texts& texts);
/// "Box 1: Meniscus Tear, SSIM 0.8612"; of all boxes of a slice, with semicolons.
std::string box_text(const ShownBox& box, size_t number, const Report& report, const Texts& texts);
std::string boxes_text(const SliceImages& images, const Report& report, const Texts& texts);

}  // namespace reconproof::reports
