#include "proxy/cli/classify.h"

#include <algorithm>
#include <chrono>
#include <istream>
#include <numeric>
#include <optional>
#include <ostream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "parser/lexer.h"
#include "proxy/cli/command.h"
#include "proxy/cli/printable.h"

namespace sluice::cli {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

// Times of misses that are kept for the percentiles; later ones are counted no more.
constexpr std::size_t kMaxTimes = 4U << 20U;

std::uint64_t since(Clock::time_point start) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count());
}

std::optional<std::string> base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  for (const char c : text) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xFFU);
    }
  }
  return out;
}

struct Question {
  std::string sql;
  parser::Dialect dialect;
};

std::optional<std::string> text_of(const json::object& object) {
  if (const auto* sql = object.if_contains("sql"); sql != nullptr && sql->is_string()) {
    return std::string(sql->get_string());
  }
  if (const auto* sql = object.if_contains("sql_b64"); sql != nullptr && sql->is_string()) {
    return base64(sql->get_string());
  }
  return std::nullopt;
}

// The question, or a sentence that says what is wrong with it.
std::optional<Question> question_of(std::string_view line, std::string& fault) {
  boost::system::error_code error;
  const json::value value = json::parse(line, error);
  const json::object* object = error ? nullptr : value.if_object();
  const auto text = object == nullptr ? std::nullopt : text_of(*object);
  if (!text) {
    fault = "expected a JSON object with \"sql\" or \"sql_b64\"";
    return std::nullopt;
  }
  Question question{*text, {}};
  const auto string = [object](std::string_view key) -> std::optional<std::string> {
    const json::value* found = object->if_contains(key);
    if (found == nullptr || !found->is_string()) return std::nullopt;
    return std::string(found->get_string());
  };
  parser::Dialect& dialect = question.dialect;
  dialect.schema = string("schema").value_or("");
  dialect.sql_mode = parser::sql_mode_bits(string("sql_mode").value_or(""));
  if (const auto name = string("charset")) {
    const auto charset = parser::charset_by_name(*name);
    if (!charset) {
      fault = "unknown character set";
      return std::nullopt;
    }
    dialect.charset = *charset;
  }
  if (const auto engine = string("engine")) {
    if (*engine != "mysql" && *engine != "mariadb") {
      fault = "expected \"engine\" to be mysql or mariadb";
      return std::nullopt;
    }
    if (*engine == "mariadb") {
      dialect.engine = parser::Engine::MariaDb;
      dialect.server_version = 101119;
    }
  }
  if (const auto* version = object->if_contains("server_version")) {
    boost::system::error_code bad;
    const auto number = version->to_number<std::uint32_t>(bad);
    if (bad) {
      fault = "expected \"server_version\" to be a number like 90704";
      return std::nullopt;
    }
    dialect.server_version = number;
  }
  const auto* several = object->if_contains("multi_statements");
  dialect.multi_statements = several != nullptr && several->is_bool() && several->get_bool();
  return question;
}

json::array access_of(parser::Access access) {
  constexpr std::pair<parser::Access, const char*> kNames[] = {
      {parser::Access::Read, "read"},     {parser::Access::Write, "write"},
      {parser::Access::Create, "create"}, {parser::Access::Alter, "alter"},
      {parser::Access::Drop, "drop"},     {parser::Access::Execute, "execute"}};
  json::array out;
  for (const auto& [bit, name] : kNames) {
    if (parser::has(access, bit)) out.emplace_back(name);
  }
  return out;
}

json::value number_or_null(const std::optional<std::uint64_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::object statement_json(const parser::StatementFacts& facts) {
  json::array objects;
  for (const parser::ObjectUse& object : facts.objects) {
    objects.push_back(json::object{{"schema", utf8(object.schema)},
                                   {"name", utf8(object.name)},
                                   {"kind", parser::to_string(object.kind)},
                                   {"access", access_of(object.access)}});
  }
  json::array functions;
  for (const parser::FunctionUse& function : facts.functions) {
    functions.emplace_back(
        utf8(function.schema.empty() ? function.name : function.schema + "." + function.name));
  }
  const bool file =
      facts.into == parser::IntoKind::Outfile || facts.into == parser::IntoKind::Dumpfile;
  return {{"class", facts.class_name},
          {"group", parser::to_string(facts.group)},
          {"implicit_commit", facts.implicit_commit},
          {"objects", std::move(objects)},
          {"functions", std::move(functions)},
          {"has_where", facts.has_where},
          {"limit", number_or_null(facts.limit)},
          {"inserted_rows", number_or_null(facts.inserted_rows)},
          {"into_file", file},
          {"dynamic", facts.dynamic}};
}

json::object refusal(std::string_view message) {
  return {{"accepted", false},
          {"error", json::object{{"line", 1}, {"column", 1}, {"near", ""}, {"message", message}}},
          {"group", "opaque"},
          {"statements", json::array{}}};
}

// From the first token to the last before a closing `;`.
std::pair<std::size_t, std::size_t> range_of(std::string_view sql, const parser::Dialect& dialect) {
  parser::Lexer lexer(sql, dialect);
  parser::Token token = lexer.next();
  const std::size_t start = token.start;
  std::size_t end = token.start;
  while (token.kind != parser::TokenKind::EndOfText) {
    if (token.kind != parser::TokenKind::Semicolon) end = token.end;
    token = lexer.next();
  }
  return {start, end};
}

}  // namespace

