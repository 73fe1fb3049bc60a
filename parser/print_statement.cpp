// Statements to text.
#include "parser/printer.h"

namespace sluice::parser {

void Printer::statement(const StatementTree& tree) {
  std::visit([this](const auto& body) { (*this)(body); }, tree.body);
}

void Printer::operator()(const Other& statement) {
  pieces(statement.pieces);
}

void Printer::operator()(const Select& statement) {
  query(statement.query);
}

void Printer::operator()(const Account& statement) {
  pieces(statement.pieces);
}

void Printer::operator()(const Definition& statement) {
  pieces(statement.pieces);
}

void Printer::assignments(const std::vector<Assignment>& assignments) {
  list(assignments, [this](const Assignment& one) {
    expression(one.column);
    put(one.op);
    expression(one.value);
  });
}

void Printer::operator()(const Insert& statement) {
  put(statement.replace ? "REPLACE" : "INSERT");
  for (const auto& option : statement.options) put(option);
  put("INTO", statement.into);
  put(qualified(statement.table));
  partitions(statement.partitions);
  if (statement.column_list) {
    put("(");
    expressions(statement.columns);
    glue(")");
  }
  if (!statement.set.empty()) {
    put("SET");
    assignments(statement.set);
  }
  put(statement.values);
  expressions(statement.rows);
  if (statement.query) query(*statement.query);
  alias(statement.alias);
  if (!statement.alias_columns.empty()) names(statement.alias_columns);
  if (!statement.on_duplicate.empty()) {
    put("ON DUPLICATE KEY UPDATE");
    assignments(statement.on_duplicate);
  }
  if (!statement.returning.empty()) {
    put("RETURNING");
    items(statement.returning);
  }
}

void Printer::operator()(const Update& statement) {
  with(statement.with);
  put("UPDATE");
  for (const auto& option : statement.options) put(option);
  tables(statement.tables);
  pieces(statement.portion);
  put("SET");
  assignments(statement.set);
  where(statement.where);
  order(statement.order_by);
  limit(statement.limit);
}

void Printer::operator()(const Delete& statement) {
  with(statement.with);
  put("DELETE");
  for (const auto& option : statement.options) put(option);
  put("FROM", statement.form != Delete::Form::From);
  list(statement.targets, [this](const DeleteTarget& target) {
    put(qualified(target.table));
    if (target.star) glue(".*");
    alias(target.alias);
  });
  partitions(statement.partitions);
  pieces(statement.portion);
  if (!statement.tables.empty()) {
    put(statement.form == Delete::Form::Using ? "USING" : "FROM");
    tables(statement.tables);
  }
  where(statement.where);
  order(statement.order_by);
  limit(statement.limit);
  if (!statement.returning.empty()) {
    put("RETURNING");
    items(statement.returning);
  }
}

void Printer::operator()(const Load& statement) {
  put(statement.head);
  put(qualified(statement.table));
  partitions(statement.partitions);
  put(statement.format);
  if (statement.column_list) {
    put("(");
    expressions(statement.columns);
    glue(")");
  }
  if (!statement.set.empty()) {
    put("SET");
    assignments(statement.set);
  }
}

void Printer::operator()(const Call& statement) {
  put("CALL");
  put(qualified(statement.procedure));
  if (!statement.parens) return;
  glue("(");
  expressions(statement.arguments);
  glue(")");
}

void Printer::operator()(const Do& statement) {
  put("DO");
  items(statement.items);
}

void Printer::operator()(const Handler& statement) {
  put("HANDLER");
  put(qualified(statement.table));
  put(statement.action);
  alias(statement.alias);
  if (!statement.key.empty()) {
    put("(");
    expressions(statement.key);
    glue(")");
  }
  where(statement.where);
  limit(statement.limit);
}

void Printer::operator()(const Transaction& statement) {
  put(statement.words);
  if (statement.savepoint) put(name(*statement.savepoint));
}

void Printer::set_item(const SetItem& item) {
  put(item.scope);
  put(item.target);
  put(item.op);
  pieces(item.value);
}

void Printer::operator()(const SetVariables& statement) {
  put(statement.statement ? "SET STATEMENT" : "SET");
  list(statement.items, [this](const SetItem& item) { set_item(item); });
  if (!statement.statement) return;
  put("FOR");
  this->statement(**statement.statement);
}

void Printer::operator()(const Use& statement) {
  put("USE");
  put(name(statement.schema));
}

void Printer::operator()(const Prepared& statement) {
  put(statement.words);
  if (statement.name) put(name(*statement.name));
  put("FROM", statement.name && statement.text);
  if (statement.text) expression(*statement.text);
  if (statement.arguments.empty()) return;
  put("USING");
  expressions(statement.arguments);
}

void Printer::operator()(const LockTables& statement) {
  put(statement.words);
  list(statement.tables, [this](const TableLock& lock) {
    put(qualified(lock.table));
    alias(lock.alias);
    put(lock.words);
  });
}

void Printer::operator()(const Show& statement) {
  put(statement.words);
  if (!statement.like.empty()) {
    put("LIKE");
    put(statement.like);
  }
  where(statement.where);
}

void Printer::operator()(const Explain& statement) {
  put(statement.words);
  if (statement.statement) this->statement(**statement.statement);
}

}  // namespace sluice::parser
