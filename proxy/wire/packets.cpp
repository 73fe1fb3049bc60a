#include "proxy/wire/packets.h"

#include <algorithm>

#include "proxy/wire/reader.h"
#include "proxy/wire/writer.h"

namespace sluice::wire {
namespace {

constexpr std::uint8_t kProtocolVersion = 10;
constexpr std::size_t kNonceFirstPart = 8;
constexpr std::size_t kLoginFiller = 19;
constexpr std::size_t kGreetingFiller = 6;
constexpr std::size_t kSqlstateSize = 5;

// MariaDB's extended capabilities mean something only where LONG_PASSWORD is left out.
Capabilities combine(std::uint32_t low, std::uint32_t extended) {
  Capabilities all{low};
  if (!all.has(cap::kLongPassword)) all.bits |= std::uint64_t{extended} << 32;
  return all;
}

std::uint32_t extended_of(Capabilities capabilities) {
  return capabilities.has(cap::kLongPassword) ? 0 : capabilities.extended();
}

}  // namespace

Result<Greeting> decode_greeting(Bytes payload) {
  Reader in(payload);
  if (in.u8() != kProtocolVersion) return make_error_code(Fault::kUnsupported);
  Greeting greeting;
  greeting.server_version = in.text_nul();
  greeting.connection_id = in.u32();
  const Bytes first = in.bytes(kNonceFirstPart);
  in.skip(1);
  const std::uint32_t low = in.u16();
  greeting.collation = in.u8();
  greeting.status = in.u16();
  const std::uint32_t high = in.u16();
  const std::size_t nonce_size = in.u8();
  in.skip(kGreetingFiller);
  greeting.capabilities = combine(low | (high << 16), in.u32());
  std::copy(first.begin(), first.end(), greeting.nonce.begin());
  if (greeting.capabilities.has(cap::kSecureConnection)) {
    // At least 13 bytes, the last of them zero.
    const std::size_t size = nonce_size > 21 ? nonce_size - kNonceFirstPart : 13;
    const Bytes second = in.bytes(size);
    const auto used = std::min(second.size(), kNonceSize - kNonceFirstPart);
    std::copy_n(second.begin(), used, greeting.nonce.begin() + kNonceFirstPart);
  }
  if (greeting.capabilities.has(cap::kPluginAuth)) greeting.auth_plugin = in.text_nul_or_rest();
  return in.finish_prefix(greeting);
}

void encode(const Greeting& greeting, Buffer& out) {
  Writer to(out);
  const Bytes nonce{greeting.nonce};
  to.u8(kProtocolVersion);
  to.text_nul(greeting.server_version);
  to.u32(greeting.connection_id);
  to.bytes(nonce.first(kNonceFirstPart));
  to.u8(0);
  to.u16(static_cast<std::uint16_t>(greeting.capabilities.low()));
  to.u8(greeting.collation);
  to.u16(greeting.status);
  to.u16(static_cast<std::uint16_t>(greeting.capabilities.low() >> 16));
  to.u8(greeting.capabilities.has(cap::kPluginAuth) ? kNonceSize + 1 : 0);
  to.zeros(kGreetingFiller);
  to.u32(extended_of(greeting.capabilities));
  if (greeting.capabilities.has(cap::kSecureConnection)) {
    to.bytes(nonce.subspan(kNonceFirstPart));
    to.u8(0);
  }
  if (greeting.capabilities.has(cap::kPluginAuth)) to.text_nul(greeting.auth_plugin);
}

void encode(const SslRequest& request, Buffer& out) {
  Writer to(out);
  to.u32(request.capabilities.low());
  to.u32(request.max_packet);
  to.u8(request.collation);
  to.zeros(kLoginFiller);
  to.u32(extended_of(request.capabilities));
}

Result<std::vector<Attribute>> decode_attributes(Bytes block) {
  Reader in(block);
  std::vector<Attribute> attributes;
  while (in.remaining() != 0) {
    const std::string_view key = in.text_lenenc();
    const std::string_view value = in.text_lenenc();
    if (in.ok()) attributes.emplace_back(key, value);
  }
  return in.finish(std::move(attributes));
}

void encode_attributes(const std::vector<Attribute>& attributes, Buffer& out) {
  Buffer block;
  Writer pairs(block);
  for (const auto& [key, value] : attributes) {
    pairs.text_lenenc(key);
    pairs.text_lenenc(value);
  }
  Writer(out).bytes_lenenc(block);
}

Result<LoginRequest> decode_login_request(Bytes payload) {
  Reader in(payload);
  LoginRequest login;
  const std::uint32_t low = in.u32();
  if (in.ok() && !Capabilities{low}.has(cap::kProtocol41))
    return make_error_code(Fault::kUnsupported);
  login.max_packet = in.u32();
  login.collation = in.u8();
  in.skip(kLoginFiller);
  login.capabilities = combine(low, in.u32());
  const Capabilities has = login.capabilities;
  if (in.ok() && in.remaining() == 0 && has.has(cap::kSsl)) {
    login.ssl_request = true;
    return login;
  }
  login.user = in.text_nul();
  if (has.has(cap::kPluginAuthLenenc)) {
    login.auth_response = in.bytes_lenenc();
  } else if (has.has(cap::kSecureConnection)) {
    login.auth_response = in.bytes(in.u8());
  } else {
    login.auth_response = as_bytes(in.text_nul_or_rest());
  }
  // What follows may be missing altogether: older clients end early, and the server takes it.
  if (has.has(cap::kConnectWithDb)) login.database = in.text_nul_or_rest();
  if (has.has(cap::kPluginAuth)) login.auth_plugin = in.text_nul_or_rest();
  if (has.has(cap::kConnectAttrs) && in.remaining() != 0) {
    login.attributes = in.bytes_lenenc();
    if (login.attributes.size() > kMaxAttributesSize) in.fail(Fault::kOversized);
  }
  if (has.has(cap::kZstd) && in.remaining() != 0) login.zstd_level = in.u8();
  return in.finish_prefix(login);
}

void encode(const LoginRequest& login, Buffer& out) {
  Writer to(out);
  const Capabilities has = login.capabilities;
  encode(SslRequest{has, login.max_packet, login.collation}, out);
  if (login.ssl_request) return;
  to.text_nul(login.user);
  if (has.has(cap::kPluginAuthLenenc)) {
    to.bytes_lenenc(login.auth_response);
  } else if (has.has(cap::kSecureConnection)) {
    const Bytes data =
        login.auth_response.first(std::min<std::size_t>(login.auth_response.size(), 255));
    to.u8(static_cast<std::uint8_t>(data.size()));
    to.bytes(data);
  } else {
    to.text_nul(as_text(login.auth_response));
  }
  if (has.has(cap::kConnectWithDb)) to.text_nul(login.database);
  if (has.has(cap::kPluginAuth)) to.text_nul(login.auth_plugin);
  if (has.has(cap::kConnectAttrs)) to.bytes_lenenc(login.attributes);
  if (has.has(cap::kZstd)) to.u8(login.zstd_level);
}

Result<OkPacket> decode_ok(Bytes payload, Capabilities capabilities) {
  Reader in(payload);
  OkPacket ok;
  ok.header = in.u8();
  if (ok.header != kOkHeader && ok.header != kEofHeader) in.fail(Fault::kMalformed);
  ok.affected_rows = in.lenenc();
  ok.last_insert_id = in.lenenc();
  ok.status = in.u16();
  ok.warnings = in.u16();
  if (!capabilities.has(cap::kSessionTrack)) {
    // A server that knows nothing of tracking sends the text bare; MariaDB and MySQL of today
    // send it with its length all the same.
    Reader sized(in.rest());
    const Bytes whole = Reader(sized).rest();
    const Bytes inner = sized.bytes_lenenc();
    ok.info = as_text(sized.ok() && sized.remaining() == 0 ? inner : whole);
    return in.finish(ok);
  }
  if (in.remaining() != 0) ok.info = in.text_lenenc();
  if ((ok.status & status::kSessionStateChanged) != 0 && in.remaining() != 0)
    ok.session_state = in.bytes_lenenc();
  return in.finish_prefix(ok);
}

void encode(const OkPacket& ok, Capabilities capabilities, Buffer& out) {
  Writer to(out);
  to.u8(ok.header);
  to.lenenc(ok.affected_rows);
  to.lenenc(ok.last_insert_id);
  to.u16(ok.status);
  to.u16(ok.warnings);
  const bool tracked =
      capabilities.has(cap::kSessionTrack) && (ok.status & status::kSessionStateChanged) != 0;
  if (tracked || !ok.info.empty()) to.text_lenenc(ok.info);
  if (tracked) to.bytes_lenenc(ok.session_state);
}

Result<ErrPacket> decode_err(Bytes payload) {
  Reader in(payload);
  ErrPacket error;
  in.expect(kErrHeader);
  error.code = in.u16();
  if (in.remaining() > kSqlstateSize && in.peek() == '#') {
    in.skip(1);
    error.sqlstate = in.text(kSqlstateSize);
  }
  error.message = in.rest_text();
  return in.finish(error);
}

void encode(const ErrPacket& error, Buffer& out) {
  Writer to(out);
  to.u8(kErrHeader);
  to.u16(error.code);
  if (error.sqlstate.size() == kSqlstateSize) {
    to.u8('#');
    to.text(error.sqlstate);
  }
  to.text(error.message);
}

OwnedError own(const ErrPacket& error) {
  return {error.code, std::string(error.sqlstate), std::string(error.message)};
}

OwnedError make_error(ErrorNumber number, std::string message) {
  return {value(number), std::string(sqlstate(number)), std::move(message)};
}

Result<EofPacket> decode_eof(Bytes payload) {
  Reader in(payload);
  EofPacket eof;
  in.expect(kEofHeader);
  eof.warnings = in.u16();
  eof.status = in.u16();
  return in.finish(eof);
}

void encode(const EofPacket& eof, Buffer& out) {
  Writer to(out);
  to.u8(kEofHeader);
  to.u16(eof.warnings);
  to.u16(eof.status);
}

Result<AuthSwitch> decode_auth_switch(Bytes payload) {
  Reader in(payload);
  AuthSwitch change;
  in.expect(kEofHeader);
  if (in.ok() && in.remaining() == 0) return make_error_code(Fault::kUnsupported);
  change.plugin = in.text_nul();
  change.data = in.rest();
  if (!change.data.empty() && change.data.back() == 0)
    change.data = change.data.first(change.data.size() - 1);
  return in.finish(change);
}

void encode(const AuthSwitch& change, Buffer& out) {
  Writer to(out);
  to.u8(kEofHeader);
  to.text_nul(change.plugin);
  to.bytes(change.data);
  to.u8(0);
}

void encode_auth_more(Bytes data, Buffer& out) {
  Writer to(out);
  to.u8(kAuthMoreHeader);
  to.bytes(data);
}

Result<PrepareOk> decode_prepare_ok(Bytes payload, Capabilities capabilities) {
  Reader in(payload);
  PrepareOk ok;
  in.expect(kOkHeader);
  ok.statement_id = in.u32();
  ok.columns = in.u16();
  ok.parameters = in.u16();
  in.skip(1);
  if (in.remaining() != 0) ok.warnings = in.u16();
  if (capabilities.has(cap::kOptionalMetadata) && in.remaining() != 0)
    ok.metadata_follows = in.u8() != 0;
  return in.finish_prefix(ok);
}

void encode(const PrepareOk& ok, Capabilities capabilities, Buffer& out) {
  Writer to(out);
  to.u8(kOkHeader);
  to.u32(ok.statement_id);
  to.u16(ok.columns);
  to.u16(ok.parameters);
  to.u8(0);
  to.u16(ok.warnings);
  if (capabilities.has(cap::kOptionalMetadata)) to.u8(ok.metadata_follows ? 1 : 0);
}

}  // namespace sluice::wire
