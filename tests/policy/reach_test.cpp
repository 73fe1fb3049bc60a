#include "policy/reach.h"

#include <gtest/gtest.h>

namespace sluice::policy {
namespace {

std::string outside_of(std::string_view text, std::string schema = "shop") {
  Account account;
  account.name = "app";
  account.databases = {"shop", "archive"};
  parser::Dialect dialect;
  dialect.schema = std::move(schema);
  dialect.multi_statements = true;
  const Judged judged = judge_text(text, dialect);
  const auto found = outside(account, judged);
  return found ? std::string(*found) : "";
}

TEST(Reach, StaysInsideTheAccountsDatabases) {
  for (const auto* text :
       {"SELECT 1", "SELECT * FROM orders", "SELECT * FROM archive.orders a JOIN shop.orders b",
        "INSERT INTO archive.orders SELECT * FROM orders", "USE archive", "USE secret",
        "SHOW TABLES", "BEGIN", "CREATE TABLE t (a INT)", "DROP TABLE archive.t",
        "SELECT NOW(), COUNT(*) FROM orders", "WITH c AS (SELECT * FROM orders) SELECT * FROM c",
        "SELECT table_name FROM information_schema.tables", "SET autocommit = 0",
        "CALL archive.move_old()", "SELECT shop.f(1)"}) {
    EXPECT_EQ(outside_of(text), "") << text;
  }
}

TEST(Reach, NamesTheDatabaseOutside) {
  for (const auto* text :
       {"SELECT * FROM secret.t",
        "SELECT (SELECT MAX(a) FROM secret.t)",
        "SELECT * FROM orders WHERE id IN (SELECT id FROM secret.t)",
        "INSERT INTO orders SELECT * FROM secret.t",
        "INSERT INTO secret.t VALUES (1)",
        "UPDATE orders o JOIN secret.t s ON s.id = o.id SET o.a = 1",
        "DELETE FROM secret.t",
        "DROP DATABASE secret",
        "CREATE DATABASE secret",
        "TRUNCATE secret.t",
        "CREATE VIEW v AS SELECT * FROM secret.t",
        "ALTER TABLE orders RENAME TO secret.orders",
        "RENAME TABLE orders TO secret.orders",
        "CREATE TABLE t LIKE secret.t",
        "CREATE TABLE t AS SELECT * FROM secret.t",
        "CALL secret.p()",
        "SELECT secret.f(1)",
        "PREPARE s FROM 'SELECT * FROM secret.t'",
        "SELECT 1; SELECT * FROM secret.t",
        "/*!50001 SELECT * FROM secret.t */",
        "EXPLAIN SELECT * FROM secret.t",
        "CREATE TRIGGER g BEFORE INSERT ON orders FOR EACH ROW INSERT INTO secret.t VALUES (1)"}) {
    EXPECT_EQ(outside_of(text), "secret") << text;
  }
  EXPECT_EQ(outside_of("SELECT * FROM t", "secret"), "secret");
  EXPECT_EQ(outside_of("SELECT * FROM mysql.user"), "mysql");
  EXPECT_EQ(outside_of("SELECT * FROM SHOP.t"), "SHOP");
}

TEST(Reach, WhatDoesNotTellIsOutside) {
  EXPECT_EQ(outside_of("PREPARE s FROM @v"), "?");
  EXPECT_EQ(outside_of("SELEKT * FROM secret.t"), "?");
}

TEST(Reach, AnAccountWithoutAListMayUseAll) {
  const Judged judged = judge_text("SELECT * FROM secret.t", {});
  EXPECT_FALSE(outside(Account{}, judged));
}

}  // namespace
}  // namespace sluice::policy
