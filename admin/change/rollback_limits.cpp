#include "admin/change/rollback_limits.h"

#include <boost/json.hpp>

namespace sluice::change {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMaxMib = 65536;
constexpr std::int64_t kMaxDays = 3650;

}  // namespace

RollbackLimitsReading read_rollback_limits(std::string_view text) {
  RollbackLimitsReading reading;
  const auto fault = [&](std::string key, std::string message) {
    reading.errors.push_back({std::move(key), std::move(message)});
  };
  boost::system::error_code error;
  const auto value = json::parse(text.empty() ? "{}" : text, error);
  if (error || !value.is_object()) {
    fault("", "expected an object like {\"keep\": true, \"max_mib\": 256, \"days\": 30}");
    return reading;
  }
  for (const auto& member : value.get_object()) {
    const std::string_view key = member.key();
    const json::value& setting = member.value();
    const auto number = [&](std::int64_t max, std::uint64_t& to) {
      const auto* integer = setting.if_int64();
      if (integer == nullptr || *integer < 1 || *integer > max) {
        fault(std::string(key), "expected an integer from 1 to " + std::to_string(max));
      } else {
        to = static_cast<std::uint64_t>(*integer);
      }
    };
    const auto flag = [&](bool& to) {
      if (setting.is_bool()) {
        to = setting.get_bool();
      } else {
        fault(std::string(key), "expected true or false");
      }
    };
    if (key == "keep") {
      flag(reading.limits.keep);
    } else if (key == "recorded") {
      flag(reading.limits.recorded);
    } else if (key == "max_mib") {
      number(kMaxMib, reading.limits.max_mib);
    } else if (key == "days") {
      number(kMaxDays, reading.limits.days);
    } else {
      fault(std::string(key), "there is no such setting; there are keep, max_mib, days, recorded");
    }
  }
  return reading;
}

std::string to_json(const RollbackLimits& limits) {
  return json::serialize(json::object{{"keep", limits.keep},
                                      {"max_mib", limits.max_mib},
                                      {"days", limits.days},
                                      {"recorded", limits.recorded}});
}

}  // namespace sluice::change
