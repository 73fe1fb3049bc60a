#include "admin/mysql/connection.h"

#include <cstring>
#include <mutex>

#include <fcntl.h>
#include <mysql.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin/mysql/collect.h"
#include "admin/mysql/watch.h"

namespace sluice::mysql {
namespace {

constexpr unsigned kErrServerGone = 2006;
constexpr unsigned kErrTls = 2026;

// A PEM text as a file that the library can open: an anonymous one in memory. Kept open until the
// login is done.
class PemFile {
 public:
  explicit PemFile(const std::string& pem_or_path) : path_(pem_or_path) {
    if (pem_or_path.find("-----BEGIN") == std::string::npos) return;
    descriptor_ = ::memfd_create("sluice-pem", MFD_CLOEXEC);
    std::string_view rest = pem_or_path;
    while (descriptor_ >= 0 && !rest.empty()) {
      const ssize_t count = ::write(descriptor_, rest.data(), rest.size());
      if (count <= 0) break;
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
    path_ = "/proc/self/fd/" + std::to_string(descriptor_);
  }
  PemFile(const PemFile&) = delete;
  PemFile& operator=(const PemFile&) = delete;
  ~PemFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] const char* path() const { return path_.empty() ? nullptr : path_.c_str(); }

 private:
  std::string path_;
  int descriptor_ = -1;
};

constexpr const char* kSystemCa = "/etc/ssl/certs/ca-certificates.crt";

void set_tls(MYSQL* handle, const Options& options, const PemFile& ca, const PemFile& cert,
             const PemFile& key) {
  const auto mode = options.tls.mode;
  if (mode == TlsMode::kDisabled) return;
  my_bool on = 1;
  mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &on);
  if (cert.path() != nullptr) mysql_options(handle, MYSQL_OPT_SSL_CERT, cert.path());
  if (key.path() != nullptr) mysql_options(handle, MYSQL_OPT_SSL_KEY, key.path());
  // With a CA the library verifies the chain; with VERIFY_SERVER_CERT also the name.
  if (mode >= TlsMode::kVerifyCa)
    mysql_options(handle, MYSQL_OPT_SSL_CA, ca.path() != nullptr ? ca.path() : kSystemCa);
  if (mode == TlsMode::kVerifyIdentity)
    mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &on);
  // Without TLS caching_sha2_password would encrypt the password with whatever key the peer sends.
  // Somebody who strips TLS from the greeting gets nothing: this file holds no key.
  if (mode >= TlsMode::kRequired) mysql_options(handle, MYSQL_SERVER_PUBLIC_KEY, "/dev/null");
}

void set_options(MYSQL* handle, const Options& options) {
  const unsigned connect = options.connect_timeout_seconds;
  const unsigned read = options.read_timeout_seconds;
  const unsigned write = options.write_timeout_seconds;
  mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect);
  if (read != 0) mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &read);
  if (write != 0) mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &write);
  const unsigned no = 0;
  mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &no);  // a server could ask for any file of ours
  mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  mysql_options4(handle, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", options.program.c_str());
  // A server chooses the method; mysql_clear_password (Aurora IAM) only for one that we verified.
  mysql_options(handle, MARIADB_OPT_RESTRICTED_AUTH,
                options.tls.mode == TlsMode::kVerifyIdentity
                    ? "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519,"
                      "mysql_clear_password"
                    : "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519");
}

