// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/zip.h"

#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "formats/archive_name.h"
#include "system/error.h"

namespace reconproof::formats {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

static_assert(std::endian::native == std::endian::little, "zip fields are read as they lie");

namespace {

// PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16.
constexpr uint32_t kLocalSignature = 0x04034b50, kCentralSignature = 0x02014b50;
constexpr uint32_t kEndSignature = 0x06054b50;
constexpr uint32_t kEnd64Signature = 0x06064b50, kLocator64Signature = 0x07064b50;
constexpr int64_t kLocalBytes = 30, kCentralBytes = 46, kEndBytes = 22;
constexpr int64_t kEnd64Bytes = 56, kLocator64Bytes = 20;
constexpr uint16_t kEncrypted = 1 << 0, kSizesFollow = 1 << 3, kStrongEncryption = 1 << 6;
constexpr uint16_t kUtf8Names = 1 << 11;
constexpr int64_t kMaxDescriptor = 24;  // sizes that follow the data, where a flag says so
constexpr uint16_t kZip64Extra = 1;
constexpr uint16_t kSaturated16 = 0xFFFF;
constexpr uint32_t kSaturated32 = 0xFFFFFFFF;

constexpr int64_t kMaxZipEntries = 100'000;
constexpr int64_t kMaxDirectory = int64_t{32} << 20;
constexpr int64_t kBuffer = int64_t{1} << 20;
constexpr size_t kShownName = 256;          // of up to 65,535 bytes, in a message
constexpr uint16_t kPaddingExtra = 0x4246;  // "FB", as torch pads

template <typename T>
T field(std::string_view bytes, int64_t offset) {
  T value;
  RP_ASSERT(offset >= 0 && static_cast<size_t>(offset) + sizeof value <= bytes.size());
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

template <typename T>
void append(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Of `data`, or of what `before` is the CRC of and `data` after it.
uint32_t crc_of(std::span<const std::byte> data, uint32_t before = 0) {
  return static_cast<uint32_t>(
      ::crc32_z(before, reinterpret_cast<const Bytef*>(data.data()), data.size()));
}

/// The values of the zip64 extra field, which hold what did not fit 32 bits, in the order of the
/// fields that are saturated.
std::vector<uint64_t> zip64_values(std::string_view extra, const std::string& what) {
  std::vector<uint64_t> values;
  while (!extra.empty()) {
    const size_t size = extra.size() < 4 ? extra.size() : field<uint16_t>(extra, 2);
    if (extra.size() < 4 || size > extra.size() - 4)
      fail(Code::kCorrupt, "{}: a malformed extra field", what);
    if (field<uint16_t>(extra, 0) == kZip64Extra) {
      for (size_t at = 0; at + 8 <= size; at += 8)
        values.push_back(field<uint64_t>(extra, static_cast<int64_t>(4 + at)));
    }
    extra.remove_prefix(4 + size);
  }
  return values;
}

int64_t widened(uint32_t value, const std::vector<uint64_t>& wide, size_t& next,
                const std::string& what) {
  if (value != kSaturated32) return value;
  if (next >= wide.size() || wide[next] > uint64_t{INT64_MAX})
    fail(Code::kCorrupt, "{}: a 64-bit size or offset is missing or absurd", what);
  return static_cast<int64_t>(wide[next++]);
}

/// As torch's own reader compares names.
std::string without_case(std::string name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

}  // namespace

ZipReader::ZipReader(const fs::path& path) : path_(path), file_(system::open_for_reading(path)) {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) system::fail_errno(Code::kIo, path_.string());
  file_size_ = status.st_size;
  const Directory directory = find_directory();
  parse_directory(directory);
  check_tiling(directory.begin);
}

void ZipReader::read_at(int64_t offset, void* out, size_t size) const {
  system::read_at(file_, out, size, offset, path_.string());
}

std::string ZipReader::bytes_at(int64_t offset, int64_t size) const {
  RP_ASSERT(size >= 0);
  if (offset < 0 || offset > file_size_ || size > file_size_ - offset) {
    fail(Code::kCorrupt, "{}: {} bytes at {} lie outside the file of {} bytes; copy it again",
         path_.string(), size, offset, file_size_);
  }
  std::string bytes(static_cast<size_t>(size), '\0');
  read_at(offset, bytes.data(), bytes.size());
  return bytes;
}

ZipReader::Directory ZipReader::find_directory() const {
  const auto cut = [&] {
    fail(Code::kCorrupt,
         "{}: no zip directory at its end: the file was cut, or something was appended; copy it "
         "again",
         path_.string());
  };
  if (file_size_ < kEndBytes) cut();
  int64_t end = file_size_ - kEndBytes;
  const std::string tail = bytes_at(end, kEndBytes);
  if (field<uint32_t>(tail, 0) != kEndSignature || field<uint16_t>(tail, 20) != 0) cut();
  Directory directory{field<uint32_t>(tail, 16), field<uint32_t>(tail, 12),
                      field<uint16_t>(tail, 10)};
  const Directory narrow = directory;
  const bool one_disk =
      field<uint32_t>(tail, 4) == 0 && field<uint16_t>(tail, 8) == field<uint16_t>(tail, 10);
  if (end >= kLocator64Bytes + kEnd64Bytes) {
    const std::string locator = bytes_at(end - kLocator64Bytes, kLocator64Bytes);
    if (field<uint32_t>(locator, 0) == kLocator64Signature) {
      end -= kLocator64Bytes + kEnd64Bytes;
      const std::string wide = bytes_at(end, kEnd64Bytes);
      if (field<uint32_t>(wide, 0) != kEnd64Signature ||
          field<uint64_t>(locator, 8) != static_cast<uint64_t>(end))
        cut();
      directory = {field<int64_t>(wide, 48), field<int64_t>(wide, 40), field<int64_t>(wide, 32)};
    }
  }
  const auto agrees = [](int64_t value, int64_t small, int64_t saturated) {
    return small == value || small == saturated;
  };
  if (!one_disk || directory.begin < 0 || directory.size < 0 || directory.count < 0 ||
      directory.begin > end || directory.size != end - directory.begin ||
      !agrees(directory.begin, narrow.begin, kSaturated32) ||
      !agrees(directory.size, narrow.size, kSaturated32) ||
      !agrees(directory.count, narrow.count, kSaturated16)) {
    fail(Code::kCorrupt, "{}: the zip directory is not where the end of the file says",
         path_.string());
  }
  if (directory.count > kMaxZipEntries || directory.size > kMaxDirectory) {
    fail(Code::kUnsupported, "{}: a zip directory of {} entries, {} bytes; at most {}, {} are read",
         path_.string(), directory.count, directory.size, kMaxZipEntries, kMaxDirectory);
  }
  return directory;
}

void ZipReader::parse_directory(const Directory& directory) {
  const std::string bytes = bytes_at(directory.begin, directory.size);
  std::string_view rest = bytes;
  std::set<std::string> seen;
  for (int64_t i = 0; i < directory.count; ++i) {
    const std::string what = fmt::format("{}: zip entry {}", path_.string(), i);
    if (std::ssize(rest) < kCentralBytes || field<uint32_t>(rest, 0) != kCentralSignature)
      fail(Code::kCorrupt, "{}: the zip directory is damaged here", what);
    const int64_t name_bytes = field<uint16_t>(rest, 28), extra_bytes = field<uint16_t>(rest, 30);
    const int64_t total = kCentralBytes + name_bytes + extra_bytes + field<uint16_t>(rest, 32);
    if (std::ssize(rest) < total) fail(Code::kCorrupt, "{}: its name is cut", what);
    const std::string name(rest.substr(kCentralBytes, static_cast<size_t>(name_bytes)));
    const std::string reason = unsafe_name_reason(name);
    if (!reason.empty()) {
      fail(Code::kCorrupt, "{}: the name '{}' {}", what, name.substr(0, kShownName), reason);
    }
    if (!seen.insert(without_case(name)).second) {
      fail(Code::kCorrupt, "{}: '{}' stands in the archive twice (upper case counts as lower case)",
           path_.string(), name.substr(0, kShownName));
    }
    const ZipEntry entry = locate(name, rest.substr(0, static_cast<size_t>(total)));
    const int64_t space = directory.begin - entry.offset;
    if (space < 0 || entry.size > space) {
      fail(Code::kCorrupt, "{}: claims {} bytes at {}, beyond the {} bytes of data in the file",
           of_entry(name), entry.size, entry.offset, directory.begin);
    }
    entries_.emplace(name, entry);
    rest.remove_prefix(static_cast<size_t>(total));
  }
  if (!rest.empty())
    fail(Code::kCorrupt, "{}: {} bytes after the last directory entry", path_.string(),
         rest.size());
}

std::string ZipReader::of_entry(const std::string& name) const {
  return fmt::format("{}: '{}'", path_.string(), name.substr(0, kShownName));
}

ZipEntry ZipReader::locate(const std::string& name, std::string_view central) const {
  const std::string what = of_entry(name);
  const uint16_t flags = field<uint16_t>(central, 8), method = field<uint16_t>(central, 10);
  if (method != 0 || (flags & (kEncrypted | kStrongEncryption)) != 0) {
    fail(Code::kUnsupported,
         "{} is {}: torch.save stores entries as they are; load the file in Python and save it "
         "again with torch.save",
         what, method != 0 ? "compressed" : "encrypted");
  }
  const std::string_view extra = central.substr(static_cast<size_t>(kCentralBytes) + name.size(),
                                                field<uint16_t>(central, 30));
  const std::vector<uint64_t> wide = zip64_values(extra, what);
  size_t next = 0;
  const int64_t size = widened(field<uint32_t>(central, 24), wide, next, what);
  const int64_t stored = widened(field<uint32_t>(central, 20), wide, next, what);
  const int64_t header = widened(field<uint32_t>(central, 42), wide, next, what);
  if (size != stored)
    fail(Code::kCorrupt, "{}: {} bytes stored as {}: sizes disagree", what, size, stored);
  ZipEntry entry{header, 0, size, field<uint32_t>(central, 16)};
  entry.offset = check_local_header(name, flags, entry);
  return entry;
}

int64_t ZipReader::check_local_header(const std::string& name, uint16_t flags,
                                      const ZipEntry& entry) const {
  const std::string what = of_entry(name);
  const std::string local = bytes_at(entry.header, kLocalBytes);
  const int64_t name_bytes = field<uint16_t>(local, 26), extra_bytes = field<uint16_t>(local, 28);
  const int64_t name_begin = entry.header + kLocalBytes, extra_begin = name_begin + name_bytes;
  if (field<uint32_t>(local, 0) != kLocalSignature || field<uint16_t>(local, 6) != flags ||
      field<uint16_t>(local, 8) != 0 || bytes_at(name_begin, name_bytes) != name)
    fail(Code::kCorrupt, "{}: the header before its data is another one's", what);
  const uint32_t crc32 = field<uint32_t>(local, 14);
  const uint32_t stored = field<uint32_t>(local, 18), size = field<uint32_t>(local, 22);
  const bool follow = (flags & kSizesFollow) != 0 && crc32 == 0 && stored == 0 && size == 0;
  if (follow) return extra_begin + extra_bytes;
  const std::vector<uint64_t> wide = zip64_values(bytes_at(extra_begin, extra_bytes), what);
  size_t next = 0;
  for (const uint32_t value : {size, stored}) {
    const int64_t stated = widened(value, wide, next, what);
    if (stated != entry.size) {
      fail(Code::kCorrupt, "{}: {} bytes in one header, {} in the other", what, stated, entry.size);
    }
  }
  if (crc32 != entry.crc32)
    fail(Code::kCorrupt, "{}: its two headers state different CRC-32", what);
  return extra_begin + extra_bytes;
}

void ZipReader::check_tiling(int64_t data_bytes) const {
  std::vector<std::pair<int64_t, int64_t>> ranges;
  for (const auto& [name, entry] : entries_)
    ranges.emplace_back(entry.header, entry.offset + entry.size);
  std::sort(ranges.begin(), ranges.end());
  ranges.emplace_back(data_bytes, data_bytes);
  int64_t cursor = 0;
  for (const auto& [begin, end] : ranges) {
    if (begin < cursor) {
      fail(Code::kCorrupt, "{}: zip entries overlap at byte {}: not written by torch.save",
           path_.string(), begin);
    }
    if (begin - cursor > (cursor == 0 ? 0 : kMaxDescriptor)) {
      fail(Code::kCorrupt, "{}: bytes {} to {} belong to no zip entry: not written by torch.save",
           path_.string(), cursor, begin - 1);
    }
    cursor = end;
  }
}

void ZipReader::check_crc32(const std::string& name, uint32_t found) const {
  if (found != entries_.at(name).crc32) {
    fail(
        Code::kCorrupt,
        "{} does not have the CRC-32 that the archive states: the file was damaged; copy it again, "
        "or save it again with torch.save",
        of_entry(name));
  }
}

void ZipReader::read(const std::string& name, std::span<std::byte> out) const {
  const ZipEntry& entry = entries_.at(name);
  RP_ASSERT(std::ssize(out) == entry.size);
  read_at(entry.offset, out.data(), out.size());
  check_crc32(name, crc_of(out));
}

void ZipReader::read_part(const std::string& name, int64_t begin, std::span<std::byte> out) const {
  const ZipEntry& entry = entries_.at(name);
  RP_ASSERT(begin >= 0 && begin <= entry.size && std::ssize(out) <= entry.size - begin);
  if (std::ssize(out) == entry.size) return read(name, out);
  if (!checked_.contains(name)) {
    std::vector<std::byte> buffer(static_cast<size_t>(std::min(entry.size, kBuffer)));
    uint32_t crc = 0;
    for (int64_t at = 0; at < entry.size; at += kBuffer) {
      const std::span part =
          std::span(buffer).first(static_cast<size_t>(std::min(kBuffer, entry.size - at)));
      read_at(entry.offset + at, part.data(), part.size());
      crc = crc_of(part, crc);
    }
    check_crc32(name, crc);
    checked_.insert(name);
  }
  read_at(entry.offset + begin, out.data(), out.size());
}

std::string ZipReader::read(const std::string& name) const {
  std::string bytes(static_cast<size_t>(entries_.at(name).size), '\0');
  read(name, std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

ZipWriter::ZipWriter(const fs::path& path, int64_t alignment)
    : path_(path.string()), file_(path), alignment_(alignment) {
  RP_ASSERT(alignment > 0);
}

void ZipWriter::write(std::string_view bytes) {
  file_.write(bytes);
  written_ += std::ssize(bytes);
  if (written_ >= int64_t{kSaturated32})
    fail(Code::kUnsupported, "{}: would be larger than 4 GiB, the most that is written", path_);
}

/// An extra field up to the next multiple of the alignment.
std::string ZipWriter::padding_behind(int64_t bytes) const {
  std::string extra;
  if (alignment_ == 1) return extra;
  const int64_t padding = (alignment_ - (bytes + 4) % alignment_) % alignment_;
  append(extra, kPaddingExtra);
  append(extra, static_cast<uint16_t>(padding));
  extra.append(static_cast<size_t>(padding), '\0');
  return extra;
}

void ZipWriter::add(const std::string& name, std::span<const std::byte> data) {
  if (std::ssize(data) >= int64_t{kSaturated32} || ++count_ >= kSaturated16) {
    fail(Code::kUnsupported, "{}: more than 4 GiB or 65,534 tensors cannot be written", path_);
  }
  // The fields that the local header and the directory share; no time, so that bytes repeat.
  constexpr uint16_t kVersion = 20, kStored = 0, kNoTime = 0, kFirstDay = (1 << 5) | 1;
  std::string shared;
  for (const uint16_t value : {kVersion, kUtf8Names, kStored, kNoTime, kFirstDay})
    append(shared, value);
  append(shared, crc_of(data));
  append(shared, static_cast<uint32_t>(data.size()));
  append(shared, static_cast<uint32_t>(data.size()));
  append(shared, static_cast<uint16_t>(name.size()));
  const uint32_t header = static_cast<uint32_t>(written_);

  std::string local;
  append(local, kLocalSignature);
  local += shared;
  const std::string extra = padding_behind(written_ + kLocalBytes + std::ssize(name));
  append(local, static_cast<uint16_t>(extra.size()));
  write(local + name + extra);
  write({reinterpret_cast<const char*>(data.data()), data.size()});

  append(directory_, kCentralSignature);
  append(directory_, kVersion);
  directory_ += shared;
  directory_.append(2 + 2 + 2 + 2 + 4, '\0');  // no extra, comment, disk number or attributes
  append(directory_, header);
  directory_ += name;
}

void ZipWriter::add(const std::string& name, std::string_view data) {
  add(name, std::as_bytes(std::span(data)));
}

void ZipWriter::commit() {
  const uint32_t begin = static_cast<uint32_t>(written_);
  write(directory_);
  std::string end;
  append(end, kEndSignature);
  append(end, uint32_t{0});  // one disk
  append(end, static_cast<uint16_t>(count_));
  append(end, static_cast<uint16_t>(count_));
  append(end, static_cast<uint32_t>(directory_.size()));
  append(end, begin);
  append(end, uint16_t{0});
  write(end);
  file_.commit();
}

}  // namespace reconproof::formats
