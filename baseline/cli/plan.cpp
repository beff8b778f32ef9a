// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "baseline/cli/commands.h"
#include "baseline/device.h"
#include "baseline/memory.h"
#include "baseline/model/precision.h"
#include "baseline/plan/calibration.h"
#include "baseline/plan/measure.h"
#include "system/error.h"
#include "system/lists.h"
#include "system/terminal.h"

namespace reconproof::baseline {
namespace {

using json = nlohmann::ordered_json;
using system::Code;
using system::fail;

constexpr CommandHelp kPlanHelp = {
    "reconproof-baseline plan [options] [--json]",
    "What networks take for a slice before any of them is made: memory, counted; time, predicted\n"
    "from the speeds that --calibrate measured on this device. `reconproof plan` holds it against\n"
    "the limits of an edition (docs/planning.md).",
    "reconproof-baseline plan --calibrate\n"
    "reconproof-baseline plan --cascades 4,8 --chans 9,18 --shape 16x768x396 --json\n"
    "reconproof-baseline plan --cascades 2 --shape 4x160x132 --measure"};

constexpr int64_t kMostExtent = 4096, kMostPredictions = 10000;

struct PlanArguments {
  std::string model = "varnet", cascades = "1", chans = "9", shapes = "16x768x396",
              precision = "fp32";
  VarnetSizes varnet;
  int64_t image_size = 384, batch_size = 1;
  int threads = 0;
  bool recompute = false;
};

po::options_description describe(PlanArguments& a) {
  po::options_description options("Options");
  auto add = options.add_options();
  add("model", option(a.model, "M"), "varnet, or unet (small, works on image_input)");
  add("cascades", option(a.cascades, "N,N"), "cascades; several: each with each of --chans");
  add("chans", option(a.chans, "N,N"), "channels of a cascade's U-Net");
  add("sens-chans", option(a.varnet.sens_chans, "N"), "channels of the sensitivity network");
  add("pools", option(a.varnet.pools, "N"), "poolings of each U-Net");
  add("shape", option(a.shapes, "CxHxW,..."), "coils, rows and columns of the k-space");
  add("image-size", option(a.image_size, "N"), "rows and columns of a label");
  add("batch-size", option(a.batch_size, "N"), "slices that the U-Net takes together");
  add("gradient-checkpointing", po::bool_switch(&a.recompute), "training with it");
  add("precision", option(a.precision, "P"), "of the convolutions: fp32, fp16 or bf16");
  add("threads", option(a.threads, "N"), "CPU threads (0: all available cores)");
  add("calibrate", "measure for a minute how fast this device is, and keep it");
  add("measure", "also run a step and a slice of each network, beside what was predicted");
  add("json", "as JSON (docs/formats/plan.md)");
  return options;
}

std::vector<int64_t> numbers(const char* name, const std::string& text) {
  std::vector<int64_t> values;
  for (const char *at = text.data(), *end = at + text.size(); at <= end;) {
    int64_t value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc() || (next < end && *next != ','))
      fail(Code::kUsage, "{} is '{}', expected numbers such as 4,8", name, system::printable(text));
    values.push_back(value);
    at = next + 1;
  }
  return values;
}

std::vector<formats::Shape> shapes_of(const std::string& text) {
  std::vector<formats::Shape> shapes;
  for (const std::string& one : system::split_at_commas(text)) {
    formats::Shape shape(3);
    int read = 0;
    const int found =
        std::sscanf(one.c_str(), "%4ldx%4ldx%4ld%n", &shape[0], &shape[1], &shape[2], &read);
    if (found != 3 || static_cast<size_t>(read) != one.size() || shape[0] < 1 || shape[1] < 32 ||
        shape[2] < 32 || std::max(shape[1], shape[2]) > kMostExtent) {
      fail(Code::kInvalidArgument,
           "--shape {}: expected COILSxROWSxCOLUMNS such as 16x768x396, rows and columns from 32 "
           "to {}",
           system::printable(one), kMostExtent);
    }
    shapes.push_back(shape);
  }
  return shapes;
}

std::vector<NetworkSizes> networks_of(const PlanArguments& a) {
  if (a.model == "unet") return {UnetSizes{}};
  if (a.model != "varnet") {
    fail(Code::kUsage, "--model is '{}', expected varnet or unet", system::printable(a.model));
  }
  std::vector<NetworkSizes> networks;
  for (const int64_t cascades : numbers("--cascades", a.cascades)) {
    for (const int64_t chans : numbers("--chans", a.chans)) {
      const NetworkSizes sizes = VarnetSizes{cascades, chans, a.varnet.sens_chans, a.varnet.pools};
      if (const std::string absurd = challenge::absurd_size_reason(sizes); !absurd.empty())
        fail(Code::kInvalidArgument, "{}", absurd);
      networks.push_back(sizes);
    }
  }
  return networks;
}

json to_json(const std::optional<int64_t>& bytes) { return bytes ? json(*bytes) : json(nullptr); }

bool is_image(const NetworkSizes& sizes) { return domain_of(sizes) == Domain::kImage; }

class Planner {
 public:
  Planner(const PlanArguments& a, bool measures)
      : a_(a),
        execution_{precision_from_text(a.precision), a.recompute},
        device_(compute_device()),
        kind_(device_kind(device_)),
        measures_(measures) {
    // Speeds are those of float32.
    if (execution_.precision == Precision::kFloat32)
      calibration_ = kept_calibration(planned_device(device_));
  }

