// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/npy.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <set>
#include <string_view>

#include "system/error.h"
#include "system/files.h"

namespace reconproof::formats {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

static_assert(std::endian::native == std::endian::little,
              "arrays are copied as they lie in the file");

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr int64_t kMaxNpyHeader = int64_t{1}
                                  << 16;  // NumPy's own is 118 bytes; its reader stops at 10,000
constexpr size_t kMaxNpyRank = 32;
constexpr size_t kNpyAlignment = 64;
constexpr size_t kGrowthDigits =
    21;  // NumPy leaves room for the first extent to grow to a 64-bit number

size_t bytes_of(NpyType type) { return type == NpyType::kFloat32 ? 4 : 8; }

const char* descr_of(NpyType type) {
  switch (type) {
    case NpyType::kFloat32:
      return "<f4";
    case NpyType::kFloat64:
      return "<f8";
    case NpyType::kComplex64:
      break;
  }
  return "<c8";
}

struct NpyHeader {
  NpyType type = NpyType::kFloat32;
  Shape shape;
};

/// Parses {'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), } and nothing else.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  NpyHeader parse() {
    NpyHeader header;
    std::set<std::string> seen;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      if (!seen.insert(key).second) malformed("key '" + key + "' appears twice");
      expect(':');
      if (key == "descr") {
        header.type = type(quoted());
      } else if (key == "fortran_order") {
        row_major();
      } else if (key == "shape") {
        header.shape = extents();
      } else {
        malformed("unknown key '" + key + "'");
      }
      if (accept('}')) break;
      expect(',');
    }
    skip_blanks();
    if (at_ != text_.size()) malformed("text after the closing brace");
    if (seen.size() != 3) malformed("one of 'descr', 'fortran_order' and 'shape' is missing");
    return header;
  }

 private:
  [[noreturn]] void malformed(const std::string& why) const {
    fail(Code::kCorrupt,
         "{}: malformed .npy header at byte {}: {}; save the array again with numpy.save", file_,
         at_, why);
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  bool accept(char wanted) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  void expect(char wanted) {
    if (!accept(wanted)) malformed(fmt::format("expected '{}'", wanted));
  }

  bool accept_word(std::string_view word) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  std::string quoted() {
    const char quote = accept('\'') ? '\'' : '"';
    if (quote == '"') expect('"');
    const size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) malformed("text without a closing quote");
    const std::string_view inside = text_.substr(at_, end - at_);
    if (inside.size() > 64 || inside.find('\\') != std::string_view::npos)
      malformed("unexpected text");
    at_ = end + 1;
    return std::string(inside);
  }

  NpyType type(const std::string& descr) const {
    for (NpyType candidate : {NpyType::kFloat32, NpyType::kFloat64, NpyType::kComplex64}) {
      if (descr == descr_of(candidate)) return candidate;
    }
    fail(Code::kUnsupported,
         "{}: elements of type '{}', expected '<f4', '<f8' or '<c8' (little-endian float32, "
         "float64, "
         "complex64); convert the array with astype",
         file_, descr);
  }

  void row_major() {
    if (accept_word("False")) return;
    if (!accept_word("True")) malformed("'fortran_order' is neither True nor False");
    fail(Code::kUnsupported,
         "{}: array in Fortran order; save numpy.ascontiguousarray(array) instead", file_);
  }

  Shape extents() {
    Shape shape;
    expect('(');
    while (!accept(')')) {
      skip_blanks();
      int64_t extent = 0;
      const char* begin = text_.data() + at_;
      const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), extent);
      if (error != std::errc() || extent < 0) malformed("an extent is not a natural number");
      at_ += static_cast<size_t>(end - begin);
      shape.push_back(extent);
      if (shape.size() > kMaxNpyRank)
        malformed(fmt::format("more than {} dimensions", kMaxNpyRank));
      if (accept(')')) break;
      expect(',');
    }
    return shape;
  }

  std::string_view text_;
  std::string file_;
  size_t at_ = 0;
};

void read_exactly(const system::Descriptor& file, void* out, size_t size, const fs::path& path) {
  char* bytes = static_cast<char*>(out);
  while (size > 0) {
    const ssize_t got = ::read(file.get(), bytes, size);
    if (got < 0) system::fail_errno(Code::kIo, path.string());
    if (got == 0)
      fail(Code::kCorrupt, "{}: ends {} bytes too early; copy or save it again", path.string(),
           size);
    bytes += got;
    size -= static_cast<size_t>(got);
  }
}

int64_t size_of(const system::Descriptor& file, const fs::path& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) system::fail_errno(Code::kIo, path.string());
  return status.st_size;
}

