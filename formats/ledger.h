// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The training ledger: one JSON object a line, each line bound to the one before by its SHA-256, so
// that no line can be changed, dropped or inserted unnoticed. On disk: docs/formats/ledger.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "system/files.h"

namespace reconproof::formats {

inline constexpr const char* kLedgerStart = "start";
inline constexpr const char* kLedgerStep = "step";
inline constexpr const char* kLedgerWeights = "weights";
inline constexpr const char* kLedgerEnd = "end";

struct LedgerEntry {
  int64_t seq = 0;   // set by the writer
  std::string prev;  // set by the writer
  std::string kind;
  int64_t iteration = 0;  // step: 0-based; other kinds: steps completed so far
  std::optional<std::string> file;
  std::optional<int64_t> slice;
  std::optional<double> loss, grad_norm;
  std::optional<std::string> weights_sha256;
  nlohmann::json extra = nlohmann::json::object();  // of start and end: seed, config, ...
};

/// Appends lines to a new file. Each line reaches the kernel before `append` returns, so a killed
/// run keeps what it has done.
class LedgerWriter {
 public:
  /// kInvalidArgument when the file is already there: a ledger is never overwritten.
  explicit LedgerWriter(std::filesystem::path path);
  void append(LedgerEntry entry);
  /// Forces all lines to the disk.
  void sync();

 private:
  std::filesystem::path path_;
  system::Descriptor file_;
  int64_t seq_ = 0;
  std::string prev_;
};

struct Ledger {
  std::vector<LedgerEntry> entries;
  std::string head;    // SHA-256 of the last line: the whole ledger in one number
  bool ended = false;  // the last line is an `end`
};

/// Reads and verifies a ledger. The message names the first bad line: kCorrupt when it is
/// malformed, kIntegrity when it does not follow from the line before.
Ledger read_ledger(const std::filesystem::path& path);

}  // namespace reconproof::formats
