// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/slice_visit.h"

#include <algorithm>

#include "challenge/dataset/folder.h"
#include "formats/hdf5.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::checks {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kLargestSlice = int64_t{1} << 31;  // elements

bool has_data(const fs::path& folder) {
  return system::is_folder(folder / challenge::kKspaceFolder) ||
         system::is_folder(folder / challenge::kImageFolder);
}

struct DataFile {
  fs::path path;
  std::string volume, place;
  bool kspace = false;
};

std::vector<DataFile> files_of(const DataFolder& folder) {
  std::vector<DataFile> files;
  for (const char* kind : {challenge::kKspaceFolder, challenge::kImageFolder}) {
    if (!system::is_folder(folder.path / kind)) continue;
    for (const fs::path& path : challenge::volumes_in(folder.path / kind)) {
      const std::string file = path.filename().string();
      files.push_back({path, folder.name + "/" + file, folder.name + "/" + kind + "/" + file,
                       std::string_view(kind) == challenge::kKspaceFolder});
    }
  }
  return files;
}

template <typename T>
void visit_file(const DataFile& file, const char* set, size_t rank, const char* expected,
                const SliceVisitor& visit) {
  const auto reader = formats::open_confined(file.path);
  const formats::Shape shape = reader->dataset(set).shape;
  if (shape.size() != rank) {
    system::fail(system::Code::kCorrupt, "{}: '{}' has shape {}, expected {}", file.path.string(),
                 set, formats::shape_text(shape), expected);
  }
  const formats::Shape slice(shape.begin() + 1, shape.end());
  std::vector<T> values(
      static_cast<size_t>(formats::element_count(slice, file.path.string(), kLargestSlice)));
  for (int64_t index = 0; index < shape[0]; ++index) {
    reader->read(set, index, 1, std::span<T>(values));
    VisitedSlice visited{
        file.volume, fmt::format("{} slice {}", file.place, index), index, slice, {}, {}};
    if constexpr (std::is_same_v<T, float>)
      visited.image = values;
    else
      visited.kspace = values;
    visit(visited);
  }
}

void visit_files(const std::vector<DataFile>& files, system::Progress& progress,
                 const SliceVisitor& visit) {
  for (const DataFile& file : files) {
    if (file.kspace)
      visit_file<std::complex<float>>(file, challenge::kKspaceSet, 4, "(slices, coils, H, W)",
                                      visit);
    else
      visit_file<float>(file, challenge::kLabelSet, 3, "(slices, H, W)", visit);
    progress.advance();
  }
}

std::vector<DataFile> all_files(const std::vector<DataFolder>& folders) {
  std::vector<DataFile> files;
  for (const DataFolder& folder : folders) {
    const std::vector<DataFile> more = files_of(folder);
    files.insert(files.end(), more.begin(), more.end());
  }
  return files;
}

}  // namespace

std::vector<DataFolder> leaderboard_folders(const challenge::Edition& edition,
                                            const fs::path& leaderboard) {
  std::vector<DataFolder> folders;
  for (const challenge::Cell& cell : edition.cells) {
    const fs::path path = challenge::cell_folder(edition, cell, leaderboard);
    const std::string name = path.filename().string();  // empty: the leaderboard itself
    folders.push_back({path, name.empty() ? "leaderboard" : name});
  }
  return folders;
}

std::vector<DataFolder> data_folders_in(const fs::path& folder) {
  if (!system::is_folder(folder)) {
    system::fail(system::Code::kNotFound, "{}: there is no such folder", folder.string());
  }
  const fs::path path = fs::canonical(folder);
  if (has_data(path)) return {{path, path.filename().string()}};
  std::vector<DataFolder> folders;
  for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
    if (has_data(entry.path())) {
      folders.push_back(
          {entry.path(), path.filename().string() + "/" + entry.path().filename().string()});
    }
  }
  std::sort(folders.begin(), folders.end(),
            [](const DataFolder& a, const DataFolder& b) { return a.path < b.path; });
  if (folders.empty()) {
    system::fail(system::Code::kNotFound,
                 "{}: holds no challenge data: expected kspace/ or image/ in it, or folders that "
                 "have one",
                 folder.string());
  }
  return folders;
}

void visit_slices(const std::vector<DataFolder>& leaderboard,
                  const std::vector<DataFolder>& training, const SliceVisitor& on_leaderboard,
                  const SliceVisitor& on_training) {
  const std::vector<DataFile> first = all_files(leaderboard), second = all_files(training);
  system::Progress progress("comparing data", static_cast<int64_t>(first.size() + second.size()));
  visit_files(first, progress, on_leaderboard);
  visit_files(second, progress, on_training);
}

}  // namespace reconproof::checks
