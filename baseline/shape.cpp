// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/shape.h"

#include "formats/array.h"
#include "system/error.h"

namespace reconproof::baseline {

void check_shape(const torch::Tensor& tensor, torch::ScalarType type,
                 std::initializer_list<int64_t> shape, const char* name, const char* function) {
  const auto sizes = tensor.sizes();
  bool same = tensor.scalar_type() == type && sizes.size() == shape.size();
  for (size_t i = 0; same && i < sizes.size(); ++i) {
    const int64_t wanted = shape.begin()[i];
    same = wanted == kAny || wanted == sizes[i];
  }
  if (same) return;
  system::fail(system::Code::kInternal, "{}: {} is {} {}, expected {} {} (-1: any)", function, name,
               c10::toString(tensor.scalar_type()), formats::shape_text(sizes.vec()),
               c10::toString(type), formats::shape_text(shape));
}

}  // namespace reconproof::baseline
