// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/slice_run.h"

#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <optional>
#include <random>
#include <span>
#include <thread>

#include "challenge/dataset/folder.h"
#include "checks/measure/python_folder.h"
#include "checks/measure/slice_channel.h"
#include "checks/measure/volume_drop.h"
#include "formats/hdf5.h"
#include "system/clock.h"
#include "system/error.h"
#include "system/host.h"
#include "system/tree_control.h"

namespace reconproof::checks {

namespace {

namespace fs = std::filesystem;
using system::Code;
using system::fail;

constexpr int64_t kWarmUpSlices = 5;  // WARMUP_SLICES of recon_eval.py
constexpr std::chrono::seconds kEndPatience(2);
constexpr int64_t kMostSlices = 100'000;  // of a volume: more is a lie

uint64_t unforeseeable() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

/// Everything that is asked, on a thread of its own beside the run.
class Conversation {
 public:
  Conversation(const submission::Project& project, const challenge::Edition& edition,
               const WholeRunOptions& options, SliceMode mode, const fs::path& recon,
               VolumeDrop* drop, system::Descriptor socket)
      : project_(project),
        edition_(edition),
        options_(options),
        mode_(mode),
        recon_(recon),
        drop_(drop),
        channel_(std::move(socket)),
        image_(static_cast<size_t>(edition.image_size * edition.image_size)) {}
  ~Conversation() { finish(); }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  /// `guard`: the process that kills the run on SIGTERM.
  void start(pid_t guard, std::shared_ptr<system::TreeControl> control) {
    control_ = std::move(control);
    thread_ = std::thread([this, guard] {
      try {
        work();
        channel_.end();
      } catch (const system::Error& error) {
        fault_ = error.what();
        ended_itself_ = error.code() == Code::kIo;
        channel_.close();
        kill_unless_it_ends(guard);
      }
    });
  }
  /// After the run: its sockets are closed, so that nothing is waited for.
  void finish() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    run_over_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  const std::string& fault() const { return fault_; }
  /// The fault is that the command was not there any more.
  bool ended_itself() const { return ended_itself_; }
  std::vector<VolumeTimes> take_volumes() { return std::move(volumes_); }
  std::string held_by() const {
    return control_ && mode_ == SliceMode::kHardened ? control_->means() : "";
  }

 private:
  /// A command that failed ends by itself, with an exit code that tells more than a kill.
  void kill_unless_it_ends(pid_t guard) {
    std::unique_lock lock(mutex_);
    if (!run_over_.wait_for(lock, kEndPatience, [&] { return over_; })) ::kill(guard, SIGTERM);
  }

  void work() {
    channel_.load();
    std::vector<ShownVolume> volumes =
        options_.view.empty() ? view_inputs(edition_, options_.data, {}, 0) : options_.view;
    if (mode_ == SliceMode::kHardened) {
      std::shuffle(volumes.begin(), volumes.end(), random_);
      for (const ShownVolume& volume : volumes) ask_hardened(volume);
    } else {
      const auto shown = [&](const ShownVolume& volume) {
        return std::pair(cell_index(volume.shown_cell), volume.shown_name);
      };
      std::ranges::stable_sort(volumes, {}, shown);
      for (const ShownVolume& volume : volumes) ask_official(volume);
    }
  }

  size_t cell_index(const std::string& name) const {
    return static_cast<size_t>(std::ranges::find(edition_.cells, name, &challenge::Cell::name) -
                               edition_.cells.begin());
  }
  const std::string& cell_folder(const std::string& name) const {
    return edition_.cells[cell_index(name)].folder;
  }

  HostVolume host(const ShownVolume& volume) const {
    if (options_.images.empty()) return {volume.host, {}};
    return {volume.host,
            options_.images / cell_folder(volume.cell) / challenge::kImageFolder / volume.name};
  }

  /// prep_volume, and where the volume's images go.
  VolumeTimes& prepare(const ShownVolume& volume, const VolumeFiles& files) {
    VolumeTimes& times = volumes_.emplace_back();
    times.cell = volume.cell;
    times.name = volume.name;
    const InputSize size = input_size(host(volume));
    times.bytes = size.bytes;
    const double cpu = cpu_seconds(), begin = system::monotonic_seconds();
    const int64_t slices = prepared(files);
    times.prep_s = system::monotonic_seconds() - begin;
    times.prep_cpu_s = cpu_seconds() - cpu;
    if (slices != size.slices) {
      fail(Code::kCorrupt, "prep_volume of {}/{} says {} slices, but the file holds {}",
           volume.cell, volume.name, slices, size.slices);
    }
    times.slice_s.resize(static_cast<size_t>(slices));
    times.declared_s.resize(static_cast<size_t>(slices));
    return times;
  }

