#include "admin/change/rollback_choice.h"

#include <algorithm>

#include "admin/change/target.h"
#include "admin/mysql/connection.h"

namespace sluice::change {
namespace {

using store::Failure;
using store::Fault;

constexpr std::uint8_t kFormatDescription = 15;
constexpr std::int64_t kChanges = 1000;  // of the history, that are looked through at once

std::uint32_t seconds(store::Time time) {
  const auto count = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 0, UINT32_MAX));
}

// When the file was begun: its first event says so.
mysql::Result<std::uint32_t> begin_of(const mysql::Options& options, const std::string& file,
                                      const mysql::Limits& limits) {
  mysql::BinlogRequest request;
  request.from = {file, 4};
  const auto stream = mysql::BinlogStream::open(options, request, limits);
  if (!stream) return stream.error();
  while (true) {
    const auto event = (*stream)->next(limits);
    if (!event) return event.error();
    if (!*event) return std::uint32_t{0};
    if ((*event)->type == kFormatDescription) return (*event)->timestamp;
  }
}

// GTIDs of what the gate recorded of an account on the instance within the time.
store::Result<std::string> gtids_of(store::Store& store, const RowChoice& choice) {
  std::string gtids;
  store::ChangeFilter filter;
  filter.limit = kChanges;
  while (true) {
    const auto page = store.history().list(filter);
    if (!page) return page.error();
    for (const auto& change : *page) {
      if (change.instance != choice.instance || change.account != choice.account) continue;
      if (change.kind != policy::IssueKind::kDataUpdate) continue;
      const bool within = (!choice.from || change.started_at >= *choice.from) &&
                          (!choice.to || change.started_at < *choice.to);
      if (!within || change.gtids.empty()) continue;
      gtids += (gtids.empty() ? "" : ",") + change.gtids;
    }
    const bool older = !page->empty() && choice.from && page->back().started_at < *choice.from;
    if (static_cast<std::int64_t>(page->size()) < filter.limit || older) return gtids;
    filter.before = page->back().id;
  }
}

store::Result<FetchWish> wish_of(store::Store& store, const RowChoice& choice,
                                 const mysql::Options& options) {
  FetchWish wish;
  std::string gtids = choice.gtids;
  if (!choice.account.empty()) {
    auto recorded = gtids_of(store, choice);
    if (!recorded) return recorded.error();
    if (recorded->empty()) {
      return Fault{Failure::kRefused,
                   "nothing of account " + choice.account +
                       " was recorded on this instance in that time. What only passed is found by "
                       "`thread` (the server's connection id) or `gtid`"};
    }
    gtids = std::move(*recorded);
  }
  if (!gtids.empty()) {
    auto set = binlog::GtidSet::parse(gtids);
    if (!set) return Fault{Failure::kRefused, "the GTIDs cannot be read: " + set.error().what};
    wish.criteria.gtids = std::move(*set);
  }
  wish.criteria.thread_id = choice.thread;
  if (choice.from) wish.criteria.start_time = seconds(*choice.from);
  if (choice.to) wish.criteria.stop_time = seconds(*choice.to);
  for (const auto& table : choice.tables) {
    const auto dot = table.find('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == table.size()) {
      return Fault{Failure::kRefused, "tables are named as schema.table, and " + table + " is not"};
    }
    wish.criteria.tables.emplace_back(table.substr(0, dot), table.substr(dot + 1));
  }
  if (choice.from && gtids.empty()) {
    auto file = file_at(options, *choice.from, {});
    if (!file) {
      return Fault{Failure::kRefused, "the binary log cannot be read: " + file.error().message};
    }
    wish.from.file = std::move(*file);
  }
  return wish;
}

