// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What both readers share, and the writer.
#include "formats/hdf5.h"

#include <hdf5.h>
#include <unistd.h>

#include <algorithm>

#include "formats/hdf5_handle.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::formats {

using system::Code;
using system::fail;

std::string DatasetInfo::type_text() const {
  switch (kind) {
    case ElementKind::kFloat:
      return fmt::format("float{}", 8 * bytes);
    case ElementKind::kInteger:
      return fmt::format("int{}", 8 * bytes);
    case ElementKind::kComplex:
      return fmt::format("complex{}", 8 * bytes);
    case ElementKind::kOther:
      break;
  }
  return "other";
}

const DatasetInfo& Hdf5Reader::dataset(const std::string& name) const {
  const auto found = info_.datasets.find(name);
  if (found != info_.datasets.end()) return found->second;
  std::string names;
  for (const auto& [other, _] : info_.datasets) names += (names.empty() ? "" : ", ") + other;
  fail(Code::kCorrupt, "{}: no data set '{}'; the file holds: {}", path_.string(), name,
       names.empty() ? "no data set at all" : names);
}

void Hdf5Reader::check_and_read(const std::string& name, bool complex, int64_t first, int64_t count,
                                std::span<std::byte> out) {
  const DatasetInfo& info = dataset(name);
  const std::string where = path_.string() + ": data set '" + name + "'";
  const bool numeric = info.kind == ElementKind::kFloat || info.kind == ElementKind::kInteger;
  if (complex ? info.kind != ElementKind::kComplex : !numeric) {
    fail(Code::kCorrupt, "{}: holds {}, expected {} numbers", where, info.type_text(),
         complex ? "complex" : "real");
  }
  if (info.shape.empty() || first < 0 || count < 0 || first + count > info.shape[0]) {
    fail(Code::kCorrupt, "{}: has shape {}, cannot read entries {} to {}", where,
         shape_text(info.shape), first, first + count);
  }
  Shape slab = info.shape;
  slab[0] = count;
  const int64_t bytes = element_count(slab, where) * (complex ? 8 : 4);
  if (bytes != static_cast<int64_t>(out.size())) {
    fail(Code::kCorrupt, "{}: {} entries have shape {}, not the expected {} bytes", where, count,
         shape_text(slab), out.size());
  }
  if (bytes > 0) read_bytes(name, complex, first, count, out);
}

void Hdf5Reader::read(const std::string& name, int64_t first, int64_t count, std::span<float> out) {
  check_and_read(name, false, first, count, std::as_writable_bytes(out));
}

void Hdf5Reader::read(const std::string& name, int64_t first, int64_t count,
                      std::span<std::complex<float>> out) {
  check_and_read(name, true, first, count, std::as_writable_bytes(out));
}

namespace {

// More than this is not read in one piece; volumes are read slice by slice.
constexpr int64_t kMaxElements = int64_t{1} << 31;
constexpr int64_t kMaxBytesOfAnyFile = int64_t{64} << 20;
constexpr int64_t kMaxHdf5Inflation = 1032;  // deflate does not pack closer

/// How many elements a data set has, as far as a file of this size can hold them: one of a few
/// kilobytes must not have us allocate gigabytes.
int64_t credible_elements(const DatasetInfo& info, const std::filesystem::path& path,
                          const std::string& name, int64_t element_bytes) {
  std::error_code error;
  const auto size = static_cast<int64_t>(std::filesystem::file_size(path, error));
  const int64_t inflated = error ? 0 : std::min(size, kMaxElements * 16) * kMaxHdf5Inflation;
  const int64_t most = std::max(kMaxBytesOfAnyFile, inflated) / element_bytes;
  return element_count(info.shape, path.string() + ": " + name, std::min(most, kMaxElements));
}

}  // namespace

std::vector<float> Hdf5Reader::read_floats(const std::string& name) {
  const DatasetInfo& info = dataset(name);
  std::vector<float> values(credible_elements(info, path_, name, sizeof(float)));
  read(name, 0, info.shape.empty() ? 0 : info.shape[0], values);
  return values;
}

std::vector<std::complex<float>> Hdf5Reader::read_complex(const std::string& name) {
  const DatasetInfo& info = dataset(name);
  std::vector<std::complex<float>> values(
      credible_elements(info, path_, name, sizeof(std::complex<float>)));
  read(name, 0, info.shape.empty() ? 0 : info.shape[0], values);
  return values;
}

