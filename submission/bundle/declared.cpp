// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/bundle/declared.h"

namespace reconproof::submission {

using nlohmann::json;

namespace {

json declared_step(const Step& step) {
  json members = {{"command", step.command},
                  {"contract", step.contract},
                  {"weights", step.weights},
                  {"outputs", step.outputs},
                  {"env", step.env}};
  if (!step.name.empty()) members["name"] = step.name;
  return members;
}

}  // namespace

json declared_steps(const Project& project) {
  json steps = json::object();
  for (const Step& step : project.train_steps) {
    if (step.name.empty())
      steps["train"] = declared_step(step);
    else
      steps["train"].push_back(declared_step(step));
  }
  if (project.reconstruct_step) steps["reconstruct"] = declared_step(*project.reconstruct_step);
  return steps;
}

}  // namespace reconproof::submission
