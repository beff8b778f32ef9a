// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/torch_checkpoint.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "formats/pickle.h"
#include "formats/safetensors.h"
#include "formats/torch_checkpoint_writer.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::formats {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

constexpr size_t kMaxTorchRank = 8;  // as in safetensors
constexpr int64_t kMaxTensors = 8'192;
constexpr size_t kMaxTensorName = 1'024;
constexpr int64_t kMaxPickle = int64_t{64} << 20;
constexpr size_t kMaxArguments = 256;
/// Tensors may share storages; what is read for them must stay in proportion to the file.
constexpr int64_t kMaxUnfolding = 16;

constexpr const char* kPickleName = "data.pkl";
constexpr std::string_view kDataParallel = "module.";

struct Storage {
  std::string_view name;   // class of torch
  std::string_view dtype;  // of safetensors, as far as it has one
  int64_t bytes = 0;       // of an element
};
constexpr auto kStorages = std::to_array<Storage>({{"torch.FloatStorage", "F32", 4},
                                                   {"torch.DoubleStorage", "F64", 8},
                                                   {"torch.HalfStorage", "F16", 2},
                                                   {"torch.BFloat16Storage", "BF16", 2},
                                                   {"torch.LongStorage", "I64", 8},
                                                   {"torch.IntStorage", "I32", 4},
                                                   {"torch.ShortStorage", "I16", 2},
                                                   {"torch.CharStorage", "I8", 1},
                                                   {"torch.ByteStorage", "U8", 1},
                                                   {"torch.BoolStorage", "BOOL", 1},
                                                   {"torch.ComplexFloatStorage", "C64", 8},
                                                   {"torch.ComplexDoubleStorage", "C128", 16}});

constexpr std::string_view kRebuildTensor = "torch._utils._rebuild_tensor_v2";
constexpr std::string_view kRebuildParameter = "torch._utils._rebuild_parameter";
constexpr std::string_view kNumpyDtype = "numpy.dtype";
constexpr std::string_view kNamespace = "argparse.Namespace";

constexpr std::array<std::string_view, 2> kNumberKeys = {"epoch", "best_val_loss"};
constexpr std::string_view kArgumentsKey = "args";

/// What a checkpoint may name, beside the plain containers of formats/pickle.h. NumPy 2 moved
/// numpy.core to numpy._core, Python 3.13 pathlib's classes to pathlib._local.
constexpr auto kClasses = std::to_array<PickleClass>({
    {"argparse.Namespace", PickleClass::kStateful},
    {"numpy._core.multiarray._reconstruct", PickleClass::kStateful},
    {"numpy._core.multiarray.scalar", PickleClass::kCalled},
    {"numpy._core.numeric._frombuffer", PickleClass::kCalled},
    {"numpy.core.multiarray._reconstruct", PickleClass::kStateful},
    {"numpy.core.multiarray.scalar", PickleClass::kCalled},
    {"numpy.core.numeric._frombuffer", PickleClass::kCalled},
    {"numpy.dtype", PickleClass::kStateful},
    {"numpy.ndarray", PickleClass::kNamed},
    {"pathlib.Path", PickleClass::kCalled},
    {"pathlib.PosixPath", PickleClass::kCalled},
    {"pathlib.PurePath", PickleClass::kCalled},
    {"pathlib.PurePosixPath", PickleClass::kCalled},
    {"pathlib.PureWindowsPath", PickleClass::kCalled},
    {"pathlib.WindowsPath", PickleClass::kCalled},
    {"pathlib._local.Path", PickleClass::kCalled},
    {"pathlib._local.PosixPath", PickleClass::kCalled},
    {"pathlib._local.PurePath", PickleClass::kCalled},
    {"pathlib._local.PurePosixPath", PickleClass::kCalled},
    {"pathlib._local.PureWindowsPath", PickleClass::kCalled},
    {"pathlib._local.WindowsPath", PickleClass::kCalled},
    {"torch.BFloat16Storage", PickleClass::kNamed},
    {"torch.BoolStorage", PickleClass::kNamed},
    {"torch.ByteStorage", PickleClass::kNamed},
    {"torch.CharStorage", PickleClass::kNamed},
    {"torch.ComplexDoubleStorage", PickleClass::kNamed},
    {"torch.ComplexFloatStorage", PickleClass::kNamed},
    {"torch.DoubleStorage", PickleClass::kNamed},
    {"torch.FloatStorage", PickleClass::kNamed},
    {"torch.HalfStorage", PickleClass::kNamed},
    {"torch.IntStorage", PickleClass::kNamed},
    {"torch.LongStorage", PickleClass::kNamed},
    {"torch.ShortStorage", PickleClass::kNamed},
    {"torch.Size", PickleClass::kCalled},
    {"torch._utils._rebuild_parameter", PickleClass::kCalled},
    {"torch._utils._rebuild_tensor_v2", PickleClass::kCalled},
    {"torch.bfloat16", PickleClass::kNamed},
    {"torch.bool", PickleClass::kNamed},
    {"torch.complex128", PickleClass::kNamed},
    {"torch.complex64", PickleClass::kNamed},
    {"torch.device", PickleClass::kCalled},
    {"torch.float16", PickleClass::kNamed},
    {"torch.float32", PickleClass::kNamed},
    {"torch.float64", PickleClass::kNamed},
    {"torch.int16", PickleClass::kNamed},
    {"torch.int32", PickleClass::kNamed},
    {"torch.int64", PickleClass::kNamed},
    {"torch.int8", PickleClass::kNamed},
    {"torch.torch_version.TorchVersion", PickleClass::kCalled},
    {"torch.uint8", PickleClass::kNamed},
});

