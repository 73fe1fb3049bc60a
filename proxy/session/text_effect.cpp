#include "proxy/session/text_effect.h"

#include <algorithm>
#include <array>
#include <utility>

#include "parser/lexer.h"

namespace sluice::session {
namespace {

using parser::ActionGroup;
using parser::TokenKind;

struct Row {
  std::string_view class_name;
  Step step;
};
constexpr std::array kSteps{
    Row{"begin", Step::kBegin},
    Row{"commit", Step::kCommit},
    Row{"rollback", Step::kRollback},
    Row{"savepoint", Step::kSavepoint},
    Row{"rollback_to_savepoint", Step::kRollBackTo},
    Row{"release_savepoint", Step::kRelease},
    Row{"unlock_tables", Step::kMaybeCommit},
    Row{"xa_start", Step::kBegin},
    Row{"xa_prepare", Step::kXaPrepare},
    Row{"xa_commit", Step::kXaCommit},
    Row{"xa_rollback", Step::kXaRollback},
};

Step step_of(const parser::StatementFacts& facts) {
  for (const Row& row : kSteps) {
    if (facts.class_name == row.class_name) return row.step;
  }
  const bool calls = std::ranges::any_of(facts.functions, [](const auto& f) { return !f.builtin; });
  if (facts.group > ActionGroup::Transaction || calls) {
    return facts.implicit_commit ? Step::kDdl : Step::kChange;
  }
  if (!facts.implicit_commit) return Step::kNone;
  return facts.class_name == "set_option" ? Step::kMaybeCommit : Step::kCommit;
}

char small(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

std::vector<std::string_view> tokens_of(std::string_view sql, const parser::Dialect& dialect) {
  constexpr std::size_t kMost = 16;  // none of these statements is longer
  std::vector<std::string_view> tokens;
  parser::Lexer lexer(sql, dialect);
  for (auto token = lexer.next(); token.kind != TokenKind::EndOfText && tokens.size() < kMost;
       token = lexer.next()) {
    if (token.kind != TokenKind::Semicolon) tokens.push_back(token.text(sql));
  }
  return tokens;
}

bool is_word(std::string_view token, std::string_view word) {
  return token.size() == word.size() &&
         std::ranges::equal(token, word, [](char a, char b) { return small(a) == small(b); });
}

// The last token, without its quotes.
std::string savepoint_name(const std::vector<std::string_view>& tokens) {
  if (tokens.empty()) return {};
  std::string_view last = tokens.back();
  if (last.size() >= 2 && (last.front() == '`' || last.front() == '"')) {
    last = last.substr(1, last.size() - 2);
  }
  std::string name(last);
  std::ranges::transform(name, name.begin(), small);
  return name;
}

// What follows XA and its verb.
TextStep xa_step(Step step, const std::vector<std::string_view>& tokens) {
  std::size_t end = tokens.size();
  const bool one_phase = end >= 2 && is_word(tokens[end - 1], "phase");
  if (one_phase) end -= 2;
  TextStep made{one_phase ? Step::kCommit : step, {}};
  for (std::size_t i = 2; i < end; ++i) made.name += tokens[i];
  return made;
}

}  // namespace

std::vector<TextStep> steps_of(const policy::Judged& judged, std::string_view text,
                               const parser::Dialect& dialect) {
  if (!judged.accepted) return {{Step::kChange, {}}};
  std::vector<TextStep> steps;
  for (const auto& facts : judged.statements) {
    TextStep made{step_of(facts), {}};
    // Facts of one statement are shared by all texts of its digest: their places are another's.
    const std::string_view sql =
        judged.statements.size() == 1
            ? text
            : text.substr(0, facts.end).substr(std::min({facts.start, facts.end, text.size()}));
    switch (made.step) {
      case Step::kSavepoint:
      case Step::kRollBackTo:
      case Step::kRelease: made.name = savepoint_name(tokens_of(sql, dialect)); break;
      case Step::kXaPrepare:
      case Step::kXaCommit:
      case Step::kXaRollback: made = xa_step(made.step, tokens_of(sql, dialect)); break;
      default: break;
    }
    steps.push_back(std::move(made));
  }
  return steps;
}

Played play(std::span<const TextStep> steps, std::size_t ran, const Before& before) {
  Played played;
  bool open = before.in_transaction || !before.autocommit;
  const auto commit = [&] {
    if (before.has_open && played.old == Played::Old::kOpen) played.old = Played::Old::kCommitted;
    played.commits = played.commits || played.leaves_open;
    played.leaves_open = false;
    open = !before.autocommit;
  };
  for (const TextStep& at : steps.first(std::min(ran, steps.size()))) {
    switch (at.step) {
      case Step::kChange: (open ? played.leaves_open : played.commits) = true; break;
      case Step::kDdl:
        commit();
        played.commits = true;
        break;
      case Step::kBegin:
        commit();
        open = true;
        break;
      case Step::kCommit:
      case Step::kMaybeCommit:
      case Step::kXaPrepare: commit(); break;
      case Step::kXaCommit:
        commit();
        played.commits = true;
        break;
      case Step::kRollback:
      case Step::kXaRollback:
        if (played.old == Played::Old::kOpen) played.old = Played::Old::kDropped;
        played.leaves_open = false;
        open = !before.autocommit;
        break;
      default: break;
    }
  }
  return played;
}

bool controls_transaction(std::span<const TextStep> steps) noexcept {
  return std::ranges::any_of(
      steps, [](const TextStep& at) { return at.step != Step::kNone && at.step != Step::kChange; });
}

Plan plan(std::span<const TextStep> steps, bool change, const Before& before) {
  Plan made;
  const bool open = before.in_transaction || !before.autocommit;
  if (!controls_transaction(steps)) {
    made.collect = change && open;
    made.record = change && !open;
    return made;
  }
  if (steps.size() == 1) {
    const Step step = steps.front().step;
    made.commit_first = step == Step::kDdl && before.has_open;
    made.record = (step == Step::kDdl || step == Step::kXaCommit) && change;
    made.with_open = before.has_open &&
                     (step == Step::kCommit || step == Step::kBegin || step == Step::kMaybeCommit);
    return made;
  }
  const Played played = play(steps, steps.size(), before);
  made.with_open = before.has_open && played.old == Played::Old::kCommitted;
  made.record = change && played.commits;
  made.collect = change && played.leaves_open;
  return made;
}

bool tells_rows(std::string_view class_name) noexcept {
  constexpr std::array<std::string_view, 9> kClasses{
      "insert",       "insert_select", "update",         "update_multi", "delete",
      "delete_multi", "replace",       "replace_select", "load"};
  return std::ranges::find(kClasses, class_name) != kClasses.end();
}

}  // namespace sluice::session
