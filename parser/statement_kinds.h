// The statements of the tree, of the parts that statement.h has. Included by it.
#pragma once

#include "parser/statement.h"

namespace sluice::parser {

struct Select {
  Query query;

  friend bool operator==(const Select&, const Select&) = default;
};

struct Assignment {
  Expression column;
  std::string op;  // "=" or ":="
  Expression value;

  friend bool operator==(const Assignment&, const Assignment&) = default;
};

struct Insert {
  bool replace = false;
  std::vector<std::string> options;  // an optimizer hint, LOW_PRIORITY, IGNORE, …
  bool into = false;                 // the word was written
  QualifiedName table;
  std::vector<Name> partitions;
  bool column_list = false;  // "()" is a list too
  std::vector<Expression> columns;
  std::string values;            // "VALUES" or "VALUE" before rows
  std::vector<Expression> rows;  // Rows; the first has the rest of a long list in `more`
  std::vector<Assignment> set;
  std::optional<Query> query;
  std::optional<Alias> alias;  // of the new row
  std::vector<Name> alias_columns;
  std::vector<Assignment> on_duplicate;
  std::vector<SelectItem> returning;

  friend bool operator==(const Insert&, const Insert&) = default;
};

struct Update {
  std::optional<With> with;
  std::vector<std::string> options;
  std::vector<TableReference> tables;
  std::vector<Piece> portion;  // MariaDB: FOR PORTION OF …
  std::vector<Assignment> set;
  std::optional<Expression> where;
  std::vector<OrderItem> order_by;
  std::optional<Limit> limit;

  friend bool operator==(const Update&, const Update&) = default;
};

struct DeleteTarget {
  QualifiedName table;
  bool star = false;  // t.*
  std::optional<Alias> alias;

  friend bool operator==(const DeleteTarget&, const DeleteTarget&) = default;
};

struct Delete {
  enum class Form : std::uint8_t {
    Single,
    From,
    Using
  };  // DELETE FROM t; t FROM …; FROM t USING …

  std::optional<With> with;
  std::vector<std::string> options;
  Form form = Form::Single;
  std::vector<DeleteTarget> targets;
  std::vector<Name> partitions;
  std::vector<Piece> portion;          // MariaDB: FOR PORTION OF …
  std::vector<TableReference> tables;  // of FROM or USING
  std::optional<Expression> where;
  std::vector<OrderItem> order_by;
  std::optional<Limit> limit;
  std::vector<SelectItem> returning;

  friend bool operator==(const Delete&, const Delete&) = default;
};

// LOAD DATA and LOAD XML.
struct Load {
  std::string head;  // everything before the table: source, LOCAL, REPLACE, …
  QualifiedName table;
  std::vector<Name> partitions;
  std::string format;  // character set, FIELDS, LINES, IGNORE n LINES
  bool column_list = false;
  std::vector<Expression> columns;  // columns and user variables
  std::vector<Assignment> set;

  friend bool operator==(const Load&, const Load&) = default;
};

struct Call {
  QualifiedName procedure;
  bool parens = false;
  std::vector<Expression> arguments;

  friend bool operator==(const Call&, const Call&) = default;
};

struct Do {
  std::vector<SelectItem> items;

  friend bool operator==(const Do&, const Do&) = default;
};

struct Handler {
  QualifiedName table;
  std::string action;  // "OPEN", "CLOSE", "READ FIRST", "READ i =", …
  std::optional<Alias> alias;
  std::vector<Expression> key;  // READ index = (…)
  std::optional<Expression> where;
  std::optional<Limit> limit;

  friend bool operator==(const Handler&, const Handler&) = default;
};

// START TRANSACTION, COMMIT, SAVEPOINT and their kin.
struct Transaction {
  enum class Verb : std::uint8_t { Begin, Commit, Rollback, Savepoint, RollbackTo, Release };

  Verb verb = Verb::Begin;
  std::string words;  // everything but the savepoint's name
  std::optional<Name> savepoint;

  friend bool operator==(const Transaction&, const Transaction&) = default;
};

struct SetItem {
  enum class Kind : std::uint8_t { UserVariable, SystemVariable, Names, CharacterSet };

