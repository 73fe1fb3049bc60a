// Queries: SELECT, VALUES, TABLE, set operations, WITH, and the tables they read.
#include <utility>

#include "parser/transform.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;

}  // namespace

Query Transform::query(Context* context) {
  Query result;
  if (context == nullptr || depth_ >= kMaxTreeDepth) {
    unknown();
    return result;
  }
  ++depth_;
  for (auto* node : context->children) {
    if (auto* inner = rule(node)) query_part(inner, result);
  }
  --depth_;
  if (result.blocks.empty() || result.operators.size() + 1 != result.blocks.size()) unknown();
  return result;
}

void Transform::query_part(Context* context, Query& query) {
  const std::size_t index = context->getRuleIndex();
  switch (index) {
    case G::RuleWithClause: query.with = with(context); return;
    case G::RulePlainQuery: query.blocks.push_back(plain_query(context)); return;
    case G::RuleTableQueryStart:
      if (child(context, G::RuleQueryExpression) == nullptr) {
        query.blocks.push_back(plain_query(context));
        return;
      }
      [[fallthrough]];
    case G::RuleQueryStart:
      if (auto* inner = child(context, G::RuleQueryExpression)) {
        QueryBlock parens;
        parens.kind = QueryBlock::Kind::Parens;
        parens.inner = this->query(inner);
        query.blocks.push_back(std::move(parens));
        return;
      }
      break;
    case G::RuleQueryTail:
    case G::RuleSetOperation: break;
    case G::RuleSetOperator: query.operators.push_back(words(context)); return;
    case G::RuleQueryEnd: return query_end(context, query);
    default: return unknown();
  }
  for (auto* node : context->children) {
    if (auto* inner = rule(node))
      query_part(inner, query);
    else
      unknown();
  }
}

// ORDER BY, LIMIT, then INTO and locks; another order has no shape here.
void Transform::query_end(Context* context, Query& query) {
  for (auto* node : context->children) {
    auto* inner = rule(node);
    if (inner != nullptr && inner->getRuleIndex() == G::RuleQueryEnding)
      inner = rule(inner->children.front());
    if (inner == nullptr) return unknown();
    const bool late = !query.locks.empty() || query.into.kind != IntoKind::None;
    switch (inner->getRuleIndex()) {
      case G::RuleOrderClause:
        if (late || query.limit || !query.order_by.empty()) return unknown();
        query.order_by = order(inner);
        break;
      case G::RuleLimitClause:
        if (late || query.limit) return unknown();
        query.limit = limit(inner);
        break;
      case G::RuleLockClause:
        if (query.into.kind != IntoKind::None && !query.locks.empty() && !query.into_before_locks)
          return unknown();
        if (query.into.kind != IntoKind::None) query.into_before_locks = true;
        query.locks.push_back(lock(inner));
        break;
      case G::RuleIntoClause:
        if (query.into.kind != IntoKind::None) return unknown();
        query.into = into(inner);
        break;
      case G::RuleMariaProcedureClause:
        if (late || !query.procedure.empty()) return unknown();
        query.procedure = pieces(inner);
        break;
      default: return unknown();
    }
  }
}

QueryBlock Transform::plain_query(Context* context) {
  if (auto* spec = child(context, G::RuleQuerySpec)) return block(spec);
  QueryBlock result;
  auto* word = child(context, G::RuleMysqlTableQuery);
  if (auto* table = word == nullptr ? nullptr : child(word, G::RuleReadTable)) {
    result.kind = QueryBlock::Kind::Table;
    result.table = qualified(table);
    return result;
  }
  result.kind = QueryBlock::Kind::Values;
  for (auto* node : context->children) {
    auto* value = rule(node);
    auto* row = value == nullptr ? nullptr : rule(value->children.front());
    if (row == nullptr) continue;
    Expression one;
    one.kind = Expression::Kind::Row;
    if (row->start->getType() == G::ROW) one.text = "ROW";
    if (auto* list = child(row, G::RuleExprList)) one.operands = expressions(list);
    if (const auto* close = dynamic_cast<const SqlToken*>(row->stop)) one.more = more(*close);
    result.rows.push_back(std::move(one));
  }
  return result;
}

