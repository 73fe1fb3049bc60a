// Queries and tables to text.
#include "parser/printer.h"

namespace sluice::parser {

void Printer::with(const std::optional<With>& with) {
  if (!with) return;
  put("WITH");
  put("RECURSIVE", with->recursive);
  list(with->tables, [this](const CommonTable& table) {
    put(name(table.name));
    if (!table.columns.empty()) names(table.columns);
    put("AS");
    parens(*table.query);
    put(table.cycle);
  });
}

void Printer::query(const Query& query) {
  with(query.with);
  for (std::size_t i = 0; i < query.blocks.size(); ++i) {
    if (i > 0) put(query.operators[i - 1]);
    block(query.blocks[i]);
  }
  order(query.order_by);
  limit(query.limit);
  pieces(query.procedure);
  if (query.into_before_locks) into(query.into);
  locks(query.locks);
  if (!query.into_before_locks) into(query.into);
}

void Printer::block(const QueryBlock& block) {
  switch (block.kind) {
    case QueryBlock::Kind::Select: return select(block);
    case QueryBlock::Kind::Values: put("VALUES"); return expressions(block.rows);
    case QueryBlock::Kind::Table: put("TABLE"); return put(qualified(block.table));
    case QueryBlock::Kind::Parens: return parens(**block.inner);
  }
}

void Printer::items(const std::vector<SelectItem>& items) {
  list(items, [this](const SelectItem& item) {
    expression(item.value);
    alias(item.alias);
  });
}

void Printer::select(const QueryBlock& block) {
  put("SELECT");
  for (const auto& option : block.options) put(option);
  items(block.items);
  into(block.into);
  put("FROM DUAL", block.from_dual);
  if (!block.from.empty()) {
    put("FROM");
    tables(block.from);
  }
  where(block.where);
  if (!block.group_by.empty()) {
    put("GROUP BY");
    if (block.rollup == "ROLLUP" || block.rollup == "CUBE") {
      put(block.rollup);
      put("(");
      order_items(block.group_by);
      glue(")");
    } else {
      order_items(block.group_by);
      put(block.rollup);
    }
  }
  if (!block.grouping_sets.empty()) {
    put("GROUP BY GROUPING SETS (");
    expressions(block.grouping_sets);
    glue(")");
  }
  if (block.having) {
    put("HAVING");
    expression(*block.having);
  }
  if (!block.windows.empty()) {
    put("WINDOW");
    list(block.windows, [this](const Window& one) {
      put(name(one.name));
      put("AS");
      window(one.spec);
    });
  }
  if (block.qualify) {
    put("QUALIFY");
    expression(*block.qualify);
  }
}

void Printer::into(const Into& into) {
  switch (into.kind) {
    case IntoKind::None: return;
    case IntoKind::Outfile: put("INTO OUTFILE"); break;
    case IntoKind::Dumpfile: put("INTO DUMPFILE"); break;
    case IntoKind::Variables: put("INTO"); return expressions(into.variables);
  }
  put(into.file);
  put(into.words);
}

void Printer::limit(const std::optional<Limit>& limit) {
  if (!limit) return;
  const bool fetch = !limit->count && !limit->words.empty() && !limit->words.starts_with("ROWS ");
  put("LIMIT", !fetch);
  if (limit->offset && limit->comma) {
    expression(*limit->offset);
    glue(",");
  }
  if (limit->count) expression(*limit->count);
  if (limit->offset && !limit->comma) {
    put("OFFSET");
    expression(*limit->offset);
  }
  put(limit->words);
}

void Printer::locks(const std::vector<Lock>& locks) {
  for (const Lock& lock : locks) {
    put(lock.words);
    if (!lock.tables.empty()) {
      put("OF");
      list(lock.tables, [this](const QualifiedName& one) { put(qualified(one)); });
    }
    put(lock.wait);
  }
}

void Printer::where(const std::optional<Expression>& where) {
  if (!where) return;
  put("WHERE");
  expression(*where);
}

void Printer::partitions(const std::vector<Name>& partitions) {
  if (partitions.empty()) return;
  put("PARTITION");
  names(partitions);
}

void Printer::tables(const std::vector<TableReference>& tables) {
  list(tables, [this](const TableReference& one) { table(one); });
}

void Printer::table_base(const TableReference& table) {
  put(qualified(table.name));
  partitions(table.partitions);
  pieces(table.system_time);
  alias(table.alias);
  put(table.words);
  pieces(table.pieces);
}

void Printer::table(const TableReference& table) {
  switch (table.kind) {
    case TableReference::Kind::Table: return table_base(table);
    case TableReference::Kind::Derived:
      put("LATERAL", table.lateral);
      parens(**table.query);
      break;
    case TableReference::Kind::Function: pieces(table.pieces); break;
    case TableReference::Kind::Parens:
      put("LATERAL", table.lateral);
      put("(");
      tables(table.of);
      glue(")");
      break;
    case TableReference::Kind::Odbc:
      put("{");
      put(name(*table.odbc));
      tables(table.of);
      put("}");
      break;
    case TableReference::Kind::Join:
      tables(table.of);
      for (const JoinStep& step : table.steps) {
        put(step.words);
        this->table(step.table);
        for (const JoinCondition& condition : step.conditions) {
          put(condition.on ? "ON" : "USING");
          if (condition.on)
            expression(*condition.on);
          else
            names(condition.using_columns);
        }
      }
      break;
  }
  pieces(table.system_time);
  alias(table.alias);
  if (!table.columns.empty()) names(table.columns);
}

}  // namespace sluice::parser
