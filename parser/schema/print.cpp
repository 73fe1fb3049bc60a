// A table as CREATE TABLE (manual 15.1.24) in the order in which SHOW CREATE TABLE prints.
#include "parser/schema/print.h"

#include "parser/sqltext/quote.h"

namespace sluice::schema {
namespace {

using sqltext::quote_identifier;

std::string print_literal(const Literal& literal) {
  switch (literal.kind) {
    case Literal::Kind::Text: return quote_text(literal.value);
    case Literal::Kind::Bits: return "b'" + literal.value + "'";
    case Literal::Kind::Hex: return "0x" + literal.value;
    case Literal::Kind::Null: return "NULL";
  }
  return {};
}

std::string with_precision(std::uint32_t precision) {
  return precision == 0 ? "CURRENT_TIMESTAMP"
                        : "CURRENT_TIMESTAMP(" + std::to_string(precision) + ")";
}

void print_default_clause(const Column& column, const Target& target, std::string& out) {
  if (const auto value = print_default(column.default_value, target); !value.empty())
    out += " DEFAULT " + value;
  if (column.on_update) out += " ON UPDATE " + with_precision(*column.on_update);
}

void print_options_into(const Options& options, std::string& out, const char* before) {
  for (const auto& [name, value] : options) out += before + name + "=" + value;
}

void print_extras(const Column& column, const Target& target, std::string& out) {
  if (!column.visible) out += " INVISIBLE";
  if (!column.column_format.empty()) out += " COLUMN_FORMAT " + column.column_format;
  if (!column.storage.empty()) out += " STORAGE " + column.storage;
  if (column.not_secondary) out += " NOT SECONDARY";
  if (!column.comment.empty()) out += " COMMENT " + quote_text(column.comment);
  if (!column.engine_attribute.empty())
    out += " ENGINE_ATTRIBUTE " + quote_text(column.engine_attribute);
  if (!column.secondary_engine_attribute.empty()) {
    out += " SECONDARY_ENGINE_ATTRIBUTE " + quote_text(column.secondary_engine_attribute);
  }
  if (column.versioned)
    out += *column.versioned ? " WITH SYSTEM VERSIONING" : " WITHOUT SYSTEM VERSIONING";
  print_options_into(column.options, out, " ");
  if (column.check) out += " " + print_check(*column.check, target);
}

std::string print_part(const IndexPart& part) {
  auto out = part.column.empty() ? "(" + part.expression + ")" : quote_identifier(part.column);
  if (part.prefix) out += "(" + std::to_string(*part.prefix) + ")";
  if (part.descending) out += " DESC";
  return out;
}

std::string print_by(const PartitionBy& by, const char* counter) {
  std::string out = by.method;
  const auto columns = out.find(" COLUMNS");
  if (!by.key_algorithm.empty()) out += " ALGORITHM = " + by.key_algorithm;
  if (by.method == "SYSTEM_TIME") {
    if (!by.interval.empty()) out += " " + by.interval;
  } else {
    out += columns == std::string::npos ? " (" + by.sql + ")" : "(" + by.sql + ")";
  }
  if (by.count) out += counter + std::to_string(*by.count);
  return out;
}

}  // namespace

std::string quote_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "''";
    else if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\0')
      out += "\\0";
    else
      out += c;
  }
  return out + "'";
}

std::string name_list(const std::vector<std::string>& names) {
  std::string out = "(";
  for (const auto& name : names) out += (out.size() > 1 ? "," : "") + quote_identifier(name);
  return out + ")";
}

std::string print_default(const Default& value, const Target& target) {
  if (const auto* literal = std::get_if<Literal>(&value)) return print_literal(*literal);
  if (const auto* now = std::get_if<CurrentTimestamp>(&value))
    return with_precision(now->precision);
  if (const auto* expression = std::get_if<Expression>(&value)) {
    const bool next = target.mariadb && expression->sql.starts_with("nextval(");
    return next ? expression->sql : "(" + expression->sql + ")";
  }
  return {};
}

