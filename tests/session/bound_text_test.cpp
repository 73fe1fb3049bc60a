#include "proxy/session/bound_text.h"

#include <gtest/gtest.h>

#include "proxy/session/client_text.h"
#include "proxy/session/named_texts.h"
#include "proxy/session/sluice_call.h"
#include "proxy/wire/writer.h"

namespace sluice::session {
namespace {

using wire::ColumnType;

parser::Dialect prepared() {
  parser::Dialect dialect;
  dialect.placeholders = true;
  return dialect;
}
wire::Parameter parameter(ColumnType type, wire::Value value) {
  wire::Parameter made;
  made.type = static_cast<std::uint16_t>(type);
  made.value = value;
  return made;
}

TEST(Literal, each_type_is_written_as_its_own_kind) {
  using wire::Temporal;
  EXPECT_EQ(literal(parameter(ColumnType::kLongLong, std::int64_t{-5})), "-5");
  EXPECT_EQ(literal(parameter(ColumnType::kLongLong, ~std::uint64_t{0})), "18446744073709551615");
  EXPECT_EQ(literal(parameter(ColumnType::kDouble, 0.5)), "5.0000000000000000e-01");
  EXPECT_EQ(literal(parameter(ColumnType::kNull, wire::Null{})), "NULL");
  EXPECT_EQ(literal(parameter(ColumnType::kVarString, std::string_view("it's"))), "'it''s'");
  EXPECT_EQ(literal(parameter(ColumnType::kVarString, std::string_view("h\xc3\xa9"))),
            "'h\xc3\xa9'");
  EXPECT_EQ(literal(parameter(ColumnType::kVarString, std::string_view("a\\b"))), "0x615C62");
  EXPECT_EQ(literal(parameter(ColumnType::kVarString, std::string_view("\xff"))), "0xFF");
  EXPECT_EQ(literal(parameter(ColumnType::kBlob, std::string_view("\0\1", 2))), "0x0001");
  EXPECT_EQ(literal(parameter(ColumnType::kNewDecimal, std::string_view("-1.50"))), "-1.50");
  EXPECT_EQ(literal(parameter(ColumnType::kNewDecimal, std::string_view("1;DROP"))), "'1;DROP'");
  EXPECT_EQ(literal(parameter(ColumnType::kDate, Temporal{.year = 2026, .month = 2, .day = 3})),
            "DATE '2026-02-03'");
  EXPECT_EQ(literal(parameter(ColumnType::kDate, Temporal{.year = 2026})), "'2026-00-00'");
  EXPECT_EQ(literal(parameter(ColumnType::kDatetime, Temporal{.year = 2026,
                                                              .month = 2,
                                                              .day = 3,
                                                              .hour = 4,
                                                              .minute = 5,
                                                              .second = 6,
                                                              .microsecond = 7})),
            "TIMESTAMP '2026-02-03 04:05:06.000007'");
  EXPECT_EQ(literal(parameter(
                ColumnType::kTime,
                Temporal{.hour = 1, .minute = 2, .second = 3, .negative = true, .days = 2})),
            "TIME '-49:02:03'");
  const std::string ahead = "long";
  EXPECT_EQ(literal(parameter(ColumnType::kBlob, wire::Null{}), &ahead), "'long'");
  EXPECT_EQ(literal_of_text("12"), "12");
  EXPECT_EQ(literal_of_text("012"), "'012'");
  EXPECT_EQ(literal_of_text("1 OR 1"), "'1 OR 1'");
}

TEST(BindLiterals, only_placeholders_are_replaced) {
  EXPECT_EQ(bind_literals("UPDATE t SET a = ?, b = '?' WHERE c = ? -- ?", prepared(), {"1", "'x'"}),
            "UPDATE t SET a = 1, b = '?' WHERE c = 'x' -- ?");
  EXPECT_EQ(bind_literals("SELECT? FROM t WHERE a BETWEEN? AND? LIMIT?", prepared(),
                          {"'x'", "1", "2", "3"}),
            "SELECT 'x' FROM t WHERE a BETWEEN 1 AND 2 LIMIT 3");
  EXPECT_EQ(bind_literals("SELECT 1-?, 'a'?, --?", prepared(), {"-5", "'b'", "-6"}),
            "SELECT 1- -5, 'a' 'b', ---6");
  EXPECT_EQ(bind_literals("SELECT ?", prepared(), {}), std::nullopt);
  EXPECT_EQ(bind_literals("SELECT 1", prepared(), {"1"}), std::nullopt);
}

TEST(BulkRows, every_row_has_its_literals) {
  wire::Buffer rest;
  wire::Writer to(rest);
  to.u16(static_cast<std::uint16_t>(ColumnType::kLong));
  to.u16(static_cast<std::uint16_t>(ColumnType::kVarString));
  to.u8(0), to.u32(7), to.u8(0), to.text_lenenc("x");
  to.u8(1), to.u8(2);
  std::vector<std::uint16_t> types;
  const auto rows = bulk_rows({.statement_id = 1, .flags = 128, .rest = rest}, 2, 10, types);
  ASSERT_TRUE(rows);
  EXPECT_EQ(*rows, (std::vector<std::vector<std::string>>{{"7", "'x'"}, {"NULL", "DEFAULT"}}));
  EXPECT_FALSE(bulk_rows({.statement_id = 1, .flags = 128, .rest = rest}, 2, 1, types));
  rest.back() = 3;  // IGNORE: no statement says that
  EXPECT_FALSE(bulk_rows({.statement_id = 1, .flags = 128, .rest = rest}, 2, 10, types));
  rest.pop_back();
  EXPECT_FALSE(bulk_rows({.statement_id = 1, .flags = 128, .rest = rest}, 2, 10, types));
}

TEST(ClientText, is_kept_in_utf8) {
  EXPECT_EQ(to_utf8("caf\xe9", parser::Charset::Latin1), "caf\xc3\xa9");
  EXPECT_EQ(to_utf8("\xc4\xe3", parser::Charset::Gbk), "\xe4\xbd\xa0");
  EXPECT_EQ(to_utf8("caf\xe9", parser::Charset::Utf8mb4), std::nullopt);
  EXPECT_EQ(readable_utf8("caf\xe9 x", parser::Charset::Utf8mb4), "caf? x");
  const std::string long_text = std::string(9000, 'a') + "\xe9" + std::string(9000, 'b');
  EXPECT_EQ(to_utf8(long_text, parser::Charset::Latin1)->size(), 18002U);
}

policy::Judged judged(std::string_view text, bool several = true) {
  parser::Dialect dialect;
  dialect.multi_statements = several;
  return policy::judge_text(text, dialect);
}

TEST(NamedTexts, execute_is_known_by_its_name_and_only_while_that_is_sure) {
  const auto facts = std::make_shared<const Facts>();
  NamedTexts names(2);
  const auto run = [&](std::string_view text, bool failed = false) {
    const auto read = judged(text);
    if (names.concerns(read)) names.ended(read, failed, facts);
  };
  const auto known = [&](std::string_view text) {
    const auto* found = names.executed_by(judged(text));
    return found == nullptr ? std::string("-") : found->text;
  };
  run("PREPARE s FROM 'DELETE FROM t'");
  EXPECT_EQ(known("EXECUTE S USING @a"), "DELETE FROM t");
  EXPECT_EQ(known("EXECUTE s; DROP TABLE t"), "-");
  EXPECT_EQ(known("EXECUTE other"), "-");
  run("SELECT 1");
  run("EXECUTE s");
  EXPECT_EQ(known("EXECUTE s"), "DELETE FROM t");
  run("PREPARE s FROM 'nonsense'", true);
  EXPECT_EQ(known("EXECUTE s"), "-");
  // Each may have given the name to another text.
  for (const char* text :
       {"CALL p()", "SELECT 1; PREPARE s FROM 'DROP TABLE t'", "this is no SQL"}) {
    run("PREPARE s FROM 'SELECT 1'");
    EXPECT_EQ(known("EXECUTE s"), "SELECT 1");
    run(text);
    EXPECT_EQ(known("EXECUTE s"), "-") << text;
  }
  run("PREPARE a FROM 'SELECT 1'");
  run("PREPARE b FROM 'SELECT 2'");
  run("PREPARE c FROM 'SELECT 3'");  // beyond the limit
  EXPECT_EQ(known("EXECUTE c"), "-");
  run("DEALLOCATE PREPARE a");
  EXPECT_EQ(known("EXECUTE a"), "-");
  EXPECT_EQ(known("EXECUTE b"), "SELECT 2");
}

TEST(UsedVariables, are_those_behind_using) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(used_variables("EXECUTE s", {}), Names{});
  EXPECT_EQ(used_variables("EXECUTE s USING @a, @`b c`, @a;", {}), (Names{"a", "b c", "a"}));
  EXPECT_EQ(used_variables("EXECUTE s USING 5", {}), std::nullopt);
  EXPECT_EQ(used_variables("EXECUTE s USING @a + 1", {}), std::nullopt);
}

TEST(TextForPrepare, reads_back_in_the_session) {
  Facts facts;
  EXPECT_EQ(text_for_prepare("SELECT 'a\\n'", facts), "'SELECT ''a\\\\n'''");
  facts.sql_mode = parser::kNoBackslashEscapes;
  EXPECT_EQ(text_for_prepare("SELECT 'a\\n'", facts), "'SELECT ''a\\n'''");
  facts.charset = parser::Charset::Gbk;
  EXPECT_EQ(text_for_prepare("SELECT '\xbf\x5c'", facts), std::nullopt);
  EXPECT_EQ(text_for_prepare("SELECT 1", facts), "'SELECT 1'");
}

std::string call(std::string_view text) {
  const auto read = parse_sluice_call(text, prepared());
  if (const auto* wrong = std::get_if<std::string>(&read)) return "wrong: " + *wrong;
  const auto& parsed = std::get<ParsedCall>(read);
  std::string out = parsed.name + "(";
  for (const auto& argument : parsed.arguments) {
    out += argument.placeholder ? "?" : argument.value.value_or("NULL");
    out += ",";
  }
  return out + ")";
}

TEST(SluiceCall, names_and_literals_are_read) {
  EXPECT_EQ(call("CALL sluice.status"), "status()");
  EXPECT_EQ(call("call `sluice`.`Status`();"), "status()");
  EXPECT_EQ(call("CALL sluice.explain('ALTER TABLE t\\n' 'it''s')"),
            "explain(ALTER TABLE t\nit's,)");
  EXPECT_EQ(call("CALL sluice.wait(-42, 1.5, NULL, TRUE, ?)"), "wait(-42,1.5,NULL,1,?,)");
  EXPECT_EQ(call("CALL sluice.issue(@a)").substr(0, 6), "wrong:");
  EXPECT_EQ(call("CALL sluice.issue(1 + 1)").substr(0, 6), "wrong:");
}

}  // namespace
}  // namespace sluice::session
