// The servers' own names of statement classes: what follows "statement/sql/" in performance_schema.
// Pure.
#pragma once

#include <string>
#include <string_view>

namespace sluice::parser {

// MySQL's class of a SHOW. `words` is what follows SHOW, in upper case, a blank after each word;
// the words that only widen or narrow (FULL, EXTENDED, GLOBAL, …) are left out.
[[nodiscard]] std::string_view show_class(std::string_view words);

// MariaDB's name for a class that MySQL names otherwise; the same name for the others.
[[nodiscard]] std::string mariadb_class(std::string_view mysql_class);

}  // namespace sluice::parser
