// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The restricted unpickler alone; torch.cpp has what checkpoints make of it.
#include "formats/pickle.h"

#include "tests/fuzz/target.h"

namespace reconproof::fuzz {
namespace {

using formats::PickleClass;
using formats::PickleId;
using formats::PickleTree;

constexpr PickleClass kClasses[] = {{"a.named", PickleClass::kNamed},
                                    {"a.called", PickleClass::kCalled},
                                    {"a.stateful", PickleClass::kStateful}};

/// Every value that a value refers to is there.
struct References {
  const PickleTree& tree;

  void one(PickleId id) const { RP_ASSERT(id < tree.size()); }
  void all(const std::vector<PickleId>& ids) const {
    for (const PickleId id : ids) one(id);
  }
  void operator()(const formats::PickleList& list) const { all(list.items); }
  void operator()(const formats::PickleTuple& tuple) const { all(tuple.items); }
  void operator()(const formats::PickleDict& dict) const {
    for (const auto& [key, value] : dict.items) all({key, value});
  }
  void operator()(const formats::PickleGlobal& global) const { RP_ASSERT(global.type); }
  void operator()(const formats::PickleObject& object) const {
    RP_ASSERT(object.type->use != PickleClass::kNamed);
    RP_ASSERT(tree.get<formats::PickleTuple>(object.arguments));
    if (object.state) one(*object.state);
  }
  void operator()(const formats::PickleReference& reference) const { one(reference.id); }
  template <typename Plain>
  void operator()(const Plain&) const {}
};

void check(const PickleTree& tree) {
  RP_ASSERT(tree.root() < tree.size());
  for (PickleId id = 0; id < tree.size(); ++id) {
    std::visit(References{tree}, tree[id]);
    RP_ASSERT(!tree.describe(id).empty());
  }
}

}  // namespace
}  // namespace reconproof::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof::fuzz;
  accepted(
      [&] { check(reconproof::formats::read_pickle(text_of(data, size), kClasses, "input")); });
  return 0;
}
