#include "policy/rules/rule.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace sluice::policy::rules {

std::string_view name(Level level) noexcept {
  static constexpr std::array<std::string_view, 3> kNames{"off", "warning", "error"};
  return kNames[static_cast<std::size_t>(level)];
}

std::optional<Level> parse_level(std::string_view word) noexcept {
  for (const auto level : {Level::kOff, Level::kWarning, Level::kError}) {
    if (name(level) == word) return level;
  }
  return std::nullopt;
}

Parameter flag(std::string_view name, bool initial, std::string_view says) {
  return {Parameter::Kind::kFlag, name, initial, says, 0};
}
Parameter number(std::string_view name, std::int64_t initial, std::int64_t minimum,
                 std::string_view says) {
  return {Parameter::Kind::kNumber, name, initial, says, minimum};
}
Parameter pattern(std::string_view name, std::string_view initial, std::string_view says) {
  return {Parameter::Kind::kPattern, name, std::string(initial), says, 0};
}
Parameter list(std::string_view name, std::vector<std::string> initial, std::string_view says) {
  return {Parameter::Kind::kList, name, std::move(initial), says, 0};
}

const Parameter* Rule::parameter(std::string_view wanted) const {
  const auto found = std::ranges::find(parameters, wanted, &Parameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

const Value& Check::value(std::string_view name) const {
  const auto* parameter = rule_.parameter(name);
  assert(parameter && "a rule reads the parameters of its row");
  return setting_.values[static_cast<std::size_t>(parameter - rule_.parameters.data())];
}

bool Check::flag(std::string_view name) const {
  return std::get<bool>(value(name));
}
std::int64_t Check::number(std::string_view name) const {
  return std::get<std::int64_t>(value(name));
}
const std::string& Check::pattern(std::string_view name) const {
  return std::get<std::string>(value(name));
}
const std::vector<std::string>& Check::list(std::string_view name) const {
  return std::get<std::vector<std::string>>(value(name));
}
bool Check::lists(std::string_view name, std::string_view wanted) const {
  return std::ranges::any_of(list(name),
                             [&](const auto& x) { return schema::same_name(x, wanted); });
}

void Check::report_at(const Step& step, Range range, std::string detail) {
  if (found_.size() == kMaxFindings) {
    ++dropped_;
    return;
  }
  Finding finding;
  finding.rule = rule_.id;
  finding.level = setting_.level;
  finding.title = rule_.title;
  finding.detail = std::move(detail);
  std::tie(finding.line, finding.column) = sheet_.place(range.begin);
  finding.offset = range.begin;
  finding.end = range.end;
  finding.statement = step.index;
  found_.push_back(std::move(finding));
}

void Check::report(const Step& step, std::string detail) {
  // The first word stands for the statement.
  const auto& range = step.statement->range;
  const auto text = sheet_.text().substr(range.begin, range.end - range.begin);
  const auto word = std::min(text.find_first_of(" \t\r\n(;"), text.size());
  report_at(step, {range.begin, range.begin + word}, std::move(detail));
}

void Check::report(const Step& step, std::string_view near, std::string detail) {
  const auto range = sheet_.find_name(*step.statement, near);
  if (!range) return report(step, std::move(detail));
  report_at(step, *range, std::move(detail));
}

void Check::report(const Step& step, const Part& part, const parser::Token& token,
                   std::string detail) {
  if (part.prepared) return report(step, std::move(detail));
  report_at(step, {part.base + token.start, part.base + token.end}, std::move(detail));
}

std::vector<Finding> Check::take() {
  if (dropped_ > 0 && !found_.empty())
    found_.back().detail += " (and " + std::to_string(dropped_) + " more like this)";
  dropped_ = 0;
  return std::move(found_);
}

}  // namespace sluice::policy::rules
