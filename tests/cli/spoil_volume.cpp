// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Writes a volume anew, in another form or with one fault: spoil_volume FILE FORM [TEXT]. The file
// holds `reconstruction`, or `image_label` with the attributes `max` and `annotations`; values are
// float32. For the forms see kForms. TEXT: what `annotations` becomes.
#include <H5Epublic.h>
#include <hdf5.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "formats/hdf5.h"
#include "formats/hdf5_handle.h"

namespace {

namespace fs = std::filesystem;
using reconproof::formats::Hdf5Handle;
using reconproof::formats::Shape;

constexpr H5Z_filter_t kZstandard = 32015;  // which is not part of HDF5

enum class Storage { kContiguous, kGzip, kForeignFilter, kOtherFile, kVirtual };

/// What is written.
struct Volume {
  fs::path path;
  std::string name = "reconstruction";
  Shape shape;
  std::vector<float> values;
  hid_t type = H5T_IEEE_F32LE;  // as stored
  Storage storage = Storage::kContiguous;
  hsize_t user_block = 0;  // bytes before the file's signature
  bool is_label = false;
  bool has_max = true, max_is_float64 = false, max_is_text = false;
  double max = 0;
  std::string annotations;

  size_t slice_size() const { return values.size() / static_cast<size_t>(shape[0]); }
};

hid_t checked(hid_t id) {
  if (id < 0) throw std::runtime_error("libhdf5: " + reconproof::formats::hdf5_error());
  return id;
}

Volume read(const fs::path& path) {
  const auto reader = reconproof::formats::open_local(path);
  Volume volume;
  volume.path = path;
  volume.is_label = reader->info().datasets.contains("image_label");
  if (volume.is_label) volume.name = "image_label";
  volume.shape = reader->dataset(volume.name).shape;
  volume.values = reader->read_floats(volume.name);
  const auto& attributes = reader->info().attributes;
  if (attributes.contains("max")) {
    volume.max = attributes.at("max").number.value();
    volume.max_is_float64 = attributes.at("max").bytes == 8;
  }
  if (attributes.contains("annotations")) volume.annotations = attributes.at("annotations").text;
  return volume;
}

Hdf5Handle space_of(const Shape& shape) {
  const std::vector<hsize_t> extents(shape.begin(), shape.end());
  return {checked(shape.empty() ? H5Screate(H5S_SCALAR)
                                : H5Screate_simple(static_cast<int>(extents.size()), extents.data(),
                                                   nullptr)),
          H5Sclose};
}

Hdf5Handle text_type(size_t size) {
  Hdf5Handle type(checked(H5Tcopy(H5T_C_S1)), H5Tclose);
  H5Tset_size(type.get(), size);
  return type;
}

void write_attribute(hid_t file, const char* name, hid_t stored, hid_t type, const void* value) {
  const Hdf5Handle space = space_of({});
  const Hdf5Handle attribute(
      checked(H5Acreate2(file, name, stored, space.get(), H5P_DEFAULT, H5P_DEFAULT)), H5Aclose);
  checked(H5Awrite(attribute.get(), type, value));
}

void write_attributes(hid_t file, const Volume& volume) {
  if (!volume.is_label) return;
  if (volume.max_is_text) {
    const Hdf5Handle type = text_type(8);
    write_attribute(file, "max", type.get(), type.get(), "0.0004\0\0");
  } else if (volume.has_max) {
    write_attribute(file, "max", volume.max_is_float64 ? H5T_IEEE_F64LE : H5T_IEEE_F32LE,
                    H5T_NATIVE_DOUBLE, &volume.max);
  }
  if (volume.annotations.empty()) return;
  const Hdf5Handle type = text_type(volume.annotations.size() + 1);
  write_attribute(file, "annotations", type.get(), type.get(), volume.annotations.c_str());
}

/// Leaves values as they are, under a number that no reader knows.
size_t no_compression(unsigned, size_t, const unsigned[], size_t bytes, size_t*, void**) {
  return bytes;
}

Hdf5Handle creation_of(const Volume& volume) {
  Hdf5Handle creation(checked(H5Pcreate(H5P_DATASET_CREATE)), H5Pclose);
  const Hdf5Handle space = space_of(volume.shape);
  if (volume.storage == Storage::kOtherFile) {
    H5Pset_external(creation.get(), "/etc/passwd", 0, H5F_UNLIMITED);
  } else if (volume.storage == Storage::kVirtual) {
    H5Pset_virtual(creation.get(), space.get(), "other.h5", "/reconstruction", space.get());
  } else if (volume.storage != Storage::kContiguous) {
    // Chunks that end beyond the image: every read must decode and cut several.
    const std::vector<hsize_t> chunk = {static_cast<hsize_t>(volume.shape[0]), 100, 200};
    H5Pset_chunk(creation.get(), 3, chunk.data());
    if (volume.storage == Storage::kGzip) {
      H5Pset_shuffle(creation.get());
      H5Pset_deflate(creation.get(), 4);
    } else {
      static const H5Z_class2_t kFilter = {H5Z_CLASS_T_VERS, kZstandard, 1,       1,
                                           "foreign",        nullptr,    nullptr, no_compression};
      H5Zregister(&kFilter);
      H5Pset_filter(creation.get(), kZstandard, H5Z_FLAG_MANDATORY, 0, nullptr);
    }
  }
  return creation;
}

Hdf5Handle create_file(const Volume& volume) {
  const Hdf5Handle creation(checked(H5Pcreate(H5P_FILE_CREATE)), H5Pclose);
  H5Pset_userblock(creation.get(), volume.user_block);
  return {checked(H5Fcreate(volume.path.c_str(), H5F_ACC_TRUNC, creation.get(), H5P_DEFAULT)),
          H5Fclose};
}

void write(const Volume& volume) {
  const Hdf5Handle file = create_file(volume);
  write_attributes(file.get(), volume);
  const Hdf5Handle space = space_of(volume.shape), creation = creation_of(volume);
  const Hdf5Handle set(checked(H5Dcreate2(file.get(), volume.name.c_str(), volume.type, space.get(),
                                          H5P_DEFAULT, creation.get(), H5P_DEFAULT)),
                       H5Dclose);
  const bool elsewhere =
      volume.storage == Storage::kOtherFile || volume.storage == Storage::kVirtual;
  // Types that no number converts to hold zeros.
  if (elsewhere || H5Tget_class(volume.type) == H5T_STRING ||
      H5Tget_class(volume.type) == H5T_COMPOUND)
    return;
  checked(
      H5Dwrite(set.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, volume.values.data()));
}

/// A file that holds what `add` writes into it, and no data set else.
template <typename Add>
void write_only(const Volume& volume, Add&& add) {
  const Hdf5Handle file = create_file(volume);
  write_attributes(file.get(), volume);
  checked(add(file.get(), volume.name.c_str()));
}

/// An array of zeros that the file claims and does not hold.
void write_claim(Volume volume, const Shape& shape) {
  write_only(volume, [&](hid_t file, const char* name) {
    const Hdf5Handle space = space_of(shape);
    const Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    const std::vector<hsize_t> chunk(shape.size(), 1);
    H5Pset_chunk(creation.get(), static_cast<int>(chunk.size()), chunk.data());
    return H5Dclose(checked(H5Dcreate2(file, name, H5T_IEEE_F32LE, space.get(), H5P_DEFAULT,
                                       creation.get(), H5P_DEFAULT)));
  });
}

/// Compressed bytes in the middle of the file are overwritten.
void write_damaged(Volume volume) {
  volume.storage = Storage::kGzip;
  write(volume);
  std::FILE* file = std::fopen(volume.path.c_str(), "r+b");
  if (!file) throw std::runtime_error("cannot open " + volume.path.string());
  const auto size = static_cast<int64_t>(fs::file_size(volume.path));
  const std::vector<char> zeros(static_cast<size_t>(size / 2), '\0');
  std::fseek(file, static_cast<int64_t>(size / 4), SEEK_SET);
  std::fwrite(zeros.data(), 1, zeros.size(), file);
  std::fclose(file);
}

void write_shape(Volume volume, const Shape& shape) {
  size_t count = 1;
  for (const int64_t extent : shape) count *= static_cast<size_t>(extent);
  volume.values.resize(count);
  volume.shape = shape;
  write(volume);
}

void write_type(Volume volume, hid_t type) {
  volume.type = type;
  write(volume);
}

void write_storage(Volume volume, Storage storage) {
  volume.storage = storage;
  write(volume);
}

/// One value in the middle of the last slice.
void write_value(Volume volume, float value) {
  volume.values[volume.values.size() - volume.slice_size() / 2] = value;
  write(volume);
}

void write_name(Volume volume, const std::string& name) {
  volume.name = name;
  write(volume);
}

void write_max(Volume volume, double max) {
  volume.max = max;
  write(volume);
}

hid_t float16() {
  const hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, 15);
  return type;
}

