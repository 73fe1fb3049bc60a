#include "parser/facts.h"

namespace sluice::parser {

const char* to_string(ActionGroup group) {
  switch (group) {
    case ActionGroup::Read: return "read";
    case ActionGroup::Session: return "session";
    case ActionGroup::Transaction: return "transaction";
    case ActionGroup::Dml: return "dml";
    case ActionGroup::Ddl: return "ddl";
    case ActionGroup::Account: return "account";
    case ActionGroup::Server: return "server";
    case ActionGroup::Opaque: break;
  }
  return "opaque";
}

const char* to_string(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::Table: return "table";
    case ObjectKind::View: return "view";
    case ObjectKind::Schema: return "schema";
    case ObjectKind::Routine: return "routine";
    case ObjectKind::Trigger: return "trigger";
    case ObjectKind::Event: return "event";
    case ObjectKind::Sequence: return "sequence";
    case ObjectKind::Library: return "library";
    case ObjectKind::Index: return "index";
    case ObjectKind::User: return "user";
    case ObjectKind::Role: return "role";
    case ObjectKind::ServerLink: return "server";
    case ObjectKind::Tablespace: return "tablespace";
    case ObjectKind::ResourceGroup: return "resource_group";
    case ObjectKind::Component: return "component";
    case ObjectKind::Plugin: return "plugin";
    case ObjectKind::Other: break;
  }
  return "other";
}

}  // namespace sluice::parser
