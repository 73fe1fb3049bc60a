#include "proxy/binlog/rollback.h"

#include <map>
#include <sstream>

#include <gmock/gmock.h>

#include "proxy/binlog/encode.h"
#include "proxy/binlog/script.h"
#include "tests/binlog/log_reader.h"

namespace sluice::binlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// --- whole logs ----------------------------------------------------------------------------------

std::string script_text(const InverseStatement& statement) {
  std::ostringstream out;
  write_script(out, statement);
  return out.str();
}

std::string sql_of(const std::string& name, bool maria) {
  const auto log = rows_of_log(name + ".binlog");
  std::string out;
  InverseOptions options;
  options.maria = maria;
  Inverse inverse(options, log.format, nullptr,
                  [&](InverseStatement&& statement) { out += script_text(statement); });
  const auto done = log.undo(inverse);
  EXPECT_TRUE(done) << done.error().what;
  return out;
}

void expect_sql(const std::string& name, bool maria) {
  const auto got = sql_of(name, maria);
  if (got == log_file(name + ".rollback.sql")) return;
  const auto kept = testing::TempDir() + "/" + name + ".rollback.got.sql";
  std::ofstream(kept) << got;
  ADD_FAILURE() << "the inverse differs from logs/" << name << ".rollback.sql; it is in " << kept;
}

TEST(Rollback, MysqlLogAsSql) {
  expect_sql("mysql_9_7", false);
}
TEST(Rollback, MariadbLogAsSql) {
  expect_sql("mariadb_10_11", true);
}

wire::Buffer from_base64(std::string_view text) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  wire::Buffer out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos) break;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<std::uint8_t>(bits >> count));
  }
  return out;
}

// (kind, before, after) of every row, in order; images as their cells, since servers differ in the
// bits that mean nothing.
using Images = std::vector<std::tuple<int, std::string, std::string>>;
std::string cells_of(const Image& image) {
  std::string out;
  for (const auto& cell : image) {
    out += cell.is_null() ? "NULL" : std::to_string(cell.bytes.size()) + ':';
    out += wire::as_text(cell.bytes);
    out += ',';
  }
  return out;
}
void append_images(const Rows& rows, Images& out) {
  RowReader reader(rows);
  Row row;
  for (auto more = reader.next(row); more && *more; more = reader.next(row))
    out.emplace_back(static_cast<int>(rows.kind), cells_of(row.before), cells_of(row.after));
}

// What exact mode puts into BINLOG statements is the log's rows backwards, images exchanged.
void expect_exact(const std::string& name, bool maria) {
  auto log = rows_of_log(name + ".binlog");
  std::erase_if(log.rows, [](const KeptRows& kept) { return kept.bytes[4] == 39; });  // differences
  Images expected;
  Decoder originals;
  originals.assume_checksums(log.format.checksums);
  for (const auto& kept : log.rows) {
    const auto event = originals.decode_rows(kept.bytes, kept.table, kept.inner);
    append_images(std::get<Rows>(event->body), expected);
  }
  std::reverse(expected.begin(), expected.end());
  for (auto& [kind, before, after] : expected) {
    kind = 2 - kind;
    std::swap(before, after);
  }
  InverseOptions options;
  options.mode = InverseMode::kExact;
  options.maria = maria;
  Images got;
  Decoder decoder;
  Inverse inverse(options, log.format, nullptr, [&](InverseStatement&& statement) {
    if (!statement.sql.starts_with("BINLOG '")) return;
    const auto bytes = from_base64(std::string_view(statement.sql).substr(8));
    auto scanner = Scanner::of_payload();
    scanner.push(bytes);
    bool ended = false;
    for (auto part = scanner.next(); part && *part; part = scanner.next()) {
      const auto event = decoder.decode(**part);
      ASSERT_TRUE(event) << event.error().what;
      const auto* rows = std::get_if<Rows>(&event->body);
      if (rows == nullptr) continue;
      EXPECT_FALSE(ended) << "events after the statement's end";
      ended = rows->statement_end();
      append_images(*rows, got);
    }
    EXPECT_EQ(scanner.pending(), 0U);
    EXPECT_TRUE(ended || statement.kind == InverseStatement::Kind::kSession);
  });
  const auto done = log.undo(inverse);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_GT(got.size(), 8U);
  EXPECT_EQ(got, expected);
}