QueryBlock Transform::block(Context* spec) {
  QueryBlock result;
  for (auto* node : spec->children) {
    auto* inner = rule(node);
    if (inner == nullptr) {
      if (is_leaf(node, G::OPTIMIZER_HINT)) {
        result.options.push_back(words(node));
      } else if (is_leaf(node, G::OP_STAR)) {
        SelectItem star;
        star.value.kind = Expression::Kind::Star;
        result.items.push_back(std::move(star));
      }
      continue;
    }
    switch (inner->getRuleIndex()) {
      case G::RuleSelectOption: result.options.push_back(words(inner)); break;
      case G::RuleSelectItem: result.items.push_back(select_item(inner)); break;
      case G::RuleIntoClause: result.into = into(inner); break;
      case G::RuleFromClause:
        if (auto* tables = child(inner, G::RuleTableReferences))
          result.from = table_references(tables);
        else
          result.from_dual = true;
        break;
      case G::RuleWhereClause: result.where = expression(child(inner, G::RuleExpr)); break;
      case G::RuleGroupClause: group(inner, result); break;
      case G::RuleHavingClause: result.having = expression(child(inner, G::RuleExpr)); break;
      case G::RuleMysqlQualify: result.qualify = expression(child(inner, G::RuleExpr)); break;
      case G::RuleWindowClause: result.windows = windows(inner); break;
      default: unknown();
    }
  }
  return result;
}

SelectItem Transform::select_item(Context* item) {
  SelectItem result;
  if (auto* wild = child(item, G::RuleTableWild)) {
    result.value.kind = Expression::Kind::Star;
    result.value.name = names(wild);
    return result;
  }
  result.value = expression(child(item, G::RuleExpr));
  if (auto* context = child(item, G::RuleSelectAlias)) {
    Alias found;
    found.as = is_leaf(context->children.front(), G::AS);
    auto* last = rule(context->children.back());
    found.name =
        last != nullptr ? name(last) : Name{words(context->children.back()), Name::Spelling::Text};
    result.alias = std::move(found);
  }
  return result;
}

With Transform::with(Context* clause) {
  With result;
  result.recursive = has_token(clause, G::RECURSIVE);
  for (auto* node : clause->children) {
    auto* table = rule(node);
    if (table == nullptr) continue;
    if (table->getRuleIndex() != G::RuleCommonTable) {
      unknown();
      continue;
    }
    CommonTable one{{}, {}, Query{}, {}};
    bool cycle = false;
    for (auto* part : table->children) {
      auto* inner = rule(part);
      if (inner == nullptr) continue;
      switch (inner->getRuleIndex()) {
        case G::RuleIdentifier: one.name = name(inner); break;
        case G::RuleColumnNames: one.columns = names(inner); break;
        case G::RuleQueryExpression: one.query = query(inner); break;
        default:
          if (cycle) unknown();
          cycle = true;
          one.cycle = words(inner);
      }
    }
    result.tables.push_back(std::move(one));
  }
  return result;
}

Into Transform::into(Context* clause) {
  Into result;
  const auto& nodes = clause->children;
  if (nodes.size() > 2 && is_leaf(nodes[1], G::OUTFILE)) {
    result.kind = IntoKind::Outfile;
    result.file = words(nodes[2]);
    result.words = words(nodes, 3, nodes.size());
  } else if (nodes.size() > 2 && is_leaf(nodes[1], G::DUMPFILE)) {
    result.kind = IntoKind::Dumpfile;
    result.file = words(nodes[2]);
    if (nodes.size() > 3) unknown();
  } else {
    result.kind = IntoKind::Variables;
    for (auto* node : nodes) {
      auto* target = rule(node);
      if (target == nullptr) continue;
      Expression one;
      if (auto* variable = child(target, G::RuleUserVariable)) {
        one.kind = Expression::Kind::UserVariable;
        one.text = words(variable);
      } else {
        one = column(target);
        if (child(target, G::RuleMariaField) != nullptr) unknown();
      }
      result.variables.push_back(std::move(one));
    }
  }
  return result;
}

