#include "policy/rules/parts.h"

#include <algorithm>

#include "parser/lexer.h"

namespace sluice::policy::rules {
namespace {

using parser::Lexer;
using parser::Token;
using parser::TokenKind;

// VALUES, or VALUE where it is not the table's name.
bool begins_rows(TokenKind kind, TokenKind before) {
  if (kind == TokenKind::Values) return true;
  return kind == TokenKind::Value && before != TokenKind::Into && before != TokenKind::Insert &&
         before != TokenKind::Replace && before != TokenKind::Ignore && before != TokenKind::Dot;
}

// Collects the tokens of a part. The rows of an INSERT after the first are counted, and kept only
// when there is more than literals in them: a subquery in a row is judged like any other.
class Collector {
 public:
  explicit Collector(Part& part) : part_(part) {}

  void take(const Token& token) {
    if (token.kind == TokenKind::LeftParen) ++depth_;
    if (rows_ && depth_ == 1 && token.kind == TokenKind::LeftParen) begin_row(token);
    if (in_row_) {
      literal_ =
          literal_ && (is_literal(token.kind) || token.kind == TokenKind::Comma ||
                       token.kind == TokenKind::Dash || token.kind == TokenKind::Plus ||
                       token.kind == TokenKind::LeftParen || token.kind == TokenKind::RightParen);
      if (depth_ == 1 && token.kind == TokenKind::Comma) ++values_;
      if (token.kind != TokenKind::LeftParen && token.kind != TokenKind::RightParen) empty_ = false;
    }
    part_.tokens.push_back(token);
    if (token.kind == TokenKind::RightParen && depth_ > 0) {
      --depth_;
      if (in_row_ && depth_ == 0) end_row();
    }
    if (depth_ == 0 && insert_ && begins_rows(token.kind, before_)) rows_ = true;
    if (depth_ == 0 && token.kind == TokenKind::On) insert_ = rows_ = false;  // ON DUPLICATE KEY
    before_ = token.kind;
  }
  void set_insert(bool insert) { insert_ = insert; }

 private:
  void begin_row(const Token& token) {
    in_row_ = literal_ = empty_ = true;
    values_ = 1;
    offset_ = token.start;
    kept_ = part_.tokens.size();
    ++row_;
  }
  void end_row() {
    in_row_ = false;
    const std::size_t width = empty_ ? 0 : values_;
    const bool known = std::any_of(part_.row_widths.begin(), part_.row_widths.end(),
                                   [&](const RowWidth& x) { return x.values == width; });
    if (!known) part_.row_widths.push_back({width, row_, offset_});
    if (literal_ && row_ > 1) part_.tokens.resize(kept_);
  }

