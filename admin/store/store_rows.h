// What the store's files share: values to cells and back, and the one place that runs a statement.
#pragma once

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <iterator>

#include "admin/store/store.h"

namespace sluice::store {

[[nodiscard]] inline std::int64_t to_cell(Time time) {
  return time.time_since_epoch().count();
}
[[nodiscard]] inline Time to_time(const Cell& cell) {
  return Time(std::chrono::microseconds(integer(cell)));
}

[[nodiscard]] inline Result<Rows> run(Database& database, std::string_view sql,
                                      std::initializer_list<Cell> values = {}) {
  return database.run(sql, std::span<const Cell>(values.begin(), values.size()));
}

// Of a statement whose rows are not looked at.
[[nodiscard]] inline Result<void> checked(const Result<Rows>& rows) {
  if (!rows) return rows.error();
  return {};
}

// The only row; kNotFound when there is none.
[[nodiscard]] inline Result<Row> run_one(Database& database, std::string_view sql,
                                         std::initializer_list<Cell> values = {}) {
  auto rows = run(database, sql, values);
  if (!rows) return rows.error();
  if (rows->rows.empty()) return Fault{Failure::kNotFound, "there is no such entry"};
  return std::move(rows->rows.front());
}

[[nodiscard]] inline Cell to_cell(const std::optional<Time>& time) {
  return time ? Cell(to_cell(*time)) : Cell();
}
[[nodiscard]] inline std::optional<Time> to_optional_time(const Cell& cell) {
  if (std::holds_alternative<std::monostate>(cell)) return std::nullopt;
  return to_time(cell);
}
// 0 is nothing: for references that may be absent.
[[nodiscard]] inline Cell reference(Id id) {
  return id == 0 ? Cell() : Cell(id);
}
[[nodiscard]] inline std::int64_t flag(bool on) {
  return on ? 1 : 0;
}

// A list's statement: conditions are added one by one, each with its value.
class Query {
 public:
  explicit Query(std::string select) : sql_(std::move(select)) {}
  // `condition` ends where the value's place goes: "project_id =". `tail` is behind it.
  Query& where(std::string_view condition, Cell value, std::string_view tail = {}) {
    values_.push_back(std::move(value));
    sql_ += values_.size() == 1 ? " WHERE " : " AND ";
    sql_ += std::string(condition) + " $" + std::to_string(values_.size()) + std::string(tail);
    return *this;
  }
  // REQUIRES: at least one.
  Query& where_in(std::string_view column, const std::vector<Id>& ids) {
    sql_ += std::string(values_.empty() ? " WHERE " : " AND ") + std::string(column) + " IN (";
    for (const Id id : ids) {
      values_.emplace_back(id);
      sql_ += (id == ids.front() ? "$" : ", $") + std::to_string(values_.size());
    }
    sql_ += ')';
    return *this;
  }
  Query& order(std::string_view order, std::int64_t limit) {
    values_.emplace_back(limit);
    sql_ += " ORDER BY " + std::string(order) + " LIMIT $" + std::to_string(values_.size());
    return *this;
  }
  [[nodiscard]] Result<Rows> run(Database& database) const { return database.run(sql_, values_); }

 private:
  std::string sql_;
  std::vector<Cell> values_;
};

// Projects that the user is a member of; nothing when it is 0.
inline void where_member(Query& query, Id member) {
  if (member == 0) return;
  query.where("project_id IN (SELECT project_id FROM members WHERE user_id =", member, ")");
}

template <class Value, class Read>
[[nodiscard]] Result<std::vector<Value>> read_all(const Result<Rows>& rows, Read read) {
  if (!rows) return rows.error();
  std::vector<Value> values;
  for (const Row& row : rows->rows) values.push_back(read(row));
  return values;
}

// The newest rows of what a member may see: whole rows of `columns` and `table`. Neither database
// merges an index of several projects in the order of ids – it would look at, or sort, all that
// there is for a page – so each project is asked for its newest ids, from the index alone.
// `conditions(query, filter)` adds those of the filter.
template <class Value, class Filter, class Conditions, class Read>
[[nodiscard]] Result<std::vector<Value>> list_newest(Database& database, const Filter& filter,
                                                     std::string_view columns,
                                                     const std::string& table,
                                                     Conditions conditions, Read read) {
  const auto projects =
      run(database, "SELECT project_id FROM members WHERE user_id = $1", {filter.member});
  if (!projects) return projects.error();
  std::vector<Id> ids;
  for (const Row& row : projects->rows) {
    Filter of_project = filter;
    of_project.member = 0;
    of_project.project = integer(row.at(0));
    Query query("SELECT id FROM " + table);
    conditions(query, of_project);
    query.order("id DESC", filter.limit);
    const auto page = query.run(database);
    if (!page) return page.error();
    for (const Row& found : page->rows) ids.push_back(integer(found.at(0)));
  }
  std::ranges::sort(ids, std::ranges::greater());
  ids.resize(std::min(ids.size(), static_cast<std::size_t>(filter.limit)));
  if (ids.empty()) return std::vector<Value>();
  Query query("SELECT" + std::string(columns) + "FROM " + table);
  query.where_in("id", ids).order("id DESC", filter.limit);
  return read_all<Value>(query.run(database), read);
}

// Keeps a statement sheet or a schema, once; gives its hash. Within the caller's transaction.
[[nodiscard]] Result<std::string> keep_text(Database& database, const std::string& text);
// The text of a hash; empty for the empty hash.
[[nodiscard]] Result<std::string> kept_text(Database& database, const std::string& hash);
// What the new issue, or a task, runs is sealed where what is shown of it hides passwords.
// Null: nothing hides any, and `made` is written as it is.
[[nodiscard]] std::unique_ptr<NewIssue> sealed_copy(const Sealer& sealer, const NewIssue& made);
void seal_sheet(const Sealer& sealer, NewTask& task);
void seal_sheets(const Sealer& sealer, IssueUpdate& update);
// The entry and the database's recorded schema, within the caller's transaction.
[[nodiscard]] Result<Change> insert_change(Database& database, const NewChange& change, Time now);
// An issue with its stages, tasks and first activity, within the caller's transaction.
[[nodiscard]] Result<Id> insert_whole_issue(Database& database, const NewIssue& made, Time now);
[[nodiscard]] Result<void> insert_task(Database& database, Id issue, Id stage, Id editor,
                                       const NewTask& task);
inline constexpr std::string_view kIssue =
    " id, project_id, kind, title, description, status, creator_id, source, keep_rollback, "
    "earliest_start, parent_id, created_at, updated_at ";
[[nodiscard]] Issue read_issue(const Row& row);
// Reads an issue; with `lock`, PostgreSQL keeps others from it until the transaction ends
// (" FOR UPDATE", " FOR UPDATE SKIP LOCKED"); SQLite's transactions do so by themselves.
[[nodiscard]] Result<IssueState> read_issue_state(Database& database, Id issue,
                                                  std::string_view lock);
[[nodiscard]] Result<void> write_issue_update(Database& database, Id issue,
                                              const IssueUpdate& update, Time now);
// What goes on by itself once an issue was written. `follow` may be nothing.
[[nodiscard]] Result<void> write_follow_up(Database& database, Id issue, const Decide& follow,
                                           Time now);
[[nodiscard]] Result<void> set_recorded_schema(Database& database, Id id, const std::string& hash,
                                               const std::string& server_version, Time now);

}  // namespace sluice::store
