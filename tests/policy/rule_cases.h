// Reader of the rules' case files, tests/policy/cases/rules/<rule>.txt. A case is
//
//   # with limit = 5                    a parameter of the rule; lists are a, b, c
//   # schema CREATE TABLE t (id INT);   the database before the sheet; may be repeated
//   # complete                          the database is known, and empty
//   # engine mariadb | # version 80036 | # database shop
//   # server charset=latin1 collation=… engine=MyISAM
//   # rows 0=5000                       EXPLAIN's estimate of statement 0
//   # table-rows t=2000000
//   the sheet, one line or several
//   ---- 1:8 words of the finding       a line each, in order; or
//   ---- ok
//
// Lines that begin with ## are for the reader.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "policy/rules/review.h"

namespace sluice::policy::rules {

struct RuleCase {
  std::string file;
  int line = 0;
  std::vector<std::pair<std::string, std::string>> with;
  std::string schema;
  bool has_schema = false;
  Situation situation;
  std::string sheet;
  std::vector<std::string> wanted;  // "1:8 words"; empty: ok
};

inline std::string trimmed(std::string text) {
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

inline void read_server(const std::string& text, Server& server) {
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const auto value = word.substr(word.find('=') + 1);
    if (word.starts_with("charset=")) server.charset = value;
    if (word.starts_with("collation=")) server.collation = value;
    if (word.starts_with("engine=")) server.storage_engine = value;
    if (word.starts_with("lower_case_table_names=")) server.lower_case_table_names = 1;
    if (word.starts_with("timestamps_nullable=")) server.timestamps_nullable = value == "1";
  }
}

// One `# …` line; false: nothing that is known.
inline bool read_context(const std::string& line, RuleCase& into) {
  const auto space = std::min(line.find(' ', 2), line.size());
  const auto word = line.substr(2, space - 2);
  const auto rest = trimmed(line.substr(space));
  const auto equals = rest.find('=');
  const auto key = trimmed(rest.substr(0, equals));
  const auto value = equals == std::string::npos ? "" : trimmed(rest.substr(equals + 1));
  auto& server = into.situation.server;
  if (word == "with")
    into.with.emplace_back(key, value);
  else if (word == "schema")
    into.schema += rest + "\n", into.has_schema = true;
  else if (word == "complete")
    into.has_schema = true;
  else if (word == "engine")
    server.engine = parser::Engine::MariaDb, server.version = 101119;
  else if (word == "version")
    server.version = static_cast<std::uint32_t>(std::stoul(rest));
  else if (word == "database")
    into.situation.database = rest;
  else if (word == "server")
    read_server(rest, server);
  else if (word == "rows")
    into.situation.affected_rows[std::stoul(key)] = std::stoull(value);
  else if (word == "table-rows")
    into.situation.table_rows[key] = std::stoull(value);
  else
    return false;
  return true;
}

inline std::vector<RuleCase> read_rule_cases(const std::string& path, std::string& fault) {
  std::ifstream in(path);
  std::vector<RuleCase> out;
  RuleCase now;
  bool answered = false;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.starts_with("##")) continue;
    if (line.starts_with("---- ")) {
      if (!answered) now.line = number;
      answered = true;
      if (line != "---- ok") now.wanted.push_back(line.substr(5));
      continue;
    }
    if (answered) {
      out.push_back(std::move(now));
      now = {};
      answered = false;
    }
    if (now.sheet.empty() && line.empty()) continue;
    if (now.sheet.empty() && line.starts_with("# ")) {
      if (!read_context(line, now)) fault = path + ":" + std::to_string(number) + ": " + line;
      continue;
    }
    now.sheet += line + "\n";
  }
  if (answered)
    out.push_back(std::move(now));
  else
    fault = path + " ends without an answer";
  return out;
}

}  // namespace sluice::policy::rules
