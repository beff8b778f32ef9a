// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "tests/checks/leak_transformations.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "challenge/dataset/sampling_mask.h"
#include "system/error.h"

namespace reconproof::checks {

using challenge::CentredFft;
using challenge::Complex;
using challenge::KspaceVolume;
using challenge::Random;

namespace {

enum Stream : int64_t { kNoise = 100, kMaps = 101 };

void mask(KspaceVolume& volume, int64_t acceleration) {
  const std::vector<float> kept = challenge::sampling_mask({acceleration, {}, {}}, volume.width);
  for (size_t i = 0; i < volume.kspace.size(); ++i)
    volume.kspace[i] *= kept[i % static_cast<size_t>(volume.width)];
}

std::vector<std::vector<float>> labels_of(const KspaceVolume& volume) {
  const CentredFft fft(volume.height, volume.width);
  std::vector<std::vector<float>> labels;
  const size_t size = static_cast<size_t>(volume.slice_size());
  for (size_t slice = 0; slice < static_cast<size_t>(volume.slices); ++slice) {
    const auto first = volume.kspace.begin() + static_cast<std::ptrdiff_t>(slice * size);
    labels.push_back(challenge::rss_image(
        std::vector<Complex>(first, first + static_cast<std::ptrdiff_t>(size)), fft, volume));
  }
  return labels;
}

/// Coil images of all slices, as a volume.
KspaceVolume images_of(KspaceVolume volume) {
  CentredFft(volume.height, volume.width).to_image(volume.kspace);
  return volume;
}

KspaceVolume kspace_of(KspaceVolume images) {
  CentredFft(images.height, images.width).to_kspace(images.kspace);
  return images;
}

/// Every plane [height, width] anew: of `height` x `width`, its pixels from where `from` says.
template <typename From>
KspaceVolume replaced(const KspaceVolume& volume, int64_t height, int64_t width, From from) {
  KspaceVolume out{volume.slices, volume.coils, height, width, {}};
  out.kspace.resize(static_cast<size_t>(out.slices * out.slice_size()));
  for (int64_t plane = 0; plane < volume.slices * volume.coils; ++plane) {
    for (int64_t y = 0; y < height; ++y) {
      for (int64_t x = 0; x < width; ++x) {
        const auto [source_y, source_x] = from(y, x);
        out.kspace[static_cast<size_t>((plane * height + y) * width + x)] =
            volume.kspace[static_cast<size_t>((plane * volume.height + source_y) * volume.width +
                                              source_x)];
      }
    }
  }
  return out;
}

KspaceVolume flipped(const KspaceVolume& volume, bool rows) {
  const KspaceVolume images = images_of(volume);
  return kspace_of(replaced(images, volume.height, volume.width, [&](int64_t y, int64_t x) {
    return rows ? std::pair(volume.height - 1 - y, x) : std::pair(y, volume.width - 1 - x);
  }));
}

KspaceVolume quarter_turned(const KspaceVolume& volume, bool left) {
  const KspaceVolume images = images_of(volume);
  return kspace_of(replaced(images, volume.width, volume.height, [&](int64_t y, int64_t x) {
    return left ? std::pair(x, volume.width - 1 - y) : std::pair(volume.height - 1 - x, y);
  }));
}

/// About four fifths of each side, off the middle.
KspaceVolume cropped(const KspaceVolume& volume, int64_t number) {
  const int64_t height = volume.height * 4 / 5 / 2 * 2, width = volume.width * 5 / 6 / 2 * 2;
  const int64_t top = (volume.height - height) * (1 + number % 3) / 4,
                left = (volume.width - width) * (1 + number % 2) / 3;
  return kspace_of(replaced(images_of(volume), height, width,
                            [&](int64_t y, int64_t x) { return std::pair(top + y, left + x); }));
}

KspaceVolume with_coils(const KspaceVolume& volume, int64_t count, int64_t number) {
  KspaceVolume out{volume.slices, count, volume.height, volume.width, {}};
  const int64_t plane = volume.height * volume.width;
  for (int64_t slice = 0; slice < volume.slices; ++slice) {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t coil = (number + i * volume.coils / count) % volume.coils;
      const auto first = volume.kspace.begin() + (slice * volume.coils + coil) * plane;
      out.kspace.insert(out.kspace.end(), first, first + plane);
    }
  }
  return out;
}

KspaceVolume scaled(KspaceVolume volume, Complex factor) {
  for (Complex& value : volume.kspace) value *= factor;
  return volume;
}

/// Noise of `part` of the mean magnitude that the coil images have where there is tissue.
KspaceVolume noisy(KspaceVolume volume, double part, int64_t number) {
  double power = 0;
  for (const Complex& value : volume.kspace) power += std::norm(value);
  const double deviation =
      part * std::sqrt(3 * power / static_cast<double>(volume.kspace.size()) / 2);
  Random random(7, {number, kNoise});
  for (Complex& value : volume.kspace) {
    const double re = random.normal(), im = random.normal();
    value += Complex(static_cast<float>(deviation * re), static_cast<float>(deviation * im));
  }
  return volume;
}

/// What somebody makes who has the label alone: 8 bits a pixel, other coils, another matrix.
KspaceVolume simulated_anew(const KspaceVolume& volume, int64_t number) {
  const std::vector<std::vector<float>> labels = labels_of(volume);
  constexpr int64_t kSide = challenge::kImageSize, kCoils = 6;
  KspaceVolume out{volume.slices, kCoils, kSide, kSide, {}};
  Random random(7, {number, kMaps});
  std::vector<Complex> turns;  // about the head, unevenly
  for (int64_t coil = 0; coil < kCoils; ++coil) {
    const double place = static_cast<double>(coil) + random.uniform(-0.3, 0.3);
    turns.push_back(std::polar(1.0f, static_cast<float>(2 * std::numbers::pi * place / kCoils)));
  }
  for (const std::vector<float>& label : labels) {
    const float peak = *std::max_element(label.begin(), label.end());
    for (int64_t coil = 0; coil < kCoils; ++coil) {
      const double side_x = turns[static_cast<size_t>(coil)].real(),
                   side_y = turns[static_cast<size_t>(coil)].imag();
      for (int64_t i = 0; i < kSide * kSide; ++i) {
        const double u = 2.0 * static_cast<double>(i % kSide) / kSide - 1,
                     v = 2.0 * static_cast<double>(i / kSide) / kSide - 1;
        const double distance = (u - side_x) * (u - side_x) + (v - side_y) * (v - side_y);
        const float value = std::round(255 * label[static_cast<size_t>(i)] / peak) / 255;
        out.kspace.push_back(std::polar(static_cast<float>(value * std::exp(-distance)),
                                        static_cast<float>(0.8 * u * side_y + 0.6 * v * v)));
      }
    }
  }
  return noisy(kspace_of(std::move(out)), 0.03, number);
}

KspaceVolume reversed_part(const KspaceVolume& volume) {
  const int64_t kept = std::max<int64_t>(1, volume.slices - volume.slices / 3);
  KspaceVolume out{kept, volume.coils, volume.height, volume.width, {}};
  for (int64_t i = 0; i < kept; ++i) {
    const auto first = volume.kspace.begin() + (volume.slices - 1 - i) * volume.slice_size();
    out.kspace.insert(out.kspace.end(), first, first + volume.slice_size());
  }
  return out;
}

}  // namespace

