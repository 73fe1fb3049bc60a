// INSERT, REPLACE, UPDATE, DELETE, LOAD DATA and LOAD XML.
#include <utility>

#include "parser/transform.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;

}  // namespace

StatementBody Transform::with_statement(Context* statement) {
  auto* clause = child(statement, G::RuleWithClause);
  auto* change = child(statement, G::RuleMysqlWithChange);
  if (change == nullptr) return Select{query(statement)};
  if (auto* inner = child(change, G::RuleUpdateStatement)) {
    Update result = update(inner);
    result.with = with(clause);
    return result;
  }
  if (auto* inner = child(change, G::RuleDeleteStatement)) {
    Delete result = erase(inner);
    result.with = with(clause);
    return result;
  }
  unknown();
  return Select{};
}

Assignment Transform::assignment(Context* context) {
  auto* target = child(context, G::RuleColumnRef);
  auto* value = child(context, G::RuleExpr);
  if (target == nullptr || value == nullptr || context->children.size() != 3) {
    unknown();
    return {};
  }
  return {column(target), words(context->children[1]), expression(value)};
}

std::vector<SelectItem> Transform::returning(Context* clause) {
  std::vector<SelectItem> items;
  for (auto* node : clause->children) {
    if (auto* inner = rule(node)) {
      items.push_back(select_item(inner));
    } else if (is_leaf(node, G::OP_STAR)) {
      items.emplace_back().value.kind = Expression::Kind::Star;
    }
  }
  return items;
}

Insert Transform::insert(Context* statement) {
  Insert result;
  const auto& nodes = statement->children;
  result.replace = is_leaf(nodes.front(), G::REPLACE);
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    auto* inner = rule(nodes[i]);
    if (inner == nullptr) {
      if (is_leaf(nodes[i], G::INTO))
        result.into = true;
      else
        result.options.push_back(words(nodes[i]));
      continue;
    }
    switch (inner->getRuleIndex()) {
      case G::RuleWrittenTable: result.table = qualified(inner); break;
      case G::RulePartitionNames: result.partitions = names(inner); break;
      case G::RuleInsertBody: insert_body(inner, result); break;
      case G::RuleMysqlRowAlias: {
        std::size_t at = 0;
        result.alias = alias(inner->children, at);
        if (auto* columns = child(inner, G::RuleColumnNames)) result.alias_columns = names(columns);
        break;
      }
      case G::RuleOnDuplicate:
        for (auto* node : inner->children) {
          if (auto* one = rule(node)) result.on_duplicate.push_back(assignment(one));
        }
        break;
      case G::RuleMariaReturning: result.returning = returning(inner); break;
      default: unknown();
    }
  }
  return result;
}

// VALUES … with something behind: the rows are the first block of a query.
void Transform::values_query(Context* tail, Insert& insert) {
  if (insert.values != "VALUES") return unknown();
  QueryBlock first;
  first.kind = QueryBlock::Kind::Values;
  first.rows = std::move(insert.rows);
  insert.rows.clear();
  insert.values.clear();
  Query whole;
  whole.blocks.push_back(std::move(first));
  query_part(tail, whole);
  insert.query = std::move(whole);
}

void Transform::insert_body(Context* body, Insert& insert) {
  for (auto* node : body->children) {
    auto* inner = rule(node);
    if (inner == nullptr) {
      if (is_leaf(node, G::OP_LPAREN)) insert.column_list = true;
      continue;
    }
    switch (inner->getRuleIndex()) {
      case G::RuleInsertColumn: {
        auto* target = child(inner, G::RuleColumnRef);
        if (target == nullptr || inner->children.size() > 1) return unknown();
        insert.columns.push_back(column(target));
        break;
      }
      case G::RuleAssignment: insert.set.push_back(assignment(inner)); break;
      case G::RuleInsertSource:
        for (auto* part : inner->children) {
          auto* source = rule(part);
          if (source == nullptr) {
            if (!is_leaf(part, G::OP_COMMA)) insert.values = words(part);
          } else if (source->getRuleIndex() == G::RuleInsertQuery) {
            insert.query = query(source);
          } else if (source->getRuleIndex() == G::RuleQueryTail) {
            if (!source->children.empty()) values_query(source, insert);
          } else {
            Expression row;
            row.kind = Expression::Kind::Row;
            if (source->start->getType() == G::ROW) row.text = "ROW";
            row.operands = expressions(source);
            if (const auto* close = dynamic_cast<const SqlToken*>(source->stop))
              row.more = more(*close);
            insert.rows.push_back(std::move(row));
          }
        }
        break;
      default: return unknown();
    }
  }
}

