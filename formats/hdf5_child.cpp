// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Protocol, on a stream socket of the file's own: u32 length, JSON; a reply to "read" is followed
// by the raw bytes it announces. Nothing the worker says is trusted: sizes are checked against what
// was asked for.
#include "formats/hdf5_child.h"

#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>

#include "formats/hdf5_local.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::formats {
namespace {

using nlohmann::json;
using system::Code;
using system::Descriptor;
using system::fail;

constexpr int kControl = 3;  // in the reader: requests; in a worker: its own socket
constexpr int kFile = 4;
constexpr uint32_t kMaxMessage = 32u << 20;
constexpr int kMaxElementBytes = 1 << 24;
constexpr int64_t kMaxFileOffset = int64_t{1}
                                   << 50;  // in a file; no sum of it and a size overflows

// ---- bytes over a socket ----

bool send_all(int fd, const void* data, size_t size) {
  const char* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t sent = ::send(fd, bytes, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes += sent;
    size -= static_cast<size_t>(sent);
  }
  return true;
}

bool receive_all(int fd, void* data, size_t size) {
  char* bytes = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = ::recv(fd, bytes, size, MSG_WAITALL);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

bool send_json(int fd, const json& message) {
  const std::string text = message.dump(-1, ' ', false, json::error_handler_t::replace);
  const uint32_t size = static_cast<uint32_t>(text.size());
  return send_all(fd, &size, sizeof size) && send_all(fd, text.data(), size);
}

bool receive_json(int fd, json& message) {
  uint32_t size = 0;
  if (!receive_all(fd, &size, sizeof size) || size > kMaxMessage) return false;
  std::string text(size, '\0');
  if (!receive_all(fd, text.data(), size)) return false;
  message = json::parse(text, nullptr, false);
  return message.is_object();
}

// ---- worker ----

void limit(int resource, rlim_t value) {
  const rlimit bound{value, value};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &bound);
}

/// What a worker may allocate for a file. A sound one needs its largest packed piece a few times;
/// one of a few megabytes that asks for gigabytes (filters unpack for ever, pieces of 4 GiB) is
/// refused.
rlim_t memory_limit(int file) {
  constexpr rlim_t kLeast = rlim_t{512} << 20, kMost = rlim_t{6} << 30;
  struct stat status {};
  if (::fstat(file, &status) != 0) return kLeast;
  return std::min(kMost, kLeast + 4 * static_cast<rlim_t>(status.st_size));
}

constexpr rlim_t kMostSeconds = 300;  // of processor time, for all that is asked of one file

/// For one request: libhdf5 runs round some damaged files for ever. Reading gets a second more for
/// every 10 MB, a tenth of the speed of the slowest filter.
void allow_seconds(int64_t bytes_to_read) {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  constexpr int64_t kLeast = 10, kBytesASecond = 10'000'000;
  const auto end = static_cast<rlim_t>(used.tv_sec + kLeast + bytes_to_read / kBytesASecond);
  const rlimit bound{std::min(end, kMostSeconds), kMostSeconds};
  ::setrlimit(RLIMIT_CPU, &bound);
}

void confine_worker() {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, kMostSeconds);
  limit(RLIMIT_FSIZE, 0);
#ifdef RECONPROOF_ADDRESS_SANITIZER
  limit(RLIMIT_NOFILE, 16);  // the sanitizers' runtime makes pipes
#else
  limit(RLIMIT_NOFILE, 6);  // 0 to 4 are taken: libhdf5 opens the file itself, then nothing more
  limit(RLIMIT_AS, memory_limit(kFile));
#endif
  ::prctl(PR_SET_DUMPABLE, 0);
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
  constexpr std::array kAllowed = {
      SCMP_SYS(read),          SCMP_SYS(pread64),        SCMP_SYS(lseek),
      SCMP_SYS(fstat),         SCMP_SYS(newfstatat),     SCMP_SYS(close),
      SCMP_SYS(mmap),          SCMP_SYS(munmap),         SCMP_SYS(mremap),
      SCMP_SYS(mprotect),      SCMP_SYS(madvise),        SCMP_SYS(brk),
      SCMP_SYS(futex),         SCMP_SYS(sendto),         SCMP_SYS(recvfrom),
      SCMP_SYS(flock),         SCMP_SYS(exit),           SCMP_SYS(exit_group),
      SCMP_SYS(rt_sigreturn),  SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
      SCMP_SYS(getpid),        SCMP_SYS(gettid),         SCMP_SYS(tgkill),
      SCMP_SYS(readlink),      SCMP_SYS(getcwd),         SCMP_SYS(getrandom),
      SCMP_SYS(clock_gettime), SCMP_SYS(sigaltstack),    SCMP_SYS(write),
#ifdef RECONPROOF_ADDRESS_SANITIZER
      SCMP_SYS(pipe),          SCMP_SYS(pipe2),          SCMP_SYS(sched_yield),
#endif
  };
  bool ok = filter != nullptr;
  for (int call : kAllowed) ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
  // Opening for reading only; the descriptor limit leaves room for exactly one file.
  for (int call : {SCMP_SYS(openat), SCMP_SYS(open)}) {
    const unsigned argument = call == SCMP_SYS(openat) ? 2 : 1;
    ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
                                SCMP_CMP(argument, SCMP_CMP_MASKED_EQ,
                                         O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, 0)) == 0;
  }
  // Its own soft limit of processor time, which can only fall short of the hard one.
  ok = ok &&
       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, SCMP_CMP(0, SCMP_CMP_EQ, 0),
                        SCMP_CMP(1, SCMP_CMP_EQ, RLIMIT_CPU)) == 0;
  if (!ok || seccomp_load(filter) != 0) ::_exit(70);  // never parse unconfined
}

