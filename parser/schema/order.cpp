#include "parser/schema/order.h"

#include <algorithm>
#include <set>

#include "parser/schema/scan.h"

namespace sluice::schema {
namespace {

using Edges = std::map<std::string, std::set<std::string>>;  // what each one needs

// Depth first, without recursion: a chain may be as long as the schema is large.
std::vector<std::string> sorted(const Edges& edges) {
  std::vector<std::string> out;
  std::set<std::string> seen;
  for (const auto& [root, ignored] : edges) {
    if (!seen.insert(root).second) continue;
    std::vector<std::pair<std::string, std::set<std::string>::const_iterator>> stack;
    stack.emplace_back(root, edges.at(root).begin());
    while (!stack.empty()) {
      auto& [name, next] = stack.back();
      if (next == edges.at(name).end()) {
        out.push_back(name);
        stack.pop_back();
        continue;
      }
      const auto wanted = *next++;
      if (edges.contains(wanted) && seen.insert(wanted).second) {
        stack.emplace_back(wanted, edges.at(wanted).begin());
      }
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> creation_order(const Schema& schema) {
  Edges edges;
  for (const auto& [name, table] : schema.tables) {
    auto& needs = edges[name];
    for (const auto& key : table.foreign_keys) {
      if (key.schema.empty() || key.schema == schema.name) needs.insert(key.table);
    }
  }
  return sorted(edges);
}

std::vector<std::string> view_order(const Schema& schema) {
  Edges edges;
  for (const auto& [name, view] : schema.views) {
    auto& needs = edges[name];
    const Target target;
    for (const auto& token : scan(view.select, target)) {
      if (token.kind != Token::Kind::Word && token.kind != Token::Kind::Quoted) continue;
      auto word =
          unquote(std::string_view(view.select).substr(token.begin, token.end - token.begin),
                  token.kind, target);
      if (word != name && schema.views.contains(word)) needs.insert(std::move(word));
    }
  }
  return sorted(edges);
}

std::vector<std::string> trigger_order(const Schema& schema) {
  Edges edges;
  for (const auto& [name, trigger] : schema.triggers) {
    edges[name];
    if (!trigger.follows.empty()) edges[name].insert(trigger.follows);
  }
  return sorted(edges);
}

}  // namespace sluice::schema
