// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The U-Net of model/unet.h as a list of operations for one size of image.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "baseline/engine/arena.h"
#include "baseline/engine/operation.h"

namespace reconproof::baseline::engine {

/// A network's weights by their names in a checkpoint.
using Weights = std::function<const float*(const std::string& name)>;

struct UnetShape {
  int64_t chans = 0, pools = 0;   // model/unet.h
  int64_t rows = 0, columns = 0;  // of the image
};

/// A U-Net of complex images, each part brought to mean 0 and deviation 1 before it and back after
/// it (NormUnet of model/unet.h). Immutable: many threads may run it, each with its own workspace.
class UnetEngine {
 public:
  /// Whether there is anything to normalise where the image is smallest. Others are the caller's to
  /// refuse.
  static bool takes(const UnetShape& shape);

  /// Weights are copied. `prefix`: of their names, "cascades.0.model.unet.".
  UnetEngine(const UnetShape& shape, const Weights& weights, const std::string& prefix,
             const Kernels& kernels);

  int64_t workspace_floats() const { return workspace_floats_; }

  /// A complex image, its parts [rows][columns] each.
  struct Image {
    const float *re, *im;
  };
  struct MutableImage {
    float *re, *im;
  };
  void run(const Image& image, const MutableImage& out, float* workspace, Team& team) const;

  /// One line an operation, and where its buffers lie.
  std::string plan_text() const;
  double flops() const;

 private:
  View add_buffer(const std::string& name, int64_t channels, int64_t rows, int64_t columns);
  template <typename Kind, typename... Arguments>
  void add(Arguments&&... arguments);
  /// Whichever way is faster for so many channels.
  void add_convolution(const View& x, const View& out, const float* weights);
  /// Twice convolution, norm, LeakyReLU.
  void add_block(const View& x, const View& out, const Weights& weights, const std::string& name);
  /// To half the size, after `x` has passed a block into the back of `joint`; what comes out.
  View descend(const View& x, const View& joint, const Weights& weights, int64_t level);
  /// To twice the size, into the front of `joint`, and a block of all that is there.
  View ascend(const View& x, const View& joint, const Weights& weights, int64_t level);
  void place();

  void bring_in(const Image& image, Context& context, double (&mean)[2],
                double (&deviation)[2]) const;
  /// `work(row)` for each row of the image.
  void for_rows(Team& team, const std::function<void(int64_t row)>& work) const;

  UnetShape shape_;
  const Kernels& kernels_;
  int64_t rows_before_ = 0, columns_before_ = 0;  // of the padding
  std::vector<Buffer> buffers_;
  std::vector<std::unique_ptr<Operation>> operations_;
  View input_, result_;
  std::vector<float> last_weights_, last_bias_;  // [2][chans], [2]: the 1x1 convolution
  int64_t workspace_floats_ = 0;
};

}  // namespace reconproof::baseline::engine
