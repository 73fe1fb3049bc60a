#include "policy/policy_source.h"

#include <utility>

#include "policy/judge.h"

namespace sluice::policy {
namespace {

class FixedJudge final : public Judge {
 public:
  explicit FixedJudge(const FixedPolicySource& source)
      : source_(source), version_(source.version()), set_(source.current()) {}

  const TextJudge* texts() const noexcept override { return &judge_; }

  Decision judge(const Context& context, const Submission& submission) override {
    if (const auto version = source_.version(); version != version_) {
      version_ = version;
      set_ = source_.current();
    }
    return judge_.judge(*set_, context, submission);
  }

 private:
  const FixedPolicySource& source_;
  std::uint64_t version_;
  std::shared_ptr<const PolicySet> set_;
  TextJudge judge_;
};

}  // namespace

FixedPolicySource::FixedPolicySource(PolicySet set)
    : set_(std::make_shared<const PolicySet>(std::move(set))) {}

void FixedPolicySource::replace(PolicySet set) {
  // Judges keep what they looked up by this number.
  set.version = version_.load(std::memory_order_acquire) + 1;
  set_.store(std::make_shared<const PolicySet>(std::move(set)));
  version_.fetch_add(1, std::memory_order_release);
}

std::unique_ptr<Judge> FixedPolicySource::make_judge() {
  return std::make_unique<FixedJudge>(*this);
}

}  // namespace sluice::policy
