// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/classical/sampling.h"

#include "baseline/shape.h"

namespace reconproof::baseline {

std::vector<int64_t> columns_of(const torch::Tensor& mask, bool sampled) {
  RP_CHECK_SHAPE(mask, torch::kFloat, kAny);
  const auto value = mask.accessor<float, 1>();
  std::vector<int64_t> columns;
  for (int64_t column = 0; column < value.size(0); ++column)
    if ((value[column] != 0) == sampled) columns.push_back(column);
  return columns;
}

Acs contiguous_acs(const torch::Tensor& mask) {
  RP_CHECK_SHAPE(mask, torch::kFloat, kAny);
  const auto value = mask.accessor<float, 1>();
  Acs acs{value.size(0) / 2, value.size(0) / 2};
  while (acs.begin > 0 && value[acs.begin - 1] != 0) --acs.begin;
  while (acs.end < value.size(0) && value[acs.end] != 0) ++acs.end;
  return acs;
}

Acs middle_of(const Acs& acs, int64_t limit) {
  const int64_t columns = acs.end - acs.begin;
  if (columns <= limit) return acs;
  const int64_t begin = acs.begin + (columns - limit) / 2;
  return {begin, begin + limit};
}

}  // namespace reconproof::baseline
