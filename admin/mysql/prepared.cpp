// Statements with bound values, over the binary protocol.
#include <array>

#include <mysql.h>

#include "admin/mysql/collect.h"
#include "admin/mysql/connection.h"

namespace sluice::mysql {
namespace {

struct CloseStatement {
  void operator()(MYSQL_STMT* statement) const noexcept { mysql_stmt_close(statement); }
};
using Statement = std::unique_ptr<MYSQL_STMT, CloseStatement>;

struct FreeResult {
  void operator()(MYSQL_RES* result) const noexcept { mysql_free_result(result); }
};

Fault statement_fault(MYSQL_STMT* statement) {
  return {Failure::kServer, mysql_stmt_errno(statement), mysql_stmt_sqlstate(statement),
          mysql_stmt_error(statement)};
}

MYSQL_BIND bind_bytes(const std::string& value, enum_field_types type) {
  MYSQL_BIND bind{};
  bind.buffer_type = type;
  bind.buffer = const_cast<char*>(value.data());  // read only by the library
  bind.buffer_length = value.size();
  return bind;
}

MYSQL_BIND bind_of(const Parameter& parameter) {
  MYSQL_BIND bind{};
  if (const auto* text = std::get_if<std::string>(&parameter)) {
    return bind_bytes(*text, MYSQL_TYPE_STRING);
  }
  if (const auto* bytes = std::get_if<Bytes>(&parameter)) {
    return bind_bytes(bytes->value, MYSQL_TYPE_BLOB);
  }
  if (const auto* number = std::get_if<double>(&parameter)) {
    bind.buffer_type = MYSQL_TYPE_DOUBLE;
    bind.buffer = const_cast<double*>(number);
  } else if (const auto* integer = std::get_if<std::int64_t>(&parameter)) {
    bind.buffer_type = MYSQL_TYPE_LONGLONG;
    bind.buffer = const_cast<std::int64_t*>(integer);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&parameter)) {
    bind.buffer_type = MYSQL_TYPE_LONGLONG;
    bind.buffer = const_cast<std::uint64_t*>(natural);
    bind.is_unsigned = 1;
  } else {
    bind.buffer_type = MYSQL_TYPE_NULL;
  }
  return bind;
}

// The cells of one row: short ones in place, long ones fetched again at their full length.
class RowBuffer {
 public:
  explicit RowBuffer(std::size_t columns)
      : binds_(columns), short_(columns), long_(columns), lengths_(columns), nulls_(columns) {
    for (std::size_t i = 0; i < columns; ++i) {
      binds_[i].buffer_type = MYSQL_TYPE_STRING;
      binds_[i].buffer = short_[i].data();
      binds_[i].buffer_length = short_[i].size();
      binds_[i].length = &lengths_[i];
      binds_[i].is_null = &nulls_[i];
    }
  }
  [[nodiscard]] MYSQL_BIND* binds() { return binds_.data(); }

  [[nodiscard]] std::vector<CellView> read(MYSQL_STMT* statement) {
    std::vector<CellView> cells(binds_.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (nulls_[i] != 0) continue;
      if (lengths_[i] <= short_[i].size()) {
        cells[i] = std::string_view(short_[i].data(), lengths_[i]);
        continue;
      }
      long_[i].resize(lengths_[i]);
      MYSQL_BIND whole = binds_[i];
      whole.buffer = long_[i].data();
      whole.buffer_length = long_[i].size();
      unsigned long length = 0;
      my_bool null = 0;
      whole.length = &length;
      whole.is_null = &null;
      mysql_stmt_fetch_column(statement, &whole, static_cast<unsigned>(i), 0);
      cells[i] = std::string_view(long_[i]);
    }
    return cells;
  }

 private:
  std::vector<MYSQL_BIND> binds_;
  std::vector<std::array<char, 256>> short_;
  std::vector<std::string> long_;
  std::vector<unsigned long> lengths_;
  std::vector<my_bool> nulls_;
};

Result<void> fetch_rows(MYSQL_STMT* statement, Sink& sink) {
  const std::unique_ptr<MYSQL_RES, FreeResult> metadata(mysql_stmt_result_metadata(statement));
  if (!metadata) return statement_fault(statement);
  const auto columns = read_columns(metadata.get());
  RowBuffer buffer(columns.size());
  if (mysql_stmt_bind_result(statement, buffer.binds()) != 0) return statement_fault(statement);
  bool wanted = sink.columns(columns);
  while (wanted) {
    const int got = mysql_stmt_fetch(statement);
    if (got == MYSQL_NO_DATA) return {};
    if (got != 0 && got != MYSQL_DATA_TRUNCATED) return statement_fault(statement);
    wanted = sink.row(buffer.read(statement));
  }
  return Fault{Failure::kStopped, 0, "", "no more rows were wanted"};
}

}  // namespace

Result<void> Connection::run_prepared(std::string_view sql, std::span<const Parameter> parameters,
                                      Sink& sink) {
  const Statement statement(mysql_stmt_init(handle_.get()));
  if (!statement) return fault();
  if (mysql_stmt_prepare(statement.get(), sql.data(), sql.size()) != 0)
    return statement_fault(statement.get());
  if (mysql_stmt_param_count(statement.get()) != parameters.size()) {
    return Fault{Failure::kOptions, 0, "", "the statement has another number of parameters"};
  }
  std::vector<MYSQL_BIND> binds;
  for (const auto& parameter : parameters) binds.push_back(bind_of(parameter));
  if (!binds.empty() && mysql_stmt_bind_param(statement.get(), binds.data()) != 0)
    return statement_fault(statement.get());
  if (mysql_stmt_execute(statement.get()) != 0) return statement_fault(statement.get());
  for (;;) {
    const bool has_rows = mysql_stmt_field_count(statement.get()) != 0;
    if (has_rows) {
      if (auto read = fetch_rows(statement.get(), sink); !read) return read;
    }
    auto done = completion();
    if (has_rows) done.affected_rows = 0;
    if (!sink.done(done)) return Fault{Failure::kStopped, 0, "", "no more results were wanted"};
    const int next = mysql_stmt_next_result(statement.get());
    if (next < 0) return {};
    if (next > 0) return statement_fault(statement.get());
  }
}

Result<std::vector<ResultSet>> Connection::execute(std::string_view sql,
                                                   std::span<const Parameter> parameters,
                                                   const Limits& limits) {
  Collect collect(limits.max_bytes);
  const auto outcome = watched(limits, [&]() -> Result<void> {
    auto ran = run_prepared(sql, parameters, collect);
    if (ran || !means_lost(ran.error().number)) return ran;
    lost_ = true;
    auto lost = ran.error();
    lost.kind = Failure::kLost;
    return lost;
  });
  return collect.take(outcome);
}

}  // namespace sluice::mysql
