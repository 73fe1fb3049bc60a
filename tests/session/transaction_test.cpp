#include "proxy/session/transaction.h"

#include <gtest/gtest.h>

#include "proxy/session/text_effect.h"

namespace sluice::session {
namespace {

parser::Dialect dialect() {
  parser::Dialect made;
  made.multi_statements = true;
  return made;
}
std::vector<TextStep> steps(std::string_view text) {
  return steps_of(policy::judge_text(text, dialect()), text, dialect());
}
void add(Transaction& open, const std::string& text, std::uint64_t rows = 1) {
  open.add({text, parser::ActionGroup::Dml, rows}, policy::judge_text(text, dialect()), "gate.dml");
}
std::string texts(const Transaction& open) {
  policy::ChangeRequest request;
  open.put_into(request);
  std::string all;
  for (const auto& statement : request.statements) all += statement.text + ";";
  return all;
}

constexpr Before kAutocommit{};
constexpr Before kOpen{.in_transaction = true, .autocommit = true, .has_open = true};
constexpr Before kOff{.in_transaction = false, .autocommit = false, .has_open = false};

std::string words(const Plan& made) {
  std::string out;
  if (made.commit_first) out += "commit_first ";
  if (made.with_open) out += "with_open ";
  if (made.record) out += "record ";
  if (made.collect) out += "collect ";
  return out;
}

TEST(Plan, says_of_every_text_what_is_recorded_when) {
  struct Case {
    const char* text;
    bool change;
    Before before;
    const char* wanted;
  };
  const Case cases[] = {
      {"UPDATE t SET a = 1", true, kAutocommit, "record "},
      {"UPDATE t SET a = 1", true, kOpen, "collect "},
      {"UPDATE t SET a = 1", true, kOff, "collect "},
      {"UPDATE t SET a = 1", false, kOpen, ""},
      {"UPDATE t SET a = 1; DELETE FROM t", true, kOpen, "collect "},
      {"CALL p()", true, kAutocommit, "record "},
      {"this is no SQL", true, kAutocommit, "record "},
      {"ALTER TABLE t ADD b INT", true, kAutocommit, "record "},
      {"ALTER TABLE t ADD b INT", true, kOpen, "commit_first record "},
      {"ALTER TABLE t ADD b INT", false, kOpen, "commit_first "},
      {"GRANT SELECT ON t TO u", true, kOpen, "commit_first record "},
      {"CREATE TEMPORARY TABLE x (a INT)", false, kOpen, ""},
      {"COMMIT", false, kOpen, "with_open "},
      {"COMMIT AND CHAIN", false, kOpen, "with_open "},
      {"BEGIN", false, kOpen, "with_open "},
      {"LOCK TABLES t WRITE", false, kOpen, "with_open "},
      {"SET autocommit = 1", false, kOpen, "with_open "},
      {"XA COMMIT 'x' ONE PHASE", false, kOpen, "with_open "},
      {"XA COMMIT 'x'", true, kAutocommit, "record "},
      {"XA COMMIT 'x'", false, kAutocommit, ""},
      {"XA COMMIT 'x'; SELECT 1", true, kAutocommit, "record "},
      {"ROLLBACK", false, kOpen, ""},
      {"SAVEPOINT a", false, kOpen, ""},
      {"COMMIT", false, kAutocommit, ""},
      {"SELECT 1", false, kOpen, ""},
      {"BEGIN; UPDATE t SET a = 1; COMMIT", true, kAutocommit, "record "},
      {"BEGIN; UPDATE t SET a = 1", true, kAutocommit, "collect "},
      {"BEGIN; UPDATE t SET a = 1; ROLLBACK", true, kAutocommit, ""},
      {"UPDATE t SET a = 1; COMMIT", true, kOpen, "with_open record "},
      {"COMMIT; BEGIN; UPDATE t SET a = 1", true, kOpen, "with_open collect "},
      {"ROLLBACK; UPDATE t SET a = 1", true, kOpen, "record "},
      {"UPDATE t SET a = 1; ALTER TABLE t ADD b INT", true, kOff, "record "},
  };
  for (const Case& row : cases) {
    EXPECT_EQ(words(plan(steps(row.text), row.change, row.before)), row.wanted) << row.text;
  }
}

TEST(Plan, what_ran_of_a_text_decides_when_it_fails) {
  const auto text = steps("BEGIN; UPDATE t SET a = 1; COMMIT; SELECT nothing");
  EXPECT_TRUE(play(text, 3, kAutocommit).commits);
  EXPECT_FALSE(play(text, 2, kAutocommit).commits);
  EXPECT_TRUE(play(text, 2, kAutocommit).leaves_open);
  EXPECT_EQ(play(steps("SELECT 1; ROLLBACK"), 2, kOpen).old, Played::Old::kDropped);
  EXPECT_EQ(play(steps("SELECT 1; ROLLBACK"), 1, kOpen).old, Played::Old::kOpen);
}

TEST(Steps, savepoints_and_xa_transactions_have_their_names) {
  EXPECT_EQ(steps("SAVEPOINT A").at(0).name, "a");
  EXPECT_EQ(steps("ROLLBACK WORK TO SAVEPOINT `A` ").at(0).name, "a");
  EXPECT_EQ(steps("RELEASE SAVEPOINT a;").at(0).name, "a");
  EXPECT_EQ(steps("XA PREPARE 'x' , 'y'").at(0).name, steps("XA COMMIT 'x','y'").at(0).name);
  EXPECT_EQ(steps("XA COMMIT 'x'").at(0).step, Step::kXaCommit);
  EXPECT_EQ(steps("XA COMMIT 'x' ONE PHASE").at(0).step, Step::kCommit);
  // As it is found in the cache: facts of another text of the same digest.
  const std::string_view spaced = "SAVEPOINT    abc";
  const auto cached = steps_of(policy::judge_text("SAVEPOINT abc", dialect()), spaced, dialect());
  EXPECT_EQ(cached.at(0).name, "abc");
  EXPECT_EQ(steps("SELECT 1; ROLLBACK TO abc").at(1).name, "abc");
  EXPECT_EQ(steps("SELECT unknown_function()").at(0).step, Step::kChange);
}

TEST(Transaction, rollback_to_a_savepoint_drops_what_came_after) {
  Transaction open;
  add(open, "a");
  open.savepoint("s");
  add(open, "b");
  open.savepoint("t");
  add(open, "c");
  open.roll_back_to("t");
  EXPECT_EQ(texts(open), "a;b;");
  open.roll_back_to("s");
  EXPECT_EQ(texts(open), "a;");
  open.roll_back_to("t");  // it went with the savepoint before it
  EXPECT_EQ(texts(open), "a;");
  add(open, "d");
  open.release("s");
  open.roll_back_to("s");
  EXPECT_EQ(texts(open), "a;d;");
  open.clear();
  EXPECT_TRUE(open.empty());
}

TEST(Transaction, is_bounded_and_counts_what_it_leaves_out) {
  Transaction open;
  for (std::size_t i = 0; i < Transaction::kMaxStatements + 5; ++i) {
    add(open, "UPDATE t SET a = " + std::to_string(i), 2);
    if (i == 2) open.savepoint("early");
  }
  policy::ChangeRequest request;
  open.put_into(request);
  EXPECT_EQ(request.statements.size(), Transaction::kMaxStatements);
  EXPECT_EQ(request.left_out, 5U);
  EXPECT_EQ(request.left_out_rows, 10U);
  EXPECT_EQ(request.statements.front().text, "UPDATE t SET a = 5");
  EXPECT_EQ(request.objects.size(), 1U);
  EXPECT_TRUE(request.transaction);
  open.roll_back_to("early");
  policy::ChangeRequest early;
  open.put_into(early);
  EXPECT_TRUE(early.statements.empty());
  EXPECT_EQ(early.left_out, 3U);
  EXPECT_EQ(early.left_out_rows, 6U);
  Transaction large;
  add(large, std::string(Transaction::kMaxBytes + 1, 'x'));
  EXPECT_EQ(texts(large).size(), Transaction::kMaxBytes + 2);
  add(large, "b");
  EXPECT_EQ(texts(large), "b;");
}

}  // namespace
}  // namespace sluice::session
