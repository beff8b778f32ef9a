// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/observer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "system/clock.h"
#include "system/error.h"
#include "system/launcher_protocol.h"

namespace reconproof::system {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMaxAttempts = 10'000;
constexpr size_t kPageSize = 4096;
constexpr size_t kMaxPath = 4096;

struct Unreadable {
};  // the memory of a process cannot be read at all: observing is not possible here

/// Reads at most `size` bytes at `address`, stopping at a page that is not there.
std::string read_memory(const Descriptor& memory, uint64_t address, size_t size, bool to_nul) {
  std::string bytes;
  while (bytes.size() < size) {
    char page[kPageSize];
    const size_t room =
        std::min(size - bytes.size(), kPageSize - static_cast<size_t>(address % kPageSize));
    const ssize_t got = ::pread(memory.get(), page, room, static_cast<off_t>(address));
    if (got <= 0) break;
    const size_t count = static_cast<size_t>(got);
    const void* nul = to_nul ? std::memchr(page, '\0', count) : nullptr;
    if (nul) return bytes.append(page, static_cast<size_t>(static_cast<const char*>(nul) - page));
    bytes.append(page, count);
    address += count;
  }
  return bytes;
}

std::string link_text(const std::string& path) {
  std::error_code error;
  return fs::read_symlink(path, error).string();
}

std::string ip_text(int family, const void* address) {
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(family, address, text, sizeof text);
  return text;
}

bool lies_below(const std::string& path, const std::vector<std::string>& prefixes) {
  return std::ranges::any_of(prefixes, [&](const std::string& prefix) {
    return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
  });
}

/// Whether a call of the open family asks for more than reading.
bool is_to_write(const seccomp_data& call, const Descriptor& memory) {
  uint64_t flags = 0;
  switch (call.nr) {
    case SYS_creat:
      return true;
    case SYS_open:
      flags = call.args[1];
      break;
    case SYS_openat:
      flags = call.args[2];
      break;
    case SYS_openat2: {  // the first field of its open_how
      const std::string bytes = read_memory(memory, call.args[2], sizeof flags, false);
      if (bytes.size() == sizeof flags) std::memcpy(&flags, bytes.data(), sizeof flags);
      break;
    }
  }
  return (flags & O_PATH) == 0 &&
         ((flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0);
}

}  // namespace

struct Observer::Notification {
  uint64_t id = 0;
  int64_t pid = 0;
  seccomp_data data{};
  int listener = -1;

  /// The caller's memory, or an invalid descriptor when it has gone meanwhile.
  Descriptor memory() const {
    Descriptor file(::open(fmt::format("/proc/{}/mem", pid).c_str(), O_RDONLY | O_CLOEXEC));
    // A pid can be somebody else's by now; the id says whether the caller still waits for us.
    if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) != 0) return {};
    if (!file.valid()) throw Unreadable();
    return file;
  }
};

Judgement judge_address(const void* address, size_t size) {
  const auto judged = [](const std::string& host, bool loopback, int port) -> Judgement {
    // The sandbox has a loopback of its own, where processes of one command may talk to each other.
    if (loopback && port != 53)
      return {"loopback", fmt::format("connect to {} port {}", host, port), 0};
    if (port == 53)
      return {"network", fmt::format("name lookup (DNS) at {} port 53", host), EACCES};
    return {"network", fmt::format("connect to {} port {}", host, port), EACCES};
  };
  sa_family_t family = AF_UNSPEC;
  if (size < sizeof family) return {};
  std::memcpy(&family, address, sizeof family);
  if (family == AF_INET && size >= sizeof(sockaddr_in)) {
    sockaddr_in in{};
    std::memcpy(&in, address, sizeof in);
    const uint32_t host = ntohl(in.sin_addr.s_addr);
    return judged(ip_text(AF_INET, &in.sin_addr), host >> 24 == 127 || host == 0,
                  ntohs(in.sin_port));
  }
  if (family == AF_INET6 && size >= 24) {  // the kernel accepts it without the scope id
    sockaddr_in6 in{};
    std::memcpy(&in, address, std::min(size, sizeof in));
    const in6_addr& host = in.sin6_addr;
    const bool loopback = IN6_IS_ADDR_LOOPBACK(&host) || IN6_IS_ADDR_UNSPECIFIED(&host) ||
                          (IN6_IS_ADDR_V4MAPPED(&host) && host.s6_addr[12] == 127);
    return judged(ip_text(AF_INET6, &host), loopback, ntohs(in.sin6_port));
  }
  return {};
}

