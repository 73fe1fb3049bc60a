// Statements that become issues: made, joined, told of, claimed by the client that waits.
#include <algorithm>
#include <array>

#include "admin/change/gate_schema.h"
#include "admin/change/gate_sink.h"
#include "parser/parse.h"
#include "parser/redact.h"
#include "policy/rules/sheet.h"

namespace sluice::change {
namespace {

using policy::ChangeRequest;
using policy::ChangeReview;
using policy::Refusal;
using policy::TaskStatus;

// Whoever sends it, where, and what: the same again is the same issue.
std::string request_hash(const store::Store& store, const ChangeRequest& request,
                         const std::string& sheet) {
  return store.keyed_hash(request.origin.account + '\n' + request.origin.instance + '\n' +
                          request.origin.schema + '\n' + sheet);
}

// The database that the issue's task runs in. A text whose names are all qualified may run
// anywhere; of those that are not, the session's default schema is meant.
std::string database_of(const ChangeRequest& request, const std::vector<Touched>& all) {
  const std::string& schema = request.origin.schema;
  if (schema.empty()) return all.empty() ? "" : all.front().database;
  const bool elsewhere = std::ranges::none_of(request.objects, [&](const auto& object) {
    return object.schema.empty() || object.schema == schema;
  });
  const bool one = all.size() == 1 && !request.objects.empty();
  return one && elsewhere && all.front().database != schema ? all.front().database : schema;
}

std::string description_of(const GatePlace& place, const ChangeRequest& request) {
  const auto& origin = request.origin;
  const bool human = origin.kind == policy::AccountKind::kHuman;
  std::string text = "Sent through the proxy by the " + std::string(human ? "human" : "service") +
                     " account " + origin.account;
  if (place.user != 0) text += " (" + place.actor + ")";
  text += ", with " +
          (origin.program.empty() ? "a client that does not tell its name" : origin.program) +
          " from " + origin.host + ", to " + origin.instance +
          (origin.schema.empty() ? "" : ", database " + origin.schema) + ". Rule " + request.rule +
          " asks for a review.";
  return text;
}

bool is_readable(const policy::ChangeStatement& statement, parser::Charset charset) {
  using parser::Charset;
  constexpr std::array<Charset, 3> kUtf8{Charset::Utf8mb4, Charset::Utf8mb3, Charset::Ascii};
  if (std::ranges::find(kUtf8, charset) != kUtf8.end()) return true;
  return std::ranges::none_of(statement.text,
                              [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

const store::Task* first_open(const store::IssueState& state) {
  for (const auto& task : state.tasks) {
    if (!policy::is_settled(task.status)) return &task;
  }
  return nullptr;
}

// The newest word about the issue's open tasks, when it is a no.
const store::Approval* rejection(const store::IssueState& state) {
  const store::Approval* last = nullptr;
  for (const auto& approval : state.approvals) {
    if (!approval.is_void) last = &approval;
  }
  return last != nullptr && !last->approved ? last : nullptr;
}

bool ran(const store::IssueState& state) {
  return !state.tasks.empty() && std::ranges::all_of(state.tasks, [](const auto& task) {
    return task.status == TaskStatus::kDone;
  });
}

}  // namespace

boost::system::result<store::NewIssue, Refusal> GateSink::issue_for(
    const GatePlace& place, const policy::rules::Server& facts, const ChangeRequest& request) {
  // IGNORE_SPACE, which some drivers ask for at login (CLIENT_IGNORE_SPACE), makes of a text the
  // same statement or none: the checks say so before anything runs.
  const auto differs = (request.origin.sql_mode ^ facts.sql_mode) &
                       ~static_cast<std::uint32_t>(parser::kIgnoreSpace);
  if (differs != 0) {
    return gate_refusal("session-mode",
                        "the session's sql_mode reads texts otherwise than the server's own does "
                        "(ANSI_QUOTES, NO_BACKSLASH_ESCAPES, PIPES_AS_CONCAT and the like), and "
                        "the change would run in a session of its own. SET sql_mode = "
                        "@@GLOBAL.sql_mode, and send it again.");
  }
  const bool readable = std::ranges::all_of(request.statements, [&](const auto& statement) {
    return is_readable(statement, request.origin.charset);
  });
  if (!readable) {
    return gate_refusal("session-charset",
                        "a text that is to be reviewed has to be sent in UTF-8: SET NAMES "
                        "utf8mb4, and send it again.");
  }
  const auto all = touched(request.objects, request.origin.schema, false);
  store::NewIssue made;
  store::NewTask task;
  task.instance = place.instance.id;
  task.instance_name = place.instance.name;
  task.statement = sheet_of(request.statements);
  task.database_name = database_of(request, all);
  made.issue.kind = kind_of(request);
  const bool creates = made.issue.kind == policy::IssueKind::kDatabaseCreate;
  if (creates && !all.empty()) task.database_name = all.front().database;
  if (!task.database_name.empty()) {
    auto database = services_.store.databases().find(place.instance.id, task.database_name);
    if (!database && database.error().kind == store::Failure::kNotFound && !creates) {
      const auto project = default_project(services_.store);
      if (!project) return store_refusal(project.error());
      database = services_.store.databases().ensure(place.instance.id, {task.database_name, "", ""},
                                                    *project, services_.now());
    }
    if (!database && database.error().kind != store::Failure::kNotFound) {
      return store_refusal(database.error());
    }
    if (database) {
      made.issue.project = database->project;
      task.database = creates ? 0 : database->id;
    }
  }
  if (made.issue.project == 0) {
    const auto project = default_project(services_.store);
    if (!project) return store_refusal(project.error());
    made.issue.project = *project;
  }
  const std::string first = parser::without_secrets(request.statements.front().text);
  made.issue.title = request.title.empty() ? first_words(first) : request.title;
  if (request.title.empty() && request.statements.size() > 1) {
    made.issue.title =
        std::to_string(request.statements.size()) + " statements: " + made.issue.title;
  }
  made.issue.description = description_of(place, request);
  made.issue.creator = place.user;
  made.issue.source = store::Source::kProxy;
  made.environments = {place.environment.id};
  made.tasks = {std::move(task)};
  return made;
}

// What the issue says to whoever sends its statement.
GateSink::Reviewed GateSink::answer(const store::IssueState& state,
                                    const store::GateIssue& origin) {
  ChangeReview review;
  review.issue = state.issue.id;
  const std::string change = "Sluice: change #" + std::to_string(state.issue.id);
  const std::string url = services_.issue_url(state.issue.id);
  if (ran(state)) {
    review.state = ChangeReview::State::kDone;
    review.message = change + " ran: " + url;
    for (const auto& task : state.tasks) {
      const auto entry = services_.store.history().get(task.change);
      if (entry) review.affected_rows += static_cast<std::uint64_t>(entry->affected_rows);
    }
    return review;
  }
  const store::Task* task = first_open(state);
  const auto* no = rejection(state);
  review.state = ChangeReview::State::kEnded;
  if (state.issue.status == policy::IssueStatus::kCanceled) {
    review.message = change + " was canceled: " + url;
  } else if (task == nullptr) {
    review.message = change + " was skipped, nothing ran: " + url;
  } else if (no != nullptr) {
    review.message = change + " was rejected: " + no->reason + " (" + url + ")";
  } else if (task->status == TaskStatus::kFailed || task->status == TaskStatus::kCanceled ||
             task->status == TaskStatus::kNeedsPerson) {
    review.message = change + " did not end well (" + std::string(policy::name(task->status)) +
                     (task->reason.empty() ? "" : ": " + task->reason) + "): " + url;
  } else if (origin.held && task->status == TaskStatus::kPending) {
    review.state = ChangeReview::State::kApproved;
    review.message = change + " is approved: " + url;
  } else {
    review.state = ChangeReview::State::kWaiting;
    const bool approved = task->status != TaskStatus::kPendingApproval;
    review.message =
        change + (approved ? " is approved and has not ended: " : " needs review: ") + url;
  }
  return review;
}

GateSink::Reviewed GateSink::review(const ChangeRequest& request, bool hold) {
  const auto found = find_place(services_.store, request.origin);
  if (const auto* no = std::get_if<Refusal>(&found)) return *no;
  const auto& place = std::get<GatePlace>(found);
  auto control = controls_.take(place.instance.id);
  if (!control) {
    return gate_refusal("instance-unreachable",
                        "what the server makes of the text is not known: " + control.error() + ".");
  }
  auto made = issue_for(place, control->facts(), request);
  if (!made) return made.error();
  store::GateIssue origin;
  origin.account = request.origin.account;
  origin.kind = request.origin.kind;
  origin.instance = place.instance.id;
  origin.schema = request.origin.schema;
  origin.request_hash = request_hash(services_.store, request, made->tasks.front().statement);
  origin.program = request.origin.program;
  origin.host = request.origin.host;
  origin.session = request.origin.session;
  origin.rule = request.rule;
  origin.held = hold;
  origin.holder = hold ? config_.holder : "";
  const auto now = services_.now();
  const auto stands = [&](const store::IssueState& state, const store::GateIssue& known) {
    if (state.issue.status == policy::IssueStatus::kCanceled) return false;
    if (ran(state)) return !known.answered && state.issue.updated_at + kAnswerLife > now;
    return state.issue.status == policy::IssueStatus::kOpen && known.held == hold;
  };
  const auto joined = services_.store.gate().join(origin, *made, stands, now);
  if (!joined) return store_refusal(joined.error());
  if (joined->created) {
    tell("issue", joined->origin.issue, joined->state.issue.project, "created");
    services_.engine.wake();
  }
  if (hold) {
    const std::lock_guard lock(mutex_);
    held_.insert(joined->origin.issue);
  }
  auto reviewed = answer(joined->state, joined->origin);
  const auto* review = std::get_if<ChangeReview>(&reviewed);
  if (review == nullptr || review->state != ChangeReview::State::kDone) {
    take_back_told(request.origin);
    return reviewed;
  }
  const auto taken = services_.store.gate().take_answer(joined->origin.issue);
  if (!taken) return store_refusal(taken.error());
  // Another client of the account was told a moment ago: this one asks for it once more.
  if (!*taken) return this->review(request, hold);
  note_told(request.origin, joined->origin.issue);
  return reviewed;
}

void GateSink::note_told(const policy::ChangeOrigin& origin, store::Id issue) {
  const std::string key = origin.account + '\n' + std::to_string(origin.session);
  const std::lock_guard lock(mutex_);
  auto& issues = told_[key];
  if (issues.empty()) told_order_.push_back(key);
  issues.push_back(issue);
  if (told_order_.size() <= kToldSessions) return;
  told_.erase(told_order_.front());
  told_order_.pop_front();
}

void GateSink::take_back_told(const policy::ChangeOrigin& origin) {
  const std::string key = origin.account + '\n' + std::to_string(origin.session);
  std::vector<store::Id> issues;
  {
    const std::lock_guard lock(mutex_);
    const auto found = told_.find(key);
    if (found == told_.end()) return;
    issues = std::move(found->second);
    told_.erase(found);
    std::erase(told_order_, key);
  }
  for (const store::Id issue : issues) {
    const auto given = services_.store.gate().give_back_answer(issue);
    if (!given) services_.log("gate.answer_not_given_back", given.error().detail);
  }
}

GateSink::Reviewed GateSink::state(std::int64_t issue) {
  const auto origin = services_.store.gate().origin(issue);
  if (!origin) return store_refusal(origin.error());
  const auto state = services_.store.issues().get(issue);
  if (!state) return store_refusal(state.error());
  return answer(*state, *origin);
}

GateSink::Begun GateSink::claim(std::int64_t issue, const policy::ChangeOrigin& sender) {
  const auto origin = services_.store.gate().origin(issue);
  if (!origin) return store_refusal(origin.error());
  const auto state = services_.store.issues().get(issue);
  if (!state) return store_refusal(state.error());
  const store::Task* task = first_open(*state);
  if (task == nullptr || !origin->held) {
    return gate_refusal("held", "change #" + std::to_string(issue) + " waits for no client.");
  }
  const auto found = find_place(services_.store, sender);
  if (const auto* no = std::get_if<Refusal>(&found)) return *no;
  const auto& place = std::get<GatePlace>(found);
  const auto text = services_.store.issues().sheet(*task);
  if (!text) return store_refusal(text.error());
  auto control = controls_.take(place.instance.id);
  if (!control) return gate_refusal("instance-unreachable", control.error() + ".");
  ChangeRequest request;
  request.origin = sender;
  request.rule = origin->rule;
  policy::rules::Server facts = control->facts();
  facts.sql_mode = sender.sql_mode;
  const policy::rules::Sheet sheet(*text, facts, origin->schema);
  for (const auto& statement : sheet.statements()) {
    const auto& range = statement.range;
    policy::ChangeStatement& one = request.statements.emplace_back();
    one.text = text->substr(range.begin, range.end - range.begin);
    const auto* known = statement.facts();
    if (known == nullptr) continue;
    one.group = known->group;
    request.objects.insert(request.objects.end(), known->objects.begin(), known->objects.end());
  }
  auto begun = begin_change(place, *control, request, {task->id, issue});
  if (std::holds_alternative<policy::ChangeBegun>(begun)) {
    tell("issue", issue, state->issue.project, "updated");
    const std::lock_guard lock(mutex_);
    held_.erase(issue);
  }
  return begun;
}

void GateSink::withdraw(std::int64_t issue) {
  {
    const std::lock_guard lock(mutex_);
    held_.erase(issue);
  }
  const auto now = services_.now();
  const auto cancel = [&](const store::IssueState& state) -> store::Decision {
    const store::Task* task = first_open(state);
    if (task == nullptr || task->status == TaskStatus::kRunning) {
      return policy::Refused{"it runs, or has run"};
    }
    auto decision = cancel_issue(state, {});
    if (auto* update = std::get_if<store::IssueUpdate>(&decision)) {
      update->activity.front().detail = "the client that waited is gone";
    }
    return decision;
  };
  const auto ended = services_.store.issues().change(issue, cancel, now);
  if (ended) tell("issue", issue, ended->issue.project, "updated");
  const bool runs = !ended && ended.error().kind == store::Failure::kRefused;
  if (!ended && !runs) services_.log("gate.not_withdrawn", ended.error().detail);
}

}  // namespace sluice::change
