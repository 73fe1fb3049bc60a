// The audit log: a chain in which every entry holds the hash of the one before it.
//
//   hash = SHA-256(previous_hash, id, time, actor, action, target, outcome, detail),
//          each as its length in decimal, ':' and its bytes
#include "admin/store/store_rows.h"

namespace sluice::store {
namespace {

// Of the first entry.
const std::string kNoHash(64, '0');

// Entries that are looked at in one statement.
constexpr std::int64_t kPage = 1000;

constexpr std::string_view kAudit =
    " id, time, actor, action, target, outcome, detail, previous_hash, hash ";

AuditEntry read_entry(const Row& row) {
  return {integer(row.at(0)), to_time(row.at(1)), text(row.at(2)), text(row.at(3)), text(row.at(4)),
          text(row.at(5)),    text(row.at(6)),    text(row.at(7)), text(row.at(8))};
}

// The chain, page by page.
struct Walk {
  AuditVerdict& verdict;
  std::string_view anchor;
  std::string previous;
  Id last;

  // False: the end, or an entry that does not fit.
  [[nodiscard]] Result<bool> page(Database& database) {
    const auto rows = run(
        database, "SELECT" + std::string(kAudit) + "FROM audit WHERE id > $1 ORDER BY id LIMIT $2",
        {last, kPage});
    if (!rows) return rows.error();
    for (const Row& row : rows->rows) {
      const AuditEntry entry = read_entry(row);
      if (entry.id != last + 1 || entry.previous_hash != previous ||
          entry.hash != audit_hash(entry)) {
        verdict.first_bad = entry.id;
        return false;
      }
      ++verdict.entries;
      verdict.newest_hash = entry.hash;
      verdict.anchor_found = verdict.anchor_found || entry.hash == anchor;
      last = entry.id;
      previous = entry.hash;
    }
    return static_cast<std::int64_t>(rows->rows.size()) == kPage;
  }
};

}  // namespace

std::string audit_hash(const AuditEntry& entry) {
  std::string bytes;
  for (const auto& field :
       {entry.previous_hash, std::to_string(entry.id), std::to_string(to_cell(entry.time)),
        entry.actor, entry.action, entry.target, entry.outcome, entry.detail}) {
    bytes += std::to_string(field.size()) + ':' + field;
  }
  return sha256_hex(bytes);
}

Result<AuditEntry> Store::append_audit(AuditEntry entry) {
  std::vector<AuditEntry> one{std::move(entry)};
  if (auto put = append_audit(one); !put) return put.error();
  return std::move(one.front());
}

Result<void> Store::append_audit(std::vector<AuditEntry>& entries) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(*database_);
  if (!transaction.begun()) return transaction.begun().error();
  if (database_->dialect() == Dialect::kPostgres) {
    // One writer at the time: two entries must not follow the same one.
    if (auto locked = database_->script("LOCK TABLE audit IN EXCLUSIVE MODE"); !locked) {
      return locked.error();
    }
  }
  const auto last = run(*database_, "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1");
  if (!last) return last.error();
  const bool first = last->rows.empty();
  Id id = first ? 0 : integer(last->rows[0].at(0));
  std::string previous = first ? kNoHash : text(last->rows[0].at(1));
  for (AuditEntry& entry : entries) {
    entry.id = ++id;
    entry.previous_hash = std::move(previous);
    entry.hash = audit_hash(entry);
    previous = entry.hash;
    if (auto put =
            checked(run(*database_,
                        "INSERT INTO audit (id, time, actor, action, target, outcome, "
                        "detail, previous_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, "
                        "$8, $9)",
                        {entry.id, to_cell(entry.time), entry.actor, entry.action, entry.target,
                         entry.outcome, entry.detail, entry.previous_hash, entry.hash}));
        !put) {
      return put;
    }
  }
  return transaction.commit();
}

Result<std::vector<AuditEntry>> Store::audit(const AuditFilter& filter) {
  const std::lock_guard lock(mutex_);
  std::string sql = "SELECT" + std::string(kAudit) + "FROM audit WHERE time >= $1";
  std::vector<Cell> values{filter.since ? to_cell(*filter.since) : std::int64_t{0}};
  const auto add = [&](std::string_view condition, Cell value) {
    values.push_back(std::move(value));
    sql += " AND " + std::string(condition) + " $" + std::to_string(values.size());
  };
  if (!filter.actor.empty()) add("actor =", filter.actor);
  if (!filter.action.empty()) add("action =", filter.action);
  if (filter.before > 0) add("id <", filter.before);
  values.emplace_back(filter.limit);
  sql += " ORDER BY id DESC LIMIT $" + std::to_string(values.size());
  return read_all<AuditEntry>(database_->run(sql, values), read_entry);
}

Result<AuditVerdict> Store::verify_audit() {
  AuditVerdict verdict;
  Walk walk{verdict, {}, kNoHash, 0};
  while (true) {
    // Locked a page at the time: a long log does not stop the workspace.
    const std::lock_guard lock(mutex_);
    const auto more = walk.page(*database_);
    if (!more) return more.error();
    if (!*more) return verdict;
  }
}

Result<AuditVerdict> verify_audit(Database& database, std::string_view anchor) {
  AuditVerdict verdict;
  Walk walk{verdict, anchor, kNoHash, 0};
  while (true) {
    const auto more = walk.page(database);
    if (!more) return more.error();
    if (!*more) return verdict;
  }
}

}  // namespace sluice::store
