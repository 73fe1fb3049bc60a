// Where the rows of a change come from: what is kept of it, or the binary log, out of which they
// are taken and kept. Blocking.
#pragma once

#include <string>

#include "admin/change/rollback_data.h"
#include "admin/change/rollback_fetch.h"
#include "admin/change/rollback_limits.h"
#include "admin/change/snapshot.h"
#include "admin/store/store.h"

namespace sluice::change {

// A change, as far as its rows can be found by it.
struct ChangeRows {
  store::Id task = 0;  // with `attempt`: the run that made it, or
  std::int64_t attempt = 0;
  store::Id change = 0;  // the history entry of a change that no task made
  std::string database;
  std::string schema;  // the database's definitions as they were: canonical_text()
  store::BinlogPosition before;
  store::BinlogPosition after;
  std::string gtids;
  bool gtids_whole = false;   // every transaction is among them
  std::string gtids_unknown;  // why not, where that is known
  std::int64_t thread_id = 0;
  std::int64_t affected_rows = 0;
};
[[nodiscard]] ChangeRows rows_wanted(const store::Change& change, const store::ChangeTexts& texts);

// What finds a change's rows on this kind of server; or why nothing can.
struct FetchPlan {
  FetchWish wish;
  std::string refused;
};
[[nodiscard]] FetchPlan plan_fetch(const ChangeRows& wanted, bool mariadb);

struct KeepServices {
  store::Store& store;
  store::Time now;
  RollbackLimits limits;
};

// Takes the rows out of the log and keeps them. What cannot be had is kRefused with the reason, and
// kept as that; a fault is the store's.
[[nodiscard]] store::Result<store::RollbackData> keep_rows(const KeepServices& services,
                                                           const mysql::Options& options,
                                                           const ChangeRows& wanted,
                                                           const mysql::Limits& limits);
// What is kept of the change; where nothing is, or it was refused, it is looked for again.
[[nodiscard]] store::Result<store::RollbackData> rows_of_change(const KeepServices& services,
                                                                const mysql::Options& options,
                                                                const store::Change& change,
                                                                const mysql::Limits& limits);

// Rows that a person chose: of a thread, of GTIDs, of tables, within a time. Kept as data of
// nobody's; `until` of the wish is not looked at, as what came later on those tables matters too.
[[nodiscard]] store::Result<store::RollbackData> keep_chosen_rows(const KeepServices& services,
                                                                  const mysql::Options& options,
                                                                  FetchWish wish,
                                                                  const mysql::Limits& limits);

// The limits of the environment that an instance is in.
[[nodiscard]] store::Result<RollbackLimits> rollback_limits_of(store::Store& store,
                                                               store::Id instance);
// Chunks of kept data, for visit_newest_first().
[[nodiscard]] GetChunk chunks_of(store::Store& store, store::Id data);

// What keeps a server's binary log from holding rows, as one text for a person; empty: nothing.
[[nodiscard]] std::string binlog_trouble(SnapshotReader& reader);

}  // namespace sluice::change
