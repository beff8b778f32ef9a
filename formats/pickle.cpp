// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/pickle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "system/error.h"

namespace reconproof::formats {
using system::Code;
using system::fail;

namespace {

constexpr size_t kMaxPickleBytes = size_t{64} << 20;
constexpr size_t kMaxValues = 2'000'000;
constexpr size_t kMaxMemo = 2'000'000;
constexpr size_t kMaxMarks = 1'000;
constexpr size_t kMaxGlobalName = 256;
constexpr size_t kMaxPlainArguments = 4;
constexpr size_t kMaxIntegerBytes = 1'024;
constexpr PickleId kNothing = UINT32_MAX;

/// Python's pickletools.opcodes; those that are missing here are refused.
enum Opcode : uint8_t {
  kMark = '(',
  kStop = '.',
  kPop = '0',
  kPopMark = '1',
  kDup = '2',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kNone = 'N',
  kBinPersId = 'Q',
  kReduce = 'R',
  kBinUnicode = 'X',
  kAppend = 'a',
  kBuild = 'b',
  kGlobal = 'c',
  kDict = 'd',
  kAppends = 'e',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kList = 'l',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kSetItem = 's',
  kTuple = 't',
  kSetItems = 'u',
  kBinBytes = 'B',
  kShortBinBytes = 'C',
  kBinFloat = 'G',
  kEmptyTuple = ')',
  kEmptyList = ']',
  kEmptyDict = '}',
  kProto = 0x80,
  kNewObj = 0x81,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8a,
  kLong4 = 0x8b,
  kShortBinUnicode = 0x8c,
  kBinUnicode8 = 0x8d,
  kBinBytes8 = 0x8e,
  kEmptySet = 0x8f,
  kAddItems = 0x90,
  kFrozenSet = 0x91,
  kStackGlobal = 0x93,
  kMemoize = 0x94,
  kFrame = 0x95,
  kByteArray8 = 0x96,
};

/// What stands for plain containers in a pickle. Protocol 2 spells Python 3's `builtins` as
/// Python 2's `__builtin__`, and bytes as a text that is encoded as Latin-1.
constexpr auto kPlainClasses = std::to_array<PickleClass>({
    {"_codecs.encode", PickleClass::kCalled},
    {"__builtin__.bytearray", PickleClass::kCalled},
    {"__builtin__.bytes", PickleClass::kCalled},
    {"__builtin__.complex", PickleClass::kCalled},
    {"__builtin__.dict", PickleClass::kNamed},
    {"__builtin__.float", PickleClass::kNamed},
    {"__builtin__.frozenset", PickleClass::kCalled},
    {"__builtin__.int", PickleClass::kNamed},
    {"__builtin__.list", PickleClass::kNamed},
    {"__builtin__.set", PickleClass::kCalled},
    {"builtins.bytearray", PickleClass::kCalled},
    {"builtins.bytes", PickleClass::kCalled},
    {"builtins.complex", PickleClass::kCalled},
    {"builtins.dict", PickleClass::kNamed},
    {"builtins.float", PickleClass::kNamed},
    {"builtins.frozenset", PickleClass::kCalled},
    {"builtins.int", PickleClass::kNamed},
    {"builtins.list", PickleClass::kNamed},
    {"builtins.set", PickleClass::kCalled},
    {"collections.Counter", PickleClass::kCalled},
    {"collections.OrderedDict", PickleClass::kStateful},
    {"collections.defaultdict", PickleClass::kStateful},
});

/// The part after the last dot.
std::string_view short_name(std::string_view name) { return name.substr(name.rfind('.') + 1); }

bool is_plain(const PickleClass* type) {
  return type >= kPlainClasses.data() && type < kPlainClasses.data() + kPlainClasses.size();
}

}  // namespace

/// The machine that a pickle is a program for: a stack, a memo, and the values made so far.
class Unpickler {
 public:
  Unpickler(std::string_view bytes, std::span<const PickleClass> classes, const std::string& what)
      : bytes_(bytes), classes_(classes), what_(what) {}

  PickleTree run() {
    if (bytes_.size() > kMaxPickleBytes)
      refuse("{} bytes, at most {} are read", bytes_.size(), kMaxPickleBytes);
    const bool begins = take_number<uint8_t>() == kProto;
    const uint8_t protocol = begins ? take_number<uint8_t>() : 0;
    if (protocol < 2 || protocol > 5) refuse("not a pickle of protocol 2 to 5");
    for (uint8_t opcode = take_number<uint8_t>(); opcode != kStop;
         opcode = take_number<uint8_t>()) {
      if (!scalar(opcode) && !sequence(opcode) && !container(opcode) && !memo(opcode) &&
          !object(opcode))
        refuse("opcode 0x{:02x} is not one that torch.save writes", opcode);
    }
    tree_.root_ = pop();
    if (!stack_.empty() || !marks_.empty()) broken("values are left over at the end");
    if (at_ != bytes_.size()) broken("{} bytes follow the end", bytes_.size() - at_);
    return std::move(tree_);
  }

