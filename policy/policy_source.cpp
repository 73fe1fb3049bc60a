#include "policy/policy_source.h"

namespace sluice::policy {
namespace {

class FixedJudge final : public Judge {
 public:
  explicit FixedJudge(const FixedPolicySource& source)
      : source_(source), version_(source.version()), set_(source.current()) {}

  Decision judge(const Context& context, const Submission& submission) override {
    if (const auto version = source_.version(); version != version_) {
      version_ = version;
      set_ = source_.current();
    }
    return decide(*set_, context, submission);
  }

 private:
  const FixedPolicySource& source_;
  std::uint64_t version_;
  std::shared_ptr<const PolicySet> set_;
};

}  // namespace

FixedPolicySource::FixedPolicySource(PolicySet set)
    : set_(std::make_shared<const PolicySet>(set)) {}

void FixedPolicySource::replace(PolicySet set) {
  set_ = std::make_shared<const PolicySet>(set);
  version_.fetch_add(1, std::memory_order_release);
}

std::unique_ptr<Judge> FixedPolicySource::make_judge() {
  return std::make_unique<FixedJudge>(*this);
}

}  // namespace sluice::policy
