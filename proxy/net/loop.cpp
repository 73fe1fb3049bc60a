#include "proxy/net/loop.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sluice::net {
namespace {

ssize_t system_recv(int descriptor, void* into, std::size_t size) {
  return ::recv(descriptor, into, size, 0);
}
ssize_t system_send(int descriptor, const void* from, std::size_t size) {
  return ::send(descriptor, from, size, MSG_NOSIGNAL);
}

// A cancelled coroutine may wait once more on its way out (an answer, a goodbye), not for ever.
constexpr int kLastRounds = 16;

constexpr std::uint32_t kEvents = EPOLLIN | EPOLLRDHUP | EPOLLET;

}  // namespace

const IoCalls& system_calls() noexcept {
  static constexpr IoCalls kCalls{&system_recv, &system_send, true};
  return kCalls;
}

Loop::Loop(const IoCalls& calls)
    : calls_(calls),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      now_(std::chrono::steady_clock::now()),
      next_tick_(now_ + kTick) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  if (epoll_ < 0 || wake_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll");
  }
  // OpenSSL writes with write(2), which knows no MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
}

Loop::~Loop() {
  if (wake_ >= 0) ::close(wake_);
  if (epoll_ >= 0) ::close(epoll_);
}

void Loop::run() {
  while (!stopped_) run_once(kTick);
  // What still waits for a descriptor is told, so that no coroutine stays behind with what it owns.
  for (int round = 0; round < kLastRounds && first_ != nullptr; ++round) {
    for (Descriptor* d = first_; d != nullptr; d = d->next_) d->cancel();
    run_once(std::chrono::milliseconds(0));
  }
}

void Loop::run_once(std::chrono::milliseconds limit) {
  const auto until_tick =
      std::chrono::duration_cast<std::chrono::milliseconds>(next_tick_ - now_).count() + 1;
  const bool busy = !soon_.empty() || !cancelled_.empty();
  const auto timeout =
      busy ? 0 : std::clamp<std::int64_t>(until_tick, 0, static_cast<std::int64_t>(limit.count()));
  std::array<epoll_event, 256> events;
  const int count = ::epoll_wait(epoll_, events.data(), events.size(), static_cast<int>(timeout));
  now_ = std::chrono::steady_clock::now();
  bool posted = false;
  batch_.clear();
  // Flags first: a coroutine that is resumed sees what all events of this round say.
  for (int i = 0; i < count; ++i) {
    auto* descriptor = static_cast<Descriptor*>(events[static_cast<std::size_t>(i)].data.ptr);
    if (descriptor == nullptr) {
      posted = true;
      continue;
    }
    descriptor->on_events(events[static_cast<std::size_t>(i)].events);
    batch_.push_back(descriptor);
  }
  resume_batch();
  if (posted) run_posted();
  if (now_ >= next_tick_) tick();
  resume_all_soon();
}

void Loop::resume_batch() {
  // By index: what is resumed may end descriptors that are still to come (remove() clears them).
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    if (batch_[i] != nullptr) batch_[i]->resume_if_met();
  }
  batch_.clear();
}

void Loop::resume_all_soon() {
  for (std::size_t i = 0; i < cancelled_.size(); ++i) {
    if (cancelled_[i] != nullptr) cancelled_[i]->resume_if_met();
  }
  cancelled_.clear();
  for (std::size_t i = 0; i < soon_.size(); ++i) soon_[i].resume();
  soon_.clear();
}

void Loop::stop() {
  post({});
}

void Loop::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (work) {
      posted_.push_back(std::move(work));
    } else {
      stop_asked_ = true;
    }
  }
  const std::uint64_t one = 1;
  (void)!::write(wake_, &one, sizeof one);
}

void Loop::run_posted() {
  std::uint64_t count = 0;
  (void)!::read(wake_, &count, sizeof count);
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(mutex_);
    work.swap(posted_);
    stopped_ = stop_asked_;
  }
  for (auto& item : work) item();
}

void Loop::tick() {
  ++tick_count_;
  next_tick_ = now_ + kTick;
  for (Descriptor* d = first_; d != nullptr; d = d->next_) {
    if (d->deadline_ != 0 && d->deadline_ <= tick_count_) {
      d->deadline_ = 0;
      d->timed_out_ = true;
      batch_.push_back(d);
    }
  }
  resume_batch();
  for (std::size_t i = 0; i < tickers_.size(); ++i) tickers_[i]->on_tick();
}

std::uint32_t Loop::ticks_from_now(std::chrono::milliseconds time) const noexcept {
  return tick_count_ + 1 + static_cast<std::uint32_t>(time / kTick);
}

void Loop::add(Descriptor& descriptor) {
  epoll_event event{};
  event.events = kEvents;
  event.data.ptr = &descriptor;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor.descriptor_, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
  descriptor.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &descriptor;
  first_ = &descriptor;
}

void Loop::remove(Descriptor& descriptor) noexcept {
  // Closing alone leaves it in the set while a child that is about to run a command has a copy.
  (void)::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor.descriptor_, nullptr);
  if (descriptor.previous_ != nullptr) {
    descriptor.previous_->next_ = descriptor.next_;
  } else {
    first_ = descriptor.next_;
  }
  if (descriptor.next_ != nullptr) descriptor.next_->previous_ = descriptor.previous_;
  for (auto* list : {&batch_, &cancelled_}) {
    std::replace(list->begin(), list->end(), &descriptor, static_cast<Descriptor*>(nullptr));
  }
}

void Loop::want_write_events(Descriptor& descriptor) noexcept {
  if (descriptor.write_events_) return;
  descriptor.write_events_ = true;
  epoll_event event{};
  event.events = kEvents | EPOLLOUT;
  event.data.ptr = &descriptor;
  // It cannot fail for a registered descriptor; were it to, the wait would end by its deadline.
  (void)::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor.descriptor_, &event);
}

Descriptor::Descriptor(Loop& loop, int descriptor) : loop_(loop), descriptor_(descriptor) {
  try {
    loop_.add(*this);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

Descriptor::~Descriptor() {
  loop_.remove(*this);
  ::close(descriptor_);
}

void Descriptor::on_events(std::uint32_t events) noexcept {
  if ((events & EPOLLIN) != 0) readable_ = true;
  if ((events & EPOLLOUT) != 0) writable_ = true;
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    hung_up_ = true;
    readable_ = true;
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) writable_ = true;
  }
}

void Descriptor::resume_if_met() {
  if (!waiter_ || !met(interest_)) return;
  std::exchange(waiter_, nullptr).resume();
}

void Descriptor::cancel() noexcept {
  cancelled_ = true;
  if (waiter_) loop_.cancelled_.push_back(this);
}

void Wait::await_suspend(std::coroutine_handle<> waiter) noexcept {
  first.waiter_ = waiter;
  first.interest_ = first_interest;
  if ((first_interest & Descriptor::kWrite) != 0) first.loop_.want_write_events(first);
  if (second != nullptr) {
    second->waiter_ = waiter;
    second->interest_ = second_interest;
  }
}

Wake Wait::await_resume() noexcept {
  first.waiter_ = nullptr;
  if (second != nullptr) second->waiter_ = nullptr;
  if (first.cancelled_ || (second != nullptr && second->cancelled_)) return Wake::kCancelled;
  if (first.timed_out_ || (second != nullptr && second->timed_out_)) return Wake::kTimedOut;
  return Wake::kReady;
}

}  // namespace sluice::net
