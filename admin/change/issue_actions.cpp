#include "admin/change/issue_actions.h"

#include <algorithm>

#include "parser/redact.h"

namespace sluice::change {
namespace {

using policy::Refused;
using policy::TaskEvent;
using policy::TaskStatus;
using store::Decision;
using store::IssueState;
using store::IssueUpdate;
using store::Task;

const store::Stage* stage_of(const IssueState& state, const Task& task) {
  const auto found = std::ranges::find(state.stages, task.stage, &store::Stage::id);
  return found == state.stages.end() ? nullptr : &*found;
}

// An environment that is not known any more asks for everything.
policy::ApprovalRules rules_of(const IssueState& state, const Task& task,
                               const Environments& environments) {
  const store::Stage* stage = stage_of(state, task);
  if (stage == nullptr) return {};
  const auto found = environments.find(stage->environment);
  return found == environments.end() ? policy::ApprovalRules{} : found->second.rules;
}

bool earlier_stage_open(const IssueState& state, const Task& task) {
  const store::Stage* stage = stage_of(state, task);
  if (stage == nullptr) return true;
  return std::ranges::any_of(state.tasks, [&](const Task& other) {
    const store::Stage* before = stage_of(state, other);
    return before != nullptr && before->position < stage->position &&
           !policy::is_settled(other.status);
  });
}

store::Activity note(const Actor& actor, const Task& task, std::string kind,
                     std::string detail = {}) {
  return {0, task.id, actor.user, std::move(kind), std::move(detail), {}};
}

// The newest word about the task's statement as it stands; null when there is none.
const store::Approval* last_word(const IssueState& state, const Task& task) {
  const store::Approval* last = nullptr;
  for (const store::Approval& approval : state.approvals) {
    if (approval.task == task.id && !approval.is_void) last = &approval;
  }
  return last;
}

// Moves the task, or says why not.
std::variant<TaskStatus, Refused> move(const IssueState& state, const Task& task, TaskEvent event,
                                       store::Time now, bool reason_given = false) {
  auto facts = facts_of(state, task, now);
  facts.reason_given = reason_given;
  return policy::transition(task.status, event, facts);
}

Refused unknown_task() {
  return {"the issue has no such task"};
}

// One task, one event, no more.
Decision simple(const IssueState& state, store::Id id, const Actor& actor, TaskEvent event,
                const std::string& reason, store::Time now) {
  const Task* task = state.task(id);
  if (task == nullptr) return unknown_task();
  const auto next = move(state, *task, event, now, !reason.empty());
  if (const auto* refused = std::get_if<Refused>(&next)) return *refused;
  IssueUpdate update;
  store::TaskUpdate& change = update.tasks.emplace_back();
  change.task = id;
  change.status = std::get<TaskStatus>(next);
  if (!reason.empty()) change.reason = reason;
  update.activity.push_back(note(actor, *task, std::string(policy::name(event)), reason));
  return update;
}

}  // namespace

const store::Stage* current_stage(const IssueState& state) noexcept {
  for (const store::Stage& stage : state.stages) {
    const bool open = std::ranges::any_of(state.tasks, [&](const Task& task) {
      return task.stage == stage.id && !policy::is_settled(task.status);
    });
    if (open) return &stage;
  }
  return nullptr;
}

policy::TaskFacts facts_of(const IssueState& state, const Task& task, store::Time now) {
  policy::TaskFacts facts;
  facts.issue = state.issue.status;
  facts.checks = task.checks;
  facts.earlier_stage_open = earlier_stage_open(state, task);
  facts.earliest_start_reached = !state.issue.earliest_start || *state.issue.earliest_start <= now;
  return facts;
}

Decision approve(const IssueState& state, const Actor& actor, const Environments& environments,
                 store::Time now) {
  IssueUpdate update;
  const store::Stage* stage = current_stage(state);
  for (const Task& task : state.tasks) {
    if (stage == nullptr || task.stage != stage->id) continue;
    if (task.status != TaskStatus::kPendingApproval) continue;
    const bool author = actor.user == state.issue.creator || actor.user == task.editor;
    const auto may = policy::approve(rules_of(state, task, environments), {actor.subject, author});
    if (const auto* refused = std::get_if<Refused>(&may)) return *refused;
    const auto next = move(state, task, TaskEvent::kApprove, now);
    if (const auto* refused = std::get_if<Refused>(&next)) return *refused;
    store::TaskUpdate& change = update.tasks.emplace_back();
    change.task = task.id;
    change.status = std::get<TaskStatus>(next);
    update.approvals.push_back({task.id, actor.user, true, "", false, now});
    update.activity.push_back(note(actor, task, "approve"));
  }
  if (!update.tasks.empty()) return update;
  if (state.issue.status != policy::IssueStatus::kOpen) {
    return Refused{"the issue is " + std::string(policy::name(state.issue.status))};
  }
  return Refused{"no task of the current stage waits for approval"};
}

Decision reject(const IssueState& state, const Actor& actor, const Environments& environments,
                const std::string& reason, store::Time now) {
  if (state.issue.status != policy::IssueStatus::kOpen) {
    return Refused{"the issue is " + std::string(policy::name(state.issue.status))};
  }
  if (reason.empty()) return Refused{"a rejection needs a reason"};
  IssueUpdate update;
  const store::Stage* stage = current_stage(state);
  for (const Task& task : state.tasks) {
    if (stage == nullptr || task.stage != stage->id) continue;
    if (task.status != TaskStatus::kPendingApproval && task.status != TaskStatus::kPending) {
      continue;
    }
    // Whoever may say yes may say no; to one's own, too.
    const auto may = policy::approve(rules_of(state, task, environments), {actor.subject, false});
    if (const auto* refused = std::get_if<Refused>(&may)) return *refused;
    const auto next = move(state, task, TaskEvent::kVoid, now);
    if (const auto* refused = std::get_if<Refused>(&next)) return *refused;
    store::TaskUpdate& change = update.tasks.emplace_back();
    change.task = task.id;
    change.status = std::get<TaskStatus>(next);
    change.void_approvals = true;
    update.approvals.push_back({task.id, actor.user, false, reason, false, now});
    update.activity.push_back(note(actor, task, "reject", reason));
  }
  if (update.tasks.empty()) return Refused{"no task of the current stage waits to run"};
  return update;
}

Decision resolve(const IssueState& state, const Actor& actor) {
  policy::IssueFacts facts;
  facts.all_tasks_settled = std::ranges::all_of(
      state.tasks, [](const Task& task) { return policy::is_settled(task.status); });
  const auto next = policy::transition(state.issue.status, policy::IssueEvent::kResolve, facts);
  if (const auto* refused = std::get_if<Refused>(&next)) return *refused;
  IssueUpdate update;
  update.status = std::get<policy::IssueStatus>(next);
  update.activity.push_back({0, 0, actor.user, "resolve", "", {}});
  return update;
}

Decision cancel_issue(const IssueState& state, const Actor& actor) {
  policy::IssueFacts facts;
  facts.task_running = std::ranges::any_of(
      state.tasks, [](const Task& task) { return task.status == TaskStatus::kRunning; });
  const auto next = policy::transition(state.issue.status, policy::IssueEvent::kCancel, facts);
  if (const auto* refused = std::get_if<Refused>(&next)) return *refused;
  IssueUpdate update;
  update.status = std::get<policy::IssueStatus>(next);
  update.activity.push_back({0, 0, actor.user, "cancel", "", {}});
  return update;
}

Decision reopen(const IssueState& state, const Actor& actor, store::Time now) {
  const auto next = policy::transition(state.issue.status, policy::IssueEvent::kReopen, {});
  if (const auto* refused = std::get_if<Refused>(&next)) return *refused;
  IssueUpdate update;
  update.status = std::get<policy::IssueStatus>(next);
  IssueState open = state;
  open.issue.status = policy::IssueStatus::kOpen;
  for (const Task& task : state.tasks) {
    if (task.status != TaskStatus::kPendingApproval && task.status != TaskStatus::kPending) {
      continue;
    }
    const auto status = move(open, task, TaskEvent::kVoid, now);
    if (const auto* refused = std::get_if<Refused>(&status)) return *refused;
    store::TaskUpdate& change = update.tasks.emplace_back();
    change.task = task.id;
    change.status = std::get<TaskStatus>(status);
    change.checks = policy::CheckResult::kNotRun;
    change.new_check_round = true;
    change.void_approvals = true;
  }
  update.activity.push_back({0, 0, actor.user, "reopen", "", {}});
  return update;
}

Decision comment(const Actor& actor, const std::string& text, store::Time now) {
  IssueUpdate update;
  update.comments.push_back({0, actor.user, text, now});
  return update;
}

Decision edit_statement(const IssueState& state, store::Id id, const Actor& actor,
                        const std::string& statement, store::Time now) {
  const Task* task = state.task(id);
  if (task == nullptr) return unknown_task();
  if (state.issue.kind != policy::IssueKind::kSchemaUpdate &&
      state.issue.kind != policy::IssueKind::kDataUpdate) {
    return Refused{"the statements of a " + std::string(policy::name(state.issue.kind)) +
                   " issue are Sluice's own"};
  }
  if (!task->sealed_sheet.empty() && statement.find(parser::kSecretMark) != std::string::npos) {
    return Refused{"the text has " + std::string(parser::kSecretMark) +
                   " where a password was, which nobody can read back: write the password"};
  }
  const auto next = move(state, *task, TaskEvent::kVoid, now);
  if (const auto* refused = std::get_if<Refused>(&next)) return *refused;
  IssueUpdate update;
  store::TaskUpdate& change = update.tasks.emplace_back();
  change.task = id;
  change.status = std::get<TaskStatus>(next);
  change.statement = statement;
  change.editor = actor.user;
  change.checks = policy::CheckResult::kNotRun;
  change.new_check_round = true;
  change.void_approvals = true;
  update.activity.push_back(note(actor, *task, "edit"));
  return update;
}

Decision run_task(const IssueState& state, store::Id id, const Actor& actor,
                  const Environments& environments, store::Time now) {
  const Task* task = state.task(id);
  if (task == nullptr) return unknown_task();
  if (task->status == TaskStatus::kPending) {
    const auto next = move(state, *task, TaskEvent::kStart, now);
    if (const auto* refused = std::get_if<Refused>(&next)) return *refused;
    return IssueUpdate{};  // it starts by itself
  }
  const auto rules = rules_of(state, *task, environments);
  if (task->status == TaskStatus::kPendingApproval &&
      (rules.approval == policy::Approval::kManual ||
       state.issue.kind == policy::IssueKind::kDataRollback)) {
    return Refused{"the task needs its approval first"};
  }
  const store::Approval* word = last_word(state, *task);
  if (word != nullptr && !word->approved) {
    return Refused{"the task was rejected: edit its statement, or have it approved"};
  }
  const auto next = move(state, *task, TaskEvent::kApprove, now);
  if (const auto* refused = std::get_if<Refused>(&next)) return *refused;
  IssueUpdate update;
  store::TaskUpdate& change = update.tasks.emplace_back();
  change.task = id;
  change.status = std::get<TaskStatus>(next);
  update.approvals.push_back({id, actor.user, true, "", false, now});
  update.activity.push_back(note(actor, *task, "run"));
  return update;
}

Decision retry_task(const IssueState& state, store::Id id, const Actor& actor, store::Time now) {
  auto decision = simple(state, id, actor, TaskEvent::kRetry, "", now);
  if (auto* update = std::get_if<IssueUpdate>(&decision)) {
    update->tasks.front().checks = policy::CheckResult::kNotRun;
    update->tasks.front().new_check_round = true;
  }
  return decision;
}

Decision skip_task(const IssueState& state, store::Id id, const Actor& actor,
                   const std::string& reason, store::Time now) {
  return simple(state, id, actor, TaskEvent::kSkip, reason, now);
}

Decision cancel_task(const IssueState& state, store::Id id, const Actor& actor, store::Time now) {
  const Task* task = state.task(id);
  if (task != nullptr && task->status == TaskStatus::kRunning) {
    IssueUpdate update;
    store::TaskUpdate& change = update.tasks.emplace_back();
    change.task = id;
    change.cancel_requested = true;
    update.activity.push_back(note(actor, *task, "cancel"));
    return update;
  }
  return simple(state, id, actor, TaskEvent::kCancel, "", now);
}

Decision settle_task(const IssueState& state, store::Id id, const Actor& actor,
                     const Settlement& settlement, store::Time now) {
  const auto event = settlement.done ? TaskEvent::kSettleDone : TaskEvent::kSettleFail;
  return simple(state, id, actor, event, settlement.reason, now);
}

Decision check_again(const IssueState& state, store::Id id, const Actor& actor) {
  const Task* task = state.task(id);
  if (task == nullptr) return unknown_task();
  if (state.issue.status != policy::IssueStatus::kOpen) {
    return Refused{"the issue is " + std::string(policy::name(state.issue.status))};
  }
  const bool waits = task->status == TaskStatus::kPendingApproval ||
                     task->status == TaskStatus::kFailed || task->status == TaskStatus::kCanceled;
  if (!waits) {
    return Refused{"a task that is " + std::string(policy::name(task->status)) +
                   " is not checked again"};
  }
  IssueUpdate update;
  store::TaskUpdate& change = update.tasks.emplace_back();
  change.task = id;
  change.checks = policy::CheckResult::kNotRun;
  change.new_check_round = true;
  update.activity.push_back(note(actor, *task, "check"));
  return update;
}

Decision advance(const IssueState& state, const Environments& environments, store::Time now) {
  IssueUpdate update;
  const store::Stage* stage = current_stage(state);
  for (const Task& task : state.tasks) {
    if (stage == nullptr || task.stage != stage->id) continue;
    if (task.status != TaskStatus::kPendingApproval) continue;
    const store::Approval* word = last_word(state, task);
    const bool rejected = word != nullptr && !word->approved;
    const bool stands = word != nullptr && word->approved && word->user != 0;
    const auto rules = rules_of(state, task, environments);
    const bool by_itself = policy::runs_by_itself(rules, state.issue.kind, task.checks);
    if (rejected || (!stands && !by_itself)) continue;
    const auto next = move(state, task, TaskEvent::kApprove, now);
    if (std::holds_alternative<Refused>(next)) continue;
    store::TaskUpdate& change = update.tasks.emplace_back();
    change.task = task.id;
    change.status = std::get<TaskStatus>(next);
    if (stands) continue;
    update.approvals.push_back({task.id, 0, true, "", false, now});
    update.activity.push_back({0, task.id, 0, "approve", "the environment is automatic", now});
  }
  if (update.tasks.empty()) return Refused{"nothing goes on by itself"};
  return update;
}

Decision start_task(const IssueState& state, store::Id id, store::Time now) {
  return simple(state, id, {}, TaskEvent::kStart, "", now);
}

}  // namespace sluice::change
