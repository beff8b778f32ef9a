// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/model/recompute.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

namespace reconproof::baseline {
namespace {

using Function = std::function<torch::Tensor(const torch::Tensor&, const torch::Tensor&)>;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// The function travels in the context's map of values, which holds objects of this kind.
struct FunctionHolder : torch::CustomClassHolder {
  explicit FunctionHolder(Function f) : function(std::move(f)) {}
  Function function;
};

/// `tensor` cut off from the graph that made it, a leaf when a gradient is wanted for it.
torch::Tensor as_leaf(const torch::Tensor& tensor, bool wants_gradient) {
  torch::Tensor leaf = tensor.detach();
  leaf.set_requires_grad(wants_gradient);
  return leaf;
}

class Recomputed : public torch::autograd::Function<Recomputed> {
 public:
  /// `anchor` requires a gradient: without such an input autograd would not call `backward`,
  /// although the function's parameters need it.
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& anchor,
                               const torch::Tensor& a, const torch::Tensor& b,
                               const c10::intrusive_ptr<FunctionHolder>& holder) {
    (void)anchor;
    context->saved_data["function"] = torch::IValue::make_capsule(holder);
    context->saved_data["a"] = a.requires_grad();
    context->saved_data["b"] = b.requires_grad();
    context->save_for_backward({a, b});
    return holder->function(a, b);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor a = as_leaf(saved[0], context->saved_data["a"].toBool());
    const torch::Tensor b = as_leaf(saved[1], context->saved_data["b"].toBool());
    const auto holder = c10::static_intrusive_pointer_cast<FunctionHolder>(
        context->saved_data["function"].toCapsule());
    torch::Tensor output;
    {
      const torch::AutoGradMode with_graph(true);
      output = holder->function(a, b);
    }
    torch::autograd::backward({output}, {gradients[0]});
    return {torch::Tensor(), a.grad(), b.grad(), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor recomputed(Function function, const torch::Tensor& a, const torch::Tensor& b) {
  if (!torch::GradMode::is_enabled()) return function(a, b);
  const torch::Tensor anchor = torch::empty(0).requires_grad_();
  const torch::Tensor second =
      b.defined() ? b : torch::empty(0);  // autograd takes no undefined ones
  return Recomputed::apply(anchor, a, second,
                           c10::make_intrusive<FunctionHolder>(std::move(function)));
}

}  // namespace reconproof::baseline
