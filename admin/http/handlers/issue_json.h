// Issues, tasks and changes as JSON, for the handler files that show them.
#pragma once

#include "admin/http/handlers/handlers.h"

namespace sluice::http {

// Statements longer than this are cut in an issue's answer: GET /tasks/{id}/statement has the
// whole.
inline constexpr std::size_t kMaxShownStatement = 64 * 1024;  // bytes

// Users and environments by id, each read once for one answer.
class Names {
 public:
  explicit Names(Call& call) : call_(call) {}
  [[nodiscard]] json::value user(store::Id id);  // {id, name, email}; null for 0
  [[nodiscard]] std::string environment(store::Id id);

 private:
  Call& call_;
  std::map<store::Id, json::value> users_;
  std::map<store::Id, std::string> environments_;
};

[[nodiscard]] json::object to_json(Names& names, const store::Issue& issue);
// With stages, tasks, checks, approval, comments and activity.
[[nodiscard]] Response whole_issue(Call& call, const store::IssueState& state,
                                   unsigned status = 200);
// The answer of an action: the issue as it is now, or why not.
[[nodiscard]] Response issue_or_problem(Call& call, const store::Result<store::IssueState>& state);
[[nodiscard]] json::object to_json(const store::Change& change);

// Cut at a character's border.
[[nodiscard]] std::string_view cut_text(std::string_view text, std::size_t size);
[[nodiscard]] json::value time_json(const std::optional<store::Time>& time);
// Of an issue that this call makes.
[[nodiscard]] store::Source source_of(const Call& call);
// Who acts on an issue of that project.
[[nodiscard]] store::Result<change::Actor> actor_in(Call& call, store::Id project);

}  // namespace sluice::http
