// naming.index: names of new and renamed indexes and foreign keys, from their table and columns.
// Tokens of a pattern: {{table}}, {{columns}}; of a foreign key also {{referenced_table}} and
// {{referenced_columns}}. The primary key has the server's name.
#include "policy/rules/defined.h"
#include "policy/rules/pattern.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : "_") + name;
  return out;
}

struct Named {
  std::string_view pattern;  // the parameter
  std::string what;
  std::string name;
  std::vector<std::pair<std::string_view, std::string>> tokens;
};

void look(Check& check, const Step& step, const Named& named) {
  const auto most = static_cast<std::size_t>(check.number("max-length"));
  const auto& pattern = check.pattern(named.pattern);
  const auto wanted = fill_in(pattern, named.tokens);
  if (length(named.name) > most) {
    check.report(step, named.name,
                 named.what + " name '" + named.name + "' has " +
                     std::to_string(length(named.name)) + " characters, more than " +
                     std::to_string(most) + "; shorten it.");
  } else if (!matches(named.name, wanted)) {
    check.report(step, named.name.empty() ? named.tokens.front().second : named.name,
                 named.what +
                     (named.name.empty() ? " without a name" : " name '" + named.name + "'") +
                     " does not match " + wanted + "; choose another name.");
  }
}

Named named_index(const schema::Index& index, const std::string& table, std::string name) {
  std::vector<std::string> columns;
  for (const auto& part : index.parts)
    columns.push_back(part.column.empty() ? "expression" : part.column);
  const bool unique = index.kind == schema::Index::Kind::Unique;
  return {unique ? "unique" : "index",
          unique ? "Unique index" : "Index",
          std::move(name),
          {{"table", table}, {"columns", joined(columns)}}};
}

}  // namespace

void naming_index(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    const auto& table = defined->table.name;
    for (const auto& index : defined->indexes) {
      if (index.kind == schema::Index::Kind::Primary) continue;
      look(check, step, named_index(index, table, index.name));
    }
    for (const auto& key : defined->foreign_keys) {
      look(check, step,
           {"foreign-key",
            "Foreign key",
            key.name,
            {{"table", table},
             {"columns", joined(key.columns)},
             {"referenced_table", key.table},
             {"referenced_columns", joined(key.referenced)}}});
    }
    if (!defined->actions || !defined->after()) continue;
    for (const auto& action : *defined->actions) {
      if (action.kind != schema::AlterAction::Kind::RenameIndex) continue;
      if (const auto* index = defined->after()->index(action.new_name))
        look(check, step, named_index(*index, table, action.new_name));
    }
  }
}

}  // namespace sluice::policy::rules
