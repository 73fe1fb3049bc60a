// From what a person asks for to an issue with its stages and tasks: a stage for each environment
// in their order, a task for each database. Pure but for what the caller has read.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "admin/store/store.h"

namespace sluice::change {

inline constexpr std::size_t kMaxTargets = 1000;         // tasks of an issue
inline constexpr std::size_t kMaxStatement = 64U << 20;  // bytes; parser::kMaxTextBytes

struct Target {
  store::Id database = 0;  // of an existing one, or
  // of one that is to be made:
  store::Id instance = 0;
  std::string name;
  std::string character_set;
  std::string collation;
  // or of every database of the project that has all these labels; in tenant mode
  std::map<std::string, std::string> labels;
};

struct IssueRequest {
  store::Id project = 0;
  policy::IssueKind kind = policy::IssueKind::kSchemaUpdate;
  std::string title;
  std::string description;
  std::vector<Target> targets;
  std::string statement;
  bool keep_rollback = false;
  std::optional<store::Time> earliest_start;
  store::Source source = store::Source::kApi;
  store::Id creator = 0;
};

// What the workspace has, as far as the request names it.
struct Workspace {
  store::Project project;
  std::vector<store::DatabaseEntry> databases;  // of the project
  std::vector<store::Instance> instances;
  std::vector<store::Environment> environments;
};

struct RequestFault {
  std::string field;    // "targets[2].name"; empty: of the whole
  std::string message;  // a sentence that says what to do
};

[[nodiscard]] std::variant<store::NewIssue, std::vector<RequestFault>> plan(
    const IssueRequest& request, const Workspace& workspace);

// The statement of a task that makes a database. REQUIRES: plan() has accepted the names.
[[nodiscard]] std::string create_database_sql(const std::string& name,
                                              const std::string& character_set,
                                              const std::string& collation);

}  // namespace sluice::change
