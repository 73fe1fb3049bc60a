// The account of statements by digest: what the judge said of each, and how it ended.
#include <algorithm>

#include "parser/cache.h"
#include "proxy/session/session.h"

namespace sluice::session {
namespace {

std::uint64_t key_of(const parser::StatementDigest& digest, std::string_view account,
                     std::string_view instance) noexcept {
  const std::uint64_t tokens = parser::mix_bytes(1, digest.tokens_so_far());
  const std::uint64_t key = parser::mix_bytes(parser::mix_bytes(tokens, account), instance);
  return key == 0 ? 1 : key;
}

}  // namespace

// Of the judge's last call; nothing of it outlives the next one.
void Session::count_verdict(Statement& statement, const policy::TextJudge& texts) {
  using Kind = policy::Submission::Kind;
  const policy::Ruling& ruling = texts.last_ruling();
  const Kind kind = statement.submission.kind;
  if (!statement.judged || kind == Kind::kCommand || kind == Kind::kPrepare) return;
  const bool gated = ruling.policy != nullptr && !ruling.policy->transparent;
  const bool shadow = gated && ruling.policy->gate.shadow && ruling.outside.empty();
  if (gated) {
    statement.hold_limit = ruling.policy->gate.hold_limit;
    const bool changes_rows =
        std::ranges::any_of(statement.judged->statements,
                            [](const auto& facts) { return tells_rows(facts.class_name); });
    if (!shadow && changes_rows && ruling.policy->gate.max_affected_rows != 0) {
      statement.row_limit = ruling.policy->gate.max_affected_rows;
      statement.environment = ruling.policy->environment;
    }
  }
  const parser::StatementDigest& digest = texts.last_digest();
  const auto verdict = static_cast<std::size_t>(ruling.verdict);
  bool fresh = false;
  statement.digest = worker_.digests.enter(
      key_of(digest, account_->name, instance_->config().name),
      [&](DigestRow& row) {
        row.instance = instance_->config().name;
        row.account = account_->name;
        row.digest = digest.hash_hex();
        row.text = digest.text();
      },
      &fresh);
  worker_.digests.judged(statement.digest, verdict, shadow);
  worker_.counters.verdicts[shadow ? 0 : verdict].add();
  if (!shadow) return;
  worker_.counters.shadow_verdicts[verdict].add();
  if (fresh && ruling.verdict != policy::Verdict::kPass) {
    event(Level::kInfo, "shadow", policy::name(ruling.verdict), digest.hash_hex());
  }
}

void Session::count_end(const Inbound& in, const Statement& statement,
                        const wire::ResponseTracker::Summary& summary) {
  if (statement.digest.key == 0) return;
  const auto time = std::chrono::steady_clock::now() - in.arrived;
  const DigestOutcome outcome{
      .microseconds = static_cast<std::uint64_t>(
          std::chrono::duration_cast<std::chrono::microseconds>(time).count()),
      .rows = summary.rows,
      .affected = summary.total_affected,
      .failed = summary.error != 0};
  worker_.digests.ended(statement.digest, outcome, std::chrono::system_clock::now());
}

}  // namespace sluice::session
