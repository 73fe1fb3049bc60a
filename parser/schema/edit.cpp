#include "parser/schema/edit.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "parser/schema/print.h"
#include "parser/schema/read.h"

namespace sluice::schema {
namespace {

using Names = std::set<std::string, NameLess>;

constexpr std::string_view kTypes[] = {
    "tinyint",      "smallint",  "mediumint",  "int",        "bigint",
    "decimal",      "float",     "double",     "bit",        "date",
    "datetime",     "timestamp", "time",       "year",       "char",
    "varchar",      "binary",    "varbinary",  "tinyblob",   "blob",
    "mediumblob",   "longblob",  "tinytext",   "text",       "mediumtext",
    "longtext",     "enum",      "set",        "json",       "geometry",
    "point",        "polygon",   "linestring", "multipoint", "multilinestring",
    "multipolygon", "vector"};
constexpr std::string_view kMysqlTypes[] = {"geomcollection"};
constexpr std::string_view kMariadbTypes[] = {"inet4", "inet6", "uuid", "xmltype",
                                              "geometrycollection"};

bool is_type(std::string_view name, bool mariadb) {
  const auto in = [&](const auto& list) {
    return std::find(std::begin(list), std::end(list), name) != std::end(list);
  };
  return in(kTypes) || (mariadb ? in(kMariadbTypes) : in(kMysqlTypes));
}

bool needs_length(std::string_view name) {
  return name == "varchar" || name == "varbinary";
}

// Reads a whole text with `read`; a fault when anything is left.
template <class Read>
std::optional<std::string> read_whole(const std::string& text, const Target& target, Read read) {
  const auto tokens = scan(text, target);
  Cursor in(text, tokens, target);
  read(in);
  if (in.failed()) {
    const auto& near = in.error()->near;
    return in.error()->message + (near.empty() ? "" : ", near \"" + near + "\"");
  }
  if (!in.done()) return "\"" + std::string(in.raw()) + "\" does not belong here";
  return std::nullopt;
}

class TableEditor {
 public:
  TableEditor(const Schema& from, const TableEdit& wanted, std::string path, const Target& target,
              Edited& out)
      : from_(from), wanted_(wanted), path_(std::move(path)), target_(target), out_(out) {}

  void run() {
    if (!wanted_.was.empty()) {
      const auto old = from_.tables.find(wanted_.was);
      if (old == from_.tables.end()) {
        return fault("was", "there is no table " + wanted_.was + " in the schema any more");
      }
      old_ = &old->second;
      table_ = *old_;
    } else {
      table_.options.charset = from_.charset;
      table_.options.collation = from_.collation;
    }
    table_.name = wanted_.name;
    if (wanted_.name.empty()) fault("name", "the table needs a name");
    if (!wanted_.engine.empty()) table_.options.engine = wanted_.engine;
    table_.options.comment = wanted_.comment;
    table_.options.comment_written = true;
    columns();
    indexes();
    foreign_keys();
  }
  [[nodiscard]] Table take() { return std::move(table_); }

 private:
  void fault(const std::string& field, std::string message) {
    out_.faults.push_back({path_ + "." + field, std::move(message)});
  }
  static std::string at(const char* list, std::size_t place) {
    return std::string(list) + "[" + std::to_string(place) + "]";
  }

  void columns() {
    std::vector<Column> columns;
    Names seen;
    Names kept;
    if (wanted_.columns.empty()) fault("columns", "a table needs at least one column");
    for (std::size_t i = 0; i < wanted_.columns.size(); ++i) {
      const auto& one = wanted_.columns[i];
      const auto field = at("columns", i);
      if (one.name.empty()) {
        fault(field + ".name", "the column needs a name");
      } else if (!seen.insert(one.name).second) {
        fault(field + ".name", "there are two columns of that name");
      }
      const Column* old = nullptr;
      if (!one.was.empty()) {
        old = old_ == nullptr ? nullptr : old_->column(one.was);
        if (old == nullptr) fault(field + ".was", "there is no column " + one.was + " any more");
        if (!kept.insert(one.was).second) fault(field + ".was", "the column is there twice");
        if (old != nullptr && !same_name(one.was, one.name) && old_->column(one.name) != nullptr)
          fault(field + ".name", "another column has that name on the server: rename it first");
        if (old != nullptr && one.was != one.name)
          out_.renames.columns[{wanted_.name, one.was}] = one.name;
      }
      columns.push_back(column(one, old, field));
    }
    table_.columns = std::move(columns);
  }