  Kind kind = Kind::SystemVariable;
  std::string
      scope;  // "GLOBAL", "SESSION", "LOCAL", "PERSIST", "PERSIST_ONLY" where a word says so
  std::string target;  // as spelled: "@a", "@@global.x", "sql_mode", "NAMES", "CHARACTER SET"
  std::string op;      // "=", ":=", or empty
  std::vector<Piece> value;

  friend bool operator==(const SetItem&, const SetItem&) = default;
};

// SET of variables; MariaDB's SET STATEMENT … FOR has the statement, too.
struct SetVariables {
  std::vector<SetItem> items;
  std::optional<Box<StatementTree>> statement;

  friend bool operator==(const SetVariables&, const SetVariables&) = default;
};

struct Use {
  Name schema;

  friend bool operator==(const Use&, const Use&) = default;
};

// PREPARE, EXECUTE, EXECUTE IMMEDIATE, DEALLOCATE PREPARE.
struct Prepared {
  std::string words;  // "PREPARE", "EXECUTE", "EXECUTE IMMEDIATE", "DEALLOCATE PREPARE", …
  std::optional<Name> name;
  std::optional<Expression> text;  // a literal, user variable or expression
  std::vector<Expression> arguments;

  friend bool operator==(const Prepared&, const Prepared&) = default;
};

struct TableLock {
  QualifiedName table;
  std::optional<Alias> alias;
  std::string words;  // "READ", "READ LOCAL", "WRITE", "LOW_PRIORITY WRITE"

  friend bool operator==(const TableLock&, const TableLock&) = default;
};

// LOCK TABLES; with no tables LOCK INSTANCE FOR BACKUP, UNLOCK TABLES, UNLOCK INSTANCE.
struct LockTables {
  std::string words;
  std::vector<TableLock> tables;

  friend bool operator==(const LockTables&, const LockTables&) = default;
};

struct Show {
  std::string words;  // "SHOW FULL TABLES FROM db"
  std::string like;   // the literal as spelled
  std::optional<Expression> where;

  friend bool operator==(const Show&, const Show&) = default;
};

// EXPLAIN, DESCRIBE, MariaDB's ANALYZE: of a statement, or words of a table or connection.
struct Explain {
  std::string words;
  std::optional<Box<StatementTree>> statement;

  friend bool operator==(const Explain&, const Explain&) = default;
};

struct AccountName {
  Name user;
  std::optional<Name> host;
  bool current_user = false;  // CURRENT_USER, CURRENT_ROLE; `user` is the word

  friend bool operator==(const AccountName&, const AccountName&) = default;
};

struct Privilege {
  std::string words;  // "SELECT", "ALL PRIVILEGES", a role or dynamic privilege as spelled
  std::vector<Name> columns;

  friend bool operator==(const Privilege&, const Privilege&) = default;
};

// CREATE USER, GRANT and the others of the manual's 15.7.1. The pieces are what is printed.
struct Account {
  std::vector<Piece> pieces;
  std::vector<AccountName> accounts;  // whom it is about: created, altered, granted to, …
  std::vector<Privilege> privileges;  // GRANT and REVOKE, roles included
  std::string object;                 // GRANT … ON this, as spelled

  friend bool operator==(const Account&, const Account&) = default;
};

// A statement that changes a schema. The pieces are what is printed; the definition is what the
// schema model understands of them (schema::Other where it has no such thing).
struct Definition {
  std::vector<Piece> pieces;
  decltype(schema::Statement::body) definition;

  friend bool operator==(const Definition&, const Definition&) = default;
};

// Every other statement, stored programs' bodies among them: its words, with the expressions,
// queries and statements inside.
struct Other {
  std::vector<Piece> pieces;

  friend bool operator==(const Other&, const Other&) = default;
};

using StatementBody =
    std::variant<Other, Select, Insert, Update, Delete, Load, Call, Do, Handler, Transaction,
                 SetVariables, Use, Prepared, LockTables, Show, Explain, Account, Definition>;

struct StatementTree {
  StatementBody body;

  friend bool operator==(const StatementTree&, const StatementTree&) = default;
};

}  // namespace sluice::parser
