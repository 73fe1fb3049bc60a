// statement.walk-through: what the server would refuse, found before anything runs.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

std::string sentence(const schema::Fault& fault) {
  auto text = fault.message;
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  switch (fault.code) {
    case schema::Fault::Code::OtherDatabase: return text + ".";
    default:
      return text + ": the server would refuse the statement, and those before it would stay done.";
  }
}

}  // namespace

void statement_walk_through(Check& check) {
  for (const auto& step : check.steps()) {
    for (const auto& fault : step.faults) check.report(step, fault.near, sentence(fault.fault));
  }
}

}  // namespace sluice::policy::rules
