// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "challenge/edition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "challenge/edition_diff.h"
#include "challenge/edition_view.h"
#include "challenge/finding.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::challenge {
namespace {

using system::Code;
using system::Error;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kHead = R"(schema = "reconproof.edition"
schema_version = 4
id = "test"
title = "Test"
version = 1
image_size = 384
official_name = "{prefix}_test{number}.h5"
official_gpu = "none"
)";
const std::string kScore = R"toml([score]
metric = "masked-map"
order = "number"
format = ".4f"
print = "T : {total}"
)toml";
const std::string kCell = "[[cell]]\nname = \"acc4\"\nfolder = \"acc4\"\n";
const std::string kAnatomy =
    "[[anatomy]]\nprefix = \"brain\"\nmask_threshold = 5e-5\nofficial_volumes = 2\n";

std::string rule_text(const std::string& id, const std::string& more = "") {
  return "[[rule]]\nid = \"" + id +
         "\"\ntext = \"t\"\ntext_ko = \"가\"\nseverity = \"error\"\nremediation = \"r\"\n"
         "remediation_ko = \"나\"\nsource = \"s\"\ncertainty = \"stated\"\n" +
         more;
}
const std::string kRules = rule_text("layout.volumes") + rule_text("layout.shape") +
                           rule_text("layout.float32") + rule_text("values.finite");

Edition edition_of(const std::string& text) { return parse_edition(text, "rules.toml"); }

std::string error_of(const std::string& text) {
  try {
    edition_of(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kCorrupt);
    return error.what();
  }
  return "no error";
}

std::string replaced(std::string text, const std::string& old, const std::string& with) {
  const size_t at = text.find(old);
  if (at == std::string::npos) throw std::logic_error("nothing to replace: " + old);
  return text.replace(at, old.size(), with);
}

TEST(Edition, ReadsAFile) {
  const Edition edition = edition_of(kHead + kScore + kCell + kAnatomy + kRules);
  EXPECT_THAT(edition.official_volumes(), ElementsAre("brain_test1.h5", "brain_test2.h5"));
  EXPECT_EQ(edition.anatomy_of("brain_7.h5")->mask_threshold, 5e-5);
  EXPECT_EQ(edition.ruleset().substr(0, 5), "test@");
  EXPECT_EQ(edition.score.printed(0.97405), "0.9740");
}

TEST(Edition, MessagesNameLineAndKey) {
  EXPECT_THAT(error_of("schema = "), HasSubstr("rules.toml:1: not TOML"));
  EXPECT_THAT(error_of("schema = \"other\"\nschema_version = 4\n"),
              HasSubstr("rules.toml:1: schema: expected \"reconproof.edition\""));
  EXPECT_THAT(error_of("schema = \"reconproof.edition\"\nschema_version = 3\n"),
              HasSubstr("rules.toml:2: schema_version: 3, but this program reads version 4"));
  EXPECT_THAT(error_of(kHead + "colour = 1\n" + kScore + kCell + kAnatomy + kRules),
              HasSubstr("rules.toml:9: colour: unknown key"));
  EXPECT_THAT(error_of(kHead + kCell + kAnatomy), HasSubstr("score: missing table"));
  EXPECT_THAT(error_of(kHead + kScore + kCell), HasSubstr("anatomy: needs at least one"));
  EXPECT_THAT(error_of(kHead + kScore + kAnatomy), HasSubstr("cell: needs at least one"));
  EXPECT_THAT(error_of(kHead + kScore + kCell + kAnatomy + rule_text("layout.shape")),
              HasSubstr("rule: needs the rule 'layout.volumes'"));
}

