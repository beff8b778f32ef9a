// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// TensorBoard's event files (events.out.tfevents.*): scalars alone. TFRecord frames with masked
// CRC-32C around Event messages of protocol buffers; both are read here, no library is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace reconproof::formats {

struct TensorboardScalar {
  std::string tag;  // "loss/val"
  int64_t step = 0;
  double wall_s = 0;  // since 1970
  double value = 0;   // may be NaN or infinite
};

struct TensorboardEvents {
  std::vector<TensorboardScalar> scalars;  // in the order of the file
  int64_t records = 0;
  bool cut_off = false;  // the last record is not whole: its writer was killed
};

/// Whether the text begins as a TFRecord does.
bool is_tensorboard(std::string_view bytes);

/// `simple_value`, and tensors of one float32 or float64. Throws kCorrupt, with `name` and the
/// offset, for a wrong checksum or a malformed message before the end, a record above 64 MiB, a tag
/// above 1,000 bytes, more than 1,000,000 scalars, and where no record is whole.
TensorboardEvents parse_tensorboard(std::string_view bytes, const std::string& name);

/// CRC-32C (Castagnoli), as RFC 3720 gives it.
uint32_t crc32c(std::string_view bytes);
/// The form in which TFRecord keeps it.
uint32_t masked_crc32c(std::string_view bytes);

}  // namespace reconproof::formats
