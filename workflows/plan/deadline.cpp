// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/plan/deadline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "challenge/training_log.h"
#include "formats/strict_json.h"
#include "submission/project.h"
#include "system/date.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"
#include "workflows/plan/plan_output.h"

namespace reconproof::workflows {
namespace {

using challenge::TrainingLogLine;
using nlohmann::json;
using system::Code;
using system::fail;

constexpr int64_t kMicroseconds = 1000000, kHour = 3600;
constexpr int kChecksRuns = 4;         // full reconstructions of a check
constexpr double kPackingS = 1800;     // to pack, upload and read it once more
constexpr double kUnknownRunS = 3600;  // where nobody says what a reconstruction takes
constexpr double kPredictedSpread = 1.25;

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// Gathers what a log says of time.
struct LogTimes {
  std::vector<double> epochs;      // with validation where it was timed
  std::vector<double> iterations;  // seconds of one
  int64_t asked = 0, finished = 0, an_epoch = 0;
  bool validated = false, any = false;

  void add(const TrainingLogLine& line) {
    any = true;
    asked = line.epochs;
    if (line.kind == TrainingLogLine::Kind::kEpochEnd) {
      finished = line.epoch + 1;
      last_iteration_ = -1;
      if (line.train_time_s) epochs.push_back(*line.train_time_s + line.val_time_s.value_or(0));
      validated = validated || line.val_time_s.has_value();
      return;
    }
    an_epoch = line.iterations;
    const int64_t steps = line.iteration - last_iteration_;
    // The first line of an epoch also counts what its start took.
    if (line.time_s && last_iteration_ >= 0 && steps > 0)
      iterations.push_back(*line.time_s / static_cast<double>(steps));
    last_iteration_ = line.iteration;
  }