  Column column(const ColumnEdit& wanted, const Column* old, const std::string& field) {
    Column column = old == nullptr ? Column{} : *old;
    column.name = wanted.name;
    if (old == nullptr || print_type(old->type, *old_, target_) != wanted.type)
      read_type_of(column, wanted.type, field);
    column.nullable = wanted.nullable;
    column.null_written = true;
    column.comment = wanted.comment;
    column.auto_increment = wanted.auto_increment;
    column.on_update = wanted.on_update;
    if (!column.generated) read_default_of(column, wanted, old, field);
    return column;
  }

  void read_type_of(Column& column, const std::string& text, const std::string& field) {
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
      return fault(field + ".type", "the column needs a data type");
    }
    DataType type;
    if (auto bad = read_whole(text, target_, [&](Cursor& in) { type = read_type(in); })) {
      return fault(field + ".type", "not a data type: " + *bad);
    }
    if (!is_type(type.name, target_.mariadb))
      return fault(field + ".type", "there is no data type " + type.name);
    if (needs_length(type.name) && !type.length)
      return fault(field + ".type", type.name + " needs a length, such as " + type.name + "(255)");
    column.check.reset();
    column.type = std::move(type);
    if (!target_.mariadb || column.type.name != "json") return;
    // As read_column() has it: MariaDB's JSON is LONGTEXT with a check.
    column.type = {"longtext", {}, {}, false, false, "utf8mb4", "utf8mb4_bin", {}, {}};
    column.check = Check{"", "json_valid(`" + column.name + "`)", true};
  }

  void read_default_of(Column& column, const ColumnEdit& wanted, const Column* old,
                       const std::string& field) {
    if (!wanted.default_value) {
      column.default_value = {};
      return;
    }
    const auto& text = *wanted.default_value;
    if (old != nullptr && print_default(old->default_value, target_) == text) return;
    Default value;
    const auto bad = read_whole("DEFAULT " + text, target_,
                                [&](Cursor& in) { value = read_default_clause(in); });
    if (bad) return fault(field + ".default", "not a default: " + *bad);
    const auto* literal = std::get_if<Literal>(&value);
    if (literal != nullptr && literal->kind == Literal::Kind::Null && !column.nullable)
      return fault(field + ".default", "a column that is NOT NULL cannot have DEFAULT NULL");
    if (column.auto_increment)
      return fault(field + ".default", "a column with AUTO_INCREMENT has no default");
    column.default_value = std::move(value);
  }

  void known_column(const std::string& name, const std::string& field) {
    if (table_.column(name) == nullptr)
      fault(field, name.empty() ? "choose a column" : "there is no column " + name);
  }

  void indexes() {
    std::vector<Index> indexes;
    Names seen;
    int primary = 0;
    for (std::size_t i = 0; i < wanted_.indexes.size(); ++i) {
      const auto& one = wanted_.indexes[i];
      const auto field = at("indexes", i);
      Index index;
      if (!one.was.empty()) {
        const auto* old = old_ == nullptr ? nullptr : old_->index(one.was);
        if (old == nullptr) fault(field + ".was", "there is no index " + one.was + " any more");
        if (old != nullptr) index = *old;
      }
      if (index.kind != one.kind) index = Index{};  // its algorithm and parser were of that kind
      index.kind = one.kind;
      index.name = one.kind == Index::Kind::Primary ? "PRIMARY" : one.name;
      index.parts = one.parts;
      if (one.kind == Index::Kind::Primary && ++primary > 1)
        fault(field + ".kind", "a table has one primary key");
      if (!index.name.empty() && !seen.insert(index.name).second)
        fault(field + ".name", "there are two indexes of that name");
      if (one.parts.empty()) fault(field + ".parts", "an index needs at least one column");
      for (const auto& part : one.parts) {
        if (part.expression.empty()) known_column(part.column, field + ".parts");
        auto* const column = table_.column(part.column);
        // A primary key's columns are NOT NULL whatever is said (manual 15.1.24).
        if (column != nullptr && one.kind == Index::Kind::Primary) column->nullable = false;
      }
      indexes.push_back(std::move(index));
    }
    table_.indexes = std::move(indexes);
  }

