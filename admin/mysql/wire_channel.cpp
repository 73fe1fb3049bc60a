#include "admin/mysql/wire_channel.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "proxy/net/tls.h"
#include "proxy/wire/frame.h"
#include "proxy/wire/writer.h"

namespace sluice::mysql {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned kErrServerLost = 2013;
constexpr unsigned kErrTls = 2026;
constexpr std::size_t kMaxLoginPacket = 65536;  // the longest is an RSA key
constexpr std::size_t kReadAhead = 65536;
// A buffer that one large event has made is given back.
constexpr std::size_t kKeepBuffer = std::size_t{4} << 20U;
constexpr std::chrono::milliseconds kSlice{100};  // between two looks at a cancellation

Fault lost(std::string message) {
  return {Failure::kLost, kErrServerLost, "HY000", std::move(message)};
}
Fault unreachable(const Options& options, const std::string& why) {
  const std::string where =
      options.socket.empty() ? options.host + ":" + std::to_string(options.port) : options.socket;
  return {Failure::kUnreachable, 2003, "HY000", "cannot connect to " + where + ": " + why};
}

std::string error_text(int code) {
  return std::generic_category().message(code);
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  int family = AF_UNSPEC;
};

Result<std::vector<Address>> addresses_of(const Options& options) {
  std::vector<Address> all;
  if (!options.socket.empty()) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (options.socket.size() >= sizeof name.sun_path) {
      return unreachable(options, "the path of the socket is too long");
    }
    std::memcpy(name.sun_path, options.socket.data(), options.socket.size());
    Address address{{}, sizeof name, AF_UNIX};
    std::memcpy(&address.storage, &name, sizeof name);
    all.push_back(address);
    return all;
  }
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int code =
      ::getaddrinfo(options.host.c_str(), std::to_string(options.port).c_str(), &hints, &list);
  if (code != 0) return unreachable(options, ::gai_strerror(code));
  for (const addrinfo* item = list; item != nullptr; item = item->ai_next) {
    Address address{{}, item->ai_addrlen, item->ai_family};
    std::memcpy(&address.storage, item->ai_addr, item->ai_addrlen);
    all.push_back(address);
  }
  ::freeaddrinfo(list);
  return all;
}

// Why a wait ended without the descriptor being ready; nothing: it is ready.
std::optional<Fault> wait_for(int descriptor, short events, Clock::time_point until,
                              const Limits& limits) {
  while (true) {
    if (limits.cancellation != nullptr && limits.cancellation->requested()) {
      return Fault{Failure::kCancelled, 0, "", "it was cancelled"};
    }
    const auto end = std::min(until, limits.deadline);
    const auto now = Clock::now();
    auto slice = kSlice;
    if (end != Clock::time_point::max()) {
      slice = std::min(slice, std::chrono::ceil<std::chrono::milliseconds>(
                                  std::max(end - now, Clock::duration::zero())));
    }
    pollfd wanted{descriptor, events, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(slice.count()));
    if (ready > 0) return std::nullopt;
    if (ready < 0 && errno != EINTR) return lost(error_text(errno));
    if (Clock::now() < end) continue;
    if (limits.deadline <= until) return Fault{Failure::kDeadline, 0, "", "the time is up"};
    return lost("the server has been silent for too long");
  }
}

// Which of PEM text and path an option is.
bool is_pem(const std::string& pem_or_path) {
  return pem_or_path.find("-----BEGIN") != std::string::npos;
}

net::TlsContext tls_context(const Options& options) {
  net::ClientTlsFiles files;
  files.verify = options.tls.mode >= TlsMode::kVerifyCa;
  (is_pem(options.tls.ca) ? files.ca_pem : files.ca_file) = options.tls.ca;
  (is_pem(options.tls.cert) ? files.certificate_pem : files.certificate_file) = options.tls.cert;
  const std::string& key = options.tls.key.reveal();
  (is_pem(key) ? files.key_pem : files.key_file) = key;
  return net::make_client_context(files);
}

