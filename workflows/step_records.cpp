// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/step_records.h"

#include <ctime>

#include "formats/strict_json.h"
#include "system/error.h"
#include "system/files.h"
#include "system/sha256.h"
#include "system/user_secret.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kStepSchema = "reconproof.check-step";
constexpr int64_t kStepVersion = 1;

/// Path and SHA-256 of every file below; links are none, and nothing that is not listed may be
/// there.
json files_json(const fs::path& folder) {
  json files = json::object();
  if (folder.empty()) return files;
  for (const fs::path& file : system::files_below(folder))
    files[file.string()] = system::sha256_file(folder / file);
  return files;
}

json parse(const std::string& text, const fs::path& file) {
  return formats::parse_schema_json(text, file.string(), kStepSchema, kStepVersion);
}

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  char text[32];
  std::strftime(text, sizeof text, "%F %T", &local);
  return text;
}

}  // namespace

StepRecords::StepRecords(fs::path folder, std::string identity, bool fresh)
    : folder_(std::move(folder)), identity_(std::move(identity)) {
  if (fresh) remove();
  try {
    secret_ = system::user_secret();
  } catch (const system::Error& error) {
    unavailable_ = error.what();
  }
}

std::string StepRecords::seal(const json& record) const {
  return system::hmac_sha256_hex(secret_, formats::canonical_json(record));
}

std::optional<json> StepRecords::read(const std::string& step, const std::string& inputs) const {
  std::error_code error;
  if (!unavailable_.empty() || !fs::exists(file(step), error)) return std::nullopt;
  try {
    json record = parse(system::read_file(file(step)), file(step));
    const std::string sealed = record.at("seal");
    record.erase("seal");
    if (sealed != seal(record) || record.at("step") != step || record.at("inputs") != inputs ||
        record.at("identity") != identity_)
      return std::nullopt;
    const std::string folder = record.at("folder");
    if (record.at("files") != files_json(folder)) return std::nullopt;
    return record;
  } catch (const system::Error&) {  // whatever is wrong with it: the step is done again
  } catch (const json::exception&) {
  }
  return std::nullopt;
}

void StepRecords::write(const std::string& step, const std::string& inputs, const json& result,
                        const fs::path& files) const {
  if (!unavailable_.empty()) return;
  json record = {
      {"schema", kStepSchema},    {"schema_version", kStepVersion}, {"step", step},
      {"inputs", inputs},         {"identity", identity_},          {"ended", now_text()},
      {"folder", files.string()}, {"files", files_json(files)},     {"result", result}};
  record["seal"] = seal(record);
  system::make_folders(folder_);
  system::write_file(file(step), formats::canonical_json(record));
}

std::string StepRecords::seal_of(const std::string& step) const {
  std::error_code error;
  if (!fs::exists(file(step), error)) return "";
  try {
    return parse(system::read_file(file(step)), file(step)).value("seal", "");
  } catch (const system::Error&) {
    return "";
  }
}

void StepRecords::remove() const {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

}  // namespace reconproof::workflows
