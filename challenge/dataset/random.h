// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Random numbers that are the same on every machine. The distributions of <random> differ between
// standard libraries, and sin, exp and log differ in their last bit between C libraries and
// processors: so here are only integers, exactly rounded arithmetic, and a stream for each purpose,
// named by keys. What one stream yields does not depend on how much another was used, nor on
// threads. (Never two draws in one expression: the order of operands is the compiler's choice.)
#pragma once

#include <cmath>
#include <complex>
#include <cstdint>
#include <initializer_list>

namespace reconproof::challenge {

/// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): every input bit reaches every output
/// bit.
inline uint64_t mix64(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/// Uniform in [0, 1), 53 bits.
inline double unit_interval(uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

class Random {
 public:
  /// The stream of `seed` that is named by `keys`, such as {volume, purpose}.
  Random(uint64_t seed, std::initializer_list<int64_t> keys) : key_(mix64(seed)) {
    for (int64_t key : keys) key_ = mix64(key_ ^ static_cast<uint64_t>(key));
  }

  uint64_t bits() { return mix64(key_ + 0x9E3779B97F4A7C15u * counter_++); }
  double uniform(double low, double high) { return low + (high - low) * unit_interval(bits()); }
  bool chance(double probability) { return unit_interval(bits()) < probability; }

  /// Mean 0, variance 1: twelve 16-bit uniforms added up (Irwin and Hall). Exact, with the tails of
  /// a Gaussian to four standard deviations, which is what image noise needs.
  double normal() {
    int64_t sum = 0;
    for (int draw = 0; draw < 3; ++draw) {
      const uint64_t word = bits();
      sum += (word & 0xFFFF) + ((word >> 16) & 0xFFFF) + ((word >> 32) & 0xFFFF) + (word >> 48);
    }
    return static_cast<double>(sum - 6 * 0xFFFF) * 0x1p-16;
  }

  /// A direction, by rejection from the square.
  std::complex<double> unit_vector() {
    while (true) {
      const double x = uniform(-1, 1), y = uniform(-1, 1), square = x * x + y * y;
      if (square > 0.01 && square <= 1) return std::complex<double>(x, y) / std::sqrt(square);
    }
  }

 private:
  uint64_t key_;
  uint64_t counter_ = 0;
};

/// Smooth random values in [-1, 1] over space: random numbers on a lattice of the given cell size,
/// blended.
class SmoothField {
 public:
  SmoothField(Random random, double cell) : key_(random.bits()), per_cell_(1 / cell) {
    for (double& shift : shift_) shift = random.uniform(0, 1);
  }

  double operator()(double u, double v, double w) const {
    const Axis x(u * per_cell_ + shift_[0]), y(v * per_cell_ + shift_[1]),
        z(w * per_cell_ + shift_[2]);
    double sum = 0;
    for (int corner = 0; corner < 8; ++corner) {
      const int i = corner & 1, j = corner >> 1 & 1, k = corner >> 2;
      sum += x.weight[i] * y.weight[j] * z.weight[k] * node(x.cell + i, y.cell + j, z.cell + k);
    }
    return sum;
  }

 private:
  struct Axis {
    explicit Axis(double position) : cell(static_cast<int64_t>(std::floor(position))) {
      const double t = position - static_cast<double>(cell);
      weight[1] = t * t * (3 - 2 * t);
      weight[0] = 1 - weight[1];
    }
    int64_t cell;
    double weight[2];
  };

  double node(int64_t i, int64_t j, int64_t k) const {
    const uint64_t place = static_cast<uint64_t>(i) * 0x8DA6B343u ^
                           static_cast<uint64_t>(j) * 0xD8163841u ^
                           static_cast<uint64_t>(k) * 0xCB1AB31Fu;
    return 2 * unit_interval(mix64(key_ ^ place)) - 1;
  }

  uint64_t key_;
  double per_cell_;
  double shift_[3];
};

}  // namespace reconproof::challenge
