#include "admin/change/snapshot.h"

#include <algorithm>

#include "parser/sqltext/quote.h"

namespace sluice::change {
namespace {

using mysql::Limits;
using mysql::Result;
using mysql::Row;
using schema::ObjectKind;
using sqltext::quote_identifier;
using sqltext::quote_string;

// How much goes to the server in one round trip. A SHOW CREATE is about 40 bytes and its answer two
// kilobytes; the answers are read as they come.
constexpr std::size_t kStatementsPerTrip = 500;
constexpr unsigned kLockWait = 1205;  // ER_LOCK_WAIT_TIMEOUT
constexpr std::uint64_t kMaxAnswer = std::uint64_t{1}
                                     << 30;  // a database with 10,000 tables: 30 MB

std::string cell(const Row& row, std::size_t at) {
  return at < row.size() ? row[at].value_or("") : "";
}

struct Wanted {
  ObjectKind kind = ObjectKind::Table;
  std::string name;
};

std::string show_create(const Wanted& wanted) {
  std::string what(to_string(wanted.kind));
  return "SHOW CREATE " + what + " " + quote_identifier(wanted.name);
}

// The columns of SHOW CREATE's answers (manual 15.7.7), by kind: where the text, the sql_mode and
// the character sets are.
struct Layout {
  std::size_t text = 1;
  int sql_mode = -1;
  int charset_client = -1;  // followed by collation_connection and, for programs, the database's
};
Layout layout_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::View: return {1, -1, 2};
    case ObjectKind::Procedure:
    case ObjectKind::Function:
    case ObjectKind::Package:
    case ObjectKind::PackageBody:
    case ObjectKind::Trigger: return {2, 1, 3};
    case ObjectKind::Event: return {3, 1, 4};
    case ObjectKind::Library: return {2, -1, -1};
    default: return {1, -1, -1};
  }
}

Definition definition_of(const Wanted& wanted, const Row& row) {
  const auto layout = layout_of(wanted.kind);
  Definition out;
  out.kind = wanted.kind;
  out.name = wanted.name;
  out.text = cell(row, layout.text);
  if (layout.sql_mode >= 0)
    out.context.sql_mode = cell(row, static_cast<std::size_t>(layout.sql_mode));
  if (layout.charset_client >= 0) {
    const auto at = static_cast<std::size_t>(layout.charset_client);
    out.context.charset_client = cell(row, at);
    out.context.collation_connection = cell(row, at + 1);
    if (wanted.kind != ObjectKind::View) out.context.database_collation = cell(row, at + 2);
  }
  return out;
}

// Takes the answers of a text with many statements: the first row of each.
class FirstRows final : public mysql::Sink {
 public:
  bool columns(std::span<const mysql::Column>) override { return true; }
  bool row(std::span<const mysql::CellView> cells) override {
    if (!row_.empty()) return true;
    for (const auto& one : cells) {
      row_.push_back(one ? mysql::Cell(std::string(*one)) : mysql::Cell());
      bytes += one ? one->size() : 0;
    }
    return bytes <= kMaxAnswer;
  }
  bool done(const mysql::Completion&) override {
    rows.push_back(std::move(row_));
    row_.clear();
    return true;
  }
  std::vector<Row> rows;
  std::size_t bytes = 0;

 private:
  Row row_;
};

// An object that went between the list and its SHOW CREATE.
bool is_gone(unsigned number) {
  switch (number) {
    case 1146:  // no such table
    case 1305:  // no such routine
    case 1360:  // no such trigger
    case 1539:  // no such event
    case 4091:  // MariaDB: no such sequence
    case 1347:  // no longer a view
    case 4089:  // MariaDB: no longer a sequence
      return true;
    default: return false;
  }
}

class Reading {
 public:
  Reading(mysql::Connection& connection, const Limits& limits, Snapshot& snapshot)
      : connection_(connection), limits_(limits), snapshot_(snapshot) {
    limits_.max_bytes = kMaxAnswer;
  }