 private:
  template <typename... Args>
  [[noreturn]] void broken(fmt::format_string<Args...> format, Args&&... args) const {
    fail(Code::kCorrupt, "{}, byte {}: {}", what_, at_,
         fmt::format(format, std::forward<Args>(args)...));
  }
  template <typename... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    fail(Code::kUnsupported, "{}, byte {}: {}", what_, at_,
         fmt::format(format, std::forward<Args>(args)...));
  }
  [[noreturn]] void refuse_name(const std::string& verb, std::string_view name) const {
    refuse(
        "{} {}, which is neither a tensor nor a plain value. Reading it as Python does could run "
        "any code, so it is not read. Save only the weights: torch.save({{'model': "
        "net.state_dict()}}, 'best_model.pt')",
        verb, name.substr(0, kMaxGlobalName));
  }

  // Bytes.
  std::string_view take(uint64_t size) {
    if (size > bytes_.size() - at_)
      broken("claims {} bytes, but {} are left; copy the file again", size, bytes_.size() - at_);
    const std::string_view part = bytes_.substr(at_, static_cast<size_t>(size));
    at_ += part.size();
    return part;
  }
  template <typename T>
  T take_number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view take_line() {
    const size_t end = bytes_.find('\n', at_);
    if (end == std::string_view::npos || end - at_ > kMaxGlobalName)
      broken("a name without an end");
    const std::string_view line = take(end - at_);
    ++at_;
    return line;
  }

  // Values and the stack.
  void push_id(PickleId id) {
    if (stack_.size() >= kMaxValues) refuse("a stack of more than {} values", kMaxValues);
    stack_.push_back(id);
  }
  void push(PickleValue value) {
    if (tree_.values_.size() >= kMaxValues) refuse("more than {} values", kMaxValues);
    tree_.values_.push_back(std::move(value));
    push_id(tree_.size() - 1);
  }
  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  PickleId pop() {
    if (stack_.size() <= floor()) broken("takes a value where there is none");
    const PickleId id = stack_.back();
    stack_.pop_back();
    return id;
  }
  PickleId top() {
    if (stack_.size() <= floor()) broken("takes a value where there is none");
    return stack_.back();
  }
  std::vector<PickleId> pop_to_mark() {
    if (marks_.empty()) broken("takes values down to a mark where there is none");
    std::vector<PickleId> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()),
                                stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }
  template <typename T>
  T& mutable_value(PickleId id, const char* expected) {
    T* value = std::get_if<T>(&tree_.values_[id]);
    if (value == nullptr) broken("expected {}, found {}", expected, tree_.describe(id));
    return *value;
  }

  bool scalar(uint8_t opcode);
  bool sequence(uint8_t opcode);
  bool container(uint8_t opcode);
  bool memo(uint8_t opcode);
  bool object(uint8_t opcode);

  void push_integer(std::string_view little_endian);
  template <typename T>
  void push_sequence(std::vector<PickleId> items);
  void push_dict(const std::vector<PickleId>& items);
  void append(const std::vector<PickleId>& items);
  void set_items(const std::vector<PickleId>& items);
  void put(size_t index);
  void get(size_t index);
  void push_global(std::string_view module, std::string_view name);
  void call();
  void call_plain(const PickleClass& type, const PickleTuple& arguments);
  template <typename T>
  void push_copy(const PickleClass& type, const PickleTuple& arguments);
  void push_dict_of_pairs(const PickleTuple& arguments);
  void push_default_dict(const PickleTuple& arguments);
  void push_encoded(const PickleTuple& arguments);
  void build();

  std::string_view bytes_;
  std::span<const PickleClass> classes_;
  const std::string& what_;
  size_t at_ = 0;
  PickleTree tree_;
  std::vector<PickleId> stack_;
  std::vector<size_t> marks_;  // heights of the stack
  std::vector<PickleId> memo_;
  size_t memoized_ = 0;
  size_t copied_ = 0;  // bytes and items copied out of other values, which may be shared
};

