// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/nifti.h"

#include <nifti1_io.h>
#include <sys/stat.h>
#include <znzlib.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "formats/array.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::formats {
namespace {

using system::Code;
using system::fail;

constexpr int64_t kMaxExtent = 2048;
constexpr int64_t kMaxVoxels = int64_t{1} << 27;
constexpr float kMaxOffset = 1 << 24;  // header extensions lie between header and voxels
constexpr int64_t kMaxDeflateRatio = 1032;

struct FreeHeader {
  void operator()(nifti_1_header* header) const { std::free(header); }
};
struct FreeImage {
  void operator()(nifti_image* image) const { nifti_image_free(image); }
};
struct CloseFile {
  void operator()(znzptr* file) const { Xznzclose(&file); }
};
using Image = std::unique_ptr<nifti_image, FreeImage>;

struct NiftiHeader {
  std::unique_ptr<nifti_1_header, FreeHeader> fields;  // in this machine's byte order
  bool swapped = false;                                // the file has the other one
};

int64_t size_of_file(const std::string& name) {
  const system::Descriptor file = system::open_for_reading(name);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) system::fail_errno(Code::kIo, name);
  return status.st_size;
}

/// Bytes of one voxel, 0 when the type is not a real number that we read.
int64_t voxel_bytes(int datatype) {
  switch (datatype) {
    case DT_UINT8:
    case DT_INT8:
      return 1;
    case DT_INT16:
    case DT_UINT16:
      return 2;
    case DT_INT32:
    case DT_UINT32:
    case DT_FLOAT32:
      return 4;
    case DT_FLOAT64:
      return 8;
    default:
      return 0;
  }
}

NiftiHeader read_header(const std::string& name) {
  int swapped = 0;
  NiftiHeader result;
  result.fields.reset(nifti_read_header(name.c_str(), &swapped, /*check=*/0));
  result.swapped = swapped != 0;
  const nifti_1_header* header = result.fields.get();
  if (!header) {
    fail(Code::kCorrupt,
         "{}: too short for a NIfTI-1 header of 348 bytes, or damaged; copy the file again", name);
  }
  if (std::memcmp(header->magic, "ni1", 4) == 0) {
    fail(Code::kUnsupported, "{}: the header of a .hdr/.img pair; convert it to one .nii.gz file",
         name);
  }
  if (header->sizeof_hdr != 348 || std::memcmp(header->magic, "n+1", 4) != 0) {
    fail(Code::kCorrupt,
         "{}: not a NIfTI-1 file (header size {}, expected 348 and the magic 'n+1')", name,
         header->sizeof_hdr);
  }
  return result;
}

/// Extents of the three axes, after everything that libnifti would believe has been checked.
Shape checked_shape(const nifti_1_header& header, const std::string& name) {
  const int rank = header.dim[0];
  if (rank < 3 || rank > 7) {
    fail(Code::kCorrupt, "{}: header: {} dimensions, expected 3 to 7", name, rank);
  }
  Shape shape(3, 1);
  for (int axis = 0; axis < rank; ++axis) {
    const int64_t extent = header.dim[axis + 1];
    if (axis < 3) shape[axis] = extent;
    if (extent < 1 || extent > kMaxExtent) {
      fail(Code::kCorrupt, "{}: header: dimension {} has extent {}, expected 1 to {}", name,
           axis + 1, extent, kMaxExtent);
    }
    if (axis >= 3 && extent != 1) {
      fail(Code::kUnsupported,
           "{}: header: dimension {} has extent {}; only one volume of three dimensions is read",
           name, axis + 1, extent);
    }
  }
  element_count(shape, name, kMaxVoxels);
  return shape;
}

void check_size(const nifti_1_header& header, const Shape& shape, const std::string& name,
                bool gzip) {
  const int64_t bytes = voxel_bytes(header.datatype);
  if (bytes == 0) {
    fail(Code::kUnsupported,
         "{}: header: data type {} is not one of real numbers of 8 to 64 bits; convert it", name,
         header.datatype);
  }
  // Negated comparisons: a NaN offset is refused too.
  if (!(header.vox_offset >= 348.0f) || !(header.vox_offset <= kMaxOffset)) {
    fail(Code::kCorrupt, "{}: header: voxels begin at byte {}, expected 352 to {}", name,
         header.vox_offset, kMaxOffset);
  }
  const int64_t needed =
      static_cast<int64_t>(header.vox_offset) + bytes * element_count(shape, name);
  const int64_t present = size_of_file(name);
  if (gzip ? present * kMaxDeflateRatio < needed : present < needed) {
    fail(Code::kCorrupt, "{}: the header promises {} bytes, the file has {}{}; copy the file again",
         name, needed, present, gzip ? " (compressed)" : "");
  }
}

/// The stored voxels. Not nifti_image_load(): that one takes a truncated .nii.gz for a whole one.
std::vector<std::byte> read_stored(const NiftiHeader& header, size_t bytes, const std::string& name,
                                   bool gzip) {
  const std::unique_ptr<znzptr, CloseFile> file(znzopen(name.c_str(), "rb", gzip));
  std::vector<std::byte> before(static_cast<size_t>(header.fields->vox_offset)), voxels(bytes);
  const bool whole = file &&
                     znzread(before.data(), 1, before.size(), file.get()) == before.size() &&
                     znzread(voxels.data(), 1, bytes, file.get()) == bytes;
  // The checksum of gzip data is looked at when their end is read.
  std::byte more{};
  if (!whole || znzread(&more, 1, 1, file.get()) > 1) {
    fail(Code::kCorrupt, "{}: the voxels end early or are damaged; copy the file again", name);
  }
  const int size = static_cast<int>(voxel_bytes(header.fields->datatype));
  if (header.swapped && size > 1) nifti_swap_Nbytes(bytes / size, size, voxels.data());
  return voxels;
}

