#include "policy/rules/rule_set.h"

#include <boost/json.hpp>

#include "policy/rules/pattern.h"

namespace sluice::policy::rules {
namespace {

namespace json = boost::json;

std::size_t index_of(const Rule& rule) {
  return static_cast<std::size_t>(&rule - catalog().data());
}

json::value to_value(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return json::string(*text);
  json::array out;
  for (const auto& item : std::get<std::vector<std::string>>(value)) out.emplace_back(item);
  return out;
}

std::string_view kind_name(Parameter::Kind kind) {
  switch (kind) {
    case Parameter::Kind::kFlag: return "boolean";
    case Parameter::Kind::kNumber: return "number";
    case Parameter::Kind::kPattern: return "pattern";
    case Parameter::Kind::kList: return "list";
  }
  return "";
}

// Reads one policy; collects what is wrong.
class Reader {
 public:
  explicit Reader(std::vector<RuleSetError>& errors) : errors_(errors) {}

  void fault(std::string key, std::string message) {
    errors_.push_back({std::move(key), std::move(message)});
  }

  std::optional<Level> level(const std::string& key, const json::value& value) {
    const auto* word = value.if_string();
    const auto found = word ? parse_level(*word) : std::nullopt;
    if (!found) fault(key, "expected \"error\", \"warning\" or \"off\"");
    return found;
  }

  void rule(const Rule& rule, const json::value& value, Setting& setting) {
    const std::string id(rule.id);
    const auto* object = value.if_object();
    if (!object) {
      return fault(id, "expected an object like {\"level\": \"warning\", \"parameters\": {}}");
    }
    for (const auto& [key, part] : *object) {
      if (key == "level") {
        if (const auto read = level(id + ".level", part)) setting.level = *read;
      } else if (key == "parameters") {
        parameters(rule, part, setting);
      } else {
        fault(id + "." + std::string(key), "expected \"level\" or \"parameters\"");
      }
    }
    if (rule.id == "statement.syntax" && setting.level != Level::kError) {
      setting.level = Level::kError;
      fault(id + ".level", "a text that is not understood is always an error");
    }
  }

 private:
  void parameters(const Rule& rule, const json::value& value, Setting& setting) {
    const auto path = std::string(rule.id) + ".parameters";
    const auto* object = value.if_object();
    if (!object) return fault(path, "expected an object of names and values");
    for (const auto& [name, part] : *object) {
      const auto* parameter = rule.parameter(std::string_view(name));
      const auto key = path + "." + std::string(name);
      if (!parameter) {
        fault(key, "the rule has no such parameter" + known(rule));
        continue;
      }
      const auto at = static_cast<std::size_t>(parameter - rule.parameters.data());
      if (auto read = read_value(*parameter, key, part)) setting.values[at] = std::move(*read);
    }
  }

  static std::string known(const Rule& rule) {
    std::string out;
    for (const auto& parameter : rule.parameters)
      out += (out.empty() ? "; it has " : ", ") + std::string(parameter.name);
    return out;
  }

  std::optional<Value> read_value(const Parameter& parameter, const std::string& key,
                                  const json::value& value) {
    switch (parameter.kind) {
      case Parameter::Kind::kFlag:
        if (const auto* flag = value.if_bool()) return *flag;
        fault(key, "expected true or false");
        return std::nullopt;
      case Parameter::Kind::kNumber: {
        boost::system::error_code bad;
        const auto number = value.to_number<std::int64_t>(bad);
        if (!bad && number >= parameter.minimum) return number;
        fault(key, "expected a number of at least " + std::to_string(parameter.minimum));
        return std::nullopt;
      }
      case Parameter::Kind::kPattern: {
        const auto* text = value.if_string();
        if (!text) {
          fault(key, "expected a regular expression");
          return std::nullopt;
        }
        const auto wrong = pattern_fault(std::string_view(*text));
        if (wrong.empty()) return std::string(*text);
        fault(key, "not a regular expression: " + wrong);
        return std::nullopt;
      }
      case Parameter::Kind::kList: return read_list(key, value);
    }
    return std::nullopt;
  }

