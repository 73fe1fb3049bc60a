#include "admin/http/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include "admin/http/digest_metrics.h"
#include "admin/http/engine_metrics.h"

namespace sluice::http {
namespace {

using testing::HasSubstr;

TEST(HttpMetrics, CountsByRouteAndStatusNotByWhatAClientInvents) {
  Metrics metrics;
  const Router router(
      {{"GET", "/things/{id}", [](const Request&) { return Response{}; }, Lane::kQuick},
       {"GET", "/throws", [](const Request&) -> Response { throw std::runtime_error("x"); },
        Lane::kQuick}},
      metrics.observer());
  const auto ask = [&](std::string method, std::string_view target) {
    Request request;
    request.method = std::move(method);
    return router.route(target, std::move(request)).status;
  };
  EXPECT_EQ(ask("GET", "/things/1"), 200U);
  EXPECT_EQ(ask("GET", "/things/2"), 200U);
  EXPECT_EQ(ask("BREW", "/things/2"), 405U);
  EXPECT_EQ(ask("GET", "/invented"), 404U);
  EXPECT_THROW((void)ask("GET", "/throws"), std::runtime_error);
  const auto text = prometheus::TextSerializer().Serialize(metrics.families());
  EXPECT_THAT(
      text,
      HasSubstr(R"(sluice_http_requests_total{method="GET",route="/things/{id}",status="200"} 2)"));
  EXPECT_THAT(
      text,
      HasSubstr(R"(sluice_http_requests_total{method="other",route="other",status="405"} 1)"));
  EXPECT_THAT(
      text,
      HasSubstr(R"(sluice_http_requests_total{method="GET",route="/throws",status="500"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(sluice_http_request_seconds_count{route="/things/{id}"} 2)"));
  EXPECT_EQ(text.find("BREW"), std::string::npos);
  EXPECT_EQ(text.find("invented"), std::string::npos);
}

TEST(DigestMetrics, ShowTheMostFrequentWithVerdictsAndQuantiles) {
  EXPECT_TRUE(digest_families({}).empty());
  std::vector<session::DigestRow> rows(kDigestsInMetrics + 5);
  session::DigestRow& first = rows.front();
  first.instance = "main";
  first.account = "app";
  first.digest = "d1";
  first.count = 4;
  first.errors = 1;
  first.verdicts[2] = 3;
  first.total_microseconds = 2'000'000;
  first.latency.record(1'000'000);
  const auto families = digest_families(rows);
  ASSERT_EQ(families.size(), 6U);  // of shadow mode there is nothing
  EXPECT_EQ(families[0].name, "sluice_digest_statements_total");
  ASSERT_EQ(families[0].metric.size(), kDigestsInMetrics);
  EXPECT_EQ(families[0].metric[0].counter.value, 4);
  EXPECT_EQ(families[0].metric[0].label[2].value, "d1");
  EXPECT_EQ(families[0].metric[1].label[2].value, "others");
  const auto& summary = families[2].metric[0].summary;
  EXPECT_EQ(summary.sample_count, 1U);
  EXPECT_EQ(summary.sample_sum, 2);
  ASSERT_EQ(summary.quantile.size(), 3U);
  EXPECT_NEAR(summary.quantile[2].value, 1, 0.13);
  ASSERT_EQ(families[5].metric.size(), 1U);
  EXPECT_EQ(families[5].metric[0].label[3].value, "review");
}

TEST(EngineMetrics, ShowWhatTheEngineTheScansAndTheStoreCount) {
  change::EngineMeter engine;
  change::ScanMeter scans;
  store::Meter store;
  change::WatchMeter watches;
  engine.run_ended(policy::IssueKind::kDataUpdate, policy::TaskStatus::kFailed,
                   std::chrono::milliseconds(20));
  engine.checked(policy::CheckResult::kWarning, std::chrono::milliseconds(1));
  engine.set_running(2);
  ++scans.scans.at(1);
  store.statements.add(std::chrono::microseconds(100));
  store.statements.add(std::chrono::hours(2));
  ++store.failures.at(static_cast<std::size_t>(store::Failure::kFull));
  store.turns.add(std::chrono::microseconds(0));
  store.locks.add(std::chrono::milliseconds(200));
  using Watch = change::WatchMeter::State;
  watches.set_state(4, "aurora", Watch::kFollowing);
  watches.read_event(4, std::chrono::seconds(7));
  watches.found_statement(4);
  watches.set_state(5, "gone", Watch::kAway);
  watches.forget(5);
  const auto text = [&] {
    return prometheus::TextSerializer().Serialize(
        engine_families({engine, scans, store, watches, 3}));
  };
  for (const auto* line : {R"(sluice_task_runs_total{type="data.update",state="failed"} 1)",
                           R"(sluice_task_run_seconds_bucket{type="data.update",le="0.05"} 1)",
                           R"(sluice_task_run_seconds_bucket{type="data.update",le="0.01"} 0)",
                           "sluice_task_runs_active 2",
                           R"(sluice_task_checks_total{result="warning"} 1)",
                           R"(sluice_scans_total{outcome="drift"} 1)",
                           R"(sluice_store_statement_seconds_bucket{le="0.0001"} 1)",
                           R"(sluice_store_statement_seconds_bucket{le="3600"} 1)",
                           R"(sluice_store_statement_seconds_bucket{le="+Inf"} 2)",
                           "sluice_store_statement_seconds_sum 7200.0001",
                           R"(sluice_store_wait_seconds_count{for="turn"} 1)",
                           R"(sluice_store_wait_seconds_bucket{for="lock",le="0.1"} 0)",
                           R"(sluice_store_wait_seconds_bucket{for="lock",le="0.5"} 1)",
                           R"(sluice_watch_state{instance="aurora",state="following"} 1)",
                           R"(sluice_watch_state{instance="aurora",state="away"} 0)",
                           R"(sluice_watch_events_total{instance="aurora"} 1)",
                           R"(sluice_watch_outside_statements_total{instance="aurora"} 1)",
                           R"(sluice_watch_lag_seconds{instance="aurora"} 7)",
                           R"(sluice_store_failures_total{kind="full"} 1)",
                           "sluice_event_streams 3"}) {
    EXPECT_THAT(text(), HasSubstr(line));
  }
  EXPECT_EQ(text().find(R"(instance="gone")"), std::string::npos);
  watches.reached_end(4);
  EXPECT_THAT(text(), HasSubstr(R"(sluice_watch_lag_seconds{instance="aurora"} 0)"));
  // Before the store has answered nothing is said of it.
  EXPECT_EQ(text().find("sluice_tasks{"), std::string::npos);
  engine.set_totals(store::Totals{{{"open", 4}}, {{"pending", 5}}, {{"schema.drift", 1}}});
  for (const auto* line :
       {R"(sluice_issues{state="open"} 4)", R"(sluice_issues{state="done"} 0)",
        R"(sluice_tasks{state="pending"} 5)", R"(sluice_anomalies_open{kind="schema.drift"} 1)"}) {
    EXPECT_THAT(text(), HasSubstr(line));
  }
}

TEST(Router, AFixedSegmentGoesBeforeANamedOne) {
  const auto say = [](std::string word) {
    return [word](const Request&) { return Response{200, "text/plain", word, {}}; };
  };
  const Router router({{"POST", "/instances/{id}", say("named"), Lane::kQuick},
                       {"POST", "/instances/test", say("fixed"), Lane::kSlow}});
  Request request;
  request.method = "POST";
  EXPECT_EQ(router.route("/instances/test", request).body, "fixed");
  EXPECT_EQ(router.route("/instances/7", request).body, "named");
  EXPECT_EQ(router.lane("/instances/test", "POST"), Lane::kSlow);
  EXPECT_EQ(router.lane("/instances/7", "POST"), Lane::kQuick);
  EXPECT_EQ(router.lane("/nothing", "POST"), Lane::kInline);
}

}  // namespace
}  // namespace sluice::http