bool Unpickler::scalar(uint8_t opcode) {
  switch (opcode) {
    case kNone:
      return push(PickleNone{}), true;
    case kNewTrue:
      return push(true), true;
    case kNewFalse:
      return push(false), true;
    case kBinInt:
      return push(int64_t{take_number<int32_t>()}), true;
    case kBinInt1:
      return push(int64_t{take_number<uint8_t>()}), true;
    case kBinInt2:
      return push(int64_t{take_number<uint16_t>()}), true;
    case kLong1:
      return push_integer(take(take_number<uint8_t>())), true;
    case kLong4: {
      const uint32_t size = take_number<uint32_t>();
      if (size > kMaxIntegerBytes)
        refuse("an integer of {} bytes, at most {} are read", size, kMaxIntegerBytes);
      return push_integer(take(size)), true;
    }
    case kBinFloat: {
      uint64_t bits = __builtin_bswap64(take_number<uint64_t>());  // the only big-endian operand
      return push(std::bit_cast<double>(bits)), true;
    }
    default:
      return false;
  }
}

void Unpickler::push_integer(std::string_view little_endian) {
  if (little_endian.size() > sizeof(int64_t)) return push(PickleBigInt{std::string(little_endian)});
  const bool negative = !little_endian.empty() && (little_endian.back() & 0x80) != 0;
  int64_t value = negative ? -1 : 0;
  std::memcpy(&value, little_endian.data(), little_endian.size());
  push(value);
}

bool Unpickler::sequence(uint8_t opcode) {
  switch (opcode) {
    case kShortBinUnicode:
      return push(std::string(take(take_number<uint8_t>()))), true;
    case kBinUnicode:
      return push(std::string(take(take_number<uint32_t>()))), true;
    case kBinUnicode8:
      return push(std::string(take(take_number<uint64_t>()))), true;
    case kShortBinBytes:
      return push(PickleBytes{std::string(take(take_number<uint8_t>()))}), true;
    case kBinBytes:
      return push(PickleBytes{std::string(take(take_number<uint32_t>()))}), true;
    case kBinBytes8:
    case kByteArray8:
      return push(PickleBytes{std::string(take(take_number<uint64_t>()))}), true;
    case kEmptyTuple:
      return push_sequence<PickleTuple>({}), true;
    case kTuple1:
      return push_sequence<PickleTuple>({pop()}), true;
    case kTuple2: {
      const PickleId second = pop(), first = pop();
      return push_sequence<PickleTuple>({first, second}), true;
    }
    case kTuple3: {
      const PickleId third = pop(), second = pop(), first = pop();
      return push_sequence<PickleTuple>({first, second, third}), true;
    }
    case kTuple:
      return push_sequence<PickleTuple>(pop_to_mark()), true;
    default:
      return false;
  }
}

template <typename T>
void Unpickler::push_sequence(std::vector<PickleId> items) {
  push(T{std::move(items)});
}

bool Unpickler::container(uint8_t opcode) {
  switch (opcode) {
    case kEmptyList:
    case kEmptySet:
      return push_sequence<PickleList>({}), true;
    case kList:
    case kFrozenSet:
      return push_sequence<PickleList>(pop_to_mark()), true;
    case kAppend:
      return append({pop()}), true;
    case kAppends:
    case kAddItems:
      return append(pop_to_mark()), true;
    case kEmptyDict:
      return push(PickleDict{}), true;
    case kDict:
      return push_dict(pop_to_mark()), true;
    case kSetItem: {
      const PickleId value = pop(), key = pop();
      return set_items({key, value}), true;
    }
    case kSetItems:
      return set_items(pop_to_mark()), true;
    default:
      return false;
  }
}

void Unpickler::append(const std::vector<PickleId>& items) {
  PickleList& list = mutable_value<PickleList>(top(), "a list");
  list.items.insert(list.items.end(), items.begin(), items.end());
}

void Unpickler::push_dict(const std::vector<PickleId>& items) {
  push(PickleDict{});
  set_items(items);
}

void Unpickler::set_items(const std::vector<PickleId>& items) {
  PickleDict& dict = mutable_value<PickleDict>(top(), "a dict");
  if (items.size() % 2 != 0) broken("a key without a value");
  for (size_t i = 0; i < items.size(); i += 2) dict.items.emplace_back(items[i], items[i + 1]);
}

