// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Checkpoints, data checks, reconstruction and training on tiny volumes.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <array>
#include <cmath>
#include <limits>

#include "baseline/data/volume.h"
#include "baseline/engine/choice.h"
#include "baseline/infer/compare.h"
#include "baseline/infer/reconstruct.h"
#include "baseline/model/varnet.h"
#include "baseline/train/checkpoint.h"
#include "baseline/train/trainer.h"
#include "formats/hdf5.h"
#include "formats/npy.h"
#include "formats/safetensors.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::baseline {
namespace {

namespace fs = std::filesystem;
using system::Code;

constexpr VarnetSizes kTiny{1, 2, 1, 2};

class BaselineTest : public testing::Test {
 protected:
  BaselineTest() {
    edition_ = challenge::find_edition("snu-2025");
    edition_.image_size = 24;
  }

  /// (2 slices, 2 coils, 20, 18), a mask with an ACS of four columns.
  void write_kspace(const fs::path& path, const formats::Shape& shape = {2, 2, 20, 18}) {
    torch::manual_seed(7);
    const torch::Tensor kspace = torch::randn(shape, torch::kComplexFloat);
    std::vector<std::complex<float>> values(static_cast<size_t>(kspace.numel()));
    std::memcpy(values.data(), kspace.data_ptr(), kspace.nbytes());
    if (spoil_kspace_) values.at(800) = {NAN, 0};
    formats::Hdf5Writer writer(path);
    writer.write("kspace", shape, std::span<const std::complex<float>>(values));
    writer.write("mask", {static_cast<int64_t>(mask_.size())}, std::span<const float>(mask_));
    writer.commit();
  }

  void write_image(const fs::path& path, int64_t slices = 2, float maximum = 1) {
    const std::vector<float> label = label_values(slices);
    formats::Hdf5Writer writer(path);
    writer.write("image_label", {slices, 24, 24}, std::span<const float>(label));
    writer.attribute("max", maximum);
    writer.commit();
  }

  std::vector<float> label_values(int64_t slices) const {
    std::vector<float> label(static_cast<size_t>(slices * 24 * 24));
    for (size_t i = 0; i < label.size(); ++i)
      label[i] = 0.5F + 0.4F * std::sin(static_cast<float>(i) * 0.1F);
    return label;
  }

  TrainOptions small_run() {
    for (const char* part : {"train", "val"}) {
      write_kspace(folder_.path() / part / "kspace/brain_1.h5");
      write_image(folder_.path() / part / "image/brain_1.h5");
    }
    TrainOptions options;
    options.data_train = {folder_.path() / "train"}, options.data_val = folder_.path() / "val";
    options.out = folder_.path() / "run";
    options.sizes = kTiny;
    options.threads = 1;
    return options;
  }

  template <typename Function>
  void expect_refused(Code code, const std::string& message, const Function& function) {
    try {
      function();
      FAIL() << "accepted, expected: " << message;
    } catch (const system::Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
    }
  }

  void expect_volume_refused(const std::string& message,
                             const ImageGeometry& geometry = {24, Crop::kZeroPad}) {
    expect_refused(Code::kCorrupt, message, [&] { KspaceVolume(file_, geometry).slice(1); });
  }

