// Laws of the review: any bytes are split and reviewed by every rule without harm; findings are in
// the text, in order, and their lines and columns are those of their bytes; ranges of statements
// lie in the text, in order, apart. The first byte chooses engine and what is known beside the
// sheet.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/rules/review.h"

namespace {

using namespace sluice::policy::rules;

void require(bool law) {
  if (!law) std::abort();
}

// Every rule on, so that each is run.
const RuleSet& all_rules() {
  static const RuleSet kRules = read_rule_set(R"({"*": {"level": "warning"}})").rules;
  return kRules;
}

const sluice::schema::Schema& some_schema() {
  static const auto kSchema =
      sluice::schema::read(
          "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(20), b INT NOT NULL DEFAULT 1, KEY k (a));"
          "CREATE TABLE u (a INT, UNIQUE (a)); CREATE VIEW v AS SELECT 1;",
          {})
          .schema;
  return kSchema;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Situation situation;
  if ((data[0] & 1U) != 0) {
    situation.server.engine = sluice::parser::Engine::MariaDb;
    situation.server.version = 101119;
  }
  if ((data[0] & 2U) != 0) situation.schema = &some_schema();
  if ((data[0] & 4U) != 0) situation.database = "db";
  if ((data[0] & 8U) != 0) situation.server.lower_case_table_names = 1;
  if ((data[0] & 16U) != 0) situation.affected_rows = {{0, 1'000'000}, {1, 1'000'000}};
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);  // NOLINT
  std::size_t last = 0;
  for (const auto& range : split_sheet(text, situation.server)) {
    require(range.begin >= last && range.begin < range.end && range.end <= text.size());
    last = range.end;
  }
  last = 0;
  for (const auto& finding : review(text, situation, all_rules()).findings) {
    require(finding.offset >= last && finding.offset <= finding.end && finding.end <= text.size());
    const auto before = text.substr(0, finding.offset);
    require(finding.line == 1U + std::count(before.begin(), before.end(), '\n'));
    require(finding.column >= 1 && !finding.detail.empty());
    last = finding.offset;
  }
  return 0;
}