/// A compound that is no complex number.
hid_t compound() {
  const hid_t type = H5Tcreate(H5T_COMPOUND, 2 * sizeof(float));
  H5Tinsert(type, "x", 0, H5T_NATIVE_FLOAT);
  H5Tinsert(type, "y", sizeof(float), H5T_NATIVE_FLOAT);
  return type;
}

using Form = std::function<void(Volume)>;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// clang-format off
const std::map<std::string, Form> kForms = {
    // The same values in another form.
    {"plain", [](Volume v) { write(v); }},
    {"gzip", [](Volume v) { write_storage(v, Storage::kGzip); }},
    {"big-endian", [](Volume v) { write_type(v, H5T_IEEE_F32BE); }},
    {"user-block", [](Volume v) { v.user_block = 512; write(v); }},
    {"float64", [](Volume v) { write_type(v, H5T_IEEE_F64LE); }},
    {"float16", [](Volume v) { write_type(v, float16()); }},
    {"max-float64", [](Volume v) { v.max_is_float64 = true; write(v); }},
    // Faults of shape.
    {"fewer-slices", [](Volume v) { write_shape(v, {v.shape[0] - 1, v.shape[1], v.shape[2]}); }},
    {"more-slices", [](Volume v) { write_shape(v, {v.shape[0] + 1, v.shape[1], v.shape[2]}); }},
    {"no-slices", [](Volume v) { write_shape(v, {0, v.shape[1], v.shape[2]}); }},
    {"lower", [](Volume v) { write_shape(v, {v.shape[0], v.shape[1] - 1, v.shape[2]}); }},
    {"narrower", [](Volume v) { write_shape(v, {v.shape[0], v.shape[1], v.shape[2] - 1}); }},
    {"larger", [](Volume v) { write_shape(v, {v.shape[0], v.shape[1] + 16, v.shape[2] + 16}); }},
    {"transposed", [](Volume v) { write_shape(v, {v.shape[1], v.shape[2], v.shape[0]}); }},
    {"2d", [](Volume v) { write_shape(v, {v.shape[0] * v.shape[1], v.shape[2]}); }},
    {"4d", [](Volume v) { write_shape(v, {v.shape[0], 1, v.shape[1], v.shape[2]}); }},
    {"scalar", [](Volume v) { write_shape(v, {}); }},
    {"absurd", [](Volume v) { write_claim(v, {int64_t{1} << 41, 384, 384}); }},
    {"overflow", [](Volume v) { write_claim(v, {1 << 30, 1 << 30, 1 << 30}); }},
    // Faults of type.
    {"int16", [](Volume v) { write_type(v, H5T_STD_I16LE); }},
    {"uint8", [](Volume v) { write_type(v, H5T_STD_U8LE); }},
    {"int64", [](Volume v) { write_type(v, H5T_STD_I64LE); }},
    {"complex", [](Volume v) { write_type(v, H5Tcopy(reconproof::formats::complex_type().get())); }},
    {"text", [](Volume v) { write_type(v, H5Tcopy(text_type(5).get())); }},
    {"compound", [](Volume v) { write_type(v, compound()); }},
    // Faults of value.
    {"nan", [](Volume v) { write_value(v, std::nanf("")); }},
    {"infinity", [](Volume v) { write_value(v, kInfinity); }},
    {"minus-infinity", [](Volume v) { write_value(v, -kInfinity); }},
    {"huge", [](Volume v) { write_value(v, 1e30f); }},
    // Faults of place.
    {"other-name", [](Volume v) { write_name(v, "recon"); }},
    {"nothing", [](Volume v) { write_only(v, [](hid_t, const char*) { return hid_t{0}; }); }},
    {"group", [](Volume v) {
       write_only(v, [](hid_t file, const char* name) {
         return H5Gclose(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
       });
     }},
    {"soft-link", [](Volume v) {
       write_only(v, [](hid_t file, const char* name) {
         return H5Lcreate_soft("/there", file, name, H5P_DEFAULT, H5P_DEFAULT);
       });
     }},
    {"external-link", [](Volume v) {
       write_only(v, [](hid_t file, const char* name) {
         return H5Lcreate_external("label.h5", "/image_label", file, name, H5P_DEFAULT, H5P_DEFAULT);
       });
     }},
    {"other-file", [](Volume v) { write_storage(v, Storage::kOtherFile); }},
    {"virtual", [](Volume v) { write_storage(v, Storage::kVirtual); }},
    {"foreign-filter", [](Volume v) { write_storage(v, Storage::kForeignFilter); }},
    {"damaged", write_damaged},
    // Faults of a label.
    {"no-max", [](Volume v) { v.has_max = false; write(v); }},
    {"max-text", [](Volume v) { v.max_is_text = true; write(v); }},
    {"max-nan", [](Volume v) { write_max(v, std::nan("")); }},
    {"max-zero", [](Volume v) { write_max(v, 0); }},
    {"max-negative", [](Volume v) { write_max(v, -v.max); }},
    {"annotations", [](Volume v) { write(v); }},
};
// clang-format on

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4 || !kForms.contains(argv[2])) {
    std::fprintf(stderr, "spoil_volume FILE FORM [ANNOTATIONS]\n");
    return 2;
  }
  try {
    reconproof::formats::silence_hdf5();
    Volume volume = read(argv[1]);
    if (argc == 4) volume.annotations = argv[3];
    kForms.at(argv[2])(std::move(volume));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "spoil_volume: %s\n", error.what());
    return 1;
  }
  return 0;
}
