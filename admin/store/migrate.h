// Numbered migrations, applied in order at start, each in one transaction with its number.
#pragma once

#include "admin/store/database.h"

namespace sluice::store {

struct Migration {
  int number;
  std::string_view name;
  std::string_view sql;  // as in its file
};

// Those that are built in: admin/store/migrations/NNNN_name.sql, in the order of their numbers.
[[nodiscard]] std::span<const Migration> migrations();

// The text for one dialect. Pure.
[[nodiscard]] std::string for_dialect(std::string_view sql, Dialect dialect);

// Brings the database to the newest migration. Two programs at once: one waits for the other.
// Errors: kNewer when the database has a migration that is not built in.
[[nodiscard]] Result<void> migrate(Database& database);

}  // namespace sluice::store
