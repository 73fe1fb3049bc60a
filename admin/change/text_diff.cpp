#include "admin/change/text_diff.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace sluice::change {
namespace {

constexpr std::size_t kContext = 3;
constexpr std::size_t kMaxCells = 4U << 20U;  // of the table of common subsequences

struct Edit {
  char kind = ' ';  // ' ' both, '-' the first only, '+' the second only
  std::string_view line;
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return lines;
}

using Lines = std::vector<std::string_view>;

// The middle, behind what both begin with and before what both end with.
void add_middle(const Lines& a, const Lines& b, std::vector<Edit>& edits) {
  const std::size_t width = b.size() + 1;
  if (a.size() + 1 > kMaxCells / width) {
    for (const auto line : a) edits.push_back({'-', line});
    for (const auto line : b) edits.push_back({'+', line});
    return;
  }
  // Longest common subsequence of what is left, from the ends.
  std::vector<std::uint32_t> common((a.size() + 1) * width);
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      common[i * width + j] =
          a[i] == b[j] ? common[(i + 1) * width + j + 1] + 1
                       : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
    }
  }
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      edits.push_back({' ', a[i++]});
      ++j;
    } else if (j == b.size() ||
               (i < a.size() && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      edits.push_back({'-', a[i++]});
    } else {
      edits.push_back({'+', b[j++]});
    }
  }
}

std::vector<Edit> edits_of(const Lines& a, const Lines& b) {
  std::size_t head = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
  std::size_t tail = 0;
  while (tail < a.size() - head && tail < b.size() - head &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
    ++tail;
  }
  std::vector<Edit> edits;
  for (std::size_t i = 0; i < head; ++i) edits.push_back({' ', a[i]});
  const auto part = [&](const Lines& all) {
    return Lines(all.begin() + static_cast<std::ptrdiff_t>(head),
                 all.end() - static_cast<std::ptrdiff_t>(tail));
  };
  add_middle(part(a), part(b), edits);
  for (std::size_t i = a.size() - tail; i < a.size(); ++i) edits.push_back({' ', a[i]});
  return edits;
}

std::string range(std::size_t begin, std::size_t count) {
  // An empty range is named by the line before it.
  return std::to_string(count == 0 ? begin : begin + 1) + ',' + std::to_string(count);
}

}  // namespace

std::string unified_diff(std::string_view from, std::string_view to) {
  const auto edits = edits_of(lines_of(from), lines_of(to));
  std::string text;
  std::size_t a = 0;  // lines of each before edit i
  std::size_t b = 0;
  for (std::size_t i = 0; i < edits.size();) {
    // The next difference, with its context; another one that is near belongs to the same hunk.
    std::size_t change = i;
    while (change < edits.size() && edits[change].kind == ' ') ++change;
    if (change == edits.size()) break;
    const std::size_t begin = change - std::min(change - i, kContext);
    std::size_t last = change;
    for (std::size_t k = change; k < edits.size() && k <= last + 2 * kContext; ++k) {
      if (edits[k].kind != ' ') last = k;
    }
    const std::size_t end = std::min(edits.size(), last + kContext + 1);
    a += begin - i;
    b += begin - i;
    std::string body;
    std::size_t removed = 0;
    std::size_t added = 0;
    for (std::size_t k = begin; k < end; ++k) {
      removed += edits[k].kind != '+' ? 1 : 0;
      added += edits[k].kind != '-' ? 1 : 0;
      body += edits[k].kind;
      body += edits[k].line;
      body += '\n';
    }
    text += "@@ -" + range(a, removed) + " +" + range(b, added) + " @@\n" + body;
    a += removed;
    b += added;
    i = end;
  }
  return text;
}

}  // namespace sluice::change
