// What INSERT, UPDATE, DELETE and SET write, and what LIMIT and INTO say.
#include <algorithm>
#include <charconv>

#include "parser/facts_walk.h"
#include "parser/name_charset.h"
#include "parser/tree.h"
#include "parser/words.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;

}  // namespace

void FactsWalk::insert(Context* context) {
  children(context);
  const auto target = names(child(context, G::RuleWrittenTable));
  const std::string schema = target.size() > 1 ? target.front() : std::string();
  auto* body = child(context, G::RuleInsertBody);
  std::vector<Alias> one{
      {target.back(), schema.empty() ? default_schema() : schema, target.back()}};
  for (auto* from : {body, context, child(context, G::RuleOnDuplicate)}) {
    if (from == nullptr) continue;
    for (auto* node : from->children) {
      auto* inner = rule(node);
      if (inner == nullptr) continue;
      if (inner->getRuleIndex() == G::RuleAssignment ||
          inner->getRuleIndex() == G::RuleInsertColumn) {
        assigned(child(inner, G::RuleColumnRef), one);
      }
    }
  }
  if (body == nullptr) return;
  if (has_token(body, G::SET)) facts_.inserted_rows = 1;
  auto* values = child(body, G::RuleInsertSource);
  if (values == nullptr || child(values, G::RuleInsertRow) == nullptr) return;
  const auto* tail = child(values, G::RuleQueryTail);
  if (tail != nullptr && !tail->children.empty()) return;
  std::uint64_t rows = 0;
  for (auto* node : values->children) {
    auto* row = rule(node);
    if (row == nullptr || row->getRuleIndex() != G::RuleInsertRow) continue;
    rows += 1 + tokens_.at(row->getStop()->getTokenIndex()).collapsed;
  }
  facts_.inserted_rows = rows;
}

void FactsWalk::aliases(Context* context, std::vector<Alias>& found) {
  for (auto* node : context->children) {
    auto* inner = rule(node);
    if (inner == nullptr) continue;
    switch (inner->getRuleIndex()) {
      case G::RuleBaseTable: {
        const auto parts = names(child(inner, G::RuleReadTable));
        auto* alias = child(inner, G::RuleIdentifier);
        Alias one;
        one.table = parts.back();
        one.schema = parts.size() > 1 ? parts.front() : default_schema();
        one.name = alias != nullptr ? unquoted(alias->getStart()) : parts.back();
        const bool common = parts.size() == 1 && is_common(parts.back());
        if (common) one.table.clear();
        found.push_back(std::move(one));
        break;
      }
      case G::RuleTableReferences:
      case G::RuleTableReference:
      case G::RuleTableFactor:
      case G::RuleDerivedBody: aliases(inner, found); break;
      default: break;
    }
  }
}

// A column on the left of an assignment writes its table; an unqualified one any of them.
void FactsWalk::assigned(Context* column, const std::vector<Alias>& from) {
  const auto parts = names(column);
  ColumnUse use;
  use.column = parts.back();
  for (const auto& alias : from) {
    const bool named = parts.size() > 1;
    if (named && lower_case(alias.name) != lower_case(parts[parts.size() - 2])) continue;
    if (alias.table.empty()) continue;
    add(alias.schema, alias.table, ObjectKind::Table, Access::Write);
    if (named || from.size() == 1) {
      use.schema = alias.schema;
      use.table = alias.table;
    }
  }
  auto& written = facts_.columns_written;
  if (std::find(written.begin(), written.end(), use) == written.end())
    written.push_back(std::move(use));
}

// Of a UNION each arm must have its WHERE.
void FactsWalk::block(Context* spec) {
  auto* from = child(spec, G::RuleFromClause);
  const bool reads = from != nullptr && child(from, G::RuleTableReferences) != nullptr;
  if (depth_ <= 1 && reads && child(spec, G::RuleWhereClause) == nullptr) open_block_ = true;
  children(spec);
}

// WHERE and LIMIT of an UPDATE or DELETE are its own; those of a subquery limit nothing.
void FactsWalk::own_clauses(Context* context) {
  open_block_ = false;
  facts_.has_where = child(context, G::RuleWhereClause) != nullptr;
  facts_.limit.reset();
  if (auto* clause = child(context, G::RuleCountLimit)) limit(clause);
}

void FactsWalk::update(Context* context) {
  children(context);
  own_clauses(context);
  std::vector<Alias> from;
  aliases(context, from);
  for (auto* node : context->children) {
    auto* inner = rule(node);
    if (inner != nullptr && inner->getRuleIndex() == G::RuleAssignment) {
      assigned(child(inner, G::RuleColumnRef), from);
    }
  }
}

