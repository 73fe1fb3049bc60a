#include "parser/keywords.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace sluice::parser {
namespace {

struct Word {
  std::string_view text;
  TokenKind kind;
  KeywordUse mysql;
  std::uint32_t since, until;
  KeywordUse mariadb;
  std::uint32_t mariadb_since;
};

constexpr Word kWords[] = {
#define SLUICE_TOKEN(kind, name, spelling)
#define SLUICE_KEYWORD(kind, word, mysql, since, until, mariadb, mariadb_since) \
  {word, TokenKind::kind, KeywordUse::mysql, since, until, KeywordUse::mariadb, mariadb_since},
#include "parser/keywords.inc"
#undef SLUICE_TOKEN
#undef SLUICE_KEYWORD
};
constexpr std::size_t kCount = sizeof(kWords) / sizeof(kWords[0]);
constexpr std::size_t kFirst = kTokenKinds - kCount;  // the kind of kWords[0]

constexpr std::size_t longest() {
  std::size_t most = 0;
  for (const Word& word : kWords) most = word.text.size() > most ? word.text.size() : most;
  return most;
}
constexpr std::size_t kLongest = longest();

// The name bytes that a keyword can have stay different under this mask and lose their case:
// letters 0x41-0x5A, digits 0x10-0x19, `_` 0x5F. A `$` (0x04) or a byte above 0x7F equals none of
// them.
constexpr std::uint64_t kFold = 0xDFDFDFDFDFDFDFDFULL;
constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15ULL;

// Up to eight bytes, little-endian, from `p`; the rest zero.
constexpr std::uint64_t load_slow(const char* p, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size && i < 8; ++i) {
    value |= std::uint64_t{static_cast<std::uint8_t>(p[i])} << (8 * i);
  }
  return value;
}

std::uint64_t load(const char* p, std::size_t size) noexcept {
  std::uint64_t value = 0;
  if (size >= 8) {
    std::memcpy(&value, p, 8);
    return value;
  }
  if (size >= 4) {
    std::uint32_t head = 0;
    std::uint32_t tail = 0;
    std::memcpy(&head, p, 4);
    std::memcpy(&tail, p + size - 4, 4);
    return head | (std::uint64_t{tail} << (8 * (size - 4)));
  }
  return load_slow(p, size);
}

struct Key {
  std::uint64_t first = 0, last = 0;  // the first eight and the last eight bytes, folded
  std::size_t size = 0;
};

constexpr std::size_t kSlots = 4096;

constexpr std::size_t slot_of(const Key& key) {
  const std::uint64_t mixed = (key.first * kMix) ^ ((key.last + key.size) * 0xC2B2AE3D27D4EB4FULL);
  return static_cast<std::size_t>((mixed * kMix) >> 52U);
}

constexpr Key key_of(std::string_view word) {
  const std::size_t tail = word.size() > 8 ? word.size() - 8 : 0;
  return {load_slow(word.data(), word.size()) & kFold,
          load_slow(word.data() + tail, word.size() - tail) & kFold, word.size()};
}

constexpr auto make_slots() {
  std::array<std::uint16_t, kSlots> slots{};  // 0 is empty, else index in kWords + 1
  for (std::size_t i = 0; i < kCount; ++i) {
    std::size_t slot = slot_of(key_of(kWords[i].text));
    while (slots[slot] != 0) slot = (slot + 1) % kSlots;
    slots[slot] = static_cast<std::uint16_t>(i + 1);
  }
  return slots;
}
constexpr auto kTable = make_slots();

constexpr auto make_keys() {
  std::array<Key, kCount> keys{};
  for (std::size_t i = 0; i < kCount; ++i) keys[i] = key_of(kWords[i].text);
  return keys;
}
constexpr auto kKeys = make_keys();

bool equal_middle(std::string_view word, std::string_view upper) noexcept {
  for (std::size_t i = 8; i + 8 < word.size(); ++i) {
    if ((static_cast<unsigned char>(word[i]) & 0xDFU) !=
        (static_cast<unsigned char>(upper[i]) & 0xDFU)) {
      return false;
    }
  }
  return true;
}

