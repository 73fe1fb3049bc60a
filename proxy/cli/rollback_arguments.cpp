#include "proxy/cli/rollback_arguments.h"

#include <ctime>
#include <iomanip>
#include <ostream>
#include <sstream>

#include <CLI/CLI.hpp>

namespace sluice::cli {

void declare_rollback(CLI::App& app, RollbackArguments& in) {
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
  app.add_option("--conflicts", in.conflicts,
                 "with --url, what becomes of rows that were changed since: stop prints no "
                 "statement then; leave prints those of the other rows")
      ->check(CLI::IsMember({"stop", "leave"}))
      ->needs(url);
  app.footer(
      "The statements go to standard output; apply them with `mysql --binary-mode` as they are, in "
      "one session that stops at the first error. Exit status: 0 printed, 1 rows were changed "
      "since, which are listed on standard error, 2 wrong use, 3 refused, with the reason.");
}

namespace {

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

}  // namespace

std::optional<binlog::Criteria> read_criteria(const RollbackArguments& in, std::ostream& err) {
  const auto wrong = [&](const std::string& what) {
    err << "sluice rollback: " << what << '\n';
    return std::nullopt;
  };
  binlog::Criteria out;
  out.thread_id = in.thread_id;
  if (!in.gtid.empty()) {
    auto gtids = binlog::GtidSet::parse(in.gtid);
    if (!gtids || gtids->empty()) {
      return wrong("--gtid: " + (gtids ? "the set is empty" : gtids.error().what));
    }
    out.gtids = std::move(*gtids);
  }
  for (auto [text, into] :
       {std::pair{&in.start_time, &out.start_time}, std::pair{&in.stop_time, &out.stop_time}}) {
    if (text->empty()) continue;
    *into = read_time(*text);
    if (!*into) {
      return wrong("'" + *text + "' is no time: expected \"2026-11-26 15:00:00\", UTC");
    }
  }
  for (const auto& table : in.tables) {
    const auto dot = table.find('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == table.size()) {
      return wrong("--table takes schema.table, not '" + table + "'");
    }
    out.tables.emplace_back(table.substr(0, dot), table.substr(dot + 1));
  }
  return out;
}

}  // namespace sluice::cli
