#include "admin/store/seal.h"

#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sluice::store {
namespace {

constexpr int kBase64 = sodium_base64_VARIANT_ORIGINAL;

void start_library() {
  // Safe to call again, on any thread.
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_hex(const unsigned char* bytes, std::size_t size) {
  std::string text(size * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes, size);
  text.pop_back();
  return text;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

Result<std::unique_ptr<Sealer>> make_key_file(const std::string& path) {
  std::array<std::uint8_t, Sealer::kKeySize> key{};
  randombytes_buf(key.data(), key.size());
  std::string text = to_hex(key.data(), key.size()) + '\n';
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const bool written =
      file.get() >= 0 &&
      ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file.get()) == 0;
  sodium_memzero(text.data(), text.size());
  auto sealer = std::make_unique<Sealer>(key);
  sodium_memzero(key.data(), key.size());
  if (!written) return Fault{Failure::kUnavailable, path + ": the key file cannot be written"};
  return sealer;
}

}  // namespace

Sealer::Sealer(const std::array<std::uint8_t, kKeySize>& key) : key_(key) {
  start_library();
}

Sealer::~Sealer() {
  sodium_memzero(key_.data(), key_.size());
}

std::string Sealer::seal(std::string_view secret) const {
  std::vector<unsigned char> box(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES +
                                 secret.size());
  randombytes_buf(box.data(), crypto_secretbox_NONCEBYTES);
  crypto_secretbox_easy(box.data() + crypto_secretbox_NONCEBYTES, bytes_of(secret), secret.size(),
                        box.data(), key_.data());
  std::string text(sodium_base64_encoded_len(box.size(), kBase64), '\0');
  sodium_bin2base64(text.data(), text.size(), box.data(), box.size(), kBase64);
  text.pop_back();  // its zero byte
  return text;
}

Result<std::string> Sealer::open(std::string_view sealed) const {
  const Fault wrong{Failure::kWrongKey, "a secret of the store does not open with this key file"};
  if (sealed.empty()) return wrong;  // an empty vector has no address to give to libsodium
  std::vector<unsigned char> box(sealed.size());
  std::size_t size = 0;
  if (sodium_base642bin(box.data(), box.size(), sealed.data(), sealed.size(), nullptr, &size,
                        nullptr, kBase64) != 0 ||
      size < crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES) {
    return wrong;
  }
  std::string secret(size - crypto_secretbox_NONCEBYTES - crypto_secretbox_MACBYTES, '\0');
  if (crypto_secretbox_open_easy(
          reinterpret_cast<unsigned char*>(secret.data()), box.data() + crypto_secretbox_NONCEBYTES,
          size - crypto_secretbox_NONCEBYTES, box.data(), key_.data()) != 0) {
    return wrong;
  }
  return secret;
}

std::string Sealer::keyed_hash(std::string_view bytes) const {
  std::array<unsigned char, crypto_generichash_BYTES> hash{};
  crypto_generichash(hash.data(), hash.size(), bytes_of(bytes), bytes.size(), key_.data(),
                     key_.size());
  return to_hex(hash.data(), hash.size());
}

Result<std::unique_ptr<Sealer>> open_key_file(const std::string& path) {
  start_library();
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return make_key_file(path);
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    return Fault{Failure::kUnavailable, path + ": the key file cannot be read"};
  }
  if ((status.st_mode & 077) != 0) {
    return Fault{Failure::kRefused,
                 path + ": others may read the key file; expected mode 0600 (chmod 600)"};
  }
  std::array<char, Sealer::kKeySize * 2 + 1> text{};
  const auto got = ::read(file.get(), text.data(), text.size());
  std::array<std::uint8_t, Sealer::kKeySize> key{};
  std::size_t size = 0;
  const bool good = got >= static_cast<ssize_t>(Sealer::kKeySize * 2) &&
                    sodium_hex2bin(key.data(), key.size(), text.data(), Sealer::kKeySize * 2,
                                   nullptr, &size, nullptr) == 0 &&
                    size == key.size();
  sodium_memzero(text.data(), text.size());
  if (!good) return Fault{Failure::kWrongKey, path + ": expected 64 hex digits in the key file"};
  auto sealer = std::make_unique<Sealer>(key);
  sodium_memzero(key.data(), key.size());
  return sealer;
}

std::string hash_password(std::string_view password) {
  start_library();
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (crypto_pwhash_str(hash.data(), password.data(), password.size(),
                        crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
    throw std::bad_alloc();
  }
  return hash.data();
}

bool check_password(std::string_view password, const std::string& hash) {
  start_library();
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

std::string make_token() {
  start_library();
  std::array<unsigned char, 32> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return to_hex(bytes.data(), bytes.size());
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), bytes_of(bytes), bytes.size());
  return to_hex(digest.data(), digest.size());
}

std::string token_hash(std::string_view token) {
  return sha256_hex(token);
}

}  // namespace sluice::store
