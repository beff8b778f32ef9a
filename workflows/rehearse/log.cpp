// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/rehearse/log.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "challenge/training_log.h"
#include "formats/npy.h"
#include "formats/torch_checkpoint.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

constexpr const char* kValLossLog = "val_loss_log.npy";
constexpr int64_t kMostLog = int64_t{256} << 20;

struct StoredEpoch {
  std::optional<int64_t> epoch;
  std::string unknown_reason;
};

StoredEpoch stored_epoch(const fs::path& weights) {
  try {
    const auto file = formats::open_tensor_file(weights);
    const auto epoch = formats::metadata_number<int64_t>(file->metadata(), "epoch");
    return {epoch, epoch ? "" : "the weights store no epoch"};
  } catch (const system::Error& error) {
    return {std::nullopt, system::printable(error.what())};
  }
}

/// Beside the weights, and one folder above, as the official trainer leaves them; and those that
/// are declared.
std::vector<fs::path> logs_of(const submission::Project& team) {
  std::vector<fs::path> logs;
  std::error_code ignored;
  const fs::path weights = team.host(team.reconstruct_step->weights);
  for (const fs::path& folder : {weights.parent_path(), weights.parent_path().parent_path()}) {
    if (fs::is_regular_file(folder / kValLossLog, ignored)) logs.push_back(folder / kValLossLog);
  }
  for (const std::string& declared : team.hand_in.logs) {
    const fs::path log = team.host(declared);
    const bool known = std::ranges::find(logs, log) != logs.end();
    if (fs::is_regular_file(log, ignored) && !known) logs.push_back(log);
  }
  return logs;
}

std::vector<LoggedEpoch> read_log(const fs::path& file) {
  const std::string suffix = file.extension().string();
  if (file.filename() == kValLossLog) return read_val_loss_log(file);
  if (suffix == ".log" || suffix == ".txt" || suffix == ".out") return read_text_log(file);
  return {};
}

}  // namespace

std::optional<RehearsalFault> hold_log_against(int64_t stored, const std::vector<LoggedEpoch>& log,
                                               const std::string& name) {
  if (log.empty()) return std::nullopt;
  const LoggedEpoch& best = *std::ranges::min_element(log, {}, &LoggedEpoch::val_loss);
  // Weights of the last epoch are no less those of the log.
  for (const LoggedEpoch& epoch : {best, log.back()}) {
    if (stored == epoch.epoch + 1) return std::nullopt;
  }
  RehearsalFault fault{"epoch-off-by-one", Gravity::kBroken, name, "", "", {}};
  fault.message = fmt::format(
      "its least validation loss stands at epoch {} (entry {} of {}), and the weights say that "
      "they "
      "are of epoch {}",
      best.epoch, best.ordinal, log.size(), stored);
  fault.remedy =
      "hand in log and weights of one training; the official trainer counts from 0 in its logs and "
      "stores that epoch + 1";
  if (stored == best.epoch || stored == best.ordinal) {
    fault.gravity = Gravity::kWarning;
    fault.message += ": one of them counts epochs otherwise than the official trainer";
    fault.remedy = "say in the README how epochs are counted: " +
                   fault.remedy.substr(fault.remedy.find(';') + 2);
  } else if (std::abs(stored - best.ordinal) > 1) {
    fault.kind = "log-of-another-training";
  }
  return fault;
}

std::vector<LoggedEpoch> read_val_loss_log(const fs::path& file) {
  const formats::NpyArray array = formats::read_npy(file);
  const bool fits =
      array.type == formats::NpyType::kFloat64 && array.shape.size() == 2 && array.shape[1] == 2;
  if (!fits)
    fail(Code::kCorrupt,
         "{}: expected float64 of shape (epochs, 2), as the official trainer writes it",
         file.string());
  std::vector<LoggedEpoch> log;
  const auto values = array.doubles();
  for (size_t i = 0; 2 * i + 1 < values.size(); ++i) {
    const double epoch = values[2 * i], loss = values[2 * i + 1];
    if (std::isfinite(loss) && std::abs(epoch) < 1e9)
      log.push_back({static_cast<int64_t>(epoch), static_cast<int64_t>(i) + 1, loss});
  }
  return log;
}

std::vector<LoggedEpoch> read_text_log(const fs::path& file) {
  std::vector<LoggedEpoch> log;
  int64_t first = 0;
  challenge::TrainingLogReader reader([&](const challenge::TrainingLogLine& line) {
    if (line.kind != challenge::TrainingLogLine::Kind::kEpochEnd || !line.val_loss) return;
    // A training that was resumed begins its log later.
    if (log.empty() && line.epoch > 1) first = line.epoch;
    log.push_back({line.epoch, first + static_cast<int64_t>(log.size()) + 1, *line.val_loss});
  });
  reader.add(system::read_file(file, kMostLog));
  reader.finish();
  return log;
}

RehearsalStep look_at_logs(const submission::Project& team) {
  RehearsalStep step;
  step.name = "log";
  if (!team.reconstruct_step || team.reconstruct_step->weights.empty()) {
    step.message = "no weights are declared";
    return step;
  }
  const StoredEpoch stored = stored_epoch(team.host(team.reconstruct_step->weights));
  std::vector<std::string> names;
  for (const fs::path& log : logs_of(team)) {
    const std::string name = log.lexically_relative(team.root).string();
    try {
      const std::vector<LoggedEpoch> epochs = read_log(log);
      if (epochs.empty() || !stored.epoch) continue;
      names.push_back(system::printable(name));
      if (auto fault = hold_log_against(*stored.epoch, epochs, system::printable(name)))
        step.faults.push_back(std::move(*fault));
    } catch (const system::Error& error) {
      step.faults.push_back({"unreadable-log",
                             Gravity::kWarning,
                             system::printable(name),
                             system::printable(error.what()),
                             "hand in the log as it was written",
                             {}});
    }
  }
  if (!stored.epoch)
    step.message = "not compared with a log: " + stored.unknown_reason;
  else if (names.empty())
    step.message = "there is no log of losses beside the weights";
  else
    step.message = fmt::format("held epoch {} of the weights against {}", *stored.epoch,
                               fmt::join(names, ", "));
  return step;
}

}  // namespace reconproof::workflows
