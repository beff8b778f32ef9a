// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <c10/util/Exception.h>
#include <fmt/core.h>
#include <malloc.h>

#include <cstdio>

#include "baseline/cli/commands.h"
#include "baseline/memory.h"
#include "system/error.h"
#include "system/exit_code.h"
#include "system/terminal.h"

namespace {

using namespace reconproof;

/// glibc gives every large block back to the kernel when it is freed and asks for it again at the
/// next layer: 1.3 million page faults a slice, more than half of the time of a reconstruction.
/// Here freed memory is kept.
void keep_freed_memory() {
  constexpr int kTopPad = 256 << 20;
  ::mallopt(M_MMAP_MAX, 0);         // no block gets a mapping of its own, whatever its size
  ::mallopt(M_TRIM_THRESHOLD, -1);  // never shrink the heap
  ::mallopt(M_TOP_PAD, kTopPad);    // grow it in large steps
}

int report(system::ExitCode code, const std::string& message) {
  std::fflush(stdout);
  fmt::print(stderr, "reconproof: {}\n", system::printable(message));
  return static_cast<int>(code);
}

int out_of_memory() {
  return report(
      system::ExitCode::kInternal,
      "out of memory: fewer --cascades, --chans or --sens-chans need less; so does closing "
      "what else runs on this machine or GPU");
}

/// LibTorch's message, without the stack trace that follows it.
std::string first_line(const c10::Error& error) {
  const std::string text = error.what_without_backtrace();
  return text.substr(0, text.find('\n'));
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  baseline::meter_cpu_memory();
  try {
    const int code = baseline::run_command(argc, argv);
    // A full disk behind stdout must not look like success.
    if (std::fflush(stdout) != 0)
      system::fail(system::Code::kIo, "cannot write to standard output");
    return code;
  } catch (const system::Error& error) {
    return report(system::exit_code_of(error.code()), error.what());
  } catch (const c10::Error& error) {
    if (baseline::is_out_of_memory(error)) return out_of_memory();
    return report(system::ExitCode::kInternal, "LibTorch: " + first_line(error));
  } catch (const std::exception& error) {
    if (baseline::is_out_of_memory(error)) return out_of_memory();
    return report(system::ExitCode::kInternal, fmt::format("internal error: {}", error.what()));
  }
}
