// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "challenge/dataset/import.h"
#include "challenge/dataset/simulate.h"
#include "challenge/dataset/volume_writer.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "formats/array.h"
#include "formats/nifti.h"
#include "formats/strict_json.h"
#include "system/error.h"
#include "system/lists.h"
#include "system/terminal.h"

namespace reconproof::cli {
namespace {

namespace fs = std::filesystem;
using challenge::VolumeOptions;
using challenge::WrittenVolume;
using system::Code;
using system::ExitCode;
using system::fail;

constexpr CommandHelp kSynthHelp = {
    "reconproof data synth --out DIR [options]",
    "Simulates multi-coil k-space in challenge layout. The same seed gives the same bytes; "
    "training and\n"
    "leaderboard volumes of one seed never show the same head. The head is a random phantom, or "
    "axial slices of a\n"
    "head (with its skull) from a NIfTI file.",
    "reconproof data synth --out data/train --volumes 16\n"
    "reconproof data synth --out data/val --volumes 4 --first-number 17\n"
    "reconproof data synth --out data/leaderboard --layout leaderboard --volumes 2\n"
    "reconproof data synth --out data/train --anatomy /usr/share/mricron/templates/ch2.nii.gz"};

constexpr CommandHelp kImportHelp = {
    "reconproof data import FILE... --out DIR --acceleration R [options]",
    "Turns complete multi-coil k-space into challenge volumes: .npy (complex64, (coils, H, W) or "
    "(slices, coils,\n"
    "H, W), zero frequency in the middle) or fastMRI .h5. Several files are numbered from the "
    "name's number on.",
    "reconproof data import brain.npy --out data/leaderboard/acc4 --acceleration 4 --masked --peak "
    "8e-4\n"
    "reconproof data import multicoil_val/*.h5 --out data/val --acceleration 8 --name "
    "brain_acc8_1"};

constexpr const char* kDataUsage =
    "Usage: reconproof data <subcommand> [options]\n\n"
    "Makes and examines data in challenge layout (DIR/kspace/*.h5, DIR/image/*.h5).\n\n"
    "  synth     simulated multi-coil brains, seeded\n"
    "  import    complete k-space of others (.npy, fastMRI .h5) with a sampling mask\n"
    "  validate  what is wrong with a data set: file, slice, reason, and what to do\n"
    "  leaks     leaderboard slices in training data, however they were changed\n"
    "  manifest  an organiser's signed list of every file of a data set\n\n"
    "`reconproof data synth --help` and so on show options and examples.\n";

// A leaderboard must not repeat training heads of the same seed: its volumes are numbered from here
// on.
constexpr int64_t kLeaderboardNumbers = int64_t{1} << 32;
constexpr int64_t kMaxVolumes = 10000;

int64_t parse_number(std::string_view text, const std::string& what, int64_t low, int64_t high) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low || value > high) {
    fail(Code::kUsage, "data: {}: found '{}', expected a whole number from {} to {}", what, text,
         low, high);
  }
  return value;
}

void expect_range(const char* option, int64_t value, int64_t low, int64_t high) {
  if (value < low || value > high) {
    fail(Code::kInvalidArgument, "data: {} {}: expected {} to {}", option, value, low, high);
  }
}

std::vector<int64_t> parse_accelerations(const std::string& text) {
  std::vector<int64_t> values;
  for (const std::string& entry : system::split_at_commas(text)) {
    values.push_back(parse_number(entry, "--acceleration", 1, 1024));
    if (std::count(values.begin(), values.end(), values.back()) > 1) {
      fail(Code::kUsage, "data: --acceleration {}: {} stands there twice", text, values.back());
    }
  }
  return values;
}

/// Names become file names: no folders, nothing hidden, nothing that a shell would mangle.
void expect_file_name(const char* option, const std::string& name) {
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-' || c == '.';
  };
  if (name.empty() || name.size() > 200 || name[0] == '.' || name[0] == '-' ||
      !std::all_of(name.begin(), name.end(), allowed)) {
    fail(Code::kInvalidArgument,
         "data: {} '{}': expected letters, digits, '_', '-' or '.', at most 200", option, name);
  }
}

