// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The leak matrix of docs/leaks.md: leaderboard volumes against themselves after each of 12
// transformations. `leak_matrix VOLUMES [NAME=FILE...]`: simulated volumes of random phantoms; with
// files, of real heads instead: a NIfTI volume, or .npy float32 (slices, H, W), a file a subject.
// NAME up to a '#' is the subject: files of one subject are never counted as different people.
#include <fmt/core.h>

#include <array>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>

#include "formats/npy.h"
#include "system/error.h"
#include "tests/checks/leak_transformations.h"

namespace {

using namespace reconproof;
using checks::LeakSide;
using checks::LeakVolume;
using checks::Likeness;
using checks::NearDuplicateFinder;

/// Real slices, each shown for a part of the height.
class ImageStack : public challenge::HeadModel {
 public:
  explicit ImageStack(const std::string& path) : array_(formats::read_npy(path)) {
    if (array_.shape.size() != 3)
      system::fail(system::Code::kCorrupt, "{}: expected (slices, H, W)", path);
  }
  int64_t slices() const { return array_.shape[0]; }
  double aspect() const override {
    return static_cast<double>(array_.shape[2]) / static_cast<double>(array_.shape[1]);
  }
  double intensity(double u, double v, double w) const override {
    const int64_t height = array_.shape[1], width = array_.shape[2];
    const int64_t slice =
        std::min(slices() - 1, static_cast<int64_t>(w * static_cast<double>(slices())));
    const double y = (1 - v) * static_cast<double>(height - 1) / 2;
    const double x = static_cast<double>(width - 1) / 2 + u * static_cast<double>(height - 1) / 2;
    if (!(y >= 0 && x >= 0 && y < static_cast<double>(height - 1) &&
          x < static_cast<double>(width - 1)))
      return 0;
    const int64_t y0 = static_cast<int64_t>(y), x0 = static_cast<int64_t>(x);
    const double fy = y - static_cast<double>(y0), fx = x - static_cast<double>(x0);
    const auto at = [&](int64_t yy, int64_t xx) {
      return static_cast<double>(
          array_.floats()[static_cast<size_t>((slice * height + yy) * width + xx)]);
    };
    return (1 - fy) * ((1 - fx) * at(y0, x0) + fx * at(y0, x0 + 1)) +
           fy * ((1 - fx) * at(y0 + 1, x0) + fx * at(y0 + 1, x0 + 1));
  }