struct Tensor {
  TensorInfo info;
  TorchCheckpoint::View view;
};

/// Index within the storage of the last element of a tensor that has any; INT64_MAX beyond all.
int64_t last_element(const Tensor& tensor) {
  int64_t last = tensor.view.offset;
  for (size_t i = 0; i < tensor.info.shape.size(); ++i) {
    int64_t step = 0;
    if (__builtin_mul_overflow(tensor.info.shape[i] - 1, tensor.view.strides[i], &step) ||
        __builtin_add_overflow(last, step, &last))
      return INT64_MAX;
  }
  return last;
}

/// The meaning of a checkpoint's values.
class Interpreter {
 public:
  Interpreter(const fs::path& path, const ZipReader& zip, std::string root, const PickleTree& tree)
      : path_(path.string()), zip_(zip), root_(std::move(root)), tree_(tree) {}

  void check_all_tensors() const {
    for (PickleId id = 0; id < tree_.size(); ++id) {
      if (is_object(id, kRebuildTensor)) tensor(id, "a tensor beside the weights");
    }
  }

  /// Tensors by name; kUnsupported with what was found when there is no dict of tensors.
  std::map<std::string, Tensor> weights() const;
  std::map<std::string, std::string> metadata() const;
  /// Keys of the file beside the weights and what became metadata.
  std::vector<std::string> left_out() const;

 private:
  const PickleObject* is_object(PickleId id, std::string_view type) const {
    const PickleObject* object = tree_.get<PickleObject>(id);
    return object != nullptr && object->type->name == type ? object : nullptr;
  }
  const std::vector<PickleId>& arguments(const PickleObject& object) const {
    return tree_.get<PickleTuple>(object.arguments)->items;
  }
  template <typename T>
  const T& require(PickleId id, const std::string& what, const char* expected) const {
    if (const T* value = tree_.get<T>(id)) return *value;
    fail(Code::kCorrupt, "{}: {} is {}, expected {}", path_, what, tree_.describe(id), expected);
  }
  Shape numbers(PickleId id, const std::string& what) const;
  std::optional<PickleId> find(const PickleDict& dict, std::string_view key) const;
  bool is_tensor(PickleId id) const {
    return is_object(id, kRebuildTensor) || is_object(id, kRebuildParameter);
  }
  /// `what` is for messages: "tensor 'cascades.0.dc_weight'".
  Tensor tensor(PickleId id, const std::string& what) const;
  const Storage& storage(PickleId id, const std::string& what, std::string& entry,
                         int64_t& count) const;
  const PickleDict& state_dict() const;
  const PickleDict* root_dict() const;
  std::string clean_text(PickleId id) const;
  void add_texts(PickleId id, std::map<std::string, std::string>& metadata) const;
  void add_arguments(PickleId id, std::map<std::string, std::string>& metadata) const;
  bool holds_tensors(const PickleDict& dict) const;
  std::optional<std::string> number(PickleId id) const;
  std::optional<std::string> tensor_number(PickleId id) const;
  std::optional<std::string> numpy_number(const PickleObject& scalar) const;

