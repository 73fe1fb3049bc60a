#include "admin/change/control_pool.h"

#include "admin/change/server_facts.h"
#include "admin/change/target.h"

namespace sluice::change {
namespace {

// Whatever of an instance a connection depends on; never printed.
std::string login_of(const mysql::Options& options) {
  std::string login = options.host + '\n' + std::to_string(options.port) + '\n' + options.username +
                      '\n' + options.password.reveal() + '\n' +
                      std::to_string(static_cast<int>(options.tls.mode)) + '\n' + options.tls.ca +
                      '\n' + options.tls.cert + '\n' + options.tls.key.reveal();
  return store::sha256_hex(login);
}

}  // namespace

std::optional<Control> ControlPool::idle(store::Id instance, const std::string& login) {
  const std::lock_guard lock(mutex_);
  auto& waiting = idle_[instance];
  std::erase_if(waiting, [&](const Control& control) { return control.login != login; });
  if (waiting.empty()) return std::nullopt;
  Control control = std::move(waiting.back());
  waiting.pop_back();
  return control;
}

boost::system::result<ControlPool::Lease, std::string> ControlPool::take(store::Id instance) {
  auto options = control_options(store_, instance);
  if (!options) return options.error().detail;
  const std::string login = login_of(*options);
  while (auto control = idle(instance, login)) {
    const bool fresh = std::chrono::steady_clock::now() - control->used < kFresh;
    if (fresh || control->reader->connection().ping()) {
      return Lease(*this, instance, std::move(*control));
    }
  }
  auto reader = SnapshotReader::open(std::move(*options));
  if (!reader) return "the instance cannot be reached: " + reader.error().message;
  // A client that holds LOCK TABLES ... WRITE waits for us: we must not wait for it (manual 7.1.8).
  const auto limited = (*reader)->connection().query("SET SESSION lock_wait_timeout = 1");
  if (!limited) return "the instance does not answer: " + limited.error().message;
  auto facts = read_server_facts((*reader)->connection());
  if (!facts) return "the instance does not answer: " + facts.error().message;
  Control made;
  made.reader = std::move(*reader);
  made.facts = std::move(*facts);
  made.login = login;
  return Lease(*this, instance, std::move(made));
}

void ControlPool::give_back(store::Id instance, Control control) {
  if (control.reader->connection().lost()) return;
  control.used = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  auto& waiting = idle_[instance];
  if (waiting.size() < kIdle) waiting.push_back(std::move(control));
}

}  // namespace sluice::change
