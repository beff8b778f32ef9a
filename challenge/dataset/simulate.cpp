// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/simulate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>

#include "system/error.h"

namespace reconproof::challenge {
namespace {

using system::Code;
using system::fail;
using Complex64 = std::complex<double>;

enum Purpose : int64_t {
  kAnatomy,
  kPlacement,
  kContrast,
  kShading,
  kPhase,
  kCoils,
  kStrength,
  kNoise,
  kSlices
};

/// exp(i phi) with phi = 2 atan(t): smooth in t, and of exactly rounded operations only (see
/// random.h).
Complex64 phase_factor(double t) { return Complex64(1 - t * t, 2 * t) / (1 + t * t); }

/// How the head lies in the matrix.
class Placement {
 public:
  Placement(Random random, const SimulationOptions& options, double aspect)
      : bend_u_(Random(random.bits(), {0}), 0.7),
        bend_v_(Random(random.bits(), {1}), 0.7),
        bend_(random.uniform(0, 0.07)) {
    const double height = static_cast<double>(options.height),
                 width = static_cast<double>(options.width);
    unit_ = random.uniform(0.6, 0.92) * std::min(height / 2, width / 2 / aspect);
    x_ = width / 2 + random.uniform(-0.05, 0.05) * width;
    y_ = height / 2 + random.uniform(-0.05, 0.05) * height;
    turn_ = phase_factor(random.uniform(-0.1, 0.1));  // up to 11 degrees either way
    stretch_u_ = random.uniform(0.94, 1.06);
    stretch_v_ = random.uniform(0.94, 1.06);
    if (random.chance(0.5)) stretch_u_ = -stretch_u_;  // left and right exchanged
  }

  struct Point {
    double u, v;
  };

  /// Of the scanner: unrotated, unbent, in half lengths of the head; row 0 is in front.
  Point scanner(int64_t x, int64_t y) const {
    return {(static_cast<double>(x) - x_) / unit_, (y_ - static_cast<double>(y)) / unit_};
  }

  /// Of the anatomy.
  Point head(Point point, double w) const {
    const double u = (turn_.real() * point.u - turn_.imag() * point.v) * stretch_u_;
    const double v = (turn_.imag() * point.u + turn_.real() * point.v) * stretch_v_;
    return {u + bend_ * bend_u_(u, v, w), v + bend_ * bend_v_(u, v, w)};
  }

 private:
  SmoothField bend_u_, bend_v_;
  double bend_, unit_, x_, y_, stretch_u_, stretch_v_;
  Complex64 turn_;
};

/// A random rising line of intensities: what pulse sequence and scanner make of the tissues.
class Contrast {
 public:
  explicit Contrast(Random random) {
    double sum = 0;
    // Rising faster at the bright end, on the average: in T1 images fat outshines the
    // brain.
    for (size_t i = 1; i < knots_.size(); ++i) {
      knots_[i] = sum += random.uniform(0.35, 1.65) * (0.5 + 0.25 * static_cast<double>(i));
    }
    for (double& knot : knots_) knot /= sum;
  }

  double operator()(double intensity) const {
    const double position = intensity * static_cast<double>(knots_.size() - 1);
    // The few brightest voxels.
    if (intensity >= 1) return 1 + 0.5 * (std::min(intensity, 2.0) - 1);
    const size_t i = static_cast<size_t>(position);
    return knots_[i] + (knots_[i + 1] - knots_[i]) * (position - static_cast<double>(i));
  }

 private:
  std::array<double, 7> knots_{};
};

/// Slow brightness changes (coils are never quite even) and the fine grain of tissue.
class Shading {
 public:
  explicit Shading(Random random)
      : slow_(Random(random.bits(), {0}), 1.1),
        grain_(Random(random.bits(), {1}), 0.025),
        slow_amount_(random.uniform(0.1, 0.35)),
        grain_amount_(random.uniform(0.02, 0.1)) {}

  double operator()(Placement::Point point, double w) const {
    return (1 + slow_amount_ * slow_(point.u, point.v, w)) *
           (1 + grain_amount_ * grain_(point.u, point.v, w));
  }