Classifier::Classifier() : digest_(std::make_unique<parser::StatementDigest>()), cache_(8192) {}

std::shared_ptr<const parser::Parsed> Classifier::look_up(std::string_view sql,
                                                          const parser::Dialect& dialect) {
  const auto start = Clock::now();
  digest_->read(sql, dialect);
  const auto* found = cache_.find(*digest_, dialect);
  lex_nanoseconds_ += since(start);
  ++texts_;
  if (found != nullptr) return *found;
  const auto parse_start = Clock::now();
  auto parsed = std::make_shared<const parser::Parsed>(parser::parse(sql, dialect));
  if (parse_nanoseconds_.size() < kMaxTimes) {
    parse_nanoseconds_.push_back(
        static_cast<std::uint32_t>(std::min<std::uint64_t>(since(parse_start), UINT32_MAX)));
  }
  // What an error says depends on the literals around it.
  if (parsed->accepted() && parsed->statements.size() == 1) {
    cache_.insert(*digest_, dialect, parsed);
  }
  return parsed;
}

std::string Classifier::answer(std::string_view line) {
  std::string fault;
  const auto question = question_of(line, fault);
  if (!question) return json::serialize(refusal(fault));
  const std::string& sql = question->sql;
  if (sql.size() > parser::kMaxTextBytes) return json::serialize(refusal("the text is too long"));
  const auto parsed = look_up(sql, question->dialect);
  json::object out;
  out["accepted"] = parsed->accepted();
  out["error"] = nullptr;
  if (parsed->error) {
    out["error"] = json::object{{"line", parsed->error->line},
                                {"column", parsed->error->column},
                                {"near", utf8(parsed->error->near)},
                                {"message", utf8(parsed->error->message)}};
  }
  out["group"] = parser::to_string(parsed->group());
  json::array statements;
  for (const parser::Statement& statement : parsed->statements) {
    std::size_t start = statement.facts.start;
    std::size_t end = statement.facts.end;
    // A version comment can open before the statement's first token and close behind its last.
    const bool alone = parsed->statements.size() == 1;
    if (alone) std::tie(start, end) = range_of(sql, question->dialect);
    const std::string_view text(sql);
    json::object one = statement_json(statement.facts);
    digest_->read(alone ? text : text.substr(start, end - start), question->dialect);
    one["digest"] = digest_->hash_hex();
    one["digest_text"] = utf8(digest_->text());
    one["start"] = start;
    one["end"] = end;
    statements.push_back(std::move(one));
  }
  out["statements"] = std::move(statements);
  return json::serialize(out);
}

std::string Classifier::statistics() const {
  std::vector<std::uint32_t> times = parse_nanoseconds_;
  std::sort(times.begin(), times.end());
  const auto at = [&times](double part) {
    if (times.empty()) return 0.0;
    const auto index = static_cast<std::size_t>(part * static_cast<double>(times.size() - 1));
    return times[index] / 1000.0;
  };
  const double sum = std::accumulate(times.begin(), times.end(), 0.0);
  const auto parser_counts = parser::parser_statistics();
  std::ostringstream out;
  out << "texts " << texts_ << "\ncache hits " << cache_.counters().hits << ", misses "
      << cache_.counters().misses << ", not cacheable " << cache_.counters().uncacheable
      << ", evictions " << cache_.counters().evictions << "\nlex and look-up, mean us "
      << static_cast<double>(lex_nanoseconds_) / 1000.0 /
             static_cast<double>(std::max<std::uint64_t>(texts_, 1))
      << "\nparses " << parser_counts.parses << ", LL fall-backs " << parser_counts.full_context
      << ", prediction caches dropped " << parser_counts.cache_drops << "\nparse us: mean "
      << (times.empty() ? 0.0 : sum / 1000.0 / static_cast<double>(times.size())) << ", p50 "
      << at(0.5) << ", p99 " << at(0.99) << ", max " << at(1.0) << '\n';
  return out.str();
}

int run_classify(Invocation& invocation) {
  CLI::App app(
      "Reads a JSON object {\"sql\": …} a line and prints what is known of it, a line each.\n"
      "Beside the text a line may have schema, sql_mode, charset, engine, server_version and\n"
      "multi_statements; sql_b64 is the text in base64.",
      "sluice classify");
  bool stats = false;
  app.add_flag("--stats", stats, "print cache hits, parser fall-backs and times to standard error");
  if (const auto status = parse_arguments(app, invocation)) return *status;
  Classifier classifier;
  std::string line;
  while (std::getline(invocation.in, line)) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    invocation.out << classifier.answer(line) << '\n';
  }
  invocation.out.flush();
  if (stats) invocation.err << classifier.statistics();
  return kDone;
}

}  // namespace sluice::cli
