#include "admin/change/rollback_source.h"

#include <algorithm>
#include <set>

#include <boost/json.hpp>

#include "admin/change/commit_marks.h"
#include "admin/change/instance_check.h"
#include "admin/change/server_facts.h"
#include "admin/change/table_shape.h"
#include "admin/change/target.h"
#include "parser/parse.h"
#include "parser/split.h"
#include "parser/sqltext/quote.h"

namespace sluice::change {
namespace {

namespace json = boost::json;
using store::RollbackData;
using store::RollbackState;

// Why the GTIDs do not name every transaction of the statements; nothing: they do. In a transaction
// only its COMMIT has one. A statement that failed may have committed before it did (a CALL), and
// tells nothing, unless its transactions were looked for ("gtids_unknown" says how that ended).
std::optional<std::string> unnamed(const std::string& statements, bool& looked_for) {
  boost::system::error_code error;
  const auto value = json::parse(statements, error);
  if (error || !value.is_array()) return "";
  bool pending = false;
  bool failed = false;
  for (const auto& entry : value.get_array()) {
    const auto* statement = entry.if_object();
    if (statement == nullptr) return "";
    if (const auto* unknown = statement->if_contains("gtids_unknown")) {
      if (!unknown->as_string().empty()) return std::string(unknown->as_string());
      looked_for = true;
    }
    const auto* state = statement->if_contains("state");
    const auto word = state == nullptr ? "" : std::string(state->as_string());
    failed = failed || word == "failed" || word == "unknown";
    const auto* rows = statement->if_contains("affected_rows");
    const auto* gtid = statement->if_contains("gtid");
    if (word != "done" || rows == nullptr || gtid == nullptr) continue;
    if (rows->is_null()) return "";  // interrupted: nobody heard its end
    if (!gtid->as_string().empty()) {
      pending = false;
    } else if (rows->to_number<std::int64_t>() > 0) {
      pending = true;
    }
  }
  if (looked_for || (!pending && !failed)) return std::nullopt;
  return "";
}

// Whether MariaDB may have named only the last of a statement's transactions.
bool commits_often(std::string_view text) {
  parser::Dialect dialect;
  dialect.engine = parser::Engine::MariaDb;
  dialect.server_version = 101100;
  for (const auto& range : parser::split_file(text, dialect)) {
    const auto parsed = parser::parse(range.text(text), dialect);
    const bool often = std::ranges::any_of(
        parsed.statements, [](const auto& statement) { return may_commit_often(statement.facts); });
    if (often || !parsed.accepted()) return true;
  }
  return false;
}

mysql::BinlogPlace place_of(const store::BinlogPosition& position) {
  return {position.file, static_cast<std::uint64_t>(position.position)};
}

// Tables of other databases that refer to one of these, by their database.
mysql::Result<std::set<std::string>> databases_that_refer(SnapshotReader& reader,
                                                          const std::vector<TableTally>& tables) {
  std::set<std::string> names;
  std::string list;
  for (const auto& table : tables) {
    list += (list.empty() ? "(" : ", (") + sqltext::quote_string(table.schema) + ", " +
            sqltext::quote_string(table.table) + ")";
    names.insert(table.schema);
  }
  if (list.empty()) return names;
  const auto rows = reader.connection().rows(
      "SELECT DISTINCT CONSTRAINT_SCHEMA FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE "
      "(UNIQUE_CONSTRAINT_SCHEMA, REFERENCED_TABLE_NAME) IN (" +
      list + ")");
  if (!rows) return rows.error();
  for (const auto& row : *rows) names.insert(row.at(0).value_or(""));
  return names;
}

// The definitions of what the rows are of. Those of the change's own database are as they were;
// others as they are.
mysql::Result<void> describe(SnapshotReader& reader, const ChangeRows& wanted,
                             RollbackHeader& header) {
  const auto databases = databases_that_refer(reader, header.tables);
  if (!databases) return databases.error();
  for (const auto& name : *databases) {
    std::vector<std::string> tables;
    for (const auto& table : header.tables) tables.push_back(table.table);
    if (name == wanted.database && !wanted.schema.empty()) {
      auto reading = schema::read(wanted.schema, header.target);
      if (reading.errors.empty()) {
        reading.schema.name = name;
        header.schemas[name] = canonical_text(related(reading.schema, tables), header.target);
        continue;
      }
    }
    auto snapshot = reader.read(name);
    if (!snapshot) return snapshot.error();
    snapshot->schema.name = name;
    header.schemas[name] = canonical_text(related(snapshot->schema, tables), header.target);
  }
  return {};
}

bool names_table(const schema::Name& name, const std::string& database,
                 const std::vector<TableTally>& tables) {
  const std::string& in = name.schema.empty() ? database : name.schema;
  return std::ranges::any_of(tables, [&](const TableTally& table) {
    return schema::same_name(table.schema, in) && schema::same_name(table.table, name.name);
  });
}

// A definition of one of the tables that was changed behind the rows; empty: none was.
std::string later_ddl(const Fetched& fetched, const std::vector<TableTally>& tables,
                      const schema::Target& target) {
  if (fetched.texts_cut) return "too many other statements follow the rows to look at all of them";
  for (const auto& text : fetched.texts) {
    for (const auto& statement : schema::read_statements(text.sql, target)) {
      const auto touched = [&](const schema::Name& name) {
        return names_table(name, text.schema, tables);
      };
      bool found = false;
      if (const auto* alter = std::get_if<schema::AlterTable>(&statement.body)) {
        found = touched(alter->name);
      } else if (const auto* drop = std::get_if<schema::Drop>(&statement.body)) {
        found = std::ranges::any_of(drop->names, touched);
      } else if (const auto* cut = std::get_if<schema::Truncate>(&statement.body)) {
        found = touched(cut->name);
      } else if (const auto* made = std::get_if<schema::CreateTable>(&statement.body)) {
        found = touched(made->name);
      } else if (const auto* renames = std::get_if<schema::RenameTables>(&statement.body)) {
        found = std::ranges::any_of(renames->pairs, [&](const auto& pair) {
          return touched(pair.first) || touched(pair.second);
        });
      }
      if (found) {
        return "a table of the rows was changed after them: " +
               std::string(without_tag(text.sql).substr(0, 200));
      }
    }
  }
  return {};
}

// One attempt to take rows out of the log into the store.
class Keeping {
 public:
  Keeping(const KeepServices& services, const ChangeRows& wanted)
      : services_(services), wanted_(wanted) {}

