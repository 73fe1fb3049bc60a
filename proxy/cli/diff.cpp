// sluice diff: two schemas to the DDL that turns the first into the second.
#include "parser/schema/diff.h"

#include <fstream>
#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>

#include "parser/schema/ddl.h"
#include "proxy/cli/command.h"
#include "proxy/cli/live_schema.h"
#include "proxy/cli/schema_source.h"
#include "proxy/cli/target.h"

namespace sluice::cli {
namespace {

struct Arguments {
  std::vector<std::string> files;
  std::string from_url;
  std::string to_url;
  LiveOptions live;
  TargetOptions target;
  bool allow_drop = false;
  bool definer = false;
  bool whitespace = false;
  std::vector<std::string> renames;
};

// "old:new" renames a table, "table.old:new" a column of the table's new name.
bool read_rename(const std::string& text, schema::Renames& into) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) return false;
  const auto was = text.substr(0, colon);
  const auto is = text.substr(colon + 1);
  const auto dot = was.find('.');
  if (dot == std::string::npos)
    into.tables[was] = is;
  else
    into.columns[{was.substr(0, dot), was.substr(dot + 1)}] = is;
  return true;
}

void declare(CLI::App& app, Arguments& in) {
  app.add_option("FILES", in.files,
                 "FROM.sql and TO.sql, those that no URL stands for; - is standard input")
      ->expected(0, 2);
  app.add_option("--from-url", in.from_url, "mysql://user@host[:port]/database, read live");
  app.add_option("--to-url", in.to_url, "mysql://user@host[:port]/database, read live");
  declare_live(app, in.live);
  declare_target(app, in.target);
  app.add_flag("--allow-drop", in.allow_drop,
               "print what loses data as statements, not as comments");
  app.add_flag("--definer", in.definer, "definers are compared");
  app.add_flag("--whitespace", in.whitespace, "blanks and comments in bodies are compared");
  app.add_option("--rename", in.renames,
                 "old:new (a table) or table.old:new (a column); may be repeated");
  app.footer("Exit status: 0 no difference, 1 differences were printed, 2 wrong use, 3 failed.");
}

// The two schemas; nothing: the fault was said, and `status` is the exit status. The server that
// the DDL would run on decides how it is written: FROM's when that is live, else TO's.
struct Sides {
  schema::Schema from;
  schema::Schema to;
};
std::optional<Sides> load_sides(const Arguments& in, Invocation& invocation, schema::Target& target,
                                int& status) {
  status = kFailed;
  std::optional<LiveSchema> from;
  std::optional<LiveSchema> to;
  if (!in.to_url.empty()) {
    to = load_live(in.to_url, in.live, invocation, status);
    if (!to) return std::nullopt;
    target = to->target;
  }
  if (!in.from_url.empty()) {
    from = load_live(in.from_url, in.live, invocation, status);
    if (!from) return std::nullopt;
    target = from->target;
  }
  std::size_t next = 0;
  const auto file = [&](std::optional<LiveSchema>& side) {
    if (side) return true;
    auto read = load_file(in.files[next++], invocation, target);
    if (read) side = LiveSchema{std::move(*read), target};
    return side.has_value();
  };
  if (!file(from) || !file(to)) return std::nullopt;
  return Sides{std::move(from->schema), std::move(to->schema)};
}

}  // namespace

int run_diff(Invocation& invocation) {
  CLI::App app("Print the DDL that turns one schema into the other", "sluice diff");
  Arguments arguments;
  declare(app, arguments);
  if (const auto over = parse_arguments(app, invocation)) return *over;
  const std::size_t urls =
      (arguments.from_url.empty() ? 0 : 1) + (arguments.to_url.empty() ? 0 : 1);
  if (arguments.files.size() + urls != 2) {
    invocation.err << "sluice diff: expected two schemas: files, or --from-url and --to-url\n";
    return kWrongUse;
  }
  auto target = to_target(arguments.target);
  if (!target) {
    invocation.err << "sluice diff: '" << arguments.target.version << "' is no server version\n";
    return kWrongUse;
  }
  schema::DiffOptions options;
  options.compare = {arguments.definer, arguments.whitespace};
  for (const auto& text : arguments.renames) {
    if (read_rename(text, options.renames)) continue;
    invocation.err << "sluice diff: --rename takes old:new or table.old:new, not '" << text
                   << "'\n";
    return kWrongUse;
  }
  int status = kFailed;
  auto sides = load_sides(arguments, invocation, *target, status);
  if (!sides) return status;
  options.target = *target;
  sides->to.name = sides->from.name;  // two databases are compared, not their names
  const auto changes = schema::diff(std::move(sides->from), std::move(sides->to), options);
  invocation.out << schema::print_changes(changes, arguments.allow_drop);
  return changes.empty() ? kDone : kFindings;
}

}  // namespace sluice::cli
