// What a server adds to a statement that does not say it: the defaults which rules resolve before
// they judge. Read from the live server's variables, or the manual's for a version. A value.
#pragma once

#include <cstdint>
#include <string>

#include "parser/dialect.h"
#include "parser/schema/target.h"

namespace sluice::policy::rules {

struct Server {
  parser::Engine engine = parser::Engine::MySql;
  std::uint32_t version = 90704;  // 90704 is 9.7.4, 101119 is MariaDB 10.11.19
  std::string charset;            // character_set_server; empty: the version's default
  std::string collation;          // collation_server; empty: the character set's default
  std::string storage_engine;     // default_storage_engine; empty: InnoDB
  std::uint8_t lower_case_table_names = 0;
  std::uint32_t sql_mode = 0;  // parser::SqlMode bits
  // explicit_defaults_for_timestamp; off, a TIMESTAMP without NULL is NOT NULL.
  bool timestamps_nullable = true;

  // The server with every empty member filled in (manual 7.1.8, 12.2; MariaDB's for MariaDB).
  [[nodiscard]] Server resolved() const;
  [[nodiscard]] parser::Dialect dialect() const;
  [[nodiscard]] schema::Target target() const;
};

}  // namespace sluice::policy::rules
