#include "proxy/binlog/json.h"

#include <bit>
#include <cmath>
#include <limits>

#include "proxy/wire/bytes.h"

namespace sluice::binlog {
namespace {

std::string text_of(const wire::Buffer& bytes) {
  const auto json = decode_json(bytes);
  std::string direct;
  EXPECT_EQ(append_json_text(bytes, direct).has_value(), json.has_value());
  if (!json) return "error: " + json.error().what;
  std::string out;
  append_json_text(*json, out);
  EXPECT_EQ(direct, out);  // with and without a tree in between
  return out;
}

std::string applied(std::string_view before, const wire::Buffer& diffs) {
  // An object {"a": 1, "b": [true]} or an array, built by hand below.
  JsonNode json;
  if (before == "object") {
    json.kind = JsonNode::Kind::kObject;
    json.keys = {"a", "b"};
    JsonNode one;
    one.kind = JsonNode::Kind::kInt;
    one.integer = 1;
    JsonNode list;
    list.kind = JsonNode::Kind::kArray;
    list.items.emplace_back().kind = JsonNode::Kind::kTrue;
    json.items = {one, list};
  }
  const auto done = apply_json_diffs(json, diffs);
  if (!done) return "error: " + done.error().what;
  std::string out;
  append_json_text(json, out);
  return out;
}

wire::Buffer diff(std::uint8_t operation, std::string_view path, const wire::Buffer& value) {
  wire::Buffer out{operation, static_cast<std::uint8_t>(path.size())};
  out.insert(out.end(), path.begin(), path.end());
  if (operation == 2) return out;
  out.push_back(static_cast<std::uint8_t>(value.size()));
  out.insert(out.end(), value.begin(), value.end());
  return out;
}

// What MySQL 9.7 prints for CAST(… AS JSON) of the same double.
TEST(Json, DoublesAsTheServerPrintsThem) {
  EXPECT_EQ(json_number(1.0), "1.0");
  EXPECT_EQ(json_number(-0.0), "-0.0");
  EXPECT_EQ(json_number(0.1), "0.1");
  EXPECT_EQ(json_number(1e14), "100000000000000.0");
  EXPECT_EQ(json_number(1e15), "1e15");
  EXPECT_EQ(json_number(9007199254740992.0), "9.007199254740992e15");
  EXPECT_EQ(json_number(0.12345678901234568), "0.12345678901234568");
  EXPECT_EQ(json_number(1.7976931348623157e308), "1.7976931348623157e308");
  EXPECT_EQ(json_number(5e-324), "5e-324");
  EXPECT_EQ(json_number(8.41e21), "8.41e21");
  EXPECT_EQ(json_number(1e-14), "0.00000000000001");
  EXPECT_EQ(json_number(1e-16), "1e-16");
}

TEST(Json, Scalars) {
  EXPECT_EQ(text_of({}), "null");
  EXPECT_EQ(text_of({0x04, 0x00}), "null");
  EXPECT_EQ(text_of({0x04, 0x01}), "true");
  EXPECT_EQ(text_of({0x04, 0x02}), "false");
  EXPECT_EQ(text_of({0x05, 0xFF, 0xFF}), "-1");
  EXPECT_EQ(text_of({0x06, 0xFF, 0xFF}), "65535");
  EXPECT_EQ(text_of({0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}),
            "18446744073709551615");
  EXPECT_EQ(text_of({0x0C, 0x03, 'a', '"', 0x01}), "\"a\\\"\\u0001\"");
}

// {"a": [], "bb": 5}: count, size, two keys, two values, the keys' text, the array.
TEST(Json, ObjectsAndArrays) {
  const wire::Buffer object{0x00, 2,  0, 25,   0, 18, 0,   1,   0,   19, 0, 2, 0,
                            0x02, 21, 0, 0x05, 5, 0,  'a', 'b', 'b', 0,  0, 4, 0};
  EXPECT_EQ(text_of(object), "{\"a\": [], \"bb\": 5}");
  std::string sql;
  append_json_sql(*decode_json(object), sql);
  EXPECT_EQ(sql, "CAST('{\"a\": [], \"bb\": 5}' AS JSON)");
  for (std::size_t cut = 1; cut < object.size(); ++cut)
    EXPECT_FALSE(decode_json(wire::Bytes(object).first(cut))) << cut;
}

TEST(Json, WhatTextCannotSayBecomesCalls) {
  std::string sql;
  append_json_sql(*decode_json(wire::Buffer{0x06, 7, 0}), sql);  // a small unsigned integer
  EXPECT_EQ(sql, "JSON_EXTRACT(JSON_ARRAY(CAST(7 AS UNSIGNED)), '$[0]')");
  sql.clear();
  append_json_sql(*decode_json(wire::Buffer{0x0F, 252, 2, 0xDE, 0xAD}), sql);
  EXPECT_EQ(sql, "JSON_EXTRACT(JSON_ARRAY(0xDEAD), '$[0]')");
}

// Every entry points at the same array: a tree of thousands from a few bytes is refused, and so is
// a value that contains itself.
TEST(Json, SmallBytesCannotClaimALargeTree) {
  wire::Buffer bytes{0x02, 100, 0, 0, 0};
  for (int i = 0; i < 100; ++i) bytes.insert(bytes.end(), {0x02, 48, 1});  // offset 304
  bytes.insert(bytes.end(), {100, 0, 48, 1});
  for (int i = 0; i < 100; ++i) bytes.insert(bytes.end(), {0x04, 0, 0});
  bytes[3] = static_cast<std::uint8_t>(bytes.size() - 1);
  bytes[4] = static_cast<std::uint8_t>((bytes.size() - 1) >> 8);
  EXPECT_FALSE(decode_json(bytes));
  EXPECT_FALSE(decode_json(wire::Buffer{0x02, 1, 0, 7, 0, 0x02, 0, 0}));
}

TEST(Json, DifferencesAreApplied) {
  const wire::Buffer two{0x05, 2, 0};
  EXPECT_EQ(applied("object", diff(0, "$.a", two)), "{\"a\": 2, \"b\": [true]}");
  EXPECT_EQ(applied("object", diff(0, "$.b[0]", two)), "{\"a\": 1, \"b\": [2]}");
  EXPECT_EQ(applied("object", diff(1, "$.b[1]", two)), "{\"a\": 1, \"b\": [true, 2]}");
  EXPECT_EQ(applied("object", diff(1, "$.c", two)), "{\"a\": 1, \"b\": [true], \"c\": 2}");
  EXPECT_EQ(applied("object", diff(1, "$.\"a b\\u0001\"", two)),
            "{\"a\": 1, \"b\": [true], \"a b\\u0001\": 2}");
  EXPECT_EQ(applied("object", diff(2, "$.b[0]", {})), "{\"a\": 1, \"b\": []}");
  EXPECT_EQ(applied("object", diff(2, "$.a", {})), "{\"b\": [true]}");
  EXPECT_EQ(applied("object", diff(0, "$", two)), "2");
}

TEST(Json, DifferencesThatDoNotFitAreRefused) {
  const wire::Buffer two{0x05, 2, 0};
  for (const std::string_view path : {"$.x", "$.b[7]", "a", "$.", "$[", "$.b[x]", "$.\"open"}) {
    EXPECT_TRUE(applied("object", diff(0, path, two)).starts_with("error")) << path;
  }
  EXPECT_TRUE(applied("object", diff(1, "$.a", two)).starts_with("error"));  // is there already
  EXPECT_TRUE(applied("object", diff(2, "$", {})).starts_with("error"));
  EXPECT_TRUE(applied("object", {7}).starts_with("error"));
  EXPECT_TRUE(applied("object", {0, 3, '$'}).starts_with("error"));
}

}  // namespace
}  // namespace sluice::binlog
