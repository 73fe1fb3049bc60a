#include "proxy/net/tls.h"

#include <array>
#include <stdexcept>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace sluice::net {
namespace {

struct Free {
  void operator()(EVP_PKEY* p) const noexcept { EVP_PKEY_free(p); }
  void operator()(EVP_PKEY_CTX* p) const noexcept { EVP_PKEY_CTX_free(p); }
  void operator()(X509* p) const noexcept { X509_free(p); }
  void operator()(BIO* p) const noexcept { BIO_free(p); }
  void operator()(SSL_CTX* p) const noexcept { SSL_CTX_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

// What every context of ours has: no buffer while idle, partial writes, nothing resumed (MySQL
// clients do not ask for it by default, and a ticket would cost a write a connection).
void set_common(SSL_CTX* context) {
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_read_ahead(context, 1);
}

Owned<X509> self_signed(EVP_PKEY* key) {
  Owned<X509> certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 10L * 365 * 24 * 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  constexpr std::string_view kName = "Sluice generated certificate";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(kName.data()),
                             static_cast<int>(kName.size()), -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  if (X509_sign(certificate.get(), key, EVP_sha256()) == 0) return nullptr;
  return certificate;
}

std::string use_generated(SSL_CTX* context) {
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  if (!key) return openssl_error();
  const Owned<X509> certificate = self_signed(key.get());
  if (!certificate || SSL_CTX_use_certificate(context, certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return openssl_error();
  }
  return {};
}

std::string use_files(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return certificate + ": " + openssl_error();
  }
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return key + ": " + openssl_error();
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return key + ": is not the key of " + certificate;
  }
  return {};
}

Owned<BIO> reader(const std::string& pem) {
  return Owned<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// Every certificate of the text becomes one that is trusted. An error text otherwise.
std::string trust_pem(SSL_CTX* context, const std::string& pem) {
  const auto in = reader(pem);
  int count = 0;
  while (const Owned<X509> certificate{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)}) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get()) != 1) {
      return "CA: " + openssl_error();
    }
    ++count;
  }
  ERR_clear_error();  // the end of the text is one
  return count == 0 ? "CA: the text holds no PEM certificate" : "";
}

// The first certificate is the client's, the rest its chain. An error text otherwise.
std::string use_pem(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  const auto in = reader(certificate);
  const Owned<X509> own(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) {
    ERR_clear_error();
    return "certificate: the text holds no PEM certificate";
  }
  while (Owned<X509> next{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)}) {
    if (SSL_CTX_add0_chain_cert(context, next.get()) != 1) return "certificate: its chain";
    (void)next.release();  // the context's now
  }
  ERR_clear_error();
  const auto key_in = reader(key);
  const Owned<EVP_PKEY> secret(PEM_read_bio_PrivateKey(key_in.get(), nullptr, nullptr, nullptr));
  if (!secret || SSL_CTX_use_PrivateKey(context, secret.get()) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return "key: the text holds no PEM key of the certificate";
  }
  return {};
}

TlsContext failed(std::string error) {
  return {nullptr, error.empty() ? std::string("OpenSSL failed") : std::move(error)};
}

}  // namespace

std::string openssl_error() {
  std::string text;
  if (const unsigned long code = ERR_get_error(); code != 0) {
    std::array<char, 256> buffer{};
    ERR_error_string_n(code, buffer.data(), buffer.size());
    text = buffer.data();
  }
  ERR_clear_error();
  return text;
}

TlsContext make_server_context(const ServerTlsConfig& config) {
  Owned<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
  if (!context) return failed(openssl_error());
  set_common(context.get());
  if (!config.allow_tls12) SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  std::string error;
  if (config.certificate_file.empty() && config.key_file.empty()) {
    error = use_generated(context.get());
  } else if (config.certificate_file.empty() || config.key_file.empty()) {
    error = "a certificate needs its key, and a key its certificate";
  } else {
    error = use_files(context.get(), config.certificate_file, config.key_file);
  }
  if (!error.empty()) return failed(std::move(error));
  return {std::shared_ptr<SSL_CTX>(context.release(), Free{}), {}};
}

TlsContext make_client_context(const ClientTlsFiles& files) {
  Owned<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
  if (!context) return failed(openssl_error());
  set_common(context.get());
  if (files.verify && !files.ca_pem.empty()) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    std::string error = trust_pem(context.get(), files.ca_pem);
    if (!error.empty()) return failed(std::move(error));
  } else if (files.verify) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    const int loaded = files.ca_file.empty()
                           ? SSL_CTX_set_default_verify_paths(context.get())
                           : SSL_CTX_load_verify_file(context.get(), files.ca_file.c_str());
    if (loaded != 1) return failed(files.ca_file + ": " + openssl_error());
  }
  if (!files.certificate_pem.empty()) {
    std::string error = use_pem(context.get(), files.certificate_pem, files.key_pem);
    if (!error.empty()) return failed(std::move(error));
  } else if (!files.certificate_file.empty()) {
    std::string error = use_files(context.get(), files.certificate_file, files.key_file);
    if (!error.empty()) return failed(std::move(error));
  }
  return {std::shared_ptr<SSL_CTX>(context.release(), Free{}), {}};
}

std::shared_ptr<const RsaKey> RsaKey::generate() {
  const std::shared_ptr<RsaKey> made(new RsaKey);
  made->key_ = std::shared_ptr<EVP_PKEY>(EVP_RSA_gen(2048), Free{});
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  if (!made->key_ || !out || PEM_write_bio_PUBKEY(out.get(), made->key_.get()) != 1) {
    throw std::runtime_error("RSA key: " + openssl_error());
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  made->public_pem_.assign(text, static_cast<std::size_t>(size));
  return made;
}

std::optional<std::vector<std::uint8_t>> RsaKey::decrypt(
    std::span<const std::uint8_t> ciphertext) const {
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  std::vector<std::uint8_t> plain;
  std::size_t size = 0;
  const bool done =
      context && EVP_PKEY_decrypt_init(context.get()) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
      EVP_PKEY_decrypt(context.get(), nullptr, &size, ciphertext.data(), ciphertext.size()) == 1 &&
      (plain.resize(size), EVP_PKEY_decrypt(context.get(), plain.data(), &size, ciphertext.data(),
                                            ciphertext.size()) == 1);
  ERR_clear_error();
  if (!done) return std::nullopt;
  plain.resize(size);
  return plain;
}

}  // namespace sluice::net
