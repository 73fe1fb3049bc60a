#include "policy/gate.h"

#include <boost/json.hpp>

namespace sluice::policy {
namespace {

namespace json = boost::json;
using parser::ActionGroup;

constexpr std::array<std::string_view, kVerdicts> kVerdictNames{"pass", "record", "review", "hold",
                                                                "deny"};
constexpr std::uint64_t kMaxRows = 1'000'000'000'000;
constexpr std::uint64_t kMaxHoldSeconds = 24ULL * 60 * 60;

//                         read           session        transaction    dml
constexpr VerdictRow kTestService{Verdict::kPass, Verdict::kPass, Verdict::kPass, Verdict::kPass,
                                  //   ddl           account           server          opaque
                                  Verdict::kRecord, Verdict::kReview, Verdict::kDeny,
                                  Verdict::kPass};
constexpr VerdictRow kTestHuman{Verdict::kPass,   Verdict::kPass,   Verdict::kPass,
                                Verdict::kRecord, Verdict::kRecord, Verdict::kReview,
                                Verdict::kDeny,   Verdict::kRecord};
constexpr VerdictRow kProdService{Verdict::kPass, Verdict::kPass,   Verdict::kPass,
                                  Verdict::kPass, Verdict::kReview, Verdict::kReview,
                                  Verdict::kDeny, Verdict::kReview};
constexpr VerdictRow kProdHuman{Verdict::kPass,   Verdict::kPass,   Verdict::kPass,
                                Verdict::kReview, Verdict::kReview, Verdict::kReview,
                                Verdict::kDeny,   Verdict::kReview};

std::optional<std::size_t> group_index(std::string_view word) {
  for (std::size_t i = 0; i < kActionGroups; ++i) {
    if (word == parser::to_string(static_cast<ActionGroup>(i))) return i;
  }
  return std::nullopt;
}

class Reading {
 public:
  explicit Reading(const Gate& defaults) { out_.gate = defaults; }

  GateReading read(std::string_view text) {
    if (text.empty()) return std::move(out_);
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
    if (error || !value.is_object()) {
      fault("", "expected a JSON object like {\"human\": {\"ddl\": \"review\"}}");
      return std::move(out_);
    }
    for (const auto& [key, member] : value.get_object()) field(key, member);
    return std::move(out_);
  }

 private:
  void fault(std::string_view key, std::string message) {
    out_.errors.push_back({std::string(key), std::move(message)});
  }

  void field(std::string_view key, const json::value& value) {
    if (key == "service") return row(key, value, out_.gate.service);
    if (key == "human") return row(key, value, out_.gate.human);
    if (key == "shadow") {
      if (!value.is_bool()) return fault(key, "expected true or false");
      out_.gate.shadow = value.get_bool();
      return;
    }
    if (key == "max_affected_rows") {
      if (const auto number = count(key, value, 0, kMaxRows)) out_.gate.max_affected_rows = *number;
      return;
    }
    if (key == "hold_seconds") {
      if (const auto number = count(key, value, 1, kMaxHoldSeconds)) {
        out_.gate.hold_limit = std::chrono::seconds(*number);
      }
      return;
    }
    fault(key,
          "there is no such setting; expected service, human, shadow, max_affected_rows or "
          "hold_seconds");
  }

  void row(std::string_view who, const json::value& value, VerdictRow& row) {
    if (!value.is_object()) return fault(who, "expected an object of action groups and verdicts");
    for (const auto& [group, member] : value.get_object()) {
      const std::string key = std::string(who) + "." + std::string(group);
      const auto index = group_index(group);
      if (!index) {
        fault(key,
              "there is no such action group; expected read, session, transaction, dml, ddl, "
              "account, server or opaque");
        continue;
      }
      const auto verdict =
          member.is_string() ? parse_verdict(member.get_string()) : std::optional<Verdict>{};
      if (!verdict) {
        fault(key, "expected pass, record, review, hold or deny");
        continue;
      }
      // What changes nothing leaves nothing to record, and an issue of it would run nothing.
      const bool changes = static_cast<ActionGroup>(*index) > ActionGroup::Transaction;
      if (!changes && *verdict != Verdict::kPass && *verdict != Verdict::kDeny) {
        fault(key,
              "expected pass or deny: such a statement changes nothing that could be reviewed");
        continue;
      }
      row[*index] = *verdict;
    }
  }

  std::optional<std::uint64_t> count(std::string_view key, const json::value& value,
                                     std::uint64_t least, std::uint64_t most) {
    boost::system::error_code error;
    const auto number = value.to_number<std::uint64_t>(error);
    if (error || number < least || number > most) {
      fault(key, "expected a whole number from " + std::to_string(least) + " to " +
                     std::to_string(most));
      return std::nullopt;
    }
    return number;
  }

  GateReading out_;
};

json::object to_value(const VerdictRow& row) {
  json::object out;
  for (std::size_t i = 0; i < kActionGroups; ++i) {
    out[parser::to_string(static_cast<ActionGroup>(i))] = name(row[i]);
  }
  return out;
}

}  // namespace

std::string_view name(Verdict verdict) noexcept {
  return kVerdictNames[static_cast<std::size_t>(verdict)];
}

std::optional<Verdict> parse_verdict(std::string_view word) noexcept {
  for (std::size_t i = 0; i < kVerdicts; ++i) {
    if (word == kVerdictNames[i]) return static_cast<Verdict>(i);
  }
  return std::nullopt;
}

Gate default_gate(bool automatic) noexcept {
  Gate gate;
  gate.service = automatic ? kTestService : kProdService;
  gate.human = automatic ? kTestHuman : kProdHuman;
  return gate;
}

GateReading parse_gate(std::string_view json, const Gate& defaults) {
  return Reading(defaults).read(json);
}

std::string to_json(const Gate& gate) {
  return json::serialize(json::object{{"service", to_value(gate.service)},
                                      {"human", to_value(gate.human)},
                                      {"shadow", gate.shadow},
                                      {"max_affected_rows", gate.max_affected_rows},
                                      {"hold_seconds", gate.hold_limit.count()}});
}

}  // namespace sluice::policy
