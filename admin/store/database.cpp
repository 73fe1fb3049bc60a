#include "admin/store/database.h"

namespace sluice::store {

Transaction::Transaction(Database& database)
    : database_(database),
      begun_(database.script(database.dialect() == Dialect::kSqlite ? "BEGIN IMMEDIATE" : "BEGIN")),
      open_(begun_.has_value()) {}

Transaction::~Transaction() {
  // Its own failure changes nothing: a transaction that cannot be rolled back is gone with its
  // connection.
  if (open_) static_cast<void>(database_.script("ROLLBACK"));
}

Result<void> Transaction::commit() {
  auto committed = database_.script("COMMIT");
  if (committed) open_ = false;
  return committed;
}

}  // namespace sluice::store
