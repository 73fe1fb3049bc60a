// A review policy: every rule of the catalogue with its level and parameters. An environment keeps
// it as JSON,
//
//   { "*":                            {"level": "off"},
//     "table.require-pk":             {"level": "error"},
//     "statement.affected-row-limit": {"level": "warning", "parameters": {"limit": 100}} }
//
// where "*" sets the level of every rule that is not named; without it those keep the catalogue's.
// A RuleSet is an immutable value once made. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/rules/rule.h"

namespace sluice::policy::rules {

// What is wrong with a policy's text, and where: `key` is "table.require-pk.level".
struct RuleSetError {
  std::string key;
  std::string message;  // a sentence that says what would be right
};

struct RuleSetReading;

class RuleSet {
 public:
  RuleSet();  // the catalogue's levels and parameters

  [[nodiscard]] const Setting& setting(const Rule& rule) const;
  [[nodiscard]] Level level(std::string_view id) const;  // kOff when there is no such rule

 private:
  friend RuleSetReading read_rule_set(std::string_view json);
  std::vector<Setting> settings_;  // in the catalogue's order
};

struct RuleSetReading {
  RuleSet rules;  // with errors: what could be read; not to be used
  std::vector<RuleSetError> errors;
};

// Empty text is the catalogue's own policy. Every fault is reported, not the first alone.
[[nodiscard]] RuleSetReading read_rule_set(std::string_view json);
// Every rule with its level and parameters, as text that read_rule_set takes: two policies are the
// same when these are.
[[nodiscard]] std::string to_json(const RuleSet& rules);
// A parameter's value for a person: "true", "1000", "a, b".
[[nodiscard]] std::string to_text(const Value& value);
// The catalogue for the console and the API: id, category, title, default level, parameters with
// kind, default and meaning.
[[nodiscard]] std::string catalog_json();

}  // namespace sluice::policy::rules
