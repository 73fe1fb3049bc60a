// index.type-allowlist: kinds of index, FULLTEXT and SPATIAL among them; one that says none is a
// BTREE.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

std::string type_of(const schema::Index& index) {
  switch (index.kind) {
    case schema::Index::Kind::Fulltext: return "FULLTEXT";
    case schema::Index::Kind::Spatial: return "SPATIAL";
    case schema::Index::Kind::Vector: return "VECTOR";
    default: return index.algorithm.empty() ? "BTREE" : schema::upper(index.algorithm);
  }
}

}  // namespace

void index_type_allowlist(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& index : defined->indexes) {
      const auto type = type_of(index);
      if (check.lists("types", type)) continue;
      check.report(step, index.name.empty() ? type : index.name,
                   "An index of table '" + defined->table.name + "' is of the type " + type +
                       "; allowed is " + quoted_list(check.list("types")) + ".");
    }
  }
}

}  // namespace sluice::policy::rules