  std::string path_;
  const ZipReader& zip_;
  std::string root_;  // folder in the archive, with its slash
  const PickleTree& tree_;
};

Shape Interpreter::numbers(PickleId id, const std::string& what) const {
  const PickleObject* size = is_object(id, "torch.Size");
  if (size != nullptr && arguments(*size).size() == 1) id = arguments(*size)[0];
  const PickleTuple& tuple = require<PickleTuple>(id, what, "a tuple of numbers");
  if (tuple.items.size() > kMaxTorchRank) {
    fail(Code::kUnsupported, "{}: {} has {} dimensions, at most {} are read", path_, what,
         tuple.items.size(), kMaxTorchRank);
  }
  Shape values;
  for (const PickleId item : tuple.items) {
    values.push_back(require<int64_t>(item, what, "a tuple of numbers"));
    if (values.back() < 0)
      fail(Code::kCorrupt, "{}: {} holds {}, which is negative", path_, what, values.back());
  }
  return values;
}

/// The value of a text key. A key that stands twice is refused: readers differ in which they take.
std::optional<PickleId> Interpreter::find(const PickleDict& dict, std::string_view key) const {
  std::optional<PickleId> found;
  for (const auto& [name, value] : dict.items) {
    const std::string* text = tree_.get<std::string>(name);
    if (text == nullptr || *text != key) continue;
    if (found) fail(Code::kCorrupt, "{}: the key '{}' stands twice in a dict", path_, key);
    found = value;
  }
  return found;
}

/// ('storage', class, key, device, elements), as torch refers to an entry of the archive.
const Storage& Interpreter::storage(PickleId id, const std::string& what, std::string& entry,
                                    int64_t& count) const {
  const PickleReference& reference = require<PickleReference>(id, what, "a storage");
  const PickleTuple& fields = require<PickleTuple>(reference.id, what, "a storage");
  if (fields.items.size() != 5 ||
      require<std::string>(fields.items[0], what, "'storage'") != "storage")
    fail(Code::kCorrupt, "{}: {} refers to something else than a storage", path_, what);
  const PickleGlobal& type = require<PickleGlobal>(fields.items[1], what, "a storage class");
  const Storage* known = std::find_if(kStorages.begin(), kStorages.end(),
                                      [&](const Storage& s) { return s.name == type.type->name; });
  if (known == kStorages.end())
    fail(Code::kUnsupported, "{}: {} lies in a {}", path_, what, type.type->name);
  const std::string& key = require<std::string>(fields.items[2], what, "the storage's key");
  if (key.size() > kMaxTensorName) {
    fail(Code::kCorrupt, "{}: {} lies in a storage whose key has {} bytes", path_, what,
         key.size());
  }
  entry = root_ + "data/" + key;
  count = require<int64_t>(fields.items[4], what, "the storage's size");
  const auto found = zip_.entries().find(entry);
  if (found == zip_.entries().end())
    fail(Code::kCorrupt, "{}: {} lies in '{}', which the archive lacks", path_, what, entry);
  int64_t bytes = 0;
  if (count < 0 || __builtin_mul_overflow(count, known->bytes, &bytes) ||
      bytes != found->second.size) {
    fail(Code::kCorrupt, "{}: {}: a storage of {} elements of {} bytes, but '{}' has {} bytes",
         path_, what, count, known->bytes, entry, found->second.size);
  }
  return *known;
}

