// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/determinism/ledger_compare.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "system/terminal.h"

namespace reconproof::checks {

using nlohmann::json;

namespace {

constexpr size_t kMostGrowthSteps = 50;   // after the first divergence
constexpr double kSmallDifference = 0.1;  // of the loss: beyond, the difference saturates
constexpr int64_t kLeastGrowthSteps = 3;

template <typename Record>
using Pairs = std::vector<std::pair<const Record*, const Record*>>;

/// The items that both have, by equal `iteration`; how many only one has.
template <typename Record, typename Key>
Pairs<Record> joined(const std::vector<Record>& a, const std::vector<Record>& b, Key key,
                     int64_t* only_a = nullptr, int64_t* only_b = nullptr) {
  Pairs<Record> pairs;
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (key(a[i]) == key(b[j])) {
      pairs.emplace_back(&a[i++], &b[j++]);
    } else {
      ++(key(a[i]) < key(b[j]) ? i : j);
    }
  }
  if (only_a) *only_a = std::ssize(a) - std::ssize(pairs);
  if (only_b) *only_b = std::ssize(b) - std::ssize(pairs);
  return pairs;
}

std::optional<int> coarser(const std::optional<int>& a, const std::optional<int>& b) {
  return a && b ? std::min(a, b) : a ? a : b;
}

std::string number_text(double value, const std::optional<int>& digits) {
  return digits ? fmt::format("{:.{}g}", value, *digits) : fmt::format("{}", value);
}

/// Compares numbers at a resolution, and remembers which of all that differ comes first.
class Finder {
 public:
  explicit Finder(std::optional<int> digits) : digits_(digits) {}

  std::string shown(double value) const { return number_text(value, digits_); }
  double rounded(double value) const {
    return digits_ ? std::strtod(shown(value).c_str(), nullptr) : value;
  }

  void texts(Quantity quantity, int64_t iteration, const std::string& a, const std::string& b) {
    if (!first_ && a != b) first_ = Divergence{quantity, iteration, a, b, {}, {}};
  }
  void numbers(Quantity quantity, int64_t iteration, const std::optional<double>& a,
               const std::optional<double>& b) {
    if (first_ || !a || !b) return;
    const double x = rounded(*a), y = rounded(*b);
    if (x == y) return;
    const double difference = std::abs(x - y);
    first_ = Divergence{quantity,  iteration,  shown(*a),
                        shown(*b), difference, difference / std::max(std::abs(x), std::abs(y))};
  }
  const std::optional<Divergence>& first() const { return first_; }

