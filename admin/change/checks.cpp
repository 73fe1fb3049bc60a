#include "admin/change/checks.h"

#include <algorithm>
#include <charconv>

#include "admin/change/server_facts.h"
#include "admin/change/target.h"
#include "parser/redact.h"
#include "parser/sqltext/quote.h"
#include "policy/change/fit.h"

namespace sluice::change {
namespace {

namespace rules = policy::rules;
using store::CheckLevel;
using store::TaskCheck;

constexpr std::size_t kMaxExplained = 50;  // statements; each is a round trip
constexpr std::size_t kMaxExplainedBytes = 1U << 20U;
constexpr std::chrono::seconds kExplainTime{5};
constexpr unsigned kNoSuchDatabase = 1049;

// The product of the estimates of EXPLAIN's rows: what a join examines.
std::optional<std::uint64_t> explain(mysql::Connection& connection, std::string_view sql) {
  mysql::Limits limits;
  limits.deadline = std::chrono::steady_clock::now() + kExplainTime;
  const auto answer = connection.query("EXPLAIN " + std::string(sql), limits);
  if (!answer || answer->empty()) return std::nullopt;
  const auto& columns = answer->front().columns;
  const auto found = std::ranges::find(columns, std::string("rows"), &mysql::Column::name);
  if (found == columns.end()) return std::nullopt;
  const auto at = static_cast<std::size_t>(found - columns.begin());
  std::uint64_t product = 1;
  for (const mysql::Row& row : answer->front().rows) {
    std::uint64_t rows = 0;
    const std::string cell = row.at(at).value_or("1");
    std::from_chars(cell.data(), cell.data() + cell.size(), rows);
    if (rows > 1 && product > UINT64_MAX / rows) return UINT64_MAX;
    product *= std::max<std::uint64_t>(rows, 1);
  }
  return product;
}

mysql::Result<std::map<std::string, std::uint64_t>> table_rows(mysql::Connection& connection,
                                                               const std::string& database) {
  std::map<std::string, std::uint64_t> all;
  const auto rows = connection.rows(
      "SELECT TABLE_NAME, TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_ROWS IS NOT NULL "
      "AND TABLE_SCHEMA = " +
      sqltext::quote_string(database));
  if (!rows) return rows.error();
  for (const mysql::Row& row : *rows) {
    const std::string cell = row.at(1).value_or("0");
    std::from_chars(cell.data(), cell.data() + cell.size(), all[row.at(0).value_or("")]);
  }
  return all;
}

std::string kind_of(const std::string& rule) {
  if (rule == "statement.syntax") return "syntax";
  if (rule == "statement.walk-through") return "walk_through";
  return "sql_review";
}

void add_review(const rules::Review& review, Checks& checks) {
  for (const rules::Finding& finding : review.findings) {
    const bool error = finding.level == rules::Level::kError;
    const bool review_rule = kind_of(finding.rule) == "sql_review";
    add_check(checks, kind_of(finding.rule), error ? CheckLevel::kError : CheckLevel::kWarning,
              review_rule ? finding.rule + ": " + finding.title : finding.title, finding.detail);
    checks.back().line = finding.line;
    checks.back().column = finding.column;
  }
}

// A kind that found nothing says so.
void add_passed(Checks& checks, const std::string& kind, const std::string& title,
                const std::string& detail = {}) {
  const bool there =
      std::ranges::any_of(checks, [&](const TaskCheck& check) { return check.kind == kind; });
  if (!there) add_check(checks, kind, CheckLevel::kPassed, title, detail);
}

// What is not understood is never run, whatever the policy says of the rule.
void check_syntax(const Preview& preview, Checks& checks) {
  const bool told = std::ranges::any_of(checks, [](const TaskCheck& check) {
    return check.kind == "syntax" && check.level == CheckLevel::kError;
  });
  if (told) return;
  for (const auto& statement : preview.sheet().statements()) {
    if (statement.facts() != nullptr) continue;
    const auto& error = statement.parsed.error;
    add_check(checks, "syntax", CheckLevel::kError, "The statement is not understood",
              error ? error->message + " near '" + error->near + "'" : "There is no statement.");
    const auto [line, column] = preview.sheet().place(statement.range.begin);
    checks.back().line = line;
    checks.back().column = column;
  }
}

void check_fit(policy::IssueKind kind, const Preview& preview, Checks& checks) {
  for (const auto& statement : preview.sheet().statements()) {
    const auto* facts = statement.facts();
    if (facts == nullptr) continue;  // syntax says so
    const auto fitting = policy::fits(kind, *facts);
    if (fitting.fit == policy::Fit::kFits) continue;
    const bool error = fitting.fit == policy::Fit::kDoesNot;
    add_check(checks, "kind", error ? CheckLevel::kError : CheckLevel::kWarning,
              "Statement and issue do not fit", fitting.why);
    const auto [line, column] = preview.sheet().place(statement.range.begin);
    checks.back().line = line;
    checks.back().column = column;
  }
}

rules::RuleSet rule_set(const std::string& json, Checks& checks) {
  auto reading = rules::read_rule_set(json);
  if (reading.errors.empty()) return std::move(reading.rules);
  add_check(checks, "sql_review", CheckLevel::kError, "The environment's review policy is damaged",
            reading.errors.front().key + ": " + reading.errors.front().message);
  return {};
}

std::string review_policy(const store::IssueState& state, const store::Task& task,
                          const Environments& environments) {
  for (const store::Stage& stage : state.stages) {
    const auto found = environments.find(stage.environment);
    if (stage.id == task.stage && found != environments.end()) return found->second.review;
  }
  return {};
}

// Those of a task whose statements are Sluice's own.
void check_own(const store::IssueState& state, const store::Task& task, SnapshotReader& reader,
               Checks& checks) {
  const auto found = reader.read(task.database_name);
  const bool exists = found.has_value();
  if (!exists && found.error().number != kNoSuchDatabase) {
    add_check(checks, "connection", CheckLevel::kError, "The schema cannot be read",
              found.error().message);
    return;
  }
  const bool create = state.issue.kind == policy::IssueKind::kDatabaseCreate;
  if (create == exists) {
    add_check(checks, "walk_through", CheckLevel::kError,
              exists ? "The database exists already" : "There is no such database",
              exists ? "Sync the instance to see it, or choose another name."
                     : "Sync the instance to see what it has.");
  }
  if (create && !reader.grants().has("CREATE", task.database_name)) {
    add_check(checks, "privileges", CheckLevel::kError, "CREATE is missing",
              "Grant the instance's account CREATE on the database.");
  }
  add_passed(checks, "walk_through", "The statement can run");
  add_passed(checks, "privileges", "The account may run it");
}

// A task is no way around a freeze.
store::Result<void> check_frozen(store::Store& store, const store::Task& task, Checks& checks) {
  if (task.database == 0) return {};
  const auto database = store.databases().get(task.database);
  if (!database && database.error().kind == store::Failure::kNotFound) return {};
  if (!database) return database.error();
  if (!database->frozen) return {};
  add_check(checks, "frozen", CheckLevel::kWarning, "The database is frozen",
            (database->freeze_reason.empty() ? "" : database->freeze_reason + ". ") +
                "The task waits until it is not any more.");
  return {};
}

void check_sheet(const store::IssueState& state, const store::Task& task, const Preview& preview,
                 const std::string& policy_json, SnapshotReader& reader, Checks& checks) {
  if (!preview.exists() && !preview.database().empty()) {
    add_check(checks, "walk_through", CheckLevel::kError, "There is no such database",
              "The instance has no database of this name any more. Sync the instance.");
    return;
  }
  if (preview.sheet().statements().empty()) {
    add_check(checks, "syntax", CheckLevel::kError, "There is no statement",
              "The sheet holds blanks and comments only. Edit it.");
    return;
  }
  const auto set = rule_set(policy_json, checks);
  add_review(preview.review(set), checks);
  check_syntax(preview, checks);
  // What came through the gate was judged there, and may be of any group.
  if (state.issue.source != store::Source::kProxy) check_fit(state.issue.kind, preview, checks);
  check_server_syntax(reader, preview, checks);
  check_privileges(reader, preview, checks);
  if (state.issue.keep_rollback) check_binlog(reader, preview, checks);
  check_locks(reader, preview, checks);
  if (task.statements_done > 0) {
    const std::int64_t done = task.statements_done;
    add_check(checks, "progress", CheckLevel::kPassed,
              std::to_string(done) + (done == 1 ? " statement has run" : " statements have run"),
              "A retry goes on behind them. Edit the task to run it from its start.");
  }
  add_passed(checks, "syntax", "Every statement is understood");
  add_passed(checks, "kind", "The statements fit the issue");
  add_passed(checks, "sql_review", "No rule of the environment's policy found anything");
  add_passed(checks, "walk_through", "The statements can run on the live schema");
  add_passed(checks, "privileges", "The account may run it");
  add_passed(checks, "locks", "No session is in the way");
  add_check(checks, "affected_rows", CheckLevel::kPassed,
            "About " + std::to_string(preview.expected_rows()) +
                (preview.expected_rows() == 1 ? " row is affected" : " rows are affected"),
            "The server's estimate for UPDATE, DELETE and INSERT ... SELECT.");
}

}  // namespace

void add_check(Checks& checks, std::string kind, CheckLevel level, std::string title,
               std::string detail) {
  TaskCheck check;
  check.kind = std::move(kind);
  check.level = level;
  check.title = std::move(title);
  check.detail = clean_text(detail);
  checks.push_back(std::move(check));
}

mysql::Result<std::unique_ptr<Preview>> Preview::read(SnapshotReader& reader,
                                                      const std::string& database,
                                                      std::string text) {
  std::unique_ptr<Preview> preview(new Preview(std::move(text)));
  auto facts = read_server_facts(reader.connection());
  if (!facts) return facts.error();
  preview->situation_.server = std::move(*facts);
  preview->situation_.database = database;
  auto snapshot = database.empty()
                      ? mysql::Result<Snapshot>(mysql::Fault{mysql::Failure::kServer,
                                                             kNoSuchDatabase, "", "no database"})
                      : reader.read(database);
  if (!snapshot && snapshot.error().number != kNoSuchDatabase) return snapshot.error();
  if (snapshot) {
    preview->snapshot_ = std::move(*snapshot);
    preview->snapshot_->schema.name = database;
    preview->situation_.schema = &preview->snapshot_->schema;
    auto rows = table_rows(reader.connection(), database);
    if (!rows) return rows.error();
    preview->situation_.table_rows = std::move(*rows);
  }
  preview->sheet_.emplace(preview->text_, preview->situation_.server, database);
  if (!snapshot) return preview;
  const auto used = reader.connection().query("USE " + sqltext::quote_identifier(database));
  if (!used) return used.error();
  std::size_t explained = 0;
  for (const std::size_t i : rules::wants_row_estimate(*preview->sheet_)) {
    const auto& range = preview->sheet_->statements()[i].range;
    if (range.end - range.begin > kMaxExplainedBytes || ++explained > kMaxExplained) continue;
    const auto rows =
        explain(reader.connection(),
                std::string_view(preview->text_).substr(range.begin, range.end - range.begin));
    if (rows) preview->situation_.affected_rows[i] = *rows;
  }
  return preview;
}

std::uint64_t Preview::expected_rows() const {
  std::uint64_t sum = 0;
  for (const auto& [statement, rows] : situation_.affected_rows) {
    sum = rows > UINT64_MAX - sum ? UINT64_MAX : sum + rows;
  }
  for (const auto& statement : sheet_->statements()) {
    const auto* facts = statement.facts();
    if (facts != nullptr) sum += facts->inserted_rows.value_or(0);
  }
  return sum;
}

policy::CheckResult result_of(const std::vector<TaskCheck>& checks) {
  auto worst = CheckLevel::kPassed;
  for (const TaskCheck& check : checks) worst = std::max(worst, check.level);
  switch (worst) {
    case CheckLevel::kPassed: return policy::CheckResult::kPassed;
    case CheckLevel::kWarning: return policy::CheckResult::kWarning;
    case CheckLevel::kError: break;
  }
  return policy::CheckResult::kError;
}

store::Result<std::vector<TaskCheck>> check_task(store::Store& store,
                                                 const store::IssueState& state,
                                                 const store::Task& task,
                                                 const Environments& environments,
                                                 const std::function<store::Time()>& now) {
  Checks checks;
  auto text = store.issues().sheet(task);
  if (!text) return text.error();
  // What a check says is for people, and may quote the text.
  const std::string hiding = task.sealed_sheet.empty() ? std::string() : *text;
  const auto stamp = [&] {
    const parser::Secrets secrets(hiding);
    for (TaskCheck& check : checks) {
      check.checked_at = now();
      check.title = secrets.hide(std::move(check.title));
      check.detail = secrets.hide(std::move(check.detail));
    }
    return std::move(checks);
  };
  auto options = control_options(store, task.instance);
  if (!options && options.error().kind == store::Failure::kUnavailable) return options.error();
  if (!options) {
    add_check(checks, "connection", CheckLevel::kError, "The instance cannot be used",
              options.error().detail);
    return stamp();
  }
  if (auto asked = check_frozen(store, task, checks); !asked) return asked.error();
  auto reader = SnapshotReader::open(std::move(*options));
  if (!reader) {
    add_check(checks, "connection", CheckLevel::kError, "The instance cannot be reached",
              reader.error().message);
    return stamp();
  }
  add_check(checks, "connection", CheckLevel::kPassed,
            "Connected to " + (*reader)->server().flavor + " " + (*reader)->server().version, "");
  const bool own = state.issue.kind == policy::IssueKind::kDatabaseCreate ||
                   state.issue.kind == policy::IssueKind::kSchemaBaseline;
  if (own) {
    check_own(state, task, **reader, checks);
    return stamp();
  }
  if (state.issue.kind == policy::IssueKind::kDataRollback) {
    if (auto checked = check_rollback(store, task, **reader, checks); !checked) {
      return checked.error();
    }
    return stamp();
  }
  const auto preview = Preview::read(**reader, task.database_name, std::move(*text));
  if (preview) {
    check_sheet(state, task, **preview, review_policy(state, task, environments), **reader, checks);
    if (auto done = check_drift(store, state, task, environments, **preview, checks); !done)
      return done.error();
  } else {
    add_check(checks, "connection", CheckLevel::kError, "The database cannot be read",
              preview.error().message);
  }
  return stamp();
}

}  // namespace sluice::change