  json document() const {
    const PlannedDevice device = planned_device(device_);
    json document = {{"schema", "reconproof.network-plan"},
                     {"schema_version", 1},
                     {"device",
                      {{"kind", device.kind},
                       {"name", device.name},
                       {"threads", device.threads},
                       {"libtorch", device.libtorch}}},
                     {"calibration", nullptr},
                     {"networks", json::array()}};
    if (calibration_) {
      document["calibration"] = {{"measured_at", calibration_->measured_at},
                                 {"networks", calibration_->networks},
                                 {"inference_residual", calibration_->varnet.inference.residual},
                                 {"training_residual", calibration_->varnet.training.residual}};
    }
    for (const NetworkSizes& sizes : networks_of(a_))
      document["networks"].push_back(network(sizes));
    return document;
  }

 private:
  json network(const NetworkSizes& sizes) const {
    json entry = {{"model", challenge::network_name(sizes)},
                  {"sizes", challenge::size_fields(sizes)},
                  {"gradient_checkpointing", a_.recompute},
                  {"precision", a_.precision},
                  {"shapes", json::array()}};
    std::vector<formats::Shape> shapes = shapes_of(a_.shapes);
    if (is_image(sizes)) shapes = {{a_.batch_size, a_.image_size, a_.image_size}};
    for (const formats::Shape& shape : shapes) entry["shapes"].push_back(one(sizes, shape, entry));
    return entry;
  }

  json one(const NetworkSizes& sizes, const formats::Shape& shape, json& entry) const {
    const NetworkCost here = network_cost(sizes, execution_, shape, a_.image_size, kind_);
    const NetworkCost gpu = network_cost(sizes, execution_, shape, a_.image_size, DeviceKind());
    const NetworkCost spared =
        network_cost(sizes, {execution_.precision, true}, shape, a_.image_size, DeviceKind());
    entry["parameters"] = here.parameters;
    json values = {{"shape", shape},
                   {"inference_bytes", here.inference.peak_bytes},
                   {"training_bytes", here.training.peak_bytes},
                   {"gpu_inference_bytes", gpu.inference.peak_bytes},
                   {"gpu_training_bytes", gpu.training.peak_bytes},
                   {"gpu_checkpointed_bytes", spared.training.peak_bytes},
                   {"inference_ms", nullptr},
                   {"training_ms", nullptr}};
    // Of one slice, where a U-Net takes several together.
    const double each_ms = 1e3 / static_cast<double>(is_image(sizes) ? a_.batch_size : 1);
    if (calibration_) {
      const Speeds& speeds = calibration_->of(sizes);
      values["inference_ms"] = speeds.inference.of(here.inference.work) * each_ms;
      values["training_ms"] = speeds.training.of(here.training.work) * each_ms;
    }
    if (!measures_) return values;
    constexpr int kRepeats = 3;
    const MeasuredNetwork measured = measure_network(
        sizes, execution_, shape, {a_.image_size, Crop::kZeroPad}, device_, kRepeats);
    values["measured"] = {{"inference_bytes", to_json(measured.inference.peak_bytes)},
                          {"training_bytes", to_json(measured.training.peak_bytes)},
                          {"inference_ms", measured.inference.seconds * each_ms},
                          {"training_ms", measured.training.seconds * each_ms}};
    return values;
  }

