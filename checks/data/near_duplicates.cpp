// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/data/near_duplicates.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "challenge/dataset/fingerprint_sketch.h"
#include "checks/families.h"
#include "system/terminal.h"

namespace reconproof::checks {

using challenge::Detail;
using challenge::Finding;
using challenge::likeness;
using challenge::Rule;
using challenge::SliceFingerprint;
using challenge::SliceMatch;
using challenge::SliceMatcher;
using challenge::SliceSketch;
using challenge::Status;

namespace {

/// Training slices that are compared in full with each leaderboard slice: those whose sketches are
/// most like its own. On real brains the true one is the first in all but the smallest crops.
constexpr size_t kCandidates = 16;
constexpr size_t kKeptMatchers = 512;  // of 100 KB

// Thresholds, measured on real heads and phantoms (docs/leaks.md). With less detail, different
// heads look more alike.
struct Threshold {
  double detail, copy, neighbour;
};
constexpr std::array<Threshold, 4> kThresholds = {
    {{0.03, 0.985, 0.97}, {0.167, 0.955, 0.90}, {0.32, 0.91, 0.75}, {0.6, 0.82, 0.67}}};

/// What tells two heads apart: cells in common, times the detail. An image of 64 x 64 pixels has
/// 100.
double evidence(const SliceMatch& match) { return match.cells * match.detail; }
constexpr double kLeastEvidence = 50;  // with less there is no verdict

/// What is added to a threshold: `at_least` from `least` evidence down, nothing at `full`.
struct Allowance {
  double least, full, at_least;
  double of(double evidence) const {
    return at_least * std::clamp((full - evidence) / (full - least), 0.0, 1.0);
  }
};
constexpr Allowance kScarce = {kLeastEvidence, 110, 0.02};  // more likeness is asked for
constexpr Allowance kAmple = {900, 500, -0.07};             // less, where the detail is full
constexpr double kFullDetail = kThresholds.back().detail;

double base_threshold(double detail, double Threshold::*value) {
  if (detail <= kThresholds.front().detail) return kThresholds.front().*value;
  for (size_t i = 1; i < kThresholds.size(); ++i) {
    const Threshold &low = kThresholds[i - 1], &high = kThresholds[i];
    if (detail > high.detail) continue;
    const double part = std::log(detail / low.detail) / std::log(high.detail / low.detail);
    return low.*value + part * (high.*value - low.*value);
  }
  return kThresholds.back().*value;
}

double threshold(const SliceMatch& match, double Threshold::*value) {
  const double seen = evidence(match);
  return base_threshold(match.detail, value) + kScarce.of(seen) +
         (match.detail >= kFullDetail ? kAmple.of(seen) : 0);
}

/// How far above the threshold; slices seen in several ways are judged by the best of them.
double margin(const SliceMatch& match) { return match.similarity - copy_threshold(match); }

bool neighbours(const SliceMatch& match) {
  return match.similarity >= neighbour_threshold(match) && evidence(match) >= kLeastEvidence;
}

/// What two prints have in common, where `b` is turned by a quarter or not.
Detail common(const SliceFingerprint& a, const SliceFingerprint& b, bool crossed) {
  return {std::min(a.row_cycles, crossed ? b.column_cycles : b.row_cycles),
          std::min(a.column_cycles, crossed ? b.row_cycles : b.column_cycles)};
}

/// The sketches of one print, by detail.
class Sketches {
 public:
  explicit Sketches(const SliceFingerprint& print) : print_(print) {}
  const SliceSketch& at(Detail detail) {
    const auto [entry, fresh] = known_.try_emplace(detail);
    if (fresh) entry->second = challenge::sketch(print_, detail);
    return entry->second;
  }

 private:
  const SliceFingerprint& print_;
  std::map<Detail, SliceSketch> known_;
};

float sketch_likeness(Sketches& a, const SliceFingerprint& print_a, Sketches& b,
                      const SliceFingerprint& print_b) {
  const Detail straight = common(print_a, print_b, false), crossed = common(print_a, print_b, true);
  const float likest = likeness(a.at(straight), b.at(straight));
  if (straight == crossed && crossed.rows == crossed.columns) return likest;
  return std::max(likest, likeness(a.at(crossed), b.at({crossed.columns, crossed.rows})));
}

/// Keeps the `kCandidates` likest.
class Candidates {
 public:
  void offer(float like, size_t index) {
    if (heap_.size() == kCandidates && like <= heap_.front().first) return;
    if (heap_.size() == kCandidates) {
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
      heap_.pop_back();
    }
    heap_.emplace_back(like, index);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }
  const std::vector<std::pair<float, size_t>>& kept() const { return heap_; }

