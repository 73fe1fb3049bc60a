// The admin port over TLS: what the plain port promises about clients that go holds there too.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <unistd.h>

#include "admin/http/server.h"
#include "tests/http/staying_route.h"

namespace sluice::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// A certificate for a day, and its key, as PEM files in a folder of their own.
class Certificate {
 public:
  Certificate() {
    std::string name = (std::filesystem::temp_directory_path() / "sluice-tls-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                  &EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), &X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 86'400);
    X509_set_pubkey(made.get(), key.get());
    X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
    if (X509_sign(made.get(), key.get(), EVP_sha256()) == 0) throw std::runtime_error("no X.509");
    write(certificate(), [&](FILE* file) { PEM_write_X509(file, made.get()); });
    write(key_file(), [&](FILE* file) {
      PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }
  ~Certificate() { std::filesystem::remove_all(folder_); }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  [[nodiscard]] std::string certificate() const { return (folder_ / "cert.pem").string(); }
  [[nodiscard]] std::string key_file() const { return (folder_ / "key.pem").string(); }

 private:
  template <class Write>
  static void write(const std::string& path, Write content) {
    const std::unique_ptr<FILE, decltype(&std::fclose)> file(std::fopen(path.c_str(), "w"),
                                                             &std::fclose);
    if (!file) throw std::runtime_error(path);
    content(file.get());
  }
  std::filesystem::path folder_;
};

// Sends its requests at once; how it ends its connection is the test's.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, const std::string& bytes) {
    stream_.next_layer().connect({asio::ip::address_v4::loopback(), port});
    stream_.handshake(asio::ssl::stream_base::client);
    asio::write(stream_, asio::buffer(bytes));
  }
  std::string read_until(const std::string& mark) {
    std::string text;
    boost::system::error_code end;
    asio::read_until(stream_, asio::dynamic_buffer(text), mark, end);
    return text;
  }
  // With close_notify (RFC 8446 section 6.1), as browsers do; the server's is not waited for.
  void close_politely() {
    boost::system::error_code ignored;
    stream_.async_shutdown([](auto) {});
    context_.run_one();  // it is written, or the server has gone already
    stream_.next_layer().close(ignored);
  }
  void close() { stream_.next_layer().close(); }

 private:
  asio::io_context context_;
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  asio::ssl::stream<tcp::socket> stream_{context_, tls_};
};

class TlsServer : public testing::Test {
 protected:
  void SetUp() override {
    ServerConfig config;
    config.port = 0;
    config.certificate_file = files_.certificate();
    config.key_file = files_.key_file();
    server_.emplace(config, router_, [](auto, auto, auto) {});
    ASSERT_EQ(server_->start(), std::nullopt);
  }
  Certificate files_;
  StayingRoute stays_;
  Router router_{[this] {
    std::vector<Route> routes;
    routes.push_back(stays_.route());
    routes.push_back({"GET", "/secure", [](const Request& request) {
                        return Response{200, "text/plain", request.secure ? "yes" : "no", {}};
                      }});
    return routes;
  }()};
  std::optional<Server> server_;
};

TEST_F(TlsServer, ServesRequestsAndSaysThatTheyCameOverTls) {
  TlsClient client(server_->port(), "GET /secure HTTP/1.1\r\n\r\n");
  const auto answer = client.read_until("yes");
  EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, testing::HasSubstr("Strict-Transport-Security: max-age="));
}

// Nobody reads from the stream while the handler works: the connection below it tells. A request
// that was sent ahead is among the bytes that wait.
TEST_F(TlsServer, AHandlerLearnsThatItsClientHasGone) {
  for (const auto* ahead : {"", "GET /secure HTTP/1.1\r\n\r\n"}) {
    for (const bool polite : {false, true}) {
      TlsClient client(server_->port(), "GET /stays HTTP/1.1\r\n\r\n" + std::string(ahead));
      stays_.wait_until_entered();
      if (polite) {
        client.close_politely();
      } else {
        client.close();
      }
      stays_.wait_until_ended();
    }
  }
}

}  // namespace
}  // namespace sluice::http
