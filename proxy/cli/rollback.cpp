// sluice rollback: what undoes a data change, from binary log files or a server's log.
#include "proxy/binlog/rollback.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <sstream>

#include <CLI/CLI.hpp>

#include "admin/change/rollback_choice.h"
#include "admin/change/rollback_conflicts.h"
#include "admin/change/rollback_script.h"
#include "admin/change/table_shape.h"
#include "proxy/binlog/script.h"
#include "proxy/cli/binlog_copy.h"
#include "proxy/cli/binlog_files.h"
#include "proxy/cli/command.h"
#include "proxy/cli/conflict_list.h"
#include "proxy/cli/live_schema.h"
#include "proxy/cli/rollback_arguments.h"
#include "proxy/cli/rollback_texts.h"
#include "proxy/cli/schema_source.h"

namespace sluice::cli {
namespace {

using binlog::InverseMode;

class Rollback {
 public:
  Rollback(RollbackArguments arguments, Invocation& invocation)
      : in_(std::move(arguments)), invocation_(invocation) {}

  int run() {
    if (in_.range.files.empty() == in_.url.empty())
      return wrong("give --binlog or --url, to say where the log is");
    auto criteria = read_criteria(in_, invocation_.err);
    if (!criteria) return kWrongUse;
    if (const auto status = in_.url.empty() ? std::nullopt : copy_log(*criteria)) return *status;
    auto files = BinlogFiles::read(in_.range, std::move(*criteria),
                                   [&](const std::string& what) { warn(what); });
    if (!files) return refuse(files.error().what);
    files_ = std::make_unique<BinlogFiles>(std::move(*files));
    if (const auto why = selection_obstacle()) return refuse(*why);
    int status = kFailed;
    if (!load_shapes(status)) return status;
    if (const auto why = texts_obstacle()) return refuse(*why);
    const auto mode = choose_mode();
    if (!mode) return kFailed;
    if (!login_) return print(*mode, {});
    const auto conflicts = look_for_conflicts(*mode);
    if (!conflicts) return kFailed;
    if (conflicts->conflicts == 0) return print(*mode, {});
    list_conflicts(*conflicts, invocation_.err);
    if (in_.conflicts == "stop") {
      invocation_.err
          << "sluice rollback: nothing is printed: put the rows back as the change left "
             "them, or leave them as they are with --conflicts leave\n";
      return kFindings;
    }
    const auto printed = print(*mode, *conflicts);
    return printed == kDone ? kFindings : printed;
  }

 private:
  int wrong(const std::string& what) {
    invocation_.err << "sluice rollback: " << what << '\n';
    return kWrongUse;
  }
  int refuse(const std::string& why) {
    invocation_.err << "sluice rollback: " << why << '\n';
    return kFailed;
  }
  void warn(const std::string& what) { invocation_.err << "warning: " << what << '\n'; }

  // The server's log becomes the files that are read. A status: it is over.
  std::optional<int> copy_log(const binlog::Criteria& criteria) {
    int status = kFailed;
    std::string why;
    auto parsed = parse_server_url(in_.url, why);
    login_ = log_in_as(std::move(parsed), why, in_.live, invocation_, status);
    if (!login_) return status;
    if (const auto failed = ask_packet()) return refuse(*failed);
    mysql::BinlogRequest request;
    request.from = {in_.start_file, std::max<std::uint64_t>(in_.range.start_position, 4)};
    if (in_.start_file.empty() && in_.range.start_position > 0)
      return wrong("--start-position needs the --start-file that it lies in");
    if (!in_.stop_file.empty()) {
      const auto end = in_.range.stop_position.value_or(std::uint64_t{1} << 62U);
      request.until = mysql::BinlogPlace{in_.stop_file, end};
    } else if (in_.range.stop_position) {
      return wrong("--stop-position needs the --stop-file that it lies in");
    }
    if (in_.start_file.empty() && criteria.start_time) {
      auto file = change::file_at(*login_, store::Time(std::chrono::seconds(*criteria.start_time)),
                                  mysql::Limits{});
      if (!file) return refuse("the server cannot be asked for its log: " + file.error().message);
      request.from.file = std::move(*file);
    }
    auto copy = BinlogCopy::read(*login_, request);
    if (!copy) return refuse(copy.error().what);
    copy_.emplace(std::move(*copy));
    in_.range = {copy_->files(), 0, std::nullopt};
    return std::nullopt;
  }

  std::optional<std::string> ask_packet() {
    auto connection = mysql::Connection::open(*login_);
    if (!connection) return "the server cannot be asked: " + connection.error().message;
    const auto bytes = change::max_allowed_packet(**connection);
    if (!bytes)
      return "the server cannot be asked for max_allowed_packet: " + bytes.error().message;
    max_allowed_packet_ = *bytes;
    return std::nullopt;
  }

