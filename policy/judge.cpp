#include "policy/judge.h"

#include <utility>

namespace sluice::policy {

TextJudge::TextJudge()
    : digest_(std::make_unique<parser::StatementDigest>()), cache_(kCachedTexts) {}

std::shared_ptr<const TextJudge::Known> TextJudge::know(const Context& context,
                                                        const Submission& submission) {
  std::string schema = std::move(dialect_.schema);  // its memory is used again
  dialect_ = dialect(context, submission.kind != Submission::Kind::kQuery);
  schema.assign(context.session.schema);
  dialect_.schema = std::move(schema);
  digest_->read(submission.text, dialect_);
  if (const auto* found = cache_.find(*digest_, dialect_)) return *found;
  auto known = std::make_shared<Known>();
  known->judged = std::make_shared<const Judged>(judge_text(submission.text, dialect_));
  cache_.insert(*digest_, dialect_, known);
  return known;
}

Decision TextJudge::judge(const PolicySet& policies, const Context& context,
                          const Submission& submission) {
  text_.reset();
  ruling_ = {};
  // Where every text passes, none is read, but those of an account that may not use every database.
  const bool restricted = context.account != nullptr && !context.account->databases.empty();
  if ((policies.transparent && !restricted) || submission.kind == Submission::Kind::kCommand) {
    return decide(policies, context, submission, ruling_);
  }
  const std::shared_ptr<const Known> known = know(context, submission);
  text_ = known->judged;
  const InstancePolicy* policy = policies.find(context.instance);
  if (known->version != policies.version || known->policy != policy) {
    known->groups = groups_of(*known->judged, context.session.schema,
                              policy == nullptr ? nullptr : policy->programs.get());
    known->version = policies.version;
    known->policy = policy;
  }
  ruling_ = rule(policies, context, *known->judged, known->groups);
  if (policies.transparent && ruling_.verdict == Verdict::kPass) {
    return decide(policies, context, submission, ruling_);
  }
  return decide(ruling_, context, submission, known->judged);
}

}  // namespace sluice::policy
