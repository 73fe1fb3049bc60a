// The changes of an open transaction: kept until it is committed, as one change of the history, or
// rolled back, as none. Pure; one a session, made at the first of them.
//
// Bounded: beyond kMaxStatements or kMaxBytes the oldest statements are counted and not kept.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "policy/change_sink.h"
#include "policy/judged.h"

namespace sluice::session {

// What a text touches, each object once; at most kMaxObjects.
inline constexpr std::size_t kMaxObjects = 1000;
void add_objects(const policy::Judged& judged, std::vector<parser::ObjectUse>& objects);

class Transaction {
 public:
  static constexpr std::size_t kMaxStatements = 1000;
  // Of all texts together; the newest is kept whatever its size, which max_allowed_packet bounds.
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
  static constexpr std::size_t kMaxSavepoints = 1000;

  [[nodiscard]] bool empty() const noexcept { return statements_.empty() && left_out_ == 0; }
  void add(policy::ChangeStatement statement, const policy::Judged& judged, std::string_view rule);
  void clear() { *this = {}; }

  // Names as savepoint_name() gives them. A name that is not known changes nothing: rather too much
  // is recorded than too little.
  void savepoint(const std::string& name);
  void roll_back_to(const std::string& name);
  void release(const std::string& name);

  // Puts its statements before those of the request.
  void put_into(policy::ChangeRequest& request) const;

 private:
  struct Savepoint {
    std::string name;
    std::uint64_t statements = 0;  // how many there were, those left out counted
    std::uint64_t rows = 0;        // of them
  };
  [[nodiscard]] std::uint64_t count() const noexcept { return left_out_ + statements_.size(); }

  std::deque<policy::ChangeStatement> statements_;
  std::vector<parser::ObjectUse> objects_;
  std::vector<Savepoint> savepoints_;
  std::string rule_;
  std::size_t bytes_ = 0;
  std::uint64_t rows_ = 0;
  std::uint64_t left_out_ = 0;
  std::uint64_t left_out_rows_ = 0;
};

}  // namespace sluice::session
