#include "proxy/binlog/rollback_plan.h"

#include <algorithm>
#include <array>
#include <optional>

#include "parser/sqltext/quote.h"
#include "proxy/binlog/literal.h"

namespace sluice::binlog {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// Sizes of integer types: a wider one holds all values of a narrower one of the same sign.
int integer_size(ColumnType type) {
  switch (type) {
    case ColumnType::kTiny: return 1;
    case ColumnType::kShort: return 2;
    case ColumnType::kInt24: return 3;
    case ColumnType::kLong: return 4;
    case ColumnType::kLongLong: return 8;
    default: return 0;
  }
}
int integer_size(std::string_view type) {
  if (type == "tinyint") return 1;
  if (type == "smallint") return 2;
  if (type == "mediumint") return 3;
  if (type == "int") return 4;
  if (type == "bigint") return 8;
  return 0;
}

// The types of SHOW CREATE TABLE that a type of the log can be.
bool is_one_of(std::string_view type, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, type) != names.end();
}
bool can_be(const Column& column, std::string_view type) {
  using enum ColumnType;
  switch (column.type) {
    case kFloat: return type == "float";
    case kDouble: return type == "double";
    case kNewDecimal: return type == "decimal";
    case kYear: return type == "year";
    case kDate:
    case kNewDate: return type == "date";
    case kTime:
    case kTime2: return type == "time";
    case kDateTime:
    case kDateTime2: return type == "datetime";
    case kTimestamp:
    case kTimestamp2: return type == "timestamp";
    case kBit: return type == "bit";
    case kEnum: return type == "enum";
    case kSet: return type == "set";
    case kString: return is_one_of(type, {"char", "binary", "uuid", "inet4", "inet6"});
    case kVarchar:
    case kVarString:
    case kVarcharCompressed: return is_one_of(type, {"varchar", "varbinary"});
    case kJson: return type == "json";
    case kVector: return type == "vector";
    case kGeometry:
      return is_one_of(
          type, {"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring",
                 "multipolygon", "geometrycollection", "geomcollection"});
    case kTinyBlob:
    case kMediumBlob:
    case kLongBlob:
    case kBlob:
    case kBlobCompressed: {
      static constexpr std::array<std::array<std::string_view, 2>, 4> kNames{
          {{"tinyblob", "tinytext"},
           {"blob", "text"},
           {"mediumblob", "mediumtext"},
           {"longblob", "longtext"}}};
      const auto& names = kNames[std::size_t{column.pack} - 1];
      return type == names[0] || type == names[1] || (column.pack == 4 && type == "json");
    }
    default: return false;
  }
}

// Numbers of members mean the same only in the same list. The log has it in the column's character
// set: members that are not ASCII are not compared.
bool same_members(const std::vector<std::string>& logged, const std::vector<std::string>& now) {
  if (logged.empty() || now.empty()) return true;
  if (logged.size() > now.size()) return false;  // more at the end change nothing
  for (std::size_t i = 0; i < logged.size(); ++i) {
    const bool ascii = std::ranges::all_of(logged[i], [](char c) { return c > 0; });
    if (ascii && logged[i] != now[i]) return false;
  }
  return true;
}

// Whether the column's values fit into the shape's without a digit lost.
bool is_as_wide(const Column& column, const ColumnShape& shape) {
  using enum ColumnType;
  switch (column.type) {
    case kTime2:
    case kDateTime2:
    case kTimestamp2: return shape.length.value_or(0) >= column.decimals;
    case kBit: return shape.length.value_or(1) >= column.length;
    case kNewDecimal: {
      const std::uint32_t digits = shape.length.value_or(10);
      const std::uint32_t scale = shape.decimals.value_or(0);
      return scale >= column.decimals &&
             digits - scale >= static_cast<std::uint32_t>(column.digits - column.decimals);
    }
    default: return true;
  }
}

bool same_type(const Column& column, const ColumnShape& shape) {
  if (const int size = integer_size(column.type); size > 0) {
    if (column.is_unsigned && *column.is_unsigned != shape.is_unsigned) return false;
    return integer_size(shape.type) >= size;
  }
  return can_be(column, shape.type) && is_as_wide(column, shape) &&
         same_members(column.members, shape.members);
}

bool is_character(ColumnType type) {
  using enum ColumnType;
  switch (type) {
    case kString:
    case kVarchar:
    case kVarString:
    case kVarcharCompressed:
    case kTinyBlob:
    case kMediumBlob:
    case kLongBlob:
    case kBlob:
    case kBlobCompressed: return true;
    default: return false;
  }
}

bool has_sign(ColumnType type) {
  return integer_size(type) > 0;
}

std::string full_name(const TableMap& map) {
  return sqltext::quote_qualified(map.schema, map.table);
}

Error altered(const TableMap& map, const std::string& how) {
  return {Fault::kConflict, "the table " + full_name(map) +
                                " was altered between the change and the schema given: " + how};
}

// What the schema knows of a column completes what the log says.
void complete(Column& column, const ColumnShape& shape) {
  column.name = shape.name;
  if (has_sign(column.type) && !column.is_unsigned) column.is_unsigned = shape.is_unsigned;
  if (is_character(column.type) && !column.collation) {
    const bool text = !shape.charset.empty() && shape.charset != "binary";
    column.collation = text ? collation_of(shape.charset) : kBinaryCollation;
  }
}

