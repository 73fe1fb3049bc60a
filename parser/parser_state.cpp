#include "parser/parser_state.h"

namespace sluice::parser {
namespace {

// About 150 bytes of cache a state and configuration; a full-size run stays under 40 MiB with this.
constexpr std::size_t kMaxStates = 12'000;
constexpr std::uint64_t kCheckEvery = 64;

}  // namespace

ThreadParser::ThreadParser(SqlTokenStream* tokens)
    : SluiceParser(tokens),
      atn_(antlr4::atn::ATNDeserializer().deserialize(serialized())),
      contexts_(std::make_unique<antlr4::atn::PredictionContextCache>()) {
  // Made before this parser is, so that a thread's end destroys it after the contexts in it.
  (void)grammar::context_memory();
  removeErrorListeners();
  setErrorHandler(std::make_shared<antlr4::BailErrorStrategy>());
  make_interpreter();
}

void ThreadParser::make_interpreter() {
  automata_.clear();
  automata_.reserve(atn_.getNumberOfDecisions());
  for (std::size_t i = 0; i < atn_.getNumberOfDecisions(); ++i)
    automata_.emplace_back(atn_.getDecisionState(i), i);
  simulator_ = new antlr4::atn::ParserATNSimulator(this, atn_, automata_, *contexts_);
  setInterpreter(simulator_);
  table_.clear(automata_.size());
  set_mode(antlr4::atn::PredictionMode::SLL);
}

void ThreadParser::set_mode(antlr4::atn::PredictionMode mode) {
  simulator_->setPredictionMode(mode);
  use_table_ = mode == antlr4::atn::PredictionMode::SLL;
}

// Asks the runtime, and copies the way that it took through its automaton into the table.
std::size_t ThreadParser::ask_runtime(std::size_t decision, antlr4::ParserRuleContext* context) {
  antlr4::TokenStream* input = getTokenStream();
  const std::size_t alternative = simulator_->adaptivePredict(input, decision, context);
  if (!use_table_) return alternative;
  const antlr4::dfa::DFAState* from = automata_[decision].s0;
  std::uint32_t state = table_.make_start(decision);
  for (ssize_t ahead = 1; from != nullptr; ++ahead) {
    const std::size_t token = input->LA(ahead);
    const auto edge = from->edges.find(token);
    if (edge == from->edges.end()) break;
    from = edge->second;
    state = table_.make_next(state, token);
    if (!from->isAcceptState) continue;
    table_.accept(state, static_cast<std::uint32_t>(from->prediction), from->requiresFullContext);
    conflict_ = conflict_ || from->requiresFullContext;
    break;
  }
  return alternative;
}

void ThreadParser::drop_caches() {
  contexts_ = std::make_unique<antlr4::atn::PredictionContextCache>();
  make_interpreter();
}

void ThreadParser::restart() {
  reset();
  grammar::context_memory().reset();
  conflict_ = false;
  measure_stack_from(static_cast<const char*>(__builtin_frame_address(0)),
                     static_cast<std::ptrdiff_t>(kMaxStackBytes));
}

std::size_t ThreadParser::states() const {
  std::size_t sum = 0;
  for (const auto& automaton : automata_) sum += automaton.states.size();
  return sum;
}

ParserState::ParserState() : parser_(&tokens_) {}

bool ParserState::begin(std::string_view text, const Dialect& dialect) {
  ++statistics_.parses;
  if (statistics_.parses % kCheckEvery == 0 && parser_.states() > kMaxStates) {
    parser_.drop_caches();
    ++statistics_.cache_drops;
  }
  return tokens_.fill(text, dialect, kMaxTokens);
}

ParserState::Outcome ParserState::attempt(std::size_t at) {
  parser_.restart();
  tokens_.seek(at);
  try {
    tree_ = parser_.oneStatement();
    return Outcome::Parsed;
  } catch (const TooDeep&) {
    return Outcome::TooComplex;
  } catch (const antlr4::ParseCancellationException&) {
  } catch (const antlr4::RecognitionException&) {
  }
  offending_ = tokens_.index();
  return Outcome::Refused;
}

ParserState::Outcome ParserState::next() {
  const std::size_t at = tokens_.index();
  const Outcome fast = attempt(at);
  if (fast != Outcome::Refused) return fast;
  // What the fast mode refuses may be right in full context, if it ever had to choose.
  if (!parser_.conflict()) return fast;
  ++statistics_.full_context;
  const std::size_t offending = offending_;
  parser_.set_mode(antlr4::atn::PredictionMode::LL);
  const Outcome full = attempt(at);
  parser_.set_mode(antlr4::atn::PredictionMode::SLL);
  if (full == Outcome::Refused) tokens_.seek(offending > offending_ ? offending : offending_);
  return full;
}

ParserState& thread_parser() {
  thread_local const auto state = std::make_unique<ParserState>();
  return *state;
}

}  // namespace sluice::parser
