#include "parser/lexer.h"

#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace sluice::parser {
namespace {

// Tokens as text: names of kinds, with the text of names and literals in brackets.
std::string lex(std::string_view sql, const Dialect& dialect = {}) {
  Lexer lexer(sql, dialect);
  std::string out;
  for (std::size_t guard = 0; guard <= sql.size() + 1; ++guard) {
    const Token token = lexer.next();
    if (token.kind == TokenKind::EndOfText) return out;
    if (!out.empty()) out += ' ';
    out += token_spelling(token.kind).empty() ? token_name(token.kind) : token_spelling(token.kind);
    if (token_spelling(token.kind).empty()) out += "[" + std::string(token.text(sql)) + "]";
  }
  ADD_FAILURE() << "no end in " << sql;
  return out;
}

Dialect with(std::uint32_t mode) {
  Dialect dialect;
  dialect.sql_mode = mode;
  return dialect;
}
Dialect in(Charset charset) {
  Dialect dialect;
  dialect.charset = charset;
  return dialect;
}
Dialect maria() {
  Dialect dialect;
  dialect.engine = Engine::MariaDb;
  dialect.server_version = 101119;
  return dialect;
}

TEST(Lexer, NamesAndKeywords) {
  EXPECT_EQ(lex("select a FROM b.select"), "SELECT IDENT[a] FROM IDENT[b] . IDENT[select]");
  EXPECT_EQ(lex("a.1b"), "IDENT[a] . IDENT[1b]");
  EXPECT_EQ(lex("1e 2nd 0xG 0b2 0x"), "IDENT[1e] IDENT[2nd] IDENT[0xG] IDENT[0b2] IDENT[0x]");
  EXPECT_EQ(lex("`a``b` `select`"), "IDENT_QUOTED[`a``b`] IDENT_QUOTED[`select`]");
  EXPECT_EQ(lex("_utf8mb4'a' _nosuch"),
            "UNDERSCORE_CHARSET[_utf8mb4] TEXT_STRING['a'] IDENT[_nosuch]");
}

TEST(Lexer, FunctionWordsNeedTheirParenthesis) {
  EXPECT_EQ(lex("count(*)"), "COUNT ( * )");
  EXPECT_EQ(lex("count (*)"), "IDENT[count] ( * )");
  EXPECT_EQ(lex("count (*)", with(kIgnoreSpace)), "COUNT ( * )");
}

TEST(Lexer, Numbers) {
  EXPECT_EQ(lex("1 2147483648 9223372036854775808 18446744073709551616"),
            "INT_NUM[1] LONG_NUM[2147483648] ULONG_NUM[9223372036854775808] "
            "DECIMAL_NUM[18446744073709551616]");
  EXPECT_EQ(lex("1.e1 .5 1. 1e5 1e-5 1.5e+3"),
            "FLOAT_NUM[1.e1] DECIMAL_NUM[.5] DECIMAL_NUM[1.] FLOAT_NUM[1e5] FLOAT_NUM[1e-5] "
            "FLOAT_NUM[1.5e+3]");
  EXPECT_EQ(lex("0x1F x'ab' X'' b'01' 0b1"),
            "HEX_NUM[0x1F] HEX_NUM[x'ab'] HEX_NUM[X''] BIN_NUM[b'01'] BIN_NUM[0b1]");
  EXPECT_EQ(lex("x'abc'"), "INVALID_TEXT[x'abc']");
  EXPECT_EQ(lex("1.e"), "INVALID_TEXT[1.e]");
}

TEST(Lexer, Strings) {
  EXPECT_EQ(lex(R"('a\'b' 'c''d' "e" N'f')"),
            R"(TEXT_STRING['a\'b'] TEXT_STRING['c''d'] TEXT_STRING["e"] NCHAR_STRING[N'f'])");
  EXPECT_EQ(lex(R"('a\' "e")", with(kNoBackslashEscapes | kAnsiQuotes)),
            R"(TEXT_STRING['a\'] IDENT_QUOTED["e"])");
  EXPECT_EQ(lex("'abc"), "UNTERMINATED['abc]");
  EXPECT_EQ(lex("'abc\\"), "UNTERMINATED['abc\\]");
  EXPECT_EQ(lex("`abc"), "UNTERMINATED[`abc]");
}

// The second byte of 0xBF 0x5C is a backslash only to a reader that does not know GBK.
TEST(Lexer, TailBytesOfMultiByteCharactersEscapeNothing) {
  const std::string text = "'\xBF\\' or 1";
  EXPECT_EQ(lex(text, in(Charset::Gbk)), "TEXT_STRING['\xBF\\'] OR INT_NUM[1]");
  EXPECT_EQ(lex(text, in(Charset::Utf8mb4)), "UNTERMINATED['\xBF\\' or 1]");
  EXPECT_EQ(lex("`\x95`` x", in(Charset::Sjis)), "IDENT_QUOTED[`\x95``] IDENT[x]");
  EXPECT_EQ(lex("`\x95`` x", in(Charset::Latin1)), "UNTERMINATED[`\x95`` x]");
  EXPECT_EQ(lex("'\x81\x30\x81\x30'", in(Charset::Gb18030)), "TEXT_STRING['\x81\x30\x81\x30']");
}

TEST(Lexer, BlankBytesByCharacterSet) {
  EXPECT_EQ(lex("DROP\xA0TABLE", in(Charset::Latin1)), "DROP TABLE");
  EXPECT_EQ(lex("a\xC3\xA9\xE2\x82\xAC"), "IDENT[a\xC3\xA9\xE2\x82\xAC]");
  EXPECT_EQ(lex("\xC3("), "INVALID_TEXT[\xC3] (");
}

TEST(Lexer, Comments) {
  EXPECT_EQ(lex("1--5"), "INT_NUM[1] - - INT_NUM[5]");
  EXPECT_EQ(lex("1-- 5"), "INT_NUM[1]");
  EXPECT_EQ(lex("1--\n5"), "INT_NUM[1] INT_NUM[5]");
  EXPECT_EQ(lex("1 # x\n2"), "INT_NUM[1] INT_NUM[2]");
  EXPECT_EQ(lex("1/**/2/* ' */3"), "INT_NUM[1] INT_NUM[2] INT_NUM[3]");
  EXPECT_EQ(lex("1 /* a"), "INT_NUM[1] UNTERMINATED[/* a]");
}

TEST(Lexer, VersionComments) {
  EXPECT_EQ(lex("/*!50001 DROP */ t"), "DROP IDENT[t]");
  EXPECT_EQ(lex("/*!999999 DROP */ t"), "IDENT[t]");
  EXPECT_EQ(lex("/*!100000 DROP */ t"), "IDENT[t]");
  EXPECT_EQ(lex("/*! DROP */ t"), "DROP IDENT[t]");
  EXPECT_EQ(lex("/*!99999 a /* b */ c */ d"), "IDENT[d]");
  EXPECT_EQ(lex("/*!50001 a /* b */ c */ d"), "IDENT[a] IDENT[c] IDENT[d]");
  EXPECT_EQ(lex("/*!50001 a /*!999999 b */ c */ d"), "IDENT[a] IDENT[c] IDENT[d]");
  EXPECT_EQ(lex("/*!50001 a /*!50001 b */ c */ d"), "IDENT[a] IDENT[b] IDENT[c] * / IDENT[d]");
  EXPECT_EQ(lex("/*!50001 a"), "IDENT[a] UNTERMINATED[]");
  EXPECT_EQ(lex("/*M! a */ b"), "IDENT[b]");
  EXPECT_EQ(lex("/*M!100100 a */ b /*!50700 c */ /*!50601 d */", maria()),
            "IDENT[a] IDENT[b] IDENT[d]");
}

// The sixth digit is the version's only when a blank comes after it, or on MariaDB.
TEST(Lexer, VersionsOfSixDigits) {
  EXPECT_EQ(lex("1 /*!100000,2*/"), "INT_NUM[1] INT_NUM[0] , INT_NUM[2]");
  EXPECT_EQ(lex("1 /*!100000 ,2*/"), "INT_NUM[1]");
  EXPECT_EQ(lex("1 /*!100000\t,2*/"), "INT_NUM[1]");
  EXPECT_EQ(lex("1 /*!100000/**/,2*/"), "INT_NUM[1] INT_NUM[0] , INT_NUM[2]");
  EXPECT_EQ(lex("1 /*!090704 ,2*/"), "INT_NUM[1] , INT_NUM[2]");
  EXPECT_EQ(lex("1 /*!1000000 ,2*/"), "INT_NUM[1] INT_NUM[00] , INT_NUM[2]");
  EXPECT_EQ(lex("1 /*!100000,2*/", maria()), "INT_NUM[1] , INT_NUM[2]");
  EXPECT_EQ(lex("1 /*!101120,2*/", maria()), "INT_NUM[1]");
}

// MySQL loses a number that ends in `e`, and what follows is a token whatever it would be
// elsewhere.
TEST(Lexer, NumbersThatEndInE) {
  EXPECT_EQ(lex("1 1.e*3"), "INT_NUM[1] * INT_NUM[3]");
  EXPECT_EQ(lex("1 1.e+,8"), "INT_NUM[1] , INT_NUM[8]");
  EXPECT_EQ(lex("1.5e(2"), "( INT_NUM[2]");
  EXPECT_EQ(lex("1.e'a'"), "INVALID_TEXT[1.e'a']");
  EXPECT_EQ(lex("1.e"), "INVALID_TEXT[1.e]");
  EXPECT_EQ(lex("1 1.e*3", maria()), "INT_NUM[1] INVALID_TEXT[1.e*3]");
}

// MySQL reads a run of comparison characters as one word; MariaDB the longest that is one.
TEST(Lexer, RunsOfComparisons) {
  EXPECT_EQ(lex("!!a"), "! IDENT[a]");
  EXPECT_EQ(lex("! !a"), "! ! IDENT[a]");
  EXPECT_EQ(lex("!<a"), "! IDENT[a]");
  EXPECT_EQ(lex("1<!a"), "INT_NUM[1] INVALID_TEXT[<!a]");
  EXPECT_EQ(lex("1<=!a"), "INT_NUM[1] INVALID_TEXT[<=!a]");
  EXPECT_EQ(lex("1>=!a"), "INT_NUM[1] >= ! IDENT[a]");
  EXPECT_EQ(lex("1<=>!a"), "INT_NUM[1] <=> ! IDENT[a]");
  EXPECT_EQ(lex("1=!a"), "INT_NUM[1] INVALID_TEXT[=!a]");
  EXPECT_EQ(lex("!!a 1=!a 1<!a", maria()),
            "! ! IDENT[a] INT_NUM[1] = ! IDENT[a] INT_NUM[1] < ! IDENT[a]");
}

TEST(Lexer, Hints) {
  EXPECT_EQ(lex("SELECT /*+ BKA(t) */ 1"), "SELECT OPTIMIZER_HINT[/*+ BKA(t) */] INT_NUM[1]");
  EXPECT_EQ(lex("CREATE /*+ BKA(t) */ 1"), "CREATE INT_NUM[1]");
  EXPECT_EQ(lex("SELECT /*+ BKA(t) */ 1", maria()), "SELECT INT_NUM[1]");
}

TEST(Lexer, Variables) {
  EXPECT_EQ(lex("@a @'b' @`c` @@x @@global.y @@`z`"),
            "@ HOSTNAME[a] @ TEXT_STRING['b'] @ IDENT_QUOTED[`c`] @ @ IDENT[x] @ @ GLOBAL . "
            "IDENT[y] @ @ IDENT_QUOTED[`z`]");
}

TEST(Lexer, Operators) {
  EXPECT_EQ(lex("a->'$' b->>'$' c:=1 <=> <> != <= >= << >> && || ! ~ ^ % | &"),
            "IDENT[a] -> TEXT_STRING['$'] IDENT[b] ->> TEXT_STRING['$'] IDENT[c] := INT_NUM[1] <=> "
            "<> <> <= >= << >> && || ! ~ ^ % | &");
  EXPECT_EQ(lex("a||b", with(kPipesAsConcat)), "IDENT[a] OP_CONCAT[||] IDENT[b]");
  EXPECT_EQ(lex("\\N", maria()), "NULL");
  EXPECT_EQ(lex("\\N"), "INVALID_TEXT[\\] IDENT[N]");
}

TEST(Lexer, KeywordsByEngineAndVersion) {
  Dialect old;
  old.server_version = 80030;
  EXPECT_EQ(lex("INTERSECT", old), "IDENT[INTERSECT]");
  EXPECT_EQ(lex("MASTER_HOST", old), "MASTER_HOST");
  EXPECT_EQ(lex("INTERSECT MASTER_HOST"), "INTERSECT IDENT[MASTER_HOST]");
  EXPECT_EQ(lex("LATERAL", maria()), "IDENT[LATERAL]");
  EXPECT_EQ(lex("PERIOD"), "IDENT[PERIOD]");
  EXPECT_EQ(lex("PERIOD", maria()), "PERIOD");
}

TEST(Lexer, DollarQuotedText) {
  EXPECT_EQ(lex("$$ ' ; $$ a"), "DOLLAR_STRING[$$ ' ; $$] IDENT[a]");
  EXPECT_EQ(lex("$js$ $$ $js$"), "DOLLAR_STRING[$js$ $$ $js$]");
  EXPECT_EQ(lex("$a"), "IDENT[$a]");
}

TEST(Lexer, AZeroByteOutsideQuotesIsInvalid) {
  EXPECT_EQ(lex(std::string_view("a\0b", 3)),
            std::string("IDENT[a] INVALID_TEXT[\0] IDENT[b]", 33));
}

// The grammar's token numbers are the lexer's.
TEST(Tokens, TheVocabularyFileAgrees) {
  std::string expected;
  for (std::size_t i = 1; i < kTokenKinds; ++i) {
    const auto kind = static_cast<TokenKind>(i);
    expected += std::string(token_name(kind)) + "=" + std::to_string(i) + "\n";
    if (!is_keyword(kind) && !token_spelling(kind).empty()) {
      expected += "'" + std::string(token_spelling(kind)) + "'=" + std::to_string(i) + "\n";
    }
  }
  std::ifstream file(SLUICE_TEST_DIR "/../parser/grammar/SluiceTokens.tokens");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), expected);
}

TEST(Dialect, ModesAndCharacterSets) {
  EXPECT_EQ(sql_mode_bits("ansi_quotes, NO_BACKSLASH_ESCAPES"), kAnsiQuotes | kNoBackslashEscapes);
  EXPECT_EQ(sql_mode_bits("ANSI") & kPipesAsConcat, kPipesAsConcat);
  EXPECT_EQ(sql_mode_bits("STRICT_ALL_TABLES"), 0U);
  EXPECT_EQ(charset_by_name("GBK"), Charset::Gbk);
  EXPECT_EQ(charset_by_name("nosuch"), std::nullopt);
  EXPECT_EQ(charset_by_collation(255), Charset::Utf8mb4);
  EXPECT_EQ(charset_by_collation(28), Charset::Gbk);
  EXPECT_EQ(charset_by_collation(0), std::nullopt);
}

}  // namespace
}  // namespace sluice::parser
