// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/engine/choice.h"

#include <string>

#include "system/environment.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::baseline::engine {

namespace portable {
extern const Kernels kKernels;
}
#ifdef __x86_64__
namespace avx2 {
extern const Kernels kKernels;
}
namespace avx512 {
extern const Kernels kKernels;
}
#endif

std::vector<const Kernels*> usable_kernels() {
  std::vector<const Kernels*> all = {&portable::kKernels};
#ifdef __x86_64__
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    all.push_back(&avx2::kKernels);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    all.push_back(&avx512::kKernels);
#endif
  return all;
}

const Kernels& best_kernels() {
  const std::vector<const Kernels*> all = usable_kernels();
  const std::string wanted = system::environment_variable("RECONPROOF_ISA");
  if (wanted.empty()) return *all.back();
  std::string names;
  for (const Kernels* kernels : all) {
    if (kernels->name == wanted) return *kernels;
    names += (names.empty() ? "" : ", ") + std::string(kernels->name);
  }
  system::fail(system::Code::kUsage,
               "RECONPROOF_ISA is '{}'; this processor and program have {}; unset it for the best",
               system::printable(wanted), names);
}

}  // namespace reconproof::baseline::engine
