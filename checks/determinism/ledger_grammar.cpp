// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/determinism/ledger_grammar.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "system/terminal.h"

namespace reconproof::checks {

using formats::LedgerEntry;
using nlohmann::json;

namespace {

constexpr size_t kMostProblems = 20;

/// A whole number above 0 of an object that may be anything; nullopt for all else.
std::optional<int64_t> positive(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || found == object.end() || !found->is_number_integer())
    return std::nullopt;
  const int64_t value = found->get<int64_t>();
  return value > 0 ? std::optional(value) : std::nullopt;
}

/// (file, slice) of a step as text, one for each slice of its batch.
std::vector<std::string> slices_of(const LedgerEntry& entry) {
  const auto batch = entry.extra.find("batch");
  if (batch == entry.extra.end() || !batch->is_array())
    return {json({entry.file.value_or(""), entry.slice.value_or(0)}).dump()};
  std::vector<std::string> slices;
  for (const json& item : *batch)
    slices.push_back(item.dump(-1, ' ', false, json::error_handler_t::replace));
  return slices;
}

class Grammar {
 public:
  explicit Grammar(std::string name) : name_(std::move(name)) {}

  void add(const LedgerEntry& entry) {
    entry_ = &entry;
    if (stopped_) problem("follows a stop, and a training goes on from before one");
    if (entry.kind == formats::kLedgerStart) start();
    require_place();
    if (entry.kind == formats::kLedgerStep || entry.kind == formats::kLedgerSkipped) step();
    if (entry.kind == formats::kLedgerResume) resume();
    if (entry.weights_sha256) weights();
    if (entry.kind == formats::kLedgerWeights) close_epoch();
    if (entry.kind == formats::kLedgerEnd) end();
    stopped_ = entry.kind == formats::kLedgerStop;
    last_kind_ = entry.kind;
  }

  const std::vector<std::string>& problems() const { return problems_; }
  int64_t epochs() const { return epochs_; }

 private:
  void problem(const std::string& what) {
    if (problems_.size() < kMostProblems)
      problems_.push_back(fmt::format("{}:{}: the {} line {}", name_, entry_->seq + 1,
                                      system::printable(entry_->kind), system::printable(what)));
  }

  void start() {
    const json& extra = entry_->extra;
    initial_ = *entry_->weights_sha256;
    config_ = extra.value("config", json());
    const json stated = extra.value("initial_weights_sha256", json());
    if (!stated.is_null() && stated != *entry_->weights_sha256)
      problem(fmt::format("states initial_weights_sha256 {}, but its weights_sha256 is {}",
                          stated.dump(), *entry_->weights_sha256));
    const auto slices = positive(config_, "train_slices"), batch = positive(config_, "batch_size");
    if (slices && batch) epoch_slices_ = *slices, epoch_lines_ = (*slices - 1) / *batch + 1;
  }

  /// All kinds of lines count the steps that were made before them.
  void require_place() {
    if (entry_->iteration == steps_) return;
    problem(fmt::format("has iteration {}, expected {}: steps are missing, or were renumbered",
                        entry_->iteration, steps_));
    steps_ = entry_->iteration;  // said once
  }

  void step() {
    if (entry_->kind == formats::kLedgerStep) ++steps_;
    if (epoch_lines_ == 0) return;
    if (position_ == epoch_lines_)
      problem(
          fmt::format("begins epoch {} before a weights line closed the one before", epochs_ + 1));
    ++position_;
    for (std::string& slice : slices_of(*entry_)) now_.push_back(std::move(slice));
  }

  void weights() {
    const std::string& digest = *entry_->weights_sha256;
    if (!digest_.empty() && digest != digest_ && steps_ == digest_at_)
      problem("has other weights than the line before it, and no step lies between");
    digest_ = digest, digest_at_ = steps_;
  }

  void resume() {
    const bool from_state = last_kind_ == formats::kLedgerStart ||
                            last_kind_ == formats::kLedgerWeights ||
                            last_kind_ == formats::kLedgerResume;
    if (!from_state) {
      problem("follows a " + last_kind_ +
              " line: a saved state lies behind a line that tells its weights");
    }
    const json changed = entry_->extra.value("changed", json::object());
    if (!changed.is_object()) return problem("has a 'changed' that is no object");
    for (const auto& [key, value] : changed.items()) {
      const json from = value.is_object() ? value.value("from", json()) : json();
      const json before = config_.is_object() ? config_.value(key, json()) : json();
      if (from != before)
        problem(fmt::format("changes {} from {}, but it was {}", key, from.dump(), before.dump()));
      if (config_.is_object() && value.is_object()) config_[key] = value.value("to", json());
    }
  }

  void close_epoch() {
    if (epoch_lines_ == 0 || position_ != epoch_lines_) return;
    if (std::ssize(now_) != epoch_slices_)
      problem(fmt::format("closes an epoch of {} slices, but the start states {}", now_.size(),
                          epoch_slices_));
    std::ranges::sort(now_);
    if (epochs_ == 0) first_ = now_;
    if (now_ != first_)
      problem(fmt::format("closes epoch {}, whose slices are not those of epoch 1", epochs_ + 1));
    now_.clear();
    position_ = 0;
    ++epochs_;
  }

  void end() {
    if (steps_ > 0 && digest_ == initial_)
      problem(fmt::format("has the initial weights, after {} steps", steps_));
    if (epoch_lines_ == 0) return;
    if (position_ != 0) problem(fmt::format("ends a training {} steps into an epoch", position_));
    const auto wanted = positive(config_, "epochs");
    if (wanted && *wanted != epochs_)
      problem(fmt::format("ends a training after {} epochs; {} were asked for", epochs_, *wanted));
    const auto stated = positive(entry_->extra, "epochs");
    if (stated && *stated != epochs_)
      problem(fmt::format("states {} epochs, but there are {}", *stated, epochs_));
  }

  std::string name_, last_kind_, digest_, initial_;
  const LedgerEntry* entry_ = nullptr;
  json config_;
  int64_t steps_ = 0, digest_at_ = 0, position_ = 0, epochs_ = 0;
  int64_t epoch_slices_ = 0, epoch_lines_ = 0;  // of a whole epoch; 0: not told
  std::vector<std::string> first_, now_;        // slices of the first epoch, and of this one
  bool stopped_ = false;
  std::vector<std::string> problems_;
};

}  // namespace

LedgerGrammar judge_grammar(const formats::Ledger& ledger, const std::string& name) {
  Grammar grammar(name);
  for (const LedgerEntry& entry : ledger.entries) grammar.add(entry);
  return {grammar.problems(), grammar.epochs()};
}

}  // namespace reconproof::checks
