// How much a change can hurt: one level for a sheet, with the reasons, from what its review found
// and from how many rows it meets. For the approval flow and the list of issues. Pure.
//
//   high      a review error; what cannot be resolved to its effect; accounts and server settings;
//             rows or values are lost (DROP, TRUNCATE, DROP COLUMN); many rows changed; a large
//             table altered
//   moderate  a review warning; a table that others use is altered; rows are changed that nobody
//   could
//             count, or more than a few
//   low       everything else: new objects, few rows, queries
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/rules/review.h"

namespace sluice::policy {

enum class Risk : std::uint8_t { kLow, kModerate, kHigh };

// "low", "moderate", "high".
[[nodiscard]] std::string_view name(Risk risk) noexcept;

struct RiskLimits {
  std::uint64_t few_rows = 100;           // a data change of more is moderate
  std::uint64_t many_rows = 10'000;       // of more than these, high
  std::uint64_t large_table = 1'000'000;  // rows of a table; altering a larger one is high
};

struct RiskReason {
  Risk risk = Risk::kLow;
  std::size_t statement = 0;  // index in the sheet
  std::string what;           // a sentence
};

struct RiskAssessment {
  Risk risk = Risk::kLow;           // the highest of the reasons'
  std::vector<RiskReason> reasons;  // moderate and high ones, the highest first
};

// REQUIRES: `review` is of that sheet and situation.
[[nodiscard]] RiskAssessment assess(const rules::Sheet& sheet, const rules::Review& review,
                                    const rules::Situation& situation,
                                    const RiskLimits& limits = {});

}  // namespace sluice::policy