// ---- writer ----

struct Hdf5Writer::State {
  explicit State(std::filesystem::path target) : name(target.string()), atomic(std::move(target)) {}

  void create() {
    file = Hdf5Handle(
        H5Fcreate(atomic.temporary_path().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT),
        H5Fclose);
    check(file.valid());
  }

  void copy_target() {
    std::error_code error;
    std::filesystem::copy_file(name, atomic.temporary_path(),
                               std::filesystem::copy_options::overwrite_existing, error);
    if (error) fail(Code::kIo, "cannot copy {}: {}", name, error.message());
    file =
        Hdf5Handle(H5Fopen(atomic.temporary_path().c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    check(file.valid());
  }

  void check(bool ok) const {
    if (!ok) fail(Code::kIo, "cannot write {}: {}", name, hdf5_error());
  }

  void write(const std::string& dataset, const Shape& shape, hid_t type, const void* data,
             size_t elements) {
    const std::lock_guard lock(hdf5_mutex());
    RP_ASSERT(static_cast<size_t>(element_count(shape, name)) == elements);
    std::vector<hsize_t> extents(shape.begin(), shape.end());
    Hdf5Handle space(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr),
                     H5Sclose);
    // No time stamps: the same volume is the same bytes.
    Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_obj_track_times(creation.get(), false);
    Hdf5Handle set(H5Dcreate2(file.get(), dataset.c_str(), type, space.get(), H5P_DEFAULT,
                              creation.get(), H5P_DEFAULT),
                   H5Dclose);
    check(set.valid());
    check(H5Dwrite(set.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  }

  void attribute(const std::string& key, hid_t type, const void* value) {
    const std::lock_guard lock(hdf5_mutex());
    Hdf5Handle space(H5Screate(H5S_SCALAR), H5Sclose);
    Hdf5Handle set(H5Acreate2(file.get(), key.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT),
                   H5Aclose);
    check(set.valid());
    check(H5Awrite(set.get(), type, value) >= 0);
  }

  std::string name;
  system::AtomicFile atomic;
  Hdf5Handle file;
};

Hdf5Writer::Hdf5Writer(std::filesystem::path target) {
  const std::lock_guard lock(hdf5_mutex());
  silence_hdf5();
  state_ = std::make_unique<State>(std::move(target));
  state_->create();
}

Hdf5Writer::Hdf5Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Hdf5Writer Hdf5Writer::updating(const std::filesystem::path& target) {
  const std::lock_guard lock(hdf5_mutex());
  silence_hdf5();
  auto state = std::make_unique<State>(target);
  state->copy_target();
  return Hdf5Writer(std::move(state));
}

Hdf5Writer::~Hdf5Writer() = default;

void Hdf5Writer::remove(const std::string& name) {
  const std::lock_guard lock(hdf5_mutex());
  state_->check(H5Ldelete(state_->file.get(), name.c_str(), H5P_DEFAULT) >= 0);
}

void Hdf5Writer::write(const std::string& name, const Shape& shape, std::span<const float> data) {
  state_->write(name, shape, H5T_NATIVE_FLOAT, data.data(), data.size());
}

void Hdf5Writer::write(const std::string& name, const Shape& shape,
                       std::span<const std::complex<float>> data) {
  const std::lock_guard lock(hdf5_mutex());
  const Hdf5Handle type = complex_type();
  state_->write(name, shape, type.get(), data.data(), data.size());
}

void Hdf5Writer::attribute(const std::string& name, float value) {
  state_->attribute(name, H5T_NATIVE_FLOAT, &value);
}

void Hdf5Writer::attribute(const std::string& name, const std::string& value) {
  const std::lock_guard lock(hdf5_mutex());
  const Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), value.size() + 1);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  state_->attribute(name, type.get(), value.c_str());
}

void Hdf5Writer::commit() {
  {
    const std::lock_guard lock(hdf5_mutex());
    state_->check(H5Fflush(state_->file.get(), H5F_SCOPE_GLOBAL) >= 0);
    state_->file.reset();
  }
  state_->atomic.commit();  // while others read: a disk takes its time
}

}  // namespace reconproof::formats
