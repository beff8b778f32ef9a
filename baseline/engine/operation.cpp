// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/operation.h"

#include <algorithm>

namespace reconproof::baseline::engine {

Planes Context::planes(const View& view) const {
  const Buffer& buffer = buffers[static_cast<size_t>(view.buffer)];
  Planes planes = buffer.planes;
  planes.data = (buffer.kept ? memory.kept : memory.scratch) + buffer.offset +
                view.begin * planes.plane_floats();
  planes.count = view.count;
  return planes;
}

void clear_frame(const Planes& planes, int64_t plane) {
  float* first = planes.data + plane * planes.plane_floats();
  std::fill(first, planes.row(plane, 0), 0.F);
  for (int64_t row = 0; row < planes.rows; ++row) planes.row(plane, row)[planes.columns] = 0;
  std::fill(planes.row(plane, planes.rows), first + planes.plane_floats(), 0.F);
}

void run_with_sums(Context& context, int64_t ranges, int64_t groups, int64_t channels,
                   const std::function<void(int64_t range, int64_t group, double* parts)>& work) {
  context.parts.assign(static_cast<size_t>(ranges * 2 * channels), 0);
  context.team.run(ranges * groups, [&](int64_t task, int) {
    const int64_t range = task / groups;
    work(range, task % groups, context.parts.data() + range * 2 * channels);
  });
  context.sums.assign(static_cast<size_t>(channels), 0);
  context.squares.assign(static_cast<size_t>(channels), 0);
  const double* part = context.parts.data();
  for (int64_t range = 0; range < ranges; ++range) {
    for (size_t channel = 0; channel < static_cast<size_t>(channels); ++channel) {
      context.sums[channel] += *part++;
      context.squares[channel] += *part++;
    }
  }
}

float* sum_over_ranges(Context& context, int64_t ranges, int64_t groups, int64_t floats,
                       const std::function<void(int64_t range, int64_t group, float* part)>& work) {
  float* parts = scratch(Scratch::kParts, ranges * floats);
  std::fill_n(parts, ranges * floats, 0.F);
  context.team.run(ranges * groups, [&](int64_t task, int) {
    const int64_t range = task / groups;
    work(range, task % groups, parts + range * floats);
  });
  for (int64_t range = 1; range < ranges; ++range)
    for (int64_t i = 0; i < floats; ++i) parts[i] += parts[range * floats + i];
  return parts;
}

float* scratch(Scratch which, int64_t floats) {
  thread_local std::vector<float> kept[2];
  std::vector<float>& memory = kept[which == Scratch::kWork ? 0 : 1];
  if (std::ssize(memory) < floats) memory.resize(static_cast<size_t>(floats));
  return memory.data();
}

}  // namespace reconproof::baseline::engine
