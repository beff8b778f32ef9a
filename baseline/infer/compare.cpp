// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/infer/compare.h"

#include "challenge/dataset/folder.h"
#include "formats/hdf5.h"
#include "system/error.h"

namespace reconproof::baseline {
namespace fs = std::filesystem;

namespace {

double nmse(const fs::path& volume, const fs::path& reference) {
  const auto ours = formats::open_local(volume), theirs = formats::open_local(reference);
  const formats::Shape& found = ours->dataset(challenge::kReconstructionSet).shape;
  const formats::Shape& expected = theirs->dataset(challenge::kReconstructionSet).shape;
  if (found != expected) {
    system::fail(system::Code::kCorrupt, "{}: shape {}, but the reference {} has {}",
                 volume.string(), formats::shape_text(found), reference.string(),
                 formats::shape_text(expected));
  }
  const std::vector<float> a = ours->read_floats(challenge::kReconstructionSet);
  const std::vector<float> b = theirs->read_floats(challenge::kReconstructionSet);
  double error = 0, energy = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - b[i];
    error += difference * difference;
    energy += static_cast<double>(b[i]) * b[i];
  }
  return error == 0 ? 0 : error / energy;
}

}  // namespace

std::vector<VolumeDifference> compare_reconstructions(const challenge::Edition& edition,
                                                      const fs::path& out,
                                                      const fs::path& reference) {
  std::vector<VolumeDifference> differences;
  for (const challenge::Cell& cell : edition.cells) {
    const fs::path folder = reference / cell.name;
    const std::vector<fs::path> volumes = challenge::volumes_in(folder);
    if (volumes.empty()) {
      system::fail(system::Code::kNotFound, "{}: no volumes (*.h5) to compare with",
                   folder.string());
    }
    for (const fs::path& volume : volumes) {
      const fs::path name = volume.filename();
      differences.push_back({cell.name, name.string(), nmse(out / cell.name / name, volume)});
    }
  }
  return differences;
}

}  // namespace reconproof::baseline
