// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/dataset/slice_content.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "formats/array.h"

namespace reconproof::challenge {

SliceContent::SliceContent(const std::string& set, const formats::Shape& shape)
    : prefix_(set + formats::shape_text({shape.begin() + 1, shape.end()})),
      width_(shape.back()),
      columns_(std::min(kContentColumns, width_)),
      first_((width_ - columns_) / 2) {}

void SliceContent::add_values(const void* data, size_t floats) {
  const float* values = static_cast<const float*>(data);
  any_ = any_ || std::any_of(values, values + floats, [](float v) { return v != 0; });
  hash_.update(data, floats * sizeof(float));
}

void SliceContent::add(const Plane& plane) {
  if (!plane.real.empty()) return add_values(plane.real.data(), plane.real.size());
  std::vector<Complex> centre;
  centre.reserve(plane.complex.size() / static_cast<size_t>(width_) *
                 static_cast<size_t>(columns_));
  for (size_t line = 0; line < plane.complex.size(); line += static_cast<size_t>(width_)) {
    const auto from = plane.complex.begin() + static_cast<std::ptrdiff_t>(line) + first_;
    centre.insert(centre.end(), from, from + columns_);
  }
  add_values(centre.data(), 2 * centre.size());
}

std::string SliceContent::finish() {
  hash_.update(prefix_);
  std::string text = std::exchange(hash_, system::Sha256()).hex();
  return std::exchange(any_, false) ? text : "";
}

}  // namespace reconproof::challenge
