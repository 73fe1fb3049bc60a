#include "admin/http/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "admin/http/server_impl.h"

namespace sluice::http {

using asio::ip::tcp;

namespace {

// How soon a call that waits for a database server learns that nobody waits for it.
constexpr std::chrono::milliseconds kLook{500};

// The peer has closed, or is not to be reached any more. Reads nothing: what a client has sent
// ahead stays, and under TLS no record is torn.
bool has_gone(int socket) {
  pollfd one{socket, POLLRDHUP, 0};
  return ::poll(&one, 1, 0) > 0 && (one.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

// A peer that goes without a word is found within two minutes.
void keep_alive(int socket) {
  const int on = 1;
  const int idle = 60;
  const int interval = 15;
  const int count = 4;
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

}  // namespace

void Server::Impl::add(Handle connection) {
  connections.push_back(std::move(connection));
  const std::lock_guard lock(mutex);
  ++open;
}

void Server::Impl::remove(const Handle& connection) {
  connections.remove(connection);
  const std::lock_guard lock(mutex);
  --open;
  changed.notify_all();
}

void Server::Impl::begin_drain() {
  draining = true;
  error_code ignored;
  acceptor.close(ignored);
  retry.cancel();
  for (const auto& connection : connections) {
    if (connection->idle) connection->lowest().close();
  }
}

asio::awaitable<void> Server::Impl::look_after_callers() {
  while (true) {
    look.expires_after(kLook);
    const auto [fault] = co_await look.async_wait(kAwait);
    if (fault) co_return;
    for (const auto& connection : connections) {
      if (connection->caller && has_gone(connection->lowest().socket().native_handle()))
        connection->caller->leave();
    }
  }
}

void Server::Impl::leave() {
  begin_drain();
  for (const auto& connection : connections) {
    if (connection->caller) {
      connection->caller->leave();
    } else {
      connection->lowest().close();
    }
  }
}

std::optional<std::string> Server::Impl::load_tls() {
  if (config.certificate_file.empty()) return std::nullopt;
  auto fresh = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  error_code fault;
  SSL_CTX_set_min_proto_version(fresh->native_handle(), TLS1_2_VERSION);
  fresh->use_certificate_chain_file(config.certificate_file, fault);
  if (fault) return "admin.tls.certificate " + config.certificate_file + ": " + fault.message();
  fresh->use_private_key_file(config.key_file, asio::ssl::context::pem, fault);
  if (fault) return "admin.tls.key " + config.key_file + ": " + fault.message();
  if (SSL_CTX_check_private_key(fresh->native_handle()) != 1) {
    return "admin.tls.key " + config.key_file + ": it is not the certificate's key";
  }
  tls = std::move(fresh);
  return std::nullopt;
}

asio::awaitable<void> Server::Impl::accept_loop() {
  while (!draining) {
    auto [fault, socket] = co_await acceptor.async_accept(kAwait);
    if (draining) break;
    if (fault) {
      // Out of descriptors, most likely: they come back when somebody leaves.
      retry.expires_after(std::chrono::milliseconds(100));
      co_await retry.async_wait(kAwait);
      continue;
    }
    keep_alive(socket.native_handle());
    auto connection = std::make_shared<Connection>(std::move(socket));
    add(connection);
    asio::co_spawn(context, serve(connection), asio::detached);
  }
}

Server::Server(ServerConfig config, const Router& router, OnFault on_fault)
    : impl_(std::make_unique<Impl>(std::move(config), router, std::move(on_fault))) {}

Server::~Server() {
  asio::post(impl_->context, [impl = impl_.get()] { impl->leave(); });
  // Handlers first: what they end with is posted to the context, which is then run no more.
  impl_->quick.join();
  impl_->slow.join();
  impl_->context.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

std::optional<std::string> Server::start() {
  if (auto trouble = impl_->load_tls()) return trouble;
  const std::string where = impl_->config.host + ':' + std::to_string(impl_->config.port);
  error_code fault;
  tcp::resolver resolver(impl_->context);
  const auto found = resolver.resolve(impl_->config.host, std::to_string(impl_->config.port),
                                      tcp::resolver::passive, fault);
  if (fault || found.empty()) return "admin.listen " + where + ": " + fault.message();
  const tcp::endpoint endpoint = found.begin()->endpoint();
  auto& acceptor = impl_->acceptor;
  acceptor.open(endpoint.protocol(), fault);
  if (!fault) acceptor.set_option(tcp::acceptor::reuse_address(true), fault);
  if (!fault) acceptor.bind(endpoint, fault);
  if (!fault) acceptor.listen(asio::socket_base::max_listen_connections, fault);
  if (fault) return "admin.listen " + where + ": " + fault.message();
  impl_->bound = acceptor.local_endpoint(fault).port();
  asio::co_spawn(impl_->context, impl_->accept_loop(), asio::detached);
  asio::co_spawn(impl_->context, impl_->look_after_callers(), asio::detached);
  impl_->thread = std::thread([impl = impl_.get()] {
    const auto work = asio::make_work_guard(impl->context);
    impl->context.run();
  });
  return std::nullopt;
}

std::optional<std::string> Server::reload() {
  return asio::post(impl_->context, std::packaged_task<std::optional<std::string>()>(
                                        [impl = impl_.get()] { return impl->load_tls(); }))
      .get();
}

std::uint16_t Server::port() const noexcept {
  return impl_->bound;
}

bool Server::drain(std::chrono::milliseconds limit) {
  asio::post(impl_->context, [impl = impl_.get()] { impl->begin_drain(); });
  std::unique_lock lock(impl_->mutex);
  return impl_->changed.wait_for(lock, limit, [this] { return impl_->open == 0; });
}

}  // namespace sluice::http
