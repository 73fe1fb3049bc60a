#include "admin/http/sql_json.h"

#include <charconv>

#include <boost/json.hpp>

namespace sluice::http {
namespace {

namespace json = boost::json;

std::string_view type_name(const mysql::Column& column) {
  using mysql::Type;
  const bool binary = column.is_binary();
  switch (column.type) {
    case Type::kDecimal:
    case Type::kNewDecimal: return "decimal";
    case Type::kTiny: return "tinyint";
    case Type::kShort: return "smallint";
    case Type::kInt24: return "mediumint";
    case Type::kLong: return "int";
    case Type::kLongLong: return "bigint";
    case Type::kFloat: return "float";
    case Type::kDouble: return "double";
    case Type::kNull: return "null";
    case Type::kTimestamp: return "timestamp";
    case Type::kDate: return "date";
    case Type::kTime: return "time";
    case Type::kDateTime: return "datetime";
    case Type::kYear: return "year";
    case Type::kBit: return "bit";
    case Type::kVector: return "vector";
    case Type::kJson: return "json";
    case Type::kEnum: return "enum";
    case Type::kSet: return "set";
    case Type::kTinyBlob:
    case Type::kMediumBlob:
    case Type::kLongBlob:
    case Type::kBlob: return binary ? "blob" : "text";
    case Type::kVarchar:
    case Type::kVarString: return binary ? "varbinary" : "varchar";
    case Type::kString:
      if ((column.flags & 256U) != 0) return "enum";
      if ((column.flags & 2048U) != 0) return "set";
      return binary ? "binary" : "char";
    case Type::kGeometry: return "geometry";
  }
  return "unknown";
}

std::string base64(std::string_view bytes) {  // RFC 4648, section 4
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group =
          group << 8U | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      text += at + i <= bytes.size() ? kDigits[(group >> (18U - 6U * i)) & 63U] : '=';
  }
  return text;
}

bool is_integer(mysql::Type type) {
  using mysql::Type;
  return type == Type::kTiny || type == Type::kShort || type == Type::kInt24 ||
         type == Type::kLong || type == Type::kLongLong || type == Type::kYear;
}

json::value cell_json(const mysql::Column& column, const mysql::CellView& cell) {
  if (!cell) return nullptr;
  if (column.is_binary()) return {{"base64", base64(*cell)}};
  const char* const end = cell->data() + cell->size();
  if (is_integer(column.type) && !(cell->size() > 1 && cell->front() == '0')) {  // not ZEROFILL
    constexpr std::int64_t kSafe = (std::int64_t{1} << 53) - 1;
    std::int64_t number = 0;
    const auto [at, fault] = std::from_chars(cell->data(), end, number);
    if (fault == std::errc{} && at == end && number >= -kSafe && number <= kSafe) return number;
  }
  if (column.type == mysql::Type::kDouble || column.type == mysql::Type::kFloat) {
    double number = 0;
    const auto [at, fault] = std::from_chars(cell->data(), end, number);
    if (fault == std::errc{} && at == end) return number;
  }
  return json::string(cell->data(), cell->size());
}

std::string_view name(change::SqlCut cut) {
  switch (cut) {
    case change::SqlCut::kNone: break;
    case change::SqlCut::kRows: return "rows";
    case change::SqlCut::kBytes: return "bytes";
  }
  return "";
}

unsigned status_of(const change::SqlRefusal& refusal) {
  using Kind = change::SqlRefusal::Kind;
  switch (refusal.kind) {
    case Kind::kUnreachable: return 502;
    case Kind::kDeadline: return 504;
    case Kind::kStopped: return 503;
    case Kind::kNotAllowed:
    case Kind::kServer: break;
  }
  return 422;
}

std::string sentence(const change::SqlRefusal& refusal) {
  if (refusal.kind != change::SqlRefusal::Kind::kServer) return refusal.detail;
  return "The server refused the statement: " + refusal.detail + " (error " +
         std::to_string(refusal.number) + ", SQLSTATE " + refusal.sqlstate + ")";
}

}  // namespace

void SqlJson::begin_result() {
  ++results_;
  rows_ = 0;
  open_ = true;
  if (results_ == 2) text_ += ",\"more_results\":[";
  if (results_ > 2) text_ += ',';
  json::array columns;
  for (const auto& column : columns_) {
    columns.push_back({{"name", column.name},
                       {"type", type_name(column)},
                       {"unsigned", column.is_unsigned()},
                       {"nullable", (column.flags & 1U) == 0},
                       {"binary", column.is_binary()}});
  }
  text_ += "{\"columns\":" + json::serialize(columns) + ",\"rows\":[";
}

bool SqlJson::columns(std::span<const mysql::Column> columns) {
  columns_.assign(columns.begin(), columns.end());
  begin_result();
  return true;
}

bool SqlJson::row(std::span<const mysql::CellView> cells) {
  text_ += rows_++ == 0 ? "\n[" : ",\n[";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text_ += ',';
    text_ += json::serialize(cell_json(columns_[i], cells[i]));
  }
  text_ += ']';
  if (text_.size() < kPiece) return true;
  begun_ = true;
  return send_(std::exchange(text_, {}));
}

void SqlJson::done(const mysql::Completion& completion, change::SqlCut cut) {
  if (!open_) {
    columns_.clear();
    begin_result();
  }
  end_result(completion, name(cut));
}

void SqlJson::end_result(const mysql::Completion& completion, std::string_view truncated_by) {
  const bool cut = !truncated_by.empty();
  const json::object end{{"truncated", cut},
                         {"truncated_by", cut ? json::value(truncated_by) : json::value(nullptr)},
                         {"affected_rows", completion.affected_rows},
                         {"warnings", completion.warnings}};
  // The first result's object goes on with what is said of all.
  const std::string text = json::serialize(end);
  text_ += "]," + text.substr(1, text.size() - (results_ == 1 ? 2 : 1));
  open_ = false;
}

std::string SqlJson::finish(
    const boost::system::result<change::SqlEnd, change::SqlRefusal>& ended) {
  using Kind = change::SqlRefusal::Kind;
  if (results_ == 0) begin_result();
  if (open_) {
    end_result({}, ended ? "" : ended.error().kind == Kind::kDeadline ? "time" : "error");
  }
  text_ += results_ == 1 ? ",\"more_results\":[]" : "]";
  json::value error = nullptr;
  if (!ended)
    error = json::object{{"status", status_of(ended.error())}, {"detail", sentence(ended.error())}};
  const auto took = ended ? ended->duration : std::chrono::microseconds();
  const json::object end{{"error", std::move(error)},
                         {"duration", static_cast<double>(took.count()) / 1e6},
                         {"duration_us", took.count()}};
  return std::exchange(text_, {}) + "," + json::serialize(end).substr(1);
}

Response sql_problem(const change::SqlRefusal& refusal) {
  return problem(status_of(refusal), sentence(refusal));
}

}  // namespace sluice::http
