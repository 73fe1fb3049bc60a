#include "policy/programs.h"

#include <algorithm>

namespace sluice::policy {
namespace {

using parser::ActionGroup;

// A NUL lies between schema and name: neither can contain one.
std::string key_of(std::string_view schema, std::string_view name, bool fold) {
  std::string key(schema);
  key += '\0';
  const std::size_t start = key.size();
  key += name;
  if (fold) {
    std::transform(key.begin() + static_cast<std::ptrdiff_t>(start), key.end(),
                   key.begin() + static_cast<std::ptrdiff_t>(start),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  }
  return key;
}

}  // namespace

void Programs::add_routine(std::string_view schema, std::string_view name, ActionGroup group) {
  // A procedure and a function may share a name: the more restricted stands for both.
  ActionGroup& kept = routines_.try_emplace(key_of(schema, name, true), group).first->second;
  kept = std::max(kept, group);
}

void Programs::add_trigger(std::string_view schema, std::string_view table, ActionGroup group) {
  ActionGroup& kept = triggers_.try_emplace(key_of(schema, table, false), group).first->second;
  kept = std::max(kept, group);
}

void Programs::add_view(std::string_view schema, std::string_view name, ActionGroup group) {
  ActionGroup& kept = views_.try_emplace(key_of(schema, name, false), group).first->second;
  kept = std::max(kept, group);
}

void Programs::complete(std::string_view schema) {
  complete_.emplace(schema);
}

ActionGroup Programs::routine(std::string_view schema, std::string_view name) const {
  const auto found = routines_.find(key_of(schema, name, true));
  return found == routines_.end() ? ActionGroup::Opaque : found->second;
}

ActionGroup Programs::triggers(std::string_view schema, std::string_view table) const {
  const auto found = triggers_.find(key_of(schema, table, false));
  if (found != triggers_.end()) return found->second;
  return complete_.contains(schema) ? ActionGroup::Read : ActionGroup::Dml;
}

ActionGroup Programs::view(std::string_view schema, std::string_view name) const {
  if (views_.empty()) return ActionGroup::Read;
  const auto found = views_.find(key_of(schema, name, false));
  return found == views_.end() ? ActionGroup::Read : found->second;
}

}  // namespace sluice::policy
