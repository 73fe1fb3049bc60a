// What became of a statement whose end nobody heard. From the strongest to the weakest:
//
//   the binary log has the statement's tag             it ran
//   the live schema is the one that it leaves          it ran
//   the live schema is the one before it               it did not
//   the log is whole, and would have the tag           it did not
//   otherwise                                          a person has to look
//
// Pure, but for search_binlog().
#pragma once

#include <functional>
#include <set>
#include <string>

#include "admin/change/positions.h"
#include "admin/mysql/connection.h"
#include "admin/store/store.h"
#include "parser/facts.h"
#include "parser/schema/ddl.h"
#include "policy/rules/sheet.h"

namespace sluice::change {

// What the binary log says of a run.
struct BinlogEvidence {
  bool whole = false;            // everything since the run's mark was looked at
  std::set<std::int64_t> found;  // statements whose tags are there
};

// Gives the text of each event from a position to the log's end. False: not everything could be
// looked at. A fault is the connection's end.
[[nodiscard]] mysql::Result<bool> read_binlog_texts(
    mysql::Connection& connection, const std::string& file, std::int64_t position,
    const std::function<void(std::string_view text)>& each);

// Reads from the run's mark to the end. What may not be read is not whole; a fault is the
// connection's end.
[[nodiscard]] mysql::Result<BinlogEvidence> search_binlog(mysql::Connection& connection,
                                                          const store::Run& run);

enum class SchemaEvidence : std::uint8_t { kNothing, kBefore, kAfter };

// `before` is the schema that the statement found, as far as the model can tell.
[[nodiscard]] SchemaEvidence compare_schema(const schema::Schema& before,
                                            const policy::rules::SheetStatement& statement,
                                            const schema::Schema& live,
                                            const schema::Target& target);

enum class Fate : std::uint8_t { kRan, kDidNotRun, kUnknown };
struct Judgement {
  Fate fate = Fate::kUnknown;
  std::string why;  // for a person
};
// REQUIRES: no transaction was open before the statement.
[[nodiscard]] Judgement judge(const parser::StatementFacts& facts, std::int64_t position,
                              const BinlogEvidence& log, bool logs_row_texts,
                              SchemaEvidence schema);

// Whether the statements before `position` left something in their session that a new session does
// not have, and that running them again does not bring back. Empty: they did not.
[[nodiscard]] std::string session_state_before(const policy::rules::Sheet& sheet,
                                               std::size_t position);
// Those before `position` that a new session runs again to be as the old one was: plain SET and
// USE.
[[nodiscard]] std::vector<std::size_t> session_statements_before(const policy::rules::Sheet& sheet,
                                                                 std::size_t position);

}  // namespace sluice::change
