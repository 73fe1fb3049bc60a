// What print.h's functions are made of: a text that grows by words, a blank between two where the
// servers' lexers need or a reader wants one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parser/dialect.h"
#include "parser/statement.h"

namespace sluice::parser {

class Printer {
 public:
  // The dialect must outlive it.
  explicit Printer(const Dialect& dialect) : dialect_(dialect) {}

  [[nodiscard]] std::string take() { return std::move(out_); }

  void statement(const StatementTree& tree);      // print_statement.cpp
  void query(const Query& query);                 // print.cpp
  void expression(const Expression& expression);  // print_expression.cpp
  void operation(const Expression& one);

 private:
  // A blank before unless the text ends with `(` or the word begins with `,`, `)` or `;`.
  void put(std::string_view word);
  void put(std::string_view word, bool wanted) {
    if (wanted) put(word);
  }
  void glue(std::string_view text) { out_ += text; }  // no blank before
  void pieces(const std::vector<Piece>& pieces);
  [[nodiscard]] std::string name(const Name& name) const;
  [[nodiscard]] std::string dotted(const std::vector<Name>& parts, bool leading_dot) const;
  [[nodiscard]] std::string qualified(const QualifiedName& name) const;
  void alias(const std::optional<Alias>& alias);
  void names(const std::vector<Name>& list);  // (a, b)

  template <class List, class Each>
  void list(const List& items, Each each) {
    bool first = true;
    for (const auto& item : items) {
      if (!first) glue(",");
      first = false;
      each(item);
    }
  }
  void expressions(const std::vector<Expression>& items) {
    list(items, [this](const Expression& one) { expression(one); });
  }

  // print_expression.cpp
  void call(const Expression& call);
  void case_of(const Expression& expression);
  void over(const Expression& call);
  void window(const WindowSpec& spec);
  void parens(const Query& inner);
  void order(const std::vector<OrderItem>& items);
  void order_items(const std::vector<OrderItem>& items);

  // print.cpp
  void with(const std::optional<With>& with);
  void block(const QueryBlock& block);
  void select(const QueryBlock& block);
  void items(const std::vector<SelectItem>& items);
  void into(const Into& into);
  void limit(const std::optional<Limit>& limit);
  void locks(const std::vector<Lock>& locks);
  void tables(const std::vector<TableReference>& tables);
  void table(const TableReference& table);
  void table_base(const TableReference& table);
  void where(const std::optional<Expression>& where);
  void partitions(const std::vector<Name>& partitions);

  // print_statement.cpp
  void assignments(const std::vector<Assignment>& list);
  void operator()(const Other& statement);
  void operator()(const Select& statement);
  void operator()(const Insert& statement);
  void operator()(const Update& statement);
  void operator()(const Delete& statement);
  void operator()(const Load& statement);
  void operator()(const Call& statement);
  void operator()(const Do& statement);
  void operator()(const Handler& statement);
  void operator()(const Transaction& statement);
  void operator()(const SetVariables& statement);
  void operator()(const Use& statement);
  void operator()(const Prepared& statement);
  void operator()(const LockTables& statement);
  void operator()(const Show& statement);
  void operator()(const Explain& statement);
  void operator()(const Account& statement);
  void operator()(const Definition& statement);
  void set_item(const SetItem& item);

  const Dialect& dialect_;
  std::string out_;
};

}  // namespace sluice::parser
