// What a connection knows of its session on the server: asked, tracked, and given back.
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "proxy/backend/connection.h"
#include "proxy/wire/columns.h"
#include "proxy/wire/frame.h"
#include "proxy/wire/response_tracker.h"

namespace sluice::backend {
namespace {

constexpr std::chrono::milliseconds kLimit{5000};         // for the whole of it
constexpr std::size_t kMaxAnswer = std::size_t{1} << 20;  // of one packet

// The text of the one value of a row; nothing for NULL and for anything else.
std::optional<std::string> only_value(wire::Bytes payload) {
  std::optional<std::string> value;
  const auto read = wire::read_text_row(
      payload, 1, [&](std::size_t, std::optional<std::string_view> text) { value = text; });
  return read ? value : std::nullopt;
}

bool same_charsets(const SessionReport& a, const SessionReport& b) {
  return a.charset == b.charset && a.collation == b.collation &&
         a.default_charsets == b.default_charsets;
}

using Answered = Connection::Told;

// A command of ours in the form that was agreed: under QUERY_ATTRIBUTES a text has the count of its
// attributes and of their sets before it.
void append_agreed(wire::Buffer& out, wire::Bytes frame, wire::Capabilities agreed) {
  constexpr std::array<std::uint8_t, 2> kNoAttributes{0, 1};
  const std::size_t place = out.size();
  out.insert(out.end(), frame.begin(), frame.end());
  if (!agreed.has(wire::cap::kQueryAttributes) ||
      static_cast<wire::Command>(frame[wire::kFrameHeaderSize]) != wire::Command::kQuery) {
    return;
  }
  const std::size_t text = place + wire::kFrameHeaderSize + 1;
  out.insert(out.begin() + static_cast<std::ptrdiff_t>(text), kNoAttributes.begin(),
             kNoAttributes.end());
  const std::uint32_t length =
      wire::load_frame_header(out.data() + place).length + std::uint32_t{kNoAttributes.size()};
  for (std::size_t i = 0; i < 3; ++i) {
    out[place + i] = static_cast<std::uint8_t>(length >> (8 * i));
  }
}

// Takes answers apart that come one behind the other, in reads as large as they come. What is left
// at the end belongs to nobody.
class Answers {
 public:
  Answers(Channel& channel, wire::Capabilities capabilities)
      : channel_(channel), tracker_(capabilities) {}

  [[nodiscard]] net::Task<Answered> next();
  [[nodiscard]] bool all_read() const noexcept { return at_ == bytes_.size(); }

 private:
  [[nodiscard]] bool scan(Answered& answered);

