#include "parser/words.h"

#include <array>
#include <utility>

namespace sluice::parser {
namespace {

ObjectRule object_rule(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Access>, 14> kVerbs{
      {{"new", Access::Create},
       {"altered", Access::Alter},
       {"dropped", Access::Drop},
       {"read", Access::Read},
       {"written", Access::Write},
       {"renamed", Access::Alter},
       {"executed", Access::Execute},
       {"truncated", Access::Drop},
       {"checked", Access::Read},
       {"flushed", Access::Read},
       {"referenced", Access::Read},
       {"imported", Access::Create},
       {"locked", Access::Read},
       {"indexed", Access::Alter}}};
  static constexpr std::array<std::pair<std::string_view, ObjectKind>, 15> kKinds{{
      {"Table", ObjectKind::Table},
      {"View", ObjectKind::View},
      {"Schema", ObjectKind::Schema},
      {"Routine", ObjectKind::Routine},
      {"Trigger", ObjectKind::Trigger},
      {"Event", ObjectKind::Event},
      {"Sequence", ObjectKind::Sequence},
      {"Library", ObjectKind::Library},
      {"Index", ObjectKind::Index},
      {"User", ObjectKind::User},
      {"Role", ObjectKind::Role},
      {"Server", ObjectKind::ServerLink},
      {"Tablespace", ObjectKind::Tablespace},
      {"ResourceGroup", ObjectKind::ResourceGroup},
      {"Plugin", ObjectKind::Plugin},
  }};
  if (name == "renamedTo") return {ObjectKind::Table, Access::Alter, true};
  for (const auto& [verb, access] : kVerbs) {
    if (!name.starts_with(verb)) continue;
    for (const auto& [noun, kind] : kKinds) {
      if (name.substr(verb.size()) == noun)
        return {kind, access, kind <= ObjectKind::Library && kind != ObjectKind::Schema};
    }
  }
  return {};
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string upper_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

std::string snake_case(std::string_view rule) {
  if (rule.starts_with("maria") || rule.starts_with("mysql")) rule.remove_prefix(5);
  std::string result;
  for (const char c : rule) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !result.empty()) result += '_';
    result += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

std::vector<ObjectRule> object_rules(const std::vector<std::string>& rule_names) {
  std::vector<ObjectRule> rules;
  rules.reserve(rule_names.size());
  for (const auto& name : rule_names) rules.push_back(object_rule(name));
  return rules;
}

}  // namespace sluice::parser
