#include "admin/change/gate_calls.h"

#include <algorithm>
#include <charconv>

#include "admin/change/text_diff.h"

namespace sluice::change {
namespace {

using policy::Action;
using policy::Refusal;
using policy::SluiceAnswer;

constexpr std::int64_t kListed = 50;
constexpr std::size_t kMaxReason = 2000;  // bytes

Refusal call_refusal(const std::string& why) {
  Refusal refusal;
  refusal.code = 1644;  // ER_SIGNAL_EXCEPTION
  refusal.sqlstate = "45000";
  refusal.rule = "sluice";
  refusal.message = "Sluice: " + why;
  return refusal;
}

std::optional<std::int64_t> number_of(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  const char* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || number < 0) return std::nullopt;
  return number;
}

std::string time_text(store::Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto value = static_cast<std::time_t>(seconds.time_since_epoch().count());
  std::tm parts{};
  ::gmtime_r(&value, &parts);
  char buffer[32];
  const std::size_t size = std::strftime(buffer, sizeof buffer, "%Y-%m-%d %H:%M:%S", &parts);
  return {buffer, size};
}

}  // namespace

const std::vector<GateCalls::Row>& GateCalls::table() {
  static const std::vector<Row> kRows{
      {"status", 0, "status()", &GateCalls::status},
      {"issues", 0, "issues()", &GateCalls::issues},
      {"issue", 1, "issue(number)", &GateCalls::issue},
      {"explain", 1, "explain('statement')", &GateCalls::explain},
      {"approve", 1, "approve(number)", &GateCalls::approve},
      {"reject", 2, "reject(number, 'why')", &GateCalls::reject},
      {"wait", 2, "wait(number, seconds)", &GateCalls::wait},
      {"rollback", 1, "rollback(number)", &GateCalls::rollback},
      {"history", 1, "history('database')", &GateCalls::history},
      {"break_glass", 1, "break_glass('reason')", &GateCalls::break_glass},
  };
  return kRows;
}

GateCalls::Answer GateCalls::call(const std::string& name, const Arguments& arguments) {
  const auto& rows = table();
  const auto found = std::ranges::find(rows, name, &Row::name);
  if (found == rows.end()) {
    std::string known = "begin('title'), submit(), discard()";
    for (const Row& row : rows) known += ", " + std::string(row.usage);
    return call_refusal("there is no sluice." + name + "(); there are " + known + ".");
  }
  if (arguments.size() != found->arguments) {
    return call_refusal("CALL sluice." + std::string(found->usage) + " takes " +
                        std::to_string(found->arguments) + " argument(s), and " +
                        std::to_string(arguments.size()) + " were given.");
  }
  if (auto no = find_caller()) return *no;
  return (this->*found->function)(arguments);
}

std::optional<Refusal> GateCalls::find_caller() {
  auto account = services_.store.accounts().find(origin_.account);
  if (!account) {
    if (account.error().kind == store::Failure::kNotFound) return std::nullopt;
    return call_refusal("the store does not answer: " + account.error().detail + ".");
  }
  account_ = std::move(*account);
  if (account_->user == 0) return std::nullopt;
  auto user = services_.store.user(account_->user);
  if (!user) return call_refusal("the store does not answer: " + user.error().detail + ".");
  if (!user->active) return call_refusal("the account's person is not active any more.");
  user_ = std::move(*user);
  return std::nullopt;
}

bool GateCalls::may(Action action, store::Id project) {
  if (!is_person()) return false;
  const auto role = project == 0 ? store::Result<policy::ProjectRole>(policy::ProjectRole::kNone)
                                 : services_.store.member_role(project, user_.id);
  return role && policy::may({user_.role, *role}, action);
}

Refusal GateCalls::denied(Action action) {
  if (!is_person()) {
    return call_refusal("the account '" + origin_.account +
                        "' belongs to no person; this is for people's accounts.");
  }
  return call_refusal(user_.email + " may not do that (" + std::string(policy::name(action)) +
                      "); ask an owner or a DBA of the workspace.");
}

store::Result<Actor> GateCalls::actor_in(store::Id project) {
  const auto role = services_.store.member_role(project, user_.id);
  if (!role) return role.error();
  return Actor{user_.id, {user_.role, *role}};
}

