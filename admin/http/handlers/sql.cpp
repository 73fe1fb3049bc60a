// SQL that a person sends to a database by hand.
#include "admin/change/target.h"
#include "admin/http/handlers/handlers.h"
#include "parser/digest.h"

namespace sluice::http {
namespace {

using policy::Action;

constexpr std::int64_t kMaxRows = 10'000'000;
constexpr std::int64_t kDefaultRows = 1000;
constexpr std::int64_t kMaxBytes = std::int64_t{4} << 30;
constexpr std::int64_t kMaxSeconds = 600;
constexpr std::int64_t kDefaultSeconds = 30;
constexpr std::size_t kMaxStatement = std::size_t{1} << 20;
constexpr std::size_t kMaxAudited = 8192;

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
  if (const auto bytes = body.maybe_integer("max_bytes", 1, kMaxBytes))
    request.max_bytes = static_cast<std::uint64_t>(*bytes);
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
  return call.services().sql.run(std::move(*options), std::move(request), call.request().caller);
}

constexpr ApiRoute kRoutes[] = {
    {"POST", "/api/v1/sql", "sql.run", signed_in(), run_sql, Lane::kSlow},
};

}  // namespace

std::span<const ApiRoute> sql_routes() {
  return kRoutes;
}

}  // namespace sluice::http
