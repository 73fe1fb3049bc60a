// Types that the recorded logs do not have, and literals at their edges.
#include "proxy/binlog/value.h"

#include "proxy/binlog/charset_names.h"
#include "proxy/binlog/literal.h"
#include "proxy/binlog/temporal_text.h"

namespace sluice::binlog {
namespace {

std::string literal(Column column, const wire::Buffer& bytes) {
  const auto value = decode_value(column, Cell{Cell::State::kBytes, bytes});
  if (!value) return "error: " + value.error().what;
  std::string out;
  const auto done = append_literal(out, *value);
  return done ? out : "error: " + done.error().what;
}

Column of(ColumnType type) {
  Column column;
  column.type = type;
  return column;
}

TEST(Value, TemporalTypesBefore56) {
  EXPECT_EQ(literal(of(ColumnType::kTime), {0x90, 0xE2, 0x01}), "'12:35:36'");  // 123536
  EXPECT_EQ(literal(of(ColumnType::kTime), {0x70, 0x1D, 0xFE}), "'-12:35:36'");
  EXPECT_EQ(literal(of(ColumnType::kDateTime), {0x1B, 0x0B, 0xA9, 0x8B, 0x68, 0x12, 0, 0}),
            "'2024-02-29 01:02:03'");
  EXPECT_EQ(literal(of(ColumnType::kTimestamp), {1, 0, 0, 0}), "'1970-01-01 00:00:01'");
  EXPECT_EQ(literal(of(ColumnType::kTimestamp), {0, 0, 0, 0}), "'0000-00-00 00:00:00'");
  EXPECT_TRUE(literal(of(ColumnType::kDateTime), {255, 255, 255, 255, 255, 255, 255, 127})
                  .starts_with("error"));
  EXPECT_TRUE(literal(of(ColumnType::kDecimal), {1}).starts_with("error"));
}

TEST(Value, TimestampsAreUtcToTheLastSecond) {
  EXPECT_EQ(to_text(Timestamp{0x7FFFFFFF, 999'999, 6}), "2038-01-19 03:14:07.999999");
  EXPECT_EQ(to_text(Timestamp{0xFFFFFFFF, 0, 0}), "2106-02-07 06:28:15");
  EXPECT_EQ(to_text(Timestamp{951'827'696, 5, 6}), "2000-02-29 12:34:56.000005");
  EXPECT_EQ(to_text(Timestamp{951'868'800, 0, 0}), "2000-03-01 00:00:00");
}

TEST(Value, DecimalsOfDamagedBytes) {
  auto column = of(ColumnType::kNewDecimal);
  column.digits = 9;
  EXPECT_EQ(literal(column, {0x80, 0, 0, 5}), "5");
  EXPECT_EQ(literal(column, {0x7F, 0xFF, 0xFF, 0xFA}), "-5");
  EXPECT_TRUE(literal(column, {0xFF, 0xFF, 0xFF, 0xFF}).starts_with("error"));
}

TEST(Value, TextIsWrittenOutOnlyWhereItIsTheSame) {
  const auto text = [](std::string_view charset, const std::string& bytes) {
    std::string out;
    EXPECT_TRUE(append_literal(out, Text{collation_of(charset), bytes})) << charset;
    return out;
  };
  EXPECT_EQ(text("utf8mb4", "gr\xC3\xBCn"), "'gr\xC3\xBCn'");
  EXPECT_EQ(text("utf8mb4", "gr\xFCn"), "0x6772FC6E");  // not UTF-8 at all: the bytes themselves
  EXPECT_EQ(text("utf8mb4", "a\\b"), "_utf8mb4 0x615C62");
  EXPECT_EQ(text("utf8mb4", "a\r\nb"), "_utf8mb4 0x610D0A62");
  EXPECT_EQ(text("latin1", "it's"), "'it''s'");
  EXPECT_EQ(text("latin1", "\xE9"), "0xE9");
  EXPECT_EQ(text("sjis", "plain 1"), "'plain 1'");
  EXPECT_EQ(text("sjis", "a~b"), "0x617E62");  // U+203E in it
  EXPECT_EQ(text("utf16", std::string("\0a", 2)), "0x0061");
  EXPECT_EQ(text("utf16", ""), "''");
  std::string out;
  EXPECT_FALSE(append_literal(out, Text{0, "a"}));
  out.clear();
  EXPECT_TRUE(append_literal(out, Text{collation_of("latin1"), "\xE9"}, LiteralUse::kSought));
  EXPECT_EQ(out, "_latin1 0xE9");
}

TEST(Value, CharacterSetsByCollation) {
  EXPECT_EQ(charset_of(45).name, "utf8mb4");
  EXPECT_EQ(charset_of(255).name, "utf8mb4");
  EXPECT_EQ(charset_of(63).name, "binary");
  EXPECT_EQ(charset_of(2304).name, "utf8mb4");  // MariaDB's UCA 14
  EXPECT_EQ(charset_of(17).name, "");
  EXPECT_EQ(charset_of(0xFFFFFFFF).name, "");
  EXPECT_EQ(charset_of(collation_of("utf8")).name, "utf8mb3");
  EXPECT_EQ(collation_of("klingon"), 0U);
}

}  // namespace
}  // namespace sluice::binlog