  [[nodiscard]] store::Result<RollbackData> run(const mysql::Options& options,
                                                std::optional<FetchWish> chosen,
                                                const mysql::Limits& limits) {
    if (auto begun = begin(); !begun) return begun.error();
    auto reader = SnapshotReader::open(options);
    if (!reader) return refuse("the instance cannot be reached: " + reader.error().message);
    header_.target = (*reader)->server().target;
    header_.server_version = (*reader)->server().version;
    FetchPlan plan =
        chosen ? FetchPlan{std::move(*chosen), ""} : plan_fetch(wanted_, header_.target.mariadb);
    plan.wish.mariadb = header_.target.mariadb;
    if (!plan.refused.empty()) return refuse(with_trouble(**reader, plan.refused));
    return fetch(options, **reader, plan.wish, limits);
  }

 private:
  [[nodiscard]] store::Result<void> begin() {
    data_.task = wanted_.task;
    data_.attempt = wanted_.attempt;
    data_.change = wanted_.change;
    data_.source = store::RollbackSource::kBinlog;
    data_.created_at = services_.now;
    data_.expires_at =
        services_.now + std::chrono::hours(24 * static_cast<std::int64_t>(services_.limits.days));
    const auto id = services_.store.rollbacks().begin(data_);
    if (!id) return id.error();
    data_.id = *id;
    return {};
  }

