// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/fingerprint_match.h"

#include <fmt/core.h>
#include <kiss_fft.h>
#include <kiss_fftnd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <utility>

#include "challenge/dataset/local_contrast.h"

namespace reconproof::challenge {
namespace {

constexpr int kSide = static_cast<int>(kFingerprintSide);

// ---- symmetries ----

/// Bit 4: transposed first; then bit 1: rows reversed, bit 2: columns reversed.
CellGrid turned(const CellGrid& grid, int symmetry, int side) {
  CellGrid out(grid.size());
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const int from_y = symmetry & 1 ? side - 1 - y : y, from_x = symmetry & 2 ? side - 1 - x : x;
      out[static_cast<size_t>(y * side + x)] =
          grid[static_cast<size_t>(symmetry & 4 ? from_x * side + from_y : from_y * side + from_x)];
    }
  }
  return out;
}

// ---- coarse search ----

constexpr int kCoarse = kSide / 2, kPadded = 48;  // so that shifts of 192 pixels do not wrap
constexpr int kReach = kPadded - kCoarse;
constexpr double kLeastEnergy = 0.05;  // of an image that is not flat
constexpr float kWorthTrying = 0.3f;   // correlation; strangers mostly stay below it
using Spectrum = std::vector<kiss_fft_cpx>;

class Fft {
 public:
  Fft() {
    const int sizes[] = {kPadded, kPadded};
    forward_ = kiss_fftnd_alloc(sizes, 2, 0, nullptr, nullptr);
    inverse_ = kiss_fftnd_alloc(sizes, 2, 1, nullptr, nullptr);
  }
  ~Fft() { std::free(forward_), std::free(inverse_); }
  Spectrum forward(const Spectrum& in) const { return run(forward_, in); }
  Spectrum inverse(const Spectrum& in) const { return run(inverse_, in); }

 private:
  static Spectrum run(kiss_fftnd_cfg plan, const Spectrum& in) {
    Spectrum out(in.size());
    kiss_fftnd(plan, in.data(), out.data());
    return out;
  }
  kiss_fftnd_cfg forward_, inverse_;
};

const Fft& fft() {
  thread_local const Fft instance;  // a plan holds a buffer
  return instance;
}

CellGrid halved(const CellGrid& grid) {
  CellGrid out(kCoarse * kCoarse);
  for (int y = 0; y < kCoarse; ++y)
    for (int x = 0; x < kCoarse; ++x) {
      const float* at = &grid[static_cast<size_t>(2 * y * kSide + 2 * x)];
      out[static_cast<size_t>(y * kCoarse + x)] =
          0.25f * (at[0] + at[1] + at[kSide] + at[kSide + 1]);
    }
  return out;
}

Spectrum spectrum_of(const CellGrid& coarse) {
  Spectrum padded(kPadded * kPadded, {0, 0});
  for (int y = 0; y < kCoarse; ++y)
    for (int x = 0; x < kCoarse; ++x)
      padded[static_cast<size_t>(y * kPadded + x)].r = coarse[static_cast<size_t>(y * kCoarse + x)];
  return fft().forward(padded);
}

struct CoarseContrast {
  Spectrum value, square, inside;
  double energy = 0;
};

CoarseContrast coarse_of(const CellGrid& value, const CellGrid& inside) {
  CoarseContrast coarse;
  CellGrid square = value;
  for (float& v : square) v *= v, coarse.energy += v;
  coarse.value = spectrum_of(value);
  coarse.square = spectrum_of(square);
  coarse.inside = spectrum_of(inside);
  return coarse;
}

/// out += (1 or i) * a * conj(b)
void add_product(const Spectrum& a, const Spectrum& b, bool imaginary, Spectrum& out) {
  for (size_t i = 0; i < out.size(); ++i) {
    const float re = a[i].r * b[i].r + a[i].i * b[i].i, im = a[i].i * b[i].r - a[i].r * b[i].i;
    out[i].r += imaginary ? -im : re;
    out[i].i += imaginary ? re : im;
  }
}

// Of the contrast: less in common proves nothing, unless one image is a part of the other.
constexpr double kHalf = 0.4, kMost = 0.85, kSome = 0.2;

/// Whether enough of both slices lies in their common part.
bool comparable(double part_a, double part_b) {
  return (part_a > kHalf && part_b > kHalf) || (part_a > kMost && part_b > kSome) ||
         (part_b > kMost && part_a > kSome);
}

struct Peak {
  float value;
  int symmetry, rows, columns;  // shift in coarse cells
};

