// What the gate knows of one text: its statements' facts, and the group that it is judged by, which
// is the parser's group made stricter by what a text does beside it. Pure; the values are cached by
// digest and shared, never changed.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "parser/dialect.h"
#include "parser/facts.h"
#include "policy/programs.h"

namespace sluice::policy {

// The groups that a text belongs to; its verdict is the most restricted of theirs. Several at once:
// a DELETE that calls an unknown function is data change and opaque.
class Groups {
 public:
  constexpr Groups() = default;
  constexpr Groups(parser::ActionGroup group) { add(group); }  // NOLINT: a group is a set of one
  constexpr void add(parser::ActionGroup group) noexcept {
    bits_ = static_cast<std::uint8_t>(bits_ | (1U << static_cast<unsigned>(group)));
  }
  constexpr void add(Groups other) noexcept {
    bits_ = static_cast<std::uint8_t>(bits_ | other.bits_);
  }
  [[nodiscard]] constexpr bool has(parser::ActionGroup group) const noexcept {
    return (bits_ & (1U << static_cast<unsigned>(group))) != 0;
  }
  // The last of parser::ActionGroup's order; Read when there is none.
  [[nodiscard]] parser::ActionGroup most() const noexcept;
  friend bool operator==(Groups, Groups) = default;

 private:
  std::uint8_t bits_ = 0;
};

struct Judged {
  bool accepted = false;
  // Of the text's own statements; stored programs, prepared texts and variables are looked up for
  // each statement anew (groups_of()).
  Groups groups = parser::ActionGroup::Opaque;
  // It calls programs, uses tables that may have triggers or be views, or runs a prepared text:
  // groups_of() must look.
  bool needs_lookup = false;
  // CALL sluice.…(): the gate itself is spoken to. Only for a text of one statement.
  bool calls_sluice = false;
  std::string_view prepares_from() const noexcept;  // the variable of PREPARE … FROM @v
  // PREPARE … FROM 'text' and nothing else: it runs when it is executed by its name. Not one with
  // variables of its own (SET STATEMENT sql_mode = … FOR PREPARE …): under them its text may be
  // another than the one that its EXECUTE is judged by.
  bool only_prepares() const noexcept;
  std::vector<parser::StatementFacts> statements;
};

// Never throws on input: what cannot be parsed is not accepted, and opaque.
[[nodiscard]] Judged judge_text(std::string_view text, const parser::Dialect& dialect);

// The groups of one statement by itself: the parser's, and
//   a file written by the server (INTO OUTFILE, INTO DUMPFILE)   server
//   session variables that hide a change from the binary log or from attribution   server
//   a function which is no built-in one                          as `programs` knows, else opaque
//   CALL                                                         as `programs` knows, else opaque
//   a write to a table with triggers                             as `programs` knows of those
//   a read of, or a write to, a view                             as `programs` knows of it
// CREATE VIEW and ALTER VIEW run nothing of their query: who reads the view later is judged by it.
// Without `programs` nothing is known of routines, and nothing is said of triggers and views.
[[nodiscard]] Groups groups_of(const parser::StatementFacts& facts, std::string_view default_schema,
                               const Programs* programs);

}  // namespace sluice::policy
