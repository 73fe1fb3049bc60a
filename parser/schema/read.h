// Text to the schema model: what each part of a definition says, as it is written. Nothing here
// knows other objects; apply.h puts definitions together. Each function starts at its first token
// and leaves the cursor behind its last; a fault is the cursor's. Pure.
#pragma once

#include "parser/schema/cursor.h"
#include "parser/schema/model.h"

namespace sluice::schema {

// What a column's definition says beside the column itself.
struct ColumnExtras {
  bool primary = false;
  bool unique = false;
  std::optional<Check> check;  // MySQL: a check of the table
  std::optional<ForeignKey> reference;
  friend bool operator==(const ColumnExtras&, const ColumnExtras&) = default;
};

DataType read_type(Cursor& in);                        // read_type.cpp
Column read_column(Cursor& in, ColumnExtras& extras);  // read_column.cpp
Default read_default_clause(Cursor& in);               // from DEFAULT
bool at_index(const Cursor& in);                       // read_index.cpp
Index read_index(Cursor& in, std::string constraint);  // from PRIMARY, UNIQUE, KEY, FULLTEXT …
std::vector<IndexPart> read_parts(Cursor& in, Index& index);
void read_index_options(Cursor& in, Index& index);
ForeignKey read_reference(Cursor& in, ForeignKey key);  // from REFERENCES
ForeignKey read_foreign_key(Cursor& in, std::string constraint);
Check read_check(Cursor& in, std::string constraint);       // from CHECK
bool read_table_option(Cursor& in, TableOptions& options);  // read_options.cpp; false: none here
Partitioning read_partitioning(Cursor& in);                 // read_partition.cpp, from PARTITION BY
std::vector<Partition> read_partitions(Cursor& in);         // ( PARTITION … , … )
bool read_table_element(Cursor& in, Table& table);          // read_table.cpp: one of CREATE's list
void add_column(Table& table, Column column, ColumnExtras extras, std::size_t at, bool mariadb);
Table read_table(Cursor& in, std::string name);  // from the ( of CREATE TABLE name (

View read_view(Cursor& in, View view);  // read_program.cpp, behind the name
Trigger read_trigger(Cursor& in, Trigger trigger);
Routine read_routine(Cursor& in, Routine routine);
Event read_event(Cursor& in, Event event);
Sequence read_sequence(Cursor& in, Sequence sequence);
Library read_library(Cursor& in, Library library);
std::string read_definer(Cursor& in);  // from DEFINER

}  // namespace sluice::schema
