#include "policy/rules/review.h"

#include <algorithm>

namespace sluice::policy::rules {
namespace {

Review too_long(std::string_view text, const RuleSet& rules) {
  const auto* rule = find_rule("statement.syntax");
  Finding finding;
  finding.rule = rule->id;
  finding.level = rules.setting(*rule).level;
  finding.title = rule->title;
  finding.detail = "The sheet has " + std::to_string(text.size() >> 20U) + " MiB, more than the " +
                   std::to_string(parser::kMaxTextBytes >> 20U) +
                   " MiB that are reviewed; split it into several changes.";
  return {{std::move(finding)}, 0, std::nullopt};
}

}  // namespace

Level Review::worst() const {
  auto out = Level::kOff;
  for (const auto& finding : findings) out = std::max(out, finding.level);
  return out;
}

Review review(std::string_view text, const Situation& situation, const RuleSet& rules) {
  if (text.size() > parser::kMaxTextBytes) return too_long(text, rules);
  return review(Sheet(text, situation.server, situation.database), situation, rules);
}

Review review(const Sheet& sheet, const Situation& situation, const RuleSet& rules) {
  auto walked = walk(sheet, situation);
  const auto& steps = walked.steps;
  Review out;
  out.statements = sheet.statements().size();
  for (const auto& rule : catalog()) {
    const auto& setting = rules.setting(rule);
    if (setting.level == Level::kOff) continue;
    Check check(sheet, steps, situation, rule, setting);
    rule.run(check);
    auto found = check.take();
    out.findings.insert(out.findings.end(), std::make_move_iterator(found.begin()),
                        std::make_move_iterator(found.end()));
  }
  std::stable_sort(out.findings.begin(), out.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.offset < b.offset; });
  out.schema = std::move(walked.schema);
  return out;
}

std::vector<std::size_t> wants_row_estimate(const Sheet& sheet) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < sheet.statements().size(); ++i) {
    const auto* facts = sheet.statements()[i].facts();
    if (!facts || facts->group != parser::ActionGroup::Dml) continue;
    for (const auto* name :
         {"update", "update_multi", "delete", "delete_multi", "insert_select", "replace_select"}) {
      if (facts->class_name == name) out.push_back(i);
    }
  }
  return out;
}

}  // namespace sluice::policy::rules
