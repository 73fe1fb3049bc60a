#include "parser/schema/ddl.h"

namespace sluice::schema {
namespace {

// [OR REPLACE] and what may stand between CREATE and the kind of object.
struct Head {
  bool or_replace = false;
  bool temporary = false;
  bool aggregate = false;
  std::string definer;
  std::string algorithm;
  std::string security;
  View::Kind view = View::Kind::Plain;
  std::string index;  // UNIQUE, FULLTEXT, SPATIAL
};

Head read_head(Cursor& in) {
  Head head;
  for (bool more = true; more && !in.failed();) {
    if (in.accept("OR REPLACE"))
      head.or_replace = true;
    else if (in.accept("TEMPORARY"))
      head.temporary = true;
    else if (in.accept("AGGREGATE"))
      head.aggregate = true;
    else if (in.is("DEFINER"))
      head.definer = read_definer(in);
    else if (in.accept("ALGORITHM"))
      in.expect("="), head.algorithm = in.word();
    else if (in.accept("SQL SECURITY"))
      head.security = in.word();
    else if (in.accept("MATERIALIZED"))
      head.view = View::Kind::Materialized;
    else if (in.accept("JSON RELATIONAL DUALITY") || in.accept("JSON DUALITY"))
      head.view = View::Kind::JsonDuality;
    else if (in.is_any({"UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR"}))
      head.index = in.word();
    else
      more = false;
  }
  if (head.algorithm == "UNDEFINED") head.algorithm.clear();
  return head;
}

CreateTable read_create_table(Cursor& in, const Head& head) {
  CreateTable out;
  out.or_replace = head.or_replace;
  out.if_not_exists = in.accept("IF NOT EXISTS");
  out.name = read_name(in);
  const bool wrapped = in.is("(") && in.is("LIKE", 1);
  if (wrapped) in.skip();
  if (in.accept("LIKE")) {
    out.like = read_name(in);
    if (wrapped) in.expect(")");
  } else if (in.is("(")) {
    const auto start = in.position();
    in.skip();
    const bool select = in.is_any({"SELECT", "WITH", "(", "VALUES", "TABLE"});
    in.seek(start);
    if (!select) out.table = read_table(in, out.name.name);
  } else {
    while (!in.failed() && read_table_option(in, out.table.options)) in.accept(",");
    if (in.is("PARTITION") && in.is("BY", 1)) out.table.partitioning = read_partitioning(in);
  }
  out.table.name = out.name.name;
  out.table.temporary = head.temporary;
  if (!in.accept("IGNORE")) in.accept("REPLACE");
  if (in.is_any({"AS", "SELECT", "WITH", "(", "VALUES", "TABLE"})) {
    out.as_select = true;
    while (!in.done()) in.skip();
  } else if (!out.like && out.table.columns.empty()) {
    in.fail("expected columns");
  }
  return out;
}

// MariaDB: how long to wait for other statements on the table.
void skip_wait(Cursor& in) {
  if (in.accept("WAIT")) {
    in.number();
  } else {
    in.accept("NOWAIT");
  }
}

AlterTable read_create_index(Cursor& in, const Head& head) {
  AlterTable out;
  out.index_statement = "CREATE INDEX";
  AlterAction action;
  action.kind = AlterAction::Kind::AddIndex;
  action.if_exists = in.accept("IF NOT EXISTS");
  auto& index = action.index;
  if (head.index == "UNIQUE") index.kind = Index::Kind::Unique;
  if (head.index == "FULLTEXT") index.kind = Index::Kind::Fulltext;
  if (head.index == "SPATIAL") index.kind = Index::Kind::Spatial;
  if (head.index == "VECTOR") index.kind = Index::Kind::Vector;
  index.name = in.identifier();
  if (in.accept("USING") || in.accept("TYPE")) index.algorithm = in.word();
  in.expect("ON");
  out.name = read_name(in);
  index.parts = read_parts(in, index);
  skip_wait(in);
  read_index_options(in, index);
  out.actions.push_back(std::move(action));
  while (in.is("ALGORITHM") || in.is("LOCK")) {
    auto text = in.word();
    in.accept("=");
    out.actions.push_back({.text = text + "=" + in.word()});
  }
  return out;
}

Database read_database(Cursor& in, Database::Verb verb) {
  Database out;
  out.verb = verb;
  out.if_not_exists = in.accept("IF NOT EXISTS");
  if (!in.is_any({"CHARACTER", "CHARSET", "COLLATE", "DEFAULT", "READ", "ENCRYPTION"}) ||
      verb != Database::Verb::Alter) {
    out.name = in.identifier();
  }
  TableOptions options;
  while (!in.failed() && !in.done()) {
    if (in.accept("READ ONLY"))
      in.accept("="), in.skip();
    else if (in.is("DEFAULT") && in.is("ENCRYPTION", 1))
      in.skip();
    else if (!read_table_option(in, options))
      in.fail("not an option of a database");
  }
  out.charset = options.charset;
  out.collation = options.collation;
  return out;
}

Create read_program(Cursor& in, const Head& head, bool alter) {
  Create out;
  out.or_replace = head.or_replace;
  out.alter = alter;
  const auto kind = in.word();
  const bool body = kind == "PACKAGE" && in.accept("BODY");
  out.if_not_exists = in.accept("IF NOT EXISTS");
  out.name = read_name(in);
  const auto& name = out.name.name;
  if (kind == "VIEW") {
    View view{.name = name,
              .kind = head.view,
              .algorithm = head.algorithm,
              .definer = head.definer,
              .security = head.security};
    out.object = read_view(in, std::move(view));
  } else if (kind == "TRIGGER") {
    out.object = read_trigger(in, Trigger{.name = name, .definer = head.definer});
  } else if (kind == "EVENT") {
    out.object = read_event(in, Event{.name = name, .definer = head.definer});
  } else if (kind == "SEQUENCE") {
    out.object = read_sequence(in, Sequence{.name = name});
  } else if (kind == "LIBRARY") {
    out.object = read_library(in, Library{.name = name});
  } else {
    Routine routine{.name = name, .definer = head.definer, .aggregate = head.aggregate};
    routine.kind = kind == "PROCEDURE"  ? Routine::Kind::Procedure
                   : kind == "FUNCTION" ? Routine::Kind::Function
                   : body               ? Routine::Kind::PackageBody
                                        : Routine::Kind::Package;
    out.object = read_routine(in, std::move(routine));
  }
  return out;
}

Drop read_drop(Cursor& in) {
  Drop out;
  out.temporary = in.accept("TEMPORARY");
  const auto kind = in.word();
  static constexpr std::pair<std::string_view, ObjectKind> kKinds[] = {
      {"TABLE", ObjectKind::Table},       {"TABLES", ObjectKind::Table},
      {"VIEW", ObjectKind::View},         {"PROCEDURE", ObjectKind::Procedure},
      {"FUNCTION", ObjectKind::Function}, {"TRIGGER", ObjectKind::Trigger},
      {"EVENT", ObjectKind::Event},       {"SEQUENCE", ObjectKind::Sequence},
      {"LIBRARY", ObjectKind::Library},   {"DATABASE", ObjectKind::Database},
      {"SCHEMA", ObjectKind::Database},   {"PACKAGE", ObjectKind::Package}};
  for (const auto& [word, value] : kKinds) {
    if (word == kind) out.kind = value;
  }
  if (out.kind == ObjectKind::Package && in.accept("BODY")) out.kind = ObjectKind::PackageBody;
  out.if_exists = in.accept("IF EXISTS");
  do {
    out.names.push_back(read_name(in));
  } while (in.accept(","));
  skip_wait(in);
  if (!in.accept("RESTRICT")) in.accept("CASCADE");
  return out;
}

AlterTable read_drop_index(Cursor& in) {
  AlterTable out;
  out.index_statement = "DROP INDEX";
  AlterAction action;
  action.kind = AlterAction::Kind::DropIndex;
  action.if_exists = in.accept("IF EXISTS");
  action.name = in.identifier();
  if (same_name(action.name, "PRIMARY")) action.kind = AlterAction::Kind::DropPrimaryKey;
  in.expect("ON");
  out.name = read_name(in);
  skip_wait(in);
  out.actions.push_back(std::move(action));
  auto rest = read_alter_actions(in);
  out.actions.insert(out.actions.end(), rest.begin(), rest.end());
  return out;
}

using Body = decltype(Statement::body);

Body read_create(Cursor& in) {
  const auto head = read_head(in);
  if (in.accept("TABLE")) return read_create_table(in, head);
  if (in.accept("INDEX")) return read_create_index(in, head);
  if (in.accept("DATABASE") || in.accept("SCHEMA"))
    return read_database(in, Database::Verb::Create);
  if (in.is("FUNCTION")) {  // a loadable function has no parameter list
    const auto start = in.position();
    in.skip();
    in.accept("IF NOT EXISTS");
    (void)read_name(in);
    const bool loadable = in.is("RETURNS");
    in.seek(start);
    if (loadable) return Other{"CREATE FUNCTION SONAME"};
  }
  if (in.is_any({"VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "SEQUENCE", "LIBRARY",
                 "PACKAGE"})) {
    return read_program(in, head, false);
  }
  return Other{"CREATE " + upper(in.raw())};
}

Body read_alter_statement(Cursor& in) {
  if (!in.accept("ONLINE")) in.accept("OFFLINE");
  in.accept("IGNORE");
  if (in.accept("TABLE")) {
    AlterTable out;
    out.if_exists = in.accept("IF EXISTS");
    out.name = read_name(in);
    skip_wait(in);
    out.actions = read_alter_actions(in);
    return out;
  }
  if (in.accept("DATABASE") || in.accept("SCHEMA")) return read_database(in, Database::Verb::Alter);
  const auto head = read_head(in);
  if (in.is("VIEW")) return read_program(in, head, true);
  return Other{"ALTER " + upper(in.raw())};
}

RenameTables read_rename(Cursor& in) {
  RenameTables out;
  do {
    in.accept("IF EXISTS");
    auto from = read_name(in);
    skip_wait(in);
    in.expect("TO");
    out.pairs.emplace_back(std::move(from), read_name(in));
  } while (in.accept(","));
  return out;
}

Body read_body(Cursor& in) {
  if (in.accept("CREATE")) return read_create(in);
  if (in.accept("ALTER")) return read_alter_statement(in);
  if (in.accept("DROP")) {
    if (in.accept("INDEX")) return read_drop_index(in);
    if (in.is_any({"TABLE", "TABLES", "TEMPORARY", "VIEW", "PROCEDURE", "FUNCTION", "TRIGGER",
                   "EVENT", "SEQUENCE", "LIBRARY", "DATABASE", "SCHEMA", "PACKAGE"})) {
      return read_drop(in);
    }
    return Other{"DROP " + upper(in.raw())};
  }
  if (in.accept("RENAME TABLE") || in.accept("RENAME TABLES")) return read_rename(in);
  if (in.accept("TRUNCATE")) {
    in.accept("TABLE");
    return Truncate{read_name(in)};
  }
  if (in.accept("USE"))
    return Database{
        .verb = Database::Verb::Use, .name = in.identifier(), .charset = {}, .collation = {}};
  return Other{upper(in.raw())};
}

// Stored programs keep the mode that they are made in.
struct SetMode {
  const std::string& mode;
  void operator()(Routine& routine) const { routine.context.sql_mode = mode; }
  void operator()(Trigger& trigger) const { trigger.context.sql_mode = mode; }
  void operator()(Event& event) const { event.context.sql_mode = mode; }
  void operator()(View&) const {}
  void operator()(Sequence&) const {}
  void operator()(Library&) const {}
};

}  // namespace

std::string_view to_string(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::Database: return "DATABASE";
    case ObjectKind::Table: return "TABLE";
    case ObjectKind::View: return "VIEW";
    case ObjectKind::Procedure: return "PROCEDURE";
    case ObjectKind::Function: return "FUNCTION";
    case ObjectKind::Trigger: return "TRIGGER";
    case ObjectKind::Event: return "EVENT";
    case ObjectKind::Sequence: return "SEQUENCE";
    case ObjectKind::Library: return "LIBRARY";
    case ObjectKind::Package: return "PACKAGE";
    case ObjectKind::PackageBody: return "PACKAGE BODY";
  }
  return "OBJECT";
}

