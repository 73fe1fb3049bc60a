// Which transactions a session of MariaDB committed, when it committed more than it was told of: an
// OK packet names the last transaction of a CALL only, and the log names no session.
//
//   begin(): SET skip_parallel_replication = 1, how many rows the session wrote so far
//      … the statements …
//   find():  the log from there on: transactions with that mark, and how many rows they hold
//
// The variable needs no privilege; a replica with optimistic parallel replication applies what is
// marked alone. Another session may have set it, too, so the rows are counted by kind, as the
// session's own counters (Handler_write, Handler_update, Handler_delete) have them: where the two
// differ, nobody can tell, and no transaction is named.
//
// Blocking; the thread of the session, which must outlive it.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "admin/change/positions.h"
#include "admin/mysql/binlog_stream.h"
#include "admin/mysql/connection.h"
#include "parser/facts.h"

namespace sluice::change {

// Whether a statement may commit more than one transaction: CALL, EXECUTE, BEGIN NOT ATOMIC.
[[nodiscard]] bool may_commit_often(const parser::StatementFacts& facts);

class CommitMarks {
 public:
  // REQUIRES: MariaDB, and no open transaction. `from`: where the log ends now.
  [[nodiscard]] static mysql::Result<CommitMarks> begin(mysql::Connection& session,
                                                        const BinlogPosition& from);

  struct Found {
    std::string gtids;    // of all that the session committed since; none: it changed no rows
    std::string unknown;  // why they cannot be told; empty: they are whole
  };
  // Reads the log up to `until`. A fault is a connection's.
  [[nodiscard]] mysql::Result<Found> find(const mysql::Options& options,
                                          const BinlogPosition& until,
                                          const mysql::Limits& limits) const;

 private:
  using Counts = std::array<std::uint64_t, 3>;  // by binlog::Rows::Kind
  CommitMarks(mysql::Connection& session, mysql::BinlogPlace from, Counts counts)
      : session_(session), from_(std::move(from)), counts_(counts) {}
  [[nodiscard]] static mysql::Result<Counts> read_counts(mysql::Connection& session);

  mysql::Connection& session_;
  mysql::BinlogPlace from_;
  Counts counts_;
};

}  // namespace sluice::change
