// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/runs/history.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "formats/strict_json.h"
#include "submission/project.h"
#include "submission/runs/run_json.h"
#include "submission/runs/run_log.h"
#include "system/date.h"
#include "system/error.h"

namespace reconproof::submission {

namespace fs = std::filesystem;
using system::Code;
using system::Database;
using system::Statement;
using system::Transaction;

namespace {

constexpr int64_t kApplicationId = 0x52505231;  // "RPR1"
constexpr int64_t kSchemaVersion = 1;

constexpr const char* kHistorySchema = R"sql(
CREATE TABLE runs (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  local INTEGER NOT NULL,
  kind TEXT NOT NULL,
  command TEXT NOT NULL,
  begun_us INTEGER NOT NULL,
  ended_us INTEGER,
  outcome TEXT NOT NULL,
  exit_code INTEGER,
  signal INTEGER,
  wall_s REAL,
  peak_memory_bytes INTEGER,
  peak_gpu_memory_bytes INTEGER,
  best_val_loss REAL,
  epochs_done INTEGER NOT NULL,
  epochs INTEGER NOT NULL,
  log_bytes INTEGER NOT NULL,
  updated_us INTEGER NOT NULL
);
CREATE INDEX runs_by_time ON runs (begun_us, id);
CREATE INDEX runs_that_run ON runs (id) WHERE outcome = 'running' AND local = 1;
CREATE TABLE details (run INTEGER PRIMARY KEY, json TEXT NOT NULL, diff_zlib BLOB);
CREATE TABLE points (
  run INTEGER NOT NULL,
  number INTEGER NOT NULL,
  epoch_end INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  epochs INTEGER NOT NULL,
  iteration INTEGER NOT NULL,
  iterations INTEGER NOT NULL,
  loss REAL,
  val_loss REAL,
  time_s REAL,
  val_time_s REAL,
  not_finite INTEGER NOT NULL,
  at_s REAL NOT NULL,
  PRIMARY KEY (run, number)
) WITHOUT ROWID;
CREATE TABLE notes (
  run INTEGER NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL,
  author TEXT NOT NULL,
  written_us INTEGER NOT NULL,
  PRIMARY KEY (run, id)
) WITHOUT ROWID;
)sql";

constexpr const char* kColumns =
    "key, id, kind, command, begun_us, ended_us, outcome, exit_code, signal, wall_s, "
    "peak_memory_bytes, peak_gpu_memory_bytes, best_val_loss, epochs_done, epochs, log_bytes, "
    "updated_us";

[[noreturn]] void refuse_row(const Database& database, const std::string& id,
                             const std::string& what) {
  system::fail(
      Code::kCorrupt,
      "{}: is damaged (run {}: {}); move it away, `sqlite3 FILE .recover` gets out what is "
      "left",
      database.path().string(), id, what);
}

Run row_of(const Statement& row, const Database& database) {
  Run run;
  run.id = row.text(1);
  run.kind = row.text(2);
  try {
    run.command = nlohmann::json::parse(row.text(3)).get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception&) {
    refuse_row(database, run.id, "its command is no list of texts");
  }
  run.begun_us = row.integer(4);
  run.ended_us = row.optional_integer(5);
  const auto outcome = outcome_from_text(row.text(6));
  if (!outcome) refuse_row(database, run.id, "it has no outcome");
  run.outcome = *outcome;
  run.exit_code = row.optional_integer(7);
  run.signal = row.optional_integer(8);
  run.wall_s = row.optional_real(9);
  run.peak_memory_bytes = row.optional_integer(10);
  run.peak_gpu_memory_bytes = row.optional_integer(11);
  run.best_val_loss = row.optional_real(12);
  run.epochs_done = row.integer(13);
  run.epochs = row.integer(14);
  run.log_bytes = row.integer(15);
  run.updated_us = row.integer(16);
  return run;
}

std::vector<CurvePoint> read_points(Database& database, int64_t key) {
  Statement query(database,
                  "SELECT epoch_end, epoch, epochs, iteration, iterations, loss, val_loss, time_s, "
                  "val_time_s, not_finite, at_s FROM points WHERE run = ? ORDER BY number");
  query.bind(1, key);
  std::vector<CurvePoint> points;
  while (query.step()) {
    CurvePoint& point = points.emplace_back();
    point.epoch_end = query.integer(0) != 0;
    point.epoch = query.integer(1);
    point.epochs = query.integer(2);
    point.iteration = query.integer(3);
    point.iterations = query.integer(4);
    point.loss = query.optional_real(5);
    point.val_loss = query.optional_real(6);
    point.time_s = query.optional_real(7);
    point.val_time_s = query.optional_real(8);
    point.not_finite = query.integer(9) != 0;
    point.at_s = query.real(10);
  }
  return points;
}

void replace_points(Database& database, int64_t key, int64_t first,
                    std::span<const CurvePoint> points) {
  Statement removal(database, "DELETE FROM points WHERE run = ? AND number >= ?");
  removal.bind(1, key).bind(2, first).run();
  Statement insertion(database,
                      "INSERT INTO points VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const CurvePoint& point : points) {
    insertion.bind(1, key)
        .bind(2, first++)
        .bind(3, int64_t{point.epoch_end})
        .bind(4, point.epoch)
        .bind(5, point.epochs)
        .bind(6, point.iteration)
        .bind(7, point.iterations)
        .bind(8, point.loss)
        .bind(9, point.val_loss)
        .bind(10, point.time_s)
        .bind(11, point.val_time_s)
        .bind(12, int64_t{point.not_finite})
        .bind(13, point.at_s)
        .run();
  }
}

std::vector<RunNote> read_notes(Database& database, int64_t key) {
  Statement query(database,
                  "SELECT id, kind, text, author, written_us FROM notes WHERE run = ? "
                  "ORDER BY written_us, id");
  query.bind(1, key);
  std::vector<RunNote> notes;
  while (query.step()) {
    notes.push_back({query.text(0), query.text(1), query.text(2), query.text(3), query.integer(4)});
  }
  return notes;
}

/// True where it is new. Two that differ under one id: the later one, whoever merges.
bool put_note(Database& database, int64_t key, const RunNote& note) {
  Statement insertion(
      database,
      "INSERT INTO notes VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (run, id) DO UPDATE SET "
      "kind = ?3, text = ?4, author = ?5, written_us = ?6 "
      "WHERE (?6, ?3, ?4, ?5) > (written_us, kind, text, author)");
  insertion.bind(1, key)
      .bind(2, note.id)
      .bind(3, note.kind)
      .bind(4, note.text)
      .bind(5, note.author)
      .bind(6, note.written_us)
      .run();
  return database.changes() > 0;
}

/// "WHERE ..." of a filter, with its parameters bound by `bind_filter`.
std::string filter_sql(const RunFilter& filter) {
  std::string sql = " WHERE 1";
  const auto among = [&](const char* column, size_t count) {
    if (count == 0) return;
    sql += fmt::format(" AND {} IN (?", column);
    for (size_t i = 1; i < count; ++i) sql += ", ?";
    sql += ")";
  };
  among("kind", filter.kinds.size());
  among("outcome", filter.outcomes.size());
  if (filter.since_us) sql += " AND begun_us >= ?";
  return sql;
}

void bind_filter(Statement& query, const RunFilter& filter) {
  int parameter = 0;
  for (const std::string& kind : filter.kinds) query.bind(++parameter, kind);
  for (const std::string& outcome : filter.outcomes) query.bind(++parameter, outcome);
  if (filter.since_us) query.bind(++parameter, *filter.since_us);
}

/// What lies in the state folder is no part of anybody's code, and leaves no working tree dirty.
void hide_from_git(const fs::path& state) {
  std::error_code error;
  const fs::path file = state / ".gitignore";
  if (!fs::exists(fs::symlink_status(file, error))) system::write_file(file, "*\n");
}

/// Whether the lock of a run is held; nothing where it cannot be asked.
std::optional<bool> is_locked(const fs::path& file) {
  const system::Descriptor lock(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!lock.valid()) return errno == ENOENT ? std::optional(false) : std::nullopt;
  if (::flock(lock.get(), LOCK_SH | LOCK_NB) == 0) return false;
  return errno == EWOULDBLOCK ? std::optional(true) : std::nullopt;
}

/// Two versions of one run: which of them stands is told by themselves, not by who merges.
bool later(const Run& a, const Run& b) {
  if (a.updated_us != b.updated_us) return a.updated_us > b.updated_us;
  Run left = a, right = b;
  left.notes.clear();
  right.notes.clear();
  return run_line(left) > run_line(right);
}

}  // namespace

