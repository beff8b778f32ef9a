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

struct UnetShape {
  int64_t chans = 0, pools = 0;   // model/unet.h
  int64_t rows = 0, columns = 0;  // of the image
};

/// Which gradients a network is to give.
enum class Backward { kNone, kWeights, kWeightsAndInput };

/// Where the gradient of a weight, or of several that follow each other, lies among all.
struct WeightPlace {
  std::string name;  // without the network's prefix
  int64_t at, count;
};

/// A U-Net of complex images, each part brought to mean 0 and deviation 1 before it and back after
/// it (NormUnet of model/unet.h). Many threads may run it, each with its own memory.
class UnetEngine {
 public:
  /// Whether there is anything to normalise where the image is smallest. Others are the caller's to
  /// refuse.
  static bool takes(const UnetShape& shape);

  /// `prefix`: of the names of its weights, "cascades.0.model.unet.".
  UnetEngine(const UnetShape& shape, std::string prefix, const Kernels& kernels,
             Backward backward = Backward::kNone);

  /// Copies the weights. Before the first run, and whenever they have changed; not while it runs.
  void load(const Weights& weights);

  /// Of the memory that runs need: what nobody else needs to leave alone, and, with a way back,
  /// what stays from one to the other, and the weights' gradients.
  int64_t scratch_floats() const { return scratch_floats_; }
  int64_t kept_floats() const { return kept_floats_; }
  int64_t gradient_floats() const { return gradient_floats_; }
  /// Of all copies of the weights, once they are loaded.
  int64_t weight_floats() const;
  const std::string& prefix() const { return prefix_; }
  const std::vector<WeightPlace>& weight_places() const { return weight_places_; }

  /// A complex image, its parts [rows][columns] each.
  struct Image {
    const float *re, *im;
  };
  struct MutableImage {
    float *re, *im;
  };
  /// `out` may be the image's own memory.
  void run(const Image& image, const MutableImage& out, const Memory& memory, Team& team) const;
  /// After a run with the same memory: from the gradient of `out` those of the weights (not added
  /// to what is there), and that of the image; without Backward::kWeightsAndInput its pointers are
  /// null.
  void run_back(const Image& gradient, const MutableImage& to, const Memory& memory,
                Team& team) const;

  /// One line an operation, and where its buffers lie.
  std::string plan_text() const;
  double flops() const;

 private:
  bool goes_back() const { return backward_ != Backward::kNone; }
  View add_buffer(const std::string& name, int64_t channels, int64_t rows, int64_t columns);
  /// The same channels of the gradient of a buffer.
  View gradient(const View& view) const;
  template <typename Kind, typename... Arguments>
  void add(Arguments&&... arguments);
  /// For the way back: before all that has been added so far.
  template <typename Kind, typename... Arguments>
  void add_back(Arguments&&... arguments);
  /// Room for the gradients of weights.
  int64_t add_weights(const std::string& name, int64_t count);
  /// Whichever way is faster for so many channels.
  void add_convolution(const View& x, const View& out, const std::string& name);
  void add_norm(const View& view);
  void add_upsampling(const View& x, const View& out, const std::string& name);
  /// Twice convolution, norm, LeakyReLU.
  void add_block(const View& x, const View& out, const std::string& name);
  /// To half the size, after `x` has passed a block into the back of `joint`; what comes out.
  View descend(const View& x, const View& joint, int64_t level);
  /// To twice the size, into the front of `joint`, and a block of all that is there.
  View ascend(const View& x, const View& joint, int64_t level);
  void add_last();
  void place();

  /// What an image is brought to mean 0 and deviation 1 by, part by part.
  struct Spread {
    float mean[2], deviation[2];
  };
  Spread bring_in(const Image& image, Context& context) const;
  void bring_in_gradient(const Image& gradient, Context& context) const;
  void bring_out_gradient(const MutableImage& to, Context& context) const;
  /// `work(row)` for each row of the image.
  void for_rows(Team& team, const std::function<void(int64_t row)>& work) const;
  /// `work(begin, count)` for ranges of the image's pixels; the sum of what they give.
  double sum_over_pixels(Team& team,
                         const std::function<double(int64_t begin, int64_t count)>& work) const;

  UnetShape shape_;
  std::string prefix_;
  const Kernels& kernels_;
  Backward backward_;
  int64_t rows_before_ = 0, columns_before_ = 0;  // of the padding
  std::vector<Buffer> buffers_;
  std::vector<int> gradients_;  // of each buffer: the number of that of its gradient
  std::vector<std::unique_ptr<Operation>> operations_;
  std::vector<std::unique_ptr<Operation>> back_;  // the last one first
  std::vector<WeightPlace> weight_places_;
  View input_, result_, output_gradient_;
  std::string last_name_;
  std::vector<float> last_weights_, last_bias_;  // [2][chans], [2]: the 1x1 convolution
  int64_t last_at_ = 0;                          // of its gradients
  int64_t scales_ = 0;  // of channels, which normalisations keep for the way back
  int64_t scratch_floats_ = 0, kept_floats_ = 0, gradient_floats_ = 0;
};

}  // namespace reconproof::baseline::engine
