// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>

#include "system/clock.h"
#include "system/environment.h"
#include "system/error.h"
#include "system/files.h"
#include "system/launcher_protocol.h"
#include "system/observer.h"
#include "system/sandbox_child.h"
#include "system/terminal.h"

namespace reconproof::system {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

constexpr int64_t kBwrapProcesses = 2;  // one outside, one as init inside
constexpr const char* kLauncherInside = "/run/reconproof/launcher";

fs::path find_bwrap(const std::string& name) {
  if (name.find('/') != std::string::npos)
    return ::access(name.c_str(), X_OK) == 0 ? fs::path(name) : fs::path();
  return find_program(name, environment_variable("PATH") + ":/usr/local/bin:/usr/bin:/bin");
}

/// A writable folder of the host for the time of a run: as root it belongs to the sandbox's uid
/// meanwhile.
class OutputFolder {
 public:
  explicit OutputFolder(const fs::path& path) : path_(path) {
    folder_ = Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (!folder_.valid() || ::fstat(folder_.get(), &status) != 0)
      fail_errno(Code::kNotFound, path.string());
    if (status.st_uid != ::geteuid() || !sorted_entries(path).empty()) {
      fail(Code::kInvalidArgument, "{}: only an empty folder of our own is given to a sandbox",
           path.string());
    }
    if (::geteuid() == 0) give(kSandboxHostId, kSandboxHostId);
  }
  ~OutputFolder() {
    if (::geteuid() != 0) return;
    give(::geteuid(), ::getegid());
    std::error_code error;
    for (fs::recursive_directory_iterator it(path_, error), end; !error && it != end;
         it.increment(error)) {
      (void)!::lchown(it->path().c_str(), ::geteuid(), ::getegid());
    }
  }
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  int64_t bytes() const {
    int64_t total = 0;
    std::error_code error;
    for (fs::recursive_directory_iterator it(path_, error), end; !error && it != end;
         it.increment(error)) {
      struct stat status {};
      if (::lstat(it->path().c_str(), &status) == 0) total += int64_t{status.st_blocks} * 512;
    }
    return total;
  }

 private:
  void give(uid_t user, gid_t group) const {
    if (::fchown(folder_.get(), user, group) != 0)
      fail_errno(Code::kIo, "cannot hand over " + path_.string());
  }

