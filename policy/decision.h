// What a verdict is: a Permit, which is the only thing that a back-end connection sends, or a
// Refusal, which is the error that the client gets.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policy/context.h"

namespace sluice::policy {

// A command as it would reach the server. `frames` are its bytes with their headers; `text` lies in
// them where the command carries SQL (or is the text that a prepared statement was made from).
struct Submission {
  enum class Kind : std::uint8_t {
    kQuery,    // text is run
    kPrepare,  // text is prepared
    kExecute,  // text was prepared before, and is run now
    kCommand,  // no SQL: text is the command's name
  };
  Kind kind = Kind::kQuery;
  std::string_view text;
  std::span<const std::uint8_t> frames;
};

// The fixed commands that the proxy itself sends to a back-end. Nothing of a client's is in them.
enum class Control : std::uint8_t { kResetConnection, kPing, kQuit };

class Permit {
 public:
  Permit(Permit&&) noexcept = default;
  Permit& operator=(Permit&&) noexcept = default;
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;

  // The judged bytes; they live as long as the submission's.
  [[nodiscard]] std::span<const std::uint8_t> frames() const noexcept { return frames_; }

  // A permit for one of the fixed commands.
  [[nodiscard]] static Permit control(Control command) noexcept;
  // A permit for KILL [QUERY] `id`, written into `frames`, which must outlive it.
  [[nodiscard]] static Permit kill(std::uint32_t id, bool query_only,
                                   std::vector<std::uint8_t>& frames);

 private:
  friend class Maker;  // decide.cpp's
  explicit Permit(std::span<const std::uint8_t> frames) noexcept : frames_(frames) {}
  std::span<const std::uint8_t> frames_;
};

// Evidence and message in one: the client's error, the audit record and the console print this.
struct Refusal {
  std::uint16_t code = 1105;
  std::string sqlstate = "HY000";
  std::string rule;  // which rule refused it
  std::string message;
};

using Decision = std::variant<Permit, Refusal>;

}  // namespace sluice::policy
