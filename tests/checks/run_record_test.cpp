// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Every field of a run's result survives its record. The records' own code does not compile when a
// struct has a field that it does not name, and neither does this test.
#include "checks/measure/run_record.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "formats/strict_json.h"

namespace reconproof::checks {
namespace {

using nlohmann::json;

// Without designators, so that a new field without a value here is an error
// (-Wmissing-field-initializers).
const system::GpuUse kGpu = {true,
                             "why\n\xff\xfe",
                             5'000'000'001,
                             6,
                             true,
                             7,
                             0.1,
                             0.25,
                             {"pid 7 (x)", ""},
                             "dev",
                             "550",
                             int64_t{8} << 40,
                             7'999'999'999,
                             "not enforced",
                             true,
                             11,
                             12};

WholeRunResult whole_result() {
  return {true,
          "refused",
          true,
          "unobserved",
          "not run",
          -3,
          9,
          true,
          "stopped",
          "limits by",
          1.0 / 3,
          std::nextafter(2.0, 3.0),
          (int64_t{1} << 62) + 1,
          -(int64_t{1} << 61) - 1,
          kGpu,
          std::string("tail \x80\0 한국어 \"\\", 20),
          {{"network", "\xc3(", 4}, {"open", "b", int64_t{1} << 40}},
          "/a/b c",
          {"3.12.9", {{"torch", "2.3"}, {"numpy", "1.26.4"}}},
          {"strange", "\x1b"}};
}

void expect_equal(const system::GpuUse& a, const system::GpuUse& b) {
  EXPECT_EQ(a.measured, b.measured);
  EXPECT_EQ(a.reason, b.reason);
  EXPECT_EQ(a.peak_tree_bytes, b.peak_tree_bytes);
  EXPECT_EQ(a.peak_device_delta_bytes, b.peak_device_delta_bytes);
  EXPECT_EQ(a.per_process_visible, b.per_process_visible);
  EXPECT_EQ(a.samples, b.samples);
  EXPECT_EQ(a.interval_ms, b.interval_ms);
  EXPECT_EQ(a.foreign, b.foreign);
  EXPECT_EQ(a.device, b.device);
  EXPECT_EQ(a.driver, b.driver);
  EXPECT_EQ(a.total_bytes, b.total_bytes);
  EXPECT_EQ(a.sampling_cpu_s, b.sampling_cpu_s);
  EXPECT_EQ(a.enforced_limit_bytes, b.enforced_limit_bytes);
  EXPECT_EQ(a.unenforced_reason, b.unenforced_reason);
  EXPECT_EQ(a.ballast_lost, b.ballast_lost);
  EXPECT_EQ(a.child_peak_reserved_bytes, b.child_peak_reserved_bytes);
  EXPECT_EQ(a.child_peak_allocated_bytes, b.child_peak_allocated_bytes);
}

void expect_equal(const WholeRunResult& a, const WholeRunResult& b) {
  EXPECT_EQ(a.isolated, b.isolated);
  EXPECT_EQ(a.refused_reason, b.refused_reason);
  EXPECT_EQ(a.observed, b.observed);
  EXPECT_EQ(a.unobserved_reason, b.unobserved_reason);
  EXPECT_EQ(a.not_run, b.not_run);
  EXPECT_EQ(a.exit_code, b.exit_code);
  EXPECT_EQ(a.signal, b.signal);
  EXPECT_EQ(a.timed_out, b.timed_out);
  EXPECT_EQ(a.stopped, b.stopped);
  EXPECT_EQ(a.limits_by, b.limits_by);
  EXPECT_EQ(a.wall_s, b.wall_s);
  EXPECT_EQ(a.cpu_s, b.cpu_s);
  EXPECT_EQ(a.peak_rss_bytes, b.peak_rss_bytes);
  EXPECT_EQ(a.peak_cgroup_bytes, b.peak_cgroup_bytes);
  expect_equal(a.gpu, b.gpu);
  EXPECT_EQ(a.output_tail, b.output_tail);
  ASSERT_EQ(a.attempts.size(), b.attempts.size());
  for (size_t i = 0; i < a.attempts.size(); ++i) {
    EXPECT_EQ(a.attempts[i].kind, b.attempts[i].kind);
    EXPECT_EQ(a.attempts[i].detail, b.attempts[i].detail);
    EXPECT_EQ(a.attempts[i].count, b.attempts[i].count);
  }
  EXPECT_EQ(a.recon_folder, b.recon_folder);
  EXPECT_EQ(a.python.python, b.python.python);
  EXPECT_EQ(a.python.packages, b.python.packages);
  EXPECT_EQ(a.strange_outputs, b.strange_outputs);
}

/// By way of the text that stands in a file.
template <typename Result>
Result through_a_file(const Result& result) {
  const std::string text = formats::canonical_json(record_of(result));
  Result read;
  read_record(formats::parse_strict_json(text, "record"), read);
  EXPECT_EQ(formats::canonical_json(record_of(read)), text);
  return read;
}

TEST(RunRecord, KeepsEveryFieldOfAWholeRun) {
  expect_equal(through_a_file(whole_result()), whole_result());
  expect_equal(through_a_file(WholeRunResult()), WholeRunResult());
}

TEST(RunRecord, KeepsEveryFieldOfASliceRun) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const SliceRun run = {
      whole_result(),
      {{"acc4", "a.h5", 77, 0.1, 1e-300, {0.1, 0.2}, {nan, INFINITY, -INFINITY}, 5, true}, {}},
      0.7,
      "cgroup v2 freezer"};
  const SliceRun read = through_a_file(run);
  expect_equal(read.run, run.run);
  EXPECT_EQ(read.busy_cores, run.busy_cores);
  EXPECT_EQ(read.held_by, run.held_by);
  ASSERT_EQ(read.volumes.size(), 2u);
  const VolumeTimes &a = run.volumes[0], &b = read.volumes[0];
  EXPECT_EQ(a.cell, b.cell);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.bytes, b.bytes);
  EXPECT_EQ(a.prep_s, b.prep_s);
  EXPECT_EQ(a.prep_cpu_s, b.prep_cpu_s);
  EXPECT_EQ(a.slice_s, b.slice_s);
  ASSERT_EQ(b.declared_s.size(), 3u);
  EXPECT_TRUE(std::isnan(b.declared_s[0]));
  EXPECT_EQ(b.declared_s[1], INFINITY);
  EXPECT_EQ(b.declared_s[2], -INFINITY);
  EXPECT_EQ(a.altered, b.altered);
  EXPECT_EQ(a.computed_before, b.computed_before);
}

TEST(RunRecord, KeepsEveryFieldOfAComparison) {
  for (const std::optional<double> largest : {std::optional<double>(), {INFINITY}, {1.0 / 3}}) {
    const Comparison comparison = {false, 4, {"a", "\xff"}, largest, largest, 3, "a, slice 1"};
    const Comparison read = through_a_file(comparison);
    EXPECT_EQ(read.equal, comparison.equal);
    EXPECT_EQ(read.volumes, comparison.volumes);
    EXPECT_EQ(read.differences, comparison.differences);
    EXPECT_EQ(read.max_difference, comparison.max_difference);
    EXPECT_EQ(read.max_relative, comparison.max_relative);
    EXPECT_EQ(read.incomparable, comparison.incomparable);
    EXPECT_EQ(read.largest_at, comparison.largest_at);
  }
}

TEST(RunRecord, WhatIsMissingIsAnError) {
  json record = record_of(whole_result());
  record.erase(record.size() - 1);
  WholeRunResult read;
  EXPECT_THROW(read_record(record, read), json::exception);
  EXPECT_THROW(read_record(json::object(), read), json::exception);
}

}  // namespace
}  // namespace reconproof::checks