  challenge::Edition edition_;
  system::TemporaryFolder folder_;
  fs::path file_ = folder_.path() / "volume.h5";
  std::vector<float> mask_ = {1, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 1};
  bool spoil_kspace_ = false;
};

TEST_F(BaselineTest, VolumeIsMaskedAsTheOfficialLoaderDoes) {
  write_kspace(file_);
  const KspaceVolume volume(file_, {24, Crop::kZeroPad});
  const torch::Tensor slice = volume.slice(0);
  EXPECT_EQ(slice.sizes().vec(), (std::vector<int64_t>{1, 2, 20, 18}));
  EXPECT_EQ(slice.select(3, 1).abs().sum().item<float>(), 0);
  EXPECT_GT(slice.select(3, 3).abs().sum().item<float>(), 0);
}

TEST_F(BaselineTest, VolumeFaultsNameTheFile) {
  write_kspace(file_, {2, 20, 18});
  expect_volume_refused(
      "volume.h5: 'kspace' is complex64 (2, 20, 18), expected complex64 (slices, coils, H, W)");
  mask_.pop_back();
  write_kspace(file_);
  expect_volume_refused("'mask' has shape (17,), expected (18,)");
  mask_.push_back(0.5);
  write_kspace(file_);
  expect_volume_refused("'mask' is 0.5 at column 17, expected 0 or 1");
  mask_.back() = 1;
  write_kspace(file_);
  expect_volume_refused("smaller than 24 x 24", {24, Crop::kSlice});
  spoil_kspace_ = true;
  write_kspace(file_);
  expect_volume_refused("volume.h5: slice 1 of 'kspace' holds NaN");
}

TEST_F(BaselineTest, LabelsMustFitTheirVolume) {
  TrainOptions options = small_run();
  write_image(options.data_train[0] / "image/brain_1.h5", 3);
  expect_refused(Code::kCorrupt, "'image_label' has 3 slices, but", [&] {
    PairedDataset(options.data_train, {24, Crop::kZeroPad}, Domain::kKspace).load(0);
  });
  write_image(options.data_train[0] / "image/brain_1.h5", 2, 0);
  expect_refused(Code::kCorrupt, "no attribute 'max' above 0", [&] {
    PairedDataset(options.data_train, {24, Crop::kZeroPad}, Domain::kKspace).load(0);
  });
}

TEST_F(BaselineTest, AVolumeTrainsOnce) {
  const TrainOptions options = small_run();
  const fs::path train = options.data_train[0];
  for (const fs::path& second : {train, options.data_val}) {
    expect_refused(Code::kCorrupt, "a volume of that name is also in " + train.string(), [&] {
      PairedDataset({train, second}, {24, Crop::kZeroPad}, Domain::kKspace);
    });
  }
}

TEST_F(BaselineTest, ABatchLargerThanTheDataIsOneStep) {
  TrainOptions options = small_run();
  options.batch_size = std::numeric_limits<int64_t>::max();
  Trainer(edition_, options).run();
  const formats::Ledger ledger = formats::read_ledger(options.out / "ledger.jsonl");
  ASSERT_EQ(ledger.entries.size(), 4U);  // start, one step, weights, end
  EXPECT_EQ(ledger.entries[1].extra["batch"].size(), 2U);
}

TEST_F(BaselineTest, TrainingTwiceGivesTheSameBytes) {
  for (const Backend backend : {Backend::kLibTorch, Backend::kEngine}) {
    TrainOptions options = small_run();
    const fs::path folder = folder_.path() / (backend == Backend::kEngine ? "engine" : "libtorch");
    options.backend = backend;
    options.epochs = 2;
    options.out = folder / "first";
    Trainer(edition_, options).run();
    options.out = folder / "again";
    Trainer(edition_, options).run();
    for (const char* file : {"checkpoints/last.safetensors", "ledger.jsonl", "val_loss_log.npy"}) {
      EXPECT_EQ(system::read_file(folder / "first" / file), system::read_file(options.out / file))
          << file;
    }
    options.out = folder / "other-seed";
    options.seed = 431;
    Trainer(edition_, options).run();
    EXPECT_NE(system::read_file(folder / "first/ledger.jsonl"),
              system::read_file(options.out / "ledger.jsonl"));
  }
}

TEST_F(BaselineTest, TheLedgerNamesWhoComputes) {
  TrainOptions options = small_run();
  Trainer(edition_, options).run();
  const auto backend_of_start = [&] {
    return formats::read_ledger(options.out / "ledger.jsonl")
        .entries.front()
        .extra.at("backend")
        .get<std::string>();
  };
  EXPECT_EQ(backend_of_start(), "libtorch");
  options.out = folder_.path() / "engine";
  options.backend = Backend::kEngine;
  Trainer(edition_, options).run();
  EXPECT_EQ(backend_of_start(), fmt::format("engine ({})", engine::best_kernels().name));
  // Goes on by the other.
  options.backend = Backend::kLibTorch;
  options.resume = true, options.epochs = 2;
  testing::internal::CaptureStderr();
  Trainer(edition_, options).run();
  EXPECT_NE(testing::internal::GetCapturedStderr().find("and is \"libtorch\" now"),
            std::string::npos);
}

TEST_F(BaselineTest, TheEngineTrainsWhatItKnows) {
  TrainOptions options = small_run();
  options.backend = Backend::kEngine;
  options.sizes = UnetSizes{};
  expect_refused(Code::kUnsupported, "take --backend auto", [&] { Trainer(edition_, options); });
}

TEST_F(BaselineTest, LedgerAndCheckpointLinkUp) {
  const TrainOptions options = small_run();
  Trainer trainer(edition_, options);
  trainer.run();
  const formats::Ledger ledger = formats::read_ledger(options.out / "ledger.jsonl");
  ASSERT_EQ(ledger.entries.size(), 5U);  // start, two steps, weights, end
  EXPECT_TRUE(ledger.ended);
  const formats::SafetensorsReader file(options.out / "checkpoints/last.safetensors");
  const CheckpointInfo info = read_checkpoint_info(file);
  EXPECT_EQ(info.weights_sha256, ledger.entries.back().weights_sha256);
  EXPECT_EQ(info.initial_weights_sha256, ledger.entries.front().weights_sha256);
  EXPECT_EQ(std::get<VarnetSizes>(info.sizes).chans, kTiny.chans);
  EXPECT_EQ(info.epoch, 1);
  EXPECT_EQ(ledger.entries.front().extra["seed"], 430);
  expect_refused(Code::kInvalidArgument, "holds another training run",
                 [&] { Trainer(edition_, options).run(); });
}

TEST_F(BaselineTest, TrainingStopsAtALossThatIsNotFinite) {
  TrainOptions options = small_run();
  options.schedule.base = 1e30;
  expect_refused(Code::kCorrupt, "training stopped at iteration 1: the",
                 [&] { Trainer(edition_, options).run(); });
  EXPECT_EQ(formats::read_ledger(options.out / "ledger.jsonl").entries.size(), 3U);
}

TEST_F(BaselineTest, ASecondTrainingIsRefusedBeforeItReadsTheData) {
  TrainOptions options = small_run();
  options.resume = true;
  const Trainer first(edition_, options);
  fs::remove(options.out / "data.sha256");
  expect_refused(Code::kInvalidArgument, "another training is still writing it",
                 [&] { Trainer(edition_, options); });
  EXPECT_FALSE(fs::exists(options.out / "data.sha256"));
}

TEST_F(BaselineTest, AScanOfHeadersBeginsARunInANewFolder) {
  TrainOptions options = small_run();
  options.scan = Scan::kHeaders;
  Trainer(edition_, options).run();
  options.scan = Scan::kFull, options.resume = true, options.epochs = 2;
  expect_refused(Code::kInvalidArgument, "or --scan is another one",
                 [&] { Trainer(edition_, options).run(); });
}

TEST_F(BaselineTest, AFolderThatCannotBeMadeIsTheCallersFault) {
  TrainOptions options = small_run();
  options.out = folder_.path() / std::string(300, 'a');
  expect_refused(Code::kInvalidArgument, "File name too long", [&] { Trainer(edition_, options); });
  options.out = "/proc/run";
  expect_refused(Code::kInvalidArgument, "/proc/run", [&] { Trainer(edition_, options); });
}

TEST_F(BaselineTest, AResumedTrainingNamesTheStateFromWhichItCame) {
  TrainOptions options = small_run();
  Trainer(edition_, options).run();
  options.resume = true, options.epochs = 2, options.schedule.base = 1e30;
  expect_refused(Code::kCorrupt, "training_state.safetensors (iteration 2)",
                 [&] { Trainer(edition_, options).run(); });
}

TEST_F(BaselineTest, ARunKilledWhileItsLedgerBeganIsBegunAgain) {
  TrainOptions options = small_run();
  Trainer(edition_, options).run();
  const std::string whole = system::read_file(options.out / "ledger.jsonl");
  options.out = folder_.path() / "killed", options.resume = true;
  for (const size_t bytes : {size_t{0}, size_t{40}, whole.find('\n') + 1}) {
    fs::remove_all(options.out);
    fs::create_directory(options.out);
    system::write_file(options.out / "ledger.jsonl", whole.substr(0, bytes));
    Trainer(edition_, options).run();
    EXPECT_EQ(system::read_file(options.out / "ledger.jsonl"), whole) << bytes;
  }
}

TEST_F(BaselineTest, NothingOfAKilledRunStays) {
  TrainOptions options = small_run();
  options.resume = true;
  for (const int64_t epochs : {1, 2}) {  // begun, then gone on with
    options.epochs = epochs;
    const fs::path images = options.out / ".reconstructions_val.partial-AAAAAA";
    system::write_file(images / "brain_1.h5", "half");
    const fs::path state = options.out / "checkpoints/.training_state.safetensors.partial-BBBBBB";
    system::write_file(state, "half");
    Trainer(edition_, options).run();
    EXPECT_FALSE(fs::exists(images));
    EXPECT_FALSE(fs::exists(state));
  }
}

TEST_F(BaselineTest, StatesOfNoTrainingAreRefused) {
  TrainOptions options = small_run();
  Trainer(edition_, options).run();
  options.resume = true, options.epochs = 2;
  const fs::path path = options.out / "checkpoints/training_state.safetensors";
  const std::string whole = system::read_file(path);
  const auto expect = [&](const std::string& from, const std::string& to,
                          const std::string& message) {
    std::string bytes = whole;
    const size_t at = bytes.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    system::write_file(path, bytes.replace(at, from.size(), to));
    expect_refused(Code::kCorrupt, message, [&] { Trainer(edition_, options).run(); });
  };
  expect("\\\"epoch\\\":1", "\\\"epoch\\\":3", "'progress' is of no training");
  expect("\\\"position\\\":0", "\\\"position\\\":x", "metadata 'progress'");
  expect("\\\"position\\\"", "\\\"positiom\\\"", "metadata 'progress'");
  expect(",\\\"config\\\":", ",\\\"confix\\\":", "expected an object with an object 'config'");
}

TEST_F(BaselineTest, PoolingsThatLeaveNoPixelAreRefused) {
  TrainOptions options = small_run();
  options.sizes = VarnetSizes{1, 2, 1, 6};
  expect_refused(Code::kInvalidArgument, "choose fewer --pools",
                 [&] { Trainer(edition_, options).run(); });
}

TEST_F(BaselineTest, OptionsAreChecked) {
  TrainOptions options = small_run();
  options.epochs = 0;
  expect_refused(Code::kInvalidArgument, "--epochs is 0", [&] { Trainer(edition_, options); });
  options.epochs = 1;
  options.sizes = VarnetSizes{1, 5000, 1, 2};
  expect_refused(Code::kInvalidArgument, "chans is 5000", [&] { Trainer(edition_, options); });
}

class CheckpointTest : public BaselineTest {
 protected:
  void SetUp() override {
    Varnet model(kTiny, 24, Crop::kZeroPad);
    CheckpointInfo info;
    info.sizes = kTiny;
    info.edition = "snu-2025";
    info.initial_weights_sha256 = std::string(64, '0');
    save_checkpoint(path_, info, *model);
  }