Judgement judge_family(int family) {
  switch (family) {
    case AF_PACKET:
      return {"network", "AF_PACKET socket", EACCES};
    case AF_VSOCK:
      return {"network", "AF_VSOCK socket", EACCES};
    case AF_BLUETOOTH:
      return {"network", "AF_BLUETOOTH socket", EACCES};
    // The kernel's cryptography and the like: not a network, and not needed.
    default:
      return {"", "", EAFNOSUPPORT};
  }
}

Observer::Observer(Descriptor socket, std::vector<std::string> watch_prefixes,
                   std::vector<std::string> write_prefixes)
    : socket_(std::move(socket)),
      watch_prefixes_(std::move(watch_prefixes)),
      write_prefixes_(std::move(write_prefixes)) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail_errno(Code::kIo, "pipe");
  wake_read_ = Descriptor(ends[0]);
  wake_write_ = Descriptor(ends[1]);
  thread_ = std::thread([this] { work(); });
}

Observer::~Observer() { finish(); }

void Observer::finish() {
  wake_write_.reset();
  if (thread_.joinable()) thread_.join();
}

std::vector<Attempt> Observer::attempts() const {
  std::vector<Attempt> list;
  for (const auto& [what, count] : attempts_) list.push_back({what.first, what.second, count});
  return list;
}

void Observer::work() {
  bool launcher_speaks = true;
  while (true) {
    std::array<pollfd, 3> polled = {pollfd{launcher_speaks ? socket_.get() : -1, POLLIN, 0},
                                    pollfd{listener_.valid() ? listener_.get() : -1, POLLIN, 0},
                                    pollfd{wake_read_.get(), 0, 0}};
    if (::poll(polled.data(), polled.size(), -1) < 0) continue;
    // The launcher's words come first: they are in the socket even when all is over.
    if (polled[0].revents) launcher_speaks = hear_launcher();
    if (polled[1].revents && !((polled[1].revents & POLLIN) && answer())) listener_.reset();
    if (polled[2].revents && !polled[0].revents && !polled[1].revents) return;
  }
}

bool Observer::hear_launcher() {
  LauncherMessage message;
  iovec data{&message, sizeof message};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  const ssize_t got = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC);
  if (got < 0 && errno == EINTR) return true;
  if (got != sizeof message) return false;
  if (const cmsghdr* rights = CMSG_FIRSTHDR(&header); rights && rights->cmsg_type == SCM_RIGHTS) {
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(rights), sizeof descriptor);
    listener_ = Descriptor(descriptor);
  }
  switch (message.word) {
    case LauncherWord::kListener:
      observed_ = listener_.valid();
      unobserved_reason_ = observed_ ? "" : "the seccomp listener did not arrive";
      break;
    case LauncherWord::kNoListener:
      unobserved_reason_ = message.error == 0
                               ? "not asked for"
                               : fmt::format("this kernel gives no seccomp listener: {}",
                                             std::strerror(message.error));
      break;
    case LauncherWord::kReady:
      ready_s_ = monotonic_seconds();
      break;
    case LauncherWord::kExecFailed:
      exec_error_ = message.error;
      break;
  }
  return true;
}

