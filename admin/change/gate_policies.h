// The gate's set of policies, from the store: environments' gates, instances, databases with their
// projects and freezes, and what the stored programs of their recorded schemas may do.
//
// The store and the cache must outlive it. One thread at a time; blocks on the store. What was read
// of programs is kept by the hash of its schema, so that a set is made anew in about the time of
// its queries.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "admin/change/programs.h"
#include "admin/change/schema_cache.h"
#include "admin/store/store.h"
#include "policy/policy_set.h"

namespace sluice::change {

class GatePolicies {
 public:
  GatePolicies(store::Store& store, SchemaCache& schemas) : store_(store), schemas_(schemas) {}

  // Of the store's instances; never transparent. An environment whose gate cannot be read has that
  // of Prod: in doubt the gate refuses.
  [[nodiscard]] store::Result<policy::PolicySet> read();

 private:
  using Texts = std::shared_ptr<const std::vector<ProgramText>>;
  // Of one instance: what its programs were made of, and they.
  struct Made {
    std::string key;
    std::shared_ptr<const policy::Programs> programs;
  };
  [[nodiscard]] store::Result<Texts> texts(const store::DatabaseEntry& database);
  [[nodiscard]] store::Result<std::shared_ptr<const policy::Programs>> programs(
      store::Id instance, const std::vector<store::DatabaseEntry>& databases,
      const std::vector<store::Id>& unreadable);

  store::Store& store_;
  SchemaCache& schemas_;
  std::map<store::Id, std::pair<std::string, Texts>> texts_;  // by database, with the hash
  std::map<store::Id, Made> made_;                            // by instance
};

}  // namespace sluice::change
