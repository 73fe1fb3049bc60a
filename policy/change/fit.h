// Whether a statement belongs in an issue of a kind: DDL in a schema change, DML in a data change,
// and nothing in either that is neither. Pure.
#pragma once

#include <string>

#include "parser/facts.h"
#include "policy/change/change.h"

namespace sluice::policy {

enum class Fit : std::uint8_t { kFits, kDoubtful, kDoesNot };

struct Fitting {
  Fit fit = Fit::kFits;
  std::string why;  // a sentence that says what to do; empty when it fits
};

[[nodiscard]] Fitting fits(IssueKind kind, const parser::StatementFacts& facts);

}  // namespace sluice::policy
