#include <algorithm>
#include <array>
#include <utility>

#include "parser/class_names.h"
#include "parser/class_rows.h"
#include "parser/facts_walk.h"
#include "parser/parser_state.h"
#include "parser/words.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;
using Context = antlr4::ParserRuleContext;

class Classifier {
 public:
  Classifier(const SqlTokenStream& tokens, bool mariadb, StatementFacts& facts)
      : tokens_(tokens), mariadb_(mariadb), facts_(facts) {}

  void run(Context* statement) {
    auto family = ActionGroup::Opaque;
    bool commits = false;
    Context* at = statement;
    while (true) {
      const std::size_t rule = at->getRuleIndex();
      if (rule == G::RuleDdlStatement) family = ActionGroup::Ddl, commits = true;
      if (rule == G::RuleAccountStatement) family = ActionGroup::Account, commits = true;
      if (rule == G::RuleServerStatement) family = ActionGroup::Server, commits = true;
      const bool wrapper = rule == G::RuleStatement || rule == G::RuleMariaOutside ||
                           rule == G::RuleSimpleStatement || rule == G::RuleDdlStatement ||
                           rule == G::RuleAccountStatement || rule == G::RuleServerStatement ||
                           rule == G::RuleDiagnosticStatement;
      auto* inner =
          wrapper && !at->children.empty() ? dynamic_cast<Context*>(at->children.front()) : nullptr;
      if (inner == nullptr) break;
      at = inner;
    }
    if (by_rule(at)) return;
    const std::string name = snake_case(thread_parser().rule_names()[at->getRuleIndex()]);
    const Row* row = row_of(name);
    facts_.class_name =
        row != nullptr && !row->class_name.empty() ? std::string(row->class_name) : name;
    facts_.group = row != nullptr ? row->group : family;
    facts_.implicit_commit = row != nullptr ? row->commits : commits;
    temporary(at);
  }

 private:
  [[nodiscard]] std::size_t type(const Context* at, std::size_t offset) const {
    const std::size_t index = at->start->getTokenIndex() + offset;
    return index <= at->stop->getTokenIndex() ? tokens_.at(index).type : 0;
  }
  [[nodiscard]] bool contains(const Context* at, std::size_t wanted) const {
    for (std::size_t i = at->start->getTokenIndex(); i <= at->stop->getTokenIndex(); ++i) {
      if (tokens_.at(i).type == wanted) return true;
    }
    return false;
  }
  void set(std::string_view name, ActionGroup group, bool commits = false) {
    facts_.class_name = name;
    facts_.group = group;
    facts_.implicit_commit = commits;
  }

  // A temporary table is nobody else's.
  void temporary(const Context* at) {
    const bool table =
        at->getRuleIndex() == G::RuleCreateTable || at->getRuleIndex() == G::RuleDropTable;
    // The word itself, not a table of that name.
    const bool found =
        table && std::any_of(at->children.begin(), at->children.end(), [](auto* node) {
          auto* leaf = dynamic_cast<antlr4::tree::TerminalNode*>(node);
          return leaf != nullptr && leaf->getSymbol()->getType() == G::TEMPORARY;
        });
    if (!found) return;
    facts_.group = ActionGroup::Session;
    facts_.implicit_commit = false;
    for (auto& use : facts_.objects)
      use.temporary = has(use.access, Access::Create) || has(use.access, Access::Drop);
  }

  bool by_rule(Context* at) {
    switch (at->getRuleIndex()) {
      case G::RuleMariaCompound:
      case G::RuleMariaNotAtomicBlock: return block(), true;
      case G::RuleMariaSetStatement: return statement_for(), true;
      case G::RuleQueryStatement: return set("select", ActionGroup::Read), true;
      case G::RuleWithStatement: return with(at), true;
      case G::RuleInsertStatement: return insert(at), true;
      case G::RuleAlterSchema:
        if (static_cast<G::AlterSchemaContext*>(at)->mariaUpgradeSchema() == nullptr) return false;
        return set("alter_db_upgrade", ActionGroup::Ddl, true), true;
      case G::RuleMariaBackup:
        return set(type(at, 1) == G::STAGE ? "backup" : "backup_lock", ActionGroup::Server, true),
               true;
      case G::RuleStartReplica:
        if (static_cast<G::StartReplicaContext*>(at)->mariaStartAll() == nullptr) return false;
        return set("start_all_slaves", ActionGroup::Server, true), true;
      case G::RuleStopReplica:
        if (static_cast<G::StopReplicaContext*>(at)->mariaStopAll() == nullptr) return false;
        return set("stop_all_slaves", ActionGroup::Server, true), true;
      case G::RuleUpdateStatement:
        return set(many(at) ? "update_multi" : "update", ActionGroup::Dml), true;
      case G::RuleDeleteStatement:
        return set(multi_delete(at) ? "delete_multi" : "delete", ActionGroup::Dml), true;
      case G::RuleTransactionStatement: return transaction(at), true;
      case G::RuleSetStatement: return set_statement(at), true;
      case G::RuleHandlerStatement: return handler(at), true;
      case G::RuleLockStatement: return lock(at), true;
      case G::RuleXaStatement: return xa(at), true;
      case G::RuleShowStatement: return show(at), true;
      case G::RuleExplainStatement: return explain(at), true;
      case G::RuleGrant:
        return set(grants_role(at) ? "grant_roles" : "grant", ActionGroup::Account, true), true;
      case G::RuleAlterUser: {
        const bool role = static_cast<G::AlterUserContext*>(at)->mysqlDefaultRole() != nullptr;
        return set(role ? "alter_user_default_role" : "alter_user", ActionGroup::Account, true),
               true;
      }
      case G::RuleRevoke:
        return set(revoke(*static_cast<G::RevokeContext*>(at)), ActionGroup::Account, true), true;
      case G::RuleResetStatement:
        return set("reset", ActionGroup::Server, !contains(at, G::PERSIST)), true;
      case G::RuleExecuteStatement:
        return set(static_cast<G::ExecuteStatementContext*>(at)->mariaImmediate() != nullptr
                       ? "execute_immediate"
                       : "execute_sql",
                   ActionGroup::Opaque),
               true;
      case G::RulePurge:
        return set(contains(at, G::BEFORE) ? "purge_before_date" : "purge", ActionGroup::Server),
               true;
      default: return false;
    }
  }

