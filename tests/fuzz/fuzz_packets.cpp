// Law: no decoder reads past its packet, and what one decodes encodes again to a packet that
// decodes and encodes to the same bytes.
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

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
  const auto plain = [&](auto... decoders) {
    const auto encode_plain = [](const auto& value, Buffer& out) { encode(value, out); };
    (round_trip(in, decoders, encode_plain), ...);
  };
  const auto with_capabilities = [&](auto decode) {
    const auto encode_with = [&](const auto& value, Buffer& out) { encode(value, caps, out); };
    round_trip(
        in, [&](Bytes b) { return decode(b, caps); }, encode_with);
  };
  plain(decode_greeting, decode_err, decode_eof, decode_stmt_execute, decode_stmt_bulk_execute,
        decode_binlog_dump_gtid, decode_register_slave);
  with_capabilities(decode_ok);
  with_capabilities(decode_column);
  with_capabilities(decode_prepare_ok);
  const auto only_reads = [&](auto... decoders) { ((void)decoders(in), ...); };
  only_reads(decode_init_db, decode_field_list, decode_process_kill, decode_set_option,
             decode_stmt_prepare, decode_stmt_send_long_data, decode_stmt_close, decode_stmt_reset,
             decode_stmt_fetch, decode_binlog_dump);
  (void)decode_column_count(in, caps);
  (void)decode_change_user(in, caps);
  (void)decode_login_request(in);
  (void)decode_simple(in);
  (void)statement_id(in);
  (void)decode_auth_switch(in);
  (void)decode_attributes(in);
  (void)parse_proxy_header(in);
  if (const auto query = split_query(in, caps)) (void)decode_query_attributes(*query);
  const auto form = static_cast<Command>(in.front());
  if (form == Command::kQuery || form == Command::kStmtExecute) {
    Buffer without;
    (void)drop_query_attributes(in, data[0] >> 4, {}, caps, without);
  }
  (void)read_text_row(in, data[0], [](std::size_t, std::optional<std::string_view>) {});
  std::vector<ColumnDefinition> columns(std::min<std::size_t>(data[0] % 8, in.size()));
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i].type = ColumnType{in[i]};
  (void)decode_binary_row(in, columns);
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
