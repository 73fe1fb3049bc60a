// What reading SQL costs: a plain pass over the bytes, the lexer, the digest, a cache hit, a parse,
// a parse with the tree. Two questions: is a known statement's way at most 0.25 us for a point
// select, and a new one's at most 60 us in the mean? `per_byte_pass` is the ratio to the plain
// pass.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <time.h>

#include "parser/cache.h"
#include "parser/digest.h"
#include "parser/lexer.h"
#include "parser/parse.h"
#include "tests/support/diverse_sql.h"

namespace {

using namespace sluice::parser;

std::string rows(int count) {
  std::string sql = "INSERT INTO orders (id, customer, amount, created, note) VALUES ";
  for (int i = 0; i < count; ++i) {
    if (i > 0) sql += ",";
    sql += "(" + std::to_string(i) + "," + std::to_string(i * 7) +
           ",12.50,'2026-01-01 00:00:00','some text of a row that is not short')";
  }
  return sql;
}

struct Sample {
  const char* name;
  std::string sql;
};

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = {
      {"point_select", "SELECT c FROM sbtest1 WHERE id = 50123"},
      {"sum_range", "SELECT SUM(k) FROM sbtest1 WHERE id BETWEEN 5012 AND 5111"},
      {"update", "UPDATE sbtest1 SET c = '83868641912-28773972837' WHERE id = 50123"},
      {"insert",
       "INSERT INTO sbtest1 (id, k, c, pad) VALUES (50123, 49999, '83868641912-28773972837', "
       "'67847967377-48000963322')"},
      {"create_table",
       "CREATE TABLE customer (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, name VARCHAR(100) NOT "
       "NULL "
       "DEFAULT '', mail VARCHAR(255) CHARACTER SET ascii, born DATE NULL, balance DECIMAL(12,2) "
       "NOT "
       "NULL DEFAULT 0, state ENUM('new','old') DEFAULT 'new', made TIMESTAMP NOT NULL DEFAULT "
       "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, data JSON, PRIMARY KEY (id), UNIQUE KEY "
       "mail "
       "(mail), KEY state_made (state, made), CONSTRAINT c CHECK (balance >= 0)) ENGINE=InnoDB "
       "DEFAULT "
       "CHARSET=utf8mb4 COMMENT='people'"},
      {"alter_table",
       "ALTER TABLE customer ADD COLUMN phone VARCHAR(20) AFTER mail, DROP COLUMN born, MODIFY "
       "name "
       "VARCHAR(200) NOT NULL, ADD INDEX phone (phone), ALGORITHM=INPLACE"},
      {"insert_1000_rows", rows(1000)},
  };
  return all;
}

const Sample& sample(const benchmark::State& state) {
  return samples()[static_cast<std::size_t>(state.range(0))];
}

std::uint32_t plain_hash(const std::string& sql) {
  std::uint32_t hash = 0;
  for (const char byte : sql) hash = hash * 31 + static_cast<unsigned char>(byte);
  return hash;
}

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Processor time of a plain pass over the texts, the best of some.
double plain_seconds(const std::vector<std::string>& texts) {
  constexpr int kRounds = 200;
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    const double start = thread_seconds();
    for (int i = 0; i < kRounds; ++i) {
      for (const auto& text : texts) benchmark::DoNotOptimize(plain_hash(text));
    }
    best = std::min(best, (thread_seconds() - start) / kRounds);
  }
  return best;
}

// Wraps a loop: bytes, and the ratio of its processor time to the plain pass's.
class Measured {
 public:
  explicit Measured(benchmark::State& state)
      : state_(state), plain_(plain_seconds({sample(state).sql})), start_(thread_seconds()) {}
  ~Measured() {
    const double spent = thread_seconds() - start_;
    state_.SetLabel(sample(state_).name);
    state_.SetBytesProcessed(static_cast<std::int64_t>(state_.iterations()) *
                             static_cast<std::int64_t>(sample(state_).sql.size()));
    state_.counters["per_byte_pass"] = benchmark::Counter(
        spent / static_cast<double>(state_.iterations()) / plain_, benchmark::Counter::kAvgThreads);
  }
  Measured(const Measured&) = delete;
  Measured& operator=(const Measured&) = delete;

