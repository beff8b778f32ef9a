// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/plan/shadow.h"

#include <algorithm>
#include <map>
#include <utility>

namespace reconproof::baseline {

/// What backward does for one operation. It holds storages, never shadows: a result that knew its
/// own node would never be released.
struct Node {
  int64_t number = 0;  // backward goes from the last one made to the first
  struct Input {
    std::shared_ptr<Node> node;  // null: no gradient is wanted
    int64_t bytes = 0;
  };
  std::vector<Input> inputs;
  std::vector<std::shared_ptr<Storage>> saved;
  bool shares_gradient = false;
  Scratch scratch;
  Work work{};
  Shadows::Function again;        // of what is recomputed, for `arguments`
  std::vector<Shadow> arguments;  // without nodes
};

namespace {

/// A shadow that is no part of the graph.
Shadow cut_off(const Shadow& shadow) {
  Shadow cut = shadow;
  cut.node = nullptr;
  return cut;
}

}  // namespace

Work work_of(Kind kind, double amount) {
  Work work{};
  work[static_cast<size_t>(kind)] = amount;
  work[static_cast<size_t>(Kind::kStarted)] += 1;
  return work;
}

Work& operator+=(Work& sum, const Work& work) {
  for (size_t i = 0; i < kKinds; ++i) sum[i] += work[i];
  return sum;
}

Work operator*(double factor, Work work) {
  for (double& amount : work) amount *= factor;
  return work;
}

int64_t Shadow::bytes() const {
  int64_t product = element;
  for (const int64_t extent : shape) product *= extent;
  return product;
}

/// Gradients on their way, and who waits for them.
class Shadows::Engine {
 public:
  explicit Engine(Shadows& shadows) : shadows_(shadows) {}

  void send(const std::shared_ptr<Node>& to, std::shared_ptr<Storage> gradient) {
    Waiting& waiting = waiting_[to->number];
    waiting.node = to;
    if (!waiting.gradient) {
      waiting.gradient = std::move(gradient);
      return;
    }
    // Added in place where nobody else holds what came first.
    if (waiting.gradient.use_count() > 1) waiting.gradient = shadows_.take(gradient->bytes);
    shadows_.work_ += work_of(Kind::kPointwise, 3 * static_cast<double>(gradient->bytes));
  }

  /// Gradients that came to the leaves of the graph stay in `leaves`.
  void run(std::map<const Node*, std::shared_ptr<Storage>>* leaves) {
    while (!waiting_.empty()) {
      const auto last = std::prev(waiting_.end());
      Waiting next = std::move(last->second);
      waiting_.erase(last);
      if (next.node->inputs.empty() && leaves)
        (*leaves)[next.node.get()] = std::move(next.gradient);
      else
        step(*next.node, std::move(next.gradient));
    }
  }

 private:
  struct Waiting {
    std::shared_ptr<Node> node;
    std::shared_ptr<Storage> gradient;
  };

  void step(Node& node, std::shared_ptr<Storage> gradient) {
    if (node.again) return step_again(node, std::move(gradient));
    for (const int64_t bytes : node.scratch) (void)shadows_.take(bytes);
    shadows_.work_ += node.work;
    std::vector<std::shared_ptr<Storage>> made;
    for (const Node::Input& input : node.inputs) {
      if (input.node) made.push_back(node.shares_gradient ? gradient : shadows_.take(input.bytes));
    }
    gradient.reset();
    node.saved.clear();
    size_t i = 0;
    for (const Node::Input& input : node.inputs) {
      if (input.node) send(input.node, std::exchange(made[i++], nullptr));
    }
  }

  void step_again(Node& node, std::shared_ptr<Storage> gradient) {
    std::vector<Shadow> leaves = node.arguments;
    for (size_t i = 0; i < leaves.size(); ++i) {
      if (node.inputs[i].node) leaves[i].node = shadows_.new_node();
    }
    std::map<const Node*, std::shared_ptr<Storage>> gradients;
    {
      Shadow result = node.again(leaves[0], leaves[1]);
      Engine inner(shadows_);
      inner.send(result.node, std::move(gradient));
      result.node = nullptr;
      inner.run(&gradients);
    }
    node.arguments.clear();
    for (size_t i = 0; i < leaves.size(); ++i) {
      const auto found = gradients.find(leaves[i].node.get());
      if (node.inputs[i].node && found != gradients.end())
        send(node.inputs[i].node, std::exchange(found->second, nullptr));
    }
  }

  Shadows& shadows_;
  std::map<int64_t, Waiting> waiting_;  // by the number of the node
};

std::shared_ptr<Storage> Shadows::take(int64_t bytes) {
  auto storage = std::make_shared<Storage>(live_, bytes);
  peak_ = std::max(peak_, live_);
  return storage;
}

std::shared_ptr<Node> Shadows::new_node() {
  auto node = std::make_shared<Node>();
  node->number = nodes_++;
  return node;
}

Shadow Shadows::given(formats::Shape shape, int64_t element) {
  Shadow shadow{std::move(shape), element, nullptr, nullptr};
  shadow.storage = take(shadow.bytes());
  return shadow;
}

Shadow Shadows::apply(const Operation& operation) {
  Shadow result{operation.shape, operation.element, nullptr, nullptr};
  std::shared_ptr<Storage> beside;
  for (size_t i = 0; i + 1 < operation.scratch.size(); ++i) (void)take(operation.scratch[i]);
  if (!operation.scratch.empty()) beside = take(operation.scratch.back());
  result.storage = operation.in_place ? operation.inputs.front().storage : take(result.bytes());
  work_ += operation.forward;
  const bool wanted =
      operation.has_parameters || std::ranges::any_of(operation.inputs, [](const Shadow& input) {
        return input.node != nullptr;
      });
  if (!graph_ || !wanted) return result;
  result.node = new_node();
  for (const Shadow& input : operation.inputs)
    result.node->inputs.push_back({input.node, input.bytes()});
  for (const Shadow& saved : operation.saved) result.node->saved.push_back(saved.storage);
  if (operation.saves_result) result.node->saved.push_back(result.storage);
  result.node->shares_gradient = operation.shares_gradient;
  result.node->scratch = operation.backward_scratch;
  result.node->work = operation.backward;
  return result;
}

Shadow Shadows::recomputed(const Function& function, const Shadow& a, const Shadow& b) {
  const bool graph = std::exchange(graph_, false);
  Shadow result = function(cut_off(a), cut_off(b));
  graph_ = graph;
  if (!graph_) return result;
  result.node = new_node();
  result.node->inputs = {{a.node, a.bytes()}, {b.node, b.storage ? b.bytes() : 0}};
  result.node->arguments = {cut_off(a), cut_off(b)};
  result.node->again = function;
  return result;
}

void Shadows::backward(Shadow& result) {
  Engine engine(*this);
  engine.send(result.node, take(result.bytes()));
  result = Shadow();
  engine.run(nullptr);
}

}  // namespace reconproof::baseline
