// Statements that people send to databases, each on a thread of its own, and their answers as
// bodies that are sent while the server still gives rows.
//
//   handler's thread ── run() ──▶ waits for the first piece or the end
//   statement's thread: change::run_sql ─▶ SqlJson ─▶ pieces ─▶ [at most kMaxWaiting] ─▶ the server
//                                                     waits here while the client does not read
//
// An answer that ends before its first piece is full is an ordinary one: a refusal is a problem
// with its status then. One that fails later says so at its end (sql_json.h). A client that goes
// ends its statement (KILL QUERY), before the first piece as well as after it.
//
// run(): any thread. The destructor ends every statement and waits for its thread: destroy the
// server first.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "admin/change/sql_console.h"
#include "admin/http/caller.h"
#include "admin/http/message.h"

namespace sluice::http {

class SqlAnswers {
 public:
  static constexpr std::size_t kMaxStatements = 32;
  static constexpr std::size_t kMaxWaiting = 256 * 1024;  // bytes of an answer nobody has read yet

  // Called with what a statement's thread threw: a bug; its client learns that it failed.
  using OnFault = std::function<void(std::string_view what)>;

  // One statement more than `most` is answered 503.
  explicit SqlAnswers(OnFault on_fault, std::size_t most = kMaxStatements)
      : on_fault_(std::move(on_fault)), most_(most) {}
  ~SqlAnswers();
  SqlAnswers(const SqlAnswers&) = delete;
  SqlAnswers& operator=(const SqlAnswers&) = delete;

  // Blocks until the answer has begun or ended. When `caller`, where there is one, goes, the
  // statement is ended.
  [[nodiscard]] Response run(mysql::Options options, change::SqlRequest request,
                             const std::shared_ptr<Caller>& caller = nullptr);
  [[nodiscard]] std::size_t running();

 private:
  class Body;
  class Stream;
  struct Running {
    std::shared_ptr<Body> body;
    std::thread thread;
  };
  void forget_ended();
  void serve(Body& body, const mysql::Options& options, const change::SqlRequest& request) const;

  const OnFault on_fault_;
  const std::size_t most_;
  std::mutex mutex_;
  std::list<Running> running_;  // under the mutex
};

}  // namespace sluice::http
