// What the gate adds to a statement that passes: a known text's way through lexer, digest, facts
// cache and the grid of verdicts. One question: does `pass` cost less than a system call?
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "policy/judge.h"

namespace {

using namespace sluice::policy;

struct Gate {
  Gate() {
    account.name = "app";
    context.account = &account;
    context.instance = "main";
    context.server_version = 90704;
    context.session.schema = "sbtest";
    policies.transparent = false;
    policies.instances["main"].environment = "Prod";
    policies.instances["main"].gate = default_gate(false);
  }
  Account account;
  Context context;
  PolicySet policies;
};

void judge(benchmark::State& state, const std::string& text) {
  Gate gate;
  TextJudge judge;
  const std::vector<std::uint8_t> frames(text.begin(), text.end());
  for (auto _ : state) {
    const Decision decision =
        judge.judge(gate.policies, gate.context, {Submission::Kind::kQuery, text, frames});
    if (!std::holds_alternative<Permit>(decision)) state.SkipWithError("not permitted");
    benchmark::DoNotOptimize(decision);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void point_select(benchmark::State& state) {
  judge(state, "SELECT c FROM sbtest1 WHERE id = 50123");
}
BENCHMARK(point_select);

void update(benchmark::State& state) {
  judge(state, "UPDATE sbtest1 SET c = '83868641912-28773972837' WHERE id = 50123");
}
BENCHMARK(update);

void commit(benchmark::State& state) {
  judge(state, "COMMIT");
}
BENCHMARK(commit);

// The transparent set: nothing is read.
void transparent(benchmark::State& state) {
  Gate gate;
  gate.policies.transparent = true;
  TextJudge judge;
  const std::string text = "SELECT c FROM sbtest1 WHERE id = 50123";
  const std::vector<std::uint8_t> frames(text.begin(), text.end());
  for (auto _ : state) {
    const Decision decision =
        judge.judge(gate.policies, gate.context, {Submission::Kind::kQuery, text, frames});
    benchmark::DoNotOptimize(decision);
  }
}
BENCHMARK(transparent);

}  // namespace
