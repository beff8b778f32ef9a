// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/cgroup.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <map>
#include <mutex>
#include <utility>

#include "system/clock.h"
#include "system/error.h"
#include "system/tree_meter.h"

namespace reconproof::system {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGroupPrefix = "reconproof-";
constexpr double kPatience = 10;  // for a freeze, and for killed processes to be gone
constexpr int kSpins = 200;       // an idle tree stands still after some ten microseconds
constexpr useconds_t kPauseUs = 50;

Descriptor open_file(const fs::path& path, int flags) {
  Descriptor file(::open(path.c_str(), flags | O_CLOEXEC));
  if (!file.valid()) fail_errno(Code::kIo, path.string());
  return file;
}

bool write_word(const Descriptor& file, std::string_view word) {
  return ::pwrite(file.get(), word.data(), word.size(), 0) == static_cast<ssize_t>(word.size());
}

void set(const fs::path& file, int64_t value) {
  if (!write_word(open_file(file, O_WRONLY), std::to_string(value)))
    fail_errno(Code::kIo, fmt::format("{}: cannot write {}", file.string(), value));
}

/// Where an older kernel or one without swap has no such file, there is nothing to be bounded.
void set_if_there(const fs::path& file, std::string_view value) {
  const Descriptor opened(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (opened.valid()) write_word(opened, value);
}

/// The number in the line "key number", or in a file of one number when the key is empty.
std::optional<int64_t> number_in(const fs::path& file, std::string_view key = "") {
  const std::string text = "\n" + read_proc(file.string());
  const std::string before = "\n" + (key.empty() ? "" : std::string(key) + " ");
  const size_t at = text.find(before);
  if (at == std::string::npos) return std::nullopt;
  int64_t value = 0;
  const char* begin = text.data() + at + before.size();
  if (std::from_chars(begin, text.data() + text.size(), value).ec != std::errc())
    return std::nullopt;
  return value;
}

/// Kills everything in a group until it is gone and the group can be removed.
void remove_group(const fs::path& folder, double patience) {
  const double deadline = monotonic_seconds() + patience;
  while (::rmdir(folder.c_str()) != 0 && errno == EBUSY && monotonic_seconds() < deadline) {
    set_if_there(folder / "cgroup.kill", "1");
    const std::string text = read_proc((folder / "cgroup.procs").string());
    for (size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1) {
      const pid_t pid = std::atoi(text.c_str() + begin);
      if (pid > 1) ::kill(pid, SIGKILL);
    }
    set_if_there(folder / "freezer.state", "THAWED");
    ::usleep(1000);
  }
}

CgroupPlaces places_here(const std::string& allowed) {
  if (allowed == "none") return {{}, "RECONPROOF_CGROUP=none"};
  std::vector<CgroupHierarchy> hierarchies =
      cgroup_hierarchies(read_proc("/proc/self/cgroup"), read_proc("/proc/self/mountinfo"));
  if (allowed == "v1")
    std::erase_if(hierarchies, [](const CgroupHierarchy& h) { return h.version != 1; });
  return find_cgroup_places(hierarchies);
}

/// Removes what killed harnesses left.
void sweep(const fs::path& parent) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, error)) {
    if (!entry.path().filename().string().starts_with(kGroupPrefix)) continue;
    const Descriptor lock(::open(entry.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (lock.valid() && try_lock(lock)) remove_group(entry.path(), 1);
  }
}

const char* name_of(CgroupPart part) {
  switch (part) {
    case CgroupPart::kMemory:
      return "memory";
    case CgroupPart::kPids:
      return "pids";
    case CgroupPart::kCpu:
      return "cpu";
    case CgroupPart::kFreezer:
      return "freezer";
    case CgroupPart::kKill:
      return "kill";
  }
  return "";
}

/// Asks until the answer is true. False when it does not come in time.
template <typename Ask>
bool wait_for(Ask&& ask) {
  double deadline = 0;
  for (int round = 0; !ask(); ++round) {
    if (round < kSpins) {
      ::sched_yield();
      continue;
    }
    if (deadline == 0) deadline = monotonic_seconds() + kPatience;
    if (monotonic_seconds() > deadline) return false;
    ::usleep(kPauseUs);
  }
  return true;
}

class GroupControl : public TreeControl {
 public:
  GroupControl(const Cgroup& group, int version, const fs::path& folder)
      : group_(group), is_new_(version == 2) {
    switch_ = open_file(folder / (is_new_ ? "cgroup.freeze" : "freezer.state"), O_RDWR);
    state_ = open_file(folder / (is_new_ ? "cgroup.events" : "freezer.state"), O_RDONLY);
  }

  /// A group that is being killed comes to rest too: it is empty, or its guard has thawed it.
  void freeze() override {
    order(is_new_ ? "1" : "FROZEN");
    const bool still = wait_for([&] {
      const std::string state = this->state();
      return is_new_ ? state.find("frozen 1") != std::string::npos ||
                           state.find("populated 0") != std::string::npos
                     : !state.starts_with("FREEZING");
    });
    if (!still) fail(Code::kIo, "the run did not come to a stop within {} seconds", kPatience);
  }
  void thaw() override {
    order(is_new_ ? "0" : "THAWED");
    if (is_new_) wait_for([&] { return state().find("frozen 1") == std::string::npos; });
  }
  double cpu_seconds() override { return group_.cpu_seconds().value_or(0); }
  std::string means() const override { return is_new_ ? "cgroup v2 freezer" : "cgroup v1 freezer"; }

 private:
  void order(std::string_view word) {
    if (!write_word(switch_, word)) fail_errno(Code::kIo, means());
  }
  std::string state() const {
    char text[256];
    const ssize_t got = ::pread(state_.get(), text, sizeof text, 0);
    return got > 0 ? std::string(text, static_cast<size_t>(got)) : "populated 0";
  }

  const Cgroup& group_;
  bool is_new_;
  Descriptor switch_, state_;
};

}  // namespace