json info_json(const FileInfo& info) {
  json sets = json::object(), attributes = json::object();
  for (const auto& [name, set] : info.datasets) {
    sets[name] = {{"kind", static_cast<int>(set.kind)},
                  {"bytes", set.bytes},
                  {"shape", set.shape},
                  {"raw_offset", set.raw_offset}};
  }
  for (const auto& [name, value] : info.attributes) {
    attributes[name] = {{"bytes", value.bytes}, {"text", value.text}};
    // NaN and infinity have no JSON: they travel as their bits.
    if (value.number) attributes[name]["bits"] = std::bit_cast<uint64_t>(*value.number);
  }
  return {{"ok", true}, {"datasets", sets}, {"attributes", attributes}};
}

/// A whole number within bounds. json::get would cast any number to it, whether it fits or not.
int64_t whole(const json& value, int64_t least, int64_t most) {
  return std::clamp<int64_t>(value.get_ref<const json::number_integer_t&>(), least, most);
}

FileInfo info_from_json(const json& message) {
  FileInfo info;
  for (const auto& [name, set] : message.at("datasets").items()) {
    DatasetInfo& dataset = info.datasets[name];
    dataset.kind = static_cast<ElementKind>(whole(set.at("kind"), 0, 3));
    dataset.bytes = static_cast<int>(whole(set.at("bytes"), 0, kMaxElementBytes));
    for (const json& extent : set.at("shape"))
      dataset.shape.push_back(whole(extent, -1, INT64_MAX));
    dataset.raw_offset = whole(set.at("raw_offset"), -1, kMaxFileOffset);
    element_count(dataset.shape, "data set '" + name + "'");
  }
  for (const auto& [name, value] : message.at("attributes").items()) {
    Attribute attribute{std::nullopt,
                        static_cast<int>(whole(value.at("bytes"), 0, kMaxElementBytes)),
                        value.at("text").get<std::string>()};
    if (value.contains("bits")) {
      attribute.number =
          std::bit_cast<double>(value.at("bits").get_ref<const json::number_unsigned_t&>());
    }
    info.attributes[name] = std::move(attribute);
  }
  return info;
}

