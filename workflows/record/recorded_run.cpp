// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/record/recorded_run.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <utility>

#include "challenge/training_log.h"
#include "submission/runs/circumstances.h"
#include "submission/runs/run_log.h"
#include "system/clock.h"
#include "system/date.h"
#include "system/environment.h"
#include "system/error.h"
#include "system/gpu_sampler.h"
#include "system/interrupt.h"
#include "system/process.h"
#include "system/stream_relay.h"
#include "system/terminal.h"
#include "workflows/record/training_watch.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using submission::CurvePoint;
using submission::History;
using submission::Outcome;
using submission::Run;

namespace {

constexpr double kKeepEvery_s = 5;  // points that are nowhere but in the log and in memory

void warn(const std::string& text) {
  fmt::print(stderr, "reconproof: warning: {}\n", system::printable(text));
}

/// Ours for the command, which is to be seen as it was typed.
std::vector<std::string> command_line(int argc, char** argv) {
  std::vector<std::string> words = {"reconproof"};
  for (int i = 0; i < argc; ++i) words.push_back(submission::utf8_text(argv[i]));
  return words;
}

/// A command under way: its log, its curve, and what we say of it on stderr.
class Follower {
 public:
  Follower(RunRecord& record, std::optional<double> deadline_s)
      : record_(record),
        watch_(deadline_s),
        readers_{challenge::TrainingLogReader([this](const auto& line) { add(line); }),
                 challenge::TrainingLogReader([this](const auto& line) { add(line); })},
        on_terminal_(::isatty(2) == 1),
        together_(on_terminal_ ? ::isatty(1) == 1 : system::same_file(1, 2)),
        began_s_(system::monotonic_seconds()) {
    if (!record_.recorded()) return;
    try {
      log_.emplace(record_.log_file());
    } catch (const system::Error& error) {
      warn(std::string("the log is not kept: ") + error.what());
    }
  }

  void saw(int stream, std::string_view bytes) {
    if (log_) log_->write(bytes);
    if (stream == 2 || together_) at_line_start_ = bytes.ends_with('\n');
    readers_[stream == 1 ? 0 : 1].add(bytes);
    if (epoch_ended_ && on_terminal_ && at_line_start_) tell_forecast();
  }

  /// About once a second.
  void tick() {
    const double now_s = age_s();
    for (const std::string& warning : watch_.warnings(now_s)) {
      record_.run().warnings.push_back(warning);
      say("warning: " + warning);
    }
    if (now_s < next_keep_s_) return;
    if (log_) record_.run().log_bytes = log_->bytes();
    record_.keep_points();
    next_keep_s_ = now_s + kKeepEvery_s;
  }

  void finish() {
    for (challenge::TrainingLogReader& reader : readers_) reader.finish();
    next_keep_s_ = 0;
    tick();
    if (log_ && !log_->failure().empty()) say("warning: the log is not whole: " + log_->failure());
  }

 private:
  double age_s() const { return system::monotonic_seconds() - began_s_; }

  void add(const challenge::TrainingLogLine& line) {
    const CurvePoint point = submission::curve_point(line, age_s());
    watch_.add(point);
    take_point(record_.run(), point);
    epoch_ended_ = epoch_ended_ || point.epoch_end;
    std::vector<CurvePoint>& points = record_.run().points;
    // Epochs are few, and tell most.
    const size_t most = submission::kMaxPoints - (point.epoch_end ? 0 : 10000);
    if (points.size() < most) points.push_back(point);
  }

  void tell_forecast() {
    epoch_ended_ = false;
    const double now_s = age_s();
    if (const auto forecast = watch_.forecast(now_s))
      say(forecast_text(*forecast, now_s, record_.run().begun_us));
  }

  /// On a line of its own, whatever the command has begun there.
  void say(const std::string& text) {
    const char* end = on_terminal_ ? "\r\n" : "\n";  // the terminal may be raw
    fmt::print(stderr, "{}reconproof: {}{}", at_line_start_ ? "" : end, system::printable(text),
               end);
    at_line_start_ = true;
  }

