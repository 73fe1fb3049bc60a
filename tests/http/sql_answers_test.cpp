#include "admin/http/sql_answers.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <unistd.h>

#include "admin/http/stream.h"
#include "tests/support/real_server.h"

namespace sluice::http {
namespace {

namespace json = boost::json;
using test::Engine;
using testing::HasSubstr;
using namespace std::chrono_literals;

// A table of 20,000 rows, read in the order of its key.
class SqlAnswersTest : public testing::TestWithParam<Engine> {
 protected:
  static constexpr int kRows = 20'000;

  void SetUp() override {
    SLUICE_NEED_SERVER(GetParam());
    options_ = test::server_options(GetParam());
    auto connection = mysql::Connection::open(options_);
    ASSERT_TRUE(connection) << connection.error().message;
    connection_ = std::move(*connection);
    options_.database = "answers_" + std::to_string(::getpid());
    must("DROP DATABASE IF EXISTS " + options_.database);
    must("CREATE DATABASE " + options_.database);
    must("USE " + options_.database);
    must("CREATE TABLE digits (d int PRIMARY KEY)");
    must("INSERT INTO digits VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)");
    must("CREATE TABLE big (id int PRIMARY KEY, a varchar(100) NOT NULL)");
    must(
        "INSERT INTO big SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d, REPEAT('x', "
        "100) FROM digits a, digits b, digits c, digits e, digits f WHERE f.d < 2");
    request_.max_rows = 1'000'000;
    request_.max_bytes = std::uint64_t{1} << 30U;
  }
  void TearDown() override {
    if (connection_) must("DROP DATABASE IF EXISTS " + options_.database);
  }
  void must(const std::string& sql) {
    const auto ran = connection_->query(sql);
    EXPECT_TRUE(ran) << ran.error().message << ": " << sql;
  }
  Response run(const std::string& sql) {
    request_.statement = sql;
    return answers_.run(options_, request_);
  }
  // The rest of a body; the pieces' sizes go to sizes_.
  std::string read(BodyStream& stream) {
    std::mutex mutex;
    std::condition_variable changed;
    bool woken = false;
    stream.on_ready([&] {
      const std::lock_guard lock(mutex);
      woken = true;
      changed.notify_all();
    });
    std::string text;
    while (auto piece = stream.take()) {
      text += *piece;
      if (!piece->empty()) continue;
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return std::exchange(woken, false); });
    }
    stream.close();
    return text;
  }
  mysql::Options options_;
  change::SqlRequest request_;
  std::unique_ptr<mysql::Connection> connection_;
  SqlAnswers answers_{[](std::string_view what) { ADD_FAILURE() << what; }};
};

TEST_P(SqlAnswersTest, AShortAnswerIsAnOrdinaryOne) {
  const auto answer = run("SELECT id FROM big ORDER BY id LIMIT 2");
  EXPECT_EQ(answer.stream, nullptr);
  EXPECT_EQ(json::serialize(json::parse(answer.body).at("rows")), "[[0],[1]]");
  const auto refused = run("SELECT id FROM nowhere");
  EXPECT_EQ(refused.status, 422U);
  EXPECT_THAT(refused.body, HasSubstr("1146"));
  EXPECT_EQ(answers_.running(), 0U);
}

TEST_P(SqlAnswersTest, ALongAnswerIsStreamedToItsLastRow) {
  const auto answer = run("SELECT id, a FROM big ORDER BY id");
  ASSERT_NE(answer.stream, nullptr);
  const auto whole = json::parse(read(*answer.stream));
  EXPECT_TRUE(answer.stream->whole());
  const auto& rows = whole.at("rows").as_array();
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(kRows));
  EXPECT_EQ(rows.back().at(0).as_int64(), kRows - 1);
  EXPECT_FALSE(whole.at("truncated").as_bool());
  EXPECT_TRUE(whole.at("truncated_by").is_null());
  EXPECT_TRUE(whole.at("error").is_null());
  EXPECT_TRUE(whole.at("more_results").as_array().empty());
  EXPECT_GT(whole.at("duration").as_double(), 0);
}

TEST_P(SqlAnswersTest, TheEndSaysWhichLimitEndedTheRows) {
  request_.max_rows = 5000;
  const auto rows = run("SELECT id, a FROM big ORDER BY id");
  ASSERT_NE(rows.stream, nullptr);
  const auto by_rows = json::parse(read(*rows.stream));
  EXPECT_EQ(by_rows.at("rows").as_array().size(), 5000U);
  EXPECT_EQ(by_rows.at("truncated_by").as_string(), "rows");
  EXPECT_TRUE(by_rows.at("error").is_null());
  request_.max_bytes = 300'000;
  const auto bytes = run("SELECT id, a FROM big ORDER BY id");
  ASSERT_NE(bytes.stream, nullptr);
  const auto by_bytes = json::parse(read(*bytes.stream));
  EXPECT_EQ(by_bytes.at("truncated_by").as_string(), "bytes");
  EXPECT_LT(by_bytes.at("rows").as_array().size(), 5000U);
}