  Result<std::vector<Row>> rows(const std::string& sql) {
    ++snapshot_.round_trips;
    return connection_.rows(sql, limits_);
  }

  Result<void> show_all(const std::vector<Wanted>& wanted) {
    for (std::size_t at = 0; at < wanted.size();) {
      const auto end = std::min(wanted.size(), at + kStatementsPerTrip);
      std::string text;
      for (auto i = at; i < end; ++i) text += (i == at ? "" : ";") + show_create(wanted[i]);
      FirstRows answers;
      ++snapshot_.round_trips;
      const auto ran = connection_.stream(text, answers, limits_);
      for (std::size_t i = 0; i < answers.rows.size() && at + i < end; ++i)
        keep(wanted[at + i], answers.rows[i]);
      snapshot_.bytes += answers.bytes;
      at += answers.rows.size();
      if (ran) continue;
      // The statement at `at` failed, and those behind it did not run.
      if (ran.error().kind != mysql::Failure::kServer || at >= end) return ran.error();
      // Somebody has it locked (LOCK TABLES ... WRITE): it is there, and may be read later.
      if (ran.error().number == kLockWait) return ran.error();
      unreadable(wanted[at], ran.error());
      ++at;
    }
    return {};
  }

  std::vector<Definition> definitions;

 private:
  void keep(const Wanted& wanted, const Row& row) {
    auto definition = definition_of(wanted, row);
    if (!definition.text.empty()) {
      definitions.push_back(std::move(definition));
    } else if (!row.empty()) {  // NULL: the account may not see the body
      snapshot_.findings.push_back(
          {std::string(to_string(wanted.kind)) + " " + wanted.name,
           "its body is not shown to this account: grant SHOW_ROUTINE (MySQL 8.0.20), or SELECT on "
           "mysql.* (MariaDB: mysql.proc)"});
      hide(wanted.kind);
    }
  }
  void unreadable(const Wanted& wanted, const mysql::Fault& fault) {
    if (is_gone(fault.number)) return;
    snapshot_.findings.push_back({std::string(to_string(wanted.kind)) + " " + wanted.name,
                                  "its definition cannot be read: " + fault.message});
    hide(wanted.kind);
  }
  void hide(ObjectKind kind) {
    auto& hidden = snapshot_.hidden;
    if (std::find(hidden.begin(), hidden.end(), kind) == hidden.end()) hidden.push_back(kind);
  }

  mysql::Connection& connection_;
  Limits limits_;
  Snapshot& snapshot_;
};

ObjectKind table_kind(const std::string& type) {
  if (type == "VIEW") return ObjectKind::View;
  if (type == "SEQUENCE") return ObjectKind::Sequence;
  return ObjectKind::Table;
}

ObjectKind routine_kind(const std::string& type) {
  if (type == "FUNCTION") return ObjectKind::Function;
  if (type == "PACKAGE") return ObjectKind::Package;
  if (type == "PACKAGE BODY") return ObjectKind::PackageBody;
  return ObjectKind::Procedure;
}

// A condition on an object's name; empty: every object is wanted.
std::string named(const std::string& column, const std::string& list) {
  return list.empty() ? "" : " AND " + column + " IN (" + list + ")";
}

// Tables whose foreign keys name others: a rename there changes their definitions. The list of
// `names` grows by them.
Result<void> add_children(Reading& reading, const std::string& where, std::string& names) {
  auto children = reading.rows(
      "SELECT DISTINCT TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE "
      "CONSTRAINT_SCHEMA = " +
      where + named("REFERENCED_TABLE_NAME", names));
  if (!children) return children.error();
  for (const auto& row : *children) names += ", " + quote_string(cell(row, 0));
  return {};
}