std::string memory_exceeded(int64_t limit) {
  return fmt::format("used more memory than the limit of {} bytes", limit);
}

std::string processes_exceeded(int64_t limit) {
  return fmt::format("started more processes and threads than the limit of {}", limit);
}

bool Cgroup::Folder::has(CgroupPart part) const {
  return std::ranges::find(place.parts, part) != place.parts.end();
}

void Cgroup::remove_abandoned() {
  for (const CgroupPlace& place : places_here("").places) sweep(place.folder);
}

/// What this machine gives: places without what was left there, and proof that a process of ours
/// can enter.
CgroupPlaces Cgroup::usable_places(const std::string& allowed) {
  CgroupPlaces found = places_here(allowed);
  for (const CgroupPlace& place : found.places) sweep(place.folder);
  if (found.places.empty()) return found;
  try {
    Cgroup trial;
    trial.make_folders(found);
    if (trial.can_be_entered()) return found;
    found.lacking = fmt::format("the kernel lets none of our processes into a group below {}",
                                found.places[0].folder.string());
  } catch (const Error& error) {
    found.lacking = error.what();
  }
  found.places.clear();
  return found;
}

std::unique_ptr<Cgroup> Cgroup::create(const GroupLimits& limits, std::string& reason) {
  const char* value = std::getenv("RECONPROOF_CGROUP");
  const std::string allowed = value ? value : "";
  static std::mutex mutex;
  static std::map<std::string, CgroupPlaces> known;  // found out once
  CgroupPlaces places;
  {
    const std::lock_guard lock(mutex);
    const auto [entry, is_new] = known.try_emplace(allowed);
    if (is_new) entry->second = usable_places(allowed);
    places = entry->second;
  }
  reason = places.lacking;
  if (places.places.empty()) return nullptr;
  try {
    std::unique_ptr<Cgroup> group(new Cgroup);
    group->make_folders(places);
    group->set_limits(limits);
    return group;
  } catch (const Error& error) {
    reason = error.what();
    return nullptr;
  }
}

