// How much of what there is, for /metrics.
#include "admin/store/store_rows.h"

namespace sluice::store {
namespace {

Result<std::map<std::string, std::int64_t>> counted(Database& database, std::string_view sql) {
  const auto rows = run(database, sql);
  if (!rows) return rows.error();
  std::map<std::string, std::int64_t> counts;
  for (const Row& row : rows->rows) counts[text(row.at(0))] = integer(row.at(1));
  return counts;
}

}  // namespace

Result<Totals> Store::totals() {
  const std::lock_guard lock(mutex_);
  auto issues = counted(*database_, "SELECT status, COUNT(*) FROM issues GROUP BY status");
  if (!issues) return issues.error();
  auto tasks = counted(*database_, "SELECT status, COUNT(*) FROM tasks GROUP BY status");
  if (!tasks) return tasks.error();
  auto anomalies = counted(
      *database_, "SELECT kind, COUNT(*) FROM anomalies WHERE resolved_at IS NULL GROUP BY kind");
  if (!anomalies) return anomalies.error();
  return Totals{std::move(*issues), std::move(*tasks), std::move(*anomalies)};
}

}  // namespace sluice::store
