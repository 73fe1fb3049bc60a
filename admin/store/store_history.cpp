#include "admin/store/store_history.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "admin/store/store_rows.h"
#include "parser/redact.h"

namespace sluice::store {
namespace {

constexpr std::array<std::string_view, 3> kStatuses{"done", "failed", "canceled"};

constexpr std::string_view kChange =
    " id, version, kind, status, source, actor, project_id, instance_id, instance_name, "
    "database_id, database_name, issue_id, task_id, attempt, statement_hash, statements_hash, "
    "affected_rows, schema_before, schema_after, server_version, thread_id, binlog_file_before, "
    "binlog_position_before, binlog_file_after, binlog_position_after, gtid_executed_before, "
    "gtid_executed_after, gtids, error, started_at, duration_us, account, program, client_host ";

ChangeStatus read_status(std::string_view word) {
  for (std::size_t i = 0; i < kStatuses.size(); ++i) {
    if (kStatuses[i] == word) return static_cast<ChangeStatus>(i);
  }
  return ChangeStatus::kFailed;  // the table's CHECK allows no other word
}

Change read_change(const Row& row) {
  Change change;
  change.id = integer(row.at(0));
  change.version = text(row.at(1));
  change.kind = policy::parse_issue_kind(text(row.at(2))).value();
  change.status = read_status(text(row.at(3)));
  change.source = parse_source(text(row.at(4))).value();
  change.actor = text(row.at(5));
  change.project = integer(row.at(6));
  change.instance = integer(row.at(7));
  change.instance_name = text(row.at(8));
  change.database = integer(row.at(9));
  change.database_name = text(row.at(10));
  change.issue = integer(row.at(11));
  change.task = integer(row.at(12));
  change.attempt = integer(row.at(13));
  change.statement_hash = text(row.at(14));
  change.statements_hash = text(row.at(15));
  change.affected_rows = integer(row.at(16));
  change.schema_before_hash = text(row.at(17));
  change.schema_after_hash = text(row.at(18));
  change.server_version = text(row.at(19));
  change.thread_id = integer(row.at(20));
  change.before = {text(row.at(21)), integer(row.at(22))};
  change.after = {text(row.at(23)), integer(row.at(24))};
  change.gtid_executed_before = text(row.at(25));
  change.gtid_executed_after = text(row.at(26));
  change.gtids = text(row.at(27));
  change.error = text(row.at(28));
  change.started_at = to_time(row.at(29));
  change.duration = std::chrono::microseconds(integer(row.at(30)));
  change.account = text(row.at(31));
  change.program = text(row.at(32));
  change.client_host = text(row.at(33));
  return change;
}

// "20260102150405", and ".42" behind it for issue 42.
std::string version_of(const Change& change) {
  const auto seconds =
      std::chrono::floor<std::chrono::seconds>(change.started_at).time_since_epoch().count();
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 32> buffer{};
  const std::size_t size = std::strftime(buffer.data(), buffer.size(), "%Y%m%d%H%M%S", &parts);
  std::string version(buffer.data(), size);
  if (change.issue != 0) version += '.' + std::to_string(change.issue);
  return version;
}

void add_conditions(Query& query, const ChangeFilter& filter) {
  if (filter.project != 0) query.where("project_id =", filter.project);
  if (filter.database != 0) query.where("database_id =", filter.database);
  if (filter.issue != 0) query.where("issue_id =", filter.issue);
  where_member(query, filter.member);
  if (filter.before != 0) query.where("id <", filter.before);
}

}  // namespace

std::string_view name(ChangeStatus status) noexcept {
  return kStatuses[static_cast<std::size_t>(status)];
}

Result<Change> insert_change(Database& database, const NewChange& added, Time now) {
  const Change& change = added.change;
  std::array<std::string, 4> hashes;
  const std::string shown = parser::without_secrets(added.statement);
  const std::array<const std::string*, 4> texts{&shown, &added.statements, &added.schema_before,
                                                &added.schema_after};
  const std::array<const std::string*, 4> known{nullptr, nullptr, &change.schema_before_hash,
                                                &change.schema_after_hash};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i]->empty() && known[i] != nullptr && !known[i]->empty()) {
      hashes[i] = *known[i];
      continue;
    }
    auto hash = keep_text(database, *texts[i]);
    if (!hash) return hash.error();
    hashes[i] = std::move(*hash);
  }
  auto row = run_one(
      database,
      "INSERT INTO changes (version, kind, status, source, actor, project_id, instance_id, "
      "instance_name, database_id, database_name, issue_id, task_id, attempt, statement_hash, "
      "statements_hash, affected_rows, schema_before, schema_after, server_version, thread_id, "
      "binlog_file_before, binlog_position_before, binlog_file_after, binlog_position_after, "
      "gtid_executed_before, gtid_executed_after, gtids, error, started_at, duration_us, account, "
      "program, client_host) VALUES "
      "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, "
      "$20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33) RETURNING" +
          std::string(kChange),
      {version_of(change),
       std::string(policy::name(change.kind)),
       std::string(name(change.status)),
       std::string(name(change.source)),
       change.actor,
       change.project,
       change.instance,
       change.instance_name,
       change.database,
       change.database_name,
       reference(change.issue),
       reference(change.task),
       change.attempt,
       hashes[0],
       hashes[1],
       change.affected_rows,
       hashes[2],
       hashes[3],
       change.server_version,
       change.thread_id,
       change.before.file,
       change.before.position,
       change.after.file,
       change.after.position,
       change.gtid_executed_before,
       change.gtid_executed_after,
       change.gtids,
       change.error,
       to_cell(change.started_at),
       static_cast<std::int64_t>(change.duration.count()),
       change.account,
       change.program,
       change.client_host});
  if (!row) return row.error();
  if (added.records_schema) {
    std::string hash = hashes[3];
    if (added.recorded_schema) {
      auto kept = keep_text(database, *added.recorded_schema);
      if (!kept) return kept.error();
      hash = std::move(*kept);
    }
    if (auto set = set_recorded_schema(database, change.database, hash, change.server_version, now);
        !set) {
      return set.error();
    }
  }
  return read_change(*row);
}

