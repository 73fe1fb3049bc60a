#include "proxy/backend/token_command.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <span>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace sluice::backend {
namespace {

constexpr std::size_t kMaxToken = 16384;

using Clock = std::chrono::steady_clock;

// A descriptor that closes itself.
class Handle {
 public:
  explicit Handle(int fd) noexcept : fd_(fd) {}
  ~Handle() { close(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }
  void close() noexcept {
    if (fd_ >= 0) (void)::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

// The command's process id, or 0; its output goes to `out`.
pid_t start(const std::string& command, int out) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  if (::posix_spawn_file_actions_init(&files) != 0) return 0;
  if (::posix_spawnattr_init(&attributes) != 0) {
    (void)::posix_spawn_file_actions_destroy(&files);
    return 0;
  }
  sigset_t none;
  (void)::sigemptyset(&none);
  pid_t pid = 0;
  std::string text = command;
  std::string shell = "sh";
  std::string option = "-c";
  std::array<char*, 4> arguments{shell.data(), option.data(), text.data(), nullptr};
  const bool ready =
      ::posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO) == 0 &&
      ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0 &&
      ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK) ==
          0 &&
      ::posix_spawnattr_setpgroup(&attributes, 0) == 0 &&
      ::posix_spawnattr_setsigmask(&attributes, &none) == 0 &&
      ::posix_spawn(&pid, "/bin/sh", &files, &attributes, arguments.data(), environ) == 0;
  (void)::posix_spawn_file_actions_destroy(&files);
  (void)::posix_spawnattr_destroy(&attributes);
  return ready ? pid : 0;
}

// Reads to the end of the output, or until the time is over; false when there is no line then.
bool read_line(int from, Clock::time_point until, std::string& output) {
  std::array<char, 1024> piece{};
  while (output.size() < kMaxToken) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return output.find('\n') != std::string::npos;
    pollfd wait{from, POLLIN, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(std::min<long long>(left, 60000)));
    if (ready < 0 && errno != EINTR) return true;
    if (ready <= 0) continue;
    const ssize_t count = ::read(from, piece.data(), piece.size());
    if (count <= 0) break;
    output.append(piece.data(), static_cast<std::size_t>(count));
  }
  wire::wipe({reinterpret_cast<std::uint8_t*>(piece.data()), piece.size()});
  return true;
}

void wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

RanCommand run_token_command(const std::string& command, std::chrono::milliseconds limit) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return {{}, std::string("the token command cannot be run: ") + std::strerror(errno)};
  }
  const Handle read_end(ends[0]);
  Handle write_end(ends[1]);
  const pid_t pid = start(command, write_end.get());
  write_end.close();
  if (pid == 0) return {{}, "the token command cannot be run"};
  std::string output;
  const bool in_time = read_line(read_end.get(), Clock::now() + limit, output);
  // What goes on after its line has had its time.
  (void)::kill(-pid, SIGKILL);
  wait_for(pid);
  output.resize(std::min(output.size(), output.find('\n')));
  wire::Secret token(in_time ? output : std::string());
  wire::wipe({reinterpret_cast<std::uint8_t*>(output.data()), output.size()});
  if (!in_time) {
    return {{},
            "the token command printed no token within " + std::to_string(limit.count()) + " ms"};
  }
  if (token.empty()) return {{}, "the token command printed no token"};
  return {std::move(token), {}};
}

}  // namespace sluice::backend
