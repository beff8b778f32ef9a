// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/plan/calibration.h"

#include <torch/utils.h>
#include <torch/version.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>

#include "baseline/plan/measure.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "system/files.h"
#include "system/host.h"
#include "system/sha256.h"
#include "system/user_folders.h"

namespace reconproof::baseline {
namespace {

using nlohmann::json;

constexpr const char* kSchema = "reconproof.calibration";
constexpr int64_t kVersion = 1;
constexpr int kRepeats = 2;
constexpr int64_t kImageSize = 384;

struct Measured {
  NetworkSizes sizes;
  formats::Shape shape;
};

/// Few and many channels, one and several cascades, few and many coils, what fits a cache and what
/// does not: so that each kind of work weighs most somewhere.
std::vector<Measured> networks_to_measure() {
  return {{VarnetSizes{1, 9, 4, 4}, {4, 160, 132}},
          {VarnetSizes{1, 4, 2, 4}, {12, 128, 96}},
          {VarnetSizes{1, 4, 2, 4}, {4, 64, 64}},
          {VarnetSizes{6, 4, 4, 3}, {4, 160, 132}},
          {VarnetSizes{1, 32, 8, 4}, {4, 160, 132}},
          {VarnetSizes{2, 16, 8, 3}, {4, 128, 96}},
          {VarnetSizes{4, 9, 4, 4}, {4, 160, 132}},
          {VarnetSizes{1, 18, 6, 4}, {8, 256, 184}},
          {VarnetSizes{1, 9, 4, 4}, {12, 320, 264}},
          {VarnetSizes{3, 6, 2, 4}, {6, 192, 160}},
          {VarnetSizes{2, 12, 6, 4}, {6, 160, 132}},
          {VarnetSizes{4, 24, 4, 4}, {2, 96, 96}},
          {VarnetSizes{8, 5, 4, 4}, {3, 112, 96}},
          {VarnetSizes{5, 12, 4, 4}, {4, 96, 112}},
          {UnetSizes{}, {1, 384, 384}},
          {UnetSizes{}, {4, 384, 384}}};
}

json to_json(const Speed& speed) {
  return {{"seconds_per_unit", speed.seconds}, {"residual", speed.residual}};
}

Speed speed_from(const json& value) {
  Speed speed;
  speed.seconds = value.at("seconds_per_unit").get<Work>();
  speed.residual = value.at("residual").get<double>();
  return speed;
}

json to_json(const Speeds& speeds) {
  return {{"inference", to_json(speeds.inference)}, {"training", to_json(speeds.training)}};
}

Speeds speeds_from(const json& value) {
  return {speed_from(value.at("inference")), speed_from(value.at("training"))};
}

json to_json(const PlannedDevice& device) {
  return {{"kind", device.kind},
          {"name", device.name},
          {"threads", device.threads},
          {"libtorch", device.libtorch},
          {"program", device.program}};
}

}  // namespace

PlannedDevice planned_device(torch::Device device) {
  const system::HostInfo host = system::host_info();
  const bool gpu = device.is_cuda();
  return {gpu ? "cuda" : "cpu", gpu && !host.gpus.empty() ? host.gpus.front() : host.cpu,
          torch::get_num_threads(), TORCH_VERSION, RECONPROOF_VERSION};
}

double Speed::of(const Work& work) const {
  double sum = 0;
  for (size_t i = 0; i < kKinds; ++i) sum += seconds[i] * work[i];
  return sum;
}

Speed fit_speed(const std::vector<TimedWork>& measured) {
  // Least squares of predicted / measured - 1, one unknown after another, none below 0.
  constexpr int kRounds = 20000;
  Speed speed;
  std::vector<Work> rows;
  for (const TimedWork& timed : measured) rows.push_back(1 / timed.seconds * timed.work);
  std::vector<double> missing(rows.size(), 1);  // of each row, to 1
  for (int round = 0; round < kRounds; ++round) {
    for (size_t kind = 0; kind < kKinds; ++kind) {
      double along = 0, square = 0;
      for (size_t i = 0; i < rows.size(); ++i) {
        along += rows[i][kind] * missing[i];
        square += rows[i][kind] * rows[i][kind];
      }
      if (square == 0) continue;
      const double value = std::max(0.0, speed.seconds[kind] + along / square);
      for (size_t i = 0; i < rows.size(); ++i)
        missing[i] -= rows[i][kind] * (value - speed.seconds[kind]);
      speed.seconds[kind] = value;
    }
  }
  for (const double share : missing) speed.residual = std::max(speed.residual, std::abs(share));
  return speed;
}

Calibration calibrate(torch::Device device,
                      const std::function<void(int64_t done, int64_t of)>& progress) {
  struct Samples {
    std::vector<TimedWork> inference, training;
    Speeds fitted() const { return {fit_speed(inference), fit_speed(training)}; }
  } varnet, unet;
  const std::vector<Measured> networks = networks_to_measure();
  int64_t done = 0;
  for (const Measured& network : networks) {
    progress(done++, std::ssize(networks));
    const MeasuredNetwork measured = measure_network(
        network.sizes, {}, network.shape, {kImageSize, Crop::kZeroPad}, device, kRepeats);
    const NetworkCost cost =
        network_cost(network.sizes, {}, network.shape, kImageSize, device_kind(device));
    Samples& samples = domain_of(network.sizes) == Domain::kImage ? unet : varnet;
    samples.inference.push_back({cost.inference.work, measured.inference.seconds});
    samples.training.push_back({cost.training.work, measured.training.seconds});
  }
  return {planned_device(device), std::time(nullptr), std::ssize(networks), varnet.fitted(),
          unet.fitted()};
}

std::filesystem::path calibration_file(const PlannedDevice& device) {
  const std::string key = system::sha256_hex(formats::canonical_json(to_json(device)));
  return system::user_cache_folder() / "plan" / (key.substr(0, 16) + ".json");
}

void keep(const Calibration& calibration) {
  const std::filesystem::path path = calibration_file(calibration.device);
  system::make_folders(path.parent_path());
  system::write_file(path, formats::canonical_json({{"schema", kSchema},
                                                    {"schema_version", kVersion},
                                                    {"device", to_json(calibration.device)},
                                                    {"measured_at", calibration.measured_at},
                                                    {"networks", calibration.networks},
                                                    {"varnet", to_json(calibration.varnet)},
                                                    {"unet", to_json(calibration.unet)}}));
}

std::optional<Calibration> kept_calibration(const PlannedDevice& device) {
  const std::filesystem::path path = calibration_file(device);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  try {
    const json document =
        formats::parse_schema_json(system::read_file(path), path.string(), kSchema, kVersion);
    return Calibration{device, document.at("measured_at").get<int64_t>(),
                       document.at("networks").get<int64_t>(), speeds_from(document.at("varnet")),
                       speeds_from(document.at("unet"))};
  } catch (const json::exception&) {
    system::fail(system::Code::kCorrupt,
                 "{}: it is no calibration; `reconproof plan --calibrate` measures again",
                 path.string());
  }
}

}  // namespace reconproof::baseline
