#include "admin/change/gate_place.h"

#include <algorithm>

#include "admin/change/server_facts.h"

namespace sluice::change {
namespace {

constexpr std::size_t kTitle = 80;  // bytes of the text that a title shows

}  // namespace

policy::Refusal gate_refusal(std::string rule, const std::string& why) {
  policy::Refusal refusal;
  refusal.code = 1105;
  refusal.sqlstate = "45000";
  refusal.message = "Sluice refused the statement (rule " + rule + "): " + why;
  refusal.rule = std::move(rule);
  return refusal;
}

policy::Refusal store_refusal(const store::Fault& fault) {
  if (fault.kind == store::Failure::kRefused) return gate_refusal("refused", fault.detail + ".");
  return gate_refusal("store-unavailable",
                      "the change cannot be written down, so it does not run: " + fault.detail +
                          ". Reads go on; send it again when the store is back.");
}

store::Result<store::Id> default_project(store::Store& store) {
  const auto projects = store.projects();
  if (!projects) return projects.error();
  for (const auto& project : *projects) {
    if (project.key == "DEFAULT") return project.id;
  }
  if (projects->empty()) {
    return store::Fault{store::Failure::kNotFound, "the workspace has no project"};
  }
  return projects->front().id;
}

std::variant<GatePlace, policy::Refusal> find_place(store::Store& store,
                                                    const policy::ChangeOrigin& origin) {
  GatePlace place;
  const auto instances = store.instances();
  if (!instances) return store_refusal(instances.error());
  const auto found = std::ranges::find(*instances, origin.instance, &store::Instance::name);
  if (found == instances->end()) {
    return gate_refusal("no-instance-policy", "the workspace has no instance '" + origin.instance +
                                                  "'; add it in the console.");
  }
  place.instance = *found;
  auto environment = store.environment(place.instance.environment);
  if (!environment) return store_refusal(environment.error());
  place.environment = std::move(*environment);
  auto reading = policy::rules::read_rule_set(place.environment.review);
  if (!reading.errors.empty()) {
    return gate_refusal("review-policy", "the review policy of " + place.environment.name +
                                             " is damaged: " + reading.errors.front().key + ": " +
                                             reading.errors.front().message);
  }
  place.rules = std::move(reading.rules);
  place.actor = origin.account;
  const auto account = store.accounts().find(origin.account);
  if (!account && account.error().kind != store::Failure::kNotFound) {
    return store_refusal(account.error());
  }
  if (!account || account->user == 0) return place;  // an account of the file is nobody's
  const auto user = store.user(account->user);
  if (!user) return store_refusal(user.error());
  place.user = user->id;
  place.actor = user->email;
  return place;
}

std::string sheet_of(const std::vector<policy::ChangeStatement>& statements) {
  std::string sheet;
  for (const auto& statement : statements) {
    if (statement.text.empty()) continue;
    if (!sheet.empty()) sheet += ";\n";
    std::string_view text = statement.text;
    while (!text.empty() && (text.back() == ';' || text.back() == ' ' || text.back() == '\n')) {
      text.remove_suffix(1);
    }
    sheet += clean_text(text);
  }
  return sheet;
}

std::string first_words(std::string_view text) {
  std::string words;
  for (const char c : text.substr(0, 4 * kTitle)) {
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (blank && (words.empty() || words.back() == ' ')) continue;
    words += blank ? ' ' : c;
    if (words.size() >= kTitle) {
      return clean_text(words.substr(0, words.find_last_of(' '))) + " …";
    }
  }
  while (!words.empty() && words.back() == ' ') words.pop_back();
  return clean_text(words);
}

}  // namespace sluice::change
