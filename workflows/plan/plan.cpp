// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "checks/measure/prediction.h"
#include "system/error.h"
#include "system/terminal.h"
#include "workflows/plan/model_classes.h"

namespace reconproof::workflows {
namespace {

using challenge::Edition;
using challenge::Rule;

/// What predictions were seen to miss measurements by at most (docs/planning.md).
constexpr double kMemoryError = 1.15, kTimeError = 1.25;
/// What CUDA takes for a process beside tensors: context, kernels, cuDNN's scratch. An assumption.
constexpr double kContextGib = 0.5;
constexpr double kGib = 0x1p30;
constexpr double kDay = 86400, kOldDays = 30;
/// What the official baseline's run of 2024 took beside its forward passes, a slice: 750 s (#285)
/// for 1,856 slices of 87.7 ms. Loading, writing, Python.
constexpr double kBesideForwardS = 750.0 / 1856 - 0.0877;
constexpr double kTightGib = 0.5;

Figure around(double value, double factor) {
  return {value, value / factor, value * factor, Known::kPredicted};
}

Figure on_card(int64_t tensor_bytes) {
  return around(static_cast<double>(tensor_bytes) / kGib, kMemoryError) + kContextGib;
}

/// Turns times of this device into those of another.
struct Bridge {
  double factor = 1, low = 1, high = 1;