// One damage after another of a file that is otherwise right: all messages but those about what is
// missing from the whole name the line of the key.
TEST(Edition, NamesTheFaultyKey) {
  const std::string good = kHead + kScore + kCell + kAnatomy + kRules;
  struct FaultyKey {
    const char *old, *with, *message;
  };
  const FaultyKey damages[] = {
      {"id = \"test\"", "id = \"Te st\"", "rules.toml:3: id: 'Te st', expected lower-case"},
      {"title = \"Test\"", "title = \"\"", "rules.toml:4: title: is empty"},
      {"version = 1\nimage", "version = 0\nimage", "rules.toml:5: version: expected 1 or more"},
      {"image_size = 384", "image_size = 6", "rules.toml:6: image_size: expected 7 to 4096"},
      {"{number}.h5", ".h5", "rules.toml:7: official_name: has no {number}"},
      {"{prefix}", "{organ}", "rules.toml:7: official_name: {organ} is neither"},
      {"\"{prefix}", "\"a/{prefix}", "rules.toml:7: official_name: expected a file name"},
      {"masked-map", "best", "rules.toml:10: score.metric: 'best', expected one of masked-map"},
      {"\"number\"", "\"size\"", "rules.toml:11: score.order: 'size', expected one of number"},
      {"\".4f\"", "\"%.4f\"", "rules.toml:12: score.format: expected such as"},
      {"{total}", "{totla}", "rules.toml:13: score.print: {totla} is none of total, acc4"},
      {"{total}", "{ms}", "rules.toml:13: score.print: {ms} is none of total"},
      {"print = \"T : {total}\"", "print = \"\"", "rules.toml:13: score.print: is empty"},
      {"print =", "timed_print = \"{x}\"\nprint =", "rules.toml:13: score.timed_print: {x}"},
      {"print =", "slow_volume_s = 60\nprint =", "score.slow_volume_s: a warning needs its"},
      {"print =", "label_set = \"\"\nprint =", "rules.toml:13: score.label_set: is empty"},
      {"[[cell]]",
       "[score.speed]\nbonus = 1\nfull_ms = 1\nnone_ms = 2\ncertainty = \"stated\"\n"
       "source = \"s\"\n[[cell]]",
       "score.speed: only mask-and-boxes"},
      {"name = \"acc4\"", "name = \"..\"", "rules.toml:15: cell.name: '..' is not a plain folder"},
      {"name = \"acc4\"", "name = 4", "rules.toml:15: cell.name: found a number, expected text"},
      {"folder = \"acc4\"", "folder = \"a/b\"", "rules.toml:16: cell.folder: 'a/b' is not"},
      {"folder = \"acc4\"", "folder = \"acc4\"\nalso = [\"\"]",
       "rules.toml:17: cell.also: holds an empty name"},
      {"mask_threshold = 5e-5", "mask_threshold = -1", "rules.toml:19: anatomy.mask_threshold: -1"},
      {"mask_threshold = 5e-5\n", "", "anatomy.mask_threshold: missing, expected a number"},
      {"volumes = 2", "volumes = -2", "rules.toml:20: anatomy.official_volumes: expected 0"},
      {"\"layout.volumes\"", "\"layout/volumes\"", "rules.toml:22: rule.id: 'layout/volumes'"},
      {"text_ko = \"가\"", "text_ko = \"\"", "rules.toml:24: rule.text_ko: is empty"},
      {"text_ko = \"가\"\n", "", "rule.text_ko: missing, expected text"},
      {"\"error\"", "\"fatal\"", "rules.toml:25: rule.severity: expected error, warning or note"},
      {"\"stated\"", "\"sure\"", "rules.toml:29: rule.certainty: expected stated, derived"},
      {"\"stated\"", "\"stated\"\nlimit = 3", "rules.toml:30: rule.limit: a limit needs its unit"},
      {"\"stated\"", "\"stated\"\nlimit = nan\nunit = \"s\"", "rules.toml:30: rule.limit: nan"},
      {"\"stated\"", "\"stated\"\nlimit = 3\nunit = \"s\"\nlimit_high = 4",
       "rules.toml:32: rule.limit_high: expected no less than limit, of a rule that is uncertain"},
      {"\"stated\"", "\"uncertain\"\nlimit = 3\nunit = \"s\"\nlimit_high = 2",
       "rules.toml:32: rule.limit_high: expected no less than limit"},
      {"\"layout.shape\"", "\"layout.volumes\"",
       "rules.toml:31: rule.id: rule 'layout.volumes' is"},
  };
  for (const FaultyKey& damage : damages) {
    EXPECT_THAT(error_of(replaced(good, damage.old, damage.with)), HasSubstr(damage.message))
        << damage.with;
  }
  EXPECT_EQ(error_of(good), "no error");
}

