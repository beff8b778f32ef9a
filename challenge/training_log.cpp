// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/training_log.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace reconproof::challenge {
namespace {

constexpr size_t kMaxLogLine = 1000;       // the official ones have about 100 characters
constexpr int64_t kMaxCount = 1000000000;  // of epochs and of iterations in one

/// Reads a line from left to right; each step says whether it was there.
class LineScanner {
 public:
  explicit LineScanner(std::string_view line) : rest_(line) {}

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
  /// A loss; NaN and infinities leave it absent, and are noted.
  bool loss(std::optional<double>& value, TrainingLogLine& line) {
    skip_blanks();
    double found = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), found);
    if (error != std::errc()) return false;
    const size_t length = static_cast<size_t>(end - rest_.data());
    if (std::isfinite(found)) {
      line.digits = std::max(line.digits, significant(rest_.substr(0, length)));
      value = found;
    } else {
      line.not_finite = true;
    }
    rest_.remove_prefix(length);
    return true;
  }
  /// `name = 0.5210s`; absent where it is not there.
  std::optional<double> seconds(std::string_view name) {
    if (!word(name)) return std::nullopt;
    skip_blanks();
    double found = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), found);
    if (error != std::errc() || !std::isfinite(found) || found < 0) return std::nullopt;
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    if (!word("s")) return std::nullopt;
    return found;
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

}  // namespace

std::optional<TrainingLogLine> parse_training_log_line(std::string_view text) {
  LineScanner scanner(text);
  TrainingLogLine line;
  if (!scanner.find("Epoch = [") || !scanner.count(line.epoch) || !scanner.word("/") ||
      !scanner.count(line.epochs) || !scanner.word("]"))
    return std::nullopt;
  if (scanner.word("Iter = [")) {
    if (!scanner.count(line.iteration) || !scanner.word("/") || !scanner.count(line.iterations) ||
        !scanner.word("]") || !scanner.word("Loss =") || !scanner.loss(line.loss, line))
      return std::nullopt;
    line.time_s = scanner.seconds("Time =");
    return line;
  }
  line.kind = TrainingLogLine::Kind::kEpochEnd;
  if (!scanner.word("TrainLoss =") || !scanner.loss(line.train_loss, line)) return std::nullopt;
  if (scanner.word("ValLoss =")) scanner.loss(line.val_loss, line);
  line.train_time_s = scanner.seconds("TrainTime =");
  line.val_time_s = scanner.seconds("ValTime =");
  return line;
}

void TrainingLogReader::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t end = bytes.find_first_of("\r\n");
    if (end == std::string_view::npos) {
      // One byte more than a line may have is enough to know that it is too long.
      begun_.append(bytes.substr(0, kMaxLogLine + 1 - std::min(kMaxLogLine + 1, begun_.size())));
      return;
    }
    if (begun_.empty()) {
      take(bytes.substr(0, end));
    } else {
      begun_.append(bytes.substr(0, std::min(end, kMaxLogLine + 1)));
      finish();
    }
    bytes.remove_prefix(end + 1);
  }
}

void TrainingLogReader::finish() {
  take(begun_);
  begun_.clear();
}

void TrainingLogReader::take(std::string_view line) {
  if (line.size() > kMaxLogLine) return;
  if (const auto found = parse_training_log_line(line)) found_(*found);
}

}  // namespace reconproof::challenge
