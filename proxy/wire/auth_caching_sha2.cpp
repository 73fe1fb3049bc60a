#include "proxy/wire/auth_caching_sha2.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <new>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "proxy/wire/sha256_crypt.h"

namespace sluice::wire {
namespace {

using Sha256 = std::array<std::uint8_t, kSha256Size>;

constexpr std::uint32_t kRoundsUnit = 1000;
constexpr std::string_view kPrefix = "$A$";
constexpr std::size_t kFullTextSize = 3 + 3 + 1 + 20 + 43;

Sha256 sha256(Bytes a, Bytes b = {}) {
  Sha256 digest{};
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool done = context != nullptr && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1 &&
                    EVP_DigestUpdate(context, a.data(), a.size()) == 1 &&
                    EVP_DigestUpdate(context, b.data(), b.size()) == 1 &&
                    EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1;
  EVP_MD_CTX_free(context);
  if (!done) throw std::bad_alloc();  // SHA-256 itself cannot fail
  return digest;
}

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;

Result<Buffer> encrypt_oaep(Bytes plain, std::string_view pem) {
  constexpr std::size_t kMaxPem = 64 * 1024;
  if (pem.size() > kMaxPem) return make_error_code(Fault::kCrypto);
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (bio == nullptr) return make_error_code(Fault::kCrypto);
  const Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  if (key == nullptr) return make_error_code(Fault::kCrypto);
  const KeyContext context(EVP_PKEY_CTX_new(key.get(), nullptr));
  std::size_t size = 0;
  if (context == nullptr || EVP_PKEY_encrypt_init(context.get()) <= 0 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) <= 0 ||
      EVP_PKEY_encrypt(context.get(), nullptr, &size, plain.data(), plain.size()) <= 0)
    return make_error_code(Fault::kCrypto);
  Buffer cipher(size);
  if (EVP_PKEY_encrypt(context.get(), cipher.data(), &size, plain.data(), plain.size()) <= 0)
    return make_error_code(Fault::kCrypto);
  cipher.resize(size);
  return cipher;
}

}  // namespace

FastVerifier fast_verifier(std::string_view password) {
  Sha256 once = sha256(as_bytes(password));
  const Sha256 twice = sha256(once);
  wipe(once);
  return twice;
}

Buffer fast_response(std::string_view password, const Nonce& nonce) {
  if (password.empty()) return {};
  Sha256 once = sha256(as_bytes(password));
  const Sha256 mask = sha256(sha256(once), nonce);
  Buffer response(kSha256Size);
  for (std::size_t i = 0; i < kSha256Size; ++i)
    response[i] = static_cast<std::uint8_t>(once[i] ^ mask[i]);
  wipe(once);
  return response;
}

bool check_fast(Bytes response, const Nonce& nonce, const FastVerifier& verifier) {
  if (response.size() != kSha256Size) return false;
  // The mask hashes SHA256(SHA256(password)) and the nonce: exactly what is stored.
  Sha256 once = sha256(verifier, nonce);
  for (std::size_t i = 0; i < kSha256Size; ++i)
    once[i] = static_cast<std::uint8_t>(once[i] ^ response[i]);
  const bool equal = equal_constant_time(sha256(once), verifier);
  wipe(once);
  return equal;
}

Result<FullVerifier> parse_full_verifier(std::string_view text) {
  if (text.size() != kFullTextSize || !text.starts_with(kPrefix) || text[6] != '$')
    return make_error_code(Fault::kMalformed);
  FullVerifier verifier;
  std::uint32_t thousands = 0;
  const auto [end, error] = std::from_chars(text.data() + 3, text.data() + 6, thousands, 16);
  verifier.rounds = thousands * kRoundsUnit;
  if (error != std::errc{} || end != text.data() + 6 || verifier.rounds < kMinRounds ||
      verifier.rounds > kMaxRounds)
    return make_error_code(Fault::kMalformed);
  const Bytes salt = as_bytes(text.substr(7, verifier.salt.size()));
  std::copy(salt.begin(), salt.end(), verifier.salt.begin());
  const std::string_view digest = text.substr(7 + verifier.salt.size());
  std::copy(digest.begin(), digest.end(), verifier.digest.begin());
  return verifier;
}

std::string to_text(const FullVerifier& verifier) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const std::uint32_t thousands = verifier.rounds / kRoundsUnit;
  std::string text(kPrefix);
  for (const unsigned shift : {8U, 4U, 0U}) text += kDigits[thousands >> shift & 15];
  text += '$';
  text += as_text(verifier.salt);
  text.append(verifier.digest.data(), verifier.digest.size());
  return text;
}

FullVerifier full_verifier(std::string_view password, const std::array<std::uint8_t, 20>& salt,
                           std::uint32_t rounds) {
  FullVerifier verifier;
  verifier.rounds = rounds;
  verifier.salt = salt;
  verifier.digest = sha256_crypt(password, salt, rounds);
  return verifier;
}

std::array<std::uint8_t, 20> make_salt(const std::array<std::uint8_t, 20>& random) {
  constexpr std::string_view kAlphabet =
      "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::array<std::uint8_t, 20> salt{};
  for (std::size_t i = 0; i < salt.size(); ++i)
    salt[i] = static_cast<std::uint8_t>(kAlphabet[random[i] & 63]);
  return salt;
}

bool check_full(std::string_view password, const FullVerifier& verifier) {
  if (password.size() > kMaxPasswordSize) return false;
  const auto digest = sha256_crypt(password, verifier.salt, verifier.rounds);
  return equal_constant_time(as_bytes({digest.data(), digest.size()}),
                             as_bytes({verifier.digest.data(), verifier.digest.size()}));
}

void xor_with_nonce(std::span<std::uint8_t> password, const Nonce& nonce) noexcept {
  for (std::size_t i = 0; i < password.size(); ++i)
    password[i] = static_cast<std::uint8_t>(password[i] ^ nonce[i % nonce.size()]);
}

Result<Buffer> encrypt_password(std::string_view password, const Nonce& nonce,
                                std::string_view public_key_pem) {
  Buffer plain(password.begin(), password.end());
  plain.push_back(0);
  xor_with_nonce(plain, nonce);
  auto cipher = encrypt_oaep(plain, public_key_pem);
  wipe(plain);
  return cipher;
}

}  // namespace sluice::wire