  Part& part_;
  bool insert_ = false, rows_ = false, in_row_ = false, literal_ = false, empty_ = false;
  std::size_t depth_ = 0, values_ = 0, row_ = 0, kept_ = 0;
  std::uint32_t offset_ = 0;
  TokenKind before_ = TokenKind::EndOfText;
};

// The ranges of the statements inside, in order; they are apart from each other.
void collect(Part& part, const parser::Dialect& dialect) {
  const auto& facts = *part.facts;
  const bool inside = facts.dynamic_text.empty();
  Collector collector(part);
  collector.set_insert(is_insert(part) && facts.inserted_rows.has_value());
  Lexer lexer(part.text, dialect);
  auto inner = facts.nested.begin();
  for (Token token = lexer.next(); token.kind != TokenKind::EndOfText; token = lexer.next()) {
    if (token.start < facts.start) continue;
    if (part.in_program && token.start >= facts.end) break;
    if (inside) {
      while (inner != facts.nested.end() && inner->end <= token.start) ++inner;
      if (inner != facts.nested.end() && token.start >= inner->start) continue;
    }
    collector.take(token);
  }
}

void add_part(std::vector<Part>& out, const parser::StatementFacts& facts, const Part& around,
              const parser::Dialect& dialect) {
  Part part;
  part.facts = &facts;
  part.text = around.text;
  part.base = around.base;
  part.prepared = around.prepared;
  part.in_program = around.in_program;
  collect(part, dialect);
  Part inner = part;
  inner.tokens.clear();
  inner.row_widths.clear();
  out.push_back(std::move(part));
  auto read_as = dialect;
  if (facts.dynamic_text.empty()) {
    inner.in_program = true;
  } else {
    inner.text = facts.dynamic_text;
    inner.prepared = true;
    read_as.placeholders = true;
  }
  for (const auto& nested : facts.nested) add_part(out, nested, inner, read_as);
}

// EXPLAIN has the class of what it explains, and the group of a query.
bool is_class(const Part& part, std::initializer_list<std::string_view> names) {
  if (part.facts->group == parser::ActionGroup::Read) return false;
  return std::find(names.begin(), names.end(), part.facts->class_name) != names.end();
}

}  // namespace

std::vector<Part> read_parts(const parser::StatementFacts* facts, std::string_view source,
                             std::size_t base, const parser::Dialect& dialect) {
  std::vector<Part> out;
  if (!facts) return out;
  Part whole;
  whole.text = source;
  whole.base = base;
  add_part(out, *facts, whole, dialect);
  return out;
}

bool is_insert(const Part& part) {
  return is_class(part, {"insert", "replace", "insert_select", "replace_select"});
}
bool is_update(const Part& part) {
  return is_class(part, {"update", "update_multi"});
}
bool is_delete(const Part& part) {
  return is_class(part, {"delete", "delete_multi"});
}

bool is_literal(TokenKind kind) {
  switch (kind) {
    case TokenKind::TextString:
    case TokenKind::NationalString:
    case TokenKind::CharsetIntroducer:
    case TokenKind::IntegerNumber:
    case TokenKind::LongNumber:
    case TokenKind::UnsignedLongNumber:
    case TokenKind::DecimalNumber:
    case TokenKind::FloatNumber:
    case TokenKind::HexNumber:
    case TokenKind::BitNumber:
    case TokenKind::Placeholder:
    case TokenKind::Null:
    case TokenKind::True:
    case TokenKind::False:
    case TokenKind::Default: return true;
    default: return false;
  }
}

InsertShape insert_shape(const Part& part) {
  InsertShape shape;
  const auto& tokens = part.tokens;
  const auto kind = [&](std::size_t i) {
    return i < tokens.size() ? tokens[i].kind : TokenKind::EndOfText;
  };
  std::size_t i = 0;
  while (i < tokens.size() && kind(i) != TokenKind::Insert && kind(i) != TokenKind::Replace) ++i;
  ++i;
  while (kind(i) == TokenKind::Hint || kind(i) == TokenKind::LowPriority ||
         kind(i) == TokenKind::Delayed || kind(i) == TokenKind::HighPriority ||
         kind(i) == TokenKind::Ignore || kind(i) == TokenKind::Into) {
    ++i;
  }
  ++i;  // the table's name
  if (kind(i) == TokenKind::Dot) i += 2;
  const auto skip_parens = [&] {
    while (i < tokens.size() && kind(i) != TokenKind::RightParen) ++i;
    ++i;
  };
  if (kind(i) == TokenKind::Partition) skip_parens();
  const auto opens_query = [&](TokenKind k) {
    return k == TokenKind::Select || k == TokenKind::With || k == TokenKind::Table ||
           k == TokenKind::LeftParen || k == TokenKind::Values;
  };
  if (kind(i) == TokenKind::LeftParen && !opens_query(kind(i + 1))) {
    shape.columns.emplace();
    for (++i; i < tokens.size() && kind(i) != TokenKind::RightParen; ++i) {
      if (kind(i) == TokenKind::Comma) continue;
      if (kind(i) == TokenKind::Dot) {  // t.c: the last name counts
        if (!shape.columns->empty()) shape.columns->pop_back();
        continue;
      }
      shape.columns->push_back(unquoted(tokens[i].text(part.text)));
    }
    ++i;
  }
  shape.set = kind(i) == TokenKind::Set;
  shape.query = opens_query(kind(i)) && kind(i) != TokenKind::Values;
  if (kind(i) == TokenKind::Values && kind(i + 1) == TokenKind::Row) shape.query = true;
  return shape;
}

}  // namespace sluice::policy::rules
