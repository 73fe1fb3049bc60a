#include "parser/schema/model.h"

#include <algorithm>

namespace sluice::schema {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

template <class Range>
auto* find_named(Range& range, std::string_view name) {
  const auto at = std::find_if(range.begin(), range.end(),
                               [&](const auto& x) { return same_name(x.name, name); });
  return at == range.end() ? nullptr : &*at;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool NameLess::operator()(std::string_view a, std::string_view b) const {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return lower(x) < lower(y); });
}

const Column* Table::column(std::string_view wanted) const {
  return find_named(columns, wanted);
}
Column* Table::column(std::string_view wanted) {
  return find_named(columns, wanted);
}
const Index* Table::index(std::string_view wanted) const {
  return find_named(indexes, wanted);
}
Index* Table::index(std::string_view wanted) {
  return find_named(indexes, wanted);
}

const Index* Table::primary_key() const {
  const auto at = std::find_if(indexes.begin(), indexes.end(),
                               [](const Index& x) { return x.kind == Index::Kind::Primary; });
  return at == indexes.end() ? nullptr : &*at;
}

}  // namespace sluice::schema
