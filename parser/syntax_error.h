#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace sluice::parser {

// Why a text was not understood, and where: what a person, a JSON line or a MySQL ERR packet needs.
struct SyntaxError {
  enum class Kind : std::uint8_t {
    Syntax,      // the grammar has no such statement; the server would answer 1064
    TooComplex,  // nested or long beyond the parser's limits; nothing is said of its syntax
  };

  Kind kind = Kind::Syntax;
  std::size_t offset = 0;    // byte of the text where the offending token begins
  std::uint32_t line = 1;    // from 1, by '\n'
  std::uint32_t column = 1;  // from 1, in bytes
  std::string near;     // the text from there on, at most 80 bytes, cut at a character's border
  std::string message;  // one sentence
};

}  // namespace sluice::parser