TEST(Rollback, MysqlLogExact) {
  expect_exact("mysql_9_7", false);
}
TEST(Rollback, MariadbLogExact) {
  expect_exact("mariadb_10_11", true);
}

// --- small tables built by hand ------------------------------------------------------------------

using IntRow = std::pair<std::vector<int>, std::vector<int>>;  // before, after

struct Fixture {
  TableMap map;
  TableShape shape;
  InverseOptions options;
  std::vector<InverseStatement> out;
  bool shaped = true;
  bool partial = false;
  std::vector<bool> logged_before, logged_after;  // which columns are in the images; empty: all

  explicit Fixture(std::vector<std::string> columns) {
    map.id = 7;
    map.schema = "d";
    map.table = "t";
    map.has_names = true;
    shape.schema = "d";
    shape.table = "t";
    for (const auto& name : columns) {
      Column column;
      column.type = ColumnType::kLong;
      column.name = name;
      column.is_unsigned = false;
      map.columns.push_back(column);
      ColumnShape known;
      known.name = name;
      known.type = "int";
      shape.columns.push_back(known);
    }
    shape.unique_keys.push_back({true, {0}});
  }

  static void append(wire::Buffer& out, const std::vector<int>& values) {
    out.insert(out.end(), (values.size() + 7) / 8, 0);
    for (const int value : values) {
      for (int i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  }

  // The statements that undo the events, given oldest first.
  Result<void> run(const std::vector<std::vector<IntRow>>& events, std::uint16_t flags = 1) {
    const auto table = std::make_shared<const TableMap>(map);
    Inverse inverse(
        options, FormatDescription{}, [&](auto, auto) { return shaped ? &shape : nullptr; },
        [&](InverseStatement&& statement) { out.push_back(std::move(statement)); });
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      const bool before = !event->front().first.empty();
      const bool after = !event->front().second.empty();
      Rows rows;
      rows.kind = !before ? Rows::Kind::kWrite : after ? Rows::Kind::kUpdate : Rows::Kind::kDelete;
      rows.table = table;
      rows.partial = partial;
      rows.flags = flags;
      wire::Buffer images;
      for (const auto& [was, is] : *event) {
        if (before) append(images, was);
        if (after && partial) images.push_back(0);  // value options: no differences
        if (after) append(images, is);
      }
      const std::vector<bool> all(map.columns.size(), true);
      if (before) rows.before = logged_before.empty() ? all : logged_before;
      if (after) rows.after = logged_after.empty() ? all : logged_after;
      rows.images = images;
      if (auto done = inverse.undo(EventHeader{}, rows); !done) return done;
    }
    return inverse.end();
  }
  std::vector<std::string> changes() const {
    std::vector<std::string> texts;
    for (const auto& statement : out) {
      if (statement.kind == InverseStatement::Kind::kChange)
        texts.push_back(std::to_string(statement.rows) + ": " + statement.sql);
    }
    return texts;
  }
};

TEST(Rollback, RowsThatNeedTheSameAreBatched) {
  Fixture f({"id", "a"});
  ASSERT_TRUE(f.run({{{{1, 10}, {1, 11}}, {{2, 20}, {2, 21}}}}));
  EXPECT_THAT(f.changes(), ElementsAre("2: UPDATE (VALUES ROW(2, 21, 20), ROW(1, 11, 10)) AS "
                                       "v(c0, c1, c2) STRAIGHT_JOIN `d`.`t` ON `d`.`t`.`id` = v.c0 "
                                       "AND `d`.`t`.`a` <=> v.c1 SET `d`.`t`.`a` = v.c2"));
  f.out.clear();
  f.options.maria = true;
  ASSERT_TRUE(f.run({{{{}, {1, 10}}, {{}, {2, 20}}}}));
  EXPECT_THAT(f.changes(),
              ElementsAre("2: DELETE `d`.`t` FROM (WITH w(c0, c1) AS (VALUES (2, 20), (1, 10)) "
                          "SELECT * FROM w) AS v STRAIGHT_JOIN `d`.`t` ON `d`.`t`.`id` = v.c0 AND "
                          "`d`.`t`.`a` <=> v.c1"));
}

// A server with max_allowed_packet = 2048, of which half is kept for what a run puts before.
TEST(Rollback, NoStatementIsLongerThanTheServerTakes) {
  for (const auto mode : {InverseMode::kSql, InverseMode::kExact}) {
    Fixture f({"id", "a"});
    f.options.mode = mode;
    f.options.max_allowed_packet = 2048;
    std::vector<IntRow> updated;
    std::vector<IntRow> deleted;
    for (int i = 0; i < 400; ++i) {
      updated.push_back({{i, 1000000 + i}, {i, 2000000 + i}});
      deleted.push_back({{10000 + i, 1000000 + i}, {}});
    }
    ASSERT_TRUE(f.run({updated, deleted}));
    std::uint64_t rows = 0;
    std::size_t longest = 0;
    for (const auto& statement : f.out) {
      EXPECT_LE(statement.sql.size(), 1024U) << statement.sql;
      longest = std::max(longest, statement.sql.size());
      if (statement.kind == InverseStatement::Kind::kChange ||
          statement.kind == InverseStatement::Kind::kBinlog) {
        rows += statement.rows;
      }
    }
    EXPECT_EQ(rows, 800U);
    EXPECT_GT(longest, 800U);  // and they are filled
  }
}

TEST(Rollback, ARowThatTheServerWouldNotTakeIsRefused) {
  std::vector<std::string> columns{"id"};
  std::vector<int> before{1};
  std::vector<int> after{1};
  for (int i = 0; i < 300; ++i) {
    columns.push_back("column_" + std::to_string(i));
    before.push_back(100000 + i);
    after.push_back(200000 + i);
  }
  const std::vector<std::vector<IntRow>> kinds{{{before, after}}, {{before, {}}}, {{{}, after}}};
  for (const auto mode : {InverseMode::kSql, InverseMode::kExact}) {
    for (const auto& event : kinds) {
      Fixture f(columns);
      f.options.mode = mode;
      f.options.max_allowed_packet = 2048;
      const auto done = f.run({event});
      ASSERT_FALSE(done);
      EXPECT_EQ(done.error().fault, Fault::kOversized);
      EXPECT_THAT(done.error().what, HasSubstr("Set max_allowed_packet to "));
      f.options.max_allowed_packet = 65536;
      EXPECT_TRUE(f.run({event}));
    }
  }
}

TEST(Rollback, GuardsOfSqlModeCompareWhatTheChangeChanged) {
  Fixture f({"id", "a", "b"});
  f.options.mode = InverseMode::kExact;
  f.options.guard_changed_only = true;
  f.options.batch_rows = 1;
  ASSERT_TRUE(f.run({{{{1, 10, 5}, {1, 11, 5}}}}));
  ASSERT_FALSE(f.out.empty());
  EXPECT_THAT(f.out.front().sql, HasSubstr("ROW(1, 11)) AS v(c0, c1)"));
}

TEST(Rollback, EachSetOfColumnsHasItsBatch) {
  Fixture f({"id", "a", "b"});
  ASSERT_TRUE(f.run({{{{1, 1, 1}, {1, 2, 2}}, {{2, 2, 1}, {2, 2, 2}}, {{3, 1, 1}, {3, 2, 2}}}}));
  ASSERT_EQ(f.changes().size(), 2U);
  EXPECT_THAT(f.changes()[0], HasSubstr("ROW(3, 2, 2, 1, 1), ROW(1, 2, 2, 1, 1)"));
  EXPECT_THAT(f.changes()[1], HasSubstr("ROW(2, 2, 1)"));
}

TEST(Rollback, ARowChangedTwiceIsUndoneTwice) {
  Fixture f({"id", "a"});
  ASSERT_TRUE(f.run({{{{1, 10}, {1, 11}}}, {{{1, 11}, {1, 12}}}}));
  ASSERT_EQ(f.changes().size(), 2U);
  EXPECT_THAT(f.changes()[0], HasSubstr("ROW(1, 12, 11)"));
  EXPECT_THAT(f.changes()[1], HasSubstr("ROW(1, 11, 10)"));
}

TEST(Rollback, ColumnsOfKeysChangeRowByRow) {
  Fixture f({"id", "a", "u"});
  f.shape.unique_keys.push_back({false, {2}});
  ASSERT_TRUE(f.run({{{{1, 10, 1}, {1, 10, 2}}, {{2, 20, 2}, {2, 20, 3}}}}));
  EXPECT_THAT(f.changes(),
              ElementsAre("1: UPDATE `d`.`t` SET `u` = 2 WHERE `id` = 2 AND `u` <=> 3",
                          "1: UPDATE `d`.`t` SET `u` = 1 WHERE `id` = 1 AND `u` <=> 2"));
}

TEST(Rollback, WithoutAKeyAllColumnsFindOneRow) {
  Fixture f({"a", "b"});
  f.shape.unique_keys.clear();
  ASSERT_TRUE(f.run({{{{1, 2}, {1, 3}}}, {{{}, {5, 5}}}, {{{6, 6}, {}}}}));
  EXPECT_THAT(f.changes(),
              ElementsAre("1: INSERT INTO `d`.`t` (`a`, `b`) VALUES (6, 6)",
                          "1: DELETE FROM `d`.`t` WHERE `a` <=> 5 AND `b` <=> 5 LIMIT 1",
                          "1: UPDATE `d`.`t` SET `b` = 2 WHERE `a` <=> 1 AND `b` <=> 3 LIMIT 1"));
}

TEST(Rollback, GeneratedColumnsAreLeftOutAndClocksHeld) {
  Fixture f({"id", "a", "g", "ts"});
  f.shape.columns[2].generated = true;
  f.shape.columns[3].on_update = true;
  f.shape.unique_keys.push_back({false, {1}});
  ASSERT_TRUE(f.run({{{{1, 10, 20, 5}, {1, 11, 22, 5}}}, {{{2, 3, 6, 5}, {}}}}));
  EXPECT_THAT(
      f.changes(),
      ElementsAre("1: INSERT INTO `d`.`t` (`id`, `a`, `ts`) VALUES (2, 3, 5)",
                  "1: UPDATE `d`.`t` SET `a` = 10, `ts` = `ts` WHERE `id` = 1 AND `a` <=> 11"));
}

TEST(Rollback, ANullableUniqueKeyIsNoIdentity) {
  Fixture f({"a", "b"});
  f.shape.unique_keys = {{false, {0}}};
  ASSERT_TRUE(f.run({{{{1, 2}, {1, 3}}}}));
  EXPECT_THAT(f.changes().front(), HasSubstr("LIMIT 1"));
  Fixture g({"a", "b"});
  g.shape.unique_keys = {{false, {0}}};
  g.shape.columns[0].nullable = false;
  ASSERT_TRUE(g.run({{{{1, 2}, {1, 3}}}}));
  EXPECT_THAT(g.changes().front(), HasSubstr("`d`.`t`.`a` = v.c0"));
}

TEST(Rollback, WhatItCannotDoItSays) {
  Fixture triggers({"id", "a"});
  triggers.shape.triggers = {{"tr", TriggerShape::Event::kUpdate}};
  auto done = triggers.run({{{{1, 2}, {1, 3}}}});
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().what, HasSubstr("exact mode"));
  triggers.options.mode = InverseMode::kExact;
  EXPECT_TRUE(triggers.run({{{{1, 2}, {1, 3}}}}));
  // A DELETE undoes what was inserted, and an INSERT what was deleted: they fire no such trigger.
  triggers.options.mode = InverseMode::kSql;
  EXPECT_TRUE(triggers.run({{{{}, {1, 3}}}}));
  EXPECT_TRUE(triggers.run({{{{1, 3}, {}}}}));
  triggers.shape.triggers = {{"tr", TriggerShape::Event::kDelete}};
  EXPECT_FALSE(triggers.run({{{{}, {1, 3}}}}));
  EXPECT_TRUE(triggers.run({{{{1, 3}, {}}}}));

