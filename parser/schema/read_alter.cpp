// ALTER TABLE's actions (manual 15.1.11).
#include "parser/schema/ddl.h"

namespace sluice::schema {
namespace {

using Action = AlterAction;
using Kind = AlterAction::Kind;

void read_place(Cursor& in, Action& action) {
  if (in.accept("FIRST"))
    action.first = true;
  else if (in.accept("AFTER"))
    action.after = in.identifier();
}

void read_new_columns(Cursor& in, Action action, std::vector<Action>& out) {
  action.kind = Kind::AddColumn;
  if (!in.accept("(")) {
    action.column = read_column(in, action.extras);
    read_place(in, action);
    out.push_back(std::move(action));
    return;
  }
  do {
    Table element;
    if (read_table_element(in, element)) {
      for (auto& index : element.indexes) out.push_back({.kind = Kind::AddIndex, .index = index});
      for (auto& key : element.foreign_keys)
        out.push_back({.kind = Kind::AddForeignKey, .foreign_key = key});
      for (auto& check : element.checks) out.push_back({.kind = Kind::AddCheck, .check = check});
      continue;
    }
    Action one{.kind = Kind::AddColumn, .if_exists = action.if_exists};
    one.column = read_column(in, one.extras);
    out.push_back(std::move(one));
  } while (in.accept(",") && !in.failed());
  in.expect(")");
}

void read_add(Cursor& in, std::vector<Action>& out) {
  Action action;
  if (in.accept("SYSTEM VERSIONING")) return out.push_back({.kind = Kind::AddVersioning});
  if (in.is("PARTITION") && (in.is("(", 1) || in.is("PARTITIONS", 1) || in.is("IF", 1) ||
                             in.is("LOCAL", 1) || in.is("NO_WRITE_TO_BINLOG", 1))) {
    in.skip();
    if (!in.accept("NO_WRITE_TO_BINLOG")) in.accept("LOCAL");
    action.if_exists = in.accept("IF NOT EXISTS");
    action.kind = Kind::AddPartition;
    if (in.accept("PARTITIONS"))
      action.count = in.number();
    else
      action.partitioning.partitions = read_partitions(in);
    return out.push_back(std::move(action));
  }
  const bool column = in.accept("COLUMN");
  action.if_exists = in.accept("IF NOT EXISTS");
  if (!column) {
    Table element;
    if (in.is("CONSTRAINT") && in.is("IF", 1))
      in.skip(), action.if_exists = in.accept("IF NOT EXISTS");
    if (read_table_element(in, element)) {
      if (!element.indexes.empty())
        action.kind = Kind::AddIndex, action.index = element.indexes[0];
      else if (!element.foreign_keys.empty())
        action.kind = Kind::AddForeignKey, action.foreign_key = element.foreign_keys[0];
      else if (!element.checks.empty())
        action.kind = Kind::AddCheck, action.check = element.checks[0];
      else if (!element.periods.empty())
        action.kind = Kind::AddPeriod, action.period = element.periods[0];
      return out.push_back(std::move(action));
    }
  }
  read_new_columns(in, std::move(action), out);
}

std::vector<std::string> read_partition_names(Cursor& in) {
  if (in.accept("ALL")) return {};
  std::vector<std::string> names;
  do {
    names.push_back(in.identifier());
  } while (in.accept(","));
  return names;
}

Action read_drop(Cursor& in) {
  Action action;
  const auto named = [&](Kind kind) {
    action.kind = kind;
    action.if_exists = in.accept("IF EXISTS");
    action.name = in.identifier();
  };
  if (in.accept("PRIMARY KEY"))
    action.kind = Kind::DropPrimaryKey, action.name = "PRIMARY";
  else if (in.accept("SYSTEM VERSIONING"))
    action.kind = Kind::DropVersioning;
  else if (in.accept("PERIOD FOR"))
    named(Kind::DropPeriod);
  else if (in.accept("PERIOD IF EXISTS FOR")) {
    named(Kind::DropPeriod);
    action.if_exists = true;
  } else if (in.accept("FOREIGN KEY"))
    named(Kind::DropForeignKey);
  else if (in.accept("INDEX") || in.accept("KEY"))
    named(Kind::DropIndex);
  else if (in.accept("CHECK"))
    named(Kind::DropCheck);
  else if (in.accept("CONSTRAINT"))
    named(Kind::DropConstraint);
  else if (in.accept("PARTITION")) {
    action.kind = Kind::DropPartition;
    action.if_exists = in.accept("IF EXISTS");
    action.names = read_partition_names(in);
  } else {
    in.accept("COLUMN");
    named(Kind::DropColumn);
    if (!in.accept("RESTRICT")) in.accept("CASCADE");
  }
  return action;
}

Action read_alter(Cursor& in) {
  Action action;
  if (in.accept("INDEX") || in.accept("KEY")) {
    action.kind = Kind::IndexVisibility;
    action.if_exists = in.accept("IF EXISTS");
    action.name = in.identifier();
    action.flag = in.accept("VISIBLE") || in.accept("NOT IGNORED");
    if (!action.flag && !in.accept("INVISIBLE") && !in.accept("IGNORED"))
      in.fail("expected VISIBLE");
  } else if (in.accept("CHECK") || in.accept("CONSTRAINT")) {
    action.kind = Kind::Enforce;
    action.name = in.identifier();
    action.flag = in.accept("ENFORCED");
    if (!action.flag) in.expect("NOT ENFORCED");
  } else {
    in.accept("COLUMN");
    action.if_exists = in.accept("IF EXISTS");
    action.name = in.identifier();
    if (in.accept("DROP DEFAULT"))
      action.kind = Kind::DropDefault;
    else if (in.accept("SET VISIBLE"))
      action.kind = Kind::ColumnVisibility, action.flag = true;
    else if (in.accept("SET MASKING POLICY"))
      action.kind = Kind::MaskingPolicy, action.new_name = in.identifier();
    else if (in.accept("DROP MASKING POLICY"))
      action.kind = Kind::MaskingPolicy;
    else if (in.accept("SET INVISIBLE"))
      action.kind = Kind::ColumnVisibility;
    else {
      action.kind = Kind::SetDefault;
      in.expect("SET");
      if (!in.is("DEFAULT")) in.fail("expected DEFAULT");
      action.column.default_value = read_default_clause(in);
    }
  }
  return action;
}

Action read_rename(Cursor& in) {
  Action action;
  if (in.accept("COLUMN"))
    action.kind = Kind::RenameColumn;
  else if (in.accept("INDEX") || in.accept("KEY"))
    action.kind = Kind::RenameIndex;
  else {
    action.kind = Kind::Rename;
    if (!in.accept("TO") && !in.accept("AS")) in.accept("=");
    action.new_name = read_name(in).name;
    return action;
  }
  action.if_exists = in.accept("IF EXISTS");
  action.name = in.identifier();
  in.expect("TO");
  action.new_name = in.identifier();
  return action;
}

bool read_partition_action(Cursor& in, Action& action) {
  if (in.is("PARTITION") && in.is("BY", 1)) {
    action.kind = Kind::PartitionBy;
    action.partitioning = read_partitioning(in);
    return true;
  }
  if (in.accept("REMOVE PARTITIONING")) return action.kind = Kind::RemovePartitioning, true;
  for (const auto* const verb :
       {"TRUNCATE", "REORGANIZE", "COALESCE", "ANALYZE", "CHECK", "OPTIMIZE", "REBUILD", "REPAIR",
        "EXCHANGE", "DISCARD", "IMPORT", "CONVERT"}) {
    if (!in.is(verb) || !in.is("PARTITION", 1)) continue;
    action.text = verb;
    in.skip(), in.skip();
    if (!in.accept("NO_WRITE_TO_BINLOG")) in.accept("LOCAL");
    if (action.text == "COALESCE") {
      action.kind = Kind::CoalescePartition;
      action.count = in.number();
    } else if (action.text == "REORGANIZE") {
      action.kind = Kind::ReorganizePartition;
      if (in.is("INTO") || in.done()) return true;
      action.names = read_partition_names(in);
      in.expect("INTO");
      action.partitioning.partitions = read_partitions(in);
    } else {
      action.kind = action.text == "TRUNCATE" ? Kind::TruncatePartition : Kind::OtherPartition;
      action.names = read_partition_names(in);
      while (!in.done() && !in.is(",")) in.skip();
    }
    return true;
  }
  return false;
}

bool read_plain(Cursor& in, Action& action) {
  for (const auto* const words :
       {"ENABLE KEYS", "DISABLE KEYS", "DISCARD TABLESPACE", "IMPORT TABLESPACE", "FORCE",
        "WITH VALIDATION", "WITHOUT VALIDATION", "SECONDARY_LOAD", "SECONDARY_UNLOAD",
        "UPGRADE PARTITIONING"}) {
    if (!in.accept(words)) continue;
    action.text = words;
    if (action.text.starts_with("SECONDARY_") && in.accept("PARTITION"))
      action.text += " PARTITION " + in.parenthesised();
    return true;
  }
  for (const auto* const word : {"ALGORITHM", "LOCK"}) {
    if (!in.accept(word)) continue;
    in.accept("=");
    action.text = std::string(word) + "=" + in.word();
    return true;
  }
  if (in.accept("ORDER BY")) {
    action.text = "ORDER BY";
    while (!in.done()) in.skip();
    return true;
  }
  if (in.accept("CONVERT TO")) {
    action.kind = Kind::Convert;
    TableOptions options;
    if (!read_table_option(in, options)) in.fail("expected CHARACTER SET");
    while (read_table_option(in, options) && !in.failed()) {
    }
    action.options = options;
    return true;
  }
  return false;
}

void read_action(Cursor& in, std::vector<Action>& out) {
  Action action;
  if (read_partition_action(in, action) || read_plain(in, action))
    return out.push_back(std::move(action));
  if (in.accept("ADD")) return read_add(in, out);
  if (in.accept("DROP")) return out.push_back(read_drop(in));
  if (in.accept("ALTER")) return out.push_back(read_alter(in));
  if (in.accept("RENAME")) return out.push_back(read_rename(in));
  const bool change = in.accept("CHANGE");
  if (change || in.accept("MODIFY")) {
    in.accept("COLUMN");
    action.if_exists = in.accept("IF EXISTS");
    action.kind = change ? Kind::ChangeColumn : Kind::ModifyColumn;
    if (change) action.name = in.identifier();
    action.column = read_column(in, action.extras);
    action.new_name = action.column.name;
    if (!change) action.name = action.column.name;
    read_place(in, action);
    return out.push_back(std::move(action));
  }
  action.kind = Kind::SetOptions;
  if (!read_table_option(in, action.options)) return in.fail("not an action of ALTER TABLE");
  while (!in.failed() && read_table_option(in, action.options)) {
  }
  out.push_back(std::move(action));
}

}  // namespace

std::vector<AlterAction> read_alter_actions(Cursor& in) {
  std::vector<AlterAction> out;
  while (!in.done() && !in.failed()) {
    read_action(in, out);
    // Partition actions may stand behind the others without a comma.
    if (!in.accept(",") && !in.done() && !in.is("PARTITION") && !in.is("REMOVE")) {
      in.fail("expected ,");
    }
  }
  return out;
}

}  // namespace sluice::schema
