// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/svg_plot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/reports/html_markup.h"

namespace reconproof::reports {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Plot plot_of(std::vector<PlotPoint> points) {
  Plot plot;
  plot.title = "Loss";
  plot.description = "a <description> & more";
  plot.x_label = "Epoch";
  plot.y_label = "Loss";
  plot.y_label_logarithmic = "Loss (logarithmic)";
  plot.nothing = "No finite loss.";
  plot.series = {{"Training", std::move(points), false, 0}};
  return plot;
}

void expect_sound(const std::string& svg) {
  EXPECT_EQ(read_markup(svg).fault, "");
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
  EXPECT_LT(svg.size(), 30000U);
  EXPECT_EQ(svg.find("<description>"), std::string::npos);
}

TEST(SvgPlot, OnePointIsADot) {
  const std::string svg = plot_svg(plot_of({{1, 0.5}}));
  expect_sound(svg);
  EXPECT_EQ(times_in(svg, "<circle class=\"mark\""), 1U);
}

TEST(SvgPlot, EqualValuesStillHaveAnAxis) {
  const std::string svg = plot_svg(plot_of({{1, 0.5}, {2, 0.5}, {3, 0.5}}));
  expect_sound(svg);
  EXPECT_NE(svg.find(">0.5</text>"), std::string::npos);
  expect_sound(plot_svg(plot_of({{1, 0}, {2, 0}})));
}

TEST(SvgPlot, NotANumberIsAGap) {
  const std::string svg =
      plot_svg(plot_of({{1, 0.5}, {2, kNan}, {3, 0.4}, {4, 0.3}, {5, INFINITY}}));
  expect_sound(svg);
  // The first point stands alone, the next two are a line of their own.
  EXPECT_EQ(times_in(svg, "<circle class=\"mark\""), 1U);
  const size_t curve = svg.rfind("class=\"curve\" d=\"");
  EXPECT_EQ(times_in(svg.substr(curve, svg.find("\"/>", curve) - curve), "M"), 2U);
}

TEST(SvgPlot, NothingFiniteSaysSo) {
  for (const std::vector<PlotPoint>& points :
       {std::vector<PlotPoint>{}, std::vector<PlotPoint>{{1, kNan}}}) {
    const std::string svg = plot_svg(plot_of(points));
    expect_sound(svg);
    EXPECT_NE(svg.find("No finite loss."), std::string::npos);
  }
}

TEST(SvgPlot, AWideSpanIsLogarithmicUnlessZeroIsIn) {
  EXPECT_NE(plot_svg(plot_of({{1, 1}, {2, 0.01}})).find("(logarithmic)"), std::string::npos);
  EXPECT_EQ(plot_svg(plot_of({{1, 1}, {2, 0.5}})).find("(logarithmic)"), std::string::npos);
  EXPECT_EQ(plot_svg(plot_of({{1, 1}, {2, 0}})).find("(logarithmic)"), std::string::npos);
  expect_sound(plot_svg(plot_of({{1, 1e90}, {2, 1e-300}})));
  expect_sound(plot_svg(plot_of({{1, 1e308}, {2, -1e308}, {3, 1}, {4, 2}})));
}

TEST(SvgPlot, HasAxesLegendAndWordsForScreenReaders) {
  const std::string svg = plot_svg(plot_of({{1, 0.5}, {2, 0.4}}));
  for (const char* part : {">Training</text>", ">Epoch</text>", ">Loss</text>", "role=\"img\"",
                           "aria-label=\"Loss. a &lt;", "<title>"}) {
    EXPECT_NE(svg.find(part), std::string::npos) << part;
  }
}

TEST(SvgPlot, PointsSayTheirValues) {
  std::vector<PlotPoint> points;
  for (int i = 0; i < 500; ++i) points.push_back({i + 1.0, 1.0 / (i + 2)});
  const std::string svg = plot_svg(plot_of(points));
  expect_sound(svg);
  EXPECT_NE(svg.find("<title>Training: Epoch 1, Loss 0.5</title>"), std::string::npos);
  const size_t tooltips = times_in(svg, "<title>Training: ");
  EXPECT_TRUE(50 <= tooltips && tooltips <= 60) << tooltips;
}

TEST(SvgPlot, TicksAreRound) {
  EXPECT_EQ(linear_ticks(0, 1, 5), (std::vector<double>{0, 0.2, 0.4, 0.6, 0.8, 1}));
  EXPECT_EQ(linear_ticks(3, 47, 5), (std::vector<double>{10, 20, 30, 40}));
  EXPECT_EQ(linear_ticks(2, 2, 5), (std::vector<double>{2}));
  EXPECT_EQ(logarithmic_ticks(0.02, 0.6), (std::vector<double>{0.02, 0.05, 0.1, 0.2, 0.5}));
  EXPECT_EQ(logarithmic_ticks(1e-4, 10), (std::vector<double>{1e-4, 1e-3, 1e-2, 0.1, 1, 10}));
}

}  // namespace
}  // namespace reconproof::reports
