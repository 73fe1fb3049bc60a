// Statements that the binary log holds as text, judged for a rollback: those of the change, which
// no row event can undo, and later ones that altered a table of the change.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "proxy/binlog/select.h"

namespace sluice::cli {

struct TextQuestion {
  bool maria = false;
  std::uint32_t server_version = 90704;
  std::function<bool(std::string_view schema, std::string_view table)> changed;  // by the change
  std::function<bool(std::string_view schema, std::string_view table)>
      shaped;  // its shape is given
};

// Why the change cannot be undone because of this statement; nothing: it does not matter. Pure.
[[nodiscard]] std::optional<std::string> text_obstacle(const binlog::TextStatement& text,
                                                       const TextQuestion& question);

}  // namespace sluice::cli
