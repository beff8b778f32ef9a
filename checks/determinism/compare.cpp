// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/determinism/compare.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "challenge/dataset/folder.h"
#include "formats/hdf5.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {

namespace fs = std::filesystem;

namespace {

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  if (!system::is_folder(folder)) return names;
  for (const fs::path& path : challenge::volumes_in(folder)) names.insert(path.filename().string());
  return names;
}

void raise(std::optional<double>& largest, double value) {
  largest = std::max(largest.value_or(0), value);
}

/// Empty when the volumes are equal; else what differs.
std::string compare_volume(const fs::path& a, const fs::path& b, const std::string& label,
                           Comparison& comparison) {
  const auto left = formats::open_confined(a), right = formats::open_confined(b);
  const formats::DatasetInfo& set = left->dataset(challenge::kReconstructionSet);
  const formats::DatasetInfo& other = right->dataset(challenge::kReconstructionSet);
  if (set.shape != other.shape || set.type_text() != other.type_text()) {
    ++comparison.incomparable;
    return fmt::format("{} {} against {} {}", set.type_text(), formats::shape_text(set.shape),
                       other.type_text(), formats::shape_text(other.shape));
  }
  const std::vector<float> x = left->read_floats(challenge::kReconstructionSet);
  const std::vector<float> y = right->read_floats(challenge::kReconstructionSet);
  if (x.empty() || std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0) {
    raise(comparison.max_relative, 0);
    return "";
  }
  double largest = 0;
  size_t first = x.size(), where = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    if (std::memcmp(&x[i], &y[i], sizeof(float)) == 0) continue;
    first = std::min(first, i);
    const double distance = std::abs(static_cast<double>(x[i]) - y[i]);
    const double difference = std::isnan(distance) ? INFINITY : distance;
    if (difference > largest) largest = difference, where = i;
  }
  const double relative = largest > 0 ? largest / formats::largest_magnitude(x) : 0;
  const size_t pixels = x.size() / static_cast<size_t>(set.shape[0]);
  if (relative > comparison.max_relative.value_or(0))
    comparison.largest_at = fmt::format("{}, slice {}", label, where / pixels);
  raise(comparison.max_difference, largest);
  raise(comparison.max_relative, relative);
  return fmt::format(
      "slice {} is the first to differ; by at most {:.3g} ({:.2g} of the maximum), in slice {}",
      first / pixels, largest, relative, where / pixels);
}

}  // namespace

Comparison compare_reconstructions(const challenge::Edition& edition, const fs::path& a,
                                   const fs::path& b) {
  Comparison comparison;
  const auto differ = [&](const std::string& what) {
    comparison.equal = false;
    comparison.differences.push_back(what);
  };
  for (const challenge::Cell& cell : edition.cells) {
    const std::set<std::string> left = names_in(a / cell.name), right = names_in(b / cell.name);
    std::set<std::string> all = left;
    all.insert(right.begin(), right.end());
    for (const std::string& name : all) {
      const std::string label = cell.name + "/" + name;
      ++comparison.volumes;
      if (!left.contains(name) || !right.contains(name)) {
        ++comparison.incomparable;
        differ(label + ": only in one of the two");
        continue;
      }
      try {
        const std::string difference =
            compare_volume(a / cell.name / name, b / cell.name / name, label, comparison);
        if (!difference.empty()) differ(label + ": " + difference);
      } catch (const system::Error& error) {
        ++comparison.incomparable;
        differ(label + ": " + error.what());
      }
    }
  }
  return comparison;
}

}  // namespace reconproof::checks