  int64_t prepared(const VolumeFiles& files) {
    const int64_t slices = channel_.prepare(files);
    if (slices < 1 || slices > kMostSlices)
      fail(Code::kCorrupt, "prep_volume says num_slices = {}", slices);
    return slices;
  }

  double cpu_seconds() { return control_ ? control_->cpu_seconds() : 0; }

  void note(VolumeTimes& times, int64_t slice, const SliceTime& time) {
    times.slice_s[static_cast<size_t>(slice)] = time.seconds;
    times.declared_s[static_cast<size_t>(slice)] = time.declared;
  }

  void ask_official(const ShownVolume& volume) {
    const fs::path folder = fs::path(project_.leaderboard) / cell_folder(volume.shown_cell);
    const VolumeFiles files = {folder / challenge::kImageFolder / volume.shown_name,
                               folder / challenge::kKspaceFolder / volume.shown_name};
    VolumeTimes& times = prepare(volume, files);
    const auto slices = static_cast<int64_t>(times.slice_s.size());
    for (int64_t slice = 0; slice < std::min(kWarmUpSlices, slices); ++slice)
      channel_.reconstruct(slice);
    for (int64_t slice = 0; slice < slices; ++slice)
      note(times, slice, channel_.reconstruct(slice));
    Images images(*this, volume, slices);
    for (int64_t slice = 0; slice < slices; ++slice) {
      channel_.fetch(slice, edition_.image_size, image_);
      images.put(slice);
    }
    images.write();
  }

  void ask_hardened(const ShownVolume& volume) {
    warm_up(volume);
    VolumeTimes& times = prepare(volume, drop_->drop(host(volume)));
    const auto slices = static_cast<int64_t>(times.slice_s.size());
    std::vector<int64_t> order(static_cast<size_t>(slices));
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random_);
    Images images(*this, volume, slices);
    for (int64_t slice : order) {
      note(times, slice, channel_.deliver(slice, edition_.image_size, image_));
      // Between two requests the processes of the run stand still.
      if (control_) control_->freeze();
      images.put(slice);
      if (control_) control_->thaw();
    }
    look_whether_altering_shows(times, order.front(), images);
    drop_->clear();
    images.write();
  }

  void warm_up(const ShownVolume& volume) {
    const int64_t slices = prepared(drop_->drop_altered(host(volume), kWarmUpSlices));
    for (int64_t slice = 0; slice < std::min(kWarmUpSlices, slices); ++slice)
      channel_.deliver(slice, edition_.image_size, image_);
    drop_->clear();
  }

  /// The images of a volume, until all are there.
  class Images {
   public:
    Images(Conversation& owner, const ShownVolume& volume, int64_t slices)
        : owner_(owner),
          volume_(volume),
          shape_{slices, owner.edition_.image_size, owner.edition_.image_size},
          pixels_(static_cast<size_t>(slices) * owner.image_.size()) {}
    void put(int64_t slice) { std::ranges::copy(owner_.image_, at(slice).begin()); }
    bool holds(int64_t slice) { return std::ranges::equal(owner_.image_, at(slice)); }
    void write() {
      const fs::path target = owner_.recon_ / volume_.cell / volume_.name;
      system::make_folders(target.parent_path());
      formats::Hdf5Writer writer(target);
      writer.write(challenge::kReconstructionSet, shape_, std::span<const float>(pixels_));
      writer.commit();
    }

   private:
    std::span<float> at(int64_t slice) {
      const size_t size = owner_.image_.size();
      return std::span(pixels_).subspan(static_cast<size_t>(slice) * size, size);
    }
    Conversation& owner_;
    const ShownVolume& volume_;
    formats::Shape shape_;
    std::vector<float> pixels_;
  };