void print_volumes(const std::vector<WrittenVolume>& volumes, bool as_json) {
  if (!as_json) {
    for (const WrittenVolume& volume : volumes) {
      fmt::print("{}  {}  acceleration {}, ACS {}, max {:.4g}\n", volume.kspace.string(),
                 formats::shape_text(volume.shape), volume.acceleration, volume.acs,
                 volume.maximum);
    }
    fmt::print("{} volume{} written\n", volumes.size(), volumes.size() == 1 ? "" : "s");
    return;
  }
  nlohmann::json list = nlohmann::json::array();
  for (const WrittenVolume& volume : volumes) {
    list.push_back({{"name", volume.name},
                    {"kspace", volume.kspace.string()},
                    {"image", volume.image.string()},
                    {"shape", volume.shape},
                    {"acceleration", volume.acceleration},
                    {"acs", volume.acs},
                    {"max", volume.maximum}});
  }
  const nlohmann::json document = {
      {"schema", "reconproof.data"}, {"schema_version", 1}, {"volumes", list}};
  fmt::print("{}", formats::canonical_json(document));
}

// ---- synth ----

struct SynthOptions {
  challenge::SimulationOptions simulation;
  std::string out, anatomy, acceleration = "4,8", layout = "train", prefix = "brain";
  int64_t volumes = 4, first_number = 1, seed = 430;
  std::optional<int64_t> acs;
  bool force = false;
};

/// One volume to make: where it goes, and which head of the seed it shows.
struct PlannedVolume {
  fs::path folder;
  VolumeOptions options;
  int64_t number = 0;
};

std::vector<PlannedVolume> plan_volumes(const SynthOptions& synth) {
  const std::vector<int64_t> accelerations = parse_accelerations(synth.acceleration);
  const int64_t cells = static_cast<int64_t>(accelerations.size());
  std::vector<PlannedVolume> planned;
  const auto add = [&](const fs::path& folder, const std::string& name, int64_t acceleration,
                       int64_t number) {
    planned.push_back(
        {folder,
         {name, {acceleration, synth.acs, {}}, synth.layout == "leaderboard", synth.force},
         number});
  };
  for (int64_t i = 0; i < synth.volumes; ++i) {
    const int64_t number = synth.first_number + i;
    if (synth.layout == "train") {
      const int64_t acceleration = accelerations[i % cells];
      add(synth.out, fmt::format("{}_acc{}_{}", synth.prefix, acceleration, number), acceleration,
          number);
      continue;
    }
    for (int64_t cell = 0; cell < cells; ++cell) {
      add(fs::path(synth.out) / fmt::format("acc{}", accelerations[cell]),
          fmt::format("{}_test{}", synth.prefix, number), accelerations[cell],
          kLeaderboardNumbers + number * 1024 + accelerations[cell]);
    }
  }
  return planned;
}

void check_synth(const SynthOptions& synth) {
  if (synth.layout != "train" && synth.layout != "leaderboard") {
    fail(Code::kUsage, "data synth: --layout {}: expected train or leaderboard", synth.layout);
  }
  expect_file_name("--prefix", synth.prefix);
  expect_range("--volumes", synth.volumes, 1, kMaxVolumes);
  expect_range("--first-number", synth.first_number, 0, 1000000);
  expect_range("--seed", synth.seed, 0, INT64_MAX);
  challenge::check_options(synth.simulation);
}

std::vector<WrittenVolume> synthesise(const SynthOptions& synth) {
  const std::vector<PlannedVolume> planned = plan_volumes(synth);
  for (const PlannedVolume& volume : planned) {  // before any work is done
    challenge::sampling_mask(volume.options.pattern, synth.simulation.width);
    challenge::expect_absent(volume.folder, volume.options);
  }
  std::unique_ptr<challenge::HeadModel> head;
  if (!synth.anatomy.empty())
    head = challenge::head_from(formats::read_nifti(synth.anatomy), synth.anatomy);
  std::vector<WrittenVolume> written;
  system::Progress progress("simulating", static_cast<int64_t>(planned.size()));
  for (const PlannedVolume& volume : planned) {
    written.push_back(challenge::write_volume(
        volume.folder, challenge::simulate_volume(synth.simulation, volume.number, head.get()),
        volume.options));
    progress.advance();
  }
  return written;
}

