// index.no-duplicate: an index that another one of the table already serves costs every write and
// helps no read. The walk's table tells all of them; without it those of the statement are
// compared.
#include <algorithm>

#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

using Kind = schema::Index::Kind;

bool same_part(const schema::IndexPart& a, const schema::IndexPart& b) {
  return schema::same_name(a.column, b.column) && a.expression == b.expression &&
         a.prefix == b.prefix && a.descending == b.descending;
}

// Whether `other` makes `index` needless.
bool serves(const schema::Index& other, const schema::Index& index, bool prefixes) {
  const bool tree = index.kind == Kind::Key || index.kind == Kind::Unique;
  const bool other_tree =
      other.kind == Kind::Key || other.kind == Kind::Unique || other.kind == Kind::Primary;
  if (tree != other_tree || (!tree && index.kind != other.kind)) return false;
  if (!other.visible) return false;
  const auto size = index.parts.size();
  const bool whole = size == other.parts.size();
  if (size == 0 || size > other.parts.size()) return false;
  if (!whole && (!prefixes || index.kind != Kind::Key)) return false;
  if (index.kind == Kind::Unique && other.kind == Kind::Key) return false;
  return std::equal(index.parts.begin(), index.parts.end(), other.parts.begin(), same_part);
}

std::string label(const schema::Index& index) {
  if (index.kind == Kind::Primary) return "the primary key";
  if (!index.name.empty()) return "index '" + index.name + "'";
  return "the index on '" + index.parts.front().column + "'";
}

}  // namespace

void index_no_duplicate(Check& check) {
  const bool prefixes = check.flag("prefixes");
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined || defined->indexes.empty()) continue;
    const auto& all = defined->after() ? defined->after()->indexes : defined->indexes;
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t j = 0; j < all.size(); ++j) {
        if (i == j || !serves(all[j], all[i], prefixes)) continue;
        if (serves(all[i], all[j], prefixes) && i < j) continue;  // twins: the later one is told
        const bool fresh = std::ranges::any_of(defined->indexes, [&](const schema::Index& x) {
          return std::ranges::equal(x.parts, all[i].parts, same_part) ||
                 std::ranges::equal(x.parts, all[j].parts, same_part);
        });
        if (!fresh) continue;
        auto what = label(all[i]);
        what.front() = 'I' == what.front() || what.front() == 'i' ? 'I' : 'T';
        const bool older = !check.sheet().find_name(*step.statement, all[i].name);
        const auto& near = older ? all[j].name : all[i].name;
        check.report(step, near.empty() ? defined->table.name : near,
                     what + " of table '" + defined->table.name + "' says nothing that " +
                         label(all[j]) + " does not; leave it out.");
        break;
      }
    }
  }
}

}  // namespace sluice::policy::rules
