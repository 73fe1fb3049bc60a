// CREATE TABLE's list and what follows it (manual 15.1.24).
#include <algorithm>

#include "parser/schema/read.h"

namespace sluice::schema {

void add_column(Table& table, Column column, ColumnExtras extras, std::size_t at, bool mariadb) {
  if (extras.primary) {
    Index index;
    index.kind = Index::Kind::Primary;
    index.name = "PRIMARY";
    index.parts.push_back({column.name, "", {}, false});
    table.indexes.push_back(std::move(index));
  }
  if (extras.unique) {
    Index index;
    index.kind = Index::Kind::Unique;
    index.parts.push_back({column.name, "", {}, false});
    table.indexes.push_back(std::move(index));
  }
  if (extras.check) table.checks.push_back(std::move(*extras.check));
  // MySQL before 9.0 reads a column's REFERENCES and forgets it; 9.0 and MariaDB keep it.
  if (extras.reference) table.foreign_keys.push_back(std::move(*extras.reference));
  if (mariadb && column.row_period == Column::RowPeriod::Start)
    table.options.system_versioning = true;
  table.columns.insert(table.columns.begin() + static_cast<std::ptrdiff_t>(at), std::move(column));
}

bool read_table_element(Cursor& in, Table& table) {
  std::string constraint;
  if (in.is("CONSTRAINT")) {
    in.skip();
    if (!in.is_any({"PRIMARY", "UNIQUE", "FOREIGN", "CHECK"})) constraint = in.identifier();
    if (!in.is_any({"PRIMARY", "UNIQUE", "FOREIGN", "CHECK"})) in.fail("expected a constraint");
  }
  if (at_index(in)) {
    table.indexes.push_back(read_index(in, std::move(constraint)));
  } else if (in.is("FOREIGN") && in.is("KEY", 1)) {
    table.foreign_keys.push_back(read_foreign_key(in, std::move(constraint)));
  } else if (in.is("CHECK")) {
    table.checks.push_back(read_check(in, std::move(constraint)));
  } else if (in.target().mariadb && in.is("PERIOD") && in.is("FOR", 1)) {
    in.skip();
    in.skip();
    Period period;
    period.name = in.identifier();
    if (same_name(period.name, "SYSTEM_TIME")) period.name = "SYSTEM_TIME";
    const auto columns = in.name_list();
    if (columns.size() != 2)
      in.fail("a period has two columns");
    else
      period.start = columns[0], period.end = columns[1];
    table.periods.push_back(std::move(period));
  } else {
    return false;
  }
  return true;
}

Table read_table(Cursor& in, std::string name) {
  Table table;
  table.name = std::move(name);
  in.expect("(");
  do {
    if (read_table_element(in, table)) continue;
    ColumnExtras extras;
    auto column = read_column(in, extras);
    if (in.failed()) return table;
    add_column(table, std::move(column), std::move(extras), table.columns.size(),
               in.target().mariadb);
  } while (in.accept(","));
  in.expect(")");
  while (!in.failed() && read_table_option(in, table.options)) in.accept(",");
  if (in.is("PARTITION") && in.is("BY", 1)) table.partitioning = read_partitioning(in);
  return table;
}

}  // namespace sluice::schema
