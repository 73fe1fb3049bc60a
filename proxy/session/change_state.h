// What a session keeps of its changes, and of one that is under way. Values; the session's thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "policy/change_sink.h"
#include "proxy/session/held_answer.h"
#include "proxy/session/named_texts.h"
#include "proxy/session/text_effect.h"
#include "proxy/session/transaction.h"
#include "proxy/wire/commands.h"
#include "proxy/wire/packets.h"
#include "proxy/wire/query_attributes.h"

namespace sluice::session {

// What is known of a prepared statement's parameters between its executions.
struct ParameterState {
  // Values that come ahead of an execution, together, beyond which they are not kept.
  static constexpr std::size_t kMaxAhead = std::size_t{1} << 20;

  std::uint16_t count = 0;
  std::vector<std::uint16_t> types;            // those sent last
  std::map<std::uint16_t, std::string> ahead;  // by COM_STMT_SEND_LONG_DATA
  std::size_t ahead_bytes = 0;
  bool ahead_lost = false;  // some of them is not kept
  void forget_ahead() {
    ahead.clear();
    ahead_bytes = 0;
    ahead_lost = false;
  }
};

// Keeps the types that an execution sends, where it does; `payload` is its command.
void note_types(ParameterState& parameters, wire::Bytes payload, wire::Capabilities capabilities);
// Keeps a value that comes ahead, and forgets those of before at COM_STMT_RESET. `partial`: only
// its beginning is there.
void note_ahead(ParameterState& parameters, wire::Command command, wire::Bytes payload,
                bool partial);
// The parameters of an execution as literals; nothing: it cannot be said. Of a bulk execution a
// list for each row.
[[nodiscard]] std::optional<std::vector<std::vector<std::string>>> literals_of(
    ParameterState& parameters, wire::Bytes payload, wire::Capabilities capabilities);
// The same as values of text; NULL is nothing.
[[nodiscard]] std::optional<std::vector<std::optional<std::string>>> values_of(
    ParameterState& parameters, wire::Bytes payload, wire::Capabilities capabilities);

// Ids of prepared calls of `sluice`: servers count from 1.
inline constexpr std::uint32_t kFirstCallId = 0x80000000;
[[nodiscard]] constexpr bool is_call_id(std::uint32_t id) noexcept {
  return id >= kFirstCallId && id != wire::kLastPrepared;
}

// The statements between CALL sluice.begin() and submit().
struct Collection {
  static constexpr std::size_t kMaxStatements = 1000;
  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20;
  policy::ChangeRequest request;
  std::size_t bytes = 0;
};

// Made when a session first needs it: most never do.
struct GateState {
  explicit GateState(std::size_t max_names) : names(max_names) {}
  Transaction open;  // changes that wait for their COMMIT
  NamedTexts names;
  std::string break_glass;  // the reason, once granted
  std::optional<Collection> collecting;
  std::uint32_t next_call = 0;  // ids of prepared calls
};

// A statement that is recorded, ends a transaction that is, or is guarded by the rows it changes.
struct Underway {
  Plan plan;
  Before before;
  std::vector<TextStep> steps;
  policy::ChangeStatement own;    // the text's
  policy::ChangeRequest request;  // what is recorded when it ends: open changes, then the text's
  bool has_own = false;           // the last of its statements is the text's
  std::string xa;                 // the prepared XA transaction that it commits
  std::int64_t id = 0;            // of the entry begun; 0: none
  std::string tag;
  std::vector<std::uint8_t> frames;  // what is sent of a change

  // Of the guard: the whole answer is kept back, since an error may take its place.
  bool hold = false;
  bool own_transaction = false;  // autocommit is off for it
  std::uint64_t row_limit = 0;   // 0: none
  std::string environment;
  HeldAnswer held;
  wire::OwnedError instead;  // code 0: the answer goes as it came
  wire::Buffer error_frames;

  // How it ended.
  wire::OwnedError error;               // the server's; code 0: none
  std::optional<std::uint16_t> status;  // of what was sent behind it
  std::size_t ran = 0;                  // steps that did, of several
  bool committed = false;               // what was to be recorded stays
  bool rolled_back = false;
  bool ended = false;  // the entry was
  bool lost = false;   // the server was, behind the answer
};

// XA transactions that were prepared here and wait for an XA COMMIT, by any session of any thread;
// those too that hold nothing to be recorded, so that an unknown one is told from them.
class PreparedXa {
 public:
  static constexpr std::size_t kMost = 10000;  // more are as unknown as those of other programs
  void put(std::string key, Transaction changes);
  [[nodiscard]] std::optional<Transaction> find(const std::string& key) const;
  void erase(const std::string& key);
  [[nodiscard]] bool contains(const std::string& key) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Transaction> kept_;
};

}  // namespace sluice::session
