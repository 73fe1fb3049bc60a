// The audit log, newest first, and whether its chain is whole.
#include "admin/http/handlers/handlers.h"

namespace sluice::http {
namespace {

json::object to_json(const store::AuditEntry& entry) {
  return {{"id", entry.id},         {"time", to_text(entry.time)},
          {"actor", entry.actor},   {"action", entry.action},
          {"target", entry.target}, {"outcome", entry.outcome},
          {"detail", entry.detail}, {"previous_hash", entry.previous_hash},
          {"hash", entry.hash}};
}

Response list_audit(Call& call) {
  const auto [page, bad] = read_page(call.request());
  if (bad) return *bad;
  store::AuditFilter filter;
  filter.actor = lower_ascii(call.query("actor"));
  filter.action = call.query("action");
  filter.before = page.after;
  filter.limit = page.limit + 1;
  if (const std::string since = call.query("since"); !since.empty()) {
    filter.since = parse_time(since);
    if (!filter.since) {
      return bad_query({{"since", "expected a time as 2026-01-31T23:59:59Z"}});
    }
  }
  const auto rows = call.store().audit(filter);
  if (!rows) return problem(rows.error());
  return list_more(*rows, page, [](const auto& entry) { return to_json(entry); });
}

Response verify_audit(Call& call) {
  const auto verdict = call.store().verify_audit();
  if (!verdict) return problem(verdict.error());
  json::object shown{
      {"ok", verdict->first_bad == 0}, {"entries", verdict->entries}, {"first_bad", nullptr}};
  if (verdict->first_bad != 0) shown["first_bad"] = verdict->first_bad;
  return answer(200, shown);
}

constexpr auto kRead = policy::Action::kReadAudit;
constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/audit", "audit.list", workspace(kRead), list_audit},
    {"GET", "/api/v1/audit/verify", "audit.verify", workspace(kRead), verify_audit, Lane::kSlow},
};

}  // namespace

std::span<const ApiRoute> audit_routes() {
  return kRoutes;
}

}  // namespace sluice::http
