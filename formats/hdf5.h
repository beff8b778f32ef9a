// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// HDF5 files of the challenge: data sets and scalar attributes of the root group.
//
// libhdf5 itself can crash on a hostile file, so a file from a stranger is opened by a re-executed
// child of our own binary (`open_confined`): resource limits, a system-call filter, one file; it
// returns plain arrays. Files that we wrote, or that the organiser gave, may be read in this
// process (`open_local`).
#pragma once

#include <complex>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/array.h"

namespace reconproof::formats {

enum class ElementKind { kFloat, kInteger, kComplex, kOther };

struct DatasetInfo {
  ElementKind kind = ElementKind::kOther;
  int bytes = 0;  // of one element: 2, 4, 8 (a complex of two floats: 8 or 16)
  Shape shape;
  /// Where in the file the values lie in one piece and as they are read: float32 or complex64,
  /// little endian, not compressed; -1 where they do not.
  int64_t raw_offset = -1;
  /// "float32", "complex64", "int16", "other"
  std::string type_text() const;
};

/// A scalar attribute: a number, or text.
struct Attribute {
  std::optional<double> number;
  int bytes = 0;  // of the stored number
  std::string text;
};

struct FileInfo {
  std::map<std::string, DatasetInfo> datasets;
  std::map<std::string, Attribute> attributes;
};

/// All read functions take whole slices: `count` entries of the first axis from `first` on,
/// converted to the native type of the result. Errors: kNotFound (no such data set), kCorrupt
/// (unreadable, refused).
class Hdf5Reader {
 public:
  virtual ~Hdf5Reader() = default;

  const std::filesystem::path& path() const { return path_; }
  const FileInfo& info() const { return info_; }

  /// The data set, or an error that lists what the file holds instead.
  const DatasetInfo& dataset(const std::string& name) const;

  void read(const std::string& name, int64_t first, int64_t count, std::span<float> out);
  void read(const std::string& name, int64_t first, int64_t count,
            std::span<std::complex<float>> out);

  std::vector<float> read_floats(const std::string& name);
  std::vector<std::complex<float>> read_complex(const std::string& name);

 protected:
  explicit Hdf5Reader(std::filesystem::path path) : path_(std::move(path)) {}
  /// Raw bytes of float32 or complex64 elements.
  virtual void read_bytes(const std::string& name, bool complex, int64_t first, int64_t count,
                          std::span<std::byte> out) = 0;
  std::filesystem::path path_;
  FileInfo info_;

 private:
  void check_and_read(const std::string& name, bool complex, int64_t first, int64_t count,
                      std::span<std::byte> out);
};

std::unique_ptr<Hdf5Reader> open_local(const std::filesystem::path& path);
std::unique_ptr<Hdf5Reader> open_confined(const std::filesystem::path& path);

/// Writes an HDF5 file atomically: nothing is visible before `commit()`.
class Hdf5Writer {
 public:
  explicit Hdf5Writer(std::filesystem::path target);
  /// Starts from the file that is there: what is not written or removed stays as it is, bit for
  /// bit.
  static Hdf5Writer updating(const std::filesystem::path& target);
  ~Hdf5Writer();
  /// Removes a data set of the file that is updated.
  void remove(const std::string& name);
  void write(const std::string& name, const Shape& shape, std::span<const float> data);
  void write(const std::string& name, const Shape& shape,
             std::span<const std::complex<float>> data);
  void attribute(const std::string& name, float value);
  void attribute(const std::string& name, const std::string& value);
  void commit();

 private:
  struct State;
  explicit Hdf5Writer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace reconproof::formats