 private:
  benchmark::State& state_;
  double plain_;
  double start_;
};

// The floor: every byte looked at once.
void plain_pass(benchmark::State& state) {
  const std::string& sql = sample(state).sql;
  const Measured measured(state);
  for (auto _ : state) benchmark::DoNotOptimize(plain_hash(sql));
}

void lex(benchmark::State& state) {
  const Dialect dialect;
  const std::string& sql = sample(state).sql;
  const Measured measured(state);
  for (auto _ : state) {
    Lexer lexer(sql, dialect);
    std::uint64_t tokens = 0;
    while (lexer.next().kind != TokenKind::EndOfText) ++tokens;
    benchmark::DoNotOptimize(tokens);
  }
}

void digest(benchmark::State& state) {
  const Dialect dialect;
  const auto reader = std::make_unique<StatementDigest>();
  const Measured measured(state);
  for (auto _ : state) {
    reader->read(sample(state).sql, dialect);
    benchmark::DoNotOptimize(reader->tokens().size());
  }
}

void cache_hit(benchmark::State& state) {
  Dialect dialect;
  dialect.schema = "shop";
  const auto reader = std::make_unique<StatementDigest>();
  FactsCache<int> cache;
  for (const Sample& known : samples()) {
    reader->read(known.sql, dialect);
    cache.insert(*reader, dialect, std::make_shared<const int>(1));
  }
  const Measured measured(state);
  for (auto _ : state) {
    reader->read(sample(state).sql, dialect);
    benchmark::DoNotOptimize(cache.find(*reader, dialect));
  }
  if (cache.counters().hits == 0) state.SkipWithError("no hit");
}

void parse_miss(benchmark::State& state) {
  Dialect dialect;
  dialect.schema = "shop";
  if (!parse(sample(state).sql, dialect).accepted()) state.SkipWithError("refused");
  const Measured measured(state);
  for (auto _ : state) benchmark::DoNotOptimize(parse(sample(state).sql, dialect));
}

void parse_tree(benchmark::State& state) {
  const Dialect dialect;
  const Measured measured(state);
  for (auto _ : state) benchmark::DoNotOptimize(parse(sample(state).sql, dialect, Detail::Tree));
}

// Ten thousand statements made up, or those of the file that SLUICE_CORPUS names (separated by zero
// bytes): none twice, nothing cached. Time is that of one statement.
const std::vector<std::string>& diverse() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> texts;
    if (const char* name = std::getenv("SLUICE_CORPUS")) {
      std::ifstream file(name, std::ios::binary);
      for (std::string sql; std::getline(file, sql, '\0');) texts.push_back(sql);
    }
    if (texts.empty()) texts = sluice::testing_support::DiverseSql(7).statements(10'000);
    return texts;
  }();
  return all;
}

void diverse_uncached(benchmark::State& state) {
  const auto& texts = diverse();
  Dialect dialect;
  dialect.schema = "shop";
  dialect.multi_statements = true;
  std::size_t next = static_cast<std::size_t>(state.thread_index()) * texts.size() / 2;
  std::int64_t bytes = 0;
  const ParserStatistics before = parser_statistics();
  for (auto _ : state) {
    const std::string& sql = texts[next++ % texts.size()];
    bytes += static_cast<std::int64_t>(sql.size());
    benchmark::DoNotOptimize(parse(sql, dialect));
  }
  state.SetBytesProcessed(bytes);
  const ParserStatistics after = parser_statistics();
  state.counters["full_context"] = static_cast<double>(after.full_context - before.full_context);
  state.counters["drops"] = static_cast<double>(after.cache_drops - before.cache_drops);
}

BENCHMARK(plain_pass)->DenseRange(0, 6);
BENCHMARK(lex)->DenseRange(0, 6);
BENCHMARK(digest)->DenseRange(0, 6);
BENCHMARK(cache_hit)->DenseRange(0, 6)->ThreadRange(1, 2);
BENCHMARK(parse_miss)->DenseRange(0, 6)->ThreadRange(1, 2);
BENCHMARK(parse_tree)->DenseRange(0, 6);
BENCHMARK(diverse_uncached)->Iterations(50'000)->ThreadRange(1, 2);

}  // namespace
