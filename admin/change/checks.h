// What is verified before a task may run, each with a result that says what to do: connection,
// syntax (the parser's, then the server's own verdict), whether the statements fit the issue, SQL
// review with the environment's policy, the walk through the sheet on the live schema, whether that
// is as recorded, privileges,
// binary log readiness where a rollback is to be possible, sessions in the way, affected rows.
//
// Blocking: waits for the instance. Nothing of the sheet is executed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "admin/change/issue_actions.h"
#include "admin/change/snapshot.h"
#include "policy/rules/review.h"

namespace sluice::change {

// A fault is the store's; what is wrong with the instance or the sheet is a check's result.
[[nodiscard]] store::Result<std::vector<store::TaskCheck>> check_task(
    store::Store& store, const store::IssueState& state, const store::Task& task,
    const Environments& environments, const std::function<store::Time()>& now);

// The worst of them; of none: passed.
[[nodiscard]] policy::CheckResult result_of(const std::vector<store::TaskCheck>& checks);

// A sheet and what is known of the database it is for. The parts hold on to each other: it stays
// where it is.
class Preview {
 public:
  // `database` empty: it does not exist yet. A fault is the connection's.
  [[nodiscard]] static mysql::Result<std::unique_ptr<Preview>> read(SnapshotReader& reader,
                                                                    const std::string& database,
                                                                    std::string text);
  Preview(const Preview&) = delete;
  Preview& operator=(const Preview&) = delete;

  [[nodiscard]] const policy::rules::Sheet& sheet() const { return *sheet_; }
  [[nodiscard]] const policy::rules::Situation& situation() const { return situation_; }
  [[nodiscard]] const std::string& database() const { return situation_.database; }
  [[nodiscard]] bool exists() const { return snapshot_.has_value(); }
  // Null: the database does not exist yet.
  [[nodiscard]] const Snapshot* snapshot() const { return snapshot_ ? &*snapshot_ : nullptr; }
  [[nodiscard]] policy::rules::Review review(const policy::rules::RuleSet& rules) const {
    return policy::rules::review(text_, situation_, rules);
  }
  // Rows that EXPLAIN expects the sheet's DML to touch, in all.
  [[nodiscard]] std::uint64_t expected_rows() const;

 private:
  explicit Preview(std::string text) : text_(std::move(text)) {}

  std::string text_;
  std::optional<Snapshot> snapshot_;
  policy::rules::Situation situation_;
  std::optional<policy::rules::Sheet> sheet_;
};

using Checks = std::vector<store::TaskCheck>;
// One about the whole sheet; its place and time are set afterwards.
void add_check(Checks& checks, std::string kind, store::CheckLevel level, std::string title,
               std::string detail);

// What the server is asked about a sheet: check_server.cpp.
void check_server_syntax(SnapshotReader& reader, const Preview& preview, Checks& checks);
void check_privileges(const SnapshotReader& reader, const Preview& preview, Checks& checks);
void check_binlog(SnapshotReader& reader, const Preview& preview, Checks& checks);
// The task of a rollback issue: its rows, its tables, what was changed since. check_rollback.cpp; a
// fault is the store's.
[[nodiscard]] store::Result<void> check_rollback(store::Store& store, const store::Task& task,
                                                 SnapshotReader& reader, Checks& checks);
// A session that holds a table for less is expected to let it go again, as most statements do.
inline constexpr std::chrono::seconds kLockPatience{5};
// Warns of sessions that keep a table which DDL of the sheet needs for itself: under LOCK TABLES,
// or for `patience` at least in one transaction or statement. Sluice's own scans are none of them.
void check_locks(SnapshotReader& reader, const Preview& preview, Checks& checks,
                 std::chrono::seconds patience = kLockPatience);
// Against the record: check_drift.cpp. A fault is the store's.
[[nodiscard]] store::Result<void> check_drift(store::Store& store, const store::IssueState& state,
                                              const store::Task& task,
                                              const Environments& environments,
                                              const Preview& preview, Checks& checks);

}  // namespace sluice::change
