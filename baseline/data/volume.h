// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Volumes of the challenge as tensors, checked on the way in: a wrong shape or a NaN is named here
// with its file and slice, not as a strange loss an hour later.
#pragma once

#include <torch/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "baseline/model/network.h"
#include "challenge/dataset/folder.h"
#include "challenge/edition.h"
#include "formats/hdf5.h"

namespace reconproof::baseline {

/// What the network of an edition gives out.
ImageGeometry geometry_of(const challenge::Edition& edition);

/// The folder of a data set that a network of this domain reads: "kspace" or "image".
const char* input_folder(Domain domain);

/// The volumes of `folder`; in the image domain `kspace` stays empty, for none is read. kCorrupt
/// when a file has no partner.
std::vector<challenge::VolumeRef> volumes_of(const std::filesystem::path& folder, Domain domain);

/// One file of kspace/. kCorrupt: wrong rank or type, mask of another length or with other values
/// than 0 and 1, images that `geometry` cannot crop.
class KspaceVolume {
 public:
  KspaceVolume(const std::filesystem::path& path, const ImageGeometry& geometry);

  const std::filesystem::path& path() const { return reader_->path(); }
  int64_t slices() const { return shape_[0]; }
  const formats::Shape& shape() const { return shape_; }  // (slices, coils, H, W)
  /// [W] f32, 1 where a column was sampled.
  const torch::Tensor& mask() const { return mask_; }
  /// [1, C, H, W] c64 as the file holds it. kCorrupt on NaN or infinity.
  torch::Tensor unmasked_slice(int64_t index) const;
  /// The same, zero outside the mask.
  torch::Tensor slice(int64_t index) const;

 private:
  void read_mask();

  std::unique_ptr<formats::Hdf5Reader> reader_;
  formats::Shape shape_;
  torch::Tensor mask_;
};

/// Zero outside the mask, in place: files of some editions hold complete k-space, and the official
/// loader multiplies every one by its mask. kspace [1, C, H, W] c64, mask [W] f32.
void apply_mask(torch::Tensor& kspace, const torch::Tensor& mask);

/// One file of image/: labels, the zero-filled input, and the range of the volume's values.
class ImageVolume {
 public:
  /// The number of slices is that of data set `set`. kCorrupt where it is not (slices, size, size).
  ImageVolume(const std::filesystem::path& path, int64_t size,
              const char* set = challenge::kLabelSet);

  const std::filesystem::path& path() const { return reader_->path(); }
  int64_t slices() const { return slices_; }
  /// `image_label` or `image_input`, [1, size, size] f32. kCorrupt on NaN or infinity.
  torch::Tensor slice(const char* set, int64_t index) const;
  /// Attribute `max`, [1] f32 or f64 as the file stores it. kCorrupt where it is not above 0.
  torch::Tensor maximum() const;

 private:
  std::unique_ptr<formats::Hdf5Reader> reader_;
  int64_t size_, slices_;
};

/// A slice with its label.
/// The files of one volume.
struct OpenVolume {
  std::unique_ptr<KspaceVolume> kspace;  // null in the image domain
  std::unique_ptr<ImageVolume> image;
};

/// kCorrupt where one is unfit, or they differ in the number of slices.
OpenVolume open_volume(const challenge::VolumeRef& volume, const ImageGeometry& geometry);

struct Sample {
  NetworkInput input;
  torch::Tensor target;   // [1, size, size] f32
  torch::Tensor maximum;  // [1] f32 or f64, as the file stores it: the range of the volume's values
  std::string file;       // name without folder
  int64_t slice = 0;
};

/// Slices of one shape as one batch (networks of the image domain).
Sample join(const std::vector<Sample>& samples);

/// All slices of some folders DIR (DIR/kspace and DIR/image, or DIR/image alone for networks of the
/// image domain), folder by folder, each in the official order.
class PairedDataset {
 public:
  /// kNotFound without slices; kCorrupt when a file has no partner or a name stands in two folders.
  PairedDataset(const std::vector<std::filesystem::path>& folders, const ImageGeometry& geometry,
                Domain domain);
  int64_t size() const { return static_cast<int64_t>(slices_.size()); }
  const ImageGeometry& geometry() const { return geometry_; }
  Domain domain() const { return domain_; }

  /// (coils, H, W) of the largest k-space, by the number of values; of the image domain (1, size,
  /// size).
  formats::Shape largest_shape() const;

  /// K-space as the file holds it: complete, where the file is.
  Sample load_unmasked(int64_t index);
  /// As the official loader gives it out.
  Sample load(int64_t index);

 private:
  struct SliceRef {
    challenge::VolumeRef volume;
    int64_t slice = 0;
  };

  void add(const std::filesystem::path& folder);
  void open(const challenge::VolumeRef& volume);

  ImageGeometry geometry_;
  Domain domain_;
  std::vector<SliceRef> slices_;
  // The files of the last slice: consecutive slices do not open them again.
  OpenVolume opened_;
};

}  // namespace reconproof::baseline