  std::optional<std::string> selection_obstacle() const {
    const auto& selection = files_->selection();
    if (!selection.obstacles().empty()) return selection.obstacles().front().what;
    if (const auto missing = selection.missing(); !missing.empty()) {
      return "the log given does not hold " + missing.text() +
             ": give the files that do (they may have been purged)";
    }
    if (files_->events() > 0) return std::nullopt;
    const auto& texts = selection.texts();
    if (std::ranges::any_of(texts, &binlog::TextStatement::selected)) return std::nullopt;
    return std::string("no row of such a change is in the log given") +
           (in_.thread_id ? ": --thread-id is the server's connection id, which is another one "
                            "than a client sees through a proxy"
                          : "");
  }

  // Shapes of the tables of the change. A file without a database's name stands for every database.
  bool load_shapes(int& status) {
    schema::Target target;
    target.mariadb = files_->format().maria;
    target.version = server_version();
    for (const auto& given : in_.schemas) {
      const auto equals = given.find('=');
      const std::string database = equals == std::string::npos ? "" : given.substr(0, equals);
      const auto read = load_file(given.substr(equals == std::string::npos ? 0 : equals + 1),
                                  invocation_, target);
      if (!read) return false;
      for (const auto& name : database.empty() ? databases() : std::vector{database}) {
        auto schema = *read;
        schema.name = name;
        shapes_.add(std::move(schema), target);
      }
    }
    if (login_ && in_.schemas.empty() && in_.schema_url.empty()) {
      for (const auto& name : databases()) {
        auto login = *login_;
        login.database = name;
        auto live = load_live(login, invocation_);
        if (!live) return false;
        live->schema.name = name;
        shapes_.add(std::move(live->schema), live->target);
      }
    }
    if (in_.schema_url.empty()) return true;
    auto live = load_live(in_.schema_url, in_.live, invocation_, status);
    if (!live) return false;
    shapes_.add(std::move(live->schema), live->target);
    return true;
  }

  std::vector<std::string> databases() const {
    std::vector<std::string> out;
    for (const auto& table : files_->tables()) {
      if (std::ranges::find(out, table.table->schema) == out.end())
        out.push_back(table.table->schema);
    }
    return out;
  }

  // "9.7.4" to 90704; a version that is none counts as the newest.
  std::uint32_t server_version() const {
    unsigned major = 0;
    unsigned minor = 0;
    unsigned patch = 0;
    std::istringstream in(files_->format().server_version);
    char dot = 0;
    in >> major >> dot >> minor >> dot >> patch;
    return in.fail() || major > 99 ? 90704 : major * 10000 + minor * 100 + patch;
  }

  std::optional<std::string> texts_obstacle() {
    TextQuestion question;
    question.maria = files_->format().maria;
    question.server_version = server_version();
    question.changed = [&](std::string_view schema, std::string_view table) {
      return std::ranges::any_of(files_->tables(), [&](const auto& touched) {
        const auto& map = *touched.table;
        if (schema.empty()) return table.find(map.table) != std::string_view::npos;
        return map.schema == schema && (table.empty() || map.table == table);
      });
    };
    question.shaped = [&](std::string_view schema, std::string_view table) {
      return shapes_.find(schema, table) != nullptr;
    };
    for (const auto& text : files_->selection().texts()) {
      if (auto why = text_obstacle(text, question)) return why;
    }
    if (files_->selection().texts_cut()) {
      return "too many statements are logged as text after the change to judge whether they "
             "altered its tables: give the log with a --stop-position nearer to the change";
    }
    return std::nullopt;
  }

  binlog::InverseOptions options(InverseMode mode) const {
    binlog::InverseOptions out;
    out.mode = mode;
    out.maria = files_->format().maria;
    out.server_checks_foreign_keys = !files_->foreign_keys_off();
    out.max_allowed_packet = max_allowed_packet_;
    return out;
  }
  binlog::FindShape find_shape() {
    return [this](std::string_view schema, std::string_view table) {
      return shapes_.find(schema, table);
    };
  }

  // Why not every table can be undone in the mode.
  std::optional<std::string> mode_obstacle(InverseMode mode) {
    binlog::Inverse inverse(options(mode), files_->format(), find_shape(), [](auto&&) {});
    for (const auto& touched : files_->tables()) {
      for (const auto kind :
           {binlog::Rows::Kind::kWrite, binlog::Rows::Kind::kUpdate, binlog::Rows::Kind::kDelete}) {
        if (!touched.kinds[static_cast<std::size_t>(kind)]) continue;
        const auto checked = inverse.check(*touched.table, kind, touched.cascades_logged);
        if (!checked) return checked.error().what;
      }
    }
    return std::nullopt;
  }

