// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "baseline/engine/operation.h"

namespace reconproof::baseline::engine {

/// To one row, one column or both more than there are, which repeat the last but one: what was
/// halved from an odd extent and doubled again is one short.
class Extend final : public Operation {
 public:
  Extend(const View& input, const View& output) : Operation(input, output) {}
  void run(Context& context) const override;
  const char* name() const override { return "reflected edge"; }
  double flops(const std::vector<Buffer>&) const override { return 0; }
};

/// From the gradient of its output to that of its input.
class ExtendGradient final : public Operation {
 public:
  ExtendGradient(const View& extended, const View& to) : Operation(extended, to) {}
  void run(Context& context) const override;
  const char* name() const override { return "back through reflected edge"; }
  double flops(const std::vector<Buffer>&) const override { return 0; }
};

}  // namespace reconproof::baseline::engine
