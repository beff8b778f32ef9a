// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "system/clock.h"
#include "system/error.h"
#include "system/files.h"
#include "system/interrupt.h"
#include "system/stream_relay.h"

namespace reconproof::system {
namespace fs = std::filesystem;
namespace {

constexpr double kLongestPause = 0.25;  // between two samples of the tree, seconds
constexpr double kRelayPause = 1;       // the same, of a command that a person follows
constexpr double kGuardPatience =
    30;  // for processes that SIGKILL does not end at once (a hung disk)

struct Pipe {
  Descriptor read, write;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail_errno(Code::kIo, "pipe");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

// ---- guard and child: forked from a process with threads, so only async-signal-safe calls ----

struct GuardReport {
  int status = 0;
  double ended_s = 0;
  double cpu_s = 0;
};

struct StartError {
  enum Stage { kFork, kGroup, kDescriptors, kDirectory, kExec } stage;
  int error;
};

/// Everything the forked processes need, made before the fork: they must not allocate.
struct Launch {
  const char* program = nullptr;
  char* const* argv = nullptr;
  char* const* env = nullptr;
  const char* directory = nullptr;  // null: ours
  std::array<int, 3> streams{};
  int terminal_stream = -1;  // which of them is the child's controlling terminal; -1: none
  std::vector<PassedDescriptor> descriptors;
  std::vector<int> moved;  // room for descriptors.size() + 3
  int error_pipe = -1, report_pipe = -1;
  int release_pipe = -1;  // ends when the parent has read what it needs, or is dead
  pid_t parent = 0;
  // The child's cgroup; empty and -1: none.
  std::vector<int> group_entries;
  int group_kill = -1, group_thaw = -1;
  std::vector<std::string> group_folders;
  std::vector<int> kept_by_guard;  // ascending
};

double clock_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

void close_others_on_exec() {
  if (::close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) == 0) return;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const int end = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 1 << 16));
  for (int fd = 3; fd < end; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/// Moves the descriptors to their numbers, by way of high ones so that none is overwritten before
/// its turn.
bool place_descriptors(Launch& launch) {
  int high = 64;
  for (const auto& passed : launch.descriptors) high = std::max(high, passed.theirs + 1);
  const size_t count = launch.descriptors.size();
  for (size_t i = 0; i < count + 3; ++i) {
    const int ours = i < count ? launch.descriptors[i].ours : launch.streams[i - count];
    launch.moved[i] = ::fcntl(ours, F_DUPFD_CLOEXEC, high);
    if (launch.moved[i] < 0) return false;
  }
  launch.error_pipe = ::fcntl(launch.error_pipe, F_DUPFD_CLOEXEC, high);
  if (launch.error_pipe < 0) return false;
  close_others_on_exec();
  for (size_t i = 0; i < count + 3; ++i) {
    const int theirs = i < count ? launch.descriptors[i].theirs : static_cast<int>(i - count);
    if (::dup2(launch.moved[i], theirs) < 0) return false;
  }
  return true;
}

bool enter_group(const Launch& launch) {
  for (const int entry : launch.group_entries) {
    if (::write(entry, "0", 1) != 1) return false;
  }
  return true;
}

[[noreturn]] void run_child(Launch& launch) {
  ::setsid();
  StartError failed{StartError::kGroup, 0};
  bool ready = enter_group(launch);
  if (ready) {
    failed.stage = StartError::kDescriptors;
    ready = place_descriptors(launch);
  }
  if (ready && launch.terminal_stream >= 0) ::ioctl(launch.terminal_stream, TIOCSCTTY, 0);
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (ready && launch.directory) {
    failed.stage = StartError::kDirectory;
    ready = ::chdir(launch.directory) == 0;
  }
  if (ready) {
    failed.stage = StartError::kExec;
    ::execve(launch.program, launch.argv, launch.env);
  }
  failed.error = errno;
  (void)!::write(launch.error_pipe, &failed, sizeof failed);
  ::_exit(127);
}

/// Kills the guard's children. Their children become ours, so repeating this ends with all of them.
void kill_children(const Launch& launch, pid_t main_child) {
  ::kill(-main_child, SIGKILL);
  if (launch.group_kill >= 0) (void)!::pwrite(launch.group_kill, "1", 1, 0);
  const int file = ::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  char text[4096];
  ssize_t got = 0;
  pid_t pid = 0;
  while ((got = ::read(file, text, sizeof text)) > 0) {
    for (ssize_t i = 0; i < got; ++i) {
      if (text[i] >= '0' && text[i] <= '9') {
        pid = pid * 10 + (text[i] - '0');
      } else {
        if (pid > 1) ::kill(pid, SIGKILL);
        pid = 0;
      }
    }
  }
  ::close(file);
  // What stands frozen in a group of version 1 does not even die.
  if (launch.group_thaw >= 0) (void)!::pwrite(launch.group_thaw, "THAWED", 6, 0);
}

/// The guard holds nothing but what it needs: the streams' ends belong to the child alone.
void close_all_but_kept(const Launch& launch) {
  unsigned begin = 0;
  for (const int kept : launch.kept_by_guard) {
    if (static_cast<unsigned>(kept) > begin)
      ::close_range(begin, static_cast<unsigned>(kept) - 1, 0);
    begin = static_cast<unsigned>(kept) + 1;
  }
  ::close_range(begin, ~0u, 0);
}

/// Once the parent is done with the group. A parent that was killed may still have threads that die
/// slowly, so whether it lives cannot be asked; the pipe's end comes in either case.
void remove_group(const Launch& launch) {
  char none = 0;
  while (::read(launch.release_pipe, &none, 1) < 0 && errno == EINTR) {
  }
  for (const std::string& folder : launch.group_folders) {
    for (int i = 0; i < 1000 && ::rmdir(folder.c_str()) != 0 && errno == EBUSY; ++i) {
      const timespec moment{0, 1'000'000};
      ::nanosleep(&moment, nullptr);
    }
  }
}

[[noreturn]] void run_guard(Launch& launch) {
  ::setsid();
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::prctl(PR_SET_NAME, "reconproof-grd");
  sigset_t all, awaited;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  ::signal(SIGCHLD, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
  ::sigemptyset(&awaited);
  ::sigaddset(&awaited, SIGCHLD);
  ::sigaddset(&awaited, SIGTERM);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != launch.parent) {
    close_all_but_kept(launch);
    remove_group(launch);
    ::_exit(0);
  }

  const pid_t child = ::fork();
  if (child == 0) run_child(launch);
  if (child < 0) {
    const StartError failed{StartError::kFork, errno};
    (void)!::write(launch.error_pipe, &failed, sizeof failed);
  }
  close_all_but_kept(launch);
  GuardReport report;
  bool ending = child < 0;
  double ending_since = clock_now();
  while (true) {
    int status = 0;
    rusage usage{};
    pid_t reaped = 0;
    while ((reaped = ::wait4(-1, &status, WNOHANG, &usage)) > 0) {
      if (reaped != child) continue;
      report = {status, clock_now(), seconds(usage.ru_utime) + seconds(usage.ru_stime)};
      ending = true;
      ending_since = report.ended_s;
    }
    if (reaped < 0 && errno == ECHILD) break;
    if (ending) {
      if (clock_now() - ending_since > kGuardPatience) break;
      kill_children(launch, child);
    }
    const timespec short_while{0, 1'000'000}, long_while{3600, 0};
    if (::sigtimedwait(&awaited, nullptr, ending ? &short_while : &long_while) == SIGTERM &&
        !ending) {
      ending = true;
      ending_since = clock_now();
    }
  }
  (void)!::write(launch.report_pipe, &report, sizeof report);
  remove_group(launch);
  ::_exit(0);
}

// ---- captured output ----

/// First quarter and end of a stream that may be endless.
class Capture {
 public:
  explicit Capture(int64_t limit)
      : head_limit_(static_cast<size_t>(limit) / 4),
        tail_limit_(static_cast<size_t>(limit) - head_limit_) {}

  void add(std::string_view bytes) {
    const size_t room = std::min(bytes.size(), head_limit_ - head_.size());
    head_.append(bytes.substr(0, room));
    tail_.append(bytes.substr(room));
    if (tail_.size() > 2 * tail_limit_ + 4096) shorten();
  }
  std::string text() {
    shorten();
    if (left_out_ == 0) return head_ + tail_;
    return fmt::format("{}\n[... {} bytes left out ...]\n{}", head_, left_out_, tail_);
  }

 private:
  void shorten() {
    if (tail_.size() <= tail_limit_) return;
    left_out_ += static_cast<int64_t>(tail_.size() - tail_limit_);
    tail_.erase(0, tail_.size() - tail_limit_);
  }

  size_t head_limit_, tail_limit_;
  std::string head_, tail_;
  int64_t left_out_ = 0;
};

struct Stream {
  Pipe pipe;
  Capture capture;
};

/// Reads what is there. False at the end of the stream.
bool drain(Stream& stream, const ProcessSpec& spec) {
  char buffer[1 << 14];
  for (int rounds = 0; rounds < 16; ++rounds) {  // a flood must not keep us from the clock
    const ssize_t got = ::read(stream.pipe.read.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return true;  // EAGAIN
    if (got == 0) return false;
    const std::string_view bytes(buffer, static_cast<size_t>(got));
    stream.capture.add(bytes);
    if (spec.on_output) spec.on_output(bytes);
  }
  return true;
}

Descriptor open_output(const fs::path& path) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file.valid()) fail_errno(Code::kIo, path.string());
  return file;
}

// ---- one run ----

class Run {
 public:
  explicit Run(const ProcessSpec& spec)
      : spec_(spec),
        output_{{}, Capture(spec.capture_bytes)},
        errors_{{}, Capture(spec.capture_bytes)} {}
  ~Run() {
    if (control_) control_->release(monotonic_seconds());  // it looks at the group, which goes now
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  ProcessResult go() {
    RP_ASSERT(!spec_.argv.empty());
    const auto path = spec_.env.find("PATH");
    const fs::path program =
        spec_.argv[0].find('/') != std::string::npos
            ? fs::path(spec_.argv[0])
            : find_program(spec_.argv[0], path == spec_.env.end() ? "/usr/bin:/bin" : path->second);
    if (program.empty()) {
      result_.start_error = fmt::format("{}: command not found in PATH", spec_.argv[0]);
      return result_;
    }
    open_streams();
    const InterruptWatch watch;
    start(program.string());
    follow();
    finish();
    InterruptWatch::throw_if_interrupted();
    return std::move(result_);
  }

 private:
  void open_streams() {
    if (spec_.inherit_streams) {
      streams_ = {0, 1, 2};
      return;
    }
    if (spec_.relay_streams) {
      relay_.emplace(spec_.on_relay);
      streams_ = relay_->streams();
      return;
    }
    input_ = spec_.stdin_file ? open_for_reading(*spec_.stdin_file)
                              : Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!input_.valid()) fail_errno(Code::kIo, "/dev/null");
    if (spec_.stdout_file) stdout_file_ = open_output(*spec_.stdout_file);
    if (spec_.stderr_file) stderr_file_ = open_output(*spec_.stderr_file);
    const bool split = spec_.split_stderr && !spec_.stderr_file;
    if (!spec_.stdout_file || (!spec_.stderr_file && !split)) open_capture(output_);
    if (split) open_capture(errors_);
    streams_[0] = input_.get();
    streams_[1] = spec_.stdout_file ? stdout_file_.get() : output_.pipe.write.get();
    streams_[2] = spec_.stderr_file ? stderr_file_.get()
                  : split           ? errors_.pipe.write.get()
                                    : output_.pipe.write.get();
  }

