#include "admin/change/gate_policies.h"

#include <algorithm>

#include "admin/change/scan.h"
#include "policy/context.h"

namespace sluice::change {
namespace {

store::Result<std::vector<store::DatabaseEntry>> databases_of(store::Store& store,
                                                              store::Id instance) {
  std::vector<store::DatabaseEntry> all;
  store::DatabaseFilter filter;
  filter.instance = instance;
  filter.limit = 1000;
  while (true) {
    auto page = store.databases().list(filter);
    if (!page) return page.error();
    const bool last = static_cast<std::int64_t>(page->size()) < filter.limit;
    for (auto& database : *page) all.push_back(std::move(database));
    if (last) return all;
    filter.after = all.back().id;
  }
}

policy::Gate gate_of(const store::Environment* environment) {
  if (environment == nullptr) return policy::default_gate(false);
  const bool automatic = environment->rules.approval == policy::Approval::kAutomatic;
  auto reading = policy::parse_gate(environment->gate, policy::default_gate(automatic));
  return reading.errors.empty() ? reading.gate : policy::default_gate(false);
}

// Databases of which the last scan could not read everything: a program that is not recorded may
// be there.
store::Result<std::vector<store::Id>> unreadable(store::Store& store) {
  store::AnomalyFilter filter;
  filter.open = true;
  filter.kind = "schema.unreadable";
  filter.limit = 10'000;
  const auto open = store.anomalies().list(filter);
  if (!open) return open.error();
  std::vector<store::Id> ids;
  for (const auto& anomaly : *open) ids.push_back(anomaly.database);
  return ids;
}

}  // namespace

store::Result<GatePolicies::Texts> GatePolicies::texts(const store::DatabaseEntry& database) {
  auto& [hash, known] = texts_[database.id];
  if (known && hash == database.schema_hash) return known;
  const auto model = schemas_.recorded(store_, database);
  if (!model) return model.error();
  parser::Dialect server;
  const auto target = target_of(database.schema_version);
  server.engine = target.mariadb ? parser::Engine::MariaDb : parser::Engine::MySql;
  server.server_version = target.version;
  std::vector<ProgramText> read;
  if (*model) {
    read = program_texts(**model, server, known ? *known : std::vector<ProgramText>());
  }
  known = std::make_shared<const std::vector<ProgramText>>(std::move(read));
  hash = database.schema_hash;
  return known;
}

store::Result<std::shared_ptr<const policy::Programs>> GatePolicies::programs(
    store::Id instance, const std::vector<store::DatabaseEntry>& databases,
    const std::vector<store::Id>& unreadable) {
  std::string key;
  std::vector<Texts> all;
  std::vector<std::string> complete;
  for (const auto& database : databases) {
    const auto read = texts(database);
    if (!read) return read.error();
    all.push_back(*read);
    const bool whole = !database.schema_hash.empty() &&
                       std::ranges::find(unreadable, database.id) == unreadable.end();
    if (whole) complete.push_back(database.name);
    key += database.name + '\0' + database.schema_hash + (whole ? '1' : '0');
  }
  Made& made = made_[instance];
  if (!made.programs || made.key != key) made = {std::move(key), make_programs(all, complete)};
  return made.programs;
}

store::Result<policy::PolicySet> GatePolicies::read() {
  const auto environments = store_.environments();
  if (!environments) return environments.error();
  const auto instances = store_.instances();
  if (!instances) return instances.error();
  const auto hidden = unreadable(store_);
  if (!hidden) return hidden.error();
  policy::PolicySet set;
  set.transparent = false;
  for (const auto& instance : *instances) {
    if (instance.engine != "mysql") continue;
    const auto databases = databases_of(store_, instance.id);
    if (!databases) return databases.error();
    policy::InstancePolicy& policy = set.instances[instance.name];
    policy.name = instance.name;
    const auto found =
        std::ranges::find(*environments, instance.environment, &store::Environment::id);
    const bool known = found != environments->end();
    if (known) policy.environment = found->name;
    policy.gate = gate_of(known ? &*found : nullptr);
    for (const auto& database : *databases) {
      policy.databases[database.name] = {database.project, database.frozen, database.freeze_reason};
    }
    auto made = programs(instance.id, *databases, *hidden);
    if (!made) return made.error();
    policy.programs = std::move(*made);
  }
  return set;
}

}  // namespace sluice::change
