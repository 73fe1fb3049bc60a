// The packets that are not commands, as plain structs with decode and encode: greeting, login, OK,
// ERR, EOF and the authentication exchange. decode() takes one whole payload (no frame header) and
// its views live as long as that payload; encode() appends a payload. What the capabilities change
// is said at each field. MySQL Internals, "Connection Phase Packets" and "Generic Response
// Packets".
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/wire/bytes.h"
#include "proxy/wire/capabilities.h"
#include "proxy/wire/errors.h"

namespace sluice::wire {

inline constexpr std::size_t kNonceSize = 20;
using Nonce = std::array<std::uint8_t, kNonceSize>;

inline constexpr std::uint8_t kOkHeader = 0x00;
inline constexpr std::uint8_t kAuthMoreHeader = 0x01;
inline constexpr std::uint8_t kLocalInfileHeader = 0xfb;
inline constexpr std::uint8_t kEofHeader = 0xfe;  // also: auth switch, and OK in place of EOF
inline constexpr std::uint8_t kErrHeader = 0xff;
// An EOF packet is shorter than this; a row that begins with 0xFE is not.
inline constexpr std::uint32_t kEofPayloadLimit = 9;

namespace plugin {
inline constexpr std::string_view kNative = "mysql_native_password";
inline constexpr std::string_view kCachingSha2 = "caching_sha2_password";
inline constexpr std::string_view kSha256 = "sha256_password";
inline constexpr std::string_view kClear = "mysql_clear_password";
inline constexpr std::string_view kDialog = "dialog";
inline constexpr std::string_view kEd25519 = "client_ed25519";
}  // namespace plugin

// Protocol::HandshakeV10. MariaDB puts its extended capabilities in the last 4 of 10 reserved bytes
// when it leaves LONG_PASSWORD out.
struct Greeting {
  std::string_view server_version;
  std::uint32_t connection_id = 0;
  Nonce nonce{};
  Capabilities capabilities;
  std::uint8_t collation = 0;  // the low byte; clients read it as the server's default
  std::uint16_t status = 0;
  std::string_view auth_plugin;  // with PLUGIN_AUTH
};
[[nodiscard]] Result<Greeting> decode_greeting(Bytes payload);
void encode(const Greeting& greeting, Buffer& out);

// Protocol::SSLRequest: the first 32 bytes of a login, sent alone.
struct SslRequest {
  Capabilities capabilities;
  std::uint32_t max_packet = 0;
  std::uint8_t collation = 0;
};
void encode(const SslRequest& request, Buffer& out);

using Attribute = std::pair<std::string_view, std::string_view>;
// At most this many bytes of attributes are kept, as the server's own limit (64 KiB).
inline constexpr std::size_t kMaxAttributesSize = 65536;
// The pairs of a raw attribute block. Errors: kTruncated.
[[nodiscard]] Result<std::vector<Attribute>> decode_attributes(Bytes block);
void encode_attributes(const std::vector<Attribute>& attributes, Buffer& out);  // with its length

// Protocol::HandshakeResponse41. The 4.0 form (without PROTOCOL_41) gives kUnsupported.
struct LoginRequest {
  Capabilities capabilities;  // with MariaDB's extended ones when LONG_PASSWORD is absent
  std::uint32_t max_packet = 0;
  std::uint8_t collation = 0;
  bool ssl_request = false;  // nothing but the fields above: the client goes on in TLS
  std::string_view user;
  Bytes auth_response;
  std::string_view database;     // with CONNECT_WITH_DB
  std::string_view auth_plugin;  // with PLUGIN_AUTH
  Bytes attributes;              // raw block, with CONNECT_ATTRS
  std::uint8_t zstd_level = 0;   // with ZSTD
};
[[nodiscard]] Result<LoginRequest> decode_login_request(Bytes payload);
void encode(const LoginRequest& request, Buffer& out);

// OK_Packet, also in its 0xFE form that ends rows under DEPRECATE_EOF.
struct OkPacket {
  std::uint8_t header = kOkHeader;
  std::uint64_t affected_rows = 0;
  std::uint64_t last_insert_id = 0;
  std::uint16_t status = 0;
  std::uint16_t warnings = 0;
  std::string_view info;  // human-readable, e.g. "Rows matched: 1  Changed: 1  Warnings: 0"
  Bytes session_state;    // raw state-change items, see session_track.h
};
[[nodiscard]] Result<OkPacket> decode_ok(Bytes payload, Capabilities capabilities);
void encode(const OkPacket& ok, Capabilities capabilities, Buffer& out);

// ERR_Packet. Before the client's login is read, it carries no SQLSTATE (`sqlstate` empty).
struct ErrPacket {
  std::uint16_t code = 0;
  std::string_view sqlstate;
  std::string_view message;
};
[[nodiscard]] Result<ErrPacket> decode_err(Bytes payload);
void encode(const ErrPacket& error, Buffer& out);
// An error that outlives its packet.
struct OwnedError {
  std::uint16_t code = 0;
  std::string sqlstate;
  std::string message;

  [[nodiscard]] ErrPacket view() const noexcept { return {code, sqlstate, message}; }
};
[[nodiscard]] OwnedError own(const ErrPacket& error);
[[nodiscard]] OwnedError make_error(ErrorNumber number, std::string message);

// EOF_Packet.
struct EofPacket {
  std::uint16_t warnings = 0;
  std::uint16_t status = 0;
};
[[nodiscard]] Result<EofPacket> decode_eof(Bytes payload);
void encode(const EofPacket& eof, Buffer& out);

// Protocol::AuthSwitchRequest. An empty plugin is the old form (mysql_old_password), which is
// refused.
struct AuthSwitch {
  std::string_view plugin;
  Bytes data;  // the nonce, without its closing zero byte
};
[[nodiscard]] Result<AuthSwitch> decode_auth_switch(Bytes payload);
void encode(const AuthSwitch& change, Buffer& out);

// Protocol::AuthMoreData: 0x01 and data.
void encode_auth_more(Bytes data, Buffer& out);

// COM_STMT_PREPARE_OK.
struct PrepareOk {
  std::uint32_t statement_id = 0;
  std::uint16_t columns = 0;
  std::uint16_t parameters = 0;
  std::uint16_t warnings = 0;
  bool metadata_follows = true;  // false only with OPTIONAL_METADATA
};
[[nodiscard]] Result<PrepareOk> decode_prepare_ok(Bytes payload, Capabilities capabilities);
void encode(const PrepareOk& ok, Capabilities capabilities, Buffer& out);

}  // namespace sluice::wire
