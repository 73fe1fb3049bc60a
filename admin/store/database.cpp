#include "admin/store/database.h"

#include <array>

namespace sluice::store {
namespace {

constexpr std::array<std::string_view, 10> kFailures{
    "conflict",    "reference", "refused",   "busy",      "full",
    "unavailable", "newer",     "wrong_key", "not_found", "other"};
static_assert(kFailures.size() == static_cast<std::size_t>(Failure::kOther) + 1);

}  // namespace

std::string_view name(Failure kind) noexcept {
  return kFailures.at(static_cast<std::size_t>(kind));
}

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
