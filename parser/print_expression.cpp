// Expressions to text. Parentheses are operands of their own, so that nothing here decides about
// precedence.
#include "parser/printer.h"

namespace sluice::parser {
namespace {

using Kind = Expression::Kind;

}  // namespace

void Printer::expression(const Expression& one) {
  switch (one.kind) {
    case Kind::Literal:
    case Kind::UserVariable:
    case Kind::SystemVariable: put(one.text); break;
    case Kind::Parameter: put("?"); break;
    case Kind::Default: put("DEFAULT"); break;
    case Kind::Column: put(dotted(one.name, one.leading_dot)); break;
    case Kind::Star: put(one.name.empty() ? "*" : dotted(one.name, false) + ".*"); break;
    case Kind::Unary:
    case Kind::Chain:
    case Kind::Between:
    case Kind::In:
    case Kind::Predicate:
    case Kind::Collate:
    case Kind::Assign: operation(one); break;
    case Kind::Case: case_of(one); break;
    case Kind::Call: call(one); break;
    case Kind::Special:
      pieces(one.pieces);
      over(one);
      break;
    case Kind::Row:
    case Kind::Parens:
      put(one.text);
      put("(");
      expressions(one.operands);
      glue(")");
      break;
    case Kind::Exists:
      put("EXISTS");
      parens(**one.query);
      break;
    case Kind::Quantified:
      put(one.text);
      parens(**one.query);
      break;
    case Kind::Subquery: parens(**one.query); break;
    case Kind::Interval:
      put("INTERVAL");
      expression(one.operands.front());
      put(one.text);
      break;
    case Kind::Odbc:
      put("{");
      put(dotted(one.name, false));
      expression(one.operands.front());
      put("}");
      break;
  }
  if (!one.more.empty()) {
    glue(",");
    put(one.more);
  }
}

// Operands with operators before, between or behind them.
void Printer::operation(const Expression& one) {
  switch (one.kind) {
    case Kind::Unary:
      for (const auto& word : one.operators) put(word);
      expression(one.operands.front());
      break;
    case Kind::Chain: {
      expression(one.operands.front());
      std::size_t next = 1;
      for (const auto& op : one.operators) {
        put(op);
        if (!op.starts_with("IS ")) expression(one.operands[next++]);
      }
      break;
    }
    case Kind::Between:
      expression(one.operands[0]);
      put(one.text);
      expression(one.operands[1]);
      put("AND");
      expression(one.operands[2]);
      break;
    case Kind::In:
    case Kind::Predicate:
      expression(one.operands[0]);
      put(one.text);
      expression(one.operands[1]);
      if (one.operands.size() > 2) {
        put("ESCAPE");
        expression(one.operands[2]);
      }
      break;
    case Kind::Collate:
      expression(one.operands.front());
      for (const auto& collation : one.operators) {
        put("COLLATE");
        put(collation);
      }
      break;
    case Kind::Assign:
      expression(one.operands[0]);
      put(":=");
      expression(one.operands[1]);
      break;
    default: break;
  }
}

// `(` follows the name at once: only then are some words functions.
void Printer::call(const Expression& call) {
  put(dotted(call.name, false));
  glue("(");
  put(call.text);
  expressions(call.operands);
  glue(")");
  put(call.after);
  over(call);
}

void Printer::case_of(const Expression& one) {
  put("CASE");
  std::size_t next = 0;
  if (one.subject) expression(one.operands[next++]);
  const std::size_t end = one.operands.size() - (one.otherwise ? 1 : 0);
  while (next + 1 < end + 1 && next < end) {
    put("WHEN");
    expression(one.operands[next++]);
    put("THEN");
    expression(one.operands[next++]);
  }
  if (one.otherwise) {
    put("ELSE");
    expression(one.operands[next]);
  }
  put("END");
}

void Printer::over(const Expression& call) {
  if (!call.over) return;
  put("OVER");
  window(**call.over);
}

void Printer::window(const WindowSpec& spec) {
  if (!spec.parens) {
    put(name(*spec.base));
    return;
  }
  put("(");
  if (spec.base) put(name(*spec.base));
  if (!spec.partition_by.empty()) {
    put("PARTITION BY");
    expressions(spec.partition_by);
  }
  order(spec.order_by);
  pieces(spec.frame);
  glue(")");
}

}  // namespace sluice::parser