std::string print_type(const DataType& type, const Table& table, const Target& target) {
  std::string out = type.name;
  if (!type.members.empty()) {
    out += '(';
    for (const auto& member : type.members)
      out += (out.back() == '(' ? "" : ",") + quote_text(member);
    out += ')';
  }
  if (type.length) {
    out += "(" + std::to_string(*type.length);
    if (type.decimals) out += "," + std::to_string(*type.decimals);
    out += ")";
  }
  if (type.is_unsigned) out += " unsigned";
  if (type.zerofill) out += " zerofill";
  const bool collation = !type.collation.empty() && type.collation != table.options.collation;
  if (!type.charset.empty() && (collation || type.charset != table.options.charset)) {
    out += " CHARACTER SET " + type.charset;
  }
  if (collation) out += type.collation == "_bin" ? " BINARY" : " COLLATE " + type.collation;
  (void)target;
  return out;
}

std::string print_column(const Column& column, const Table& table, const Target& target) {
  auto out = quote_identifier(column.name) + " " + print_type(column.type, table, target);
  if (column.compressed)
    out += column.compressed->empty() ? " COMPRESSED" : " COMPRESSED=" + *column.compressed;
  // Where SHOW CREATE TABLE has it.
  if (!column.masking_policy.empty())
    out += " MASKING POLICY " + quote_identifier(column.masking_policy);
  if (column.row_period != Column::RowPeriod::None) {
    out += column.row_period == Column::RowPeriod::Start ? " GENERATED ALWAYS AS ROW START"
                                                         : " GENERATED ALWAYS AS ROW END";
    print_extras(column, target, out);
    return out;
  }
  if (column.generated) {
    out += " GENERATED ALWAYS AS (" + column.generated->sql + ")";
    out += column.generated->stored ? " STORED" : " VIRTUAL";
  }
  if (!(target.mariadb && column.generated)) {
    if (!column.nullable)
      out += " NOT NULL";
    else if (column.type.name == "timestamp")
      out += " NULL";
  }
  if (column.type.srid) {
    out += (target.mariadb ? " REF_SYSTEM_ID=" : " SRID ") + std::to_string(*column.type.srid);
  }
  print_default_clause(column, target, out);
  if (column.auto_increment) out += " AUTO_INCREMENT";
  print_extras(column, target, out);
  return out;
}

std::string print_index(const Index& index, const Target& target) {
  std::string out;
  switch (index.kind) {
    case Index::Kind::Primary: out = "PRIMARY KEY"; break;
    case Index::Kind::Unique: out = "UNIQUE KEY"; break;
    case Index::Kind::Key: out = "KEY"; break;
    case Index::Kind::Fulltext: out = "FULLTEXT KEY"; break;
    case Index::Kind::Spatial: out = "SPATIAL KEY"; break;
    case Index::Kind::Vector: out = "VECTOR KEY"; break;
  }
  if (index.kind != Index::Kind::Primary && !index.name.empty())
    out += " " + quote_identifier(index.name);
  out += " (";
  for (const auto& part : index.parts) out += (out.back() == '(' ? "" : ",") + print_part(part);
  if (!index.without_overlaps.empty())
    out += "," + quote_identifier(index.without_overlaps) + " WITHOUT OVERLAPS";
  out += ")";
  if (!index.algorithm.empty()) out += " USING " + index.algorithm;
  print_options_into(index.options, out, " ");
  if (!index.parser.empty()) out += " WITH PARSER " + quote_identifier(index.parser);
  if (!index.comment.empty()) out += " COMMENT " + quote_text(index.comment);
  if (!index.engine_attribute.empty())
    out += " ENGINE_ATTRIBUTE " + quote_text(index.engine_attribute);
  if (!index.secondary_engine_attribute.empty()) {
    out += " SECONDARY_ENGINE_ATTRIBUTE " + quote_text(index.secondary_engine_attribute);
  }
  if (!index.visible) out += target.mariadb ? " IGNORED" : " INVISIBLE";
  return out;
}

