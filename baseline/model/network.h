// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the trainer and `reconstruct` ask of a network, whichever it is. A new network is a class
// that answers this and an alternative of NetworkSizes.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>

#include "challenge/network.h"

namespace reconproof::baseline {

using challenge::NetworkSizes, challenge::UnetSizes, challenge::VarnetSizes;

/// How the network's last step brings an image to the size of the labels.
enum class Crop {
  kZeroPad,  // 2025 on: smaller images are padded with zeros on both sides
  kSlice,    // until 2024: plain slicing, which can enlarge nothing
};

/// What an edition's network gives out.
struct ImageGeometry {
  int64_t size = 384;
  Crop crop = Crop::kZeroPad;
};

/// In which domain a network works, hence which files it reads.
enum class Domain { kKspace, kImage };

/// Number formats of the convolutions. Whatever is chosen, weights, normalisation, Fourier
/// transforms, data consistency and loss stay float32.
enum class Precision { kFloat32, kFloat16, kBfloat16 };

/// How a network computes; none of it changes what is learnt but for rounding.
struct Execution {
  Precision precision = Precision::kFloat32;
  bool recompute = false;  // gradient checkpointing: backward computes activations again
};

/// The k-space columns from `begin` to before `end` that were sampled without a gap around the
/// centre (ACS).
struct Acs {
  int64_t begin = 0, end = 0;
};

/// One slice, or several that a network takes together. A network reads what belongs to its domain.
struct NetworkInput {
  torch::Tensor kspace;  // [B, C, H, W] c64, zero where the mask is
  torch::Tensor mask;    // [W] f32 of 0 and 1
  torch::Tensor image;   // [B, size, size] f32, `image_input`
  /// The columns of the mask's ACS, [W] f32 of 0 and 1, where they are known: to find them waits
  /// for a GPU.
  torch::Tensor acs_columns = {};
  NetworkInput to(torch::Device device) const;
  /// The k-space in memory from which a GPU copies by itself, while the processor goes on.
  NetworkInput pinned() const;
};

class Network : public torch::nn::Module {
 public:
  /// -> [B, size, size] f32.
  virtual torch::Tensor reconstruct(const NetworkInput& input) = 0;
  virtual Domain domain() const = 0;
  /// Whether slices of a batch must pass together (batch norm). Otherwise they pass one after
  /// another, whatever their shapes, and their gradients add up.
  virtual bool takes_whole_batches() const = 0;
  virtual void set_execution(const Execution&) {}
};

/// Constructs the network and draws its initial weights from LibTorch's default generator.
std::shared_ptr<Network> make_network(const NetworkSizes& sizes, const ImageGeometry& geometry);

Domain domain_of(const NetworkSizes& sizes);

}  // namespace reconproof::baseline
