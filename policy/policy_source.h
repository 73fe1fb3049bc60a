// Where the data path's verdicts come from. A source is shared by all threads; each thread asks it
// for a Judge of its own, which may keep caches without locks and lives until its thread ends.
#pragma once

#include <atomic>
#include <memory>

#include "policy/decide.h"
#include "policy/shared_value.h"

namespace sluice::policy {

class TextJudge;

// One thread's judge. judge() is called once a command, before any byte of it reaches a server.
class Judge {
 public:
  virtual ~Judge() = default;
  [[nodiscard]] virtual Decision judge(const Context& context, const Submission& submission) = 0;
  // What the last judge() call found of its text, for the account of it; null when this judge reads
  // no texts.
  [[nodiscard]] virtual const TextJudge* texts() const noexcept { return nullptr; }
  // Called once for each permitted text (query, prepare, execute) whose answer ended in order, with
  // the session as it is then. A text whose server was lost is not heard of.
  virtual void ended(const Context& /*context*/, const Outcome& /*outcome*/) {}
};

class PolicySource {
 public:
  virtual ~PolicySource() = default;
  // The set in force. Any thread.
  [[nodiscard]] virtual std::shared_ptr<const PolicySet> current() const = 0;
  // Any thread; the judge is then used by one thread only. The source outlives its judges.
  [[nodiscard]] virtual std::unique_ptr<Judge> make_judge() = 0;
};

// A source that holds one set at a time; replace() takes effect with each thread's next statement.
class FixedPolicySource final : public PolicySource {
 public:
  explicit FixedPolicySource(PolicySet set);
  // One thread at a time. The set's version is given here.
  void replace(PolicySet set);
  [[nodiscard]] std::shared_ptr<const PolicySet> current() const override { return set_.load(); }
  [[nodiscard]] std::unique_ptr<Judge> make_judge() override;
  // Grows with replace(): a judge compares it before it takes the set anew, so that a statement
  // costs one relaxed load.
  [[nodiscard]] std::uint64_t version() const noexcept {
    return version_.load(std::memory_order_acquire);
  }

 private:
  SharedValue<PolicySet> set_;
  std::atomic<std::uint64_t> version_{1};
};

}  // namespace sluice::policy
