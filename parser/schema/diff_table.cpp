// ALTER TABLE between two canonical tables.
#include <algorithm>
#include <set>

#include "parser/schema/diff.h"
#include "parser/schema/print.h"
#include "parser/sqltext/quote.h"

namespace sluice::schema {
namespace {

using sqltext::quote_identifier;

struct Clause {
  std::string sql;
  bool destructive = false;
};

// The longest run of kept columns that need not move: a longest increasing subsequence.
std::set<std::size_t> unmoved(const std::vector<std::size_t>& old_positions) {
  std::vector<std::size_t> best(old_positions.size(), 1);
  std::vector<std::ptrdiff_t> before(old_positions.size(), -1);
  std::ptrdiff_t last = -1;
  for (std::size_t i = 0; i < old_positions.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (old_positions[j] < old_positions[i] && best[j] + 1 > best[i]) {
        best[i] = best[j] + 1;
        before[i] = static_cast<std::ptrdiff_t>(j);
      }
    }
    if (last < 0 || best[i] > best[static_cast<std::size_t>(last)])
      last = static_cast<std::ptrdiff_t>(i);
  }
  std::set<std::size_t> out;
  for (; last >= 0; last = before[static_cast<std::size_t>(last)])
    out.insert(old_positions[static_cast<std::size_t>(last)]);
  return out;
}

class TableDiff {
 public:
  TableDiff(const Table& from, const Table& to, const Target& target)
      : from_(from),
        to_(to),
        a_(comparable(from, target)),
        b_(comparable(to, target)),
        target_(target) {
    // Neither character set nor collation is left to the table's default, which may change too.
    explicit_.options = {};
  }

  std::vector<Change> run() {
    const bool reversion = from_.options.system_versioning != to_.options.system_versioning;
    if (reversion && from_.options.system_versioning) add("DROP SYSTEM VERSIONING");
    find_recreated();
    drop_checks();
    drop_indexes();
    drop_columns();
    columns();
    add_indexes();
    add_checks();
    periods();
    options();
    if (reversion && to_.options.system_versioning) add("ADD SYSTEM VERSIONING");
    return finish();
  }

 private:
  void add(std::string sql, bool destructive = false) {
    clauses_.push_back({std::move(sql), destructive});
  }
  void note(const std::string& text) {
    if (!notes_.empty()) notes_ += "; ";
    notes_ += text;
  }