  void foreign_keys() {
    std::vector<ForeignKey> keys;
    Names seen;
    for (std::size_t i = 0; i < wanted_.foreign_keys.size(); ++i) {
      const auto& [was, wanted] = wanted_.foreign_keys[i];
      const auto field = at("foreign_keys", i);
      ForeignKey key = wanted;
      key.match.clear();
      if (old_ != nullptr && !was.empty()) {
        for (const auto& old : old_->foreign_keys) {
          if (same_name(old.name, was)) key.match = old.match;
        }
      }
      if (!key.name.empty() && !seen.insert(key.name).second)
        fault(field + ".name", "there are two foreign keys of that name");
      if (key.columns.empty()) fault(field + ".columns", "a foreign key needs a column");
      for (const auto& column : key.columns) known_column(column, field + ".columns");
      if (key.table.empty()) fault(field + ".table", "choose the table that is referred to");
      if (key.columns.size() != key.referenced.size())
        fault(field + ".referenced", "as many columns are referred to as there are of the key");
      keys.push_back(std::move(key));
    }
    table_.foreign_keys = std::move(keys);
  }

  const Schema& from_;
  const TableEdit& wanted_;
  const std::string path_;
  const Target& target_;
  Edited& out_;
  const Table* old_ = nullptr;
  Table table_;
};

// Also when the table that has the name goes in the same edit: the server would then see one table
// changed, not two.
void taken(Edited& out, std::size_t place) {
  out.faults.push_back({"tables[" + std::to_string(place) + "].name",
                        "there is a table of that name: choose another, or do it in two steps"});
}

// What other tables and triggers say of renamed tables and columns.
void follow_renames(Edited& out, const std::set<std::string>& edited) {
  for (auto& [name, table] : out.schema.tables) {
    if (edited.contains(name)) continue;  // the form has the new names
    for (auto& key : table.foreign_keys) {
      if (!key.schema.empty()) continue;
      const auto renamed = out.renames.tables.find(key.table);
      if (renamed != out.renames.tables.end()) key.table = renamed->second;
      for (auto& column : key.referenced) {
        const auto is = out.renames.columns.find({key.table, column});
        if (is != out.renames.columns.end()) column = is->second;
      }
    }
  }
  for (auto& [name, trigger] : out.schema.triggers) {
    const auto renamed = out.renames.tables.find(trigger.table);
    if (renamed != out.renames.tables.end()) trigger.table = renamed->second;
  }
}

}  // namespace

Edited edit(const Schema& from, const SchemaEdit& wanted, const Target& target) {
  Edited out{from, {}, {}};
  for (std::size_t i = 0; i < wanted.dropped.size(); ++i) {
    const auto& name = wanted.dropped[i];
    if (out.schema.tables.erase(name) == 0) {
      out.faults.push_back({"dropped[" + std::to_string(i) + "]", "there is no table " + name});
    }
    std::erase_if(out.schema.triggers, [&](const auto& one) { return one.second.table == name; });
  }
  std::vector<Table> made;
  for (std::size_t i = 0; i < wanted.tables.size(); ++i) {
    const auto& one = wanted.tables[i];
    TableEditor editor(from, one, "tables[" + std::to_string(i) + "]", target, out);
    editor.run();
    made.push_back(editor.take());
    if (one.was != one.name && from.tables.contains(one.name)) taken(out, i);
    if (one.was.empty()) continue;
    out.schema.tables.erase(one.was);
    if (one.was != one.name) out.renames.tables[one.was] = one.name;
  }
  std::set<std::string> edited;
  for (std::size_t i = 0; i < made.size(); ++i) {
    edited.insert(made[i].name);
    const auto name = made[i].name;
    if (!out.schema.tables.emplace(name, std::move(made[i])).second) {
      out.faults.push_back(
          {"tables[" + std::to_string(i) + "].name", "there is a table of that name already"});
    }
  }
  follow_renames(out, edited);
  return out;
}

}  // namespace sluice::schema
