// ASCII case for words and names, and what the names of grammar rules say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parser/facts.h"

namespace sluice::parser {

[[nodiscard]] std::string lower_case(std::string_view text);
[[nodiscard]] std::string upper_case(std::string_view text);
// "createTable" to "create_table"; a leading "maria" or "mysql" is left out.
[[nodiscard]] std::string snake_case(std::string_view rule);

// What a rule's name says of the object in it ("droppedView"); Access::None for other rules.
struct ObjectRule {
  ObjectKind kind = ObjectKind::Other;
  Access access = Access::None;
  bool in_schema = false;
};
[[nodiscard]] std::vector<ObjectRule> object_rules(const std::vector<std::string>& rule_names);

}  // namespace sluice::parser
