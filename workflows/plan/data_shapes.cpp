// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/plan/data_shapes.h"

#include <algorithm>

#include "challenge/dataset/folder.h"
#include "formats/hdf5.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::workflows {
namespace {

namespace fs = std::filesystem;
using formats::Shape;
using system::Code;
using system::fail;

int64_t values(const Shape& shape) { return shape[0] * shape[1] * shape[2]; }

void add_volume(const fs::path& path, SliceShapes& shapes) {
  const auto reader = formats::open_confined(path);
  const formats::DatasetInfo& info = reader->dataset(challenge::kKspaceSet);
  const Shape& shape = info.shape;
  if (shape.size() != 4 || *std::ranges::min_element(shape) < 1) {
    fail(Code::kCorrupt, "{}: kspace is {}, expected (slices, coils, rows, columns)", path.string(),
         formats::shape_text(shape));
  }
  const Shape slice(shape.begin() + 1, shape.end());
  if (shapes.slices.empty() || values(slice) > values(shapes.largest()))
    shapes.largest_volume = path;
  shapes.slices[slice] += shape[0];
  ++shapes.volumes;
}

void add_folder(const fs::path& folder, SliceShapes& shapes) {
  const std::vector<fs::path> volumes = challenge::volumes_in(folder / challenge::kKspaceFolder);
  if (volumes.empty()) {
    fail(Code::kNotFound, "{}: no volume (*.h5) in it",
         (folder / challenge::kKspaceFolder).string());
  }
  system::Progress progress("headers", std::ssize(volumes));
  for (const fs::path& volume : volumes) {
    add_volume(volume, shapes);
    progress.advance();
  }
}

SliceShapes leaderboard_shapes(const challenge::Edition& edition, const fs::path& folder) {
  SliceShapes shapes;
  for (const challenge::Cell& cell : edition.cells)
    add_folder(challenge::cell_folder(edition, cell, folder), shapes);
  return shapes;
}

}  // namespace

int64_t SliceShapes::count() const {
  int64_t sum = 0;
  for (const auto& [shape, count] : slices) sum += count;
  return sum;
}

Shape SliceShapes::largest() const {
  return std::ranges::max_element(slices, {}, [](const auto& item) { return values(item.first); })
      ->first;
}

Shape SliceShapes::usual() const {
  return std::ranges::max_element(slices, {}, [](const auto& item) { return item.second; })->first;
}

SliceShapes shapes_in(const fs::path& folder) {
  SliceShapes shapes;
  add_folder(folder, shapes);
  return shapes;
}

PlanData plan_data(const challenge::Edition& edition, const fs::path& folder) {
  PlanData data;
  const auto holds = [](const fs::path& place) {
    return system::is_folder(place / challenge::kKspaceFolder);
  };
  if (holds(folder / "train")) data.train = shapes_in(folder / "train");
  if (holds(folder / "val")) data.val = shapes_in(folder / "val");
  if (!data.train && !data.val && holds(folder)) data.train = shapes_in(folder);
  for (const fs::path& place : {folder / "leaderboard", folder}) {
    if (!data.leaderboard && challenge::is_leaderboard(edition, place) &&
        (place != folder || !data.train))
      data.leaderboard = leaderboard_shapes(edition, place);
  }
  if (data.train || data.val || data.leaderboard) return data;
  fail(Code::kNotFound,
       "{}: neither a data set (kspace/*.h5) nor a folder that holds train/, val/ or leaderboard/",
       folder.string());
}

}  // namespace reconproof::workflows
