#include "proxy/binlog/select.h"

#include <algorithm>

namespace sluice::binlog {
namespace {

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// Whether the text begins with the words, whatever their case; servers write one blank between.
bool begins(std::string_view text, std::string_view words) {
  return text.size() >= words.size() && std::equal(words.begin(), words.end(), text.begin(),
                                                   [](char a, char b) { return a == upper(b); });
}

std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "X'";
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[c & 15];
  }
  return out + '\'';
}

// As the server writes an XID into XA COMMIT and XA ROLLBACK.
std::string xid_text(const XaPrepare& xa) {
  return hex(xa.gtrid) + ',' + hex(xa.bqual) + ',' + std::to_string(xa.format);
}

}  // namespace

bool Selection::withdrawn(std::uint64_t group) const {
  return std::ranges::find(withdrawn_, group) != withdrawn_.end();
}

GtidSet Selection::missing() const {
  GtidSet out = criteria_.gtids.value_or(GtidSet{});
  out.subtract(seen_);
  return out;
}

void Selection::obstacle(std::string what) {
  obstacles_.push_back({group_, std::move(what)});
}

void Selection::begin_group(std::uint32_t timestamp) {
  if (group_ != 0 && group_took_)
    obstacle("a transaction of the change has no end in the log: another one begins before it");
  group_ = ++groups_;
  in_transaction_ = false;
  group_took_ = false;
  group_time_ = timestamp;
  group_thread_.reset();
  gtid_.reset();
  maria_gtid_.reset();
  parallel_ = true;
}

void Selection::end_group(bool committed) {
  if (group_took_) {
    if (!committed) withdrawn_.push_back(group_);
    if (committed && gtid_) taken_.add(*gtid_);
    if (committed && maria_gtid_) taken_.add(*maria_gtid_);
  }
  group_ = 0;
  group_took_ = false;
  in_transaction_ = false;
}

bool Selection::wanted() const {
  if (criteria_.thread_id && group_thread_ != criteria_.thread_id) return false;
  if (criteria_.skips_parallel && parallel_) return false;
  if (criteria_.start_time && group_time_ < *criteria_.start_time) return false;
  if (criteria_.stop_time && group_time_ >= *criteria_.stop_time) return false;
  if (!criteria_.gtids) return true;
  return (gtid_ && criteria_.gtids->contains(*gtid_)) ||
         (maria_gtid_ && criteria_.gtids->contains(*maria_gtid_));
}

bool Selection::wanted_table(const TableMap& table) const {
  return criteria_.tables.empty() || std::ranges::any_of(criteria_.tables, [&](const auto& wanted) {
           return wanted.first == table.schema && wanted.second == table.table;
         });
}

Result<Selection::Verdict> Selection::feed(const Event& event) {
  const auto& header = event.header;
  if (const auto* format = std::get_if<FormatDescription>(&event.body)) {
    // A server that fell leaves the last transaction of its file without an end: it was not kept.
    if (group_ != 0) end_group(false);
    maria_ = format->maria;
  } else if (const auto* gtid = std::get_if<Gtid>(&event.body)) {
    begin_group(header.timestamp);
    gtid_ = gtid->gtid;
    if (gtid_ && criteria_.gtids && criteria_.gtids->contains(*gtid_)) seen_.add(*gtid_);
  } else if (const auto* maria = std::get_if<MariaGtidEvent>(&event.body)) {
    begin_group(header.timestamp);
    maria_gtid_ = maria->gtid;
    parallel_ = maria->parallel;
    if (criteria_.gtids && criteria_.gtids->contains(*maria_gtid_)) seen_.add(*maria_gtid_);
    in_transaction_ = !maria->standalone;
  } else if (const auto* query = std::get_if<Query>(&event.body)) {
    if (auto done = on_query(header, *query); !done) return done.error();
  } else if (std::holds_alternative<Xid>(event.body)) {
    end_group(true);
  } else if (const auto* prepare = std::get_if<XaPrepare>(&event.body)) {
    on_xa_prepare(*prepare);
  } else if (const auto* incident = std::get_if<Incident>(&event.body)) {
    obstacle("the server lost events here (INCIDENT: " + incident->message + ")");
  } else if (const auto* rows = std::get_if<Rows>(&event.body)) {
    if (criteria_.thread_id && maria_) {
      return Error{Fault::kConflict,
                   "MariaDB's binary log says no thread of a data change: select by GTID, by "
                   "position or by time"};
    }
    if (!wanted() || !wanted_table(*rows->table)) return Verdict::kSkip;
    group_took_ = true;
    took_any_ = true;
    return Verdict::kTake;
  }
  return Verdict::kOther;
}

Result<void> Selection::on_query(const EventHeader& header, const Query& query) {
  const std::string_view sql = query.sql;
  if (sql == "BEGIN" || begins(sql, "XA START")) {
    if (group_ == 0) begin_group(header.timestamp);
    in_transaction_ = true;
    group_thread_ = query.thread_id;
    return {};
  }
  if (sql == "COMMIT") {
    end_group(true);
    return {};
  }
  if (sql == "ROLLBACK") {
    // Changes of tables without transactions stay although the transaction is rolled back; which
    // of the rows those are, the log does not say.
    if (group_took_)
      obstacle(
          "a transaction of the change was rolled back after it changed tables without "
          "transactions: which of its rows were kept is not in the log");
    end_group(false);
    return {};
  }
  if (begins(sql, "ROLLBACK TO")) {
    if (group_took_)
      obstacle("the change rolls back to a savepoint after it changed tables without transactions");
    return {};
  }
  if (begins(sql, "SAVEPOINT") || begins(sql, "RELEASE SAVEPOINT") || begins(sql, "XA END"))
    return {};
  const bool commits = begins(sql, "XA COMMIT ");
  if (commits || begins(sql, "XA ROLLBACK ")) {
    decide_xa(sql.substr(commits ? 10 : 12), commits);
    end_group(true);
    return {};
  }
  on_text(header, query);
  return {};
}

// DDL, DML in statement format, and everything else that is no transaction control.
void Selection::on_text(const EventHeader& header, const Query& query) {
  if (group_ == 0) begin_group(header.timestamp);
  if (!in_transaction_) group_thread_ = query.thread_id;
  const bool selected = wanted();
  if (selected || took_any_) {
    if (texts_.size() < kMaxTexts)
      texts_.push_back({group_, header.timestamp, query.thread_id, query.schema, query.sql,
                        query.sql_mode.value_or(0), query.client_charset, selected});
    else
      texts_cut_ = true;
  }
  if (!in_transaction_) end_group(true);
}

void Selection::on_xa_prepare(const XaPrepare& prepare) {
  const bool waits = group_took_ && !prepare.one_phase;
  if (waits) prepared_.push_back({xid_text(prepare), group_});
  end_group(true);
}

void Selection::decide_xa(std::string_view xid, bool committed) {
  const auto found = std::ranges::find(prepared_, xid, &Prepared::xid);
  if (found == prepared_.end()) return;
  if (!committed) withdrawn_.push_back(found->group);
  prepared_.erase(found);
}

void Selection::finish() {
  if (group_ != 0 && group_took_) {
    obstacle(
        "the last transaction of the change has no end in the events given: give the log "
        "beyond it");
  }
  for (const auto& waiting : prepared_) {
    obstacles_.push_back({waiting.group, "the change holds an XA transaction (" + waiting.xid +
                                             ") that was prepared, and neither committed nor "
                                             "rolled back in the events given"});
  }
  group_ = 0;
}

}  // namespace sluice::binlog
