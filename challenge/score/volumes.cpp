// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/score/volumes.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <system_error>
#include <tuple>

#include "challenge/dataset/folder.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::challenge {
namespace {

namespace fs = std::filesystem;
using formats::DatasetInfo;
using formats::ElementKind;
using formats::shape_text;
using nlohmann::json;
using system::Code;
using system::fail;

constexpr int64_t kMostBoxes = 10'000;           // of a volume
constexpr int64_t kFarthest = int64_t{1} << 31;  // no coordinate of an image lies beyond

/// By the number in the name: anatomies as the edition lists them, then the number, then the name.
bool number_less(const Edition& edition, const std::string& a, const std::string& b) {
  const auto key = [&](const std::string& name) {
    const Anatomy* anatomy = edition.anatomy_of(name);
    const auto index = anatomy ? anatomy - edition.anatomies.data() : std::ptrdiff_t{1} << 20;
    const size_t digit = name.find_last_of("0123456789", name.rfind('.'));
    size_t first = digit;
    while (digit != std::string::npos && first > 0 &&
           std::isdigit(static_cast<unsigned char>(name[first - 1])))
      --first;
    const std::string digits =
        digit == std::string::npos ? "" : name.substr(first, digit - first + 1);
    return std::make_tuple(index, digits.size(), digits, name);
  };
  return key(a) < key(b);
}

std::vector<std::string> label_names(const Edition& edition, const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::path& path : volumes_in(folder)) names.push_back(path.filename().string());
  if (names.empty()) fail(Code::kNotFound, "{}: no label volumes (*.h5)", folder.string());
  if (edition.score.order == VolumeOrder::kNumber) {
    std::ranges::sort(names, [&](const std::string& a, const std::string& b) {
      return number_less(edition, a, b);
    });
  }
  return names;
}

int64_t coordinate(const json& box, const char* key, const std::string& where) {
  const auto found = box.find(key);
  if (found == box.end() || !found->is_number_integer() ||
      std::abs(found->get<double>()) > kFarthest)
    fail(Code::kCorrupt, "{}: '{}' is no whole number of pixels", where, key);
  return found->get<int64_t>();
}

/// No score depends on it: whatever is no text is none.
std::string box_label(const json& box) {
  const auto found = box.find("label");
  return found != box.end() && found->is_string() ? found->get<std::string>() : "";
}

/// {"<slice>": [{"x": .., "y": .., "width": .., "height": .., "label": ..}, ...]}; slices beyond
/// the volume are ignored, as the official script does.
std::vector<std::vector<Box>> parse_boxes(const std::string& text, int64_t slices,
                                          const std::string& file) {
  std::vector<std::vector<Box>> boxes(static_cast<size_t>(slices));
  if (text.empty()) return boxes;
  const std::string where = file + ": attribute 'annotations'";
  const json document = formats::parse_strict_json(text, where);
  if (!document.is_object()) fail(Code::kCorrupt, "{}: expected an object of slices", where);
  int64_t count = 0;
  for (int64_t slice = 0; slice < slices; ++slice) {
    const auto list = document.find(std::to_string(slice));
    if (list == document.end()) continue;
    if (!list->is_array()) fail(Code::kCorrupt, "{}: slice {}: expected a list", where, slice);
    for (const json& box : *list) {
      const std::string place = fmt::format("{}: slice {}", where, slice);
      if (!box.is_object()) fail(Code::kCorrupt, "{}: expected objects", place);
      if (++count > kMostBoxes) fail(Code::kCorrupt, "{}: more than {} boxes", where, kMostBoxes);
      boxes[static_cast<size_t>(slice)].push_back(
          {coordinate(box, "x", place), coordinate(box, "y", place),
           coordinate(box, "width", place), coordinate(box, "height", place), box_label(box)});
    }
  }
  return boxes;
}

double read_maximum(const formats::Hdf5Reader& reader) {
  const auto& attributes = reader.info().attributes;
  const auto max = attributes.find(kMaxAttribute);
  if (max == attributes.end() || !max->second.number || !std::isfinite(*max->second.number) ||
      *max->second.number <= 0) {
    fail(Code::kCorrupt, "{}: no positive number in the attribute 'max'", reader.path().string());
  }
  return *max->second.number;
}

bool crops(const Edition& edition) { return edition.image_size == 0; }

}  // namespace

std::vector<ExpectedVolume> expected_volumes(const Edition& edition, const fs::path& labels,
                                             const fs::path& recon) {
  std::vector<ExpectedVolume> expected;
  for (const Cell& cell : edition.cells) {
    const fs::path folder = label_folder(edition, cell, labels);
    for (const std::string& name : label_names(edition, folder)) {
      const Anatomy* anatomy = edition.anatomy_of(name);
      if (!anatomy) {
        fail(Code::kCorrupt, "{}: edition {} knows no anatomy for this name, so no mask threshold",
             (folder / name).string(), edition.id);
      }
      expected.push_back({cell.name, name, folder / name, recon / cell.name / name, anatomy});
    }
  }
  return expected;
}

