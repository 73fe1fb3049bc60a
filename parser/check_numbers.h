// Numbers that the servers' parsers themselves look at. Used by the *_check.cpp files only.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

#include <antlr4-runtime.h>

#include "parser/token_source.h"

namespace sluice::parser {

[[nodiscard]] inline std::string_view text_of(const antlr4::Token* token,
                                              const SqlTokenStream& tokens) {
  return tokens.text().substr(token->getStartIndex(),
                              token->getStopIndex() - token->getStartIndex());
}

// Whether a number is from `lowest` to `highest`, both taken. Of 1.5 and 1e3 the servers take the
// whole part before the point or the exponent.
[[nodiscard]] inline bool within(const antlr4::Token* token, const SqlTokenStream& tokens,
                                 std::uint64_t lowest, std::uint64_t highest) {
  std::string_view text = text_of(token, tokens);
  const bool hex = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  if (hex) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  return parsed.ec == std::errc() && value >= lowest && value <= highest;
}

// The node's first token when it is no such number; null when it is, or when there is no node.
[[nodiscard]] inline const antlr4::Token* number_within(antlr4::ParserRuleContext* number,
                                                        const SqlTokenStream& tokens,
                                                        std::uint64_t lowest,
                                                        std::uint64_t highest) {
  if (number == nullptr || within(number->getStart(), tokens, lowest, highest)) return nullptr;
  return number->getStart();
}

}  // namespace sluice::parser