bool Unpickler::memo(uint8_t opcode) {
  switch (opcode) {
    case kMark:
      if (marks_.size() >= kMaxMarks) refuse("marks nested more than {} deep", kMaxMarks);
      return marks_.push_back(stack_.size()), true;
    case kPop:
      // Pickle's POP also takes away a mark on which nothing lies.
      if (stack_.size() == floor() && !marks_.empty()) return marks_.pop_back(), true;
      return pop(), true;
    case kPopMark:
      return pop_to_mark(), true;
    case kDup:
      return push_id(top()), true;
    case kBinPut:
      return put(take_number<uint8_t>()), true;
    case kLongBinPut:
      return put(take_number<uint32_t>()), true;
    case kMemoize:
      return put(memoized_), true;
    case kBinGet:
      return get(take_number<uint8_t>()), true;
    case kLongBinGet:
      return get(take_number<uint32_t>()), true;
    case kFrame: {
      const uint64_t size = take_number<uint64_t>();
      if (size > bytes_.size() - at_)
        broken("claims {} bytes, but {} are left; copy the file again", size, bytes_.size() - at_);
      return true;
    }
    default:
      return false;
  }
}

void Unpickler::put(size_t index) {
  if (index >= kMaxMemo) refuse("memo entry {}, at most {} are kept", index, kMaxMemo);
  if (index >= memo_.size()) memo_.resize(index + 1, kNothing);
  memoized_ += memo_[index] == kNothing;
  memo_[index] = top();
}

void Unpickler::get(size_t index) {
  if (index >= memo_.size() || memo_[index] == kNothing)
    broken("takes memo entry {}, which was not put", index);
  push_id(memo_[index]);
}

bool Unpickler::object(uint8_t opcode) {
  switch (opcode) {
    case kGlobal: {
      const std::string_view module = take_line(), name = take_line();
      return push_global(module, name), true;
    }
    case kStackGlobal: {
      const PickleId name = pop(), module = pop();
      // Copies: values may move when the next one is made.
      const std::string module_text = mutable_value<std::string>(module, "a module's name");
      const std::string name_text = mutable_value<std::string>(name, "a class's name");
      return push_global(module_text, name_text), true;
    }
    case kReduce:
    case kNewObj:
      return call(), true;
    case kBuild:
      return build(), true;
    case kBinPersId:
      return push(PickleReference{pop()}), true;
    default:
      return false;
  }
}

void Unpickler::push_global(std::string_view module, std::string_view name) {
  const std::string full = fmt::format("{}.{}", module, name);
  for (const std::span<const PickleClass> list :
       {std::span<const PickleClass>(kPlainClasses), classes_}) {
    for (const PickleClass& type : list) {
      if (type.name == full) return push(PickleGlobal{&type});
    }
  }
  refuse_name("names", full);
}

void Unpickler::call() {
  const PickleId arguments = pop(), callee = pop();
  const PickleGlobal* global = tree_.get<PickleGlobal>(callee);
  if (global == nullptr) refuse_name("calls", tree_.describe(callee));
  const PickleClass* type = global->type;
  if (type->use == PickleClass::kNamed) refuse_name("calls", type->name);
  const PickleTuple& tuple = mutable_value<PickleTuple>(arguments, "a tuple of arguments");
  if (is_plain(type)) {
    if (tuple.items.size() > kMaxPlainArguments)
      broken("{} arguments for {}", tuple.items.size(), type->name);
    return call_plain(*type, PickleTuple(tuple));
  }
  push(PickleObject{type, arguments, std::nullopt});
}

void Unpickler::call_plain(const PickleClass& type, const PickleTuple& arguments) {
  const std::string_view name = short_name(type.name);
  if (name == "OrderedDict") return push_dict_of_pairs(arguments);
  if (name == "defaultdict") return push_default_dict(arguments);
  if (name == "Counter") return push_copy<PickleDict>(type, arguments);
  if (name == "encode" || name == "bytes" || name == "bytearray") return push_encoded(arguments);
  if (name == "complex") return push_sequence<PickleTuple>(arguments.items);
  push_copy<PickleList>(type, arguments);
}

/// A set of a list, a Counter of a dict: a value of its own, as the argument may change later.
template <typename T>
void Unpickler::push_copy(const PickleClass& type, const PickleTuple& arguments) {
  const PickleId original = arguments.items.size() == 1 ? arguments.items[0] : kNothing;
  const T* value = original != kNothing ? tree_.get<T>(original) : nullptr;
  if (value == nullptr) {
    broken("expected one {} as the argument of {}", std::is_same_v<T, PickleDict> ? "dict" : "list",
           type.name);
  }
  copied_ += value->items.size();
  if (copied_ > bytes_.size()) refuse("copies more values than it holds");
  push(T(*value));
}

