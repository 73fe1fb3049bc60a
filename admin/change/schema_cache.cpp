#include "admin/change/schema_cache.h"

#include <algorithm>

#include "admin/change/scan.h"

namespace sluice::change {
namespace {

// The same text means another model on another server, and in a database of another name.
std::string key_of(const std::string& hash, const std::string& version, const std::string& name) {
  return hash + ' ' + version + ' ' + name;
}

}  // namespace

std::shared_ptr<const schema::Schema> SchemaCache::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(models_, key, &Entry::first);
  if (found == models_.end()) return nullptr;
  models_.splice(models_.begin(), models_, found);
  return models_.front().second;
}

void SchemaCache::keep(const std::string& hash, const std::string& server_version,
                       std::shared_ptr<const schema::Schema> model) {
  put(key_of(hash, server_version, model->name), model);
}

void SchemaCache::put(const std::string& key, std::shared_ptr<const schema::Schema> model) {
  const std::lock_guard lock(mutex_);
  std::erase_if(models_, [&](const Entry& entry) { return entry.first == key; });
  models_.emplace_front(key, std::move(model));
  if (models_.size() > kModels) models_.pop_back();
}

store::Result<std::shared_ptr<const schema::Schema>> SchemaCache::recorded(
    store::Store& store, const store::DatabaseEntry& database) {
  if (database.schema_hash.empty()) return std::shared_ptr<const schema::Schema>();
  const std::string key = key_of(database.schema_hash, database.schema_version, database.name);
  if (auto known = find(key)) return known;
  const auto text = store.issues().kept(database.schema_hash);
  if (!text) return text.error();
  auto model = std::make_shared<schema::Schema>(
      schema::read(*text, target_of(database.schema_version)).schema);
  model->name = database.name;
  put(key, model);
  return std::shared_ptr<const schema::Schema>(std::move(model));
}

}  // namespace sluice::change
