// Statements that change a schema, with what the schema model understands of them, and statements
// about accounts.
#include <utility>

#include "parser/print.h"
#include "parser/schema/ddl.h"
#include "parser/transform.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;

schema::Target target_of(const Dialect& dialect) {
  schema::Target target;
  target.mariadb = dialect.engine == Engine::MariaDb;
  target.version = dialect.server_version;
  target.ansi_quotes = dialect.has(kAnsiQuotes);
  target.no_backslash_escapes = dialect.has(kNoBackslashEscapes);
  return target;
}

}  // namespace

Definition Transform::definition(Context* statement) {
  Definition result;
  result.pieces = pieces(statement);
  // From the printed text, so that blanks and comments of the original mean nothing.
  const std::string text = print(StatementTree{Other{result.pieces}}, dialect_);
  auto read = schema::read_statements(text, target_of(dialect_));
  // A body with statements of its own is one statement to the schema reader, too.
  if (read.size() == 1 && !read.front().error) result.definition = std::move(read.front().body);
  return result;
}

AccountName Transform::account_name(Context* context) {
  AccountName result;
  if (auto* word = child(context, G::RuleTextOrIdentifier)) {
    auto* inner = child(word, G::RuleIdentifier);
    result.user = inner != nullptr ? name(inner) : Name{words(word), Name::Spelling::Text};
  } else {
    result.user = {words(context), Name::Spelling::Keyword};
    result.current_user = true;
    return result;
  }
  Context* host = child(context, G::RuleHostPart);
  if (host == nullptr && context->children.size() > 1) {
    auto* role_host = rule(context->children.back());
    host = role_host == nullptr ? nullptr : child(role_host, G::RuleHostPart);
  }
  if (host != nullptr)
    result.host = Name{words(host->children, 1, host->children.size()), Name::Spelling::Text};
  return result;
}

Account Transform::account(Context* statement) {
  Account result;
  result.pieces = pieces(statement);
  account_parts(statement, result);
  return result;
}

void Transform::account_parts(Context* context, Account& account) {
  switch (context->getRuleIndex()) {
    case G::RuleUser:
    case G::RuleRole: account.accounts.push_back(account_name(context)); return;
    case G::RuleGrantObject: account.object = words(context); return;
    case G::RulePrivilege: {
      Privilege one;
      auto* columns = child(context, G::RuleColumnNames);
      const auto& nodes = context->children;
      one.words = words(nodes, 0, nodes.size() - (columns != nullptr ? 1 : 0));
      if (columns != nullptr) one.columns = names(columns);
      account.privileges.push_back(std::move(one));
      return;
    }
    case G::RulePrivileges:
      if (child(context, G::RulePrivilege) == nullptr) {
        account.privileges.push_back({words(context), {}});
        return;
      }
      break;
    case G::RuleRoleList: {
      auto* parent = rule(context->parent);
      const bool granted = parent != nullptr && (parent->getRuleIndex() == G::RuleGrant ||
                                                 parent->getRuleIndex() == G::RuleRevoke);
      if (!granted) break;
      const auto add = [&](Context* list) {
        for (auto* node : list->children) {
          auto* inner = rule(node);
          if (inner != nullptr && inner->getRuleIndex() == G::RuleRole)
            account.privileges.push_back({words(inner), {}});
        }
      };
      add(context);
      if (auto* further = child(context, G::RuleMysqlMoreRoles)) add(further);
      return;
    }
    default: break;
  }
  for (auto* node : context->children) {
    if (auto* inner = rule(node)) account_parts(inner, account);
  }
}

}  // namespace sluice::parser