LeakVolume leaderboard_volume(const std::string& name, const KspaceVolume& complete,
                              int64_t acceleration) {
  LeakVolume volume{name, complete, labels_of(complete)};
  mask(volume.kspace, acceleration);
  return volume;
}

const char* leak_transformation(int index) {
  static constexpr const char* kNames[kLeakTransformations] = {
      "renamed, label encoded in 16 bits",
      "masked by the other acceleration",
      "a third of the coils left out",
      "half of the coils",
      "global phase and scale",
      "flipped",
      "turned by 90 degrees",
      "turned by 90 degrees and masked by the other acceleration",
      "cropped to 4/5 x 5/6, off the middle",
      "noise of 10 % of the signal",
      "simulated anew from an 8-bit label",
      "half of the coils, flipped, cropped, scaled, noise of 5 %, slices reversed and fewer"};
  return kNames[index];
}

LeakVolume transformed(int index, const std::string& name, const KspaceVolume& complete,
                       int64_t acceleration, int64_t number) {
  const int64_t other = acceleration == 4 ? 8 : 4;
  const Complex factor = std::polar(0.37f, 2.1f);
  const auto made = [&](KspaceVolume kspace) {
    std::vector<std::vector<float>> labels = labels_of(kspace);
    return LeakVolume{name, std::move(kspace), std::move(labels)};
  };
  LeakVolume volume;
  switch (index) {
    case 0:
      volume = made(complete);
      break;
    case 1:
      volume = made(complete);
      break;
    case 2:
      volume = made(with_coils(complete, complete.coils * 2 / 3, number));
      break;
    case 3:
      volume = made(with_coils(complete, complete.coils / 2, number));
      break;
    case 4:
      volume = made(scaled(complete, factor));
      break;
    case 5:
      volume = made(flipped(complete, number % 2 == 0));
      break;
    case 6:
      volume = made(quarter_turned(complete, number % 2 == 0));
      break;
    case 7:
      volume = made(quarter_turned(complete, number % 2 == 0));
      break;
    case 8:
      volume = made(cropped(complete, number));
      break;
    case 9:
      volume = made(noisy(complete, 0.1, number));
      break;
    case 10:
      volume = made(simulated_anew(complete, number));
      break;
    case 11:
      volume = made(noisy(
          scaled(cropped(flipped(with_coils(reversed_part(complete), complete.coils / 2, number),
                                 number % 2 == 0),
                         number),
                 factor),
          0.05, number));
      break;
    default:
      RP_ASSERT(false);
  }
  if (index == 0) {
    for (std::vector<float>& label : volume.labels) {
      const float peak = *std::max_element(label.begin(), label.end());
      for (float& value : label) value = std::round(value / peak * 65535) / 65535;
    }
  }
  if (index == 1 || index == 7) mask(volume.kspace, other);
  return volume;
}

void add_volume(NearDuplicateFinder& finder, LeakSide side, const LeakVolume& volume, bool labels) {
  const auto add = [&](const VisitedSlice& slice) {
    side == LeakSide::kLeaderboard ? finder.add_leaderboard(slice) : finder.add_training(slice);
  };
  const KspaceVolume& kspace = volume.kspace;
  for (int64_t i = 0; i < kspace.slices; ++i) {
    const std::span<const Complex> slice(kspace.kspace.data() + i * kspace.slice_size(),
                                         static_cast<size_t>(kspace.slice_size()));
    add({volume.name,
         fmt::format("{} k-space slice {}", volume.name, i),
         i,
         {kspace.coils, kspace.height, kspace.width},
         slice,
         {}});
    if (labels) {
      add({volume.name,
           fmt::format("{} label slice {}", volume.name, i),
           i,
           {challenge::kImageSize, challenge::kImageSize},
           {},
           volume.labels[static_cast<size_t>(i)]});
    }
  }
}

}  // namespace reconproof::checks
