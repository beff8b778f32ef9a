// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A teammate's history, and logs of trainings.
#include "submission/runs/run_json.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof;
  const std::string_view text = fuzz::text_of(data, size);
  challenge::TrainingLogReader log([](const challenge::TrainingLogLine& line) {
    RP_ASSERT(line.epoch >= 0 && line.iteration >= 0 && line.digits >= 0);
  });
  log.add(text);
  log.finish();
  std::vector<submission::Run> runs;
  if (!fuzz::accepted([&] { runs = submission::parse_run_lines(text, "input"); })) return 0;
  for (const submission::Run& run : runs) {
    const std::string line = submission::run_line(run);
    RP_ASSERT(submission::run_line(submission::parse_run_line(line, "again")) == line);
  }
  return 0;
}
