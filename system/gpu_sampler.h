// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// How much GPU memory a run took: sampled beside it, so what stands in the result is a lower bound.
//
// Two figures, both valid only while nobody else uses the GPU: the memory that the driver names for
// the run's processes, and what the whole GPU holds above idle. Some drivers hide the first.
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "system/nvml.h"

namespace reconproof::system {

struct GpuUse {
  bool measured = false;                             // the run used a GPU, which nobody else used
  std::string reason = "the GPU was not looked at";  // why it is not measured
  int64_t peak_tree_bytes = 0;          // largest sum over the run's processes; 0: hidden
  int64_t peak_device_delta_bytes = 0;  // largest use of its GPUs above idle
  bool per_process_visible = false;
  int64_t samples = 0;
  double interval_ms = 0;            // median from one sample to the next
  double sampling_cpu_s = 0;         // what the looking itself took of a core
  std::vector<std::string> foreign;  // processes that are not the run's, "pid 7 (Xorg)"
  std::string device, driver;
  int64_t total_bytes = 0;  // of that device
  /// What a ballast left of it to the run; 0: nothing was enforced, and why.
  int64_t enforced_limit_bytes = 0;
  std::string unenforced_reason = "nothing was to be enforced";
  bool ballast_lost = false;  // it ended before the run did
  /// By the account of the run's own PyTorch; 0: it gave none. Declared, not measured.
  int64_t child_peak_reserved_bytes = 0, child_peak_allocated_bytes = 0;

  int64_t peak_bytes() const { return std::max(peak_tree_bytes, peak_device_delta_bytes); }
};

/// Looks at the GPUs before, while and after a run. One run for each sampler.
class GpuSampler {
 public:
  /// Reads what is used while nothing runs. `monitor` stays in use until `finish`. `ballast` is a
  /// process of ours (GpuBallast), 0 for none: neither the run's nor a stranger's.
  explicit GpuSampler(GpuMonitor& monitor, pid_t ballast = 0);
  ~GpuSampler();
  GpuSampler(const GpuSampler&) = delete;
  GpuSampler& operator=(const GpuSampler&) = delete;

  /// Samples on a thread of its own from now on: `root` and what descends from it is the run
  /// (ProcessSpec::on_start).
  void watch(pid_t root);

  /// After the run: reads what is used once more, and says what was seen.
  GpuUse finish();

 private:
  enum class Owner { kRun, kOurs, kForeign, kUnknown };
  struct Device {
    int64_t idle_bytes = 0;  // least use so far
    bool used_by_run = false;
    int64_t peak_growth = 0;  // above idle, whoever made it
    std::map<pid_t, std::string> foreign;
  };

  void work();
  double pause() const;
  void sample();
  void stop();
  Owner owner_of(pid_t pid);
  Owner note_owner(Device& device, pid_t pid);
  std::string verdict() const;

  GpuMonitor& monitor_;
  std::vector<Device> devices_;
  std::string error_;
  pid_t ballast_ = 0, root_ = 0;
  std::set<pid_t> run_pids_;         // once seen as the run's
  std::map<pid_t, double> unknown_;  // since when a pid is named that /proc does not know
  bool visible_ = false;
  int64_t peak_tree_ = 0, peak_delta_ = 0;
  std::vector<float> intervals_ms_;
  double began_s_ = 0, last_sample_s_ = 0;
  double last_cost_s_ = 0, cost_s_ = 0;  // CPU time of the samples
  int64_t samples_ = 0;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace reconproof::system