std::optional<fs::path> project_above(const fs::path& start) {
  std::error_code error;
  fs::path folder = fs::weakly_canonical(fs::absolute(start, error), error);
  for (;; folder = folder.parent_path()) {
    if (fs::exists(folder / kProjectFile, error)) return folder;
    if (folder == folder.parent_path()) return std::nullopt;
  }
}

std::optional<fs::path> recorded_project(const fs::path& start) {
  const char* wanted = std::getenv("RECONPROOF_HISTORY");
  if (wanted && std::string_view(wanted) == "none") return std::nullopt;
  return project_above(start);
}

fs::path history_root(const fs::path& start) {
  if (const auto project = project_above(start)) return *project;
  std::error_code error;
  const fs::path here = fs::weakly_canonical(fs::absolute(start, error), error);
  for (fs::path folder = here;; folder = folder.parent_path()) {
    if (fs::exists(folder / ".git", error)) return folder;
    if (folder == folder.parent_path()) return here;
  }
}

fs::path History::file_below(const fs::path& root) { return root / kStateFolder / "runs.sqlite"; }

fs::path History::run_folder(const std::string& id) const {
  return root_ / kStateFolder / "runs" / id;
}

History::History(const fs::path& root, Mode mode) : root_(root), writable_(mode != Mode::kRead) {
  const fs::path file = file_below(root_);
  std::error_code error;
  if (mode == Mode::kCreate) {
    system::make_folders(file.parent_path());
    // The file's making is not one step: others wait for it here.
    const system::Descriptor making =
        system::Descriptor(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (making.valid()) ::flock(making.get(), LOCK_EX);
    database_ = std::make_unique<Database>(file, Database::Mode::kCreate);
    if (database_->integer("PRAGMA application_id") == 0) make();
    hide_from_git(file.parent_path());
  } else {
    if (!fs::exists(file, error)) {
      system::fail(
          Code::kNotFound,
          "{}: no history here; `reconproof run -- COMMAND` begins one, --project DIR names "
          "another folder",
          file.string());
    }
    database_ = std::make_unique<Database>(
        file, mode == Mode::kRead ? Database::Mode::kRead : Database::Mode::kWrite);
  }
  check();
}

void History::make() {
  if (database_->integer("SELECT count(*) FROM sqlite_master") != 0) return;  // check() refuses it
  // Readers do not wait for writers; a commit is on the disk when it says so.
  database_->run("PRAGMA journal_mode = WAL");
  Transaction transaction(*database_);
  database_->run(kHistorySchema);
  database_->run(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId,
                             kSchemaVersion)
                     .c_str());
  transaction.commit();
}

