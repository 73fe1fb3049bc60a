// Data types (manual 13.1 to 13.5) and their aliases (13.9).
#include <algorithm>
#include <array>
#include <utility>

#include "parser/schema/read.h"

namespace sluice::schema {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kAliases = {{
    {"integer", "int"},       {"int1", "tinyint"},        {"int2", "smallint"},
    {"int3", "mediumint"},    {"middleint", "mediumint"}, {"int4", "int"},
    {"int8", "bigint"},       {"dec", "decimal"},         {"numeric", "decimal"},
    {"fixed", "decimal"},     {"float4", "float"},        {"float8", "double"},
    {"real", "double"},       {"character", "char"},      {"varcharacter", "varchar"},
    {"varchar2", "varchar"},  {"nvarchar", "varchar"},    {"raw", "varbinary"},
    {"clob", "longtext"},     {"number", "decimal"},      {"geometrycollection", "geomcollection"},
    {"sql_tsi_year", "year"},
}};

// The words of the type's name, with what they imply.
void read_name(Cursor& in, DataType& type) {
  if (in.accept("NATIONAL")) type.charset = "utf8mb3";
  auto name = lower(in.identifier());
  if (name == "double") in.accept("PRECISION");
  if (name == "nchar") {
    type.charset = "utf8mb3";
    name = in.accept("VARCHAR") ? "varchar" : "char";
  }
  if (name == "nvarchar") type.charset = "utf8mb3";
  if ((name == "char" || name == "character") && in.accept("VARYING")) name = "varchar";
  if (name == "long") {
    name = in.accept("VARBINARY") ? "mediumblob" : "mediumtext";
    if (name == "mediumtext" && !in.accept("VARCHAR") && in.accept("CHAR")) in.expect("VARYING");
  }
  if (name == "bool" || name == "boolean") {
    name = "tinyint";
    type.length = 1;
  }
  const auto alias = std::find_if(kAliases.begin(), kAliases.end(),
                                  [&](const auto& x) { return x.first == name; });
  if (alias != kAliases.end() && !(name == "geometrycollection" && in.target().mariadb)) {
    name = alias->second;
  }
  type.name = name;
}

// A member as text; the servers take 0x41 and b'1000001' for one, too, and show what it spells.
std::string read_member(Cursor& in) {
  const bool hex = in.token().kind == Token::Kind::Hex;
  if (!hex && in.token().kind != Token::Kind::Bits) return in.string();
  std::string digits(in.raw());
  in.skip();
  std::erase(digits, '\'');
  digits.erase(0, digits[0] == '0' ? 2 : 1);  // 0x41, X'41'
  const std::size_t each = hex ? 2 : 8;
  while (digits.size() % each != 0) digits.insert(0, 1, '0');
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += each)
    bytes += static_cast<char>(std::stoul(digits.substr(i, each), nullptr, hex ? 16 : 2));
  return bytes;
}

void read_lengths(Cursor& in, DataType& type) {
  if (type.name == "enum" || type.name == "set") {
    in.expect("(");
    do {
      type.members.push_back(read_member(in));
    } while (in.accept(","));
    in.expect(")");
    return;
  }
  if (!in.accept("(")) return;
  type.length = static_cast<std::uint32_t>(in.number());
  if (in.accept(",")) type.decimals = static_cast<std::uint32_t>(in.number());
  in.expect(")");
}

// BLOB(n) and TEXT(n) name the smallest type that holds n; FLOAT(p) is FLOAT or DOUBLE.
void settle(DataType& type) {
  if (type.length && type.name == "blob") {
    const auto n = *type.length;
    type.name = n <= 255        ? "tinyblob"
                : n <= 65535    ? "blob"
                : n <= 16777215 ? "mediumblob"
                                : "longblob";
    type.length.reset();
  }
  if (type.name == "float" && type.length && !type.decimals) {
    if (*type.length > 24) type.name = "double";
    type.length.reset();
  }
  if (type.name == "year") type.length.reset();
}

}  // namespace

DataType read_type(Cursor& in) {
  DataType type;
  read_name(in, type);
  read_lengths(in, type);
  settle(type);
  for (bool more = true; more && !in.failed();) {
    if (in.accept("UNSIGNED")) {
      type.is_unsigned = true;
    } else if (in.accept("ZEROFILL")) {
      type.zerofill = type.is_unsigned = true;
    } else if (in.accept("SIGNED")) {
    } else if (in.accept("CHARACTER SET") || in.accept("CHAR SET") || in.accept("CHARSET")) {
      type.charset = lower(in.name_or_string());
    } else if (in.accept("COLLATE")) {
      type.collation = lower(in.name_or_string());
    } else if (in.accept("ASCII")) {
      type.charset = "latin1";
    } else if (in.accept("UNICODE")) {
      type.charset = "ucs2";
    } else if (in.accept("BYTE")) {
      type.charset = "binary";
    } else if (in.accept("BINARY")) {
      if (type.charset.empty()) {
        type.collation = "_bin";  // of the charset that applies; canonicalise() completes it
      } else {
        type.collation = type.charset + "_bin";
      }
    } else {
      more = false;
    }
  }
  if (type.charset == "binary") {  // CHAR … CHARACTER SET binary is BINARY, TEXT is BLOB
    if (type.name == "char") type.name = "binary";
    if (type.name == "varchar") type.name = "varbinary";
    if (type.name.ends_with("text")) type.name.replace(type.name.size() - 4, 4, "blob");
    if (type.name != "enum" && type.name != "set") type.charset = type.collation = "";
  }
  return type;
}

}  // namespace sluice::schema