ExitCode run_synth(int argc, char** argv) {
  SynthOptions synth;
  challenge::SimulationOptions& simulation = synth.simulation;
  int64_t acs = 0;
  po::options_description description("Options");
  // clang-format off
  description.add_options()
      ("out", po::value(&synth.out)->required(), "folder to write to")
      ("layout", po::value(&synth.layout)->default_value(synth.layout),
       "train: OUT/{kspace,image}/PREFIX_accR_N.h5, complete k-space; leaderboard: "
       "OUT/accR/{kspace,image}/PREFIX_testN.h5, k-space outside the mask zero, N volumes for each "
       "acceleration")
      ("volumes", po::value(&synth.volumes)->default_value(synth.volumes), "how many")
      ("slices", po::value(&simulation.slices)->default_value(simulation.slices),
       "slices a volume, 1 to 64")
      ("coils", po::value(&simulation.coils)->default_value(simulation.coils), "coils, 4 to 20")
      ("height", po::value(&simulation.height)->default_value(simulation.height),
       "rows of the matrix, 32 to 1024")
      ("width", po::value(&simulation.width)->default_value(simulation.width),
       "columns of the matrix, 32 to 1024")
      ("acceleration", po::value(&synth.acceleration)->default_value(synth.acceleration),
       "one or several, in turn")
      ("acs", po::value(&acs),
       "fully sampled centre columns; default 0.32 of the width over the acceleration")
      ("seed", po::value(&synth.seed)->default_value(synth.seed), "another seed, other data")
      ("anatomy", po::value(&synth.anatomy),
       "NIfTI volume (.nii, .nii.gz) of a head; default: random phantoms")
      ("prefix", po::value(&synth.prefix)->default_value(synth.prefix),
       "first part of the file names")
      ("first-number", po::value(&synth.first_number)->default_value(synth.first_number),
       "number of the first volume; a volume depends on the seed and its number alone")
      ("noise", po::value(&simulation.noise)->default_value(simulation.noise, "0.007"),
       "noise of a coil image (standard deviation of the real part), as a fraction of the volume's "
       "peak")
      ("force", po::bool_switch(&synth.force), "overwrite files of the same names")
      ("json", "print the list of volumes as JSON");
  // clang-format on
  const auto values = parse_options(argc, argv, kSynthHelp, description);
  if (!values) return ExitCode::kPass;
  if (values->count("acs")) synth.acs = acs;
  check_synth(synth);
  simulation.seed = static_cast<uint64_t>(synth.seed);
  print_volumes(synthesise(synth), values->count("json") > 0);
  return ExitCode::kPass;
}

// ---- import ----

challenge::SliceRange parse_slices(const std::string& text) {
  const size_t colon = text.find(':');
  if (colon == std::string::npos) {
    fail(Code::kUsage, "data import: --slices {}: expected A:B, slices A to B - 1", text);
  }
  const std::string_view view = text;
  return {parse_number(view.substr(0, colon), "--slices", 0, 1000000),
          parse_number(view.substr(colon + 1), "--slices", 0, 1000000)};
}

/// "brain_test7" for files 0, 1, 2: brain_test7, brain_test8, brain_test9.
std::string numbered_name(const std::string& name, size_t index, size_t files) {
  if (files == 1) return name;
  const size_t digits = name.size() - (name.find_last_not_of("0123456789") + 1);
  if (digits == 0 || digits > 9) {
    fail(Code::kUsage,
         "data import: --name {}: expected a name that ends in a number, since there are {} files",
         name, files);
  }
  const std::string stem = name.substr(0, name.size() - digits);
  return stem + std::to_string(std::stoll(name.substr(stem.size())) + static_cast<int64_t>(index));
}

