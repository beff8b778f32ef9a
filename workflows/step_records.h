// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// What the finished steps of a check gave, so that a check that is cut off goes on where it was.
//
// A record counts only for what it was made from: `identity` stands for everything that a run
// depends on. It is sealed with a secret of this user, since a submission may come with records of
// its own making; files that belong to it are held to their hashes.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

namespace reconproof::workflows {

class StepRecords {
 public:
  /// `fresh`: records of earlier checks are removed. Where this user can keep no secret nothing is
  /// recorded, and `unavailable()` says why.
  StepRecords(std::filesystem::path folder, std::string identity, bool fresh);

  const std::string& unavailable() const { return unavailable_; }

  /// Puts the recorded result of a step into `result`, and says when it ended ("2026-08-01
  /// 12:30:01", local time). Nothing when there is no record, when it was made from something else,
  /// or when it or one of its files was altered. `inputs` is what this step depends on beyond the
  /// identity. read_record(json, Result&) is found by Result's namespace.
  template <typename Result>
  std::optional<std::string> find(const std::string& step, const std::string& inputs,
                                  Result& result) const {
    const auto record = read(step, inputs);
    if (!record) return std::nullopt;
    try {
      Result found;
      read_record(record->at("result"), found);
      result = std::move(found);
      return record->at("ended").template get<std::string>();
    } catch (const nlohmann::json::exception&) {
      return std::nullopt;  // of another version with the same hash: not to be told, so not trusted
    }
  }

  /// Records a step as done. `files`: the folder whose files belong to it; empty: none do.
  template <typename Result>
  void keep(const std::string& step, const std::string& inputs, const Result& result,
            const std::filesystem::path& files = {}) const {
    write(step, inputs, record_of(result), files);
  }

  /// The seal of a step's record: another one for another result. Empty when there is none.
  std::string seal_of(const std::string& step) const;

  /// The check is finished: the next one measures anew.
  void remove() const;

 private:
  std::optional<nlohmann::json> read(const std::string& step, const std::string& inputs) const;
  void write(const std::string& step, const std::string& inputs, const nlohmann::json& result,
             const std::filesystem::path& files) const;
  std::filesystem::path file(const std::string& step) const { return folder_ / (step + ".json"); }
  std::string seal(const nlohmann::json& record) const;

  std::filesystem::path folder_;
  std::string identity_, secret_, unavailable_;
};

}  // namespace reconproof::workflows
