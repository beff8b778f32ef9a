// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Protocol, on a socket that keeps messages apart: one JSON request {device, leave_bytes}, one
// reply {name, left_bytes, held_bytes} or {error}; then nothing until we close it.
#include "system/gpu_ballast.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "system/clock.h"
#include "system/cuda_driver.h"
#include "system/error.h"
#include "system/sandbox_child.h"
#include "system/terminal.h"

namespace reconproof::system {
namespace {

using nlohmann::json;

constexpr int kSocket = 3;
constexpr int kPatienceMs = 60'000;  // a driver that has to wake its GPU takes seconds
constexpr double kGoodbye = 10;      // to give its memory back
constexpr size_t kMaxMessage = 1 << 16;
constexpr int64_t kMib = int64_t{1} << 20;
// Not in one piece: nobody promises that the free memory is one. The driver rounds to 2 MiB.
constexpr int64_t kLargestPiece = 1024 * kMib, kSmallestPiece = 2 * kMib;

double gib(int64_t bytes) { return static_cast<double>(bytes) / static_cast<double>(1024 * kMib); }

/// Our environment, except that GPUs are counted as NVML does, and that none is hidden.
std::vector<std::string> ballast_environment() {
  std::vector<std::string> variables = {"CUDA_DEVICE_ORDER=PCI_BUS_ID"};
  for (char** variable = environ; *variable; ++variable) {
    const std::string_view text = *variable;
    if (!text.starts_with("CUDA_DEVICE_ORDER=") && !text.starts_with("CUDA_VISIBLE_DEVICES="))
      variables.emplace_back(text);
  }
  return variables;
}

std::string receive(int socket) {
  std::string text(kMaxMessage, '\0');
  ssize_t got = 0;
  while ((got = ::recv(socket, text.data(), text.size(), 0)) < 0 && errno == EINTR) {
  }
  text.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

void send(int socket, const json& message) {
  const std::string text = message.dump(-1, ' ', false, json::error_handler_t::replace);
  while (::send(socket, text.data(), text.size(), MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

/// Takes memory until no more than `leave` is free. Only the driver knows what a piece has really
/// cost, so it is asked again after each.
json take(CudaMemory& gpu, int64_t leave) {
  int64_t held = 0, piece = kLargestPiece;
  while (piece >= kSmallestPiece) {
    const int64_t wanted = std::min(piece, gpu.free_bytes() - leave);
    if (wanted < kSmallestPiece) break;
    if (gpu.allocate(wanted)) {
      held += wanted;
    } else {
      piece = std::min(piece, wanted) / 2;
    }
  }
  return {{"name", gpu.device_name()}, {"left_bytes", gpu.free_bytes()}, {"held_bytes", held}};
}

}  // namespace

GpuBallast::GpuBallast(size_t device, const std::string& name, int64_t leave_bytes) {
  refused_ = start();
  if (refused_.empty()) refused_ = ask(device, name, leave_bytes);
  if (!refused_.empty()) stop();
}

GpuBallast::~GpuBallast() { stop(); }

std::string GpuBallast::start() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    fail_errno(Code::kIo, "socketpair");
  socket_ = Descriptor(pair[0]);
  const Descriptor theirs(pair[1]);
  const std::string program = sandbox_helper_program().string();
  std::vector<std::string> variables = ballast_environment();
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), kSocket);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, kSocket + 1);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  // A session of its own: Ctrl-C is for us, and then ends it by closing the socket.
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  char* const arguments[] = {const_cast<char*>(program.c_str()),
                             const_cast<char*>(kGpuBallastCommand), nullptr};
  const int error =
      ::posix_spawn(&pid_, program.c_str(), &actions, &attributes, arguments, environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error == 0) return "";
  pid_ = 0;
  return fmt::format("cannot start {}: {}", program, std::strerror(error));
}

std::string GpuBallast::ask(size_t device, const std::string& name, int64_t leave_bytes) {
  send(socket_.get(), {{"device", device}, {"leave_bytes", leave_bytes}});
  pollfd answer{socket_.get(), POLLIN, 0};
  if (::poll(&answer, 1, kPatienceMs) <= 0)
    return fmt::format("the CUDA driver did not answer within {} s", kPatienceMs / 1000);
  const json reply = json::parse(receive(socket_.get()), nullptr, false);
  if (reply.is_object() && reply.contains("error")) return reply["error"].get<std::string>();
  if (!reply.is_object() || !reply.contains("left_bytes"))
    return "the process that should take it ended at once";
  if (reply["name"] != name) {
    return fmt::format("the CUDA driver calls the GPU {}, NVML {}",
                       reply["name"].get<std::string>(), name);
  }
  left_ = reply["left_bytes"].get<int64_t>();
  held_ = reply["held_bytes"].get<int64_t>();
  if (std::abs(left_ - leave_bytes) > kBallastTolerance) {
    return fmt::format("{:.2f} GiB were left of the GPU instead of {:.2f}", gib(left_),
                       gib(leave_bytes));
  }
  return "";
}

bool GpuBallast::holds() {
  if (pid_ <= 0) return false;
  siginfo_t ended{};
  // Left to be reaped, so that the pid stays its own.
  return ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         ended.si_pid == 0;
}

void GpuBallast::stop() {
  socket_.reset();
  if (pid_ <= 0) return;
  const double begin = monotonic_seconds();
  while (holds() && monotonic_seconds() - begin < kGoodbye) {
    ::poll(nullptr, 0, 2);
  }
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
}

int serve_gpu_ballast() {
  std::unique_ptr<CudaMemory> gpu;
  try {
    const json request = json::parse(receive(kSocket));
    gpu = std::make_unique<CudaMemory>(request.at("device").get<int>());
    send(kSocket, take(*gpu, request.at("leave_bytes").get<int64_t>()));
  } catch (const std::exception& error) {
    send(kSocket, {{"error", error.what()}});
    return 1;
  }
  while (!receive(kSocket).empty()) {  // ends with the harness
  }
  return 0;
}

}  // namespace reconproof::system
