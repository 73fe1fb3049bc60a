#include "admin/change/drift_settings.h"

#include <algorithm>

#include <boost/json.hpp>

namespace sluice::change {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxPattern = 1000;        // bytes
constexpr std::int64_t kMaxLag = 7 * 24 * 3600;  // seconds

class Reader {
 public:
  explicit Reader(DriftSettingsReading& out) : out_(out) {}

  void read(const json::object& object) {
    for (const auto& [key, value] : object) {
      if (key == "ignored") {
        read_pattern(value);
      } else if (key == "definer") {
        read_flag(key, value, out_.settings.compare.definer);
      } else if (key == "whitespace") {
        read_flag(key, value, out_.settings.compare.whitespace);
      } else if (key == "watch_binlog") {
        read_flag(key, value, out_.settings.watch_binlog);
      } else if (key == "missing_primary_key") {
        read_severity(value);
      } else if (key == "replica_lag_seconds") {
        read_lag(value);
      } else {
        fault(key,
              "is not known; there are ignored, definer, whitespace, missing_primary_key, "
              "replica_lag_seconds and watch_binlog");
      }
    }
  }

 private:
  void fault(std::string_view key, std::string message) {
    out_.errors.push_back({std::string(key), std::move(message)});
  }
  void read_flag(std::string_view key, const json::value& value, bool& into) {
    if (value.is_bool()) {
      into = value.get_bool();
    } else {
      fault(key, "expected true or false");
    }
  }
  void read_pattern(const json::value& value) {
    if (!value.is_string() || value.get_string().size() > kMaxPattern)
      return fault("ignored", "expected a regular expression of at most 1000 bytes");
    const std::string text(value.get_string());
    try {
      const std::regex tried(text, std::regex::ECMAScript);
      out_.settings.ignored = text;
    } catch (const std::regex_error&) {
      fault("ignored", "is no regular expression; write it as in JavaScript, for whole names");
    }
  }
  void read_severity(const json::value& value) {
    auto& into = out_.settings.missing_primary_key;
    const std::string_view word = value.is_string() ? std::string_view(value.get_string()) : "";
    if (word == "off") {
      into = std::nullopt;
    } else if (word == "info") {
      into = Severity::kInfo;
    } else if (word == "warning") {
      into = Severity::kWarning;
    } else {
      fault("missing_primary_key", "expected one of off, info, warning");
    }
  }
  void read_lag(const json::value& value) {
    if (value.is_int64() && value.get_int64() >= 0 && value.get_int64() <= kMaxLag) {
      out_.settings.replica_lag_seconds = value.get_int64();
    } else {
      fault("replica_lag_seconds", "expected 0 to 604800 seconds; 0 turns it off");
    }
  }

  DriftSettingsReading& out_;
};

}  // namespace

std::regex DriftSettings::pattern() const {
  return std::regex(ignored, std::regex::ECMAScript | std::regex::optimize);
}

DriftSettingsReading read_drift_settings(std::string_view text) {
  DriftSettingsReading out;
  if (text.empty()) return out;
  boost::system::error_code fault;
  const auto value = json::parse(text, fault);
  if (fault || !value.is_object()) {
    out.errors.push_back({"", "expected a JSON object"});
    return out;
  }
  Reader(out).read(value.get_object());
  return out;
}

std::string to_json(const DriftSettings& settings) {
  const auto& severity = settings.missing_primary_key;
  return json::serialize(json::object{{"ignored", settings.ignored},
                                      {"definer", settings.compare.definer},
                                      {"whitespace", settings.compare.whitespace},
                                      {"missing_primary_key", severity ? name(*severity) : "off"},
                                      {"replica_lag_seconds", settings.replica_lag_seconds},
                                      {"watch_binlog", settings.watch_binlog}});
}

std::vector<std::string> tables_without_key(const schema::Schema& schema) {
  std::vector<std::string> names;
  for (const auto& [name, table] : schema.tables) {
    const auto not_null = [&table = table](const schema::IndexPart& part) {
      const auto column =
          std::find_if(table.columns.begin(), table.columns.end(),
                       [&](const auto& c) { return schema::same_name(c.name, part.column); });
      return column != table.columns.end() && !column->nullable;
    };
    const bool has_key =
        std::any_of(table.indexes.begin(), table.indexes.end(), [&](const schema::Index& index) {
          if (index.kind == schema::Index::Kind::Primary) return true;
          return index.kind == schema::Index::Kind::Unique &&
                 std::all_of(index.parts.begin(), index.parts.end(), not_null);
        });
    if (!has_key) names.push_back(name);
  }
  return names;
}

void forget_ignored(schema::Schema& schema, const std::regex& ignored) {
  std::erase_if(schema.tables,
                [&](const auto& table) { return std::regex_match(table.first, ignored); });
  std::erase_if(schema.triggers,
                [&](const auto& trigger) { return std::regex_match(trigger.first, ignored); });
}

}  // namespace sluice::change