  const PlanArguments& a_;
  Execution execution_;
  torch::Device device_;
  DeviceKind kind_;
  bool measures_;
  std::optional<Calibration> calibration_;
};

std::string time_text(const json& milliseconds) {
  if (milliseconds.is_null()) return "not calibrated";
  return fmt::format("{:.4g} ms", milliseconds.get<double>());
}

std::string memory_text(const json& bytes) {
  return bytes.is_null() ? "not metered" : bytes_text(bytes.get<int64_t>());
}

void print_values(const char* how, const json& values) {
  fmt::print("    {:<9}  slice {} in {}, training step {} in {}\n", how,
             time_text(values["inference_ms"]), memory_text(values["inference_bytes"]),
             time_text(values["training_ms"]), memory_text(values["training_bytes"]));
}

void print(const json& document) {
  for (const json& network : document["networks"]) {
    std::string sizes;
    for (const auto& [name, value] : network["sizes"].items())
      sizes += fmt::format(", {} {}", name, value.get<int64_t>());
    fmt::print("{}{}\n", network["model"].get<std::string>(), sizes);
    for (const json& values : network["shapes"]) {
      fmt::print("  {}\n", formats::shape_text(values["shape"].get<formats::Shape>()));
      print_values("predicted", values);
      if (values.contains("measured")) print_values("measured", values["measured"]);
    }
  }
}

system::ExitCode run_calibration(bool as_json) {
  const torch::Device device = compute_device();
  const Calibration calibration = calibrate(device, [](int64_t done, int64_t of) {
    fmt::print(stderr, "reconproof: measuring network {} of {}\n", done + 1, of);
  });
  keep(calibration);
  const std::string path = calibration_file(calibration.device).string();
  if (as_json) {
    const json document = {{"schema", "reconproof.calibrated"},
                           {"schema_version", 1},
                           {"device", calibration.device.name},
                           {"threads", calibration.device.threads},
                           {"networks", calibration.networks},
                           {"inference_residual", calibration.varnet.inference.residual},
                           {"training_residual", calibration.varnet.training.residual},
                           {"file", path}};
    fmt::print("{}\n", document.dump(2));
  } else {
    fmt::print(
        "Calibrated: {}, {} threads, {} networks measured.\n"
        "Largest error of what was fitted to the VarNets: {:.0f} % for a slice, {:.0f} % for a "
        "training step.\n"
        "Kept in {}\n",
        calibration.device.name, calibration.device.threads, calibration.networks,
        100 * calibration.varnet.inference.residual, 100 * calibration.varnet.training.residual,
        path);
  }
  return system::ExitCode::kPass;
}

}  // namespace

system::ExitCode run_plan(int argc, char** argv) {
  PlanArguments a;
  const auto values = parse_options(argc, argv, kPlanHelp, describe(a));
  if (!values) return system::ExitCode::kPass;
  require_at_least("--threads", a.threads, 0);
  require_at_least("--image-size", static_cast<double>(a.image_size), 32);
  require_at_least("--batch-size", static_cast<double>(a.batch_size), 1);
  const size_t predictions = networks_of(a).size() * shapes_of(a.shapes).size();
  if (predictions > kMostPredictions)
    fail(Code::kInvalidArgument, "{} networks and shapes are more than {}", predictions,
         kMostPredictions);
  set_threads(a.threads);
  const bool as_json = values->count("json") > 0;
  if (values->count("calibrate")) return run_calibration(as_json);
  const json document = Planner(a, values->count("measure") > 0).document();
  if (as_json) {
    fmt::print("{}\n", document.dump(2));
  } else {
    print(document);
  }
  return system::ExitCode::kPass;
}

}  // namespace reconproof::baseline