TEST(Edition, NamesCellsAndAnatomiesThatCollide) {
  const auto cells = [](const std::string& first, const std::string& second) {
    return error_of(kHead + kScore + "[[cell]]\n" + first + "[[cell]]\n" + second + kAnatomy +
                    kRules);
  };
  const std::string a = "name = \"a\"\nfolder = \"a\"\n", b = "name = \"b\"\nfolder = \"b\"\n";
  EXPECT_EQ(cells(a, b), "no error");
  EXPECT_THAT(cells(a, "name = \"a\"\nfolder = \"b\"\n"),
              HasSubstr("rules.toml:18: cell.name: cell 'a' is there twice"));
  EXPECT_THAT(cells(a, "name = \"b\"\nfolder = \"a\"\n"),
              HasSubstr("rules.toml:19: cell.folder: folder 'a' is there twice"));
  EXPECT_THAT(cells(a, "name = \"\"\nfolder = \"b\"\n"),
              HasSubstr("rules.toml:18: cell.name: only a single cell may go without a name"));
  EXPECT_THAT(cells(a, b + "also = [\"a\"]\n"), HasSubstr("cell.also: 'a' is another cell's"));
  EXPECT_THAT(cells(a + "also = [\"b\"]\n", b), HasSubstr("cell.folder: 'b' is another cell's"));
  EXPECT_THAT(cells(a + "also = [\"*\"]\n", b + "also = [\"*\"]\n"),
              HasSubstr("cell.also: '*' is another cell's"));
  EXPECT_THAT(error_of(kHead + kScore + kCell + kAnatomy + kAnatomy + kRules),
              HasSubstr("rules.toml:22: anatomy.prefix: 'brain' is there twice"));
}

TEST(Edition, RefusesASpeedTermThatDoesNotFall) {
  const std::string score = replaced(replaced(kScore, "masked-map", "mask-and-boxes"), "{total}",
                                     "{score} {ssim_full_acc4}");
  const std::string speed =
      "[score.speed]\nbonus = 0.001\nfull_ms = 80\nnone_ms = 2000\ncertainty = \"uncertain\"\n"
      "source = \"s\"\n";
  const std::string good = kHead + score + speed + kCell + kAnatomy + kRules;
  EXPECT_EQ(error_of(good), "no error");
  EXPECT_THAT(error_of(replaced(good, "2000", "80")),
              HasSubstr("rules.toml:17: score.speed.none_ms: 80, expected more than full_ms, 80"));
  EXPECT_THAT(error_of(replaced(good, "0.001", "-1")),
              HasSubstr("rules.toml:15: score.speed.bonus: -1"));
}

TEST(Edition, ReferenceNeedsAGpuAndPlainSizes) {
  const std::string reference =
      "[reference]\nms_per_slice = 87.7\ncascades = 1\nchans = 9\nsens_chans = 4\ncoils = 15\n"
      "rows = 640\ncolumns = 368\ncertainty = \"uncertain\"\nsource = \"s\"\n";
  const std::string good = kHead + kScore + reference + kCell + kAnatomy + kRules;
  ASSERT_EQ(error_of(good), "no error");
  EXPECT_EQ(edition_of(good).reference->network, (VarnetSizes{1, 9, 4, 4}));
  EXPECT_EQ(edition_of(good).reference->coils, 15);
  EXPECT_THAT(error_of(replaced(good, "87.7", "0")),
              HasSubstr("rules.toml:15: reference.ms_per_slice: 0, expected more"));
  EXPECT_THAT(error_of(replaced(good, "coils = 15", "coils = 0")),
              HasSubstr("rules.toml:19: reference.coils: 0, expected 1 to 4096"));
  EXPECT_THAT(error_of(replaced(good, "cascades = 1", "cascades = 99")),
              HasSubstr("rules.toml:16: reference.cascades: cascades is 99"));
  EXPECT_THAT(error_of(replaced(good, "official_gpu = \"none\"", "official_gpu = \"\"")),
              HasSubstr("reference: without an official_gpu"));
}

