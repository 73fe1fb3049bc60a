// Follows the binary logs of instances, so that a change of a schema that did not pass Sluice is
// known within seconds, with its statement, time, thread and – where the server can tell – account
// and host.
//
//   supervisor thread, every second: an instance to follow ─▶ a thread for it: connect, take the
//   watch (of several programs one has it), follow ─▶ DDL of a thread that is not Sluice's ─▶ kept
//   in the store ─▶ Scans::scan_soon(), which finds the drift and ties the statement to it
//
// Where it is read to is in the store: a restart goes on there, by file and position on the same
// server, by GTID on another one after a failover. Where a log cannot be followed the anomaly
// instance.watch says why, and that scans alone find drift there.
//
// The services and the scans must outlive it. start() and stop(): one thread, main's.
#pragma once

#include <map>
#include <memory>

#include "admin/change/log_follower.h"
#include "admin/change/meter.h"
#include "admin/change/scan.h"

namespace sluice::change {

struct BinlogWatchConfig {
  std::string holder;  // this process, unlike any other: store::make_token()
  std::chrono::milliseconds poll{1000};
  // How often the server is asked which sessions there are: an author that has left meanwhile is
  // not known any more.
  std::chrono::milliseconds sample{250};
  std::chrono::seconds lease{10};
  std::chrono::seconds retry_max{30};
};

class BinlogWatch {
 public:
  BinlogWatch(ScanServices services, Scans& scans, BinlogWatchConfig config);
  ~BinlogWatch();
  BinlogWatch(const BinlogWatch&) = delete;
  BinlogWatch& operator=(const BinlogWatch&) = delete;

  void start();
  void stop();
  // Any thread.
  [[nodiscard]] const WatchMeter& meter() const noexcept { return meter_; }

 private:
  class Follow;
  void supervise();
  void adjust();
  void follow(Follow& one);
  [[nodiscard]] std::map<store::Id, std::string> wanted();

  ScanServices services_;
  Scans& scans_;
  BinlogWatchConfig config_;
  WatchMeter meter_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::map<store::Id, std::unique_ptr<Follow>> follows_;  // the supervisor's own
  std::thread supervisor_;
};

}  // namespace sluice::change
