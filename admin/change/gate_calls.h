// CALL sluice.…(): what a MySQL client asks of the gate. Each call is a row of one table, and obeys
// what the console allows: to the account's person, or to an application what is its own.
//
// Any thread; blocks on the store and, for explain(), on a server.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "admin/change/gate_sink.h"

namespace sluice::change {

class GateCalls {
 public:
  using Answer = std::variant<policy::SluiceAnswer, policy::Refusal>;
  using Arguments = std::vector<std::optional<std::string>>;

  GateCalls(GateServices& services, GateSink& sink, const policy::ChangeOrigin& origin)
      : services_(services), sink_(sink), origin_(origin) {}

  [[nodiscard]] Answer call(const std::string& name, const Arguments& arguments);

 private:
  using Function = Answer (GateCalls::*)(const Arguments&);
  struct Row {
    std::string_view name;
    std::size_t arguments;
    std::string_view usage;
    Function function;
  };
  static const std::vector<Row>& table();

  [[nodiscard]] Answer status(const Arguments&);
  [[nodiscard]] Answer issues(const Arguments&);
  [[nodiscard]] Answer issue(const Arguments& arguments);
  [[nodiscard]] Answer explain(const Arguments& arguments);
  [[nodiscard]] Answer approve(const Arguments& arguments);
  [[nodiscard]] Answer reject(const Arguments& arguments);
  [[nodiscard]] Answer wait(const Arguments& arguments);
  [[nodiscard]] Answer rollback(const Arguments& arguments);
  [[nodiscard]] Answer history(const Arguments& arguments);
  [[nodiscard]] Answer break_glass(const Arguments& arguments);

  // Who asks, as far as the store knows; a refusal when it does not answer.
  [[nodiscard]] std::optional<policy::Refusal> find_caller();
  [[nodiscard]] bool is_person() const noexcept { return user_.id != 0; }
  // The issue of a number, if the caller may see it.
  struct Seen {
    std::optional<policy::Refusal> refusal;
    store::IssueState state;
  };
  [[nodiscard]] Seen see(const std::optional<std::string>& number);
  [[nodiscard]] bool may(policy::Action action, store::Id project);
  [[nodiscard]] policy::Refusal denied(policy::Action action);
  [[nodiscard]] store::Result<Actor> actor_in(store::Id project);
  [[nodiscard]] Answer acted(const char* action, const store::Result<store::IssueState>& state,
                             const std::string& detail);
  [[nodiscard]] bool audit(const std::string& action, const std::string& target,
                           const std::string& outcome, const std::string& detail);
  [[nodiscard]] std::string state_word(const store::IssueState& state);
  [[nodiscard]] std::vector<std::optional<std::string>> issue_row(const store::IssueState& state);
  [[nodiscard]] std::string issue_text(const store::IssueState& state);

  GateServices& services_;
  GateSink& sink_;
  const policy::ChangeOrigin& origin_;
  std::optional<store::AccountEntry> account_;  // nothing: one of the configuration file
  store::User user_;
};

}  // namespace sluice::change