 private:
  SmoothField slow_, grain_;
  double slow_amount_, grain_amount_;
};

class Phase {
 public:
  explicit Phase(Random random)
      : field_(Random(random.bits(), {0}), 0.8),
        tilt_u_(random.uniform(-0.4, 0.4)),
        tilt_v_(random.uniform(-0.4, 0.4)),
        amount_(random.uniform(0.1, 0.6)),
        offset_(random.unit_vector()) {}

  Complex64 operator()(Placement::Point point, double w) const {
    return offset_ * phase_factor(tilt_u_ * point.u + tilt_v_ * point.v +
                                  amount_ * field_(point.u, point.v, w));
  }

 private:
  SmoothField field_;
  double tilt_u_, tilt_v_, amount_;
  Complex64 offset_;
};

/// The direction at `part` (0 to 1) of a walk around a square: nearly even in angle, without
/// trigonometry.
Complex64 direction(double part) {
  const double walk = 4 * (part - std::floor(part));
  const int side = static_cast<int>(walk);
  const double along = 2 * (walk - side) - 1;
  constexpr std::array<Complex64, 4> kTurns = {Complex64(1, 0), Complex64(0, 1), Complex64(-1, 0),
                                               Complex64(0, -1)};
  return kTurns[side] * Complex64(1, along) / std::sqrt(1 + along * along);
}

class Coil {
 public:
  Coil(Random random, double part) {
    place_ = direction(part) * random.uniform(1.15, 1.6);
    reach_ = random.uniform(0.5, 0.9);
    // Receivers that are switched off or turned away are common: a quarter of them see almost
    // nothing.
    gain_ = random.unit_vector();
    gain_ *= random.chance(0.25) ? random.uniform(0.05, 0.3) : random.uniform(0.7, 1.2);
    for (double& term : phase_) term = random.uniform(-0.5, 0.5);
  }

  Complex64 operator()(Placement::Point p) const {
    const double square = std::norm(Complex64(p.u, p.v) - place_) / (reach_ * reach_);
    const double t = phase_[0] * p.u + phase_[1] * p.v + phase_[2] * p.u * p.v +
                     phase_[3] * (p.u * p.u - p.v * p.v);
    return gain_ * phase_factor(t) / (1 + square);
  }

