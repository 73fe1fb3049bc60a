// Who ran a statement whose session has ended, told from how often each account has run such
// statements: performance_schema counts them by account and keeps the counts when sessions end
// (manual 29.12.20.3, Statement Summary Tables).
//
//   base: counts as they were at a time      ask: counts now
//   an account whose count rose, or whose base is younger than the statement's commit, may be the
//   author; when it is the only one, it is
//
// It holds because a session that has ended is in the counts, and because a base's time is taken
// after its counts. It is an inference all the same: what runs within stored programs, events and
// prepared statements is counted under other names. Pure; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "admin/mysql/connection.h"
#include "admin/store/types.h"

namespace sluice::change {

struct SessionAccount {
  std::string user;
  std::string host;  // that it came from, without the port
  friend auto operator<=>(const SessionAccount&, const SessionAccount&) = default;
};

// By account and first word of the statement: create, alter, drop, rename.
struct CountedStatements {
  std::map<std::pair<std::string, SessionAccount>, std::int64_t> counts;
  store::Time at{};  // by the server's clock, after they were counted
};

class AccountCounts {
 public:
  // What ran before is not asked for any more.
  void reset(CountedStatements base);
  // Of a statement that was committed at `committed`, by the server's clock and not later, by a
  // session that had ended when `now` was read. Nothing: several may have run it, or none.
  [[nodiscard]] std::optional<SessionAccount> author(std::string_view word, store::Time committed,
                                                     const CountedStatements& now);

 private:
  struct Base {
    std::int64_t count = 0;
    store::Time at{};
  };
  std::map<std::pair<std::string, SessionAccount>, Base> base_;
};

// Whether the server counts the statements of every account. A fault is the connection's, or that
// the account may not read performance_schema.
[[nodiscard]] mysql::Result<bool> counts_accounts(mysql::Connection& connection);
[[nodiscard]] mysql::Result<CountedStatements> count_statements(mysql::Connection& connection);

}  // namespace sluice::change
