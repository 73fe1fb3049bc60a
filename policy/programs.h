// What the stored programs of an instance may do, by name: how `CALL p()`, `SELECT f()` and a write
// to a table with triggers are judged. An immutable value; pure.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "parser/facts.h"

namespace sluice::policy {

class Programs {
 public:
  // `group`: the last, in parser::ActionGroup's order, of what the body and what it calls may do.
  void add_routine(std::string_view schema, std::string_view name, parser::ActionGroup group);
  // Of several triggers of a table the most restricted counts.
  void add_trigger(std::string_view schema, std::string_view table, parser::ActionGroup group);
  // A view whose text calls functions, or reads views that do.
  void add_view(std::string_view schema, std::string_view name, parser::ActionGroup group);
  // All programs of the schema were added: a name that is not there does not exist.
  void complete(std::string_view schema);

  // Opaque when it is not known. Names of routines are compared without case, as the servers do.
  [[nodiscard]] parser::ActionGroup routine(std::string_view schema, std::string_view name) const;
  // Read when it is known that the table has none.
  [[nodiscard]] parser::ActionGroup triggers(std::string_view schema, std::string_view table) const;
  // Read for a table, and for a view that is not known.
  [[nodiscard]] parser::ActionGroup view(std::string_view schema, std::string_view name) const;

  friend bool operator==(const Programs&, const Programs&) = default;

 private:
  std::map<std::string, parser::ActionGroup, std::less<>> routines_;
  std::map<std::string, parser::ActionGroup, std::less<>> triggers_;
  std::map<std::string, parser::ActionGroup, std::less<>> views_;
  std::set<std::string, std::less<>> complete_;
};

}  // namespace sluice::policy
