#include "policy/ruling.h"

#include <array>

#include "policy/reach.h"

namespace sluice::policy {
namespace {

using parser::Access;
using parser::ActionGroup;

// By parser::ActionGroup.
constexpr std::array<std::string_view, kActionGroups> kRules{
    "gate.read", "gate.session", "gate.transaction", "gate.dml",
    "gate.ddl",  "gate.account", "gate.server",      "gate.opaque"};

constexpr auto kChanging = Access::Write | Access::Create | Access::Alter | Access::Drop;

bool changes(const parser::ObjectUse& object) {
  return (static_cast<unsigned>(object.access) & static_cast<unsigned>(kChanging)) != 0 &&
         !object.temporary;
}

// The frozen database that the text would change, or null. What cannot be told apart changes the
// default one.
const std::pair<const std::string, DatabasePolicy>* frozen(const InstancePolicy& policy,
                                                           const Judged& judged,
                                                           const Context& context, Groups groups) {
  const auto look =
      [&policy](std::string_view schema) -> const std::pair<const std::string, DatabasePolicy>* {
    const auto found = policy.databases.find(schema);
    return found != policy.databases.end() && found->second.frozen ? &*found : nullptr;
  };
  if (policy.databases.empty()) return nullptr;
  for (const auto& facts : judged.statements) {
    for (const auto& object : facts.objects) {
      if (!changes(object)) continue;
      const std::string_view schema = object.kind == parser::ObjectKind::Schema ? object.name
                                      : object.schema.empty() ? context.session.schema
                                                              : std::string_view(object.schema);
      if (const auto* found = look(schema)) return found;
    }
  }
  return groups.has(ActionGroup::Opaque) ? look(context.session.schema) : nullptr;
}

// In an emergency nobody is waited for, and no freeze holds; what may never be is denied still.
bool break_glass(Ruling& ruling) {
  const bool changes = ruling.group > ActionGroup::Transaction;
  if (!changes || ruling.verdict == Verdict::kDeny) return false;
  ruling.verdict = Verdict::kRecord;
  ruling.rule = "break-glass";
  return true;
}

std::string allowed_groups(const VerdictRow& row) {
  std::string out;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] == Verdict::kDeny) continue;
    out += (out.empty() ? "" : ", ") + std::string(parser::to_string(static_cast<ActionGroup>(i)));
    if (row[i] != Verdict::kPass) out += " (" + std::string(name(row[i])) + ")";
  }
  return out.empty() ? "nothing" : out;
}

}  // namespace

Groups groups_of(const Judged& judged, std::string_view default_schema, const Programs* programs) {
  if (!judged.accepted || !judged.needs_lookup) return judged.groups;
  Groups groups;
  for (const auto& facts : judged.statements) {
    groups.add(groups_of(facts, default_schema, programs));
  }
  return groups;
}

Ruling rule(const PolicySet& policies, const Context& context, const Judged& judged) {
  const InstancePolicy* policy = policies.find(context.instance);
  return rule(policies, context, judged,
              groups_of(judged, context.session.schema,
                        policy == nullptr ? nullptr : policy->programs.get()));
}

Ruling rule(const PolicySet& policies, const Context& context, const Judged& judged,
            Groups groups) {
  Ruling ruling;
  if (context.account == nullptr) return ruling;
  // Before everything else: what an account may reach is no matter of the environment.
  if (const auto database = outside(*context.account, judged)) {
    ruling.rule = "account.databases";
    ruling.outside = *database;
    return ruling;
  }
  ruling.policy = policies.find(context.instance);
  if (policies.transparent || (ruling.policy != nullptr && ruling.policy->transparent)) {
    ruling.verdict = Verdict::kPass;
    ruling.rule = "transparent";
    if (policies.transparent) ruling.policy = nullptr;
    return ruling;
  }
  if (ruling.policy == nullptr) {
    ruling.rule = "no-instance-policy";
    return ruling;
  }
  // What the server makes of the text is not known for sure.
  if (!context.session.certain) groups.add(ActionGroup::Opaque);
  if (context.session.unknown_xa) groups.add(ActionGroup::Dml);
  const VerdictRow& row = ruling.policy->gate.row(context.account->kind);
  ruling.verdict = Verdict::kPass;
  ruling.group = groups.most();
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto group = static_cast<ActionGroup>(i);
    if (!groups.has(group) || row[i] < ruling.verdict) continue;
    ruling.verdict = row[i];
    ruling.group = group;
  }
  ruling.rule = kRules[static_cast<std::size_t>(ruling.group)];
  if (!context.session.certain && ruling.group == ActionGroup::Opaque) {
    ruling.rule = "uncertain-session";
  }
  if (context.session.break_glass && break_glass(ruling)) return ruling;
  if (const auto* database = frozen(*ruling.policy, judged, context, groups)) {
    ruling.verdict = Verdict::kDeny;
    ruling.rule = "freeze";
    ruling.frozen = &database->second;
    ruling.frozen_schema = database->first;
  }
  return ruling;
}

std::string denial(const Ruling& ruling, const Context& context) {
  std::string out = "Sluice refused the statement (rule " + std::string(ruling.rule) + "): ";
  if (ruling.rule == "no-policy") return out + "no policy permits it.";
  if (!ruling.outside.empty()) {
    const bool unknown = ruling.outside == kUnknownDatabase;
    out += unknown ? "it does not tell which databases it uses"
                   : "it uses the database " + std::string(ruling.outside);
    out += ", and the account '" + context.account->name + "' may use only ";
    for (const auto& database : context.account->databases) {
      out += (&database == context.account->databases.data() ? "" : ", ") + database;
    }
    return out + ".";
  }
  if (ruling.policy == nullptr) {
    return out + "the gate knows no instance '" + std::string(context.instance) +
           "'; add it in the console, or ask who runs Sluice.";
  }
  if (ruling.frozen != nullptr) {
    const std::string& reason = ruling.frozen->freeze_reason;
    return out + "changes are frozen in database " + std::string(ruling.frozen_schema) +
           (reason.empty() ? "" : ": " + reason) + ". Reads are allowed.";
  }
  const bool human = context.account->kind == AccountKind::kHuman;
  out += "a statement of group '" + std::string(parser::to_string(ruling.group)) +
         "' is not for a " + (human ? "human" : "service") + " account in " +
         ruling.policy->environment +
         ". Allowed: " + allowed_groups(ruling.policy->gate.row(context.account->kind)) + ".";
  return out;
}

}  // namespace sluice::policy
