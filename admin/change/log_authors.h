// Who ran the statements of an instance's binary log, which names threads alone. In this order:
//
//   session  the thread is, or was a moment ago, one of the server's sessions: those are looked at
//            again and again, so that one that ends soon is still known afterwards
//   log      the log says who it was: for what has a definer (Q_INVOKER of QUERY_EVENT)
//   counts   performance_schema's counts leave one account only (account_counts.h): an inference
//
// Blocking; one thread. Nothing here fails: an author that cannot be told stays unknown.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "admin/change/account_counts.h"
#include "admin/change/log_follower.h"

namespace sluice::change {

class LogAuthors {
 public:
  // `connection` is for these questions and those of its owner, who outlives this. `sample`: from
  // one look at the sessions to the next.
  LogAuthors(mysql::Connection& connection, std::chrono::milliseconds sample);

  // Looks at new sessions, if it is time.
  void sample();
  // Nothing is there to be read in the log: what was counted up to now is of statements that were
  // read.
  void caught_up();
  // A statement was read whose author needs no counts.
  void passed() noexcept { stale_ = true; }
  // Fills account, host and author_by.
  void name(store::OutsideStatement& statement, const LoggedStatement& logged);

 private:
  [[nodiscard]] bool sees_every_session();
  [[nodiscard]] std::uint64_t look(const std::string& which);
  [[nodiscard]] bool find_session(std::uint64_t thread, store::OutsideStatement& statement);
  void find_by_counts(store::OutsideStatement& statement, const LoggedStatement& logged);

  mysql::Connection& connection_;
  std::chrono::milliseconds sample_;
  std::chrono::steady_clock::time_point sampled_at_{};
  std::uint64_t newest_session_ = 0;
  std::map<std::uint64_t, SessionAccount> sessions_;
  // MySQL's sessions are in performance_schema.threads, where looking at them locks nothing.
  bool threads_ = false;
  bool counted_ = false;  // the server has counts
  bool stale_ = true;     // some in there are of statements that were read
  std::chrono::steady_clock::time_point counted_at_{};
  AccountCounts counts_;
};

}  // namespace sluice::change
