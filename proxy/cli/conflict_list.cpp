#include "proxy/cli/conflict_list.h"

#include <algorithm>
#include <ostream>

#include "parser/sqltext/quote.h"

namespace sluice::cli {
namespace {

using Cells = std::vector<change::ShownCell>;

std::string text_of(const change::ShownCell& cell) {
  return sqltext::quote_identifier(cell.column) + "=" +
         (cell.value ? sqltext::quote_string(*cell.value) : "NULL");
}

std::string text_of(const Cells& cells) {
  std::string text;
  for (const auto& cell : cells) text += (text.empty() ? "" : ", ") + text_of(cell);
  return text;
}

// The cells of `these` that `others` have not, with those of the key where that leaves none.
Cells different(const Cells& these, const Cells& others) {
  Cells left;
  std::ranges::copy_if(these, std::back_inserter(left), [&](const change::ShownCell& cell) {
    return std::ranges::find(others, cell) == others.end();
  });
  return left;
}

Cells of_key(const Cells& cells, const std::vector<std::string>& key) {
  Cells of;
  std::ranges::copy_if(cells, std::back_inserter(of), [&](const change::ShownCell& cell) {
    return std::ranges::find(key, cell.column) != key.end();
  });
  return of;
}

std::string what_is_now(const change::RowConflict& conflict, const Cells& left) {
  if (!conflict.now) return "no row is like it now";
  if (conflict.now->empty()) return "now there is no such row";
  const auto others = different(*conflict.now, left);
  return others.empty() ? "now it is another row in what is not shown" : "now " + text_of(others);
}

std::string sentence(const change::RowConflict& conflict) {
  if (conflict.row.kind == binlog::Rows::Kind::kDelete) {
    return "the change deleted the row; now there is " + (conflict.now && !conflict.now->empty()
                                                              ? text_of(*conflict.now)
                                                              : std::string("one in its place"));
  }
  const auto& left = conflict.row.after;
  const bool there = conflict.now && !conflict.now->empty();
  const auto shown = there ? different(left, *conflict.now) : left;
  return "the change left " + text_of(shown.empty() ? left : shown) + "; " +
         what_is_now(conflict, left);
}

}  // namespace

void list_conflicts(const change::ConflictReport& report, std::ostream& out) {
  for (const auto& conflict : report.listed) {
    const bool gone = conflict.row.kind == binlog::Rows::Kind::kDelete;
    const auto key = of_key(gone ? conflict.row.before : conflict.row.after, conflict.key);
    out << "conflict: " << sqltext::quote_identifier(conflict.row.schema) << '.'
        << sqltext::quote_identifier(conflict.row.table);
    if (!key.empty()) out << " (" << text_of(key) << ')';
    out << ": " << sentence(conflict) << '\n';
  }
  if (report.conflicts > report.listed.size()) {
    out << "conflict: " << report.conflicts << " rows in all; the first " << report.listed.size()
        << " are listed\n";
  }
}

}  // namespace sluice::cli
