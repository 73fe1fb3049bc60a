#include "admin/http/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

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