  std::optional<Value> read_list(const std::string& key, const json::value& value) {
    const auto* array = value.if_array();
    std::vector<std::string> out;
    for (const auto& item : array ? *array : json::array{}) {
      const auto* text = item.if_string();
      if (text && !text->empty())
        out.emplace_back(*text);
      else
        array = nullptr;
      if (!array) break;
    }
    if (array) return out;
    fault(key, "expected a list of texts");
    return std::nullopt;
  }

  std::vector<RuleSetError>& errors_;
};

}  // namespace

RuleSet::RuleSet() {
  for (const auto& rule : catalog()) {
    Setting setting;
    setting.level = rule.level;
    for (const auto& parameter : rule.parameters) setting.values.push_back(parameter.initial);
    settings_.push_back(std::move(setting));
  }
}

const Setting& RuleSet::setting(const Rule& rule) const {
  return settings_[index_of(rule)];
}

Level RuleSet::level(std::string_view id) const {
  const auto* rule = find_rule(id);
  return rule ? setting(*rule).level : Level::kOff;
}

RuleSetReading read_rule_set(std::string_view text) {
  RuleSetReading out;
  Reader reader(out.errors);
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return out;
  boost::system::error_code bad;
  const auto value = json::parse(text, bad);
  const auto* object = bad ? nullptr : value.if_object();
  if (!object) {
    reader.fault("", bad ? "the policy is no JSON: " + bad.message()
                         : "expected an object of rules, like {\"table.require-pk\": "
                           "{\"level\": \"error\"}}");
    return out;
  }
  if (const auto* all = object->if_contains("*")) {
    const auto* inner = all->if_object();
    const auto* word = inner && inner->size() == 1 ? inner->if_contains("level") : nullptr;
    const auto level = word ? reader.level("*.level", *word) : std::nullopt;
    if (!word) reader.fault("*", "expected {\"level\": \"off\"}, \"warning\" or \"error\"");
    for (const auto& rule : catalog()) {
      if (level && rule.id != "statement.syntax")
        out.rules.settings_[index_of(rule)].level = *level;
    }
  }
  for (const auto& [id, part] : *object) {
    if (id == "*") continue;
    const auto* rule = find_rule(std::string_view(id));
    if (rule)
      reader.rule(*rule, part, out.rules.settings_[index_of(*rule)]);
    else
      reader.fault(std::string(id), "there is no such rule");
  }
  return out;
}

std::string to_json(const RuleSet& rules) {
  json::object out;
  for (const auto& rule : catalog()) {
    const auto& setting = rules.setting(rule);
    json::object parameters;
    for (std::size_t i = 0; i < rule.parameters.size(); ++i)
      parameters[rule.parameters[i].name] = to_value(setting.values[i]);
    out[rule.id] = json::object{{"level", name(setting.level)}, {"parameters", parameters}};
  }
  return json::serialize(out);
}

std::string to_text(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  std::string out;
  for (const auto& item : std::get<std::vector<std::string>>(value))
    out += (out.empty() ? "" : ", ") + item;
  return out.empty() ? "(none)" : out;
}

std::string catalog_json() {
  json::array out;
  for (const auto& rule : catalog()) {
    json::array parameters;
    for (const auto& parameter : rule.parameters) {
      parameters.push_back(json::object{{"name", parameter.name},
                                        {"kind", kind_name(parameter.kind)},
                                        {"default", to_value(parameter.initial)},
                                        {"description", parameter.says}});
    }
    out.push_back(json::object{{"id", rule.id},
                               {"category", rule.category()},
                               {"title", rule.title},
                               {"level", name(rule.level)},
                               {"parameters", std::move(parameters)}});
  }
  return json::serialize(out);
}

}  // namespace sluice::policy::rules
