#include "proxy/session/transaction.h"

#include <algorithm>
#include <utility>

namespace sluice::session {
namespace {

void add_of(const parser::StatementFacts& facts, std::vector<parser::ObjectUse>& objects) {
  for (const auto& object : facts.objects) {
    if (objects.size() >= kMaxObjects) return;
    if (std::ranges::find(objects, object) == objects.end()) objects.push_back(object);
  }
  for (const auto& inner : facts.nested) add_of(inner, objects);
}

}  // namespace

void add_objects(const policy::Judged& judged, std::vector<parser::ObjectUse>& objects) {
  for (const auto& facts : judged.statements) add_of(facts, objects);
}

void Transaction::add(policy::ChangeStatement statement, const policy::Judged& judged,
                      std::string_view rule) {
  add_objects(judged, objects_);
  if (rule_.empty()) rule_ = rule;
  bytes_ += statement.text.size();
  rows_ += statement.affected_rows;
  statements_.push_back(std::move(statement));
  while (statements_.size() > 1 && (statements_.size() > kMaxStatements || bytes_ > kMaxBytes)) {
    bytes_ -= statements_.front().text.size();
    left_out_rows_ += statements_.front().affected_rows;
    ++left_out_;
    statements_.pop_front();
  }
}

void Transaction::savepoint(const std::string& name) {
  std::erase_if(savepoints_, [&](const Savepoint& known) { return known.name == name; });
  if (savepoints_.size() >= kMaxSavepoints) savepoints_.erase(savepoints_.begin());
  savepoints_.push_back({name, count(), rows_});
}

void Transaction::roll_back_to(const std::string& name) {
  const auto found = std::ranges::find(savepoints_, name, &Savepoint::name);
  if (found == savepoints_.end()) return;
  while (!statements_.empty() && count() > found->statements) {
    bytes_ -= statements_.back().text.size();
    statements_.pop_back();
  }
  if (left_out_ > found->statements) {
    left_out_ = found->statements;
    left_out_rows_ = found->rows;
  }
  rows_ = found->rows;
  savepoints_.erase(found + 1, savepoints_.end());
}

void Transaction::release(const std::string& name) {
  const auto found = std::ranges::find(savepoints_, name, &Savepoint::name);
  savepoints_.erase(found, savepoints_.end());
}

void Transaction::put_into(policy::ChangeRequest& request) const {
  request.statements.insert(request.statements.begin(), statements_.begin(), statements_.end());
  for (const auto& object : objects_) {
    if (request.objects.size() >= kMaxObjects) break;
    if (std::ranges::find(request.objects, object) == request.objects.end()) {
      request.objects.push_back(object);
    }
  }
  if (request.rule.empty()) request.rule = rule_;
  request.transaction = true;
  request.left_out = left_out_;
  request.left_out_rows = left_out_rows_;
}

}  // namespace sluice::session
