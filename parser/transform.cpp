#include "parser/transform.h"

#include <utility>

#include "parser/charset.h"
#include "parser/lexer.h"
#include "parser/words.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;

// An identifier without its quotes. A byte of a multi-byte character is no quote.
std::string unquote(std::string_view spelled, Charset charset) {
  if (spelled.size() < 2 || (spelled.front() != '`' && spelled.front() != '"'))
    return std::string(spelled);
  const char quote = spelled.front();
  const auto* p = reinterpret_cast<const unsigned char*>(spelled.data()) + 1;  // NOLINT: bytes
  const auto* end = p + spelled.size() - 2;
  std::string name;
  while (p < end) {
    const std::uint32_t length = multi_byte_length(charset, p, end);
    if (length > 1) {
      name.append(reinterpret_cast<const char*>(p), length);  // NOLINT: bytes
      p += length;
      continue;
    }
    name += static_cast<char>(*p);
    p += static_cast<char>(*p) == quote && p + 1 < end ? 2 : 1;
  }
  return name;
}

const SqlToken* token_of(const antlr4::tree::ParseTree* node) {
  // The runtime's getSymbol() is not const.
  auto* leaf = const_cast<antlr4::tree::ParseTree*>(node);  // NOLINT: as said
  if (rule(leaf) != nullptr) return nullptr;
  return static_cast<const SqlToken*>(static_cast<antlr4::tree::TerminalNode*>(leaf)->getSymbol());
}

// The tokens of a part of the text, a blank between.
std::string relexed(std::string_view text, const Dialect& dialect) {
  Lexer lexer(text, dialect);
  std::string out;
  for (Token token = lexer.next(); token.kind != TokenKind::EndOfText; token = lexer.next()) {
    if (token.kind == TokenKind::Unterminated || token.kind == TokenKind::Invalid) break;
    const bool close = token.kind == TokenKind::Comma || token.kind == TokenKind::RightParen;
    if (!out.empty() && out.back() != '(' && !close) out += ' ';
    out += token.text(text);
  }
  return out;
}

// Leaves of a subtree in order, with whether each is a word that stands for a name.
struct Leaf {
  const SqlToken* token;
  bool name;
};
void leaves(const antlr4::tree::ParseTree* node, bool name, std::vector<Leaf>& out) {
  if (const auto* token = token_of(node)) {
    out.push_back({token, name});
    return;
  }
  const auto* context = rule(const_cast<antlr4::tree::ParseTree*>(node));  // NOLINT: only looked at
  const bool inside = name || context->getRuleIndex() == G::RuleKeywordName;
  for (auto* child : node->children) leaves(child, inside, out);
}

// Words of leaves: a blank where the text had something.
class Run {
 public:
  void add(const SqlToken& token, std::string_view words) {
    if (!text_.empty() && (gap_ || token.start != end_)) text_ += ' ';
    text_ += words;
    end_ = token.collapsed > 0 ? token.collapsed_stop : token.stop;
    gap_ = token.type == G::ON_DUPLICATE;
  }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] std::string take() { return std::exchange(text_, {}); }

 private:
  std::string text_;
  std::size_t end_ = 0;
  bool gap_ = false;
};

}  // namespace

std::string Transform::more(const SqlToken& token) const {
  if (token.collapsed == 0) return {};
  std::string text =
      relexed(tokens_.text().substr(token.stop, token.collapsed_stop - token.stop), dialect_);
  const auto first = text.find_first_not_of(", ");
  return first == std::string::npos ? std::string() : text.substr(first);
}

std::string Transform::token_words(const SqlToken& token, bool as_name) {
  if (token.type == G::WITH_ROLLUP) return "WITH ROLLUP";
  if (token.type == G::DOT_DOT) {
    const bool before = tokens_.at(token.index - 1).stop != token.start;
    const bool after = tokens_.at(token.index + 1).start != token.stop;
    return std::string(before ? " .." : "..") + (after ? " " : "");
  }
  if (token.type == G::ON_DUPLICATE) return "ON DUPLICATE";
  const std::string_view spelled = tokens_.text().substr(token.start, token.stop - token.start);
  std::string text;
  if (token.type == G::TEMPORAL_TEXT) {
    text = relexed(spelled, dialect_);
    const std::size_t word = text.find(' ');
    if (word != std::string::npos) text = upper_case(text.substr(0, word)) + text.substr(word);
  } else if (token.type == G::TEXT_STRING || token.type == G::NCHAR_STRING) {
    text = token.joined ? relexed(spelled, dialect_) : std::string(spelled);
  } else {
    const bool word = !as_name && token.keyword && token.type != G::IDENT;
    text = word ? upper_case(spelled) : std::string(spelled);
  }
  if (token.collapsed > 0) text += ", " + more(token);
  return text;
}

std::string Transform::words(const antlr4::tree::ParseTree* node) {
  std::vector<Leaf> found;
  leaves(node, false, found);
  Run run;
  for (const Leaf& leaf : found) run.add(*leaf.token, token_words(*leaf.token, leaf.name));
  return run.take();
}

