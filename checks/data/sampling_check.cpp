// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/sampling_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <vector>

namespace reconproof::checks {

namespace fs = std::filesystem;

namespace {

// Part of the gaps that must be equal before a mask counts as one of equal spacing: other schemes
// are not judged.
constexpr double kMostGaps = 0.8;

std::optional<int64_t> acceleration_in(const std::string& name) {
  for (size_t at = name.find("acc"); at != std::string::npos; at = name.find("acc", at + 1)) {
    const char* begin = name.data() + at + 3;
    int64_t value = 0;
    if (std::from_chars(begin, name.data() + name.size(), value).ec == std::errc() && value > 0 &&
        value < 1000)
      return value;
  }
  return std::nullopt;
}

/// Sampled columns of both sides of the fully sampled centre.
struct Sides {
  std::vector<int64_t> left, right;
};

Sides sides_of(std::span<const float> mask) {
  const int64_t width = static_cast<int64_t>(mask.size()), middle = width / 2;
  int64_t first = middle, end = middle + 1;
  while (first > 0 && mask[static_cast<size_t>(first - 1)] != 0) --first;
  while (end < width && mask[static_cast<size_t>(end)] != 0) ++end;
  Sides sides;
  for (int64_t x = 0; x < width; ++x) {
    if (mask[static_cast<size_t>(x)] != 0 && (x < first || x >= end))
      (x < first ? sides.left : sides.right).push_back(x);
  }
  return sides;
}

MaskFault spacing_fault(const std::string& reason) { return {"mask-acceleration", reason}; }

/// Sampled columns are `spacing` apart from edge to edge.
std::optional<MaskFault> find_break(const Sides& sides, int64_t spacing, Band band) {
  for (const std::vector<int64_t>& side : {sides.left, sides.right}) {
    for (size_t i = 1; i < side.size(); ++i) {
      if (side[i] - side[i - 1] != spacing) {
        return spacing_fault(
            fmt::format("the mask samples columns {} and {} next to each other, elsewhere every "
                        "{}th column",
                        side[i - 1], side[i], spacing));
      }
    }
  }
  if (!sides.left.empty() && !sides.right.empty() &&
      (sides.right.front() - sides.left.back()) % spacing != 0) {
    return spacing_fault(fmt::format(
        "the mask's columns right of the centre are no continuation of those left of it"));
  }
  const bool begins_late = !sides.left.empty() && sides.left.front() >= band.first + spacing;
  const bool ends_early = !sides.right.empty() && sides.right.back() < band.end - spacing;
  if (begins_late || ends_early) {
    return spacing_fault(fmt::format("the mask leaves out all columns {} {}",
                                     begins_late ? "before" : "behind",
                                     begins_late ? sides.left.front() : sides.right.back()));
  }
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> stated_acceleration(const std::string& path) {
  fs::path rest(path);
  while (!rest.empty()) {
    if (const auto value = acceleration_in(rest.filename().string())) return value;
    if (rest == rest.parent_path()) break;
    rest = rest.parent_path();
  }
  return std::nullopt;
}

std::optional<MaskFault> find_mask_fault(std::span<const float> mask, Band band,
                                         std::optional<int64_t> stated) {
  const auto odd = std::ranges::find_if(mask, [](float v) { return !(v == 0 || v == 1); });
  if (odd != mask.end()) {
    return MaskFault{"mask-values", fmt::format("the mask holds {} at column {}, expected 0 and 1",
                                                *odd, odd - mask.begin())};
  }
  if (mask[mask.size() / 2] == 0) {
    return MaskFault{"mask-values", "the mask does not sample the centre of k-space"};
  }
  const Sides sides = sides_of(mask);
  std::map<int64_t, int64_t> gaps;
  int64_t count = 0;
  for (const std::vector<int64_t>& side : {sides.left, sides.right}) {
    for (size_t i = 1; i < side.size(); ++i, ++count) ++gaps[side[i] - side[i - 1]];
  }
  if (count == 0) {
    if (!stated || *stated == 1 || static_cast<int64_t>(mask.size()) < 4 * *stated)
      return std::nullopt;
    return spacing_fault(
        fmt::format("the mask samples {} columns in one piece, but the name says acc{}",
                    std::ranges::count(mask, 1.0F), *stated));
  }
  const auto most = std::ranges::max_element(gaps, {}, [](const auto& gap) { return gap.second; });
  const int64_t spacing = most->first;
  const bool regular = static_cast<double>(most->second) >= kMostGaps * static_cast<double>(count);
  if (regular && stated && spacing != *stated) {
    return spacing_fault(fmt::format("the mask samples every {}th column, but the name says acc{}",
                                     spacing, *stated));
  }
  return regular ? find_break(sides, spacing, band) : std::nullopt;
}

}  // namespace reconproof::checks
