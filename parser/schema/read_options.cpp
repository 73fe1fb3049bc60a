// Table options (manual 15.1.24, table_option), with or without "=" and commas.
#include <array>

#include "parser/schema/print.h"
#include "parser/schema/read.h"

namespace sluice::schema {
namespace {

// Every other option of both servers: a name of one or two words and one value.
constexpr std::array<std::string_view, 38> kOptions = {
    "AUTOEXTEND_SIZE",  "AVG_ROW_LENGTH",
    "CHECKSUM",         "COMPRESSION",
    "CONNECTION",       "DATA DIRECTORY",
    "INDEX DIRECTORY",  "DELAY_KEY_WRITE",
    "ENCRYPTION",       "ENGINE_ATTRIBUTE",
    "INSERT_METHOD",    "KEY_BLOCK_SIZE",
    "MAX_ROWS",         "MIN_ROWS",
    "PACK_KEYS",        "PASSWORD",
    "ROW_FORMAT",       "SECONDARY_ENGINE_ATTRIBUTE",
    "SECONDARY_ENGINE", "STATS_AUTO_RECALC",
    "STATS_PERSISTENT", "STATS_SAMPLE_PAGES",
    "TABLESPACE",       "UNION",
    "TABLE_CHECKSUM",   "PAGE_CHECKSUM",
    "PAGE_COMPRESSED",  "PAGE_COMPRESSION_LEVEL",
    "ENCRYPTED",        "ENCRYPTION_KEY_ID",
    "ITEF_QUOTES",      "TRANSACTIONAL",
    "SEQUENCE",         "IETF_QUOTES",
    "STORAGE",          "NODEGROUP",
    "RAID_TYPE",        "TYPE"};

std::string read_value(Cursor& in) {
  in.accept("=");
  if (in.is("(")) return "(" + in.parenthesised() + ")";
  const auto kind = in.token().kind;
  std::string value;
  if (kind == Token::Kind::String)
    value = quote_text(in.string());
  else if (kind == Token::Kind::Quoted)
    value = "`" + in.identifier() + "`";
  else {
    value = upper(in.raw());
    if (kind != Token::Kind::Word && kind != Token::Kind::Number) in.fail("expected a value");
    in.skip();
  }
  return value;
}

bool at_value(const Cursor& in, std::size_t ahead) {
  const auto kind = in.token(ahead).kind;
  return in.is("=", ahead) || kind == Token::Kind::String || kind == Token::Kind::Number ||
         kind == Token::Kind::Word || kind == Token::Kind::Quoted || in.is("(", ahead);
}

bool read_charset_option(Cursor& in, TableOptions& options) {
  const auto start = in.position();
  in.accept("DEFAULT");
  if (in.accept("CHARACTER SET") || in.accept("CHARSET") || in.accept("CHAR SET")) {
    in.accept("=");
    options.charset = lower(in.name_or_string());
    return true;
  }
  if (in.accept("COLLATE")) {
    in.accept("=");
    options.collation = lower(in.name_or_string());
    return true;
  }
  in.seek(start);
  return false;
}

}  // namespace

bool read_table_option(Cursor& in, TableOptions& options) {
  if (read_charset_option(in, options)) return true;
  if (in.accept("ENGINE") || in.accept("TYPE")) {
    in.accept("=");
    options.engine = in.name_or_string();
    return true;
  }
  if (in.accept("COMMENT")) {
    in.accept("=");
    options.comment = in.string();
    options.comment_written = true;
    return true;
  }
  if (in.accept("AUTO_INCREMENT")) {
    in.accept("=");
    options.auto_increment = in.number();
    return true;
  }
  if (in.accept("WITH SYSTEM VERSIONING")) return options.system_versioning = true;
  if (in.accept("START TRANSACTION")) return true;
  for (const auto option : kOptions) {
    const auto words = option.find(' ') == std::string_view::npos ? 1U : 2U;
    if (!at_value(in, words)) continue;
    const auto start = in.position();
    if (!in.accept(option)) continue;
    if (option == "STORAGE" && !in.is("=") && !in.is("DISK") && !in.is("MEMORY")) {
      in.seek(start);
      continue;
    }
    auto value = read_value(in);
    options.other[std::string(option)] = std::move(value);
    return true;
  }
  if (in.target().mariadb && in.is("=", 1) && !in.is("ALGORITHM") && !in.is("LOCK")) {
    auto name = in.identifier();  // engine-defined
    options.other[name] = read_value(in);
    return true;
  }
  return false;
}

}  // namespace sluice::schema
