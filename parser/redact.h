// Passwords and their hashes in SQL text: where they stand, and texts for people without them.
// Pure.
//
// What hides something, in any engine's form: IDENTIFIED BY / WITH … AS / VIA … USING, REPLACE of
// CREATE USER, ALTER USER, GRANT and CLONE; SET PASSWORD; PASSWORD = of CHANGE REPLICATION SOURCE,
// CHANGE MASTER, START REPLICA, START GROUP_REPLICATION and of variables; PASSWORD of CREATE
// SERVER; PASSWORD(); the strings of CALL mysql.rds_set_external_…(); and texts within a string
// that is prepared, executed, passed to a procedure or set to a variable. Values of a table's
// columns are none, whatever the column's name.
//
// The session's sql_mode is not asked for: what would be a password under one of them is hidden
// under all. A text that cannot be read to its end is hidden from where it cannot be.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::parser {

// In the place of a password, as in the server's own log (manual 8.1.2.3). No server takes it for
// SQL, so that nobody runs such a text by mistake.
inline constexpr std::string_view kSecretMark = "<secret>";

// `text` must outlive it.
class Secrets {
 public:
  explicit Secrets(std::string_view text);

  [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
  // The text with kSecretMark in the place of each.
  [[nodiscard]] std::string shown() const;
  // A message about the text – a server's error, a finding – without what it quotes of them.
  [[nodiscard]] std::string hide(std::string message) const;

 private:
  std::string_view text_;
  // Begin and end of each literal with its quotes, in order, apart from each other.
  std::vector<std::pair<std::size_t, std::size_t>> ranges_;
};

[[nodiscard]] std::string without_secrets(std::string_view text);

}  // namespace sluice::parser
