// The sessions of a run on its server: one that executes the statements and holds the database's
// change lock for as long as it lives, one that looks at the schema and the binary log. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "admin/change/positions.h"
#include "admin/change/runner.h"
#include "admin/change/snapshot.h"

namespace sluice::change {

// What a statement's end said.
struct Executed {
  std::optional<mysql::Fault> fault;
  std::int64_t affected_rows = 0;
  std::int64_t warnings = 0;
  std::string gtid;  // of all that it committed, separated by commas
  bool in_transaction = false;
  std::chrono::microseconds duration{};
};

struct RunSchema {
  std::string text;  // canonical; empty when there is no such database
  schema::Schema model;
  bool exists = false;
};

class RunSession {
 public:
  // `database` may not exist yet: then the session has no default schema.
  [[nodiscard]] static mysql::Result<std::unique_ptr<RunSession>> open(
      const mysql::Options& options, const std::string& database, bool exists,
      const RunLimits& limits);

  // The change lock, at once or not: nothing when it was had, the holder's connection otherwise.
  [[nodiscard]] mysql::Result<std::optional<std::uint64_t>> try_lock(
      std::chrono::seconds wait, mysql::Cancellation& cancellation);
  // What that connection does: "Query", "Sleep", …; empty: it is gone.
  [[nodiscard]] mysql::Result<std::string> command_of(std::uint64_t connection);
  [[nodiscard]] mysql::Result<void> end_connection(std::uint64_t connection);
  [[nodiscard]] mysql::Result<void> end_statement(std::uint64_t connection);

  [[nodiscard]] Executed execute(const std::string& sql, mysql::Cancellation& cancellation);
  // The first cell of a query's answer, over the executing session.
  [[nodiscard]] mysql::Result<std::string> ask(const std::string& sql,
                                               mysql::Cancellation& cancellation);
  // True: the session's open transaction is rolled back.
  bool roll_back();

  [[nodiscard]] mysql::Result<RunSchema> live_schema();
  [[nodiscard]] mysql::Result<BinlogPosition> position();
  [[nodiscard]] std::uint64_t thread_id() const { return executing_->thread_id(); }
  [[nodiscard]] const Server& server() const { return reader_->server(); }
  [[nodiscard]] mysql::Connection& control() { return reader_->connection(); }
  [[nodiscard]] mysql::Connection& executing() { return *executing_; }
  [[nodiscard]] SnapshotReader& reader() { return *reader_; }
  [[nodiscard]] bool lost() const { return executing_->lost(); }
  // Whether the texts of statements that change rows stand in the binary log.
  [[nodiscard]] bool logs_row_texts() const noexcept { return logs_row_texts_; }
  // The database's defaults, as the server has them: character set, collation.
  [[nodiscard]] mysql::Result<std::pair<std::string, std::string>> database_defaults();

 private:
  RunSession(std::string database, mysql::Options options)
      : database_(std::move(database)), options_(std::move(options)) {}
  [[nodiscard]] mysql::Result<void> prepare(const RunLimits& limits);

  std::string database_;
  mysql::Options options_;
  std::unique_ptr<mysql::Connection> executing_;
  std::unique_ptr<SnapshotReader> reader_;
  bool logs_row_texts_ = false;
};

}  // namespace sluice::change
