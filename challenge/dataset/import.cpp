// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/import.h"

#include <algorithm>
#include <cmath>

#include "challenge/dataset/folder.h"
#include "formats/hdf5.h"
#include "formats/npy.h"
#include "system/error.h"

namespace reconproof::challenge {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

constexpr int64_t kMaxCoils = 128, kMaxSide = 2048;
constexpr int64_t kMaxElements = int64_t{1} << 31;

/// Shape (slices, coils, H, W) and the range to read, checked.
struct Extent {
  KspaceVolume volume;  // without data
  SliceRange range;
};

Extent checked_extent(formats::Shape shape, const std::optional<SliceRange>& wanted,
                      const std::string& name) {
  const std::string text = formats::shape_text(shape);
  if (shape.size() == 3) shape.insert(shape.begin(), 1);
  if (shape.size() != 4) {
    fail(Code::kCorrupt, "{}: has shape {}, expected (coils, H, W) or (slices, coils, H, W)", name,
         text);
  }
  const bool sane = shape[0] >= 1 && shape[1] >= 1 && shape[1] <= kMaxCoils &&
                    std::min(shape[2], shape[3]) >= 1 && std::max(shape[2], shape[3]) <= kMaxSide;
  if (!sane) {
    fail(Code::kCorrupt,
         "{}: has shape {}; expected at least one slice, 1 to {} coils and sides of 1 to {}", name,
         text, kMaxCoils, kMaxSide);
  }
  const SliceRange range = wanted.value_or(SliceRange{0, shape[0]});
  if (range.first < 0 || range.first >= range.last || range.last > shape[0]) {
    fail(Code::kInvalidArgument, "{}: slices {}:{} were asked for, the file has 0:{}", name,
         range.first, range.last, shape[0]);
  }
  shape[0] = range.last - range.first;
  formats::element_count(shape, name, kMaxElements);
  return {{shape[0], shape[1], shape[2], shape[3], {}}, range};
}

Extent read_npy_kspace(const fs::path& path, const std::optional<SliceRange>& slices) {
  const formats::NpyArray array = formats::read_npy(path);
  if (array.type != formats::NpyType::kComplex64) {
    fail(Code::kCorrupt, "{}: holds {}, expected complex64 k-space", path.string(),
         npy_type_text(array.type));
  }
  Extent extent = checked_extent(array.shape, slices, path.string());
  const auto first = array.complexes().begin() + extent.range.first * extent.volume.slice_size();
  extent.volume.kspace.assign(first, first + extent.volume.slices * extent.volume.slice_size());
  return extent;
}

Extent read_hdf5_kspace(const fs::path& path, const std::optional<SliceRange>& slices) {
  const auto reader = formats::open_confined(path);
  const formats::Shape& shape = reader->dataset(kKspaceSet).shape;
  Extent extent = checked_extent(shape, slices, path.string() + ": data set 'kspace'");
  KspaceVolume& volume = extent.volume;
  volume.kspace.resize(volume.slices * volume.slice_size());
  if (shape.size() == 3) {  // the first axis is that of the coils
    reader->read(kKspaceSet, 0, volume.coils, volume.kspace);
    return extent;
  }
  for (int64_t slice = 0; slice < volume.slices; ++slice) {
    reader->read(kKspaceSet, extent.range.first + slice, 1,
                 std::span<Complex>(volume.kspace)
                     .subspan(slice * volume.slice_size(), volume.slice_size()));
  }
  return extent;
}

void expect_finite(const KspaceVolume& volume, int64_t first_slice, const std::string& name) {
  const int64_t pixels = volume.height * volume.width;
  for (size_t i = 0; i < volume.kspace.size(); ++i) {
    if (std::isfinite(volume.kspace[i].real()) && std::isfinite(volume.kspace[i].imag())) continue;
    const int64_t plane = static_cast<int64_t>(i) / pixels,
                  pixel = static_cast<int64_t>(i) % pixels;
    fail(Code::kCorrupt,
         "{}: slice {}, coil {}, row {}, column {}: {} is not finite; export the k-space again",
         name, first_slice + plane / volume.coils, plane % volume.coils, pixel / volume.width,
         pixel % volume.width,
         std::isnan(volume.kspace[i].real()) || std::isnan(volume.kspace[i].imag()) ? "NaN"
                                                                                    : "infinity");
  }
}

/// 1 where any coil of the slice has a value, [height, width].
std::vector<uint8_t> sampled_points(const KspaceVolume& volume, int64_t slice) {
  const int64_t pixels = volume.height * volume.width;
  std::vector<uint8_t> sampled(pixels, 0);
  const Complex* value = volume.kspace.data() + slice * volume.slice_size();
  for (int64_t i = 0; i < volume.slice_size(); ++i) sampled[i % pixels] |= value[i] != Complex(0);
  return sampled;
}

/// Between the first and the last column (or point of a row) with a value, how many have none, and
/// the first one.
struct Gaps {
  int64_t count = 0, first = -1;
};

template <typename Sampled>
Gaps gaps_in_line(int64_t length, const Sampled& sampled) {
  Gaps gaps, pending;
  bool begun = false;
  for (int64_t i = 0; i < length; ++i) {
    if (!sampled(i)) {
      if (begun && pending.count++ == 0) pending.first = i;
    } else {
      begun = true;
      gaps = {gaps.count + pending.count, gaps.first < 0 ? pending.first : gaps.first};
      pending = {};
    }
  }
  return gaps;
}

void expect_no_gaps(const KspaceVolume& volume, int64_t slice, int64_t shown_slice,
                    const std::string& name) {
  const std::vector<uint8_t> sampled = sampled_points(volume, slice);
  const int64_t width = volume.width;
  if (std::find(sampled.begin(), sampled.end(), 1) == sampled.end()) {
    fail(Code::kCorrupt, "{}: slice {}: all values are zero; leave it out with --slices", name,
         shown_slice);
  }
  const Gaps columns = gaps_in_line(width, [&](int64_t x) {
    for (int64_t y = 0; y < volume.height; ++y) {
      if (sampled[y * width + x]) return true;
    }
    return false;
  });
  if (columns.count > 0) {
    fail(Code::kCorrupt,
         "{}: slice {}: {} whole columns are zero, the first is column {}: this k-space was "
         "already undersampled; "
         "import needs complete k-space, since labels are computed from it",
         name, shown_slice, columns.count, columns.first);
  }
  int64_t points = 0;
  for (int64_t y = 0; y < volume.height; ++y) {
    points += gaps_in_line(width, [&](int64_t x) { return sampled[y * width + x] != 0; }).count;
  }
  // Single zeros happen in data that were stored as integers.
  if (1000 * points > volume.height * width) {
    fail(Code::kCorrupt,
         "{}: slice {}: {} of {} points between sampled ones are zero in every coil: this k-space "
         "was already "
         "undersampled; import needs complete k-space, since labels are computed from it",
         name, shown_slice, points, volume.height * width);
  }
}

}  // namespace

