#include "admin/change/account_counts.h"

#include <charconv>

namespace sluice::change {
namespace {

std::int64_t number(const std::optional<std::string>& text) {
  std::int64_t value = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

}  // namespace

void AccountCounts::reset(CountedStatements base) {
  base_.clear();
  for (auto& [key, count] : base.counts) base_[key] = {count, base.at};
}

std::optional<SessionAccount> AccountCounts::author(std::string_view word, store::Time committed,
                                                    const CountedStatements& now) {
  std::vector<SessionAccount> may_be;
  for (const auto& [key, count] : now.counts) {
    if (key.first != word) continue;
    auto& base = base_[key];  // an account that is new has run nothing before
    if (count > base.count || base.at > committed) may_be.push_back(key.second);
    if (count != base.count) base = {count, now.at};
  }
  if (may_be.size() != 1) return std::nullopt;
  return may_be.front();
}

mysql::Result<bool> counts_accounts(mysql::Connection& connection) {
  const auto on = connection.value("SELECT @@performance_schema");
  if (!on) return on.error();
  if (*on != "1") return false;
  // Every account, every kind of statement, and none lost for want of room.
  const auto all = connection.value(
      "SELECT (SELECT COUNT(*) = 1 AND MIN(HOST) = '%' AND MIN(`USER`) = '%' AND MIN(ENABLED) = "
      "'YES' FROM performance_schema.setup_actors) AND (SELECT COUNT(*) = 2 FROM "
      "performance_schema.setup_consumers WHERE NAME IN ('global_instrumentation', "
      "'thread_instrumentation') AND ENABLED = 'YES') AND NOT EXISTS (SELECT 1 FROM "
      "performance_schema.setup_instruments WHERE NAME LIKE 'statement/sql/%' AND ENABLED <> "
      "'YES')");
  if (!all) return all.error();
  if (*all != "1") return false;
  const auto lost = connection.rows("SHOW GLOBAL STATUS LIKE 'Performance_schema_accounts_lost'");
  if (!lost) return lost.error();
  return lost->size() == 1 && lost->front().size() == 2 && number(lost->front()[1]) == 0;
}

mysql::Result<CountedStatements> count_statements(mysql::Connection& connection) {
  const auto rows = connection.rows(
      "SELECT SUBSTRING_INDEX(SUBSTRING_INDEX(EVENT_NAME, '/', -1), '_', 1), `USER`, HOST, "
      "SUM(CAST(COUNT_STAR AS SIGNED) - CAST(SUM_ERRORS AS SIGNED)) FROM "
      "performance_schema.events_statements_summary_by_account_by_event_name WHERE `USER` IS NOT "
      "NULL AND COUNT_STAR > 0 AND EVENT_NAME REGEXP "
      "'^statement/sql/(create|alter|drop|rename)_(table|index|view|trigger|procedure|function|"
      "event|db|sequence)$' GROUP BY 1, 2, 3");
  if (!rows) return rows.error();
  CountedStatements counted;
  for (const auto& row : *rows) {
    if (row.size() < 4) continue;
    counted.counts[{row[0].value_or(""), {row[1].value_or(""), row[2].value_or("")}}] =
        number(row[3]);
  }
  // After the counts: what is committed later is in none of them.
  const auto at = connection.value("SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)");
  if (!at) return at.error();
  counted.at = store::Time(std::chrono::microseconds(number(*at)));
  return counted;
}

}  // namespace sluice::change
