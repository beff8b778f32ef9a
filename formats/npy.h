// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// NumPy's .npy files (format 1.0 and 2.0): C order, little-endian float32, float64 or complex64.
// The header is a Python literal; only the three keys that NumPy writes are understood, nothing is
// evaluated.
#pragma once

#include <complex>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "formats/array.h"

namespace reconproof::formats {

enum class NpyType { kFloat32, kFloat64, kComplex64 };

/// "float32", "float64", "complex64"
const char* npy_type_text(NpyType type);

struct NpyArray {
  NpyType type = NpyType::kFloat32;
  Shape shape;
  std::vector<std::byte> data;

  // The elements, row-major; asking for another type than `type` is a bug of the caller.
  std::span<const float> floats() const;
  std::span<const double> doubles() const;
  std::span<const std::complex<float>> complexes() const;
};

/// Reads a whole array. kNotFound, kCorrupt (malformed, or longer or shorter than its header says),
/// kUnsupported (Fortran order, another type or byte order).
NpyArray read_npy(const std::filesystem::path& path);

/// Writes byte for byte what `numpy.save` writes, atomically.
void write_npy(const std::filesystem::path& path, const Shape& shape, std::span<const float> data);
void write_npy(const std::filesystem::path& path, const Shape& shape, std::span<const double> data);

}  // namespace reconproof::formats
