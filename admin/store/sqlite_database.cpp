#include <algorithm>
#include <array>
#include <thread>

#include <sqlite3.h>

#include "admin/store/database.h"
#include "admin/store/meter.h"

namespace sluice::store {
namespace {

// How long a statement waits for another process' lock. Our own threads wait for the store's turn.
constexpr std::chrono::milliseconds kBusy{5000};
// From one look to the next, growing (as sqlite3_busy_timeout() does it).
constexpr std::array<int, 9> kPauses{1, 2, 5, 10, 15, 20, 25, 50, 100};  // ms

struct CloseDatabase {
  void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

Fault fault_of(sqlite3* database) {
  const int code = sqlite3_extended_errcode(database);
  Failure kind = Failure::kOther;
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY: kind = Failure::kConflict; break;
    case SQLITE_CONSTRAINT_FOREIGNKEY: kind = Failure::kReference; break;
    default:
      switch (code & 0xFF) {
        case SQLITE_CONSTRAINT: kind = Failure::kRefused; break;
        case SQLITE_BUSY:
        case SQLITE_LOCKED: kind = Failure::kBusy; break;
        case SQLITE_FULL: kind = Failure::kFull; break;
        case SQLITE_CANTOPEN:
        case SQLITE_IOERR:
        case SQLITE_READONLY:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: kind = Failure::kUnavailable; break;
        default: break;
      }
  }
  return {kind, sqlite3_errmsg(database)};
}

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(Handle handle) : handle_(std::move(handle)) {
    sqlite3_busy_handler(handle_.get(), &SqliteDatabase::wait, this);
  }
  [[nodiscard]] Dialect dialect() const noexcept override { return Dialect::kSqlite; }

  [[nodiscard]] Result<Rows> run(std::string_view sql, std::span<const Cell> values) override {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &raw,
                           nullptr) != SQLITE_OK) {
      return fault_of(handle_.get());
    }
    const Statement statement(raw);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (bind(raw, i, values[i]) != SQLITE_OK) return fault_of(handle_.get());
    }
    Rows rows;
    int code = SQLITE_ROW;
    const WaitCount counted(*this);
    while ((code = sqlite3_step(raw)) == SQLITE_ROW) rows.rows.push_back(read_row(raw));
    if (code != SQLITE_DONE) return fault_of(handle_.get());
    return rows;
  }

  [[nodiscard]] Result<void> script(const std::string& sql) override {
    const WaitCount counted(*this);
    if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      return fault_of(handle_.get());
    }
    return {};
  }

  void count_lock_waits(Durations* waits) override { waits_ = waits; }

 private:
  // What the statement waited, told once it is over.
  class WaitCount {
   public:
    explicit WaitCount(SqliteDatabase& database) : database_(database) { database_.waited_ = {}; }
    ~WaitCount() {
      if (database_.waited_.count() > 0 && database_.waits_ != nullptr)
        database_.waits_->add(database_.waited_);
    }
    WaitCount(const WaitCount&) = delete;
    WaitCount& operator=(const WaitCount&) = delete;

   private:
    SqliteDatabase& database_;
  };

  // SQLite's busy handler: another process has the lock that is wanted. 0: it is given up.
  static int wait(void* self, int looks) {
    auto& database = *static_cast<SqliteDatabase*>(self);
    const auto now = std::chrono::steady_clock::now();
    if (looks == 0) database.wait_began_ = now;
    const auto left = kBusy - (now - database.wait_began_);
    if (left.count() <= 0) return 0;
    const auto step = std::min(static_cast<std::size_t>(looks), kPauses.size() - 1);
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(
        left, std::chrono::milliseconds(kPauses.at(step))));
    database.waited_ += std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - now);
    return 1;
  }

  static int bind(sqlite3_stmt* statement, std::size_t place, const Cell& value) {
    // "$2" is a name to SQLite: it may be used twice, or before "$1".
    const std::string name = '$' + std::to_string(place + 1);
    const int index = sqlite3_bind_parameter_index(statement, name.c_str());
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      return sqlite3_bind_int64(statement, index, *number);
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
      // The destructor argument null (SQLITE_STATIC): the values outlive the statement.
      return sqlite3_bind_text(statement, index, text->data(), static_cast<int>(text->size()),
                               nullptr);
    }
    return sqlite3_bind_null(statement, index);
  }

  static Row read_row(sqlite3_stmt* statement) {
    Row row;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const int type = sqlite3_column_type(statement, i);
      if (type == SQLITE_NULL) {
        row.emplace_back();
      } else if (type == SQLITE_INTEGER) {
        row.emplace_back(static_cast<std::int64_t>(sqlite3_column_int64(statement, i)));
      } else {
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
        row.emplace_back(
            std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, i))));
      }
    }
    return row;
  }

  Handle handle_;
  Durations* waits_ = nullptr;
  std::chrono::steady_clock::time_point wait_began_{};
  std::chrono::microseconds waited_{};
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path) {
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  Handle handle(raw);
  if (code != SQLITE_OK) {
    return Fault{Failure::kUnavailable, path + ": " + sqlite3_errstr(code)};
  }
  sqlite3_extended_result_codes(raw, 1);
  auto database = std::make_unique<SqliteDatabase>(std::move(handle));
  // FULL: what was committed outlives a power cut.
  if (auto set = database->script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                                  "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF");
      !set) {
    return Fault{Failure::kUnavailable, path + ": " + set.error().detail};
  }
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace sluice::store