TEST(Edition, ReadsAFileFromDisk) { EXPECT_THROW(read_edition("not-there.toml"), Error); }

TEST(Edition, UnknownIsAUsageError) {
  try {
    find_edition("snu-1999");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("this version knows: snu-2021, snu-2022"));
  }
}

TEST(Edition, Snu2025) {
  const Edition& edition = find_edition("snu-2025");
  const std::vector<std::string> volumes = edition.official_volumes();
  EXPECT_EQ(volumes.size(), 58u);
  EXPECT_EQ(volumes.front(), "brain_test1.h5");
  EXPECT_EQ(volumes.back(), "knee_test29.h5");
  EXPECT_EQ(edition.anatomy_of("knee_test1.h5")->mask_threshold, 2e-5);
  EXPECT_EQ(edition.rule("time.total").limit, 3600);
}

TEST(Edition, FindsTheAnatomyOfFinalSetNames) {
  const Edition& both = find_edition("snu-2025");
  EXPECT_EQ(both.anatomy_of("final_KNEE_3.h5")->prefix, "knee");
  EXPECT_EQ(both.anatomy_of("Brain-private-1.h5")->prefix, "brain");
  EXPECT_EQ(both.anatomy_of("asbdsaagase.h5"), nullptr);
  EXPECT_EQ(both.anatomy_of("final_knee_or_brain.h5"), nullptr) << "both are named";
  EXPECT_EQ(find_edition("snu-2026").anatomy_of("asbdsaagase.h5")->prefix, "knee");
  EXPECT_EQ(find_edition("nyu-brain").anatomy_of("file_brain_AXT2_200_2000019.h5")->prefix, "");
}

TEST(Edition, AnyOtherFolderIsThePrivateCellOf2024) {
  const Edition& edition = find_edition("snu-2024");
  ASSERT_EQ(edition.cells.size(), 2u);
  EXPECT_THAT(edition.cells[0].also, ElementsAre("acc4", "acc8"));
  EXPECT_EQ(edition.cells[1].name, "private");
  EXPECT_THAT(edition.cells[1].also, ElementsAre("*"));
}

// What the editions fixed, beside the table of the facts' source: a slip of the pen in a rule file
// fails here.
TEST(Edition, HasTheFactsOfItsYear) {
  struct Facts {
    const char* id;
    Metric metric;
    int64_t volumes;
    std::vector<std::string> items;
    bool zero_pads;
  };
  const std::vector<std::string> accs = {"total", "acc4", "acc8"};
  const Facts expected[] = {
      {"snu-2021", Metric::kMaskedMap, 50, {"total"}, false},
      {"snu-2022", Metric::kMaskedMap, 58, {"total"}, false},
      {"snu-2023", Metric::kMaskedMap, 58, accs, false},
      {"snu-2024", Metric::kMaskedMap, 58, {"total", "public", "private"}, false},
      {"snu-2025", Metric::kMaskedMap, 58, accs, true},
      {"snu-2026",
       Metric::kMaskAndBoxes,
       29,
       {"ssim_full", "ssim_full_acc4", "ssim_full_acc8", "ssim_bbox", "ssim_bbox_acc4",
        "ssim_bbox_acc8", "score"},
       true},
      {"nyu-knee", Metric::kVolume, 0, {"mse", "nmse", "psnr", "ssim"}, true},
      {"nyu-brain", Metric::kVolume, 0, {"mse", "nmse", "psnr", "ssim"}, true},
  };
  std::vector<std::string> ids;
  for (const Facts& facts : expected) {
    const Edition& edition = find_edition(facts.id);
    ids.push_back(edition.id);
    EXPECT_EQ(edition.score.metric, facts.metric) << facts.id;
    EXPECT_EQ(edition.official_volume_count(), facts.volumes) << facts.id;
    EXPECT_EQ(edition.item_names(), facts.items) << facts.id;
    EXPECT_EQ(edition.crop_zero_pads, facts.zero_pads) << facts.id;
    EXPECT_EQ(edition.score.format, facts.metric == Metric::kVolume ? ".4g" : ".4f") << facts.id;
    for (const Anatomy& anatomy : edition.anatomies) {
      const double threshold = anatomy.prefix == "brain"  ? 5e-5
                               : anatomy.prefix == "knee" ? 2e-5
                                                          : 0;
      EXPECT_EQ(anatomy.mask_threshold, threshold) << facts.id;
    }
    EXPECT_EQ(edition.find_rule("time.total") != nullptr,
              edition.id == "snu-2024" || edition.id == "snu-2025");
  }
  EXPECT_EQ(edition_ids(), ids);
}

