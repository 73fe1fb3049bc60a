// The only door of the parser: SQL text and the session's dialect in; statements with their facts
// out.
//
// Nothing must outlive the call; the result owns all of it. Each thread has a parser of its own,
// made at its first call and kept bounded; calls on different threads do not touch each other.
// Never throws on input. A text that the grammar does not know, or that is nested or long beyond
// the limits below, is an error value, and its group is Opaque.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "parser/dialect.h"
#include "parser/facts.h"
#include "parser/syntax_error.h"

namespace sluice::parser {

inline constexpr std::size_t kMaxTextBytes =
    64U << 20U;                                     // the servers' largest usual max_allowed_packet
inline constexpr std::size_t kMaxTokens = 200'000;  // after collapsing of literal lists
inline constexpr std::size_t kMaxStackBytes = 2U << 20U;  // of nested grammar rules

struct StatementTree;  // statement.h

struct Statement {
  StatementFacts facts;
  std::shared_ptr<const StatementTree> tree;  // null unless it was asked for
};

// What parse() gives beside the facts. The tree costs about as much again as the parse.
enum class Detail : std::uint8_t { Facts, Tree };

struct Parsed {
  // Those before the error, in order. With Dialect::multi_statements false a second one is an
  // error.
  std::vector<Statement> statements;
  std::optional<SyntaxError> error;

  [[nodiscard]] bool accepted() const { return !error.has_value(); }
  // The most restricted group of the whole text; Opaque when any of it was not understood or there
  // is nothing.
  [[nodiscard]] ActionGroup group() const;
};

[[nodiscard]] Parsed parse(std::string_view text, const Dialect& dialect,
                           Detail detail = Detail::Facts);

// What this thread's parser did so far.
struct ParserStatistics {
  std::uint64_t parses = 0;
  // Statements that were read again in full context: the fast mode refused them after it had to
  // choose.
  std::uint64_t full_context = 0;
  std::uint64_t cache_drops = 0;  // times the prediction cache had grown to its limit
};
[[nodiscard]] ParserStatistics parser_statistics();

}  // namespace sluice::parser
