// CALL sluice.…(): its name and arguments out of the text, and its answer as a result set. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "parser/dialect.h"
#include "policy/change_sink.h"
#include "proxy/wire/bytes.h"
#include "proxy/wire/capabilities.h"

namespace sluice::session {

struct CallArgument {
  bool placeholder = false;          // `?` of a prepared call
  std::optional<std::string> value;  // nothing: NULL, or a placeholder
};
struct ParsedCall {
  std::string name;  // in small letters
  std::vector<CallArgument> arguments;
};
// REQUIRES: the text is one CALL of a routine of `sluice`. A string: what is wrong with it, for the
// client. Arguments are literals: text, numbers, NULL, TRUE, FALSE.
[[nodiscard]] std::variant<ParsedCall, std::string> parse_sluice_call(
    std::string_view text, const parser::Dialect& dialect);

// The answer's packets: one result set of text columns. `binary`: as rows of a prepared statement.
void append_result_set(const policy::SluiceAnswer& answer, bool binary,
                       wire::Capabilities capabilities, std::uint16_t status, std::uint8_t sequence,
                       wire::Buffer& out);
// COM_STMT_PREPARE_OK of a call: parameters, and no columns, as of any CALL.
void append_prepare_ok(std::uint32_t id, std::uint16_t parameters, wire::Capabilities capabilities,
                       std::uint16_t status, std::uint8_t sequence, wire::Buffer& out);

}  // namespace sluice::session