wire::ClientHandshake::Config login_config(const Options& options) {
  wire::ClientHandshake::Config login;
  login.account = options.username;
  login.password = wire::Secret(std::string_view(options.password.reveal()));
  login.wanted = wire::cap::kLongPassword | wire::cap::kLongFlag | wire::cap::kProtocol41 |
                 wire::cap::kTransactions | wire::cap::kSecureConnection | wire::cap::kPluginAuth |
                 wire::cap::kPluginAuthLenenc | wire::cap::kConnectAttrs;
  login.max_packet = 1U << 30;
  login.secure_transport = !options.socket.empty();
  login.tls = wire::TlsMode::kRequired;
  if (options.tls.mode == TlsMode::kDisabled || login.secure_transport) {
    login.tls = wire::TlsMode::kDisabled;
  } else if (options.tls.mode == TlsMode::kPreferred) {
    login.tls = wire::TlsMode::kPreferred;
  }
  login.allow_clear = options.tls.mode == TlsMode::kVerifyIdentity || login.secure_transport;
  login.attributes = {{"program_name", "sluice"}};
  return login;
}

}  // namespace

Fault server_fault(wire::Bytes payload) {
  const auto error = wire::decode_err(payload);
  if (!error) return lost("the server's answer is no packet of the protocol");
  return {Failure::kServer, error->code, std::string(error->sqlstate), std::string(error->message)};
}

struct WireChannel::Transport {
  struct FreeSsl {
    void operator()(SSL* session) const noexcept { SSL_free(session); }
  };
  explicit Transport(int opened) : descriptor(opened) {}
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  ~Transport() {
    if (ssl && SSL_is_init_finished(ssl.get()) == 1) (void)SSL_shutdown(ssl.get());
    ERR_clear_error();
    ssl.reset();
    ::close(descriptor);
  }

  // What the last call of OpenSSL waits for; nothing: it failed.
  [[nodiscard]] std::optional<short> wanted(int result) const {
    switch (SSL_get_error(ssl.get(), result)) {
      case SSL_ERROR_WANT_READ: return POLLIN;
      case SSL_ERROR_WANT_WRITE: return POLLOUT;
      default: return std::nullopt;
    }
  }

  [[nodiscard]] Result<void> start_tls(const Options& options, Clock::time_point until,
                                       const Limits& limits) {
    auto made = tls_context(options);
    if (!made.error.empty()) return Fault{Failure::kOptions, kErrTls, "HY000", made.error};
    context = std::move(made.context);
    ssl.reset(SSL_new(context.get()));
    if (!ssl || SSL_set_fd(ssl.get(), descriptor) != 1) {
      return Fault{Failure::kTls, kErrTls, "HY000", net::openssl_error()};
    }
    std::string name = options.host;
    in6_addr address{};
    const bool numeric = ::inet_pton(AF_INET, name.c_str(), &address) == 1 ||
                         ::inet_pton(AF_INET6, name.c_str(), &address) == 1;
    if (!numeric) {
      (void)SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                     name.data());
    }
    if (options.tls.mode == TlsMode::kVerifyIdentity) {
      X509_VERIFY_PARAM* rules = SSL_get0_param(ssl.get());
      const int set = numeric ? X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str())
                              : X509_VERIFY_PARAM_set1_host(rules, name.data(), name.size());
      if (name.empty() || set != 1) {
        return Fault{Failure::kOptions, kErrTls, "HY000", "the server has no name to verify"};
      }
    }
    SSL_set_connect_state(ssl.get());
    while (true) {
      ERR_clear_error();
      const int result = SSL_do_handshake(ssl.get());
      if (result == 1) return {};
      const auto events = wanted(result);
      if (!events) return Fault{Failure::kTls, kErrTls, "HY000", handshake_error()};
      if (auto fault = wait_for(descriptor, *events, until, limits)) return *fault;
    }
  }

  [[nodiscard]] std::string handshake_error() const {
    const long verdict = SSL_get_verify_result(ssl.get());
    if (verdict != X509_V_OK) return X509_verify_cert_error_string(verdict);
    std::string text = net::openssl_error();
    return text.empty() ? "the server closed the connection" : text;
  }

  // Bytes moved, or what is waited for, or a fault.
  struct Moved {
    std::size_t count = 0;
    short wait = 0;
    std::optional<Fault> fault{};
  };
  [[nodiscard]] Moved read(std::span<std::uint8_t> into) {
    if (!ssl) {
      const ssize_t count = ::recv(descriptor, into.data(), into.size(), 0);
      if (count > 0) return {static_cast<std::size_t>(count)};
      if (count == 0) return {0, 0, lost("the server closed the connection")};
      if (errno == EAGAIN || errno == EINTR) return {0, POLLIN};
      return {0, 0, lost(error_text(errno))};
    }
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl.get(), into.data(), into.size(), &count);
    if (result == 1) return {count};
    if (const auto events = wanted(result)) return {0, *events};
    return {0, 0, lost("the server closed the connection")};
  }
  [[nodiscard]] Moved write(wire::Bytes from) {
    if (!ssl) {
      const ssize_t count = ::send(descriptor, from.data(), from.size(), MSG_NOSIGNAL);
      if (count >= 0) return {static_cast<std::size_t>(count)};
      if (errno == EAGAIN || errno == EINTR) return {0, POLLOUT};
      return {0, 0, lost(error_text(errno))};
    }
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_write_ex(ssl.get(), from.data(), from.size(), &count);
    if (result == 1) return {count};
    if (const auto events = wanted(result)) return {0, *events};
    return {0, 0, lost("the server closed the connection")};
  }

  int descriptor = -1;
  std::shared_ptr<SSL_CTX> context;
  std::unique_ptr<SSL, FreeSsl> ssl;
};