  std::optional<InverseMode> choose_mode() {
    const auto unknown = std::ranges::find_if(files_->tables(), [&](const auto& touched) {
      return shapes_.find(touched.table->schema, touched.table->table) == nullptr;
    });
    const bool all_known = unknown == files_->tables().end();
    if (in_.mode != "exact" && (in_.mode == "sql" || all_known)) {
      const auto why = mode_obstacle(InverseMode::kSql);
      if (!why) {
        if (!all_known) warn_unknown(*unknown->table);
        return InverseMode::kSql;
      }
      if (in_.mode == "sql") {
        (void)refuse(*why);
        return std::nullopt;
      }
      warn("exact mode: " + *why);
    }
    if (const auto why = mode_obstacle(InverseMode::kExact)) {
      (void)refuse(*why);
      return std::nullopt;
    }
    if (!all_known) warn_unknown(*unknown->table);
    return InverseMode::kExact;
  }

  void warn_unknown(const binlog::TableMap& table) {
    warn(
        "without --schema nothing is known of triggers, generated columns and cascading foreign "
        "keys of `" +
        table.schema + "`.`" + table.table +
        "`: SQL mode fires triggers again, and what cascaded without being logged is not undone");
  }

  // Of the tables as they are now. With --conflicts stop the newest rows only, of a large change:
  // the statements check each row again.
  std::optional<change::ConflictReport> look_for_conflicts(InverseMode mode) {
    constexpr std::uint64_t kLookedAt = 100'000;
    auto connection = mysql::Connection::open(*login_);
    if (!connection) {
      (void)refuse("the server cannot be asked for its rows: " + connection.error().message);
      return std::nullopt;
    }
    const auto all = in_.conflicts == "leave";
    auto report = change::find_conflicts(source(mode), **connection, all ? UINT64_MAX : kLookedAt,
                                         mysql::Limits{});
    if (!report) {
      (void)refuse("the rows as they are now cannot be read: " + report.error().message);
      return std::nullopt;
    }
    if (!report->fault.empty()) {
      const auto why = "whether rows were changed since cannot be looked at: " + report->fault;
      if (all) {
        (void)refuse(why);
        return std::nullopt;
      }
      warn(why + ". The statements stop at the first such row, and nothing is undone then");
    } else if (!report->whole) {
      warn("the newest " + std::to_string(report->rows_checked) +
           " rows were compared; the statements check the others");
    }
    return std::move(*report);
  }

  change::RowSource source(InverseMode mode) {
    change::RowSource out;
    out.options = options(mode);
    out.format = files_->format();
    out.shapes = find_shape();
    out.newest_first = [this](const change::VisitRows& visit) { return newest_first(visit); };
    return out;
  }

  binlog::Result<void> newest_first(const change::VisitRows& visit) {
    bool wanted = true;
    const auto read = files_->backwards(
        [&](const binlog::EventHeader& header, const binlog::Rows& rows) -> binlog::Result<void> {
          wanted = visit({header, rows, 0});
          if (wanted) return {};
          return binlog::Error{};  // ends the reading
        });
    return wanted ? read : binlog::Result<void>{};
  }

  int print(InverseMode mode, const change::ConflictReport& left) {
    auto& out = invocation_.out;
    if (left.conflicts > 0)
      out << "-- " << left.conflicts << " rows that were changed since are left as they are.\n";
    out << "-- Undoes " << files_->events() << " row events, newest first, in one transaction ("
        << (mode == InverseMode::kSql ? "sql" : "exact") << " mode).\n";
    if (!files_->selection().taken().empty())
      out << "-- GTIDs: " << files_->selection().taken().text() << '\n';
    out << "-- Run it in a client that stops at the first error. Error 1242 (Subquery returns more "
           "than 1 row) after\n-- a statement says that its row was changed since, and nothing is "
           "undone.\n";
    change::InversePass pass;
    pass.mode = mode;
    std::uint64_t event = 0;
    wire::Buffer images;
    std::optional<binlog::Error> trouble;
    pass.event = [&](change::KeptRows& kept) {
      const auto fewer = change::leave_out(kept, event++, left.places, images);
      if (!fewer) trouble = fewer.error();
      return fewer.has_value();
    };
    pass.take = [&](binlog::InverseStatement&& statement) {
      binlog::write_script(out, statement);
      return true;
    };
    auto done = change::run_pass(source(mode), pass);
    if (trouble) done = *trouble;
    if (!done) {
      out << "ROLLBACK;\n-- Not whole: " << done.error().what << '\n';
      return refuse(done.error().what);
    }
    out.flush();
    if (!out) return refuse("standard output cannot be written");
    return kDone;
  }

  RollbackArguments in_;
  Invocation& invocation_;
  std::optional<mysql::Options> login_;  // of --url
  std::size_t max_allowed_packet_ = 0;   // of its server
  std::optional<BinlogCopy> copy_;
  std::unique_ptr<BinlogFiles> files_;
  change::Shapes shapes_;
};

}  // namespace

int run_rollback(Invocation& invocation) {
  CLI::App app("Print what undoes a data change, from the binary log", "sluice rollback");
  RollbackArguments arguments;
  declare_rollback(app, arguments);
  if (const auto over = parse_arguments(app, invocation)) return *over;
  return Rollback(std::move(arguments), invocation).run();
}

}  // namespace sluice::cli