TEST(Edition, UncertainIsNeverSaidToBeSure) {
  const SpeedTerm& speed = find_edition("snu-2026").score.speed.value();
  EXPECT_EQ(speed.certainty, "uncertain");
  EXPECT_EQ(speed.bonus, 0.001);
  EXPECT_EQ(speed.full_ms, 80);
  EXPECT_EQ(speed.none_ms, 2000);
}

TEST(Edition, EverySourceNamesItsYear) {
  for (const std::string& id : edition_ids()) {
    for (const Rule& rule : find_edition(id).rules)
      EXPECT_THAT(rule.source, testing::ContainsRegex("20[12][0-9]")) << id << " " << rule.id;
  }
}

TEST(Edition, KoreanTextsAreKoreanSentences) {
  for (const std::string& id : edition_ids()) {
    for (const Rule& rule : find_edition(id).rules) {
      for (const std::string& text : {rule.text_ko, rule.remediation_ko})
        EXPECT_TRUE(text.ends_with("다.")) << id << " " << rule.id << ": " << text;
      for (const std::string& text : {rule.text, rule.remediation}) {
        EXPECT_TRUE(std::ranges::all_of(text, [](unsigned char c) { return c >= 32 && c < 127; }))
            << id << " " << rule.id << ": " << text;
      }
    }
  }
}

// A limit that is moved in one place only would leave a team with the old number.
TEST(Edition, TextsNameTheLimit) {
  for (const std::string id : {"snu-2024", "snu-2025"}) {
    const Rule& rule = find_edition(id).rule("time.total");
    EXPECT_THAT(rule.text, HasSubstr(fmt::format("{} s", *rule.limit)));
    EXPECT_THAT(rule.text_ko, HasSubstr(fmt::format("{}초", *rule.limit)));
    EXPECT_EQ(find_edition(id).rule("time.official-gpu").limit, rule.limit);
  }
}

TEST(EditionDiff, FindsWhatATeamMustWatch) {
  const std::string text = kHead + kScore + kCell + kAnatomy + kRules +
                           rule_text("time.total", "limit = 3000.0\nunit = \"s\"\n");
  std::string moved = replaced(text, "3000.0", "3600.0");
  moved = replaced(moved, "5e-5", "2e-5");
  moved = replaced(moved, kCell, kCell + "[[cell]]\nname = \"acc8\"\nfolder = \"acc8\"\n");
  moved = replaced(moved, rule_text("layout.float32"),
                   replaced(rule_text("layout.float32"), "\"error\"", "\"note\""));
  moved += rule_text("data.overlap");
  const EditionDiff diff = diff_editions(edition_of(text), edition_of(moved));
  std::vector<std::string> facts, changed;
  for (const FactChange& change : diff.facts) facts.push_back(change.any().key);
  EXPECT_THAT(facts, ElementsAre("cell.acc8", "anatomy.brain", "score.items"));
  for (const RuleChange& change : diff.changed) {
    for (const FieldChange& field : change.fields)
      changed.push_back(change.id + " " + field.field + " " + field.before + " " + field.after);
  }
  EXPECT_THAT(changed,
              ElementsAre("layout.float32 severity error note", "time.total limit 3000 s 3600 s"));
  ASSERT_EQ(diff.added.size(), 1u);
  EXPECT_EQ(diff.added[0].id, "data.overlap");
  EXPECT_THAT(diff.dropped, IsEmpty());
  EXPECT_THAT(diff.unchanged, ElementsAre("layout.volumes", "layout.shape", "values.finite"));

  const EditionDiff back = diff_editions(edition_of(moved), edition_of(text));
  ASSERT_EQ(back.dropped.size(), 1u);
  EXPECT_EQ(back.dropped[0].id, "data.overlap");
  EXPECT_FALSE(back.facts[0].after.has_value());
}