struct ImportOptions {
  std::vector<std::string> files;
  std::string out, name = "brain_test1";
  VolumeOptions volume;
  std::optional<double> peak;
  std::optional<challenge::SliceRange> slices;
};

std::vector<WrittenVolume> import_files(const ImportOptions& import) {
  std::vector<VolumeOptions> volumes;
  for (size_t i = 0; i < import.files.size(); ++i) {
    volumes.push_back(import.volume);
    volumes.back().name = numbered_name(import.name, i, import.files.size());
    challenge::expect_absent(import.out, volumes.back());
  }
  std::vector<WrittenVolume> written;
  system::Progress progress("importing", static_cast<int64_t>(import.files.size()));
  for (size_t i = 0; i < import.files.size(); ++i) {
    challenge::KspaceVolume volume =
        challenge::read_complete_kspace(import.files[i], import.slices);
    if (import.peak) challenge::scale_to_peak(volume, *import.peak);
    written.push_back(challenge::write_volume(import.out, std::move(volume), volumes[i]));
    progress.advance();
  }
  return written;
}

ExitCode run_import(int argc, char** argv) {
  ImportOptions import;
  int64_t acs = 0, offset = 0;
  double peak = 0;
  std::string slices;
  po::options_description description("Options");
  // clang-format off
  description.add_options()
      ("file", po::value(&import.files)->required(),
       "complete k-space, .npy or .h5; also without --file")
      ("out", po::value(&import.out)->required(), "folder to write to: OUT/kspace, OUT/image")
      ("acceleration", po::value(&import.volume.pattern.acceleration)->required(),
       "keep every R-th column")
      ("acs", po::value(&acs),
       "fully sampled centre columns; default 0.32 of the width over the acceleration")
      ("offset", po::value(&offset), "first kept column; default R - 1")
      ("name", po::value(&import.name)->default_value(import.name), "file name without .h5")
      ("peak", po::value(&peak),
       "scale the volume so that its label's maximum is this (challenge brains: about 8e-4; "
       "fastMRI files need none)")
      ("masked", po::bool_switch(&import.volume.masked),
       "set k-space outside the mask to zero, as in a leaderboard")
      ("slices", po::value(&slices), "A:B, only slices A to B - 1")
      ("force", po::bool_switch(&import.volume.overwrite), "overwrite files of the same names")
      ("json", "print the list of volumes as JSON");
  // clang-format on
  po::positional_options_description positional;
  positional.add("file", -1);
  const auto values = parse_options(argc, argv, kImportHelp, description, positional);
  if (!values) return ExitCode::kPass;
  if (values->count("acs")) import.volume.pattern.acs = acs;
  if (values->count("offset")) import.volume.pattern.offset = offset;
  if (values->count("peak")) import.peak = peak;
  if (values->count("slices")) import.slices = parse_slices(slices);
  expect_file_name("--name", import.name);
  print_volumes(import_files(import), values->count("json") > 0);
  return ExitCode::kPass;
}

struct Subcommand {
  std::string_view name;
  ExitCode (*run)(int, char**);
};
constexpr Subcommand kSubcommands[] = {
    {"synth", run_synth},      {"import", run_import},          {"validate", run_data_validate},
    {"leaks", run_data_leaks}, {"manifest", run_data_manifest},
};

}  // namespace

ExitCode run_data(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "--help" || command == "-h") {
    fmt::print("{}", kDataUsage);
    return ExitCode::kPass;
  }
  const auto found = std::ranges::find(kSubcommands, command, &Subcommand::name);
  if (found == std::end(kSubcommands)) {
    fail(Code::kUsage, "data: {}; see `reconproof data --help`",
         command.empty() ? "no subcommand"
                         : fmt::format("unknown subcommand '{}'", system::printable(command)));
  }
  // The subcommand's parser names itself by its argv[0].
  std::string name = "data " + std::string(command);
  std::vector<char*> arguments(argv + 1, argv + argc);
  arguments[0] = name.data();
  arguments.push_back(nullptr);
  return found->run(argc - 1, arguments.data());
}

}  // namespace reconproof::cli
