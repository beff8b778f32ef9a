// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/checked_gpu.h"

#include <fmt/core.h>

namespace reconproof::checks {

using system::GpuDevice;

namespace {

constexpr double kBytesOfGib = int64_t{1} << 30;
// Our own context takes 0.1 to 0.6 GiB, and a desktop something too: on a GPU that has less than
// this beyond the limit, the limit is the GPU's own.
constexpr double kMarginGib = 1;

}  // namespace

CheckedGpu::CheckedGpu(const challenge::Rule* rule) : monitor_(system::open_gpu_monitor()) {
  if (!rule || !rule->limit) {
    unenforced_ = "no limit of GPU memory is judged";
    return;
  }
  high_gib_ = rule->limit_high;
  lay_ballast(*rule->limit);
}

void CheckedGpu::lay_ballast(double limit_gib) {
  ballast_.reset();  // first gives back what it holds
  const std::vector<GpuDevice>& devices = monitor_->devices();
  if (devices.empty()) {
    unenforced_ = monitor_->absent_reason();
    return;
  }
  if (devices.size() > 1) {
    unenforced_ = fmt::format(
        "this machine has {} GPUs, and a ballast holds memory of one: it is not known which one "
        "the command takes",
        devices.size());
    return;
  }
  const double total_gib = static_cast<double>(devices[0].total_bytes) / kBytesOfGib;
  if (total_gib < limit_gib + kMarginGib) {
    unenforced_ = fmt::format("{} ({:.1f} GiB) has hardly more than the limit of {} GiB",
                              devices[0].name, total_gib, limit_gib);
    return;
  }
  ballast_ = std::make_unique<system::GpuBallast>(0, devices[0].name,
                                                  static_cast<int64_t>(limit_gib * kBytesOfGib));
  unenforced_ = ballast_->refused_reason();
  if (!unenforced_.empty()) ballast_.reset();
}

bool CheckedGpu::leave_more() {
  if (!ballast_ || !high_gib_) return false;
  const double high_gib = *high_gib_;
  high_gib_.reset();
  lay_ballast(high_gib);
  return ballast_ != nullptr;
}

std::unique_ptr<system::GpuSampler> CheckedGpu::sampler() {
  return std::make_unique<system::GpuSampler>(*monitor_, ballast_ ? ballast_->pid() : 0);
}

system::GpuUse CheckedGpu::use(system::GpuSampler& sampler) {
  system::GpuUse use = sampler.finish();
  use.unenforced_reason = unenforced_;
  if (!ballast_) return use;
  if (ballast_->holds()) {
    use.enforced_limit_bytes = ballast_->left_bytes();
    return use;
  }
  use.ballast_lost = true;
  use.measured = false;
  use.reason = use.unenforced_reason = unenforced_ =
      "the process that held the rest of the GPU's memory ended before the run did";
  ballast_.reset();
  return use;
}

}  // namespace reconproof::checks