  [[nodiscard]] store::Result<RollbackData> fetch(const mysql::Options& options,
                                                  SnapshotReader& reader, const FetchWish& wish,
                                                  const mysql::Limits& limits) {
    std::optional<store::Fault> trouble;
    RollbackWriter writer(
        services_.limits.max_mib << 20U, [&](std::int64_t position, std::string_view chunk) {
          const auto put = services_.store.rollbacks().add_chunk(data_.id, position, chunk);
          if (!put) trouble = put.error();
          return put.has_value();
        });
    auto fetched = fetch_rows(options, wish, writer, limits);
    if (trouble) return *trouble;
    if (!fetched) return refuse("the binary log could not be read: " + fetched.error().message);
    if (writer.too_large()) {
      return refuse("the change's rows are more than the " +
                    std::to_string(services_.limits.max_mib) +
                    " MiB that the environment allows to be kept: raise its rollback.max_mib");
    }
    if (!fetched->refused.empty()) return refuse(with_trouble(reader, fetched->refused));
    if (fetched->rows == 0 && wanted_.affected_rows > 0) {
      return refuse(
          with_trouble(reader, "the binary log has no rows of the change, which affected " +
                                   std::to_string(wanted_.affected_rows)));
    }
    header_.tables = writer.tables();
    // The change's own tables are known as they were; of chosen rows only as they are now.
    if (wanted_.schema.empty()) {
      const auto ddl = later_ddl(*fetched, header_.tables, header_.target);
      if (!ddl.empty()) return refuse(ddl);
    }
    header_.format = fetched->format;
    header_.withdrawn = fetched->withdrawn;
    header_.cascades_logged = fetched->cascades_logged;
    header_.may_have_cascaded = fetched->foreign_keys_off;
    if (auto described = describe(reader, wanted_, header_); !described) {
      return refuse("the tables could not be read: " + described.error().message);
    }
    data_.state = RollbackState::kWhole;
    data_.rows = static_cast<std::int64_t>(header_.rows());
    data_.bytes = static_cast<std::int64_t>(writer.bytes());
    data_.chunks = writer.chunks();
    data_.header = to_json(header_);
    return end();
  }

  // The reason, and what of the server's settings is behind it.
  [[nodiscard]] static std::string with_trouble(SnapshotReader& reader, const std::string& reason) {
    const std::string trouble = binlog_trouble(reader);
    return trouble.empty() ? reason : reason + ". " + trouble;
  }

  [[nodiscard]] store::Result<RollbackData> refuse(const std::string& reason) {
    data_.state = RollbackState::kRefused;
    data_.reason = clean_text(reason);
    return end();
  }
  [[nodiscard]] store::Result<RollbackData> end() {
    if (auto ended = services_.store.rollbacks().end(data_); !ended) return ended.error();
    return data_;
  }

