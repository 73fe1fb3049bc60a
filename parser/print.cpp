#include "parser/print.h"

#include <utility>

#include "parser/charset.h"
#include "parser/keywords.h"
#include "parser/printer.h"

namespace sluice::parser {
namespace {

// Whether a name can stand without quotes on any server, whatever stands around it.
bool is_plain(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (name.empty() || !letter(name.front())) return false;
  for (const char c : name) {
    if (!letter(c) && c != '_' && !(c >= '0' && c <= '9')) return false;
  }
  Dialect mysql;
  Dialect mariadb;
  mariadb.engine = Engine::MariaDb;
  mariadb.server_version = 101119;
  return find_keyword(name, true, mysql) == TokenKind::Identifier &&
         find_keyword(name, true, mariadb) == TokenKind::Identifier;
}

std::string quoted(std::string_view name, Charset charset) {
  std::string out = "`";
  const auto* p = reinterpret_cast<const unsigned char*>(name.data());  // NOLINT: bytes
  const auto* end = p + name.size();
  while (p < end) {
    const std::uint32_t length = multi_byte_length(charset, p, end);
    if (length > 1) {
      out.append(reinterpret_cast<const char*>(p), length);  // NOLINT: bytes
      p += length;
      continue;
    }
    if (*p == '`') out += '`';
    out += static_cast<char>(*p++);
  }
  return out + "`";
}

}  // namespace

void Printer::put(std::string_view word) {
  if (word.empty()) return;
  // 1..10 and 1 .. 10 have other tokens: the words bring the blanks that there were.
  if (word.starts_with("..") || word.starts_with(" ..") || out_.ends_with("..") ||
      out_.ends_with(".. ")) {
    out_ += word;
    return;
  }
  const bool closes = word.front() == ',' || word.front() == ')' || word.front() == ';';
  if (!out_.empty() && out_.back() != '(' && !closes) out_ += ' ';
  out_ += word;
}

std::string Printer::name(const Name& name) const {
  if (name.spelling != Name::Spelling::Plain || is_plain(name.text)) return name.text;
  return quoted(name.text, dialect_.charset);
}

// Next to a dot every word is a name, so one that the text had as a keyword keeps its distance.
std::string Printer::dotted(const std::vector<Name>& parts, bool leading_dot) const {
  std::string out = leading_dot ? "." : "";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool keyword = parts[i].spelling == Name::Spelling::Keyword;
    if (keyword && !out.empty()) out += ' ';
    out += name(parts[i]);
    if (i + 1 < parts.size()) out += keyword ? " ." : ".";
  }
  return out;
}

std::string Printer::qualified(const QualifiedName& name) const {
  std::vector<Name> parts;
  if (name.schema) parts.push_back(*name.schema);
  parts.push_back(name.name);
  return dotted(parts, name.leading_dot);
}

void Printer::alias(const std::optional<Alias>& alias) {
  if (!alias) return;
  put("AS", alias->as);
  put(name(alias->name));
}

void Printer::names(const std::vector<Name>& list) {
  put("(");
  this->list(list, [this](const Name& one) { put(name(one)); });
  glue(")");
}

void Printer::pieces(const std::vector<Piece>& pieces) {
  struct Visitor {
    Printer& to;
    void operator()(const std::string& words) const { to.put(words); }
    void operator()(const Box<Expression>& one) const { to.expression(*one); }
    void operator()(const Box<Query>& one) const { to.query(*one); }
    void operator()(const Box<StatementTree>& one) const { to.statement(*one); }
  };
  for (const Piece& piece : pieces) std::visit(Visitor{*this}, piece.value);
}

void Printer::parens(const Query& inner) {
  put("(");
  query(inner);
  glue(")");
}

void Printer::order_items(const std::vector<OrderItem>& items) {
  list(items, [this](const OrderItem& one) {
    expression(one.by);
    put(one.direction);
  });
}

void Printer::order(const std::vector<OrderItem>& items) {
  if (items.empty()) return;
  put("ORDER BY");
  order_items(items);
}

std::string print(const StatementTree& tree, const Dialect& dialect) {
  Printer printer(dialect);
  printer.statement(tree);
  return printer.take();
}

std::string print(const Query& query, const Dialect& dialect) {
  Printer printer(dialect);
  printer.query(query);
  return printer.take();
}

std::string print(const Expression& expression, const Dialect& dialect) {
  Printer printer(dialect);
  printer.expression(expression);
  return printer.take();
}

}  // namespace sluice::parser
