// What the generated parser and its contexts are made of: a prediction that is looked up in a flat
// table before the runtime is asked (the runtime takes two locks and hashes for each token of each
// prediction), contexts and leaves in a thread's own memory, and the runtime's steps from rule to
// rule without its dynamic_casts, listeners and error recovery, of which nothing here makes use.
//
// One thread a parser. The table and the memory are bounded by parser_state.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <antlr4-runtime.h>

#include "parser/token_source.h"

namespace sluice::parser::grammar {

// Memory of a thread's contexts: taken in sequence, given back all at once when no context lives.
class ContextMemory {
 public:
  [[nodiscard]] void* take(std::size_t bytes) {
    bytes = (bytes + kAlign - 1) & ~(kAlign - 1);
    if (block_ == blocks_.size() || used_ + bytes > kBlockBytes) next_block();
    std::byte* place = blocks_[block_].get() + used_;
    used_ += bytes;
    return place;
  }
  // REQUIRES: everything that was taken is destroyed.
  void reset() {
    if (blocks_.size() > kKeptBlocks) blocks_.resize(kKeptBlocks);
    block_ = 0;
    used_ = 0;
  }

 private:
  static constexpr std::size_t kAlign = alignof(std::max_align_t);
  static constexpr std::size_t kBlockBytes = std::size_t{64} << 10U;
  static constexpr std::size_t kKeptBlocks = 16;  // 1 MiB: what all but huge statements need

  void next_block() {
    if (!blocks_.empty()) ++block_;
    if (block_ >= blocks_.size())
      blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(kBlockBytes));
    used_ = 0;
  }

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::size_t block_ = 0;
  std::size_t used_ = 0;
};

[[nodiscard]] inline ContextMemory& context_memory() {
  thread_local ContextMemory memory;
  return memory;
}

// The base of every context of the grammar.
class SqlContext : public antlr4::ParserRuleContext {
 public:
  using ParserRuleContext::ParserRuleContext;

  static void* operator new(std::size_t bytes) { return context_memory().take(bytes); }
  static void operator delete(void*) noexcept {}  // all at once, by ContextMemory::reset()
};

// A token in the tree: in the same memory.
class SqlLeaf final : public antlr4::tree::TerminalNodeImpl {
 public:
  using TerminalNodeImpl::TerminalNodeImpl;

  static void* operator new(std::size_t bytes) { return context_memory().take(bytes); }
  static void operator delete(void*) noexcept {}
};

// What was predicted so far: for each decision an automaton over token types, its edges in one hash
// table. State 0 is "not known".
class PredictionTable {
 public:
  struct State {
    std::uint32_t alternative = 0;  // not 0: the prediction
    bool conflict = false;          // that of the fast mode, where full context might say other
  };

  PredictionTable() { clear(0); }

  void clear(std::size_t decisions) {
    states_.assign(1, {});
    start_.assign(decisions, 0);
    edges_.assign(kFirstSlots, {});
    used_ = 0;
  }
  [[nodiscard]] std::size_t states() const { return states_.size(); }
  [[nodiscard]] const State& state(std::uint32_t index) const { return states_[index]; }
  [[nodiscard]] std::uint32_t start(std::size_t decision) const { return start_[decision]; }
  [[nodiscard]] std::uint32_t next(std::uint32_t state, std::size_t token) const {
    const std::uint64_t key = key_of(state, token);
    for (std::size_t at = slot_of(key);; ++at) {
      const Edge& edge = edges_[at & (edges_.size() - 1)];
      if (edge.key == key) return edge.to;
      if (edge.key == 0) return 0;
    }
  }

  std::uint32_t make_start(std::size_t decision) {
    if (start_[decision] == 0) start_[decision] = add_state();
    return start_[decision];
  }
  std::uint32_t make_next(std::uint32_t state, std::size_t token) {
    if (const std::uint32_t known = next(state, token)) return known;
    const std::uint32_t added = add_state();
    if (2 * ++used_ > edges_.size()) grow();
    put({key_of(state, token), added});
    return added;
  }
  void accept(std::uint32_t state, std::uint32_t alternative, bool conflict) {
    states_[state] = {alternative, conflict};
  }

 private:
  struct Edge {
    std::uint64_t key = 0;
    std::uint32_t to = 0;
  };
  static constexpr std::size_t kFirstSlots = 4096;

