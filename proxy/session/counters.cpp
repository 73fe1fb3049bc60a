#include "proxy/session/counters.h"

namespace sluice::session {

std::string_view name(Reason reason) noexcept {
  switch (reason) {
    case Reason::kQuit: return "quit";
    case Reason::kClientClosed: return "client_closed";
    case Reason::kClientVanished: return "client_vanished";
    case Reason::kClientTimeout: return "client_timeout";
    case Reason::kHandshakeTimeout: return "handshake_timeout";
    case Reason::kHandshakeFailed: return "handshake_failed";
    case Reason::kAccessDenied: return "access_denied";
    case Reason::kHostBlocked: return "host_blocked";
    case Reason::kTooManyConnections: return "too_many_connections";
    case Reason::kTlsFailed: return "tls_failed";
    case Reason::kProtocol: return "protocol";
    case Reason::kPacketTooLarge: return "packet_too_large";
    case Reason::kBackendUnavailable: return "backend_unavailable";
    case Reason::kBackendLost: return "backend_lost";
    case Reason::kBackendProtocol: return "backend_protocol";
    case Reason::kPoolFull: return "pool_full";
    case Reason::kKilled: return "killed";
    case Reason::kShutdown: return "shutdown";
    case Reason::kInternal: return "internal";
    case Reason::kCount: break;
  }
  return "unknown";
}

}  // namespace sluice::session
