// One instance's binary log, followed as long as its connections hold: what binlog_watch.cpp does
// again and again. Not for other rooms. Blocking; one thread.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "admin/change/binlog_watch.h"
#include "admin/change/log_authors.h"
#include "admin/change/positions.h"

namespace sluice::change {

// Why it ended.
enum class LogEnd : std::uint8_t {
  kStopped,      // the program ends, or the instance is not to be followed any more
  kAgain,        // a connection ended: at once
  kLater,        // the server or the store does not answer, or another program follows
  kUnavailable,  // the log cannot be followed; the anomaly says why
};

class LogSession {
 public:
  LogSession(const ScanServices& services, Scans& scans, const BinlogWatchConfig& config,
             WatchMeter& meter, store::Id instance, mysql::Cancellation& cancellation)
      : services_(services),
        scans_(scans),
        config_(config),
        meter_(meter),
        instance_(instance),
        cancellation_(cancellation) {}

  [[nodiscard]] LogEnd run();

 private:
  [[nodiscard]] bool connect();
  [[nodiscard]] LogEnd open();
  [[nodiscard]] mysql::BinlogRequest request(const store::WatchedPlace& known,
                                             const BinlogPosition& now,
                                             store::WatchedPlace& from) const;
  [[nodiscard]] LogEnd read();
  void take(const LoggedStatement& statement);
  [[nodiscard]] std::optional<store::Id> database(const std::string& name);
  [[nodiscard]] bool is_ignored(const TouchedDatabase& touched) const;
  [[nodiscard]] bool keep(bool now);
  void count(const mysql::BinlogEventView& event);
  [[nodiscard]] LogEnd refused(const mysql::Fault& fault);
  [[nodiscard]] LogEnd unavailable(const std::string& why);

  const ScanServices& services_;
  Scans& scans_;
  const BinlogWatchConfig& config_;
  WatchMeter& meter_;
  store::Id instance_;
  std::string name_;  // of the instance
  mysql::Cancellation& cancellation_;

  mysql::Options options_;
  std::regex ignored_;
  std::unique_ptr<mysql::Connection> control_;
  std::unique_ptr<mysql::BinlogStream> stream_;
  std::optional<LogFollower> follower_;
  parser::Dialect dialect_;
  std::string server_;
  bool resumed_ = false;  // from where somebody had read to
  bool heard_ = false;    // an event came
  std::chrono::steady_clock::time_point kept_at_{};
  std::optional<LogAuthors> authors_;  // uses control_
};

}  // namespace sluice::change
