// Control connections of the store's instances that are used again and again: the gate looks at a
// server before and after each change. At most kIdle of an instance wait for the next one.
//
// The store must outlive it. Any thread; blocks on the store and on servers.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "admin/change/snapshot.h"
#include "admin/store/store.h"
#include "policy/rules/server.h"

namespace sluice::change {

// A connection with what its server makes of texts.
struct Control {
  std::unique_ptr<SnapshotReader> reader;
  policy::rules::Server facts;
  std::string login;  // of the instance as it was when the connection was made
  std::chrono::steady_clock::time_point used{};
};

class ControlPool {
 public:
  static constexpr std::size_t kIdle = 8;
  // One that waited for longer is asked whether it lives.
  static constexpr std::chrono::seconds kFresh{5};

  explicit ControlPool(store::Store& store) : store_(store) {}
  ControlPool(const ControlPool&) = delete;
  ControlPool& operator=(const ControlPool&) = delete;

  // Gives the connection back unless it was lost.
  class Lease {
   public:
    Lease(ControlPool& pool, store::Id instance, Control control)
        : pool_(&pool), instance_(instance), control_(std::move(control)) {}
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (control_.reader) pool_->give_back(instance_, std::move(control_));
    }
    [[nodiscard]] SnapshotReader& reader() noexcept { return *control_.reader; }
    [[nodiscard]] const policy::rules::Server& facts() const noexcept { return control_.facts; }

   private:
    ControlPool* pool_;
    store::Id instance_;
    Control control_;
  };

  // The error is a sentence: the store's, or why the server cannot be reached.
  [[nodiscard]] boost::system::result<Lease, std::string> take(store::Id instance);

 private:
  void give_back(store::Id instance, Control control);
  [[nodiscard]] std::optional<Control> idle(store::Id instance, const std::string& login);

  store::Store& store_;
  std::mutex mutex_;
  std::map<store::Id, std::vector<Control>> idle_;
};

}  // namespace sluice::change