  const KeepServices& services_;
  const ChangeRows& wanted_;
  RollbackData data_;
  RollbackHeader header_;
};

}  // namespace

ChangeRows rows_wanted(const store::Change& change, const store::ChangeTexts& texts) {
  ChangeRows wanted;
  wanted.task = change.task;
  wanted.attempt = change.attempt;
  if (change.task == 0) wanted.change = change.id;
  wanted.database = change.database_name;
  wanted.schema = texts.schema_after;
  wanted.before = change.before;
  wanted.after = change.after;
  wanted.gtids = change.gtids;
  bool looked_for = false;
  const auto unknown = unnamed(texts.statements, looked_for);
  wanted.gtids_whole = !unknown;
  wanted.gtids_unknown = unknown.value_or("");
  const bool mariadb = change.server_version.find("MariaDB") != std::string::npos;
  if (mariadb && wanted.gtids_whole && !looked_for && commits_often(texts.statement)) {
    wanted.gtids_whole = false;
    wanted.gtids_unknown = "a client ran it, and MariaDB names only the last transaction of a CALL";
  }
  wanted.thread_id = change.thread_id;
  wanted.affected_rows = change.affected_rows;
  return wanted;
}

FetchPlan plan_fetch(const ChangeRows& wanted, bool mariadb) {
  FetchPlan plan;
  plan.wish.mariadb = mariadb;
  plan.wish.from = place_of(wanted.before);
  if (!wanted.after.file.empty()) plan.wish.until = place_of(wanted.after);
  if (!wanted.gtids.empty() && wanted.gtids_whole) {
    auto gtids = binlog::GtidSet::parse(wanted.gtids);
    if (!gtids) {
      plan.refused = "the change's GTIDs cannot be read: " + gtids.error().what;
      return plan;
    }
    plan.wish.criteria.gtids = std::move(*gtids);
    return plan;
  }
  if (mariadb) {
    plan.refused =
        wanted.gtids.empty() && wanted.affected_rows == 0
            ? "the change changed no rows"
            : "the server did not tell which transactions the change made, and MariaDB's binary "
              "log has no thread numbers to find them by" +
                  (wanted.gtids_unknown.empty() ? " (a statement failed half-way)"
                                                : ": " + wanted.gtids_unknown) +
                  ". What it did can be chosen by hand: POST /api/v1/rollbacks with `gtid`";
    return plan;
  }
  if (wanted.before.file.empty() || wanted.thread_id == 0) {
    plan.refused =
        "where the change lies in the binary log was not recorded: the log was off, or the "
        "instance's account lacks REPLICATION CLIENT";
    return plan;
  }
  plan.wish.criteria.thread_id = static_cast<std::uint32_t>(wanted.thread_id);
  return plan;
}

store::Result<RollbackData> keep_rows(const KeepServices& services, const mysql::Options& options,
                                      const ChangeRows& wanted, const mysql::Limits& limits) {
  return Keeping(services, wanted).run(options, std::nullopt, limits);
}

store::Result<RollbackData> rows_of_change(const KeepServices& services,
                                           const mysql::Options& options,
                                           const store::Change& change,
                                           const mysql::Limits& limits) {
  auto rollbacks = services.store.rollbacks();
  auto kept = change.task != 0 ? rollbacks.of_run(change.task, change.attempt)
                               : rollbacks.of_change(change.id);
  if (!kept) return kept.error();
  if (*kept && (*kept)->state == RollbackState::kWhole) return std::move(**kept);
  const auto texts = services.store.history().texts(change);
  if (!texts) return texts.error();
  auto found = keep_rows(services, options, rows_wanted(change, *texts), limits);
  // The log was the second try: the first reason is the better one.
  if (found && found->state == RollbackState::kRefused && *kept &&
      (*kept)->source == store::RollbackSource::kRows && !(*kept)->reason.empty()) {
    found->reason = (*kept)->reason + ". And " + found->reason;
  }
  return found;
}

store::Result<RollbackData> keep_chosen_rows(const KeepServices& services,
                                             const mysql::Options& options, FetchWish wish,
                                             const mysql::Limits& limits) {
  const ChangeRows nobody;
  return Keeping(services, nobody).run(options, std::move(wish), limits);
}

store::Result<RollbackLimits> rollback_limits_of(store::Store& store, store::Id instance) {
  const auto found = store.instance(instance);
  if (!found) return found.error();
  const auto environment = store.environment(found->environment);
  if (!environment) return environment.error();
  return read_rollback_limits(environment->rollback).limits;
}

GetChunk chunks_of(store::Store& store, store::Id data) {
  return [&store, data](std::int64_t position) -> binlog::Result<std::string> {
    auto chunk = store.rollbacks().chunk(data, position);
    if (!chunk) return binlog::Error{binlog::Fault::kIncomplete, chunk.error().detail};
    return std::move(*chunk);
  };
}

std::string binlog_trouble(SnapshotReader& reader) {
  const auto facts = read_instance_facts(reader);
  if (!facts) return {};
  std::string text;
  for (const auto& finding : judge_instance(*facts, reader.grants())) {
    const bool about = finding.code == "binlog.off" || finding.code == "binlog.format" ||
                       finding.code == "binlog.row_image" || finding.code == "privileges.rollback";
    if (!about) continue;
    if (!text.empty()) text += ' ';
    text += finding.title + ". " + finding.detail;
  }
  return text;
}

}  // namespace sluice::change
