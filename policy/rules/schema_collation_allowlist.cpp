// schema.collation-allowlist: collations of databases, tables and columns, as they will be. An
// empty list means those that every server of the version has for utf8mb4.
#include <algorithm>

#include "parser/schema/canonical.h"
#include "policy/rules/effective_text.h"

namespace sluice::policy::rules {

void schema_collation_allowlist(Check& check) {
  auto allowed = check.list("collations");
  if (allowed.empty()) {
    allowed = {schema::default_collation("utf8mb4", check.situation().server.target()),
               "utf8mb4_bin"};
  }
  for (const auto& fact : text_facts(check, TextKind::kCollation)) {
    const bool fine = std::ranges::any_of(
        allowed, [&](const auto& name) { return schema::same_name(name, fact.value); });
    if (fact.value.empty() || fine) continue;
    check.report(*fact.step, fact.near,
                 fact.what + " would have the collation " + fact.value +
                     (fact.said ? "" : ", which is the default there") + "; allowed is " +
                     quoted_list(allowed) + ".");
  }
}

}  // namespace sluice::policy::rules
