// An immutable set of policies with its version: what the gate is told of environments, instances
// and databases. Values; shared as `const` snapshots between threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/gate.h"
#include "policy/programs.h"

namespace sluice::policy {

struct DatabasePolicy {
  std::int64_t project = 0;
  bool frozen = false;
  std::string freeze_reason;
};

struct InstancePolicy {
  std::string name;
  std::string environment;  // its name, for messages
  // No gate here: everything a known account sends passes, and is counted by digest all the same.
  bool transparent = false;
  Gate gate;
  std::shared_ptr<const Programs> programs;                      // null: nothing is known of them
  std::map<std::string, DatabasePolicy, std::less<>> databases;  // by schema name
};

struct PolicySet {
  std::uint64_t version = 1;
  // Everything a known account sends to an instance that it may reach passes. Off, and with no rule
  // that permits, everything is refused: when in doubt the gate refuses.
  bool transparent = true;
  std::map<std::string, InstancePolicy, std::less<>> instances;  // by name

  [[nodiscard]] const InstancePolicy* find(std::string_view instance) const {
    const auto found = instances.find(instance);
    return found == instances.end() ? nullptr : &found->second;
  }
};

}  // namespace sluice::policy
