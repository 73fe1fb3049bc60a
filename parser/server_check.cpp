// What the grammar takes of tablespaces, replication, accounts and maintenance and a server's
// parser does not: words and values of the options that share a rule.
#include <algorithm>
#include <array>

#include "SluiceParser.h"
#include "parser/check_numbers.h"
#include "parser/rule_check.h"
#include "parser/tree.h"
#include "parser/words.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;
using antlr4::Token;
using Context = antlr4::ParserRuleContext;

// The options of tablespaces and log file groups by statement (manual 15.1.10, 15.1.16, …). ENGINE
// and WAIT go everywhere.
bool takes_option(const Context& statement, std::size_t option) {
  switch (option) {
    case G::STORAGE:
    case G::ENGINE:
    case G::WAIT:
    case G::NO_WAIT: return true;
    default: break;
  }
  const std::size_t rule = statement.getRuleIndex();
  switch (option) {
    case G::INITIAL_SIZE:
      return rule != G::RuleMysqlDropTablespace && rule != G::RuleMysqlDropLogfileGroup;
    case G::AUTOEXTEND_SIZE:
    case G::MAX_SIZE:
    case G::ENCRYPTION:
    case G::ENGINE_ATTRIBUTE:
      return rule == G::RuleMysqlCreateTablespace || rule == G::RuleMysqlAlterTablespace;
    case G::EXTENT_SIZE:
    case G::FILE_BLOCK_SIZE: return rule == G::RuleMysqlCreateTablespace;
    case G::UNDO_BUFFER_SIZE:
    case G::REDO_BUFFER_SIZE: return rule == G::RuleMysqlCreateLogfileGroup;
    case G::NODEGROUP:
    case G::COMMENT:
      return rule == G::RuleMysqlCreateTablespace || rule == G::RuleMysqlCreateLogfileGroup;
    default: return false;
  }
}

const Token* tablespace_option(G::TablespaceOptionContext& option) {
  const auto* statement = dynamic_cast<const Context*>(option.parent);
  return takes_option(*statement, option.getStart()->getType()) ? nullptr : option.getStart();
}

bool spelled(Context* word, const SqlTokenStream& tokens, std::string_view wanted) {
  return upper_case(text_of(word->getStart(), tokens)) == wanted;
}

// The words of ALTER INSTANCE that are names to the lexer.
const Token* alter_instance(G::MysqlAlterInstanceContext& statement, const SqlTokenStream& tokens) {
  const auto words = statement.identifier();
  if (statement.ROTATE() != nullptr) {
    const bool known = spelled(words[0], tokens, "INNODB") || spelled(words[0], tokens, "BINLOG");
    return known ? nullptr : words[0]->getStart();
  }
  if (statement.ENABLE() == nullptr && statement.DISABLE() == nullptr) return nullptr;
  if (!spelled(words[0], tokens, "INNODB")) return words[0]->getStart();
  return spelled(words[1], tokens, "REDO_LOG") ? nullptr : words[1]->getStart();
}

enum class Value : std::uint8_t {
  Text,
  TextOrNull,
  Number,    // 7, 0x7
  Position,  // 7
  Decimal,   // 7, 7.5
  Bit,       // 0, 1
  Ids,       // (1, 2)
  UserOrNull,
  KeyCheck,
  Anonymous,
  GtidUse,
  Switch,
};