Result<std::vector<Wanted>> list_objects(Reading& reading, const std::string& database,
                                         const Server& server, std::string names = {}) {
  std::vector<Wanted> wanted;
  const auto where = quote_string(database);
  if (!names.empty()) {
    if (auto added = add_children(reading, where, names); !added) return added.error();
  }
  auto tables = reading.rows(
      "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = " + where +
      " AND TABLE_TYPE <> 'TEMPORARY'" + named("TABLE_NAME", names) + " ORDER BY TABLE_NAME");
  if (!tables) return tables.error();
  for (const auto kind : {ObjectKind::Sequence, ObjectKind::Table, ObjectKind::View}) {
    for (const auto& row : *tables) {
      if (table_kind(cell(row, 1)) == kind) wanted.push_back({kind, cell(row, 0)});
    }
  }
  if (!server.target.mariadb && server.target.version >= 90200) {
    auto libraries = reading.rows(
        "SELECT LIBRARY_NAME FROM information_schema.LIBRARIES WHERE LIBRARY_SCHEMA = " + where +
        named("LIBRARY_NAME", names));
    if (!libraries) return libraries.error();
    for (const auto& row : *libraries) wanted.push_back({ObjectKind::Library, cell(row, 0)});
  }
  auto routines = reading.rows(
      "SELECT ROUTINE_NAME, ROUTINE_TYPE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = " +
      where + named("ROUTINE_NAME", names) + " ORDER BY ROUTINE_TYPE, ROUTINE_NAME");
  if (!routines) return routines.error();
  for (const auto& row : *routines) {
    wanted.push_back({routine_kind(cell(row, 1)), cell(row, 0)});
  }
  auto triggers = reading.rows(
      "SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER "
      "FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = " +
      where +
      (names.empty()
           ? ""
           : " AND (EVENT_OBJECT_TABLE IN (" + names + ") OR TRIGGER_NAME IN (" + names + "))"));
  if (!triggers) return triggers.error();
  std::stable_sort(triggers->begin(), triggers->end(), [](const Row& a, const Row& b) {
    return std::stoul("0" + cell(a, 4)) < std::stoul("0" + cell(b, 4));
  });
  for (const auto& row : *triggers) wanted.push_back({ObjectKind::Trigger, cell(row, 0)});
  auto events = reading.rows(
      "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = " + where +
      named("EVENT_NAME", names));
  if (!events) return events.error();
  for (const auto& row : *events) wanted.push_back({ObjectKind::Event, cell(row, 0)});
  return wanted;
}

// Kinds of which information_schema shows an account only what it has a privilege on.
void find_hidden(const Grants& grants, const std::string& database, bool mariadb,
                 Snapshot& snapshot) {
  const auto hide = [&](std::vector<ObjectKind> kinds, const char* what, const char* privilege) {
    for (const auto kind : kinds) snapshot.hidden.push_back(kind);
    snapshot.findings.push_back({"", std::string(what) + " of " + quote_identifier(database) +
                                         " are not all shown to this account and are left out: "
                                         "grant " +
                                         privilege});
  };
  const bool proc = grants.has("SELECT") || grants.has("SELECT", "mysql");
  if (!(mariadb ? proc : grants.has("SHOW_ROUTINE") || grants.has("SELECT"))) {
    hide({ObjectKind::Procedure, ObjectKind::Function, ObjectKind::Package}, "stored routines",
         mariadb ? "SELECT ON mysql.*" : "SHOW_ROUTINE ON *.*");
  }
  if (!grants.has("TRIGGER", database)) hide({ObjectKind::Trigger}, "triggers", "TRIGGER");
  if (!grants.has("EVENT", database)) hide({ObjectKind::Event}, "events", "EVENT");
  if (!grants.has("SHOW VIEW", database) || !grants.has("SELECT", database)) {
    hide({ObjectKind::View}, "views", "SELECT, SHOW VIEW");
  }
  if (!grants.has("SELECT", database)) {
    hide({ObjectKind::Table, ObjectKind::Sequence}, "tables", "SELECT");
  }
}

}  // namespace