TEST_P(SqlAnswersTest, EveryResultOfACallSaysItsOwnLimit) {
  must(
      "CREATE PROCEDURE two() BEGIN SELECT id, a FROM big ORDER BY id; SELECT id FROM big ORDER BY "
      "id LIMIT 3; END");
  request_.admin = true;
  request_.max_rows = 4000;
  const auto answer = run("CALL two()");
  ASSERT_NE(answer.stream, nullptr);
  const auto whole = json::parse(read(*answer.stream));
  EXPECT_EQ(whole.at("rows").as_array().size(), 4000U);
  EXPECT_EQ(whole.at("truncated_by").as_string(), "rows");
  const auto& more = whole.at("more_results").as_array();
  ASSERT_EQ(more.size(), 2U);  // the last one is the CALL's own, without rows
  EXPECT_EQ(more[0].at("rows").as_array().size(), 3U);
  EXPECT_FALSE(more[0].at("truncated").as_bool());
  EXPECT_TRUE(more[1].at("columns").as_array().empty());
}

TEST_P(SqlAnswersTest, AnErrorAfterTheBeginIsAtTheEnd) {
  const auto answer = run("SELECT id, a, EXP(IF(id = 15000, 1000, 1)) FROM big ORDER BY id");
  ASSERT_NE(answer.stream, nullptr);
  const auto whole = json::parse(read(*answer.stream));
  EXPECT_TRUE(answer.stream->whole());  // what is there is well formed
  EXPECT_EQ(whole.at("rows").as_array().size(), 15'000U);
  EXPECT_EQ(whole.at("truncated_by").as_string(), "error");
  EXPECT_EQ(whole.at("error").at("status").as_int64(), 422);
  EXPECT_THAT(std::string(whole.at("error").at("detail").as_string()), HasSubstr("1690"));
}

// Nobody reads until the statement's time is up: what has gathered by then is bounded, however much
// there would be.
TEST_P(SqlAnswersTest, WhoReadsNothingHoldsTheServerBackUntilTheTimeIsUp) {
  request_.timeout = 3s;
  const auto answer = run("SELECT a.id, a.a, b.a FROM big a, big b");
  ASSERT_NE(answer.stream, nullptr);
  std::mutex mutex;
  std::condition_variable changed;
  bool woken = false;
  answer.stream->on_ready([&] {
    const std::lock_guard lock(mutex);
    woken = true;
    changed.notify_all();
  });
  while (answers_.running() > 0) {  // the last wake-up is the end's
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return std::exchange(woken, false); });
  }
  const auto text = read(*answer.stream);
  EXPECT_LT(text.size(), SqlAnswers::kMaxWaiting + std::size_t{256} * 1024);
  const auto whole = json::parse(text);
  EXPECT_EQ(whole.at("truncated_by").as_string(), "time");
  EXPECT_EQ(whole.at("error").at("status").as_int64(), 504);
}

// The destructor waits for every statement: one that goes on without end would hang here.
TEST_P(SqlAnswersTest, AClientThatGoesEndsItsStatement) {
  request_.timeout = 600s;
  SqlAnswers answers([](std::string_view what) { ADD_FAILURE() << what; });
  request_.statement = "SELECT a.id, a.a, b.a FROM big a, big b";
  auto answer = answers.run(options_, request_);
  ASSERT_NE(answer.stream, nullptr);
  EXPECT_EQ(answers.running(), 1U);
  answer.stream.reset();
}

// No byte of an answer comes for ten minutes: the client's end is what ends it.
TEST_P(SqlAnswersTest, AClientThatGoesBeforeTheFirstRowEndsItsStatement) {
  request_.timeout = 600s;
  for (const bool admin : {false, true}) {
    request_.admin = admin;
    request_.statement =
        std::string("SELECT SLEEP(600) AS ") + (admin ? "admin_" : "read_") + options_.database;
    const auto caller = std::make_shared<Caller>();
    Response answer;
    std::thread handler([&] { answer = answers_.run(options_, request_, caller); });
    const std::string running =
        "SELECT COUNT(*) FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND info "
        "LIKE '%" +
        request_.statement.substr(7) + "%'";
    const auto count = [&] { return connection_->value(running)->value_or(""); };
    while (count() != "1") std::this_thread::yield();
    caller->leave();
    handler.join();
    EXPECT_EQ(count(), "0");
    // MySQL's SLEEP alone gives 1 when it is interrupted, which is an answer (manual 14.23).
    EXPECT_EQ(answer.status, GetParam() == Engine::kMysql ? 200U : 503U);
    EXPECT_EQ(answer.stream, nullptr);
    EXPECT_EQ(answers_.running(), 0U);
  }
  // One that went before its statement began.
  const auto gone = std::make_shared<Caller>();
  gone->leave();
  EXPECT_EQ(answers_.run(options_, request_, gone).status, 503U);
  // Of an answer that has begun the stream is the end.
  const auto stays = std::make_shared<Caller>();
  request_.statement = "SELECT a.id, a.a, b.a FROM big a, big b";
  const auto begun = answers_.run(options_, request_, stays);
  ASSERT_NE(begun.stream, nullptr);
  stays->leave();
  EXPECT_EQ(answers_.running(), 1U);
}

TEST_P(SqlAnswersTest, OneStatementTooManyIsToldToWait) {
  request_.timeout = 600s;
  SqlAnswers answers([](std::string_view what) { ADD_FAILURE() << what; }, 1);
  request_.statement = "SELECT a.id, a.a, b.a FROM big a, big b";
  const auto begun = answers.run(options_, request_);
  ASSERT_NE(begun.stream, nullptr) << begun.body;
  const auto refused = answers.run(options_, request_);
  EXPECT_EQ(refused.status, 503U);
  EXPECT_THAT(refused.body, HasSubstr("try again"));
}

INSTANTIATE_TEST_SUITE_P(Servers, SqlAnswersTest, testing::Values(Engine::kMysql, Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::http