Tensor Interpreter::tensor(PickleId id, const std::string& what) const {
  if (const PickleObject* parameter = is_object(id, kRebuildParameter)) {
    if (arguments(*parameter).empty()) fail(Code::kCorrupt, "{}: {} is empty", path_, what);
    id = arguments(*parameter)[0];
  }
  const PickleObject* object = is_object(id, kRebuildTensor);
  if (object == nullptr || arguments(*object).size() < 6)
    fail(Code::kCorrupt, "{}: {} is {}, expected a tensor", path_, what, tree_.describe(id));
  const std::vector<PickleId>& fields = arguments(*object);
  Tensor result;
  int64_t available = 0;
  const Storage& type = storage(fields[0], what, result.view.entry, available);
  result.info.dtype = type.dtype;
  result.view.offset = require<int64_t>(fields[1], what + ": offset", "a number");
  result.info.shape = numbers(fields[2], what + ": shape");
  result.view.strides = numbers(fields[3], what + ": strides");
  const int64_t elements = element_count(result.info.shape, path_ + ": " + what);
  if (result.view.strides.size() != result.info.shape.size() || result.view.offset < 0)
    fail(Code::kCorrupt, "{}: {}: shape {} with strides {}, offset {}", path_, what,
         shape_text(result.info.shape), shape_text(result.view.strides), result.view.offset);
  const int64_t last = elements > 0 ? last_element(result) : result.view.offset - 1;
  if (last >= available) {
    fail(Code::kCorrupt, "{}: {} of shape {} reaches beyond its storage of {} elements", path_,
         what, shape_text(result.info.shape), available);
  }
  if (elements > available) {
    fail(Code::kUnsupported, "{}: {} repeats elements (an expanded view); save it with .clone()",
         path_, what);
  }
  result.view.span = last + 1 - result.view.offset;
  for (size_t i = 0; i < result.info.shape.size(); ++i) {
    if (result.info.shape[i] == 1) result.view.strides[i] = 0;  // never stepped, whatever it says
  }
  result.info.bytes = elements * type.bytes;  // no more than the storage has
  return result;
}

bool Interpreter::holds_tensors(const PickleDict& dict) const {
  return !dict.items.empty() &&
         std::all_of(dict.items.begin(), dict.items.end(), [this](const auto& item) {
           return tree_.get<std::string>(item.first) != nullptr && is_tensor(item.second);
         });
}

const PickleDict& Interpreter::state_dict() const {
  const PickleDict* root = tree_.get<PickleDict>(tree_.root());
  if (root != nullptr) {
    for (const char* key : {"model", "state_dict", "model_state_dict"}) {
      const std::optional<PickleId> value = find(*root, key);
      const PickleDict* dict = value ? tree_.get<PickleDict>(*value) : nullptr;
      if (dict != nullptr && holds_tensors(*dict)) return *dict;
    }
    if (holds_tensors(*root)) return *root;
  }
  std::string keys;
  for (size_t i = 0; root != nullptr && i < std::min<size_t>(root->items.size(), 20); ++i)
    keys += (i == 0 ? " with " : ", ") + tree_.describe(root->items[i].first);
  fail(Code::kUnsupported,
       "{}: holds {}{}, but no dict of tensors under 'model', 'state_dict' or 'model_state_dict', "
       "nor is it one. Save the weights as torch.save({{'model': net.state_dict()}}, "
       "'best_model.pt')",
       path_, tree_.describe(tree_.root()), keys);
}

std::map<std::string, Tensor> Interpreter::weights() const {
  const PickleDict& dict = state_dict();
  if (std::ssize(dict.items) > kMaxTensors) {
    fail(Code::kUnsupported, "{}: {} tensors, at most {} are read", path_, dict.items.size(),
         kMaxTensors);
  }
  const bool parallel = std::all_of(dict.items.begin(), dict.items.end(), [&](const auto& item) {
    return tree_.get<std::string>(item.first)->starts_with(kDataParallel);
  });
  std::map<std::string, Tensor> tensors;
  int64_t total = 0;
  for (const auto& [key, value] : dict.items) {
    const std::string name =
        tree_.get<std::string>(key)->substr(parallel ? kDataParallel.size() : 0);
    if (name.empty() || name.size() > kMaxTensorName || system::printable(name) != name)
      fail(Code::kUnsupported, "{}: a tensor is named '{}'", path_, name.substr(0, kMaxTensorName));
    const auto [place, is_new] = tensors.emplace(name, tensor(value, "tensor '" + name + "'"));
    if (!is_new) fail(Code::kCorrupt, "{}: the tensor '{}' stands there twice", path_, name);
    const Tensor& found = place->second;
    // Of a view that skips elements more is read than comes out, of an expanded one more comes out.
    const int64_t width =
        found.info.bytes / std::max<int64_t>(1, element_count(found.info.shape, name));
    total += std::max(found.view.span * width, found.info.bytes);
    if (total / kMaxUnfolding > zip_.file_size()) {
      fail(Code::kUnsupported, "{}: its tensors share storages and unfold to {} times its size",
           path_, kMaxUnfolding);
    }
  }
  return tensors;
}

