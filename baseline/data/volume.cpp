// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/data/volume.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include "baseline/shape.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

template <typename T>
std::span<T> elements(torch::Tensor& tensor) {
  return {static_cast<T*>(tensor.data_ptr()), static_cast<size_t>(tensor.numel())};
}

/// One pass without a way out of it, which the compiler makes of whole vectors.
bool is_finite(std::span<const float> values) {
  constexpr uint32_t kExponent = 0x7f800000;
  uint32_t infinite = 0;
  for (const float value : values)
    infinite |= (std::bit_cast<uint32_t>(value) & kExponent) == kExponent ? 1U : 0U;
  return infinite == 0;
}

void require_finite(std::span<const float> values, const fs::path& path, const char* set,
                    int64_t slice) {
  if (is_finite(values)) return;
  fail(Code::kCorrupt, "{}: slice {} of '{}' holds NaN or infinity; copy or make the file again",
       path.string(), slice, set);
}

}  // namespace

const char* input_folder(Domain domain) {
  return domain == Domain::kKspace ? challenge::kKspaceFolder : challenge::kImageFolder;
}

std::vector<challenge::VolumeRef> volumes_of(const fs::path& folder, Domain domain) {
  if (domain == Domain::kKspace) return challenge::paired_volumes(folder);
  std::vector<challenge::VolumeRef> volumes;
  for (fs::path& image : challenge::volumes_in(folder / input_folder(domain)))
    volumes.push_back({{}, std::move(image)});
  return volumes;
}

ImageGeometry geometry_of(const challenge::Edition& edition) {
  return {edition.image_size, edition.crop_zero_pads ? Crop::kZeroPad : Crop::kSlice};
}

KspaceVolume::KspaceVolume(const fs::path& path, const ImageGeometry& geometry)
    : reader_(formats::open_local(path)) {
  const formats::DatasetInfo& set = reader_->dataset(challenge::kKspaceSet);
  shape_ = set.shape;
  const std::string found = fmt::format("{}: 'kspace' is {} {}", path.string(), set.type_text(),
                                        formats::shape_text(shape_));
  if (set.kind != formats::ElementKind::kComplex || shape_.size() != 4) {
    fail(Code::kCorrupt, "{}, expected complex64 (slices, coils, H, W)", found);
  }
  if (shape_[0] < 1 || shape_[1] < 1 || shape_[2] < 2 || shape_[3] < 2) {
    fail(Code::kCorrupt, "{}: too small, expected at least (1, 1, 2, 2)", found);
  }
  if (geometry.crop == Crop::kSlice && std::min(shape_[2], shape_[3]) < geometry.size) {
    fail(Code::kCorrupt,
         "{}: smaller than {} x {}, and the network of this edition (2024 and before) cannot "
         "enlarge images; "
         "choose an edition from snu-2025 on",
         found, geometry.size, geometry.size);
  }
  read_mask();
}

void KspaceVolume::read_mask() {
  const formats::Shape& found = reader_->dataset(challenge::kMaskSet).shape;
  const int64_t width = shape_[3];
  if (found != formats::Shape{width}) {
    fail(Code::kCorrupt,
         "{}: 'mask' has shape {}, expected ({},): one value for each column of 'kspace' {}",
         path().string(), formats::shape_text(found), width, formats::shape_text(shape_));
  }
  mask_ = torch::empty({width});
  reader_->read(challenge::kMaskSet, 0, width, elements<float>(mask_));
  for (int64_t column = 0; const float value : elements<float>(mask_)) {
    if (value != 0 && value != 1) {
      fail(Code::kCorrupt, "{}: 'mask' is {} at column {}, expected 0 or 1", path().string(), value,
           column);
    }
    ++column;
  }
}

torch::Tensor KspaceVolume::unmasked_slice(int64_t index) const {
  torch::Tensor kspace = torch::empty({1, shape_[1], shape_[2], shape_[3]}, torch::kComplexFloat);
  const std::span<std::complex<float>> values = elements<std::complex<float>>(kspace);
  reader_->read(challenge::kKspaceSet, index, 1, values);
  require_finite({reinterpret_cast<const float*>(values.data()), 2 * values.size()}, path(),
                 challenge::kKspaceSet, index);
  return kspace;
}

torch::Tensor KspaceVolume::slice(int64_t index) const {
  torch::Tensor kspace = unmasked_slice(index);
  apply_mask(kspace, mask_);
  return kspace;
}

void apply_mask(torch::Tensor& kspace, const torch::Tensor& mask) {
  RP_CHECK_SHAPE(kspace, torch::kComplexFloat, kAny, kAny, kAny, mask.size(0));
  // A plain loop: this runs in the thread that reads, which must not start a team of threads beside
  // the one that computes.
  const int64_t width = mask.size(0), rows = kspace.numel() / width;
  std::vector<float> keep;  // of each column, for both parts
  for (int64_t column = 0; column < width; ++column)
    keep.insert(keep.end(), 2, mask.data_ptr<float>()[column]);
  auto* row = reinterpret_cast<float*>(elements<std::complex<float>>(kspace).data());
  for (int64_t r = 0; r < rows; ++r, row += keep.size()) {
    for (size_t i = 0; i < keep.size(); ++i) row[i] *= keep[i];
  }
}

ImageVolume::ImageVolume(const fs::path& path, int64_t size, const char* set)
    : reader_(formats::open_local(path)), size_(size) {
  const formats::Shape& found = reader_->dataset(set).shape;
  slices_ = found.empty() ? 0 : found.front();
  const formats::Shape expected = {slices_, size, size};
  if (found != expected || slices_ < 1) {
    fail(Code::kCorrupt, "{}: '{}' has shape {}, expected (slices, {}, {})", path.string(), set,
         formats::shape_text(found), size, size);
  }
}

