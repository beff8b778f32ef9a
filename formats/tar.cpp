// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <set>
#include <unordered_set>
#include <vector>

#include "formats/archive_name.h"
#include "formats/libarchive.h"
#include "formats/tar_header.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::formats {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

constexpr int64_t kBlock = kTarBlock;
constexpr int64_t kUstarMaxSize = int64_t{8} << 30;  // 11 octal digits
constexpr int64_t kMaxExtendedHeader = 1 << 16;
int64_t padded(int64_t size) { return (size + kBlock - 1) / kBlock * kBlock; }

}  // namespace

struct TarReader::State {
  fs::path path;
  TarLimits limits;
  system::Descriptor file;
  int64_t file_size = 0;
  std::unique_ptr<archive, ReadCloser> reader;
  std::unordered_set<std::string> names;
  int64_t entries = 0, names_bytes = 0, total_bytes = 0;
  int64_t data_begin = 0, data_size = 0, data_left = 0;  // of the current entry, in the file
  bool pax_size = false;                                 // it has a size of its own in a pax record
  // Of the current entry, byte for byte: libarchive composes characters, so that a file whose name
  // came from a Mac would be another than the one that was packed.
  std::string entry_name;

  [[noreturn]] void damaged(int64_t offset, const std::string& what) const {
    fail(Code::kCorrupt, "{}: byte {}: {}; is the download complete? Fetch the bundle again",
         path.string(), offset, what);
  }

  /// `fault` is what is wrong at `offset`, or "".
  void expect_fine(int64_t offset, const std::string& fault) const {
    if (!fault.empty()) damaged(offset, fault);
  }

  void read_at(int64_t offset, char* buffer, int64_t size) const;
  bool at_end(int64_t offset) const;
  char walk_header(int64_t offset, int64_t& size);
  void check_pax(int64_t offset, int64_t size);
  void check_long_name(int64_t offset, int64_t size);
  void check_padding(int64_t begin, int64_t size) const;
  void check_end(int64_t offset) const;
  void describe(archive_entry* raw, TarEntry& entry, char type);
  void count(const TarEntry& entry);
};

namespace {

/// What an archive that is no plain tar looks like, for the message.
const char* guess_format(std::string_view head) {
  const auto starts = [&](std::string_view magic) { return head.substr(0, magic.size()) == magic; };
  if (starts("\x1f\x8b")) return "it is compressed with gzip: decompress it first (gunzip)";
  if (starts("BZh")) return "it is compressed with bzip2: decompress it first (bunzip2)";
  if (starts("\xFD"
             "7zXZ"))
    return "it is compressed with xz: decompress it first (unxz)";
  if (starts("\x28\xB5\x2F\xFD")) return "it is compressed with zstd: decompress it first (unzstd)";
  if (starts("PK")) return "it is a ZIP file";
  return "its first bytes are no tar header";
}

}  // namespace

void TarReader::State::read_at(int64_t offset, char* buffer, int64_t size) const {
  for (int64_t done = 0; done < size;) {
    const ssize_t got =
        ::pread(file.get(), buffer + done, static_cast<size_t>(size - done), offset + done);
    if (got < 0) system::fail_errno(Code::kIo, path.string());
    if (got == 0) damaged(offset + done, "the archive is cut off here");
    done += got;
  }
}

/// Records "LENGTH KEY=VALUE\n". A second path, or a size that contradicts the plain header, would
/// let two readers see two archives.
void TarReader::State::check_pax(int64_t offset, int64_t size) {
  static const std::set<std::string, std::less<>> kAllowed = {
      "path", "size", "mtime", "atime", "ctime", "uid", "gid", "uname", "gname"};
  std::string text(static_cast<size_t>(size), '\0');
  read_at(offset, text.data(), size);
  std::set<std::string, std::less<>> seen;
  for (size_t at = 0; at < text.size();) {
    size_t length = 0;
    const auto [stopped, error] =
        std::from_chars(text.data() + at, text.data() + text.size(), length);
    const size_t key = static_cast<size_t>(stopped - text.data()) + 1;
    if (error != std::errc() || length > text.size() - at || key >= at + length ||
        text[key - 1] != ' ' || text[at + length - 1] != '\n') {
      damaged(offset + static_cast<int64_t>(at), "malformed pax record");
    }
    const std::string_view record(text.data() + key, at + length - 1 - key);
    const size_t equals = record.find('=');
    if (equals == std::string_view::npos)
      damaged(offset + static_cast<int64_t>(at), "malformed pax record");
    const std::string_view name = record.substr(0, equals), value = record.substr(equals + 1);
    if (!kAllowed.contains(name) || !seen.emplace(name).second || value.empty() ||
        value.find('\0') != std::string_view::npos) {
      damaged(offset + static_cast<int64_t>(at),
              fmt::format("pax record '{}', which bundles do not have, or not twice",
                          system::printable(name.substr(0, 60))));
    }
    int64_t number = 0;
    if (name == "size" &&
        (std::from_chars(value.data(), value.data() + value.size(), number).ec != std::errc() ||
         number < kUstarMaxSize)) {
      damaged(offset + static_cast<int64_t>(at), "a pax size for a file that needs none");
    }
    pax_size = pax_size || name == "size";
    if (name == "path") entry_name = value;
    at += length;
  }
}