namespace {

// A connected, non-blocking socket; the fault of the last address otherwise.
Result<int> connect_socket(const Options& options, Clock::time_point until, const Limits& limits) {
  const auto addresses = addresses_of(options);
  if (!addresses) return addresses.error();
  Fault why = unreachable(options, "the name has no address");
  for (const Address& address : *addresses) {
    const int descriptor = ::socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
      why = unreachable(options, error_text(errno));
      continue;
    }
    int code = 0;
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address.storage), address.size) !=
        0) {
      code = errno;
    }
    if (code == EINPROGRESS) {
      code = 0;
      if (auto fault = wait_for(descriptor, POLLOUT, until, limits)) {
        ::close(descriptor);
        if (fault->kind == Failure::kCancelled) return *fault;
        why = unreachable(options, "no answer in time");
        continue;
      }
      socklen_t size = sizeof code;
      ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size);
    }
    if (code == 0) {
      const int on = 1;
      if (address.family != AF_UNIX) {
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
      }
      return descriptor;
    }
    why = unreachable(options, error_text(code));
    ::close(descriptor);
  }
  return why;
}

}  // namespace

WireChannel::WireChannel(std::unique_ptr<Transport> transport)
    : transport_(std::move(transport)), buffer_(kReadAhead) {}

WireChannel::~WireChannel() = default;

Result<std::unique_ptr<WireChannel>> WireChannel::open(const Options& options,
                                                       const Limits& limits) {
  const std::chrono::seconds patience(options.connect_timeout_seconds);
  const auto socket = connect_socket(options, Clock::now() + patience, limits);
  if (!socket) return socket.error();
  std::unique_ptr<WireChannel> channel(new WireChannel(std::make_unique<Transport>(*socket)));
  channel->silence_ = patience;
  if (auto in = channel->log_in(options, limits); !in) {
    // Until the login has ended nothing was asked of the server: it cannot be reached.
    Fault fault = in.error();
    if (fault.kind == Failure::kLost) fault = unreachable(options, fault.message);
    return fault;
  }
  channel->silence_ = std::chrono::seconds(options.read_timeout_seconds);
  return channel;
}

Result<void> WireChannel::log_in(const Options& options, const Limits& limits) {
  using Machine = wire::ClientHandshake;
  Machine machine(login_config(options));
  auto step = machine.start();
  while (true) {
    if (const auto* send = std::get_if<Machine::Send>(&step)) {
      if (auto sent = write_all(send->bytes, limits); !sent) return sent.error();
      step = machine.on_sent();
    } else if (std::holds_alternative<Machine::Read>(step)) {
      sequence_ = machine.sequence();
      const auto packet = read_packet(kMaxLoginPacket, limits);
      if (!packet) return packet.error();
      step = machine.on_packet(*packet, static_cast<std::uint8_t>(sequence_ - 1));
    } else if (std::holds_alternative<Machine::StartTls>(step)) {
      auto tls = transport_->start_tls(options, Clock::now() + silence_, limits);
      if (!tls) return tls.error();
      step = machine.on_tls();
    } else if (const auto* failed = std::get_if<Machine::Failed>(&step)) {
      const bool tls = failed->reason == wire::Fault::kTlsUnavailable;
      if (tls || failed->error.code == 0) {
        return Fault{tls ? Failure::kTls : Failure::kUnreachable, kErrTls, "HY000",
                     tls ? "the server offers no TLS, and tls mode asks for it"
                         : std::string(wire::name(failed->reason))};
      }
      return Fault{Failure::kRefused, failed->error.code, failed->error.sqlstate,
                   failed->error.message};
    } else {
      server_ = machine.server();
      return {};
    }
  }
}

