// The only maker of a Permit. Pure.
#pragma once

#include <memory>

#include "policy/context.h"
#include "policy/decision.h"
#include "policy/policy_set.h"
#include "policy/ruling.h"

namespace sluice::policy {

// A command without SQL, or any command of a transparent set: passes for a known account on a known
// instance. `ruling` is the refusal's evidence otherwise.
[[nodiscard]] Decision decide(const PolicySet& policies, const Context& context,
                              const Submission& submission, const Ruling& ruling);

// A text, by what was ruled of it. A text that is only prepared, by COM_STMT_PREPARE or as the text
// of a PREPARE alone in its own, passes unless it is denied: it is judged again when it is to run.
// In shadow mode everything passes; the ruling says what would have happened. REQUIRES: `judged` is
// what `ruling` was made of and `submission.text` was read to.
[[nodiscard]] Decision decide(const Ruling& ruling, const Context& context,
                              const Submission& submission, std::shared_ptr<const Judged> judged);

}  // namespace sluice::policy