  static void open_capture(Stream& stream) {
    stream.pipe = make_pipe();
    ::fcntl(stream.pipe.read.get(), F_SETFL, O_NONBLOCK);
  }

  void start(const std::string& program) {
    std::vector<std::string> env;
    for (const auto& [name, value] : spec_.env) env.push_back(name + "=" + value);
    const auto pointers = [](const std::vector<std::string>& texts) {
      std::vector<char*> list;
      for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
      list.push_back(nullptr);
      return list;
    };
    const std::vector<char*> argv = pointers(spec_.argv), envp = pointers(env);
    const std::string directory = spec_.working_directory.string();
    make_group();
    Pipe report = make_pipe(), error = make_pipe(), release = make_pipe();
    Launch launch{program.c_str(),
                  argv.data(),
                  envp.data(),
                  directory.empty() ? nullptr : directory.c_str(),
                  streams_,
                  relay_ ? relay_->terminal_stream() : -1,
                  spec_.descriptors,
                  {},
                  error.write.get(),
                  report.write.get(),
                  release.read.get(),
                  ::getpid(),
                  {},
                  -1,
                  -1,
                  {},
                  {report.write.get(), release.read.get()}};
    if (group_) join_group(launch);
    std::ranges::sort(launch.kept_by_guard);
    launch.moved.resize(launch.descriptors.size() + 3);
    started_ = monotonic_seconds();
    guard_ = ::fork();
    if (guard_ < 0) fail_errno(Code::kIo, "fork");
    if (guard_ == 0) run_guard(launch);
    report_ = std::move(report.read);
    release_ = std::move(release.write);
    error.write.reset();
    output_.pipe.write.reset();
    errors_.pipe.write.reset();
    if (relay_) relay_->started();
    StartError failed{};
    ssize_t got = 0;
    while ((got = ::read(error.read.get(), &failed, sizeof failed)) < 0 && errno == EINTR) {
    }
    if (got == sizeof failed) {
      const std::string what = failed.stage == StartError::kExec    ? program
                               : failed.stage == StartError::kFork  ? "a new process"
                               : failed.stage == StartError::kGroup ? "entering a cgroup"
                               : failed.stage == StartError::kDirectory
                                   ? "working directory " + directory
                                   : "passing descriptors to " + program;
      result_.start_error = fmt::format("{}: {}", what, std::strerror(failed.error));
    }
    started_ = monotonic_seconds();
    if (!result_.start_error.empty()) return;
    if (relay_) find_command();
    if (spec_.on_control) {
      std::unique_ptr<TreeControl> by_group = group_ ? group_->control() : nullptr;
      control_ =
          std::make_shared<RunControl>(by_group ? std::move(by_group) : signal_control(guard_));
      spec_.on_control(control_);
    }
    if (spec_.on_start) spec_.on_start(guard_);
  }