  // Never 0: a state's number is not.
  static std::uint64_t key_of(std::uint32_t state, std::size_t token) {
    return (std::uint64_t{state} << 16U) | (token & 0xFFFFU);  // EOF is 0xFFFF, no other is
  }
  [[nodiscard]] std::size_t slot_of(std::uint64_t key) const {
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ULL) >> 32U) & (edges_.size() - 1);
  }
  std::uint32_t add_state() {
    states_.emplace_back();
    return static_cast<std::uint32_t>(states_.size() - 1);
  }
  void put(const Edge& edge) {
    std::size_t at = slot_of(edge.key);
    while (edges_[at].key != 0) at = (at + 1) & (edges_.size() - 1);
    edges_[at] = edge;
  }
  void grow() {
    std::vector<Edge> old(edges_.size() * 2);
    old.swap(edges_);
    for (const Edge& edge : old) {
      if (edge.key != 0) put(edge);
    }
  }

  std::vector<State> states_;
  std::vector<std::uint32_t> start_;  // by decision
  std::vector<Edge> edges_;           // a power of two, half full at most
  std::size_t used_ = 0;
};

class SqlParserBase : public antlr4::Parser {
 public:
  explicit SqlParserBase(antlr4::TokenStream* tokens)
      : Parser(tokens), sql_tokens_(static_cast<SqlTokenStream*>(tokens)) {}

  // What generated code asks for predictions: it calls getInterpreter<…>()->adaptivePredict(…).
  class Predictor {
   public:
    explicit Predictor(SqlParserBase& parser) : parser_(parser) {}
    std::size_t adaptivePredict(antlr4::TokenStream*, std::size_t decision,
                                antlr4::ParserRuleContext* context) {
      return parser_.predict(decision, context);
    }

   private:
    SqlParserBase& parser_;
  };
  template <class>
  Predictor* getInterpreter() {
    return &predictor_;
  }

  antlr4::Token* match(std::size_t type) final {
    antlr4::Token* token = sql_tokens_->current();
    // The runtime says what is wrong, and knows about the end of the text.
    if (token->getType() != type || type == antlr4::Token::EOF) return Parser::match(type);
    return consume();
  }
  antlr4::Token* consume() final {
    antlr4::Token* token = sql_tokens_->current();
    sql_tokens_->consume();
    append(_ctx, _tracker.createInstance<SqlLeaf>(token));
    return token;
  }
  void enterRule(antlr4::ParserRuleContext* context, std::size_t state, std::size_t) final {
    // The stack is what nesting uses up, so the stack is what is measured.
    const auto* here = static_cast<const char*>(__builtin_frame_address(0));
    const auto used = here < stack_base_ ? stack_base_ - here : here - stack_base_;
    if (used > stack_limit_) too_deep();
    setState(state);
    if (context->parent != nullptr)
      append(static_cast<antlr4::ParserRuleContext*>(context->parent), context);
    _ctx = context;
    _ctx->start = sql_tokens_->current();
  }
  // The grammar's alternatives have no labels: the context stays the one of the rule.
  void enterOuterAlt(antlr4::ParserRuleContext*, std::size_t) final {}
  void exitRule() {
    _ctx->stop = isMatchedEOF() ? sql_tokens_->current() : sql_tokens_->LT(-1);
    setState(_ctx->invokingState);
    _ctx = static_cast<antlr4::ParserRuleContext*>(_ctx->parent);
  }

 protected:
  [[noreturn]] virtual void too_deep() = 0;
  void measure_stack_from(const char* base, std::ptrdiff_t limit) {
    stack_base_ = base;
    stack_limit_ = limit;
  }
  std::size_t predict(std::size_t decision, antlr4::ParserRuleContext* context) {
    if (use_table_) {
      const std::size_t size = sql_tokens_->size();
      std::uint32_t state = table_.start(decision);
      for (std::size_t at = sql_tokens_->index(); state != 0; ++at) {
        state = table_.next(state, sql_tokens_->at(at < size ? at : size - 1).type);
        const PredictionTable::State& reached = table_.state(state);
        if (reached.alternative != 0) {
          conflict_ = conflict_ || reached.conflict;
          return reached.alternative;
        }
      }
    }
    return ask_runtime(decision, context);
  }
  // The runtime's prediction, entered into the table. Throws as the runtime does.
  virtual std::size_t ask_runtime(std::size_t decision, antlr4::ParserRuleContext* context) = 0;

  PredictionTable table_;
  bool use_table_ = true;
  bool conflict_ = false;  // a prediction since it was cleared might differ in full context

 private:
  template <class Node>
  static void append(antlr4::ParserRuleContext* parent, Node* node) {
    constexpr std::size_t kUsualChildren = 4;
    if (parent->children.capacity() == 0) parent->children.reserve(kUsualChildren);
    node->parent = parent;
    parent->children.push_back(node);
  }

  SqlTokenStream* sql_tokens_;
  const char* stack_base_ = nullptr;
  std::ptrdiff_t stack_limit_ = 0;
  Predictor predictor_{*this};
};

}  // namespace sluice::parser::grammar