/// OrderedDict() or OrderedDict([[key, value], ...]).
void Unpickler::push_dict_of_pairs(const PickleTuple& arguments) {
  if (arguments.items.empty()) return push(PickleDict{{}, true});
  const PickleList* pairs =
      arguments.items.size() == 1 ? tree_.get<PickleList>(arguments.items[0]) : nullptr;
  if (pairs == nullptr) broken("expected one list of pairs as the argument of an OrderedDict");
  std::vector<PickleId> items;
  for (const PickleId id : pairs->items) {
    const PickleList* list = tree_.get<PickleList>(id);
    const PickleTuple* tuple = tree_.get<PickleTuple>(id);
    const std::vector<PickleId>* pair = list ? &list->items : tuple ? &tuple->items : nullptr;
    if (pair == nullptr || pair->size() != 2) broken("expected a key and a value");
    items.insert(items.end(), pair->begin(), pair->end());
    if (++copied_ > bytes_.size()) refuse("copies more values than it holds");
  }
  push(PickleDict{{}, true});
  set_items(items);
}

/// defaultdict() or defaultdict(factory), whose items follow; the factory is dropped.
void Unpickler::push_default_dict(const PickleTuple& arguments) {
  if (arguments.items.size() > 1)
    broken("{} arguments for a defaultdict, expected its factory only", arguments.items.size());
  push(PickleDict{{}, true});
}

/// (text, 'latin1') as bytes; () as none; bytes as themselves.
void Unpickler::push_encoded(const PickleTuple& arguments) {
  if (arguments.items.empty()) return push(PickleBytes{});
  if (tree_.get<PickleBytes>(arguments.items[0]) != nullptr) return push_id(arguments.items[0]);
  const std::string* text = tree_.get<std::string>(arguments.items[0]);
  const std::string* encoding =
      arguments.items.size() == 2 ? tree_.get<std::string>(arguments.items[1]) : nullptr;
  if (text == nullptr || encoding == nullptr || (*encoding != "latin1" && *encoding != "latin-1"))
    broken("expected bytes as a text in Latin-1");
  copied_ += text->size();
  if (copied_ > bytes_.size()) refuse("copies more text than it holds");
  PickleBytes value;
  for (size_t i = 0; i < text->size(); ++i) {
    const unsigned char lead = static_cast<unsigned char>((*text)[i]);
    if (lead < 0x80) {
      value.bytes += static_cast<char>(lead);
      continue;
    }
    // In UTF-8 the characters from U+0080 to U+00FF are C2 or C3 and one more byte.
    const unsigned char next =
        ++i < text->size() ? static_cast<unsigned char>((*text)[i]) : uint8_t{0};
    if ((lead != 0xC2 && lead != 0xC3) || (next & 0xC0) != 0x80)
      broken("expected bytes as a text in Latin-1");
    value.bytes += static_cast<char>((lead & 3) << 6 | (next & 0x3F));
  }
  push(std::move(value));
}

void Unpickler::build() {
  const PickleId state = pop(), id = top();
  if (PickleDict* dict = std::get_if<PickleDict>(&tree_.values_[id]); dict && dict->is_class)
    return;  // a state_dict's _metadata
  PickleObject* object = std::get_if<PickleObject>(&tree_.values_[id]);
  if (object == nullptr || object->type->use != PickleClass::kStateful || object->state)
    refuse_name("sets the state of", tree_.describe(id));
  object->state = state;
}

std::string PickleTree::describe(PickleId id) const {
  const auto text = [](const auto& value) -> std::string {
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<T, PickleNone>) return "None";
    if constexpr (std::is_same_v<T, bool>) return value ? "True" : "False";
    if constexpr (std::is_same_v<T, int64_t>) return fmt::format("the number {}", value);
    if constexpr (std::is_same_v<T, double>) return fmt::format("the number {}", value);
    if constexpr (std::is_same_v<T, std::string>)
      return fmt::format("the text '{}'", value.substr(0, kMaxGlobalName));
    if constexpr (std::is_same_v<T, PickleBytes>)
      return fmt::format("{} bytes", value.bytes.size());
    if constexpr (std::is_same_v<T, PickleBigInt>) return "a number beyond 64 bits";
    if constexpr (std::is_same_v<T, PickleList>)
      return fmt::format("a list of {}", value.items.size());
    if constexpr (std::is_same_v<T, PickleTuple>)
      return fmt::format("a tuple of {}", value.items.size());
    if constexpr (std::is_same_v<T, PickleDict>)
      return fmt::format("a dict of {}", value.items.size());
    if constexpr (std::is_same_v<T, PickleGlobal>) return std::string(value.type->name);
    if constexpr (std::is_same_v<T, PickleObject>) return fmt::format("a {}", value.type->name);
    return "a reference";
  };
  return std::visit(text, values_.at(id));
}

PickleTree read_pickle(std::string_view bytes, std::span<const PickleClass> classes,
                       const std::string& what) {
  return Unpickler(bytes, classes, what).run();
}

}  // namespace reconproof::formats