  /// The command, which leads a session and a process group of its own: for the signals that it is
  /// to get. Once it runs it is the guard's first child.
  void find_command() {
    const std::vector<pid_t> children = children_of(guard_);
    if (!children.empty()) command_ = children.front();
  }

  void hand_on_signals() {
    const int signal = InterruptWatch::take_signal();
    if (signal == 0) return;
    result_.handed_on = signal;
    if (command_ > 0) ::kill(-command_, signal);
  }

  void make_group() {
    if (!spec_.limits && !spec_.on_control) return;
    std::string reason;
    group_ = Cgroup::create(spec_.limits.value_or(GroupLimits()), reason);
    result_.limits_by = group_ ? group_->means() : "sampling and rlimits: " + reason;
  }

  void join_group(Launch& launch) const {
    launch.group_entries = group_->entries();
    launch.group_kill = group_->kill_descriptor();
    launch.group_thaw = group_->thaw_descriptor();
    launch.group_folders = group_->folders();
    std::vector<int>& kept = launch.kept_by_guard;
    for (const int lock : group_->locks()) kept.push_back(lock);
    for (const int file : {launch.group_kill, launch.group_thaw}) {
      if (file >= 0) kept.push_back(file);
    }
  }

  /// What the kernel does not watch for us is sampled.
  std::string limit_exceeded(const TreeUsage& usage) const {
    if (!spec_.limits) return "";
    const GroupLimits& limits = *spec_.limits;
    if (group_) {
      if (std::string found = group_->exceeded(); !found.empty()) return found;
    }
    const auto sampled = [&](CgroupPart part) { return !group_ || !group_->has(part); };
    if (limits.memory_bytes && sampled(CgroupPart::kMemory) &&
        usage.rss_bytes > *limits.memory_bytes)
      return memory_exceeded(*limits.memory_bytes);
    if (limits.processes && sampled(CgroupPart::kPids) &&
        usage.processes > *limits.processes + limits.own_processes)
      return processes_exceeded(*limits.processes);
    return "";
  }

