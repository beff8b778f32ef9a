// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What a network is made of here: operations on buffers whose places in memory are known before
// the first one runs. An operation is a description; its loops are in the kernels.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "baseline/engine/kernels.h"
#include "baseline/engine/planes.h"
#include "baseline/engine/team.h"

namespace reconproof::baseline::engine {

/// A network's weights by their names in a checkpoint.
using Weights = std::function<const float*(const std::string& name)>;

/// From the operation that makes something to the last one that reads it.
struct Life {
  int first = -1, last = -1;  // -1: nothing does
  bool operator==(const Life&) const = default;
  bool meets(const Life& other) const { return first <= other.last && other.first <= last; }
};

/// Planes that lie together, though not all of them need live at the same time: where channels are
/// joined, those in front are made long after those behind them.
struct Buffer {
  std::string name;
  Planes planes;                 // without memory
  std::vector<Life> lives = {};  // of each channel
  bool kept = false;             // from the way forth to the way back
  int64_t offset = -1;           // in its memory, in floats
};

/// Of one run.
struct Memory {
  float* scratch;              // what no other run needs
  float* kept = nullptr;       // from the way forth to the way back
  float* gradients = nullptr;  // of the weights
};

/// Some channels of a buffer.
struct View {
  int buffer = 0;
  int64_t begin = 0, count = 0;
};

/// All planes of the buffer, without memory.
inline const Planes& planes_of(const std::vector<Buffer>& buffers, const View& view) {
  return buffers[static_cast<size_t>(view.buffer)].planes;
}

/// What operations run with. Each concurrent run has its own.
struct Context {
  const Kernels& kernels;
  Team& team;
  const std::vector<Buffer>& buffers;
  Memory memory;
  /// Of what the operation before wrote, by channel: the norm behind it takes mean and deviation.
  /// On the way back a norm's own, of gradients and of their products with what it wrote.
  std::vector<double> sums = {}, squares = {};
  std::vector<double> parts = {};  // the same by task, before they are added in one order

  Planes planes(const View& view) const;
};

class Operation {
 public:
  virtual ~Operation() = default;
  virtual void run(Context& context) const = 0;
  /// Takes over the weights, before the first run and whenever they have changed.
  virtual void load(const Weights&) {}
  /// "3x3 convolution", and how much it computes.
  virtual const char* name() const = 0;
  virtual double flops(const std::vector<Buffer>& buffers) const = 0;
  /// Of weights, as it has packed them.
  virtual int64_t weight_floats() const { return 0; }
  /// What it reads beside `in`.
  virtual std::vector<View> also_reads() const { return {}; }

  /// What it reads and writes; those that give gradients of weights, which lie elsewhere, read
  /// both.
  const View in, out;

 protected:
  Operation(const View& input, const View& output) : in(input), out(output) {}
};

/// Zeros around the rows of a plane: what was there is another's.
void clear_frame(const Planes& planes, int64_t plane);

/// Runs `work` for every range and each of the groups into which its channels are cut. `parts`
/// [channels][sum, square] are the range's; they become the context's sums and squares in the order
/// of the ranges: the same bits, whoever did them.
void run_with_sums(Context& context, int64_t ranges, int64_t groups, int64_t channels,
                   const std::function<void(int64_t range, int64_t group, double* parts)>& work);

/// The sum over ranges of what `work` adds to its part, `floats` zeros at first, added in the order
/// of the ranges. Valid until the next call on this thread.
float* sum_over_ranges(Context& context, int64_t ranges, int64_t groups, int64_t floats,
                       const std::function<void(int64_t range, int64_t group, float* part)>& work);

/// Memory of a thread, kept from one operation to the next: fresh pages cost more than most of
/// them. What it holds is another's.
enum class Scratch { kWork, kParts };
float* scratch(Scratch which, int64_t floats);

}  // namespace reconproof::baseline::engine
