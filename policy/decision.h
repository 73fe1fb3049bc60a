// What a verdict is: a Permit, which is the only thing that a back-end connection sends; a Refusal,
// which is the error that the client gets; or what must happen before there can be one of the two.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "policy/context.h"
#include "policy/gate.h"
#include "policy/judged.h"

namespace sluice::policy {

// A command as it would reach the server. `frames` are its bytes with their headers; `text` lies in
// them where the command carries SQL (or is the text that a prepared statement was made from).
struct Submission {
  enum class Kind : std::uint8_t {
    kQuery,    // text is run
    kPrepare,  // text is prepared
    kExecute,  // text was prepared before, and is run now
    kCommand,  // no SQL: text is the command's name
  };
  Kind kind = Kind::kQuery;
  std::string_view text;
  std::span<const std::uint8_t> frames;
};

// The fixed commands that the proxy itself sends to a back-end. Nothing of a client's is in them.
// kAskMysql, kAskMariadb, kAskUntracked: one row of one text that says what the session is; see
// backend/session_report.h.
enum class Control : std::uint8_t {
  kResetConnection,
  kPing,
  kQuit,
  kAskMysql,
  kAskMariadb,
  kAskUntracked,
  // Around a statement that must be in a transaction: not START TRANSACTION, which would release
  // the client's table locks (manual 15.3.1).
  kAutocommitOff,
  kAutocommitOn,
  kCommit,
  kRollback,
};

class Permit {
 public:
  Permit(Permit&&) noexcept = default;
  Permit& operator=(Permit&&) noexcept = default;
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;

  // The judged bytes; they live as long as the submission's.
  [[nodiscard]] std::span<const std::uint8_t> frames() const noexcept { return frames_; }

  // A permit for one of the fixed commands.
  [[nodiscard]] static Permit control(Control command) noexcept;
  // A permit for KILL [QUERY] `id`, written into `frames`, which must outlive it.
  [[nodiscard]] static Permit kill(std::uint32_t id, bool query_only,
                                   std::vector<std::uint8_t>& frames);
  // A permit for SET NAMES, written into `frames`, which must outlive it: to what a login with that
  // collation makes of a session. Anything but names is left out.
  [[nodiscard]] static Permit names(std::string_view charset, std::string_view collation,
                                    std::vector<std::uint8_t>& frames);
  // A permit for SET of the session_track_ variables, written into `frames`, which must outlive it:
  // the names to be tracked (anything but names is left out), whether the schema is, and whether
  // and how GTIDs are (empty: not set).
  [[nodiscard]] static Permit track(std::string_view variables, bool schema, std::string_view gtids,
                                    std::vector<std::uint8_t>& frames);
  // A permit for COM_STMT_RESET, written into `frames`, which must outlive it.
  [[nodiscard]] static Permit reset_statement(std::uint32_t id, std::vector<std::uint8_t>& frames);
  // A permit for SELECT of user variables (without @), written into `frames`, which must outlive
  // it. The answer is one value: of each the bytes in hexadecimal digits, or N for NULL, with
  // commas between. `charset`: converted to it first; empty: as they are.
  [[nodiscard]] static Permit ask_variables(std::span<const std::string> variables,
                                            std::string_view charset,
                                            std::vector<std::uint8_t>& frames);
  // A permit for a PREPARE of the text, which runs nothing of it, written into `frames`, which must
  // outlive it; the server's answer tells whether it understands the text. Nothing for a text that
  // is long, or holds bytes that a literal could be ended with in some character set or sql_mode.
  [[nodiscard]] static std::optional<Permit> ask_syntax(std::string_view text,
                                                        std::vector<std::uint8_t>& frames);
  // The DEALLOCATE PREPARE after one that it understood.
  [[nodiscard]] static Permit forget_syntax(std::vector<std::uint8_t>& frames);

 private:
  friend class Maker;  // decide.cpp's
  explicit Permit(std::span<const std::uint8_t> frames) noexcept : frames_(frames) {}
  std::span<const std::uint8_t> frames_;
};

// How a permitted command ended, as its server told. The views live for the call.
struct Outcome {
  Submission::Kind kind = Submission::Kind::kQuery;
  std::uint16_t error = 0;  // of the ERR packet that ended it; 0: none
  std::uint16_t warnings = 0;
  std::uint64_t affected_rows = 0;
  std::uint64_t rows = 0;
  // The GTIDs of what it committed, where the server tells them: a GTID set (MySQL), or last_gtid
  // of each commit, separated by commas (MariaDB: of a CALL, the last one only).
  std::string_view gtids;
  bool gtids_complete = true;  // false: there were more than are kept
  bool in_transaction = false;
};

// Evidence and message in one: the client's error, the audit record and the console print this.
struct Refusal {
  std::uint16_t code = 1105;
  std::string sqlstate = "HY000";
  std::string rule;  // which rule refused it
  std::string message;
};

// A statement that the gate lets run only as a change: recorded, reviewed or held. It owns a copy
// of what was judged, so that it may wait longer than the client's packet is kept; whoever keeps
// the changes releases it.
class Change {
 public:
  Change(Change&&) noexcept = default;
  Change& operator=(Change&&) noexcept = default;
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  [[nodiscard]] Verdict verdict() const noexcept { return verdict_; }  // record, review or hold
  [[nodiscard]] parser::ActionGroup group() const noexcept { return group_; }
  [[nodiscard]] std::string_view rule() const noexcept { return rule_; }
  [[nodiscard]] const std::shared_ptr<const Judged>& judged() const noexcept { return judged_; }
  // Of a prepared statement, what it was prepared from.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

  // The judged command, framed anew into `frames`, which must outlive the permit. `tag`: a comment
  // that is put before the text of a query, so that the binary log tells whose it is; what is no
  // plain comment is left out, and so is one that would need another frame.
  // REQUIRES: the entry of that id was begun in the change history, or the issue of that id was
  // approved for this account and this text. 0 is neither.
  [[nodiscard]] Permit release(std::int64_t id, std::string_view tag,
                               std::vector<std::uint8_t>& frames) &&;
  // The same for a statement of an open transaction, which is recorded when that is committed: the
  // one who collects it answers for that.
  [[nodiscard]] Permit release_collected(std::vector<std::uint8_t>& frames) &&;

 private:
  friend class Maker;
  Change(const Submission& submission, Verdict verdict, parser::ActionGroup group,
         std::string_view rule, std::shared_ptr<const Judged> judged);
  std::vector<std::uint8_t> frames_;
  std::string text_;
  Submission::Kind kind_;
  Verdict verdict_;
  parser::ActionGroup group_;
  std::string_view rule_;  // of a constant
  std::shared_ptr<const Judged> judged_;
};

// PREPARE … FROM @v: what is prepared is the variable's value. The session asks its server for it
// and submits PREPARE … FROM 'value' in its place, so that the text judged is the text prepared.
struct NeedsValue {
  std::string variable;   // without @
  std::string statement;  // the name that is prepared
};

// CALL sluice.…(): the gate answers, nothing is sent; not even where it is only prepared.
struct SluiceCall {
  std::shared_ptr<const Judged> judged;
};

using Decision = std::variant<Permit, Refusal, Change, NeedsValue, SluiceCall>;

// For a caller that can only send or refuse: nothing for a Permit, and an error for all others. A
// statement that would have to be recorded or reviewed does not run where nobody can do that.
[[nodiscard]] std::optional<Refusal> refusal_of(const Decision& decision);

}  // namespace sluice::policy
