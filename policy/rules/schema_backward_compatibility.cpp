// schema.backward-compatibility: programs that know the old schema go on working. A table that the
// sheet itself created is known to nobody yet. A type that only gets wider is no break: the old
// type is the live column's, from the model; without one every change of a type is told.
#include <algorithm>
#include <map>

#include "policy/rules/compatibility.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {
namespace {

using Kind = schema::AlterAction::Kind;

class Compatibility {
 public:
  explicit Compatibility(Check& check)
      : check_(check), target_(check.situation().server.target()) {}

  void run() {
    for (const auto& step : check_.steps()) {
      for (const auto& change : step.tables) {
        if (change.known && change.before) originals_.try_emplace(change.id, &*change.before);
      }
      drops(step);
      renames(step);
      if (const auto defined = definition(step)) definitions(*defined);
    }
  }

 private:
  void tell(const Step& step, std::string_view near, const std::string& what) {
    check_.report(step, near, what + "; programs that use it break. Change them first.");
  }

  // A view or routine that the sheet makes anew is a change of it, not its end.
  [[nodiscard]] bool made_again(const Step& step, const schema::Name& name) const {
    return std::ranges::any_of(check_.steps().subspan(step.index + 1), [&](const Step& later) {
      const auto* create = std::get_if<schema::Create>(&later.statement->ddl.body);
      return create && schema::same_name(create->name.name, name.name);
    });
  }

  void drops(const Step& step) {
    const auto* drop = std::get_if<schema::Drop>(&step.statement->ddl.body);
    if (!drop || drop->temporary) return;
    switch (drop->kind) {
      case schema::ObjectKind::Table:
        for (const auto& change : step.tables) {
          if (!change.own) tell(step, change.name, "Table '" + change.name + "' is dropped");
        }
        return;
      case schema::ObjectKind::Database:
      case schema::ObjectKind::View:
      case schema::ObjectKind::Procedure:
      case schema::ObjectKind::Function:
      case schema::ObjectKind::Sequence:
        for (const auto& name : drop->names) {
          if (made_again(step, name)) continue;
          auto kind = schema::lower(schema::to_string(drop->kind));
          kind.front() = static_cast<char>(kind.front() - 'a' + 'A');
          tell(step, name.name, kind + " '" + name.name + "' is dropped");
        }
        return;
      default: return;
    }
  }

  void renames(const Step& step) {
    const bool alters = std::holds_alternative<schema::AlterTable>(step.statement->ddl.body);
    const auto* pairs = std::get_if<schema::RenameTables>(&step.statement->ddl.body);
    if (!alters && !pairs) return;
    for (const auto& change : step.tables) {
      if (change.own || (change.known && !change.after)) continue;
      if (change.known && schema::same_name(change.name, change.after->name)) continue;
      if (!change.known && !renamed_away(step, change.name)) continue;
      // RENAME a TO b, c TO a: there is a table of that name afterwards.
      const bool replaced = pairs && std::ranges::any_of(pairs->pairs, [&](const auto& pair) {
                              return schema::same_name(pair.second.name, change.name);
                            });
      if (!replaced) tell(step, change.name, "Table '" + change.name + "' gets another name");
    }
  }

  static bool renamed_away(const Step& step, const std::string& name) {
    const auto* alter = std::get_if<schema::AlterTable>(&step.statement->ddl.body);
    if (!alter) return true;
    return std::ranges::any_of(alter->actions, [&](const schema::AlterAction& action) {
      return action.kind == Kind::Rename && !schema::same_name(action.new_name, name);
    });
  }

  void definitions(const Definition& defined) {
    if (defined.create) {
      if (defined.before())
        tell(*defined.step, defined.table.name,
             "Table '" + defined.table.name + "' is replaced, with its rows");
      return;
    }
    if (!defined.actions || (defined.change && defined.change->own)) return;
    if (!defined.change) return;  // it fails, or does nothing
    lost(defined);
    columns(defined);
    keys(defined);
    actions(defined);
  }

  void lost(const Definition& defined) {
    for (const auto& name : lost_columns(defined)) {
      const auto original = originals_.find(defined.change->id);
      if (original != originals_.end() && !original->second->column(name)) continue;
      tell(*defined.step, name,
           "Column '" + name + "' of table '" + defined.table.name + "' is no longer there");
    }
  }

  void columns(const Definition& defined) {
    for (const auto& one : defined.columns) {
      const auto& name = one.written->name;
      const auto which = "Column '" + name + "' of table '" + defined.table.name + "': ";
      if (one.action->kind == Kind::AddColumn) {
        if (const auto why = breaks_as_new(one.column()); !why.empty())
          check_.report(*defined.step, name,
                        which + why + "; give it a DEFAULT or let it be NULL.");
      } else if (!one.before) {
        check_.report(*defined.step, name,
                      which +
                          "its present type is not known, so the new one may not take every "
                          "value; review the change against the database.");
      } else if (one.effective) {
        if (const auto why = breaks(*one.before, *one.effective, target_); !why.empty())
          tell(*defined.step, name, which + why);
      }
    }
  }

  void keys(const Definition& defined) {
    for (const auto& index : defined.indexes) {
      const bool primary = index.kind == schema::Index::Kind::Primary;
      if (!primary && index.kind != schema::Index::Kind::Unique) continue;
      if (accepts_all(index, defined)) continue;
      check_.report(*defined.step, primary ? "PRIMARY" : index.name,
                    "Table '" + defined.table.name + "' gets " +
                        (primary ? "a primary key" : "a unique index") +
                        "; rows that are there may hold duplicates, and writes that were taken may "
                        "be refused. See that no program writes such rows.");
    }
    for (const auto& key : defined.foreign_keys) {
      if (accepts_all(key, defined)) continue;
      check_.report(*defined.step, key.name.empty() ? key.table : key.name,
                    "Table '" + defined.table.name +
                        "' gets a foreign key; writes that were taken may be refused. See that no "
                        "program breaks it.");
    }
  }

  void actions(const Definition& defined) {
    for (const auto& action : *defined.actions) {
      const bool checks = (action.kind == Kind::AddCheck && action.check.enforced) ||
                          (action.kind == Kind::Enforce && action.flag) ||
                          (action.extras.check && action.extras.check->enforced);
      if (checks) {
        check_.report(*defined.step, defined.table.name,
                      "Table '" + defined.table.name +
                          "' gets a check that is enforced; writes that were taken may be refused. "
                          "See that no program breaks it.");
      }
      if (action.kind != Kind::DropDefault) continue;
      const auto* was = defined.before() ? defined.before()->column(action.name) : nullptr;
      const auto* is = defined.after() ? defined.after()->column(action.name) : nullptr;
      if (was && is && breaks(*was, *is, target_).empty()) continue;
      tell(*defined.step, action.name,
           "Column '" + action.name + "' of table '" + defined.table.name + "' loses its default");
    }
  }

  Check& check_;
  schema::Target target_;
  std::map<int, const schema::Table*> originals_;
};

}  // namespace

void schema_backward_compatibility(Check& check) {
  Compatibility(check).run();
}

}  // namespace sluice::policy::rules
