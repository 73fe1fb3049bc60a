// SQL that a person sends to a database by hand.
#include <charconv>

#include "admin/change/sql_console.h"
#include "admin/change/target.h"
#include "admin/http/handlers/handlers.h"
#include "parser/digest.h"

namespace sluice::http {
namespace {

using policy::Action;

constexpr std::int64_t kMaxRows = 100'000;
constexpr std::int64_t kDefaultRows = 1000;
constexpr std::int64_t kMaxSeconds = 600;
constexpr std::int64_t kDefaultSeconds = 30;
constexpr std::size_t kMaxStatement = std::size_t{1} << 20;
constexpr std::size_t kMaxAudited = 8192;

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

// NULL is null; integers that JavaScript keeps and floating point are numbers; bytes are
// {"base64": …}; everything else is the text that the server sent.
json::value cell_json(const mysql::Column& column, const mysql::Cell& cell) {
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
  return json::string(*cell);
}

json::object result_json(const change::SqlResult& result) {
  json::array columns;
  for (const auto& column : result.set.columns) {
    columns.push_back({{"name", column.name},
                       {"type", type_name(column)},
                       {"unsigned", column.is_unsigned()},
                       {"nullable", (column.flags & 1U) == 0},
                       {"binary", column.is_binary()}});
  }
  json::array rows;
  for (const auto& row : result.set.rows) {
    json::array cells;
    for (std::size_t i = 0; i < row.size(); ++i)
      cells.push_back(cell_json(result.set.columns[i], row[i]));
    rows.push_back(std::move(cells));
  }
  return {{"columns", std::move(columns)},
          {"rows", std::move(rows)},
          {"truncated", result.truncated},
          {"affected_rows", result.set.completion.affected_rows},
          {"warnings", result.set.completion.warnings}};
}

Response sql_problem(const change::SqlRefusal& refusal) {
  using Kind = change::SqlRefusal::Kind;
  switch (refusal.kind) {
    case Kind::kNotAllowed: return problem(422, refusal.detail);
    case Kind::kUnreachable: return problem(502, refusal.detail);
    case Kind::kDeadline: return problem(504, refusal.detail);
    case Kind::kServer: break;
  }
  return problem(422, "The server refused the statement: " + refusal.detail + " (error " +
                          std::to_string(refusal.number) + ", SQLSTATE " + refusal.sqlstate + ")");
}

// What the audit log keeps of it: the text without its literals, so that no password of a CREATE
// USER and no row's value is in it for ever.
std::string audited(std::string_view statement, const parser::Dialect& dialect) {
  const auto digest = std::make_unique<parser::StatementDigest>();
  digest->read(statement, dialect);
  auto text = digest->text();
  if (text.size() > kMaxAudited) text.resize(kMaxAudited);
  return text + " [" + digest->hash_hex().substr(0, 16) + "]";
}

Response run_sql(Call& call) {
  Body body(call.request());
  const auto database_id = body.maybe_integer("database", 1, INT64_MAX);
  if (!database_id) body.missing("database");
  change::SqlRequest request;
  request.statement = body.text("statement", {1, kMaxStatement, true});
  const auto mode = body.maybe_text("mode").value_or("read");
  if (mode != "read" && mode != "admin") body.fault("mode", "expected one of read, admin");
  request.admin = mode == "admin";
  request.max_rows =
      static_cast<std::uint64_t>(body.maybe_integer("limit", 1, kMaxRows).value_or(kDefaultRows));
  request.timeout = std::chrono::seconds(
      body.maybe_integer("timeout_seconds", 1, kMaxSeconds).value_or(kDefaultSeconds));
  if (auto bad = body.problem()) return *bad;
  const auto database = call.store().databases().get(*database_id);
  // Who may not query a database is not told whether it exists.
  const auto wanted = request.admin ? Action::kAdminSql : Action::kQuerySql;
  if (!call.may(wanted, database ? database->project : 0)) return call.denied(wanted);
  if (!database) return problem(database.error());
  const auto instance = call.store().instance(database->instance);
  if (!instance) return problem(instance.error());
  if (instance->engine != "mysql")
    return problem(409, "The database's instance is neither MySQL nor MariaDB.");
  const auto secrets = call.store().instance_secrets(instance->id);
  if (!secrets) return problem(secrets.error());
  auto options = change::control_options(*instance, *secrets);
  if (!options) return problem(options.error());
  options->database = database->name;
  call.set_target("/api/v1/databases/" + std::to_string(database->id));
  call.set_detail(mode + ": " + audited(request.statement, {}));
  const auto ran = change::run_sql(*options, request);
  if (!ran) return sql_problem(ran.error());
  auto shown = ran->results.empty() ? result_json({}) : result_json(ran->results.front());
  json::array more;
  for (std::size_t i = 1; i < ran->results.size(); ++i)
    more.push_back(result_json(ran->results[i]));
  shown["more_results"] = std::move(more);
  shown["duration_us"] = ran->duration.count();
  return answer(200, shown);
}

constexpr ApiRoute kRoutes[] = {
    {"POST", "/api/v1/sql", "sql.run", signed_in(), run_sql, Lane::kSlow},
};

}  // namespace

std::span<const ApiRoute> sql_routes() {
  return kRoutes;
}

}  // namespace sluice::http