  // The statement after FOR decides.
  void statement_for() {
    if (facts_.nested.empty()) return;
    const auto& inner = facts_.nested.front();
    set(inner.class_name, inner.group, inner.implicit_commit);
  }

  // What a block holds decides.
  void block() {
    set("compound_sql", ActionGroup::Read);
    for (const auto& inner : facts_.nested) {
      facts_.group = std::max(facts_.group, inner.group);
      facts_.implicit_commit = facts_.implicit_commit || inner.implicit_commit;
    }
  }

  // ALL on everything, not on one schema or table.
  [[nodiscard]] std::string_view revoke(G::RevokeContext& at) const {
    if (at.ON() == nullptr) return at.ALL() != nullptr ? "revoke_all" : "revoke_roles";
    if (mariadb_) return "revoke";
    const bool all = at.privileges() != nullptr && at.privileges()->ALL() != nullptr;
    const bool everywhere = at.grantObject() != nullptr &&
                            at.grantObject()->grantName() != nullptr &&
                            at.grantObject()->grantName()->OP_STAR().size() == 2;
    return all && everywhere ? "revoke_all" : "revoke";
  }

  [[nodiscard]] bool grants_role(const Context* at) const { return !contains(at, G::ON); }

  void with(Context* at) {
    for (auto* node : at->children) {
      auto* inner = dynamic_cast<Context*>(node);
      if (inner == nullptr) continue;
      if (auto* change = dynamic_cast<G::MysqlWithChangeContext*>(inner)) {
        by_rule(dynamic_cast<Context*>(change->children.front()));
        return;
      }
    }
    set("select", ActionGroup::Read);
  }

  void insert(Context* at) {
    const bool replaces = at->start->getType() == G::REPLACE;
    auto* body = static_cast<G::InsertStatementContext*>(at)->insertBody();
    auto* source = body->insertSource();
    const bool query = source != nullptr && source->insertQuery() != nullptr &&
                       !plain_values(*source->insertQuery());
    set(std::string(replaces ? "replace" : "insert") + (query ? "_select" : ""), ActionGroup::Dml);
  }

  // To MariaDB (VALUES …) is an INSERT with values, too.
  [[nodiscard]] bool plain_values(const Context& query) const {
    std::size_t at = query.start->getTokenIndex();
    while (mariadb_ && at < query.stop->getTokenIndex() && tokens_.at(at).type == G::OP_LPAREN)
      ++at;
    if (tokens_.at(at).type != G::VALUES) return false;
    return !contains(&query, G::UNION) && !contains(&query, G::EXCEPT) &&
           !contains(&query, G::INTERSECT);
  }

  // More than one table, through parentheses.
  [[nodiscard]] static bool many(Context* at) {
    return leaves(*static_cast<G::UpdateStatementContext*>(at)->tableReferences()) > 1;
  }
  [[nodiscard]] static std::size_t leaves(G::TableReferencesContext& tables) {
    std::size_t count = 0;
    for (auto* reference : tables.tableReference()) count += leaves(*reference);
    return count;
  }
  [[nodiscard]] static std::size_t leaves(G::TableReferenceContext& reference) {
    std::size_t count = 0;
    for (auto* factor : reference.tableFactor()) {
      auto* body = factor->derivedBody();
      const bool joined =
          body != nullptr && body->tableReferences() != nullptr && factor->identifier() == nullptr;
      count += joined                                ? leaves(*body->tableReferences())
               : factor->tableReference() != nullptr ? leaves(*factor->tableReference())
                                                     : 1;
    }
    return count;
  }
  [[nodiscard]] bool multi_delete(Context* at) const {
    return static_cast<G::DeleteStatementContext*>(at)->tableReferences() != nullptr;
  }

