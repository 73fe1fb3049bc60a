// One writing of expressions, bodies and modes.
#include <set>

#include "parser/schema/canonical.h"
#include "parser/schema/cursor.h"
#include "parser/schema/print.h"

namespace sluice::schema {
namespace {

bool introduces(std::string_view word) {
  return word.size() > 2 && word[0] == '_' &&
         (word.starts_with("_utf8") || word.starts_with("_latin") || word == "_binary" ||
          word == "_ascii" || word.starts_with("_cp") || word.starts_with("_ucs") ||
          word.starts_with("_gb"));
}

// How many pairs of parentheses enclose the whole list.
std::size_t outer_pairs(const std::vector<std::string>& words) {
  std::size_t pairs = 0;
  while (2 * pairs + 2 < words.size() && words[pairs] == "(" &&
         words[words.size() - 1 - pairs] == ")") {
    int depth = 0;
    for (auto i = pairs; i + 1 + pairs < words.size(); ++i) {
      if (words[i] == "(") ++depth;
      if (words[i] == ")" && --depth == 0) return pairs;
    }
    ++pairs;
  }
  return pairs;
}

}  // namespace

std::string normal_expression(std::string_view sql, const Target& target,
                              std::string_view own_schema) {
  const auto tokens = scan(sql, target);
  std::vector<std::string> words;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const auto& token = tokens[i];
    const auto raw = sql.substr(token.begin, token.end - token.begin);
    const auto next = sql.substr(tokens[i + 1].begin, tokens[i + 1].end - tokens[i + 1].begin);
    if (token.kind == Token::Kind::String) {
      words.push_back(quote_text(unquote(raw, token.kind, target)));
    } else if (token.kind == Token::Kind::Word && tokens[i + 1].kind == Token::Kind::String &&
               introduces(lower(raw))) {
      continue;
    } else if (token.kind == Token::Kind::Word || token.kind == Token::Kind::Quoted) {
      auto word = lower(unquote(raw, token.kind, target));
      if (next == "." && !own_schema.empty() && same_name(word, own_schema)) {
        ++i;
        continue;
      }
      words.push_back(std::move(word));
    } else if (token.kind == Token::Kind::Number || token.kind == Token::Kind::Hex ||
               token.kind == Token::Kind::Bits) {
      words.push_back(lower(raw));
    } else {
      words.emplace_back(raw == "<>" ? "!=" : raw);
    }
  }
  const auto pairs = outer_pairs(words);
  std::string out;
  for (auto i = pairs; i + pairs < words.size(); ++i) out += (out.empty() ? "" : " ") + words[i];
  return out;
}

std::string normal_type(std::string_view sql, const Target& target, std::string_view charset,
                        std::string_view collation) {
  std::string type = normal_expression(sql, target);
  const auto take_out = [&](std::size_t at, std::size_t bytes) { type.erase(at, bytes); };
  for (const std::string_view name : {"tinyint", "smallint", "mediumint", "int", "bigint"}) {
    const std::string opening = std::string(name) + " ( ";
    const auto end = type.find(" )");
    if (type.starts_with(opening) && end != std::string::npos)
      take_out(name.size(), end + 2 - name.size());
  }
  if (const auto words = type.find(" character set "); words != std::string::npos)
    type.replace(words, 15, " charset ");
  const std::string set = " charset " + std::string(charset);
  const auto at = charset.empty() ? std::string::npos : type.find(set);
  if (at == std::string::npos) return type;
  const std::string implied =
      collation.empty() ? default_collation(charset, target) : std::string(collation);
  const std::string collate = " collate " + implied;
  const std::string rest = type.substr(at + set.size());
  if (rest.empty() || rest == collate) take_out(at, std::string::npos);
  return type;
}

std::string normal_body(std::string_view sql, const Target& target) {
  const auto tokens = scan(sql, target);
  std::string out;
  for (const auto& token : tokens) {
    if (token.kind == Token::Kind::End) break;
    out += (out.empty() ? "" : " ") + std::string(sql.substr(token.begin, token.end - token.begin));
  }
  return out;
}

Table comparable(const Table& table, const Target& target) {
  Table out = table;
  const auto settle = [&](std::string& sql) { sql = normal_expression(sql, target); };
  for (auto& column : out.columns) {
    if (column.generated) settle(column.generated->sql);
    if (auto* expression = std::get_if<Expression>(&column.default_value)) settle(expression->sql);
    if (column.check) settle(column.check->sql);
  }
  for (auto& index : out.indexes) {
    for (auto& part : index.parts) settle(part.expression);
  }
  for (auto& check : out.checks) settle(check.sql);
  if (out.partitioning) {
    settle(out.partitioning->by.sql);
    settle(out.partitioning->sub.sql);
    for (auto& part : out.partitioning->partitions) settle(part.values);
  }
  return out;
}

std::string normal_modes(std::string_view sql_mode) {
  std::set<std::string> modes;
  std::string mode;
  for (std::size_t i = 0; i <= sql_mode.size(); ++i) {
    const char c = i < sql_mode.size() ? sql_mode[i] : ',';
    if (c == ',') {
      if (!mode.empty()) modes.insert(std::move(mode));
      mode.clear();
    } else if (c != ' ') {
      mode += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  std::string out;
  for (const auto& one : modes) out += (out.empty() ? "" : ",") + one;
  return out;
}

bool default_modes(std::string_view sql_mode, const Target& target) {
  constexpr std::uint32_t kWithoutAutoCreateUser = 80011;
  const char* modes =
      "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION";
  std::string mysql =
      "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
      "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION";
  if (target.version < kWithoutAutoCreateUser) mysql += ",NO_AUTO_CREATE_USER";
  return normal_modes(sql_mode) == normal_modes(target.mariadb ? modes : mysql);
}

}  // namespace sluice::schema
