// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The E2E-VarNet (model/varnet.h) with its gradients on a processor, without LibTorch: what
// varnet_engine.h computes, and the way back by hand.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "baseline/engine/varnet_plan.h"
#include "challenge/network.h"

namespace reconproof::baseline::engine {

class VarnetTraining {
 public:
  /// What the way back needs of the way forth.
  enum class Activations {
    kKept,
    kRecomputed,  // much less memory, an eighth more time
  };
  VarnetTraining(const challenge::VarnetSizes& sizes, Activations activations, int threads,
                 const Kernels& kernels);
  ~VarnetTraining();

  /// The image before it is cropped, `out` [window.rows][window.columns], by `weights` of these
  /// names. The slice's mask and k-space are not needed afterwards.
  void forth(const Slice& slice, const AcsColumns& acs, const Window& window,
             const Weights& weights, float* out);

  /// After forth(), once: from the gradient of its `out` those of all weights, which replace what
  /// is in the arrays of these names. Where the image is exactly 0 its gradient counts as 0, as the
  /// root has none.
  using Gradients = std::function<float*(const std::string& name)>;
  void back(const float* gradient, const Gradients& to);

  /// The operations of a slice of the last shape, with their places in memory.
  std::string plan_text() const;
  int64_t memory_bytes() const;
  /// About what that will be, for advice.
  static int64_t planned_bytes(const challenge::VarnetSizes& sizes, Activations activations,
                               int threads, int64_t coils, int64_t rows, int64_t columns);

 private:
  struct Shape;

  std::unique_ptr<Shape> planned(const Slice& slice) const;
  void plan_shape(const Slice& slice);
  /// A pointer, and how far into the memory it is to point.
  struct Place {
    float** to;
    int64_t at;
  };
  int64_t lay_out(Shape& shape, std::vector<Place>& places) const;
  void plan_mask(const Slice& slice);
  void load(const Weights& weights);
  void read_coils(const Slice& slice);
  float* begin_coil(int64_t coil, int worker);
  void estimate_sensitivities(int64_t coil, int worker, float* columns);
  Memory cascade_memory(size_t index) const;
  void run_cascade_unet(size_t index);
  void cascade(size_t index, const Window& window, float* out);
  void begin_back(const float* gradient);
  void cascade_back(size_t index);
  float make_consistent_back(size_t index);
  void sensitivities_back();

  challenge::VarnetSizes sizes_;
  Activations activations_;
  Team team_, alone_{1};
  const Kernels& kernels_;
  std::vector<float> dc_weights_, dc_gradients_;  // of each cascade
  // As large as the largest shape so far needed: the volumes of a training differ, and come in any
  // order.
  std::optional<Arena> kept_, measured_, work_;
  std::unique_ptr<Shape> shape_;
};

}  // namespace reconproof::baseline::engine
