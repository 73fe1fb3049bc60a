// The rows of a change, out of the server's binary log: exactly its transactions, by their GTIDs or
// by the thread that ran them between two positions. Other sessions' events cost their streaming.
//
// Blocking; over connections of its own. A fault is the connection's; what makes the rows unfit for
// a rollback is Fetched::refused.
#pragma once

#include <string>
#include <vector>

#include "admin/change/rollback_data.h"
#include "admin/mysql/binlog_stream.h"
#include "proxy/binlog/select.h"

namespace sluice::change {

struct FetchWish {
  mysql::BinlogPlace from;                  // file empty: from the oldest there is
  std::optional<mysql::BinlogPlace> until;  // nothing: the end of the log
  binlog::Criteria criteria;
  bool mariadb = false;
};

struct Fetched {
  std::string refused;  // a sentence that says why and what to do; empty: they can be used
  binlog::FormatDescription format;
  bool cascades_logged = false;
  bool foreign_keys_off = false;  // of some event: its rows may be those of a cascade
  std::vector<std::uint64_t> withdrawn;
  std::vector<binlog::TextStatement> texts;  // DDL and other text since the first of the rows
  bool texts_cut = false;
  std::uint64_t rows = 0;
};

[[nodiscard]] mysql::Result<Fetched> fetch_rows(const mysql::Options& options,
                                                const FetchWish& wish, RollbackWriter& writer,
                                                const mysql::Limits& limits);

}  // namespace sluice::change