void find_peaks(const CoarseContrast& a, const CoarseContrast& b, int symmetry,
                std::vector<Peak>& peaks) {
  Spectrum packed(a.value.size(), {0, 0}), other(a.value.size(), {0, 0});
  add_product(a.value, b.value, false, packed);
  add_product(a.square, b.inside, true, packed);
  add_product(a.inside, b.square, false, other);
  const Spectrum first = fft().inverse(packed), second = fft().inverse(other);
  const float scale = 1.0f / (kPadded * kPadded);
  CellGrid map(kPadded * kPadded, -1.0f);
  for (size_t i = 0; i < map.size(); ++i) {
    const double in_a = first[i].i * scale, in_b = second[i].r * scale;
    if (comparable(in_a / a.energy, in_b / b.energy))
      map[i] = static_cast<float>(first[i].r * scale / std::sqrt(in_a * in_b));
  }
  for (int dy = -kReach; dy <= kReach; ++dy) {
    for (int dx = -kReach; dx <= kReach; ++dx) {
      const auto at = [&](int y, int x) {
        return map[static_cast<size_t>((y + kPadded) % kPadded * kPadded +
                                       (x + kPadded) % kPadded)];
      };
      const float value = at(dy, dx);
      if (value < kWorthTrying) continue;
      if (value >= at(dy - 1, dx) && value >= at(dy + 1, dx) && value >= at(dy, dx - 1) &&
          value >= at(dy, dx + 1))
        peaks.push_back({value, symmetry, dy, dx});
    }
  }
}

// ---- fine comparison ----

/// Correlation of a with b moved by (dy, dx) cells over what both show; -1: too little.
double correlation(const LocalContrast& a, const LocalContrast& b, double energy_a, double energy_b,
                   int dy, int dx) {
  float product = 0, in_a = 0, in_b = 0;
  for (int y = std::max(0, dy); y < std::min(kSide, kSide + dy); ++y) {
    const int from = std::max(0, dx), to = std::min(kSide, kSide + dx);
    const float* va = &a.value[static_cast<size_t>(y * kSide)];
    const float* ia = &a.inside[static_cast<size_t>(y * kSide)];
    const float* vb = &b.value[static_cast<size_t>((y - dy) * kSide)] - dx;
    const float* ib = &b.inside[static_cast<size_t>((y - dy) * kSide)] - dx;
    for (int x = from; x < to; ++x) {
      product += va[x] * vb[x];
      in_a += va[x] * va[x] * ib[x];
      in_b += vb[x] * vb[x] * ia[x];
    }
  }
  if (!comparable(in_a / energy_a, in_b / energy_b)) return -1;
  return product / std::sqrt(static_cast<double>(in_a) * in_b);
}

int common_cells(const LocalContrast& a, const LocalContrast& b, int dy, int dx) {
  int count = 0;
  for (int y = std::max(0, dy); y < std::min(kSide, kSide + dy); ++y) {
    for (int x = std::max(0, dx); x < std::min(kSide, kSide + dx); ++x) {
      count += a.value[static_cast<size_t>(y * kSide + x)] != 0 &&
               b.value[static_cast<size_t>((y - dy) * kSide + x - dx)] != 0;
    }
  }
  return count;
}

double energy_of(const LocalContrast& contrast) {
  double sum = 0;
  for (float v : contrast.value) sum += v * v;
  return sum;
}

/// Weights of four neighbours for a value `part` of the way from the second to the third.
std::array<float, 4> cubic_weights(double part) {
  const double t = part, t2 = t * t, t3 = t2 * t;
  return {static_cast<float>(0.5 * (-t3 + 2 * t2 - t)),
          static_cast<float>(0.5 * (3 * t3 - 5 * t2 + 2)),
          static_cast<float>(0.5 * (-3 * t3 + 4 * t2 + t)), static_cast<float>(0.5 * (t3 - t2))};
}

/// Moved by less than a cell along rows, transposed on the way.
CellGrid moved_transposed(const CellGrid& grid, double offset) {
  const double whole = std::floor(-offset);
  const int step = static_cast<int>(whole);
  const std::array<float, 4> weights = cubic_weights(-offset - whole);
  CellGrid out(grid.size());
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      float sum = 0;
      for (int i = 0; i < 4; ++i)
        sum += weights[static_cast<size_t>(i)] *
               grid[static_cast<size_t>(y * kSide + std::clamp(x + step + i - 1, 0, kSide - 1))];
      out[static_cast<size_t>(x * kSide + y)] = sum;
    }
  }
  return out;
}

/// Where between its neighbours a parabola through three values has its top, from the middle one
/// on.
double top_of(double before, double peak, double after) {
  const double bend = 2 * peak - before - after;
  if (before < -0.99 || after < -0.99 || before > peak || after > peak || bend < 1e-9) return 0;
  return 0.5 * (after - before) / bend;
}

SliceMatch refine(const LocalContrast& a, const LocalContrast& b, const Peak& peak) {
  const double energy_a = energy_of(a), energy_b = energy_of(b);
  constexpr int kAround = 3;
  std::map<std::pair<int, int>, double> known;
  const auto at = [&](int dy, int dx) {
    const auto [entry, fresh] = known.try_emplace({dy, dx}, 0.0);
    if (fresh) entry->second = correlation(a, b, energy_a, energy_b, dy, dx);
    return entry->second;
  };
  int y = 2 * peak.rows, x = 2 * peak.columns;
  for (int step = 0; step < kAround; ++step) {  // uphill
    int best_y = y, best_x = x;
    for (int dy = -1; dy <= 1; ++dy)
      for (int dx = -1; dx <= 1; ++dx)
        if (at(y + dy, x + dx) > at(best_y, best_x)) best_y = y + dy, best_x = x + dx;
    if (best_y == y && best_x == x) break;
    y = best_y, x = best_x;
  }
  SliceMatch match;
  const double off_y = top_of(at(y - 1, x), at(y, x), at(y + 1, x));
  const double off_x = top_of(at(y, x - 1), at(y, x), at(y, x + 1));
  const LocalContrast moved{moved_transposed(moved_transposed(b.value, off_x), off_y), b.inside};
  const double between = correlation(a, moved, energy_a, energy_of(moved), y, x);
  match.similarity = std::max(at(y, x), between);
  match.cells = common_cells(a, b, y, x);
  match.symmetry = peak.symmetry;
  match.shift_rows = (y + off_y) * kFingerprintCell;
  match.shift_columns = (x + off_x) * kFingerprintCell;
  return match;
}

}  // namespace