  // Between virtual, stored and plain, the server wants a column dropped and added (error 3106).
  void find_recreated() {
    for (const auto& column : from_.columns) {
      const auto* other = to_.column(column.name);
      if (!other) continue;
      const bool was = column.generated && !column.generated->stored;
      const bool is = other->generated && !other->generated->stored;
      const bool plain_to_stored = target_.mariadb && !column.generated != !other->generated;
      const bool period = column.row_period != other->row_period;
      const bool changed_stored =
          column.generated && other->generated && column.generated->stored && target_.mariadb &&
          a_.column(column.name)->generated != b_.column(column.name)->generated;
      if (was != is || plain_to_stored || period || changed_stored)
        recreated_.insert(lower_name(column.name));
    }
  }
  static std::string lower_name(std::string name) {
    for (auto& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return name;
  }
  // A key of a column that is in neither table (a file may say so) does not go with any column.
  [[nodiscard]] bool goes(const std::string& name) const {
    return (a_.column(name) && !to_.column(name)) || recreated_.contains(lower_name(name));
  }
  [[nodiscard]] bool touches_gone(const Index& index) const {
    return std::any_of(index.parts.begin(), index.parts.end(), [&](const IndexPart& part) {
      return !part.column.empty() && goes(part.column);
    });
  }

  void drop_checks() {
    for (std::size_t i = 0; i < a_.checks.size(); ++i) {
      const auto& check = a_.checks[i];
      const auto other = std::find_if(b_.checks.begin(), b_.checks.end(),
                                      [&](auto& x) { return same_name(x.name, check.name); });
      if (other != b_.checks.end() && other->sql == check.sql) {
        if (other->enforced != check.enforced) {
          add("ALTER CHECK " + quote_identifier(check.name) +
              (other->enforced ? " ENFORCED" : " NOT ENFORCED"));
        }
        kept_checks_.insert(static_cast<std::size_t>(other - b_.checks.begin()));
        continue;
      }
      add((target_.mariadb ? "DROP CONSTRAINT " : "DROP CHECK ") + quote_identifier(check.name));
    }
  }
  void add_checks() {
    for (std::size_t i = 0; i < to_.checks.size(); ++i) {
      if (!kept_checks_.contains(i)) add("ADD " + print_check(to_.checks[i], target_));
    }
  }

  void drop_indexes() {
    for (const auto& index : a_.indexes) {
      const auto* other = b_.index(index.name);
      const bool dropped = touches_gone(index);
      if (other && !dropped) {
        auto same = *other;
        same.visible = index.visible;
        same.name = index.name;
        if (same == index) {
          kept_indexes_.insert(lower_name(index.name));
          if (other->visible != index.visible) visibility(*other);
          continue;
        }
      }
      if (!dropped && !other && rename_index(index)) continue;
      entangled_ = entangled_ || dropped;
      if (index.kind == Index::Kind::Primary)
        add("DROP PRIMARY KEY");
      else
        add("DROP INDEX " + quote_identifier(index.name));
    }
  }
  void visibility(const Index& index) {
    const char* const word = target_.mariadb ? (index.visible ? " NOT IGNORED" : " IGNORED")
                                             : (index.visible ? " VISIBLE" : " INVISIBLE");
    add("ALTER INDEX " + quote_identifier(index.name) + word);
  }
  // An index that differs in nothing but its name is renamed: it need not be built again.
  bool rename_index(const Index& index) {
    if (target_.mariadb && target_.version < 100502) return false;
    for (const auto& other : b_.indexes) {
      auto same = other;
      same.name = index.name;
      if (a_.index(other.name) || kept_indexes_.contains(lower_name(other.name)) ||
          !(same == index))
        continue;
      add("RENAME INDEX " + quote_identifier(index.name) + " TO " + quote_identifier(other.name));
      kept_indexes_.insert(lower_name(other.name));
      return true;
    }
    return false;
  }
  void add_indexes() {
    for (const auto& index : to_.indexes) {
      if (kept_indexes_.contains(lower_name(index.name))) continue;
      // Not before the column is what the key is for: it can be too long until then.
      const bool waits = std::any_of(
          index.parts.begin(), index.parts.end(),
          [&](const IndexPart& part) { return lossy_.contains(lower_name(part.column)); });
      add("ADD " + print_index(index, target_), waits);
    }
  }

  void drop_columns() {
    for (const auto& column : from_.columns) {
      if (!goes(column.name)) continue;
      // Dropping row-start and row-end columns is part of DROP SYSTEM VERSIONING.
      if (column.row_period != Column::RowPeriod::None && !to_.options.system_versioning) continue;
      const bool loses = !column.generated && column.row_period == Column::RowPeriod::None;
      if (loses) note("column " + quote_identifier(column.name) + " is dropped with its values");
      if (column.auto_increment) entangled_ = true;
      add("DROP COLUMN " + quote_identifier(column.name), loses);
    }
  }

  void columns() {
    std::vector<std::size_t> old_positions;
    for (const auto& column : to_.columns) {
      const auto* old = from_.column(column.name);
      if (old && !goes(column.name))
        old_positions.push_back(static_cast<std::size_t>(old - from_.columns.data()));
    }
    const auto still = unmoved(old_positions);
    for (std::size_t i = 0; i < to_.columns.size(); ++i) {
      const auto& column = to_.columns[i];
      const auto* old = from_.column(column.name);
      const std::string place =
          i == 0 ? " FIRST" : " AFTER " + quote_identifier(to_.columns[i - 1].name);
      if (!old || goes(column.name)) {
        const bool last =
            std::none_of(to_.columns.begin() + static_cast<std::ptrdiff_t>(i), to_.columns.end(),
                         [&](auto& x) { return from_.column(x.name) && !goes(x.name); });
        add("ADD COLUMN " + print_column(column, explicit_, target_) + (last ? "" : place));
        continue;
      }
      const bool moved = !still.contains(static_cast<std::size_t>(old - from_.columns.data()));
      modify(*old, column, moved ? place : "");
    }
  }
  void modify(const Column& old, const Column& column, const std::string& place) {
    const bool same = *a_.column(old.name) == *b_.column(column.name);
    if (same && place.empty()) return;
    const auto why = lossy(old, column, target_);
    if (!why.empty()) {
      note("column " + quote_identifier(column.name) + ": " + why);
      lossy_.insert(lower_name(column.name));
    }
    if (old.nullable && !column.nullable) {
      note("column " + quote_identifier(column.name) +
           " becomes NOT NULL: fails while it holds NULL");
    }
    const bool renamed = old.name != column.name;  // only letter case
    add((renamed ? "CHANGE COLUMN " + quote_identifier(old.name) + " " : "MODIFY COLUMN ") +
            print_column(column, explicit_, target_) + place,
        !why.empty());
  }

  void periods() {
    for (const auto& period : from_.periods) {
      if (std::find(to_.periods.begin(), to_.periods.end(), period) == to_.periods.end() &&
          period.name != "SYSTEM_TIME") {
        add("DROP PERIOD FOR " + quote_identifier(period.name));
      }
    }
    for (const auto& period : to_.periods) {
      if (std::find(from_.periods.begin(), from_.periods.end(), period) != from_.periods.end())
        continue;
      const auto name = period.name == "SYSTEM_TIME" ? period.name : quote_identifier(period.name);
      add("ADD PERIOD FOR " + name + " (" + quote_identifier(period.start) + ", " +
          quote_identifier(period.end) + ")");
    }
  }

  static std::string reset_value(const std::string& name) {
    if (name == "COMPRESSION" || name == "CONNECTION") return "''";
    if (name == "ENCRYPTION") return "'N'";
    if (name == "ENGINE_ATTRIBUTE" || name == "SECONDARY_ENGINE_ATTRIBUTE") return "''";
    if (name == "SECONDARY_ENGINE") return "NULL";
    if (name == "ROW_FORMAT" || name == "PACK_KEYS" || name.starts_with("STATS_")) return "DEFAULT";
    if (name == "UNION") return "()";
    return "0";
  }
  void options() {
    const auto& a = from_.options;
    const auto& b = to_.options;
    if (a.engine != b.engine) add("ENGINE=" + b.engine);
    if (a.charset != b.charset || a.collation != b.collation) {
      add("DEFAULT CHARACTER SET " + b.charset + " COLLATE " + b.collation);
    }
    for (const auto& [name, value] : a.other) {
      if (!b.other.contains(name)) add(name + "=" + reset_value(name));
    }
    for (const auto& [name, value] : b.other) {
      const auto at = a.other.find(name);
      if (at == a.other.end() || at->second != value) add(name + "=" + value);
    }
    if (a.comment != b.comment) add("COMMENT=" + quote_text(b.comment));
  }

  std::vector<Change> finish() {
    std::vector<Change> out;
    const bool any =
        std::any_of(clauses_.begin(), clauses_.end(), [](auto& x) { return x.destructive; });
    if (any && !entangled_) {
      statement(
          out, [](const Clause& x) { return !x.destructive; }, false);
      statement(
          out, [](const Clause& x) { return x.destructive; }, true);
    } else {
      statement(
          out, [](const Clause&) { return true; }, any);
    }
    return out;
  }
  template <class Wanted>
  void statement(std::vector<Change>& out, Wanted wanted, bool destructive) {
    std::string sql;
    for (const auto& clause : clauses_) {
      if (wanted(clause)) sql += (sql.empty() ? "\n  " : ",\n  ") + clause.sql;
    }
    if (sql.empty()) return;
    out.push_back({"ALTER TABLE " + quote_identifier(to_.name) + sql, "TABLE " + to_.name,
                   destructive, notes_, false});
  }

  const Table& from_;
  const Table& to_;
  Table a_;  // comparable
  Table b_;
  const Target& target_;
  Table explicit_{};
  std::vector<Clause> clauses_;
  std::string notes_;
  std::set<std::string> recreated_;
  std::set<std::string> lossy_;  // columns that a destructive clause changes
  std::set<std::string> kept_indexes_;
  std::set<std::size_t> kept_checks_;
  bool entangled_ = false;  // a dropped column and a key need one statement
};

bool is_prefix(const std::vector<Partition>& a, const std::vector<Partition>& b) {
  return a.size() < b.size() && std::equal(a.begin(), a.end(), b.begin());
}

std::string join_partitions(const std::vector<Partition>& all, std::size_t from,
                            const Partitioning& by) {
  std::string out;
  for (auto i = from; i < all.size(); ++i)
    out += (out.empty() ? "" : ", ") + print_partition(all[i], by);
  return "(" + out + ")";
}

// Partitions that go and hold rows no other takes: all of LIST, and the last ones of RANGE.
std::string dropped_partitions(const Partitioning& a, const Partitioning& b) {
  const auto in = [](const auto& list, const Partition& part) {
    return std::find(list.begin(), list.end(), part) != list.end();
  };
  if (!std::all_of(b.partitions.begin(), b.partitions.end(),
                   [&](auto& x) { return in(a.partitions, x); }))
    return {};
  if (a.by.method.starts_with("RANGE") && in(b.partitions, a.partitions.back())) return {};
  std::string names;
  for (const auto& part : a.partitions) {
    if (!in(b.partitions, part)) names += (names.empty() ? "" : ", ") + quote_identifier(part.name);
  }
  return names;
}

void diff_partitions(const Table& from, const Table& to, const Target& target,
                     std::vector<Change>& out) {
  const auto old = comparable(from, target).partitioning;
  const auto wanted = comparable(to, target).partitioning;
  if (old == wanted) return;
  const auto head = "ALTER TABLE " + quote_identifier(to.name) + " ";
  Change change{"", "TABLE " + to.name, false, "", false};
  if (!wanted) {
    change.sql = head + "REMOVE PARTITIONING";
  } else {
    change.sql = head + print_partitioning(*to.partitioning);
  }
  auto plain_a = old.value_or(Partitioning{}).by;
  auto plain_b = wanted.value_or(Partitioning{}).by;
  plain_a.count = plain_b.count = {};
  if (old && wanted && plain_a == plain_b && old->sub == wanted->sub) {
    const auto n = old->by.count.value_or(0);
    const auto m = wanted->by.count.value_or(0);
    if (n > 0 && m > 0 && old->partitions.empty() && wanted->partitions.empty()) {
      change.sql = head + (m > n ? "ADD PARTITION PARTITIONS " + std::to_string(m - n)
                                 : "COALESCE PARTITION " + std::to_string(n - m));
    } else if (!old->partitions.empty() && is_prefix(old->partitions, wanted->partitions) &&
               old->partitions.back().values != "MAXVALUE") {
      change.sql =
          head + "ADD PARTITION " +
          join_partitions(to.partitioning->partitions, old->partitions.size(), *to.partitioning);
    } else if (!old->partitions.empty() && !wanted->partitions.empty() &&
               (plain_a.method.starts_with("RANGE") || plain_a.method.starts_with("LIST"))) {
      if (const auto names = dropped_partitions(*old, *wanted); !names.empty()) {
        change.sql = head + "DROP PARTITION " + names;
        change.destructive = true;
        change.note = "the partitions are dropped with their rows";
      }
    }
  }
  out.push_back(std::move(change));
}

}  // namespace

std::vector<Change> diff_table(const Table& from, const Table& to, const Target& target) {
  std::vector<Change> out;
  // Keys may hold the partitioning's columns: what is partitioned no more is first.
  if (from.partitioning && !to.partitioning) diff_partitions(from, to, target, out);
  auto altered = TableDiff(from, to, target).run();
  out.insert(out.end(), std::make_move_iterator(altered.begin()),
             std::make_move_iterator(altered.end()));
  if (to.partitioning) diff_partitions(from, to, target, out);
  return out;
}

}  // namespace sluice::schema
