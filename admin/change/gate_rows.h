// What a running change of the gate keeps in the store as JSON, and the statements of its history
// entry. Pure.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "admin/store/store.h"
#include "policy/change_sink.h"

namespace sluice::change {

// A database that a change touches, as it was before.
struct GateDatabase {
  store::Id id = 0;  // 0: it is made by the change
  store::Id project = 0;
  std::string name;
  std::set<std::string> names;  // objects whose definitions may change
  bool whole = false;           // every definition may
  bool creates = false;
  // Hash of the schema before, where it was not the recorded one: somebody had changed these
  // objects beside Sluice, or nothing was recorded.
  std::string before;
  // With `before`: hash of the schema that was recorded then.
  std::string recorded{};
  [[nodiscard]] bool defines() const noexcept { return whole || !names.empty(); }
};

[[nodiscard]] std::string to_json(const std::vector<GateDatabase>& databases);
[[nodiscard]] std::vector<GateDatabase> read_databases(std::string_view json);

// Texts and groups; affected rows as far as they are known.
[[nodiscard]] std::string to_json(const std::vector<policy::ChangeStatement>& statements);
[[nodiscard]] std::vector<policy::ChangeStatement> read_statements(std::string_view json);
// In place of statements of a long transaction that are counted and not kept.
[[nodiscard]] policy::ChangeStatement left_out(const policy::ChangeRequest& request);

// The history's account of each statement. `state`: of those before the last, and of the last.
struct GateFates {
  std::string before = "done";
  std::string last = "done";
  std::string error;  // of the last
  std::string gtids;  // of all of them; stands at the last
  bool rows_known = true;
};
[[nodiscard]] std::string history_json(const std::vector<policy::ChangeStatement>& statements,
                                       const GateFates& fates, store::Time started,
                                       std::chrono::microseconds duration);

}  // namespace sluice::change
