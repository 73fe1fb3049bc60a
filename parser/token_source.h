// The lexer's tokens as ANTLR's token stream. Adjacent strings are one; DATE '…' is one; words that
// are keywords only before certain others are names elsewhere; repeated tuples of literals, and
// literals of IN (…), after the first are left out and counted, so that an INSERT of any number of
// rows parses like one of a single row.
//
// The text must outlive it. One thread. Reused from text to text; memory is kept up to a limit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <antlr4-runtime.h>

#include "parser/dialect.h"
#include "parser/token.h"

namespace sluice::parser {

class SqlToken final : public antlr4::Token {
 public:
  std::size_t type = 0;
  std::size_t start = 0;
  std::size_t stop = 0;  // one past the last byte
  std::size_t index = 0;
  // Of a `)`: tuples of literals left out after it. Of a literal in an IN list: literals left out.
  std::uint64_t collapsed = 0;
  std::size_t collapsed_stop = 0;  // one past the last byte of what was left out
  bool keyword = false;            // the lexer's, whatever `type` became
  bool joined = false;             // a literal of several strings

  std::string getText() const override { return {}; }
  std::size_t getType() const override { return type; }
  std::size_t getLine() const override { return 0; }
  std::size_t getCharPositionInLine() const override { return 0; }
  std::size_t getChannel() const override { return 0; }
  std::size_t getTokenIndex() const override { return index; }
  std::size_t getStartIndex() const override { return start; }
  std::size_t getStopIndex() const override { return stop; }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  antlr4::CharStream* getInputStream() const override { return nullptr; }
  std::string toString() const override { return {}; }
};

class SqlTokenStream final : public antlr4::TokenStream {
 public:
  // False when the text has more than `limit` tokens or hundreds of nested parentheses; those
  // before stay readable.
  [[nodiscard]] bool fill(std::string_view text, const Dialect& dialect, std::size_t limit);
  [[nodiscard]] const SqlToken& at(std::size_t index) const { return tokens_[index]; }
  [[nodiscard]] std::string_view text() const { return text_; }
  // Whether a literal of several strings is among them.
  [[nodiscard]] bool any_joined() const { return joined_; }

  [[nodiscard]] antlr4::Token* current() { return &tokens_[at_]; }

  antlr4::Token* LT(ssize_t k) override;
  antlr4::Token* get(std::size_t index) const override {
    return const_cast<SqlToken*>(&tokens_[index]);
  }
  antlr4::TokenSource* getTokenSource() const override { return nullptr; }
  std::string getText(const antlr4::misc::Interval&) override { return {}; }
  std::string getText() override { return {}; }
  std::string getText(antlr4::RuleContext*) override { return {}; }
  std::string getText(antlr4::Token*, antlr4::Token*) override { return {}; }
  void consume() override {
    if (at_ + 1 < tokens_.size()) ++at_;
  }
  std::size_t LA(ssize_t i) override;
  ssize_t mark() override { return 0; }
  void release(ssize_t) override {}
  std::size_t index() override { return at_; }
  void seek(std::size_t index) override {
    at_ = index < tokens_.size() ? index : tokens_.size() - 1;
  }
  std::size_t size() override { return tokens_.size(); }
  std::string getSourceName() const override { return "sql"; }

 private:
  // A list of literals in IN (…) that is being read.
  enum class ListState : std::uint8_t { None, Open, Introducer, Item };

  void push(const Token& token);
  [[nodiscard]] bool is_no_name(const Token& token, const Dialect& dialect) const;
  [[nodiscard]] bool join(const Token& token);
  [[nodiscard]] bool join_range(const Token& token);
  void adjust(const Token& next);
  void follow_select(std::size_t type);
  void follow_tuple(std::size_t type);
  void collapse();
  void follow_list(std::size_t type);
  void end_item();

  std::vector<SqlToken> tokens_;
  std::string_view text_;
  std::size_t at_ = 0;
  // The tuple being read, when it is one of literals alone: where it began and what came before.
  std::size_t tuple_ = 0;
  bool joined_ = false;
  bool tuple_open_ = false;
  bool values_ = false;
  bool mariadb_ = false;
  bool system_time_ = false;     // between FOR SYSTEM_TIME and its AND
  std::size_t resume_ = 0;       // where the lexer is to go on, or 0
  bool select_options_ = false;  // SELECT and nothing but options of it were read
  bool wait_for_item_ = false;   // within a tuple: a literal must come
  ListState list_ = ListState::None;
  std::size_t item_ = 0;    // where the list's item began
  std::size_t anchor_ = 0;  // the last token of the list's first literal, or 0
};

}  // namespace sluice::parser
