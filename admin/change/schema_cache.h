// Recorded schemas as models, by the hash of their text: reading a schema of a thousand tables
// takes longer than the change that asks for it. Bounded: kModels, the least used goes.
//
// Any thread.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "admin/store/store.h"
#include "parser/schema/model.h"

namespace sluice::change {

class SchemaCache {
 public:
  static constexpr std::size_t kModels = 64;

  // The database's recorded schema; null when none is recorded.
  [[nodiscard]] store::Result<std::shared_ptr<const schema::Schema>> recorded(
      store::Store& store, const store::DatabaseEntry& database);
  // The model of a text that is about to be recorded for a database of the model's name.
  void keep(const std::string& hash, const std::string& server_version,
            std::shared_ptr<const schema::Schema> model);

 private:
  using Entry = std::pair<std::string, std::shared_ptr<const schema::Schema>>;
  [[nodiscard]] std::shared_ptr<const schema::Schema> find(const std::string& key);
  void put(const std::string& key, std::shared_ptr<const schema::Schema> model);

  std::mutex mutex_;
  std::list<Entry> models_;  // the last used first
};

}  // namespace sluice::change