Result<Change> History::add(const NewChange& change, Time now) {
  const std::lock_guard lock(shared_.mutex);
  Transaction transaction(*shared_.database);
  if (!transaction.begun()) return transaction.begun().error();
  auto added = insert_change(*shared_.database, change, now);
  if (!added) return added;
  if (auto done = transaction.commit(); !done) return done.error();
  return added;
}

Result<Change> History::get(Id id) {
  const std::lock_guard lock(shared_.mutex);
  const auto row = run_one(*shared_.database,
                           "SELECT" + std::string(kChange) + "FROM changes WHERE id = $1", {id});
  if (!row) return row.error();
  return read_change(*row);
}

Result<ChangeTexts> History::texts(const Change& change) {
  const std::lock_guard lock(shared_.mutex);
  ChangeTexts texts;
  const std::array<std::pair<const std::string*, std::string*>, 4> wanted{{
      {&change.statement_hash, &texts.statement},
      {&change.statements_hash, &texts.statements},
      {&change.schema_before_hash, &texts.schema_before},
      {&change.schema_after_hash, &texts.schema_after},
  }};
  for (const auto& [hash, to] : wanted) {
    auto kept = kept_text(*shared_.database, *hash);
    if (!kept) return kept.error();
    *to = std::move(*kept);
  }
  return texts;
}

Result<std::vector<Change>> History::list(const ChangeFilter& filter) {
  const std::lock_guard lock(shared_.mutex);
  const bool selective = filter.project != 0 || filter.database != 0 || filter.issue != 0;
  if (filter.member != 0 && !selective) {
    return list_newest<Change>(*shared_.database, filter, kChange, "changes", add_conditions,
                               read_change);
  }
  Query query("SELECT" + std::string(kChange) + "FROM changes");
  add_conditions(query, filter);
  query.order("id DESC", filter.limit);
  return read_all<Change>(query.run(*shared_.database), read_change);
}

}  // namespace sluice::store