  Fixture cascades({"id", "a"});
  cascades.shape.referenced_by.push_back({"d", "child", {0}, true, true});
  EXPECT_FALSE(cascades.run({{{{1, 2}, {}}}}));
  EXPECT_FALSE(cascades.run({{{{1, 2}, {5, 2}}}}));
  EXPECT_TRUE(cascades.run({{{{1, 2}, {1, 3}}}}));                         // another column
  EXPECT_TRUE(cascades.run({{{{1, 2}, {}}}}, 1 | Rows::kSqlForeignKeys));  // in the log as well

  // What came since and refers to a row that goes would go with it.
  Fixture parent({"id", "a"});
  parent.shape.referenced_by.push_back({"d", "child", {0}, true, true, {"parent"}});
  parent.shape.referenced_by.push_back({"d", "t", {0}, true, false, {"a"}});
  parent.shape.referenced_by.push_back({"d", "stays", {0}, false, false, {"parent"}});
  ASSERT_TRUE(parent.run({{{{}, {1, 3}}, {{}, {2, 3}}}}));
  ASSERT_EQ(parent.out.size(), 5U);
  EXPECT_EQ(parent.out[0].kind, InverseStatement::Kind::kGuard);
  EXPECT_EQ(parent.out[0].rows, 0U);
  EXPECT_EQ(parent.out[0].sql,
            "SELECT COUNT(*) FROM `d`.`child` WHERE `parent` IN (1, 2) LOCK IN SHARE MODE");
  EXPECT_EQ(parent.out[1].sql,
            "SELECT COUNT(*) FROM `d`.`t` WHERE `a` IN (1, 2) AND `id` NOT IN (1, 2) LOCK IN SHARE "
            "MODE");
  EXPECT_EQ(parent.out[2].kind, InverseStatement::Kind::kChange);
  parent.out.clear();
  ASSERT_TRUE(parent.run({{{{1, 2}, {1, 3}}}}));  // another column than that which is referred to
  EXPECT_EQ(parent.out.size(), 2U);
  parent.out.clear();
  parent.options.server_checks_foreign_keys = false;
  ASSERT_TRUE(parent.run({{{{}, {1, 3}}}}));
  ASSERT_EQ(parent.out.size(), 5U);  // all of them, at the end
  EXPECT_EQ(parent.out[0].kind, InverseStatement::Kind::kChange);
  EXPECT_EQ(parent.out[1].sql,
            "SELECT COUNT(*) FROM `d`.`child` WHERE `parent` IN (1) AND `parent` NOT IN (SELECT "
            "`id` FROM `d`.`t` WHERE `id` IN (1)) LOCK IN SHARE MODE");