TEST(EditionDiff, OfAnEditionWithItselfIsEmpty) {
  for (const std::string& id : edition_ids())
    EXPECT_TRUE(diff_editions(find_edition(id), find_edition(id)).empty()) << id;
}

// Whatever an edition fixes must be a fact of the comparison, or a change would go unseen.
TEST(EditionDiff, SeesEveryField) {
  const Edition& edition = find_edition("snu-2026");
  const std::function<void(Edition&)> changes[] = {
      [](Edition& e) { e.cells.pop_back(); },
      [](Edition& e) { e.cells[0].folder = "x"; },
      [](Edition& e) { e.cells[0].also = {"x"}; },
      [](Edition& e) { e.anatomies[0].mask_threshold = 1; },
      [](Edition& e) { e.anatomies[0].official_volumes = 40; },
      [](Edition& e) { e.image_size = 320; },
      [](Edition& e) { e.official_name = "{number}.h5"; },
      [](Edition& e) { e.official_gpu = "x"; },
      [](Edition& e) { e.repository_folder = "x"; },
      [](Edition& e) { e.crop_zero_pads = false; },
      [](Edition& e) { e.score.metric = Metric::kMaskedMap; },
      [](Edition& e) { e.score.order = VolumeOrder::kNumber; },
      [](Edition& e) { e.score.label_set = "x"; },
      [](Edition& e) { e.score.format = ".3f"; },
      [](Edition& e) { e.score.print = "x"; },
      [](Edition& e) { e.score.timed_print = "x"; },
      [](Edition& e) { e.score.slow_volume_s = 30; },
      [](Edition& e) { e.score.speed.reset(); },
      [](Edition& e) { e.score.speed->none_ms = 3000; },
      [](Edition& e) { e.reference.reset(); },
      [](Edition& e) { e.reference->ms_per_slice = 1; },
      [](Edition& e) { e.reference->rows = 1; },
      [](Edition& e) { e.rules.pop_back(); },
      [](Edition& e) { e.rules[0].text = "x"; },
      [](Edition& e) { e.rules[0].certainty = "uncertain"; },
      [](Edition& e) { e.rules[0].severity = Severity::kNote; },
      [](Edition& e) { e.rules[0].limit = 3, e.rules[0].unit = "s"; },
      [](Edition& e) {
        for (Rule& rule : e.rules)
          if (rule.limit_high) rule.limit_high = 8;
      },
  };
  for (size_t i = 0; i < std::size(changes); ++i) {
    Edition changed = edition;
    changes[i](changed);
    EXPECT_FALSE(diff_editions(edition, changed).empty()) << "change " << i;
  }
}

TEST(Finding, SurvivesJson) {
  const Edition& edition = find_edition("snu-2025");
  Finding finding = make_finding(edition, edition.rule("time.total"), Status::kFail, "too slow");
  finding.measured = 4000.5;
  finding.evidence = {"a", "b\x1b[31m"};
  const Finding copy = finding_from_json(to_json(finding));
  EXPECT_EQ(to_json(copy), to_json(finding));
  EXPECT_EQ(copy.limit, 3600);
  EXPECT_THROW(finding_from_json({{"rule_id", 3}}), Error);
}

TEST(Finding, ExitCodes) {
  Finding finding;
  finding.status = Status::kPass;
  EXPECT_EQ(exit_code_of({finding}), system::ExitCode::kPass);
  finding.status = Status::kInconclusive;
  EXPECT_EQ(exit_code_of({finding}), system::ExitCode::kInconclusive);
  Finding broken = finding;
  broken.status = Status::kFail;
  EXPECT_EQ(exit_code_of({finding, broken}), system::ExitCode::kRuleBroken);
  broken.severity = Severity::kWarning;
  EXPECT_EQ(exit_code_of({broken}), system::ExitCode::kPass);
}

}  // namespace
}  // namespace reconproof::challenge
