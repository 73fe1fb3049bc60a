#include "admin/change/log_authors.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace sluice::change {
namespace {

constexpr std::size_t kMaxSessions = 20000;  // that are remembered
// How long counts of what is in no log (temporary tables, statements without effect) may stand in
// the way of an inference.
constexpr std::chrono::seconds kRecount{30};

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

LogAuthors::LogAuthors(mysql::Connection& connection, std::chrono::milliseconds sample)
    : connection_(connection), sample_(sample) {
  if (!connection_.is_mariadb()) {
    const auto on = connection_.value("SELECT @@performance_schema");
    threads_ = on && *on == "1";
  }
  const auto counted = counts_accounts(connection_);
  counted_ = counted && *counted && sees_every_session();
}

// Counts tell nothing of a session that may still be at its statement. Without PROCESS the process
// list is one's own sessions alone; a role's privilege is not looked for.
bool LogAuthors::sees_every_session() {
  if (threads_) return true;
  const auto may = connection_.value(
      "SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'PROCESS' "
      "AND GRANTEE = CONCAT(QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', 1)), '@', "
      "QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)))");
  return may && *may && **may != "0";
}

// Sessions of those threads; the newest below which each has an account.
std::uint64_t LogAuthors::look(const std::string& which) {
  const auto rows = connection_.rows(
      threads_ ? "SELECT PROCESSLIST_ID, PROCESSLIST_USER, PROCESSLIST_HOST FROM "
                 "performance_schema.threads WHERE PROCESSLIST_ID" +
                     which
               : "SELECT ID, USER, HOST FROM information_schema.PROCESSLIST WHERE ID" + which);
  std::uint64_t newest = 0;
  auto first_unknown = std::numeric_limits<std::uint64_t>::max();
  if (!rows) return 0;  // SELECT on performance_schema is missing: no authors
  for (const auto& row : *rows) {
    if (row.size() < 3 || !row[0]) continue;
    const auto id = number(*row[0]);
    const auto account = row[1].value_or("");
    // Logging in: it is asked for again.
    if (account.empty() || account == "unauthenticated user") {
      first_unknown = std::min(first_unknown, id);
      continue;
    }
    newest = std::max(newest, id);
    auto host = row[2].value_or("");
    // "10.0.0.3:51234": the port is the session's, not the host's.
    if (const auto colon = host.rfind(':'); colon != std::string::npos && host.find(':') == colon)
      host.resize(colon);
    sessions_[id] = {account, std::move(host)};
  }
  while (sessions_.size() > kMaxSessions) sessions_.erase(sessions_.begin());
  return std::min(newest, first_unknown - 1);
}

void LogAuthors::sample() {
  const auto now = std::chrono::steady_clock::now();
  if (now - sampled_at_ < sample_) return;
  sampled_at_ = now;
  newest_session_ = std::max(newest_session_, look(" > " + std::to_string(newest_session_)));
}

void LogAuthors::caught_up() {
  const auto now = std::chrono::steady_clock::now();
  if (!counted_ || (!stale_ && now - counted_at_ < kRecount)) return;
  auto counts = count_statements(connection_);
  if (!counts) return;
  counts_.reset(std::move(*counts));
  counted_at_ = now;
  stale_ = false;
}

bool LogAuthors::find_session(std::uint64_t thread, store::OutsideStatement& statement) {
  const auto found = sessions_.find(thread);
  if (found == sessions_.end()) return false;
  statement.account = found->second.user;
  statement.host = found->second.host;
  statement.author_by = "session";
  return true;
}

void LogAuthors::find_by_counts(store::OutsideStatement& statement, const LoggedStatement& logged) {
  const auto now = count_statements(connection_);
  if (!now) return;
  const auto author = counts_.author(first_word(logged.sql), logged.committed, *now);
  if (!author) return;
  statement.account = author->user;
  statement.host = author->host;
  statement.author_by = "counts";
}

void LogAuthors::name(store::OutsideStatement& statement, const LoggedStatement& logged) {
  sampled_at_ = {};
  sample();
  const bool known = find_session(logged.thread_id, statement);
  // Once more by its number: those that were passed over while they logged in, or forgotten.
  if (!known) static_cast<void>(look(" = " + std::to_string(logged.thread_id)));
  if (known || find_session(logged.thread_id, statement)) {
    stale_ = true;
    return;
  }
  if (!logged.user.empty()) {
    statement.account = logged.user;
    statement.host = logged.host;
    statement.author_by = "log";
    stale_ = true;
    return;
  }
  // Before the first count nothing can be told by counts.
  if (counted_ && counted_at_ != std::chrono::steady_clock::time_point{})
    find_by_counts(statement, logged);
}

}  // namespace sluice::change
