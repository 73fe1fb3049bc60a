// What the store knows of the place that a client's statement is for, and of who sent it.
// Blocking: asks the store.
#pragma once

#include <string>
#include <variant>

#include "admin/store/store.h"
#include "policy/change_sink.h"
#include "policy/rules/rule_set.h"

namespace sluice::change {

struct GatePlace {
  store::Instance instance;
  store::Environment environment;
  policy::rules::RuleSet rules;
  store::Id user = 0;  // the account's person; 0: an application's account
  std::string actor;   // the person's email, or the account's name
};

// "Sluice refused the statement (rule gate.ddl): …", as the error that a client gets.
[[nodiscard]] policy::Refusal gate_refusal(std::string rule, const std::string& why);
// For a store that does not answer: what would have to be written down does not run.
[[nodiscard]] policy::Refusal store_refusal(const store::Fault& fault);

[[nodiscard]] std::variant<GatePlace, policy::Refusal> find_place(
    store::Store& store, const policy::ChangeOrigin& origin);

// The project that databases begin in.
[[nodiscard]] store::Result<store::Id> default_project(store::Store& store);

// The statements as one sheet.
[[nodiscard]] std::string sheet_of(const std::vector<policy::ChangeStatement>& statements);

// "ALTER TABLE `shop`.`orders`", for titles: the first words of the text, in one line.
[[nodiscard]] std::string first_words(std::string_view text);

}  // namespace sluice::change