// What each option of CHANGE REPLICATION SOURCE and CHANGE MASTER is given.
Value value_of(std::size_t option) {
  switch (option) {
    case G::SOURCE_AUTO_POSITION:
    case G::MASTER_AUTO_POSITION:
    case G::SOURCE_CONNECT_RETRY:
    case G::MASTER_CONNECT_RETRY:
    case G::SOURCE_CONNECTION_AUTO_FAILOVER:
    case G::SOURCE_DELAY:
    case G::MASTER_DELAY:
    case G::SOURCE_PORT:
    case G::MASTER_PORT:
    case G::SOURCE_RETRY_COUNT:
    case G::MASTER_RETRY_COUNT:
    case G::SOURCE_SSL:
    case G::MASTER_SSL:
    case G::SOURCE_SSL_VERIFY_SERVER_CERT:
    case G::MASTER_SSL_VERIFY_SERVER_CERT:
    case G::SOURCE_ZSTD_COMPRESSION_LEVEL:
    case G::MASTER_ZSTD_COMPRESSION_LEVEL:
    case G::GET_SOURCE_PUBLIC_KEY:
    case G::GET_MASTER_PUBLIC_KEY:
    case G::RELAY_LOG_POS:
    case G::MASTER_SERVER_ID: return Value::Number;
    case G::SOURCE_LOG_POS:
    case G::MASTER_LOG_POS: return Value::Position;
    case G::SOURCE_HEARTBEAT_PERIOD:
    case G::MASTER_HEARTBEAT_PERIOD: return Value::Decimal;
    case G::REQUIRE_ROW_FORMAT:
    case G::GTID_ONLY: return Value::Bit;
    case G::IGNORE_SERVER_IDS:
    case G::DO_DOMAIN_IDS:
    case G::IGNORE_DOMAIN_IDS: return Value::Ids;
    case G::PRIVILEGE_CHECKS_USER: return Value::UserOrNull;
    case G::REQUIRE_TABLE_PRIMARY_KEY_CHECK: return Value::KeyCheck;
    case G::ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS: return Value::Anonymous;
    case G::MASTER_USE_GTID: return Value::GtidUse;
    case G::MASTER_DEMOTE_TO_SLAVE:
    case G::MASTER_DEMOTE_TO_REPLICA: return Value::Switch;
    case G::SOURCE_TLS_CIPHERSUITES:
    case G::MASTER_TLS_CIPHERSUITES: return Value::TextOrNull;
    default: return Value::Text;
  }
}

bool fits(G::SourceOptionContext& option, const SqlTokenStream& tokens) {
  const Token* first = option.getStart();
  const Token* value = &tokens.at(first->getTokenIndex() + 2);
  const std::size_t type = value->getType();
  const bool single = value->getTokenIndex() == option.getStop()->getTokenIndex();
  const bool text = single && type == G::TEXT_STRING;
  const bool whole = single && (type == G::INT_NUM || type == G::LONG_NUM || type == G::ULONG_NUM ||
                                type == G::HEX_NUM);
  const bool decimal = single && (type == G::DECIMAL_NUM || type == G::FLOAT_NUM);
  switch (value_of(first->getType())) {
    case Value::Text: return text;
    case Value::TextOrNull: return text || type == G::NULL_;
    case Value::Number: return whole || decimal;
    case Value::Position: return (whole || decimal) && type != G::HEX_NUM;
    case Value::Decimal: return (whole || decimal) && type != G::HEX_NUM;
    case Value::Bit: return whole && within(value, tokens, 0, 1);
    case Value::Ids: return type == G::OP_LPAREN;
    case Value::UserOrNull:
      return type == G::NULL_ || type == G::TEXT_STRING || type == G::IDENT ||
             type == G::IDENT_QUOTED;
    case Value::KeyCheck:
      return type == G::ON || type == G::OFF || type == G::STREAM || type == G::GENERATE;
    case Value::Anonymous: return type == G::OFF || type == G::LOCAL || text;
    case Value::GtidUse:
      return type == G::CURRENT_POS || type == G::SLAVE_POS || type == G::REPLICA_POS ||
             type == G::NO;
    case Value::Switch: return whole || type == G::TRUE || type == G::FALSE;
  }
  return false;
}

// A replica runs until a GTID position or until a place in a file, not both.
const Token* until(G::StartReplicaContext& start) {
  const auto options = start.untilOption();
  if (options.size() < 2) return nullptr;
  for (auto* option : options) {
    const bool whole =
        option->sourceWord() == nullptr || option->getStart()->getType() == G::MASTER_GTID_POS;
    if (whole) return option == options.front() ? options[1]->getStart() : option->getStart();
  }
  return nullptr;
}

// A library is in one language; of several the last is meant.
const Token* library(G::MysqlCreateLibraryContext& library) {
  for (auto* option : library.libraryOption()) {
    if (option->LANGUAGE() != nullptr) return nullptr;
  }
  return library.libraryText()->getStart();
}

