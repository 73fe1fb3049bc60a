// The state changes that an OK packet carries under SESSION_TRACK: read one by one, and taken out
// again where the client did not ask for them. MySQL Internals, "OK_Packet", "session state
// information".
//
//   each item:  1 byte type | lenenc size | body
//   bodies:     SYSTEM_VARIABLES  (lenenc name, lenenc value)+    (MySQL: one pair; MariaDB:
//   several)
//               SCHEMA            lenenc name
//               STATE_CHANGE      lenenc "1"
//               GTIDS             1 byte encoding (0) | lenenc set         (MySQL)
//               TRANSACTION_CHARACTERISTICS, TRANSACTION_STATE  lenenc text
#pragma once

#include <optional>
#include <string_view>

#include "proxy/wire/bytes.h"
#include "proxy/wire/capabilities.h"
#include "proxy/wire/errors.h"
#include "proxy/wire/packets.h"
#include "proxy/wire/reader.h"

namespace sluice::wire {

enum class StateType : std::uint8_t {
  kSystemVariable = 0,
  kSchema = 1,
  kStateChange = 2,
  kGtids = 3,
  kTransactionCharacteristics = 4,
  kTransactionState = 5,
};

// One change. `name` is only for system variables; `value` is the schema, the GTID set, the text of
// the transaction tracker, or "1". An item of an unknown type has its raw body as value.
struct StateChange {
  StateType type{};
  std::string_view name;
  std::string_view value;
};

// Walks the items; a body of several variables gives one change each. Never allocates.
class StateReader {
 public:
  explicit StateReader(Bytes session_state) noexcept : items_(session_state) {}
  // The next change, nothing at the end. Errors: kTruncated, kMalformed; then nothing more is
  // given.
  [[nodiscard]] Result<std::optional<StateChange>> next();

 private:
  Reader items_;
  Reader variables_{Bytes{}};
};

// Whether a comma-separated list of variables names it; ASCII case does not matter, as in the
// server. `*` alone is all of them; as one of several it is a name that no variable has.
[[nodiscard]] bool lists_name(std::string_view names, std::string_view wanted);

void append_state_change(const StateChange& change, Buffer& out);

// What a client is to be told.
struct StateFilter {
  bool schema = true;
  bool state_change = true;
  bool gtids = true;
  bool transaction_characteristics = true;
  bool transaction_state = true;
  bool other_types = true;
  // Of the system variables: every one, or none but the listed (names in lower case, separated by
  // commas, as session_track_system_variables has them). The text must outlive the filter.
  bool all_variables = true;
  std::string_view variables;

  [[nodiscard]] bool keeps(const StateChange& change) const noexcept;
  [[nodiscard]] bool keeps_everything() const noexcept;
};

// The items that the filter keeps.  What follows a malformed one is left out.
[[nodiscard]] Buffer filter_state(Bytes session_state, const StateFilter& filter);

// `payload`, an OK packet (either header) of a server with `from`, appended to `out` for a client
// with `to`, without the changes that the filter drops; the status bit for session state goes when
// none is left. Errors: those of decode_ok and StateReader.
[[nodiscard]] Result<void> filter_ok(Bytes payload, Capabilities from, Capabilities to,
                                     const StateFilter& filter, Buffer& out);

}  // namespace sluice::wire