bool is_official_set(const Edition& edition, const std::vector<ExpectedVolume>& expected) {
  if (edition.official_volume_count() == 0) return false;
  const std::vector<std::string> official = edition.official_volumes();
  for (const Cell& cell : edition.cells) {
    std::set<std::string> names;
    for (const ExpectedVolume& volume : expected)
      if (volume.cell == cell.name) names.insert(volume.name);
    if (std::ssize(names) != edition.official_volume_count()) return false;
    if (!official.empty() && names != std::set<std::string>(official.begin(), official.end()))
      return false;
  }
  return true;
}

std::vector<fs::path> extra_files(const Edition& edition,
                                  const std::vector<ExpectedVolume>& expected,
                                  const fs::path& recon) {
  std::set<fs::path> known;
  for (const ExpectedVolume& volume : expected) known.insert(volume.recon);
  std::vector<fs::path> extra;
  for (const Cell& cell : edition.cells) {
    if (!system::is_folder(recon / cell.name)) continue;  // every volume of it is missing
    for (const fs::path& entry : system::sorted_entries(recon / cell.name))
      if (!known.contains(entry) && entry.filename().string()[0] != '.') extra.push_back(entry);
  }
  return extra;
}

ImageView middle_square(const ImageView& image, int64_t size) {
  return image.crop((image.height - size) / 2, (image.width - size) / 2, size, size);
}

SliceReader::SliceReader(std::unique_ptr<formats::Hdf5Reader> reader, std::string dataset)
    : reader_(std::move(reader)), dataset_(std::move(dataset)), info_(reader_->dataset(dataset_)) {}

ImageView SliceReader::slice(int64_t index) {
  pixels_.resize(static_cast<size_t>(height() * width()));
  reader_->read(dataset_, index, 1, std::span<float>(pixels_));
  return {pixels_.data(), height(), width(), width()};
}

LabelVolume::LabelVolume(const Edition& edition, const fs::path& path)
    : images_(formats::open_confined(path), edition.score.label_set) {
  const DatasetInfo& info = images_.info();
  const int64_t size = edition.image_size;
  const bool fits = info.shape.size() == 3 && info.shape[0] >= 1 &&
                    (crops(edition) ? info.shape[1] >= info.shape[2] && info.shape[2] >= kSsimWindow
                                    : info.shape[1] == size && info.shape[2] == size);
  if (info.kind != ElementKind::kFloat || !fits) {
    fail(Code::kCorrupt, "{}: '{}' is {} {}, expected float32 {}", path.string(),
         edition.score.label_set, info.type_text(), shape_text(info.shape),
         crops(edition) ? "(slices, H, W) with H >= W >= 7"
                        : fmt::format("(slices, {}, {})", size, size));
  }
  if (edition.score.metric != Metric::kVolume) max_ = read_maximum(images_.file());
  boxes_.resize(static_cast<size_t>(slices()));
  if (edition.score.metric != Metric::kMaskAndBoxes) return;
  const auto& attributes = images_.file().info().attributes;
  const auto boxes = attributes.find(kAnnotationsAttribute);
  if (boxes != attributes.end()) boxes_ = parse_boxes(boxes->second.text, slices(), path.string());
}

ImageView LabelVolume::slice(int64_t index) {
  const ImageView image = images_.slice(index);
  if (!all_scorable(image)) {
    fail(Code::kCorrupt, "{}: slice {} of the label holds NaN, infinity or a value beyond 1.8e19",
         images_.file().path().string(), index);
  }
  return image;
}

double LabelVolume::largest_value() {
  double largest = 0;
  for (int64_t index = 0; index < slices(); ++index) {
    const ImageView image = middle_square(slice(index), width());
    for (int64_t y = 0; y < image.height; ++y) {
      const float* row = image.row(y);
      largest = std::max<double>(largest, *std::max_element(row, row + image.width));
    }
  }
  return largest;
}

SliceReader open_reconstruction(const Edition& edition, const fs::path& path,
                                const std::string& dataset, const LabelVolume& label) {
  SliceReader images(formats::open_confined(path), dataset);
  const DatasetInfo& info = images.info();
  const formats::Shape& shape = info.shape;
  const bool fits = shape.size() == 3 && shape[0] == label.slices() &&
                    (crops(edition) ? shape[1] >= label.width() && shape[2] >= label.width()
                                    : shape[1] == label.height() && shape[2] == label.width());
  if (info.kind == ElementKind::kFloat && fits) return images;
  const int64_t rows = crops(edition) ? label.width() : label.height();
  fail(Code::kCorrupt, "{}: '{}' is {} {}, expected float32 {}{}", path.string(), dataset,
       info.type_text(), shape_text(shape), shape_text({label.slices(), rows, label.width()}),
       crops(edition) ? " or larger" : "");
}

}  // namespace reconproof::challenge