void History::check() {
  if (database_->integer("PRAGMA application_id") != kApplicationId) {
    system::fail(Code::kCorrupt,
                 "{}: is no history of runs (another program's SQLite file, or its making was cut "
                 "off); move it away, and a new one is made",
                 database_->path().string());
  }
  const int64_t version = database_->integer("PRAGMA user_version");
  if (version != kSchemaVersion) {
    system::fail(Code::kUnsupported,
                 "{}: a history of version {}, this program knows version {}; use the reconproof "
                 "that wrote it, or `runs export` there and `runs merge` here",
                 database_->path().string(), version, kSchemaVersion);
  }
}

int64_t History::key_of(const std::string& id) {
  Statement query(*database_, "SELECT key FROM runs WHERE id = ?");
  query.bind(1, id);
  return query.step() ? query.integer(0) : 0;
}

void History::insert(const Run& run, bool local) {
  Statement row(
      *database_,
      "INSERT INTO runs (id, local, kind, command, begun_us, outcome, epochs_done, epochs, "
      "log_bytes, updated_us) VALUES (?, ?, '', '[]', 0, 'running', 0, 0, 0, 0)");
  row.bind(1, run.id).bind(2, int64_t{local}).run();
  const int64_t key = database_->last_row();
  write_row(run, key);
  replace_points(*database_, key, 0, run.points);
  for (const RunNote& note : run.notes) put_note(*database_, key, note);
}

