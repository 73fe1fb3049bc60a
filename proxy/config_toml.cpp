#include <toml++/toml.h>

#include "proxy/config_node.h"

namespace sluice::proxy {
namespace {

Origin origin_of(const toml::source_region& region, std::string_view name) {
  return {std::string(name) + ':' + std::to_string(region.begin.line) + ':' +
          std::to_string(region.begin.column)};
}

std::string_view other_name(toml::node_type type) {
  switch (type) {
    case toml::node_type::date: return "a date";
    case toml::node_type::time: return "a time";
    default: return "a date and time";
  }
}

// Depth is bounded by toml++ itself (TOML_MAX_NESTED_VALUES, 256).
Node convert(const toml::node& from, std::string_view name) {
  Node to;
  to.origin = origin_of(from.source(), name);
  to.key_origin = to.origin;
  if (const auto* table = from.as_table()) {
    Node::Table entries;
    for (const auto& [key, value] : *table) {
      Node entry = convert(value, name);
      entry.key_origin = origin_of(key.source(), name);
      entries.emplace(key.str(), std::move(entry));
    }
    to.value = std::move(entries);
  } else if (const auto* array = from.as_array()) {
    Node::List items;
    for (const auto& item : *array) items.push_back(convert(item, name));
    to.value = std::move(items);
  } else if (const auto* text = from.as_string()) {
    to.value = text->get();
  } else if (const auto* integer = from.as_integer()) {
    to.value = integer->get();
  } else if (const auto* real = from.as_floating_point()) {
    to.value = real->get();
  } else if (const auto* boolean = from.as_boolean()) {
    to.value = boolean->get();
  } else {
    to.value = Node::Other{std::string(other_name(from.type()))};
  }
  return to;
}

}  // namespace

std::string_view Node::type_name() const noexcept {
  switch (value.index()) {
    case 0: return "a boolean";
    case 1: return "an integer";
    case 2: return "a real number";
    case 3: return "a string";
    case 4: return "a list";
    case 5: return "a table";
    default: return std::get<Other>(value).type;
  }
}

boost::system::result<Node, Faults> parse_toml(std::string_view text, std::string_view name) {
  try {
    const toml::table table = toml::parse(text, name);
    return convert(table, name);
  } catch (const toml::parse_error& fault) {
    return Faults{origin_of(fault.source(), name).text +
                  ": not TOML: " + std::string(fault.description())};
  }
}

}  // namespace sluice::proxy