  Fixture nameless({"", ""});
  nameless.map.has_names = false;
  nameless.shaped = false;
  done = nameless.run({{{{1, 2}, {1, 3}}}});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::kIncomplete);
  EXPECT_THAT(done.error().what, HasSubstr("--schema"));

  Fixture narrower({"id", "a"});
  narrower.shape.columns[1].type = "smallint";
  done = narrower.run({{{{1, 2}, {1, 3}}}});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().fault, Fault::kConflict);
  Fixture wider({"id", "a"});
  wider.shape.columns[1].type = "bigint";
  EXPECT_TRUE(wider.run({{{{1, 2}, {1, 3}}}}));
}

// binlog_row_image MINIMAL: an INSERT logs the columns that it names, an UPDATE the key and what it
// changes. A row that cannot be found for certain, or of which a part is unknown, is left alone.
TEST(Rollback, WhatTheLogDoesNotHoldIsNotUndone) {
  const auto refused = [](Fixture& f, IntRow row) {
    f.out.clear();
    const auto done = f.run({{std::move(row)}});
    const bool incomplete = !done && done.error().fault == Fault::kIncomplete;
    EXPECT_EQ(f.changes().empty(), incomplete);
    return incomplete;
  };
  Fixture f({"id", "a", "b"});
  f.logged_after = {false, true, true};
  EXPECT_TRUE(refused(f, {{}, {1, 2}}));  // inserted with its key's default
  f.logged_after = {true, true, false};
  EXPECT_TRUE(refused(f, {{}, {1, 2}}));  // `b` may have changed since
  f.logged_before = {true, false, false};
  EXPECT_TRUE(refused(f, {{1}, {}}));
  f.logged_after = {false, true, false};
  EXPECT_TRUE(refused(f, {{1}, {5}}));  // what `a` was before
  f.logged_before = {true, true, false};
  EXPECT_FALSE(refused(f, {{1, 4}, {5}}));
  f.shape.unique_keys.clear();
  EXPECT_TRUE(refused(f, {{1, 4}, {5}}));  // without a key, all columns find the row
  f.shape.unique_keys.push_back({true, {1}});
  f.logged_before = {true, false, true};
  f.logged_after = {false, false, true};
  EXPECT_TRUE(refused(f, {{1, 4}, {5}}));  // the key is in neither image
}

