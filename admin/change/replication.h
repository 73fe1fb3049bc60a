// How far an instance's replication is behind: of the instance itself where it is a replica, of its
// readers where it is an Aurora cluster. Reading blocks; judging is pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/change/instance_check.h"

namespace sluice::change {

struct Replica {
  std::string name;    // of the channel or connection ("" is the usual one), or of an Aurora reader
  std::string source;  // host; empty: Aurora
  bool running = true;
  std::string why_stopped;                  // the server's words; may be empty
  std::optional<std::int64_t> lag_seconds;  // nothing: the server cannot tell
};

// Empty: no replica, or the account may not ask (MySQL: REPLICATION CLIENT; MariaDB: REPLICA
// MONITOR). A fault is the connection's.
[[nodiscard]] mysql::Result<std::vector<Replica>> read_replication(SnapshotReader& reader);

// Adds "replication.stopped" and "replication.lag" findings. `limit_seconds` 0: a lag is none.
void judge_replication(const std::vector<Replica>& replicas, std::int64_t limit_seconds,
                       std::vector<InstanceFinding>& findings);

}  // namespace sluice::change