std::vector<OrderItem> Transform::order(Context* clause) {
  std::vector<OrderItem> items;
  for (auto* node : clause->children) {
    auto* item = rule(node);
    if (item == nullptr) continue;
    if (item->getRuleIndex() != G::RuleOrderItem) {
      unknown();
      continue;
    }
    OrderItem one{expression(child(item, G::RuleExpr)), {}};
    if (item->children.size() > 1) one.direction = words(item->children.back());
    items.push_back(std::move(one));
  }
  return items;
}

void Transform::group(Context* clause, QueryBlock& block) {
  if (auto* grouping = child(clause, G::RuleGrouping)) {
    if (auto* sets = child(grouping, G::RuleMysqlGroupingSets)) {
      for (auto* node : sets->children) {
        auto* set = rule(node);
        if (set == nullptr) continue;
        Expression row;
        row.kind = Expression::Kind::Row;
        if (auto* list = child(set, G::RuleExprList)) row.operands = expressions(list);
        block.grouping_sets.push_back(std::move(row));
      }
      return;
    }
    auto* call = child(grouping, G::RuleGroupingCall);
    auto* list = call == nullptr ? nullptr : child(call, G::RuleExprList);
    if (list == nullptr) return unknown();
    block.rollup = call->start->getType() == G::ROLLUP ? "ROLLUP" : "CUBE";
    for (auto& one : expressions(list)) block.group_by.push_back({std::move(one), {}});
    return;
  }
  for (auto* node : clause->children) {
    auto* item = rule(node);
    if (item == nullptr) continue;
    OrderItem one{expression(child(item, G::RuleExpr)), {}};
    if (item->children.size() > 1) one.direction = words(item->children.back());
    block.group_by.push_back(std::move(one));
  }
  if (has_token(clause, G::WITH_ROLLUP)) block.rollup = "WITH ROLLUP";
}

std::vector<Window> Transform::windows(Context* clause) {
  std::vector<Window> found;
  for (auto* node : clause->children) {
    auto* inner = rule(node);
    if (inner == nullptr) continue;
    if (inner->getRuleIndex() == G::RuleIdentifier) {
      found.push_back({name(inner), {}});
    } else if (!found.empty()) {
      found.back().spec = window_spec(inner);
    }
  }
  return found;
}

Limit Transform::limit(Context* clause) {
  Limit result;
  const auto& nodes = clause->children;
  if (!is_leaf(nodes.front(), G::LIMIT)) {
    result.words = words(clause);
    return result;
  }
  std::vector<Expression> values;
  std::size_t i = 1;
  for (; i < nodes.size(); ++i) {
    auto* value = rule(nodes[i]);
    if (value == nullptr) {
      if (is_leaf(nodes[i], G::OP_COMMA)) result.comma = true;
      continue;
    }
    if (value->getRuleIndex() == G::RuleMariaRowsExamined) break;
    Expression one;
    if (value->start->getType() == G::OP_QUESTION) {
      one.kind = Expression::Kind::Parameter;
    } else if (rule(value->children.front()) != nullptr) {
      if (value->children.size() > 1) unknown();  // a field of a record
      one = column(value);
    } else {
      one.text = words(value);
    }
    values.push_back(std::move(one));
  }
  if (i < nodes.size()) result.words = words(nodes, i, nodes.size());
  if (values.size() == 2) result.offset = std::move(values[result.comma ? 0 : 1]);
  if (!values.empty()) result.count = std::move(values[values.size() == 2 && result.comma ? 1 : 0]);
  return result;
}

Lock Transform::lock(Context* clause) {
  Lock result;
  const auto& nodes = clause->children;
  std::size_t i = 0;
  const auto is_word = [&](std::size_t at) {
    auto* inner = rule(nodes[at]);
    return inner == nullptr || inner->getRuleIndex() == G::RuleMysqlForShare;
  };
  while (i < nodes.size() && is_word(i)) ++i;
  result.words = words(nodes, 0, i);
  for (; i < nodes.size(); ++i) {
    auto* inner = rule(nodes[i]);
    if (inner == nullptr) continue;
    if (inner->getRuleIndex() != G::RuleMysqlLockOf) {
      result.wait = words(inner);
      continue;
    }
    for (auto* node : inner->children) {
      if (auto* table = rule(node)) result.tables.push_back(qualified(table));
    }
  }
  return result;
}

}  // namespace sluice::parser
