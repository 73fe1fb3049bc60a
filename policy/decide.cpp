#include "policy/decide.h"

#include <array>

namespace sluice::policy {

class Maker {
 public:
  static Permit permit(std::span<const std::uint8_t> frames) noexcept { return Permit(frames); }
};

Permit Permit::control(Control command) noexcept {
  static constexpr std::array<std::uint8_t, 5> kReset{1, 0, 0, 0, 0x1f};
  static constexpr std::array<std::uint8_t, 5> kPing{1, 0, 0, 0, 0x0e};
  static constexpr std::array<std::uint8_t, 5> kQuit{1, 0, 0, 0, 0x01};
  switch (command) {
    case Control::kResetConnection: return Permit(kReset);
    case Control::kPing: return Permit(kPing);
    case Control::kQuit: return Permit(kQuit);
  }
  return Permit(kPing);
}

Permit Permit::kill(std::uint32_t id, bool query_only, std::vector<std::uint8_t>& frames) {
  const std::string text = (query_only ? "KILL QUERY " : "KILL ") + std::to_string(id);
  frames = {static_cast<std::uint8_t>(text.size() + 1), 0, 0, 0, 0x03};
  frames.insert(frames.end(), text.begin(), text.end());
  return Permit(frames);
}

Decision decide(const PolicySet& policies, const Context& context, const Submission& submission) {
  if (context.account == nullptr || !policies.transparent) {
    return Refusal{.code = 1105,
                   .sqlstate = "HY000",
                   .rule = "no-policy",
                   .message = "Sluice refused the statement: no policy permits it"};
  }
  return Maker::permit(submission.frames);
}

}  // namespace sluice::policy