Name read_name(Cursor& in) {
  Name name;
  in.accept(".");
  name.name = in.identifier();
  if (in.accept(".")) {
    name.schema = std::move(name.name);
    name.name = in.identifier();
  }
  return name;
}

std::vector<Statement> read_statements(std::string_view text, const Target& target) {
  std::vector<Statement> out;
  std::size_t counted = 0;
  std::uint32_t line = 1;
  for (const auto& range : split_file(text, target)) {
    const auto source = text.substr(range.begin, range.end - range.begin);
    const auto own = range.sql_mode.empty() ? target : in_mode(target, range.sql_mode);
    const auto tokens = scan(source, own);
    Cursor in(source, tokens, own);
    Statement statement;
    statement.begin = range.begin + in.token().begin;
    statement.end = range.end;
    for (; counted < statement.begin; ++counted) line += text[counted] == '\n';
    statement.line = line;
    statement.body = read_body(in);
    if (!std::holds_alternative<Other>(statement.body) && !in.done()) in.fail("not expected here");
    if (in.failed()) {
      statement.error = in.error();
      statement.error->line += line - 1;
      statement.error->offset += range.begin;
      // The error's line counts from the range's start, the statement's from its first token.
      const auto blank = source.substr(0, in.error()->offset == 0 ? 0 : tokens[0].begin);
      for (const char c : blank) statement.error->line -= c == '\n';
      statement.body =
          Other{upper(source.substr(tokens[0].begin, tokens[0].end - tokens[0].begin))};
    }
    if (auto* create = std::get_if<Create>(&statement.body)) {
      std::visit(SetMode{range.sql_mode}, create->object);
    }
    out.push_back(std::move(statement));
  }
  return out;
}

}  // namespace sluice::schema