 private:
  int64_t last_iteration_ = -1;
};

/// Seconds of the reconstruct command in the project's last check; nullopt where there is none.
std::optional<double> measured_run(const std::filesystem::path& project) {
  const std::filesystem::path record = project / submission::kStateFolder / "check" / "check.json";
  std::error_code ignored;
  if (project.empty() || !std::filesystem::exists(record, ignored)) return std::nullopt;
  try {
    const json document = formats::parse_strict_json(system::read_file(record), record.string());
    const json& run = document.at("run");
    if (run.is_object() && run.at("wall_s").is_number()) return run.at("wall_s").get<double>();
  } catch (const json::exception&) {
    // A check of another version says nothing.
  }
  return std::nullopt;
}

}  // namespace

Deadline parse_moment_option(const char* option, const std::string& text) {
  constexpr const char* kExample = "2026-08-20T18:00+09:00";
  const std::optional<int64_t> moment = system::parse_moment(text);
  if (!moment) {
    const bool lacks_offset = system::parse_moment(text + "Z").has_value();
    fail(Code::kUsage, "plan: {} {}: {}; write it so: {} ({})", option, system::printable(text),
         lacks_offset ? "it lacks the offset from UTC, without which it may be nine hours off"
                      : "no date and time",
         kExample, "+09:00 is Seoul, Z is UTC");
  }
  // The zone is what the same words would be in UTC, less what they are.
  const size_t zone = text.find_first_of("Zz+-", 16);
  const std::optional<int64_t> in_utc = system::parse_moment(text.substr(0, zone) + "Z");
  RP_ASSERT(in_utc.has_value());
  return {*moment / kMicroseconds, (*in_utc - *moment) / kMicroseconds};
}

std::string moment_text(int64_t moment_s, int64_t offset_s) {
  const std::string there = system::utc_text((moment_s + offset_s) * kMicroseconds);
  const int64_t size = std::abs(offset_s);
  return fmt::format("{} {} {}{:02}:{:02}", there.substr(0, 10), there.substr(11, 5),
                     offset_s < 0 ? '-' : '+', size / kHour, size % kHour / 60);
}

EpochTime epoch_time_of(std::string_view log, const std::string& name) {
  LogTimes times;
  challenge::TrainingLogReader reader([&](const TrainingLogLine& line) { times.add(line); });
  reader.add(log);
  reader.finish();
  EpochTime result;
  result.epochs = times.asked;
  result.finished = times.finished;
  result.validated = times.validated;
  if (!times.epochs.empty()) {
    const auto [least, most] = std::ranges::minmax(times.epochs);
    result.seconds = {median(times.epochs), least, most, Known::kMeasured};
    result.basis = fmt::format("median of {} epochs of {}, {} validation", times.epochs.size(),
                               name, times.validated ? "with" : "without");
    return result;
  }
  if (times.iterations.empty()) {
    fail(
        Code::kCorrupt,
        "{}: {}; expected lines such as `Epoch = [  0/  5] Iter = [ 500/9000] Loss = 0.4123 Time = "
        "52.1s`: is it the log of the training?",
        name,
        times.any ? "its lines tell no time yet, let it run a little longer"
                  : "no line of the official trainer");
  }
  const double an_epoch = median(times.iterations) * static_cast<double>(times.an_epoch);
  result.seconds = {an_epoch, an_epoch, an_epoch * kPredictedSpread, Known::kPredicted};
  result.basis = fmt::format(
      "no epoch of {} has ended: {:.3g} s an iteration (median) x {} iterations; validation is not "
      "in "
      "it yet, so up to 25 % more",
      name, median(times.iterations), times.an_epoch);
  return result;
}

EpochTime predicted_epoch(const Plan& plan) {
  const DeviceTimes& times = plan.judged().epoch_s ? plan.judged() : plan.here;
  if (!times.epoch_s) {
    fail(Code::kUsage,
         "plan: how long an epoch takes is not known: give --log FILE of a training, or "
         "`plan --calibrate` first and --data DIR or --volumes N for the size of the training set");
  }
  return {*times.epoch_s, 0, 0, false,
          fmt::format("predicted for {}, without validation", times.device)};
}

Reserve reserve_for(std::optional<double> hours, const std::filesystem::path& project,
                    const challenge::Edition* edition) {
  if (hours) return {*hours * kHour, fmt::format("{:.3g} h, as asked for (declared)", *hours)};
  const challenge::Rule* rule = edition ? edition->find_rule("time.total") : nullptr;
  const std::optional<double> measured = measured_run(project);
  const double run = measured.value_or(rule && rule->limit ? *rule->limit : kUnknownRunS);
  const std::string how =
      measured ? "measured by the project's last check"
      : rule && rule->limit
          ? fmt::format("the limit of {}", edition->id)
          : std::string("assumed: neither a check of this project nor a limit says it");
  return {
      kChecksRuns * run + kPackingS,
      fmt::format("{} reconstructions of {} ({}), as `check` makes them, and {} to pack and hand "
                  "in (assumed)",
                  kChecksRuns, system::duration_text(run), how, system::duration_text(kPackingS))};
}

BackwardPlan plan_backwards(const Deadline& deadline, int64_t now_s, const EpochTime& epoch,
                            const Reserve& reserve, int64_t epochs) {
  BackwardPlan plan{deadline, now_s, epoch, reserve, epochs > 0 ? epochs : epoch.epochs, 0, 0};
  if (plan.epochs < 1)
    fail(Code::kUsage, "plan: --epochs is missing: how long is the final training to be?");
  const double free = static_cast<double>(deadline.moment_s - now_s) - reserve.seconds;
  plan.epochs_that_fit = static_cast<int64_t>(std::max(0.0, std::floor(free / epoch.planned_s())));
  plan.last_start_s =
      static_cast<int64_t>(std::floor(static_cast<double>(deadline.moment_s) - reserve.seconds -
                                      static_cast<double>(plan.epochs) * epoch.planned_s()));
  return plan;
}

std::string backward_text(const BackwardPlan& plan) {
  const auto when = [&](int64_t moment) {
    return fmt::format("{} (here: {})", moment_text(moment, plan.deadline.offset_s),
                       system::local_text(moment * kMicroseconds));
  };
  std::string text = fmt::format("Deadline          {}\nNow               {}\n",
                                 when(plan.deadline.moment_s), when(plan.now_s));
  if (plan.past()) {
    return text + fmt::format("The deadline passed {} ago: nothing fits any more.\n",
                              system::duration_text(
                                  static_cast<double>(plan.now_s - plan.deadline.moment_s)));
  }
  const Figure& epoch = plan.epoch.seconds;
  text += fmt::format("An epoch          {} {} ({}); planned with {}\n",
                      system::duration_text(epoch.value), known_text(epoch.known), plan.epoch.basis,
                      system::duration_text(plan.epoch.planned_s()));
  text += fmt::format("Kept free         {}: {}\n", system::duration_text(plan.reserve.seconds),
                      plan.reserve.basis);
  text += fmt::format("Training ends by  {}\n",
                      when(plan.deadline.moment_s - std::llround(plan.reserve.seconds)));
  text += fmt::format("Epochs that fit   {} from now on\n", plan.epochs_that_fit);
  text += fmt::format("Last start        {} for {} epochs\n", when(plan.last_start_s), plan.epochs);
  const double slack = static_cast<double>(plan.last_start_s - plan.now_s);
  text += plan.fits() ? fmt::format("Fits: the final training may begin within {}.\n",
                                    system::duration_text(slack))
                      : fmt::format(
                            "Does not fit: that moment passed {} ago. Train {} epochs or "
                            "fewer, or keep less time free (--reserve).\n",
                            system::duration_text(-slack), plan.epochs_that_fit);
  const int64_t left = plan.epoch.epochs - plan.epoch.finished;
  if (plan.epoch.finished > 0 && left > 0)
    text += fmt::format(
        "The log's own training has {} of {} epochs left: if it still runs, it ends about {}.\n",
        left, plan.epoch.epochs,
        when(plan.now_s + std::llround(static_cast<double>(left) * epoch.value)));
  return text;
}

json backward_json(const BackwardPlan& plan) {
  const auto utc = [](int64_t moment) { return system::utc_text(moment * kMicroseconds); };
  return {{"schema", "reconproof.backward-plan"},
          {"schema_version", 1},
          {"exit_code", plan.fits() ? 0 : 1},
          {"deadline_utc", utc(plan.deadline.moment_s)},
          {"deadline", moment_text(plan.deadline.moment_s, plan.deadline.offset_s)},
          {"now_utc", utc(plan.now_s)},
          {"past", plan.past()},
          {"fits", plan.fits()},
          {"epoch_s", to_json(plan.epoch.seconds)},
          {"epoch_basis", plan.epoch.basis},
          {"epoch_planned_s", plan.epoch.planned_s()},
          {"epoch_validated", plan.epoch.validated},
          {"epochs", plan.epochs},
          {"epochs_that_fit", plan.epochs_that_fit},
          {"last_start_utc", utc(plan.last_start_s)},
          {"last_start", moment_text(plan.last_start_s, plan.deadline.offset_s)},
          {"reserve_s", plan.reserve.seconds},
          {"reserve_basis", plan.reserve.basis}};
}

}  // namespace reconproof::workflows
