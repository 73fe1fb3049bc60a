#include "admin/change/server_facts.h"

#include <charconv>

namespace sluice::change {
namespace {

// Length of the UTF-8 sequence at the start of `text`; 0: there is none. Zero bytes are none.
std::size_t sequence(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first == 0) return 0;
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  // Overlong forms, surrogates, beyond U+10FFFF.
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
      (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) {
    return 0;
  }
  return length;
}

}  // namespace

mysql::Result<policy::rules::Server> read_server_facts(mysql::Connection& connection) {
  const auto rows = connection.rows(
      "SELECT @@character_set_server, @@collation_server, @@default_storage_engine, "
      "@@lower_case_table_names, @@sql_mode, @@explicit_defaults_for_timestamp");
  if (!rows) return rows.error();
  policy::rules::Server server;
  server.engine = connection.is_mariadb() ? parser::Engine::MariaDb : parser::Engine::MySql;
  server.version = connection.version();
  if (rows->empty() || rows->front().size() < 6) return server;
  const auto cell = [&](std::size_t i) { return rows->front()[i].value_or(""); };
  server.charset = cell(0);
  server.collation = cell(1);
  server.storage_engine = cell(2);
  const std::string names = cell(3);
  std::from_chars(names.data(), names.data() + names.size(), server.lower_case_table_names);
  server.sql_mode = parser::sql_mode_bits(cell(4));
  server.timestamps_nullable = cell(5) == "1";
  return server;
}

std::string clean_text(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = sequence(text);
    if (length == 0) {
      clean += '?';
      text.remove_prefix(1);
    } else {
      clean += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return clean;
}

}  // namespace sluice::change
