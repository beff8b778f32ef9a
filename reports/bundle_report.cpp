// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A report of a bundle: nothing that is not in it enters, so that the same bundle gives the same
// bytes on every machine.
#include "reports/gather.h"
#include "reports/json_record.h"
#include "submission/bundle/extract.h"
#include "submission/bundle/restore.h"
#include "system/error.h"
#include "system/exit_code.h"
#include "system/files.h"
#include "system/sha256.h"

namespace reconproof::reports {
namespace {

namespace fs = std::filesystem;
using submission::RestoredBundle;
using submission::VerifyResult;
using system::Code;
using system::fail;

constexpr const char* kBagAgain = "`reconproof pack` writes no such bundle";

/// The first problem, since one line has no room for all.
void expect_whole(const VerifyResult& verified, const std::string& name) {
  if (verified.ok()) return;
  const submission::BundleProblem& first = verified.problems.front();
  const size_t more = verified.problems.size() - 1;
  fail(verified.exit_code() == system::ExitCode::kMalformed ? Code::kCorrupt : Code::kIntegrity,
       "{}: {}{}{}: {}; `reconproof verify` tells all of it", name, first.kind,
       first.path.empty() ? "" : " " + shown(first.path),
       more > 0 ? fmt::format(" (and {} more)", more) : "", shown(first.message));
}

BundleRecord record_of(const VerifyResult& verified, const ReportOptions& options,
                       const RestoredBundle& restored) {
  BundleRecord record;
  record.id = verified.id;
  record.files = verified.files;
  record.bytes = verified.bytes;
  record.signers = verified.signers;
  record.keys_given = !options.trust.keys.empty();
  record.checked_by_team = restored.submission.value("checked", false);
  return record;
}

/// As `pack` found it; what is not there stays unknown.
CodeRecord code_of(const nlohmann::json& submission, const std::string& name) {
  CodeRecord code;
  const JsonRecord root(submission, name + ": meta/submission.json: ", kBagAgain);
  const auto part = root.object("code");
  const auto git = part ? part->object("git") : std::nullopt;
  if (!git) return code;
  code.commit = git->text_or_empty("commit");
  code.changed = std::ssize(git->list("changed"));
  code.untracked = std::ssize(git->list("untracked"));
  return code;
}

/// The bundle's manifest names it too, and was found to hold.
WeightsRecord weights_of(const submission::Project& project) {
  const std::string& declared = project.reconstruct_step->weights;
  const fs::path file = project.host(declared);
  std::error_code ignored;
  return {declared, system::sha256_file(file), static_cast<double>(fs::file_size(file, ignored))};
}

/// Those of the manifest, which every byte was held against just now.
KnownHashes hashes_of(const fs::path& bag) {
  constexpr std::string_view kRecon = "data/recon/";
  std::vector<submission::BundleProblem> ignored;  // a bundle with one was refused
  KnownHashes hashes;
  const std::string manifest = system::read_file(bag / submission::kManifestFile);
  for (const auto& [path, sha256] :
       submission::parse_manifest(manifest, submission::kManifestFile, ignored))
    if (path.starts_with(kRecon)) hashes[path.substr(kRecon.size())] = sha256;
  return hashes;
}

}  // namespace

Report load_bundle_report(const fs::path& bundle, const ReportOptions& options) {
  const std::string name = bundle.filename().string();
  const system::TemporaryFolder workspace;
  const fs::path bag = workspace.path() / "bag";
  submission::ExtractOptions extraction;
  extraction.trust = options.trust;
  const VerifyResult verified = submission::extract(bundle, bag, extraction);
  expect_whole(verified, name);
  const RestoredBundle restored = submission::restore(bag, workspace.path() / "root", {}, name);
  CheckRecord check = check_of_bundle(restored.submission, restored.environment, restored.claims,
                                      restored.findings, restored.measured, name);
  check.weights = weights_of(restored.project);
  Report report = gather_report(restored.project, std::move(check), options, hashes_of(bag));
  if (report.reproduction && report.reproduction->bundle_id != verified.id) {
    fail(Code::kIntegrity, "{}: the reproduction is of bundle {}, this one is {}; reproduce it",
         name, shown(report.reproduction->bundle_id), verified.id);
  }
  report.bundle = record_of(verified, options, restored);
  report.code = code_of(restored.submission, name);
  return report;
}

}  // namespace reconproof::reports
