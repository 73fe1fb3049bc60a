// Checks for which the server is asked. Nothing of the sheet is executed.
#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "admin/change/checks.h"
#include "admin/change/row_capture.h"
#include "admin/change/server_facts.h"
#include "parser/digest.h"
#include "parser/sqltext/quote.h"

namespace sluice::change {
namespace {

namespace rules = policy::rules;
using parser::Access;
using store::CheckLevel;
using store::TaskCheck;

constexpr std::size_t kMaxPrepared = 100;  // statements that the server is asked about
constexpr std::size_t kMaxPreparedBytes = 1U << 20U;
constexpr std::chrono::seconds kAskTime{10};
constexpr unsigned kSyntaxError = 1064;

void place(Checks& checks, const Preview& preview, const rules::SheetStatement& statement) {
  const auto [line, column] = preview.sheet().place(statement.range.begin);
  checks.back().line = line;
  checks.back().column = column;
}

// What PREPARE would run at once, or what cannot be prepared.
bool may_be_prepared(const parser::StatementFacts& facts) {
  return facts.group == parser::ActionGroup::Ddl || facts.group == parser::ActionGroup::Dml ||
         facts.group == parser::ActionGroup::Read;
}

// The privileges (manual 8.2.2) that an object's use asks for.
std::vector<std::string_view> privileges_for(const parser::StatementFacts& facts,
                                             const parser::ObjectUse& object) {
  std::vector<std::string_view> wanted;
  const std::string_view name = facts.class_name;
  if (has(object.access, Access::Read)) wanted.push_back("SELECT");
  if (has(object.access, Access::Write)) {
    if (name.starts_with("insert") || name == "load" || name.starts_with("replace")) {
      wanted.push_back("INSERT");
    }
    if (name.starts_with("delete") || name.starts_with("replace")) wanted.push_back("DELETE");
    if (name.starts_with("update")) wanted.push_back("UPDATE");
  }
  const bool routine = object.kind == parser::ObjectKind::Routine;
  if (routine) {
    if (has(object.access, Access::Create)) wanted.push_back("CREATE ROUTINE");
    if (has(object.access, Access::Alter) || has(object.access, Access::Drop)) {
      wanted.push_back("ALTER ROUTINE");
    }
    if (has(object.access, Access::Execute)) wanted.push_back("EXECUTE");
    return wanted;
  }
  if (object.kind == parser::ObjectKind::Trigger) return {"TRIGGER"};
  if (object.kind == parser::ObjectKind::Event) return {"EVENT"};
  if (object.kind == parser::ObjectKind::View && has(object.access, Access::Create)) {
    wanted.push_back("CREATE VIEW");
  } else if (has(object.access, Access::Create)) {
    wanted.push_back(object.temporary ? "CREATE TEMPORARY TABLES" : "CREATE");
  }
  if (has(object.access, Access::Alter)) {
    wanted.push_back(name == "create_index" || name == "drop_index" ? "INDEX" : "ALTER");
  }
  if (has(object.access, Access::Drop) && !object.temporary) wanted.push_back("DROP");
  return wanted;
}

std::set<std::pair<std::string, std::string>> altered_tables(const Preview& preview) {
  std::set<std::pair<std::string, std::string>> tables;
  for (const auto& statement : preview.sheet().statements()) {
    const auto* facts = statement.facts();
    if (facts == nullptr || facts->group != parser::ActionGroup::Ddl) continue;
    for (const auto& object : facts->objects) {
      const bool touched = has(object.access, Access::Alter) || has(object.access, Access::Drop);
      if (object.kind != parser::ObjectKind::Table || !touched) continue;
      tables.emplace(object.schema.empty() ? preview.database() : object.schema, object.name);
    }
  }
  return tables;
}

std::string table_list(const std::set<std::pair<std::string, std::string>>& tables) {
  std::string list;
  for (const auto& [schema, table] : tables) {
    list += (list.empty() ? "(" : ", (") + sqltext::quote_string(schema) + ", " +
            sqltext::quote_string(table) + ")";
  }
  return list;
}

// Who has one of the tables, in the order that read_holder() expects. A session that runs in
// autocommit mode lets its table go with its statement: how long that has run counts. Sluice's own
// scans and checks are left out, by the name that they give of themselves.
const std::string kMysqlHolders =
    "SELECT t.PROCESSLIST_ID, MIN(l.OBJECT_NAME), MIN(t.PROCESSLIST_USER), "
    "MIN(t.PROCESSLIST_HOST), MAX(l.LOCK_TYPE IN ('SHARED_READ_ONLY', 'SHARED_NO_READ_WRITE')), "
    "GREATEST(COALESCE(MAX(x.TIMER_WAIT) DIV 1000000000000, 0), "
    "COALESCE(MAX(t.PROCESSLIST_TIME), 0)), MIN(t.PROCESSLIST_COMMAND), MIN(s.DIGEST_TEXT) "
    "FROM performance_schema.metadata_locks l JOIN performance_schema.threads t ON t.THREAD_ID = "
    "l.OWNER_THREAD_ID LEFT JOIN performance_schema.events_transactions_current x ON x.THREAD_ID "
    "= l.OWNER_THREAD_ID AND x.STATE = 'ACTIVE' AND x.AUTOCOMMIT = 'NO' LEFT JOIN "
    "performance_schema.events_statements_current s ON s.THREAD_ID = l.OWNER_THREAD_ID AND "
    "s.NESTING_EVENT_LEVEL = 0 LEFT JOIN performance_schema.session_connect_attrs a ON "
    "a.PROCESSLIST_ID = t.PROCESSLIST_ID AND a.ATTR_NAME = 'program_name' WHERE l.OBJECT_TYPE = "
    "'TABLE' AND l.LOCK_STATUS = 'GRANTED' AND t.PROCESSLIST_ID <> CONNECTION_ID() AND "
    "COALESCE(a.ATTR_VALUE, '') <> 'sluice' AND (l.OBJECT_SCHEMA, l.OBJECT_NAME) IN (";
// MariaDB shows metadata locks only with its plugin METADATA_LOCK_INFO. INNODB_TRX has the system's
// time, NOW() the session's.
const std::string kMariadbHolders =
    "SELECT l.THREAD_ID, MIN(l.TABLE_NAME), MIN(p.USER), MIN(p.HOST), MAX(l.LOCK_MODE IN "
    "('MDL_SHARED_READ_ONLY', 'MDL_SHARED_NO_READ_WRITE')), GREATEST(COALESCE(TIMESTAMPDIFF("
    "SECOND, CONVERT_TZ(MIN(x.trx_started), 'SYSTEM', @@SESSION.time_zone), NOW()), 0), "
    "COALESCE(MAX(p.TIME_MS) DIV 1000, 0)), MIN(p.COMMAND), MIN(p.INFO) FROM "
    "information_schema.METADATA_LOCK_INFO l LEFT JOIN information_schema.PROCESSLIST p ON p.ID = "
    "l.THREAD_ID LEFT JOIN information_schema.INNODB_TRX x ON x.trx_mysql_thread_id = "
    "l.THREAD_ID WHERE l.THREAD_ID <> CONNECTION_ID() AND (l.TABLE_SCHEMA, l.TABLE_NAME) IN (";

constexpr std::size_t kMaxHolderStatement = 200;  // bytes of what is told of another's statement

// A session that has a table which a statement of the sheet needs for itself.
struct Holder {
  std::string id;
  std::string table;
  std::string who;      // "app at 10.0.0.5"
  bool locked = false;  // with LOCK TABLES (manual 15.3.6): until it says otherwise
  std::chrono::seconds held{0};
  bool runs = false;      // a statement, now
  std::string statement;  // without its literals, which are not for everybody; empty: not known
};

Holder read_holder(const mysql::Row& row, const policy::rules::Server& server) {
  Holder holder;
  holder.id = row.at(0).value_or("?");
  holder.table = row.at(1).value_or("?");
  holder.who =
      row.at(2).value_or("a user not told") + " at " + row.at(3).value_or("a host not told");
  holder.locked = row.at(4) == "1";
  const std::string held = row.at(5).value_or("0");
  std::int64_t seconds = 0;
  std::from_chars(held.data(), held.data() + held.size(), seconds);
  holder.held = std::chrono::seconds(seconds);
  holder.runs = row.at(6).value_or("") == "Query";
  holder.statement = row.at(7).value_or("");
  // Only MySQL tells the statement as its digest.
  if (server.engine == parser::Engine::MariaDb && !holder.statement.empty()) {
    const auto digest = std::make_unique<parser::StatementDigest>();
    digest->read(holder.statement, server.dialect());
    holder.statement = digest->text();
  }
  if (holder.statement.size() > kMaxHolderStatement) {
    holder.statement = holder.statement.substr(0, kMaxHolderStatement) + "...";
  }
  return holder;
}

std::string describe(const Holder& holder) {
  const std::string held = std::to_string(holder.held.count()) + " s";
  std::string text = "Connection " + holder.id + " (" + holder.who + ") ";
  if (holder.locked) {
    text += "has it under LOCK TABLES";
  } else if (holder.runs) {
    text += "uses it in a statement or transaction that has run for " + held;
  } else {
    text += "has it in a transaction that has been open for " + held;
  }
  if (!holder.statement.empty()) {
    text += (holder.runs ? "; it runs " : "; its last statement was ") + holder.statement;
  }
  return text +
         ". The change waits for it, and others' statements on the table wait behind. Wait for it, "
         "or end it with KILL " +
         holder.id + ".";
}

}  // namespace

void check_server_syntax(SnapshotReader& reader, const Preview& preview, Checks& checks) {
  auto& connection = reader.connection();
  std::size_t asked = 0;
  for (const auto& statement : preview.sheet().statements()) {
    const auto* facts = statement.facts();
    const auto& range = statement.range;
    // Behind it the texts may mean something else than in the session that asks: sql_mode, names.
    if (facts != nullptr && facts->class_name == "set_option") return;
    if (facts == nullptr || !may_be_prepared(*facts)) continue;
    if (range.end - range.begin > kMaxPreparedBytes || ++asked > kMaxPrepared) continue;
    const auto sql = preview.sheet().text().substr(range.begin, range.end - range.begin);
    mysql::Limits limits;
    limits.deadline = std::chrono::steady_clock::now() + kAskTime;
    const auto prepared =
        connection.query("PREPARE sluice_check FROM " + sqltext::quote_string(sql), limits);
    // Only its grammar is asked: tables may be made by statements before.
    if (prepared || prepared.error().number != kSyntaxError) continue;
    add_check(checks, "syntax", CheckLevel::kError, "The server does not understand the statement",
              prepared.error().message);
    place(checks, preview, statement);
  }
}

void check_privileges(const SnapshotReader& reader, const Preview& preview, Checks& checks) {
  std::set<std::pair<std::string, std::string>> told;
  for (const auto& statement : preview.sheet().statements()) {
    const auto* facts = statement.facts();
    if (facts == nullptr) continue;
    for (const auto& object : facts->objects) {
      const std::string& schema = object.schema.empty() ? preview.database() : object.schema;
      for (const auto privilege : privileges_for(*facts, object)) {
        const auto& grants = reader.grants();
        if (grants.has(privilege, schema)) continue;
        // A grant on the table alone may be enough, and only running it would tell.
        if (grants.has_on_part(privilege, schema)) continue;
        if (schema == "information_schema") continue;  // everybody's (manual 28.1)
        if (!told.emplace(privilege, schema).second) continue;
        if (grants.has_roles()) {
          add_check(checks, "privileges", CheckLevel::kWarning,
                    std::string(privilege) + " is not among the account's own grants",
                    "One of its roles may give it: make sure, or grant " + std::string(privilege) +
                        " on " + sqltext::quote_identifier(schema) + ".* to the account itself.");
          place(checks, preview, statement);
          continue;
        }
        add_check(checks, "privileges", CheckLevel::kError, std::string(privilege) + " is missing",
                  "Grant the instance's account " + std::string(privilege) + " on " +
                      sqltext::quote_identifier(schema) + ".*");
        place(checks, preview, statement);
      }
    }
  }
}

void check_binlog(SnapshotReader& reader, const Preview& preview, Checks& checks) {
  auto& connection = reader.connection();
  struct Wanted {
    std::string_view variable;
    std::string_view value;
    std::string_view fix;
  };
  // Manual 19.1.6.4; Aurora: parameters of the DB cluster parameter group.
  constexpr std::array<Wanted, 3> kWanted{{
      {"log_bin", "1",
       "start the server with --log-bin; on Aurora set binlog_format = ROW in the DB cluster "
       "parameter group and reboot"},
      {"binlog_format", "ROW",
       "SET GLOBAL binlog_format = 'ROW'; on Aurora set it in the DB cluster parameter group and "
       "reboot"},
      {"binlog_row_image", "FULL",
       "SET GLOBAL binlog_row_image = 'FULL'; on Aurora set it in the DB cluster parameter group"},
  }};
  std::string missing;
  std::string fixes;
  for (const Wanted& wanted : kWanted) {
    const auto value = connection.value("SELECT @@GLOBAL." + std::string(wanted.variable));
    if (value && *value == std::string(wanted.value)) continue;
    missing += (missing.empty() ? "" : ", ") + std::string(wanted.variable) + " is " +
               (value ? value->value_or("NULL") : "not known");
    fixes += (fixes.empty() ? "" : "; ") + std::string(wanted.fix);
  }
  if (missing.empty()) {
    add_check(checks, "binlog", CheckLevel::kPassed, "The change can be rolled back",
              "From the binary log: its rows are kept when it is done.");
    return;
  }
  const std::string log =
      missing + ": the binary log will not have the rows. To change that: " + fixes + ".";
  for (const auto& statement : preview.sheet().statements()) {
    const auto plan = plan_capture(statement, preview.database());
    if (plan.refused.empty()) continue;
    add_check(checks, "binlog", CheckLevel::kWarning, "The change cannot be rolled back",
              "Its rows would have to be read before and after each statement, and " +
                  plan.refused + ". " + log);
    place(checks, preview, statement);
    return;
  }
  add_check(checks, "binlog", CheckLevel::kPassed,
            "The change can be rolled back by rows that are read before and after each statement",
            log);
}

void check_locks(SnapshotReader& reader, const Preview& preview, Checks& checks,
                 std::chrono::seconds patience) {
  const auto tables = altered_tables(preview);
  if (tables.empty()) return;
  const bool mariadb = reader.connection().is_mariadb();
  const auto rows = reader.connection().rows(
      (mariadb ? kMariadbHolders : kMysqlHolders) + table_list(tables) +
      (mariadb ? ") GROUP BY l.THREAD_ID, l.TABLE_SCHEMA, l.TABLE_NAME"
               : ") GROUP BY t.PROCESSLIST_ID, l.OBJECT_SCHEMA, l.OBJECT_NAME"));
  if (!rows) {
    add_check(checks, "locks", CheckLevel::kPassed, "Metadata locks cannot be looked at",
              "The server says: " + rows.error().message + ".");
    return;
  }
  for (const mysql::Row& row : *rows) {
    const auto holder = read_holder(row, preview.situation().server);
    if (!holder.locked && holder.held < patience) continue;
    add_check(checks, "locks", CheckLevel::kWarning,
              "A session is in the way of table " + holder.table, describe(holder));
  }
}

}  // namespace sluice::change
