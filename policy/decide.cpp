#include "policy/decide.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <exception>
#include <utility>

#include "parser/sqltext/quote.h"

namespace sluice::policy {
namespace {

constexpr std::size_t kMaxTracked = 65536;      // bytes of a list of tracked variables
constexpr std::size_t kMaxAskedSyntax = 65536;  // bytes of a text that the server is asked about

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

constexpr std::size_t kHeader = 4;
constexpr std::size_t kMaxFrame = 0xffffff;  // payload of a frame that another follows

std::size_t frame_length(std::span<const std::uint8_t> frames, std::size_t at) noexcept {
  return frames[at] | std::size_t{frames[at + 1]} << 8U | std::size_t{frames[at + 2]} << 16U;
}

// A comment that no server reads as code or hint, and that ends where it seems to.
bool is_plain_comment(std::string_view tag) noexcept {
  if (tag.size() < 5 || !tag.starts_with("/* ") || !tag.ends_with(" */")) return false;
  return std::ranges::all_of(tag.substr(2, tag.size() - 4), [](char c) {
    return c >= ' ' && c <= '~' && c != '*' && c != '\\' && c != '`' && c != '"' && c != '\'';
  });
}

// The frames of a query with a tag before its text, which is the end of the payload. False when it
// would take more frames: the answer is numbered behind them.
bool put_tag(std::span<const std::uint8_t> frames, std::string_view tag, std::size_t text,
             std::vector<std::uint8_t>& out) {
  const std::size_t length = frames.size() < kHeader ? 0 : frame_length(frames, 0);
  if (length + kHeader != frames.size() || length < text) return false;
  const std::size_t tagged = length + tag.size();
  if (tagged >= kMaxFrame) return false;
  const auto body = frames.subspan(kHeader);
  const auto before = body.first(length - text);
  out = {static_cast<std::uint8_t>(tagged), static_cast<std::uint8_t>(tagged >> 8U),
         static_cast<std::uint8_t>(tagged >> 16U), frames[3]};
  out.insert(out.end(), before.begin(), before.end());
  out.insert(out.end(), tag.begin(), tag.end());
  out.insert(out.end(), body.end() - static_cast<std::ptrdiff_t>(text), body.end());
  return true;
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
#define SLUICE_ASK(trackers)                                          \
  "SELECT CAST(CONCAT_WS(CHAR(10),@@sql_mode,@@character_set_client," \
  "@@character_set_client=@@character_set_server AND "                \
  "@@character_set_results<=>@@character_set_server AND "             \
  "@@collation_connection=@@collation_server,@@collation_connection," \
  "@@lower_case_table_names," trackers ",DATABASE()) AS BINARY)"

class Maker {
 public:
  static Change change(const Submission& submission, const Ruling& ruling,
                       std::shared_ptr<const Judged> judged) {
    return Change(submission, ruling.verdict, ruling.group, ruling.rule, std::move(judged));
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
  static constexpr auto kAutocommitOffFrame = query_frame("SET autocommit=0");
  static constexpr auto kAutocommitOnFrame = query_frame("SET autocommit=1");
  static constexpr auto kCommitFrame = query_frame("COMMIT");
  static constexpr auto kRollbackFrame = query_frame("ROLLBACK");
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
    case Control::kAutocommitOff: return Permit(kAutocommitOffFrame);
    case Control::kAutocommitOn: return Permit(kAutocommitOnFrame);
    case Control::kCommit: return Permit(kCommitFrame);
    case Control::kRollback: return Permit(kRollbackFrame);
  }
  return Permit(kPing);
}

#undef SLUICE_ASK

Permit Permit::kill(std::uint32_t id, bool query_only, std::vector<std::uint8_t>& frames) {
  frame_query((query_only ? "KILL QUERY " : "KILL ") + std::to_string(id), frames);
  return Permit(frames);
}

Permit Permit::names(std::string_view charset, std::string_view collation,
                     std::vector<std::uint8_t>& frames) {
  frame_query("SET NAMES " + only_names(charset) + " COLLATE " + only_names(collation), frames);
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

Change::Change(const Submission& submission, Verdict verdict, parser::ActionGroup group,
               std::string_view rule, std::shared_ptr<const Judged> judged)
    : frames_(submission.frames.begin(), submission.frames.end()),
      text_(submission.text),
      kind_(submission.kind),
      verdict_(verdict),
      group_(group),
      rule_(rule),
      judged_(std::move(judged)) {}

Permit Change::release(std::int64_t id, std::string_view tag,
                       std::vector<std::uint8_t>& frames) && {
  assert(id != 0);  // an id comes of a row that was written first
  if (id == 0) std::terminate();
  const bool tagged = kind_ == Submission::Kind::kQuery && is_plain_comment(tag) &&
                      put_tag(frames_, tag, text_.size(), frames);
  if (!tagged) frames = std::move(frames_);
  return Maker::permit(frames);
}

Permit Change::release_collected(std::vector<std::uint8_t>& frames) && {
  frames = std::move(frames_);
  return Maker::permit(frames);
}

Permit Permit::reset_statement(std::uint32_t id, std::vector<std::uint8_t>& frames) {
  constexpr std::uint8_t kCommand = 0x1a;
  frames = {5, 0, 0, 0, kCommand};
  for (unsigned i = 0; i < 4; ++i) frames.push_back(static_cast<std::uint8_t>(id >> (8 * i)));
  return Permit(frames);
}

Permit Permit::ask_variables(std::span<const std::string> variables, std::string_view charset,
                             std::vector<std::uint8_t>& frames) {
  std::string text = "SELECT CAST(CONCAT_WS(','";
  for (const std::string& variable : variables) {
    const std::string name = "@" + sqltext::quote_identifier(variable);
    const std::string value =
        charset.empty() ? name : "CONVERT(" + name + " USING " + std::string(charset) + ")";
    text += ",IF(" + name + " IS NULL,'N',HEX(CAST(" + value + " AS BINARY)))";
  }
  text += ") AS BINARY)";
  frame_query(text, frames);
  return Permit(frames);
}

std::optional<Permit> Permit::ask_syntax(std::string_view text, std::vector<std::uint8_t>& frames) {
  const bool plain = std::ranges::all_of(
      text, [](char c) { return c != '\\' && c != '\0' && static_cast<unsigned char>(c) < 0x80; });
  if (!plain || text.size() > kMaxAskedSyntax) return std::nullopt;
  std::string asked = "PREPARE `sluice syntax` FROM '";
  for (const char c : text) asked.append(c == '\'' ? 2 : 1, c);
  frame_query(asked += "'", frames);
  return Permit(frames);
}

Permit Permit::forget_syntax(std::vector<std::uint8_t>& frames) {
  frame_query("DEALLOCATE PREPARE `sluice syntax`", frames);
  return Permit(frames);
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
  if (judged->calls_sluice) return SluiceCall{std::move(judged)};
  if (ruling.policy->gate.shadow || ruling.policy->transparent)
    return Maker::permit(submission.frames);
  const bool preparing = submission.kind == Submission::Kind::kPrepare;
  if (ruling.verdict == Verdict::kDeny) return refuse(ruling, context);
  if (const auto variable = judged->prepares_from();
      !variable.empty() && judged->statements.front().class_name == "prepare_sql") {
    return NeedsValue{std::string(variable), judged->statements.front().prepared_name};
  }
  // Preparing runs nothing; what was prepared is judged again when it is to run.
  if (ruling.verdict == Verdict::kPass || preparing || judged->only_prepares()) {
    return Maker::permit(submission.frames);
  }
  return Maker::change(submission, ruling, std::move(judged));
}

}  // namespace sluice::policy
