#include "proxy/session/connection_id.h"

#include <gtest/gtest.h>

namespace sluice::session {
namespace {

std::string with_id(std::string_view sql, const parser::Dialect& dialect = {}) {
  const auto made = with_session_id(sql, dialect, 7);
  return made ? made->text : std::string(sql);
}

TEST(ConnectionId, CallsAreReplaced) {
  EXPECT_EQ(with_id("SELECT VERSION(), CONNECTION_ID() = 5 AS same"),
            "SELECT VERSION(), CAST(7 AS UNSIGNED) = 5 AS same");
  EXPECT_EQ(with_id("SET @a = connection_id ( ), @b = Connection_Id()"),
            "SET @a = CAST(7 AS UNSIGNED), @b = CAST(7 AS UNSIGNED)");
  EXPECT_EQ(with_id("INSERT INTO locks VALUES (CONNECTION_ID(), 'connection_id()')"),
            "INSERT INTO locks VALUES (CAST(7 AS UNSIGNED), 'connection_id()')");
  const auto made = with_session_id("SELECT 1 + connection_id ()", {}, 7);
  EXPECT_EQ(made->renaming.made, "CAST(7 AS UNSIGNED)");
  EXPECT_EQ(made->renaming.original, "connection_id ()");
}

TEST(ConnectionId, WhatIsNoCallOrTheServersOwnStays) {
  for (const char* sql :
       {"SELECT 'CONNECTION_ID()'", "SELECT /* CONNECTION_ID() */ 1", "SELECT connection_id FROM t",
        "SELECT mine.connection_id()", "SELECT @connection_id", "SELECT connection_id(1)",
        "CREATE VIEW v AS SELECT CONNECTION_ID()", "KILL QUERY CONNECTION_ID()",
        "SELECT * FROM information_schema.processlist WHERE id = CONNECTION_ID()",
        "SELECT IS_USED_LOCK('a') = CONNECTION_ID()",
        "SELECT * FROM performance_schema.threads WHERE processlist_id = CONNECTION_ID()",
        "SELECT CONNECTION_ID(), 'no end"}) {
    EXPECT_EQ(with_id(sql), sql);
  }
}

TEST(ConnectionId, TheSessionsModesDecideWhatIsAString) {
  parser::Dialect ansi;
  ansi.sql_mode = parser::kNoBackslashEscapes;
  EXPECT_EQ(with_id(R"(SELECT 'a\', CONNECTION_ID(), '\')", ansi),
            R"(SELECT 'a\', CAST(7 AS UNSIGNED), '\')");
  EXPECT_EQ(with_id(R"(SELECT 'a\', CONNECTION_ID(), '\'')"),
            R"(SELECT 'a\', CONNECTION_ID(), '\'')");
}

}  // namespace
}  // namespace sluice::session
