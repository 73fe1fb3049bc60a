#include "admin/change/positions.h"

#include <charconv>

namespace sluice::change {
namespace {

constexpr unsigned kSyntaxError = 1064;

// SHOW BINARY LOG STATUS is MySQL 8.2's name of it, and the only one from 8.4 on.
mysql::Result<std::vector<mysql::Row>> status(mysql::Connection& connection) {
  if (connection.is_mariadb()) return connection.rows("SHOW MASTER STATUS");
  auto rows = connection.rows("SHOW BINARY LOG STATUS");
  if (rows || rows.error().number != kSyntaxError) return rows;
  return connection.rows("SHOW MASTER STATUS");
}

std::string cell(const mysql::Row& row, std::size_t at) {
  return at < row.size() ? row[at].value_or("") : "";
}

}  // namespace

mysql::Result<BinlogPosition> read_position(mysql::Connection& connection) {
  BinlogPosition position;
  const auto rows = status(connection);
  if (!rows && rows.error().kind != mysql::Failure::kServer) return rows.error();
  if (rows && !rows->empty()) {
    const mysql::Row& row = rows->front();
    position.file = cell(row, 0);
    const std::string number = cell(row, 1);
    std::from_chars(number.data(), number.data() + number.size(), position.position);
    position.filtered = !cell(row, 2).empty() || !cell(row, 3).empty();
  }
  const auto gtids = connection.value(connection.is_mariadb() ? "SELECT @@GLOBAL.gtid_binlog_pos"
                                                              : "SELECT @@GLOBAL.gtid_executed");
  if (!gtids && gtids.error().kind != mysql::Failure::kServer) return gtids.error();
  if (gtids) position.gtid_executed = gtids->value_or("");
  return position;
}

}  // namespace sluice::change
