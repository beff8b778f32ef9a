// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/record/training_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "system/date.h"
#include "system/terminal.h"

namespace reconproof::workflows {

using submission::CurvePoint;

namespace {

constexpr size_t kRecentEpochs = 5;  // whose length tells that of the next
// No line for so many times the longest pause so far, once there were so many lines.
constexpr double kSilenceFactor = 10, kLeastSilence_s = 60;
constexpr int64_t kLinesBeforeSilence = 5;
// No better validation in so many epochs, or in a fifth of all.
constexpr int64_t kEpochsWithoutProgress = 5;

}  // namespace

void TrainingWatch::add(const CurvePoint& point) {
  if (lines_++ > 0) longest_gap_s_ = std::max(longest_gap_s_, point.at_s - last_line_s_);
  last_line_s_ = point.at_s;
  epochs_ = std::max(epochs_, point.epochs);
  if (point.not_finite && not_finite_.empty())
    not_finite_ = point.epoch_end
                      ? fmt::format("epoch {}", point.epoch)
                      : fmt::format("epoch {}, iteration {}", point.epoch, point.iteration);
  if (point.epoch_end) return add_epoch(point);
  if (!first_ || first_->epoch != point.epoch) first_ = point;
  last_ = point;
}

void TrainingWatch::add_epoch(const CurvePoint& point) {
  EpochEnd end{point.epoch, point.at_s, 0};
  const double said_s = point.time_s.value_or(0) + point.val_time_s.value_or(0);
  // An epoch begins where the one before ended. Of the first only the log knows: before it stands
  // the start of the program, and reading the data.
  if (!ends_.empty() && ends_.back().epoch + 1 == point.epoch)
    end.length_s = std::max(point.at_s - ends_.back().at_s, 0.0);
  else
    end.length_s = said_s > 0 ? said_s : first_ ? point.at_s - first_->at_s : point.at_s;
  while (!ends_.empty() && ends_.back().epoch >= point.epoch) ends_.pop_back();  // taken again
  ends_.push_back(end);
  latest_epoch_ = point.epoch;
  first_.reset();
  if (point.val_loss && (!best_val_loss_ || *point.val_loss < *best_val_loss_)) {
    best_val_loss_ = point.val_loss;
    best_epoch_ = point.epoch;
  }
}

double TrainingWatch::usual_epoch_s() const {
  // The first one warms caches up: it counts only as long as it stands alone.
  const size_t count = std::min(kRecentEpochs, std::max<size_t>(ends_.size() - 1, 1));
  double sum = 0;
  for (size_t i = ends_.size() - count; i < ends_.size(); ++i) sum += ends_[i].length_s;
  return sum / static_cast<double>(count);
}

std::optional<TrainingForecast> TrainingWatch::forecast(double now_s) const {
  if (epochs_ <= 0) return std::nullopt;
  TrainingForecast forecast;
  forecast.epochs = epochs_;
  if (!ends_.empty()) {
    forecast.epochs_done = std::min(ends_.back().epoch + 1, epochs_);
    forecast.epoch_s = usual_epoch_s();
    const auto left = static_cast<double>(epochs_ - forecast.epochs_done);
    forecast.finish_s = ends_.back().at_s + left * forecast.epoch_s;
    // The one under way takes longer than the others did.
    if (left > 0)
      forecast.finish_s = std::max(forecast.finish_s, now_s + (left - 1) * forecast.epoch_s);
    return forecast;
  }
  if (!first_ || !last_ || last_->iteration <= first_->iteration || last_->iterations <= 0)
    return std::nullopt;
  const double step_s =
      (last_->at_s - first_->at_s) / static_cast<double>(last_->iteration - first_->iteration);
  forecast.without_validation = true;
  forecast.epochs_done = std::min(last_->epoch, epochs_);
  forecast.epoch_s = step_s * static_cast<double>(last_->iterations);
  forecast.finish_s =
      last_->at_s + step_s * static_cast<double>(last_->iterations - last_->iteration) +
      static_cast<double>(std::max<int64_t>(epochs_ - last_->epoch - 1, 0)) * forecast.epoch_s;
  forecast.finish_s = std::max(forecast.finish_s, now_s);
  return forecast;
}

std::string TrainingWatch::deadline_warning(double now_s) {
  const auto expected = forecast(now_s);
  if (!deadline_s_ || !expected || expected->finish_s <= *deadline_s_) return "";
  const double fit = expected->epoch_s > 0 ? (*deadline_s_ - now_s) / expected->epoch_s : 0;
  return fmt::format(
      "the deadline is at risk: {} epochs of {} are done, the last would end {} after it{}; about "
      "{} "
      "epochs fit before it",
      expected->epochs_done, expected->epochs,
      system::duration_text(expected->finish_s - *deadline_s_),
      expected->without_validation ? " (validation not counted)" : "",
      expected->epochs_done + std::max<int64_t>(static_cast<int64_t>(std::floor(fit)), 0));
}

std::string TrainingWatch::silence_warning(double now_s) const {
  if (lines_ < kLinesBeforeSilence) return "";
  if (epochs_ > 0 && !ends_.empty() && ends_.back().epoch + 1 >= epochs_) return "";  // it is over
  const double silent_s = now_s - last_line_s_;
  if (silent_s < std::max(kSilenceFactor * longest_gap_s_, kLeastSilence_s)) return "";
  return fmt::format(
      "no line of the training for {}; the longest pause before was {}: does it hang?",
      system::duration_text(silent_s), system::duration_text(longest_gap_s_));
}

std::vector<std::string> TrainingWatch::warnings(double now_s) {
  std::vector<std::string> found;
  if (!not_finite_.empty() && !told_not_finite_) {
    told_not_finite_ = true;
    found.push_back(
        fmt::format("the loss is not finite (NaN or infinite) since {}: what follows is lost, "
                    "unless the training mends it by itself",
                    not_finite_));
  }
  if (!told_deadline_) {
    if (std::string warning = deadline_warning(now_s); !warning.empty()) {
      told_deadline_ = true;
      found.push_back(std::move(warning));
    }
  }
  if (!told_silence_) {
    if (std::string warning = silence_warning(now_s); !warning.empty()) {
      told_silence_ = true;
      found.push_back(std::move(warning));
    }
  }
  const int64_t patience = std::max(kEpochsWithoutProgress, epochs_ / 5);
  if (best_val_loss_ && !told_no_progress_ && latest_epoch_ - best_epoch_ >= patience) {
    told_no_progress_ = true;
    found.push_back(
        fmt::format("the validation loss stalls: none of the last {} epochs was better than {} of "
                    "epoch {}",
                    latest_epoch_ - best_epoch_, *best_val_loss_, best_epoch_));
  }
  return found;
}

std::string forecast_text(const TrainingForecast& forecast, double now_s, int64_t begun_us) {
  constexpr double kFarAway_s = 1e10;
  const int64_t finish_us =
      begun_us + static_cast<int64_t>(std::clamp(forecast.finish_s, 0.0, kFarAway_s) * 1e6);
  if (forecast.epochs_done >= forecast.epochs)
    return fmt::format("all {} epochs done, {} each", forecast.epochs,
                       system::duration_text(forecast.epoch_s));
  return fmt::format("{} of {} epochs done, {}{} each; ends about {}, in {}", forecast.epochs_done,
                     forecast.epochs, system::duration_text(forecast.epoch_s),
                     forecast.without_validation ? " without validation" : "",
                     system::local_text(finish_us),
                     system::duration_text(std::max(forecast.finish_s - now_s, 0.0)));
}

}  // namespace reconproof::workflows