/// GNU tar's long name: the bytes of the name and one NUL, nothing after it.
void TarReader::State::check_long_name(int64_t offset, int64_t size) {
  std::string text(static_cast<size_t>(kBlock + size), '\0');
  read_at(offset, text.data(), kBlock + size);
  if (std::string_view(text.c_str()) != "././@LongLink" ||
      text.find('\0', kBlock) != text.size() - 1) {
    damaged(offset, "malformed long name");
  }
  entry_name = text.substr(kBlock, static_cast<size_t>(size) - 1);
}

bool TarReader::State::at_end(int64_t offset) const {
  std::array<char, kBlock> block;
  read_at(offset, block.data(), kBlock);
  return std::all_of(block.begin(), block.end(), [](char byte) { return byte == 0; });
}

/// From the first header of an entry over its long-name or pax header to the main one: its type,
/// and its size there (-1: not octal). Sets `data_begin` and `entry_name`.
char TarReader::State::walk_header(int64_t offset, int64_t& size) {
  std::array<char, kBlock> header;
  pax_size = false;
  entry_name.clear();
  for (bool extended = false;; extended = true) {
    read_at(offset, header.data(), kBlock);
    expect_fine(offset, tar_header_fault(header.data()));
    const char type = tar_type(header.data());
    const bool main = type != 'x' && type != 'L';
    if (main && !is_single_tar_type(type)) {
      damaged(offset, fmt::format("{}; a bundle holds only regular files and folders",
                                  tar_type_name(type)));
    }
    expect_fine(offset, tar_field_fault(header.data()));
    size = tar_plain_size(header.data());
    if (main) {
      data_begin = offset + kBlock;
      if (entry_name.empty()) entry_name = tar_plain_name(header.data());
      return type;
    }
    if (extended) damaged(offset, "two extended headers for one entry");
    if (size < 0 || size > kMaxExtendedHeader)
      damaged(offset, "an absurd size of an extended header");
    if (type == 'x')
      check_pax(offset + kBlock, size);
    else
      check_long_name(offset, size);
    check_padding(offset + kBlock, size);
    offset += kBlock + padded(size);
  }
}

/// Nothing may hide between the end of `size` bytes and the next block.
void TarReader::State::check_padding(int64_t begin, int64_t size) const {
  std::array<char, kBlock> padding{};
  const int64_t end = begin + size;
  read_at(end, padding.data(), padded(size) - size);
  if (std::any_of(padding.begin(), padding.end(), [](char byte) { return byte != 0; })) {
    damaged(end, "bytes other than zero after the end of a file");
  }
}

void TarReader::State::check_end(int64_t offset) const {
  if (file_size - offset < 2 * kBlock) {
    damaged(file_size, "the archive is cut off: its end marker of 1024 zeros is missing");
  }
  std::vector<char> buffer(1 << 16);
  while (offset < file_size) {
    const int64_t size = std::min<int64_t>(file_size - offset, static_cast<int64_t>(buffer.size()));
    read_at(offset, buffer.data(), size);
    for (int64_t i = 0; i < size; ++i) {
      if (buffer[static_cast<size_t>(i)] != 0)
        damaged(offset + i, "something follows the end of the archive");
    }
    offset += size;
  }
}

TarReader::TarReader(const fs::path& path, const TarLimits& limits)
    : state_(std::make_unique<State>()) {
  state_->path = path;
  state_->limits = limits;
  state_->file = system::open_for_reading(path);
  struct stat status {};
  if (::fstat(state_->file.get(), &status) != 0) system::fail_errno(Code::kIo, path.string());
  state_->file_size = status.st_size;
  if (state_->file_size == 0)
    fail(Code::kCorrupt, "{}: is empty, expected a tar archive", path.string());
  std::array<char, kBlock> head{};
  state_->read_at(0, head.data(), std::min<int64_t>(kBlock, state_->file_size));
  // No filter and no other format is registered below; this only finds better words than
  // libarchive's.
  if (std::memcmp(head.data() + 257, "ustar", 5) != 0) {
    fail(Code::kCorrupt, "{}: not an uncompressed tar archive: {}", path.string(),
         guess_format({head.data(), head.size()}));
  }
  state_->expect_fine(0, tar_header_fault(head.data()));
  state_->reader.reset(::archive_read_new());
  archive* reader = state_->reader.get();
  if (!reader) fail(Code::kInternal, "libarchive cannot read");
  if (::archive_read_support_filter_none(reader) != ARCHIVE_OK ||
      ::archive_read_support_format_tar(reader) != ARCHIVE_OK ||
      ::archive_read_set_options(reader, "tar:!mac-ext,tar:!read_concatenated_archives") !=
          ARCHIVE_OK ||
      ::archive_read_open_fd(reader, state_->file.get(), 1 << 16) != ARCHIVE_OK) {
    fail(Code::kCorrupt, "{}: not a tar archive: {}", path.string(), archive_message(reader));
  }
}

