// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/torch_checkpoint_writer.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "formats/zip.h"
#include "system/error.h"

namespace reconproof::formats {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

constexpr const char* kRoot = "archive/";  // torch's own choice when it is not given a name

const char* storage_class(const std::string& dtype) {
  static const std::map<std::string, const char*> kStorageOfDtype = {
      {"F32", "FloatStorage"},     {"F64", "DoubleStorage"}, {"F16", "HalfStorage"},
      {"BF16", "BFloat16Storage"}, {"I64", "LongStorage"},   {"I32", "IntStorage"},
      {"I16", "ShortStorage"},     {"I8", "CharStorage"},    {"U8", "ByteStorage"},
      {"BOOL", "BoolStorage"}};
  const auto found = kStorageOfDtype.find(dtype);
  return found == kStorageOfDtype.end() ? nullptr : found->second;
}

/// Composes a pickle of protocol 2, torch's own. Nothing is memoized: what repeats is small.
class Pickler {
 public:
  Pickler() : bytes_("\x80\x02") {}

  void opcode(char code) { bytes_ += code; }
  void text(std::string_view value) {
    opcode('X');
    raw(static_cast<uint32_t>(value.size()));
    bytes_ += value;
  }
  void integer(int64_t value) {
    if (value >= INT32_MIN && value <= INT32_MAX) {
      opcode('J');
      raw(static_cast<int32_t>(value));
    } else {
      opcode('\x8a');
      opcode(sizeof value);
      raw(value);
    }
  }
  void global(std::string_view module, std::string_view name) {
    bytes_ += fmt::format("c{}\n{}\n", module, name);
  }
  void numbers(const Shape& values) {
    opcode('(');
    for (const int64_t value : values) integer(value);
    opcode('t');
  }
  void empty_ordered_dict() {
    global("collections", "OrderedDict");
    bytes_ += ")R";
  }
  /// torch._utils._rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict()), where the
  /// storage is the persistent id ('storage', class, key, 'cpu', elements).
  void tensor(const std::string& dtype, const Shape& shape, const std::string& key) {
    global("torch._utils", "_rebuild_tensor_v2");
    bytes_ += "((";
    text("storage");
    global("torch", storage_class(dtype));
    text(key);
    text("cpu");
    integer(element_count(shape, key));
    bytes_ += "tQ";
    integer(0);
    numbers(shape);
    numbers(row_major_strides(shape));
    opcode('\x89');
    empty_ordered_dict();
    bytes_ += "tR";
  }
  std::string finish() && { return std::move(bytes_) + "."; }

 private:
  template <typename T>
  void raw(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  static Shape row_major_strides(const Shape& shape) {
    Shape strides(shape.size());
    int64_t step = 1;
    for (size_t axis = shape.size(); axis-- > 0;) {
      strides[axis] = step;
      step *= std::max<int64_t>(shape[axis], 1);
    }
    return strides;
  }

  std::string bytes_;
};

/// `tensors`, then the loss: the n-th lies in the archive's entry data/n.
std::string pickle_of(const TorchCheckpointInfo& info, const std::vector<NamedTensor>& tensors) {
  Pickler pickle;
  pickle.opcode('}');
  pickle.opcode('(');
  pickle.text("epoch");
  if (info.epoch) {
    pickle.integer(*info.epoch);
  } else {
    pickle.opcode('N');
  }
  pickle.text("args");
  pickle.opcode('}');
  pickle.opcode('(');
  for (const auto& [name, value] : info.args) {
    pickle.text(name);
    pickle.integer(value);
  }
  pickle.opcode('u');
  pickle.text("model");
  pickle.empty_ordered_dict();
  pickle.opcode('(');
  for (size_t i = 0; i < tensors.size(); ++i) {
    pickle.text(tensors[i].name);
    pickle.tensor(tensors[i].dtype, tensors[i].shape, std::to_string(i));
  }
  pickle.opcode('u');
  pickle.text("best_val_loss");
  pickle.tensor("F64", {}, std::to_string(tensors.size()));
  if (!info.metadata.empty()) {
    pickle.text(kOwnMetadataKey);
    pickle.opcode('}');
    pickle.opcode('(');
    for (const auto& [name, value] : info.metadata) {
      pickle.text(name);
      pickle.text(value);
    }
    pickle.opcode('u');
  }
  pickle.opcode('u');
  return std::move(pickle).finish();
}

}  // namespace

void write_torch_checkpoint(const fs::path& path, const TorchCheckpointInfo& info,
                            const std::vector<NamedTensor>& tensors) {
  for (const NamedTensor& tensor : tensors) {
    if (storage_class(tensor.dtype) == nullptr) {
      fail(Code::kUnsupported, "{}: '{}' has dtype {}, for which torch has no storage class",
           path.string(), tensor.name, tensor.dtype);
    }
    RP_ASSERT(element_count(tensor.shape, tensor.name) * dtype_bytes(tensor.dtype) ==
              std::ssize(tensor.data));
  }
  const double loss = info.best_val_loss.value_or(std::numeric_limits<double>::quiet_NaN());
  ZipWriter zip(path);
  const std::string root = kRoot;
  zip.add(root + "data.pkl", pickle_of(info, tensors));
  zip.add(root + "byteorder", std::string_view("little"));
  for (size_t i = 0; i < tensors.size(); ++i)
    zip.add(root + "data/" + std::to_string(i), tensors[i].data);
  zip.add(root + "data/" + std::to_string(tensors.size()), std::as_bytes(std::span(&loss, 1)));
  zip.add(root + "version", std::string_view("3\n"));
  zip.commit();
}

}  // namespace reconproof::formats
