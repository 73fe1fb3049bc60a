#include "admin/http/handlers/issue_json.h"

namespace sluice::http {
namespace {

json::value reference(store::Id id) {
  return id == 0 ? json::value(nullptr) : json::value(id);
}

json::object to_json(const store::TaskCheck& check) {
  return {{"kind", check.kind},
          {"status", store::name(check.level)},
          {"title", check.title},
          {"detail", check.detail},
          {"line", check.line},
          {"column", check.column},
          {"checked_at", to_text(check.checked_at)}};
}

json::object to_json(Names& names, const store::Approval& approval) {
  return {{"task", approval.task},
          {"user", names.user(approval.user)},
          {"decision", approval.approved ? "approved" : "rejected"},
          {"reason", approval.reason},
          {"void", approval.is_void},
          {"created_at", to_text(approval.at)}};
}

// What an issue's answer is made of beside its state.
struct Parts {
  std::vector<store::TaskCheck> checks;
  std::vector<store::Comment> comments;
  std::vector<store::Activity> activity;
  std::map<std::string, std::string> sheets;
};

store::Result<Parts> read_parts(Call& call, const store::IssueState& state) {
  Parts parts;
  auto issues = call.store().issues();
  auto checks = issues.checks(state.issue.id);
  if (!checks) return checks.error();
  auto comments = issues.comments(state.issue.id);
  if (!comments) return comments.error();
  auto activity = issues.activity(state.issue.id);
  if (!activity) return activity.error();
  for (const store::Task& task : state.tasks) {
    if (parts.sheets.contains(task.sheet_hash)) continue;
    auto text = issues.kept(task.sheet_hash);
    if (!text) return text.error();
    parts.sheets[task.sheet_hash] = std::move(*text);
  }
  parts.checks = std::move(*checks);
  parts.comments = std::move(*comments);
  parts.activity = std::move(*activity);
  return parts;
}

json::object task_json(Names& names, const store::Task& task, const Parts& parts) {
  json::array checks;
  for (const auto& check : parts.checks) {
    if (check.task == task.id) checks.push_back(to_json(check));
  }
  const std::string& text = parts.sheets.at(task.sheet_hash);
  const auto shown = cut_text(text, kMaxShownStatement);
  return {{"id", task.id},
          {"stage", task.stage},
          {"instance", {{"id", task.instance}, {"name", task.instance_name}}},
          {"database", {{"id", reference(task.database)}, {"name", task.database_name}}},
          {"character_set", task.character_set},
          {"collation", task.collation},
          {"status", policy::name(task.status)},
          {"statement", shown},
          {"statement_bytes", text.size()},
          {"statement_cut", shown.size() != text.size()},
          {"editor", names.user(task.editor)},
          {"checks_status", policy::name(task.checks)},
          {"checks", std::move(checks)},
          {"cancel_requested", task.cancel_requested},
          {"statements_done", task.statements_done},
          {"attempts", task.attempt},
          {"reason", task.reason},
          {"change", reference(task.change)},
          {"started_at", time_json(task.started_at)},
          {"ended_at", time_json(task.ended_at)}};
}

json::array stages_json(Names& names, const store::IssueState& state, const Parts& parts) {
  json::array stages;
  for (const store::Stage& stage : state.stages) {
    json::array tasks;
    for (const store::Task& task : state.tasks) {
      if (task.stage == stage.id) tasks.push_back(task_json(names, task, parts));
    }
    stages.push_back({{"id", stage.id},
                      {"environment",
                       {{"id", stage.environment}, {"name", names.environment(stage.environment)}}},
                      {"tasks", std::move(tasks)}});
  }
  return stages;
}

// "pending": a task of the current stage waits for a person.
std::string_view approval_status(const store::IssueState& state) {
  const store::Stage* stage = change::current_stage(state);
  if (stage == nullptr || state.issue.status != policy::IssueStatus::kOpen) return "none";
  bool waits = false;
  for (const store::Task& task : state.tasks) {
    if (task.stage != stage->id || task.status != policy::TaskStatus::kPendingApproval) continue;
    waits = true;
    bool rejected = false;
    for (const auto& word : state.approvals) {
      if (word.task == task.id && !word.is_void) rejected = !word.approved;
    }
    if (rejected) return "rejected";
  }
  return waits ? "pending" : "approved";
}

}  // namespace

json::value Names::user(store::Id id) {
  if (id == 0) return nullptr;
  const auto found = users_.find(id);
  if (found != users_.end()) return found->second;
  json::value shown = nullptr;
  if (const auto user = call_.store().user(id)) {
    shown = {{"id", user->id}, {"name", user->name}, {"email", user->email}};
  }
  return users_[id] = shown;
}

std::string Names::environment(store::Id id) {
  if (environments_.empty()) {
    if (const auto all = call_.store().environments()) {
      for (const auto& environment : *all) environments_[environment.id] = environment.name;
    }
  }
  return environments_[id];
}

std::string_view cut_text(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
  return text.substr(0, size);
}

json::value time_json(const std::optional<store::Time>& time) {
  return time ? json::value(to_text(*time)) : json::value(nullptr);
}

json::object to_json(Names& names, const store::Issue& issue) {
  return {{"id", issue.id},
          {"project", issue.project},
          {"type", policy::name(issue.kind)},
          {"title", issue.title},
          {"description", issue.description},
          {"status", policy::name(issue.status)},
          {"creator", names.user(issue.creator)},
          {"source", store::name(issue.source)},
          {"rollback", issue.keep_rollback},
          {"rollback_of", reference(issue.parent)},
          {"earliest_start", time_json(issue.earliest_start)},
          {"created_at", to_text(issue.created_at)},
          {"updated_at", to_text(issue.updated_at)}};
}

Response whole_issue(Call& call, const store::IssueState& state, unsigned status) {
  const auto parts = read_parts(call, state);
  if (!parts) return problem(parts.error());
  Names names(call);
  json::object shown = to_json(names, state.issue);
  shown["stages"] = stages_json(names, state, *parts);
  json::array decisions;
  for (const auto& approval : state.approvals) decisions.push_back(to_json(names, approval));
  shown["approval"] = {{"status", approval_status(state)}, {"decisions", std::move(decisions)}};
  json::array comments;
  for (const auto& comment : parts->comments) {
    comments.push_back({{"id", comment.id},
                        {"user", names.user(comment.user)},
                        {"text", comment.text},
                        {"created_at", to_text(comment.at)}});
  }
  shown["comments"] = std::move(comments);
  json::array activity;
  for (const auto& entry : parts->activity) {
    activity.push_back({{"id", entry.id},
                        {"task", reference(entry.task)},
                        {"user", names.user(entry.user)},
                        {"kind", entry.kind},
                        {"detail", entry.detail},
                        {"created_at", to_text(entry.at)}});
  }
  shown["activity"] = std::move(activity);
  if (status == 201) {
    return call.created("/api/v1/issues/" + std::to_string(state.issue.id), shown);
  }
  return answer(status, shown);
}

Response issue_or_problem(Call& call, const store::Result<store::IssueState>& state) {
  if (state) return whole_issue(call, *state);
  if (state.error().kind != store::Failure::kRefused) return problem(state.error());
  std::string sentence = state.error().detail;
  if (!sentence.empty() && sentence.front() >= 'a' && sentence.front() <= 'z') {
    sentence.front() = static_cast<char>(sentence.front() - 'a' + 'A');
  }
  return problem(409, sentence + ".");
}

json::object to_json(const store::Change& change) {
  const auto place = [](const store::BinlogPosition& position) -> json::value {
    if (position.file.empty()) return nullptr;
    return {{"file", position.file}, {"position", position.position}};
  };
  return {{"id", change.id},
          {"version", change.version},
          {"type", policy::name(change.kind)},
          {"status", store::name(change.status)},
          {"source", store::name(change.source)},
          {"actor", change.actor},
          {"account", change.account},
          {"program", change.program},
          {"client_host", change.client_host},
          {"project", change.project},
          {"instance", {{"id", change.instance}, {"name", change.instance_name}}},
          {"database", {{"id", change.database}, {"name", change.database_name}}},
          {"issue", reference(change.issue)},
          {"task", reference(change.task)},
          {"affected_rows", change.affected_rows},
          {"schema_changed", change.schema_before_hash != change.schema_after_hash},
          {"server_version", change.server_version},
          {"thread_id", change.thread_id},
          {"binlog", {{"before", place(change.before)}, {"after", place(change.after)}}},
          {"gtids", change.gtids},
          {"error", change.error},
          {"started_at", to_text(change.started_at)},
          {"duration_us", change.duration.count()}};
}

store::Source source_of(const Call& call) {
  return call.identity().credential.kind == store::CredentialKind::kSession
             ? store::Source::kConsole
             : store::Source::kApi;
}

store::Result<change::Actor> actor_in(Call& call, store::Id project) {
  const auto role = call.store().member_role(project, call.user().id);
  if (!role) return role.error();
  return change::Actor{call.user().id, {call.user().role, *role}};
}

}  // namespace sluice::http
