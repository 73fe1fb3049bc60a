// A change sink that remembers what it was told, a line a call, and answers as it is told.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include <unistd.h>

#include "policy/change_sink.h"

namespace sluice::test {

class ScriptedSink final : public policy::ChangeSink {
 public:
  using Checked = std::optional<policy::Refusal>;
  // Set before the statement that calls it.
  std::function<Checked(const policy::ChangeRequest&)> on_check;
  std::function<Checked(const policy::ChangeRequest&)> on_begin;
  std::function<policy::ChangeReview(const policy::ChangeRequest&)> on_review;
  std::function<policy::ChangeReview(int asked)> on_state;
  std::function<std::variant<policy::SluiceAnswer, policy::Refusal>(
      const std::string&, const std::vector<std::optional<std::string>>&)>
      on_call;

  static policy::Refusal refusal(std::string message) {
    return {.code = 1105, .sqlstate = "45000", .rule = "test", .message = std::move(message)};
  }

  Checked check(const policy::ChangeRequest& request) override {
    note("check " + texts(request.statements));
    return on_check ? on_check(request) : std::nullopt;
  }
  std::variant<policy::ChangeBegun, policy::Refusal> begin(
      const policy::ChangeRequest& request) override {
    if (const auto no = on_begin ? on_begin(request) : std::nullopt) {
      note("refused " + texts(request.statements));
      return *no;
    }
    const std::lock_guard lock(mutex_);
    ++next_;
    last_ = request;
    lines_.push_back("begin " + std::to_string(next_) + (request.transaction ? " tx " : " ") +
                     texts(request.statements));
    return policy::ChangeBegun{next_, "/* sluice:" + std::to_string(next_) + " */"};
  }
  void end(const policy::ChangeEnd& end) override {
    std::string line = "end " + std::to_string(end.id);
    line += end.lost ? " lost" : end.undone ? " undone" : end.error != 0 ? " failed" : " ok";
    if (end.error != 0) line += " " + std::to_string(end.error);
    for (const auto& statement : end.statements) {
      line += " " + std::to_string(statement.affected_rows);
    }
    if (!end.gtids.empty()) line += " gtid";
    note(line);
  }
  std::variant<policy::ChangeReview, policy::Refusal> review(const policy::ChangeRequest& request,
                                                             bool hold) override {
    note(std::string(hold ? "hold " : "review ") +
         (request.title.empty() ? "" : "'" + request.title + "' ") + texts(request.statements));
    if (on_review) return on_review(request);
    return policy::ChangeReview{.issue = 42,
                                .message = "Sluice: change #42 needs review: http://x/issues/42"};
  }
  std::variant<policy::ChangeReview, policy::Refusal> state(std::int64_t) override {
    const std::lock_guard lock(mutex_);
    ++states_;
    if (on_state) return on_state(states_);
    return policy::ChangeReview{};
  }
  std::variant<policy::ChangeBegun, policy::Refusal> claim(
      std::int64_t issue, const policy::ChangeOrigin& origin) override {
    note("claim " + std::to_string(issue) + (origin.backend_thread != 0 ? "" : " nowhere"));
    return policy::ChangeBegun{1000 + issue, "/* sluice:" + std::to_string(1000 + issue) + " */"};
  }
  void withdraw(std::int64_t issue) override { note("withdraw " + std::to_string(issue)); }
  std::variant<policy::SluiceAnswer, policy::Refusal> call(
      const policy::ChangeOrigin&, const std::string& name,
      const std::vector<std::optional<std::string>>& arguments) override {
    std::string line = "call " + name;
    for (const auto& argument : arguments) line += " " + argument.value_or("NULL");
    note(line);
    if (on_call) return on_call(name, arguments);
    return policy::SluiceAnswer{{"a", "b"}, {{"1", std::nullopt}, {"two", "x"}}, false};
  }

  // The lines since the last call of it, a line each.
  [[nodiscard]] std::string told() {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& line : lines_) all += line + "\n";
    lines_.clear();
    return all;
  }
  // Waits until a line of that beginning was told.
  [[nodiscard]] bool hears(const std::string& beginning) {
    for (int i = 0; i < 6000; ++i) {
      {
        const std::lock_guard lock(mutex_);
        for (const auto& line : lines_) {
          if (line.starts_with(beginning)) return true;
        }
      }
      ::usleep(10000);
    }
    return false;
  }
  // Of the last begin().
  [[nodiscard]] policy::ChangeRequest last() {
    const std::lock_guard lock(mutex_);
    return last_;
  }

 private:
  static std::string texts(const std::vector<policy::ChangeStatement>& statements) {
    std::string all;
    for (const auto& statement : statements) all += (all.empty() ? "" : " | ") + statement.text;
    return all;
  }
  void note(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }

  std::mutex mutex_;
  std::vector<std::string> lines_;
  policy::ChangeRequest last_;
  std::int64_t next_ = 0;
  int states_ = 0;
};

}  // namespace sluice::test