void Cgroup::make_folders(const CgroupPlaces& places) {
  static std::atomic<int> count = 0;
  const std::string name = fmt::format("{}{}-{}", kGroupPrefix, ::getpid(), count++);
  lacking_ = places.lacking;
  for (const CgroupPlace& place : places.places) {
    const fs::path path = place.folder / name;
    if (::mkdir(path.c_str(), 0755) != 0) fail_errno(Code::kIo, path.string());
    Folder& folder = folders_.emplace_back();
    folder.place = place;
    folder.path = path;
    folder.lock = open_file(path, O_RDONLY | O_DIRECTORY);
    if (!try_lock(folder.lock)) fail(Code::kIo, "{}: another program took it", path.string());
    folder.entry = open_file(path / "cgroup.procs", O_WRONLY);
  }
  if (const Folder* folder = folder_with(CgroupPart::kKill)) {
    // Linux 5.14
    kill_ = Descriptor(::open((folder->path / "cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC));
  }
  if (const Folder* folder = folder_with(CgroupPart::kFreezer);
      folder && folder->place.version == 1)
    thaw_ = open_file(folder->path / "freezer.state", O_WRONLY);
}

void Cgroup::set_limits(const GroupLimits& limits) {
  limits_ = limits;
  if (const Folder* folder = folder_with(CgroupPart::kMemory); folder && limits.memory_bytes) {
    const bool is_new = folder->place.version == 2;
    const std::string value = std::to_string(*limits.memory_bytes);
    set(folder->path / (is_new ? "memory.max" : "memory.limit_in_bytes"), *limits.memory_bytes);
    set_if_there(folder->path / "memory.swap.max", "0");
    set_if_there(folder->path / "memory.memsw.limit_in_bytes", value);
    set_if_there(folder->path / "memory.oom.group", "1");
  }
  if (const Folder* folder = folder_with(CgroupPart::kPids); folder && limits.processes)
    set(folder->path / "pids.max", *limits.processes + limits.own_processes);
}

bool Cgroup::can_be_entered() const {
  const std::vector<int> doors = entries();
  const pid_t child = ::fork();
  if (child < 0) return false;
  if (child == 0) {
    bool entered = true;
    for (const int door : doors) entered = ::write(door, "0", 1) == 1 && entered;
    ::_exit(entered ? 0 : 1);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Cgroup::~Cgroup() {
  for (const Folder& folder : folders_) remove_group(folder.path, kPatience);
}

std::vector<int> Cgroup::entries() const {
  std::vector<int> descriptors;
  for (const Folder& folder : folders_) descriptors.push_back(folder.entry.get());
  return descriptors;
}

std::vector<int> Cgroup::locks() const {
  std::vector<int> descriptors;
  for (const Folder& folder : folders_) descriptors.push_back(folder.lock.get());
  return descriptors;
}

std::vector<std::string> Cgroup::folders() const {
  std::vector<std::string> paths;
  for (const Folder& folder : folders_) paths.push_back(folder.path.string());
  return paths;
}

const Cgroup::Folder* Cgroup::folder_with(CgroupPart part) const {
  const auto found = std::ranges::find_if(folders_, [&](const Folder& f) { return f.has(part); });
  return found == folders_.end() ? nullptr : &*found;
}

std::string Cgroup::means() const {
  std::string text;
  for (const int version : {2, 1}) {
    std::string parts;
    for (const CgroupPart part : {CgroupPart::kMemory, CgroupPart::kPids, CgroupPart::kCpu,
                                  CgroupPart::kFreezer, CgroupPart::kKill}) {
      const Folder* folder = folder_with(part);
      if (folder && folder->place.version == version)
        parts += (parts.empty() ? "" : ", ") + std::string(name_of(part));
    }
    if (!parts.empty())
      text += fmt::format("{}v{} ({})", text.empty() ? "cgroup " : ", ", version, parts);
  }
  if (lacking_.empty()) return text;
  return fmt::format("{}; else sampling and rlimits: {}", text, lacking_);
}

std::string Cgroup::exceeded() const {
  if (const Folder* folder = folder_with(CgroupPart::kMemory); folder && limits_.memory_bytes) {
    const bool is_new = folder->place.version == 2;
    const auto kills =
        number_in(folder->path / (is_new ? "memory.events" : "memory.oom_control"), "oom_kill");
    if (kills.value_or(0) > 0) return memory_exceeded(*limits_.memory_bytes);
  }
  if (const Folder* folder = folder_with(CgroupPart::kPids); folder && limits_.processes) {
    if (number_in(folder->path / "pids.events", "max").value_or(0) > 0)
      return processes_exceeded(*limits_.processes);
  }
  return "";
}

std::optional<double> Cgroup::cpu_seconds() const {
  const Folder* folder = folder_with(CgroupPart::kCpu);
  if (!folder) return std::nullopt;
  const bool is_new = folder->place.version == 2;
  const auto used = is_new ? number_in(folder->path / "cpu.stat", "usage_usec")
                           : number_in(folder->path / "cpuacct.usage");
  if (!used) return std::nullopt;
  return static_cast<double>(*used) * (is_new ? 1e-6 : 1e-9);
}

std::optional<int64_t> Cgroup::peak_memory_bytes() const {
  const Folder* folder = folder_with(CgroupPart::kMemory);
  if (!folder) return std::nullopt;
  return number_in(folder->path /
                   (folder->place.version == 2 ? "memory.peak" : "memory.max_usage_in_bytes"));
}

std::unique_ptr<TreeControl> Cgroup::control() const {
  const Folder* folder = folder_with(CgroupPart::kFreezer);
  if (!folder || !has(CgroupPart::kCpu)) return nullptr;
  return std::make_unique<GroupControl>(*this, folder->place.version, folder->path);
}

}  // namespace reconproof::system