  void transaction(const Context* at) {
    switch (at->start->getType()) {
      case G::COMMIT: return set("commit", ActionGroup::Transaction);
      case G::SAVEPOINT: return set("savepoint", ActionGroup::Transaction);
      case G::RELEASE: return set("release_savepoint", ActionGroup::Transaction);
      case G::ROLLBACK:
        return set(contains(at, G::TO) ? "rollback_to_savepoint" : "rollback",
                   ActionGroup::Transaction);
      default: return set("begin", ActionGroup::Transaction, true);
    }
  }

  void set_statement(Context* at) {
    set("set_option", ActionGroup::Session);
    auto* statement = static_cast<G::SetStatementContext*>(at);
    if (auto* traits = statement->setTransaction()) {
      facts_.group = contains(traits, G::GLOBAL) ? ActionGroup::Server : ActionGroup::Transaction;
    }
    for (const auto& name : facts_.system_variables_set) {
      if (!name.starts_with("session.")) facts_.group = ActionGroup::Server;
      if (name == "session.password") return set("set_password", ActionGroup::Account, true);
      if (name == "session.autocommit") facts_.implicit_commit = true;
    }
  }

  void handler(const Context* at) {
    set(contains(at, G::OPEN)    ? "ha_open"
        : contains(at, G::CLOSE) ? "ha_close"
                                 : "ha_read",
        ActionGroup::Read);
  }

  void lock(const Context* at) {
    const bool instance = type(at, 1) == G::INSTANCE;
    if (at->start->getType() == G::UNLOCK) {
      return set(instance ? "unlock_instance" : "unlock_tables",
                 instance ? ActionGroup::Server : ActionGroup::Transaction, !instance);
    }
    set(instance ? "lock_instance" : "lock_tables",
        instance ? ActionGroup::Server : ActionGroup::Transaction, !instance);
  }

  void xa(const Context* at) {
    std::string_view name = "xa_recover";
    switch (type(at, 1)) {
      case G::START:
      case G::BEGIN: name = "xa_start"; break;
      case G::END: name = "xa_end"; break;
      case G::PREPARE: name = "xa_prepare"; break;
      case G::COMMIT: name = "xa_commit"; break;
      case G::ROLLBACK: name = "xa_rollback"; break;
      default: break;
    }
    set(name, ActionGroup::Transaction);
  }

  void show(const Context* at) {
    std::string words;
    for (std::size_t i = at->start->getTokenIndex() + 1;
         i <= at->stop->getTokenIndex() && words.size() < 40; ++i) {
      const auto& token = tokens_.at(i);
      const auto t = token.type;
      const bool scope = t == G::FULL || t == G::EXTENDED || t == G::GLOBAL || t == G::SESSION ||
                         t == G::LOCAL || t == G::ALL;
      if (words.empty() && scope) continue;
      // SHOW SLAVE 'connection' STATUS.
      if (t == G::TEXT_STRING && (words == "SLAVE " || words == "REPLICA ")) continue;
      words += upper_case(tokens_.text().substr(token.start, token.stop - token.start)) + " ";
    }
    set(show_class(words), ActionGroup::Read);
  }

  void explain(Context* at) {
    // ANALYZE TABLE t is maintenance, not the explanation of the statement TABLE t.
    if (at->start->getType() == G::ANALYZE && type(at, 1) == G::TABLE) {
      return set("analyze", ActionGroup::Server, true);
    }
    auto* statement = static_cast<G::ExplainStatementContext*>(at);
    auto* explained = statement->explained();
    if (explained == nullptr) {
      return set(statement->CONNECTION() == nullptr ? "show_fields" : "explain_other",
                 ActionGroup::Read);
    }
    auto* inner = dynamic_cast<Context*>(explained->children.front());
    by_rule(inner);
    // A plan alone changes nothing; ANALYZE runs the statement.
    const bool runs =
        at->start->getType() == G::ANALYZE || contains_before(at, explained, G::ANALYZE);
    if (!runs) {
      facts_.group = ActionGroup::Read;
      for (auto& use : facts_.objects) use.access = Access::Read;
    }
  }

  [[nodiscard]] bool contains_before(const Context* at, const Context* end,
                                     std::size_t wanted) const {
    for (std::size_t i = at->start->getTokenIndex(); i < end->start->getTokenIndex(); ++i) {
      if (tokens_.at(i).type == wanted) return true;
    }
    return false;
  }

  const SqlTokenStream& tokens_;
  bool mariadb_;
  StatementFacts& facts_;
};

}  // namespace

void classify(Context* statement, const SqlTokenStream& tokens, const Dialect& dialect,
              StatementFacts& facts) {
  const bool mariadb = dialect.engine == Engine::MariaDb;
  Classifier(tokens, mariadb, facts).run(statement);
  if (mariadb) facts.class_name = mariadb_class(facts.class_name);
}

}  // namespace sluice::parser
