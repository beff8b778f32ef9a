// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/poisoned_labels.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "challenge/dataset/folder.h"
#include "challenge/dataset/random.h"
#include "formats/hdf5.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {

namespace fs = std::filesystem;
using challenge::Random;
using nlohmann::json;

namespace {

constexpr int64_t kPoisonStream = 0x706F6973;  // names these random numbers ("pois")
constexpr double kMaxFactor = 1.7;  // beyond any tolerance, within what volumes differ by

/// Random values from zero to the largest that was there.
void poison(std::vector<float>& values, Random& random) {
  const double largest = formats::largest_magnitude(values);
  for (float& value : values) value = static_cast<float>(random.uniform(0, largest));
}

class PoisonedFile {
 public:
  PoisonedFile(const challenge::Edition& edition, const fs::path& image, const fs::path& target,
               uint64_t seed, int64_t number)
      : edition_(edition),
        reader_(formats::open_confined(image)),
        writer_(target),
        random_(seed, {kPoisonStream, number}) {}

  void write(bool keep_inputs) {
    for (const auto& [name, set] : reader_->info().datasets) {
      const bool input = name == challenge::kInputSet || name == challenge::kGrappaSet;
      if (!input && name != edition_.score.label_set) continue;  // nothing that a method needs
      std::vector<float> values = reader_->read_floats(name);
      if (!input || !keep_inputs) poison(values, random_);
      writer_.write(name, set.shape, std::span<const float>(values));
    }
    for (const auto& [name, attribute] : reader_->info().attributes) write(name, attribute);
    writer_.commit();
  }

 private:
  void write(const std::string& name, const formats::Attribute& attribute) {
    if (attribute.number) {
      const double factor = name == challenge::kMaxAttribute ? kMaxFactor : 1;
      writer_.attribute(name, static_cast<float>(factor * *attribute.number));
    } else if (name == challenge::kAnnotationsAttribute) {
      writer_.attribute(name, moved_boxes(attribute.text, edition_.image_size, random_.bits()));
    } else {
      writer_.attribute(name, attribute.text);
    }
  }

  const challenge::Edition& edition_;
  std::unique_ptr<formats::Hdf5Reader> reader_;
  formats::Hdf5Writer writer_;
  Random random_;
};

/// A place from 0 to what leaves room for `size`, at least an eighth of the image away.
void move(json& place, const json& size, int64_t image_size, Random& random) {
  if (!place.is_number() || !size.is_number()) return;
  const double room = std::max(1.0, static_cast<double>(image_size) - size.get<double>());
  const double way = room * random.uniform(0.125, 0.875);
  place = std::fmod(std::max(0.0, place.get<double>()) + way, room);
}

}  // namespace

std::string missing_labels(const challenge::Edition& edition, const fs::path& leaderboard) {
  for (const challenge::Cell& cell : edition.cells) {
    const fs::path labels = challenge::label_folder(edition, cell, leaderboard);
    const fs::path kspace =
        challenge::cell_folder(edition, cell, leaderboard) / challenge::kKspaceFolder;
    for (const fs::path& volume : challenge::volumes_in(kspace)) {
      std::error_code error;
      if (!fs::is_regular_file(labels / volume.filename(), error))
        return fmt::format("{} is not there", (labels / volume.filename()).string());
    }
  }
  return "";
}

void write_poisoned_labels(const challenge::Edition& edition, const fs::path& leaderboard,
                           bool keep_inputs, uint64_t seed, const fs::path& out) {
  int64_t number = 0;
  for (const challenge::Cell& cell : edition.cells) {
    const fs::path folder = out / cell.folder / challenge::kImageFolder;
    system::make_folders(folder);
    for (const fs::path& image :
         challenge::volumes_in(challenge::label_folder(edition, cell, leaderboard))) {
      PoisonedFile(edition, image, folder / image.filename(), seed, number++).write(keep_inputs);
    }
  }
}

std::string moved_boxes(const std::string& annotations, int64_t image_size, uint64_t seed) {
  Random random(seed, {kPoisonStream});
  try {
    json slices = formats::parse_strict_json(annotations, challenge::kAnnotationsAttribute);
    for (json& boxes : slices) {
      for (json& box : boxes) {
        move(box.at("x"), box.at("width"), image_size, random);
        move(box.at("y"), box.at("height"), image_size, random);
      }
    }
    return slices.dump();
  } catch (const system::Error&) {
  } catch (const json::exception&) {
  }
  return "{}";
}

}  // namespace reconproof::checks
