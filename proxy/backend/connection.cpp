#include "proxy/backend/connection.h"

#include <utility>

#include "proxy/net/connect.h"
#include "proxy/wire/frame.h"
#include "proxy/wire/response_tracker.h"
#include "proxy/wire/writer.h"

namespace sluice::backend {
namespace {

// Login packets of a server are small; the longest is an RSA key.
constexpr std::size_t kMaxLoginPacket = 65536;

wire::TlsMode wire_mode(TlsMode mode) {
  switch (mode) {
    case TlsMode::kDisabled: return wire::TlsMode::kDisabled;
    case TlsMode::kPreferred: return wire::TlsMode::kPreferred;
    default: return wire::TlsMode::kRequired;
  }
}

wire::OwnedError unavailable(const Instance& instance, const std::string& why) {
  return wire::make_error(
      wire::ErrorNumber::kCannotConnect,
      "Can't connect to MySQL server of instance '" + instance.config().name + "' (" + why + ")");
}

std::string lost_text(net::Io io) {
  return io == net::Io::kTimedOut ? "time-out during the login"
                                  : "the server closed the connection during the login";
}

wire::ClientHandshake::Config login_config(const InstanceConfig& config, wire::Secret password,
                                           const Connection::Wish& wish) {
  wire::ClientHandshake::Config login;
  login.account = config.user;
  login.password = std::move(password);
  login.wanted = wish.capabilities.without(wire::cap::kConnectWithDb) | wire::cap::kSessionTrack;
  login.max_packet = 1U << 30;
  login.collation = wish.collation;
  login.tls = config.unix_path.empty() ? wire_mode(config.tls) : wire::TlsMode::kDisabled;
  login.secure_transport = !config.unix_path.empty();
  // To a server that is who it says, or on this machine: TLS alone also serves who stands between.
  const bool known = config.tls == TlsMode::kVerifyCa || config.tls == TlsMode::kVerifyIdentity ||
                     !config.unix_path.empty();
  login.allow_clear = known && (config.allow_clear_password || !config.token_command.empty());
  login.compression = config.compression;
  login.attributes = {{"program_name", "sluice"}};
  return login;
}

// A token command runs on the blocking pool: it may take seconds.
net::Task<Instance::Password> password_of(net::Loop& loop, net::BlockingPool& blocking,
                                          std::shared_ptr<Instance> instance) {
  if (!instance->needs_command()) co_return instance->password();
  auto work = [instance] { return instance->password(); };
  auto made = co_await blocking.run(loop, std::move(work));
  if (made) co_return std::move(*made);
  co_return Instance::Password{{}, "too much is waiting for the blocking pool"};
}

}  // namespace

Connection::Connection(std::unique_ptr<net::Stream> stream, std::shared_ptr<Instance> instance)
    : generation(instance->generation()),
      channel_(std::move(stream)),
      instance_(std::move(instance)) {}

Connection::~Connection() {
  channel_.stream().say_goodbye();
  instance_->open.fetch_sub(1);
}

net::Task<wire::OwnedError> Connection::log_in(wire::ClientHandshake& machine,
                                               wire::ClientHandshake::Step step) {
  using Machine = wire::ClientHandshake;
  for (;;) {
    if (const auto* send = std::get_if<Machine::Send>(&step)) {
      const net::Io io = co_await channel_.write_all(send->bytes);
      if (io != net::Io::kOk) co_return unavailable(*instance_, lost_text(io));
      step = machine.on_sent();
    } else if (std::holds_alternative<Machine::Read>(step)) {
      channel_.begin_reading_answer(machine.sequence());
      const PacketIn packet = co_await read_packet(channel_, kMaxLoginPacket);
      channel_.begin_sending_answer();
      if (packet.io != net::Io::kOk) co_return unavailable(*instance_, lost_text(packet.io));
      if (packet.fault != wire::Fault{}) {
        co_return unavailable(*instance_, "the server does not speak the MySQL protocol");
      }
      step = machine.on_packet(packet.payload, packet.sequence);
    } else if (std::holds_alternative<Machine::StartTls>(step)) {
      const auto& config = instance_->config();
      std::string error = co_await channel_.stream().connect_tls(
          instance_->tls(), config.host, config.tls == TlsMode::kVerifyIdentity);
      if (!error.empty()) co_return unavailable(*instance_, "TLS: " + error);
      step = machine.on_tls();
    } else if (const auto* failed = std::get_if<Machine::Failed>(&step)) {
      // The client's own packets are in order: what it is told of is the server.
      const bool disorder = failed->error.code ==
                            static_cast<std::uint16_t>(wire::ErrorNumber::kNetPacketsOutOfOrder);
      if (disorder) co_return unavailable(*instance_, "its packets are out of order");
      co_return failed->error.code != 0
          ? failed->error
          : unavailable(*instance_, std::string(wire::name(failed->reason)));
    } else {
      co_return wire::OwnedError{};
    }
  }
}

net::Task<Connection::Opened> open_counted(net::Loop& loop, net::BlockingPool& blocking,
                                           std::shared_ptr<Instance> instance,
                                           Connection::Wish wish) {
  const InstanceConfig& config = instance->config();
  Connection::Opened result;
  result.failure = Failure::kUnavailable;
  const net::Endpoint endpoint{config.host, config.port, config.unix_path};
  net::Connected connected =
      co_await net::connect_stream(loop, blocking, endpoint, config.limits.connect_timeout);
  if (!connected.stream) {
    result.error = unavailable(*instance, connected.error);
    instance->open.fetch_sub(1);
    co_return result;
  }
  std::unique_ptr<Connection> connection(
      new Connection(std::move(connected.stream), std::move(instance)));
  Instance& target = *connection->instance_;
  Instance::Password password = co_await password_of(loop, blocking, connection->instance_);
  if (!password.error.empty()) {
    result.error = unavailable(target, password.error);
    co_return result;
  }
  wire::ClientHandshake machine(login_config(config, std::move(password.password), wish));
  result.error = co_await connection->log_in(machine, machine.start());
  if (result.error.code != 0) co_return result;
  // Only of a server that let us in: clients are greeted with it.
  target.set_info(machine.server());
  connection->server_ = machine.server();
  connection->nonce_ = machine.nonce();
  connection->version_ = policy::version_number(machine.server().version);
  connection->mariadb_ = machine.server().version.find("MariaDB") != std::string::npos;
  connection->collation = wish.collation;
  connection->channel_.start_compression(connection->server_.compression, 3);
  connection->descriptor().set_deadline({});
  result.failure = Failure::kNone;
  result.connection = std::move(connection);
  co_return result;
}

net::Task<Connection::Opened> Connection::open(net::Loop& loop, net::BlockingPool& blocking,
                                               std::shared_ptr<Instance> instance, Wish wish) {
  instance->open.fetch_add(1);
  auto held = instance;
  Opened result = co_await open_counted(loop, blocking, std::move(instance), wish);
  held->up = result.connection != nullptr;
  co_return result;
}

net::Task<net::Io> Connection::send(policy::Permit permit) {
  return send_rest(std::move(permit), 0);
}

net::Moved Connection::try_send(const policy::Permit& permit) {
  channel_.begin_sending_command();
  return channel_.try_write(permit.frames());
}

net::Task<net::Io> Connection::send_rest(policy::Permit permit, std::size_t sent) {
  if (sent == 0) channel_.begin_sending_command();
  const net::Io io = co_await channel_.write_all(permit.frames().subspan(sent));
  channel_.begin_reading_answer(1);
  co_return io;
}

net::Task<net::Io> Connection::send_client_data(wire::Bytes frames) {
  co_return co_await channel_.write_all(frames);
}

net::Task<bool> Connection::run_control(policy::Control command, std::chrono::milliseconds limit) {
  descriptor().set_deadline(limit);
  if (co_await send(policy::Permit::control(command)) != net::Io::kOk) co_return false;
  const PacketIn packet = co_await read_packet(channel_, kMaxLoginPacket);
  descriptor().set_deadline({});
  co_return packet.io == net::Io::kOk&& packet.fault == wire::Fault{} && !packet.payload.empty() &&
      packet.payload.front() == wire::kOkHeader;
}

net::Task<bool> Connection::renew(net::BlockingPool& blocking, std::uint8_t wanted_collation) {
  auto held = instance_;
  const Instance::Password password =
      co_await password_of(channel_.stream().loop(), blocking, std::move(held));
  if (!password.error.empty()) co_return false;
  wire::ClientHandshake machine(login_config(instance_->config(), password.password,
                                             {server_.capabilities, wanted_collation}));
  descriptor().set_deadline(instance_->config().limits.connect_timeout);
  channel_.begin_sending_command();
  const wire::OwnedError error =
      co_await log_in(machine, machine.start_change_user(server_, nonce_));
  descriptor().set_deadline({});
  collation = wanted_collation;
  may_have_schema = false;
  co_return error.code == 0;
}

net::Task<void> kill_on_server(net::Loop& loop, net::BlockingPool& blocking,
                               std::shared_ptr<Instance> instance, std::uint32_t id,
                               bool query_only) {
  using namespace wire;
  auto opened = co_await Connection::open(
      loop, blocking, std::move(instance),
      {cap::kProtocol41 | cap::kSecureConnection | cap::kPluginAuth | cap::kLongPassword, 45});
  if (!opened.connection) co_return;
  std::vector<std::uint8_t> frames;
  opened.connection->descriptor().set_deadline(std::chrono::seconds(5));
  if (co_await opened.connection->send(policy::Permit::kill(id, query_only, frames)) ==
      net::Io::kOk) {
    (void)co_await read_packet(opened.connection->channel(), kMaxLoginPacket);
  }
}

}  // namespace sluice::backend
