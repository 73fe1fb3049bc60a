// What statements ran at this proxy, by digest: how often, how long, and what the gate said of
// them.
#include "admin/change/server_facts.h"
#include "admin/http/handlers/handlers.h"
#include "policy/gate.h"

namespace sluice::http {
namespace {

constexpr std::size_t kMaxText = 4096;  // bytes of a digest's text that a list shows

json::object verdicts_json(const std::array<std::uint64_t, session::kDigestVerdicts>& counts) {
  static_assert(session::kDigestVerdicts == policy::kVerdicts);
  json::object shown;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    shown[policy::name(static_cast<policy::Verdict>(i))] = counts[i];
  }
  return shown;
}

json::object to_json(const session::DigestRow& row) {
  const auto time = [](std::chrono::system_clock::time_point at) {
    return to_text(std::chrono::time_point_cast<std::chrono::microseconds>(at));
  };
  return {{"instance", row.instance},
          {"account", row.account},
          {"digest", row.digest},
          {"text", change::clean_text(std::string_view(row.text).substr(0, kMaxText))},
          {"count", row.count},
          {"errors", row.errors},
          {"rows_sent", row.rows},
          {"rows_affected", row.affected},
          {"latency_us",
           {{"total", row.total_microseconds},
            {"p50", row.latency.quantile(0.5)},
            {"p95", row.latency.quantile(0.95)},
            {"p99", row.latency.quantile(0.99)},
            {"max", row.max_microseconds}}},
          {"verdicts", verdicts_json(row.verdicts)},
          {"shadow_verdicts", verdicts_json(row.shadow)},
          {"first_seen", time(row.first_seen)},
          {"last_seen", time(row.last_seen)}};
}

// The most frequent first; `shadow=true`: only what would not have passed.
Response list_digests(Call& call) {
  const auto [page, bad] = read_page(call.request());
  if (bad) return *bad;
  const std::string shadow = call.query("shadow");
  if (!shadow.empty() && shadow != "true" && shadow != "false") {
    return problem(400, "The filter shadow takes true or false.");
  }
  auto rows = call.services().digests.digests();
  for (const auto& [field, member] : {std::pair("account", &session::DigestRow::account),
                                      std::pair("instance", &session::DigestRow::instance)}) {
    const std::string wanted = call.query(field);
    if (wanted.empty()) continue;
    std::erase_if(rows, [&, member = member](const auto& one) { return one.*member != wanted; });
  }
  if (shadow == "true") {
    std::erase_if(rows, [](const session::DigestRow& row) {
      std::uint64_t stopped = 0;
      for (std::size_t i = 1; i < row.shadow.size(); ++i) stopped += row.shadow[i];
      return stopped == 0;
    });
  }
  // What is counted changes all the time: a page's cursor is a place in the list as it is now.
  const auto begin = std::min(rows.size(), static_cast<std::size_t>(page.after));
  const auto end = std::min(rows.size(), begin + static_cast<std::size_t>(page.limit));
  json::array items;
  for (std::size_t i = begin; i < end; ++i) items.push_back(to_json(rows[i]));
  return list(std::move(items), end < rows.size() ? static_cast<store::Id>(end) : 0);
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/digests", "digests.list", workspace(policy::Action::kReadDigests),
     list_digests, Lane::kSlow},
};

}  // namespace

std::span<const ApiRoute> digest_routes() {
  return kRoutes;
}

}  // namespace sluice::http
