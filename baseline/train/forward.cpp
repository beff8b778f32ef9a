// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/forward.h"

#include <fmt/format.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/utils.h>

#include <cmath>
#include <map>

#include "baseline/engine/choice.h"
#include "baseline/engine/ssim.h"
#include "baseline/engine/varnet_training.h"
#include "baseline/memory.h"
#include "baseline/model/ssim_loss.h"
#include "baseline/shape.h"
#include "system/error.h"

namespace reconproof::baseline {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// The engine for tensors.
class EngineForward : public torch::CustomClassHolder {
 public:
  EngineForward(VarnetImpl& network, const Execution& execution)
      : network_(network),
        engine_(network.sizes(),
                execution.recompute ? engine::VarnetTraining::Activations::kRecomputed
                                    : engine::VarnetTraining::Activations::kKept,
                torch::get_num_threads(), engine::best_kernels()) {
    for (const auto& item : network.named_parameters()) {
      names_.push_back(item.key());
      parameters_.push_back(item.value());
    }
  }

  const VarnetImpl& network() const { return network_; }
  const variable_list& parameters() const { return parameters_; }

  /// [1, window.rows, window.columns]
  torch::Tensor forth(const NetworkInput& input) {
    const EngineInput one(network_, input);
    torch::Tensor image = torch::empty({1, one.window.rows, one.window.columns});
    engine_.forth(one.slice, one.acs, one.window, engine_weights(network_),
                  image.data_ptr<float>());
    memory_.set(engine_.memory_bytes());
    ++images_;
    return image;
  }

  /// The gradients of all parameters, in their order. `image`: which one forth() gave.
  variable_list back(const torch::Tensor& gradient, int64_t image) {
    RP_ASSERT(image == images_);
    std::map<std::string, torch::Tensor> gradients;
    variable_list ordered;
    for (size_t i = 0; i < names_.size(); ++i) {
      ordered.push_back(torch::empty_like(parameters_[i]));
      gradients[names_[i]] = ordered.back();
    }
    const torch::Tensor values = gradient.contiguous();
    engine_.back(values.data_ptr<float>(),
                 [&](const std::string& name) { return gradients.at(name).data_ptr<float>(); });
    ++images_;  // what the way back needs is used up
    return ordered;
  }

  int64_t images() const { return images_; }

 private:
  VarnetImpl& network_;
  engine::VarnetTraining engine_;
  std::vector<std::string> names_;
  variable_list parameters_;
  CountedMemory memory_;
  int64_t images_ = 0;  // so far, and ways back
};

namespace {

/// What autograd sees of it.
class EngineFunction : public torch::autograd::Function<EngineFunction> {
 public:
  static torch::Tensor forward(AutogradContext* context, const at::TensorList& parameters,
                               const c10::intrusive_ptr<EngineForward>& engine,
                               const NetworkInput& input) {
    (void)parameters;  // for autograd, which connects them
    torch::Tensor image = engine->forth(input);
    context->saved_data["engine"] = torch::IValue::make_capsule(engine);
    context->saved_data["image"] = engine->images();
    return image;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto engine = c10::static_intrusive_pointer_cast<EngineForward>(
        context->saved_data["engine"].toCapsule());
    variable_list all = engine->back(gradients.front(), context->saved_data["image"].toInt());
    all.resize(all.size() + 2);  // engine and input have none
    return all;
  }
};

/// The loss, with its gradient at once.
class SsimFunction : public torch::autograd::Function<SsimFunction> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& image,
                               const torch::Tensor& target, double range) {
    const torch::Tensor x = image.contiguous(), y = target.contiguous();
    torch::Tensor gradient = torch::empty_like(x);
    const double loss = engine::ssim_loss(x.data_ptr<float>(), y.data_ptr<float>(), x.size(1),
                                          x.size(2), range, gradient.data_ptr<float>());
    context->save_for_backward({gradient});
    return torch::full({}, loss, torch::kDouble);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const torch::Tensor factor = gradients.front().to(torch::kFloat);
    return {context->get_saved_variables().front() * factor, {}, {}};
  }
};

}  // namespace

std::unique_ptr<RecordedWork> recorded_accumulation(Network& network, torch::Device device,
                                                    std::unique_ptr<Recorder> recorder) {
  RecordedWork::Tensors gradients;
  for (const torch::Tensor& parameter : network.parameters()) {
    RP_ASSERT(parameter.grad().defined());
    gradients.push_back(parameter.grad());
  }
  const auto work = [&network](const NetworkInput& input, const RecordedWork::Tensors& further) {
    const torch::Tensor loss = ssim_loss(network.reconstruct(input), further[0], further[1]);
    (loss * further[2]).backward();
    return loss.detach();
  };
  return std::make_unique<RecordedWork>(device, std::move(recorder), work, gradients);
}

Forward::Forward(Network& network, const Execution& execution, torch::Device device,
                 Backend backend)
    : network_(network), device_(device), backend_(backend) {
  if (backend == Backend::kGraph) {
    recorded_ = recorded_accumulation(network, device, require_recorder(network.domain()));
  }
  if (VarnetImpl* varnet = varnet_for_engine(network, device, backend))
    engine_ = c10::make_intrusive<EngineForward>(*varnet, execution);
}

Forward::~Forward() = default;

torch::Tensor Forward::loss(const torch::Tensor& image, const torch::Tensor& target,
                            const torch::Tensor& maximum) const {
  if (!engine_ || image.size(0) != 1)
    return ssim_loss(image, target.to(device_), maximum.to(device_));
  RP_CHECK_SHAPE(image, torch::kFloat, kAny, kAny, kAny);
  RP_CHECK_SHAPE(target, torch::kFloat, image.size(0), image.size(1), image.size(2));
  RP_CHECK_SHAPE(maximum, maximum.scalar_type(), image.size(0));
  return SsimFunction::apply(image, target, maximum.item<double>());
}

double Forward::accumulate(const NetworkInput& input, const torch::Tensor& target,
                           const torch::Tensor& maximum, double factor) {
  if (recorded_) {
    const torch::Tensor scale = torch::full({}, factor, torch::kDouble);
    return recorded_->run(input, {target, maximum, scale}).item<double>();
  }
  const torch::Tensor loss = this->loss(reconstruct(input), target, maximum);
  const double value = loss.item<double>();
  if (std::isfinite(value)) (factor == 1 ? loss : loss * factor).backward();
  return value;
}

std::string Forward::backend_text() const {
  if (recorded_) return "graph";
  return engine_ ? fmt::format("engine ({})", engine::best_kernels().name) : "libtorch";
}

torch::Tensor Forward::reconstruct(const NetworkInput& input) {
  if (!engine_ || !engine_takes(engine_->network(), input, backend_))
    return network_.reconstruct(input.to(device_));
  const VarnetImpl& network = engine_->network();
  const torch::Tensor image =
      EngineFunction::apply(at::TensorList(engine_->parameters()), engine_, input);
  return centre_crop(image, network.image_size(), network.crop());
}

}  // namespace reconproof::baseline