 private:
  std::optional<int> digits_;
  std::optional<Divergence> first_;
};

std::optional<bool> equal_initial_weights(const StepSeries& a, const StepSeries& b) {
  if (a.weights.empty() || b.weights.empty()) return std::nullopt;
  const WeightsRecord &x = a.weights.front(), &y = b.weights.front();
  if (x.iteration != 0 || y.iteration != 0) return std::nullopt;
  return x.sha256 == y.sha256;
}

/// In the order in which a training comes by them: the slices of a step decide its loss, that its
/// gradient, and that the weights after it.
void find_first(const StepSeries& a, const StepSeries& b, const Pairs<StepRecord>& steps,
                Finder& finder) {
  const auto weights =
      joined(a.weights, b.weights, [](const WeightsRecord& record) { return record.iteration; });
  auto next = weights.begin();
  const auto weights_until = [&](int64_t completed) {
    for (; next != weights.end() && next->first->iteration <= completed; ++next) {
      const int64_t at = next->first->iteration;
      finder.texts(at == 0 ? Quantity::kInitialWeights : Quantity::kWeights, at,
                   next->first->sha256, next->second->sha256);
    }
  };
  for (const auto& [x, y] : steps) {
    if (finder.first()) return;
    weights_until(x->iteration);
    if (!x->slices.empty() && !y->slices.empty())
      finder.texts(Quantity::kSlices, x->iteration, x->slices, y->slices);
    finder.numbers(Quantity::kLoss, x->iteration, x->loss, y->loss);
    finder.numbers(Quantity::kGradNorm, x->iteration, x->grad_norm, y->grad_norm);
    if (x->skipped != y->skipped) {
      finder.texts(Quantity::kGradNorm, x->iteration,
                   fmt::format("finite after {} overflows", x->skipped),
                   fmt::format("finite after {} overflows", y->skipped));
    }
  }
  weights_until(INT64_MAX);
}

void find_first_epoch(const StepSeries& a, const StepSeries& b, Finder& finder) {
  for (const auto& [x, y] :
       joined(a.epochs, b.epochs, [](const EpochRecord& record) { return record.epoch; })) {
    finder.numbers(Quantity::kTrainLoss, x->epoch, x->train_loss, y->train_loss);
    finder.numbers(Quantity::kValLoss, x->epoch, x->val_loss, y->val_loss);
  }
}

/// Least squares over (step, log |difference|). Steps on other slices tell nothing of growth.
std::optional<Growth> growth_of(const Pairs<StepRecord>& steps, const Finder& finder) {
  std::vector<std::pair<double, double>> points;
  for (const auto& [x, y] : steps) {
    if (!x->loss || !y->loss || x->iteration < finder.first()->iteration) continue;
    if (x->slices != y->slices || points.size() == kMostGrowthSteps) break;
    const double p = finder.rounded(*x->loss), q = finder.rounded(*y->loss);
    const double difference = std::abs(p - q);
    if (difference == 0) continue;
    if (difference > kSmallDifference * std::max(std::abs(p), std::abs(q))) break;
    points.emplace_back(static_cast<double>(x->iteration), std::log(difference));
  }
  const double n = static_cast<double>(points.size());
  if (std::ssize(points) < kLeastGrowthSteps) return std::nullopt;
  double mean_x = 0, mean_y = 0, xx = 0, xy = 0;
  for (const auto& [x, y] : points) mean_x += x / n, mean_y += y / n;
  for (const auto& [x, y] : points) {
    xx += (x - mean_x) * (x - mean_x);
    xy += (x - mean_x) * (y - mean_y);
  }
  return Growth{xy / xx, std::ssize(points)};
}

void find_largest(const Pairs<StepRecord>& steps, SeriesComparison& comparison) {
  double largest = 0;
  for (const auto& [x, y] : steps) {
    if (!x->loss || !y->loss || std::abs(*x->loss - *y->loss) <= largest) continue;
    largest = std::abs(*x->loss - *y->loss);
    comparison.largest_a = *x, comparison.largest_b = *y;
  }
}

const char* quantity_text(Quantity quantity) {
  switch (quantity) {
    case Quantity::kInitialWeights:
      return "initial weights";
    case Quantity::kSlices:
      return "slices";
    case Quantity::kLoss:
      return "loss";
    case Quantity::kGradNorm:
      return "gradient norm";
    case Quantity::kWeights:
      return "weights";
    case Quantity::kTrainLoss:
      return "mean training loss";
    case Quantity::kValLoss:
      return "validation loss";
  }
  return "";
}

/// "iteration 3", "3 steps" or "epoch 3": what `Divergence::iteration` counts.
std::string place_text(const Divergence& divergence) {
  switch (divergence.quantity) {
    case Quantity::kInitialWeights:
      return "before the first step";
    case Quantity::kWeights:
      return fmt::format("after {} steps", divergence.iteration);
    case Quantity::kTrainLoss:
    case Quantity::kValLoss:
      return fmt::format("in epoch {}", divergence.iteration);
    default:
      return fmt::format("at iteration {}", divergence.iteration);
  }
}

std::string short_text(const Divergence& divergence, const std::string& value) {
  const bool digest =
      divergence.quantity == Quantity::kInitialWeights || divergence.quantity == Quantity::kWeights;
  return digest ? value.substr(0, 12) + "..." : system::printable(value);
}

std::string growth_text(const SeriesComparison& comparison) {
  std::string text;
  if (comparison.growth) {
    text += fmt::format("; over {} steps it moves by a factor of {:.3g} a step (rate {:.3g})",
                        comparison.growth->steps, std::exp(comparison.growth->rate),
                        comparison.growth->rate);
  }
  if (comparison.largest_a) {
    text += fmt::format("; the losses differ most at iteration {}, by {:.2g}",
                        comparison.largest_a->iteration,
                        std::abs(*comparison.largest_a->loss - *comparison.largest_b->loss));
  }
  return text;
}

}  // namespace

