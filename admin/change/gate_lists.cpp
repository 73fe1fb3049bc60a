// CALL sluice.status(), issues(), issue() and explain(): what is asked and changes nothing.
#include <algorithm>

#include "admin/change/gate_calls.h"
#include "policy/judged.h"
#include "policy/ruling.h"

namespace sluice::change {
namespace {

using policy::Action;
using policy::SluiceAnswer;

constexpr std::int64_t kListed = 50;

std::string yes_no(bool yes) {
  return yes ? "yes" : "no";
}

}  // namespace

std::string GateCalls::state_word(const store::IssueState& state) {
  using policy::IssueStatus;
  if (state.issue.status == IssueStatus::kCanceled) return "canceled";
  for (const auto& task : state.tasks) {
    if (policy::is_settled(task.status)) continue;
    const store::Approval* last = nullptr;
    for (const auto& approval : state.approvals) {
      if (approval.task == task.id && !approval.is_void) last = &approval;
    }
    if (last != nullptr && !last->approved) return "rejected";
    return std::string(policy::name(task.status));
  }
  return "done";
}

std::string GateCalls::issue_text(const store::IssueState& state) {
  if (state.tasks.empty()) return {};
  const auto text = services_.store.issues().kept(state.tasks.front().sheet_hash);
  return text ? *text : std::string();
}

std::vector<std::optional<std::string>> GateCalls::issue_row(const store::IssueState& state) {
  std::string database;
  std::string instance;
  if (!state.tasks.empty()) {
    database = state.tasks.front().database_name;
    instance = state.tasks.front().instance_name;
  }
  std::string creator;
  if (state.issue.creator == 0) {
    const auto origin = services_.store.gate().origin(state.issue.id);
    if (origin) creator = origin->account;
  } else if (const auto user = services_.store.user(state.issue.creator)) {
    creator = user->email;
  }
  return {std::to_string(state.issue.id),
          state_word(state),
          state.issue.title,
          std::string(policy::name(state.issue.kind)),
          instance,
          database,
          creator,
          services_.issue_url(state.issue.id)};
}

GateCalls::Answer GateCalls::issues(const Arguments&) {
  std::vector<store::Id> ids;
  if (is_person()) {
    store::IssueFilter filter;
    filter.status = policy::IssueStatus::kOpen;
    filter.limit = kListed;
    if (!may(Action::kReadIssues, 0)) filter.member = user_.id;
    const auto found = services_.store.issues().list(filter);
    if (!found) return store_refusal(found.error());
    for (const auto& issue : *found) ids.push_back(issue.id);
  } else {
    auto own = services_.store.gate().issues_of(origin_.account, kListed);
    if (!own) return store_refusal(own.error());
    ids = std::move(*own);
  }
  SluiceAnswer answer{
      {"issue", "status", "title", "type", "instance", "database", "creator", "url"}, {}, false};
  for (const auto id : ids) {
    const auto state = services_.store.issues().get(id);
    if (!state) return store_refusal(state.error());
    answer.rows.push_back(issue_row(*state));
  }
  return answer;
}

GateCalls::Answer GateCalls::issue(const Arguments& arguments) {
  const Seen seen = see(arguments[0]);
  if (seen.refusal) return *seen.refusal;
  const auto& state = seen.state;
  const auto checks = services_.store.issues().checks(state.issue.id);
  if (!checks) return store_refusal(checks.error());
  std::string found;
  for (const auto& check : *checks) {
    if (check.level == store::CheckLevel::kPassed) continue;
    found += (found.empty() ? "" : "\n") + std::string(store::name(check.level)) + ": " +
             check.title + ": " + check.detail;
  }
  SluiceAnswer answer{{"issue", "status", "title", "type", "instance", "database", "creator", "url",
                       "statement", "checks", "reason"},
                      {issue_row(state)},
                      false};
  auto& row = answer.rows.front();
  row.emplace_back(issue_text(state));
  row.emplace_back(std::move(found));
  std::string reason;
  for (const auto& approval : state.approvals) {
    if (!approval.is_void && !approval.approved) reason = approval.reason;
  }
  for (const auto& task : state.tasks) {
    if (!task.reason.empty()) reason = task.reason;
  }
  row.emplace_back(std::move(reason));
  return answer;
}

GateCalls::Answer GateCalls::explain(const Arguments& arguments) {
  const std::string text = arguments[0].value_or("");
  const auto policies = services_.policies.current();
  const auto* instance = policies->find(origin_.instance);
  policy::Account account;
  account.name = origin_.account;
  account.kind = origin_.kind;
  if (account_) account.databases = account_->databases;
  policy::Context context;
  context.account = &account;
  context.instance = origin_.instance;
  context.session.schema = origin_.schema;
  context.session.sql_mode = origin_.sql_mode;
  context.session.charset = origin_.charset;
  context.session.multi_statements = true;
  if (const auto server = sink_.server_of(origin_.instance)) {
    const bool mariadb = server->engine == parser::Engine::MariaDb;
    context.engine = mariadb ? policy::Engine::kMariadb : policy::Engine::kMysql;
    context.server_version = server->version;
    context.lower_case_table_names = server->lower_case_table_names;
  }
  const auto judged = policy::judge_text(text, policy::dialect(context, false));
  const auto ruling = policy::rule(*policies, context, judged);
  SluiceAnswer answer{{"verdict", "group", "rule", "level", "finding"}, {}, false};
  const bool shadow = instance != nullptr && instance->gate.shadow;
  const std::string verdict =
      std::string(policy::name(ruling.verdict)) + (shadow ? " (shadow: it passes)" : "");
  const std::string group = parser::to_string(ruling.group);
  const std::string rule(ruling.rule);
  if (!ruling.outside.empty() || ruling.verdict == policy::Verdict::kDeny) {
    answer.rows.push_back({verdict, group, rule, "error", policy::denial(ruling, context)});
    return answer;
  }
  policy::ChangeRequest request;
  request.origin = origin_;
  request.rule = rule;
  request.statements.push_back({text, ruling.group, 0});
  for (const auto& facts : judged.statements) {
    request.objects.insert(request.objects.end(), facts.objects.begin(), facts.objects.end());
  }
  const auto explained = sink_.explain(request);
  if (explained.refusal) return *explained.refusal;
  for (const auto& finding : explained.findings) {
    answer.rows.push_back({verdict, group, rule, std::string(policy::rules::name(finding.level)),
                           finding.rule + ": " + finding.title + ": " + finding.detail});
  }
  if (answer.rows.empty()) {
    answer.rows.push_back({verdict, group, rule, std::nullopt, std::nullopt});
  }
  return answer;
}

GateCalls::Answer GateCalls::status(const Arguments&) {
  const auto policies = services_.policies.current();
  const auto* policy = policies->find(origin_.instance);
  SluiceAnswer answer{{"name", "value"}, {}, false};
  const auto put = [&](const char* name, std::string value) {
    answer.rows.push_back({name, std::move(value)});
  };
  put("account", origin_.account);
  put("kind", origin_.kind == policy::AccountKind::kHuman ? "human" : "service");
  put("person", is_person() ? user_.email : "");
  put("may_break_glass", yes_no(account_ && account_->may_break_glass));
  put("glass_is_broken", yes_no(!origin_.break_glass.empty()));
  put("instance", origin_.instance);
  put("database", origin_.schema);
  if (policy == nullptr || policy->transparent) {
    put("environment", "");
    put("gate", "none: everything passes");
    return answer;
  }
  put("environment", policy->environment);
  put("shadow", yes_no(policy->gate.shadow));
  const auto& row = policy->gate.row(origin_.kind);
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto group = static_cast<parser::ActionGroup>(i);
    answer.rows.push_back(
        {"verdict." + std::string(parser::to_string(group)), std::string(policy::name(row[i]))});
  }
  put("max_affected_rows", std::to_string(policy->gate.max_affected_rows));
  put("hold_seconds", std::to_string(policy->gate.hold_limit.count()));
  const auto database = policy->databases.find(origin_.schema);
  if (database != policy->databases.end()) {
    put("frozen", yes_no(database->second.frozen));
    if (database->second.frozen) put("freeze_reason", database->second.freeze_reason);
  }
  return answer;
}

}  // namespace sluice::change
