// The statements that are sent most, by digest, as /metrics shows them; admin/README.md lists them.
// Pure.
#pragma once

#include <vector>

#include <prometheus/metric_family.h>

#include "proxy/session/digests.h"

namespace sluice::http {

// Of so many digests, those that were sent most often: each is a dozen series. All of them are in
// the API.
inline constexpr std::size_t kDigestsInMetrics = 50;

// `rows` as DigestReader gives them, the most frequent first. A digest that is not among the first
// any more has no series; counts of one that comes back may begin anew.
[[nodiscard]] std::vector<prometheus::MetricFamily> digest_families(
    const std::vector<session::DigestRow>& rows);

}  // namespace sluice::http