  Channel& channel_;
  wire::ResponseTracker tracker_;
  wire::Buffer bytes_;
  std::size_t at_ = 0;
};

// Every whole packet that is there, up to the end of the answer; false when the server lies.
bool Answers::scan(Answered& answered) {
  using Event = wire::ResponseTracker::Event;
  while (!tracker_.done() && bytes_.size() - at_ >= wire::kFrameHeaderSize) {
    const wire::FrameHeader header = wire::load_frame_header(bytes_.data() + at_);
    const std::size_t size = wire::kFrameHeaderSize + header.length;
    if (size > kMaxAnswer) return false;
    if (bytes_.size() - at_ < size) return true;
    const wire::Bytes frame = wire::Bytes(bytes_).subspan(at_, size);
    const std::uint64_t rows = tracker_.summary().rows;
    const Event event = tracker_.scan(frame).event;
    if (event != Event::kNeedMore && event != Event::kStateChange && event != Event::kDone) {
      return false;
    }
    const wire::Bytes state = tracker_.session_state();
    if (!state.empty()) answered.session_state.assign(state.begin(), state.end());
    if (tracker_.done() && tracker_.summary().error != 0) {
      if (const auto error = wire::decode_err(tracker_.packet())) {
        answered.error = wire::own(*error);
      }
    }
    if (tracker_.summary().rows > rows) {
      answered.value = only_value(frame.subspan(wire::kFrameHeaderSize));
    }
    at_ += size;
  }
  return true;
}

net::Task<Answered> Answers::next() {
  constexpr std::size_t kPiece = 4096;
  Answered answered;
  answered.lost = false;
  tracker_.begin(wire::Command::kQuery, 1);
  for (;;) {
    answered.lost = !scan(answered);
    if (answered.lost || tracker_.done()) break;
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ = 0;
    const std::size_t have = bytes_.size();
    bytes_.resize(have + kPiece);
    const net::Moved moved = co_await channel_.read_some(std::span(bytes_).subspan(have));
    bytes_.resize(have + moved.count);
    answered.lost = moved.io != net::Io::kOk;
    if (answered.lost) co_return answered;
  }
  answered.status = tracker_.summary().status;
  co_return answered;
}

}  // namespace

net::Task<std::vector<Connection::Told>> Connection::tell(std::span<const policy::Permit> permits,
                                                          std::chrono::milliseconds limit) {
  descriptor().set_deadline(limit);
  std::vector<Told> told(permits.size());
  wire::Buffer frames;
  Answers answers(channel_, server_.capabilities);
  for (std::size_t sent = 0, read = 0; read < permits.size(); ++read) {
    // Compressed packets are numbered a command, so that each waits for its answer.
    const std::size_t until = channel_.compressed() ? read + 1 : permits.size();
    frames.clear();
    for (; sent < until; ++sent) {
      append_agreed(frames, permits[sent].frames(), server_.capabilities);
    }
    channel_.begin_sending_command();
    net::Io io = net::Io::kOk;
    if (!frames.empty()) io = co_await channel_.write_all(frames);
    channel_.begin_reading_answer(1);
    if (io == net::Io::kOk) told[read] = co_await answers.next();
    if (io != net::Io::kOk || told[read].lost) {
      reusable = false;
      for (Told& each : told) each.lost = true;
      co_return told;
    }
  }
  descriptor().set_deadline({});
  if (!answers.all_read()) reusable = false;
  co_return told;
}

// Those whose answers are of interest together only.
net::Task<Connection::Ran> Connection::run_all(std::span<const policy::Permit> permits) {
  const std::vector<Told> told = co_await tell(permits, kLimit);
  Ran ran;
  if (told.empty() || told.front().lost) co_return ran;
  ran.first_good = told.front().good();
  ran.all_good = true;
  for (const Told& each : told) {
    ran.all_good = ran.all_good && each.good();
    if (each.value) ran.value = *each.value;
  }
  co_return ran;
}

net::Task<Connection::Asked> Connection::ask(Ask how) {
  using policy::Control;
  using policy::Permit;
  const bool tracks = server_.capabilities.has(wire::cap::kSessionTrack);
  const Control question =
      tracks ? (mariadb_ ? Control::kAskMariadb : Control::kAskMysql) : Control::kAskUntracked;
  const bool new_session = how == Ask::kReset || how == Ask::kNew;
  std::vector<Permit> permits;
  as_login = false;
  if (how == Ask::kReset) permits.push_back(Permit::control(Control::kResetConnection));
  std::vector<std::uint8_t> names;
  if (how == Ask::kReset && login && !login->default_charsets) {
    permits.push_back(Permit::names(login->charset, login->collation, names));
  }
  permits.push_back(Permit::control(question));
  // A new session has the defaults that the one before it had, nearly always: then the trackers are
  // set with what is known of those, in the same go.
  std::vector<std::uint8_t> frames;
  const auto track = [&](const SessionReport& report) {
    Tracked wanted{tracked_variables(report.variables, mariadb_), report.gtids, true};
    if (report.gtids == "OFF") wanted.gtids = "OWN_GTID";
    const bool gtids = report.gtids != "0" && how != Ask::kAgainInTransaction;
    permits.push_back(
        Permit::track(wanted.variables, true, gtids ? wanted.gtids : std::string{}, frames));
    if (!gtids && tracked_) wanted.gtids = tracked_->gtids;
    return wanted;
  };
  const auto guess = new_session && tracks ? instance_->usual_report() : nullptr;
  std::optional<Tracked> wanted;
  if (guess) wanted = track(*guess);
  const Ran ran = co_await run_all(permits);
  const bool was_reset = how == Ask::kReset && ran.first_good;
  if (!take_report(ran.value, new_session)) {
    co_return was_reset ? Asked::kSilent : Asked::kFailed;
  }
  if (how == Ask::kReset && !was_reset) co_return Asked::kFailed;
  as_login = was_reset && ran.all_good && login && same_charsets(*login, *report_);
  if (!tracks) co_return Asked::kDone;
  const bool guessed = guess && guess->variables == report_->variables &&
                       guess->gtids == report_->gtids && ran.all_good;
  if (!guessed) {
    permits.clear();
    wanted = track(*report_);
    // Where they cannot be set, changes that no tracker confirms are asked for.
    if (!(co_await run_all(permits)).all_good) wanted = tracked_;
  }
  tracked_ = std::move(wanted);
  if (new_session) report_ = instance_->share_report(report_);
  co_return Asked::kDone;
}

// What was set by Sluice and still stands is not the client's.
bool Connection::take_report(std::string_view text, bool new_session) {
  if (new_session) tracked_.reset();
  if (new_session) report_.reset();
  auto parsed = parse_report(text);
  if (!parsed) return false;
  if (tracked_ && report_) {
    if (same_names(parsed->variables, tracked_->variables)) parsed->variables = report_->variables;
    if (parsed->gtids == tracked_->gtids) parsed->gtids = report_->gtids;
    if (parsed->track_schema == tracked_->schema) parsed->track_schema = report_->track_schema;
  }
  report_ = std::make_shared<const SessionReport>(std::move(*parsed));
  return true;
}

net::Task<bool> Connection::untrack(bool in_transaction) {
  if (!tracked_ || !report_) co_return true;
  std::vector<std::uint8_t> frames;
  std::vector<policy::Permit> permits;
  const bool gtids = report_->gtids != "0" && !in_transaction;
  permits.push_back(policy::Permit::track(report_->variables, report_->track_schema,
                                          gtids ? report_->gtids : std::string{}, frames));
  const bool done = (co_await run_all(permits)).all_good;
  if (done && gtids) tracked_.reset();
  if (done && tracked_) {
    tracked_->variables = report_->variables;
    tracked_->schema = report_->track_schema;
  }
  co_return done;
}

}  // namespace sluice::backend
