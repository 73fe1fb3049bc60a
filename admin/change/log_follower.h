// The events of a binary log, one after the other, to the statements that may have changed a
// schema, and to the place up to which the log was read whole. Pure; one thread.
//
//   GTID ─▶ QUERY (DDL)                          a group of its own
//   GTID ─▶ [QUERY BEGIN] … ─▶ XID | QUERY COMMIT   a group of many
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "admin/mysql/binlog_stream.h"
#include "admin/store/store_outside.h"
#include "parser/parse.h"
#include "proxy/binlog/decode.h"

namespace sluice::change {

// A statement that the log has as text.
struct LoggedStatement {
  std::string sql;     // as it was logged: character_set_client is not converted
  std::string schema;  // the session's default
  std::uint64_t sql_mode = 0;
  std::uint32_t thread_id = 0;
  store::Time ran_at{};  // when it began, to the second
  std::string user;      // of the invoker, where it was logged
  std::string host;
  store::Time committed{};  // by the server's clock; not later than it was
  std::string gtid;
  mysql::BinlogPlace end;
};

class LogFollower {
 public:
  // `from` is where the stream begins.
  LogFollower(store::WatchedPlace from, bool mariadb);

  // The next event, and where it ends. Nothing: no statement that may have changed a schema.
  [[nodiscard]] binlog::Result<std::optional<LoggedStatement>> take(
      const mysql::BinlogEventView& event, const mysql::BinlogPlace& end);
  // Behind the last group that is whole.
  [[nodiscard]] const store::WatchedPlace& place() const noexcept { return place_; }

 private:
  [[nodiscard]] std::optional<LoggedStatement> take_query(const binlog::Event& event,
                                                          const mysql::BinlogPlace& end);
  void close(const mysql::BinlogPlace& end);

  binlog::Decoder decoder_;
  store::WatchedPlace place_;
  bool mariadb_ = false;
  bool in_transaction_ = false;
  std::optional<binlog::MysqlGtid> gtid_;
  std::optional<binlog::MariaGtid> maria_gtid_;
  std::string gtid_text_;
  std::uint64_t committed_ = 0;  // microseconds since 1970, as the GTID event says; 0: it does not
  binlog::GtidSet done_;
  std::map<std::uint32_t, binlog::MariaGtid> maria_done_;  // the newest of each domain
};

// What a statement changed in a database's schema.
struct TouchedDatabase {
  std::string name;
  std::vector<std::string> objects;  // tables, views, …; empty: not known
  bool itself = false;               // it was made, altered or dropped
  friend bool operator==(const TouchedDatabase&, const TouchedDatabase&) = default;
};
// In small letters, behind blanks and comments; empty: no word, or a comment that servers execute.
[[nodiscard]] std::string first_word(std::string_view sql);
// By the first words, without a parse: whether the text can be DDL at all.
[[nodiscard]] bool may_be_ddl(std::string_view sql);
// A text that cannot be read is taken for a change of the session's default database.
[[nodiscard]] std::vector<TouchedDatabase> touched_by(const LoggedStatement& statement,
                                                      parser::Dialect dialect);

}  // namespace sluice::change
