// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/types.h>

#include <initializer_list>

namespace reconproof::baseline {

/// Any extent, in RP_CHECK_SHAPE.
inline constexpr int64_t kAny = -1;

/// Throws kInternal, naming the tensor, the place, what was found and what was expected.
void check_shape(const torch::Tensor& tensor, torch::ScalarType type,
                 std::initializer_list<int64_t> shape, const char* name, const char* function);

}  // namespace reconproof::baseline

/// RP_CHECK_SHAPE(kspace, torch::kComplexFloat, kAny, kAny, height, width): at the entry of public
/// functions.
#define RP_CHECK_SHAPE(tensor, type, ...) \
  ::reconproof::baseline::check_shape(tensor, type, {__VA_ARGS__}, #tensor, __func__)
