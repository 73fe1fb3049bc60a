// The catalogue as a table: catalog.inc's rows.
#include <algorithm>

#include "policy/rules/rule.h"

namespace sluice::policy::rules {

#define SLUICE_RULE(function, ...) void function(Check& check);
#include "policy/rules/catalog.inc"
#undef SLUICE_RULE

const std::vector<Rule>& catalog() {
  static const std::vector<Rule> rules{
#define SLUICE_RULE(function, id, level, title, ...) \
  Rule{id, Level::level, title, {__VA_ARGS__}, function},
#include "policy/rules/catalog.inc"
#undef SLUICE_RULE
  };
  return rules;
}

const Rule* find_rule(std::string_view id) {
  const auto found = std::ranges::find(catalog(), id, &Rule::id);
  return found == catalog().end() ? nullptr : &*found;
}

}  // namespace sluice::policy::rules
