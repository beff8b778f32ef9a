// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/provenance.h"

#include "challenge/edition.h"
#include "system/build_info.h"
#include "system/sandbox.h"

namespace reconproof::workflows {

nlohmann::json environment_json(const system::HostInfo& host) {
  const system::SandboxSupport& sandbox = system::probe_sandbox();
  return {{"os", host.os},
          {"kernel", host.kernel},
          {"cpu", host.cpu},
          {"threads", host.cores},
          {"memory_bytes", host.memory_bytes},
          {"gpus", host.gpus},
          {"gpu_driver", host.gpu_driver},
          {"container", host.container},
          {"sandbox",
           {{"state", sandbox.available ? "available" : "refused"},
            {"reason", sandbox.refused_reason}}}};
}

nlohmann::json build_json() {
  const system::BuildInfo& build = system::build_info();
  return {{"version", build.version},
          {"revision", build.revision},
          {"dirty", build.dirty},
          {"source_sha256", build.source_sha256},
          {"rules_sha256", challenge::rules_sha256()},
          {"compiler", build.compiler},
          {"build_type", build.build_type},
          {"libtorch", build.libtorch}};
}

}  // namespace reconproof::workflows
