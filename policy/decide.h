// The only maker of a Permit. Pure.
#pragma once

#include "policy/context.h"
#include "policy/decision.h"
#include "policy/policy_set.h"

namespace sluice::policy {

[[nodiscard]] Decision decide(const PolicySet& policies, const Context& context,
                              const Submission& submission);

}  // namespace sluice::policy