  void stop() {
    if (stopping_since_ == 0) {
      stopping_since_ = monotonic_seconds();
      ::kill(guard_, SIGTERM);
    } else if (monotonic_seconds() - stopping_since_ > kGuardPatience + 5) {
      ::kill(guard_, SIGKILL);
    }
  }

  void check_clock_and_memory() {
    const double now = monotonic_seconds(), age = now - started_;
    if (stopping_since_ == 0 && spec_.timeout_s > 0 && age >= spec_.timeout_s) {
      result_.timed_out = true;
      stop();
    }
    if (relay_) hand_on_signals();
    if (InterruptWatch::interrupted() || stopping_since_ != 0) stop();
    if (now < next_sample_) return;
    const double before = thread_cpu_seconds();
    const TreeUsage& usage = meter_.sample(guard_);
    if (stopping_since_ == 0) {
      result_.stopped = limit_exceeded(usage);
      if (result_.stopped.empty() && spec_.watchdog) result_.stopped = spec_.watchdog(usage);
      if (!result_.stopped.empty()) stop();
    }
    // Looking takes time from what is looked at: a hundredth of it, once it has begun.
    const double cost = thread_cpu_seconds() - before;
    const double pause = std::min((age < 1 ? 10 : 100) * cost, kLongestPause);
    next_sample_ = now + std::max(relay_     ? std::clamp(age / 30, 0.1, kRelayPause)
                                  : age < 1  ? 0.01
                                  : age < 30 ? 0.03
                                             : 0.1,
                                  pause);
  }

