// The server that DDL is read from or written for.
#pragma once

#include <cstdint>

namespace sluice::schema {

struct Target {
  bool mariadb = false;
  std::uint32_t version = 90704;  // major*10000 + minor*100 + patch, as in version comments
  bool ansi_quotes = false;       // sql_mode bits that change how text is read
  bool no_backslash_escapes = false;
  bool lower_case_names = false;  // lower_case_table_names != 0

  friend bool operator==(const Target&, const Target&) = default;
};

}  // namespace sluice::schema
