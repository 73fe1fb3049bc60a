// table.text-length-limit: the declared characters of a table's text and binary columns together;
// what is large belongs into a table of its own.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

std::uint64_t declared(const schema::DataType& type) {
  if (type.name.starts_with("tiny") && !type.name.ends_with("int")) return 255;
  if (type.name == "text" || type.name == "blob") return type.length.value_or(65535);
  if (type.name == "mediumtext" || type.name == "mediumblob") return 16777215;
  if (type.name == "longtext" || type.name == "longblob") return 4294967295;
  const bool sized = type.name == "char" || type.name == "varchar" || type.name == "binary" ||
                     type.name == "varbinary";
  return sized ? type.length.value_or(1) : 0;
}

}  // namespace

void table_text_length_limit(Check& check) {
  const auto most = static_cast<std::uint64_t>(check.number("limit"));
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined || defined->columns.empty()) continue;
    std::uint64_t total = 0;
    if (const auto* after = defined->after()) {
      for (const auto& column : after->columns) total += declared(column.type);
    } else {
      for (const auto& one : defined->columns) total += declared(one.written->type);
    }
    if (total <= most) continue;
    check.report(step, defined->table.name,
                 "The text and binary columns of table '" + defined->table.name + "' declare " +
                     std::to_string(total) + " characters, more than " + std::to_string(most) +
                     "; move the large ones to a table of their own.");
  }
}

}  // namespace sluice::policy::rules
