// The change history: entries are added and read, never changed or removed.
//
// Any thread; calls block on I/O. Errors: Fault, of database.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/store/store_issues.h"
#include "admin/store/types.h"

namespace sluice::store {

enum class ChangeStatus : std::uint8_t { kDone, kFailed, kCanceled };
[[nodiscard]] std::string_view name(ChangeStatus status) noexcept;

struct BinlogPosition {
  std::string file;  // empty: the binary log is off, or the account may not ask
  std::int64_t position = 0;
};

struct Change {
  Id id = 0;
  std::string version;  // "20260102150405.42": UTC, then the issue's number where there is one
  policy::IssueKind kind = policy::IssueKind::kSchemaUpdate;
  ChangeStatus status = ChangeStatus::kDone;
  Source source = Source::kApi;
  std::string actor;  // an email, or an account's name at the proxy
  // Of what came through the proxy: the account, and the client's program and host as told.
  std::string account;
  std::string program;
  std::string client_host;
  Id project = 0;
  Id instance = 0;
  std::string instance_name;
  Id database = 0;
  std::string database_name;
  Id issue = 0;  // 0: none
  Id task = 0;
  std::int64_t attempt = 0;
  std::string statement_hash;
  std::string statements_hash;  // of the JSON array with a value a statement
  std::int64_t affected_rows = 0;
  std::string schema_before_hash;
  std::string schema_after_hash;
  std::string server_version;
  std::int64_t thread_id = 0;
  BinlogPosition before;
  BinlogPosition after;
  std::string gtid_executed_before;
  std::string gtid_executed_after;
  std::string gtids;  // of the change's own transactions, as far as the server told
  std::string error;
  Time started_at{};
  std::chrono::microseconds duration{};
};

// An entry to be added, with its texts. A schema that the store has already may be named by its
// hash in `change` and left empty here; the other hashes are not looked at.
struct NewChange {
  Change change;
  std::string statement;
  std::string statements = "[]";  // JSON
  std::string schema_before;
  std::string schema_after;
  bool records_schema = true;  // schema_after becomes the database's recorded schema, or this:
  std::optional<std::string> recorded_schema{};
};

struct ChangeTexts {
  std::string statement;
  std::string statements;  // JSON
  std::string schema_before;
  std::string schema_after;
};

struct ChangeFilter {
  Id project = 0;   // 0: any
  Id database = 0;  // 0: any
  Id issue = 0;     // 0: any
  Id member = 0;    // of a project that this user is a member of; 0: any
  Id before = 0;    // newest first; 0: from the newest
  std::int64_t limit = 50;
};

class History {
 public:
  explicit History(Shared& shared) : shared_(shared) {}

  // With the database's recorded schema, in one transaction. For what no task ran; a task's entry
  // is written by Runs::finish.
  [[nodiscard]] Result<Change> add(const NewChange& change, Time now);
  [[nodiscard]] Result<Change> get(Id id);
  [[nodiscard]] Result<ChangeTexts> texts(const Change& change);
  [[nodiscard]] Result<std::vector<Change>> list(const ChangeFilter& filter);

 private:
  Shared& shared_;
};

}  // namespace sluice::store
