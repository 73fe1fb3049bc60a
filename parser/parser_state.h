// A thread's parser: the generated one with an interpreter, prediction automata and context cache
// of its own (those of the runtime are shared statics that are filled without a lock), dropped when
// they have grown to their limit.
#pragma once

#include <memory>
#include <vector>

#include <antlr4-runtime.h>

#include "SluiceParser.h"
#include "parser/parse.h"
#include "parser/token_source.h"

namespace sluice::parser {

// Thrown through the generated code when its rules nest too deeply; never leaves ParserState.
struct TooDeep {};

class ThreadParser final : public grammar::SluiceParser {
 public:
  explicit ThreadParser(SqlTokenStream* tokens);

  const antlr4::atn::ATN& getATN() const override { return atn_; }
  void restart();
  // States of the prediction automata: what their memory grows with.
  [[nodiscard]] std::size_t states() const;
  void drop_caches();
  void set_mode(antlr4::atn::PredictionMode mode);
  // Whether a prediction since restart() might be another in full context.
  [[nodiscard]] bool conflict() const { return conflict_; }

 private:
  [[noreturn]] void too_deep() override { throw TooDeep{}; }
  std::size_t ask_runtime(std::size_t decision, antlr4::ParserRuleContext* context) override;
  void make_interpreter();

  antlr4::atn::ATN atn_;
  std::vector<antlr4::dfa::DFA> automata_;
  std::unique_ptr<antlr4::atn::PredictionContextCache> contexts_;
  antlr4::atn::ParserATNSimulator* simulator_ = nullptr;  // the runtime's Recognizer owns it
};

class ParserState {
 public:
  ParserState();

  enum class Outcome : std::uint8_t { Parsed, Refused, TooComplex };

  // Sets out on a text. False when it has too many tokens.
  [[nodiscard]] bool begin(std::string_view text, const Dialect& dialect);
  // The next statement from the stream's place on; its tree lives until the next call. On Refused
  // the stream stands at the offending token.
  [[nodiscard]] Outcome next();
  [[nodiscard]] grammar::SluiceParser::OneStatementContext* tree() const { return tree_; }
  [[nodiscard]] SqlTokenStream& tokens() { return tokens_; }
  [[nodiscard]] const std::vector<std::string>& rule_names() const {
    return parser_.getRuleNames();
  }
  [[nodiscard]] ParserStatistics& statistics() { return statistics_; }

 private:
  [[nodiscard]] Outcome attempt(std::size_t at);

  SqlTokenStream tokens_;
  ThreadParser parser_;
  grammar::SluiceParser::OneStatementContext* tree_ = nullptr;
  ParserStatistics statistics_;
  std::size_t offending_ = 0;
};

// This thread's, made at the first call.
[[nodiscard]] ParserState& thread_parser();

}  // namespace sluice::parser
