// sluice rollback: what undoes a data change, from binary log files or a server's log.
#include "proxy/binlog/rollback.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <memory>
#include <sstream>

#include <CLI/CLI.hpp>

#include "admin/change/rollback_choice.h"
#include "admin/change/table_shape.h"
#include "proxy/binlog/script.h"
#include "proxy/cli/binlog_copy.h"
#include "proxy/cli/binlog_files.h"
#include "proxy/cli/command.h"
#include "proxy/cli/live_schema.h"
#include "proxy/cli/rollback_texts.h"
#include "proxy/cli/schema_source.h"

namespace sluice::cli {
namespace {

using binlog::InverseMode;

struct Arguments {
  BinlogRange range;
  std::string url;
  std::string start_file;
  std::string stop_file;
  std::optional<std::uint32_t> thread_id;
  std::string gtid;
  std::string start_time;
  std::string stop_time;
  std::vector<std::string> tables;
  std::vector<std::string> schemas;
  std::string schema_url;
  LiveOptions live;
  std::string mode = "auto";
};

void declare(CLI::App& app, Arguments& in) {
  auto* files =
      app.add_option("--binlog", in.range.files, "binary log files, in the order of the log");
  auto* url =
      app.add_option("--url", in.url,
                     "mysql://user@host[:port], in place of --binlog: the server's log over "
                     "the wire, and, unless --schema is given, its tables as they are now; "
                     "needs REPLICATION SLAVE");
  url->excludes(files);
  app.add_option("--start-file", in.start_file,
                 "of the server's log; otherwise the one that --start-datetime lies in, or the "
                 "oldest")
      ->needs(url);
  app.add_option("--stop-file", in.stop_file, "of the server's log; otherwise its end now")
      ->needs(url);
  app.add_option("--start-position", in.range.start_position,
                 "in the first file: events before it are passed over");
  app.add_option("--stop-position", in.range.stop_position,
                 "in the last file: the first event that is not read");
  app.add_option("--start-datetime", in.start_time,
                 "transactions from then on, UTC: \"2026-11-26 15:00:00\"");
  app.add_option("--stop-datetime", in.stop_time, "transactions before then, UTC");
  app.add_option("--thread-id", in.thread_id,
                 "transactions of this connection id of the server (MySQL)");
  app.add_option("--gtid", in.gtid, "these transactions: uuid:1-5 or, of MariaDB, 0-1-5,0-1-6");
  app.add_option("--table", in.tables, "only rows of this table, schema.table; may be repeated");
  app.add_option("--schema", in.schemas,
                 "[database=]FILE with the tables' definitions as they are now; may be repeated");
  app.add_option("--schema-url", in.schema_url,
                 "mysql://user@host[:port]/database, the same read live");
  declare_live(app, in.live);
  app.add_option("--mode", in.mode,
                 "sql: INSERT, UPDATE and DELETE; exact: row events in BINLOG statements, which "
                 "need BINLOG_ADMIN, REPLICATION_APPLIER or MariaDB's BINLOG REPLAY; auto: sql "
                 "where --schema shows that it is exact, else exact")
      ->check(CLI::IsMember({"auto", "exact", "sql"}));
  app.footer(
      "The statements go to standard output; apply them with `mysql --binary-mode` as they are, in "
      "one session that stops at the first error. Exit status: 0 printed, 2 wrong use, 3 refused, "
      "with the reason.");
}

// "2026-11-26 15:00:00" in UTC to seconds since 1970.
std::optional<std::uint32_t> read_time(const std::string& text) {
  std::tm time{};
  std::istringstream in(text);
  in >> std::get_time(&time, "%Y-%m-%d %H:%M:%S");
  if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
  const auto seconds = ::timegm(&time);
  if (seconds < 0 || seconds > std::int64_t{0xFFFFFFFF}) return std::nullopt;
  return static_cast<std::uint32_t>(seconds);
}

class Rollback {
 public:
  Rollback(Arguments arguments, Invocation& invocation)
      : in_(std::move(arguments)), invocation_(invocation) {}

  int run() {
    if (in_.range.files.empty() == in_.url.empty())
      return wrong("give --binlog or --url, to say where the log is");
    auto criteria = read_criteria();
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
    return mode ? print(*mode) : kFailed;
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

  std::optional<binlog::Criteria> read_criteria() {
    binlog::Criteria out;
    out.thread_id = in_.thread_id;
    if (!in_.gtid.empty()) {
      auto gtids = binlog::GtidSet::parse(in_.gtid);
      if (!gtids || gtids->empty()) {
        (void)wrong("--gtid: " + (gtids ? "the set is empty" : gtids.error().what));
        return std::nullopt;
      }
      out.gtids = std::move(*gtids);
    }
    for (auto [text, into] :
         {std::pair{&in_.start_time, &out.start_time}, std::pair{&in_.stop_time, &out.stop_time}}) {
      if (text->empty()) continue;
      *into = read_time(*text);
      if (!*into) {
        (void)wrong("'" + *text + "' is no time: expected \"2026-11-26 15:00:00\", UTC");
        return std::nullopt;
      }
    }
    for (const auto& table : in_.tables) {
      const auto dot = table.find('.');
      if (dot == std::string::npos || dot == 0 || dot + 1 == table.size()) {
        (void)wrong("--table takes schema.table, not '" + table + "'");
        return std::nullopt;
      }
      out.tables.emplace_back(table.substr(0, dot), table.substr(dot + 1));
    }
    return out;
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

  int print(InverseMode mode) {
    auto& out = invocation_.out;
    out << "-- Undoes " << files_->events() << " row events, newest first, in one transaction ("
        << (mode == InverseMode::kSql ? "sql" : "exact") << " mode).\n";
    if (!files_->selection().taken().empty())
      out << "-- GTIDs: " << files_->selection().taken().text() << '\n';
    out << "-- Run it in a client that stops at the first error. Error 1242 (Subquery returns more "
           "than 1 row) after\n-- a statement says that its row was changed since, and nothing is "
           "undone.\n";
    binlog::Inverse inverse(
        options(mode), files_->format(), find_shape(),
        [&](binlog::InverseStatement&& statement) { binlog::write_script(out, statement); });
    inverse.begin();
    auto done = files_->backwards([&](const binlog::EventHeader& header, const binlog::Rows& rows) {
      return inverse.undo(header, rows);
    });
    if (done) done = inverse.end();
    if (!done) {
      out << "ROLLBACK;\n-- Not whole: " << done.error().what << '\n';
      return refuse(done.error().what);
    }
    out.flush();
    if (!out) return refuse("standard output cannot be written");
    return kDone;
  }

  Arguments in_;
  Invocation& invocation_;
  std::optional<mysql::Options> login_;  // of --url
  std::optional<BinlogCopy> copy_;
  std::unique_ptr<BinlogFiles> files_;
  change::Shapes shapes_;
};

}  // namespace

int run_rollback(Invocation& invocation) {
  CLI::App app("Print what undoes a data change, from the binary log", "sluice rollback");
  Arguments arguments;
  declare(app, arguments);
  if (const auto over = parse_arguments(app, invocation)) return *over;
  return Rollback(std::move(arguments), invocation).run();
}

}  // namespace sluice::cli
