// Statements of many shapes, made up from a seed: what the parser is measured with and the laws of
// its tree are held over. The same seed gives the same texts on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace sluice::testing_support {

class DiverseSql {
 public:
  explicit DiverseSql(std::uint64_t seed) : state_(seed * 2 + 1) {}

  // One statement that both servers' grammars take.
  std::string statement() {
    switch (below(20)) {
      case 0:
      case 1: return insert();
      case 2: return "UPDATE " + table() + " SET " + assignments() + where() + tail();
      case 3: return "DELETE FROM " + table() + where() + tail();
      case 4: return create_table();
      case 5: return alter_table();
      case 6: return other();
      case 7: return "UPDATE " + from() + " SET " + assignments() + where();
      case 8: return "WITH c1 (x) AS (" + select(1) + "), c2 AS (" + select(1) + ") " + select(2);
      default: return select(3) + (chance(8) ? " FOR UPDATE" : "");
    }
  }

  std::vector<std::string> statements(std::size_t count) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(statement());
    return all;
  }

  std::string expression(int depth) {
    if (depth <= 0) return operand();
    switch (below(16)) {
      case 0: return expression(depth - 1) + " AND " + expression(depth - 1);
      case 1: return "(" + expression(depth - 1) + " OR " + expression(depth - 1) + ")";
      case 2: return operand() + pick({" = ", " < ", " <> ", " >= ", " <=> "}) + value(depth - 1);
      case 3: return column() + " IN (" + list(1 + below(6)) + ")";
      case 4: return column() + " BETWEEN " + value(0) + " AND " + value(0);
      case 5: return column() + pick({" LIKE ", " NOT LIKE ", " REGEXP "}) + "'a%'";
      case 6: return column() + pick({" IS NULL", " IS NOT NULL"});
      case 7: return "NOT " + column() + " = " + value(depth - 1);
      case 8: return "EXISTS (" + select(depth - 2) + ")";
      case 9: return column() + " IN (" + select(depth - 2) + ")";
      default: return value(depth);
    }
  }

 private:
  std::uint64_t below(std::uint64_t limit) {  // xorshift: small, and the same everywhere
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return (state_ >> 11U) % limit;
  }
  bool chance(std::uint64_t one_in) { return below(one_in) == 0; }
  std::string pick(std::initializer_list<const char*> words) {
    return *(words.begin() + below(words.size()));
  }

  std::string table() {
    return (chance(6) ? "shop." : "") +
           pick({"orders", "customers", "items", "`line items`", "stock", "events", "t1", "t2"});
  }
  std::string bare_column() {
    return pick({"id", "customer_id", "name", "price", "created_at", "`state`", "qty", "data", "a",
                 "b", "c1", "note"});
  }
  std::string column() {
    return (chance(2) ? pick({"o.", "c.", "i."}) : std::string()) + bare_column();
  }
  std::string literal() {
    return pick({"1", "42", "-7", "3.14", "'text'", "'it''s'", "NULL", "TRUE", "0x1F", "1e3",
                 "_utf8mb4'x'", "DATE '2026-01-01'"});
  }
  std::string operand() { return chance(2) ? column() : literal(); }
  std::string list(std::uint64_t count) {
    std::string out = literal();
    for (; count > 1; --count) out += ", " + literal();
    return out;
  }

  std::string value(int depth) {
    if (depth <= 0) return operand();
    const std::string a = value(depth - 1);
    switch (below(14)) {
      case 0: return a + " + " + value(depth - 1);
      case 1: return "(" + a + pick({" - ", " * ", " / ", " % ", " DIV "}) + value(depth - 1) + ")";
      case 2:
        return pick({"COALESCE", "CONCAT", "GREATEST", "IFNULL"}) + "(" + a + ", " +
               value(depth - 1) + ")";
      case 3:
        return "CASE WHEN " + expression(depth - 1) + " THEN " + a + " ELSE " + operand() + " END";
      case 4: return "CAST(" + a + " AS " + pick({"CHAR(10)", "UNSIGNED", "DECIMAL(10,2)"}) + ")";
      case 5: return "IF(" + expression(depth - 1) + ", " + a + ", " + operand() + ")";
      case 6: return "DATE_ADD(" + a + ", INTERVAL 1 " + pick({"DAY", "HOUR", "MONTH"}) + ")";
      case 7: return "SUBSTRING(" + a + pick({" FROM 2 FOR 3)", ", 1, 2)"});
      case 8: return "TRIM(LEADING 'x' FROM " + a + ")";
      case 9:
        return "(SELECT " + pick({"MAX", "MIN", "COUNT"}) + "(" + bare_column() + ") FROM " +
               table() + ")";
      case 10: return "data->>'$.a'";
      default: return pick({"LOWER", "UPPER", "ABS", "LENGTH", "JSON_EXTRACT"}) + "(" + a + ")";
    }
  }

  std::string item(int depth) {
    switch (below(7)) {
      case 0: return pick({"COUNT(*)", "SUM(price)", "AVG(qty)", "MAX(created_at)"}) + " AS total";
      case 1: return "ROW_NUMBER() OVER (PARTITION BY a ORDER BY id DESC) AS rn";
      case 2: return pick({"o.*", "c.*"});
      case 3: return "GROUP_CONCAT(DISTINCT name ORDER BY name SEPARATOR ',')";
      default: return value(depth) + (chance(2) ? " AS x" + std::to_string(below(9)) : "");
    }
  }

  std::string from() {
    std::string out = table() + " o";
    for (std::uint64_t joins = below(3); joins > 0; --joins) {
      out += pick({" JOIN ", " LEFT JOIN ", " INNER JOIN "}) + table() + " " + pick({"c", "AS i"}) +
             (chance(3) ? " USING (id)" : " ON o.id = " + column());
    }
    if (chance(8)) out += ", (" + select(0) + ") AS d";
    return out;
  }
  std::string where() {
    return chance(5) ? std::string() : " WHERE " + expression(static_cast<int>(1 + below(3)));
  }
  std::string tail() {
    return (chance(2) ? " ORDER BY " + bare_column() + pick({"", " DESC", " ASC"}) : "") +
           (chance(2) ? " LIMIT " + std::to_string(below(100)) : "");
  }
  std::string select(int depth) {
    std::string out = "SELECT " + pick({"", "", "DISTINCT ", "SQL_NO_CACHE "}) + item(depth);
    for (std::uint64_t more = below(4); more > 0; --more) out += ", " + item(depth);
    out += " FROM " + (depth > 1 ? from() : table()) + where();
    if (chance(4)) out += " GROUP BY " + column() + (chance(2) ? " HAVING COUNT(*) > 1" : "");
    if (depth > 2 && chance(6)) out += " UNION ALL SELECT " + operand() + " FROM " + table();
    return out + (depth > 0 ? tail() : "");
  }
  std::string assignments() {
    std::string out = bare_column() + " = " + value(2);
    for (std::uint64_t more = below(4); more > 0; --more)
      out += ", " + bare_column() + " = " + value(1);
    return out;
  }
  std::string insert() {
    std::string out = pick({"INSERT INTO ", "INSERT IGNORE INTO ", "REPLACE INTO "}) + table() +
                      " (id, name, price) ";
    if (chance(4)) return out + select(1);
    out += "VALUES ";
    for (std::uint64_t rows = 1 + below(4); rows > 0; --rows)
      out +=
          "(" + list(2) + ", " + (chance(2) ? value(1) : literal()) + ")" + (rows > 1 ? ", " : "");
    const bool plain = out.starts_with("INSERT");
    return out + (plain && chance(3) ? " ON DUPLICATE KEY UPDATE name = VALUES(name)" : "");
  }

  std::string type() {
    return pick({"INT", "BIGINT UNSIGNED", "VARCHAR(100)", "DECIMAL(12,2)", "TEXT", "JSON",
                 "TIMESTAMP", "ENUM('a','b')", "CHAR(3) CHARACTER SET ascii", "DATETIME(6)"});
  }
  std::string create_table() {
    std::string out = "CREATE TABLE " + pick({"", "IF NOT EXISTS "}) + table() + " (id " +
                      pick({"INT", "BIGINT"}) + " NOT NULL AUTO_INCREMENT";
    for (std::uint64_t more = 1 + below(10); more > 0; --more)
      out += ", col" + std::to_string(more) + " " + type() + pick({"", " NOT NULL", " NULL"}) +
             pick({"", "", " COMMENT 'c'"});
    out += ", PRIMARY KEY (id)" + pick({"", ", UNIQUE KEY u (col1)", ", KEY k (col1, id)"});
    return out + ")" + pick({"", " ENGINE=InnoDB", " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"});
  }
  std::string alter_table() {
    std::string out =
        "ALTER TABLE " + table() + " ADD COLUMN n" + std::to_string(below(9)) + " " + type();
    for (std::uint64_t more = below(4); more > 0; --more)
      out += pick({", DROP COLUMN a", ", ADD INDEX i (b)", ", MODIFY name VARCHAR(200) NOT NULL",
                   ", RENAME COLUMN a TO b", ", ALTER COLUMN qty SET DEFAULT 1"});
    return out;
  }
  std::string other() {
    return pick({"SET NAMES utf8mb4", "SET @a = 1, @b = @a + 1", "SHOW TABLES LIKE 'a%'", "COMMIT",
                 "START TRANSACTION READ ONLY", "DROP TABLE IF EXISTS t1, t2", "USE shop",
                 "CREATE INDEX i ON orders (a, b DESC)", "EXPLAIN SELECT 1", "CALL p(1, @x)",
                 "TRUNCATE TABLE t1", "SET SESSION sql_mode = 'ANSI_QUOTES'", "DO SLEEP(0)",
                 "GRANT SELECT ON shop.* TO 'app'@'%'", "ROLLBACK TO SAVEPOINT s"});
  }

  std::uint64_t state_;
};

}  // namespace sluice::testing_support
