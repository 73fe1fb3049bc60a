#include "parser/redact.h"

#include <gtest/gtest.h>

namespace sluice::parser {
namespace {

struct Case {
  const char* text;
  const char* shown;
};

// Forms of both servers, each with the one word "hush" or its like as the password.
constexpr Case kCases[] = {
    {"CREATE USER 'a'@'%' IDENTIFIED BY 'hush', b IDENTIFIED BY 'hush'",
     "CREATE USER 'a'@'%' IDENTIFIED BY <secret>, b IDENTIFIED BY <secret>"},
    {"ALTER USER 'a'@'%' IDENTIFIED WITH 'plug' BY 'hu\\'s''h' REPLACE 'hush'",
     "ALTER USER 'a'@'%' IDENTIFIED WITH 'plug' BY <secret> REPLACE <secret>"},
    {"ALTER USER a IDENTIFIED BY 'hush' RETAIN CURRENT PASSWORD COMMENT 'x'",
     "ALTER USER a IDENTIFIED BY <secret> RETAIN CURRENT PASSWORD COMMENT 'x'"},
    {"ALTER USER a ADD 2 FACTOR IDENTIFIED WITH p AS 'hush'",
     "ALTER USER a ADD 2 FACTOR IDENTIFIED WITH p AS <secret>"},
    {"ALTER USER a IDENTIFIED BY RANDOM PASSWORD", "ALTER USER a IDENTIFIED BY RANDOM PASSWORD"},
    {"ALTER USER a PASSWORD EXPIRE INTERVAL 3 DAY", "ALTER USER a PASSWORD EXPIRE INTERVAL 3 DAY"},
    {"create user a identified by password '*HUSH'",
     "create user a identified by password <secret>"},
    {"CREATE USER a IDENTIFIED VIA ed25519 USING PASSWORD('hush') OR unix_socket",
     "CREATE USER a IDENTIFIED VIA ed25519 USING PASSWORD(<secret>) OR unix_socket"},
    {"CREATE USER a IDENTIFIED WITH p AS 0x68757368",
     "CREATE USER a IDENTIFIED WITH p AS <secret>"},
    {"CREATE USER a IDENTIFIED BY _utf8mb4'hush'", "CREATE USER a IDENTIFIED BY _utf8mb4<secret>"},
    {"CREATE USER a IDENTIFIED BY \"hush\"", "CREATE USER a IDENTIFIED BY <secret>"},
    {"CREATE USER a /*!80000 IDENTIFIED BY 'hush' */",
     "CREATE USER a /*!80000 IDENTIFIED BY <secret> */"},
    {"CREATE USER a /*M!100000 IDENTIFIED BY 'hush' */",
     "CREATE USER a /*M!100000 IDENTIFIED BY <secret> */"},
    {"CREATE USER a IDENTIFIED BY 'hush", "CREATE USER a IDENTIFIED BY <secret>"},
    {"CREATE USER a IDENTIFIED BY hush-it, b", "CREATE USER a IDENTIFIED BY <secret>, b"},
    {"GRANT ALL ON *.* TO a IDENTIFIED BY 'hush' WITH GRANT OPTION",
     "GRANT ALL ON *.* TO a IDENTIFIED BY <secret> WITH GRANT OPTION"},
    {"SET PASSWORD FOR 'a'@'h' = 'hush'", "SET PASSWORD FOR 'a'@'h' = <secret>"},
    {"SET PASSWORD = PASSWORD('hush')", "SET PASSWORD = PASSWORD(<secret>)"},
    {"SET PASSWORD FOR a = 'hush' REPLACE 'hush'",
     "SET PASSWORD FOR a = <secret> REPLACE <secret>"},
    {"SET GLOBAL x_password = 'hush', y = 'seen'", "SET GLOBAL x_password = <secret>, y = 'seen'"},
    {"CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'h', SOURCE_PASSWORD = 'hush'",
     "CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'h', SOURCE_PASSWORD = <secret>"},
    {"CHANGE MASTER TO MASTER_PASSWORD='hush', MASTER_PORT=1",
     "CHANGE MASTER TO MASTER_PASSWORD=<secret>, MASTER_PORT=1"},
    {"START REPLICA USER='r' PASSWORD='hush'", "START REPLICA USER='r' PASSWORD=<secret>"},
    {"START GROUP_REPLICATION USER='r', PASSWORD='hush'",
     "START GROUP_REPLICATION USER='r', PASSWORD=<secret>"},
    {"CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'u', PASSWORD 'hush', PORT 3)",
     "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'u', PASSWORD <secret>, PORT 3)"},
    {"CLONE INSTANCE FROM 'u'@'h':3306 IDENTIFIED BY 'hush' DATA DIRECTORY = '/d'",
     "CLONE INSTANCE FROM 'u'@'h':3306 IDENTIFIED BY <secret> DATA DIRECTORY = '/d'"},
    {"CALL mysql.rds_set_external_master('h', 3306, 'u', 'hush', 'f', 4, 0)",
     "CALL mysql.rds_set_external_master(<secret>, 3306, <secret>, <secret>, <secret>, 4, 0)"},
    {"PREPARE s FROM 'ALTER USER a IDENTIFIED BY ''hush'''", "PREPARE s FROM <secret>"},
    {"SET @s = 'ALTER USER a IDENTIFIED BY \"hush\"'", "SET @s = <secret>"},
    {"CREATE PROCEDURE p() BEGIN UPDATE t SET password = 'seen'; SET PASSWORD = 'hush'; END",
     "CREATE PROCEDURE p() BEGIN UPDATE t SET password = 'seen'; SET PASSWORD = <secret>; END"},
    {"SELECT 1; CREATE USER a IDENTIFIED BY 'hush'; SELECT 'by'",
     "SELECT 1; CREATE USER a IDENTIFIED BY <secret>; SELECT 'by'"},
    {"INSERT INTO mysql.user (u, p) VALUES ('seen', PASSWORD('hush'))",
     "INSERT INTO mysql.user (u, p) VALUES ('seen', PASSWORD(<secret>))"},
    // Under NO_BACKSLASH_ESCAPES the first password ends at the backslash.
    {"CREATE USER a IDENTIFIED BY 'hush\\', b IDENTIFIED BY 'hush'",
     "CREATE USER a IDENTIFIED BY <secret>"},
    {"CREATE USER a \x01 IDENTIFIED BY 'hush'", "CREATE USER a \x01 IDENTIFIED BY <secret>"},
    // Values of a table's columns are data.
    {"UPDATE users SET password = 'seen' WHERE password = 'seen'",
     "UPDATE users SET password = 'seen' WHERE password = 'seen'"},
    {"INSERT INTO users (password) VALUES ('seen')",
     "INSERT INTO users (password) VALUES ('seen')"},
    {"CREATE TABLE t (password VARCHAR(9) DEFAULT 'seen' COMMENT 'seen')",
     "CREATE TABLE t (password VARCHAR(9) DEFAULT 'seen' COMMENT 'seen')"},
    {"GRANT SELECT ON `identified`.`by` TO 'a'", "GRANT SELECT ON `identified`.`by` TO 'a'"},
    {"INSERT INTO log VALUES ('IDENTIFIED BY ''seen''')",
     "INSERT INTO log VALUES ('IDENTIFIED BY ''seen''')"},
};

TEST(Redact, PasswordsAreHiddenAndNothingElse) {
  for (const Case& one : kCases) EXPECT_EQ(without_secrets(one.text), one.shown) << one.text;
}

TEST(Redact, WhatIsShownHidesNothingMore) {
  for (const Case& one : kCases) {
    const std::string shown = without_secrets(one.text);
    EXPECT_EQ(shown.find("hush"), std::string::npos) << one.text;
  }
}

TEST(Redact, MessagesLoseWhatTheyQuote) {
  const std::string text = "CREATE USER a IDENTIFIED BY 'hush hush' WAT 'x'";
  const Secrets secrets(text);
  EXPECT_EQ(secrets.hide("You have an error in your SQL syntax; check … near 'hush hush' WAT 'x'' "
                         "at line 1"),
            "You have an error in your SQL syntax; check … near <secret> at line 1");
  EXPECT_EQ(secrets.hide("Your password 'hush hush' is weak"), "Your password '<secret>' is weak");
  EXPECT_EQ(Secrets("SELECT 1 FRM t").hide("error near 'FRM t'"), "error near 'FRM t'");
}

TEST(Redact, ATextThatCannotBeReadIsHiddenFromThere) {
  std::string text = "SET PASSWORD = 1 ";
  for (int i = 0; i < 5000; ++i) text += "'\\";
  text += " IDENTIFIED BY hush";
  EXPECT_EQ(without_secrets(text).find("hush"), std::string::npos);
}

// Found by the fuzzer: the whole rest is one range then, and a message quotes a part of it.
TEST(Redact, MessagesLoseEachLiteralOfARestThatCannotBeRead) {
  const std::string text = "SET P" + std::string(40, '\xff') +
                           "\n;ALTER USER u IDENTIFIED BY 'hush-hush' REPLACE 'hush'";
  EXPECT_EQ(Secrets(text).hide("wrong: hush-hush!").find("hush"), std::string::npos);
}

}  // namespace
}  // namespace sluice::parser
