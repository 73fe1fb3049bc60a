// What the policies say of one judged text: verdict, and the evidence for it. Pure. decide() turns
// it into a permit, a refusal or a change; shadow mode lists it as what would have happened.
#pragma once

#include <string>
#include <string_view>

#include "policy/context.h"
#include "policy/judged.h"
#include "policy/policy_set.h"

namespace sluice::policy {

struct Ruling {
  Verdict verdict = Verdict::kDeny;
  parser::ActionGroup group = parser::ActionGroup::Opaque;  // that led to it
  // "no-policy", "no-instance-policy", "account.databases", "gate.ddl", "freeze",
  // "uncertain-session", "transparent", "break-glass".
  std::string_view rule = "no-policy";
  const DatabasePolicy* frozen = nullptr;  // of a freeze: lives as long as the set
  std::string_view frozen_schema;          // likewise
  // The database that the account may not use (reach.h); it lives as long as the text's Judged and
  // the account. Not empty: nothing of the environment, shadow mode included, lets the text pass.
  std::string_view outside;
  const InstancePolicy* policy = nullptr;  // likewise; null: the gate knows no such instance
};

// The groups of a text where these programs are: what depends on the instance and the default
// schema alone, and may be kept with a judged text until the policies change.
[[nodiscard]] Groups groups_of(const Judged& judged, std::string_view default_schema,
                               const Programs* programs);

// `groups`: of groups_of() for the context's instance. Allocates nothing.
[[nodiscard]] Ruling rule(const PolicySet& policies, const Context& context, const Judged& judged,
                          Groups groups);
// The same, groups and all.
[[nodiscard]] Ruling rule(const PolicySet& policies, const Context& context, const Judged& judged);

// The sentence for a client whose statement is denied: which rule, and what would be allowed.
[[nodiscard]] std::string denial(const Ruling& ruling, const Context& context);

}  // namespace sluice::policy
