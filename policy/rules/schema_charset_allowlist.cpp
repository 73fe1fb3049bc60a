// schema.charset-allowlist: character sets of databases, tables and columns, as they will be: what
// a statement does not say comes from the table, the database or the server.
#include "policy/rules/effective_text.h"

namespace sluice::policy::rules {

void schema_charset_allowlist(Check& check) {
  for (const auto& fact : text_facts(check, TextKind::kCharset)) {
    if (fact.value.empty() || check.lists("charsets", fact.value)) continue;
    check.report(*fact.step, fact.near,
                 fact.what + " would have the character set " + fact.value +
                     (fact.said ? "" : ", which is the default there") + "; allowed is " +
                     quoted_list(check.list("charsets")) + ".");
  }
}

}  // namespace sluice::policy::rules