 private:
  formats::NpyArray array_;
};

struct Subject {
  std::string name;
  std::unique_ptr<challenge::HeadModel> head;
  int64_t slices = 2;
};

std::vector<Subject> read_subjects(int argc, char** argv) {
  std::vector<Subject> subjects;
  for (int i = 2; i < argc; ++i) {
    const std::string argument = argv[i];
    const size_t equals = argument.find('=');
    if (equals == std::string::npos)
      system::fail(system::Code::kUsage, "leak_matrix: {}: expected NAME=FILE", argument);
    const std::string path = argument.substr(equals + 1);
    Subject subject{argument.substr(0, equals), nullptr, 2};
    if (path.ends_with(".npy")) {
      auto stack = std::make_unique<ImageStack>(path);
      subject.slices = std::min<int64_t>(2, stack->slices());
      subject.head = std::move(stack);
    } else {
      subject.head = challenge::head_from(formats::read_nifti(path), path);
    }
    subjects.push_back(std::move(subject));
  }
  return subjects;
}

/// Matrices of several sizes, as in real sets.
challenge::KspaceVolume make_volume(const Subject* subject, int64_t number) {
  static constexpr std::array<std::array<int64_t, 2>, 3> kSizes = {
      {{256, 216}, {288, 228}, {224, 264}}};
  challenge::SimulationOptions options;
  options.slices = subject ? subject->slices : 2;
  options.coils = 6;
  options.height = kSizes[static_cast<size_t>(number % 3)][0];
  options.width = kSizes[static_cast<size_t>(number % 3)][1];
  return challenge::simulate_volume(options, number, subject ? subject->head.get() : nullptr);
}

std::string subject_of(const std::string& volume) {
  return volume.substr(0, volume.find_first_of("#/"));
}
std::string volume_of(const std::string& place) { return place.substr(0, place.find(' ')); }

struct Count {
  int64_t found = 0, volumes = 0, false_copies = 0, false_neighbours = 0, versions = 0;
  double likest_stranger = 0;
};

/// All leaderboard volumes against all transformed ones at once, as a check does.
Count count(const NearDuplicateFinder& finder, int64_t volumes) {
  Count result;
  result.volumes = volumes;
  std::set<std::string> found;
  std::set<std::pair<std::string, std::string>> strangers, suspects, versions;
  for (const checks::NearDuplicate& item : finder.find().found) {
    const std::string a = volume_of(item.leaderboard), b = volume_of(item.training);
    const bool copy = item.likeness == Likeness::kCopy;
    if (a == b) {
      if (copy) found.insert(a);
    } else if (subject_of(a) == subject_of(b)) {
      if (copy) versions.emplace(a, b);
    } else {
      (copy ? strangers : suspects).emplace(a, b);
      result.likest_stranger = std::max(result.likest_stranger, item.match.similarity);
      if (copy) fmt::print(stderr, "false: {}\n", item.text());
    }
  }
  result.found = static_cast<int64_t>(found.size());
  result.false_copies = static_cast<int64_t>(strangers.size());
  result.false_neighbours = static_cast<int64_t>(suspects.size());
  result.versions = static_cast<int64_t>(versions.size());
  return result;
}

std::string cell(const Count& c) {
  return fmt::format("{}/{} ({:.1f} %) | {} | {}", c.found, c.volumes,
                     100.0 * static_cast<double>(c.found) / static_cast<double>(c.volumes),
                     c.false_copies, c.false_neighbours);
}

struct Volume {
  std::string name;
  challenge::KspaceVolume complete;
  int64_t acceleration;
};

int run(int argc, char** argv) {
  const int64_t volumes = argc > 1 ? std::atoll(argv[1]) : 200;
  const std::vector<Subject> subjects = read_subjects(argc, argv);
  std::vector<Volume> made;
  NearDuplicateFinder leaderboard[2];  // of k-space alone, and with labels
  for (int64_t number = 0; number < volumes; ++number) {
    const Subject* subject =
        subjects.empty() ? nullptr : &subjects[static_cast<size_t>(number) % subjects.size()];
    made.push_back(
        {fmt::format("{}/{}", subject ? subject->name : fmt::format("phantom{}", number), number),
         make_volume(subject, number), number % 2 == 0 ? 4 : 8});
    const LeakVolume original = checks::leaderboard_volume(made.back().name, made.back().complete,
                                                           made.back().acceleration);
    for (int labels : {0, 1})
      checks::add_volume(leaderboard[labels], LeakSide::kLeaderboard, original, labels);
  }
  fmt::print(
      "| transformation | with labels: found | false copies | false neighbours | k-space alone: "
      "found | false copies | false neighbours |\n");
  fmt::print("| --- | --- | --- | --- | --- | --- | --- |\n");
  for (int i = 0; i < checks::kLeakTransformations; ++i) {
    NearDuplicateFinder finders[2] = {leaderboard[0], leaderboard[1]};
    for (size_t number = 0; number < made.size(); ++number) {
      const LeakVolume changed =
          checks::transformed(i, made[number].name, made[number].complete,
                              made[number].acceleration, static_cast<int64_t>(number));
      for (int labels : {0, 1})
        checks::add_volume(finders[labels], LeakSide::kTraining, changed, labels);
    }
    const Count with = count(finders[1], volumes), without = count(finders[0], volumes);
    fmt::print("| {} | {} | {} |\n", checks::leak_transformation(i), cell(with), cell(without));
    fmt::print(
        stderr,
        "{}: likest stranger {:.3f} / {:.3f}; other versions of one head called copies: {} / {}\n",
        i, with.likest_stranger, without.likest_stranger, with.versions, without.versions);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const reconproof::system::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
