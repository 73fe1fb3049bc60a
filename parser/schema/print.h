// The model to DDL text for a server: one statement an object, without its ";". What the server
// would imply (a column's character set that is the table's, VIRTUAL, ASC) is not printed. The
// text is for the default sql_mode and a utf8mb4 connection. Pure.
#pragma once

#include "parser/schema/model.h"
#include "parser/schema/target.h"

namespace sluice::schema {

struct PrintOptions {
  bool foreign_keys = true;     // false: they are added afterwards
  bool auto_increment = false;  // the counter
};

[[nodiscard]] std::string print_type(const DataType& type, const Table& table,
                                     const Target& target);
// What stands behind DEFAULT; empty when there is no such clause.
[[nodiscard]] std::string print_default(const Default& value, const Target& target);
[[nodiscard]] std::string print_column(const Column& column, const Table& table,
                                       const Target& target);
[[nodiscard]] std::string print_index(const Index& index, const Target& target);
[[nodiscard]] std::string print_foreign_key(const ForeignKey& key);
[[nodiscard]] std::string print_check(const Check& check, const Target& target);
[[nodiscard]] std::string print_options(const TableOptions& options, const PrintOptions& how);
[[nodiscard]] std::string print_partition(const Partition& part, const Partitioning& by);
[[nodiscard]] std::string print_partitioning(const Partitioning& by);
[[nodiscard]] std::string print(const Table& table, const Target& target,
                                const PrintOptions& how = {});
[[nodiscard]] std::string print(const View& view);
[[nodiscard]] std::string print(const Routine& routine);
[[nodiscard]] std::string print(const Trigger& trigger);
[[nodiscard]] std::string print(const Event& event);
[[nodiscard]] std::string print(const Sequence& sequence);
[[nodiscard]] std::string print(const Library& library);
// Every object, in an order that the server takes, each ended by ";\n" (programs by DELIMITER).
[[nodiscard]] std::string print(const Schema& schema, const Target& target);
[[nodiscard]] std::string quote_text(std::string_view text);  // a literal for the default sql_mode
[[nodiscard]] std::string name_list(const std::vector<std::string>& names);  // (`a`,`b`)

}  // namespace sluice::schema
