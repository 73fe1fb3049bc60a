// Rows as they are kept for a rollback.
#include "admin/change/rollback_data.h"

#include <gtest/gtest.h>

#include "admin/change/rollback_limits.h"

namespace sluice::change {
namespace {

using binlog::Rows;

std::shared_ptr<const binlog::TableMap> make_table(const std::string& name) {
  auto table = std::make_shared<binlog::TableMap>();
  table->id = 77;
  table->schema = "shop";
  table->table = name;
  table->has_names = true;
  binlog::Column id;
  id.type = binlog::ColumnType::kLong;
  id.is_unsigned = true;
  id.name = "id";
  binlog::Column color;
  color.type = binlog::ColumnType::kEnum;
  color.length = 1;
  color.nullable = true;
  color.collation = 255;
  color.name = "col`or";
  color.members = {"red", "blue, green"};
  table->columns = {id, color};
  table->primary_key = {{0, 0}};
  table->optional_metadata = {1, 1, 0x80};
  return table;
}

struct Kept {
  std::vector<std::string> chunks;
  GetChunk get() {
    return [this](std::int64_t position) -> binlog::Result<std::string> {
      return chunks.at(static_cast<std::size_t>(position));
    };
  }
  RollbackWriter::Put put() {
    return [this](std::int64_t position, std::string_view chunk) {
      EXPECT_EQ(position, static_cast<std::int64_t>(chunks.size()));
      chunks.emplace_back(chunk);
      return true;
    };
  }
};

Rows rows_of(const std::shared_ptr<const binlog::TableMap>& table, Rows::Kind kind,
             const std::vector<std::uint8_t>& images) {
  Rows rows;
  rows.kind = kind;
  rows.table = table;
  rows.flags = Rows::kSqlForeignKeys;
  if (kind != Rows::Kind::kWrite) rows.before = {true, true};
  if (kind != Rows::Kind::kDelete) rows.after = {true, false};
  rows.images = images;
  return rows;
}

TEST(RollbackData, ComesBackAsItWasAndFromBothEnds) {
  const auto a = make_table("a");
  const auto b = make_table("b");
  Kept kept;
  RollbackWriter writer(1 << 30, kept.put());
  // Longer than a chunk together, so that there are several.
  std::vector<std::vector<std::uint8_t>> images;
  for (std::uint8_t i = 0; i < 9; ++i) images.emplace_back(300'000, i);
  binlog::EventHeader header;
  header.timestamp = 12345;
  header.type = binlog::EventType::kUpdateRows;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto kind = static_cast<Rows::Kind>(i % 3);
    ASSERT_TRUE(writer.add(header, rows_of(i % 2 == 0 ? a : b, kind, images[i]), i / 4, 2));
  }
  ASSERT_TRUE(writer.flush());
  EXPECT_GT(kept.chunks.size(), 1U);
  EXPECT_EQ(writer.chunks(), static_cast<std::int64_t>(kept.chunks.size()));
  ASSERT_EQ(writer.tables().size(), 2U);
  EXPECT_EQ(writer.tables()[0], (TableTally{"shop", "a", 4, 2, 4}));
  EXPECT_EQ(writer.tables()[1], (TableTally{"shop", "b", 2, 4, 2}));

  std::size_t next = images.size();
  const auto check = [&](const KeptRows& found) {
    --next;
    EXPECT_TRUE(std::ranges::equal(found.rows.images, images[next]));
    EXPECT_EQ(*found.rows.table, next % 2 == 0 ? *a : *b);
    EXPECT_EQ(found.rows.kind, static_cast<Rows::Kind>(next % 3));
    EXPECT_EQ(found.rows.flags, Rows::kSqlForeignKeys);
    EXPECT_EQ(found.group, next / 4);
    EXPECT_EQ(found.header.timestamp, 12345U);
    const auto expected = rows_of(a, found.rows.kind, images[next]);
    EXPECT_EQ(found.rows.before, expected.before);
    EXPECT_EQ(found.rows.after, expected.after);
    return next > 1;
  };
  ASSERT_TRUE(visit_newest_first(writer.chunks(), kept.get(), check).has_value());
  EXPECT_EQ(next, 1U);  // it stopped when it was told
  std::size_t first = 0;
  ASSERT_TRUE(visit_oldest_first(writer.chunks(), kept.get(), [&](const KeptRows& found) {
                EXPECT_TRUE(std::ranges::equal(found.rows.images, images[first]));
                ++first;
                return true;
              }).has_value());
  EXPECT_EQ(first, images.size());
}

TEST(RollbackData, MoreThanIsAllowedIsNotKept) {
  const auto table = make_table("a");
  const std::vector<std::uint8_t> images(1000, 1);
  Kept kept;
  RollbackWriter writer(2500, kept.put());
  EXPECT_TRUE(writer.add({}, rows_of(table, Rows::Kind::kDelete, images), 1, 1));
  EXPECT_FALSE(writer.too_large());
  bool more = true;
  for (int i = 0; i < 3 && more; ++i) {
    more = writer.add({}, rows_of(table, Rows::Kind::kDelete, images), 1, 1);
  }
  EXPECT_FALSE(more);
  EXPECT_TRUE(writer.too_large());
}

TEST(RollbackData, DamageIsAFault) {
  const auto table = make_table("a");
  const std::vector<std::uint8_t> images(1000, 1);
  Kept kept;
  RollbackWriter writer(1 << 20, kept.put());
  ASSERT_TRUE(writer.add({}, rows_of(table, Rows::Kind::kDelete, images), 1, 1));
  ASSERT_TRUE(writer.flush());
  const auto never = [](const KeptRows&) { return true; };
  const std::string whole = kept.chunks[0];
  for (const std::string& chunk : {std::string(), std::string("rows"), whole.substr(0, 20)}) {
    kept.chunks[0] = chunk;
    const auto read = visit_newest_first(1, kept.get(), never);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().fault, binlog::Fault::kMalformed);
  }
}

TEST(RollbackData, TheHeaderIsJson) {
  RollbackHeader header;
  header.server_version = "9.7.4";
  header.format = {4, "9.7.4", true, false, {1, 2, 200}, false};
  header.target.version = 90704;
  header.schemas = {{"shop", "CREATE TABLE `a` (\n  `id` int\n);\n"}};
  header.tables = {{"shop", "a", 1, 2, 3}};
  header.withdrawn = {4};
  header.cascades_logged = true;
  const auto read = read_rollback_header(to_json(header));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->schemas, header.schemas);
  EXPECT_EQ(read->tables, header.tables);
  EXPECT_EQ(read->withdrawn, header.withdrawn);
  EXPECT_EQ(read->format.post_header, header.format.post_header);
  EXPECT_TRUE(read->format.checksums);
  EXPECT_TRUE(read->cascades_logged);
  EXPECT_FALSE(read->sql_only);
  EXPECT_EQ(read->rows(), 6U);
  for (const auto* text : {"", "[]", "{}", R"({"server_version": 1})"}) {
    EXPECT_FALSE(read_rollback_header(text).has_value()) << text;
  }
}

TEST(RollbackLimits, WhatIsNotSaidHasItsDefault) {
  EXPECT_EQ(read_rollback_limits("{}").limits, RollbackLimits{});
  EXPECT_EQ(read_rollback_limits("").limits, RollbackLimits{});
  const auto read = read_rollback_limits(R"({"keep": false, "max_mib": 5, "days": 7})");
  EXPECT_TRUE(read.errors.empty());
  EXPECT_EQ(read.limits, (RollbackLimits{false, 5, 7}));
  EXPECT_EQ(read_rollback_limits(to_json(read.limits)).limits, read.limits);
  for (const auto* text :
       {"[]", "{", R"({"keep": 1})", R"({"max_mib": 0})", R"({"days": "7"})", R"({"day": 7})"}) {
    EXPECT_EQ(read_rollback_limits(text).errors.size(), 1U) << text;
  }
}

}  // namespace
}  // namespace sluice::change
