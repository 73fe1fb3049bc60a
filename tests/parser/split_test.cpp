#include "parser/split.h"

#include <string>

#include <gtest/gtest.h>

namespace sluice::parser {
namespace {

std::string join(const std::vector<StatementRange>& pieces, std::string_view sql) {
  std::string out;
  for (const StatementRange& piece : pieces) {
    out += std::to_string(piece.line) + "[" + std::string(piece.text(sql)) + "]";
  }
  return out;
}

std::string packet(std::string_view sql, const Dialect& dialect = {}) {
  return join(split_statements(sql, dialect), sql);
}
std::string file(std::string_view sql, const Dialect& dialect = {}) {
  return join(split_file(sql, dialect), sql);
}

TEST(SplitStatements, ByTokens) {
  EXPECT_EQ(packet("select 1; select ';' ; -- x ;\n drop table `a;b`;;"),
            "1[select 1]1[select ';']2[drop table `a;b`]");
  EXPECT_EQ(packet(" /* only ; */ ; "), "");
  EXPECT_EQ(packet(""), "");
}

TEST(SplitStatements, AVersionCommentCanHoldTheEnd) {
  EXPECT_EQ(packet("select 1 /*! ; drop table t */"), "1[select 1]1[drop table t]");
}

TEST(SplitStatements, AStoredProgramTakesTheRest) {
  EXPECT_EQ(packet("set @a=1; create definer=`a`@`b` procedure p() begin select 1; end"),
            "1[set @a=1]1[create definer=`a`@`b` procedure p() begin select 1; end]");
  EXPECT_EQ(packet("create table t (a int); drop table t"),
            "1[create table t (a int)]1[drop table t]");
}

TEST(SplitStatements, ATailByteIsNoSeparator) {
  Dialect dialect;
  dialect.charset = Charset::Gbk;
  EXPECT_EQ(packet("select '\xBF\\'; drop table t", dialect), "1[select '\xBF\\']1[drop table t]");
}

TEST(SplitFile, DelimiterLines) {
  EXPECT_EQ(file("select 1;\nDELIMITER $$\ncreate procedure p()\nbegin select 1; end $$\n"
                 "delimiter ;\nselect 2"),
            "1[select 1]3[create procedure p()\nbegin select 1; end]6[select 2]");
}

TEST(SplitFile, QuotesAndCommentsHideTheDelimiter) {
  EXPECT_EQ(file("select 'a;\\';' ; # x;\nselect `;` /* ; */;"),
            "1[select 'a;\\';']1[# x;\nselect `;` /* ; */]");
  EXPECT_EQ(file("-- only a comment ;\n"), "");
  EXPECT_EQ(file("/*!50003 create trigger a; */"), "1[/*!50003 create trigger a]1[*/]");
}

TEST(SplitFile, UnterminatedTextsEnd) {
  EXPECT_EQ(file("select 'a;"), "1[select 'a;]");
  EXPECT_EQ(file("select 1 /* a;"), "1[select 1 /* a;]");
}

}  // namespace
}  // namespace sluice::parser
