#include "policy/gate.h"

#include <gtest/gtest.h>

namespace sluice::policy {
namespace {

using parser::ActionGroup;

Verdict of(const Gate& gate, AccountKind kind, ActionGroup group) {
  return gate.row(kind)[static_cast<std::size_t>(group)];
}

TEST(Gate, the_defaults_are_the_documented_grid) {
  struct Row {
    ActionGroup group;
    const char* test_service;
    const char* test_human;
    const char* prod_service;
    const char* prod_human;
  };
  constexpr Row kRows[] = {
      {ActionGroup::Read, "pass", "pass", "pass", "pass"},
      {ActionGroup::Session, "pass", "pass", "pass", "pass"},
      {ActionGroup::Transaction, "pass", "pass", "pass", "pass"},
      {ActionGroup::Dml, "pass", "record", "pass", "review"},
      {ActionGroup::Ddl, "record", "record", "review", "review"},
      {ActionGroup::Account, "review", "review", "review", "review"},
      {ActionGroup::Server, "deny", "deny", "deny", "deny"},
      {ActionGroup::Opaque, "pass", "record", "review", "review"},
  };
  const Gate test = default_gate(true);
  const Gate prod = default_gate(false);
  for (const Row& row : kRows) {
    SCOPED_TRACE(parser::to_string(row.group));
    EXPECT_EQ(name(of(test, AccountKind::kService, row.group)), row.test_service);
    EXPECT_EQ(name(of(test, AccountKind::kHuman, row.group)), row.test_human);
    EXPECT_EQ(name(of(prod, AccountKind::kService, row.group)), row.prod_service);
    EXPECT_EQ(name(of(prod, AccountKind::kHuman, row.group)), row.prod_human);
  }
}

TEST(Gate, a_text_changes_what_it_names_and_keeps_the_rest) {
  const Gate prod = default_gate(false);
  const auto reading = parse_gate(
      R"({"human": {"dml": "hold"}, "max_affected_rows": 1000, "shadow": true, "hold_seconds": 30})",
      prod);
  ASSERT_TRUE(reading.errors.empty());
  EXPECT_EQ(of(reading.gate, AccountKind::kHuman, ActionGroup::Dml), Verdict::kHold);
  EXPECT_EQ(of(reading.gate, AccountKind::kHuman, ActionGroup::Ddl), Verdict::kReview);
  EXPECT_EQ(reading.gate.service, prod.service);
  EXPECT_EQ(reading.gate.max_affected_rows, 1000U);
  EXPECT_TRUE(reading.gate.shadow);
  EXPECT_EQ(reading.gate.hold_limit, std::chrono::seconds(30));
  EXPECT_EQ(parse_gate("", prod).gate, prod);
  EXPECT_EQ(parse_gate(to_json(reading.gate), default_gate(true)).gate, reading.gate);
}

TEST(Gate, every_fault_is_named_by_its_key) {
  struct Case {
    const char* text;
    std::vector<std::string> keys;
  };
  const Case cases[] = {
      {"[]", {""}},
      {"{", {""}},
      {R"({"robot": {}})", {"robot"}},
      {R"({"human": 1})", {"human"}},
      {R"({"human": {"dml": "maybe", "dll": "deny"}})", {"human.dml", "human.dll"}},
      {R"({"human": {"ddl": 3}, "shadow": "yes"})", {"human.ddl", "shadow"}},
      {R"({"service": {"read": "review"}})", {"service.read"}},
      {R"({"service": {"session": "record"}})", {"service.session"}},
      {R"({"max_affected_rows": -1, "hold_seconds": 0})", {"max_affected_rows", "hold_seconds"}},
      {R"({"hold_seconds": 1e9})", {"hold_seconds"}},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.text);
    std::vector<std::string> keys;
    for (const auto& error : parse_gate(one.text, default_gate(true)).errors) {
      keys.push_back(error.key);
      EXPECT_FALSE(error.message.empty());
    }
    EXPECT_EQ(keys, one.keys);
  }
}

TEST(Gate, reads_may_be_denied) {
  const auto reading = parse_gate(R"({"human": {"read": "deny"}})", default_gate(false));
  ASSERT_TRUE(reading.errors.empty());
  EXPECT_EQ(of(reading.gate, AccountKind::kHuman, ActionGroup::Read), Verdict::kDeny);
}

}  // namespace
}  // namespace sluice::policy
