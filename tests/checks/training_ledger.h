// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A small training as the baseline leaves it: ledger.jsonl, data.sha256, val_loss_log.npy and the
// weights, made without LibTorch; and what a forger can do to its lines.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace reconproof::checks {

class TrainingLedger {
 public:
  /// Two epochs of two steps on four slices, resumed once after the first step of the second; whose
  /// losses and weights `seed` decides.
  explicit TrainingLedger(std::filesystem::path folder, int seed = 430, bool resumed = true);

  std::filesystem::path path() const { return folder_ / "ledger.jsonl"; }
  std::filesystem::path weights() const { return folder_ / "best_model.safetensors"; }
  const std::filesystem::path& folder() const { return folder_; }

  std::vector<std::string> lines;  // of the ledger, without '\n'

  /// Index of the n-th line of a kind.
  size_t line_of(const std::string& kind, size_t n = 0) const;
  /// Replaces a part of a line that must be there.
  void replace(size_t line, const std::string& from, const std::string& to);
  /// Numbers the lines anew and makes their chain hold, as a forger who knows the format would.
  void relink();
  void write() const;

 private:
  std::filesystem::path folder_;
};

/// Writes weights of a size of ours, filled with `value`; their digest.
std::string write_weights(const std::filesystem::path& path, float value,
                          const std::string& initial_sha256);

}  // namespace reconproof::checks