Result<std::unique_ptr<SnapshotReader>> SnapshotReader::open(mysql::Options options) {
  options.database.clear();
  options.multi_statements = true;
  auto connection = mysql::Connection::open(options);
  if (!connection) return connection.error();
  std::unique_ptr<SnapshotReader> reader(new SnapshotReader(std::move(*connection)));
  if (auto ready = reader->prepare(); !ready) return ready.error();
  return reader;
}

Result<void> SnapshotReader::prepare() {
  // SHOW CREATE writes in the session's sql_mode; ours is the one that the model reads.
  if (auto set = connection_->query("SET SESSION sql_mode = '', sql_quote_show_create = 1"); !set)
    return set.error();
  const bool mariadb = connection_->is_mariadb();
  if (!mariadb) {
    // Older servers do not know it, and there it is off.
    (void)connection_->query("SET SESSION show_create_table_verbosity = OFF");
  }
  auto facts = connection_->rows("SELECT @@lower_case_table_names, VERSION()");
  if (!facts) return facts.error();
  server_.version = cell(facts->at(0), 1);
  server_.target.mariadb = mariadb;
  server_.target.version = connection_->version();
  server_.target.lower_case_names = cell(facts->at(0), 0) != "0";
  const auto aurora = connection_->value("SELECT @@aurora_version");  // unknown elsewhere
  server_.flavor = mariadb ? "MariaDB" : aurora ? "Aurora" : "MySQL";
  std::string show = "SHOW GRANTS";
  if (!mariadb) {
    const auto roles = connection_->value("SELECT CURRENT_ROLE()");
    if (roles && *roles && **roles != "NONE") show += " FOR CURRENT_USER() USING " + **roles;
  }
  auto lines = connection_->rows(show);
  if (!lines) return lines.error();
  for (const auto& row : *lines) grants_.add(cell(row, 0));
  return {};
}

Result<std::vector<SnapshotReader::Listed>> SnapshotReader::databases(const Limits& limits) {
  auto rows = connection_->rows(
      "SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM "
      "information_schema.SCHEMATA ORDER BY SCHEMA_NAME",
      limits);
  if (!rows) return rows.error();
  std::vector<Listed> list;
  for (const auto& row : *rows) {
    const auto name = cell(row, 0);
    const auto folded = schema::lower(name);
    if (folded == "mysql" || folded == "sys" || folded == "information_schema" ||
        folded == "performance_schema") {
      continue;
    }
    list.push_back({name, cell(row, 1), cell(row, 2)});
  }
  return list;
}

Result<Snapshot> SnapshotReader::read(const std::string& database, const Limits& limits) {
  return read(database, std::string(), limits);
}

Result<Snapshot> SnapshotReader::read_objects(const std::string& database,
                                              const std::set<std::string>& names,
                                              const Limits& limits) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + quote_string(name);
  return read(database, list.empty() ? quote_string("") : list, limits);
}

Result<Snapshot> SnapshotReader::read(const std::string& database, const std::string& names,
                                      const Limits& limits) {
  Snapshot snapshot;
  snapshot.server = server_;
  Reading reading(*connection_, limits, snapshot);
  // In its own database a view's text does not name the database.
  if (auto used = reading.rows("USE " + quote_identifier(database)); !used) return used.error();
  auto own = reading.rows(
      "SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM "
      "information_schema.SCHEMATA WHERE SCHEMA_NAME = " +
      quote_string(database));
  if (!own) return own.error();
  schema::Schema empty;
  empty.name = own->empty() ? database : cell(own->front(), 0);
  if (!own->empty()) {
    empty.charset = cell(own->front(), 1);
    empty.collation = cell(own->front(), 2);
  }
  find_hidden(grants_, empty.name, server_.target.mariadb, snapshot);
  auto wanted = list_objects(reading, empty.name, server_, names);
  if (!wanted) return wanted.error();
  if (auto shown = reading.show_all(*wanted); !shown) return shown.error();
  snapshot.schema =
      assemble(reading.definitions, std::move(empty), server_.target, snapshot.findings);
  forget_hidden(snapshot.schema, snapshot.hidden);
  return snapshot;
}

}  // namespace sluice::change
