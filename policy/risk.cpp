#include "policy/risk.h"

#include <algorithm>
#include <array>
#include <optional>

namespace sluice::policy {
namespace {

using parser::ActionGroup;
using rules::Sheet;
using rules::SheetStatement;
using rules::Situation;
using Kind = schema::AlterAction::Kind;

// Looks at one statement; adds its reasons.
class Assessor {
 public:
  Assessor(const Situation& situation, const RiskLimits& limits, RiskAssessment& out)
      : situation_(situation), limits_(limits), out_(out) {}

  void look(std::size_t index, const SheetStatement& statement) {
    index_ = index;
    const auto* facts = statement.facts();
    if (!facts) return add(Risk::kHigh, "The statement is not understood.");
    switch (facts->group) {
      case ActionGroup::Opaque:
        return add(Risk::kHigh, "What the statement does cannot be seen in it.");
      case ActionGroup::Account: return add(Risk::kHigh, "It changes accounts or privileges.");
      case ActionGroup::Server: return add(Risk::kHigh, "It changes the server.");
      case ActionGroup::Dml: return data(*facts);
      case ActionGroup::Ddl: return std::visit(*this, statement.ddl.body);
      default: return;
    }
  }

  void operator()(const schema::Drop& drop) {
    using Object = schema::ObjectKind;
    if (drop.temporary) return;
    if (drop.kind == Object::Table || drop.kind == Object::Database)
      return add(Risk::kHigh, "It drops what holds rows.");
    add(Risk::kModerate, "It drops what programs may use.");
  }
  void operator()(const schema::Truncate&) { add(Risk::kHigh, "It empties a table."); }
  void operator()(const schema::RenameTables&) {
    add(Risk::kModerate, "It gives tables other names.");
  }
  void operator()(const schema::CreateTable& create) {
    if (create.or_replace && !create.table.temporary)
      add(Risk::kHigh, "It may replace a table, with its rows.");
  }
  void operator()(const schema::Create& create) {
    if (create.or_replace || create.alter)
      add(Risk::kModerate, "It may replace what programs use.");
  }
  void operator()(const schema::Database& database) {
    if (database.verb == schema::Database::Verb::Alter)
      add(Risk::kModerate, "It changes the defaults of a database.");
  }
  void operator()(const schema::Other&) { add(Risk::kModerate, "It changes the schema."); }
  void operator()(const schema::AlterTable& alter) {
    for (const auto& action : alter.actions) {
      if (action.kind == Kind::DropColumn || action.kind == Kind::DropPartition ||
          action.kind == Kind::TruncatePartition) {
        return add(Risk::kHigh, "It drops values of table '" + alter.name.name + "'.");
      }
    }
    const auto rows = situation_.table_rows.find(alter.name.name);
    if (rows != situation_.table_rows.end() && rows->second > limits_.large_table) {
      return add(Risk::kHigh, "Table '" + alter.name.name + "' has about " +
                                  std::to_string(rows->second) + " rows.");
    }
    add(Risk::kModerate, "It alters table '" + alter.name.name + "'.");
  }

 private:
  void add(Risk risk, std::string what) { out_.reasons.push_back({risk, index_, std::move(what)}); }

  void data(const parser::StatementFacts& facts) {
    auto rows = facts.inserted_rows;
    const auto estimate = situation_.affected_rows.find(index_);
    if (!rows && estimate != situation_.affected_rows.end()) rows = estimate->second;
    // A LIMIT of UPDATE and DELETE bounds what is changed.
    if (facts.limit && !facts.class_name.ends_with("_select"))
      rows = std::min(rows.value_or(*facts.limit), *facts.limit);
    if (!rows) {
      const bool all = !facts.has_where && (facts.class_name.starts_with("update") ||
                                            facts.class_name.starts_with("delete"));
      return add(all ? Risk::kHigh : Risk::kModerate,
                 all ? "It changes every row of a table." : "Nobody counted the rows it changes.");
    }
    if (*rows <= limits_.few_rows) return;
    add(*rows > limits_.many_rows ? Risk::kHigh : Risk::kModerate,
        "It changes about " + std::to_string(*rows) + " rows.");
  }

  const Situation& situation_;
  const RiskLimits& limits_;
  RiskAssessment& out_;
  std::size_t index_ = 0;
};

}  // namespace

std::string_view name(Risk risk) noexcept {
  static constexpr std::array<std::string_view, 3> kNames{"low", "moderate", "high"};
  return kNames[static_cast<std::size_t>(risk)];
}

RiskAssessment assess(const Sheet& sheet, const rules::Review& review, const Situation& situation,
                      const RiskLimits& limits) {
  RiskAssessment out;
  for (const auto& finding : review.findings) {
    const bool error = finding.level == rules::Level::kError;
    out.reasons.push_back(
        {error ? Risk::kHigh : Risk::kModerate, finding.statement, finding.detail});
  }
  Assessor assessor(situation, limits, out);
  for (std::size_t i = 0; i < sheet.statements().size(); ++i)
    assessor.look(i, sheet.statements()[i]);
  std::stable_sort(out.reasons.begin(), out.reasons.end(),
                   [](const RiskReason& a, const RiskReason& b) { return a.risk > b.risk; });
  if (!out.reasons.empty()) out.risk = out.reasons.front().risk;
  return out;
}

}  // namespace sluice::policy
