// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A network's computation without its numbers: shadows of tensors go the way of the tensors, are
// held and released where LibTorch holds and releases them, forward and backward, and every
// operation says what work it is. The most that was held is the memory that the network takes; the
// work becomes time by what was measured on a device (calibration.h). No LibTorch here.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "formats/array.h"

namespace reconproof::baseline {

/// Work of which a device does so much a second each.
enum class Kind {
  kConvolution,       // operations of convolutions, channels as the device pads them
  kConvolutionBytes,  // bytes that they read and write, which bound those of few channels
  kWeights,           // bytes of their weights, which are laid out anew for each
  kTransposed,        // bytes of transposed convolutions
  kPointwise,         // bytes that operations element by element read and write
  kFourier,           // operations of Fourier transforms: 5 N log2 N
  kStarted,           // operations started, each of which costs something however small it is
};
inline constexpr size_t kKinds = 7;

using Work = std::array<double, kKinds>;

Work work_of(Kind kind, double amount);  // and one operation started
Work& operator+=(Work& sum, const Work& work);
Work operator*(double factor, Work work);

/// A tensor's memory.
struct Storage {
  Storage(int64_t& live_bytes, int64_t size) : live(live_bytes), bytes(size) { live += bytes; }
  ~Storage() { live -= bytes; }
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  int64_t& live;
  int64_t bytes;
};

struct Node;

/// A tensor of which only the size is known.
struct Shadow {
  formats::Shape shape;
  int64_t element = 4;  // bytes
  std::shared_ptr<Storage> storage;
  std::shared_ptr<Node> node;  // what made it; null: no gradient is wanted

  int64_t bytes() const;
  int64_t values() const { return bytes() / element; }
};

/// Bytes that an operation takes for itself, in turn: the first before its result is made, the
/// others beside it.
using Scratch = std::vector<int64_t>;

struct Operation {
  formats::Shape shape;  // of the result
  int64_t element = 4;
  bool in_place = false;       // the result lies where the first input does
  std::vector<Shadow> inputs;  // for which a gradient may be wanted
  std::vector<Shadow> saved;   // what backward needs
  bool saves_result = false;
  bool has_parameters = false;   // a gradient is wanted in any case
  bool shares_gradient = false;  // it goes to the inputs as it is
  Scratch scratch, backward_scratch;
  Work forward{}, backward{};
};

/// One computation: what it holds, and the work it does.
class Shadows {
 public:
  explicit Shadows(bool training) : graph_(training) {}

  /// A tensor that is there from the start.
  Shadow given(formats::Shape shape, int64_t element);
  Shadow apply(const Operation& operation);
  using Function = std::function<Shadow(const Shadow&, const Shadow&)>;
  /// Forward without a graph; backward computes it again with one. `b` may be no tensor.
  Shadow recomputed(const Function& function, const Shadow& a, const Shadow& b);
  /// From a result, whose gradient is given, to all that it came from. Releases `result`.
  void backward(Shadow& result);

  int64_t peak_bytes() const { return peak_; }
  const Work& work() const { return work_; }

 private:
  class Engine;
  std::shared_ptr<Storage> take(int64_t bytes);
  std::shared_ptr<Node> new_node();

  bool graph_;
  int64_t live_ = 0, peak_ = 0, nodes_ = 0;
  Work work_{};
};

}  // namespace reconproof::baseline