/// Answers one "read"; the size was checked by the parent, and is checked here against our own
/// reading.
void answer_read(Hdf5Reader& reader, const json& request) {
  const std::string name = request.at("name");
  const bool complex = request.at("complex");
  const int64_t bytes = request.at("bytes");
  allow_seconds(bytes);
  static std::vector<std::complex<float>> buffer;  // fresh pages cost more than the copying
  buffer.resize(std::max(buffer.size(), static_cast<size_t>((bytes + 7) / 8)));
  if (complex) {
    reader.read(name, request.at("first"), request.at("count"),
                std::span<std::complex<float>>(buffer.data(), static_cast<size_t>(bytes / 8)));
  } else {
    reader.read(
        name, request.at("first"), request.at("count"),
        std::span<float>(reinterpret_cast<float*>(buffer.data()), static_cast<size_t>(bytes / 4)));
  }
  send_json(kControl, {{"ok", true}});
  send_all(kControl, buffer.data(), static_cast<size_t>(bytes));
}

[[noreturn]] void run_worker() {
  json hello;
  if (!receive_json(kControl, hello)) ::_exit(70);
  confine_worker();
  std::unique_ptr<Hdf5Reader> reader;
  const auto guarded = [](auto&& action) {
    try {
      action();
    } catch (const std::exception& error) {
      send_json(kControl, {{"ok", false}, {"message", error.what()}});
    }
  };
  guarded([&] {
    allow_seconds(0);
    reader =
        open_local_as(hello.at("path").get<std::string>(), fmt::format("/proc/self/fd/{}", kFile));
    send_json(kControl, info_json(reader->info()));
  });
  json request;
  while (reader && receive_json(kControl, request)) {
    guarded([&] { answer_read(*reader, request); });
  }
  ::_exit(0);
}

}  // namespace

// ---- reader process ----

int serve_hdf5() {
  ::signal(SIGCHLD, SIG_IGN);  // workers are not waited for
  ::setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prepare_hdf5();  // once, not in every worker
  while (true) {
    char byte = 0;
    iovec data{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))];
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t got = ::recvmsg(kControl, &message, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return 0;
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_len != CMSG_LEN(2 * sizeof(int))) return 70;
    std::array<int, 2> fds{};  // the worker's socket, the file
    std::memcpy(fds.data(), CMSG_DATA(header), sizeof fds);
    if (::fork() == 0) {
      const int socket = ::fcntl(fds[0], F_DUPFD, 100), file = ::fcntl(fds[1], F_DUPFD, 100);
      if (::dup2(socket, kControl) < 0 || ::dup2(file, kFile) < 0) ::_exit(70);
      ::close_range(kFile + 1, ~0u, 0);
      run_worker();
    }
    ::close(fds[0]);
    ::close(fds[1]);
  }
}

// ---- parent ----

namespace {

std::filesystem::path& reader_program() {
  static std::filesystem::path program = system::self_executable();
  return program;
}

/// The one reader process of this program, started when it is first needed and again when it died.
class ReaderProcess {
 public:
  static ReaderProcess& instance() {
    static ReaderProcess process;
    return process;
  }

  /// Hands a file to a new worker; returns our end of the worker's socket.
  Descriptor start_worker(int file) {
    const std::lock_guard lock(mutex_);
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
      system::fail_errno(Code::kIo, "socketpair");
    }
    Descriptor ours(pair[0]), theirs(pair[1]);
    if (!control_.valid()) start();
    if (!pass(theirs.get(), file)) {
      start();
      if (!pass(theirs.get(), file))
        fail(Code::kInternal, "the HDF5 reader process does not start");
    }
    return ours;
  }

