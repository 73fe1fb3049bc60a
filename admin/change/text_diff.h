// Two texts as a unified diff of lines, three lines of context around each difference. Pure.
#pragma once

#include <string>
#include <string_view>

namespace sluice::change {

// Empty when they are the same. Texts that differ in very many lines are shown as one removed and
// one added block: then nobody reads them line by line.
[[nodiscard]] std::string unified_diff(std::string_view from, std::string_view to);

}  // namespace sluice::change
