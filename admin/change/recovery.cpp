#include "admin/change/recovery.h"

#include <algorithm>
#include <array>

#include "admin/change/target.h"
#include "parser/schema/diff.h"
#include "parser/sqltext/quote.h"

namespace sluice::change {
namespace {

using parser::ActionGroup;
using parser::StatementFacts;

// Classes whose text both servers log as it was sent, whenever they run to their end; the others
// are rewritten (DROP TABLE, CREATE VIEW, stored programs, accounts) and lose their tag.
constexpr std::array<std::string_view, 13> kLoggedAsSent{
    "create_table", "alter_table",    "create_index", "drop_index", "rename_table",
    "truncate",     "create_db",      "alter_db",     "drop_db",    "drop_view",
    "drop_event",   "drop_procedure", "drop_function"};

// Of SHOW BINLOG EVENTS: Log_name, Pos, Event_type, Server_id, End_log_pos, Info.
class Texts final : public mysql::Sink {
 public:
  explicit Texts(const std::function<void(std::string_view)>& each) : each_(each) {}
  bool columns(std::span<const mysql::Column>) override { return true; }
  bool row(std::span<const mysql::CellView> cells) override {
    if (cells.size() >= 6 && cells[5]) each_(*cells[5]);
    return true;
  }
  bool done(const mysql::Completion&) override { return true; }

