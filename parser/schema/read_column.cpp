// A column's definition (manual 15.1.24 CREATE TABLE, column_definition), attributes in any order.
#include "parser/schema/read.h"

namespace sluice::schema {
namespace {

bool at_now(const Cursor& in) {
  return in.is_any({"CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP", "SYSDATE"});
}

// CURRENT_TIMESTAMP[(n)] and its synonyms, behind nothing else that would make it an expression.
std::uint32_t read_now(Cursor& in) {
  std::uint32_t precision = 0;
  in.skip();
  if (in.accept("(")) {
    if (!in.is(")")) precision = static_cast<std::uint32_t>(in.number());
    in.expect(")");
  }
  return precision;
}

std::string digits_of(std::string_view raw) {
  const auto quote = raw.find('\'');
  if (quote != std::string_view::npos)
    return std::string(raw.substr(quote + 1, raw.size() - quote - 2));
  return std::string(raw.substr(2));
}

bool at_operator(const Cursor& in) {
  return in.is_any({"+",  "-",   "*",   "/", "%", "|", "&",  "^",  "<<", ">>", "||",
                    "&&", "DIV", "MOD", "=", "<", ">", "<=", ">=", "<>", "!="});
}

// MariaDB takes expressions without parentheses: operands, joined by operators.
Expression read_bare_expression(Cursor& in) {
  const auto from = in.position();
  bool first = true;
  do {
    if (!first) in.skip();
    first = false;
    while (in.is("-") || in.is("+")) in.skip();
    if (in.is("NEXT")) {
      in.expect("NEXT VALUE FOR");
      in.identifier();
      if (in.accept(".")) in.identifier();
    } else if (in.is("(")) {
      in.parenthesised();
    } else {
      if (in.is(",") || in.is(")")) in.fail("expected a default");
      in.skip();
      while (in.accept(".")) in.identifier();
      if (in.is("(")) in.parenthesised();
    }
  } while (at_operator(in) && !in.failed());
  return {in.slice(from, in.position())};
}

std::optional<Literal> read_literal(Cursor& in) {
  using Kind = Token::Kind;
  const auto start = in.position();
  std::string sign;
  if ((in.is("-") || in.is("+")) && in.token(1).kind == Kind::Number) {
    if (in.is("-")) sign = "-";
    in.skip();
  }
  Literal out;
  const bool typed = in.is_any({"DATE", "TIME", "TIMESTAMP"}) || in.raw().starts_with('_');
  if (typed && in.token().kind == Kind::Word && in.token(1).kind == Kind::String) in.skip();
  if (in.token().kind == Kind::String) {
    out.value = in.string();
    while (in.token().kind == Kind::String) out.value += in.string();
  } else if (in.token().kind == Kind::Number) {
    out.value = sign + std::string(in.raw());
    in.skip();
  } else if (in.token().kind == Kind::Bits || in.token().kind == Kind::Hex) {
    out.kind = in.token().kind == Kind::Bits ? Literal::Kind::Bits : Literal::Kind::Hex;
    out.value = upper(digits_of(in.raw()));
    in.skip();
  } else if (in.accept("NULL")) {
    out.kind = Literal::Kind::Null;
  } else if (in.accept("TRUE")) {
    out.value = "1";
  } else if (in.accept("FALSE")) {
    out.value = "0";
  } else {
    return std::nullopt;
  }
  if (in.target().mariadb && at_operator(in)) {
    in.seek(start);
    return std::nullopt;
  }
  return out;
}

Default read_default(Cursor& in) {
  if (at_now(in)) {
    const auto start = in.position();
    const auto precision = read_now(in);
    if (!at_operator(in)) return CurrentTimestamp{precision};
    in.seek(start);
  }
  if (auto literal = read_literal(in)) return *literal;
  if (in.is("(") && !in.target().mariadb) return Expression{in.parenthesised()};
  return read_bare_expression(in);
}

void read_generated(Cursor& in, Column& column) {
  if (in.accept("ROW START")) {
    column.row_period = Column::RowPeriod::Start;
  } else if (in.accept("ROW END")) {
    column.row_period = Column::RowPeriod::End;
  } else {
    Generated generated{in.parenthesised(), false};
    if (in.accept("STORED") || in.accept("PERSISTENT")) {
      generated.stored = true;
    } else {
      in.accept("VIRTUAL");
    }
    column.generated = generated;
  }
}

bool read_key_attribute(Cursor& in, Column& column, ColumnExtras& extras) {
  if (in.accept("PRIMARY KEY") || in.accept("KEY") || in.accept("PRIMARY")) {
    extras.primary = true;
  } else if (in.accept("UNIQUE")) {
    in.accept("KEY");
    extras.unique = true;
  } else if (in.is("REFERENCES")) {
    extras.reference = read_reference(in, {"", {column.name}, "", "", {}, "", "", ""});
  } else if (in.is("CHECK") || in.is("CONSTRAINT")) {
    std::string name;
    if (in.accept("CONSTRAINT") && !in.is("CHECK")) name = in.identifier();
    if (in.is("REFERENCES")) {
      extras.reference = read_reference(in, {name, {column.name}, "", "", {}, "", "", ""});
    } else if (in.target().mariadb && name.empty()) {
      column.check = read_check(in, "");
    } else {
      extras.check = read_check(in, name);
    }
  } else {
    return false;
  }
  return true;
}

bool read_storage_attribute(Cursor& in, Column& column) {
  const auto value = [&] {
    in.accept("=");
    return in.string();
  };
  if (in.accept("COLUMN_FORMAT")) {
    column.column_format = in.word();
    if (column.column_format == "DEFAULT") column.column_format.clear();
  } else if (in.accept("STORAGE")) {
    column.storage = in.word();
    if (column.storage == "DEFAULT") column.storage.clear();
  } else if (in.accept("ENGINE_ATTRIBUTE")) {
    column.engine_attribute = value();
  } else if (in.accept("SECONDARY_ENGINE_ATTRIBUTE")) {
    column.secondary_engine_attribute = value();
  } else if (in.accept("MASKING POLICY")) {
    column.masking_policy = in.identifier();
  } else if (in.accept("NOT SECONDARY")) {
    column.not_secondary = true;
  } else if (in.accept("COMPRESSED")) {
    column.compressed = in.accept("=") ? lower(in.identifier()) : "";
    if (in.accept("CHARACTER SET") || in.accept("CHARSET"))
      column.type.charset = lower(in.name_or_string());
  } else if (in.accept("WITH SYSTEM VERSIONING")) {
    column.versioned = true;
  } else if (in.accept("WITHOUT SYSTEM VERSIONING")) {
    column.versioned = false;
  } else if (in.accept("SRID") || in.accept("REF_SYSTEM_ID")) {
    in.accept("=");
    column.type.srid = static_cast<std::uint32_t>(in.number());
  } else {
    return false;
  }
  return true;
}

bool read_value_attribute(Cursor& in, Column& column, ColumnExtras& extras) {
  if (in.accept("SERIAL DEFAULT VALUE")) {
    column.nullable = false;
    column.auto_increment = extras.unique = true;
  } else if (in.accept("DEFAULT")) {
    column.default_value = read_default(in);
  } else if (in.accept("ON UPDATE")) {
    if (at_now(in)) {
      column.on_update = read_now(in);
    } else {
      in.fail("expected CURRENT_TIMESTAMP");
    }
  } else if (in.accept("AUTO_INCREMENT")) {
    column.auto_increment = true;
  } else if (in.accept("COMMENT")) {
    in.accept("=");
    column.comment = in.string();
  } else if (in.accept("COLLATE")) {
    column.type.collation = lower(in.name_or_string());
  } else if (in.accept("GENERATED ALWAYS AS") || in.accept("AS")) {
    read_generated(in, column);
  } else if (in.accept("VISIBLE")) {
    column.visible = true;
  } else if (in.accept("INVISIBLE")) {
    column.visible = false;
  } else {
    return false;
  }
  return true;
}

bool read_nullability(Cursor& in, Column& column) {
  const bool not_null = in.accept("NOT NULL");
  if (!not_null && !in.accept("NULL")) return false;
  column.nullable = !not_null;
  column.null_written = true;
  return true;
}

}  // namespace

Default read_default_clause(Cursor& in) {
  in.expect("DEFAULT");
  return read_default(in);
}

Column read_column(Cursor& in, ColumnExtras& extras) {
  Column column;
  column.name = in.identifier();
  if (in.accept("SERIAL")) {
    column.type.name = "bigint";
    column.type.is_unsigned = true;
    column.nullable = false;
    column.auto_increment = extras.unique = true;
  } else {
    column.type = read_type(in);
  }
  const bool json = in.target().mariadb && column.type.name == "json";
  while (!in.failed() && !in.is_any({",", ")", "FIRST", "AFTER", "PARTITION"}) && !in.done()) {
    if (read_nullability(in, column) || read_value_attribute(in, column, extras) ||
        read_key_attribute(in, column, extras) || read_storage_attribute(in, column)) {
      continue;
    }
    if (in.target().mariadb && in.is("=", 1)) {  // an engine-defined attribute
      auto name = in.identifier();
      in.skip();
      column.options[name] = in.slice(in.position(), in.position() + 1);
      in.skip();
      continue;
    }
    in.fail("not a column attribute");
  }
  if (json) {  // MariaDB's JSON is LONGTEXT with a check
    column.type = {"longtext", {}, {}, false, false, "utf8mb4", "utf8mb4_bin", {}, {}};
    if (!column.check) column.check = Check{"", "json_valid(`" + column.name + "`)", true};
  }
  return column;
}

}  // namespace sluice::schema
