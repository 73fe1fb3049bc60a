// The character sets and collations that a statement makes effective, said or resolved: what the
// two allow-lists judge. Pure.
#pragma once

#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

struct TextFact {
  const Step* step = nullptr;
  std::string near;   // where in the statement
  std::string what;   // "Table 't'", "Column 'a' of table 't'", "Database 'd'"
  std::string value;  // the character set or collation
  bool said = false;  // the statement names it
};

enum class TextKind : std::uint8_t { kCharset, kCollation };

// Each one that is new with its statement: a table's that it had before is not this sheet's doing.
[[nodiscard]] std::vector<TextFact> text_facts(const Check& check, TextKind kind);

}  // namespace sluice::policy::rules
