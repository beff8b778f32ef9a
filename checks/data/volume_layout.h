// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the two files of a volume must hold, before their values are looked at.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checks/data/data_fault.h"
#include "formats/hdf5.h"

namespace reconproof::checks {

struct KspaceLayout {
  int64_t slices, coils, height, width;
};

/// The extents of `kspace`, when it can be read; else faults say why not.
std::optional<KspaceLayout> look_at_kspace(const formats::Hdf5Reader& reader,
                                           const std::string& file, std::vector<DataFault>& faults);

/// The values of `mask` (width,), or faults.
std::optional<std::vector<float>> read_mask(formats::Hdf5Reader& reader, const std::string& file,
                                            int64_t width, std::vector<DataFault>& faults);

/// The image sets that can be read: float32 (slices, size, size). Those that are missing or of
/// another form are faults.
std::vector<std::string> look_at_images(const formats::Hdf5Reader& reader, const std::string& file,
                                        int64_t size, std::vector<DataFault>& faults);

/// Attribute `annotations`, where there is one: JSON, boxes of slices and within images that exist.
void look_at_annotations(const formats::Hdf5Reader& reader, const std::string& file, int64_t slices,
                         int64_t size, std::vector<DataFault>& faults);

}  // namespace reconproof::checks
