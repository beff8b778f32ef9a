// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <complex>
#include <functional>
#include <random>
#include <vector>

#include "baseline/engine/coils.h"
#include "tests/engine/plain_network.h"

namespace reconproof::baseline::engine {

/// Runs with the kernels of every instruction set that this processor has.
class Engine : public testing::TestWithParam<const Kernels*> {
 protected:
  const Kernels& kernels() const { return *GetParam(); }

  float normal() { return normal_(generator_); }
  int64_t between(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(generator_);
  }

  std::vector<float> noise(int64_t count) {
    std::vector<float> values(static_cast<size_t>(count));
    for (float& value : values) value = normal();
    return values;
  }

  PlainWeights random_weights(const challenge::VarnetSizes& sizes) {
    PlainWeights weights;
    for (const challenge::NetworkTensor& tensor : challenge::network_tensors(sizes)) {
      int64_t count = 1;
      for (const int64_t extent : tensor.shape) count *= extent;
      weights[tensor.name] = noise(count);
    }
    return weights;
  }

  std::mt19937 generator_{430};
  std::normal_distribution<float> normal_;
};

inline Weights named(const PlainWeights& weights) {
  return [&weights](const std::string& name) { return weights.at(name).data(); };
}

struct VarnetCase {
  challenge::VarnetSizes sizes;
  int64_t coils, rows, columns;
};

/// One slice of noise, with what it takes to reconstruct it.
struct NoiseSlice {
  std::vector<std::complex<float>> kspace;
  std::vector<float> mask;
  AcsColumns acs;
  std::vector<ComplexImage> coils;
};

inline NoiseSlice noise_slice(const VarnetCase& one, const std::function<float()>& normal) {
  NoiseSlice slice;
  slice.acs.begin = one.columns / 2 - 2;
  slice.acs.end = one.columns / 2 + 2;
  for (int64_t i = 0; i < one.columns; ++i)
    slice.mask.push_back(i % 3 == 0 || (i >= slice.acs.begin && i < slice.acs.end) ? 1.F : 0.F);
  for (int64_t coil = 0; coil < one.coils; ++coil) {
    ComplexImage image;
    for (int64_t i = 0; i < one.rows * one.columns; ++i) {
      const float mask = slice.mask[static_cast<size_t>(i % one.columns)];
      slice.kspace.emplace_back(mask * normal(), mask * normal());
      image.emplace_back(slice.kspace.back());
    }
    slice.coils.push_back(image);
  }
  return slice;
}

}  // namespace reconproof::baseline::engine
