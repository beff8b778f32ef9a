// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/measure/image_inputs.h"

#include "challenge/dataset/folder.h"
#include "formats/hdf5.h"
#include "system/files.h"

namespace reconproof::checks {

namespace fs = std::filesystem;

namespace {

void copy_set(formats::Hdf5Reader& from, const char* name, formats::Hdf5Writer& to) {
  const std::vector<float> values = from.read_floats(name);
  to.write(name, from.dataset(name).shape, std::span<const float>(values));
}

}  // namespace

void write_image_inputs(const challenge::Edition& edition, const fs::path& leaderboard,
                        const fs::path& out) {
  for (const challenge::Cell& cell : edition.cells) {
    const fs::path folder = out / cell.folder / challenge::kImageFolder;
    system::make_folders(folder);
    for (const fs::path& image :
         challenge::volumes_in(challenge::label_folder(edition, cell, leaderboard))) {
      const auto reader = formats::open_confined(image);
      formats::Hdf5Writer writer(folder / image.filename());
      copy_set(*reader, challenge::kInputSet, writer);
      if (reader->info().datasets.contains(challenge::kGrappaSet))
        copy_set(*reader, challenge::kGrappaSet, writer);
      writer.commit();
    }
  }
}

}  // namespace reconproof::checks
