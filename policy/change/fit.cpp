#include "policy/change/fit.h"

namespace sluice::policy {
namespace {

using parser::ActionGroup;

Fitting neither(const parser::StatementFacts& facts) {
  if (facts.group == ActionGroup::Account) {
    return {Fit::kDoesNot,
            "account statements are not part of a database's change: run them in "
            "the SQL editor's admin mode"};
  }
  if (facts.group == ActionGroup::Server) {
    return {Fit::kDoesNot,
            "it changes the server, not a database: run it in the SQL editor's "
            "admin mode"};
  }
  return {Fit::kDoubtful,
          "what it does is not in its text; look at the routine or the prepared "
          "statement that it runs"};
}

}  // namespace

Fitting fits(IssueKind kind, const parser::StatementFacts& facts) {
  switch (facts.group) {
    case ActionGroup::Session: return {};
    case ActionGroup::Ddl:
      if (kind != IssueKind::kDataUpdate && kind != IssueKind::kDataRollback) return {};
      return {Fit::kDoesNot, "a data change holds no DDL: put it into a schema change"};
    case ActionGroup::Dml:
    case ActionGroup::Read:
    case ActionGroup::Transaction:
      if (kind == IssueKind::kDataUpdate || kind == IssueKind::kDataRollback) return {};
      return {Fit::kDoesNot, "a schema change holds DDL only: put this into a data change"};
    case ActionGroup::Account:
    case ActionGroup::Server:
    case ActionGroup::Opaque: break;
  }
  return neither(facts);
}

}  // namespace sluice::policy