// The database that most of the rows are in, as the workspace knows it.
store::Result<store::DatabaseEntry> database_of(store::Store& store, store::Id instance,
                                                const RollbackHeader& header) {
  std::map<std::string, std::uint64_t> rows;
  for (const auto& table : header.tables) rows[table.schema] += table.rows();
  const auto most = std::ranges::max_element(
      rows, [](const auto& a, const auto& b) { return a.second < b.second; });
  store::DatabaseFilter filter;
  filter.instance = instance;
  filter.limit = kChanges;
  while (most != rows.end()) {
    const auto page = store.databases().list(filter);
    if (!page) return page.error();
    for (const auto& database : *page) {
      if (database.name == most->first) return database;
    }
    if (static_cast<std::int64_t>(page->size()) < filter.limit) break;
    filter.after = page->back().id;
  }
  return Fault{Failure::kRefused,
               "the rows' database is not in the workspace: sync the instance first"};
}

}  // namespace

mysql::Result<std::string> file_at(const mysql::Options& options, store::Time time,
                                   const mysql::Limits& limits) {
  auto connection = mysql::Connection::open(options);
  if (!connection) return connection.error();
  const auto files = (*connection)->rows("SHOW BINARY LOGS", limits);
  if (!files) return files.error();
  if (files->empty()) return std::string();
  const std::uint32_t wanted = seconds(time);
  std::size_t low = 0;  // begins before the time, or is the oldest
  std::size_t high = files->size();
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    const auto begun = begin_of(options, files->at(middle).at(0).value_or(""), limits);
    if (!begun) return begun.error();
    (*begun <= wanted ? low : high) = middle;
  }
  return files->at(low).at(0).value_or("");
}

std::string describe(const RowChoice& choice) {
  std::string text = "rows";
  if (!choice.account.empty()) text += " of account " + choice.account;
  if (choice.thread) text += " of thread " + std::to_string(*choice.thread);
  if (!choice.gtids.empty()) text += " of " + choice.gtids.substr(0, 80);
  for (std::size_t i = 0; i < choice.tables.size() && i < 3; ++i) {
    text += (i == 0 ? " in " : ", ") + choice.tables[i];
  }
  return text;
}

store::Result<RollbackPreview> preview_choice(store::Store& store, const RowChoice& choice,
                                              store::Time now, const PreviewLimits& limits) {
  const bool somebody = !choice.account.empty() || choice.thread || !choice.gtids.empty();
  if (!somebody && (choice.tables.empty() || !choice.from || !choice.to)) {
    return Fault{Failure::kRefused,
                 "say whose rows: `account`, `thread` or `gtid`; or `tables` with `from` and `to`"};
  }
  auto options = control_options(store, choice.instance);
  if (!options) return options.error();
  const auto kept = rollback_limits_of(store, choice.instance);
  if (!kept) return kept.error();
  if (!kept->keep) {
    return Fault{Failure::kRefused,
                 "the environment does not allow rows to be kept: set its "
                 "rollback.keep, or use `sluice rollback --url`"};
  }
  auto wish = wish_of(store, choice, *options);
  if (!wish) return wish.error();
  auto data = keep_chosen_rows({store, now, *kept}, *options, std::move(*wish), {});
  if (!data) return data.error();
  RollbackPreview preview;
  preview.data = std::move(*data);
  if (preview.data->state != store::RollbackState::kWhole) {
    return Fault{Failure::kRefused, preview.data->reason};
  }
  if (preview.data->rows == 0) {
    return Fault{Failure::kRefused, "the binary log has no rows of that choice"};
  }
  const auto header = read_rollback_header(preview.data->header);
  if (!header) return Fault{Failure::kOther, header.error().what};
  const auto database = database_of(store, choice.instance, *header);
  if (!database) return database.error();
  const auto instance = store.instance(choice.instance);
  if (!instance) return instance.error();
  preview.task.instance = choice.instance;
  preview.task.instance_name = instance->name;
  preview.task.database = database->id;
  preview.task.database_name = database->name;
  const auto looked = preview_data(store, *options, limits, preview);
  if (!looked) preview.refused = "the instance cannot be reached: " + looked.error().message;
  return preview;
}

}  // namespace sluice::change
