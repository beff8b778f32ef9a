// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/volume_drop.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <vector>

#include "challenge/dataset/folder.h"
#include "checks/measure/input_view.h"
#include "formats/hdf5.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using challenge::kGrappaSet;
using challenge::kImageFolder;
using challenge::kInputSet;
using challenge::kKspaceFolder;
using challenge::kKspaceSet;
using challenge::kMaskSet;
using system::Code;
using system::fail;

namespace {

constexpr int64_t kDropStream = 0x64726F70;  // names these random numbers ("drop")

/// Every second column with its sign changed: the image moves by half its width, the values keep
/// their size.
template <typename T>
void change_values(std::vector<T>& values, int64_t columns, float factor) {
  for (size_t i = 0; i < values.size(); ++i) {
    const bool even = static_cast<int64_t>(i) % columns % 2 == 0;
    values[i] *= even ? -factor : factor;
  }
}

template <typename T>
std::vector<T> first_slices(formats::Hdf5Reader& from, const char* name, formats::Shape& shape,
                            int64_t slices) {
  shape = from.dataset(name).shape;
  shape[0] = std::min(shape[0], slices);
  std::vector<T> values(static_cast<size_t>(formats::element_count(shape, name)));
  from.read(name, 0, shape[0], values);
  return values;
}

template <typename T>
void write_altered(formats::Hdf5Reader& from, const char* name, int64_t slices, float factor,
                   formats::Hdf5Writer& to) {
  formats::Shape shape;
  std::vector<T> values = first_slices<T>(from, name, shape, slices);
  change_values(values, shape.back(), factor);
  to.write(name, shape, std::span<const T>(values));
}

float real_part(float value) { return value; }
float real_part(std::complex<float> value) { return value.real(); }

/// Changes one slice of a data set where it lies in one piece in its file; its largest real part
/// before.
template <typename T>
float alter_in_place(const fs::path& path, const char* name, int64_t slice) {
  const auto reader = formats::open_confined(path);
  const formats::DatasetInfo& set = reader->dataset(name);
  formats::Shape shape = set.shape;
  shape[0] = 1;
  std::vector<T> values(static_cast<size_t>(formats::element_count(shape, name)));
  reader->read(name, slice, 1, values);
  const T largest = *std::ranges::max_element(
      values, {}, [](const T& value) { return std::abs(real_part(value)); });
  if (set.raw_offset < 0) return real_part(largest);
  change_values(values, shape.back(), 1);
  const system::Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  const size_t bytes = values.size() * sizeof(T);
  const off_t offset = static_cast<off_t>(set.raw_offset + slice * static_cast<int64_t>(bytes));
  if (!file.valid() ||
      ::pwrite(file.get(), values.data(), bytes, offset) != static_cast<ssize_t>(bytes))
    system::fail_errno(Code::kIo, path.string());
  return real_part(largest);
}

constexpr const char* kFolderName = "reconproof-volumes-";

/// What killed harnesses left: in memory nobody else would miss it.
void remove_stale(const fs::path& parent) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kFolderName)) continue;
    const pid_t owner = std::atoi(name.c_str() + std::strlen(kFolderName));
    if (owner > 0 && ::kill(owner, 0) != 0 && errno == ESRCH) fs::remove_all(entry, ignored);
  }
}

fs::path make_drop_folder(int64_t bytes) {
  const fs::path memory = "/dev/shm";
  remove_stale(memory);
  std::error_code error;
  const fs::space_info space = fs::space(memory, error);
  const bool room = !error && space.available / 3 > static_cast<uint64_t>(bytes);
  const fs::path parent = room ? memory : fs::temp_directory_path();
  std::string name = parent / fmt::format("{}{}-XXXXXX", kFolderName, ::getpid());
  if (!::mkdtemp(name.data())) system::fail_errno(Code::kIo, name);
  return name;
}

}  // namespace

InputSize input_size(const HostVolume& volume) {
  const bool images = !volume.image.empty();
  const auto reader = formats::open_confined(images ? volume.image : volume.kspace);
  const formats::DatasetInfo& set = reader->dataset(images ? kInputSet : kKspaceSet);
  if (set.shape.size() < 3 || set.shape[0] < 1) {
    fail(Code::kCorrupt, "{}: {} is {}, expected slices of an image or of coils",
         reader->path().string(), images ? kInputSet : kKspaceSet, formats::shape_text(set.shape));
  }
  const int64_t count = formats::element_count(set.shape, reader->path().string());
  return {set.shape[0], count * set.bytes};
}

VolumeDrop::VolumeDrop(int64_t bytes, uint64_t seed)
    : folder_(make_drop_folder(bytes)), random_(seed, {kDropStream}) {
  // Open to the sandbox's uid where a mount cannot lend files to it.
  ::chmod(folder_.c_str(), 0755);
  for (const char* kind : {kKspaceFolder, kImageFolder}) {
    system::make_folders(folder_ / kind);
    ::chmod((folder_ / kind).c_str(), 0755);
  }
}

VolumeDrop::~VolumeDrop() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

fs::path VolumeDrop::place(const char* kind, const std::string& name) const {
  return folder_ / kind / name;
}

VolumeFiles VolumeDrop::new_files() {
  RP_ASSERT(name_.empty());
  name_ = random_file_name(random_);
  return {fs::path(kImageFolder) / name_, fs::path(kKspaceFolder) / name_, true};
}

VolumeFiles VolumeDrop::drop(const HostVolume& volume) {
  const VolumeFiles inside = new_files();
  const auto copy = [&](const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::copy_file(from, to, error);
    if (error) fail(Code::kIo, "{}: {}", to.string(), error.message());
    ::chmod(to.c_str(), 0644);
  };
  copy(volume.kspace, place(kKspaceFolder, name_));
  if (!volume.image.empty()) copy(volume.image, place(kImageFolder, name_));
  return inside;
}

VolumeFiles VolumeDrop::drop_altered(const HostVolume& volume, int64_t slices) {
  const VolumeFiles inside = new_files();
  const float factor = static_cast<float>(random_.uniform(0.5, 2));
  const auto kspace = formats::open_confined(volume.kspace);
  formats::Hdf5Writer writer(place(kKspaceFolder, name_));
  write_altered<std::complex<float>>(*kspace, kKspaceSet, slices, factor, writer);
  const std::vector<float> mask = kspace->read_floats(kMaskSet);
  writer.write(kMaskSet, kspace->dataset(kMaskSet).shape, std::span<const float>(mask));
  writer.commit();
  ::chmod(place(kKspaceFolder, name_).c_str(), 0644);
  if (volume.image.empty()) return inside;

  const auto image = formats::open_confined(volume.image);
  formats::Hdf5Writer images(place(kImageFolder, name_));
  for (const char* set : {kInputSet, kGrappaSet}) {
    if (image->info().datasets.contains(set))
      write_altered<float>(*image, set, slices, factor, images);
  }
  images.commit();
  ::chmod(place(kImageFolder, name_).c_str(), 0644);
  return inside;
}

float VolumeDrop::alter(int64_t slice) {
  RP_ASSERT(!name_.empty());
  const float kspace =
      alter_in_place<std::complex<float>>(place(kKspaceFolder, name_), kKspaceSet, slice);
  const fs::path image = place(kImageFolder, name_);
  std::error_code ignored;
  return fs::exists(image, ignored) ? alter_in_place<float>(image, kInputSet, slice) : kspace;
}

void VolumeDrop::clear() {
  std::error_code ignored;
  for (const char* kind : {kKspaceFolder, kImageFolder}) fs::remove(place(kind, name_), ignored);
  name_.clear();
}

}  // namespace reconproof::checks
