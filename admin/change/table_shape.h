// The schema model's tables as proxy/binlog's inverse wants them: names, keys, generated columns,
// who refers to whom; and whether a table is still what it was. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "parser/schema/model.h"
#include "parser/schema/target.h"
#include "proxy/binlog/table_shape.h"

namespace sluice::change {

// The shapes of all tables of some databases. References between them are found when asked, so
// every database has to be there before.
class Shapes {
 public:
  // `schema.name` is the database's.
  void add(schema::Schema schema, const schema::Target& target);
  // Null when there is no such table. Lives as long as this object; not thread-safe.
  [[nodiscard]] const binlog::TableShape* find(std::string_view schema, std::string_view table);
  [[nodiscard]] const schema::Table* table(std::string_view schema, std::string_view table) const;
  [[nodiscard]] const std::map<std::string, schema::Schema>& schemas() const { return schemas_; }

 private:
  [[nodiscard]] binlog::TableShape make(const schema::Schema& schema,
                                        const schema::Table& table) const;

  bool lower_case_names_ = false;
  std::map<std::string, schema::Schema> schemas_;
  std::map<std::pair<std::string, std::string>, binlog::TableShape> made_;
};

// What of a database's schema a rollback of these tables needs: the tables, those that refer to
// them, and their triggers.
[[nodiscard]] schema::Schema related(const schema::Schema& schema,
                                     const std::vector<std::string>& tables);

// How a table differs from the one that the rows are of.
struct ShapeChange {
  bool same = true;        // column for column: row events fit
  bool by_name = true;     // every column that the rows have is there under its name with its type
  std::string difference;  // a clause: "column `a` is bigint now, and was int"; empty when same
};
[[nodiscard]] ShapeChange compare_shapes(const binlog::TableShape& then,
                                         const schema::Table& then_table,
                                         const binlog::TableShape& now,
                                         const schema::Table& now_table);

}  // namespace sluice::change
