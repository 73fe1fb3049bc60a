// A proxy before a real server, with a judge that remembers what it was told; and a client that
// reads whole answers. The real server's application account is used on both sides of the proxy.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "proxy/session/proxy.h"
#include "proxy/wire/columns.h"
#include "proxy/wire/query_attributes.h"
#include "proxy/wire/response_tracker.h"
#include "proxy/wire/session_track.h"
#include "tests/support/mysql_peer.h"
#include "tests/support/proxy_fixture.h"
#include "tests/support/real_server.h"

namespace sluice::test {

// What a judge saw of one text, and how it ended.
struct Heard {
  std::string text;
  std::string schema;
  std::uint32_t sql_mode = 0;
  parser::Charset charset{};
  bool certain = false;
  bool in_transaction = false;
  std::string gtids;  // of its end
  std::uint16_t error = 0;
  bool ended = false;
};

class RecordingSource final : public policy::PolicySource {
 public:
  [[nodiscard]] std::shared_ptr<const policy::PolicySet> current() const override {
    return inner_.current();
  }
  [[nodiscard]] std::unique_ptr<policy::Judge> make_judge() override {
    return std::make_unique<Recorder>(*this);
  }
  // The last text, once its end was told: that is after its answer went to the client.
  [[nodiscard]] Heard last_ended() {
    for (int i = 0; i < 6000 && !last().ended; ++i) ::usleep(10000);
    return last();
  }
  void replace(policy::PolicySet set) { inner_.replace(std::move(set)); }
  [[nodiscard]] Heard last() {
    const std::lock_guard lock(mutex_);
    return heard_.empty() ? Heard{} : heard_.back();
  }

 private:
  class Recorder final : public policy::Judge {
   public:
    explicit Recorder(RecordingSource& source)
        : source_(source), inner_(source.inner_.make_judge()) {}
    [[nodiscard]] const policy::TextJudge* texts() const noexcept override {
      return inner_->texts();
    }
    policy::Decision judge(const policy::Context& context,
                           const policy::Submission& submission) override {
      if (submission.kind != policy::Submission::Kind::kCommand) {
        const std::lock_guard lock(source_.mutex_);
        source_.heard_.push_back({std::string(submission.text),
                                  std::string(context.session.schema),
                                  context.session.sql_mode,
                                  context.session.charset,
                                  context.session.certain,
                                  context.session.in_transaction,
                                  {},
                                  0,
                                  false});
      }
      return inner_->judge(context, submission);
    }
    void ended(const policy::Context&, const policy::Outcome& outcome) override {
      const std::lock_guard lock(source_.mutex_);
      source_.heard_.back().gtids = outcome.gtids;
      source_.heard_.back().error = outcome.error;
      source_.heard_.back().ended = true;
    }

   private:
    RecordingSource& source_;
    std::unique_ptr<policy::Judge> inner_;
  };

  policy::FixedPolicySource inner_{policy::PolicySet{}};
  std::mutex mutex_;
  std::vector<Heard> heard_;
};

struct LiveProxy {
  explicit LiveProxy(Engine engine, std::function<void(session::ProxyConfig&)> change = {},
                     policy::ChangeSink* changes = nullptr)
      : accounts({Fixture::account("app"), Fixture::account("other")}) {
    session::ProxyConfig config;
    config.threads = 1;
    net::ListenConfig listen;
    listen.port = 0;
    config.listen.push_back(listen);
    backend::InstanceConfig instance;
    instance.name = "main";
    instance.engine = engine == Engine::kMysql ? policy::Engine::kMysql : policy::Engine::kMariadb;
    instance.host = server_fact(engine, "HOST");
    instance.port = static_cast<std::uint16_t>(std::stoi(server_fact(engine, "PORT")));
    instance.user = server_fact(engine, "USER");
    instance.password = wire::Secret(std::string_view(server_fact(engine, "PASSWORD")));
    instance.tls = backend::TlsMode::kDisabled;
    config.instances.push_back(instance);
    if (change) change(config);
    session::Proxy::Dependencies dependencies{accounts, policies, events};
    dependencies.changes = changes;
    proxy = std::make_unique<session::Proxy>(std::move(config), std::move(dependencies));
    const auto trouble = proxy->start();
    EXPECT_EQ(trouble, nullptr) << trouble->what;
    for (int i = 0; i < 6000 && !proxy->ready(); ++i) ::usleep(10000);
  }

  policy::AccountTable accounts;
  RecordingSource policies;
  Events events;
  std::unique_ptr<session::Proxy> proxy;
};

// A logged-in client of the proxy.
class LiveClient {
 public:
  struct Answer {
    std::uint16_t error = 0;
    std::vector<std::vector<std::string>> rows;  // NULL is "NULL"
    std::string states;                          // what trackers said: "type:name=value "
    std::uint32_t statement = 0;
    std::string column;   // name of the last column definition
    std::string message;  // of the error, or the OK's info
    std::uint64_t affected = 0;
    std::uint16_t status = 0;
  };

