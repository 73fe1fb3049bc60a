// Odd schemas for tests of the snapshot: schemas/*.sql, each a database. Their first lines say for
// which servers they are and the database's character set. A statement ends at a line that ends
// with the delimiter.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "admin/mysql/connection.h"
#include "tests/support/real_server.h"

namespace sluice::test {

struct CorpusFile {
  std::string name;
  bool mysql = false;
  bool mariadb = false;
  std::string charset = "utf8mb4";
  std::vector<std::string> statements;
};

inline CorpusFile read_corpus_file(const std::filesystem::path& path) {
  CorpusFile file;
  file.name = path.stem().string();
  std::ifstream in(path);
  std::string delimiter = ";";
  std::string statement;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("-- servers:")) {
      file.mysql = line.find("mysql") != std::string::npos;
      file.mariadb = line.find("mariadb") != std::string::npos;
    } else if (line.starts_with("-- charset: ")) {
      file.charset = line.substr(12);
    } else if (line.starts_with("DELIMITER ")) {
      delimiter = line.substr(10);
    } else {
      statement += (statement.empty() ? "" : "\n") + line;
      if (!statement.ends_with(delimiter)) continue;
      statement.resize(statement.size() - delimiter.size());
      file.statements.push_back(std::move(statement));
      statement.clear();
    }
  }
  return file;
}

inline std::vector<CorpusFile> read_corpus() {
  std::vector<CorpusFile> files;
  for (const auto& entry : std::filesystem::directory_iterator(SLUICE_TEST_DIR "/change/schemas")) {
    if (entry.path().extension() == ".sql") files.push_back(read_corpus_file(entry.path()));
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

inline void must_run(mysql::Connection& connection, const std::string& sql) {
  const auto ran = connection.query(sql);
  EXPECT_TRUE(ran) << ran.error().message << "\n" << sql;
}

// Makes the database anew and goes into it.
inline void make_database(mysql::Connection& connection, const std::string& name,
                          const std::string& charset) {
  must_run(connection, "DROP DATABASE IF EXISTS `" + name + "`");
  must_run(connection, "CREATE DATABASE `" + name + "` CHARACTER SET " + charset);
  must_run(connection, "USE `" + name + "`");
}

}  // namespace sluice::test
