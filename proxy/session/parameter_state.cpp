// What a prepared statement's executions say of its parameters.
#include <algorithm>
#include <utility>

#include "proxy/session/bound_text.h"
#include "proxy/session/change_state.h"

namespace sluice::session {
namespace {

constexpr std::size_t kMaxBulkRows = 10000;  // more are not written out

struct Decoded {
  std::vector<wire::Parameter> parameters;
  std::vector<const std::string*> ahead;  // null: it has its value in the packet
};

std::optional<Decoded> decode(ParameterState& state, wire::Bytes payload,
                              wire::Capabilities capabilities) {
  const auto command = wire::decode_stmt_execute(payload);
  if (!command || state.ahead_lost) return std::nullopt;
  const auto block = wire::split_execute(*command, state.count, capabilities);
  if (!block || block->count < state.count) return std::nullopt;
  std::vector<bool> long_data(block->count, false);
  Decoded decoded;
  decoded.ahead.resize(state.count, nullptr);
  for (const auto& [index, value] : state.ahead) {
    if (index >= state.count) continue;
    long_data[index] = true;
    decoded.ahead[index] = &value;
  }
  auto parameters = wire::decode_execute_parameters(block->block, block->count, block->names,
                                                    state.types, long_data);
  if (!parameters) return std::nullopt;
  state.types.resize(state.count);  // an attribute's type is that execution's
  decoded.parameters = std::move(*parameters);
  decoded.parameters.resize(state.count);  // attributes follow the statement's own
  return decoded;
}

}  // namespace

void note_types(ParameterState& state, wire::Bytes payload, wire::Capabilities capabilities) {
  if (static_cast<wire::Command>(payload.front()) != wire::Command::kStmtExecute) return;
  const auto command = wire::decode_stmt_execute(payload);
  if (!command) return;
  const auto block = wire::split_execute(*command, state.count, capabilities);
  if (!block) return;
  const std::size_t place = (block->count + 7) / 8;
  if (block->block.size() <= place || block->block[place] != 1) return;
  wire::Reader in(block->block.subspan(place + 1));
  std::vector<std::uint16_t> types;
  for (std::size_t i = 0; i < block->count && in.ok(); ++i) {
    types.push_back(in.u16());
    if (block->names) (void)in.bytes_lenenc();
  }
  types.resize(std::min(types.size(), std::size_t{state.count}));  // not those of attributes
  if (in.ok()) state.types = std::move(types);
}

void note_ahead(ParameterState& state, wire::Command command, wire::Bytes payload, bool partial) {
  if (command == wire::Command::kStmtReset) return state.forget_ahead();
  if (command != wire::Command::kStmtSendLongData) return;
  const auto data = wire::decode_stmt_send_long_data(payload);
  if (!data || partial || state.ahead_bytes + data->data.size() > ParameterState::kMaxAhead) {
    state.ahead_lost = true;
    // Which one it was is known all the same.
    if (data && data->parameter < state.count) state.ahead.try_emplace(data->parameter);
    return;
  }
  state.ahead_bytes += data->data.size();
  state.ahead[data->parameter] += wire::as_text(data->data);
}

std::optional<std::vector<std::vector<std::string>>> literals_of(ParameterState& state,
                                                                 wire::Bytes payload,
                                                                 wire::Capabilities capabilities) {
  if (static_cast<wire::Command>(payload.front()) == wire::Command::kStmtBulkExecute) {
    const auto command = wire::decode_stmt_bulk_execute(payload);
    if (!command) return std::nullopt;
    return bulk_rows(*command, state.count, kMaxBulkRows, state.types);
  }
  const auto decoded = decode(state, payload, capabilities);
  if (!decoded) return std::nullopt;
  std::vector<std::vector<std::string>> rows(1);
  for (std::size_t i = 0; i < decoded->parameters.size(); ++i) {
    rows.front().push_back(literal(decoded->parameters[i], decoded->ahead[i]));
  }
  return rows;
}

std::optional<std::vector<std::optional<std::string>>> values_of(ParameterState& state,
                                                                 wire::Bytes payload,
                                                                 wire::Capabilities capabilities) {
  const auto decoded = decode(state, payload, capabilities);
  if (!decoded) return std::nullopt;
  std::vector<std::optional<std::string>> values;
  for (std::size_t i = 0; i < decoded->parameters.size(); ++i) {
    const wire::Parameter& parameter = decoded->parameters[i];
    const auto* text = std::get_if<std::string_view>(&parameter.value);
    if (decoded->ahead[i] != nullptr) {
      values.emplace_back(*decoded->ahead[i]);
    } else if (parameter.null || std::holds_alternative<wire::Null>(parameter.value)) {
      values.emplace_back(std::nullopt);
    } else {
      values.emplace_back(text != nullptr ? std::string(*text) : literal(parameter));
    }
  }
  return values;
}

}  // namespace sluice::session
