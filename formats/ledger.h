// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The training ledger: one JSON object a line, each line bound to the one before by its SHA-256, so
// that no line can be changed, dropped or inserted unnoticed. On disk: docs/formats/ledger.md.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "system/files.h"

namespace reconproof::formats {

/// Of `start` and `resume`: what has to be equal for equal bits.
inline constexpr std::array<const char*, 4> kLedgerSurroundings = {"torch", "device", "threads",
                                                                   "backend"};

inline constexpr const char* kLedgerStart = "start";
inline constexpr const char* kLedgerStep = "step";
inline constexpr const char* kLedgerWeights = "weights";
inline constexpr const char* kLedgerEnd = "end";
inline constexpr const char* kLedgerResume = "resume";    // goes on from a saved state
inline constexpr const char* kLedgerSkipped = "skipped";  // float16 gradients overflowed: no update
inline constexpr const char* kLedgerUpdate = "update";  // a step as seen from outside the training
inline constexpr const char* kLedgerStop = "stop";      // a loss or gradient was not finite

struct LedgerEntry {
  int64_t seq = 0;   // set by the writer
  std::string prev;  // set by the writer
  std::string kind;
  int64_t iteration = 0;  // step, update: 0-based; other kinds: steps completed so far
  std::optional<std::string> file;
  std::optional<int64_t> slice;
  std::optional<double> loss, grad_norm;
  std::optional<std::string> weights_sha256;
  nlohmann::json extra = nlohmann::json::object();  // further keys: seed, config, batch, ...
};

/// How far a ledger had come when a training state was saved.
struct LedgerPosition {
  int64_t bytes = 0, lines = 0;
  std::string head = std::string(64, '0');  // SHA-256 of the last line
};

/// Appends lines to a file. Each line reaches the kernel before `append` returns, so a killed
/// run keeps what it has done.
class LedgerWriter {
 public:
  /// kInvalidArgument when the file is already there: a ledger is never overwritten. Both
  /// constructors: kInvalidArgument while another process writes the same ledger.
  explicit LedgerWriter(std::filesystem::path path);
  /// Goes on after `position`: what a killed run wrote after it, a torn line included, is cut off,
  /// since the steps it tells of are taken again. kIntegrity when the ledger does not lead to that
  /// position.
  LedgerWriter(std::filesystem::path path, const LedgerPosition& position);
  LedgerPosition position() const { return {bytes_, seq_, prev_}; }
  /// kInvalidArgument for a line longer than readers take (1 MiB); nothing is written then.
  void append(LedgerEntry entry);
  /// Forces all lines to the disk.
  void sync();

 private:
  void lock() const;

  std::filesystem::path path_;
  system::Descriptor file_;
  int64_t seq_ = 0, bytes_ = 0;
  std::string prev_;
};

struct Ledger {
  std::vector<LedgerEntry> entries;
  std::string head;    // SHA-256 of the last line: the whole ledger in one number
  bool ended = false;  // the last line is an `end`
};

/// Whether a ledger holds no more than its start line, whole or torn, or nothing at all: the run
/// was killed before its first step.
bool is_only_begun(const std::filesystem::path& path);

/// Reads and verifies a ledger. The message names the first bad line: kCorrupt when it is
/// malformed, kIntegrity when it does not follow from the line before.
Ledger read_ledger(const std::filesystem::path& path);

}  // namespace reconproof::formats