void FactsWalk::erase(Context* context) {
  std::vector<Alias> from;
  aliases(context, from);
  for (auto* node : context->children) {
    auto* inner = rule(node);
    if (inner == nullptr) continue;
    if (inner->getRuleIndex() != G::RuleDeleteTarget) {
      walk(inner);
      continue;
    }
    check_all(inner);
    const auto parts = names(child(inner, G::RuleWrittenTable));
    const auto alias = std::find_if(from.begin(), from.end(), [&](const Alias& one) {
      return parts.size() == 1 && !one.table.empty() &&
             lower_case(one.name) == lower_case(parts.back());
    });
    if (alias != from.end()) {
      add(alias->schema, alias->table, ObjectKind::Table, Access::Write);
    } else {
      add(parts.size() > 1 ? parts.front() : default_schema(), parts.back(), ObjectKind::Table,
          Access::Write);
    }
  }
  own_clauses(context);
}

void FactsWalk::set_item(Context* context) {
  auto* user = child(context, G::RuleUserVariable);
  if (user != nullptr) {
    check(user);
    variable(user, true);
    if (auto* value = child(context, G::RuleExpr)) walk(value);
    return;
  }
  std::string scope = "session";
  std::vector<std::string> parts;
  if (auto* system = child(context, G::RuleSystemVariable)) {
    parts = names(system);
    const std::string first = lower_case(parts.front());
    if (parts.size() > 1 && (first == "global" || first == "persist" || first == "persist_only"))
      scope = first;
    if (parts.size() > 1 && (scope != "session" || first == "session" || first == "local"))
      parts.erase(parts.begin());
  } else if (auto* name = child(context, G::RuleVariableName)) {
    parts = names(name);
    if (has_token(context, G::GLOBAL)) scope = "global";
    if (auto* persist = child(context, G::RuleMysqlPersist))
      scope = persist->start->getType() == G::PERSIST ? "persist" : "persist_only";
  } else {
    parts.emplace_back("character_set_client");
  }
  std::string name;
  for (const auto& part : parts) name += (name.empty() ? "" : ".") + lower_case(part);
  facts_.system_variables_set.push_back(scope + "." + name);
  children(context);
}

// LIMIT count, LIMIT offset, count, LIMIT count OFFSET offset, FETCH FIRST count ROWS: the count.
void FactsWalk::limit(Context* context) {
  children(context);
  if (depth_ > 1) return;
  Context* counted = context;
  if (auto* fetch = child(context, G::RuleMariaFetch)) {
    counted = child(fetch, G::RuleFetchClause);
    if (counted == nullptr) return;
    if (child(counted, G::RuleLimitValue) == nullptr) facts_.limit = 1;
  }
  std::vector<Context*> values;
  for (auto* node : counted->children) {
    if (auto* inner = rule(node); inner != nullptr && inner->getRuleIndex() == G::RuleLimitValue)
      values.push_back(inner);
  }
  if (values.empty()) return;
  const auto* count = has_token(counted, G::OP_COMMA) ? values.back() : values.front();
  const std::string_view text = source(count->start);
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size()) facts_.limit = number;
}

void FactsWalk::into(Context* context) {
  if (has_token(context, G::OUTFILE)) {
    facts_.into = IntoKind::Outfile;
  } else if (has_token(context, G::DUMPFILE)) {
    facts_.into = IntoKind::Dumpfile;
  } else {
    facts_.into = IntoKind::Variables;
  }
  children(context);
}

// NEXTVAL(s) and SETVAL(s, n) write a sequence, LASTVAL(s) reads it. What NEXTVAL takes is a gap,
// as a rolled back INSERT leaves one; SETVAL decides what others get, and is a change of data.
void FactsWalk::sequence_call(Context* call, const std::string& word) {
  auto* first = child(child(call, G::RuleCallArguments), G::RuleArgument);
  if (first == nullptr) return;
  Context* at = first;
  while (at != nullptr && at->getRuleIndex() != G::RuleNameOrCall)
    at = at->children.size() == 1 ? rule(at->children.front()) : nullptr;
  if (at == nullptr) {
    reserved_ = first->start;
    return;
  }
  const auto parts = names(at);
  if (word == "setval") sets_sequence_ = true;
  add(parts.size() > 1 ? parts.front() : default_schema(), parts.back(), ObjectKind::Sequence,
      word == "lastval" ? Access::Read : Access::Write);
}

// NEXT VALUE FOR writes the sequence, PREVIOUS VALUE FOR reads it.
void FactsWalk::next_value(Context* context) {
  const auto parts = names(context);
  const bool next = context->getStart()->getType() == G::NEXT;
  add(parts.size() > 1 ? parts.front() : default_schema(), parts.back(), ObjectKind::Sequence,
      next ? Access::Write : Access::Read);
}

// A text in the place of a name, of which the server would make another name.
const antlr4::Token* FactsWalk::misread_text(const Context* context) const {
  for (std::size_t i = context->start->getTokenIndex(); i <= context->stop->getTokenIndex(); ++i) {
    const SqlToken& token = tokens_.at(i);
    if (token.type != G::TEXT_STRING) continue;
    const std::string_view text = source(&token);
    if (!is_name(text.substr(1, text.size() - 2), dialect_)) return &token;
  }
  return nullptr;
}

}  // namespace sluice::parser
