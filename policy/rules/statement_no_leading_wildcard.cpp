// statement.no-leading-wildcard: a pattern that begins with % or _ cannot use an index.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_no_leading_wildcard(Check& check) {
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      for (std::size_t i = 1; i < part.tokens.size(); ++i) {
        const auto& token = part.tokens[i];
        if (part.tokens[i - 1].kind != parser::TokenKind::Like) continue;
        if (token.kind != parser::TokenKind::TextString) continue;
        const auto text = token.text(part.text);
        if (part.facts->class_name.starts_with("show")) continue;
        if (text.size() < 3 || (text[1] != '%' && text[1] != '_')) continue;
        check.report(step, part, token,
                     "The pattern begins with a wildcard, so that no index helps; begin it with a "
                     "character, or use a FULLTEXT index.");
      }
    }
  }
}

}  // namespace sluice::policy::rules