template <typename T>
std::optional<std::string> decimal(std::string_view bytes) {
  if (bytes.size() != sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return fmt::format("{}", value);
}

/// numpy.core.multiarray.scalar(dtype, bytes), where dtype is numpy.dtype('f8', False, True).
std::optional<std::string> Interpreter::numpy_number(const PickleObject& scalar) const {
  const std::vector<PickleId>& fields = arguments(scalar);
  if (fields.size() != 2) return std::nullopt;
  const PickleObject* dtype = is_object(fields[0], kNumpyDtype);
  const PickleBytes* data = tree_.get<PickleBytes>(fields[1]);
  if (dtype == nullptr || data == nullptr || arguments(*dtype).empty()) return std::nullopt;
  const std::string* type = tree_.get<std::string>(arguments(*dtype)[0]);
  if (type == nullptr) return std::nullopt;
  // The order of bytes is the state's second field; '>' is on no machine that trains.
  const PickleTuple* state = dtype->state ? tree_.get<PickleTuple>(*dtype->state) : nullptr;
  const std::string* order = state != nullptr && state->items.size() > 1
                                 ? tree_.get<std::string>(state->items[1])
                                 : nullptr;
  if (order != nullptr && *order == ">") return std::nullopt;
  if (*type == "f8") return decimal<double>(data->bytes);
  if (*type == "f4") return decimal<float>(data->bytes);
  if (*type == "i8") return decimal<int64_t>(data->bytes);
  if (*type == "i4") return decimal<int32_t>(data->bytes);
  return std::nullopt;
}

std::optional<std::string> Interpreter::tensor_number(PickleId id) const {
  const Tensor value = tensor(id, "a tensor beside the weights");
  if (element_count(value.info.shape, "tensor") != 1) return std::nullopt;
  std::string data(static_cast<size_t>(value.info.bytes), '\0');
  zip_.read_part(value.view.entry, value.view.offset * value.info.bytes,
                 std::as_writable_bytes(std::span(data)));
  if (value.info.dtype == "F64") return decimal<double>(data);
  if (value.info.dtype == "F32") return decimal<float>(data);
  if (value.info.dtype == "I64") return decimal<int64_t>(data);
  return std::nullopt;
}

/// Shortest decimal of an int, float, bool, NumPy scalar or tensor of one element.
std::optional<std::string> Interpreter::number(PickleId id) const {
  if (const int64_t* value = tree_.get<int64_t>(id)) return fmt::format("{}", *value);
  if (const double* value = tree_.get<double>(id)) return fmt::format("{}", *value);
  if (const bool* value = tree_.get<bool>(id)) return *value ? "true" : "false";
  if (is_tensor(id)) return tensor_number(id);
  const PickleObject* object = tree_.get<PickleObject>(id);
  if (object != nullptr && object->type->name.ends_with(".multiarray.scalar"))
    return numpy_number(*object);
  return std::nullopt;
}

std::map<std::string, std::string> Interpreter::metadata() const {
  std::map<std::string, std::string> metadata;
  const PickleDict* root = root_dict();
  if (root == nullptr) return metadata;
  const std::optional<PickleId> own = find(*root, kOwnMetadataKey);
  if (own) add_texts(*own, metadata);
  for (const std::string_view key : kNumberKeys) {
    const std::optional<PickleId> value = find(*root, key);
    if (const auto text = value ? number(*value) : std::nullopt) metadata[std::string(key)] = *text;
  }
  // Our own texts hold all that `args` was made of; it is there for the official scripts.
  const std::optional<PickleId> args = own ? std::nullopt : find(*root, kArgumentsKey);
  if (args) add_arguments(*args, metadata);
  const auto seed = metadata.find("args.seed");
  if (seed != metadata.end()) metadata["seed"] = seed->second;
  return metadata;
}

/// The whole file where it is a dict that holds a state dict beside other things.
const PickleDict* Interpreter::root_dict() const {
  const PickleDict* root = tree_.get<PickleDict>(tree_.root());
  return root == nullptr || holds_tensors(*root) ? nullptr : root;
}

std::string Interpreter::clean_text(PickleId id) const {
  const std::string* text = tree_.get<std::string>(id);
  return text != nullptr && text->size() <= kMaxTensorName && system::printable(*text) == *text
             ? *text
             : std::string();
}

void Interpreter::add_texts(PickleId id, std::map<std::string, std::string>& metadata) const {
  const PickleDict* dict = tree_.get<PickleDict>(id);
  if (dict == nullptr || dict->items.size() > kMaxArguments) return;
  for (const auto& [key, value] : dict->items) {
    const std::string name = clean_text(key), text = clean_text(value);
    if (!name.empty() && !text.empty()) metadata[name] = text;
  }
}

/// An argparse.Namespace, or a dict.
void Interpreter::add_arguments(PickleId id, std::map<std::string, std::string>& metadata) const {
  const PickleObject* object = is_object(id, kNamespace);
  const PickleDict* dict =
      tree_.get<PickleDict>(object != nullptr && object->state ? *object->state : id);
  if (dict == nullptr || dict->items.size() > kMaxArguments) return;
  for (const auto& [key, value] : dict->items) {
    const std::string name = clean_text(key);
    const std::optional<std::string> text = number(value);
    if (!name.empty() && text) metadata["args." + name] = *text;
  }
}

std::vector<std::string> Interpreter::left_out() const {
  std::vector<std::string> keys;
  const PickleDict* root = root_dict();
  const PickleDict& weights = state_dict();
  for (size_t i = 0; root != nullptr && i < std::min(root->items.size(), kMaxArguments); ++i) {
    const auto& [key, value] = root->items[i];
    const std::string name = clean_text(key);
    const bool used = tree_.get<PickleDict>(value) == &weights || name == kOwnMetadataKey ||
                      name == kArgumentsKey ||
                      std::ranges::find(kNumberKeys, name) != kNumberKeys.end();
    if (!used) keys.push_back(name.empty() ? tree_.describe(key) : name);
  }
  return keys;
}

/// What else stands in a file that was meant to be a checkpoint.
void explain_foreign_file(const fs::path& path) {
  const system::Descriptor file = system::open_for_reading(path);
  std::string head(64, '\0');
  const ssize_t got = ::read(file.get(), head.data(), head.size());
  if (got < 0) system::fail_errno(Code::kIo, path.string());
  head.resize(static_cast<size_t>(got));
  if (head.starts_with("PK\x03\x04")) return;
  // The long integer 0x1950a86a20f9469cfc6c, torch's magic number, in a pickle of its own.
  constexpr std::string_view kLegacyMagic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
  if (head.find(kLegacyMagic) != std::string::npos) {
    fail(Code::kUnsupported,
         "{}: is in torch's format from before version 1.6 (or of "
         "_use_new_zipfile_serialization=False). Load it in Python and save it again: "
         "torch.save(torch.load(f, map_location='cpu'), g)",
         path.string());
  }
  fail(Code::kCorrupt, "{}: does not begin as a file of torch.save does{}", path.string(),
       head.empty() ? " (it is empty)" : "");
}

/// "model/": the folder that all entries lie in.
std::string archive_root(const fs::path& path, const ZipReader& zip) {
  std::string root;
  for (const auto& [name, entry] : zip.entries()) {
    const std::string folder = name.substr(0, name.find('/') + 1);
    if (folder.empty() || (!root.empty() && folder != root)) {
      fail(Code::kUnsupported,
           "{}: '{}' does not lie in the one folder that torch.save writes; is it another kind of "
           "zip archive?",
           path.string(), name);
    }
    root = folder;
  }
  const auto has = [&](const std::string& name) { return zip.entries().contains(root + name); };
  if (has("constants.pkl")) {
    fail(Code::kUnsupported,
         "{}: is a TorchScript archive (torch.jit.save), which holds a program. Save the weights: "
         "torch.save({{'model': net.state_dict()}}, 'best_model.pt')",
         path.string());
  }
  if (!has(kPickleName)) {
    fail(Code::kUnsupported, "{}: has no data.pkl: not a file of torch.save", path.string());
  }
  if (has("byteorder")) {
    const int64_t size = zip.entries().at(root + "byteorder").size;
    const std::string order = size <= 16 ? zip.read(root + "byteorder") : std::string();
    if (order != "little") {
      fail(Code::kUnsupported, "{}: byte order '{}', only 'little' is read", path.string(), order);
    }
  }
  return root;
}

/// Elements of a view in row-major order; `part` is its span of the storage.
void gather(std::span<const std::byte> part, const TensorInfo& info,
            const TorchCheckpoint::View& view, std::span<std::byte> out) {
  const size_t rank = info.shape.size();
  const int64_t elements = element_count(info.shape, "tensor");
  const size_t width = out.size() / static_cast<size_t>(elements);
  std::vector<int64_t> index(rank, 0);
  int64_t from = 0;
  for (int64_t i = 0; i < elements; ++i) {
    std::memcpy(out.data() + static_cast<size_t>(i) * width,
                part.data() + static_cast<size_t>(from) * width, width);
    for (size_t axis = rank; axis-- > 0;) {
      from += view.strides[axis];
      if (++index[axis] < info.shape[axis]) break;
      from -= view.strides[axis] * info.shape[axis];
      index[axis] = 0;
    }
  }
}

const fs::path& checked_kind(const fs::path& path) {
  explain_foreign_file(path);
  return path;
}

}  // namespace

