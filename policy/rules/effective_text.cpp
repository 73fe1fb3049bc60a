#include "policy/rules/effective_text.h"

#include "parser/schema/canonical.h"

namespace sluice::policy::rules {
namespace {

const std::string& of(const schema::TableOptions& options, TextKind kind) {
  return kind == TextKind::kCharset ? options.charset : options.collation;
}
const std::string& of(const schema::DataType& type, TextKind kind) {
  return kind == TextKind::kCharset ? type.charset : type.collation;
}

std::string modern(const std::string& name) {
  if (name == "utf8") return "utf8mb3";
  return name.starts_with("utf8_") ? "utf8mb3" + name.substr(4) : name;
}

// Whether the statement itself says either; the other then follows from it.
bool says(const std::string& charset, const std::string& collation) {
  return !charset.empty() || !collation.empty();
}

void database_facts(const Check& check, const Step& step, TextKind kind,
                    std::vector<TextFact>& out) {
  const auto* database = std::get_if<schema::Database>(&step.statement->ddl.body);
  if (!database || database->verb == schema::Database::Verb::Use) return;
  const bool said = says(database->charset, database->collation);
  if (!said && database->verb == schema::Database::Verb::Alter) return;
  Server asked = check.situation().server;
  if (said) {
    asked.charset = modern(database->charset);
    asked.collation = modern(database->collation);
  }
  const auto got = asked.resolved();
  out.push_back({&step,
                 said ? (kind == TextKind::kCharset ? database->charset : database->collation)
                      : database->name,
                 "Database '" + database->name + "'",
                 kind == TextKind::kCharset ? got.charset : got.collation, said});
}

void table_facts(const Definition& defined, TextKind kind, std::vector<TextFact>& out) {
  std::string said;
  bool either = false;
  for (const auto* options : defined.options) {
    if (!of(*options, kind).empty()) said = of(*options, kind);
    either = either || says(options->charset, options->collation);
  }
  const auto* after = defined.after();
  const auto* before = defined.before();
  if (!after) {
    if (!said.empty())
      out.push_back({defined.step, said, "Table '" + defined.table.name + "'", modern(said), true});
    return;
  }
  const auto& value = of(after->options, kind);
  if (before && of(before->options, kind) == value && !either) return;
  if (!defined.create && !either) return;
  out.push_back({defined.step, said.empty() ? defined.table.name : said,
                 "Table '" + defined.table.name + "'", value, either});
}

void column_facts(const Definition& defined, TextKind kind, std::vector<TextFact>& out) {
  for (const auto& one : defined.columns) {
    const auto& written = of(one.written->type, kind);
    const bool said = says(one.written->type.charset, one.written->type.collation);
    // A column that says nothing has its table's, which is told once for the table.
    if (!said && (defined.create || !one.effective)) continue;
    const auto value = one.effective ? of(one.effective->type, kind) : modern(written);
    if (value.empty() || value == "binary") continue;
    if (one.before && of(one.before->type, kind) == value) continue;
    if (!schema::has_charset(one.written->type)) continue;
    out.push_back({defined.step, said && !written.empty() ? written : one.written->name,
                   "Column '" + one.written->name + "' of table '" + defined.table.name + "'",
                   value, said});
  }
}

}  // namespace

std::vector<TextFact> text_facts(const Check& check, TextKind kind) {
  std::vector<TextFact> out;
  for (const auto& step : check.steps()) {
    database_facts(check, step, kind, out);
    const auto defined = definition(step);
    if (!defined) continue;
    table_facts(*defined, kind, out);
    column_facts(*defined, kind, out);
  }
  return out;
}

}  // namespace sluice::policy::rules
