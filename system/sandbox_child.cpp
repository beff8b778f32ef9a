// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/sandbox_child.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "system/error.h"
#include "system/files.h"

namespace reconproof::system {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

constexpr int kInsideId = 1000;  // what the command sees of itself

/// "inside outside count" lines that exchange two ids and keep all others.
std::string exchange_map(uint32_t one, uint32_t other) {
  const uint64_t low = std::min(one, other), high = std::max(one, other), end = ~uint32_t{0};
  std::string map;
  const auto add = [&](uint64_t inside, uint64_t outside, uint64_t count) {
    if (count > 0) map += fmt::format("{} {} {}\n", inside, outside, count);
  };
  add(0, 0, low);
  if (low == high) return map + fmt::format("{} {} {}\n", low, low, end - low);
  add(low, high, 1);
  add(low + 1, low + 1, high - low - 1);
  add(high, low, 1);
  add(high + 1, high + 1, end - high - 1);
  return map;
}

bool write_proc(const std::string& path, const std::string& text) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file.valid() &&
         ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// A user namespace in which an owner of files and the sandbox's uid have changed places. Invalid
/// where the kernel does not let us.
Descriptor exchange_namespace(uid_t user, gid_t group) {
  int ready[2];
  if (::pipe2(ready, O_CLOEXEC) != 0) return {};
  const Descriptor read_end(ready[0]);
  Descriptor write_end(ready[1]);
  const pid_t holder = ::fork();
  if (holder < 0) return {};
  if (holder == 0) {
    const char made = ::unshare(CLONE_NEWUSER) == 0 ? 1 : 0;
    (void)!::write(ready[1], &made, 1);
    while (true) ::pause();
  }
  char made = 0;
  Descriptor space;
  if (::read(ready[0], &made, 1) == 1 && made == 1 &&
      write_proc(fmt::format("/proc/{}/uid_map", holder), exchange_map(user, kSandboxHostId)) &&
      write_proc(fmt::format("/proc/{}/gid_map", holder), exchange_map(group, kSandboxHostId))) {
    space =
        Descriptor(::open(fmt::format("/proc/{}/ns/user", holder).c_str(), O_RDONLY | O_CLOEXEC));
  }
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  return space;
}

/// Lets the sandbox read what only the owner of this folder or file can read (a strict umask): on
/// this mount, which will be read-only, the files seem to be its own. Some file systems (NFS)
/// cannot do that; then the command sees their modes as they are.
void lend_to_sandbox(const Descriptor& tree,
                     std::map<std::pair<uid_t, gid_t>, Descriptor>& spaces) {
  struct stat status {};
  if (::fstat(tree.get(), &status) != 0) return;
  const auto [entry, is_new] = spaces.try_emplace({status.st_uid, status.st_gid});
  Descriptor& space = entry->second;
  if (is_new) space = exchange_namespace(status.st_uid, status.st_gid);
  if (!space.valid()) return;
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_IDMAP | MOUNT_ATTR_RDONLY;
  attributes.userns_fd = static_cast<uint64_t>(space.get());
  ::mount_setattr(tree.get(), "", AT_EMPTY_PATH, &attributes, sizeof attributes);
}

/// Brings every mount's host path below a world-readable tmpfs in a mount namespace of our own, and
/// replaces the paths in `mounts`: the folders may lie below one that only root can enter.
void stage_mounts(json& mounts) {
  if (::unshare(CLONE_NEWNS) != 0) fail_errno(Code::kIo, "no new mount namespace");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    fail_errno(Code::kIo, "cannot make the mount namespace private");
  }
  std::map<std::pair<uid_t, gid_t>, Descriptor> spaces;
  std::vector<Descriptor> trees;  // taken before the tmpfs hides anything
  for (const json& mount : mounts) {
    const std::string host = mount.at("host");
    trees.emplace_back(
        ::open_tree(AT_FDCWD, host.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
    if (!trees.back().valid()) fail_errno(Code::kIo, "cannot bind " + host);
    if (!mount.at("writable").get<bool>()) lend_to_sandbox(trees.back(), spaces);
  }
  const fs::path stage = fs::is_directory("/mnt") ? "/mnt" : "/tmp";
  if (::mount("tmpfs", stage.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") != 0) {
    fail_errno(Code::kIo, "cannot mount a tmpfs on " + stage.string());
  }
  for (size_t i = 0; i < trees.size(); ++i) {
    const fs::path place = stage / std::to_string(i);
    struct stat status {};
    ::fstat(trees[i].get(), &status);
    if (S_ISDIR(status.st_mode)) {
      fs::create_directory(place);
    } else {
      Descriptor(::open(place.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0444));
    }
    if (::move_mount(trees[i].get(), "", AT_FDCWD, place.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0) {
      fail_errno(Code::kIo, "cannot bind " + mounts[i].at("host").get<std::string>());
    }
    mounts[i]["host"] = place.string();
  }
}

void drop_root() {
  if (::setgroups(0, nullptr) != 0 ||
      ::setresgid(kSandboxHostId, kSandboxHostId, kSandboxHostId) != 0 ||
      ::setresuid(kSandboxHostId, kSandboxHostId, kSandboxHostId) != 0) {
    fail_errno(Code::kIo, "cannot give up root for uid 65534");
  }
}

/// Limits are only ever lowered: an ordinary user cannot raise them.
void limit(__rlimit_resource_t resource, int64_t value) {
  rlimit bound{};
  ::getrlimit(resource, &bound);
  bound.rlim_cur = bound.rlim_max = std::min<rlim_t>(bound.rlim_max, static_cast<rlim_t>(value));
  ::setrlimit(resource, &bound);
}

/// A small file for the sandbox; bwrap reads it from the descriptor whose number is returned.
std::string data_file(std::string_view contents) {
  const int file = ::memfd_create("sandbox-file", 0);
  if (file < 0) fail_errno(Code::kIo, "memfd_create");
  write_all(file, contents.data(), contents.size(), "memfd");
  ::lseek(file, 0, SEEK_SET);
  return std::to_string(file);
}

class Arguments {
 public:
  template <typename... Texts>
  void add(const Texts&... texts) {
    (list_.push_back(std::string(texts)), ...);
  }
  std::vector<char*> pointers() {
    std::vector<char*> result;
    for (std::string& text : list_) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  }

 private:
  std::vector<std::string> list_;
};

/// The system that every command sees: /usr and what the dynamic linker and numpy need beside it.
void add_system(Arguments& bwrap) {
  bwrap.add("--ro-bind", "/usr", "/usr");
  for (const char* name : {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
    std::error_code ignored;
    if (fs::is_symlink(name, ignored)) {
      bwrap.add("--symlink", fs::read_symlink(name).string(), name);
    } else if (fs::is_directory(name, ignored)) {
      bwrap.add("--ro-bind", name, name);
    }
  }
  for (const char* name :
       {"/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts"}) {
    bwrap.add("--ro-bind-try", name, name);
  }
  const std::string id = std::to_string(kInsideId);
  const auto file = [&](const char* name, const std::string& contents) {
    bwrap.add("--ro-bind-data", data_file(contents), name);
  };
  file("/etc/passwd", "sandbox:x:" + id + ":" + id + "::/tmp:/bin/sh\n");
  file("/etc/group", "sandbox:x:" + id + ":\n");
  // So that looking up "localhost" is no question to a name server.
  file("/etc/hosts", "127.0.0.1 localhost sandbox\n::1 localhost\n");
  file("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
  bwrap.add("--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev");
}

/// Without /sys cuInit fails (304). The devices must exist before: nothing inside may load a
/// module.
void add_gpus(Arguments& bwrap) {
  std::error_code error;
  if (!fs::exists("/dev/nvidiactl", error)) return;
  for (const fs::path& device : sorted_entries("/dev")) {
    const std::string name = device.filename().string();
    const bool card =
        name.starts_with("nvidia") && name.find_first_not_of("0123456789", 6) == std::string::npos;
    if (card || name == "nvidiactl" || name == "nvidia-uvm" || name == "nvidia-uvm-tools") {
      bwrap.add("--dev-bind", device.string(), device.string());
    }
  }
  bwrap.add("--ro-bind", "/sys", "/sys");
}

Arguments bwrap_arguments(const json& spec) {
  Arguments bwrap;
  const std::string id = std::to_string(kInsideId);
  bwrap.add(spec.at("bwrap").get<std::string>(), "--unshare-all", "--unshare-user",
            "--disable-userns", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--uid",
            id, "--gid", id, "--hostname", "sandbox", "--json-status-fd",
            std::to_string(kSandboxStatusDescriptor), "--clearenv");
  for (const auto& [name, value] : spec.at("env").items())
    bwrap.add("--setenv", name, value.get<std::string>());
  add_system(bwrap);
  bwrap.add("--size", std::to_string(spec.at("shm_bytes").get<int64_t>()), "--tmpfs", "/dev/shm");
  bwrap.add("--size", std::to_string(spec.at("tmp_bytes").get<int64_t>()), "--tmpfs", "/tmp");
  if (spec.at("gpu").get<bool>()) add_gpus(bwrap);
  for (const json& mount : spec.at("mounts")) {
    bwrap.add(mount.at("writable").get<bool>() ? "--bind" : "--ro-bind",
              mount.at("host").get<std::string>(), mount.at("inside").get<std::string>());
  }
  for (const json& link : spec.at("links")) {
    bwrap.add("--symlink", link.at("target").get<std::string>(),
              link.at("inside").get<std::string>());
  }
  // The root and /dev are tmpfs without a bound: nobody writes there.
  bwrap.add("--remount-ro", "/dev", "--remount-ro", "/", "--chdir",
            spec.at("working_directory").get<std::string>(), "--");
  for (const json& argument : spec.at("argv")) bwrap.add(argument.get<std::string>());
  return bwrap;
}

std::string read_spec() {
  std::string text;
  char buffer[1 << 14];
  ssize_t got = 0;
  while ((got = ::read(kSandboxSpecDescriptor, buffer, sizeof buffer)) > 0) {
    text.append(buffer, static_cast<size_t>(got));
  }
  ::close(kSandboxSpecDescriptor);
  return text;
}

void become_bwrap() {
  json spec = json::parse(read_spec());
  if (::geteuid() == 0) {
    stage_mounts(spec.at("mounts"));
    drop_root();
  }
  limit(RLIMIT_CORE, 0);
  // The launcher takes one for itself.
  limit(RLIMIT_NOFILE, spec.at("open_files").get<int64_t>() + 1);
  limit(RLIMIT_FSIZE, spec.at("file_bytes"));
  Arguments bwrap = bwrap_arguments(spec);
  std::vector<char*> argv = bwrap.pointers();
  char* const env[] = {nullptr};
  ::execve(argv[0], argv.data(), env);
  fail_errno(Code::kIo, argv[0]);
}

fs::path& helper_program() {
  static fs::path program = self_executable();
  return program;
}

}  // namespace

int enter_sandbox() {
  try {
    become_bwrap();
  } catch (const std::exception& error) {
    fmt::print(stderr, "reconproof: {}\n", error.what());
  }
  return 70;
}

void set_sandbox_helper_program(const fs::path& program) { helper_program() = program; }
fs::path sandbox_helper_program() { return helper_program(); }

}  // namespace reconproof::system
