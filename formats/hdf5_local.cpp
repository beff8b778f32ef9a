// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Reads HDF5 in this process. Everything that reaches beyond the file itself is refused: soft and
// external links, external storage, virtual data sets, foreign filters.
#include "formats/hdf5_local.h"

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <string_view>

#include "formats/hdf5.h"
#include "formats/hdf5_handle.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::formats {

using system::Code;
using system::fail;

std::recursive_mutex& hdf5_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

void silence_hdf5() {
  static std::once_flag once;
  std::call_once(once, [] {
    // What was opened here is closed here. The library's own clean-up at exit crashes on a file
    // that a full disk kept from being closed.
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    H5PLset_loading_state(0);
  });
}

Hdf5Handle complex_type() {
  Hdf5Handle type(H5Tcreate(H5T_COMPOUND, 2 * sizeof(float)), H5Tclose);
  H5Tinsert(type.get(), "r", 0, H5T_NATIVE_FLOAT);
  H5Tinsert(type.get(), "i", sizeof(float), H5T_NATIVE_FLOAT);
  return type;
}

void prepare_hdf5() {
  silence_hdf5();
  H5open();
  complex_type();  // the first use of any type registers all
}

namespace {

/// Of a failed system call HDF5 tells date, file, addresses and the reason in one text of several
/// lines: the reason alone.
std::string without_particulars(const std::string& text) {
  constexpr std::string_view kReason = "error message = '";
  const size_t reason = text.find(kReason);
  if (reason == std::string::npos) return text;
  const size_t begin = reason + kReason.size(), end = text.find('\'', begin);
  return text.substr(0, text.find(':')) + ": " + text.substr(begin, end - begin);
}

}  // namespace

std::string hdf5_error() {
  std::string message = "unknown HDF5 error";
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned index, const H5E_error2_t* error, void* data) -> herr_t {
        if (index == 0 && error->desc) *static_cast<std::string*>(data) = error->desc;
        return 0;
      },
      &message);
  H5Eclear2(H5E_DEFAULT);
  return without_particulars(message);
}

namespace {

constexpr int64_t kMaxLinks = 1000;
constexpr size_t kMaxText = size_t{16} << 20;
constexpr int kMaxHdf5Rank = 8;
constexpr size_t kChunkCache = size_t{32} << 20;  // a chunk of 16 slices of 384 x 384, twice

DatasetInfo describe_type(hid_t type) {
  DatasetInfo info;
  info.bytes = static_cast<int>(H5Tget_size(type));
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      info.kind = ElementKind::kFloat;
      break;
    case H5T_INTEGER:
    case H5T_ENUM:  // h5py's booleans
      info.kind = ElementKind::kInteger;
      break;
    case H5T_COMPOUND:
      if (H5Tget_nmembers(type) == 2 && H5Tget_member_index(type, "r") == 0 &&
          H5Tget_member_index(type, "i") == 1 && H5Tget_member_class(type, 0) == H5T_FLOAT &&
          H5Tget_member_class(type, 1) == H5T_FLOAT) {
        info.kind = ElementKind::kComplex;
      }
      break;
    default:
      break;
  }
  return info;
}

/// DatasetInfo::raw_offset.
int64_t raw_offset_of(hid_t set, hid_t creation, hid_t type, ElementKind kind) {
  if (H5Pget_layout(creation) != H5D_CONTIGUOUS) return -1;
  const bool as_read = (kind == ElementKind::kFloat && H5Tequal(type, H5T_IEEE_F32LE) > 0) ||
                       (kind == ElementKind::kComplex && H5Tequal(type, complex_type().get()) > 0);
  const haddr_t offset = as_read ? H5Dget_offset(set) : HADDR_UNDEF;
  return offset == HADDR_UNDEF || offset > haddr_t{1} << 50 ? -1 : static_cast<int64_t>(offset);
}

