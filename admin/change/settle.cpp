#include "admin/change/settle.h"

#include <boost/json.hpp>

#include "admin/change/engine.h"
#include "admin/change/server_facts.h"
#include "admin/change/target.h"
#include "policy/rules/sheet.h"

namespace sluice::change {
namespace {

constexpr std::chrono::seconds kLockWait{5};

store::Fault refused(std::string reason) {
  return {store::Failure::kRefused, clean_text(reason)};
}
store::Fault unreachable(const mysql::Fault& fault) {
  return refused("the instance cannot be asked what is live: " + fault.message +
                 "; settle the task when it can, or as failed");
}

store::Result<std::unique_ptr<RunSession>> locked_session(const RunServices& services,
                                                          const store::Task& task) {
  const auto options = control_options(services.store, task.instance);
  if (!options) return options.error();
  auto session =
      RunSession::open(*options, task.database_name, task.database != 0, services.limits);
  if (!session) return unreachable(session.error());
  mysql::Cancellation none;
  const auto holder = (*session)->try_lock(kLockWait, none);
  if (!holder) return unreachable(holder.error());
  if (holder->has_value()) {
    return refused("connection " + std::to_string(**holder) +
                   " of the server holds the change lock of this database; try again when it has "
                   "ended");
  }
  return std::move(*session);
}

// What ran before is known; of the rest the person's word stands.
std::string statements_json(const policy::rules::Sheet& sheet, std::int64_t done_before) {
  boost::json::array all;
  for (std::size_t i = 0; i < sheet.statements().size(); ++i) {
    const bool before = static_cast<std::int64_t>(i) < done_before;
    all.push_back({{"index", i + 1},
                   {"line", sheet.place(sheet.statements()[i].range.begin).first},
                   {"state", before ? "done_before" : "settled"}});
  }
  return boost::json::serialize(all);
}

store::Result<store::Change> settled_change(const RunServices& services,
                                            const store::IssueState& state, const store::Task& task,
                                            const Actor& actor) {
  const auto user = services.store.user(actor.user);
  if (!user) return user.error();
  store::Change change;
  change.kind = state.issue.kind;
  change.source = state.issue.source;
  change.actor = user->email;
  change.project = state.issue.project;
  change.instance = task.instance;
  change.instance_name = task.instance_name;
  change.database = task.database;
  change.database_name = task.database_name;
  change.issue = state.issue.id;
  change.task = task.id;
  change.started_at = services.now();
  return change;
}

}  // namespace

store::Result<store::RunEnd> read_settled_end(const RunServices& services,
                                              const store::IssueState& state,
                                              const store::Task& task, const Actor& actor,
                                              std::unique_ptr<RunSession>& session) {
  auto opened = locked_session(services, task);
  if (!opened) return opened.error();
  session = std::move(*opened);
  const auto facts = read_server_facts(session->control());
  if (!facts) return unreachable(facts.error());
  const auto live = session->live_schema();
  if (!live) return unreachable(live.error());
  if (!live->exists) {
    return refused("the instance has no database of this name: settle the task as failed");
  }
  const auto position = session->position();
  if (!position) return unreachable(position.error());
  const auto defaults = session->database_defaults();
  if (!defaults) return unreachable(defaults.error());
  auto text = services.store.issues().kept(task.sheet_hash);
  if (!text) return text.error();
  auto change = settled_change(services, state, task, actor);
  if (!change) return change.error();
  change->server_version = session->server().version;
  change->before = {position->file, static_cast<std::int64_t>(position->position)};
  change->after = change->before;
  change->gtid_executed_before = position->gtid_executed;
  change->gtid_executed_after = position->gtid_executed;
  store::NewChange added;
  if (task.database != 0) {
    auto recorded = services.store.databases().recorded_schema(task.database);
    if (!recorded) return recorded.error();
    added.schema_before = std::move(*recorded);
  }
  const policy::rules::Sheet sheet(*text, *facts, task.database == 0 ? "" : task.database_name);
  added.change = std::move(*change);
  added.statements = statements_json(sheet, task.statements_done);
  added.schema_after = live->text;
  store::RunEnd end;
  end.statements_done = static_cast<std::int64_t>(sheet.statements().size());
  end.makes_database = task.database == 0;
  end.character_set = defaults->first;
  end.collation = defaults->second;
  added.statement = std::move(*text);
  end.change = std::move(added);
  return end;
}

Engine::State Engine::settle(store::Id id, const Actor& actor, const Settlement& settlement) {
  const auto issue = services_.store.issues().issue_of(id);
  if (!issue) return issue.error();
  const auto known = environments();
  if (!known) return known.error();
  const auto state = services_.store.issues().get(*issue);
  if (!state) return state.error();
  const auto decide = [&](const store::IssueState& at) {
    return settle_task(at, id, actor, settlement, services_.now());
  };
  // The server is asked only for what may be settled.
  const auto wanted = decide(*state);
  if (const auto* no = std::get_if<policy::Refused>(&wanted)) return refused(no->reason);
  const store::Task& task = *state->task(id);
  std::unique_ptr<RunSession> session;
  store::RunEnd end;
  end.statements_done = task.statements_done;
  if (settlement.done) {
    auto read = read_settled_end(run_services_, *state, task, actor, session);
    if (!read) return read.error();
    end = std::move(*read);
  }
  const auto now = services_.now();
  auto settled = services_.store.runs().settle(
      {id, *issue}, end, decide, now,
      [&](const store::IssueState& at) { return advance(at, *known, now); });
  if (!settled) return settled;
  tell(*settled);
  if (services_.events != nullptr && settlement.done) {
    services_.events->publish(
        {"change", settled->task(id)->change, settled->issue.project, "created"});
  }
  poke();
  return settled;
}

}  // namespace sluice::change
