#include "admin/http/passwords.h"

#include "admin/store/seal.h"

namespace sluice::http {
namespace {

// Gives its place back on every way out: hashing throws when memory is short.
class Slot {
 public:
  explicit Slot(std::counting_semaphore<Passwords::kAtOnce>& slots) : slots_(slots) {
    slots_.acquire();
  }
  ~Slot() { slots_.release(); }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

 private:
  std::counting_semaphore<Passwords::kAtOnce>& slots_;
};

}  // namespace

std::string Passwords::hash(std::string_view password) {
  const Slot slot(slots_);
  return store::hash_password(password);
}

std::string Passwords::decoy() {
  std::call_once(made_, [this] { decoy_ = store::hash_password(store::make_token()); });
  return decoy_;
}

bool Passwords::check(std::string_view password, const std::string& hash) {
  const Slot slot(slots_);
  const bool known = !hash.empty();
  const bool right = store::check_password(password, known ? hash : decoy());
  return known && right;
}

}  // namespace sluice::http
