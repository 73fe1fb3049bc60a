// Checks of a rollback's task. Nothing is executed.
#include "admin/change/checks.h"
#include "admin/change/rollback_preview.h"
#include "admin/change/server_facts.h"
#include "parser/sqltext/quote.h"

namespace sluice::change {
namespace {

using store::CheckLevel;

void add(Checks& checks, std::string kind, CheckLevel level, std::string title,
         const std::string& detail) {
  store::TaskCheck check;
  check.kind = std::move(kind);
  check.level = level;
  check.title = std::move(title);
  check.detail = clean_text(detail);
  checks.push_back(std::move(check));
}

// The privileges that SQL statements need; row events need them on the tables, too.
void check_grants(const std::vector<TableTally>& tables, const SnapshotReader& reader,
                  Checks& checks) {
  bool good = true;
  for (const TableTally& table : tables) {
    std::vector<std::string_view> wanted{"SELECT"};
    if (table.inserted > 0) wanted.emplace_back("DELETE");
    if (table.updated > 0) wanted.emplace_back("UPDATE");
    if (table.deleted > 0) wanted.emplace_back("INSERT");
    for (const auto privilege : wanted) {
      if (reader.grants().has(privilege, table.schema) ||
          reader.grants().has_on_part(privilege, table.schema)) {
        continue;
      }
      good = false;
      add(checks, "privileges", CheckLevel::kError, std::string(privilege) + " is missing",
          "Grant the instance's account " + std::string(privilege) + " on " +
              sqltext::quote_identifier(table.schema) + ".*");
    }
  }
  if (good) add(checks, "privileges", CheckLevel::kPassed, "The account may run it", "");
}

void check_conflicts(const ConflictReport& report, store::OnConflict choice, Checks& checks) {
  const std::string rows = report.rows_checked == 1 ? " row was" : " rows were";
  const std::string looked = std::to_string(report.rows_checked) +
                             (report.whole ? rows : " of the newest rows were") + " compared.";
  if (report.conflicts == 0) {
    add(checks, "conflicts", CheckLevel::kPassed, "The rows are as the change left them", looked);
    return;
  }
  const std::string title = std::to_string(report.conflicts) +
                            (report.conflicts == 1 ? " row was" : " rows were") + " changed since";
  if (choice == store::OnConflict::kLeave) {
    add(checks, "conflicts", CheckLevel::kWarning, title,
        "They are left as they are; the preview lists them. " + looked);
  } else {
    add(checks, "conflicts", CheckLevel::kError, title,
        "Nothing would be undone. Put the rows back as the change left them and check again, or "
        "make the rollback anew with the choice to leave such rows; the preview lists them. " +
            looked);
  }
}

}  // namespace

store::Result<void> check_rollback(store::Store& store, const store::Task& task,
                                   SnapshotReader& reader, Checks& checks) {
  const auto undoes = store.rollbacks().of_task(task.id);
  if (!undoes) return undoes.error();
  RollbackPreview preview;
  preview.task = task;
  if (*undoes) {
    auto data = store.rollbacks().get((*undoes)->data);
    if (!data) return data.error();
    preview.data = std::move(*data);
  }
  if (!preview.data || preview.data->state != store::RollbackState::kWhole) {
    add(checks, "rollback", CheckLevel::kError, "The rows are not kept any more",
        preview.data ? preview.data->reason : "Make the rollback anew.");
    return {};
  }
  PreviewLimits limits;
  limits.whole = true;
  const auto looked = preview_data(store, reader.connection().options(), limits, preview);
  if (!looked) {
    add(checks, "connection", CheckLevel::kError, "The tables cannot be read",
        looked.error().message);
    return {};
  }
  if (!preview.refused.empty()) {
    add(checks, "rollback", CheckLevel::kError, "It cannot be rolled back", preview.refused);
    return {};
  }
  add(checks, "rollback", CheckLevel::kPassed,
      preview.exact ? "Row events are applied, bit for bit" : "SQL statements are applied",
      std::to_string(preview.data->rows) + (preview.data->rows == 1 ? " row" : " rows") +
          (preview.exact ? "; triggers do not fire." : "; in one transaction."));
  for (const auto& finding : preview.findings) {
    add(checks, "rollback",
        finding.severity == Severity::kInfo ? CheckLevel::kPassed : CheckLevel::kWarning,
        finding.title, finding.detail);
  }
  check_grants(preview.tables, reader, checks);
  check_conflicts(preview.conflicts, (*undoes)->on_conflict, checks);
  return {};
}

}  // namespace sluice::change
