#include "proxy/cli/rollback_texts.h"

#include <algorithm>
#include <array>

#include "admin/change/target.h"
#include "parser/parse.h"
#include "proxy/cli/printable.h"

namespace sluice::cli {
namespace {

using parser::Access;
using parser::ActionGroup;
using parser::ObjectKind;

// sql_mode as the server numbers it in the log.
constexpr std::array<std::pair<std::uint64_t, parser::SqlMode>, 8> kModes{{
    {0x1, parser::kRealAsFloat},
    {0x2, parser::kPipesAsConcat},
    {0x4, parser::kAnsiQuotes},
    {0x8, parser::kIgnoreSpace},
    {0x40, parser::kNoUnsignedSubtraction},
    {0x200, parser::kOracle},
    {0x100000, parser::kNoBackslashEscapes},
    {0x20000000, parser::kHighNotPrecedence},
}};

parser::Dialect dialect_of(const binlog::TextStatement& text, const TextQuestion& question) {
  parser::Dialect dialect;
  dialect.engine = question.maria ? parser::Engine::MariaDb : parser::Engine::MySql;
  dialect.server_version = question.server_version;
  for (const auto& [bit, mode] : kModes) {
    const bool oracle = mode == parser::kOracle;
    if ((text.sql_mode & bit) != 0 && (!oracle || question.maria)) dialect.sql_mode |= mode;
  }
  if (const auto charset = parser::charset_by_collation(text.client_charset.value_or(45)))
    dialect.charset = *charset;
  dialect.schema = text.schema;
  return dialect;
}

// Of the statement's kinds, those that change no row of a table that others see.
bool is_harmless(const parser::StatementFacts& facts) {
  switch (facts.group) {
    case ActionGroup::Read:
    case ActionGroup::Session:
    case ActionGroup::Transaction:
    case ActionGroup::Account:
    case ActionGroup::Server: return true;
    default: break;
  }
  static constexpr std::array<std::string_view, 4> kUpkeep{"analyze", "check", "checksum",
                                                           "optimize"};
  if (std::ranges::find(kUpkeep, facts.class_name) != kUpkeep.end()) return true;
  return !facts.objects.empty() &&
         std::ranges::all_of(facts.objects, [](const auto& object) { return object.temporary; });
}

bool changes(Access access) {
  return has(access, Access::Write) || has(access, Access::Create) || has(access, Access::Alter) ||
         has(access, Access::Drop);
}

// Text of a statement for a message: one line, not too long.
std::string excerpt(std::string_view sql) {
  sql = change::without_tag(sql);
  constexpr std::size_t kMost = 120;
  std::string out = printable(std::string(sql.substr(0, kMost)));
  if (sql.size() > kMost) out += " …";
  return out;
}

std::string of_change(const binlog::TextStatement& text) {
  return "the change holds a statement that is logged as text, not as rows, and cannot be undone "
         "from the log: " +
         excerpt(text.sql);
}

// What a later statement did to a table of the change.
std::optional<std::string> later(const parser::StatementFacts& facts,
                                 const binlog::TextStatement& text, const TextQuestion& question) {
  if (facts.group != ActionGroup::Ddl && facts.group != ActionGroup::Opaque) return std::nullopt;
  for (const auto& object : facts.objects) {
    if (object.temporary || !changes(object.access)) continue;
    const bool gone = object.kind == ObjectKind::Schema
                          ? has(object.access, Access::Drop) && question.changed(object.name, {})
                          : false;
    if (!gone &&
        (object.kind != ObjectKind::Table || !question.changed(object.schema, object.name)))
      continue;
    const bool replaced = gone || has(object.access, Access::Drop) ||
                          has(object.access, Access::Create) || facts.class_name == "truncate" ||
                          facts.class_name == "rename_table";
    if (replaced) {
      return "after the change its table was emptied, dropped, renamed or made anew, and rows "
             "brought back would not belong there: " +
             excerpt(text.sql);
    }
    if (!question.shaped(object.schema, object.name)) {
      return "after the change its table was altered: give the table's definition as it is now "
             "with --schema (" +
             excerpt(text.sql) + ")";
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> text_obstacle(const binlog::TextStatement& text,
                                         const TextQuestion& question) {
  const auto parsed = parser::parse(text.sql, dialect_of(text, question));
  if (parsed.accepted() && !parsed.statements.empty()) {
    const auto& facts = parsed.statements.front().facts;
    if (is_harmless(facts)) return std::nullopt;
    return text.selected ? of_change(text) : later(facts, text, question);
  }
  if (text.selected) return of_change(text);
  // Not understood: what may name a table of the change counts as altering it.
  if (!question.changed({}, text.sql)) return std::nullopt;
  return "after the change there is a statement that is not understood and may have altered its "
         "table: " +
         excerpt(text.sql);
}

}  // namespace sluice::cli
