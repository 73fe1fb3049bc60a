// A text that is not understood here and is to be recorded or reviewed: mostly a slip of the
// keyboard, or a client that tries what the server knows (the mysql program sends "select $$").
// Nothing of it can run when the server does not understand it either, so the server is asked
// first, and its own error is the answer.
#include "proxy/session/session.h"

namespace sluice::session {
namespace {

constexpr std::uint16_t kSyntaxError = 1064;

}  // namespace

// The server's error; nothing: it understands the text, or cannot be asked.
net::Task<std::optional<policy::Refusal>> Session::syntax_error(const Statement& statement) {
  std::vector<std::uint8_t> frames;
  auto permit = policy::Permit::ask_syntax(statement.submission.text, frames);
  if (!permit || !backend_) co_return std::nullopt;
  std::vector<policy::Permit> permits;
  permits.push_back(std::move(*permit));
  const auto told = co_await backend_->tell(permits, kTellLimit);
  const auto& answer = told.front();
  if (answer.lost) co_return std::nullopt;
  if (answer.error.code == kSyntaxError) {
    co_return policy::Refusal{.code = answer.error.code,
                              .sqlstate = answer.error.sqlstate,
                              .rule = "syntax",
                              .message = answer.error.message};
  }
  if (answer.error.code == 0) {
    permits.clear();
    permits.push_back(policy::Permit::forget_syntax(frames));
    (void)co_await backend_->tell(permits, kTellLimit);
  }
  co_return std::nullopt;
}

}  // namespace sluice::session
