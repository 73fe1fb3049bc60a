// Rows that somebody changed since the change that is to be undone: each row's last state in the
// change is compared with the row as it is now, by the server, value for value.
//
// Reads only, without locks: what changes between the look and the rollback is caught by the
// rollback's own checks. Blocking, one thread; a connection of its own, as it sets session
// variables.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "admin/change/inverse_pass.h"
#include "admin/change/rollback_rows.h"
#include "admin/mysql/connection.h"

namespace sluice::change {

struct RowConflict {
  ShownRow row;  // as the change left it
  // What stands in the way: "changed" (the row is another now, or is gone), "exists" (a row has
  // the place of one that was deleted).
  std::string what;
  std::vector<std::string> key;  // columns that find the row; empty: its table has no such key
  // The row that is there now; empty: there is none. Nothing: without a key it cannot be found.
  std::optional<std::vector<ShownCell>> now;
};

// A row of the data: number of its event, newest first from 0, and its place in it.
using RowPlace = std::pair<std::uint64_t, std::size_t>;

struct ConflictReport {
  std::uint64_t rows_checked = 0;
  bool whole = true;  // false: only the newest rows were looked at
  std::uint64_t conflicts = 0;
  std::vector<RowConflict> listed;  // the first kMaxListed of them
  std::set<RowPlace> places;        // all of them, with older changes of the same rows
  std::string fault;                // why it could not be looked at all; empty: it was

  static constexpr std::size_t kMaxListed = 200;
};

// Looks at `max_rows` rows at most, newest first. A fault is the connection's.
[[nodiscard]] mysql::Result<ConflictReport> find_conflicts(const RowSource& source,
                                                           mysql::Connection& connection,
                                                           std::uint64_t max_rows,
                                                           const mysql::Limits& limits);

// `kept` without the rows of that event that are to be left as they are.
[[nodiscard]] binlog::Result<void> leave_out(KeptRows& kept, std::uint64_t event,
                                             const std::set<RowPlace>& places,
                                             wire::Buffer& images);

}  // namespace sluice::change