bool applies(const Word& word, bool called, const Dialect& dialect) noexcept {
  const KeywordUse use = dialect.engine == Engine::MySql ? word.mysql : word.mariadb;
  if (use == KeywordUse::None || (use == KeywordUse::Function && !called)) return false;
  if (dialect.engine == Engine::MariaDb) return dialect.server_version >= word.mariadb_since;
  if (dialect.server_version < word.since) return false;
  return word.until == 0 || dialect.server_version < word.until;
}

}  // namespace

TokenKind find_keyword(std::string_view word, bool called, const Dialect& dialect) noexcept {
  if (word.size() < 2 || word.size() > kLongest) return TokenKind::Identifier;
  const std::size_t tail = word.size() > 8 ? word.size() - 8 : 0;
  const Key key{load(word.data(), word.size()) & kFold,
                load(word.data() + tail, word.size() - tail) & kFold, word.size()};
  for (std::size_t slot = slot_of(key); kTable[slot] != 0; slot = (slot + 1) % kSlots) {
    const std::size_t index = kTable[slot] - 1U;
    const Key& other = kKeys[index];
    if (other.first != key.first || other.last != key.last || other.size != key.size) continue;
    if (!equal_middle(word, kWords[index].text)) continue;
    return applies(kWords[index], called, dialect) ? kWords[index].kind : TokenKind::Identifier;
  }
  return TokenKind::Identifier;
}

namespace {

struct Naming {
  std::string_view name, spelling;
};
constexpr Naming kNames[] = {
    {"EOF", ""},
#define SLUICE_TOKEN(kind, name, spelling) {name, spelling},
#define SLUICE_KEYWORD(kind, word, mysql, since, until, mariadb, mariadb_since) {word, word},
#include "parser/keywords.inc"
#undef SLUICE_TOKEN
#undef SLUICE_KEYWORD
};
static_assert(sizeof(kNames) / sizeof(kNames[0]) == kTokenKinds);

}  // namespace

std::string_view token_name(TokenKind kind) noexcept {
  if (kind == TokenKind::Null) return "NULL_";  // NULL is a macro of C
  return kNames[static_cast<std::size_t>(kind)].name;
}

std::string_view token_spelling(TokenKind kind) noexcept {
  return kNames[static_cast<std::size_t>(kind)].spelling;
}

bool is_keyword(TokenKind kind) noexcept {
  return static_cast<std::size_t>(kind) >= kFirst;
}

KeywordUse keyword_use(TokenKind kind, Engine engine) noexcept {
  if (!is_keyword(kind)) return KeywordUse::None;
  const Word& word = kWords[static_cast<std::size_t>(kind) - kFirst];
  return engine == Engine::MySql ? word.mysql : word.mariadb;
}

bool keyword_reserved(TokenKind kind, const Dialect& dialect) noexcept {
  if (keyword_use(kind, dialect.engine) != KeywordUse::Reserved) return false;
  if (dialect.engine == Engine::MariaDb) return true;
  // Words of MySQL 5.7 that became reserved (manual 11.3 "Keywords and Reserved Words").
  constexpr std::uint32_t kFunctionReserved = 80001;
  constexpr std::uint32_t kRowReserved = 80002;
  if (kind == TokenKind::Function) return dialect.server_version >= kFunctionReserved;
  return kind != TokenKind::Row || dialect.server_version >= kRowReserved;
}

namespace {

struct Uses {
  std::uint8_t mysql_calls, mysql_names, mariadb_calls, mariadb_names;
};
constexpr Uses kUses[] = {
#define SLUICE_USE(kind, mysql_calls, mysql_names, mariadb_calls, mariadb_names) \
  {mysql_calls, mysql_names, mariadb_calls, mariadb_names},
#include "parser/keyword_use.inc"
#undef SLUICE_USE
};
static_assert(sizeof(kUses) / sizeof(kUses[0]) == kCount, "write keyword_use.inc anew");

}  // namespace

KeywordNaming keyword_naming(TokenKind kind, Engine engine) noexcept {
  if (!is_keyword(kind)) return {};
  const Uses& uses = kUses[static_cast<std::size_t>(kind) - kFirst];
  const bool mysql = engine == Engine::MySql;
  const std::uint8_t names = mysql ? uses.mysql_names : uses.mariadb_names;
  return {mysql ? uses.mysql_calls : uses.mariadb_calls, (names & 1U) != 0, (names & 2U) != 0,
          (names & 4U) != 0};
}

}  // namespace sluice::parser
