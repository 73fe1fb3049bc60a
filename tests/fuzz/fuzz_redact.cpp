// Law: whatever stands before it, a password is not shown, unless it is in a string or a comment;
// and a message about a text is no longer for what it hides.
#include <cstdlib>
#include <string>

#include "parser/redact.h"

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sluice::parser::Secrets;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const Secrets secrets(text);
  const std::string shown = secrets.shown();
  if (secrets.empty() && shown != text) std::abort();
  if (secrets.empty() && secrets.hide(text) != text) std::abort();
  (void)secrets.hide("near " + text);
  // Nothing that could begin a string, a name in quotes or a comment; nor the password's own
  // letters.
  if (text.find("hush") != std::string::npos) return 0;
  if (text.find_first_of("'\"`$/#-") != std::string::npos) return 0;
  const std::string whole =
      text + "\n;ALTER USER u IDENTIFIED WITH p BY 'hush-hush' REPLACE 'hush'";
  const Secrets hidden(whole);
  if (hidden.shown().find("hush") != std::string::npos) std::abort();
  if (hidden.hide("wrong: hush-hush!").find("hush") != std::string::npos) std::abort();
  return 0;
}
