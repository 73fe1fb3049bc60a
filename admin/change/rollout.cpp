#include "admin/change/rollout.h"

#include <algorithm>
#include <set>

#include <boost/json.hpp>

#include "parser/sqltext/quote.h"

namespace sluice::change {
namespace {

using policy::IssueKind;

constexpr std::size_t kMaxIdentifier = 64;  // characters (manual 11.2.1)

struct Faults {
  std::vector<RequestFault> list;
  void add(std::string field, std::string message) {
    list.push_back({std::move(field), std::move(message)});
  }
};

// Characters of UTF-8 text.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// Names of character sets and collations cannot be quoted as identifiers everywhere: only what such
// names are made of is taken.
bool is_charset_name(std::string_view name) {
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::map<std::string, std::string> labels_of(const store::DatabaseEntry& database) {
  std::map<std::string, std::string> labels;
  boost::system::error_code error;
  const auto value = boost::json::parse(database.labels, error);
  if (error || !value.is_object()) return labels;
  for (const auto& [key, label] : value.get_object()) {
    if (label.is_string()) labels[std::string(key)] = std::string(label.get_string());
  }
  return labels;
}

bool has_labels(const store::DatabaseEntry& database,
                const std::map<std::string, std::string>& wanted) {
  const auto labels = labels_of(database);
  return std::ranges::all_of(wanted, [&](const auto& label) {
    const auto found = labels.find(label.first);
    return found != labels.end() && found->second == label.second;
  });
}

class Planner {
 public:
  Planner(const IssueRequest& request, const Workspace& workspace)
      : request_(request), workspace_(workspace) {}

  std::variant<store::NewIssue, std::vector<RequestFault>> plan() {
    check_request();
    for (std::size_t i = 0; i < request_.targets.size() && i < kMaxTargets; ++i) {
      add_target(request_.targets[i], "targets[" + std::to_string(i) + "]");
    }
    if (faults_.list.empty() && tasks_.size() > kMaxTargets) {
      faults_.add("targets", "they name more than " + std::to_string(kMaxTargets) +
                                 " databases: make several issues of them");
    }
    if (!faults_.list.empty()) return faults_.list;
    return issue();
  }

 private:
  struct Planned {
    store::Id environment = 0;
    store::NewTask task;
  };

  void check_request() {
    const bool create = request_.kind == IssueKind::kDatabaseCreate;
    const bool baseline = request_.kind == IssueKind::kSchemaBaseline;
    if (request_.kind == IssueKind::kDataRollback) {
      faults_.add("type",
                  "a rollback is made from the issue of its data change: POST "
                  "/api/v1/issues/{id}/rollback");
    }
    if (create && !request_.statement.empty()) {
      faults_.add("statement", "an issue of this type has no statement");
    }
    if (!create && !baseline &&
        request_.statement.find_first_not_of(" \t\r\n;") == std::string::npos) {
      faults_.add("statement", "is required");
    }
    if (request_.statement.size() > kMaxStatement) {
      faults_.add("statement", "is longer than 64 MiB: split it into several issues");
    }
    if (request_.statement.find('\0') != std::string::npos) {
      faults_.add("statement", "holds a zero byte: write it as 0x00 or X'00'");
    }
    if (request_.targets.empty()) faults_.add("targets", "name at least one database");
    if (request_.targets.size() > kMaxTargets) {
      faults_.add("targets", "are more than " + std::to_string(kMaxTargets));
    }
  }

  void add_target(const Target& target, const std::string& field) {
    if (request_.kind == IssueKind::kDatabaseCreate) {
      add_new_database(target, field);
    } else if (!target.labels.empty()) {
      add_labelled(target, field);
    } else {
      add_database(target, field);
    }
  }

  const store::Instance* instance(store::Id id, const std::string& field) {
    const auto found = std::ranges::find(workspace_.instances, id, &store::Instance::id);
    if (found == workspace_.instances.end()) {
      faults_.add(field, "there is no such instance");
      return nullptr;
    }
    if (found->engine != "mysql") {
      faults_.add(field, "changes run on MySQL and MariaDB instances only");
      return nullptr;
    }
    return &*found;
  }

  void add_new_database(const Target& target, const std::string& field) {
    const auto* on = instance(target.instance, field + ".instance");
    if (target.database != 0 || !target.labels.empty()) {
      faults_.add(field, "a database that is made is named by instance and name");
    }
    if (target.name.empty() || characters(target.name) > kMaxIdentifier) {
      faults_.add(field + ".name", "expected 1 to 64 characters");
    } else if (target.name.back() == ' ' || target.name.find('\0') != std::string::npos) {
      faults_.add(field + ".name", "may not end in a blank or hold a zero byte");
    }
    if (!is_charset_name(target.character_set)) {
      faults_.add(field + ".character_set", "expected a name like utf8mb4");
    }
    if (!is_charset_name(target.collation)) {
      faults_.add(field + ".collation", "expected a name like utf8mb4_0900_ai_ci");
    }
    if (on == nullptr || !unique(on->id, target.name, field)) return;
    store::NewTask task;
    task.instance = on->id;
    task.instance_name = on->name;
    task.database_name = target.name;
    task.character_set = target.character_set;
    task.collation = target.collation;
    task.statement = create_database_sql(target.name, target.character_set, target.collation);
    tasks_.push_back({on->environment, std::move(task)});
  }

  void add_database(const Target& target, const std::string& field) {
    if (target.database == 0) {
      faults_.add(field + ".database", "is required");
      return;
    }
    const auto found =
        std::ranges::find(workspace_.databases, target.database, &store::DatabaseEntry::id);
    if (found == workspace_.databases.end()) {
      faults_.add(field + ".database", "the project has no such database");
      return;
    }
    add_task(*found, field);
  }

  void add_labelled(const Target& target, const std::string& field) {
    if (!workspace_.project.tenant) {
      faults_.add(field + ".labels", "databases are chosen by labels in projects of tenant mode");
      return;
    }
    std::size_t count = 0;
    for (const store::DatabaseEntry& database : workspace_.databases) {
      if (!database.present || !has_labels(database, target.labels)) continue;
      add_task(database, field);
      ++count;
    }
    if (count == 0) faults_.add(field + ".labels", "no database of the project has them");
  }

  void add_task(const store::DatabaseEntry& database, const std::string& field) {
    const auto* on = instance(database.instance, field + ".database");
    if (on == nullptr || !unique(on->id, database.name, field)) return;
    if (!database.present) {
      faults_.add(field + ".database",
                  "the last sync did not find it on its instance: sync the "
                  "instance, or make the database again");
      return;
    }
    store::NewTask task;
    task.instance = on->id;
    task.instance_name = on->name;
    task.database = database.id;
    task.database_name = database.name;
    task.statement = request_.statement;
    tasks_.push_back({on->environment, std::move(task)});
  }

  bool unique(store::Id instance, const std::string& name, const std::string& field) {
    if (seen_.emplace(instance, name).second) return true;
    faults_.add(field, "is named twice");
    return false;
  }

  store::NewIssue issue() {
    store::NewIssue made;
    made.issue.project = request_.project;
    made.issue.kind = request_.kind;
    made.issue.title = request_.title;
    made.issue.description = request_.description;
    made.issue.creator = request_.creator;
    made.issue.source = request_.source;
    made.issue.keep_rollback = request_.keep_rollback;
    made.issue.earliest_start = request_.earliest_start;
    // Environments come in their order.
    for (const store::Environment& environment : workspace_.environments) {
      bool used = false;
      for (Planned& planned : tasks_) {
        if (planned.environment != environment.id) continue;
        planned.task.stage = made.environments.size();
        made.tasks.push_back(planned.task);
        used = true;
      }
      if (used) made.environments.push_back(environment.id);
    }
    return made;
  }

  const IssueRequest& request_;
  const Workspace& workspace_;
  Faults faults_;
  std::vector<Planned> tasks_;
  std::set<std::pair<store::Id, std::string>> seen_;
};

}  // namespace

std::variant<store::NewIssue, std::vector<RequestFault>> plan(const IssueRequest& request,
                                                              const Workspace& workspace) {
  return Planner(request, workspace).plan();
}

std::string create_database_sql(const std::string& name, const std::string& character_set,
                                const std::string& collation) {
  std::string sql = "CREATE DATABASE " + sqltext::quote_identifier(name);
  if (!character_set.empty()) sql += " CHARACTER SET " + character_set;
  if (!collation.empty()) sql += " COLLATE " + collation;
  return sql;
}

}  // namespace sluice::change
