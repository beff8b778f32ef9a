// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/ledger.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <string_view>

#include "formats/strict_json.h"
#include "system/error.h"
#include "system/sha256.h"

namespace reconproof::formats {
namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;
using system::Code;
using system::fail;

namespace {

constexpr int64_t kMaxLedgerBytes = int64_t{512} << 20;
constexpr size_t kMaxLine = 1 << 20;
constexpr std::array kUpdateKeys = {"optimizer", "losses",  "files",     "indices",
                                    "clock_s",   "tensors", "not_finite"};
constexpr std::array kFixedKeys = {"seq",   "prev", "kind",      "iteration",     "file",
                                   "slice", "loss", "grad_norm", "weights_sha256"};

std::string no_predecessor() { return std::string(64, '0'); }

template <typename T>
ordered_json or_null(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

std::string line_of(const LedgerEntry& entry) {
  ordered_json line;
  line["seq"] = entry.seq;
  line["prev"] = entry.prev;
  line["kind"] = entry.kind;
  line["iteration"] = entry.iteration;
  line["file"] = or_null(entry.file);
  line["slice"] = or_null(entry.slice);
  line["loss"] = or_null(entry.loss);
  line["grad_norm"] = or_null(entry.grad_norm);
  line["weights_sha256"] = or_null(entry.weights_sha256);
  for (const auto& [key, value] : entry.extra.items()) {
    RP_ASSERT(!line.contains(key));
    line[key] = value;
  }
  // A file name need not be UTF-8; JSON must be.
  return line.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

/// One line as JSON with typed getters whose messages begin with "file:line".
class Line {
 public:
  Line(std::string_view text, std::string where)
      : where_(std::move(where)), json_(parse_strict_json(text, where_)) {
    if (!json_.is_object()) malformed("is not a JSON object");
    for (const char* key : kFixedKeys) {
      if (!json_.contains(key)) malformed(std::string("has no '") + key + "'");
    }
  }

  [[noreturn]] void malformed(const std::string& why) const {
    fail(Code::kCorrupt, "{}: the line {}", where_, why);
  }

  int64_t integer(const char* key) const {
    const json& value = json_.at(key);
    const bool ok = value.is_number_integer() &&
                    !(value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX);
    if (!ok) malformed(std::string("has a '") + key + "' that is not an integer");
    return value.get<int64_t>();
  }

  int64_t count(const char* key) const {
    if (integer(key) < 0) malformed(std::string("has a negative '") + key + "'");
    return integer(key);
  }

  std::string text(const char* key) const {
    if (!json_.at(key).is_string())
      malformed(std::string("has a '") + key + "' that is not a text");
    return json_.at(key).get<std::string>();
  }

  double number(const char* key) const {
    if (!json_.at(key).is_number())
      malformed(std::string("has a '") + key + "' that is not a number");
    return json_.at(key).get<double>();
  }

  bool null(const char* key) const { return json_.at(key).is_null(); }

  /// The keys beyond those that every line has.
  json extra() const {
    json rest = json_;
    for (const char* key : kFixedKeys) rest.erase(key);
    return rest;
  }

 private:
  std::string where_;
  json json_;
};

LedgerEntry parse_entry(const Line& line) {
  LedgerEntry entry;
  entry.seq = line.integer("seq");
  entry.prev = line.text("prev");
  entry.kind = line.text("kind");
  entry.iteration = line.count("iteration");
  if (!line.null("file")) entry.file = line.text("file");
  if (!line.null("slice")) entry.slice = line.count("slice");
  if (!line.null("loss")) entry.loss = line.number("loss");
  if (!line.null("grad_norm")) entry.grad_norm = line.number("grad_norm");
  if (!line.null("weights_sha256")) entry.weights_sha256 = line.text("weights_sha256");
  entry.extra = line.extra();
  return entry;
}

/// What each kind of line must and may hold.
void check_kind(const LedgerEntry& entry, const Line& line) {
  const bool step = entry.kind == kLedgerStep;
  const bool skipped = entry.kind == kLedgerSkipped;
  const bool open = entry.kind == kLedgerStart || entry.kind == kLedgerEnd ||
                    entry.kind == kLedgerResume || entry.kind == kLedgerStop;
  const bool update = entry.kind == kLedgerUpdate;
  if (!step && !skipped && !open && !update && entry.kind != kLedgerWeights) {
    line.malformed("has the unknown kind '" + entry.kind + "'");
  }
  if ((step || skipped) && !(entry.file && entry.slice && entry.loss)) {
    line.malformed("is a " + entry.kind + " without file, slice or loss");
  }
  if (step && !entry.grad_norm) line.malformed("is a step without grad_norm");
  if (!step && !skipped && !entry.weights_sha256)
    line.malformed("is of kind " + entry.kind + " without weights_sha256");
  if (entry.weights_sha256 && !system::is_sha256(*entry.weights_sha256)) {
    line.malformed("has a weights_sha256 that is not 64 hexadecimal digits");
  }
  const char* const more = step ? "batch" : skipped ? "loss_scale" : "";
  for (const auto& [key, value] : entry.extra.items()) {
    const bool known =
        update ? std::ranges::find(kUpdateKeys, key) != kUpdateKeys.end() : open || key == more;
    if (!known) line.malformed("has the unknown key '" + key + "'");
  }
}

/// Whether `entry` may follow `ledger`, whose last line has the hash `ledger.head`.
void check_order(const Ledger& ledger, const LedgerEntry& entry, const std::string& where) {
  const int64_t expected_seq = static_cast<int64_t>(ledger.entries.size());
  if (entry.seq != expected_seq) {
    fail(Code::kIntegrity, "{}: seq is {}, expected {}: a line was dropped, inserted or moved",
         where, entry.seq, expected_seq);
  }
  if (entry.prev != ledger.head) {
    fail(Code::kIntegrity,
         "{}: prev is {}, but the line before hashes to {}: one of the two was altered", where,
         entry.prev, ledger.head);
  }
  if ((entry.kind == kLedgerStart) != ledger.entries.empty()) {
    fail(Code::kIntegrity, "{}: kind is {}; the first line, and only it, is a start", where,
         entry.kind);
  }
  if (ledger.ended) fail(Code::kIntegrity, "{}: a line after the end", where);
  if (!ledger.entries.empty() && entry.iteration < ledger.entries.back().iteration) {
    fail(Code::kIntegrity, "{}: iteration {} after {}", where, entry.iteration,
         ledger.entries.back().iteration);
  }
}

Ledger parse_ledger(std::string_view contents, const fs::path& path) {
  Ledger ledger;
  ledger.head = no_predecessor();
  for (size_t at = 0; at < contents.size();) {
    const std::string where = fmt::format("{}:{}", path.string(), ledger.entries.size() + 1);
    const size_t end = contents.find('\n', at);
    if (end == std::string::npos) fail(Code::kCorrupt, "{}: the last line is cut short", where);
    const std::string_view text = contents.substr(at, end - at);
    if (text.size() > kMaxLine) fail(Code::kCorrupt, "{}: longer than {} bytes", where, kMaxLine);
    const Line line(text, where);
    LedgerEntry entry = parse_entry(line);
    check_kind(entry, line);
    check_order(ledger, entry, where);
    ledger.head = system::sha256_hex(text);
    ledger.ended = entry.kind == kLedgerEnd;
    ledger.entries.push_back(std::move(entry));
    at = end + 1;
  }
  if (ledger.entries.empty())
    fail(Code::kCorrupt, "{}: is empty, expected at least a start line", path.string());
  return ledger;
}

}  // namespace

LedgerWriter::LedgerWriter(fs::path path) : path_(std::move(path)), prev_(no_predecessor()) {
  file_ = system::Descriptor(
      ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666));
  if (file_.valid()) {
    lock();
    return;
  }
  if (errno != EEXIST) system::fail_errno(Code::kIo, "cannot write " + path_.string());
  fail(Code::kInvalidArgument,
       "{}: is already there: this folder holds another training run. Name a new folder, remove "
       "the old run, or go on with it (--resume)",
       path_.string());
}

LedgerWriter::LedgerWriter(fs::path path, const LedgerPosition& position)
    : path_(std::move(path)), seq_(position.lines), bytes_(position.bytes), prev_(position.head) {
  file_ = system::Descriptor(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  if (!file_.valid()) system::fail_errno(Code::kIo, "cannot write " + path_.string());
  lock();
  const std::string contents = system::read_file(path_, kMaxLedgerBytes);
  Ledger ledger;
  ledger.head = no_predecessor();
  if (position.lines > 0 && std::ssize(contents) >= position.bytes)
    ledger = parse_ledger(std::string_view(contents).substr(0, position.bytes), path_);
  if (ledger.head != position.head || std::ssize(ledger.entries) != position.lines) {
    fail(Code::kIntegrity,
         "{}: does not lead to the saved training state ({} lines, the last with SHA-256 {}): it "
         "was altered, or belongs to another run",
         path_.string(), position.lines, position.head);
  }
  if (::ftruncate(file_.get(), position.bytes) != 0)
    system::fail_errno(Code::kIo, "cannot write " + path_.string());
}

void LedgerWriter::lock() const {
  if (system::try_lock(file_)) return;
  fail(Code::kInvalidArgument, "{}: another training is still writing it; wait for it, or stop it",
       path_.string());
}

void LedgerWriter::append(LedgerEntry entry) {
  entry.seq = seq_;
  entry.prev = prev_;
  std::string line = line_of(entry);
  if (line.size() > kMaxLine) {  // no reader would take it, this one included
    fail(
        Code::kInvalidArgument,
        "{}: the line of iteration {} would have {} bytes, more than {}; a smaller batch has fewer "
        "slices to name",
        path_.string(), entry.iteration, line.size(), kMaxLine);
  }
  std::string head = system::sha256_hex(line);
  line += '\n';
  system::write_all(file_.get(), line.data(), line.size(), path_.string());
  ++seq_;
  bytes_ += static_cast<int64_t>(line.size());
  prev_ = std::move(head);
}

void LedgerWriter::sync() {
  if (::fsync(file_.get()) != 0) system::fail_errno(Code::kIo, "cannot write " + path_.string());
}

bool is_only_begun(const fs::path& path) {
  const std::string contents = system::read_file(path, kMaxLedgerBytes);
  const size_t first_end = contents.find('\n');
  return first_end == std::string::npos || first_end + 1 == contents.size();
}

Ledger read_ledger(const fs::path& path) {
  return parse_ledger(system::read_file(path, kMaxLedgerBytes), path);
}

}  // namespace reconproof::formats
