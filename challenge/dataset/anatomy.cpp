// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/anatomy.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "system/error.h"

namespace reconproof::challenge {
namespace {

// Edges are blurred over about a pixel of a 256 matrix, since real pixels hold several tissues.
constexpr double kEdge = 0.012;

double smooth_step(double t) {
  t = std::clamp(t, 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

struct Ellipsoid {
  double u, v, w;       // centre
  double a, b, c;       // half axes
  double cosine, sine;  // of its rotation in the slice
  double value;

  /// 1 inside, 0 outside.
  double cover(double x, double y, double z) const {
    const double du = x - u, dv = y - v, dw = (z - w) / c;
    const double p = (cosine * du + sine * dv) / a, q = (cosine * dv - sine * du) / b;
    const double square = p * p + q * q + dw * dw;
    if (square > 1.5) return 0;
    return smooth_step((1 - std::sqrt(square)) * std::min(a, b) / kEdge + 0.5);
  }
};

class Phantom : public HeadModel {
 public:
  explicit Phantom(Random random)
      : folds_(Random(random.bits(), {0}), 0.15),
        ripples_(Random(random.bits(), {1}), 0.06),
        aspect_(random.uniform(0.74, 0.86)) {
    const double scalp = random.uniform(0.03, 0.07), skull = random.uniform(0.03, 0.07);
    scalp_inner_ = 1 - scalp;
    brain_edge_ = 1 - scalp - skull;
    scalp_value_ = random.uniform(0.6, 1.0);
    skull_value_ = random.uniform(0.02, 0.12);
    fluid_value_ = random.uniform(0.08, 0.25);
    grey_value_ = random.uniform(0.3, 0.5);
    white_value_ = grey_value_ + random.uniform(0.08, 0.25);
    add_ventricles(random);
    add_blobs(random);
  }

  double aspect() const override { return aspect_; }

  double intensity(double u, double v, double w) const override {
    const double x = u / aspect_, narrowing = 1 - 0.25 * w * w;  // the head closes towards its top
    const double radius = std::sqrt(x * x + v * v) / narrowing;
    if (radius > 1.1) return 0;
    const double inside_head = smooth_step((1 - radius) / kEdge + 0.5);
    const double inside_scalp = smooth_step((scalp_inner_ - radius) / kEdge + 0.5);
    const double inside_skull = smooth_step((brain_edge_ - radius) / kEdge + 0.5);
    const double scalp = scalp_value_ * (0.8 + 0.4 * folds_(0.5 * u, 0.5 * v, w));
    double value = skull_value_ + (scalp - skull_value_) * (1 - inside_scalp);
    value += (brain(u, v, w, radius / brain_edge_) - value) * inside_skull;
    return value * inside_head;
  }

 private:
  /// Depth 0 in the middle, 1 at the surface of the brain.
  double brain(double u, double v, double w, double depth) const {
    // Sulci lie where a random field crosses zero, deeper ones towards the surface; grey matter
    // lines them.
    const double fold = folds_(u, v, w), ripple = ripples_(u, v, w),
                 field = std::abs(fold + 0.5 * ripple);
    const double reach = smooth_step((depth - 0.35 + 0.3 * ripple) / 0.4);
    const double lining = reach * (1 - smooth_step((field - 0.16) / 0.08));
    const double surface = smooth_step((depth - 0.93 + 0.05 * ripple) / 0.04);
    const double sulcus = reach * (1 - smooth_step((field - 0.02) / 0.06));
    const double fissure = (1 - smooth_step((std::abs(u + 0.04 * fold) - 0.008) / kEdge)) *
                           smooth_step((depth - 0.45) / 0.1);
    double value = white_value_ + (grey_value_ - white_value_) * std::max(lining, surface);
    for (const Ellipsoid& part : parts_) value += (part.value - value) * part.cover(u, v, w);
    return value + (fluid_value_ - value) * std::max(sulcus, fissure);
  }

  void add_ventricles(Random& random) {
    const double tilt = random.uniform(0.1, 0.35), scale = 1 / std::sqrt(1 + tilt * tilt);
    const double length = random.uniform(0.15, 0.3), width = random.uniform(0.03, 0.08);
    for (double side : {-1.0, 1.0}) {
      for (double end : {-1.0, 1.0}) {
        parts_.push_back({side * random.uniform(0.07, 0.12), end * random.uniform(0.1, 0.2), 0.4,
                          width, length, random.uniform(0.4, 0.9), scale, side * end * tilt * scale,
                          fluid_value_});
        parts_.push_back({side * random.uniform(0.2, 0.3), end * random.uniform(0.0, 0.15), 0.3,
                          0.09, 0.13, random.uniform(0.3, 0.8), scale, side * tilt * scale,
                          grey_value_});
      }
    }
  }

  void add_blobs(Random& random) {
    const int count = static_cast<int>(random.uniform(10, 30));
    for (int i = 0; i < count; ++i) {
      const double distance = random.uniform(0.05, 0.85);
      const std::complex<double> place = random.unit_vector() * distance,
                                 turn = random.unit_vector();
      parts_.push_back({place.real() * aspect_, place.imag(), random.uniform(-0.2, 1.2),
                        random.uniform(0.01, 0.1), random.uniform(0.01, 0.1),
                        random.uniform(0.1, 0.5), turn.real(), turn.imag(),
                        random.uniform(0.05, 0.8)});
    }
  }

  SmoothField folds_, ripples_;
  double aspect_, scalp_inner_, brain_edge_;
  double scalp_value_, skull_value_, fluid_value_, grey_value_, white_value_;
  std::vector<Ellipsoid> parts_;
};

/// Axial slices between the orbits and the top of the head, as fractions of its height.
constexpr double kLowest = 0.42, kHighest = 0.82;
constexpr int64_t kSmallest = 16;

struct Range {
  int64_t first = 0, last = -1;
  double middle() const { return 0.5 * static_cast<double>(first + last); }
  int64_t length() const { return last - first + 1; }
};

class Head : public HeadModel {
 public:
  Head(formats::NiftiVolume volume, const std::string& name) : volume_(std::move(volume)) {
    const std::vector<float> sorted = sampled_intensities(name);
    brightest_ = sorted[sorted.size() * 997 / 1000];
    air_ = sorted[sorted.size() / 50];
    if (!(brightest_ > air_)) too_small(name);
    const Range height = occupied(2, {0, volume_.size[2] - 1});
    const double lowest = height.first + kLowest * static_cast<double>(height.length());
    slices_ = {
        static_cast<int64_t>(lowest),
        height.first + static_cast<int64_t>(kHighest * static_cast<double>(height.length()))};
    const Range across = occupied(0, slices_), along = occupied(1, slices_);
    if (std::min({across.length(), along.length(), slices_.length()}) < kSmallest) too_small(name);
    centre_ = {across.middle(), along.middle()};
    const double half_length = 0.5 * static_cast<double>(along.length()) * volume_.spacing[1];
    per_unit_ = {half_length / volume_.spacing[0], half_length / volume_.spacing[1]};
    aspect_ = 0.5 * static_cast<double>(across.length()) / per_unit_[0];
  }

  double aspect() const override { return aspect_; }

  double intensity(double u, double v, double w) const override {
    const double x = centre_[0] + u * per_unit_[0], y = centre_[1] + v * per_unit_[1];
    const double z =
        static_cast<double>(slices_.first) + w * static_cast<double>(slices_.length() - 1);
    return std::max(0.0, (interpolated(x, y, z) - air_) / (brightest_ - air_));
  }

 private:
  [[noreturn]] static void too_small(const std::string& name) {
    system::fail(system::Code::kUnsupported,
                 "{}: holds no head of at least {} voxels along each axis; give a T1 head volume",
                 name, kSmallest);
  }

  std::vector<float> sampled_intensities(const std::string& name) const {
    std::vector<float> samples;
    for (size_t i = 0; i < volume_.voxels.size(); i += 7) samples.push_back(volume_.voxels[i]);
    if (samples.size() < 1000) too_small(name);
    std::sort(samples.begin(), samples.end());
    return samples;
  }

  /// Where along `axis` more than 2 % of a plane (within the z range) is brighter than air.
  Range occupied(int axis, Range z_range) const {
    std::vector<int64_t> bright(volume_.size[axis], 0), all(volume_.size[axis], 0);
    const float threshold = air_ + 0.1f * (brightest_ - air_);
    std::array<int64_t, 3> at{};
    for (at[2] = z_range.first; at[2] <= z_range.last; ++at[2]) {
      for (at[1] = 0; at[1] < volume_.size[1]; ++at[1]) {
        for (at[0] = 0; at[0] < volume_.size[0]; ++at[0]) {
          ++all[at[axis]];
          if (volume_.at(at[0], at[1], at[2]) > threshold) ++bright[at[axis]];
        }
      }
    }
    Range range;
    for (int64_t i = 0; i < volume_.size[axis]; ++i) {
      if (50 * bright[i] <= all[i]) continue;
      if (range.last < 0) range.first = i;
      range.last = i;
    }
    return range;
  }

  double interpolated(double x, double y, double z) const {
    const double position[3] = {x, y, z};
    int64_t cell[3];
    double part[3];
    for (int i = 0; i < 3; ++i) {
      if (!(position[i] >= 0 && position[i] < static_cast<double>(volume_.size[i] - 1)))
        return air_;
      cell[i] = static_cast<int64_t>(position[i]);
      part[i] = position[i] - static_cast<double>(cell[i]);
    }
    double sum = 0;
    for (int corner = 0; corner < 8; ++corner) {
      const int i = corner & 1, j = corner >> 1 & 1, k = corner >> 2;
      sum += (i ? part[0] : 1 - part[0]) * (j ? part[1] : 1 - part[1]) *
             (k ? part[2] : 1 - part[2]) * volume_.at(cell[0] + i, cell[1] + j, cell[2] + k);
    }
    return sum;
  }

  formats::NiftiVolume volume_;
  float brightest_ = 1, air_ = 0;
  Range slices_;
  std::array<double, 2> centre_{}, per_unit_{};
  double aspect_ = 1;
};

}  // namespace

std::unique_ptr<HeadModel> random_phantom(Random random) {
  return std::make_unique<Phantom>(random);
}

std::unique_ptr<HeadModel> head_from(formats::NiftiVolume volume, const std::string& name) {
  return std::make_unique<Head>(std::move(volume), name);
}

}  // namespace reconproof::challenge
