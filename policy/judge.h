// One thread's judge over a set of policies: a text is read to its digest, what it may do is found
// in a cache or parsed, and decide() says the rest. A hit costs a lex, a hash and a look at the
// grid; it allocates nothing.
//
// Thread: the one that uses it. Bounded: kCachedTexts entries; longer texts than the cache takes
// are parsed each time.
#pragma once

#include <memory>

#include "parser/cache.h"
#include "parser/digest.h"
#include "policy/decide.h"

namespace sluice::policy {

class TextJudge {
 public:
  static constexpr std::size_t kCachedTexts = 4096;

  TextJudge();
  TextJudge(const TextJudge&) = delete;
  TextJudge& operator=(const TextJudge&) = delete;

  // `version` tells one set from another: what was looked up in one is looked up anew in the next.
  [[nodiscard]] Decision judge(const PolicySet& policies, const Context& context,
                               const Submission& submission);

  // Of the last judge() call: what was ruled, and of which text. Valid until the next call; the
  // text is null for a command without SQL, and where every text passes unread.
  [[nodiscard]] const Ruling& last_ruling() const noexcept { return ruling_; }
  [[nodiscard]] const std::shared_ptr<const Judged>& last_text() const noexcept { return text_; }
  [[nodiscard]] const parser::StatementDigest& last_digest() const noexcept { return *digest_; }

 private:
  struct Known {
    std::shared_ptr<const Judged> judged;
    // Of the set, instance and schema of the key that it was last looked up for.
    mutable std::uint64_t version = 0;
    mutable const InstancePolicy* policy = nullptr;
    mutable Groups groups;
  };
  [[nodiscard]] std::shared_ptr<const Known> know(const Context& context,
                                                  const Submission& submission);

  std::unique_ptr<parser::StatementDigest> digest_;
  parser::FactsCache<Known> cache_;
  parser::Dialect dialect_;
  Ruling ruling_;
  std::shared_ptr<const Judged> text_;
};

}  // namespace sluice::policy