  fs::path path_;
  Descriptor folder_;
};

void check_spec(const SandboxSpec& spec) {
  RP_ASSERT(!spec.argv.empty());
  for (const Mount& mount : spec.mounts) {
    std::error_code error;
    if (!fs::exists(mount.host, error)) {
      fail(Code::kNotFound, "{}: not there; the sandbox would show it as {}", mount.host.string(),
           mount.inside.string());
    }
    if (mount.inside.is_relative()) {
      fail(Code::kInvalidArgument, "{}: a place inside the sandbox must be absolute",
           mount.inside.string());
    }
  }
  for (const PassedDescriptor& passed : spec.descriptors) {
    if (passed.theirs < 3 || passed.theirs >= spec.limits.open_files) {
      fail(Code::kInvalidArgument, "descriptor {}: expected a number from 3 to {}", passed.theirs,
           spec.limits.open_files - 1);
    }
  }
  for (const auto& [name, value] : spec.env) {
    if (name.empty() || name.find('=') != std::string::npos) {
      fail(Code::kInvalidArgument, "environment: '{}' is no name of a variable", printable(name));
    }
  }
}

/// On the way to the launcher, the passed descriptors stand behind the helper's own.
int number_on_the_way(size_t index) { return kSandboxLastDescriptor + 1 + static_cast<int>(index); }

/// The launcher's argument DESCRIPTORS.
std::string moves(const std::vector<PassedDescriptor>& descriptors) {
  std::string text;
  for (size_t i = 0; i < descriptors.size(); ++i) {
    text += fmt::format("{}{}:{}", i == 0 ? "" : ",", number_on_the_way(i), descriptors[i].theirs);
  }
  return text.empty() ? "-" : text;
}

/// What the helper reads; see sandbox_child.cpp.
Descriptor spec_file(const SandboxSpec& spec, const std::string& bwrap, const fs::path& launcher) {
  json mounts = json::array();
  for (const Mount& mount : spec.mounts) {
    mounts.push_back({{"host", fs::absolute(mount.host).string()},
                      {"inside", mount.inside.string()},
                      {"writable", mount.writable}});
  }
  // Last, so that nothing can cover it.
  mounts.push_back({{"host", launcher.string()}, {"inside", kLauncherInside}, {"writable", false}});
  json links = json::array();
  for (const SandboxLink& link : spec.links) {
    links.push_back({{"target", link.target}, {"inside", link.inside.string()}});
  }
  std::vector<std::string> argv = {
      kLauncherInside, std::to_string(kSandboxLauncherDescriptor), spec.observe ? "1" : "0",
      std::to_string(spec.limits.processes + kBwrapProcesses), moves(spec.descriptors)};
  argv.insert(argv.end(), spec.argv.begin(), spec.argv.end());
  const int64_t memory = spec.limits.memory_bytes.value_or(std::numeric_limits<int64_t>::max());
  const json text = {{"bwrap", bwrap},
                     {"argv", argv},
                     {"env", spec.env},
                     {"working_directory", spec.working_directory.string()},
                     {"mounts", mounts},
                     {"links", links},
                     {"tmp_bytes", std::min(spec.tmp_bytes, memory)},
                     {"shm_bytes", std::min(spec.shm_bytes, memory)},
                     {"file_bytes", spec.limits.file_bytes},
                     {"open_files", spec.limits.open_files},
                     {"gpu", spec.gpu}};
  Descriptor file(::memfd_create("sandbox-spec", MFD_CLOEXEC));
  if (!file.valid()) fail_errno(Code::kIo, "memfd_create");
  std::string bytes;
  try {
    bytes = text.dump();
  } catch (const json::exception&) {
    fail(Code::kInvalidArgument, "a command, path or variable for the sandbox is not valid UTF-8");
  }
  write_all(file.get(), bytes.data(), bytes.size(), "memfd");
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::string read_rest(const Descriptor& pipe) {
  ::fcntl(pipe.get(), F_SETFL, O_NONBLOCK);
  std::string text;
  char buffer[4096];
  ssize_t got = 0;
  while ((got = ::read(pipe.get(), buffer, sizeof buffer)) > 0)
    text.append(buffer, static_cast<size_t>(got));
  return text;
}

/// bwrap's status lines: {"child-pid": 5, ...} and at the end {"exit-code": 0}.
std::optional<int> exit_code_in(const std::string& status) {
  size_t begin = 0;
  while (begin < status.size()) {
    const size_t end = std::min(status.find('\n', begin), status.size());
    const json line = json::parse(status.substr(begin, end - begin), nullptr, false);
    if (line.is_object() && line.contains("exit-code") && line["exit-code"].is_number_integer()) {
      return line["exit-code"].get<int>();
    }
    begin = end + 1;
  }
  return std::nullopt;
}

std::string refusal(const std::string& words) {
  std::string text = words.substr(0, 2000);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const bool namespaces = text.find("namespace") != std::string::npos ||
                          text.find("not permitted") != std::string::npos ||
                          text.find("Permission denied") != std::string::npos;
  return fmt::format(
      "bubblewrap could not isolate a process here{}: {}",
      namespaces ? " (namespaces are not permitted: a container, a chroot or a hardened kernel)"
                 : "",
      text.empty() ? "it gave no reason" : printable(text));
}

/// bwrap, like a shell, turns a signal into 128 + its number; there is no other way to tell.
void set_exit(SandboxResult& result, int code) {
  if (code > 128 && code <= 128 + 64) {
    result.signal = code - 128;
  } else {
    result.exit_code = code;
  }
}

std::string exceeded(const SandboxLimits& limits,
                     const std::vector<std::unique_ptr<OutputFolder>>& outputs, double& next_look) {
  const double now = monotonic_seconds();
  if (!limits.output_bytes || now < next_look) return "";
  next_look = now + 0.5;
  int64_t total = 0;
  for (const auto& output : outputs) total += output->bytes();
  if (total <= *limits.output_bytes) return "";
  return fmt::format("wrote {} bytes of outputs, more than the limit of {}", total,
                     *limits.output_bytes);
}

SandboxResult to_result(const ProcessResult& process, const Observer& observer,
                        std::optional<int> exit_code) {
  SandboxResult result;
  result.output = process.output;
  result.timed_out = process.timed_out;
  result.stopped = process.stopped;
  result.limits_by = process.limits_by;
  result.observed = observer.observed();
  result.unobserved_reason = observer.unobserved_reason();
  result.attempts = observer.attempts();
  if (observer.exec_error() != 0) {
    result.start_error =
        observer.exec_error() == ENOENT
            ? "command not found inside the sandbox (or its interpreter, or a library loader)"
            : std::strerror(observer.exec_error());
    return result;
  }
  if (observer.ready_s() == 0) {
    result.refused_reason =
        refusal(process.start_error.empty() ? process.output : process.start_error);
    return result;
  }
  result.wall_s = std::max(0.0, process.ended_s - observer.ready_s() - process.frozen_s);
  result.cpu_s = process.cpu_s;
  result.peak_rss_bytes = process.peak_rss_bytes;
  result.peak_cgroup_bytes = process.peak_cgroup_bytes;
  if (exit_code) {
    set_exit(result, *exit_code);
  } else {
    result.signal =
        process.signal != 0 ? process.signal : SIGKILL;  // bwrap died before it could tell
  }
  return result;
}

}  // namespace

SandboxResult run_in_sandbox(const SandboxSpec& spec) {
  check_spec(spec);
  SandboxResult refused;
  const fs::path bwrap = find_bwrap(spec.bwrap);
  if (bwrap.empty()) {
    refused.refused_reason =
        fmt::format("bubblewrap ({}) is not installed: apt-get install bubblewrap", spec.bwrap);
    return refused;
  }
  const fs::path launcher = sandbox_helper_program().parent_path() / kLauncherName;
  if (::access(launcher.c_str(), X_OK) != 0) {
    refused.refused_reason = fmt::format("{}: {}; install it beside the harness", launcher.string(),
                                         std::strerror(errno));
    return refused;
  }

  std::vector<std::unique_ptr<OutputFolder>> outputs;
  for (const Mount& mount : spec.mounts) {
    if (mount.writable) outputs.push_back(std::make_unique<OutputFolder>(mount.host));
  }
  const Descriptor spec_descriptor = spec_file(spec, bwrap.string(), launcher);
  int sockets[2], status[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
    fail_errno(Code::kIo, "socketpair");
  Observer observer(Descriptor(sockets[0]), spec.watch_prefixes, spec.write_prefixes);
  Descriptor theirs(sockets[1]);
  if (::pipe2(status, O_CLOEXEC) != 0) fail_errno(Code::kIo, "pipe");
  const Descriptor status_read(status[0]);
  Descriptor status_write(status[1]);

  double next_look = 0;
  ProcessSpec process;
  process.argv = {sandbox_helper_program().string(), kEnterSandboxCommand};
  process.descriptors = {{spec_descriptor.get(), kSandboxSpecDescriptor},
                         {theirs.get(), kSandboxLauncherDescriptor},
                         {status_write.get(), kSandboxStatusDescriptor}};
  for (size_t i = 0; i < spec.descriptors.size(); ++i)
    process.descriptors.push_back({spec.descriptors[i].ours, number_on_the_way(i)});
  process.working_directory = "/";
  process.timeout_s = spec.timeout_s;
  process.capture_bytes = spec.capture_bytes;
  process.on_output = spec.on_output;
  process.on_control = spec.on_control;
  process.on_start = spec.on_start;
  process.limits = GroupLimits{spec.limits.memory_bytes, spec.limits.processes, kBwrapProcesses};
  process.watchdog = [&](const TreeUsage&) {
    std::string reason = spec.stop_when ? spec.stop_when() : "";
    return reason.empty() ? exceeded(spec.limits, outputs, next_look) : reason;
  };
  const ProcessResult ended = run_process(process);
  theirs.reset();
  status_write.reset();
  observer.finish();
  return to_result(ended, observer, exit_code_in(read_rest(status_read)));
}

const SandboxSupport& probe_sandbox(const std::string& bwrap) {
  static std::mutex mutex;
  static std::map<std::string, SandboxSupport> known;
  const std::lock_guard lock(mutex);
  const auto [entry, is_new] = known.try_emplace(bwrap);
  if (!is_new) return entry->second;
  SandboxSpec spec;
  spec.argv = {"true"};
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.timeout_s = 30;
  spec.bwrap = bwrap;
  const SandboxResult result = run_in_sandbox(spec);
  SandboxSupport& support = entry->second;
  support.available = result.ok();
  support.refused_reason = !result.refused_reason.empty() ? result.refused_reason
                           : result.ok()                  ? ""
                                         : refusal(result.output + result.start_error);
  support.observes = result.observed;
  support.unobserved_reason = result.unobserved_reason;
  support.limits_by = result.limits_by;
  return support;
}

}  // namespace reconproof::system
