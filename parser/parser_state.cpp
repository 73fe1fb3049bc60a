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
  removeErrorListeners();
  setErrorHandler(std::make_shared<antlr4::BailErrorStrategy>());
  make_interpreter();
}

void ThreadParser::make_interpreter() {
  automata_.clear();
  automata_.reserve(atn_.getNumberOfDecisions());
  for (std::size_t i = 0; i < atn_.getNumberOfDecisions(); ++i)
    automata_.emplace_back(atn_.getDecisionState(i), i);
  setInterpreter(new antlr4::atn::ParserATNSimulator(this, atn_, automata_, *contexts_));
  set_mode(antlr4::atn::PredictionMode::SLL);
}

void ThreadParser::set_mode(antlr4::atn::PredictionMode mode) {
  getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(mode);
}

void ThreadParser::drop_caches() {
  contexts_ = std::make_unique<antlr4::atn::PredictionContextCache>();
  make_interpreter();
}

void ThreadParser::enterRule(antlr4::ParserRuleContext* context, std::size_t state,
                             std::size_t rule) {
  // The stack is what nesting uses up, so the stack is what is measured.
  const auto* here = static_cast<const char*>(__builtin_frame_address(0));
  const auto used = here < stack_base_ ? stack_base_ - here : here - stack_base_;
  if (used > static_cast<std::ptrdiff_t>(kMaxStackBytes)) throw TooDeep{};
  SluiceParser::enterRule(context, state, rule);
}

void ThreadParser::restart() {
  reset();
  stack_base_ = static_cast<const char*>(__builtin_frame_address(0));
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
  // What the fast mode refuses may be right in full context. Too long a text is not worth it.
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