// MariaDB: each text of a server once.
template <class Statement>
const Token* server_options(Statement& statement, const Dialect& dialect) {
  if (dialect.engine == Engine::MySql) return nullptr;
  std::vector<std::size_t> seen;
  for (auto* option : statement.serverOption()) {
    std::size_t type = option->getStart()->getType();
    if (option->text() == nullptr || option->mariaServerOption() != nullptr) continue;
    if (type == G::SCHEMA) type = G::DATABASE;
    if (std::find(seen.begin(), seen.end(), type) != seen.end()) return option->getStop();
    seen.push_back(type);
  }
  return nullptr;
}

// Files have names, positions numbers.
const Token* until_option(G::UntilOptionContext& option) {
  if (option.sourceWord() == nullptr) return nullptr;
  const Value value = value_of(option.getStart()->getType());
  const bool number = value == Value::Number || value == Value::Position;
  return number == (option.number() != nullptr) ? nullptr : option.getStop();
}

// CURRENT_ROLE is nobody who can be dropped, renamed or altered, or has a secret; CURRENT_USER is
// no role, and has no default ones.
const Token* user(G::UserContext& user) {
  const std::size_t first = user.getStart()->getType();
  auto* holder = dynamic_cast<Context*>(user.parent);
  auto* statement = dynamic_cast<Context*>(holder->parent);
  if (statement == nullptr) return nullptr;
  if (first == G::CURRENT_USER) {
    switch (statement->getRuleIndex()) {
      case G::RuleMysqlToUsers:
      case G::RuleMysqlDefaultRoles:
      case G::RuleMysqlDefaultRole:
      case G::RuleMysqlRoles:
      case G::RuleMysqlGrantAs:
        return holder->getRuleIndex() == G::RuleUserList ? user.getStart() : nullptr;
      default: return nullptr;
    }
  }
  if (first != G::CURRENT_ROLE) return nullptr;
  switch (holder->getRuleIndex()) {
    case G::RuleMariaForUser:
    case G::RuleGrant:   // GRANT PROXY ON
    case G::RuleRevoke:  // REVOKE PROXY ON
      return user.getStart();
    case G::RuleShowStatement: return has_token(holder, G::GRANTS) ? nullptr : user.getStart();
    default: break;
  }
  switch (statement->getRuleIndex()) {
    case G::RuleDropUser:
    case G::RuleRenameUser:
    case G::RuleAlterUser: return user.getStart();
    case G::RuleSetPassword: return user.getStart();
    case G::RulePlainGrantees:
      return has_token(static_cast<Context*>(statement->parent), G::PROXY) ? user.getStart()
                                                                           : nullptr;
    case G::RuleNewUserItem: {
      auto* item = static_cast<G::NewUserItemContext*>(statement);
      return item->identification() != nullptr ? item->identification()->getStart() : nullptr;
    }
    case G::RuleGrantee: {
      auto* secret = static_cast<G::GranteeContext*>(statement)->mariaGrantIdentification();
      return secret != nullptr ? secret->getStart() : nullptr;
    }
    case G::RuleAlteredUserItem: {
      auto* item = static_cast<G::AlteredUserItemContext*>(statement);
      return item->identification() != nullptr ? user.getStart() : nullptr;
    }
    default: return nullptr;
  }
}

// An initial authentication goes with a plugin.
const Token* new_user(G::NewUserItemContext& item) {
  auto* initial = item.mysqlInitialAuthentication();
  if (initial == nullptr) return nullptr;
  auto* plugin = item.identification();
  const bool alone = plugin->WITH() != nullptr && plugin->mysqlByText() == nullptr &&
                     plugin->mysqlByRandom() == nullptr;
  return alone ? nullptr : initial->getStart();
}

// MariaDB: how many connections is a whole number.
const Token* connections(G::ResourceLimitContext& limit, const Dialect& dialect) {
  if (dialect.engine == Engine::MySql || limit.MAX_USER_CONNECTIONS() == nullptr) return nullptr;
  return limit.getStop()->getType() == G::INT_NUM ? nullptr : limit.getStop();
}