  Figure operator()(double here) const {
    return {here * factor, here * low, here * high, Known::kPredicted};
  }
};

/// Sums the times of all slices, each by its shape.
template <typename Time>
std::optional<double> sum_ms(const SliceShapes& slices, const NetworkPrediction& network,
                             Time time) {
  double sum = 0;
  for (const auto& [shape, count] : slices.slices) {
    const std::optional<double> one = network.of(shape).*time;
    if (!one) return std::nullopt;
    sum += *one * static_cast<double>(count);
  }
  if (slices.slices.empty()) return std::nullopt;
  return sum;
}

void fill_times(DeviceTimes& times, const NetworkPrediction& network, const PlanScale& scale,
                const Bridge& bridge) {
  const auto passes = sum_ms(scale.leaderboard, network, &ShapePrediction::inference_ms);
  if (passes) {
    const double slices = static_cast<double>(scale.leaderboard.count());
    times.slice_ms = bridge(*passes / slices);
    times.leaderboard_s = bridge(*passes / 1e3) + slices * kBesideForwardS;
  }
  const ShapePrediction& usual = network.of(scale.usual);
  if (usual.training_ms) times.step_ms = bridge(*usual.training_ms);
  if (const auto steps = sum_ms(scale.train, network, &ShapePrediction::training_ms))
    times.epoch_s = bridge(*steps / 1e3);
}

std::string calibration_text(const NetworkAnswer& answer, int64_t now) {
  if (!answer.calibration) {
    return "NOT CALIBRATED: nothing is known of this device's speed, so that no time is predicted; "
           "`reconproof plan --calibrate` measures it in about a minute";
  }
  const double age = static_cast<double>(now - answer.calibration->measured_at);
  return fmt::format(
      "speeds measured on {} with {} thread{} {} ago; largest error of what they were fitted to: "
      "{:.0f} % for a slice, {:.0f} % for a training step{}",
      answer.device.name, answer.device.threads, answer.device.threads == 1 ? "" : "s",
      age < 2 * kDay ? system::duration_text(std::max(0.0, age))
                     : fmt::format("{:.0f} days", age / kDay),
      100 * answer.calibration->inference_residual, 100 * answer.calibration->training_residual,
      age > kOldDays * kDay ? "; that is old, calibrate again" : "");
}

/// From this device to the official GPU, by the reference network's time on both.
std::optional<Bridge> bridge_to_official(const PlanInputs& inputs, DeviceTimes& times) {
  const auto& reference = inputs.edition->reference;
  if (!reference || !inputs.reference) {
    times.basis = "the edition knows no time of its network there";
    return std::nullopt;
  }
  const auto& here = inputs.reference->networks.front().shapes.front().inference_ms;
  if (!here) {
    times.basis = "this device is not calibrated, so that nothing leads from it to that one";
    return std::nullopt;
  }
  const NetworkAnswer& answer = *inputs.reference;
  const checks::Prediction one = checks::predict(
      1, "ms", checks::Timed::kForward,
      {reference->ms_per_slice, true, inputs.edition->official_gpu}, reference->certainty,
      {*here, answer.device.kind == "cuda", answer.device.name});
  times.basis = fmt::format(
      "from this device, by the official VarNet's {:.3g} ms a slice there (declared, {}) and "
      "{:.3g} "
      "here (predicted); networks do not all scale alike, hence the range",
      reference->ms_per_slice, reference->certainty, *here);
  return Bridge{one.value, one.low, one.high};
}

std::optional<Figure> converted(const std::optional<Figure>& figure, double factor) {
  if (!figure) return std::nullopt;
  return *figure * factor;
}

LimitVerdict verdict(const std::string& what, const Rule& rule, std::optional<Figure> figure,
                     const std::string& reason) {
  LimitVerdict result{what, &rule, figure, figure ? "" : reason, Fit::kUnknown, ""};
  if (figure) result.fit = judge(*figure, rule);
  return result;
}

std::string training_advice(const Plan& plan, const Rule& rule) {
  const ShapePrediction& worst = plan.network.of(plan.scale.worst);
  if (plan.question.gradient_checkpointing || plan.network.model != "varnet") return "";
  const Figure spared = on_card(worst.gpu_checkpointed_bytes);
  if (judge(spared, rule) == Fit::kExceeds)
    return fmt::format("even with --gradient-checkpointing it would take {:.2f} GiB", spared.value);
  return fmt::format(
      "with --gradient-checkpointing it would take {:.2f} GiB, for about a third more "
      "time",
      spared.value);
}

void add_limits(Plan& plan) {
  const Edition& edition = *plan.edition;
  const DeviceTimes& times = plan.judged();
  if (const Rule* rule = edition.find_rule("memory.gpu"); rule && rule->limit) {
    LimitVerdict training = verdict("GPU memory of training", *rule, plan.training_gib, "");
    if (training.fit != Fit::kFits) training.advice = training_advice(plan, *rule);
    plan.limits.push_back(training);
    plan.limits.push_back(verdict("GPU memory of reconstruction", *rule, plan.inference_gib, ""));
  }
  const std::string unknown = fmt::format("not said for {}: {}", times.device, times.basis);
  if (const Rule* rule = edition.find_rule("time.total"); rule && rule->limit)
    plan.limits.push_back(
        verdict("time of the whole leaderboard", *rule, times.leaderboard_s, unknown));
  if (const Rule* rule = edition.find_rule("time.slice"); rule && rule->limit)
    plan.limits.push_back(verdict("time of a slice", *rule, times.slice_ms, unknown));
  if (const Rule* rule = edition.find_rule("time.slow-volume"); rule && rule->limit) {
    const auto& set = plan.scale.leaderboard;
    const double slices =
        set.volumes > 0 ? static_cast<double>(set.count()) / static_cast<double>(set.volumes) : 0;
    plan.limits.push_back(
        verdict("time of a volume", *rule, converted(times.slice_ms, slices / 1e3), unknown));
  }
}

Fit worse(Fit a, Fit b) {
  if (a == Fit::kExceeds || b == Fit::kExceeds) return Fit::kExceeds;
  return a == Fit::kUnknown || b == Fit::kUnknown ? Fit::kUnknown : Fit::kFits;
}

Variant variant_of(const NetworkPrediction& network, const Plan& plan,
                   const std::optional<Bridge>& bridge) {
  Variant variant;
  variant.network = network;
  const ShapePrediction& worst = network.of(plan.scale.worst);
  variant.training_gib = on_card(worst.gpu_training_bytes).value;
  variant.checkpointed_gib = on_card(worst.gpu_checkpointed_bytes).value;
  variant.inference_gib = on_card(worst.gpu_inference_bytes).value;
  const ShapePrediction& usual = network.of(plan.scale.usual);
  DeviceTimes times;
  if (bridge && usual.inference_ms && usual.training_ms) {
    const double slices = static_cast<double>(plan.scale.leaderboard.count());
    times.slice_ms = (*bridge)(*usual.inference_ms);
    times.leaderboard_s = *times.slice_ms * (slices / 1e3) + slices * kBesideForwardS;
    variant.slice_ms = times.slice_ms->value;
    variant.leaderboard_s = times.leaderboard_s->value;
    if (!plan.scale.train.slices.empty())
      variant.epoch_s =
          (*bridge)(*usual.training_ms).value * static_cast<double>(plan.scale.train.count()) / 1e3;
  }
  variant.fit = Fit::kFits;
  if (const Rule* rule = plan.edition->find_rule("memory.gpu"); rule && rule->limit) {
    const Fit plain = judge(on_card(worst.gpu_training_bytes), *rule);
    const Fit spared = judge(on_card(worst.gpu_checkpointed_bytes), *rule);
    variant.checkpointing = plain != Fit::kFits && spared == Fit::kFits;
    variant.fit = worse(variant.checkpointing ? spared : plain,
                        judge(on_card(worst.gpu_inference_bytes), *rule));
  }
  if (const Rule* rule = plan.edition->find_rule("time.total"); rule && rule->limit)
    variant.fit = worse(variant.fit,
                        times.leaderboard_s ? judge(*times.leaderboard_s, *rule) : Fit::kUnknown);
  return variant;
}

void add_variants(Plan& plan, const NetworkAnswer& answer, const std::optional<Bridge>& bridge) {
  for (const NetworkPrediction& network : answer.networks) {
    const Variant variant = variant_of(network, plan, bridge);
    if (variant.fit != Fit::kExceeds) plan.variants.push_back(variant);
  }
  // Those that surely fit first; of these the one that can learn most.
  std::ranges::stable_sort(plan.variants, [](const Variant& a, const Variant& b) {
    if ((a.fit == Fit::kFits) != (b.fit == Fit::kFits)) return a.fit == Fit::kFits;
    return a.network.parameters > b.network.parameters;
  });
}

void add_classes(Plan& plan) {
  ClassLimits limits;
  if (const Rule* rule = plan.edition->find_rule("time.total")) limits.leaderboard_s = rule->limit;
  if (const Rule* rule = plan.edition->find_rule("memory.gpu")) limits.memory_gib = rule->limit;
  limits.slices = static_cast<double>(plan.scale.leaderboard.count());
  limits.device = plan.judged().device;
  limits.slice_ms = plan.judged().slice_ms;
  limits.network = "the network that was asked about";
  if (!limits.slice_ms && plan.edition->reference) {
    const double ms = plan.edition->reference->ms_per_slice;
    limits.slice_ms = Figure{ms, ms, ms, Known::kDeclared};
    limits.network = "the official VarNet";
    limits.device = plan.edition->official_gpu;
  }
  plan.classes = {diffusion_class(limits), transformer_class(limits, plan.scale.worst)};
}

void add_notes(Plan& plan) {
  plan.notes.push_back(fmt::format(
      "memory: tensors of the worst slice, counted, and {} GiB for CUDA's context, assumed; seen "
      "within 15 % of what was measured on a CPU",
      kContextGib));
  if (plan.judged().leaderboard_s)
    plan.notes.push_back(fmt::format(
        "time of the leaderboard: forward passes, and {:.2f} s a slice for loading, writing and "
        "Python, as the official baseline's 750 s were (declared, #285 of 2024)",
        kBesideForwardS));
  for (const LimitVerdict& limit : plan.limits) {
    const auto left = limit.headroom();
    if (limit.rule->unit == "GiB" && limit.fit == Fit::kFits && left && *left < kTightGib)
      plan.notes.push_back(
          fmt::format("{}: less than {} GiB are left; teams keep 512 MiB, for nodes "
                      "differ (#167, #201, #278)",
                      limit.what, kTightGib));
  }
  if (plan.scale.train.slices.empty())
    plan.notes.push_back(
        "an epoch is not said: give --data DIR or --volumes N of the training set");
}

}  // namespace

const char* known_text(Known known) {
  switch (known) {
    case Known::kPredicted:
      return "predicted";
    case Known::kMeasured:
      return "measured";
    case Known::kDeclared:
      return "declared";
  }
  RP_ASSERT(false);
}

const char* fit_text(Fit fit) {
  switch (fit) {
    case Fit::kFits:
      return "fits";
    case Fit::kExceeds:
      return "exceeds";
    case Fit::kUnknown:
      return "cannot be said";
  }
  RP_ASSERT(false);
}

Fit judge(const Figure& figure, const Rule& rule) {
  RP_ASSERT(rule.limit.has_value());
  if (figure.low > rule.sure_limit()) return Fit::kExceeds;
  return figure.high <= *rule.limit ? Fit::kFits : Fit::kUnknown;
}

std::optional<double> LimitVerdict::headroom() const {
  if (!figure) return std::nullopt;
  return *rule->limit - figure->value;
}

Plan make_plan(const PlanInputs& inputs) {
  RP_ASSERT(inputs.edition && inputs.network.networks.size() == 1);
  Plan plan;
  plan.edition = inputs.edition;
  plan.question = inputs.question;
  plan.answer = inputs.network;
  plan.scale = inputs.scale;
  plan.network = inputs.network.networks.front();
  const ShapePrediction& worst = plan.network.of(plan.scale.worst);
  plan.training_gib = on_card(worst.gpu_training_bytes);
  plan.inference_gib = on_card(worst.gpu_inference_bytes);
  plan.here_training_bytes = worst.training_bytes;
  plan.here_inference_bytes = worst.inference_bytes;

  plan.here.device = inputs.network.device.name;
  plan.here.official = plan.here.device == inputs.edition->official_gpu;
  plan.here.basis = calibration_text(inputs.network, inputs.now);
  std::optional<Bridge> bridge = Bridge{1, 1 / kTimeError, kTimeError};
  fill_times(plan.here, plan.network, plan.scale, *bridge);
  if (!plan.here.official && !inputs.edition->official_gpu.empty()) {
    plan.official.emplace();
    plan.official->device = inputs.edition->official_gpu;
    plan.official->official = true;
    bridge = bridge_to_official(inputs, *plan.official);
    if (bridge) fill_times(*plan.official, plan.network, plan.scale, *bridge);
  }
  add_limits(plan);
  add_variants(plan, inputs.variants, bridge);
  add_classes(plan);
  add_notes(plan);
  return plan;
}

Plan ask_and_plan(PlanInputs inputs) {
  inputs.network = ask_baseline(inputs.question);
  if (inputs.question.model == "varnet") {
    NetworkQuestion table = inputs.question;
    table.cascades = {1, 2, 3, 4, 6, 8, 10, 12};
    table.chans = {9, 12, 18, 24, 32};
    table.shapes = {inputs.scale.worst, inputs.scale.usual};
    table.gradient_checkpointing = false;
    inputs.variants = ask_baseline(table);
  }
  if (const auto& reference = inputs.edition->reference) {
    NetworkQuestion question;
    question.cascades = {reference->network.cascades};
    question.chans = {reference->network.chans};
    question.sens_chans = reference->network.sens_chans;
    question.pools = reference->network.pools;
    question.shapes = {{reference->coils, reference->rows, reference->columns}};
    question.threads = inputs.question.threads;
    inputs.reference = ask_baseline(question);
  }
  return make_plan(inputs);
}

int exit_code(const Plan& plan) {
  const auto any = [&plan](Fit fit) {
    return std::ranges::any_of(plan.limits, [&](const LimitVerdict& limit) {
      return limit.fit == fit && limit.rule->severity == challenge::Severity::kError;
    });
  };
  if (any(Fit::kExceeds)) return 1;
  return any(Fit::kUnknown) ? 6 : 0;
}

}  // namespace reconproof::workflows