std::string Transform::words(const Nodes& nodes, std::size_t from, std::size_t to) {
  std::vector<Leaf> found;
  for (std::size_t i = from; i < to; ++i) leaves(nodes[i], false, found);
  Run run;
  for (const Leaf& leaf : found) run.add(*leaf.token, token_words(*leaf.token, leaf.name));
  return run.take();
}

std::vector<Piece> Transform::pieces(Context* context) {
  return pieces(context->children, 0, context->children.size());
}

std::vector<Piece> Transform::pieces(const Nodes& nodes, std::size_t from, std::size_t to) {
  std::vector<Piece> out;
  Run run;
  const auto end_run = [&] {
    if (!run.empty()) out.push_back({run.take()});
  };
  const auto visit = [&](auto& self, antlr4::tree::ParseTree* node, bool name) -> void {
    if (const auto* token = token_of(node)) {
      run.add(*token, token_words(*token, name));
      return;
    }
    auto* context = rule(node);
    if (context == nullptr) return;
    switch (context->getRuleIndex()) {
      case G::RuleExpr:
        end_run();
        out.push_back({Box<Expression>(expression(context))});
        return;
      case G::RuleQueryExpression:
        end_run();
        out.push_back({Box<Query>(query(context))});
        return;
      case G::RuleStatement: {
        end_run();
        out.push_back({Box<StatementTree>(statement(context))});
        return;
      }
      default: break;
    }
    for (auto* inner : context->children)
      self(self, inner, name || context->getRuleIndex() == G::RuleKeywordName);
  };
  for (std::size_t i = from; i < to; ++i) visit(visit, nodes[i], false);
  end_run();
  return out;
}

Name Transform::name(Context* context) {
  const auto* token = dynamic_cast<const SqlToken*>(context->getStart());
  if (context->getStart() != context->getStop() || token == nullptr) {
    unknown();
    return {};
  }
  const std::string_view spelled = tokens_.text().substr(token->start, token->stop - token->start);
  if (token->type == G::TEXT_STRING) return {token_words(*token, false), Name::Spelling::Text};
  if (token->keyword) return {std::string(spelled), Name::Spelling::Keyword};
  return {unquote(spelled, dialect_.charset), Name::Spelling::Plain};
}

std::vector<Name> Transform::names(Context* list) {
  std::vector<Name> found;
  for (auto* node : list->children) {
    auto* inner = rule(node);
    if (inner != nullptr && inner->getRuleIndex() == G::RuleIdentifier)
      found.push_back(name(inner));
  }
  return found;
}

QualifiedName Transform::qualified(Context* context) {
  Context* inner = child(context, G::RuleQualifiedName);
  if (inner == nullptr) inner = context;
  QualifiedName result;
  std::vector<Name> parts = names(inner);
  if (parts.empty() || parts.size() > 2) {
    unknown();
    return result;
  }
  result.leading_dot = child(inner, G::RuleMariaLeadingDot) != nullptr;
  result.name = std::move(parts.back());
  if (parts.size() == 2) result.schema = std::move(parts.front());
  return result;
}

// [AS] name at `at`, which moves behind it.
std::optional<Alias> Transform::alias(const Nodes& nodes, std::size_t& at) {
  Alias found;
  std::size_t next = at;
  const auto* token = next < nodes.size() ? token_of(nodes[next]) : nullptr;
  if (token != nullptr && token->type == G::AS) {
    found.as = true;
    ++next;
  }
  auto* context = next < nodes.size() ? rule(nodes[next]) : nullptr;
  if (context == nullptr || context->getRuleIndex() != G::RuleIdentifier) return std::nullopt;
  found.name = name(context);
  at = next + 1;
  return found;
}

StatementTree Transform::statement(Context* statement) {
  // A failure inside makes words of the innermost statement alone.
  const bool outer = std::exchange(failed_, false);
  StatementTree tree;
  if (depth_ < kMaxTreeDepth) {
    ++depth_;
    tree.body = body(statement);
    --depth_;
  } else {
    failed_ = true;
  }
  if (failed_) {
    failed_ = false;
    tree.body = Other{{Piece{words(statement)}}};
  }
  failed_ = outer;
  return tree;
}

StatementBody Transform::body(Context* statement) {
  auto* inner = statement->children.empty() ? nullptr : rule(statement->children.front());
  if (inner == nullptr) return Other{pieces(statement)};
  switch (inner->getRuleIndex()) {
    case G::RuleQueryStatement: return Select{query(inner)};
    case G::RuleWithStatement: return with_statement(inner);
    case G::RuleInsertStatement: return insert(inner);
    case G::RuleUpdateStatement: return update(inner);
    case G::RuleDeleteStatement: return erase(inner);
    case G::RuleLoadStatement: return load(inner);
    case G::RuleDdlStatement: return definition(inner);
    case G::RuleAccountStatement: return account(inner);
    case G::RuleSimpleStatement: return simple(inner);
    case G::RuleMariaSetStatement: return set_for(inner);
    default: return Other{pieces(inner)};
  }
}

}  // namespace sluice::parser