  LiveClient(LiveProxy& live, wire::Capabilities more, const std::string& schema = {},
             wire::Capabilities less = {}, const std::string& user = "app")
      : peer_(Peer::connect(live.proxy->bound_port(0))) {
    const auto greeting_packet = peer_.read_packet();
    const auto greeting = wire::decode_greeting(greeting_packet->payload);
    capabilities_ = (kPeerCapabilities.without(wire::cap::kLocalFiles) | more) &
                    (greeting->capabilities | wire::cap::kConnectWithDb);
    if (schema.empty()) capabilities_ = capabilities_.without(wire::cap::kConnectWithDb);
    capabilities_ = capabilities_.without(less);
    id = greeting->connection_id;
    wire::LoginRequest login;
    login.capabilities = capabilities_;
    login.collation = 45;
    login.user = user;
    const auto early = wire::native_response("secret", greeting->nonce);
    login.auth_response = early;
    login.database = schema;
    login.auth_plugin = wire::plugin::kNative;
    wire::Buffer payload;
    encode(login, payload);
    peer_.write_packet(1, payload);
    const auto answer = peer_.read_packet();
    EXPECT_TRUE(answer && answer->payload.front() == wire::kOkHeader) << live.events.text();
  }

  Answer query(std::string_view sql) {
    wire::Buffer payload;
    wire::encode_query(sql, {}, capabilities_, payload);
    return command(wire::Command::kQuery, wire::as_text(payload));
  }
  Answer command(wire::Command command, std::string_view payload) {
    EXPECT_TRUE(peer_.write_text(0, payload));
    return read(command);
  }
  Answer read(wire::Command command) {
    Answer answer;
    wire::ResponseTracker tracker(capabilities_);
    tracker.begin(command);
    bool binary = command == wire::Command::kStmtExecute;
    while (!tracker.done()) {
      const auto packet = peer_.read_packet();
      if (!packet) {
        ADD_FAILURE() << "the connection ended";
        break;
      }
      wire::Buffer frame;
      wire::append_packet(frame, packet->sequence, packet->payload);
      const std::uint64_t rows = tracker.summary().rows;
      const auto event = tracker.scan(frame).event;
      if (event == wire::ResponseTracker::Event::kFault) {
        ADD_FAILURE() << "a packet that has no place: " << wire::name(tracker.fault());
        break;
      }
      add_states(tracker, answer);
      last_packet_ = packet->payload;
      if (tracker.summary().rows > rows && !binary) add_row(tracker, packet->payload, answer);
      if (tracker.packet_kind() == wire::PacketKind::kColumnDefinition) {
        const auto column = wire::decode_column(packet->payload, capabilities_);
        if (column) answer.column = column->name;
      }
    }
    answer.error = tracker.summary().error;
    answer.affected = tracker.summary().affected_rows;
    answer.status = tracker.summary().status;
    if (const auto error = wire::decode_err(last_packet_); answer.error != 0 && error) {
      answer.message = std::string(error->sqlstate) + " " + std::string(error->message);
    } else if (const auto ok = wire::decode_ok(last_packet_, capabilities_);
               !last_packet_.empty() && last_packet_.front() == wire::kOkHeader && ok) {
      answer.message = ok->info;
    }
    answer.statement = tracker.summary().statement_id;
    return answer;
  }
  // One after the other; the first error ends it.
  Answer run(const std::vector<std::string>& texts) {
    Answer last;
    for (const std::string& text : texts) {
      last = query(text);
      if (last.error != 0) return last;
    }
    return last;
  }
  void vanish() { peer_.shut_down(); }
  // Sends without reading an answer; later read by read_answer().
  void send(std::string_view sql) {
    wire::Buffer payload;
    wire::encode_query(sql, {}, capabilities_, payload);
    EXPECT_TRUE(peer_.write_packet(0, payload));
  }
  Answer read_answer() { return read(wire::Command::kQuery); }
  std::uint32_t prepare(std::string_view sql) {
    const Answer answer = command(wire::Command::kStmtPrepare, "\x16" + std::string(sql));
    EXPECT_EQ(answer.error, 0) << sql;
    return answer.statement;
  }
  // With parameters of text, where there are any.
  Answer execute(std::uint32_t statement, const std::vector<std::string>& parameters = {}) {
    wire::Buffer rest;
    wire::Writer to(rest);
    const bool named = capabilities_.has(wire::cap::kQueryAttributes) && !parameters.empty();
    if (named) to.lenenc(parameters.size());
    if (!parameters.empty()) {
      to.zeros((parameters.size() + 7) / 8);
      to.u8(1);
      for (std::size_t i = 0; i < parameters.size(); ++i) {
        to.u16(static_cast<std::uint16_t>(wire::ColumnType::kVarString));
        if (named) to.text_lenenc("");
      }
      for (const auto& parameter : parameters) to.text_lenenc(parameter);
    }
    wire::Buffer payload;
    wire::StmtExecute execution;
    execution.statement_id = statement;
    if (named) execution.flags = wire::StmtExecute::kParameterCountAvailable;
    execution.rest = rest;
    encode(execution, payload);
    return command(wire::Command::kStmtExecute, wire::as_text(payload));
  }
  [[nodiscard]] wire::Capabilities capabilities() const { return capabilities_; }

  std::uint32_t id = 0;  // of the greeting

 private:
  static void add_states(const wire::ResponseTracker& tracker, Answer& answer) {
    wire::StateReader changes(tracker.session_state());
    for (auto change = changes.next(); change && *change; change = changes.next()) {
      answer.states += std::to_string(static_cast<int>((*change)->type)) + ":";
      answer.states += std::string((*change)->name) + "=" + std::string((*change)->value) + " ";
    }
  }
  static void add_row(const wire::ResponseTracker& tracker, wire::Bytes payload, Answer& answer) {
    auto& row = answer.rows.emplace_back();
    (void)wire::read_text_row(payload, tracker.summary().columns,
                              [&](std::size_t, std::optional<std::string_view> value) {
                                row.emplace_back(value.value_or("NULL"));
                              });
  }

  Peer peer_;
  wire::Buffer last_packet_;
  wire::Capabilities capabilities_;
};

}  // namespace sluice::test
