// Tables of the schema model as the inverse of row events wants them.
#include "admin/change/table_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parser/schema/ddl.h"

namespace sluice::change {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

schema::Schema read(const std::string& text, const std::string& name = "shop") {
  auto reading = schema::read(text, {});
  EXPECT_TRUE(reading.errors.empty()) << reading.errors.front().message;
  reading.schema.name = name;
  return std::move(reading.schema);
}

constexpr const char* kShop = R"(
CREATE TABLE parent (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  name VARCHAR(20) CHARACTER SET latin1 DEFAULT NULL,
  color ENUM('a', 'b') DEFAULT NULL,
  twice BIGINT GENERATED ALWAYS AS (id * 2) VIRTUAL,
  changed TIMESTAMP NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP,
  UNIQUE KEY by_name (name(5)),
  UNIQUE KEY both_of (color, name)
) DEFAULT CHARSET=utf8mb4;
CREATE TABLE child (
  id INT NOT NULL PRIMARY KEY,
  parent BIGINT UNSIGNED,
  CONSTRAINT c FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE
);
CREATE TABLE other (a INT);
CREATE TRIGGER tr BEFORE UPDATE ON parent FOR EACH ROW SET NEW.color = 'a';
)";

TEST(TableShape, SaysWhatTheLogDoesNot) {
  Shapes shapes;
  shapes.add(read(kShop), {});
  const auto* parent = shapes.find("shop", "parent");
  ASSERT_NE(parent, nullptr);
  ASSERT_EQ(parent->columns.size(), 5U);
  EXPECT_EQ(parent->columns[0].type, "bigint");
  EXPECT_TRUE(parent->columns[0].is_unsigned);
  EXPECT_FALSE(parent->columns[0].nullable);
  EXPECT_EQ(parent->columns[1].charset, "latin1");
  EXPECT_EQ(parent->columns[2].charset, "utf8mb4");  // the table's
  EXPECT_THAT(parent->columns[2].members, ElementsAre("a", "b"));
  EXPECT_TRUE(parent->columns[3].generated);
  EXPECT_TRUE(parent->columns[4].on_update);
  ASSERT_EQ(parent->unique_keys.size(), 3U);
  EXPECT_TRUE(parent->unique_keys[0].primary);
  EXPECT_TRUE(parent->unique_keys[1].prefix || parent->unique_keys[2].prefix);
  ASSERT_EQ(parent->referenced_by.size(), 1U);
  EXPECT_EQ(parent->referenced_by[0].table, "child");
  EXPECT_TRUE(parent->referenced_by[0].delete_changes);
  EXPECT_FALSE(parent->referenced_by[0].update_changes);
  EXPECT_THAT(parent->referenced_by[0].columns, ElementsAre(0U));
  EXPECT_THAT(parent->triggers,
              ElementsAre(binlog::TriggerShape{"tr", binlog::TriggerShape::Event::kUpdate}));
  EXPECT_THAT(shapes.find("shop", "child")->foreign_key_columns, ElementsAre(1U));
  EXPECT_EQ(shapes.find("shop", "nothing"), nullptr);
  EXPECT_EQ(shapes.find("nothing", "parent"), nullptr);
}

TEST(TableShape, ReferencesComeFromOtherDatabasesToo) {
  Shapes shapes;
  shapes.add(read("CREATE TABLE p (id INT PRIMARY KEY)"), {});
  shapes.add(read("CREATE TABLE c (p INT, CONSTRAINT f FOREIGN KEY (p) REFERENCES shop.p (id) ON "
                  "UPDATE SET NULL)",
                  "away"),
             {});
  const auto* shape = shapes.find("shop", "p");
  ASSERT_EQ(shape->referenced_by.size(), 1U);
  EXPECT_EQ(shape->referenced_by[0].schema, "away");
  EXPECT_TRUE(shape->referenced_by[0].update_changes);
}

TEST(TableShape, OnlyWhatIsRelatedIsKept) {
  const auto part = related(read(kShop), {"parent"});
  EXPECT_EQ(part.tables.size(), 2U);
  EXPECT_TRUE(part.tables.contains("child"));
  EXPECT_EQ(part.triggers.size(), 1U);
}

ShapeChange compare(const std::string& then, const std::string& now) {
  Shapes before;
  before.add(read("CREATE TABLE t (" + then + ")"), {});
  Shapes after;
  after.add(read("CREATE TABLE t (" + now + ")"), {});
  return compare_shapes(*before.find("shop", "t"), *before.table("shop", "t"),
                        *after.find("shop", "t"), *after.table("shop", "t"));
}

TEST(TableShape, AChangeIsMappedWhereItIsProvablyRight) {
  const std::string then = "id INT PRIMARY KEY, a VARCHAR(10), b INT";
  EXPECT_TRUE(compare(then, then).same);
  // Keys and defaults mean nothing to row events.
  EXPECT_TRUE(compare(then, "id INT PRIMARY KEY, a VARCHAR(10), b INT DEFAULT 5, KEY (b)").same);
  for (const auto* now : {"id INT PRIMARY KEY, a VARCHAR(10), b INT, c INT",
                          "id INT PRIMARY KEY, c INT, a VARCHAR(10), b INT",
                          "b INT, id INT PRIMARY KEY, a VARCHAR(10)"}) {
    const auto change = compare(then, now);
    EXPECT_FALSE(change.same) << now;
    EXPECT_TRUE(change.by_name) << now;
    EXPECT_FALSE(change.difference.empty());
  }
  for (const auto* now :
       {"id INT PRIMARY KEY, a VARCHAR(10)", "id INT PRIMARY KEY, a VARCHAR(9), b INT",
        "id INT PRIMARY KEY, a VARCHAR(10), b INT UNSIGNED",
        "id INT PRIMARY KEY, a VARCHAR(10), x INT",
        "id INT PRIMARY KEY, a VARCHAR(10), b INT AS (id) STORED"}) {
    const auto change = compare(then, now);
    EXPECT_FALSE(change.by_name) << now;
  }
  EXPECT_THAT(compare(then, "id INT PRIMARY KEY, a VARCHAR(10), x INT").difference,
              HasSubstr("`b` is not there any more"));
}

}  // namespace
}  // namespace sluice::change
