// Statement sheets and schemas, each kept once under its hash.
#include "admin/store/seal.h"
#include "admin/store/store_rows.h"
#include "parser/redact.h"

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

void seal_sheet(const Sealer& sealer, NewTask& task) {
  const parser::Secrets secrets(task.statement);
  if (!secrets.empty()) task.sealed_sheet = sealer.seal(task.statement);
}

std::unique_ptr<NewIssue> sealed_copy(const Sealer& sealer, const NewIssue& made) {
  const bool hides = std::ranges::any_of(
      made.tasks, [](const NewTask& task) { return !parser::Secrets(task.statement).empty(); });
  if (!hides) return nullptr;
  auto copy = std::make_unique<NewIssue>(made);
  for (NewTask& task : copy->tasks) seal_sheet(sealer, task);
  return copy;
}

void seal_sheets(const Sealer& sealer, IssueUpdate& update) {
  for (TaskUpdate& task : update.tasks) {
    if (!task.statement || parser::Secrets(*task.statement).empty()) continue;
    task.sealed_sheet = sealer.seal(*task.statement);
  }
}

}  // namespace sluice::store