  void follow() {
    bool output_open = output_.pipe.read.valid(), errors_open = errors_.pipe.read.valid();
    while (true) {
      check_clock_and_memory();
      double wait = next_sample_ - monotonic_seconds();
      if (spec_.timeout_s > 0)
        wait = std::min(wait, started_ + spec_.timeout_s - monotonic_seconds());
      std::vector<pollfd> polled = {pollfd{report_.get(), POLLIN, 0},
                                    pollfd{output_open ? output_.pipe.read.get() : -1, POLLIN, 0},
                                    pollfd{errors_open ? errors_.pipe.read.get() : -1, POLLIN, 0}};
      if (relay_) relay_->add_to(polled);
      const int ready =
          ::poll(polled.data(), polled.size(), std::clamp(static_cast<int>(wait * 1e3), 1, 100));
      if (ready <= 0) continue;  // a sample is due, or a signal came
      if (relay_) relay_->move([this] { hand_on_signals(); });
      if (polled[1].revents) output_open = drain(output_, spec_);
      if (polled[2].revents) errors_open = drain(errors_, spec_);
      if (polled[0].revents) return;
    }
  }

  void finish() {
    GuardReport report;
    const bool reported = ::read(report_.get(), &report, sizeof report) == sizeof report;
    // All writers are dead: what is in the pipes is all there will be.
    for (Stream* stream : {&output_, &errors_}) {
      if (stream->pipe.read.valid()) drain(*stream, spec_);
    }
    if (relay_) {
      relay_->finish([] {});
      if (relay_->typed_interrupt()) result_.handed_on = SIGINT;
      relay_.reset();  // the terminal is ours again
    }
    result_.output = output_.capture.text();
    result_.error_output = errors_.capture.text();
    result_.peak_rss_bytes = meter_.usage().peak_rss_bytes;
    result_.cpu_s = std::max(report.cpu_s, meter_.usage().cpu_s);
    if (group_) leave_group();
    result_.ended_s = reported && report.ended_s > 0 ? report.ended_s : monotonic_seconds();
    if (control_) result_.frozen_s = control_->release(result_.ended_s);
    release_.reset();
    while (::waitpid(guard_, nullptr, 0) < 0 && errno == EINTR) {
    }
    if (!result_.start_error.empty()) return;
    result_.wall_s = result_.ended_s - started_ - result_.frozen_s;
    if (!reported || WIFSIGNALED(report.status)) {
      result_.signal = reported ? WTERMSIG(report.status) : SIGKILL;
    } else {
      result_.exit_code = WEXITSTATUS(report.status);
    }
  }

  /// The run may have ended by what no sample saw.
  void leave_group() {
    if (result_.stopped.empty() && !result_.timed_out) result_.stopped = group_->exceeded();
    result_.cpu_s = group_->cpu_seconds().value_or(result_.cpu_s);
    result_.peak_cgroup_bytes = group_->peak_memory_bytes().value_or(0);
  }

  const ProcessSpec& spec_;
  ProcessResult result_;
  std::unique_ptr<Cgroup> group_;
  Descriptor input_, stdout_file_, stderr_file_, report_, release_;
  Stream output_, errors_;
  std::optional<StreamRelay> relay_;
  std::array<int, 3> streams_{};
  pid_t command_ = 0;  // 0: not known
  TreeMeter meter_;
  std::shared_ptr<RunControl> control_;
  pid_t guard_ = -1;
  double started_ = 0, next_sample_ = 0, stopping_since_ = 0;
};

}  // namespace

ProcessResult run_process(const ProcessSpec& spec) { return Run(spec).go(); }

fs::path find_program(const std::string& name, const std::string& search_path) {
  std::error_code ignored;
  size_t begin = 0;
  while (begin <= search_path.size()) {
    const size_t end = std::min(search_path.find(':', begin), search_path.size());
    const fs::path candidate = fs::path(search_path.substr(begin, end - begin)) / name;
    if (candidate.is_absolute() && ::access(candidate.c_str(), X_OK) == 0 &&
        fs::is_regular_file(candidate, ignored)) {
      return candidate;
    }
    begin = end + 1;
  }
  return {};
}

}  // namespace reconproof::system