struct SliceMatcher::State {
  SliceFingerprint print;
  mutable std::map<Detail, LocalContrast> contrasts;
  mutable std::map<std::pair<Detail, int>, CoarseContrast> coarse;

  const LocalContrast& contrast(Detail detail) const {
    const auto [entry, fresh] = contrasts.try_emplace(detail);
    if (fresh) entry->second = local_contrast(print, detail);
    return entry->second;
  }
  const CoarseContrast& coarse_turned(Detail detail, int symmetry) const {
    const auto [entry, fresh] = coarse.try_emplace({detail, symmetry});
    if (fresh) {
      const LocalContrast& fine = contrast(detail);
      entry->second = coarse_of(turned(halved(fine.value), symmetry, kCoarse),
                                turned(halved(fine.inside), symmetry, kCoarse));
    }
    return entry->second;
  }
};

SliceMatcher::SliceMatcher(const SliceFingerprint& print)
    : state_(std::make_unique<State>(State{print, {}, {}})) {}
SliceMatcher::~SliceMatcher() = default;
SliceMatcher::SliceMatcher(SliceMatcher&&) noexcept = default;
SliceMatcher& SliceMatcher::operator=(SliceMatcher&&) noexcept = default;

SliceMatch SliceMatcher::match(const SliceMatcher& other) const {
  const SliceFingerprint &a = state_->print, &b = other.state_->print;
  if (a.empty() || b.empty()) return {};
  const Detail straight{std::min(a.row_cycles, b.row_cycles),
                        std::min(a.column_cycles, b.column_cycles)};
  const Detail crossed{std::min(a.row_cycles, b.column_cycles),
                       std::min(a.column_cycles, b.row_cycles)};
  std::vector<Peak> peaks;
  for (int symmetry = 0; symmetry < 8; ++symmetry) {
    const bool transposed = symmetry & 4;
    const Detail detail = transposed ? crossed : straight;
    const Detail of_b = transposed ? Detail{detail.columns, detail.rows} : detail;
    const CoarseContrast& ca = state_->coarse_turned(detail, 0);
    const CoarseContrast& cb = other.state_->coarse_turned(of_b, symmetry);
    if (ca.energy > kLeastEnergy && cb.energy > kLeastEnergy) find_peaks(ca, cb, symmetry, peaks);
  }
  constexpr size_t kTried = 4;
  const size_t tried = std::min(kTried, peaks.size());
  std::partial_sort(peaks.begin(), peaks.begin() + static_cast<std::ptrdiff_t>(tried), peaks.end(),
                    [](const Peak& x, const Peak& y) { return x.value > y.value; });
  SliceMatch best;
  for (size_t i = 0; i < tried; ++i) {
    const int symmetry = peaks[i].symmetry;
    const bool transposed = symmetry & 4;
    const Detail detail = transposed ? crossed : straight;
    const LocalContrast& fine =
        other.state_->contrast(transposed ? Detail{detail.columns, detail.rows} : detail);
    const LocalContrast moved{turned(fine.value, symmetry, kSide),
                              turned(fine.inside, symmetry, kSide)};
    SliceMatch match = refine(state_->contrast(detail), moved, peaks[i]);
    match.detail = static_cast<double>(detail.rows * detail.columns) /
                   static_cast<double>(kFingerprintCycles * kFingerprintCycles);
    if (match.similarity > best.similarity) best = match;
  }
  return best;
}

double similarity(const SliceFingerprint& a, const SliceFingerprint& b) {
  return SliceMatcher(a).match(SliceMatcher(b)).similarity;
}

std::string SliceMatch::transformation() const {
  static constexpr std::array<const char*, 8> kNames = {"",
                                                        "flipped upside down",
                                                        "flipped left to right",
                                                        "turned by 180 degrees",
                                                        "flipped about the diagonal",
                                                        "turned by 90 degrees to the left",
                                                        "turned by 90 degrees to the right",
                                                        "flipped about the other diagonal"};
  std::string text = kNames[static_cast<size_t>(symmetry)];
  const long rows = std::lround(shift_rows), columns = std::lround(shift_columns);
  if (std::abs(rows) > 2 || std::abs(columns) > 2)
    text += fmt::format("{}moved by ({}, {}) pixels", text.empty() ? "" : ", ", rows, columns);
  return text.empty() ? "same orientation" : text;
}

}  // namespace reconproof::challenge
