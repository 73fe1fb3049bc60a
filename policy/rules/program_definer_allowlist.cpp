// program.definer-allowlist: a view or program with DEFINER runs with that account's privileges,
// and fails where the account is missing. CURRENT_USER is the account that runs the change.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void program_definer_allowlist(Check& check) {
  for (const auto& step : check.steps()) {
    const auto* facts = step.statement->facts();
    if (!facts || facts->definer.empty()) continue;
    std::string account;  // without its quotes
    for (const char c : facts->definer) {
      if (c != '`' && c != '\'' && c != '"' && c != ' ') account += c;
    }
    if (schema::same_name(account.substr(0, 12), "current_user")) continue;
    if (check.lists("accounts", account)) continue;
    check.report(step, "DEFINER",
                 "DEFINER = " + account + " is not allowed; leave it out" +
                     (check.list("accounts").empty()
                          ? "."
                          : ", or name one of " + quoted_list(check.list("accounts")) + "."));
  }
}

}  // namespace sluice::policy::rules