Result<void> WireChannel::write_all(wire::Bytes bytes, const Limits& limits) {
  while (!bytes.empty()) {
    auto moved = transport_->write(bytes);
    if (moved.fault) return *moved.fault;
    bytes = bytes.subspan(moved.count);
    if (moved.wait == 0) continue;
    const auto until = silence_.count() == 0 ? Clock::time_point::max() : Clock::now() + silence_;
    if (auto fault = wait_for(transport_->descriptor, moved.wait, until, limits)) return *fault;
  }
  return {};
}

Result<void> WireChannel::send_command(wire::Bytes payload, const Limits& limits) {
  wire::Buffer out;
  sequence_ = wire::append_packet(out, 0, payload);
  return write_all(out, limits);
}

// Reads until `wanted` bytes lie in the buffer.
Result<void> WireChannel::read_more(std::size_t wanted, const Limits& limits) {
  if (buffer_.size() - begin_ < wanted) {
    const auto rest = std::span(buffer_).subspan(begin_, end_ - begin_);
    std::ranges::copy(rest, buffer_.begin());
    end_ = rest.size();
    begin_ = 0;
    if (buffer_.size() < wanted) buffer_.resize(wanted);
  }
  auto heard = Clock::now();
  while (end_ - begin_ < wanted) {
    auto moved = transport_->read(std::span(buffer_).subspan(end_));
    if (moved.fault) return *moved.fault;
    end_ += moved.count;
    if (moved.wait == 0) {
      heard = Clock::now();
      continue;
    }
    const auto until = silence_.count() == 0 ? Clock::time_point::max() : heard + silence_;
    if (auto fault = wait_for(transport_->descriptor, moved.wait, until, limits)) return *fault;
  }
  return {};
}

Result<wire::Bytes> WireChannel::read_packet(std::size_t max, const Limits& limits) {
  begin_ += std::exchange(given_, 0);
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (buffer_.size() > kKeepBuffer) buffer_ = wire::Buffer(kReadAhead);
  }
  while (true) {
    const wire::Bytes run(buffer_.data() + begin_, end_ - begin_);
    const auto extent = wire::measure_packet(run, sequence_, max);
    if (!extent) {
      if (extent.error() == wire::Fault::kOversized) {
        return Fault{Failure::kTooLarge, 0, "",
                     "a packet of the server is longer than " + std::to_string(max) + " bytes"};
      }
      return lost("what the server sent is no packet of the protocol");
    }
    if (!extent->complete) {
      if (auto read = read_more(extent->size, limits); !read) return read.error();
      continue;
    }
    sequence_ = extent->next_sequence;
    given_ = extent->size;
    const auto frames = std::span(buffer_).subspan(begin_, extent->size);
    const std::size_t size = extent->frames == 1 ? extent->payload : wire::join_in_place(frames);
    return wire::Bytes(frames.subspan(wire::kFrameHeaderSize, size));
  }
}

Result<void> WireChannel::run(std::string_view sql, const Limits& limits) {
  wire::Buffer payload;
  wire::Writer out(payload);
  out.u8(0x03);  // COM_QUERY
  out.text(sql);
  if (auto sent = send_command(payload, limits); !sent) return sent.error();
  const auto answer = read_packet(kMaxLoginPacket, limits);
  if (!answer) return answer.error();
  if (!answer->empty() && answer->front() == wire::kOkHeader) return {};
  if (!answer->empty() && answer->front() == wire::kErrHeader) return server_fault(*answer);
  return lost("the server's answer is not what the statement gives");
}

}  // namespace sluice::mysql
