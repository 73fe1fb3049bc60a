// Where a server's binary log stands. Blocking; over a control connection.
#pragma once

#include <cstdint>
#include <string>

#include "admin/mysql/connection.h"

namespace sluice::change {

struct BinlogPosition {
  std::string file;  // empty: the binary log is off, or the account may not ask (manual 15.7.7.1)
  std::uint64_t position = 0;  // of the end of the last committed event group
  std::string gtid_executed;   // MariaDB: gtid_binlog_pos
  bool filtered = false;       // not every database is logged: --binlog-do-db, --binlog-ignore-db
};

// What may not be asked is empty; a fault is the connection's.
[[nodiscard]] mysql::Result<BinlogPosition> read_position(mysql::Connection& connection);

}  // namespace sluice::change
