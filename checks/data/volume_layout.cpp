// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/volume_layout.h"

#include <algorithm>
#include <charconv>

#include "challenge/dataset/cropped_rss.h"
#include "challenge/dataset/folder.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "system/terminal.h"

namespace reconproof::checks {

using formats::DatasetInfo;
using formats::ElementKind;
using nlohmann::json;

namespace {

constexpr int64_t kMaxCoils = 1024, kMaxSlices = 10000;

const DatasetInfo* find_set(const formats::Hdf5Reader& reader, const char* name,
                            const std::string& file, std::vector<DataFault>& faults) {
  const auto found = reader.info().datasets.find(name);
  if (found != reader.info().datasets.end()) return &found->second;
  faults.push_back(
      {"missing-dataset", false, file, {}, fmt::format("has no data set '{}'", name), kCopyAgain});
  return nullptr;
}

void add(std::vector<DataFault>& faults, const char* kind, const std::string& file,
         std::string reason) {
  faults.push_back({kind, false, file, {}, std::move(reason), kCopyAgain});
}

bool is_type(const DatasetInfo& set, ElementKind kind, int bytes) {
  return set.kind == kind && set.bytes == bytes;
}

std::optional<int64_t> whole_number(const std::string& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A box's side or corner; nothing where it is no whole number of pixels.
std::optional<int64_t> pixels(const json& box, const char* key) {
  const auto found = box.find(key);
  if (found == box.end() || !found->is_number_integer()) return std::nullopt;
  const double value = found->get<double>();
  if (std::abs(value) > 1e6) return std::nullopt;
  return found->get<int64_t>();
}

/// What is wrong with one box; `partly` where it is only cut off.
std::string box_fault(const json& box, int64_t size, bool& partly) {
  partly = false;
  if (!box.is_object()) return "an annotation is no object with x, y, width, height";
  const auto x = pixels(box, "x"), y = pixels(box, "y"), width = pixels(box, "width"),
             height = pixels(box, "height");
  if (!x || !y || !width || !height)
    return "an annotation's x, y, width or height is no whole number of pixels";
  const std::string text =
      fmt::format("the box at ({}, {}) of {} x {} pixels", *x, *y, *width, *height);
  if (*width <= 0 || *height <= 0) return text + " is empty";
  if (*x >= size || *y >= size || *x + *width <= 0 || *y + *height <= 0)
    return text + fmt::format(" lies outside of the image of {} x {}", size, size);
  partly = *x < 0 || *y < 0 || *x + *width > size || *y + *height > size;
  return partly ? text + fmt::format(" reaches beyond the image of {} x {}", size, size) : "";
}

}  // namespace

std::optional<KspaceLayout> look_at_kspace(const formats::Hdf5Reader& reader,
                                           const std::string& file,
                                           std::vector<DataFault>& faults) {
  const DatasetInfo* set = find_set(reader, challenge::kKspaceSet, file, faults);
  if (!set) return std::nullopt;
  if (!is_type(*set, ElementKind::kComplex, 8)) {
    add(faults, "wrong-type", file,
        fmt::format("'kspace' holds {}, expected complex64", set->type_text()));
    return std::nullopt;
  }
  const formats::Shape& s = set->shape;
  if (s.size() != 4 || s[0] < 1 || s[0] > kMaxSlices || s[1] < 1 || s[1] > kMaxCoils || s[2] < 1 ||
      s[2] > challenge::kMaxMatrixSide || s[3] < 1 || s[3] > challenge::kMaxMatrixSide) {
    add(faults, "wrong-shape", file,
        fmt::format("'kspace' has shape {}, expected (slices, coils, height, width)",
                    formats::shape_text(s)));
    return std::nullopt;
  }
  return KspaceLayout{s[0], s[1], s[2], s[3]};
}

std::optional<std::vector<float>> read_mask(formats::Hdf5Reader& reader, const std::string& file,
                                            int64_t width, std::vector<DataFault>& faults) {
  const DatasetInfo* set = find_set(reader, challenge::kMaskSet, file, faults);
  if (!set) return std::nullopt;
  if (set->kind != ElementKind::kFloat && set->kind != ElementKind::kInteger) {
    add(faults, "wrong-type", file,
        fmt::format("'mask' holds {}, expected numbers", set->type_text()));
    return std::nullopt;
  }
  if (set->shape != formats::Shape{width}) {
    add(faults, "mask-width", file,
        fmt::format("'mask' has shape {}, but k-space has {} columns",
                    formats::shape_text(set->shape), width));
    return std::nullopt;
  }
  return reader.read_floats(challenge::kMaskSet);
}

std::vector<std::string> look_at_images(const formats::Hdf5Reader& reader, const std::string& file,
                                        int64_t size, std::vector<DataFault>& faults) {
  std::vector<std::string> good;
  for (const char* name : {challenge::kLabelSet, challenge::kInputSet, challenge::kGrappaSet}) {
    // Not every edition and volume has GRAPPA: the others of its set say whether one is missing.
    if (name == std::string(challenge::kGrappaSet) && !reader.info().datasets.contains(name))
      continue;
    const DatasetInfo* set = find_set(reader, name, file, faults);
    if (!set) continue;
    const formats::Shape& s = set->shape;
    if (!is_type(*set, ElementKind::kFloat, 4)) {
      add(faults, "wrong-type", file,
          fmt::format("'{}' holds {}, expected float32", name, set->type_text()));
    } else if (s.size() != 3 || s[0] < 1 || s[0] > kMaxSlices || s[1] != size || s[2] != size) {
      add(faults, "wrong-shape", file,
          fmt::format("'{}' has shape {}, expected (slices, {}, {})", name, formats::shape_text(s),
                      size, size));
    } else {
      good.push_back(name);
    }
  }
  return good;
}

void look_at_annotations(const formats::Hdf5Reader& reader, const std::string& file, int64_t slices,
                         int64_t size, std::vector<DataFault>& faults) {
  const auto found = reader.info().attributes.find(challenge::kAnnotationsAttribute);
  if (found == reader.info().attributes.end() || found->second.text.empty()) return;
  json document;
  try {
    document = formats::parse_strict_json(found->second.text, "attribute 'annotations'");
  } catch (const system::Error& error) {
    return add(faults, "annotations", file, error.what());
  }
  if (!document.is_object())
    return add(faults, "annotations", file, "attribute 'annotations' is no object of slices");
  for (const auto& [key, list] : document.items()) {
    const std::optional<int64_t> slice = whole_number(key);
    if (!slice || *slice < 0 || *slice >= slices) {
      add(faults, "annotations", file,
          fmt::format("attribute 'annotations' speaks of slice '{}', the volume has 0 to {}",
                      system::printable(key), slices - 1));
      continue;
    }
    const json boxes = list.is_array() ? list : json::array({nullptr});
    for (const json& box : boxes) {
      bool partly = false;
      const std::string reason = box_fault(box, size, partly);
      if (!reason.empty())
        add_fault(faults, {"annotations", partly, file, {*slice}, reason, kCopyAgain});
    }
  }
}

}  // namespace reconproof::checks
