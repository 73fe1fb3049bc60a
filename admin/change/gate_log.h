// What a server's binary log says of a change whose end nobody heard: whether a session committed
// anything from a position on, and as which transactions. Blocking; over a connection of its own.
#pragma once

#include <cstdint>
#include <string>

#include "admin/mysql/options.h"
#include "admin/mysql/types.h"
#include "admin/store/store_history.h"

namespace sluice::change {

struct SessionTrace {
  // Everything from the position to the log's end was read, and would show what the session
  // committed.
  bool whole = false;
  bool tag = false;        // a statement with the tag is there
  bool committed = false;  // the session committed something
  std::string gtids;       // of all that it committed, separated by commas
};

// `thread_id`: the session's CONNECTION_ID(). Needs REPLICATION SLAVE (manual 8.2.2): without it,
// and where the log is off or purged, nothing is whole. MariaDB's log tells a session only where a
// statement's text is logged: there its rows are found by the tag.
[[nodiscard]] SessionTrace trace_session(const mysql::Options& options,
                                         const store::BinlogPosition& from, std::uint64_t thread_id,
                                         const std::string& tag);

}  // namespace sluice::change
