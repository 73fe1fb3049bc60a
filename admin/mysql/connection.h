// One control connection to MySQL, MariaDB or Aurora, over MariaDB's client library.
//
// Blocking: for the blocking pool, one thread at a time (cancellation comes from any thread, see
// cancellation.h). The character set is utf8mb4, autocommit is the server's default, LOAD DATA
// LOCAL is off, and no statement text holds a second statement. Errors are values; a connection
// that was lost stays lost: open another. It never gives its password to a server in clear text
// unless that server's identity was verified.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "admin/mysql/cancellation.h"
#include "admin/mysql/options.h"
#include "admin/mysql/types.h"

struct st_mysql;

namespace sluice::mysql {

using CellView = std::optional<std::string_view>;

// Takes an answer as it comes. False: no more is wanted; the statement is killed, the rest is
// dropped and the call ends with kStopped. The views live until the function returns.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual bool columns(std::span<const Column> columns) = 0;
  virtual bool row(std::span<const CellView> cells) = 0;
  virtual bool done(const Completion& completion) = 0;  // once a result, also without rows
};

class Connection {
 public:
  // kRefused, kUnreachable, kTls or kOptions.
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const Options& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // One statement; CALL gives several results, the last one without rows. A fault after the first
  // result loses those before it: use stream() where they matter.
  [[nodiscard]] Result<std::vector<ResultSet>> query(std::string_view sql,
                                                     const Limits& limits = {});
  [[nodiscard]] Result<void> stream(std::string_view sql, Sink& sink, const Limits& limits = {});
  // As a prepared statement with a value for each "?". Cells are as in the text protocol, but FLOAT
  // and DOUBLE, which the library prints.
  [[nodiscard]] Result<std::vector<ResultSet>> execute(std::string_view sql,
                                                       std::span<const Parameter> parameters,
                                                       const Limits& limits = {});
  // The rows of one result; the first result of those there are.
  [[nodiscard]] Result<std::vector<Row>> rows(std::string_view sql, const Limits& limits = {});
  // The first cell of the first row; NULL when there is none.
  [[nodiscard]] Result<Cell> value(std::string_view sql, const Limits& limits = {});

  // What the last statement warned of.
  [[nodiscard]] Result<std::vector<Warning>> warnings();
  [[nodiscard]] Result<void> ping();
  // Asks the server to name the GTID of every transaction that this session commits, in
  // Completion::gtid (manual: session_track_gtids; MariaDB: last_gtid). Needs no privilege; not
  // within a transaction. kServer where the server cannot.
  [[nodiscard]] Result<void> track_gtids();

  [[nodiscard]] std::uint64_t thread_id() const noexcept;
  [[nodiscard]] bool is_mariadb() const noexcept;
  [[nodiscard]] std::uint32_t version() const noexcept;  // major*10000 + minor*100 + patch
  [[nodiscard]] std::string version_text() const;        // as the server says it: "9.7.4-2"
  [[nodiscard]] std::string tls_cipher() const;          // empty: not encrypted
  [[nodiscard]] bool lost() const noexcept { return lost_; }
  [[nodiscard]] const Options& options() const noexcept { return options_; }

 private:
  struct Close {
    void operator()(st_mysql* handle) const noexcept;
  };
  explicit Connection(const Options& options) : options_(options) {}
  [[nodiscard]] Result<void> connect();
  [[nodiscard]] Fault fault();
  [[nodiscard]] Result<void> read_results(Sink& sink);
  [[nodiscard]] Result<void> read_one(Sink& sink);
  [[nodiscard]] Completion completion();
  // Runs `statement` under a watch and settles what its end means.
  [[nodiscard]] Result<void> watched(const Limits& limits,
                                     const std::function<Result<void>()>& statement);
  [[nodiscard]] Result<void> run_prepared(std::string_view sql,
                                          std::span<const Parameter> parameters, Sink& sink);
  void drop_rest();

  Options options_;
  std::unique_ptr<st_mysql, Close> handle_;
  bool lost_ = false;
};

// KILL QUERY or KILL (manual 15.7.8.4) over a connection of its own.
[[nodiscard]] Result<void> kill_query(const Options& options, std::uint64_t thread_id);
[[nodiscard]] Result<void> kill_connection(const Options& options, std::uint64_t thread_id);

}  // namespace sluice::mysql
