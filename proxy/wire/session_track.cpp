#include "proxy/wire/session_track.h"

#include <algorithm>

#include "proxy/wire/writer.h"

namespace sluice::wire {

bool lists_name(std::string_view names, std::string_view wanted) {
  if (names == "*") return true;
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  const auto same = [&](char a, char b) { return lower(a) == lower(b); };
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(','), names.size());
    std::string_view name = names.substr(0, comma);
    names.remove_prefix(std::min(comma + 1, names.size()));
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    if (std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(), same)) return true;
  }
  return false;
}

Result<std::optional<StateChange>> StateReader::next() {
  const auto fail = [this](Fault fault) {
    items_.fail(fault);
    variables_ = Reader(Bytes{});
    return make_error_code(fault);
  };
  if (!items_.ok() || (items_.remaining() == 0 && variables_.remaining() == 0))
    return std::optional<StateChange>{};
  StateChange change;
  if (variables_.remaining() != 0) {
    change.name = variables_.text_lenenc();
    change.value = variables_.text_lenenc();
    if (!variables_.ok()) return fail(Fault::kTruncated);
    return std::optional{change};
  }
  change.type = static_cast<StateType>(items_.u8());
  const Bytes body = items_.bytes_lenenc();
  if (!items_.ok()) return fail(Fault::kTruncated);
  Reader in(body);
  switch (change.type) {
    case StateType::kSystemVariable:
      variables_ = in;
      if (body.empty()) return fail(Fault::kMalformed);
      return next();
    case StateType::kGtids: in.skip(1); [[fallthrough]];
    case StateType::kSchema:
    case StateType::kStateChange:
    case StateType::kTransactionCharacteristics:
    case StateType::kTransactionState:
      change.value = in.text_lenenc();
      if (!in.ok() || in.remaining() != 0) return fail(Fault::kMalformed);
      break;
    default: change.value = as_text(body); break;
  }
  return std::optional{change};
}

void append_state_change(const StateChange& change, Buffer& out) {
  Buffer body;
  Writer in_body(body);
  switch (change.type) {
    case StateType::kSystemVariable:
      in_body.text_lenenc(change.name);
      in_body.text_lenenc(change.value);
      break;
    case StateType::kGtids: in_body.u8(0); [[fallthrough]];
    case StateType::kSchema:
    case StateType::kStateChange:
    case StateType::kTransactionCharacteristics:
    case StateType::kTransactionState: in_body.text_lenenc(change.value); break;
    default: in_body.text(change.value); break;
  }
  Writer to(out);
  to.u8(static_cast<std::uint8_t>(change.type));
  to.bytes_lenenc(body);
}

bool StateFilter::keeps(const StateChange& change) const noexcept {
  switch (change.type) {
    case StateType::kSystemVariable: return all_variables || lists_name(variables, change.name);
    case StateType::kSchema: return schema;
    case StateType::kStateChange: return state_change;
    case StateType::kGtids: return gtids;
    case StateType::kTransactionCharacteristics: return transaction_characteristics;
    case StateType::kTransactionState: return transaction_state;
  }
  return other_types;
}

bool StateFilter::keeps_everything() const noexcept {
  return schema && state_change && gtids && transaction_characteristics && transaction_state &&
         other_types && all_variables;
}

Buffer filter_state(Bytes session_state, const StateFilter& filter) {
  Buffer kept;
  StateReader changes(session_state);
  for (auto change = changes.next(); change && *change; change = changes.next()) {
    if (filter.keeps(**change)) append_state_change(**change, kept);
  }
  return kept;
}

Result<void> filter_ok(Bytes payload, Capabilities from, Capabilities to, const StateFilter& filter,
                       Buffer& out) {
  const auto decoded = decode_ok(payload, from);
  if (!decoded) return decoded.error();
  OkPacket ok = *decoded;
  Buffer kept;
  if (to.has(cap::kSessionTrack)) {
    StateReader changes(ok.session_state);
    for (;;) {
      const auto change = changes.next();
      if (!change) return change.error();
      if (!*change) break;
      if (filter.keeps(**change)) append_state_change(**change, kept);
    }
  }
  ok.session_state = kept;
  if (kept.empty())
    ok.status = static_cast<std::uint16_t>(ok.status & ~status::kSessionStateChanged);
  encode(ok, to, out);
  return {};
}

}  // namespace sluice::wire