  /// Whoever reconstructs inside recon_slice gives another image once the input is another one.
  void look_whether_altering_shows(VolumeTimes& times, int64_t slice, Images& images) {
    times.altered = channel_.alter(drop_->alter(slice));
    channel_.deliver(slice, edition_.image_size, image_);
    times.computed_before = images.holds(slice);
  }

  const submission::Project& project_;
  const challenge::Edition& edition_;
  const WholeRunOptions& options_;
  SliceMode mode_;
  const fs::path& recon_;
  VolumeDrop* drop_;  // hardened only
  SliceChannel channel_;
  std::vector<float> image_;  // private memory that the clock waits for; its pages are touched
  std::shared_ptr<system::TreeControl> control_;
  std::mt19937_64 random_{unforeseeable()};
  std::vector<VolumeTimes> volumes_;
  std::string fault_;
  bool ended_itself_ = false;
  std::mutex mutex_;
  std::condition_variable run_over_;
  bool over_ = false;
  std::thread thread_;
};

int64_t largest_volume(const challenge::Edition& edition, const fs::path& data) {
  int64_t largest = 0;
  for (const ShownVolume& volume : view_inputs(edition, data, {}, 0))
    largest = std::max(largest, static_cast<int64_t>(fs::file_size(volume.host)));
  return largest;
}

}  // namespace

std::vector<std::string> driver_command(const submission::Step& step, const std::string& driver,
                                        int descriptor, const std::string& volumes) {
  std::vector<std::string> command = step.command;
  const auto script =
      std::ranges::find_if(command, [](const std::string& word) { return word.ends_with(".py"); });
  if (script == command.begin() || script == command.end()) {
    fail(Code::kInvalidArgument,
         "{}: [steps.reconstruct] contract = \"slice\" needs a command that runs recon_eval.py, "
         "such as [\"python3\", \"recon_eval.py\", \"-n\", \"test_Varnet\"]",
         submission::kProjectFile);
  }
  const std::string words[] = {driver, std::to_string(descriptor), volumes};
  command.insert(script, std::begin(words), std::end(words));
  return command;
}

SliceRun slice_run(const submission::Project& project, const challenge::Edition& edition,
                   WholeRunOptions options, SliceMode mode) {
  RP_ASSERT(project.reconstruct_step.has_value());
  driver_command(*project.reconstruct_step, "", 0, "");  // what cannot be driven is said at once
  const PythonFolder driver(kSliceDriver);
  std::optional<VolumeDrop> drop;
  if (mode == SliceMode::kHardened)
    drop.emplace(largest_volume(edition, options.data), unforeseeable());
  int sockets[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
    system::fail_errno(Code::kIo, "socketpair");
  system::Descriptor theirs(sockets[1]);

  const fs::path target = options.recon_folder;
  system::StagedFolder recon(target);
  options.recon_folder += "-scratch";  // whatever the command itself writes is of no use here
  const fs::path recon_path = recon.path();
  Conversation conversation(project, edition, options, mode, recon_path, drop ? &*drop : nullptr,
                            system::Descriptor(sockets[0]));
  SliceDrive drive;
  drive.driver = driver.path();
  drive.socket = theirs.get();
  if (drop) drive.volumes = drop->folder();
  drive.on_start = [&](pid_t guard, std::shared_ptr<system::TreeControl> control) {
    theirs.reset();  // or the command's end would go unnoticed
    conversation.start(guard, std::move(control));
  };
  options.drive = &drive;
  const system::OthersLoad others;
  SliceRun result;
  result.run = whole_run(project, edition, options);
  theirs.reset();
  conversation.finish();
  std::error_code ignored;
  fs::remove_all(options.recon_folder, ignored);
  result.busy_cores = others.cores(result.run.cpu_s);
  result.volumes = conversation.take_volumes();
  result.held_by = conversation.held_by();
  WholeRunResult& run = result.run;
  const std::string& fault = conversation.fault();
  if (!fault.empty()) {
    run.output_tail += fmt::format("reconproof: {}\n", fault);
    // A command that failed by itself, or was stopped at a limit, has its own reason.
    const bool has_reason = run.timed_out || !run.stopped.empty() || !run.not_run.empty();
    if (!has_reason && (run.ok() || !conversation.ended_itself())) run.stopped = fault;
  }
  recon.commit();
  if (!run.recon_folder.empty()) run.recon_folder = target;
  return result;
}

}  // namespace reconproof::checks