void History::write_row(const Run& run, int64_t key) {
  Statement row(
      *database_,
      "UPDATE runs SET kind = ?2, command = ?3, begun_us = ?4, ended_us = ?5, outcome = ?6, "
      "exit_code = ?7, signal = ?8, wall_s = ?9, peak_memory_bytes = ?10, "
      "peak_gpu_memory_bytes = ?11, best_val_loss = ?12, epochs_done = ?13, epochs = ?14, "
      "log_bytes = ?15, updated_us = ?16 WHERE key = ?1");
  row.bind(1, key)
      .bind(2, run.kind)
      .bind(3, nlohmann::json(run.command).dump())
      .bind(4, run.begun_us)
      .bind(5, run.ended_us)
      .bind(6, outcome_text(run.outcome))
      .bind(7, run.exit_code)
      .bind(8, run.signal)
      .bind(9, run.wall_s)
      .bind(10, run.peak_memory_bytes)
      .bind(11, run.peak_gpu_memory_bytes)
      .bind(12, run.best_val_loss)
      .bind(13, run.epochs_done)
      .bind(14, run.epochs)
      .bind(15, run.log_bytes)
      .bind(16, run.updated_us)
      .run();
  Statement details(*database_, "INSERT OR REPLACE INTO details VALUES (?, ?, ?)");
  details.bind(1, key).bind(2, details_json(run).dump());
  if (run.diff_zlib.empty())
    details.bind_null(3);
  else
    details.bind_blob(3, run.diff_zlib);
  details.run();
}

system::Descriptor History::begin(const Run& run) {
  RP_ASSERT(is_random_id(run.id));
  const fs::path folder = run_folder(run.id);
  system::make_folders(folder);
  const fs::path file = folder / "lock";
  system::Descriptor lock(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!lock.valid()) system::fail_errno(Code::kIo, file.string());
  system::try_lock(lock);
  Transaction transaction(*database_);
  insert(run, true);
  transaction.commit();
  return lock;
}

void History::update(const Run& run) {
  Transaction transaction(*database_);
  if (const int64_t key = key_of(run.id))
    write_row(run, key);
  else
    insert(run, true);  // the file was replaced under our feet: our run is not lost
  transaction.commit();
}

void History::write_points(const std::string& id, int64_t first,
                           std::span<const CurvePoint> points) {
  Transaction transaction(*database_);
  if (const int64_t key = key_of(id)) replace_points(*database_, key, first, points);
  transaction.commit();
}

void History::add_note(const std::string& id, const RunNote& note) {
  Transaction transaction(*database_);
  const int64_t key = key_of(id);
  RP_ASSERT(key != 0);
  put_note(*database_, key, note);
  transaction.commit();
}

int64_t History::merge(std::span<const Run> others) {
  Transaction transaction(*database_);
  int64_t added = 0;
  for (const Run& other : others) {
    const int64_t key = key_of(other.id);
    if (key == 0) {
      insert(other, false);
      ++added;
      continue;
    }
    bool is_new = false;
    for (const RunNote& note : other.notes) is_new |= put_note(*database_, key, note);
    if (later(other, load(other.id))) {
      write_row(other, key);
      replace_points(*database_, key, 0, other.points);
      is_new = true;
    }
    added += is_new;
  }
  transaction.commit();
  return added;
}

bool History::merge(const Run& other) { return merge(std::span(&other, 1)) > 0; }

std::vector<Run> History::list(const RunFilter& filter) {
  std::string sql = fmt::format(
      "SELECT {}, (SELECT text FROM notes WHERE run = runs.key AND kind = 'lesson' ORDER BY "
      "written_us DESC, id DESC LIMIT 1) FROM runs{} ORDER BY begun_us DESC, id DESC",
      kColumns, filter_sql(filter));
  if (filter.limit > 0) sql += fmt::format(" LIMIT {}", filter.limit);
  Statement query(*database_, sql);
  bind_filter(query, filter);
  std::vector<Run> runs;
  while (query.step()) {
    runs.push_back(row_of(query, *database_));
    if (!query.is_null(17)) runs.back().notes.push_back({"", "lesson", query.text(17), "", 0});
  }
  return runs;
}

int64_t History::count(const RunFilter& filter) {
  Statement query(*database_, "SELECT count(*) FROM runs" + filter_sql(filter));
  bind_filter(query, filter);
  return query.step() ? query.integer(0) : 0;
}

