#include "admin/change/inverse_pass.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace sluice::change {
namespace {

// One pass of an inverse over kept rows.
class Pass {
 public:
  Pass(const InversePass& how, binlog::Inverse& inverse, bool& more)
      : how_(how), inverse_(inverse), more_(more) {}

  [[nodiscard]] bool undo(KeptRows kept) {
    if (how_.event && !how_.event(kept)) return more_ = false;
    if (kept.rows.images.empty()) return true;
    if (failed(check(kept.rows))) return false;
    if (how_.row_by_row) return undo_rows(kept);
    return !failed(inverse_.undo(kept.header, kept.rows)) && more_;
  }
  [[nodiscard]] const std::optional<binlog::Error>& trouble() const { return trouble_; }

 private:
  // Of each table and kind once, before its first row.
  [[nodiscard]] binlog::Result<void> check(const binlog::Rows& rows) {
    if (rows.table == last_table_ && rows.kind == last_kind_) return {};
    last_table_ = rows.table;
    last_kind_ = rows.kind;
    const bool logged = rows.cascades_logged();
    if (!checked_.insert({rows.table->schema, rows.table->table, rows.kind, logged}).second) {
      return {};
    }
    return inverse_.check(*rows.table, rows.kind, logged);
  }
  [[nodiscard]] bool failed(const binlog::Result<void>& result) {
    if (!result) trouble_ = result.error();
    return !result;
  }
  [[nodiscard]] bool undo_rows(const KeptRows& kept) {
    std::vector<binlog::Row> all;
    binlog::RowReader reader(kept.rows);
    while (true) {
      binlog::Row row;
      const auto next = reader.next(row);
      if (!next) return !failed(next.error());
      if (!*next) break;
      all.push_back(std::move(row));
    }
    for (std::size_t i = all.size(); i-- > 0;) {
      binlog::Rows one = kept.rows;
      // An event's images lie one behind the other.
      const auto& first = one.before.empty() ? all[i].after_bytes : all[i].before_bytes;
      const std::size_t size = (one.before.empty() ? 0 : all[i].before_bytes.size()) +
                               (one.after.empty() ? 0 : all[i].after_bytes.size());
      one.images = wire::Bytes(first.data(), size);
      if (how_.row && !how_.row(one, all[i], i)) return more_ = false;
      if (failed(inverse_.undo(kept.header, one)) || !more_) return false;
    }
    return true;
  }

  const InversePass& how_;
  binlog::Inverse& inverse_;
  bool& more_;
  std::set<std::tuple<std::string, std::string, binlog::Rows::Kind, bool>> checked_;
  std::shared_ptr<const binlog::TableMap> last_table_;
  binlog::Rows::Kind last_kind_ = binlog::Rows::Kind::kWrite;
  std::optional<binlog::Error> trouble_;
};

}  // namespace

binlog::Result<void> run_pass(const RowSource& source, const InversePass& how) {
  binlog::InverseOptions options = source.options;
  options.mode = how.mode;
  options.batch_rows = how.batch_rows;
  options.guard_changed_only = how.guard_changed_only;
  bool more = true;
  binlog::Inverse inverse(options, source.format, source.shapes,
                          [&](binlog::InverseStatement&& statement) {
                            if (more) more = how.take(std::move(statement));
                          });
  Pass pass(how, inverse, more);
  inverse.begin();
  if (!more) return {};
  const auto visited = source.newest_first([&](const KeptRows& kept) { return pass.undo(kept); });
  if (!visited) return visited;
  if (pass.trouble()) return *pass.trouble();
  if (!more) return {};
  return inverse.end();
}

}  // namespace sluice::change
