#include "admin/store/open.h"

#include <filesystem>
#include <system_error>

#include <sys/stat.h>

namespace sluice::store {
namespace {

namespace fs = std::filesystem;

// What each failure asks a person to do.
std::string advice(Failure kind) {
  switch (kind) {
    case Failure::kWrongKey:
      return "; put the key file back that belongs to this store: without it the sealed "
             "passwords are lost";
    case Failure::kNewer: return "; run the newer program, or restore a backup";
    case Failure::kFull: return "; free some space";
    case Failure::kBusy: return "; is another program using it?";
    default: return "";
  }
}

Fault with_place(const Fault& fault, const std::string& name) {
  std::string detail = fault.detail;
  while (!detail.empty() && (detail.back() == '\n' || detail.back() == ' ')) detail.pop_back();
  for (char& c : detail) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  // The library's text may begin with the name already.
  if (!detail.starts_with(name)) detail = name + ": " + detail;
  return {fault.kind, detail + advice(fault.kind)};
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code fault;
  if (fs::is_directory(folder, fault)) return {};
  if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), fault);
  if (::mkdir(folder.c_str(), 0700) != 0 && !fs::is_directory(folder, fault)) {
    return Fault{Failure::kUnavailable, folder.string() + ": the folder cannot be made"};
  }
  return {};
}

Result<std::unique_ptr<Store>> open_at(const Place& place, const std::string& database_file) {
  const std::string key_file = (fs::path(place.folder) / "key").string();
  const bool postgres = !place.postgres_url.empty();
  const std::string name = postgres ? "the PostgreSQL of store.url" : database_file;
  auto sealer = open_key_file(key_file);
  if (!sealer) return with_place(sealer.error(), key_file);
  auto database = postgres ? open_postgres(place.postgres_url, place.postgres_password)
                           : open_sqlite(database_file);
  if (!database) return with_place(database.error(), name);
  auto store = Store::open(std::move(*database), std::move(*sealer));
  if (store) return store;
  const bool key = store.error().kind == Failure::kWrongKey;
  return with_place(store.error(), key ? key_file : name);
}

}  // namespace

Result<std::unique_ptr<Store>> open_store(const Place& place) {
  if (auto made = make_folder(place.folder); !made) return made.error();
  return open_at(place, (fs::path(place.folder) / "sluice.db").string());
}

Result<std::unique_ptr<Database>> open_existing_database(const Place& place) {
  const bool postgres = !place.postgres_url.empty();
  const std::string file = (fs::path(place.folder) / "sluice.db").string();
  std::error_code fault;
  if (!postgres && !fs::exists(file, fault)) {
    return Fault{Failure::kUnavailable, file + ": there is no such file"};
  }
  auto database =
      postgres ? open_postgres(place.postgres_url, place.postgres_password) : open_sqlite(file);
  if (!database) {
    return with_place(database.error(), postgres ? "the PostgreSQL of --store" : file);
  }
  return database;
}

}  // namespace sluice::store