  /// Replaces text of the header by text of the same length.
  void replace(const std::string& from, const std::string& to) {
    std::string bytes = system::read_file(path_);
    const size_t at = bytes.find(from);
    ASSERT_NE(at, std::string::npos);
    ASSERT_EQ(from.size(), to.size());
    system::write_file(path_, bytes.replace(at, from.size(), to));
  }

  void load() {
    const formats::SafetensorsReader file(path_);
    Varnet model(std::get<VarnetSizes>(read_checkpoint_info(file).sizes), 24, Crop::kZeroPad);
    load_weights(file, *model);
  }

  fs::path path_ = folder_.path() / "w.safetensors";
};

TEST_F(CheckpointTest, RoundTrips) {
  const formats::SafetensorsReader file(path_);
  Varnet model(std::get<VarnetSizes>(read_checkpoint_info(file).sizes), 24, Crop::kZeroPad);
  load_weights(file, *model);
  EXPECT_EQ(weights_sha256(*model), file.require_metadata("weights_sha256"));
}

TEST_F(CheckpointTest, RefusesSizesThatTheTensorsContradict) {
  replace("\"chans\":\"2\"", "\"chans\":\"9\"");
  expect_refused(Code::kCorrupt, "the sizes in the metadata ask for", [&] { load(); });
}

TEST_F(CheckpointTest, TakesAForeignEpochForUnknown) {
  replace("\"epoch\":\"0\"", "\"epoch\":\"x\"");
  expect_refused(Code::kCorrupt, "'epoch' is 'x', expected a number", [&] { load(); });
  replace("\"schema\":", "\"schemb\":");
  load();
}

TEST_F(CheckpointTest, RefusesAbsurdSizes) {
  replace("\"pools\":\"2\"", "\"pools\":\"9\"");
  expect_refused(Code::kCorrupt, "pools is 9, expected 1 to 8", [&] { load(); });
}

TEST_F(CheckpointTest, RefusesOtherTensors) {
  replace("dc_weight", "dc_weighs");
  expect_refused(Code::kCorrupt, "'cascades.0.dc_weighs' belongs to no network", [&] { load(); });
}

TEST_F(CheckpointTest, RefusesOtherSchemas) {
  replace("reconproof.checkpoint", "reconproof.checkpoind");
  expect_refused(Code::kUnsupported, "schema 'reconproof.checkpoind'", [&] { load(); });
}

TEST_F(CheckpointTest, DetectsAlteredWeights) {
  std::string bytes = system::read_file(path_);
  bytes.back() ^= 1;
  system::write_file(path_, bytes);
  expect_refused(Code::kIntegrity, "the file was altered", [&] { load(); });
}

TEST_F(CheckpointTest, ReconstructsEveryCellIntoAFolderThatIsThere) {
  const fs::path data = folder_.path() / "leaderboard", out = folder_.path() / "mounted";
  for (const char* cell : {"acc4", "acc8"}) write_kspace(data / cell / "kspace/brain_test1.h5");
  fs::create_directory(out);
  reconstruct(edition_, path_, data, out, 1);
  for (const char* cell : {"acc4", "acc8"}) {
    const auto file = formats::open_local(out / cell / "brain_test1.h5");
    EXPECT_EQ(file->dataset("reconstruction").shape, (formats::Shape{2, 24, 24}));
    EXPECT_EQ(file->dataset("reconstruction").type_text(), "float32");
  }
  EXPECT_EQ(system::files_below(out).size(), 2U);
  for (const VolumeDifference& difference : compare_reconstructions(edition_, out, out)) {
    EXPECT_EQ(difference.nmse, 0);
  }
}

TEST_F(CheckpointTest, ReconstructWritesNothingWhenACellIsMissing) {
  const fs::path data = folder_.path() / "leaderboard", out = folder_.path() / "out";
  write_kspace(data / "acc4/kspace/brain_test1.h5");
  expect_refused(Code::kNotFound, "acc8", [&] { reconstruct(edition_, path_, data, out, 1); });
  EXPECT_FALSE(fs::exists(out));
}

}  // namespace
}  // namespace reconproof::baseline
