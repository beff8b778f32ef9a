// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// SQLite's C interface, with owners and errors. What is wrong with a file is kCorrupt, what the
// machine does not let us do is kIo; each message names the file and says what to do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace reconproof::system {

class Database;

/// A prepared statement. Parameters are numbered from 1, columns from 0, as SQLite does.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int parameter, int64_t value);
  Statement& bind(int parameter, double value);
  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, const char* text) {
    return bind(parameter, std::string_view(text));
  }
  Statement& bind_blob(int parameter, std::string_view bytes);
  Statement& bind_null(int parameter);
  template <typename Value>
  Statement& bind(int parameter, const std::optional<Value>& value) {
    return value ? bind(parameter, *value) : bind_null(parameter);
  }

  /// The next row; false at the end, after which the statement may be bound and run again.
  bool step();
  /// Runs a statement that returns no rows.
  void run() {
    while (step()) {
    }
  }

  int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;  // also of a blob
  bool is_null(int column) const;
  std::optional<int64_t> optional_integer(int column) const;
  std::optional<double> optional_real(int column) const;

 private:
  Database& database_;
  sqlite3_stmt* statement_ = nullptr;
};

class Database {
 public:
  enum class Mode { kRead, kWrite, kCreate };

  /// Others may write it meanwhile: we wait for them up to `patience_s`. kNotFound (there is none,
  /// and `mode` does not make one), kIo (it cannot be opened so).
  Database(std::filesystem::path path, Mode mode, double patience_s = 30);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Statements without parameters and results, with semicolons between them.
  void run(const char* sql);
  /// The first column of the first row of a query.
  int64_t integer(const char* sql);
  std::string text(const char* sql);
  int64_t last_row() const;
  int64_t changes() const;

  /// Throws what SQLite's last result code means.
  [[noreturn]] void fail_of(int code) const;

 private:
  friend class Statement;
  std::filesystem::path path_;
  sqlite3* database_ = nullptr;
};

/// Everything until `commit()` happens, or nothing of it. It is the only writer from its beginning
/// on.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace reconproof::system