StepSeries series_of(const formats::Ledger& ledger) {
  StepSeries series;
  int64_t skipped = 0;
  for (const formats::LedgerEntry& entry : ledger.entries) {
    if (entry.kind == formats::kLedgerSkipped) ++skipped;
    if (entry.kind == formats::kLedgerStep) {
      StepRecord step{entry.iteration, {}, entry.loss, entry.grad_norm, skipped};
      skipped = 0;
      const auto batch = entry.extra.find("batch");
      if (batch != entry.extra.end()) {
        step.slices = batch->dump(-1, ' ', false, json::error_handler_t::replace);
      } else if (entry.file && entry.slice) {
        step.slices = fmt::format("{}, slice {}", *entry.file, *entry.slice);
      }
      series.steps.push_back(std::move(step));
    } else if (entry.weights_sha256) {
      // After the same step the weights are the same, whichever line tells of them.
      if (series.weights.empty() || series.weights.back().iteration < entry.iteration)
        series.weights.push_back({entry.iteration, *entry.weights_sha256});
    }
  }
  return series;
}

SeriesComparison compare_series(const StepSeries& a, const StepSeries& b) {
  SeriesComparison comparison;
  comparison.digits = coarser(a.digits, b.digits);
  comparison.initial_weights = equal_initial_weights(a, b);
  const auto steps = joined(
      a.steps, b.steps, [](const StepRecord& step) { return step.iteration; }, &comparison.only_a,
      &comparison.only_b);
  comparison.steps = std::ssize(steps);
  Finder finder(comparison.digits);
  find_first(a, b, steps, finder);
  find_first_epoch(a, b, finder);
  comparison.first = finder.first();
  if (!comparison.first) return comparison;
  comparison.growth = growth_of(steps, finder);
  find_largest(steps, comparison);
  return comparison;
}

std::string comparison_text(const SeriesComparison& comparison) {
  std::string text;
  if (comparison.first) {
    const Divergence& first = *comparison.first;
    text = fmt::format("they first differ {}: {} {} against {}", place_text(first),
                       quantity_text(first.quantity), short_text(first, first.a),
                       short_text(first, first.b));
    if (first.absolute)
      text += fmt::format(" (by {:.2g}, {:.2g} of it)", *first.absolute, *first.relative);
    text += growth_text(comparison);
  } else {
    text = fmt::format("they are equal over the {} steps that both have", comparison.steps);
  }
  if (comparison.digits) {
    text += fmt::format(
        ". Compared at {} significant digits: differences below {:.0e} of a loss, and steps "
        "that are not printed, are not seen",
        *comparison.digits, 0.5 * std::pow(10, 1 - *comparison.digits));
  }
  if (!comparison.initial_weights)
    text += ". Whether both began with the same weights cannot be told from them";
  return text;
}

json to_json(const SeriesComparison& comparison) {
  const auto or_null = [](const auto& value) { return value ? json(*value) : json(); };
  json result = {{"equal", comparison.equal()},
                 {"steps", comparison.steps},
                 {"only_a", comparison.only_a},
                 {"only_b", comparison.only_b},
                 {"equal_initial_weights", or_null(comparison.initial_weights)},
                 {"digits", or_null(comparison.digits)},
                 {"first", nullptr},
                 {"growth", nullptr}};
  if (const auto& first = comparison.first) {
    result["first"] = {
        {"quantity", quantity_text(first->quantity)}, {"iteration", first->iteration},
        {"a", system::printable(first->a)},           {"b", system::printable(first->b)},
        {"absolute", or_null(first->absolute)},       {"relative", or_null(first->relative)}};
  }
  if (comparison.growth) {
    result["growth"] = {{"rate_a_step", comparison.growth->rate},
                        {"steps", comparison.growth->steps}};
  }
  return result;
}

}  // namespace reconproof::checks
