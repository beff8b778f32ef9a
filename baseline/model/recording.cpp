// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/model/recording.h"

#include <algorithm>

#include "baseline/model/varnet.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace {

// Each holds a slice and its launches; the memory for what is between is shared.
constexpr size_t kMostPlaces = 8;

/// Sizes and number formats of all that is given.
std::vector<int64_t> shapes_of(const NetworkInput& slice, const RecordedWork::Tensors& further) {
  std::vector<int64_t> shapes;
  const auto add = [&](const torch::Tensor& tensor) {
    shapes.push_back(static_cast<int64_t>(tensor.scalar_type()));
    shapes.push_back(tensor.dim());
    shapes.insert(shapes.end(), tensor.sizes().begin(), tensor.sizes().end());
  };
  add(slice.kspace);
  add(slice.mask);
  for (const torch::Tensor& tensor : further) add(tensor);
  return shapes;
}

}  // namespace

std::unique_ptr<Recorder> require_recorder(Domain domain) {
  std::unique_ptr<Recorder> recorder = cuda_graph_recorder();
  if (recorder && domain == Domain::kKspace) return recorder;
  system::fail(system::Code::kUnsupported,
               "--backend graph: records VarNets on an NVIDIA GPU, by a program that was built "
               "with CUDA's headers; take --backend auto");
}

RecordedWork::RecordedWork(torch::Device device, std::unique_ptr<Recorder> recorder, Work work,
                           Tensors changed)
    : device_(device),
      recorder_(std::move(recorder)),
      work_(std::move(work)),
      changed_(std::move(changed)) {}

NetworkInput RecordedWork::on_device(const NetworkInput& slice) const {
  NetworkInput moved = slice.to(device_);
  moved.acs_columns = acs_columns(slice.mask).to(device_);
  return moved;
}

RecordedWork::Place& RecordedWork::record(const std::vector<int64_t>& shapes,
                                          const NetworkInput& slice, const Tensors& further) {
  places_.push_front({shapes, {}, {}, {}, nullptr});
  Place& place = places_.front();
  Tensors before;
  const auto restore = [&] {
    for (size_t i = 0; i < before.size(); ++i) changed_[i].copy_(before[i]);
  };
  try {
    for (const torch::Tensor& tensor : changed_) before.push_back(tensor.clone());
    place.slice = on_device(slice);
    // Where nothing is to be moved, `to` gives the caller's own tensors.
    place.slice.kspace = place.slice.kspace.clone();
    place.slice.mask = place.slice.mask.clone();
    for (const torch::Tensor& tensor : further)
      place.further.push_back(tensor.to(device_, /*non_blocking=*/false, /*copy=*/true));
    place.recording =
        recorder_->record([this, &place] { place.result = work_(place.slice, place.further); });
  } catch (...) {
    places_.pop_front();
    restore();
    throw;
  }
  restore();
  return place;
}

RecordedWork::Place* RecordedWork::place_for(const std::vector<int64_t>& shapes,
                                             const NetworkInput& slice, const Tensors& further) {
  const auto found = std::ranges::find(places_, shapes, &Place::shapes);
  if (found != places_.end()) {
    places_.splice(places_.begin(), places_, found);
    return &places_.front();
  }
  if (places_.size() == kMostPlaces) {
    // Shapes in turn, as a training draws them, would have each other recorded again and again;
    // those of a volume come one after another.
    if (turned_away_ != shapes) {
      turned_away_ = shapes;
      return nullptr;
    }
    places_.pop_back();
  }
  return &record(shapes, slice, further);
}

torch::Tensor RecordedWork::run(const NetworkInput& slice, const Tensors& further) {
  Place* place = place_for(shapes_of(slice, further), slice, further);
  if (place == nullptr) {
    Tensors moved;
    for (const torch::Tensor& tensor : further) moved.push_back(tensor.to(device_));
    return work_(on_device(slice), moved).to(torch::kCPU);
  }
  const auto fill = [](const torch::Tensor& to, const torch::Tensor& from) {
    to.copy_(from, /*non_blocking=*/true);
  };
  fill(place->slice.kspace, slice.kspace);
  fill(place->slice.mask, slice.mask);
  fill(place->slice.acs_columns, acs_columns(slice.mask));
  for (size_t i = 0; i < further.size(); ++i) fill(place->further[i], further[i]);
  place->recording->replay();
  return place->result.to(torch::kCPU, /*non_blocking=*/false, /*copy=*/true);
}

}  // namespace reconproof::baseline
