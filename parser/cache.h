// What is known of statements, by their digest: a hit costs no parse. The key is everything that
// the tokens' meaning depends on: dialect, default schema, tokens, names and the literals that
// matter (digest.h), compared in full, so that no two statements can be taken for each other.
//
// Bounded: kWays entries a set, the least lately used of a set makes room. Thread: one a thread, no
// lock. A found pointer stays valid through its shared_ptr when the entry is evicted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parser/dialect.h"
#include "parser/digest.h"

namespace sluice::parser {

// A 64-bit hash of bytes; not against an enemy: equal hashes cost a comparison, nothing else.
[[nodiscard]] inline std::uint64_t mix_bytes(std::uint64_t seed, std::string_view bytes) noexcept {
  constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15ULL;
  std::uint64_t hash = seed ^ (bytes.size() * kPrime);
  const char* p = bytes.data();
  std::size_t left = bytes.size();
  while (left >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, p, 8);
    hash = (hash ^ word) * kPrime;
    hash ^= hash >> 29U;
    p += 8;
    left -= 8;
  }
  std::uint64_t tail = 0;
  std::memcpy(&tail, p, left);
  hash = (hash ^ tail) * kPrime;
  return hash ^ (hash >> 32U);
}

template <class Facts>
class FactsCache {
 public:
  static constexpr std::size_t kWays = 4;
  // Longer keys are rare and not worth their memory.
  static constexpr std::size_t kMaxKeyBytes = 4096;

  struct Counters {
    std::uint64_t hits = 0, misses = 0, evictions = 0, uncacheable = 0;
  };

  // At most `entries` (rounded up to a power of two, at least kWays) statements.
  explicit FactsCache(std::size_t entries = 4096) {
    std::size_t sets = 1;
    while (sets * kWays < entries) sets *= 2;
    sets_.resize(sets);
  }

  // The facts of the statement that was read into `digest`, or null. Valid until the next insert();
  // copy the shared_ptr to keep them.
  [[nodiscard]] const std::shared_ptr<const Facts>* find(const StatementDigest& digest,
                                                         const Dialect& dialect) noexcept {
    if (!fits(digest, dialect)) {
      ++counters_.uncacheable;
      return nullptr;
    }
    const std::uint64_t hash = hash_of(digest, dialect);
    for (Entry& entry : sets_[hash & (sets_.size() - 1)]) {
      if (entry.hash == hash && entry.facts && same(entry, digest, dialect)) {
        entry.used = ++clock_;
        ++counters_.hits;
        return &entry.facts;
      }
    }
    ++counters_.misses;
    return nullptr;
  }

  // Keeps `facts`, unless the statement's key is too long. REQUIRES: find() with the same arguments
  // found nothing.
  void insert(const StatementDigest& digest, const Dialect& dialect,
              std::shared_ptr<const Facts> facts) {
    if (!fits(digest, dialect)) return;
    const std::uint64_t hash = hash_of(digest, dialect);
    auto& set = sets_[hash & (sets_.size() - 1)];
    Entry* oldest = &set[0];
    for (Entry& entry : set) {
      if (entry.used < oldest->used) oldest = &entry;
    }
    if (oldest->facts) ++counters_.evictions;
    oldest->hash = hash;
    oldest->used = ++clock_;
    oldest->scalars = scalars(dialect);
    oldest->token_bytes = digest.tokens().size();
    oldest->literal_bytes = digest.literals().size();
    oldest->key.clear();
    oldest->key.append(digest.tokens()).append(digest.literals()).append(dialect.schema);
    oldest->key.shrink_to_fit();
    oldest->facts = std::move(facts);
  }

  // Forgets everything: what routines and tables are may have changed.
  void clear() {
    for (auto& set : sets_) set = {};
  }

  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return sets_.size() * kWays; }

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::uint64_t used = 0;
    std::array<std::uint32_t, 3> scalars{};
    std::size_t token_bytes = 0;
    std::size_t literal_bytes = 0;
    std::string key;  // tokens, literals, default schema
    std::shared_ptr<const Facts> facts;
  };

  [[nodiscard]] static std::array<std::uint32_t, 3> scalars(const Dialect& dialect) noexcept {
    const auto flags = static_cast<std::uint32_t>(
        static_cast<unsigned>(dialect.engine) | (dialect.placeholders ? 2U : 0U) |
        (dialect.multi_statements ? 4U : 0U) | (unsigned{dialect.lower_case_table_names} << 4U) |
        (static_cast<unsigned>(dialect.charset) << 8U));
    return {dialect.server_version, dialect.sql_mode, flags};
  }

  [[nodiscard]] static bool fits(const StatementDigest& digest, const Dialect& dialect) noexcept {
    return digest.cacheable() &&
           digest.tokens().size() + digest.literals().size() + dialect.schema.size() <=
               kMaxKeyBytes;
  }

  [[nodiscard]] static std::uint64_t hash_of(const StatementDigest& digest,
                                             const Dialect& dialect) noexcept {
    const auto values = scalars(dialect);
    std::uint64_t hash = (std::uint64_t{values[0]} << 32U) ^ values[1];
    hash = mix_bytes(hash ^ (std::uint64_t{values[2]} << 13U), digest.tokens());
    if (!digest.literals().empty()) hash = mix_bytes(hash, digest.literals());
    return mix_bytes(hash, dialect.schema);
  }

  [[nodiscard]] static bool same(const Entry& entry, const StatementDigest& digest,
                                 const Dialect& dialect) noexcept {
    const std::string_view key = entry.key;
    return entry.scalars == scalars(dialect) && entry.token_bytes == digest.tokens().size() &&
           entry.literal_bytes == digest.literals().size() &&
           key.substr(0, entry.token_bytes) == digest.tokens() &&
           key.substr(entry.token_bytes, entry.literal_bytes) == digest.literals() &&
           key.substr(entry.token_bytes + entry.literal_bytes) == dialect.schema;
  }

  std::vector<std::array<Entry, kWays>> sets_;
  std::uint64_t clock_ = 0;
  Counters counters_;
};

}  // namespace sluice::parser
