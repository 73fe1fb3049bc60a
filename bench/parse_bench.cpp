// What reading SQL costs: a plain pass over the bytes, the lexer, the digest, a cache hit. One
// question: is a known statement's way through the parser at most 0.25 us for a point select?
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "parser/cache.h"
#include "parser/digest.h"
#include "parser/lexer.h"

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

void finish(benchmark::State& state) {
  state.SetLabel(sample(state).name);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(sample(state).sql.size()));
}

// The floor: every byte looked at once.
void plain_pass(benchmark::State& state) {
  const std::string& sql = sample(state).sql;
  for (auto _ : state) {
    std::uint32_t hash = 0;
    for (const char byte : sql) hash = hash * 31 + static_cast<unsigned char>(byte);
    benchmark::DoNotOptimize(hash);
  }
  finish(state);
}

void lex(benchmark::State& state) {
  const Dialect dialect;
  const std::string& sql = sample(state).sql;
  for (auto _ : state) {
    Lexer lexer(sql, dialect);
    std::uint64_t tokens = 0;
    while (lexer.next().kind != TokenKind::EndOfText) ++tokens;
    benchmark::DoNotOptimize(tokens);
  }
  finish(state);
}

void digest(benchmark::State& state) {
  const Dialect dialect;
  const auto reader = std::make_unique<StatementDigest>();
  for (auto _ : state) {
    reader->read(sample(state).sql, dialect);
    benchmark::DoNotOptimize(reader->tokens().size());
  }
  finish(state);
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
  for (auto _ : state) {
    reader->read(sample(state).sql, dialect);
    benchmark::DoNotOptimize(cache.find(*reader, dialect));
  }
  if (cache.counters().hits == 0) state.SkipWithError("no hit");
  finish(state);
}

BENCHMARK(plain_pass)->DenseRange(0, 6);
BENCHMARK(lex)->DenseRange(0, 6);
BENCHMARK(digest)->DenseRange(0, 6);
BENCHMARK(cache_hit)->DenseRange(0, 6)->ThreadRange(1, 2);

}  // namespace
