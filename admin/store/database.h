// One connection to SQLite or PostgreSQL, as little of it as the store needs: the same SQL text
// with $1, $2, … runs on both. Cells are NULL, 64-bit integers or UTF-8 text without zero bytes.
//
// One thread at a time. Errors are values: no exception of a library leaves this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/system/result.hpp>

namespace sluice::store {

class Durations;  // meter.h

enum class Failure : std::uint8_t {
  kConflict,     // a unique value is taken
  kReference,    // a row that is referred to does not exist, or is still referred to
  kRefused,      // a trigger or a check said no
  kBusy,         // locked by another process for too long; may be tried again
  kFull,         // no space
  kUnavailable,  // the server or the file cannot be reached
  kNewer,        // made by a newer program
  kWrongKey,     // the key file is not this store's
  kNotFound,
  kOther,
};

// "busy", "full", …: for metrics and the log.
[[nodiscard]] std::string_view name(Failure kind) noexcept;

struct Fault {
  Failure kind = Failure::kOther;
  std::string detail;
};

template <class T>
using Result = boost::system::result<T, Fault>;

using Cell = std::variant<std::monostate, std::int64_t, std::string>;
using Row = std::vector<Cell>;
struct Rows {
  std::vector<Row> rows;
};

enum class Dialect : std::uint8_t { kSqlite, kPostgres };

class Database {
 public:
  virtual ~Database() = default;
  [[nodiscard]] virtual Dialect dialect() const noexcept = 0;
  // One statement. A lost PostgreSQL connection is opened again when no transaction was under way.
  [[nodiscard]] virtual Result<Rows> run(std::string_view sql, std::span<const Cell> values) = 0;
  // Several statements without values, as migrations have them.
  [[nodiscard]] virtual Result<void> script(const std::string& sql) = 0;
  // Where waits for another program's lock are counted, by a database that can tell; null: nowhere.
  virtual void count_lock_waits(Durations* /*waits*/) {}
};

// REQUIRES of both: nothing; a file or server that cannot be used is kUnavailable.
[[nodiscard]] Result<std::unique_ptr<Database>> open_sqlite(const std::string& path);
// `password` empty: the URL's, or that of PostgreSQL's own password file.
[[nodiscard]] Result<std::unique_ptr<Database>> open_postgres(const std::string& url,
                                                              const std::string& password = {});

// Begins at construction, rolls back at destruction unless committed. For writing: SQLite takes its
// lock at once, so that a transaction cannot fail half-way for want of it.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  // What the beginning said; nothing may be run when it failed.
  [[nodiscard]] const Result<void>& begun() const noexcept { return begun_; }
  [[nodiscard]] Result<void> commit();

 private:
  Database& database_;
  Result<void> begun_;
  bool open_ = false;
};

[[nodiscard]] inline std::int64_t integer(const Cell& cell) {
  const auto* value = std::get_if<std::int64_t>(&cell);
  return value == nullptr ? 0 : *value;
}
[[nodiscard]] inline std::string text(const Cell& cell) {
  const auto* value = std::get_if<std::string>(&cell);
  return value == nullptr ? std::string() : *value;
}

}  // namespace sluice::store
