// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/project.h"

#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof;
  static fuzz::ScratchFile file(submission::kProjectFile);
  file.set(fuzz::text_of(data, size));
  submission::Project project;
  const auto load = [&] { project = submission::load_project(file.path().parent_path()); };
  if (!fuzz::accepted(load)) return 0;
  RP_ASSERT(!project.name.empty());
  for (const submission::Step& step : project.train_steps)
    RP_ASSERT(!step.command.empty() && project.host(step.outputs).is_absolute());
  RP_ASSERT(!project.reconstruct_step || !project.reconstruct_step->command.empty());
  return 0;
}