template <typename T>
std::vector<float> convert(const std::vector<std::byte>& stored, const nifti_image& image) {
  std::vector<float> voxels(stored.size() / sizeof(T));
  for (size_t i = 0; i < voxels.size(); ++i) {
    T value;
    std::memcpy(&value, stored.data() + i * sizeof value, sizeof value);
    voxels[i] = static_cast<float>(value);
    if (image.scl_slope != 0) voxels[i] = voxels[i] * image.scl_slope + image.scl_inter;
  }
  return voxels;
}

std::vector<float> as_floats(const std::vector<std::byte>& stored, const nifti_image& image) {
  switch (image.datatype) {
    case DT_UINT8:
      return convert<uint8_t>(stored, image);
    case DT_INT8:
      return convert<int8_t>(stored, image);
    case DT_INT16:
      return convert<int16_t>(stored, image);
    case DT_UINT16:
      return convert<uint16_t>(stored, image);
    case DT_INT32:
      return convert<int32_t>(stored, image);
    case DT_UINT32:
      return convert<uint32_t>(stored, image);
    case DT_FLOAT32:
      return convert<float>(stored, image);
    default:
      return convert<double>(stored, image);
  }
}

/// For each stored axis the patient's axis (0 x, 1 y, 2 z) and whether it runs the other way.
struct Orientation {
  std::array<int, 3> axis = {0, 1, 2};
  std::array<bool, 3> flipped = {false, false, false};
  bool known = false;
};

Orientation orientation_of(const nifti_image& image) {
  Orientation orientation;
  if (image.sform_code <= 0 && image.qform_code <= 0) return orientation;
  int codes[3] = {0, 0, 0};
  nifti_mat44_to_orientation(image.sform_code > 0 ? image.sto_xyz : image.qto_xyz, &codes[0],
                             &codes[1], &codes[2]);
  // L2R, R2L, P2A, A2P, I2S, S2I are 1 to 6; a degenerate matrix leaves zeros.
  Orientation found;
  int seen = 0;
  for (int i = 0; i < 3; ++i) {
    if (codes[i] < 1 || codes[i] > 6) return orientation;
    found.axis[i] = (codes[i] - 1) / 2;
    found.flipped[i] = codes[i] % 2 == 0;
    seen |= 1 << found.axis[i];
  }
  found.known = true;
  return seen == 7 ? found : orientation;
}

NiftiVolume turned(std::vector<float> stored, const Shape& shape,
                   const std::array<double, 3>& spacing, const Orientation& orientation) {
  NiftiVolume volume;
  for (int i = 0; i < 3; ++i) {
    volume.size[orientation.axis[i]] = shape[i];
    volume.spacing[orientation.axis[i]] = spacing[i];
  }
  volume.oriented = orientation.known;
  const std::array<int64_t, 3> patient_stride = {1, volume.size[0],
                                                 volume.size[0] * volume.size[1]};
  std::array<int64_t, 3> step{};
  int64_t origin = 0;
  for (int i = 0; i < 3; ++i) {
    step[i] = patient_stride[orientation.axis[i]];
    if (orientation.flipped[i]) {
      origin += step[i] * (shape[i] - 1);
      step[i] = -step[i];
    }
  }
  volume.voxels.resize(stored.size());
  const float* value = stored.data();
  for (int64_t k = 0; k < shape[2]; ++k) {
    for (int64_t j = 0; j < shape[1]; ++j) {
      for (int64_t i = 0; i < shape[0]; ++i) {
        volume.voxels[origin + i * step[0] + j * step[1] + k * step[2]] = *value++;
      }
    }
  }
  return volume;
}

}  // namespace

NiftiVolume read_nifti(const std::filesystem::path& path) {
  const std::string name = path.string();
  const bool gzip = name.ends_with(".nii.gz");
  if (!gzip && !name.ends_with(".nii")) {
    fail(Code::kUnsupported, "{}: expected a NIfTI-1 file named *.nii or *.nii.gz", name);
  }
  size_of_file(name);  // says what is wrong with a missing file or a folder; libnifti would not
  nifti_set_debug_level(0);
  const NiftiHeader header = read_header(name);
  const Shape shape = checked_shape(*header.fields, name);
  check_size(*header.fields, shape, name, gzip);

  // Not nifti_image_read(): that one also follows header extensions and other file kinds.
  const Image image(nifti_convert_nhdr2nim(*header.fields, name.c_str()));
  if (!image) fail(Code::kCorrupt, "{}: the NIfTI-1 header contradicts itself", name);
  const std::array<double, 3> spacing = {image->dx, image->dy, image->dz};
  for (double mm : spacing) {
    if (!(mm >= 1e-3 && mm <= 1e3)) {
      fail(Code::kCorrupt, "{}: header: voxels of {:g} mm, expected 0.001 to 1000", name, mm);
    }
  }
  const size_t bytes = element_count(shape, name) * voxel_bytes(image->datatype);
  std::vector<float> voxels = as_floats(read_stored(header, bytes, name, gzip), *image);
  for (float value : voxels) {
    if (!std::isfinite(value)) fail(Code::kCorrupt, "{}: holds voxels that are not finite", name);
  }
  return turned(std::move(voxels), shape, spacing, orientation_of(*image));
}

}  // namespace reconproof::formats
