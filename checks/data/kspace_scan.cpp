// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/kspace_scan.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace reconproof::checks {

namespace {

constexpr uint32_t kExponent = 0x7F800000;
// Of a complex number's bits all but the two signs: -0 is zero.
constexpr uint64_t kMagnitude = 0x7FFFFFFF7FFFFFFF;
constexpr size_t kLanes = 16;

}  // namespace

bool all_finite(std::span<const float> values) {
  // Lanes without branches: the compiler turns them into vectors.
  std::array<uint32_t, kLanes> bad{};
  const size_t whole = values.size() / kLanes * kLanes;
  for (size_t i = 0; i < whole; i += kLanes) {
    std::array<uint32_t, kLanes> bits;
    std::memcpy(bits.data(), &values[i], sizeof bits);
    for (size_t lane = 0; lane < kLanes; ++lane)
      bad[lane] |= static_cast<uint32_t>((bits[lane] & kExponent) == kExponent);
  }
  for (size_t i = whole; i < values.size(); ++i) {
    uint32_t bits = 0;
    std::memcpy(&bits, &values[i], sizeof bits);
    bad[0] |= static_cast<uint32_t>((bits & kExponent) == kExponent);
  }
  return std::ranges::all_of(bad, [](uint32_t lane) { return lane == 0; });
}

KspaceScan::KspaceScan(int64_t width) : bits_(static_cast<size_t>(width)) {}

void KspaceScan::begin() {
  std::ranges::fill(bits_, 0);
  finite_ = true;
}

void KspaceScan::add(std::span<const challenge::Complex> plane) {
  finite_ = finite_ && all_finite({reinterpret_cast<const float*>(plane.data()), 2 * plane.size()});
  const size_t width = bits_.size();
  for (size_t line = 0; line < plane.size(); line += width) {
    for (size_t x = 0; x < width; ++x) {
      uint64_t bits = 0;
      std::memcpy(&bits, &plane[line + x], sizeof bits);
      bits_[x] |= bits;
    }
  }
}

bool KspaceScan::used(int64_t column) const {
  return (bits_[static_cast<size_t>(column)] & kMagnitude) != 0;
}

Band KspaceScan::band() const {
  Band band{0, static_cast<int64_t>(bits_.size())};
  while (band.first < band.end && !used(band.first)) ++band.first;
  while (band.end > band.first && !used(band.end - 1)) --band.end;
  return band.first == band.end ? Band{} : band;
}

std::vector<int64_t> KspaceScan::zero_columns() const {
  std::vector<int64_t> zero;
  const Band held = band();
  for (int64_t x = held.first; x < held.end; ++x)
    if (!used(x)) zero.push_back(x);
  return zero;
}

}  // namespace reconproof::checks
