// Opens the workspace's store as a program is told to: a folder, or a PostgreSQL and a folder for
// the key file.
#pragma once

#include <memory>
#include <string>

#include "admin/store/store.h"

namespace sluice::store {

struct Place {
  std::string folder;               // holds key and, without a URL, sluice.db; made with mode 0700
  std::string postgres_url;         // empty: SQLite in the folder
  std::string postgres_password{};  // empty: what the URL or PostgreSQL's own files say
};

// Makes folder, key file and tables where they do not exist. Errors: Store::open()'s, with a
// sentence for a person that names the file and says what to do. Never with the URL: it may hold a
// password.
[[nodiscard]] Result<std::unique_ptr<Store>> open_store(const Place& place);

// The database alone, which must exist: nothing is made or changed, and no key is needed.
[[nodiscard]] Result<std::unique_ptr<Database>> open_existing_database(const Place& place);

}  // namespace sluice::store
