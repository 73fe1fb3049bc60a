// `sluice classify`: a JSON object {"sql": …} a line in, what the parser knows of it a line out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parser/cache.h"
#include "parser/dialect.h"
#include "parser/digest.h"
#include "parser/parse.h"

namespace sluice::cli {

// Answers lines; keeps the caches and counters between them. Thread: one.
class Classifier {
 public:
  Classifier();

  // The answer to one line, without the line's end. Never fails: what is no question is answered
  // with an error and the group opaque.
  [[nodiscard]] std::string answer(std::string_view line);

  // What was done so far, for a person: statements, cache hits, full-context predictions, times.
  [[nodiscard]] std::string statistics() const;

 private:
  [[nodiscard]] std::shared_ptr<const parser::Parsed> look_up(std::string_view sql,
                                                              const parser::Dialect& dialect);

  std::unique_ptr<parser::StatementDigest> digest_;
  parser::FactsCache<parser::Parsed> cache_;
  std::uint64_t texts_ = 0;
  std::uint64_t lex_nanoseconds_ = 0;
  std::vector<std::uint32_t> parse_nanoseconds_;  // of the misses
};

}  // namespace sluice::cli
