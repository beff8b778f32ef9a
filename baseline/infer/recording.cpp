// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/infer/recording.h"

#include <algorithm>

#include "baseline/model/varnet.h"

namespace reconproof::baseline {

RecordedForward::RecordedForward(Network& network, torch::Device device,
                                 std::unique_ptr<Recorder> recorder)
    : network_(network), device_(device), recorder_(std::move(recorder)) {}

RecordedForward::Slot& RecordedForward::slot_for(const NetworkInput& input, const Acs& acs) {
  // Each holds the memory of a whole forward pass.
  constexpr size_t kMostSlots = 3;
  const std::vector<int64_t> sizes = input.kspace.sizes().vec();
  const auto found = std::ranges::find_if(slots_, [&](const Slot& slot) {
    return slot.sizes == sizes && slot.input.acs->begin == acs.begin &&
           slot.input.acs->end == acs.end;
  });
  if (found != slots_.end()) {
    slots_.splice(slots_.begin(), slots_, found);
    return slots_.front();
  }
  if (slots_.size() == kMostSlots) slots_.pop_back();
  Slot slot{sizes, input.to(device_), {}, nullptr};
  slot.input.acs = acs;
  // Where nothing is to be moved, `to` gives the caller's own tensors.
  slot.input.kspace = slot.input.kspace.clone();
  slot.input.mask = slot.input.mask.clone();
  slots_.push_front(std::move(slot));
  Slot& kept = slots_.front();
  try {
    kept.recording =
        recorder_->record([this, &kept] { kept.output = network_.reconstruct(kept.input); });
  } catch (...) {
    slots_.pop_front();
    throw;
  }
  return kept;
}

torch::Tensor RecordedForward::reconstruct(const NetworkInput& input) {
  Slot& slot = slot_for(input, find_acs(input.mask));
  slot.input.kspace.copy_(input.kspace, /*non_blocking=*/true);
  slot.input.mask.copy_(input.mask, /*non_blocking=*/true);
  slot.recording->replay();
  return slot.output.to(torch::kCPU, /*non_blocking=*/false, /*copy=*/true);
}

}  // namespace reconproof::baseline