bool GateCalls::audit(const std::string& action, const std::string& target,
                      const std::string& outcome, const std::string& detail) {
  store::AuditEntry entry;
  entry.time = services_.now();
  entry.actor = is_person() ? user_.email : origin_.account;
  entry.action = action;
  entry.target = target;
  entry.outcome = outcome;
  entry.detail = "account " + origin_.account + ", from " + origin_.host +
                 (detail.empty() ? "" : "; " + detail);
  const auto kept = services_.store.append_audit(std::move(entry));
  if (!kept) services_.log("audit_failed", action + ": " + kept.error().detail);
  return kept.has_value();
}

GateCalls::Seen GateCalls::see(const std::optional<std::string>& number) {
  Seen seen;
  const auto id = number_of(number);
  const auto unknown = [&] {
    return call_refusal("there is no issue #" + number.value_or("NULL") +
                        " that this account may see.");
  };
  if (!id) {
    seen.refusal = call_refusal("expected the number of an issue, found " +
                                (number ? "'" + *number + "'" : "NULL") + ".");
    return seen;
  }
  auto state = services_.store.issues().get(*id);
  if (!state) {
    seen.refusal = state.error().kind == store::Failure::kNotFound
                       ? unknown()
                       : call_refusal("the store does not answer: " + state.error().detail + ".");
    return seen;
  }
  const auto origin = services_.store.gate().origin(*id);
  const bool own = origin && origin->account == origin_.account;
  if (!own && !may(Action::kReadIssues, state->issue.project)) {
    seen.refusal = unknown();
    return seen;
  }
  seen.state = std::move(*state);
  return seen;
}

GateCalls::Answer GateCalls::acted(const char* action,
                                   const store::Result<store::IssueState>& state,
                                   const std::string& detail) {
  if (state) {
    const std::string target = "issue " + std::to_string(state->issue.id);
    if (!audit(action, target, "done", detail)) {
      return call_refusal("it was done, and the audit log could not be written.");
    }
    return SluiceAnswer{{"issue", "status", "url"},
                        {{std::to_string(state->issue.id), state_word(*state),
                          services_.issue_url(state->issue.id)}},
                        false};
  }
  static_cast<void>(audit(action, "", "failed", state.error().detail));
  return call_refusal(state.error().detail + ".");
}

GateCalls::Answer GateCalls::approve(const Arguments& arguments) {
  const Seen seen = see(arguments[0]);
  if (seen.refusal) return *seen.refusal;
  const auto& issue = seen.state.issue;
  if (!may(Action::kApproveIssues, issue.project)) {
    static_cast<void>(audit("issues.approve", "issue " + std::to_string(issue.id), "denied", ""));
    return denied(Action::kApproveIssues);
  }
  const auto actor = actor_in(issue.project);
  if (!actor) return call_refusal(actor.error().detail + ".");
  return acted("issues.approve", services_.engine.approve(issue.id, *actor), "");
}

GateCalls::Answer GateCalls::reject(const Arguments& arguments) {
  const Seen seen = see(arguments[0]);
  if (seen.refusal) return *seen.refusal;
  const auto& issue = seen.state.issue;
  if (!may(Action::kApproveIssues, issue.project)) {
    static_cast<void>(audit("issues.reject", "issue " + std::to_string(issue.id), "denied", ""));
    return denied(Action::kApproveIssues);
  }
  const std::string why = arguments[1].value_or("").substr(0, kMaxReason);
  const auto actor = actor_in(issue.project);
  if (!actor) return call_refusal(actor.error().detail + ".");
  return acted("issues.reject", services_.engine.reject(issue.id, *actor, why), why);
}

// The issue that undoes a data change; it waits for its approval.
GateCalls::Answer GateCalls::rollback(const Arguments& arguments) {
  const Seen seen = see(arguments[0]);
  if (seen.refusal) return *seen.refusal;
  const auto& issue = seen.state.issue;
  if (!is_person() || !may(Action::kCreateIssues, issue.project)) {
    static_cast<void>(audit("issues.rollback", "issue " + std::to_string(issue.id), "denied", ""));
    return denied(Action::kCreateIssues);
  }
  RollbackRequest request;
  request.creator = user_.id;
  request.source = store::Source::kProxy;
  return acted("issues.rollback", services_.engine.roll_back(issue.id, request), "");
}

