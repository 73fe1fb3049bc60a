// ANTLR's tree of one statement to ours. One small function a rule; what a function does not know
// makes the whole statement an Other with its words, so that nothing is ever lost.
//
// The token stream, the dialect and ANTLR's tree must outlive the call. One thread. Never fails.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <antlr4-runtime.h>

#include "SluiceParser.h"
#include "parser/dialect.h"
#include "parser/statement.h"
#include "parser/token_source.h"
#include "parser/tree.h"

namespace sluice::parser {

// Nested expressions, queries and statements. What is nested deeper stays words: its tree would be
// too deep to walk on a thread's stack.
inline constexpr std::size_t kMaxTreeDepth = 400;

class Transform {
 public:
  Transform(const SqlTokenStream& tokens, const Dialect& dialect)
      : tokens_(tokens), dialect_(dialect) {}

  // REQUIRES: `statement` is the grammar's rule of that name.
  [[nodiscard]] StatementTree statement(antlr4::ParserRuleContext* statement);

 private:
  using Context = antlr4::ParserRuleContext;
  using Nodes = std::vector<antlr4::tree::ParseTree*>;

  // transform.cpp: names, words and pieces
  Name name(Context* context);  // of an identifier, or a text where a name may be one
  QualifiedName qualified(Context* context);
  std::vector<Name> names(Context* list);  // the identifiers among the children
  std::string words(const antlr4::tree::ParseTree* node);
  std::string words(const Nodes& nodes, std::size_t from, std::size_t to);
  std::vector<Piece> pieces(Context* context);
  std::vector<Piece> pieces(const Nodes& nodes, std::size_t from, std::size_t to);
  std::optional<Alias> alias(const Nodes& nodes, std::size_t& at);
  std::string token_words(const SqlToken& token, bool as_name);
  std::string more(const SqlToken& token) const;  // what was collapsed behind the token
  StatementBody body(Context* statement);
  StatementBody simple(Context* statement);  // transform_admin.cpp
  void unknown() { failed_ = true; }

  // transform_expression.cpp
  Expression expression(Context* expr);
  Expression primary(Context* primary);
  Expression operand_at(const Nodes& nodes, std::size_t& at, int least);
  Expression climb(const Nodes& nodes, std::size_t& at, int least);
  Expression climb(Expression left, const Nodes& nodes, std::size_t& at, int least);
  Expression predicate(Expression left, const Nodes& nodes, std::size_t& at);
  Expression postfix(Expression left, const Nodes& nodes, std::size_t& at);
  Expression literal(Context* literal);
  Expression column(Context* context);
  Expression parenthesised(Context* context);
  Expression name_or_call(Context* context);
  Expression special_call(Context* context);
  Expression special(Context* context);
  Expression case_of(Context* context);
  void over(Context* clause, Expression& call);
  WindowSpec window_spec(Context* spec);
  std::vector<Expression> expressions(Context* list);
  int level(antlr4::tree::ParseTree* node) const;

  // transform_select.cpp
  Query query(Context* context);
  void query_part(Context* context, Query& query);
  void query_end(Context* context, Query& query);
  QueryBlock plain_query(Context* context);
  QueryBlock block(Context* spec);
  QueryBlock parens_block(TableReference table);
  With with(Context* clause);
  Into into(Context* clause);
  Limit limit(Context* clause);
  Lock lock(Context* clause);
  SelectItem select_item(Context* item);
  std::vector<OrderItem> order(Context* clause);
  void group(Context* clause, QueryBlock& block);
  std::vector<Window> windows(Context* clause);
  std::vector<TableReference> table_references(Context* list);
  TableReference table_reference(Context* reference);
  TableReference table_factor(Context* factor);
  TableReference base_table(Context* table);
  void derived(Context* body, TableReference& table);

  // transform_dml.cpp
  Insert insert(Context* statement);
  void insert_body(Context* body, Insert& insert);
  void values_query(Context* tail, Insert& insert);
  Update update(Context* statement);
  Delete erase(Context* statement);
  Load load(Context* statement);
  Assignment assignment(Context* context);
  std::vector<SelectItem> returning(Context* clause);
  StatementBody with_statement(Context* statement);

  // transform_admin.cpp
  Call call(Context* statement);
  Do do_items(Context* statement);
  Handler handler(Context* statement);
  Transaction transaction(Context* statement);
  StatementBody set(Context* statement);
  SetItem set_item(Context* item);
  Expression user_variable(Context* context);
  Prepared prepared(Context* statement);
  LockTables lock_tables(Context* statement);
  Show show(Context* statement);
  Explain explain(Context* statement);
  StatementBody set_for(Context* statement);

  // transform_ddl.cpp
  Definition definition(Context* statement);
  Account account(Context* statement);
  void account_parts(Context* context, Account& account);
  AccountName account_name(Context* context);

  const SqlTokenStream& tokens_;
  const Dialect& dialect_;
  bool failed_ = false;
  std::size_t depth_ = 0;
};

}  // namespace sluice::parser
