// The answer of POST /api/v1/sql as text of JSON, written while it comes:
//
//   {"columns":[…],"rows":[
//    [1,"a"],
//    …],"truncated":false,"truncated_by":null,"affected_rows":0,"warnings":0,
//    "more_results":[{"columns":…},…],"error":null,"duration":0.001,"duration_us":1000}
//
// What can be known at the end only stands at the end. NULL is null; integers that JavaScript keeps
// and floating point are numbers; bytes are {"base64": …}; everything else is the server's text.
// One thread, the statement's.
#pragma once

#include <functional>
#include <string>

#include "admin/change/sql_console.h"
#include "admin/http/message.h"

namespace sluice::http {

class SqlJson final : public change::SqlSink {
 public:
  static constexpr std::size_t kPiece = 64 * 1024;  // bytes that are gathered before they are sent
  // Takes a piece, which ends where blanks may follow. False: nobody reads any more.
  using Send = std::function<bool(std::string)>;

  explicit SqlJson(Send send) : send_(std::move(send)) {}

  bool columns(std::span<const mysql::Column> columns) override;
  bool row(std::span<const mysql::CellView> cells) override;
  void done(const mysql::Completion& completion, change::SqlCut cut) override;

  // Something was sent already.
  [[nodiscard]] bool begun() const noexcept { return begun_; }
  // The end's text, with what was not sent yet. Once.
  [[nodiscard]] std::string finish(
      const boost::system::result<change::SqlEnd, change::SqlRefusal>& ended);

 private:
  void begin_result();
  void end_result(const mysql::Completion& completion, std::string_view truncated_by);

  Send send_;
  std::string text_;
  std::vector<mysql::Column> columns_;
  std::size_t results_ = 0;  // that have begun
  std::uint64_t rows_ = 0;   // of the one that is open
  bool open_ = false;
  bool begun_ = false;
};

// The answer when nothing of it was sent.
[[nodiscard]] Response sql_problem(const change::SqlRefusal& refusal);

}  // namespace sluice::http
