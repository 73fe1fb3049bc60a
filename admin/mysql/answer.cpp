// Reading of answers: text protocol, streamed or kept.
#include <mysql.h>

#include "admin/mysql/collect.h"
#include "admin/mysql/connection.h"

namespace sluice::mysql {
namespace {

struct Free {
  void operator()(MYSQL_RES* result) const noexcept { mysql_free_result(result); }
};

std::string own(const char* text, unsigned length) {
  return text == nullptr ? std::string() : std::string(text, length);
}

std::string gtid_of(MYSQL* handle) {
  const char* data = nullptr;
  std::size_t size = 0;
  if (mysql_session_track_get_first(handle, SESSION_TRACK_GTIDS, &data, &size) == 0)
    return {data, size};
  // Names and values in turn.
  int more = mysql_session_track_get_first(handle, SESSION_TRACK_SYSTEM_VARIABLES, &data, &size);
  while (more == 0) {
    const bool wanted = std::string_view(data, size) == "last_gtid";
    if (mysql_session_track_get_next(handle, SESSION_TRACK_SYSTEM_VARIABLES, &data, &size) != 0)
      break;
    if (wanted) return {data, size};
    more = mysql_session_track_get_next(handle, SESSION_TRACK_SYSTEM_VARIABLES, &data, &size);
  }
  return {};
}

}  // namespace

std::vector<Column> read_columns(st_mysql_res* result) {
  std::vector<Column> columns;
  const unsigned count = mysql_num_fields(result);
  const MYSQL_FIELD* fields = mysql_fetch_fields(result);
  for (unsigned i = 0; i < count; ++i) {
    const auto& field = fields[i];
    Column column;
    column.name = own(field.name, field.name_length);
    column.schema = own(field.db, field.db_length);
    column.table = own(field.table, field.table_length);
    column.original_table = own(field.org_table, field.org_table_length);
    column.original_column = own(field.org_name, field.org_name_length);
    column.type = static_cast<Type>(field.type);
    column.flags = field.flags;
    column.collation = field.charsetnr;
    column.length = field.length;
    column.decimals = field.decimals;
    columns.push_back(std::move(column));
  }
  return columns;
}

bool Collect::columns(std::span<const Column> columns) {
  results_.emplace_back();
  results_.back().columns.assign(columns.begin(), columns.end());
  open_ = true;
  return true;
}

bool Collect::row(std::span<const CellView> cells) {
  Row row;
  row.reserve(cells.size());
  for (const auto& cell : cells) {
    row.push_back(cell ? Cell(std::string(*cell)) : Cell());
    bytes_ += sizeof(Cell) + (cell ? cell->size() : 0);
  }
  if (bytes_ > max_bytes_) return false;
  results_.back().rows.push_back(std::move(row));
  return true;
}

bool Collect::done(const Completion& completion) {
  if (!open_) results_.emplace_back();
  results_.back().completion = completion;
  open_ = false;
  return true;
}

Result<std::vector<ResultSet>> Collect::take(const Result<void>& outcome) {
  if (outcome) return std::move(results_);
  auto fault = outcome.error();
  if (fault.kind == Failure::kStopped) {
    fault = {Failure::kTooLarge, 0, "",
             "the answer is larger than " + std::to_string(max_bytes_) + " bytes"};
  }
  return fault;
}

Completion Connection::completion() {
  Completion done;
  MYSQL* handle = handle_.get();
  const auto rows = mysql_affected_rows(handle);
  done.affected_rows = rows == ~0ULL ? 0 : rows;
  done.insert_id = mysql_insert_id(handle);
  done.warnings = mysql_warning_count(handle);
  if (const char* info = mysql_info(handle)) done.info = info;
  // The library keeps what the last OK packet said; rows end with an EOF, which says nothing.
  if (mysql_field_count(handle) == 0) done.gtid = gtid_of(handle);
  done.in_transaction = (handle->server_status & SERVER_STATUS_IN_TRANS) != 0;
  return done;
}

Result<void> Connection::read_one(Sink& sink) {
  const Fault stopped{Failure::kStopped, 0, "", "no more rows were wanted"};
  MYSQL* handle = handle_.get();
  if (mysql_field_count(handle) == 0) {
    if (!sink.done(completion())) return stopped;
    return {};
  }
  const std::unique_ptr<MYSQL_RES, Free> result(mysql_use_result(handle));
  if (!result) return fault();
  const auto columns = read_columns(result.get());
  bool wanted = sink.columns(columns);
  std::vector<CellView> cells(columns.size());
  while (wanted) {
    const MYSQL_ROW row = mysql_fetch_row(result.get());
    if (row == nullptr) {
      if (mysql_errno(handle) != 0) return fault();
      auto done = completion();
      done.affected_rows = 0;  // the library counts the rows read
      if (!sink.done(done)) return stopped;
      return {};
    }
    const unsigned long* lengths = mysql_fetch_lengths(result.get());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      cells[i] = row[i] == nullptr ? CellView() : CellView(std::string_view(row[i], lengths[i]));
    }
    wanted = sink.row(cells);
  }
  (void)kill_query(options_, thread_id());  // or freeing the result would read it to its end
  return stopped;
}

Result<void> Connection::read_results(Sink& sink) {
  for (;;) {
    if (auto one = read_one(sink); !one) {
      drop_rest();
      return one;
    }
    const int next = mysql_next_result(handle_.get());
    if (next < 0) return {};
    if (next > 0) return fault();
  }
}

// Leaves the connection ready for its next statement.
void Connection::drop_rest() {
  while (!lost_ && mysql_more_results(handle_.get()) != 0) {
    if (mysql_next_result(handle_.get()) != 0) break;
    const std::unique_ptr<MYSQL_RES, Free> result(mysql_use_result(handle_.get()));
  }
}

Result<void> Connection::stream(std::string_view sql, Sink& sink, const Limits& limits) {
  return watched(limits, [&]() -> Result<void> {
    if (mysql_real_query(handle_.get(), sql.data(), sql.size()) != 0) return fault();
    return read_results(sink);
  });
}

Result<std::vector<ResultSet>> Connection::query(std::string_view sql, const Limits& limits) {
  Collect collect(limits.max_bytes);
  const auto outcome = stream(sql, collect, limits);
  return collect.take(outcome);
}

Result<std::vector<Row>> Connection::rows(std::string_view sql, const Limits& limits) {
  auto results = query(sql, limits);
  if (!results) return results.error();
  return results->empty() ? std::vector<Row>() : std::move(results->front().rows);
}

Result<Cell> Connection::value(std::string_view sql, const Limits& limits) {
  auto found = rows(sql, limits);
  if (!found) return found.error();
  if (found->empty() || found->front().empty()) return Cell();
  return std::move(found->front().front());
}

Result<std::vector<Warning>> Connection::warnings() {
  auto found = rows("SHOW WARNINGS");
  if (!found) return found.error();
  std::vector<Warning> list;
  for (auto& row : *found) {
    if (row.size() < 3) continue;
    Warning warning;
    warning.level = row[0].value_or("");
    warning.number = static_cast<unsigned>(std::strtoul(row[1].value_or("0").c_str(), nullptr, 10));
    warning.message = row[2].value_or("");
    list.push_back(std::move(warning));
  }
  return list;
}

}  // namespace sluice::mysql