std::string print_foreign_key(const ForeignKey& key) {
  std::string out = key.name.empty() ? "" : "CONSTRAINT " + quote_identifier(key.name) + " ";
  out += "FOREIGN KEY " + name_list(key.columns) + " REFERENCES " +
         sqltext::quote_qualified(key.schema, key.table);
  if (!key.referenced.empty()) out += " " + name_list(key.referenced);
  if (!key.match.empty()) out += " MATCH " + key.match;
  if (!key.on_delete.empty()) out += " ON DELETE " + key.on_delete;
  if (!key.on_update.empty()) out += " ON UPDATE " + key.on_update;
  return out;
}

std::string print_check(const Check& check, const Target&) {
  std::string out = check.name.empty() ? "" : "CONSTRAINT " + quote_identifier(check.name) + " ";
  out += "CHECK (" + check.sql + ")";
  if (!check.enforced) out += " NOT ENFORCED";
  return out;
}

std::string print_options(const TableOptions& options, const PrintOptions& how) {
  std::string out;
  if (!options.engine.empty()) out += " ENGINE=" + options.engine;
  if (how.auto_increment && options.auto_increment) {
    out += " AUTO_INCREMENT=" + std::to_string(*options.auto_increment);
  }
  if (!options.charset.empty()) out += " DEFAULT CHARSET=" + options.charset;
  if (!options.collation.empty()) out += " COLLATE=" + options.collation;
  print_options_into(options.other, out, " ");
  if (!options.comment.empty()) out += " COMMENT=" + quote_text(options.comment);
  if (options.system_versioning) out += " WITH SYSTEM VERSIONING";
  return out;
}

std::string print_partition(const Partition& part, const Partitioning& by) {
  auto out = "PARTITION " + quote_identifier(part.name);
  const auto& method = by.by.method;
  if (part.values == "HISTORY" || part.values == "CURRENT" || part.values == "DEFAULT") {
    out += " " + part.values;
  } else if (method.starts_with("RANGE")) {
    out +=
        " VALUES LESS THAN " + (part.values == "MAXVALUE" ? part.values : "(" + part.values + ")");
  } else if (method.starts_with("LIST")) {
    out += " VALUES IN (" + part.values + ")";
  }
  const auto options = [&out](const Options& found) {
    for (const auto& [name, value] : found) out += " " + name + " = " + value;
  };
  options(part.options);
  if (!part.subpartitions.empty()) {
    out += " (";
    for (const auto& sub : part.subpartitions) {
      if (&sub != &part.subpartitions.front()) out += ", ";
      out += "SUBPARTITION " + quote_identifier(sub.name);
      options(sub.options);
    }
    out += ")";
  }
  return out;
}

std::string print_partitioning(const Partitioning& by) {
  auto out = "PARTITION BY " + print_by(by.by, " PARTITIONS ");
  if (!by.sub.method.empty()) out += " SUBPARTITION BY " + print_by(by.sub, " SUBPARTITIONS ");
  if (!by.partitions.empty()) {
    out += " (";
    for (const auto& part : by.partitions) {
      if (&part != &by.partitions.front()) out += ", ";
      out += print_partition(part, by);
    }
    out += ")";
  }
  return out;
}

std::string print(const Table& table, const Target& target, const PrintOptions& how) {
  std::string out = table.temporary ? "CREATE TEMPORARY TABLE " : "CREATE TABLE ";
  out += quote_identifier(table.name) + " (";
  bool first = true;
  const auto line = [&](const std::string& text) {
    out += (first ? "\n  " : ",\n  ") + text;
    first = false;
  };
  for (const auto& column : table.columns) line(print_column(column, table, target));
  for (const auto& index : table.indexes) line(print_index(index, target));
  for (const auto& period : table.periods) {
    const auto name = period.name == "SYSTEM_TIME" ? period.name : quote_identifier(period.name);
    line("PERIOD FOR " + name + " (" + quote_identifier(period.start) + ", " +
         quote_identifier(period.end) + ")");
  }
  if (how.foreign_keys) {
    for (const auto& key : table.foreign_keys) line(print_foreign_key(key));
  }
  for (const auto& check : table.checks) line(print_check(check, target));
  out += "\n)" + print_options(table.options, how);
  if (table.partitioning) out += "\n" + print_partitioning(*table.partitioning);
  return out;
}

}  // namespace sluice::schema