Update Transform::update(Context* statement) {
  Update result;
  const auto& nodes = statement->children;
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    auto* inner = rule(nodes[i]);
    if (inner == nullptr) {
      if (!is_leaf(nodes[i], G::SET) && !is_leaf(nodes[i], G::OP_COMMA))
        result.options.push_back(words(nodes[i]));
      continue;
    }
    switch (inner->getRuleIndex()) {
      case G::RuleTableReferences: result.tables = table_references(inner); break;
      case G::RuleMariaPortion: result.portion = pieces(inner); break;
      case G::RuleAssignment: result.set.push_back(assignment(inner)); break;
      case G::RuleWhereClause: result.where = expression(child(inner, G::RuleExpr)); break;
      case G::RuleOrderClause: result.order_by = order(inner); break;
      case G::RuleCountLimit: result.limit = limit(inner); break;
      default: unknown();
    }
  }
  return result;
}

Delete Transform::erase(Context* statement) {
  Delete result;
  if (rule(statement->children.front()) != nullptr) return unknown(), result;  // DELETE HISTORY
  for (std::size_t i = 1; i < statement->children.size(); ++i) {
    auto* node = statement->children[i];
    auto* inner = rule(node);
    if (inner == nullptr) {
      if (is_leaf(node, G::FROM)) {
        if (!result.targets.empty()) result.form = Delete::Form::From;
      } else if (is_leaf(node, G::USING)) {
        result.form = Delete::Form::Using;
      } else if (!is_leaf(node, G::OP_COMMA)) {
        result.options.push_back(words(node));
      }
      continue;
    }
    switch (inner->getRuleIndex()) {
      case G::RuleDeleteTarget: {
        auto* table = child(inner, G::RuleWrittenTable);
        if (table == nullptr) return unknown(), result;
        result.targets.push_back({qualified(table), has_token(inner, G::OP_STAR), {}});
        break;
      }
      case G::RuleMysqlDeleteAlias: {
        std::size_t at = 0;
        if (!result.targets.empty()) result.targets.back().alias = alias(inner->children, at);
        break;
      }
      case G::RulePartitionNames: result.partitions = names(inner); break;
      case G::RuleMariaPortion: result.portion = pieces(inner); break;
      case G::RuleTableReferences: result.tables = table_references(inner); break;
      case G::RuleWhereClause: result.where = expression(child(inner, G::RuleExpr)); break;
      case G::RuleOrderClause: result.order_by = order(inner); break;
      case G::RuleCountLimit: result.limit = limit(inner); break;
      case G::RuleMariaReturning: result.returning = returning(inner); break;
      default: unknown();
    }
  }
  return result;
}

Load Transform::load(Context* statement) {
  Load result;
  const auto& nodes = statement->children;
  std::size_t i = 0;
  const auto is_rule = [&](std::size_t at, std::size_t index) {
    auto* inner = at < nodes.size() ? rule(nodes[at]) : nullptr;
    return inner != nullptr && inner->getRuleIndex() == index;
  };
  while (i < nodes.size() && !is_rule(i, G::RuleWrittenTable)) ++i;
  if (i == nodes.size()) return unknown(), result;
  result.head = words(nodes, 0, i);
  result.table = qualified(rule(nodes[i]));
  ++i;
  if (is_rule(i, G::RulePartitionNames)) result.partitions = names(rule(nodes[i++]));
  const std::size_t format = i;
  while (i < nodes.size() && !is_leaf(nodes[i], G::OP_LPAREN) && !is_leaf(nodes[i], G::SET)) ++i;
  result.format = words(nodes, format, i);
  for (; i < nodes.size(); ++i) {
    auto* inner = rule(nodes[i]);
    if (inner == nullptr) {
      if (is_leaf(nodes[i], G::OP_LPAREN)) result.column_list = true;
      continue;
    }
    if (inner->getRuleIndex() == G::RuleAssignment) {
      result.set.push_back(assignment(inner));
      continue;
    }
    Expression one;
    if (auto* variable = child(inner, G::RuleUserVariable)) {
      one.kind = Expression::Kind::UserVariable;
      one.text = words(variable);
    } else if (auto* target = child(inner, G::RuleColumnRef)) {
      one = column(target);
    } else {
      unknown();
    }
    result.columns.push_back(std::move(one));
  }
  return result;
}

}  // namespace sluice::parser