// For each column of the log, its column of the shape.
Result<std::vector<std::uint32_t>> match_columns(const TableMap& map, const TableShape& shape,
                                                 bool in_place) {
  std::vector<std::uint32_t> out;
  if (!map.has_names || in_place) {
    if (shape.columns.size() != map.columns.size()) {
      return altered(map, "it has " + std::to_string(shape.columns.size()) + " columns there and " +
                              std::to_string(map.columns.size()) + " in the log");
    }
  }
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    const auto& column = map.columns[i];
    std::size_t at = i;
    if (map.has_names) {
      const auto found = std::ranges::find_if(
          shape.columns, [&](const auto& c) { return same_name(c.name, column.name); });
      at = static_cast<std::size_t>(found - shape.columns.begin());
      if (at == shape.columns.size() || (in_place && at != i))
        return altered(map, "its column " + sqltext::quote_identifier(column.name) +
                                (in_place ? " is not at its place" : " is not there"));
    }
    if (!same_type(column, shape.columns[at])) {
      return altered(map, "the type of its column " +
                              sqltext::quote_identifier(shape.columns[at].name) + ", now " +
                              shape.columns[at].type + ", is not that of the log");
    }
    out.push_back(static_cast<std::uint32_t>(at));
  }
  return out;
}

// Columns of the log for columns of the shape; nothing when one of them is not in the log.
std::optional<std::vector<std::uint32_t>> in_log(const std::vector<std::uint32_t>& shape_columns,
                                                 const std::vector<std::uint32_t>& matched) {
  std::vector<std::uint32_t> out;
  for (const auto wanted : shape_columns) {
    const auto found = std::ranges::find(matched, wanted);
    if (found == matched.end()) return std::nullopt;
    out.push_back(static_cast<std::uint32_t>(found - matched.begin()));
  }
  return out;
}

// A key that names one row: the primary one, else a unique one of columns that are never NULL.
void choose_key(TablePlan& plan, const TableShape& shape,
                const std::vector<std::uint32_t>& matched) {
  for (const bool primary : {true, false}) {
    for (const auto& key : shape.unique_keys) {
      if (key.primary != primary || key.functional || key.columns.empty()) continue;
      if (!primary && (key.prefix || std::ranges::any_of(key.columns, [&](std::uint32_t c) {
                         return shape.columns[c].nullable;
                       })))
        continue;
      if (auto columns = in_log(key.columns, matched)) {
        plan.key = std::move(*columns);
        return;
      }
    }
  }
}

void mark(TablePlan& plan, const std::vector<std::uint32_t>& shape_columns,
          const std::vector<std::uint32_t>& matched) {
  for (const auto wanted : shape_columns) {
    const auto found = std::ranges::find(matched, wanted);
    if (found != matched.end())
      plan.fixed_order[static_cast<std::size_t>(found - matched.begin())] = true;
  }
}

Result<void> apply_shape(TablePlan& plan, const TableShape& shape, const InverseOptions& options) {
  const auto matched = match_columns(*plan.map, shape, options.mode == InverseMode::kExact);
  if (!matched) return matched.error();
  plan.shape_columns = *matched;
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    const auto& column = shape.columns[(*matched)[i]];
    complete(plan.columns[i], column);
    plan.writable[i] = !column.generated && !column.row_period;
    plan.updates_itself[i] = column.on_update;
  }
  choose_key(plan, shape, *matched);
  for (const auto& key : shape.unique_keys) mark(plan, key.columns, *matched);
  for (const auto& reference : shape.referenced_by) {
    mark(plan, reference.columns, *matched);
    plan.self_reference |= reference.schema == shape.schema && reference.table == shape.table;
  }
  mark(plan, shape.foreign_key_columns, *matched);
  return {};
}

Result<void> check_columns(const TablePlan& plan) {
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    const auto& column = plan.columns[i];
    if (column.name.empty()) {
      return Error{Fault::kIncomplete,
                   "the log does not name the columns of " + full_name(*plan.map) +
                       " (binlog_row_metadata is not FULL): give the table's definition with "
                       "--schema"};
    }
    if ((has_sign(column.type) && !column.is_unsigned) ||
        (is_character(column.type) && charset_of(column.collation.value_or(0)).name.empty())) {
      return Error{Fault::kIncomplete, "the log does not say the sign or character set of " +
                                           full_name(*plan.map) + "." + plan.names[i] +
                                           " (binlog_row_metadata): give the table's definition "
                                           "with --schema"};
    }
  }
  return {};
}

}  // namespace

Result<TablePlan> make_plan(std::shared_ptr<const TableMap> map, const TableShape* shape,
                            const InverseOptions& options) {
  TablePlan plan;
  plan.table = full_name(*map);
  plan.columns = map->columns;
  plan.shape = shape;
  plan.map = std::move(map);
  const std::size_t count = plan.columns.size();
  plan.writable.assign(count, true);
  plan.updates_itself.assign(count, false);
  plan.fixed_order.assign(count, false);
  if (shape != nullptr) {
    if (auto applied = apply_shape(plan, *shape, options); !applied) return applied.error();
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      const auto type = plan.columns[i].type;
      plan.updates_itself[i] = type == ColumnType::kTimestamp || type == ColumnType::kTimestamp2 ||
                               type == ColumnType::kDateTime || type == ColumnType::kDateTime2;
    }
    for (const auto& part : plan.map->primary_key) plan.key.push_back(part.column);
  }
  for (const auto& column : plan.columns) {
    plan.names.push_back(sqltext::quote_identifier(column.name));
    append_comparable(plan.compared.emplace_back(), plan.names.back(), column);
    plan.charsets.push_back(charset_of(column.collation.value_or(0)));
  }
  if (auto checked = check_columns(plan); !checked) return checked.error();
  plan.integer_key = !plan.key.empty() && std::ranges::all_of(plan.key, [&](std::uint32_t c) {
    return integer_size(plan.columns[c].type) > 0;
  });
  return plan;
}

}  // namespace sluice::binlog
