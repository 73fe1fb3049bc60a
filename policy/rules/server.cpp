#include "policy/rules/server.h"

#include "parser/schema/canonical.h"

namespace sluice::policy::rules {

Server Server::resolved() const {
  Server out = *this;
  const bool mariadb = engine == parser::Engine::MariaDb;
  if (out.charset.empty() && !out.collation.empty())
    out.charset = out.collation.substr(0, out.collation.find('_'));
  if (out.charset.empty()) {
    const bool utf8mb4 = mariadb ? version >= 110600 : version >= 80001;
    out.charset = utf8mb4 ? "utf8mb4" : "latin1";
  }
  if (out.collation.empty()) out.collation = schema::default_collation(out.charset, target());
  if (out.storage_engine.empty()) out.storage_engine = "InnoDB";
  return out;
}

parser::Dialect Server::dialect() const {
  parser::Dialect out;
  out.engine = engine;
  out.server_version = version;
  out.sql_mode = sql_mode;
  out.lower_case_table_names = lower_case_table_names;
  return out;
}

schema::Target Server::target() const {
  schema::Target out;
  out.mariadb = engine == parser::Engine::MariaDb;
  out.version = version;
  out.ansi_quotes = (sql_mode & parser::kAnsiQuotes) != 0;
  out.no_backslash_escapes = (sql_mode & parser::kNoBackslashEscapes) != 0;
  out.lower_case_names = lower_case_table_names != 0;
  return out;
}

}  // namespace sluice::policy::rules