 private:
  const std::function<void(std::string_view)>& each_;
};

bool changes_log(const StatementFacts& facts) {
  return std::ranges::any_of(facts.system_variables_set, [](const std::string& variable) {
    return variable.find("log_bin") != std::string::npos ||
           variable.find("binlog") != std::string::npos;
  });
}

bool makes_temporary(const StatementFacts& facts) {
  return std::ranges::any_of(facts.objects,
                             [](const parser::ObjectUse& object) { return object.temporary; });
}

// A SET or USE that gives the same in any session.
bool is_plain_session(const StatementFacts& facts) {
  if (facts.class_name != "set_option" && facts.class_name != "change_db") return false;
  const bool reads = std::ranges::any_of(facts.objects, [](const parser::ObjectUse& object) {
    return object.kind != parser::ObjectKind::Schema;
  });
  return !reads && facts.functions.empty() && !facts.dynamic;
}

bool leaves_session_state(const StatementFacts& facts) {
  return facts.group == ActionGroup::Session || makes_temporary(facts) ||
         !facts.user_variables_written.empty() || !facts.prepared_name.empty() ||
         facts.class_name == "lock_tables";
}

enum class Alike : std::uint8_t { kSame, kButForIt, kDifferent };

// How a schema and the live one differ: in nothing, in the named object alone, or otherwise.
Alike compare(const schema::Schema& one, const schema::Schema& live, const std::string& name,
              const schema::Target& target) {
  schema::DiffOptions options;
  options.target = target;
  const auto changes = schema::diff(one, live, options);
  if (changes.empty()) return Alike::kSame;
  const bool only = !name.empty() && std::ranges::all_of(changes, [&](const auto& change) {
    // "VIEW v"
    const auto blank = change.object.find(' ');
    return blank != std::string::npos && change.object.substr(blank + 1) == name;
  });
  return only ? Alike::kButForIt : Alike::kDifferent;
}

}  // namespace

mysql::Result<bool> read_binlog_texts(mysql::Connection& connection, const std::string& from,
                                      std::int64_t position,
                                      const std::function<void(std::string_view)>& each) {
  if (from.empty()) return false;
  const auto logs = connection.rows("SHOW BINARY LOGS");
  if (!logs) {
    if (logs.error().kind == mysql::Failure::kServer) return false;
    return logs.error();
  }
  bool reached = false;
  for (const mysql::Row& log : *logs) {
    const std::string file = log.at(0).value_or("");
    const bool first = file == from;
    reached = reached || first;
    if (!reached) continue;
    std::string sql = "SHOW BINLOG EVENTS IN " + sqltext::quote_string(file);
    if (first) sql += " FROM " + std::to_string(position);
    Texts texts(each);
    const auto read = connection.stream(sql, texts);
    if (read) continue;
    if (read.error().kind == mysql::Failure::kServer) return false;
    return read.error();
  }
  const auto now = read_position(connection);
  if (!now) return now.error();
  return reached && !now->filtered;
}

mysql::Result<BinlogEvidence> search_binlog(mysql::Connection& connection, const store::Run& run) {
  BinlogEvidence evidence;
  const auto whole = read_binlog_texts(connection, run.mark.binlog_file, run.mark.binlog_position,
                                       [&](std::string_view text) {
                                         if (const auto position = find_tag(run, text))
                                           evidence.found.insert(*position);
                                       });
  if (!whole) return whole.error();
  evidence.whole = *whole;
  return evidence;
}

SchemaEvidence compare_schema(const schema::Schema& before,
                              const policy::rules::SheetStatement& statement,
                              const schema::Schema& live, const schema::Target& target) {
  if (std::holds_alternative<schema::Other>(statement.ddl.body)) return SchemaEvidence::kNothing;
  schema::Schema after = before;
  if (!schema::apply(after, statement.ddl, target).empty()) return SchemaEvidence::kNothing;
  // The server writes views in its own words: that the object is there, and was not, is what tells.
  const auto* create = std::get_if<schema::Create>(&statement.ddl.body);
  const std::string name = create == nullptr ? "" : create->name.name;
  const Alike to_before = compare(before, live, name, target);
  const Alike to_after = compare(after, live, name, target);
  if (to_before == to_after && to_before != Alike::kButForIt) return SchemaEvidence::kNothing;
  if (to_before == Alike::kSame) return SchemaEvidence::kBefore;
  if (to_after == Alike::kDifferent) return SchemaEvidence::kNothing;
  return SchemaEvidence::kAfter;
}

Judgement judge(const StatementFacts& facts, std::int64_t position, const BinlogEvidence& log,
                bool logs_row_texts, SchemaEvidence schema) {
  if (log.found.contains(position)) return {Fate::kRan, "the binary log has it"};
  // BEGIN, and COMMIT where nothing was open; XA's prepared transactions outlive their session.
  const bool opens =
      facts.group == ActionGroup::Transaction && !facts.class_name.starts_with("xa_");
  if (facts.group == ActionGroup::Read || facts.group == ActionGroup::Session || opens) {
    return {Fate::kDidNotRun, "it changes nothing that stays"};
  }
  if (schema == SchemaEvidence::kAfter) {
    return {Fate::kRan, "the live schema is the one that it leaves"};
  }
  if (schema == SchemaEvidence::kBefore) {
    return {Fate::kDidNotRun, "the live schema is the one before it"};
  }
  if (!log.whole) {
    return {Fate::kUnknown, "the binary log is off, filtered, purged or may not be read"};
  }
  const bool rows = facts.group == ActionGroup::Dml && !facts.dynamic && logs_row_texts;
  const bool sent = facts.group == ActionGroup::Ddl &&
                    std::ranges::find(kLoggedAsSent, facts.class_name) != kLoggedAsSent.end();
  if (rows || sent) return {Fate::kDidNotRun, "the binary log does not have it"};
  return {Fate::kUnknown, "the binary log does not keep the text of such a statement"};
}

std::string session_state_before(const policy::rules::Sheet& sheet, std::size_t position) {
  for (std::size_t i = 0; i < position && i < sheet.statements().size(); ++i) {
    const auto& statement = sheet.statements()[i];
    const StatementFacts* facts = statement.facts();
    const auto line = std::to_string(sheet.place(statement.range.begin).first);
    if (facts == nullptr) return "the statement of line " + line + " was not understood";
    if (changes_log(*facts)) return "line " + line + " changes what is logged";
    if (leaves_session_state(*facts) && !is_plain_session(*facts)) {
      return "line " + line + " left something in its session that is gone with it";
    }
  }
  return {};
}

std::vector<std::size_t> session_statements_before(const policy::rules::Sheet& sheet,
                                                   std::size_t position) {
  std::vector<std::size_t> statements;
  for (std::size_t i = 0; i < position && i < sheet.statements().size(); ++i) {
    const StatementFacts* facts = sheet.statements()[i].facts();
    if (facts != nullptr && is_plain_session(*facts)) statements.push_back(i);
  }
  return statements;
}

}  // namespace sluice::change
