// What the server's session makes of texts, followed from what the server reports. A client can
// turn the server's trackers off in ways that no text shows (in a routine); it cannot change what
// they report without a text that does (text_hints.h). So a change that a text announces and no
// tracker confirms makes the facts uncertain, and they are asked for before the next text is
// judged. Reports that end a result set are not believed either: within a CALL they are the
// routine's, and what the server puts back afterwards it does not report.
//
// Pure; one a session, on its thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "parser/dialect.h"
#include "proxy/backend/session_report.h"
#include "proxy/session/text_hints.h"
#include "proxy/wire/answer_follower.h"
#include "proxy/wire/session_track.h"

namespace sluice::session {

// A value: a statement that was prepared keeps those of its moment.
struct Facts {
  std::string schema;  // empty: none
  std::uint32_t sql_mode = 0;
  parser::Charset charset = parser::Charset::Utf8mb4;
};

class Tracking final : public wire::StateListener {
 public:
  // GTIDs of one statement beyond this are not kept.
  static constexpr std::size_t kMaxGtids = std::size_t{64} * 1024;

  Tracking();

  // The server's own word; nothing: it could not be asked, and the facts are not certain. Until the
  // first call there is no server session, and nothing is uncertain.
  void learned(std::shared_ptr<const backend::SessionReport> report);
  // No server session any more.
  void forget();
  void must_ask() noexcept { uncertain_ = fact::kAll; }

  // A text with these hints is about to be sent.
  void begin(const TextHints& hints) noexcept;
  // Its answer's OK packets.
  void on_state(wire::Bytes session_state, bool ends_rows) override;
  // The end of its answer. `schema_dropped`: the status flag.
  void end(bool schema_dropped) noexcept;

  [[nodiscard]] const std::shared_ptr<const Facts>& facts() const noexcept { return facts_; }
  // Whether the server must be asked before a text is judged by the facts.
  [[nodiscard]] bool uncertain() const noexcept { return uncertain_ != 0; }
  // What the client asked to be told. Its text lives until learned() or forget().
  [[nodiscard]] wire::StateFilter filter() const noexcept;

  // Of the statement that began last: a GTID set, or last_gtid values separated by commas.
  [[nodiscard]] const std::string& gtids() const noexcept { return gtids_; }
  [[nodiscard]] bool gtids_complete() const noexcept { return gtids_complete_; }

 private:
  void on_variable(const wire::StateChange& change, Facts& facts, std::uint8_t& confirmed);
  void add_gtid(std::string_view gtid);

  std::shared_ptr<const Facts> facts_;
  std::shared_ptr<const backend::SessionReport> report_;
  std::string gtids_;
  std::uint8_t awaited_ = 0;    // facts that the statement may have changed, not confirmed yet
  std::uint8_t uncertain_ = 0;  // facts that must be asked for
  bool ask_ = false;
  bool gtids_complete_ = true;
};

}  // namespace sluice::session
