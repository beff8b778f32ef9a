// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "system/sqlite.h"

#include <sqlite3.h>

#include <utility>

#include "system/error.h"

namespace reconproof::system {

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
  const int code = ::sqlite3_prepare_v2(database.database_, sql.data(),
                                        static_cast<int>(sql.size()), &statement_, nullptr);
  if (code != SQLITE_OK) database.fail_of(code);
}

Statement::~Statement() { ::sqlite3_finalize(statement_); }

Statement& Statement::bind(int parameter, int64_t value) {
  RP_ASSERT(::sqlite3_bind_int64(statement_, parameter, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  RP_ASSERT(::sqlite3_bind_double(statement_, parameter, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  const int code = ::sqlite3_bind_text64(statement_, parameter, text.data(), text.size(),
                                         SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) database_.fail_of(code);
  return *this;
}

Statement& Statement::bind_blob(int parameter, std::string_view bytes) {
  const int code =
      ::sqlite3_bind_blob64(statement_, parameter, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) database_.fail_of(code);
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  RP_ASSERT(::sqlite3_bind_null(statement_, parameter) == SQLITE_OK);
  return *this;
}

bool Statement::step() {
  const int code = ::sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  ::sqlite3_reset(statement_);
  if (code != SQLITE_DONE) database_.fail_of(code);
  return false;
}

int64_t Statement::integer(int column) const { return ::sqlite3_column_int64(statement_, column); }
double Statement::real(int column) const { return ::sqlite3_column_double(statement_, column); }

std::string Statement::text(int column) const {
  const void* bytes = ::sqlite3_column_blob(statement_, column);
  const int size = ::sqlite3_column_bytes(statement_, column);
  return bytes ? std::string(static_cast<const char*>(bytes), static_cast<size_t>(size)) : "";
}

bool Statement::is_null(int column) const {
  return ::sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::optional<int64_t> Statement::optional_integer(int column) const {
  return is_null(column) ? std::nullopt : std::optional(integer(column));
}

std::optional<double> Statement::optional_real(int column) const {
  return is_null(column) ? std::nullopt : std::optional(real(column));
}

Database::Database(std::filesystem::path path, Mode mode, double patience_s)
    : path_(std::move(path)) {
  const int flags = mode == Mode::kRead    ? SQLITE_OPEN_READONLY
                    : mode == Mode::kWrite ? SQLITE_OPEN_READWRITE
                                           : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  std::error_code ignored;
  if (mode != Mode::kCreate && !std::filesystem::exists(path_, ignored))
    fail(Code::kNotFound, "{}: there is no such file", path_.string());
  const int code = ::sqlite3_open_v2(path_.c_str(), &database_,
                                     flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (code != SQLITE_OK) {
    // The handle holds the message; it has to be closed even so.
    const std::string message = database_ ? ::sqlite3_errmsg(database_) : "out of memory";
    ::sqlite3_close(database_);
    fail(Code::kIo, "{}: cannot be opened: {}", path_.string(), message);
  }
  ::sqlite3_busy_timeout(database_, static_cast<int>(patience_s * 1e3));
  // A file from elsewhere may hold views and triggers that call functions.
  ::sqlite3_db_config(database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  ::sqlite3_db_config(database_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

Database::~Database() { ::sqlite3_close(database_); }

void Database::run(const char* sql) {
  const int code = ::sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail_of(code);
}

int64_t Database::integer(const char* sql) {
  Statement query(*this, sql);
  return query.step() ? query.integer(0) : 0;
}

std::string Database::text(const char* sql) {
  Statement query(*this, sql);
  return query.step() ? query.text(0) : "";
}

int64_t Database::last_row() const { return ::sqlite3_last_insert_rowid(database_); }
int64_t Database::changes() const { return ::sqlite3_changes64(database_); }

void Database::fail_of(int code) const {
  const std::string message = ::sqlite3_errmsg(database_);
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
    case SQLITE_FORMAT:
      fail(Code::kCorrupt,
           "{}: is damaged ({}); move it away, `sqlite3 FILE .recover` gets out what is left",
           path_.string(), message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      fail(Code::kIo, "{}: another program has kept it locked for too long; try again",
           path_.string());
    default:
      fail(Code::kIo, "{}: {}", path_.string(), message);
  }
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.run("ROLLBACK");
  } catch (const Error&) {
    // SQLite has rolled back by itself.
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

}  // namespace reconproof::system
