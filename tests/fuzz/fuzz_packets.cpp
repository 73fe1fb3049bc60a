// Law: no decoder reads past its packet, and what one decodes encodes again to a packet that
// decodes and encodes to the same bytes.
#include <cstdlib>

#include "proxy/wire/columns.h"
#include "proxy/wire/commands.h"
#include "proxy/wire/compression.h"
#include "proxy/wire/packets.h"
#include "proxy/wire/proxy_protocol.h"
#include "proxy/wire/query_attributes.h"
#include "proxy/wire/session_track.h"

namespace {
using namespace sluice::wire;  // one screen, one subject

template <class Decode, class Encode>
void round_trip(Bytes payload, Decode decode, Encode encode_one) {
  const auto first = decode(payload);
  if (!first) return;
  Buffer once;
  encode_one(*first, once);
  const auto second = decode(Bytes{once});
  if (!second) std::abort();
  Buffer twice;
  encode_one(*second, twice);
  if (once != twice) std::abort();
}
}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Capabilities caps{cap::kProtocol41.bits |
                          (data[0] & 1 ? (cap::kSessionTrack | cap::kQueryAttributes).bits : 0) |
                          (data[0] & 2 ? (cap::kSecureConnection | cap::kPluginAuth).bits : 0)};
  const Bytes in{data + 1, size - 1};
  const auto plain = [](const auto& value, Buffer& out) { encode(value, out); };
  const auto with = [&](const auto& value, Buffer& out) { encode(value, caps, out); };
  round_trip(
      in, [](Bytes b) { return decode_greeting(b); }, plain);
  round_trip(
      in, [](Bytes b) { return decode_err(b); }, plain);
  round_trip(
      in, [](Bytes b) { return decode_eof(b); }, plain);
  round_trip(
      in, [&](Bytes b) { return decode_ok(b, caps); }, with);
  round_trip(
      in, [&](Bytes b) { return decode_column(b, caps); }, with);
  round_trip(
      in, [&](Bytes b) { return decode_prepare_ok(b, caps); }, with);
  round_trip(
      in, [](Bytes b) { return decode_stmt_execute(b); }, plain);
  round_trip(
      in, [](Bytes b) { return decode_stmt_bulk_execute(b); }, plain);
  round_trip(
      in, [](Bytes b) { return decode_binlog_dump_gtid(b); }, plain);
  round_trip(
      in, [](Bytes b) { return decode_register_slave(b); }, plain);
  (void)decode_login_request(in);
  (void)decode_change_user(in, caps);
  (void)decode_auth_switch(in);
  (void)decode_attributes(in);
  (void)parse_proxy_header(in);
  if (const auto query = split_query(in, caps)) (void)decode_query_attributes(*query);
  std::vector<std::uint16_t> types;
  (void)decode_execute_parameters(in, data[0], true, types, {});
  StateReader changes(in);
  for (auto change = changes.next(); change && *change; change = changes.next()) {
  }
  for (const auto algorithm : {Compression::kZlib, Compression::kZstd}) {
    // A claim of many megabytes costs the sanitizers their time and finds nothing new.
    if (in.size() > 6 && in[6] != 0) break;
    Decompressor inflater(algorithm);
    Buffer out;
    const auto taken = inflater.decompress(in, out);
    if (taken && *taken > in.size()) std::abort();
  }
  return 0;
}