// A peer that is gone without a word is found while no statement is limited in time.
void keep_alive(int socket) {
  const int on = 1;
  const int idle = 60;
  const int interval = 10;
  const int count = 6;
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

Fault connect_fault(MYSQL* handle, const Options& options) {
  Fault fault{Failure::kUnreachable, mysql_errno(handle), mysql_sqlstate(handle),
              mysql_error(handle)};
  if (fault.number == kErrTls) {
    fault.kind = Failure::kTls;
  } else if (fault.number == 2000 && options.tls.mode >= TlsMode::kRequired) {
    fault.kind = Failure::kTls;
    fault.message = "the server offers no TLS, and tls mode asks for it";
  } else if (fault.number < 2000 || fault.number == 5010 || fault.number == 2059) {
    fault.kind = Failure::kRefused;
  }
  return fault;
}

const char* or_null(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

}  // namespace

bool means_lost(unsigned number) {
  switch (number) {
    case 1053:  // the server is shutting down
    case 1927:  // MariaDB: the connection was killed
    case 3169:  // MySQL: the session was killed
    case 4031:  // the server closed it for inactivity
    case kErrServerGone:
    case 2013:  // lost during a statement
    case kErrTls:
    case 2027:  // what came was no packet
    case 2055: return true;
    default: return false;
  }
}

bool Column::is_binary() const noexcept {
  switch (type) {
    case Type::kBit:
    case Type::kGeometry:
    case Type::kVector: return true;
    case Type::kVarchar:
    case Type::kVarString:
    case Type::kString:
    case Type::kTinyBlob:
    case Type::kBlob:
    case Type::kMediumBlob:
    case Type::kLongBlob: return collation == 63;
    default: return false;
  }
}

void Connection::Close::operator()(st_mysql* handle) const noexcept {
  mysql_close(handle);
}

Result<std::unique_ptr<Connection>> Connection::open(const Options& options) {
  static std::once_flag started;
  std::call_once(started, [] { mysql_server_init(0, nullptr, nullptr); });
  std::unique_ptr<Connection> connection(new Connection(options));
  if (auto connected = connection->connect(); !connected) return connected.error();
  return connection;
}

Connection::~Connection() = default;

Result<void> Connection::connect() {
  handle_.reset(mysql_init(nullptr));
  if (!handle_) throw std::bad_alloc();
  const PemFile ca(options_.tls.ca);
  const PemFile cert(options_.tls.cert);
  const PemFile key(options_.tls.key.reveal());
  set_options(handle_.get(), options_);
  set_tls(handle_.get(), options_, ca, cert, key);
  // Without CLIENT_REMEMBER_OPTIONS a connect that fails throws the options away, half freed.
  const unsigned long flags = CLIENT_REMEMBER_OPTIONS | CLIENT_MULTI_RESULTS |
                              CLIENT_PS_MULTI_RESULTS |
                              (options_.found_rows ? CLIENT_FOUND_ROWS : 0) |
                              (options_.multi_statements ? CLIENT_MULTI_STATEMENTS : 0);
  // "localhost" would mean the default Unix socket to the library; here it means TCP.
  const bool tcp = options_.socket.empty();
  const unsigned protocol = tcp ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;
  mysql_options(handle_.get(), MYSQL_OPT_PROTOCOL, &protocol);
  const MYSQL* connected = mysql_real_connect(
      handle_.get(), tcp ? options_.host.c_str() : nullptr, options_.username.c_str(),
      options_.password.reveal().c_str(), or_null(options_.database), options_.port,
      or_null(options_.socket), flags);
  // The library forgets to free this one when the connection is closed.
  mysql_options(handle_.get(), MYSQL_SERVER_PUBLIC_KEY, nullptr);
  if (connected == nullptr) return connect_fault(handle_.get(), options_);
  if (options_.tls.mode >= TlsMode::kRequired && tls_cipher().empty()) {
    return Fault{Failure::kTls, 0, "", "the server offers no TLS, and tls mode asks for it"};
  }
  if (tcp) keep_alive(mysql_get_socket(handle_.get()));
  // The library logs in with utf8mb4_general_ci; stored programs keep the connection's collation,
  // so the server's own default for utf8mb4 is the right one.
  if (auto named = query("SET NAMES utf8mb4"); !named) return named.error();
  return {};
}

Fault Connection::fault() {
  Fault fault{Failure::kServer, mysql_errno(handle_.get()), mysql_sqlstate(handle_.get()),
              mysql_error(handle_.get())};
  if (means_lost(fault.number)) {
    fault.kind = Failure::kLost;
    lost_ = true;
  }
  return fault;
}

Result<void> Connection::ping() {
  if (mysql_ping(handle_.get()) != 0) return fault();
  return {};
}

Result<void> Connection::track_gtids() {
  auto set = query(is_mariadb() ? "SET session_track_system_variables = "
                                  "CONCAT(@@session_track_system_variables, ',last_gtid')"
                                : "SET session_track_gtids = OWN_GTID");
  if (!set) return set.error();
  return {};
}

std::uint64_t Connection::thread_id() const noexcept {
  return mysql_thread_id(handle_.get());
}
bool Connection::is_mariadb() const noexcept {
  return mariadb_connection(handle_.get()) != 0;
}
std::uint32_t Connection::version() const noexcept {
  return static_cast<std::uint32_t>(mysql_get_server_version(handle_.get()));
}
std::string Connection::version_text() const {
  return mysql_get_server_info(handle_.get());
}
std::string Connection::tls_cipher() const {
  const char* cipher = mysql_get_ssl_cipher(handle_.get());
  return cipher == nullptr ? std::string() : cipher;
}

Result<void> Connection::watched(const Limits& limits,
                                 const std::function<Result<void>()>& statement) {
  if (lost_)
    return Fault{Failure::kLost, kErrServerGone, "HY000", "the connection was lost before"};
  if (limits.cancellation != nullptr && limits.cancellation->requested()) {
    return Fault{Failure::kCancelled, 0, "", "cancelled before it began"};
  }
  Watch watch(options_, thread_id(), mysql_get_socket(handle_.get()), limits);
  auto result = statement();
  const auto interrupted = watch.finish();
  const bool stopped = !result && (result.error().kind == Failure::kStopped ||
                                   result.error().kind == Failure::kTooLarge);
  if ((interrupted || stopped) && !lost_) {
    // A KILL QUERY that came too late would hit the next statement: let it hit this one.
    if (mysql_query(handle_.get(), "DO 0") != 0) (void)fault();
  }
  if (interrupted && !result && !stopped) {
    auto why = result.error();
    why.kind = *interrupted;
    return why;
  }
  return result;
}

namespace {

// One that only kills needs no schema; a login with one would wait behind a DROP DATABASE that
// waits for the statement to be killed.
Result<std::unique_ptr<Connection>> open_to_kill(Options options) {
  options.database.clear();
  return Connection::open(options);
}

}  // namespace

Result<void> kill_query(const Options& options, std::uint64_t thread_id) {
  auto connection = open_to_kill(options);
  if (!connection) return connection.error();
  auto killed = (*connection)->query("KILL QUERY " + std::to_string(thread_id));
  if (!killed) return killed.error();
  return {};
}

Result<void> kill_connection(const Options& options, std::uint64_t thread_id) {
  auto connection = open_to_kill(options);
  if (!connection) return connection.error();
  auto killed = (*connection)->query("KILL " + std::to_string(thread_id));
  if (!killed) return killed.error();
  return {};
}

}  // namespace sluice::mysql
