#include "admin/change/commit_marks.h"

#include <algorithm>
#include <charconv>

#include "admin/change/target.h"
#include "proxy/binlog/decode.h"
#include "proxy/binlog/row_image.h"
#include "proxy/binlog/select.h"

namespace sluice::change {
namespace {

using binlog::Rows;
using binlog::Selection;

constexpr std::size_t kShownText = 200;  // bytes of a statement

// In the order of Rows::Kind.
constexpr std::array<std::string_view, 3> kCounters{"Handler_write", "Handler_update",
                                                    "Handler_delete"};
static_assert(static_cast<int>(Rows::Kind::kWrite) == 0 &&
              static_cast<int>(Rows::Kind::kUpdate) == 1 &&
              static_cast<int>(Rows::Kind::kDelete) == 2);

std::string spell(const std::array<std::uint64_t, 3>& counts) {
  return std::to_string(counts[0]) + " inserted, " + std::to_string(counts[1]) + " updated, " +
         std::to_string(counts[2]) + " deleted";
}

// Adds the event's rows; false: they cannot be read.
bool count_rows(const Rows& rows, std::array<std::uint64_t, 3>& counts) {
  binlog::RowReader reader(rows);
  binlog::Row row;
  while (true) {
    const auto more = reader.next(row);
    if (!more) return false;
    if (!*more) return true;
    ++counts[static_cast<std::size_t>(rows.kind)];
  }
}

}  // namespace

bool may_commit_often(const parser::StatementFacts& facts) {
  return facts.class_name == "call_procedure" || facts.class_name == "execute_sql" ||
         facts.class_name == "execute_immediate" || facts.class_name == "compound_sql";
}

mysql::Result<CommitMarks::Counts> CommitMarks::read_counts(mysql::Connection& session) {
  const auto rows = session.rows(
      "SHOW SESSION STATUS WHERE Variable_name IN ('Handler_write', 'Handler_update', "
      "'Handler_delete')");
  if (!rows) return rows.error();
  Counts counts{};
  for (const auto& row : *rows) {
    const auto at = std::ranges::find(kCounters, row.at(0).value_or("")) - kCounters.begin();
    if (at == 3) continue;
    const std::string digits = row.at(1).value_or("");
    std::from_chars(digits.data(), digits.data() + digits.size(),
                    counts[static_cast<std::size_t>(at)]);
  }
  return counts;
}

mysql::Result<CommitMarks> CommitMarks::begin(mysql::Connection& session,
                                              const BinlogPosition& from) {
  const auto set = session.query("SET SESSION skip_parallel_replication = 1");
  if (!set) return set.error();
  const auto counts = read_counts(session);
  if (!counts) return counts.error();
  return CommitMarks(session, {from.file, from.position}, *counts);
}

mysql::Result<CommitMarks::Found> CommitMarks::find(const mysql::Options& options,
                                                    const BinlogPosition& until,
                                                    const mysql::Limits& limits) const {
  Found found;
  if (from_.file.empty() || until.file.empty()) {
    found.unknown = "where the change lies in the binary log is not known";
    return found;
  }
  auto written = read_counts(session_);
  if (!written) return written.error();
  for (std::size_t i = 0; i < written->size(); ++i) (*written)[i] -= counts_[i];

  mysql::BinlogRequest request;
  request.from = from_;
  request.until = mysql::BinlogPlace{until.file, until.position};
  auto stream = mysql::BinlogStream::open(options, request, limits);
  const auto unreadable = [&](const std::string& why) {
    found.unknown = "the binary log cannot be read: " + why;
    return found;
  };
  if (!stream && stream.error().kind == mysql::Failure::kServer)
    return unreadable(stream.error().message);
  if (!stream) return stream.error();
  binlog::Decoder decoder;
  binlog::Criteria criteria;
  criteria.skips_parallel = true;
  Selection selection(criteria);
  Counts logged{};
  while (true) {
    const auto bytes = (*stream)->next(limits);
    if (!bytes && bytes.error().kind == mysql::Failure::kServer)
      return unreadable(bytes.error().message);
    if (!bytes) return bytes.error();
    if (!*bytes) break;
    const auto event = decoder.decode((*bytes)->bytes);
    if (!event) return unreadable(event.error().what);
    const auto verdict = selection.feed(*event);
    if (!verdict) return unreadable(verdict.error().what);
    if (*verdict != Selection::Verdict::kTake) continue;
    if (!count_rows(std::get<Rows>(event->body), logged)) return unreadable("a row is damaged");
  }
  selection.finish();
  for (const auto& text : selection.texts()) {
    if (!text.selected) continue;
    found.unknown = "the binary log has a statement of the change as text, without its rows: " +
                    std::string(without_tag(text.sql).substr(0, kShownText));
    return found;
  }
  if (!selection.obstacles().empty()) {
    found.unknown = selection.obstacles().front().what;
  } else if (logged != *written) {
    found.unknown = "the session wrote other rows (" + spell(*written) +
                    ") than the binary log has of it (" + spell(logged) +
                    "): rows that were refused or taken back, temporary tables, or another session "
                    "with skip_parallel_replication";
  } else {
    found.gtids = selection.taken().text();
  }
  return found;
}

}  // namespace sluice::change