 private:
  void start() {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
      system::fail_errno(Code::kIo, "socketpair");
    }
    control_ = Descriptor(pair[0]);
    Descriptor theirs(pair[1]);
    const std::string program = reader_program().string();
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), kControl);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, kFile);
    char* const arguments[] = {const_cast<char*>(program.c_str()),
                               const_cast<char*>(kHdf5ReaderCommand), nullptr};
    char* const environment[] = {nullptr};
    pid_t pid = 0;
    const int error =
        ::posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments, environment);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) fail(Code::kInternal, "cannot start {}: {}", program, std::strerror(error));
  }

  bool pass(int socket, int file) {
    char byte = 0;
    iovec data{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(2 * sizeof(int));
    const std::array<int, 2> fds = {socket, file};
    std::memcpy(CMSG_DATA(header), fds.data(), sizeof fds);
    return ::sendmsg(control_.get(), &message, MSG_NOSIGNAL) == 1;
  }

  std::mutex mutex_;
  Descriptor control_;
};

class ConfinedReader : public Hdf5Reader {
 public:
  explicit ConfinedReader(const std::filesystem::path& file_path) : Hdf5Reader(file_path) {
    std::error_code error;
    if (std::filesystem::is_symlink(file_path, error)) {
      fail(Code::kCorrupt, "{}: is a symbolic link; put the file itself there", file_path.string());
    }
    file_ = system::open_for_reading(file_path);
    socket_ = ReaderProcess::instance().start_worker(file_.get());
    info_ = translated([&] { return info_from_json(ask({{"path", file_path.string()}})); });
  }

 protected:
  void read_bytes(const std::string& name, bool complex, int64_t first, int64_t count,
                  std::span<std::byte> out) override {
    if (const int64_t at = raw_position(dataset(name), complex, first); at >= 0) {
      system::read_at(file_, out.data(), out.size(), at, path_.string());
      return;
    }
    translated([&] {
      return ask({{"name", name},
                  {"complex", complex},
                  {"first", first},
                  {"count", count},
                  {"bytes", out.size()}});
    });
    if (!receive_all(socket_.get(), out.data(), out.size())) died();
  }

 private:
  /// Where to read by ourselves: values that lie in the file as they are need no parser, and a
  /// worker that lies of their place gives away nothing but other bytes of the same file. -1: ask
  /// it.
  static int64_t raw_position(const DatasetInfo& set, bool complex, int64_t first) {
    const int bytes = complex ? 8 : 4;
    const bool fits = set.raw_offset >= 0 && set.bytes == bytes &&
                      set.kind == (complex ? ElementKind::kComplex : ElementKind::kFloat);
    if (!fits) return -1;
    int64_t position = first * bytes;
    for (size_t axis = 1; axis < set.shape.size(); ++axis) position *= set.shape[axis];
    return set.raw_offset + position;
  }

  [[noreturn]] void died() const {
    fail(
        Code::kCorrupt,
        "{}: the confined HDF5 reader died on this file: it is damaged, hostile or absurdly large; "
        "write it again",
        path_.string());
  }

  json ask(const json& request) {
    json reply;
    if (!send_json(socket_.get(), request) || !receive_json(socket_.get(), reply)) died();
    if (!reply.value("ok", false)) {
      throw system::Error(Code::kCorrupt, reply.value("message", path_.string() + ": unreadable"));
    }
    return reply;
  }

  /// What is wrong with the worker's words is wrong with the file.
  template <typename Action>
  auto translated(Action&& action) const -> decltype(action()) {
    try {
      return action();
    } catch (const json::exception&) {
      died();
    }
  }

  Descriptor file_, socket_;
};

}  // namespace

void set_hdf5_reader_program(const std::filesystem::path& program) { reader_program() = program; }

std::unique_ptr<Hdf5Reader> open_confined(const std::filesystem::path& path) {
  return std::make_unique<ConfinedReader>(path);
}

}  // namespace reconproof::formats