 private:
  Complex64 place_, gain_;
  double reach_;
  double phase_[4];
};

/// [coils, height, width], root sum of squares 1 everywhere.
std::vector<Complex> sensitivities(Random random, const SimulationOptions& options,
                                   const Placement& placement) {
  const double start = random.uniform(0, 1);
  std::vector<Coil> coils;
  for (int64_t c = 0; c < options.coils; ++c) {
    const double part = start + (static_cast<double>(c) + random.uniform(-0.3, 0.3)) /
                                    static_cast<double>(options.coils);
    coils.emplace_back(Random(random.bits(), {c}), part);
  }
  const int64_t pixels = options.height * options.width;
  std::vector<Complex> maps(options.coils * pixels);
  std::vector<Complex64> here(options.coils);
  for (int64_t pixel = 0; pixel < pixels; ++pixel) {
    const Placement::Point point = placement.scanner(pixel % options.width, pixel / options.width);
    double square = 0;
    for (int64_t c = 0; c < options.coils; ++c) square += std::norm(here[c] = coils[c](point));
    const double scale = 1 / std::sqrt(square);
    for (int64_t c = 0; c < options.coils; ++c) maps[c * pixels + pixel] = Complex(here[c] * scale);
  }
  return maps;
}

/// Heights of neighbouring slices in the anatomy's range.
std::vector<double> slice_heights(Random random, int64_t slices) {
  const double gaps = static_cast<double>(std::max<int64_t>(1, slices - 1));
  const double step = std::min(random.uniform(0.04, 0.07), 1 / gaps);
  const double start = random.uniform(0, 1 - step * static_cast<double>(slices - 1));
  std::vector<double> heights;
  for (int64_t slice = 0; slice < slices; ++slice)
    heights.push_back(start + step * static_cast<double>(slice));
  return heights;
}

/// Noiseless image without coils, [height, width]; returns its largest magnitude.
double render(const SimulationOptions& options, const HeadModel& anatomy,
              const Placement& placement, const Contrast& contrast, const Shading& shading,
              const Phase& phase, double w, std::span<Complex64> image) {
  double peak = 0;
  for (int64_t y = 0; y < options.height; ++y) {
    for (int64_t x = 0; x < options.width; ++x) {
      const Placement::Point scanner = placement.scanner(x, y), head = placement.head(scanner, w);
      const double magnitude = contrast(anatomy.intensity(head.u, head.v, w)) * shading(head, w);
      image[y * options.width + x] = magnitude > 0 ? magnitude * phase(scanner, w) : 0;
      peak = std::max(peak, magnitude);
    }
  }
  return peak;
}

/// White noise: the same in k-space as in the image, since the transform is orthonormal.
void add_noise(Random random, double deviation, std::span<Complex> kspace) {
  for (Complex& value : kspace) {
    const double real = random.normal(), imaginary = random.normal();
    value +=
        Complex(static_cast<float>(deviation * real), static_cast<float>(deviation * imaginary));
  }
}

}  // namespace

void check_options(const SimulationOptions& options) {
  const auto in_range = [](const char* what, auto value, auto low, auto high) {
    if (!(value >= low && value <= high)) {
      fail(Code::kInvalidArgument, "{} {}: expected {} to {}", what, value, low, high);
    }
  };
  in_range("coils", options.coils, int64_t{4}, int64_t{20});
  in_range("slices", options.slices, int64_t{1}, int64_t{64});
  in_range("height", options.height, int64_t{32}, int64_t{1024});
  in_range("width", options.width, int64_t{32}, int64_t{1024});
  in_range("noise", options.noise, 0.0, 1.0);
}

KspaceVolume simulate_volume(const SimulationOptions& options, int64_t number,
                             const HeadModel* head) {
  check_options(options);
  const auto stream = [&](Purpose purpose, int64_t part = 0) {
    return Random(options.seed, {number, purpose, part});
  };
  const std::unique_ptr<HeadModel> phantom = head ? nullptr : random_phantom(stream(kAnatomy));
  const HeadModel& anatomy = head ? *head : *phantom;
  const Placement placement(stream(kPlacement), options, anatomy.aspect());
  const Contrast contrast(stream(kContrast));
  const Shading shading(stream(kShading));
  const Phase phase(stream(kPhase));

  const int64_t pixels = options.height * options.width;
  std::vector<Complex64> images(options.slices * pixels);
  double peak = 0;
  const std::vector<double> heights = slice_heights(stream(kSlices), options.slices);
  for (int64_t slice = 0; slice < options.slices; ++slice) {
    const std::span<Complex64> image(images.data() + slice * pixels, pixels);
    peak = std::max(
        peak, render(options, anatomy, placement, contrast, shading, phase, heights[slice], image));
  }
  RP_ASSERT(peak > 0);  // the head's centre lies in the matrix

  Random strength = stream(kStrength);
  const double scale = kTypicalPeak * strength.uniform(0.6, 1.4) / peak;
  const double deviation = options.noise * scale * peak * strength.uniform(0.67, 1.33);
  const std::vector<Complex> maps = sensitivities(stream(kCoils), options, placement);
  const CentredFft fft(options.height, options.width);
  KspaceVolume volume{options.slices, options.coils, options.height, options.width, {}};
  volume.kspace.resize(volume.slices * volume.slice_size());
  for (int64_t plane = 0; plane < options.slices * options.coils; ++plane) {
    const std::span<Complex> kspace(volume.kspace.data() + plane * pixels, pixels);
    const Complex64* image = images.data() + plane / options.coils * pixels;
    const Complex* map = maps.data() + plane % options.coils * pixels;
    for (int64_t i = 0; i < pixels; ++i) kspace[i] = Complex(image[i] * scale) * map[i];
    fft.to_kspace(kspace);
    add_noise(stream(kNoise, plane), deviation, kspace);
  }
  return volume;
}

}  // namespace reconproof::challenge
