// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// One pass over a volume's file, in the order of its bytes, for everybody who wants them: the
// hash of the file, and each image or coil of its data sets. Memory for one plane, whatever the
// volume's size.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "challenge/dataset/fft.h"
#include "formats/hdf5.h"

namespace reconproof::challenge {

/// The last two axes of a data set (slices, [coils,] height, width). Exactly one of `real` and
/// `complex` is not empty.
struct Plane {
  const std::string& set;
  int64_t slice, coil;  // coil 0 where there is no such axis
  bool last;            // of its slice
  std::span<const float> real;
  std::span<const Complex> complex;
};

struct FileDigest {
  int64_t bytes = 0;
  std::string sha256;
  /// By data set: SHA-256 of the file up to its first slice, then up to the end of each. The first
  /// that differs tells where two versions of a file part. Only of sets that lie in one piece.
  std::map<std::string, std::vector<std::string>> prefixes;
};

class VolumeStream {
 public:
  /// Opens the file through the confined reader; its errors.
  explicit VolumeStream(const std::filesystem::path& path);

  formats::Hdf5Reader& file() { return *reader_; }

  using Visit = std::function<void(const Plane&)>;
  /// Visits all planes of the named data sets, which are of float32 or complex64 and have three or
  /// four axes of sizes that the caller has looked at. Those that are compressed come last.
  void visit(std::span<const std::string> sets, const Visit& visit);
  /// The same, and reads and hashes the whole file on the way.
  FileDigest visit_and_hash(std::span<const std::string> sets, const Visit& visit);

 private:
  class Pass;
  std::unique_ptr<formats::Hdf5Reader> reader_;
};

}  // namespace reconproof::challenge
