// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Inference of the E2E-VarNet (model/varnet.h) on a processor, without LibTorch.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "baseline/engine/varnet_plan.h"
#include "challenge/network.h"

namespace reconproof::baseline::engine {

class VarnetEngine {
 public:
  /// `weights`: by the names of a checkpoint; what it gives must stay as it is while this lives.
  VarnetEngine(const challenge::VarnetSizes& sizes, Weights weights, int threads,
               const Kernels& kernels);
  ~VarnetEngine();

  /// Of the image before it is cropped, `out` [window.rows][window.columns]. What a slice's shape
  /// or mask needs is kept for the next one.
  void reconstruct(const Slice& slice, const AcsColumns& acs, const Window& window, float* out);

  /// The operations of a slice of the last shape, with their places in memory.
  std::string plan_text() const;
  int64_t memory_bytes() const;

 private:
  struct Shape;

  void plan_shape(const Slice& slice);
  void plan_mask(const Slice& slice);
  void read_coils(const Slice& slice, const AcsColumns& acs);
  void cascade(size_t index, bool is_last, const Window& window, float* out);

  challenge::VarnetSizes sizes_;
  Weights weights_;
  Team team_;
  Team alone_{1};
  const Kernels& kernels_;
  std::unique_ptr<Shape> shape_;
};

}  // namespace reconproof::baseline::engine
