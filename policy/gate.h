// An environment's gate: what is done with a statement, by who sends it and by what it may do. The
// grid of verdicts and the limits beside it, and their JSON form. Pure values.
//
//   { "service": {"read": "pass", …, "opaque": "review"}, "human": {…},
//     "shadow": false, "max_affected_rows": 0, "hold_seconds": 600 }
//
// What a text leaves out keeps the environment's default.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/facts.h"
#include "policy/account.h"

namespace sluice::policy {

// From the freest to the most restricted.
enum class Verdict : std::uint8_t {
  kPass,    // goes to the server
  kRecord,  // runs at once, with checks and an entry in the change history
  kReview,  // becomes an issue; nothing runs
  kHold,    // becomes an issue, and the client waits for its end
  kDeny,    // refused
};
inline constexpr std::size_t kVerdicts = 5;
inline constexpr std::size_t kActionGroups = 8;  // of parser::ActionGroup

[[nodiscard]] std::string_view name(Verdict verdict) noexcept;
[[nodiscard]] std::optional<Verdict> parse_verdict(std::string_view word) noexcept;

using VerdictRow = std::array<Verdict, kActionGroups>;  // by parser::ActionGroup

struct Gate {
  VerdictRow service{};
  VerdictRow human{};
  bool shadow = false;  // everything passes; verdicts are counted and listed
  // Rows that one data change may touch before it is rolled back; 0: no limit.
  std::uint64_t max_affected_rows = 0;
  std::chrono::seconds hold_limit{600};  // how long a held client waits

  [[nodiscard]] const VerdictRow& row(AccountKind kind) const noexcept {
    return kind == AccountKind::kHuman ? human : service;
  }
  friend bool operator==(const Gate&, const Gate&) = default;
};

// The gate that an environment begins with: that of Test where changes are approved by themselves,
// that of Prod where a person approves.
[[nodiscard]] Gate default_gate(bool automatic) noexcept;

struct GateError {
  std::string key;      // "human.ddl"
  std::string message;  // a sentence that says what would be right
};
struct GateReading {
  Gate gate;  // with errors: not to be used
  std::vector<GateError> errors;
};

// Empty text is `{}`. Every fault is reported.
[[nodiscard]] GateReading parse_gate(std::string_view json, const Gate& defaults);
// The whole gate as text that parse_gate() takes.
[[nodiscard]] std::string to_json(const Gate& gate);

}  // namespace sluice::policy