 private:
  std::vector<std::pair<float, size_t>> heap_;
};

}  // namespace

double copy_threshold(const SliceMatch& match) { return threshold(match, &Threshold::copy); }
double neighbour_threshold(const SliceMatch& match) {
  return threshold(match, &Threshold::neighbour);
}

/// A leaderboard slice and a training slice, each seen as k-space or label, whichever tells most.
struct NearDuplicateFinder::Pair {
  const Entry *leaderboard, *training;
  SliceMatch match;
  bool copy = false;
};

struct NearDuplicateFinder::Search {
  const std::vector<Entry>&leaderboard, &training;

  /// Indices of training and leaderboard entries to be compared in full, by training entry.
  std::vector<std::pair<size_t, size_t>> choose() const {
    std::vector<Sketches> sketches;
    for (const Entry& entry : leaderboard) sketches.emplace_back(entry.print);
    std::vector<Candidates> candidates(leaderboard.size());
    system::Progress progress("sketching slices", static_cast<int64_t>(training.size()));
    for (size_t t = 0; t < training.size(); ++t) {
      Sketches mine(training[t].print);
      for (size_t l = 0; l < leaderboard.size(); ++l) {
        candidates[l].offer(
            sketch_likeness(sketches[l], leaderboard[l].print, mine, training[t].print), t);
      }
      progress.advance();
    }
    std::vector<std::pair<size_t, size_t>> chosen;
    for (size_t l = 0; l < leaderboard.size(); ++l)
      for (const auto& [like, t] : candidates[l].kept()) chosen.emplace_back(t, l);
    std::sort(chosen.begin(), chosen.end());
    return chosen;
  }

  /// The likest views of each pair of slices that may be more than strangers.
  std::vector<Pair> compare() const {
    const auto chosen = choose();
    std::unordered_map<size_t, SliceMatcher> known;  // of the leaderboard
    std::map<std::tuple<std::string, int64_t, std::string, int64_t>, Pair> pairs;
    std::optional<SliceMatcher> current;
    system::Progress progress("comparing slices", static_cast<int64_t>(chosen.size()));
    for (size_t i = 0; i < chosen.size(); ++i) {
      const auto [t, l] = chosen[i];
      if (i == 0 || chosen[i - 1].first != t) current.emplace(training[t].print);
      if (known.size() > kKeptMatchers) known.clear();
      const SliceMatcher& mine = known.try_emplace(l, leaderboard[l].print).first->second;
      const Pair pair{&leaderboard[l], &training[t], mine.match(*current)};
      progress.advance();
      if (!neighbours(pair.match)) continue;
      const auto [entry, fresh] =
          pairs.try_emplace({pair.leaderboard->volume, pair.leaderboard->index,
                             pair.training->volume, pair.training->index},
                            pair);
      if (!fresh && margin(pair.match) > margin(entry->second.match)) entry->second = pair;
    }
    std::vector<Pair> found;
    for (const auto& [key, pair] : pairs) found.push_back(pair);
    return found;
  }

