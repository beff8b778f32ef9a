// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/options.h"

#include <cmath>

#include "baseline/device.h"
#include "baseline/model/precision.h"
#include "baseline/train/checkpoint.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::baseline {
namespace fs = std::filesystem;
using nlohmann::json;
using system::Code;
using system::fail;

namespace {

void check_folder(const TrainOptions& options) {
  { const system::AtomicFile probe(options.out / kHashesFile); }  // can a file be made there?
  const fs::path ledger = options.out / "ledger.jsonl";
  if (options.resume || !fs::exists(ledger)) return;
  fail(Code::kInvalidArgument,
       "{}: this folder holds another training run; name a new folder, or go on with it "
       "(--resume)",
       ledger.string());
}

/// What may differ between a training and its resumption: the rest makes another training of it.
bool may_change(const std::string& key) {
  for (const char* free : {"epochs", "learning_rate", "lr_schedule", "augment", "precision",
                           "gradient_checkpointing"}) {
    if (key == free) return true;
  }
  return false;
}

void require_equal(const std::string& key, const json& before, const json& now, const fs::path& out,
                   const char* hint = "") {
  if (before == now) return;
  fail(Code::kInvalidArgument, "--resume: {} was {} when the training in {} began, and is {} now{}",
       key, before.dump(), out.string(), now.dump(), hint);
}

}  // namespace

TrainOptions checked(TrainOptions options) {
  check_sizes(options.sizes, "train");
  const auto positive = [](const char* name, double value) {
    if (!(value > 0) || !std::isfinite(value)) {
      fail(Code::kInvalidArgument, "train: {} is {}, expected a number above 0", name, value);
    }
  };
  positive("--epochs", static_cast<double>(options.epochs));
  positive("--batch-size", static_cast<double>(options.batch_size));
  positive("--lr", options.schedule.base);
  positive("--lr-gamma", options.schedule.gamma);
  positive("--lr-step-epochs", static_cast<double>(options.schedule.step_epochs));
  positive("--report-interval", static_cast<double>(options.report_interval));
  positive("--save-interval", static_cast<double>(options.save_interval));
  for (const int64_t acceleration : options.augment.accelerations) {
    if (acceleration >= 2 && acceleration <= 64) continue;
    fail(Code::kInvalidArgument, "train: --remask {}, expected accelerations from 2 to 64",
         acceleration);
  }
  if (domain_of(options.sizes) == Domain::kImage && !options.augment.accelerations.empty()) {
    fail(Code::kInvalidArgument, "train: --remask changes k-space, and the U-Net reads none");
  }
  if (domain_of(options.sizes) == Domain::kImage &&
      (options.execution.recompute || options.execution.precision != Precision::kFloat32)) {
    fail(Code::kInvalidArgument,
         "train: --gradient-checkpointing and --precision are for the VarNet; the U-Net is small");
  }
  require_precision(options.execution.precision, compute_device());
  require_backend(domain_of(options.sizes), options.execution.precision, compute_device(),
                  options.backend);
  check_folder(options);
  return options;
}

json to_json(const TrainOptions& options) {
  const Schedule& schedule = options.schedule;
  json config = challenge::size_fields(options.sizes);
  config.update({{"model", challenge::network_name(options.sizes)},
                 {"epochs", options.epochs},
                 {"batch_size", options.batch_size},
                 {"learning_rate", schedule.base},
                 {"lr_schedule",
                  {{"kind", schedule_text(schedule.kind)},
                   {"gamma", schedule.gamma},
                   {"step_epochs", schedule.step_epochs},
                   {"warmup_steps", schedule.warmup_steps}}},
                 {"augment",
                  {{"flips", options.augment.flips},
                   {"turns", options.augment.turns},
                   {"accelerations", options.augment.accelerations}}},
                 {"precision", precision_text(options.execution.precision)},
                 {"gradient_checkpointing", options.execution.recompute}});
  return config;
}

json changes_on_resume(const json& saved, const json& now, const fs::path& out) {
  json changed = json::object();
  for (const auto& [key, value] : now.at("config").items()) {
    const json before = saved.at("config").value(key, json());
    if (!may_change(key)) {
      require_equal(key, before, value, out);
    } else if (before != value) {
      changed[key] = {{"from", before}, {"to", value}};
    }
  }
  for (const std::string key : {"seed", "edition", "data_sha256", "initial_weights_sha256"}) {
    require_equal(key, saved.value(key, json()), now.at(key), out,
                  key == "data_sha256"
                      ? ": a volume was added, removed or changed, or --scan is another one"
                      : "");
  }
  return changed;
}

}  // namespace reconproof::baseline
