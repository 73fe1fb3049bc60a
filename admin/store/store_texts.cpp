// Statement sheets and schemas, each kept once under its hash.
#include "admin/store/seal.h"
#include "admin/store/store_rows.h"

namespace sluice::store {

Result<std::string> keep_text(Database& database, const std::string& text) {
  std::string hash = sha256_hex(text);
  const auto put =
      run(database, "INSERT INTO texts (hash, text) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING",
          {hash, text});
  if (!put) return put.error();
  return hash;
}

Result<std::string> kept_text(Database& database, const std::string& hash) {
  if (hash.empty()) return std::string();
  const auto row = run_one(database, "SELECT text FROM texts WHERE hash = $1", {hash});
  if (!row) return row.error();
  return text(row->at(0));
}

}  // namespace sluice::store
