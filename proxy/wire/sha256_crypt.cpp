#include "proxy/wire/sha256_crypt.h"

#include <algorithm>
#include <memory>
#include <new>

#include <openssl/evp.h>

#include "proxy/wire/secret.h"

namespace sluice::wire {
namespace {

constexpr std::size_t kSize = 32;
using Digest = std::array<std::uint8_t, kSize>;

// One context for the thousands of digests; OpenSSL wipes it when it is freed.
class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    if (context_ == nullptr) throw std::bad_alloc();
    restart();
  }
  void restart() {
    if (EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
  }
  void add(Bytes bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  // `bytes` over and over until `count` bytes were added.
  void add_repeated(Bytes bytes, std::size_t count) {
    for (; count > bytes.size(); count -= bytes.size()) add(bytes);
    add(bytes.first(count));
  }
  void finish(Digest& digest) {
    EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
    restart();
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

// Drepper's step 22: three bytes to four characters, in the order that his specification lists.
std::array<char, 43> to_base64(const Digest& d) {
  constexpr std::string_view kAlphabet =
      "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::array<char, 43> text{};
  std::size_t at = 0;
  const auto put = [&](unsigned a, unsigned b, unsigned c, int characters) {
    unsigned bits = a << 16 | b << 8 | c;
    for (; characters > 0; --characters, bits >>= 6) text[at++] = kAlphabet[bits & 63];
  };
  std::size_t a = 0;
  std::size_t b = 10;
  std::size_t c = 20;
  for (int group = 0; group < 10; ++group) {
    put(d[a], d[b], d[c], 4);
    const std::size_t next = c + 1;  // the three columns rotate: (a,b,c) -> (c+1,a+1,b+1)
    c = b + 1;
    b = a + 1;
    a = next;
  }
  put(0, d[31], d[30], 3);
  return text;
}

}  // namespace

std::array<char, 43> sha256_crypt(std::string_view password, Bytes salt, std::uint32_t rounds) {
  const Bytes key = as_bytes(password);
  Sha256 sha;
  Digest a{};
  Digest b{};
  sha.add(key);
  sha.add(salt);
  sha.add(key);
  sha.finish(b);

  sha.add(key);
  sha.add(salt);
  sha.add_repeated(b, key.size());
  for (std::size_t bits = key.size(); bits > 0; bits >>= 1)
    sha.add((bits & 1) != 0 ? Bytes{b} : key);
  sha.finish(a);

  Digest digest{};
  for (std::size_t i = 0; i < key.size(); ++i) sha.add(key);
  sha.finish(digest);
  Buffer p(key.size());
  for (std::size_t i = 0; i < p.size(); ++i) p[i] = digest[i % kSize];

  for (std::size_t i = 0; i < std::size_t{16} + a[0]; ++i) sha.add(salt);
  sha.finish(digest);
  Buffer s(salt.size());
  for (std::size_t i = 0; i < s.size(); ++i) s[i] = digest[i % kSize];

  for (std::uint32_t round = 0; round < rounds; ++round) {
    const bool odd = (round & 1) != 0;
    sha.add(odd ? Bytes{p} : Bytes{a});
    if (round % 3 != 0) sha.add(s);
    if (round % 7 != 0) sha.add(p);
    sha.add(odd ? Bytes{a} : Bytes{p});
    sha.finish(a);
  }
  const auto text = to_base64(a);
  wipe(a);
  wipe(b);
  wipe(digest);
  wipe(p);
  return text;
}

}  // namespace sluice::wire
