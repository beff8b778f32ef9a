// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/determinism/official_log.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {
namespace {

constexpr int64_t kMaxBytes = int64_t{256} << 20;
constexpr size_t kMaxLine = 1000;          // the official ones have about 80 characters
constexpr int64_t kMaxCount = 1000000000;  // of epochs and of iterations in one

/// Reads a line from left to right; each step says whether it was there.
class Scanner {
 public:
  explicit Scanner(std::string_view line) : rest_(line) {}

  /// Goes to just after the first `word` of the rest.
  bool find(std::string_view word) {
    const size_t at = rest_.find(word);
    if (at == std::string_view::npos) return false;
    rest_.remove_prefix(at + word.size());
    return true;
  }
  bool word(std::string_view word) {
    skip_blanks();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool count(int64_t& value) {
    skip_blanks();
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || value < 0 || value > kMaxCount) return false;
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return true;
  }
  /// A finite number; `digits` is raised to its count of significant digits.
  bool number(std::optional<double>& value, int& digits) {
    skip_blanks();
    double found = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), found);
    if (error != std::errc() || !std::isfinite(found)) return false;
    const size_t length = static_cast<size_t>(end - rest_.data());
    digits = std::max(digits, significant(rest_.substr(0, length)));
    rest_.remove_prefix(length);
    value = found;
    return true;
  }

 private:
  static int significant(std::string_view number) {
    number = number.substr(0, number.find_first_of("eE"));
    int digits = 0;
    for (const char c : number) {
      if (c == '0' ? digits > 0 : c > '0' && c <= '9') ++digits;
    }
    return digits;
  }
  void skip_blanks() {
    const size_t at = rest_.find_first_not_of(" \t");
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at);
  }

  std::string_view rest_;
};

void add_step(StepSeries& series, int64_t iteration, double loss) {
  while (!series.steps.empty() && series.steps.back().iteration >= iteration)
    series.steps.pop_back();
  StepRecord step;
  step.iteration = iteration;
  step.loss = loss;
  series.steps.push_back(std::move(step));
}

void add_epoch(StepSeries& series, EpochRecord record) {
  while (!series.epochs.empty() && series.epochs.back().epoch >= record.epoch)
    series.epochs.pop_back();
  series.epochs.push_back(record);
}

void parse_line(std::string_view line, StepSeries& series, int& digits) {
  Scanner scanner(line);
  EpochRecord epoch;
  int64_t epochs = 0, iteration = 0, iterations = 0;
  if (!scanner.find("Epoch = [") || !scanner.count(epoch.epoch) || !scanner.word("/") ||
      !scanner.count(epochs) || !scanner.word("]"))
    return;
  std::optional<double> loss;
  if (scanner.word("Iter = [")) {
    if (scanner.count(iteration) && scanner.word("/") && scanner.count(iterations) &&
        scanner.word("]") && scanner.word("Loss =") && scanner.number(loss, digits))
      add_step(series, epoch.epoch * iterations + iteration, *loss);
  } else if (scanner.word("TrainLoss =") && scanner.number(epoch.train_loss, digits)) {
    if (scanner.word("ValLoss =")) scanner.number(epoch.val_loss, digits);
    add_epoch(series, epoch);
  }
}

}  // namespace

StepSeries parse_official_log(std::string_view text, const std::string& name) {
  StepSeries series;
  int digits = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of("\r\n"), text.size());
    if (end <= kMaxLine) parse_line(text.substr(0, end), series, digits);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (series.steps.empty()) {
    system::fail(system::Code::kCorrupt,
                 "{}: no line tells of a step, expected lines such as `Epoch = [  0/  5] Iter = [  "
                 " 0/ 100] Loss = 0.4123`: is it the log of the training?",
                 name);
  }
  series.digits = digits;
  return series;
}

StepSeries read_official_log(const std::filesystem::path& path) {
  return parse_official_log(system::read_file(path, kMaxBytes), path.string());
}

}  // namespace reconproof::checks