TarReader::~TarReader() = default;

void TarReader::State::describe(archive_entry* raw, TarEntry& entry, char type) {
  entry = {};
  entry.name = entry_name;
  entry.folder = type == '5';
  entry.executable = (::archive_entry_perm(raw) & 0100) != 0;
  entry.size = ::archive_entry_size(raw);
  if (entry.folder && entry.name.size() > 1 && entry.name.back() == '/') entry.name.pop_back();
  if (static_cast<int64_t>(entry.name.size()) > limits.max_name_bytes) {
    damaged(data_begin - kBlock, fmt::format("a name of {} bytes", entry.name.size()));
  }
  const bool same_type = ::archive_entry_filetype(raw) == (entry.folder ? AE_IFDIR : AE_IFREG);
  if (!is_regular_tar_type(type) && !entry.folder) {
    entry.problem = TarProblem::kType;
    entry.message =
        fmt::format("is {}; a bundle holds only regular files and folders", tar_type_name(type));
  } else if (!same_type || ::archive_entry_hardlink(raw) || ::archive_entry_symlink(raw) ||
             ::archive_entry_sparse_count(raw) > 0 || (entry.folder && entry.size != 0)) {
    entry.problem = TarProblem::kType;
    entry.message = "has contradictory headers: neither clearly a regular file nor a folder";
  } else if (const std::string reason = unsafe_name_reason(entry.name); !reason.empty()) {
    entry.problem = TarProblem::kName;
    entry.message = fmt::format("the name {}", reason);
  } else if (!names.insert(entry.name).second) {
    entry.problem = TarProblem::kDuplicate;
    entry.message = "stands in the archive more than once";
  }
}

void TarReader::State::count(const TarEntry& entry) {
  ++entries;
  names_bytes += static_cast<int64_t>(entry.name.size());
  total_bytes += data_size;
  if (entries > limits.max_entries || total_bytes > limits.max_total_bytes ||
      names_bytes > limits.max_names_bytes) {
    fail(Code::kCorrupt,
         "{}: larger than a bundle may be: more than {} entries, {} bytes, or {} bytes of names",
         path.string(), limits.max_entries, limits.max_total_bytes, limits.max_names_bytes);
  }
}

bool TarReader::next(TarEntry& entry) {
  State& state = *state_;
  if (state.entries > 0) state.check_padding(state.data_begin, state.data_size);
  const int64_t offset = state.data_begin + padded(state.data_size);
  if (state.at_end(offset)) {
    state.check_end(offset);
    return false;
  }
  int64_t plain_size = 0;
  const char type = state.walk_header(offset, plain_size);

  const Utf8Locale utf8;
  archive_entry* raw = nullptr;
  const int result = ::archive_read_next_header(state.reader.get(), &raw);
  if (result == ARCHIVE_EOF) state.damaged(offset, "the archive ends here for some readers");
  if (result != ARCHIVE_OK) state.damaged(offset, archive_message(state.reader.get()));
  state.describe(raw, entry, type);
  const int64_t size = is_regular_tar_type(type) ? entry.size : 0;
  const bool same_size =
      plain_size >= 0 && !state.pax_size ? plain_size == size : size >= kUstarMaxSize;
  if (!same_size || ::archive_read_header_position(state.reader.get()) != offset) {
    state.damaged(offset, "an entry whose size or place is read differently by different programs");
  }
  if (size > state.file_size - state.data_begin) {
    state.damaged(offset,
                  fmt::format("an entry of {} bytes goes beyond the end of the archive", size));
  }
  state.data_size = size;
  entry.offset = state.data_begin;
  state.data_left = entry.problem == TarProblem::kType ? 0 : size;
  state.count(entry);
  return true;
}

system::Descriptor TarReader::duplicate() const {
  system::Descriptor copy(::fcntl(state_->file.get(), F_DUPFD_CLOEXEC, 0));
  if (!copy.valid()) system::fail_errno(Code::kIo, state_->path.string());
  return copy;
}

size_t TarReader::read(void* buffer, size_t size) {
  State& state = *state_;
  const int64_t wanted = std::min<int64_t>(static_cast<int64_t>(size), state.data_left);
  if (wanted == 0) return 0;
  const la_ssize_t got =
      ::archive_read_data(state.reader.get(), buffer, static_cast<size_t>(wanted));
  if (got <= 0)
    state.damaged(state.data_begin + state.data_size - state.data_left, "the archive is cut off");
  state.data_left -= got;
  return static_cast<size_t>(got);
}

}  // namespace reconproof::formats
