// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Inference of the E2E-VarNet (model/varnet.h) on a processor, without LibTorch.
#pragma once

#include <complex>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "baseline/engine/sampled_fourier.h"
#include "baseline/engine/unet_engine.h"
#include "challenge/network.h"

namespace reconproof::baseline::engine {

/// One slice.
struct Slice {
  const std::complex<float>* kspace;  // [coils][rows][columns], zero where the mask is
  const float* mask;                  // [columns] of 0 and 1
  int64_t coils, rows, columns;
};

class VarnetEngine {
 public:
  /// Weights are copied; names are those of a checkpoint.
  VarnetEngine(const challenge::VarnetSizes& sizes, const Weights& weights, int threads,
               const Kernels& kernels);
  ~VarnetEngine();

  /// The image before it is cropped: only what `window` names of it is computed.
  struct Window {
    int64_t top, left, rows, columns;
  };
  /// `acs_begin`, `acs_end`: columns that the sensitivities are made of (find_acs). out
  /// [window.rows][window.columns]. What a slice's shape or mask needs is kept for the next one.
  void reconstruct(const Slice& slice, int64_t acs_begin, int64_t acs_end, const Window& window,
                   float* out);

  /// The operations of a slice of the last shape, with their places in memory.
  std::string plan_text() const;
  int64_t memory_bytes() const;

 private:
  struct Shape;

  void prepare(const Slice& slice);
  void plan_shape(const Slice& slice);
  void plan_mask(const std::vector<float>& mask);
  void read_coils(const Slice& slice, int64_t acs_begin, int64_t acs_end);
  void cascade(size_t index, bool is_last, const Window& window, float* out);
  void make_consistent(float weight);

  challenge::VarnetSizes sizes_;
  std::map<std::string, std::vector<float>> weights_;
  Team team_;
  Team alone_{1};
  const Kernels& kernels_;
  std::unique_ptr<Shape> shape_;
};

}  // namespace reconproof::baseline::engine
