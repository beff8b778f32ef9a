// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "formats/npy.h"
#include "formats/tensorboard.h"
#include "submission/runs/circumstances.h"
#include "submission/runs/history.h"
#include "submission/runs/import.h"
#include "submission/runs/run_json.h"
#include "submission/runs/run_log.h"
#include "system/date.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::submission {
namespace {

namespace fs = std::filesystem;
using Record = Run;  // inside a test Run() is a function of gtest
using system::Code;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kStep = "Epoch = [  0/  2] Iter = [   0/  20] Loss = 0.4123 Time = 2.5000s\n";
constexpr const char* kEnd =
    "Epoch = [   0/   2] TrainLoss = 0.41 ValLoss = 0.35 TrainTime = 8.0000s ValTime = 1.5000s\n";

Record sample(int64_t begun_s = 1000) {
  Record run;
  run.id = random_id();
  run.kind = "run";
  run.command = {"sh", "train.sh"};
  run.begun_us = run.updated_us = begun_s * 1000000;
  run.person = "Kim \xEA\xB9\x80";
  run.host = "node";
  run.revision = "0123abcd";
  run.dirty = true;
  const std::string diff = "-old\n+new \xFF bytes\n";
  run.diff_bytes = std::ssize(diff);
  run.diff_zlib = deflate_text(diff);
  run.environment = {{"os", "Debian"}, {"packages", {{"torch", "1.13.1"}}}};
  run.data_manifest_sha256 = std::string(64, 'a');
  run.seeds = {{"train.py:23 seed_fix", "430"}};
  run.deadline_us = 5000000;
  return run;
}

CurvePoint point(int64_t iteration, double loss) {
  CurvePoint point;
  point.epochs = 2;
  point.iteration = iteration;
  point.iterations = 20;
  point.loss = loss;
  point.time_s = 0.5;
  point.at_s = static_cast<double>(iteration);
  return point;
}

RunNote note(const std::string& text, int64_t written_us) {
  return {random_id(), "lesson", text, "Lee", written_us};
}

Code code_of(const std::function<void()>& action, std::string* message = nullptr) {
  try {
    action();
  } catch (const system::Error& error) {
    if (message) *message = error.what();
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return Code::kInternal;
}

std::string exported(History& history) {
  std::string text;
  for (const std::string& id : history.ids()) text += run_line(history.load(id)) + "\n";
  return text;
}

TEST(RunLine, IsReadAsItWasWritten) {
  Record run = sample();
  run.outcome = Outcome::kKilled;
  run.signal = 9;
  run.ended_us = 2000000;
  run.wall_s = 0.1 + 0.2;
  run.peak_memory_bytes = int64_t{1} << 40;
  run.score = {{"total", "0.9876", 0.98761234567}, {"acc4", "n/a", std::nullopt}};
  run.warnings = {"the loss is NaN"};
  run.points = {point(0, 0.5), point(1, 1e-300)};
  run.points[1].not_finite = true;
  run.notes = {note("first", 5), note("second", 6)};
  const std::string line = run_line(run);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const Record again = parse_run_line(line, "line");
  EXPECT_EQ(run_line(again), line);
  EXPECT_EQ(again.points, run.points);
  EXPECT_EQ(again.notes, run.notes);
  EXPECT_EQ(inflate_text(again.diff_zlib, again.diff_bytes, "diff"), "-old\n+new \xFF bytes\n");
}

TEST(RunLine, RefusesWhatItWouldNotWrite) {
  const nlohmann::json good = run_json(sample());
  const std::vector<std::function<void(nlohmann::json&)>> faults = {
      [](auto& j) { j["id"] = "../../etc"; },
      [](auto& j) { j["id"] = std::string(32, 'G'); },
      [](auto& j) { j.erase("kind"); },
      [](auto& j) { j["kind"] = "\x1b[2J"; },
      [](auto& j) { j["more"] = 1; },
      [](auto& j) { j["begun"] = "2026-08-20"; },
      [](auto& j) { j["begun"] = "2026-08-20T18:00+09:00"; },  // not as we write it
      [](auto& j) { j["outcome"] = "won"; },
      [](auto& j) { j["exit_code"] = -1; },
      [](auto& j) { j["exit_code"] = 1.5; },
      [](auto& j) { j["epochs"] = uint64_t{1} << 63; },
      [](auto& j) {
        j["points"] = {{"step", 1}};
      },
      [](auto& j) {
        j["points"] = {{"step", 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr, false, 1e300}};
      },
      [](auto& j) { j["diff"]["bytes"] = 5; },
      [](auto& j) { j["diff"]["bytes"] = int64_t{1} << 40; },
      [](auto& j) { j["diff"]["zlib_base64"] = "AAAA"; },
      [](auto& j) { j["details"]["environment"] = 3; },
      [](auto& j) { j["details"]["data_manifest_sha256"] = "short"; },
      [](auto& j) { j["details"].erase("host"); },
      [](auto& j) {
        j["notes"] = {{{"id", "x"}}};
      },
      [](auto& j) { j["schema_version"] = 2; },
  };
  parse_run_line(good.dump(), "line");
  for (size_t i = 0; i < faults.size(); ++i) {
    nlohmann::json bad = good;
    faults[i](bad);
    const Code code = code_of([&] { parse_run_line(bad.dump(), "line"); });
    EXPECT_TRUE(code == Code::kCorrupt || code == Code::kUnsupported) << i;
  }
  std::string message;
  code_of([] { parse_run_lines("<<<<<<< HEAD\n", "runs.jsonl"); }, &message);
  EXPECT_THAT(message, HasSubstr("runs.jsonl:1: a conflict of git"));
}

TEST(History, KeepsARun) {
  const system::TemporaryFolder folder;
  Record run = sample();
  run.points = {point(0, 0.5)};
  {
    History history(folder.path(), History::Mode::kCreate);
    const system::Descriptor lock = history.begin(run);
    EXPECT_EQ(history.lives(run.id), true);
    run.points.push_back(point(1, 0.25));
    history.write_points(run.id, 1, std::span(run.points).subspan(1));
    run.outcome = Outcome::kSucceeded;
    run.exit_code = 0;
    history.update(run);
    history.add_note(run.id, note("it works", 7));
  }
  History history(folder.path(), History::Mode::kRead);
  Record loaded = history.load(history.find(run.id.substr(0, 6)));
  EXPECT_EQ(loaded.notes.at(0).text, "it works");
  loaded.notes.clear();
  EXPECT_EQ(run_line(loaded), run_line(run));
  EXPECT_EQ(history.find("last"), run.id);
  EXPECT_EQ(system::read_file(folder.path() / ".reconproof/.gitignore"), "*\n");
}

TEST(History, ListsNewestFirstAndFilters) {
  const system::TemporaryFolder folder;
  History history(folder.path(), History::Mode::kCreate);
  std::vector<Record> runs;
  for (int i = 0; i < 5; ++i) {
    runs.push_back(sample(1000 + i));
    runs.back().outcome = i % 2 ? Outcome::kFailed : Outcome::kSucceeded;
    runs.back().kind = i == 4 ? "score" : "run";
  }
  runs[3].notes = {note("older", 1), note("newer", 2)};
  EXPECT_EQ(history.merge(runs), 5);
  const auto listed = history.list({});
  ASSERT_THAT(listed, SizeIs(5));
  EXPECT_EQ(listed[0].id, runs[4].id);
  EXPECT_EQ(listed[1].notes.at(0).text, "newer");
  EXPECT_THAT(history.list({{"score"}, {}, {}, 0}), SizeIs(1));
  EXPECT_THAT(history.list({{}, {"failed"}, {}, 0}), SizeIs(2));
  EXPECT_THAT(history.list({{}, {"failed", "succeeded"}, 1003 * int64_t{1000000}, 0}), SizeIs(2));
  EXPECT_THAT(history.list({{}, {}, {}, 3}), SizeIs(3));
  EXPECT_EQ(history.count({{}, {"failed"}, {}, 1}), 2);
}

TEST(History, FindsByABeginningThatIsUnique) {
  const system::TemporaryFolder folder;
  History history(folder.path(), History::Mode::kCreate);
  EXPECT_EQ(code_of([&] { history.find("last"); }), Code::kNotFound);
  Record a = sample(), b = sample();
  a.id = "abcd" + std::string(28, '0');
  b.id = "abcd" + std::string(28, 'f');
  history.merge(std::vector<Record>{a, b});
  EXPECT_EQ(history.find("abcdf"), b.id);
  EXPECT_EQ(code_of([&] { history.find("abcd"); }), Code::kUsage);
  EXPECT_EQ(code_of([&] { history.find("abc"); }), Code::kUsage);
  EXPECT_EQ(code_of([&] { history.find("../x"); }), Code::kUsage);
  EXPECT_EQ(code_of([&] { history.find("beef"); }), Code::kNotFound);
}

TEST(History, RefusesWhatIsNotItsOwn) {
  const system::TemporaryFolder folder;
  const fs::path file = History::file_below(folder.path());
  const auto code = [&] { return code_of([&] { History(folder.path(), History::Mode::kWrite); }); };
  EXPECT_EQ(code(), Code::kNotFound);
  system::make_folders(file.parent_path());
  system::write_file(file, std::string(4096, 'x'));
  EXPECT_EQ(code(), Code::kCorrupt);
  EXPECT_EQ(code_of([&] { History(folder.path(), History::Mode::kCreate); }), Code::kCorrupt);
  fs::remove(file);
  system::Database(file, system::Database::Mode::kCreate).run("CREATE TABLE theirs (a)");
  EXPECT_EQ(code_of([&] { History(folder.path(), History::Mode::kCreate); }), Code::kCorrupt);
  fs::remove(file);
  History(folder.path(), History::Mode::kCreate);
  system::Database(file, system::Database::Mode::kWrite).run("PRAGMA user_version = 2");
  EXPECT_EQ(code(), Code::kUnsupported);
}

TEST(History, SettlesWhatWentWithoutAWord) {
  const system::TemporaryFolder folder;
  History history(folder.path(), History::Mode::kCreate);
  Record alive = sample(), gone = sample();
  const system::Descriptor held = history.begin(alive);
  gone.begun_us = system::now_us();
  { const system::Descriptor released = history.begin(gone); }
  std::vector<CurvePoint> written;
  {
    RunLog log(history.log_file(gone.id));
    log.write(std::string(kStep) + kEnd + "Epoch = [  1/  2] Iter = [   0/  20] Loss = 0.");
    challenge::TrainingLogReader reader(
        [&](const auto& line) { written.push_back(curve_point(line, 3)); });
    reader.add(kStep);
    history.write_points(gone.id, 0, written);
  }
  history.settle();
  EXPECT_EQ(history.load(alive.id).outcome, Outcome::kRunning);
  const Record settled = history.load(gone.id);
  EXPECT_EQ(settled.outcome, Outcome::kKilled);
  EXPECT_GE(*settled.ended_us, settled.begun_us);
  // The line that was cut off tells nothing; when the recovered one came is known from the log.
  ASSERT_THAT(settled.points, SizeIs(2));
  EXPECT_EQ(settled.points[0].at_s, 3);
  EXPECT_EQ(settled.points[1].at_s, 4.5);
  EXPECT_EQ(settled.best_val_loss, 0.35);
  EXPECT_EQ(settled.epochs_done, 1);
  // A run that was taken for killed, and was not, says so itself in the end.
  gone.outcome = Outcome::kSucceeded;
  history.update(gone);
  history.settle();
  EXPECT_EQ(history.load(gone.id).outcome, Outcome::kSucceeded);
}

// A teammate's run that still runs is not ours to judge.
TEST(History, LeavesRunsOfOthersAlone) {
  const system::TemporaryFolder folder;
  History history(folder.path(), History::Mode::kCreate);
  const Record theirs = sample();
  history.merge(theirs);
  history.settle();
  EXPECT_EQ(history.load(theirs.id).outcome, Outcome::kRunning);
  EXPECT_EQ(history.lives(theirs.id), std::nullopt);
}

TEST(Merge, IsTheSameInEitherOrder) {
  const system::TemporaryFolder first, second;
  History a(first.path(), History::Mode::kCreate), b(second.path(), History::Mode::kCreate);
  Record shared = sample(1000);
  shared.notes = {note("both have it", 1)};
  Record later = shared;
  later.outcome = Outcome::kSucceeded;
  later.updated_us += 5;
  later.points = {point(0, 0.5)};
  later.notes.push_back(note("B learnt", 3));
  Record early = shared;
  early.notes.push_back(note("A learnt", 2));
  early.points = {point(0, 0.5), point(1, 0.4)};
  // Two that were changed at one moment: neither side wins by merging last.
  Record left = sample(3000), right = left;
  right.outcome = Outcome::kAbandoned;
  a.merge(std::vector<Record>{early, sample(2000), left});
  b.merge(std::vector<Record>{sample(500), later, right});
  const std::string of_a = exported(a), of_b = exported(b);
  EXPECT_EQ(a.merge(parse_run_lines(of_b, "b")), 2);  // of `left` and `right` ours stands
  EXPECT_GT(b.merge(parse_run_lines(of_a, "a")), 0);
  EXPECT_EQ(exported(a), exported(b));
  EXPECT_EQ(a.merge(parse_run_lines(of_b, "b")), 0);  // nothing is new any more
  const Record merged = a.load(shared.id);
  EXPECT_EQ(merged.outcome, Outcome::kSucceeded);
  EXPECT_THAT(merged.points, SizeIs(1));
  ASSERT_THAT(merged.notes, SizeIs(3));
  EXPECT_EQ(merged.notes[1].text, "A learnt");
  EXPECT_EQ(merged.notes[2].text, "B learnt");
}

TEST(RunLogFile, KeepsBeginningAndEnd) {
  const system::TemporaryFolder folder;
  const fs::path file = folder.path() / "log";
  RunLog log(file, {100, 50});
  std::string all;
  for (int i = 0; i < 1000; ++i) {
    const std::string line = fmt::format("line {}\n", i);
    log.write(line);
    all += line;
  }
  EXPECT_EQ(log.bytes(), std::ssize(all));
  EXPECT_EQ(log.failure(), "");
  std::string kept;
  read_log(file, [&](std::string_view bytes) { kept += bytes; });
  EXPECT_TRUE(kept.starts_with(all.substr(0, 100) + "\n[... "));
  EXPECT_THAT(kept, HasSubstr(" bytes left out ...]\n"));
  EXPECT_TRUE(kept.ends_with(all.substr(all.size() - 50)));
  EXPECT_LT(kept.size(), 300U);
}

// Points that were written stand at their place; what the end of a long log tells follows them.
TEST(RunLogFile, IsRecoveredWhereItsMiddleIsLeftOut) {
  const system::TemporaryFolder folder;
  const fs::path file = folder.path() / "log";
  const auto line = [](int i) {
    return fmt::format("Epoch = [  0/  1] Iter = [{:4d}/ 100] Loss = 0.5 Time = 1.0000s\n", i);
  };
  std::vector<CurvePoint> known;
  challenge::TrainingLogReader reader(
      [&](const auto& found) { known.push_back(curve_point(found, 7)); });
  RunLog log(file, {200, 200});
  for (int i = 0; i < 100; ++i) {
    log.write(line(i));
    if (i < 98) reader.add(line(i));
  }
  const LogRecovery recovery = recover_log(file, known);
  ASSERT_THAT(recovery.points, SizeIs(2));
  EXPECT_EQ(recovery.points[1].iteration, 99);
  EXPECT_EQ(recovery.points[1].at_s, 9);
  EXPECT_EQ(recovery.bytes, log.bytes());
}

TEST(Import, ReadsTheOfficialRecord) {
  const system::TemporaryFolder folder;
  const fs::path file = folder.path() / "val_loss_log.npy";
  const std::vector<double> values = {0, 0.5, 1, 0.25, 2, NAN};
  formats::write_npy(file, formats::Shape{3, 2}, std::span<const double>(values));
  const Record run = import_runs(file).at(0);
  EXPECT_EQ(run.best_val_loss, 0.25);
  ASSERT_THAT(run.points, SizeIs(3));
  EXPECT_TRUE(run.points[2].not_finite);
  EXPECT_EQ(run.imported_from, "val_loss_log.npy");
  EXPECT_EQ(import_runs(file).at(0).id, run.id);
  formats::write_npy(file, formats::Shape{6}, std::span<const double>(values));
  EXPECT_EQ(code_of([&] { import_runs(file); }), Code::kCorrupt);
}

TEST(Import, ReadsALogThatStopsEarly) {
  const system::TemporaryFolder folder;
  const fs::path file = folder.path() / "train.log";
  system::write_file(file, std::string("loading, please wait\n") + kStep + kEnd);
  const Record run = import_runs(file).at(0);
  EXPECT_EQ(run.outcome, Outcome::kKilled);
  EXPECT_EQ(run.epochs_done, 1);
  EXPECT_EQ(run.wall_s, 4);
}

TEST(Import, ReadsTablesOfWandb) {
  const system::TemporaryFolder folder;
  const fs::path file = folder.path() / "wandb.csv";
  system::write_file(
      file,
      "\"Step\",\"moon-1 - val_loss\",\"moon-1 - val_loss__MIN\",\"sun-2 - train_loss\"\n"
      "\"0\",\"0.5\",\"0.1\",\"\"\n\"1\",\"0.25\",\"0.1\",\"NaN\"\n");
  const std::vector<Record> runs = import_runs(file);
  ASSERT_THAT(runs, SizeIs(2));
  EXPECT_THAT(runs[0].command, ElementsAre("wandb.csv", "moon-1"));
  EXPECT_EQ(runs[0].best_val_loss, 0.25);
  EXPECT_TRUE(runs[1].points.at(0).not_finite);
  system::write_file(file, "Step,val_loss\n1e300,0.5\n");
  EXPECT_EQ(code_of([&] { import_runs(file); }), Code::kCorrupt);
  system::write_file(file, "Step,accuracy\n1,0.5\n");
  EXPECT_EQ(code_of([&] { import_runs(file); }), Code::kCorrupt);
}

TEST(Circumstances, FindSeeds) {
  const system::TemporaryFolder folder;
  system::write_file(folder.path() / "train.py",
                     "# seed_fix(1)\nparser.add_argument('--seed', type=int, default=430)\n"
                     "torch.manual_seed(7)\nseed_fix(args.seed)\n");
  const std::vector<FoundSeed> seeds =
      find_seeds(folder.path(), {"python", "train.py", "--seed", "42"});
  EXPECT_THAT(seeds,
              ElementsAre(FoundSeed{"command --seed", "42"}, FoundSeed{"train.py:2 --seed", "430"},
                          FoundSeed{"train.py:3 manual_seed", "7"}));
}

TEST(Circumstances, ListPackagesOfTheInterpreterThatIsNamed) {
  const system::TemporaryFolder folder;
  const fs::path packages = folder.path() / "lib/python3.11/site-packages";
  for (const char* name : {"torch-2.1.0+cu121.dist-info", "scikit_image-0.20.0.dist-info",
                           "h5py-3.7.0-py3.11.egg-info", "other-1.dist-info", "numpy"})
    system::make_folders(packages / name);
  const auto found = installed_packages({"torch", "scikit-image", "h5py", "numpy"},
                                        {(folder.path() / "bin/python3").string(), "train.py"});
  EXPECT_THAT(found, ElementsAre(std::pair("h5py", "3.7.0"), std::pair("scikit-image", "0.20.0"),
                                 std::pair("torch", "2.1.0+cu121")));
}

TEST(Circumstances, TextsBecomeUtf8) {
  EXPECT_EQ(utf8_text("a\xFF\x1b"), "a\xEF\xBF\xBD\x1b");
  EXPECT_EQ(utf8_text("abc", 2), "ab");
}

TEST(HistoryRoot, IsTheProjectElseTheRepository) {
  const system::TemporaryFolder folder;
  const fs::path root = fs::canonical(folder.path());
  fs::create_directories(root / "code/deep");
  EXPECT_EQ(project_above(root / "code/deep"), std::nullopt);
  EXPECT_EQ(recorded_project(root / "code/deep"), std::nullopt);
  EXPECT_EQ(history_root(root / "code/deep"), root / "code/deep");
  fs::create_directory(root / ".git");
  EXPECT_EQ(history_root(root / "code/deep"), root);
  system::write_file(root / "code/reconproof.toml", "");
  EXPECT_EQ(history_root(root / "code/deep"), root / "code");
  EXPECT_EQ(recorded_project(root / "code/deep"), root / "code");
  ::setenv("RECONPROOF_HISTORY", "none", 1);
  EXPECT_EQ(recorded_project(root / "code/deep"), std::nullopt);
  ::unsetenv("RECONPROOF_HISTORY");
}

}  // namespace
}  // namespace reconproof::submission
