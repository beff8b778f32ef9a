// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Our end of the socket to python/slice_contract/slice_driver.py. What comes out of it was written
// by a process in which a stranger's code runs: nothing of it is believed but the image itself, and
// the clock is ours.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "system/files.h"

namespace reconproof::checks {

/// Where the driver finds the files of a volume.
struct VolumeFiles {
  std::filesystem::path image, kspace;
  bool dropped = false;  // they lie in the folder of dropped volumes, else where the data are
};

/// How long one slice took.
struct SliceTime {
  double seconds = 0;   // by our clock: from the request to the answer's last byte
  double declared = 0;  // by the clock of the team's process
};

/// Every call waits for the answer. Throws, in words that end the sentence "it was stopped:": kIo
/// when the other end has gone, kCorrupt when it answers what it may not.
class SliceChannel {
 public:
  explicit SliceChannel(system::Descriptor socket) : socket_(std::move(socket)) {}

  /// load_model.
  void load();
  /// prep_volume; how many slices it says that there are.
  int64_t prepare(const VolumeFiles& files);
  /// recon_slice, until it has returned (and, on a GPU, until the GPU has nothing left to do).
  SliceTime reconstruct(int64_t slice);
  /// recon_slice, until the image's bytes lie in `image` [rows, columns]. Touch its pages before.
  SliceTime deliver(int64_t slice, int64_t columns, std::span<float> image);
  /// The image of a slice that was reconstructed but not delivered.
  void fetch(int64_t slice, int64_t columns, std::span<float> image);
  /// Changes every array that holds this number in what prep_volume returned; how many it says that
  /// there were.
  int64_t alter(float value);
  /// Asks the driver to end, and closes the socket.
  void end();
  void close() { socket_.reset(); }

 private:
  void send(const nlohmann::json& request);
  nlohmann::json answer(const std::string& awaited);
  void receive(void* out, size_t size, const std::string& awaited);
  void receive_image(const nlohmann::json& header, const std::string& awaited, int64_t columns,
                     std::span<float> image);

  system::Descriptor socket_;
};

}  // namespace reconproof::checks
