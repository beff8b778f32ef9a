// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Python's pickle, protocols 2 to 5, read as data. A pickle is a program that names functions and
// calls them; here nothing is called. What plain containers mean is understood, a class on the
// caller's list becomes a `PickleObject` that records name, arguments and state, and every other
// name is refused. Read by formats/torch_checkpoint.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace reconproof::formats {

/// A class or function that a pickle may name.
struct PickleClass {
  enum Use {
    kNamed,     // stands there as a name only (a dtype, a storage class)
    kCalled,    // is called with arguments
    kStateful,  // is called, then given a state
  };
  std::string_view name;  // "module.name"
  Use use = kNamed;
};

/// Index of a value in its tree. Values are shared, nest as deep as the file is long, and may
/// contain themselves: a consumer looks at what it needs instead of walking.
using PickleId = uint32_t;

struct PickleNone {};
struct PickleBytes {
  std::string bytes;
};
struct PickleBigInt {
  std::string little_endian;  // two's complement, wider than 64 bits
};
struct PickleList {  // or a set
  std::vector<PickleId> items;
};
struct PickleTuple {
  std::vector<PickleId> items;
};
struct PickleDict {
  // In order of insertion, keys may repeat.
  std::vector<std::pair<PickleId, PickleId>> items;
  bool is_class = false;  // OrderedDict or defaultdict: may be given attributes, which are dropped
};
struct PickleGlobal {
  const PickleClass* type;
};
struct PickleObject {
  const PickleClass* type;
  PickleId arguments;  // a tuple
  std::optional<PickleId> state;
};
struct PickleReference {
  PickleId id;  // names what lies outside the pickle
};

using PickleValue =
    std::variant<PickleNone, bool, int64_t, double, std::string, PickleBytes, PickleBigInt,
                 PickleList, PickleTuple, PickleDict, PickleGlobal, PickleObject, PickleReference>;

class PickleTree {
 public:
  PickleId root() const { return root_; }
  PickleId size() const { return static_cast<PickleId>(values_.size()); }
  const PickleValue& operator[](PickleId id) const { return values_.at(id); }

  /// nullptr when the value is of another type.
  template <typename T>
  const T* get(PickleId id) const {
    return std::get_if<T>(&values_.at(id));
  }

  /// "a text", "a tuple of 3", "an object of class numpy.dtype": for messages.
  std::string describe(PickleId id) const;

 private:
  friend class Unpickler;
  std::vector<PickleValue> values_;
  PickleId root_ = 0;
};

/// `classes` must outlive the tree. Limits: 64 MiB, 2,000,000 values, on the stack and in the memo
/// too. kUnsupported for a name that is on no list and for what Python's own classes
/// never write; kCorrupt for a malformed pickle; both with `what` and the byte.
PickleTree read_pickle(std::string_view bytes, std::span<const PickleClass> classes,
                       const std::string& what);

}  // namespace reconproof::formats
