#include "admin/change/gate_rows.h"

#include <algorithm>

#include <boost/json.hpp>

#include "admin/change/server_facts.h"

namespace sluice::change {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}
std::int64_t number_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}
bool flag_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

parser::ActionGroup group_of(std::string_view word) {
  for (int i = 0; i < 8; ++i) {
    const auto group = static_cast<parser::ActionGroup>(i);
    if (word == parser::to_string(group)) return group;
  }
  return parser::ActionGroup::Opaque;
}

json::array list_of(std::string_view text) {
  boost::system::error_code fault;
  auto value = json::parse(text, fault);
  return fault || !value.is_array() ? json::array() : std::move(value.get_array());
}

}  // namespace

std::string to_json(const std::vector<GateDatabase>& databases) {
  json::array all;
  for (const auto& database : databases) {
    json::array names;
    for (const auto& name : database.names) names.emplace_back(name);
    all.push_back({{"id", database.id},
                   {"project", database.project},
                   {"name", database.name},
                   {"names", std::move(names)},
                   {"whole", database.whole},
                   {"creates", database.creates},
                   {"before", database.before},
                   {"recorded", database.recorded}});
  }
  return json::serialize(all);
}

std::vector<GateDatabase> read_databases(std::string_view text) {
  std::vector<GateDatabase> all;
  for (const auto& value : list_of(text)) {
    const auto* object = value.if_object();
    if (object == nullptr) continue;
    GateDatabase& database = all.emplace_back();
    database.id = number_of(*object, "id");
    database.project = number_of(*object, "project");
    database.name = text_of(*object, "name");
    database.whole = flag_of(*object, "whole");
    database.creates = flag_of(*object, "creates");
    database.before = text_of(*object, "before");
    database.recorded = text_of(*object, "recorded");
    const auto* names = object->if_contains("names");
    if (names == nullptr || !names->is_array()) continue;
    for (const auto& name : names->get_array()) {
      if (name.is_string()) database.names.emplace(name.get_string());
    }
  }
  return all;
}

std::string to_json(const std::vector<policy::ChangeStatement>& statements) {
  json::array all;
  for (const auto& statement : statements) {
    all.push_back({{"text", clean_text(statement.text)},
                   {"group", parser::to_string(statement.group)},
                   {"affected_rows", statement.affected_rows}});
  }
  return json::serialize(all);
}

policy::ChangeStatement left_out(const policy::ChangeRequest& request) {
  return {"/* " + std::to_string(request.left_out) +
              " statements before the next were counted and not kept */",
          parser::ActionGroup::Dml, request.left_out_rows};
}

std::vector<policy::ChangeStatement> read_statements(std::string_view text) {
  std::vector<policy::ChangeStatement> all;
  for (const auto& value : list_of(text)) {
    const auto* object = value.if_object();
    if (object == nullptr) continue;
    policy::ChangeStatement& statement = all.emplace_back();
    statement.text = text_of(*object, "text");
    statement.group = group_of(text_of(*object, "group"));
    statement.affected_rows = static_cast<std::uint64_t>(number_of(*object, "affected_rows"));
  }
  return all;
}

std::string history_json(const std::vector<policy::ChangeStatement>& statements,
                         const GateFates& fates, store::Time started,
                         std::chrono::microseconds duration) {
  json::array all;
  std::int64_t line = 1;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const auto& statement = statements[i];
    const bool last = i + 1 == statements.size();
    const std::string& state = last ? fates.last : fates.before;
    json::object entry;
    entry["index"] = i + 1;
    entry["line"] = line;
    entry["state"] = state;
    entry["affected_rows"] = nullptr;
    if (fates.rows_known && state == "done") entry["affected_rows"] = statement.affected_rows;
    entry["warnings"] = 0;
    entry["gtid"] = last ? fates.gtids : "";
    entry["error"] = last ? fates.error : "";
    entry["started_at_us"] = started.time_since_epoch().count();
    entry["duration_us"] = last ? duration.count() : 0;
    all.push_back(std::move(entry));
    if (!statement.text.empty()) line += std::ranges::count(statement.text, '\n') + 1;
  }
  return json::serialize(all);
}

}  // namespace sluice::change
