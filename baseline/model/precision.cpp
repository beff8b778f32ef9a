// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/model/precision.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <fmt/core.h>
#include <torch/version.h>

#include "system/error.h"

namespace reconproof::baseline {
namespace {

using system::Code;
using system::fail;

void set_autocast(torch::Device device, bool enabled, torch::ScalarType type) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  at::autocast::set_autocast_dtype(device.type(), type);
  at::autocast::set_autocast_enabled(device.type(), enabled);
#else
  if (device.is_cuda()) {
    at::autocast::set_autocast_gpu_dtype(type);
    at::autocast::set_enabled(enabled);
  } else {
    at::autocast::set_autocast_cpu_dtype(type);
    at::autocast::set_cpu_enabled(enabled);
  }
#endif
}

torch::ScalarType type_of(Precision precision) {
  return precision == Precision::kFloat16 ? torch::kHalf : torch::kBFloat16;
}

/// Whether this processor's convolutions know bf16, forward and backward: no header tells, so one
/// is tried.
bool cpu_convolves_bf16() {
  try {
    const torch::AutoGradMode gradients(true);
    const LowerPrecision lower(Precision::kBfloat16, torch::kCPU);
    const torch::Tensor weight = torch::ones({2, 2, 3, 3}, torch::requires_grad());
    torch::conv2d(torch::ones({1, 2, 16, 16}), weight).sum().backward();
    return true;
  } catch (const std::exception&) {  // LibTorch's or oneDNN's own
    return false;
  }
}

}  // namespace

LowerPrecision::LowerPrecision(Precision precision, torch::Device device)
    : active_(precision != Precision::kFloat32), device_(device) {
  if (!active_) return;
  set_autocast(device_, true, type_of(precision));
  // A cache of cast weights would carry them, and the graph behind them, from one pass to the next.
  at::autocast::set_autocast_cache_enabled(false);
}

LowerPrecision::~LowerPrecision() {
  if (active_) set_autocast(device_, false, torch::kBFloat16);
}

void require_precision(Precision precision, torch::Device device) {
  if (precision == Precision::kFloat32) return;
  if (!device.is_cuda()) {
    if (precision == Precision::kBfloat16 && cpu_convolves_bf16()) return;
    if (precision == Precision::kBfloat16) {
      fail(Code::kUnsupported,
           "--precision bf16 needs a processor with AVX-512 or a GPU; leave it out to train in "
           "fp32");
    }
    fail(Code::kUnsupported,
         "--precision fp16 needs a GPU, and none was found; leave it out to train in fp32");
  }
  // The hooks answer for the current GPU without CUDA's own headers.
  const at::CUDAHooksInterface& hooks = at::detail::getCUDAHooks();
  if (precision == Precision::kBfloat16 && !hooks.supportsBFloat16ConvolutionWithCuDNNv8()) {
    fail(Code::kUnsupported,
         "--precision bf16 needs a GPU of compute capability 8.0 or later (a GTX 1080 has 6.1); "
         "use fp32, and --gradient-checkpointing where memory is short");
  }
  if (precision == Precision::kFloat16 && !hooks.supportsDepthwiseConvolutionWithCuDNN()) {
    fmt::print(stderr,
               "reconproof: this GPU (compute capability below 7.0) computes fp16 more slowly than "
               "fp32: it saves memory, not time. --gradient-checkpointing saves more\n");
  }
}

Precision precision_from_text(const std::string& text) {
  if (text == "fp32") return Precision::kFloat32;
  if (text == "fp16") return Precision::kFloat16;
  if (text == "bf16") return Precision::kBfloat16;
  fail(Code::kUsage, "--precision is '{}', expected fp32, fp16 or bf16", text);
}

const char* precision_text(Precision precision) {
  switch (precision) {
    case Precision::kFloat16:
      return "fp16";
    case Precision::kBfloat16:
      return "bf16";
    default:
      return "fp32";
  }
}

}  // namespace reconproof::baseline
