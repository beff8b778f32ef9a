// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/gpu_sampler.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <optional>

#include "system/clock.h"
#include "system/terminal.h"

namespace reconproof::system {
namespace {

// A sample asks the driver and reads /proc. So that the run is not slower for being watched, no
// more than a hundredth of a core goes into it, except for a short while at the beginning: a run
// that ends soon is seen well too.
constexpr double kShortestPause = 0.002;
constexpr double kShare = 0.01, kFirstShare = 0.1, kFirstCpu = 0.1;
// A GPU that grew by less, and on which no process was named, was not used by the run.
constexpr int64_t kNoticeableGrowth = int64_t{16} << 20;
// So long may the driver name a process that has ended.
constexpr double kForgetting = 1;

/// Parent of a process; absent when it has gone. Its name, field 2 of the file, may hold anything.
std::optional<pid_t> parent_of(pid_t pid) {
  std::ifstream stream(fmt::format("/proc/{}/stat", pid));
  std::string stat;
  // An iterator over the stream would throw when the process ends between opening and reading.
  std::getline(stream, stat, '\0');
  const size_t name_end = stat.rfind(')');
  int parent = 0;
  if (name_end == std::string::npos ||
      std::sscanf(stat.c_str() + name_end + 1, " %*c %d", &parent) != 1) {
    return std::nullopt;
  }
  return parent;
}

std::string described(pid_t pid) {
  std::ifstream stream(fmt::format("/proc/{}/comm", pid));
  std::string name;
  if (!std::getline(stream, name))
    return fmt::format("pid {} (not a process of this machine's /proc)", pid);
  return fmt::format("pid {} ({})", pid, printable(name));
}

float median(std::vector<float> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

GpuSampler::GpuSampler(GpuMonitor& monitor, pid_t ballast)
    : monitor_(monitor),
      devices_(monitor.devices().size()),
      error_(monitor.absent_reason()),
      ballast_(ballast) {
  for (size_t i = 0; i < devices_.size() && error_.empty(); ++i) {
    const GpuReading reading = monitor_.read(i);
    error_ = reading.error;
    devices_[i].idle_bytes = reading.used_bytes;
    for (const GpuProcess& process : reading.processes) note_owner(devices_[i], process.pid);
  }
}

GpuSampler::~GpuSampler() { stop(); }

void GpuSampler::watch(pid_t root) {
  root_ = root;
  if (error_.empty()) thread_ = std::thread([this] { work(); });
}

void GpuSampler::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void GpuSampler::work() {
  try {
    std::unique_lock lock(mutex_);
    while (!stopping_ && error_.empty()) {
      lock.unlock();
      const double before = thread_cpu_seconds();
      sample();
      last_cost_s_ = thread_cpu_seconds() - before;
      cost_s_ += last_cost_s_;
      lock.lock();
      wake_.wait_for(lock, std::chrono::duration<double>(pause()), [&] { return stopping_; });
    }
  } catch (const std::exception& error) {  // the edge of the thread
    error_ = error.what();
  }
}

/// Until the next sample.
double GpuSampler::pause() const {
  const double allowed = kFirstCpu + kShare * (monotonic_seconds() - began_s_);
  const double share = cost_s_ <= allowed ? kFirstShare : kShare;
  return std::max(kShortestPause, last_cost_s_ * (1 / share - 1));
}

void GpuSampler::sample() {
  const double now = monotonic_seconds();
  if (samples_ == 0) began_s_ = now;
  if (samples_ > 0) intervals_ms_.push_back(static_cast<float>((now - last_sample_s_) * 1e3));
  last_sample_s_ = now;
  int64_t tree = 0, growth = 0;
  for (size_t i = 0; i < devices_.size(); ++i) {
    Device& device = devices_[i];
    const GpuReading reading = monitor_.read(i);
    if (!reading.error.empty()) {
      error_ = reading.error;
      return;
    }
    for (const GpuProcess& process : reading.processes) {
      if (note_owner(device, process.pid) != Owner::kRun) continue;
      device.used_by_run = true;
      if (process.bytes) visible_ = true;
      tree += process.bytes.value_or(0);
    }
    // What an earlier process had not yet given back when we began was not idle.
    device.idle_bytes = std::min(device.idle_bytes, reading.used_bytes);
    const int64_t above_idle = reading.used_bytes - device.idle_bytes;
    device.peak_growth = std::max(device.peak_growth, above_idle);
    if (device.used_by_run) growth += above_idle;
  }
  peak_tree_ = std::max(peak_tree_, tree);
  peak_delta_ = std::max(peak_delta_, growth);
  ++samples_;
}

/// The few processes that the driver names are followed up to the root, rather than the tree down
/// to them: cheaper, and none is missed whose parent ends meanwhile.
GpuSampler::Owner GpuSampler::owner_of(pid_t pid) {
  if (ballast_ > 0 && pid == ballast_) return Owner::kOurs;
  constexpr int kAttempts = 3, kDeepest = 4096;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::optional<pid_t> ancestor = pid;
    for (int depth = 0; depth < kDeepest && ancestor && *ancestor > 0; ++depth) {
      if (*ancestor == root_) {
        run_pids_.insert(pid);
        return Owner::kRun;
      }
      ancestor = parent_of(*ancestor);
    }
    if (ancestor) return Owner::kForeign;
    if (!parent_of(pid)) break;  // it has gone; otherwise one on the way up has, and it has another
  }
  if (run_pids_.count(pid)) return Owner::kRun;
  // It may have ended between two looks; if it stays, its pid is of another pid namespace.
  const double now = monotonic_seconds();
  return now - unknown_.try_emplace(pid, now).first->second > kForgetting ? Owner::kForeign
                                                                          : Owner::kUnknown;
}

GpuSampler::Owner GpuSampler::note_owner(Device& device, pid_t pid) {
  const Owner owner = owner_of(pid);
  if (owner == Owner::kForeign && !device.foreign.count(pid)) device.foreign[pid] = described(pid);
  return owner;
}

/// Why what was sampled is no measurement; empty when it is one.
std::string GpuSampler::verdict() const {
  if (!error_.empty()) return error_;
  if (samples_ == 0) return "the run was not sampled";
  bool used = false, grew = false;
  const Device* shared = nullptr;
  for (const Device& device : devices_) {
    used = used || device.used_by_run;
    grew = grew || device.peak_growth >= kNoticeableGrowth;
  }
  for (const Device& device : devices_) {
    if (device.foreign.empty() || (used && !device.used_by_run)) continue;
    if (used || device.peak_growth >= kNoticeableGrowth) shared = &device;
  }
  if (shared) {
    return fmt::format("another process used the GPU: {}; stop it and check again",
                       shared->foreign.begin()->second);
  }
  if (used) return "";
  return grew ? "GPU memory was taken, but the driver does not name the processes that took it (a "
                "container?); run the check outside"
              : "no process of the run used a GPU";
}

GpuUse GpuSampler::finish() {
  stop();
  for (size_t i = 0; i < devices_.size() && error_.empty(); ++i) {
    const GpuReading reading = monitor_.read(i);
    error_ = reading.error;
    for (const GpuProcess& process : reading.processes) note_owner(devices_[i], process.pid);
  }
  GpuUse use;
  use.reason = verdict();
  use.measured = use.reason.empty();
  use.peak_tree_bytes = peak_tree_;
  use.peak_device_delta_bytes = peak_delta_;
  use.per_process_visible = visible_;
  use.samples = samples_;
  use.interval_ms = median(intervals_ms_);
  use.sampling_cpu_s = cost_s_;
  use.driver = monitor_.driver();
  const auto first_used =
      std::find_if(devices_.begin(), devices_.end(), [](const Device& d) { return d.used_by_run; });
  const bool used = first_used != devices_.end();
  const auto shown = used ? static_cast<size_t>(first_used - devices_.begin()) : 0;
  if (shown < devices_.size()) {
    use.device = monitor_.devices()[shown].name;
    use.total_bytes = monitor_.devices()[shown].total_bytes;
  }
  for (const Device& device : devices_) {
    if (used && !device.used_by_run) continue;  // whoever uses another GPU is in nobody's way
    for (const auto& [pid, text] : device.foreign) use.foreign.push_back(text);
  }
  return use;
}

}  // namespace reconproof::system