GateCalls::Answer GateCalls::wait(const Arguments& arguments) {
  const Seen seen = see(arguments[0]);
  if (seen.refusal) return *seen.refusal;
  if (!number_of(arguments[1])) return call_refusal("expected a number of seconds.");
  SluiceAnswer answer{{"issue", "status", "url"}, {}, false};
  const std::string word = state_word(seen.state);
  answer.rows.push_back(
      {std::to_string(seen.state.issue.id), word, services_.issue_url(seen.state.issue.id)});
  answer.pending = word == "pending_approval" || word == "pending" || word == "running";
  return answer;
}

GateCalls::Answer GateCalls::history(const Arguments& arguments) {
  const std::string name = arguments[0].value_or(origin_.schema);
  const auto instances = services_.store.instances();
  if (!instances) return call_refusal("the store does not answer.");
  const auto instance = std::ranges::find(*instances, origin_.instance, &store::Instance::name);
  const auto unknown = call_refusal("the instance " + origin_.instance + " has no database '" +
                                    name + "' whose history this account may see.");
  if (instance == instances->end()) return unknown;
  const auto database = services_.store.databases().find(instance->id, name);
  if (!database) return unknown;
  // An application reads the schemas of its databases anyway.
  const bool own = account_ && !is_person() &&
                   (account_->databases.empty() ||
                    std::ranges::find(account_->databases, name) != account_->databases.end());
  if (!own && !may(Action::kReadChanges, database->project)) return unknown;
  store::ChangeFilter filter;
  filter.database = database->id;
  filter.limit = kListed;
  const auto changes = services_.store.history().list(filter);
  if (!changes) return call_refusal("the store does not answer: " + changes.error().detail + ".");
  SluiceAnswer answer{
      {"change", "version", "type", "status", "source", "person", "account", "program", "host",
       "issue", "gtids", "affected_rows", "started_at", "statement", "diff", "error"},
      {},
      false};
  for (const auto& change : *changes) {
    const auto texts = services_.store.history().texts(change);
    if (!texts) return call_refusal("the store does not answer: " + texts.error().detail + ".");
    answer.rows.push_back(
        {std::to_string(change.id), change.version, std::string(policy::name(change.kind)),
         std::string(store::name(change.status)), std::string(store::name(change.source)),
         change.actor, change.account, change.program, change.client_host,
         change.issue == 0 ? std::nullopt : std::optional(std::to_string(change.issue)),
         change.gtids, std::to_string(change.affected_rows), time_text(change.started_at),
         texts->statement, unified_diff(texts->schema_before, texts->schema_after), change.error});
  }
  return answer;
}

GateCalls::Answer GateCalls::break_glass(const Arguments& arguments) {
  const std::string reason = arguments[0].value_or("");
  if (reason.find_first_not_of(" \t\r\n") == std::string::npos) {
    return call_refusal("break_glass() needs a reason: it is what people read afterwards.");
  }
  if (reason.size() > kMaxReason) return call_refusal("the reason is longer than 2000 bytes.");
  const std::string target = "instance " + origin_.instance;
  if (!account_ || !account_->may_break_glass) {
    static_cast<void>(audit("gate.break_glass", target, "denied", reason));
    return call_refusal("the account '" + origin_.account +
                        "' may not break the glass; an owner can allow it in the console.");
  }
  // What cannot be written down is not granted.
  if (!audit("gate.break_glass", target, "done", reason)) {
    return call_refusal("the audit log cannot be written, so it is not granted.");
  }
  services_.log("gate.break_glass", origin_.account + " at " + origin_.instance);
  return SluiceAnswer{{"granted", "until"}, {{reason, "the session's end"}}, false};
}

std::variant<policy::SluiceAnswer, Refusal> GateSink::call(
    const policy::ChangeOrigin& origin, const std::string& name,
    const std::vector<std::optional<std::string>>& arguments) {
  return GateCalls(services_, *this, origin).call(name, arguments);
}

}  // namespace sluice::change