torch::Tensor ImageVolume::slice(const char* set, int64_t index) const {
  const formats::Shape& found = reader_->dataset(set).shape;
  const formats::Shape expected = {slices_, size_, size_};
  if (found != expected) {
    fail(Code::kCorrupt, "{}: '{}' has shape {}, expected {}", path().string(), set,
         formats::shape_text(found), formats::shape_text(expected));
  }
  torch::Tensor image = torch::empty({1, size_, size_});
  const std::span<float> values = elements<float>(image);
  reader_->read(set, index, 1, values);
  require_finite(values, path(), set, index);
  return image;
}

torch::Tensor ImageVolume::maximum() const {
  const auto& attributes = reader_->info().attributes;
  const auto found = attributes.find(challenge::kMaxAttribute);
  if (found == attributes.end() || !found->second.number || !(*found->second.number > 0) ||
      !std::isfinite(*found->second.number)) {
    fail(Code::kCorrupt, "{}: no attribute '{}' above 0, the range that the loss divides by",
         path().string(), challenge::kMaxAttribute);
  }
  const auto type = found->second.bytes == sizeof(double) ? torch::kDouble : torch::kFloat;
  return torch::full({1}, *found->second.number, type);
}

OpenVolume open_volume(const challenge::VolumeRef& volume, const ImageGeometry& geometry) {
  OpenVolume opened;
  opened.image = std::make_unique<ImageVolume>(volume.image, geometry.size);
  if (volume.kspace.empty()) return opened;
  opened.kspace = std::make_unique<KspaceVolume>(volume.kspace, geometry);
  if (opened.kspace->slices() != opened.image->slices()) {
    fail(Code::kCorrupt, "{}: '{}' has {} slices, but {} has {}", volume.image.string(),
         challenge::kLabelSet, opened.image->slices(), volume.kspace.string(),
         opened.kspace->slices());
  }
  return opened;
}

Sample join(const std::vector<Sample>& samples) {
  std::vector<torch::Tensor> images, targets, maxima;
  for (const Sample& sample : samples) {
    images.push_back(sample.input.image);
    targets.push_back(sample.target);
    maxima.push_back(sample.maximum);
  }
  Sample joined;
  joined.input.image = torch::cat(images);
  joined.target = torch::cat(targets);
  joined.maximum = torch::cat(maxima);
  return joined;
}

PairedDataset::PairedDataset(const std::vector<fs::path>& folders, const ImageGeometry& geometry,
                             Domain domain)
    : geometry_(geometry), domain_(domain) {
  std::map<std::string, fs::path> seen;
  for (const fs::path& folder : folders) {
    const size_t first = slices_.size();
    add(folder);
    for (size_t i = first; i < slices_.size(); ++i) {
      if (slices_[i].slice != 0) continue;
      const fs::path& image = slices_[i].volume.image;
      const auto [it, fresh] = seen.emplace(image.filename().string(), folder);
      if (fresh) continue;
      fail(Code::kCorrupt, "{}: a volume of that name is also in {}; each volume may train once",
           image.string(), it->second.string());
    }
  }
}

void PairedDataset::add(const fs::path& folder) {
  const size_t before = slices_.size();
  for (const challenge::VolumeRef& volume : volumes_of(folder, domain_)) {
    const int64_t slices = ImageVolume(volume.image, geometry_.size).slices();
    for (int64_t slice = 0; slice < slices; ++slice) slices_.push_back({volume, slice});
  }
  if (slices_.size() == before)
    fail(Code::kNotFound, "{}: no volumes (*.h5)", (folder / input_folder(domain_)).string());
}

void PairedDataset::open(const challenge::VolumeRef& volume) {
  if (opened_.image && opened_.image->path() == volume.image) return;
  opened_ = OpenVolume();  // the last one's memory first
  opened_ = open_volume(volume, geometry_);
}

formats::Shape PairedDataset::largest_shape() const {
  formats::Shape largest = {1, geometry_.size, geometry_.size};
  int64_t most = 0;
  for (const SliceRef& ref : slices_) {
    if (domain_ == Domain::kImage || ref.slice != 0) continue;
    const formats::Shape shape = KspaceVolume(ref.volume.kspace, geometry_).shape();
    if (shape[1] * shape[2] * shape[3] <= most) continue;
    most = shape[1] * shape[2] * shape[3];
    largest = {shape[1], shape[2], shape[3]};
  }
  return largest;
}

Sample PairedDataset::load_unmasked(int64_t index) {
  const SliceRef& ref = slices_.at(static_cast<size_t>(index));
  open(ref.volume);
  const ImageVolume& image = *opened_.image;
  Sample sample;
  if (domain_ == Domain::kKspace) {
    sample.input.kspace = opened_.kspace->unmasked_slice(ref.slice);
    sample.input.mask = opened_.kspace->mask();
  } else {
    sample.input.image = image.slice(challenge::kInputSet, ref.slice);
  }
  sample.target = image.slice(challenge::kLabelSet, ref.slice);
  sample.maximum = image.maximum();
  sample.file = image.path().filename().string();
  sample.slice = ref.slice;
  return sample;
}

Sample PairedDataset::load(int64_t index) {
  Sample sample = load_unmasked(index);
  if (domain_ == Domain::kKspace) apply_mask(sample.input.kspace, sample.input.mask);
  return sample;
}

}  // namespace reconproof::baseline