  RunRecord& record_;
  TrainingWatch watch_;
  std::array<challenge::TrainingLogReader, 2> readers_;
  std::optional<submission::RunLog> log_;
  bool on_terminal_, together_, at_line_start_ = true, epoch_ended_ = false;
  double began_s_, next_keep_s_ = kKeepEvery_s;
};

/// Python keeps what it prints into a pipe for itself until there is much of it. Where the order of
/// its two streams cannot be changed by it, it is asked not to: the same bytes come, but at once.
void print_at_once(std::map<std::string, std::string>& environment) {
  if (::isatty(1) == 1 || ::isatty(2) == 1 || system::same_file(1, 2)) return;
  environment.emplace("PYTHONUNBUFFERED", "1");
}

bool was_killed(const system::ProcessResult& result) {
  // A shell says 128 + n where the command in it died of signal n.
  constexpr std::array kOfShells = {128 + SIGHUP, 128 + SIGINT, 128 + SIGQUIT, 128 + SIGKILL,
                                    128 + SIGTERM};
  return result.signal != 0 || (result.handed_on != 0 && result.exit_code != 0) ||
         std::ranges::find(kOfShells, result.exit_code) != kOfShells.end();
}

void end_record(RunRecord& record, const system::ProcessResult& result) {
  Run& run = record.run();
  run.wall_s = result.wall_s;
  if (result.peak_rss_bytes > 0) run.peak_memory_bytes = result.peak_rss_bytes;
  if (!result.start_error.empty())
    return record.finish(Outcome::kFailed, 127, std::nullopt, result.start_error);
  std::optional<int64_t> exit_code, signal;
  if (result.signal != 0)
    signal = result.signal;
  else
    exit_code = result.exit_code;
  if (!signal && result.handed_on != 0 && result.exit_code != 0) signal = result.handed_on;
  record.finish(was_killed(result)      ? Outcome::kKilled
                : result.exit_code == 0 ? Outcome::kSucceeded
                                        : Outcome::kFailed,
                exit_code, signal);
}

Run new_run(const std::string& kind, std::vector<std::string> command) {
  Run run;
  run.id = submission::random_id();
  run.kind = kind;
  run.command = std::move(command);
  run.begun_us = system::now_us();
  return run;
}

}  // namespace

RunRecord::RunRecord(const std::optional<fs::path>& root, Run run)
    : run_(std::move(run)), began_s_(system::monotonic_seconds()) {
  if (!root) return;
  try {
    submission::note_circumstances(run_, *root);
    run_.begun_us = run_.updated_us = system::now_us();
    history_ = std::make_unique<History>(*root, History::Mode::kCreate);
    lock_ = history_->begin(run_);
    began_s_ = system::monotonic_seconds();
  } catch (const system::Error& error) {
    give_up(error.what());
  }
}

RunRecord::~RunRecord() {
  if (!history_ || finished_) return;
  const bool unwinding = std::uncaught_exceptions() > 0;
  finish(unwinding ? Outcome::kKilled : Outcome::kFailed, std::nullopt);
}

void RunRecord::give_up(const char* reason) {
  history_.reset();
  warn(fmt::format("this run is not recorded: {}", reason));
}

fs::path RunRecord::log_file() const { return history_ ? history_->log_file(run_.id) : fs::path(); }

/// Says that we live: when a run went without a word is told by it.
void RunRecord::touch() { ::futimens(lock_.get(), nullptr); }

void RunRecord::keep_points() {
  if (!history_) return;
  touch();
  if (kept_points_ == run_.points.size()) return;
  try {
    history_->write_points(run_.id, static_cast<int64_t>(kept_points_),
                           std::span(run_.points).subspan(kept_points_));
    run_.updated_us = system::now_us();
    history_->update(run_);
    kept_points_ = run_.points.size();
  } catch (const system::Error& error) {
    give_up(error.what());
  }
}