TEST(Rollback, ExactModeChecksBeforeItWrites) {
  Fixture f({"id", "a"});
  f.options.mode = InverseMode::kExact;
  f.options.server_checks_foreign_keys = false;
  ASSERT_TRUE(f.run({{{{1, 10}, {1, 11}}}, {{{1, 11}, {1, 12}}}, {{{}, {4, 4}}}}));
  std::vector<InverseStatement::Kind> kinds;
  for (const auto& statement : f.out) kinds.push_back(statement.kind);
  using enum InverseStatement::Kind;
  EXPECT_THAT(kinds, ElementsAre(kGuard, kBinlog, kGuard, kBinlog, kGuard, kBinlog, kControl));
  EXPECT_EQ(f.out[2].sql,
            "SELECT COUNT(*) FROM (VALUES ROW(1, 12)) AS v(c0, c1) STRAIGHT_JOIN `d`.`t` ON "
            "`d`.`t`.`id` = v.c0 AND `d`.`t`.`a` <=> v.c1 FOR UPDATE");
  EXPECT_EQ(f.out[2].rows, 1U);
}

// With binlog_row_value_options an after-image begins with a byte that a before-image has not: the
// same row was taken for another one, and both checks were made before the first change.
TEST(Rollback, ExactModeKnowsARowAgainInPartialEvents) {
  Fixture f({"a", "b"});
  f.shape.unique_keys.clear();
  f.options.mode = InverseMode::kExact;
  f.partial = true;
  ASSERT_TRUE(f.run({{{{1, 2}, {1, 3}}}, {{{1, 3}, {1, 4}}}}));
  std::vector<InverseStatement::Kind> kinds;
  for (const auto& statement : f.out) kinds.push_back(statement.kind);
  using enum InverseStatement::Kind;
  EXPECT_THAT(kinds, ElementsAre(kGuard, kBinlog, kGuard, kBinlog, kControl));
}

TEST(Rollback, ScriptChecksEveryStatement) {
  EXPECT_EQ(script_text({InverseStatement::Kind::kChange, "DELETE FROM t", 2, "d", "t"}),
            "DELETE FROM t;\nSET @sluice_unchanged = IF(ROW_COUNT() = 2, 1, (SELECT 0 UNION SELECT "
            "1));\n");
  EXPECT_EQ(script_text(
                {InverseStatement::Kind::kGuard, "SELECT COUNT(*) FROM t FOR UPDATE", 1, "d", "t"}),
            "SELECT COUNT(*) INTO @sluice_rows FROM t FOR UPDATE;\nSET @sluice_unchanged = "
            "IF(@sluice_rows = 1, 1, (SELECT 0 UNION SELECT 1));\n");
}

}  // namespace
}  // namespace sluice::binlog