std::string History::find(const std::string& beginning) {
  if (beginning == "last") {
    const std::string id =
        database_->text("SELECT id FROM runs ORDER BY begun_us DESC, id DESC LIMIT 1");
    if (id.empty())
      system::fail(Code::kNotFound, "{}: holds no run yet", database_->path().string());
    return id;
  }
  if (beginning.size() < 4 ||
      beginning.find_first_not_of("0123456789abcdef") != std::string::npos) {
    system::fail(Code::kUsage,
                 "'{}': expected a run's id, or its first 4 digits or more, or `last`; see "
                 "`reconproof runs list`",
                 beginning);
  }
  Statement query(*database_, "SELECT id FROM runs WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2");
  query.bind(1, beginning);
  if (!query.step()) {
    system::fail(Code::kNotFound, "{}: no run's id begins with '{}'; see `reconproof runs list`",
                 database_->path().string(), beginning);
  }
  const std::string id = query.text(0);
  if (query.step()) {
    system::fail(Code::kUsage, "'{}': {} and {} begin so; give more of its digits", beginning, id,
                 query.text(0));
  }
  return id;
}

Run History::load(const std::string& id) {
  Statement query(*database_, fmt::format("SELECT {} FROM runs WHERE id = ?", kColumns));
  query.bind(1, id);
  if (!query.step()) {
    system::fail(Code::kNotFound, "{}: there is no run {}", database_->path().string(), id);
  }
  const int64_t key = query.integer(0);
  Run run = row_of(query, *database_);
  Statement details(*database_, "SELECT json, diff_zlib FROM details WHERE run = ?");
  details.bind(1, key);
  if (details.step()) {
    const std::string name = fmt::format("{}: run {}", database_->path().string(), id);
    read_details(formats::parse_strict_json(details.text(0), name), run, name);
    run.diff_zlib = details.text(1);
  }
  run.points = read_points(*database_, key);
  run.notes = read_notes(*database_, key);
  return run;
}

std::vector<std::string> History::ids() {
  Statement query(*database_, "SELECT id FROM runs ORDER BY begun_us, id");
  std::vector<std::string> ids;
  while (query.step()) ids.push_back(query.text(0));
  return ids;
}

std::optional<bool> History::lives(const std::string& id) const {
  Statement query(*database_, "SELECT local FROM runs WHERE id = ?");
  query.bind(1, id);
  if (!query.step() || query.integer(0) == 0) return std::nullopt;
  return is_locked(run_folder(id) / "lock");
}

void History::settle() {
  if (!writable_) return;
  std::vector<std::string> gone;
  {
    Statement query(*database_, "SELECT id FROM runs WHERE outcome = 'running' AND local = 1");
    while (query.step()) {
      if (is_locked(run_folder(query.text(0)) / "lock") == false) gone.push_back(query.text(0));
    }
  }
  for (const std::string& id : gone) settle(id);
}

void History::settle(const std::string& id) {
  Transaction transaction(*database_);
  Run run = load(id);
  if (run.outcome != Outcome::kRunning) return;  // it has ended meanwhile, or another one did this
  const size_t written = run.points.size();
  const LogRecovery log = recover_log(log_file(id), run.points);
  run.points.insert(run.points.end(), log.points.begin(), log.points.end());
  if (run.points.size() > kMaxPoints) run.points.resize(kMaxPoints);
  for (const CurvePoint& point : run.points) take_point(run, point);
  run.log_bytes = std::max(run.log_bytes, log.bytes);
  struct stat status {};
  run.ended_us = run.begun_us;
  for (const fs::path& file : {run_folder(id) / "lock", log_file(id)}) {
    if (::stat(file.c_str(), &status) == 0)
      run.ended_us = std::max(
          *run.ended_us, status.st_mtim.tv_sec * int64_t{1000000} + status.st_mtim.tv_nsec / 1000);
  }
  run.wall_s = static_cast<double>(*run.ended_us - run.begun_us) * 1e-6;
  run.outcome = Outcome::kKilled;
  run.message = "it went without a word: killed, or the machine stopped";
  run.updated_us = std::max(run.updated_us + 1, system::now_us());
  const int64_t key = key_of(id);
  write_row(run, key);
  replace_points(*database_, key, static_cast<int64_t>(written),
                 std::span(run.points).subspan(written));
  transaction.commit();
}

}  // namespace reconproof::submission