void RunRecord::finish(Outcome outcome, std::optional<int64_t> exit_code,
                       std::optional<int64_t> signal, const std::string& message) {
  finished_ = true;
  if (!history_) return;
  run_.outcome = outcome;
  run_.exit_code = exit_code;
  run_.signal = signal;
  run_.message = submission::utf8_text(message);
  run_.ended_us = run_.updated_us = system::now_us();
  if (!run_.wall_s) run_.wall_s = system::monotonic_seconds() - began_s_;
  try {
    history_->update(run_);
    if (kept_points_ < run_.points.size())
      history_->write_points(run_.id, static_cast<int64_t>(kept_points_),
                             std::span(run_.points).subspan(kept_points_));
  } catch (const system::Error& error) {
    give_up(error.what());
  }
}

void RunRecord::add_note(const std::string& kind, const std::string& text) {
  if (!history_ || text.empty()) return;
  try {
    history_->add_note(run_.id, {submission::random_id(), kind, submission::utf8_text(text),
                                 submission::author_here(), system::now_us()});
  } catch (const system::Error& error) {
    give_up(error.what());
  }
}

RecordedRunResult recorded_run(const RecordedRunOptions& options) {
  const system::InterruptWatch watch;  // a run that is cut off is still written to its end
  std::vector<std::string> shown;
  for (const std::string& word : options.shown_as.empty() ? options.command : options.shown_as)
    shown.push_back(submission::utf8_text(word));
  Run run = new_run(options.kind, std::move(shown));
  run.deadline_us = options.deadline_us;
  run.data_manifest_sha256 = options.data_manifest_sha256;
  RunRecord record(options.root, std::move(run));
  record.add_note("note", options.note);
  std::optional<double> deadline_s;
  if (options.deadline_us)
    deadline_s = static_cast<double>(*options.deadline_us - record.run().begun_us) * 1e-6;

  Follower follower(record, deadline_s);
  const std::unique_ptr<system::GpuMonitor> monitor = system::open_gpu_monitor();
  std::optional<system::GpuSampler> gpu;
  if (monitor->absent_reason().empty() && !monitor->devices().empty()) gpu.emplace(*monitor);
  system::ProcessSpec spec;
  spec.argv = options.command;
  spec.env = system::inherited_environment();
  print_at_once(spec.env);
  spec.relay_streams = true;
  spec.on_relay = [&](int stream, std::string_view bytes) { follower.saw(stream, bytes); };
  spec.watchdog = [&](const system::TreeUsage&) {
    follower.tick();
    return std::string();
  };
  spec.on_start = [&](pid_t guard) {
    if (gpu) gpu->watch(guard);
  };
  const system::ProcessResult result = system::run_process(spec);
  follower.finish();
  if (gpu) {
    const system::GpuUse use = gpu->finish();
    if (use.peak_bytes() > 0) record.run().peak_gpu_memory_bytes = use.peak_bytes();
  }
  end_record(record, result);

  RecordedRunResult end;
  end.start_error = result.start_error;
  end.exit_code = !result.start_error.empty() ? 127
                  : result.signal != 0        ? 128 + result.signal
                                              : result.exit_code;
  if (!record.recorded()) return end;
  end.id = record.run().id;
  end.asks_for_lesson = record.run().outcome != Outcome::kSucceeded;
  return end;
}

system::ExitCode recorded_command(const std::string& kind, int argc, char** argv,
                                  const fs::path& place,
                                  const std::function<system::ExitCode(Run&)>& body) {
  std::optional<fs::path> root = submission::recorded_project(place);
  if (!root) {
    Run unrecorded;
    return body(unrecorded);
  }
  RunRecord record(root, new_run(kind, command_line(argc, argv)));
  try {
    const system::ExitCode code = body(record.run());
    // What cannot be measured here is no failure of the run.
    const bool through = code == system::ExitCode::kPass || code == system::ExitCode::kInconclusive;
    record.finish(through ? Outcome::kSucceeded : Outcome::kFailed, static_cast<int64_t>(code));
    return code;
  } catch (const system::Error& error) {
    record.finish(Outcome::kFailed, static_cast<int64_t>(system::exit_code_of(error.code())),
                  std::nullopt, error.what());
    throw;
  } catch (const system::Interrupted& interrupted) {
    record.finish(Outcome::kKilled, std::nullopt, interrupted.signal);
    throw;
  }
}

}  // namespace reconproof::workflows
