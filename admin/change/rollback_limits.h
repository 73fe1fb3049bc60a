// What an environment allows of its databases' rows to be kept for rollbacks. A value; pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::change {

struct RollbackLimits {
  bool keep = true;             // false: rows may not leave the database
  std::uint64_t max_mib = 256;  // of one change, before compression
  std::uint64_t days = 30;      // after which they are removed
  // Of data changes that clients made through the gate too, not only of issues' tasks.
  bool recorded = false;
  friend bool operator==(const RollbackLimits&, const RollbackLimits&) = default;
};

struct RollbackLimitsError {
  std::string key;  // "max_mib"; empty: the whole
  std::string message;
};
struct RollbackLimitsReading {
  RollbackLimits limits;
  std::vector<RollbackLimitsError> errors;
};
// {"keep": true, "max_mib": 256, "days": 30, "recorded": false}; what is absent has its default.
[[nodiscard]] RollbackLimitsReading read_rollback_limits(std::string_view json);
[[nodiscard]] std::string to_json(const RollbackLimits& limits);

}  // namespace sluice::change
