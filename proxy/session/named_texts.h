// The statements that a session prepared by PREPARE name FROM …, by name: EXECUTE name is judged by
// the text. Only what is known for sure is kept: whatever may have prepared something unseen (a
// procedure, several statements in one text) makes all names unknown, and EXECUTE of an unknown
// name is opaque. Pure; bounded by the caller's limit.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/dialect.h"
#include "policy/judged.h"
#include "proxy/session/tracking.h"

namespace sluice::session {

struct NamedText {
  std::string text;
  std::shared_ptr<const Facts> facts;  // by which it was read
};

class NamedTexts {
 public:
  explicit NamedTexts(std::size_t limit) : limit_(limit) {}
  [[nodiscard]] bool empty() const noexcept { return texts_.empty(); }
  // What EXECUTE would run: null when the text is no EXECUTE alone, or the name is not known.
  [[nodiscard]] const NamedText* executed_by(const policy::Judged& judged) const;
  // Whether ended() would change anything.
  [[nodiscard]] bool concerns(const policy::Judged& judged) const;
  // The text was sent; `failed`: its answer was an error.
  void ended(const policy::Judged& judged, bool failed, const std::shared_ptr<const Facts>& facts);
  void clear() { texts_.clear(); }

 private:
  std::size_t limit_;
  std::map<std::string, NamedText, std::less<>> texts_;
};

// The user variables behind USING of an EXECUTE, in order; nothing where it uses anything else.
[[nodiscard]] std::optional<std::vector<std::string>> used_variables(
    std::string_view execute, const parser::Dialect& dialect);

// 'value' as a literal that PREPARE … FROM takes: text in the session's character set and sql_mode.
// Nothing: it cannot be written so that it surely reads back (a character set whose characters may
// hold a backslash).
[[nodiscard]] std::optional<std::string> text_for_prepare(std::string_view value,
                                                          const Facts& facts);

}  // namespace sluice::session
