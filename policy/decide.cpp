#include "policy/decide.h"

#include <array>
#include <cassert>
#include <exception>
#include <utility>

namespace sluice::policy {
namespace {

constexpr std::size_t kMaxTracked = 65536;  // bytes of a list of tracked variables

// COM_QUERY of a fixed text, with its frame's header.
template <std::size_t N>
constexpr std::array<std::uint8_t, N + 4> query_frame(const char (&text)[N]) noexcept {
  std::array<std::uint8_t, N + 4> frame{static_cast<std::uint8_t>(N & 0xff),
                                        static_cast<std::uint8_t>(N >> 8), 0, 0, 0x03};
  for (std::size_t i = 0; i + 1 < N; ++i) frame[i + 5] = static_cast<std::uint8_t>(text[i]);
  return frame;
}

void frame_query(std::string_view text, std::vector<std::uint8_t>& frames) {
  const std::size_t size = text.size() + 1;
  frames = {static_cast<std::uint8_t>(size), static_cast<std::uint8_t>(size >> 8),
            static_cast<std::uint8_t>(size >> 16), 0, 0x03};
  frames.insert(frames.end(), text.begin(), text.end());
}

// Names of variables, commas and the star: nothing that could end a string.
std::string only_names(std::string_view list) {
  std::string names;
  for (const char c : list.substr(0, kMaxTracked)) {
    const bool name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '.' || c == ',' || c == '*' || c == ' ';
    if (name) names += c;
  }
  return names;
}

}  // namespace

// The schema comes last, since a name may hold a line end; CONCAT_WS leaves it out when there is
// none. CAST keeps the bytes from being converted to character_set_results.
#define SLUICE_ASK(trackers)                                                     \
  "SELECT CAST(CONCAT_WS(CHAR(10),@@sql_mode,@@character_set_client,"            \
  "@@character_set_client=@@character_set_server AND "                           \
  "@@character_set_results<=>@@character_set_server AND "                        \
  "@@collation_connection=@@collation_server,@@lower_case_table_names," trackers \
  ",DATABASE()) AS BINARY)"

class Maker {
 public:
  static Change change(Permit permit, const Ruling& ruling,
                       std::shared_ptr<const Judged> judged) noexcept {
    return Change(std::move(permit), ruling.verdict, ruling.group, ruling.rule, std::move(judged));
  }
  static Permit permit(std::span<const std::uint8_t> frames) noexcept { return Permit(frames); }
};

namespace {

Refusal refuse(const Ruling& ruling, const Context& context) {
  return {.code = 1105,
          .sqlstate = "45000",
          .rule = std::string(ruling.rule),
          .message = denial(ruling, context)};
}

}  // namespace

Permit Permit::control(Control command) noexcept {
  static constexpr auto kAskMysqlFrame = query_frame(
      SLUICE_ASK("@@session_track_schema,@@session_track_system_variables,@@session_track_gtids"));
  static constexpr auto kAskMariadbFrame =
      query_frame(SLUICE_ASK("@@session_track_schema,@@session_track_system_variables,0"));
  static constexpr auto kAskUntrackedFrame = query_frame(SLUICE_ASK("0,0,0"));
  static constexpr std::array<std::uint8_t, 5> kReset{1, 0, 0, 0, 0x1f};
  static constexpr std::array<std::uint8_t, 5> kPing{1, 0, 0, 0, 0x0e};
  static constexpr std::array<std::uint8_t, 5> kQuit{1, 0, 0, 0, 0x01};
  switch (command) {
    case Control::kResetConnection: return Permit(kReset);
    case Control::kPing: return Permit(kPing);
    case Control::kQuit: return Permit(kQuit);
    case Control::kAskMysql: return Permit(kAskMysqlFrame);
    case Control::kAskMariadb: return Permit(kAskMariadbFrame);
    case Control::kAskUntracked: return Permit(kAskUntrackedFrame);
  }
  return Permit(kPing);
}

#undef SLUICE_ASK

Permit Permit::kill(std::uint32_t id, bool query_only, std::vector<std::uint8_t>& frames) {
  frame_query((query_only ? "KILL QUERY " : "KILL ") + std::to_string(id), frames);
  return Permit(frames);
}

Permit Permit::track(std::string_view variables, bool schema, std::string_view gtids,
                     std::vector<std::uint8_t>& frames) {
  std::string text = "SET session_track_schema=";
  text += schema ? "ON" : "OFF";
  if (!gtids.empty()) text += ",session_track_gtids=" + only_names(gtids);
  text += ",session_track_system_variables='" + only_names(variables) + "'";
  frame_query(text, frames);
  return Permit(frames);
}

std::optional<Refusal> refusal_of(const Decision& decision) {
  if (std::holds_alternative<Permit>(decision)) return std::nullopt;
  if (const auto* no = std::get_if<Refusal>(&decision)) return *no;
  const auto* change = std::get_if<Change>(&decision);
  Refusal refusal{.code = 1105, .sqlstate = "45000", .rule = "no-change-keeper", .message = {}};
  refusal.message = "Sluice refused the statement (rule no-change-keeper): ";
  if (change != nullptr) {
    refusal.message += "it is to be handled as '" + std::string(name(change->verdict())) +
                       "' by rule " + std::string(change->rule()) + ", and ";
  }
  refusal.message += "this proxy keeps no changes. Make the change as an issue in the console.";
  return refusal;
}

Permit Change::release(std::int64_t id) && noexcept {
  assert(id != 0);  // an id comes of a row that was written first
  if (id == 0) std::terminate();
  return std::move(permit_);
}

Decision decide(const PolicySet& policies, const Context& context, const Submission& submission,
                const Ruling& ruling) {
  const bool known = policies.transparent || policies.find(context.instance) != nullptr;
  if (context.account == nullptr || !known) return refuse(ruling, context);
  return Maker::permit(submission.frames);
}

Decision decide(const Ruling& ruling, const Context& context, const Submission& submission,
                std::shared_ptr<const Judged> judged) {
  if (ruling.policy == nullptr || judged == nullptr || !ruling.outside.empty()) {
    return refuse(ruling, context);
  }
  if (judged->calls_sluice && submission.kind != Submission::Kind::kPrepare) {
    return SluiceCall{std::move(judged)};
  }
  if (ruling.policy->gate.shadow) return Maker::permit(submission.frames);
  const bool preparing = submission.kind == Submission::Kind::kPrepare;
  if (ruling.verdict == Verdict::kDeny) return refuse(ruling, context);
  if (const auto variable = judged->prepares_from();
      !variable.empty() && judged->statements.front().class_name == "prepare_sql") {
    return NeedsValue{std::string(variable), judged->statements.front().prepared_name};
  }
  // Preparing runs nothing; what was prepared is judged again when it is to run.
  if (ruling.verdict == Verdict::kPass || preparing) return Maker::permit(submission.frames);
  return Maker::change(Maker::permit(submission.frames), ruling, std::move(judged));
}

}  // namespace sluice::policy
