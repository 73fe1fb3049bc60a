// The result of `sluice check` as text for a person, JSON for a program, SARIF 2.1.0 for the code
// review of a forge.
#pragma once

#include <string>
#include <vector>

#include "policy/rules/review.h"

namespace sluice::cli {

struct CheckedFile {
  std::string name;  // as it was given; "-" is standard input
  std::string text;
  policy::rules::Review review;
};

struct CheckCounts {
  std::size_t statements = 0;
  std::size_t errors = 0;
  std::size_t warnings = 0;
};
[[nodiscard]] CheckCounts count(const std::vector<CheckedFile>& files);

[[nodiscard]] std::string check_text(const std::vector<CheckedFile>& files);
[[nodiscard]] std::string check_json(const std::vector<CheckedFile>& files);
// OASIS SARIF 2.1.0. Every rule of the catalogue is described, with the level of this policy.
[[nodiscard]] std::string check_sarif(const std::vector<CheckedFile>& files,
                                      const policy::rules::RuleSet& rules);
// The catalogue for a person.
[[nodiscard]] std::string rules_text(const policy::rules::RuleSet& rules);

}  // namespace sluice::cli