bool Observer::answer() {
  // Newer kernels may write longer structures than our headers know.
  union Request {
    seccomp_notif notification;
    char room[1024];
  } request{};
  std::memset(&request, 0, sizeof request);
  if (::ioctl(listener_.get(), SECCOMP_IOCTL_NOTIF_RECV, &request) != 0) {
    // ENOENT: the caller was killed meanwhile. EINTR: try again. Else all of them are gone.
    return errno == ENOENT || errno == EINTR;
  }
  const Notification call{request.notification.id, request.notification.pid,
                          request.notification.data, listener_.get()};
  Judgement judgement;
  try {
    judgement = judge(call);
  } catch (const Unreadable&) {
    observed_ = false;
    unobserved_reason_ = "the memory of the sandboxed processes cannot be read here";
  }
  union Response {
    seccomp_notif_resp response;
    char room[1024];
  } response{};
  std::memset(&response, 0, sizeof response);
  response.response.id = call.id;
  response.response.error = -judgement.error;
  if (judgement.error == 0) response.response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  ::ioctl(listener_.get(), SECCOMP_IOCTL_NOTIF_SEND, &response);
  record(std::move(judgement));
  return true;
}

Judgement Observer::judge(const Notification& call) {
  const auto& argument = call.data.args;
  const auto address = [&](uint64_t at, uint64_t size) -> Judgement {
    const Descriptor memory = call.memory();
    if (!memory.valid()) return {};
    const std::string bytes =
        read_memory(memory, at, std::min<uint64_t>(size, sizeof(sockaddr_storage)), false);
    return judge_address(bytes.data(), bytes.size());
  };
  switch (call.data.nr) {
    case SYS_socket:
      return judge_family(static_cast<int>(argument[0]));
    case SYS_connect:
      return address(argument[1], argument[2]);
    case SYS_sendto:
      return address(argument[4], argument[5]);
    case SYS_sendmsg:
    case SYS_sendmmsg: {  // a msghdr, or an array that begins with one
      const Descriptor memory = call.memory();
      msghdr header{};
      const std::string bytes =
          memory.valid() ? read_memory(memory, argument[1], sizeof header, false) : "";
      if (bytes.size() != sizeof header) return {};
      std::memcpy(&header, bytes.data(), sizeof header);
      if (!header.msg_name) return {};
      return address(reinterpret_cast<uint64_t>(header.msg_name), header.msg_namelen);
    }
    default:
      return judge_open(call);
  }
}

/// Opens are never refused here: what must not be read is not in the sandbox, what must not be
/// written is read-only there.
Judgement Observer::judge_open(const Notification& call) {
  if (watch_prefixes_.empty() && write_prefixes_.empty()) return {};
  const bool has_folder = call.data.nr == SYS_openat || call.data.nr == SYS_openat2;
  const Descriptor memory = call.memory();
  if (!memory.valid()) return {};
  fs::path path = read_memory(memory, call.data.args[has_folder ? 1 : 0], kMaxPath, true);
  if (path.is_relative()) {
    const int folder = has_folder ? static_cast<int>(call.data.args[0]) : AT_FDCWD;
    path = link_text(folder == AT_FDCWD ? fmt::format("/proc/{}/cwd", call.pid)
                                        : fmt::format("/proc/{}/fd/{}", call.pid, folder)) /
           path;
  }
  std::string normal = path.lexically_normal().string();
  if (normal.size() > 1 && normal.ends_with('/')) normal.pop_back();
  if (lies_below(normal, watch_prefixes_)) return {"open", std::move(normal), 0};
  if (is_to_write(call.data, memory) && lies_below(normal, write_prefixes_))
    return {"write", std::move(normal), 0};
  return {};
}

void Observer::record(Judgement judgement) {
  if (judgement.kind.empty()) return;
  std::pair<std::string, std::string> what(std::move(judgement.kind), std::move(judgement.detail));
  const auto known = attempts_.find(what);
  if (known != attempts_.end()) {
    ++known->second;
  } else if (attempts_.size() < kMaxAttempts) {
    attempts_.emplace(std::move(what), 1);
  }
}

}  // namespace reconproof::system
