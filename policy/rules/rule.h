// A review rule: a row of the catalogue (catalog.inc) and a function in a file of its own. The
// function looks at the walk of a sheet and reports what it finds; it has its parameters, and no
// state, clock or I/O.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policy/rules/finding.h"
#include "policy/rules/parts.h"
#include "policy/rules/walk.h"

namespace sluice::policy::rules {

// What a parameter may be set to. A pattern is a regular expression (pattern.h).
using Value = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

struct Parameter {
  enum class Kind : std::uint8_t { kFlag, kNumber, kPattern, kList };
  Kind kind = Kind::kFlag;
  std::string_view name;
  Value initial;
  std::string_view says;
  std::int64_t minimum = 0;  // kNumber
};
[[nodiscard]] Parameter flag(std::string_view name, bool initial, std::string_view says);
[[nodiscard]] Parameter number(std::string_view name, std::int64_t initial, std::int64_t minimum,
                               std::string_view says);
[[nodiscard]] Parameter pattern(std::string_view name, std::string_view initial,
                                std::string_view says);
[[nodiscard]] Parameter list(std::string_view name, std::vector<std::string> initial,
                             std::string_view says);

class Check;

struct Rule {
  std::string_view id;        // "table.require-pk"; what stands before the dot is its category
  Level level = Level::kOff;  // unless a policy says otherwise
  std::string_view title;
  std::vector<Parameter> parameters;
  void (*run)(Check&) = nullptr;

  [[nodiscard]] std::string_view category() const { return id.substr(0, id.find('.')); }
  [[nodiscard]] const Parameter* parameter(std::string_view name) const;
};

// Every rule, in the order of their categories. Lives for ever.
[[nodiscard]] const std::vector<Rule>& catalog();
[[nodiscard]] const Rule* find_rule(std::string_view id);

// How a policy sets one rule. Values are those of the rule's parameters, in their order.
struct Setting {
  Level level = Level::kOff;
  std::vector<Value> values;
};

// What a rule's function is given. Lives as long as the call.
class Check {
 public:
  Check(const Sheet& sheet, std::span<const Step> steps, const Situation& situation,
        const Rule& rule, const Setting& setting)
      : sheet_(sheet), steps_(steps), situation_(situation), rule_(rule), setting_(setting) {}

  [[nodiscard]] const Sheet& sheet() const { return sheet_; }
  [[nodiscard]] std::span<const Step> steps() const { return steps_; }
  [[nodiscard]] const Situation& situation() const { return situation_; }

  // REQUIRES: the rule has a parameter of that name and kind.
  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] std::int64_t number(std::string_view name) const;
  [[nodiscard]] const std::string& pattern(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& list(std::string_view name) const;
  [[nodiscard]] bool lists(std::string_view name, std::string_view wanted) const;  // ignoring case

  // At the statement's beginning; at a name in it; at a token of a part of it.
  void report(const Step& step, std::string detail);
  void report(const Step& step, std::string_view near, std::string detail);
  void report(const Step& step, const Part& part, const parser::Token& token, std::string detail);
  void report_at(const Step& step, Range range, std::string detail);

  // At most kMaxFindings; how many there were beyond is in the last one's detail.
  [[nodiscard]] std::vector<Finding> take();
  static constexpr std::size_t kMaxFindings = 200;  // more tell a reader nothing

 private:
  [[nodiscard]] const Value& value(std::string_view name) const;

  const Sheet& sheet_;
  std::span<const Step> steps_;
  const Situation& situation_;
  const Rule& rule_;
  const Setting& setting_;
  std::vector<Finding> found_;
  std::size_t dropped_ = 0;
};

}  // namespace sluice::policy::rules
