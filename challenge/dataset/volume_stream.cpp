// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/volume_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"

namespace reconproof::challenge {

using formats::DatasetInfo;
using formats::ElementKind;
using system::Code;

namespace {

constexpr int64_t kBlock = int64_t{1} << 20;  // of what is only hashed

/// How a data set is cut into planes.
struct Cut {
  std::string name;
  int64_t offset;  // in the file; -1: compressed, or in pieces
  bool complex;
  int64_t slices, coils, values;  // values of a plane

  int64_t plane_bytes() const { return values * (complex ? 8 : 4); }
  int64_t end() const { return offset + slices * coils * plane_bytes(); }
};

Cut cut_of(const formats::Hdf5Reader& reader, const std::string& name) {
  const DatasetInfo& set = reader.dataset(name);
  RP_ASSERT(set.shape.size() == 3 || set.shape.size() == 4);
  const size_t rank = set.shape.size();
  return {name,
          set.raw_offset,
          set.kind == ElementKind::kComplex,
          set.shape[0],
          rank == 4 ? set.shape[1] : 1,
          set.shape[rank - 2] * set.shape[rank - 1]};
}

}  // namespace

/// The state of one pass over the file.
class VolumeStream::Pass {
 public:
  Pass(formats::Hdf5Reader& reader, std::span<const std::string> sets, const Visit& visit)
      : reader_(reader), visit_(visit), file_(system::open_for_reading(reader.path())) {
    std::vector<Cut> all;
    for (const std::string& name : sets) all.push_back(cut_of(reader, name));
    std::ranges::stable_sort(all, {}, &Cut::offset);
    int64_t end = 0;
    for (Cut& cut : all) {
      // What overlaps is hostile, or an empty set: read by its name it is as well.
      const bool raw = cut.offset >= end && cut.slices > 0 && cut.plane_bytes() > 0;
      if (raw) end = cut.end();
      (raw ? in_order_ : by_name_).push_back(std::move(cut));
    }
  }

  void run(FileDigest* digest) {
    if (digest) hash_.emplace();
    for (const Cut& cut : in_order_) read_in_order(cut, digest);
    for (const Cut& cut : by_name_) read_by_name(cut);
    if (!digest) return;
    struct stat status {};
    if (::fstat(file_.get(), &status) != 0) system::fail_errno(Code::kIo, reader_.path().string());
    hash_up_to(status.st_size);
    digest->bytes = status.st_size;
    digest->sha256 = hash_->hex();
  }

 private:
  void hash_up_to(int64_t end) {
    while (hash_ && position_ < end) {
      const int64_t size = std::min(kBlock, end - position_);
      buffer_.resize(std::max(buffer_.size(), static_cast<size_t>(kBlock / 8)));
      system::read_at(file_, buffer_.data(), static_cast<size_t>(size), position_,
                      reader_.path().string());
      hash_->update(buffer_.data(), static_cast<size_t>(size));
      position_ += size;
    }
  }

  void read_in_order(const Cut& cut, FileDigest* digest) {
    hash_up_to(cut.offset);
    std::vector<std::string> prefixes;
    if (hash_) prefixes.push_back(hash_->hex_so_far());
    const size_t bytes = static_cast<size_t>(cut.plane_bytes());
    buffer_.resize(std::max(buffer_.size(), (bytes + 7) / 8));
    int64_t at = cut.offset;
    for (int64_t slice = 0; slice < cut.slices; ++slice) {
      for (int64_t coil = 0; coil < cut.coils; ++coil, at += cut.plane_bytes()) {
        system::read_at(file_, buffer_.data(), bytes, at, reader_.path().string());
        if (hash_) hash_->update(buffer_.data(), bytes);
        show(cut, slice, coil, buffer_.data());
      }
      if (hash_) prefixes.push_back(hash_->hex_so_far());
    }
    position_ = at;
    if (digest) digest->prefixes[cut.name] = std::move(prefixes);
  }

  void read_by_name(const Cut& cut) {
    const int64_t slice_bytes = cut.coils * cut.plane_bytes();
    buffer_.resize(std::max(buffer_.size(), static_cast<size_t>((slice_bytes + 7) / 8)));
    const size_t values = static_cast<size_t>(cut.coils * cut.values);
    for (int64_t slice = 0; slice < cut.slices; ++slice) {
      if (cut.complex)
        reader_.read(cut.name, slice, 1, std::span(buffer_.data(), values));
      else
        reader_.read(cut.name, slice, 1,
                     std::span(reinterpret_cast<float*>(buffer_.data()), values));
      const char* plane = reinterpret_cast<const char*>(buffer_.data());
      for (int64_t coil = 0; coil < cut.coils; ++coil, plane += cut.plane_bytes())
        show(cut, slice, coil, plane);
    }
  }

  void show(const Cut& cut, int64_t slice, int64_t coil, const void* data) const {
    const size_t values = static_cast<size_t>(cut.values);
    Plane plane{cut.name, slice, coil, coil == cut.coils - 1, {}, {}};
    if (cut.complex)
      plane.complex = {static_cast<const Complex*>(data), values};
    else
      plane.real = {static_cast<const float*>(data), values};
    visit_(plane);
  }

  formats::Hdf5Reader& reader_;
  const Visit& visit_;
  system::Descriptor file_;
  std::vector<Cut> in_order_, by_name_;
  std::optional<system::Sha256> hash_;
  int64_t position_ = 0;  // up to which the file was hashed
  std::vector<Complex> buffer_;
};

VolumeStream::VolumeStream(const std::filesystem::path& path)
    : reader_(formats::open_confined(path)) {}

void VolumeStream::visit(std::span<const std::string> sets, const Visit& visit) {
  Pass(*reader_, sets, visit).run(nullptr);
}

FileDigest VolumeStream::visit_and_hash(std::span<const std::string> sets, const Visit& visit) {
  FileDigest digest;
  Pass(*reader_, sets, visit).run(&digest);
  return digest;
}

}  // namespace reconproof::challenge