class LocalReader : public Hdf5Reader {
 public:
  LocalReader(std::filesystem::path path, const std::string& open_as)
      : Hdf5Reader(std::move(path)) {
    const std::lock_guard lock(hdf5_mutex());
    silence_hdf5();
    file_ = Hdf5Handle(H5Fopen(open_as.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
    if (!file_.valid()) {
      fail(Code::kCorrupt, "{}: not a readable HDF5 file ({}); copy or write it again",
           path_.string(), hdf5_error());
    }
    read_links();
    read_attributes();
  }

 protected:
  void read_bytes(const std::string& name, bool complex, int64_t first, int64_t count,
                  std::span<std::byte> out) override {
    const std::lock_guard lock(hdf5_mutex());
    if (name != open_name_) {
      open_set_ = open_dataset(name);
      open_name_ = name;
    }
    const Hdf5Handle& set = open_set_;
    const Hdf5Handle space(H5Dget_space(set.get()), H5Sclose);
    const Shape& shape = dataset(name).shape;
    std::vector<hsize_t> start(shape.size(), 0), extent(shape.begin(), shape.end());
    start[0] = static_cast<hsize_t>(first);
    extent[0] = static_cast<hsize_t>(count);
    const Hdf5Handle memory(
        H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr), H5Sclose);
    const Hdf5Handle stored(H5Dget_type(set.get()), H5Tclose);
    const bool boolean = H5Tget_class(stored.get()) == H5T_ENUM;
    const Hdf5Handle type =
        complex ? complex_type() : Hdf5Handle(H5Tcopy(H5T_NATIVE_FLOAT), H5Tclose);
    std::vector<signed char> booleans(boolean ? out.size() / sizeof(float) : 0);
    const bool ok =
        H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, extent.data(),
                            nullptr) >= 0 &&
        H5Dread(
            set.get(), boolean ? stored.get() : type.get(), memory.get(), space.get(), H5P_DEFAULT,
            boolean ? static_cast<void*>(booleans.data()) : static_cast<void*>(out.data())) >= 0;
    if (!ok) {
      fail(Code::kCorrupt,
           "{}: data set '{}' cannot be read from entry {} on ({}); copy or write the file again",
           path_.string(), name, first, hdf5_error());
    }
    for (size_t i = 0; i < booleans.size(); ++i) {
      const float value = booleans[i];
      std::memcpy(out.data() + i * sizeof value, &value, sizeof value);
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& name, const std::string& why) const {
    fail(Code::kCorrupt, "{}: '{}' {}; write plain data sets into the file itself", path_.string(),
         name, why);
  }

  Hdf5Handle open_dataset(const std::string& name) const {
    const Hdf5Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
    H5Pset_chunk_cache(access.get(), H5D_CHUNK_CACHE_NSLOTS_DEFAULT, kChunkCache,
                       H5D_CHUNK_CACHE_W0_DEFAULT);
    Hdf5Handle set(H5Dopen2(file_.get(), name.c_str(), access.get()), H5Dclose);
    if (!set.valid()) {
      fail(Code::kCorrupt, "{}: data set '{}' cannot be opened ({})", path_.string(), name,
           hdf5_error());
    }
    return set;
  }

  void read_links() {
    std::vector<std::pair<std::string, H5L_type_t>> links;
    const herr_t status = H5Literate(
        file_.get(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr,
        [](hid_t, const char* name, const H5L_info_t* info, void* data) -> herr_t {
          auto* out = static_cast<decltype(links)*>(data);
          out->emplace_back(name, info->type);
          return static_cast<int64_t>(out->size()) > kMaxLinks ? -1 : 0;
        },
        &links);
    if (status < 0) {
      fail(Code::kCorrupt, "{}: the list of data sets cannot be read ({})", path_.string(),
           hdf5_error());
    }
    for (const auto& [name, type] : links) {
      if (type != H5L_TYPE_HARD) refuse(name, "is a link to another place");
      H5O_info_t info;
      if (H5Oget_info_by_name1(file_.get(), name.c_str(), &info, H5P_DEFAULT) < 0) {
        refuse(name, "cannot be read (" + hdf5_error() + ")");
      }
      if (info.type == H5O_TYPE_DATASET) info_.datasets[name] = describe(name);
    }
  }

  DatasetInfo describe(const std::string& name) const {
    const Hdf5Handle set = open_dataset(name);
    const Hdf5Handle creation(H5Dget_create_plist(set.get()), H5Pclose);
    if (H5Pget_external_count(creation.get()) > 0) refuse(name, "stores its data in another file");
    if (H5Pget_layout(creation.get()) == H5D_VIRTUAL) refuse(name, "is a virtual data set");
    const int filters = H5Pget_nfilters(creation.get());
    for (int i = 0; i < filters; ++i) {
      unsigned flags = 0, config = 0;
      size_t values = 0;
      const H5Z_filter_t filter = H5Pget_filter2(creation.get(), static_cast<unsigned>(i), &flags,
                                                 &values, nullptr, 0, nullptr, &config);
      constexpr std::array kKnown = {H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32,
                                     H5Z_FILTER_SCALEOFFSET, H5Z_FILTER_NBIT};
      if (std::find(kKnown.begin(), kKnown.end(), filter) == kKnown.end()) {
        refuse(name,
               fmt::format("is compressed with filter {}, which is not part of HDF5", filter));
      }
    }
    const Hdf5Handle type(H5Dget_type(set.get()), H5Tclose);
    DatasetInfo info = describe_type(type.get());
    const Hdf5Handle space(H5Dget_space(set.get()), H5Sclose);
    const int rank = H5Sget_simple_extent_ndims(space.get());
    if (rank < 0 || rank > kMaxHdf5Rank) refuse(name, fmt::format("has {} dimensions", rank));
    std::vector<hsize_t> extents(static_cast<size_t>(rank));
    H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr);
    for (hsize_t extent : extents) {
      if (extent > hsize_t{1} << 40) refuse(name, fmt::format("claims an extent of {}", extent));
      info.shape.push_back(static_cast<int64_t>(extent));
    }
    element_count(info.shape, path_.string() + ": data set '" + name + "'");
    info.raw_offset = raw_offset_of(set.get(), creation.get(), type.get(), info.kind);
    return info;
  }

  void read_attributes() {
    std::vector<std::string> names;
    const herr_t status = H5Aiterate2(
        file_.get(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr,
        [](hid_t, const char* name, const H5A_info_t*, void* data) -> herr_t {
          auto* out = static_cast<std::vector<std::string>*>(data);
          out->emplace_back(name);
          return static_cast<int64_t>(out->size()) > kMaxLinks ? -1 : 0;
        },
        &names);
    if (status < 0) {
      fail(Code::kCorrupt, "{}: attributes cannot be read ({})", path_.string(), hdf5_error());
    }
    for (const std::string& name : names) {
      const Hdf5Handle attribute(H5Aopen(file_.get(), name.c_str(), H5P_DEFAULT), H5Aclose);
      if (!attribute.valid())
        refuse("attribute " + name, "cannot be opened (" + hdf5_error() + ")");
      const Hdf5Handle space(H5Aget_space(attribute.get()), H5Sclose);
      const Hdf5Handle type(H5Aget_type(attribute.get()), H5Tclose);
      if (H5Sget_simple_extent_npoints(space.get()) != 1) continue;  // only scalars are ours
      info_.attributes[name] = read_attribute(name, attribute.get(), type.get());
    }
  }

  Attribute read_attribute(const std::string& name, hid_t attribute, hid_t type) const {
    Attribute value;
    const H5T_class_t kind = H5Tget_class(type);
    if (kind == H5T_FLOAT || kind == H5T_INTEGER) {
      double number = 0;
      if (H5Aread(attribute, H5T_NATIVE_DOUBLE, &number) < 0) {
        refuse("attribute " + name, "cannot be read (" + hdf5_error() + ")");
      }
      value.number = number;
      value.bytes = static_cast<int>(H5Tget_size(type));
    } else if (kind == H5T_STRING) {
      value.text = H5Tis_variable_str(type) > 0 ? variable_text(name, attribute, type)
                                                : fixed_text(name, attribute, type);
    }
    return value;
  }

  std::string fixed_text(const std::string& name, hid_t attribute, hid_t type) const {
    const size_t size = H5Tget_size(type);
    if (size > kMaxText) refuse("attribute " + name, fmt::format("claims {} bytes of text", size));
    std::string text(size, '\0');
    if (H5Aread(attribute, type, text.data()) < 0) {
      refuse("attribute " + name, "cannot be read (" + hdf5_error() + ")");
    }
    return text.substr(0, text.find('\0'));
  }

  std::string variable_text(const std::string& name, hid_t attribute, hid_t type) const {
    char* text = nullptr;
    if (H5Aread(attribute, type, &text) < 0) {
      refuse("attribute " + name, "cannot be read (" + hdf5_error() + ")");
    }
    std::string copy = text ? std::string(text, ::strnlen(text, kMaxText)) : std::string();
    H5free_memory(text);
    return copy;
  }

  Hdf5Handle file_;
  // The data set of the last read: slices that share a chunk are unpacked once.
  Hdf5Handle open_set_;
  std::string open_name_;
};

}  // namespace

std::unique_ptr<Hdf5Reader> open_local_as(const std::filesystem::path& path,
                                          const std::string& open_as) {
  return std::make_unique<LocalReader>(path, open_as);
}

std::unique_ptr<Hdf5Reader> open_local(const std::filesystem::path& path) {
  system::open_for_reading(path);  // a clear message for what is no file at all
  return open_local_as(path, path.string());
}

}  // namespace reconproof::formats
