#include "proxy/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::proxy {
namespace {

using testing::HasSubstr;

TEST(Metrics, ThreadsAreSummedAndAGaugeMayMoveBetweenThem) {
  session::Counters one;
  session::Counters two;
  one.statements.add(3);
  two.statements.add(4);
  one.sessions_open.add(5);
  two.sessions_open.sub(2);
  const session::Counters* threads[] = {&one, &two};
  const auto text = render_metrics(threads, {});
  EXPECT_THAT(text,
              HasSubstr("# TYPE sluice_statements_total counter\nsluice_statements_total 7\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE sluice_sessions gauge\nsluice_sessions 3\n"));
}

TEST(Metrics, LoggedInSessionsAreAGaugeAsTheyAreTakenBackAtTheirEnd) {
  session::Counters one;
  one.sessions_logged_in.add(2);
  one.sessions_logged_in.sub();
  const session::Counters* threads[] = {&one};
  EXPECT_THAT(render_metrics(threads, {}),
              HasSubstr("# TYPE sluice_sessions_logged_in gauge\nsluice_sessions_logged_in 1\n"));
}

TEST(Metrics, HistogramBucketsAreCumulativeAndInSeconds) {
  session::Counters one;
  one.statement_time.record(40);
  one.statement_time.record(60);
  one.statement_time.record(60'000'000);
  const session::Counters* threads[] = {&one};
  const auto text = render_metrics(threads, {});
  EXPECT_THAT(text, HasSubstr("sluice_statement_seconds_bucket{le=\"5e-05\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("sluice_statement_seconds_bucket{le=\"0.0001\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("sluice_statement_seconds_bucket{le=\"30\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("sluice_statement_seconds_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("sluice_statement_seconds_count 3\n"));
  EXPECT_THAT(text, HasSubstr("sluice_statement_seconds_sum 60.0001\n"));
}

TEST(Metrics, VerdictsAreCountedByWhatWasDoneAndWhatWouldHaveBeen) {
  session::Counters one;
  one.verdicts[1].add(3);
  one.shadow_verdicts[4].add(2);
  const session::Counters* threads[] = {&one};
  const auto text = render_metrics(threads, {});
  EXPECT_THAT(text, HasSubstr("sluice_verdicts_total{verdict=\"record\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("sluice_shadow_verdicts_total{verdict=\"deny\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("sluice_shadow_verdicts_total{verdict=\"pass\"} 0\n"));
}

TEST(Metrics, EveryReasonAndInstanceHasItsLabel) {
  session::Counters one;
  one.ended[static_cast<std::size_t>(session::Reason::kAccessDenied)].add(2);
  const session::Counters* threads[] = {&one};
  const session::Proxy::InstanceState states[] = {{"main", "8.4.0", true, 4, 3, 1}};
  const auto text = render_metrics(threads, states);
  for (std::size_t i = 0; i < static_cast<std::size_t>(session::Reason::kCount); ++i) {
    EXPECT_THAT(text,
                HasSubstr("reason=\"" + std::string(name(static_cast<session::Reason>(i))) + "\""));
  }
  EXPECT_THAT(text, HasSubstr("sluice_instance_up{instance=\"main\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("sluice_instance_waiting{instance=\"main\"} 1\n"));
}

}  // namespace
}  // namespace sluice::proxy