TorchCheckpoint::TorchCheckpoint(const fs::path& path)
    : TensorFile(path), zip_(checked_kind(path)) {
  const std::string root = archive_root(path, zip_);
  const std::string pickle = root + kPickleName;
  const int64_t size = zip_.entries().at(pickle).size;
  if (size > kMaxPickle) {
    fail(Code::kUnsupported, "{}: a data.pkl of {} bytes, at most {} are read", path.string(), size,
         kMaxPickle);
  }
  const PickleTree tree = read_pickle(zip_.read(pickle), kClasses, path.string() + ": data.pkl");
  const Interpreter interpreter(path, zip_, root, tree);
  for (auto& [name, tensor] : interpreter.weights()) {
    tensors_[name] = tensor.info;
    views_[name] = tensor.view;
  }
  interpreter.check_all_tensors();
  metadata_ = interpreter.metadata();
  left_out_ = interpreter.left_out();
}

void TorchCheckpoint::read(const std::string& name, std::span<std::byte> out) const {
  const TensorInfo& info = tensor(name);
  const View& view = views_.at(name);
  RP_ASSERT(std::ssize(out) == info.bytes);
  if (out.empty()) return;
  int64_t row_major = 1;
  bool contiguous = true;
  for (size_t i = info.shape.size(); i-- > 0;) {
    contiguous = contiguous && (info.shape[i] == 1 || view.strides[i] == row_major);
    row_major *= info.shape[i];
  }
  const int64_t width = info.bytes / row_major;
  if (contiguous) return zip_.read_part(view.entry, view.offset * width, out);
  std::vector<std::byte> part(static_cast<size_t>(view.span * width));
  zip_.read_part(view.entry, view.offset * width, part);
  gather(part, info, view, out);
}

std::unique_ptr<TensorFile> open_tensor_file(const fs::path& path) {
  const std::string suffix = path.extension().string();
  if (suffix == ".safetensors") return std::make_unique<SafetensorsReader>(path);
  if (suffix == ".pt" || suffix == ".pth") return std::make_unique<TorchCheckpoint>(path);
  fail(Code::kInvalidArgument, "{}: expected a name that ends in .pt, .pth or .safetensors",
       path.string());
}

}  // namespace reconproof::formats
