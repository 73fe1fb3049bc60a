#include "parser/literal.h"

namespace sluice::parser {

std::string string_value(std::string_view spelled, const Dialect& dialect) {
  std::string value;
  for (std::size_t i = 0; i < spelled.size(); ++i) {
    const char quote = spelled[i];
    if (quote != '\'' && quote != '"') continue;
    for (++i; i < spelled.size(); ++i) {
      if (spelled[i] == quote) {
        if (i + 1 >= spelled.size() || spelled[i + 1] != quote) break;
        ++i;
      } else if (spelled[i] == '\\' && !dialect.has(kNoBackslashEscapes) &&
                 i + 1 < spelled.size()) {
        ++i;
        switch (spelled[i]) {
          case 'n': value += '\n'; continue;
          case 't': value += '\t'; continue;
          case 'r': value += '\r'; continue;
          case '0': value += '\0'; continue;
          case 'b': value += '\b'; continue;
          case 'Z': value += '\x1a'; continue;
          case '%':
          case '_': value += '\\'; break;
          default: break;
        }
      }
      value += spelled[i];
    }
  }
  return value;
}

}  // namespace sluice::parser