void expect_complete(const KspaceVolume& volume, int64_t first_slice, const std::string& name) {
  expect_finite(volume, first_slice, name);
  for (int64_t slice = 0; slice < volume.slices; ++slice) {
    expect_no_gaps(volume, slice, first_slice + slice, name);
  }
}

KspaceVolume read_complete_kspace(const fs::path& path, const std::optional<SliceRange>& slices) {
  const std::string extension = path.extension().string();
  if (extension != ".npy" && extension != ".h5") {
    fail(Code::kUnsupported, "{}: expected complete k-space in a .npy or .h5 file", path.string());
  }
  Extent extent =
      extension == ".npy" ? read_npy_kspace(path, slices) : read_hdf5_kspace(path, slices);
  expect_complete(extent.volume, extent.range.first, path.string());
  return std::move(extent.volume);
}

void scale_to_peak(KspaceVolume& volume, double peak) {
  const CentredFft fft(volume.height, volume.width);
  float maximum = 0;
  for (int64_t slice = 0; slice < volume.slices; ++slice) {
    const auto first = volume.kspace.begin() + slice * volume.slice_size();
    for (float value : rss_image({first, first + volume.slice_size()}, fft, volume))
      maximum = std::max(maximum, value);
  }
  const double factor = peak / maximum;
  if (!(peak > 0) || !std::isfinite(factor)) {
    fail(Code::kInvalidArgument, "peak {}: the image's maximum is {}, it cannot be scaled to that",
         peak, maximum);
  }
  for (Complex& value : volume.kspace) {
    value = Complex(static_cast<float>(value.real() * factor),
                    static_cast<float>(value.imag() * factor));
  }
}

}  // namespace reconproof::challenge
