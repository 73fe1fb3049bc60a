// The facts of one statement, from its tree. Rules named after what happens to an object
// (readTable, newView, droppedRoutine, …) give the objects; the rest is a switch over rules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <antlr4-runtime.h>

#include "SluiceParser.h"
#include "parser/dialect.h"
#include "parser/facts.h"
#include "parser/token_source.h"

namespace sluice::parser {

class FactsWalk {
 public:
  // All must outlive the walk.
  FactsWalk(const SqlTokenStream& tokens, const Dialect& dialect, StatementFacts& facts)
      : tokens_(tokens), dialect_(dialect), facts_(facts) {}

  // Fills every fact. REQUIRES: `statement` is the grammar's rule of that name.
  void run(antlr4::ParserRuleContext* statement);
  // A word is used as a name that this server reserves: the token, or null.
  [[nodiscard]] const antlr4::Token* reserved() const { return reserved_; }

 private:
  using Context = antlr4::ParserRuleContext;
  struct Alias {
    std::string name;
    std::string schema;
    std::string table;
  };

  void check_all(Context* context);
  void walk(Context* context);
  void check(Context* context);
  void children(Context* context);
  void program_statement(Context* statement);
  void prepared(Context* statement);
  [[nodiscard]] bool is_common(const std::string& name) const;
  void definer(Context* context);
  void query(Context* context);
  void name_or_call(Context* context);
  void special_call(Context* context);
  void next_value(Context* context);
  void sequence_call(Context* call, const std::string& word);
  void object_rule(Context* context);
  void insert(Context* context);
  void block(Context* spec);
  void own_clauses(Context* context);
  void update(Context* context);
  void erase(Context* context);
  void set_item(Context* context);
  void limit(Context* context);
  void into(Context* context);
  void aliases(Context* context, std::vector<Alias>& found);
  void assigned(Context* column, const std::vector<Alias>& from);
  void add(std::string schema, std::string name, ObjectKind kind, Access access);
  void function(std::string schema, std::string name, bool builtin);
  void variable(Context* context, bool written);

  // Where a name without a schema is looked for.
  [[nodiscard]] const std::string& default_schema() const {
    return explained_in_.empty() ? dialect_.schema : explained_in_;
  }
  [[nodiscard]] std::string_view source(const antlr4::Token* token) const;
  [[nodiscard]] std::string unquoted(const antlr4::Token* token) const;
  [[nodiscard]] std::string spelled(const Context* context) const;
  [[nodiscard]] const antlr4::Token* misread_text(const Context* context) const;
  [[nodiscard]] std::vector<std::string> names(Context* context) const;

  const SqlTokenStream& tokens_;
  const Dialect& dialect_;
  StatementFacts& facts_;
  std::vector<std::string> common_;  // names of the WITH clauses in force
  std::string explained_in_;         // MySQL's EXPLAIN FOR SCHEMA
  std::size_t depth_ = 0;            // of queries
  bool open_block_ = false;          // an outermost block reads tables without WHERE
  bool sets_sequence_ = false;       // SETVAL(s, n) is called
  const antlr4::Token* reserved_ = nullptr;
};

// Class, group and implicit commit, from the statement's rule and words.
void classify(antlr4::ParserRuleContext* statement, const SqlTokenStream& tokens,
              const Dialect& dialect, StatementFacts& facts);

}  // namespace sluice::parser
