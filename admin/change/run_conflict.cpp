// The end of a rollback whose rows are not as the change left them: it says which.
#include "admin/change/execution.h"
#include "admin/change/server_facts.h"

namespace sluice::change {
namespace {

constexpr std::size_t kNamedConflicts = 10;   // in the task's reason; the preview lists more
constexpr std::uint64_t kSearched = 100'000;  // rows that are looked at after a conflict

std::string describe(const RowConflict& conflict) {
  const auto& cells = conflict.row.after.empty() ? conflict.row.before : conflict.row.after;
  std::string text = conflict.row.table + " (";
  for (std::size_t i = 0; i < cells.size() && i < 3; ++i) {
    text += (i == 0 ? "" : ", ") + cells[i].column + "=" + cells[i].value.value_or("NULL");
  }
  return text + (conflict.what == "exists" ? ") is there again" : ")");
}

}  // namespace

bool Execution::conflicted(RollbackScript& script, const std::string& why) {
  std::string reason = "nothing was undone: " + why;
  auto connection = mysql::Connection::open(options_);
  if (connection) {
    mysql::Limits limits;
    limits.cancellation = &signal_.cancellation;
    const auto found = find_conflicts(script.source(), **connection, kSearched, limits);
    if (found && found->conflicts > 0) {
      reason = "nothing was undone: " + std::to_string(found->conflicts) +
               (found->conflicts == 1 ? " row was" : " rows were") + " changed since: ";
      for (std::size_t i = 0; i < found->listed.size() && i < kNamedConflicts; ++i) {
        reason += (i == 0 ? "" : "; ") + describe(found->listed[i]);
      }
      if (found->conflicts > kNamedConflicts) reason += "; …";
      reason +=
          ". Put them back and retry, or make the rollback again with the choice to leave such "
          "rows as they are";
    }
  }
  done_.back().error = clean_text(reason);
  return fail(policy::TaskStatus::kFailed, reason);
}

}  // namespace sluice::change