/// The text of the header; the file then stands at the first element. `consumed`: bytes before
/// that.
std::string read_header_text(const system::Descriptor& file, const fs::path& path,
                             int64_t& consumed) {
  unsigned char start[8];
  read_exactly(file, start, sizeof start, path);
  if (std::memcmp(start, kMagic.data(), kMagic.size()) != 0) {
    fail(Code::kCorrupt, "{}: not a .npy file (it does not begin with \\x93NUMPY)", path.string());
  }
  const int major = start[6], minor = start[7];
  if ((major != 1 && major != 2) || minor != 0) {
    fail(Code::kUnsupported, "{}: .npy format {}.{}, expected 1.0 or 2.0", path.string(), major,
         minor);
  }
  unsigned char length_bytes[4] = {};
  const size_t length_size = major == 1 ? 2 : 4;
  read_exactly(file, length_bytes, length_size, path);
  uint32_t length = 0;
  std::memcpy(&length, length_bytes, sizeof length);
  consumed = static_cast<int64_t>(sizeof start + length_size) + length;
  if (length > kMaxNpyHeader || consumed > size_of(file, path)) {
    fail(Code::kCorrupt,
         "{}: claims a header of {} bytes, more than {} or than the file holds; save it again",
         path.string(), length, kMaxNpyHeader);
  }
  std::string text(length, '\0');
  read_exactly(file, text.data(), text.size(), path);
  return text;
}

std::string header_bytes(NpyType type, const Shape& shape) {
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}",
                                   descr_of(type), shape_text(shape));
  header.append(kGrowthDigits - std::to_string(shape.at(0)).size(), ' ');
  const size_t prefix = kMagic.size() + 4;
  header.append(kNpyAlignment - (prefix + header.size() + 1) % kNpyAlignment, ' ');
  header += '\n';
  std::string bytes(kMagic);
  bytes += std::string_view("\x01\x00", 2);
  bytes += static_cast<char>(header.size() & 0xFF);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header;
}

void write_elements(const fs::path& path, NpyType type, const Shape& shape, const void* data,
                    size_t count) {
  RP_ASSERT(shape.size() == 1 || shape.size() == 2);
  RP_ASSERT(element_count(shape, path.string()) == static_cast<int64_t>(count));
  system::AtomicFile file(path);
  file.write(header_bytes(type, shape));
  file.write(data, count * bytes_of(type));
  file.commit();
}

template <typename T>
std::span<const T> view(const NpyArray& array, NpyType type) {
  RP_ASSERT(array.type == type);
  return {reinterpret_cast<const T*>(array.data.data()), array.data.size() / sizeof(T)};
}

}  // namespace

const char* npy_type_text(NpyType type) {
  switch (type) {
    case NpyType::kFloat32:
      return "float32";
    case NpyType::kFloat64:
      return "float64";
    case NpyType::kComplex64:
      break;
  }
  return "complex64";
}

std::span<const float> NpyArray::floats() const { return view<float>(*this, NpyType::kFloat32); }
std::span<const double> NpyArray::doubles() const { return view<double>(*this, NpyType::kFloat64); }
std::span<const std::complex<float>> NpyArray::complexes() const {
  return view<std::complex<float>>(*this, NpyType::kComplex64);
}

NpyArray read_npy(const fs::path& path) {
  const system::Descriptor file = system::open_for_reading(path);
  int64_t consumed = 0;
  const std::string text = read_header_text(file, path, consumed);
  const NpyHeader header = HeaderParser(text, path.string()).parse();
  const int64_t expected =
      element_count(header.shape, path.string()) * static_cast<int64_t>(bytes_of(header.type));
  const int64_t present = size_of(file, path) - consumed;
  if (present != expected) {
    fail(Code::kCorrupt,
         "{}: shape {} of {} needs {} bytes, but the file holds {}; copy or save it again",
         path.string(), shape_text(header.shape), npy_type_text(header.type), expected, present);
  }
  NpyArray array{header.type, header.shape, std::vector<std::byte>(static_cast<size_t>(expected))};
  read_exactly(file, array.data.data(), array.data.size(), path);
  return array;
}

void write_npy(const fs::path& path, const Shape& shape, std::span<const float> data) {
  write_elements(path, NpyType::kFloat32, shape, data.data(), data.size());
}

void write_npy(const fs::path& path, const Shape& shape, std::span<const double> data) {
  write_elements(path, NpyType::kFloat64, shape, data.data(), data.size());
}

}  // namespace reconproof::formats
