// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/svg_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/text.h"

namespace reconproof::reports {
namespace {

constexpr double kWidth = 680, kHeight = 340;
constexpr double kLeft = 66, kRight = 14, kTop = 40, kBottom = 48;
constexpr double kLogarithmicFrom = 20;  // largest / smallest value
constexpr double kLargest = 1e100;
constexpr size_t kMostTooltips = 60;  // of a series without marks

/// Values along one axis and where they fall in the drawing.
struct Axis {
  double low = 0, high = 1;
  double begin = 0, end = 1;  // coordinates of low and high
  bool logarithmic = false;

  double at(double value) const {
    // Differences of logarithms, not the logarithm of a quotient, which may overflow.
    const double share = logarithmic
                             ? (std::log(value) - std::log(low)) / (std::log(high) - std::log(low))
                             : (value - low) / (high - low);
    return begin + share * (end - begin);
  }
};

void widen(double& low, double& high) {
  const double margin = high > low ? (high - low) * 0.05 : std::max(std::fabs(low) * 0.1, 1e-9);
  low -= margin;
  high += margin;
}

/// Beyond kLargest a loss has diverged, and the width of an axis could overflow.
bool drawable(const PlotPoint& point) {
  return std::fabs(point.x) < kLargest && std::fabs(point.y) < kLargest;  // false for NaN
}

std::vector<PlotPoint> drawable_points(const Plot& plot) {
  std::vector<PlotPoint> points;
  for (const PlotSeries& series : plot.series) {
    std::copy_if(series.points.begin(), series.points.end(), std::back_inserter(points), drawable);
  }
  return points;
}

Axis x_axis(const std::vector<PlotPoint>& points) {
  const auto [low, high] = std::minmax_element(
      points.begin(), points.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
  Axis axis{std::min(0.0, low->x), high->x, kLeft, kWidth - kRight};
  if (axis.high <= axis.low) axis.high = axis.low + 1;
  return axis;
}

Axis y_axis(const std::vector<PlotPoint>& points) {
  const auto [low, high] = std::minmax_element(
      points.begin(), points.end(), [](const auto& a, const auto& b) { return a.y < b.y; });
  Axis axis{low->y, high->y, kHeight - kBottom, kTop};
  axis.logarithmic = axis.low > 0 && axis.high / axis.low > kLogarithmicFrom;
  if (axis.logarithmic) {
    axis.low /= 1.2;
    axis.high *= 1.2;
  } else {
    widen(axis.low, axis.high);
  }
  return axis;
}

std::string x_ticks(const Axis& x) {
  std::string svg;
  for (double tick : linear_ticks(x.low, x.high, 8)) {
    svg += fmt::format(
        R"(<line class="tick" x1="{0:.1f}" y1="{1}" x2="{0:.1f}" y2="{2}"/>)"
        R"(<text class="tick-text" x="{0:.1f}" y="{3}" text-anchor="middle">{4}</text>)",
        x.at(tick), kHeight - kBottom, kHeight - kBottom + 5, kHeight - kBottom + 19,
        number_text(tick));
  }
  return svg;
}

std::string y_ticks(const Axis& y) {
  std::string svg;
  for (double tick :
       y.logarithmic ? logarithmic_ticks(y.low, y.high) : linear_ticks(y.low, y.high, 6)) {
    svg += fmt::format(
        R"(<line class="grid" x1="{1}" y1="{0:.1f}" x2="{2}" y2="{0:.1f}"/>)"
        R"(<text class="tick-text" x="{3}" y="{4:.1f}" text-anchor="end">{5}</text>)",
        y.at(tick), kLeft, kWidth - kRight, kLeft - 8, y.at(tick) + 4, number_text(tick));
  }
  return svg;
}

std::string axes(const Plot& plot, const Axis& x, const Axis& y) {
  const double bottom = kHeight - kBottom;
  std::string svg = y_ticks(y) + x_ticks(x);
  svg += fmt::format(R"(<path class="axis" d="M{0} {1}V{2}H{3}"/>)", kLeft, kTop, bottom,
                     kWidth - kRight);
  svg += fmt::format(R"(<text class="axis-text" x="{:.1f}" y="{}" text-anchor="middle">{}</text>)",
                     (kLeft + kWidth - kRight) / 2, kHeight - 8, escape_markup(plot.x_label));
  svg += fmt::format(
      R"svg(<text class="axis-text" transform="translate(14 {:.1f}) rotate(-90)" text-anchor="middle">{}</text>)svg",
      (kTop + bottom) / 2, escape_markup(y.logarithmic ? plot.y_label_logarithmic : plot.y_label));
  return svg;
}

/// What a pointer that rests on a point is told.
std::string tooltip(const Plot& plot, const PlotSeries& series, const PlotPoint& point) {
  return fmt::format(
      "<title>{}</title>",
      escape_markup(fmt::format("{}: {} {}, {} {}", series.name, plot.x_label, number_text(point.x),
                                plot.y_label, number_text(point.y))));
}

/// The line, broken where a value is not finite; a point that stands alone gets a dot. Where points
/// have no mark, some have an unseen one, to rest on.
std::string curve(const Plot& plot, const PlotSeries& series, const Axis& x, const Axis& y) {
  std::string path, dots;
  const std::vector<PlotPoint>& points = series.points;
  const size_t step = (points.size() + kMostTooltips - 1) / kMostTooltips;
  for (size_t i = 0; i < points.size(); ++i) {
    if (!drawable(points[i])) continue;
    const bool joined = i > 0 && drawable(points[i - 1]);
    const bool alone = !joined && (i + 1 == points.size() || !drawable(points[i + 1]));
    const double px = x.at(points[i].x), py = y.at(points[i].y);
    path += fmt::format("{}{:.1f} {:.1f}", joined ? "L" : "M", px, py);
    const bool has_mark = series.marks || alone;
    if (has_mark || i % step == 0) {
      dots += fmt::format(R"(<circle {} cx="{:.1f}" cy="{:.1f}" r="{}">{}</circle>)",
                          has_mark ? R"(class="mark")" : R"(fill="none" pointer-events="all")", px,
                          py, has_mark ? 3.5 : 7.0, tooltip(plot, series, points[i]));
    }
  }
  return fmt::format(R"(<g class="series-{}"><path class="curve" d="{}"/>{}</g>)", series.style,
                     path, dots);
}

std::string legend(const Plot& plot) {
  std::string svg;
  double left = kLeft;
  for (const PlotSeries& series : plot.series) {
    svg += fmt::format(
        R"(<g class="series-{0}"><path class="curve" d="M{1:.0f} 18h28"/>{2}</g>)"
        R"(<text class="legend-text" x="{3:.0f}" y="22">{4}</text>)",
        series.style, left,
        series.marks
            ? fmt::format(R"(<circle class="mark" cx="{:.0f}" cy="18" r="3.5"/>)", left + 14)
            : "",
        left + 36, escape_markup(series.name));
    left += 60 + 8.0 * static_cast<double>(series.name.size());
  }
  return svg;
}

/// 1, 2 or 5 times a power of ten, not below `least`.
double round_step(double least) {
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

}  // namespace

std::vector<double> linear_ticks(double low, double high, int wanted) {
  std::vector<double> ticks;
  if (!(high > low)) return {low};
  const double step = round_step((high - low) / wanted);
  const double first = std::ceil(low / step - 1e-9), last = std::floor(high / step + 1e-9);
  for (double k = first; k <= last && ticks.size() < 100; ++k) {
    // A product, not a sum of steps; rounded so that 3 * 0.1 prints as 0.3.
    ticks.push_back(k == 0 ? 0 : std::stod(fmt::format("{:.12g}", k * step)));
  }
  return ticks;
}

std::vector<double> logarithmic_ticks(double low, double high) {
  const int first = static_cast<int>(std::floor(std::log10(low))),
            last = static_cast<int>(std::ceil(std::log10(high)));
  std::vector<double> ticks;
  const int decades = std::max(1, (last - first) / 8);  // between two ticks
  for (int exponent = first; exponent <= last; exponent += decades) {
    for (double factor : {1.0, 2.0, 5.0}) {
      if (factor > 1 && last - first > 3) continue;  // many decades: powers of ten only
      const double tick = std::stod(fmt::format("{}e{}", factor, exponent));
      if (tick >= low && tick <= high) ticks.push_back(tick);
    }
  }
  return ticks;
}

std::string plot_svg(const Plot& plot) {
  std::string svg = fmt::format(
      R"(<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title><desc>{}</desc>)",
      kWidth, kHeight, escape_markup(plot.title + ". " + plot.description),
      escape_markup(plot.title), escape_markup(plot.description));
  const std::vector<PlotPoint> points = drawable_points(plot);
  if (points.empty()) {
    svg += fmt::format(R"(<text class="axis-text" x="{}" y="{}" text-anchor="middle">{}</text>)",
                       kWidth / 2, kHeight / 2, escape_markup(plot.nothing));
    return svg + "</svg>";
  }
  const Axis x = x_axis(points), y = y_axis(points);
  svg += axes(plot, x, y) + legend(plot);
  for (const PlotSeries& series : plot.series) svg += curve(plot, series, x, y);
  return svg + "</svg>";
}

std::string escape_markup(const std::string& text) {
  std::string safe;
  for (char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

}  // namespace reconproof::reports