// MariaDB: ACCOUNT and PASSWORD EXPIRE once each.
const Token* user_options(const std::vector<G::PasswordOrLockContext*>& options,
                          const Dialect& dialect) {
  if (dialect.engine == Engine::MySql) return nullptr;
  std::size_t accounts = 0;
  std::size_t passwords = 0;
  for (auto* option : options) {
    std::size_t& count = option->ACCOUNT() != nullptr ? accounts : passwords;
    if (++count > 1) return option->getStart();
    const bool days = option->whole() != nullptr;
    const std::size_t type = days ? option->whole()->getStart()->getType() : 0;
    if (type == G::HEX_NUM || type == G::ULONG_NUM) return option->whole()->getStart();
  }
  return nullptr;
}

// MariaDB: the numbers of a sequence have 64 bits and a sign.
const Token* sequence_number(G::SignedNumberContext& number, const SqlTokenStream& tokens) {
  const auto* holder = dynamic_cast<const Context*>(number.parent);
  const std::size_t rule = holder->getRuleIndex();
  if (rule != G::RuleSequenceRange && rule != G::RuleAlterSequenceOption) return nullptr;
  const std::size_t type = number.number()->getStart()->getType();
  const bool whole = type == G::INT_NUM || type == G::LONG_NUM || type == G::ULONG_NUM;
  const bool right = whole && within(number.number()->getStart(), tokens, 0, INT64_MAX);
  return right ? nullptr : number.getStop();
}

}  // namespace

const antlr4::Token* server_fault(antlr4::ParserRuleContext& context, const SqlTokenStream& tokens,
                                  const Dialect& dialect) {
  switch (context.getRuleIndex()) {
    case G::RuleTablespaceOption:
      return tablespace_option(static_cast<G::TablespaceOptionContext&>(context));
    case G::RuleMysqlAlterInstance:
      return alter_instance(static_cast<G::MysqlAlterInstanceContext&>(context), tokens);
    case G::RuleSourceOption:
      return fits(static_cast<G::SourceOptionContext&>(context), tokens) ? nullptr
                                                                         : context.getStop();
    case G::RuleCloneStatement: {
      // The colon before the port touches the host.
      auto& clone = static_cast<G::CloneStatementContext&>(context);
      if (clone.OP_COLON() == nullptr) return nullptr;
      const antlr4::Token* colon = clone.OP_COLON()->getSymbol();
      const bool apart = colon->getStartIndex() != clone.hostPart()->getStop()->getStopIndex();
      return apart ? colon : nullptr;
    }
    case G::RuleUntilOption: return until_option(static_cast<G::UntilOptionContext&>(context));
    case G::RuleResourceLimit:
      return connections(static_cast<G::ResourceLimitContext&>(context), dialect);
    case G::RuleStartReplica: return until(static_cast<G::StartReplicaContext&>(context));
    case G::RuleUser: return user(static_cast<G::UserContext&>(context));
    case G::RuleNewUserItem: return new_user(static_cast<G::NewUserItemContext&>(context));
    case G::RuleCreateUser:
      return user_options(static_cast<G::CreateUserContext&>(context).passwordOrLock(), dialect);
    case G::RuleAlterUser:
      return user_options(static_cast<G::AlterUserContext&>(context).passwordOrLock(), dialect);
    case G::RuleMysqlCreateLibrary:
      return library(static_cast<G::MysqlCreateLibraryContext&>(context));
    case G::RuleCreateServer:
      return server_options(static_cast<G::CreateServerContext&>(context), dialect);
    case G::RuleAlterServer:
      return server_options(static_cast<G::AlterServerContext&>(context), dialect);
    case G::RuleMysqlDynamicPrivilege:
      return context.getStart()->getType() == G::PROXY ? context.getStart() : nullptr;
    case G::RuleSignedNumber:
      return sequence_number(static_cast<G::SignedNumberContext&>(context), tokens);
    default: return ddl_fault(context, tokens, dialect);
  }
}

}  // namespace sluice::parser
