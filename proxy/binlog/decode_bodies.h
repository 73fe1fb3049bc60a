// The bodies of single event types, each from its bytes alone. decode.cpp's parts; nobody else
// includes this.
#pragma once

#include "proxy/binlog/event.h"
#include "proxy/binlog/fault.h"

namespace sluice::binlog::bodies {

[[nodiscard]] Result<FormatDescription> format_description(wire::Bytes body);
[[nodiscard]] Result<Query> query(wire::Bytes body);
[[nodiscard]] Result<Query> load_query(wire::Bytes body);
[[nodiscard]] Result<Query> compressed_query(wire::Bytes body);
[[nodiscard]] Result<Gtid> gtid(wire::Bytes body, bool anonymous);
[[nodiscard]] Result<Gtid> tagged_gtid(wire::Bytes body);
[[nodiscard]] Result<MariaGtidEvent> maria_gtid(wire::Bytes body, std::uint32_t server);
[[nodiscard]] Result<MariaGtidList> maria_gtid_list(wire::Bytes body);
[[nodiscard]] Result<XaPrepare> xa_prepare(wire::Bytes body);
[[nodiscard]] Result<TransactionPayload> payload(wire::Bytes body);
[[nodiscard]] Result<Heartbeat> heartbeat_v2(wire::Bytes body);

[[nodiscard]] Error truncated(const char* event);

}  // namespace sluice::binlog::bodies
