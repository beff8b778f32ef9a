// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Line plots as inline SVG. Colours come from templates/report.css (classes series-0, series-1,
// ...), so that a plot follows the page into dark mode; series differ in marks and dashes too,
// never in colour alone.
#pragma once

#include <string>
#include <vector>

namespace reconproof::reports {

struct PlotPoint {
  double x = 0, y = 0;
};

struct PlotSeries {
  std::string name;
  std::vector<PlotPoint> points;  // in order of x; a y that is not finite, or above 1e100, is a gap
  bool marks = false;             // a ring at each point
  int style = 0;                  // class series-<style>
};

struct Plot {
  std::string title, description;  // for those who do not see it
  std::string x_label, y_label, y_label_logarithmic;
  std::string nothing;  // shown when no point is finite
  std::vector<PlotSeries> series;
};

/// Where ticks stand: 1, 2 or 5 times a power of ten, about `wanted` of them, inside [low, high].
std::vector<double> linear_ticks(double low, double high, int wanted);
std::vector<double> logarithmic_ticks(double low, double high);

/// An <svg> element. The y axis is logarithmic when positive values span more than a factor of 20.
std::string plot_svg(const Plot& plot);

/// Markup-safe text: & < > " '.
std::string escape_markup(const std::string& text);

}  // namespace reconproof::reports