  /// Copies: alike enough, and no other slice of the two volumes is
  /// more alike to either.
  static void mark_copies(std::vector<Pair>& pairs) {
    using Slice = std::tuple<const std::string&, int64_t, const std::string&>;
    std::map<Slice, double> best;
    const auto key = [](const Entry& slice, const Entry& other) {
      return Slice(slice.volume, slice.index, other.volume);
    };
    const auto note = [&](const Entry& slice, const Entry& other, double value) {
      const auto [entry, fresh] = best.try_emplace(key(slice, other), value);
      entry->second = std::max(entry->second, value);
    };
    for (const Pair& pair : pairs) {
      note(*pair.leaderboard, *pair.training, margin(pair.match));
      note(*pair.training, *pair.leaderboard, margin(pair.match));
    }
    for (Pair& pair : pairs) {
      const double mine = margin(pair.match);
      pair.copy = mine >= 0 && mine >= best.at(key(*pair.leaderboard, *pair.training)) &&
                  mine >= best.at(key(*pair.training, *pair.leaderboard));
    }
  }
};

void NearDuplicateFinder::add(const VisitedSlice& slice, std::vector<Entry>& entries) {
  const formats::Shape& shape = slice.shape;
  Entry entry{slice.volume, slice.place, slice.index,
              slice.kspace.empty()
                  ? challenge::fingerprint_image(slice.image, shape[0], shape[1])
                  : challenge::fingerprint_kspace(slice.kspace, shape[0], shape[1], shape[2])};
  if (!entry.print.empty()) entries.push_back(std::move(entry));
}

void NearDuplicateFinder::add_leaderboard(const VisitedSlice& slice) { add(slice, leaderboard_); }
void NearDuplicateFinder::add_training(const VisitedSlice& slice) { add(slice, training_); }

NearDuplicateResult NearDuplicateFinder::find() const {
  NearDuplicateResult result;
  const auto distinct = [](const std::vector<Entry>& entries) {
    std::set<std::pair<std::string, int64_t>> slices;
    for (const Entry& entry : entries) slices.emplace(entry.volume, entry.index);
    return static_cast<int64_t>(slices.size());
  };
  result.leaderboard_slices = distinct(leaderboard_);
  result.training_slices = distinct(training_);
  std::vector<Pair> pairs = Search{leaderboard_, training_}.compare();
  Search::mark_copies(pairs);
  // Of each leaderboard slice and training volume the likest is told, copies before neighbours.
  std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
    return std::pair(!a.copy, -margin(a.match)) < std::pair(!b.copy, -margin(b.match));
  });
  std::set<std::tuple<std::string, int64_t, std::string>> told;
  for (const Pair& pair : pairs) {
    if (!told.emplace(pair.leaderboard->volume, pair.leaderboard->index, pair.training->volume)
             .second)
      continue;
    result.found.push_back({pair.training->place, pair.leaderboard->place,
                            pair.copy ? Likeness::kCopy : Likeness::kNeighbour, pair.match});
  }
  std::stable_sort(result.found.begin(), result.found.end(),
                   [](const NearDuplicate& a, const NearDuplicate& b) {
                     return std::tie(a.likeness, a.training) < std::tie(b.likeness, b.training);
                   });
  return result;
}

int64_t NearDuplicateResult::count(Likeness likeness) const {
  return std::count_if(found.begin(), found.end(),
                       [&](const NearDuplicate& near) { return near.likeness == likeness; });
}

std::string NearDuplicate::text() const {
  return fmt::format("{} {} {} (similarity {:.2f}, {})", training,
                     likeness == Likeness::kCopy ? "=" : "is a neighbour of", leaderboard,
                     match.similarity, match.transformation());
}

Finding check_near_duplicates(const Facts& facts, const Rule& rule) {
  const auto inconclusive = [&](const std::string& why) {
    return challenge::make_finding(facts.edition, rule, Status::kInconclusive, why);
  };
  if (!facts.near_duplicates) return inconclusive(facts.overlap_absent_reason);
  const NearDuplicateResult& near = *facts.near_duplicates;
  const int64_t copies = near.count(Likeness::kCopy), neighbours = near.count(Likeness::kNeighbour);
  if (copies == 0) {
    if (near.training_slices == 0) return inconclusive("there is no training slice to compare");
    if (!facts.overlap_absent_reason.empty()) return inconclusive(facts.overlap_absent_reason);
    if (near.leaderboard_slices == 0)
      return inconclusive("there is no leaderboard slice to compare with");
  }
  std::string message =
      copies > 0 ? "training data holds leaderboard slices, changed or not"
                 : fmt::format(
                       "none of {} training slices shows what one of {} leaderboard slices "
                       "shows",
                       near.training_slices, near.leaderboard_slices);
  if (copies == 0 && neighbours > 0) {
    message += fmt::format(
        "; look at {} that could be of a leaderboard subject, though: none fails for that alone",
        neighbours);
  }
  Finding finding = challenge::make_finding(facts.edition, rule,
                                            copies > 0 ? Status::kFail : Status::kPass, message);
  finding.measured = static_cast<double>(copies);
  finding.unit = "slices";
  for (const NearDuplicate& item : near.found) finding.evidence.push_back(item.text());
  return finding;
}

}  // namespace reconproof::checks
