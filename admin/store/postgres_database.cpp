#include <charconv>

#include <libpq-fe.h>

#include "admin/store/database.h"

namespace sluice::store {
namespace {

// Object ids of types (pg_type.dat): what comes back as an integer.
constexpr Oid kBool = 16;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;

struct Finish {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, Clear>;

// SQLSTATE classes: PostgreSQL manual, appendix A.
Failure failure_of(std::string_view state) {
  if (state == "23505") return Failure::kConflict;
  if (state == "23503") return Failure::kReference;
  if (state.starts_with("23") || state == "P0001") return Failure::kRefused;
  if (state.starts_with("40") || state == "55P03") return Failure::kBusy;
  if (state.starts_with("53")) return Failure::kFull;
  if (state.empty() || state.starts_with("08") || state.starts_with("57")) {
    return Failure::kUnavailable;
  }
  return Failure::kOther;
}

class PostgresDatabase final : public Database {
 public:
  explicit PostgresDatabase(PGconn* connection) : connection_(connection) {
    PQsetNoticeProcessor(
        connection, [](void*, const char*) {}, nullptr);  // standard error is the log's
  }
  [[nodiscard]] Dialect dialect() const noexcept override { return Dialect::kPostgres; }

  [[nodiscard]] Result<Rows> run(std::string_view sql, std::span<const Cell> values) override {
    std::vector<std::string> texts(values.size());
    std::vector<const char*> pointers(values.size(), nullptr);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (const auto* number = std::get_if<std::int64_t>(&values[i])) {
        texts[i] = std::to_string(*number);
      } else if (const auto* text = std::get_if<std::string>(&values[i])) {
        if (text->find('\0') != std::string::npos) {
          return Fault{Failure::kRefused, "a text holds a zero byte"};
        }
        texts[i] = *text;
      } else {
        continue;
      }
      pointers[i] = texts[i].c_str();
    }
    reconnect();
    const Answer answer(PQexecParams(connection_.get(), std::string(sql).c_str(),
                                     static_cast<int>(values.size()), nullptr, pointers.data(),
                                     nullptr, nullptr, 0));
    if (auto fault = check(answer.get())) return *fault;
    return read(answer.get());
  }

  [[nodiscard]] Result<void> script(const std::string& sql) override {
    reconnect();
    const Answer answer(PQexec(connection_.get(), sql.c_str()));
    if (auto fault = check(answer.get())) return *fault;
    return {};
  }

 private:
  // A server that was restarted is found again with the next statement. Within a transaction the
  // statement fails first and the transaction ends with it, so this is never in the middle of one.
  void reconnect() {
    if (PQstatus(connection_.get()) != CONNECTION_OK) PQreset(connection_.get());
  }

  std::unique_ptr<Fault> check(const PGresult* answer) const {
    const auto status = PQresultStatus(answer);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return nullptr;
    const char* state = answer == nullptr ? nullptr : PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    return std::make_unique<Fault>(
        Fault{failure_of(state == nullptr ? "" : state), PQerrorMessage(connection_.get())});
  }

  static Rows read(const PGresult* answer) {
    Rows rows;
    for (int r = 0; r < PQntuples(answer); ++r) {
      Row row;
      for (int c = 0; c < PQnfields(answer); ++c) row.push_back(read_cell(answer, r, c));
      rows.rows.push_back(std::move(row));
    }
    return rows;
  }

  static Cell read_cell(const PGresult* answer, int r, int c) {
    if (PQgetisnull(answer, r, c) != 0) return {};
    const std::string_view value(PQgetvalue(answer, r, c),
                                 static_cast<std::size_t>(PQgetlength(answer, r, c)));
    const Oid type = PQftype(answer, c);
    if (type == kBool) return std::int64_t{value == "t" ? 1 : 0};
    if (type == kInt8 || type == kInt4 || type == kInt2) {
      std::int64_t number = 0;
      std::from_chars(value.data(), value.data() + value.size(), number);
      return number;
    }
    return std::string(value);
  }

  std::unique_ptr<PGconn, Finish> connection_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgres(const std::string& url,
                                                const std::string& password) {
  // The URL as "dbname" is expanded; what comes after it wins, and null ends the list.
  const char* const keys[] = {"dbname", password.empty() ? nullptr : "password", nullptr};
  const char* const values[] = {url.c_str(), password.c_str(), nullptr};
  PGconn* connection = PQconnectdbParams(keys, values, 1);
  auto database = std::make_unique<PostgresDatabase>(connection);
  if (PQstatus(connection) != CONNECTION_OK) {
    return Fault{Failure::kUnavailable, PQerrorMessage(connection)};
  }
  if (auto set = database->script("SET client_encoding='UTF8'; SET client_min_messages=warning");
      !set) {
    return set.error();
  }
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace sluice::store
