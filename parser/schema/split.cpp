// Where the statements of a file end.
#include <algorithm>

#include "parser/schema/ddl.h"

namespace sluice::schema {
namespace {

// Follows BEGIN … END and its relatives through one statement's tokens.
class Nesting {
 public:
  explicit Nesting(const Cursor& in) : in_(in) {}

  // Told of each token; true where a ";" would end the statement.
  bool outside() const { return depth_ == 0 || !program_; }

  void token(std::size_t index) {
    if (index < 12 && !program_ &&
        (is("PROCEDURE") || is("FUNCTION") || is("TRIGGER") || is("EVENT") || is("PACKAGE")) &&
        verb_) {
      program_ = true;
    }
    if (index == 0) verb_ = is("CREATE") || is("ALTER");
    if (index == 0 && is("BEGIN") && in_.is("NOT", 1)) program_ = true;
    if (program_) follow();
  }

 private:
  [[nodiscard]] bool is(std::string_view w) const { return in_.is(w); }

  void follow() {
    const bool opens = start_ && !is_head() &&
                       (in_.is_any({"BEGIN", "LOOP", "WHILE"}) || (is("IF") && is_statement()) ||
                        (is("REPEAT") && !in_.is("(", 1)));
    if (ended_) {  // END IF, END CASE …: the second word belongs to END
      ended_ = false;
      if (in_.is_any({"IF", "CASE", "LOOP", "REPEAT", "WHILE"})) return set_start(false);
    }
    if (is("END")) {
      if (depth_ > 0) --depth_;
      ended_ = true;
    } else if (opens || (is("CASE") && body_) || (is("BEGIN") && !body_)) {
      ++depth_;
      body_ = true;
    }
    // Before the body, these are the last tokens that a head can have.
    const bool head_end = !body_ && (in_.is_any({"ROW", "DO", ")", "DETERMINISTIC", "SQL", "DATA",
                                                 "INVOKER", "DEFINER", ":"}) ||
                                     in_.token().kind == Token::Kind::String);
    set_start(head_end || is(";") || is("BEGIN") || is("THEN") || is("ELSE") || is("DO") ||
              is("LOOP") || is("REPEAT") || is(":"));
  }
  // IF … THEN, and not the function IF(…): what comes first outside parentheses tells.
  [[nodiscard]] bool is_statement() const {
    if (!in_.is("(", 1)) return true;
    std::size_t depth = 0;
    for (std::size_t i = 1; i < kLookahead && in_.token(i).kind != Token::Kind::End; ++i) {
      if (in_.is("(", i)) ++depth;
      if (in_.is(")", i) && depth > 0) --depth;
      if (depth > 0) continue;
      if (in_.is("THEN", i)) return true;
      for (const auto* const word : {";", "END", "WHEN", "ELSE", ","}) {
        if (in_.is(word, i)) return false;
      }
    }
    return false;
  }
  static constexpr std::size_t kLookahead = 2000;  // tokens of a condition; keeps the time linear
  // IF [NOT] EXISTS of the statement's own head opens nothing.
  [[nodiscard]] bool is_head() const {
    return is("IF") && (in_.is("EXISTS", 1) || (in_.is("NOT", 1) && in_.is("EXISTS", 2))) && !body_;
  }
  void set_start(bool start) { start_ = start; }

  const Cursor& in_;
  std::size_t depth_ = 0;
  bool verb_ = false;
  bool program_ = false;
  bool body_ = false;   // inside BEGIN or another block
  bool start_ = false;  // a statement of the body may start here
  bool ended_ = false;
};

bool holds(std::string_view list, std::string_view word) {
  return upper(list).find(word) != std::string::npos;
}

// The sql_mode that is in force at a place of the file.
class Mode {
 public:
  explicit Mode(const Target& target) : base_(target), target_(target) {}
  [[nodiscard]] const Target& target() const { return target_; }
  [[nodiscard]] const std::string& text() const { return text_; }

  // Told of each statement; true when what follows is read in another way than before.
  bool follow(std::string_view statement) {
    constexpr std::size_t kLongest = 4096;  // a SET sql_mode is shorter
    if (statement.size() > kLongest || !holds(statement, "SQL_MODE")) return false;
    const auto tokens = scan(statement, target_);
    Cursor in(statement, tokens, target_);
    if (!in.accept("SET")) return false;
    in.accept("SESSION");
    if (!same_name(in.raw(), "sql_mode") && !same_name(in.raw(), "@@sql_mode") &&
        !same_name(in.raw(), "@@session.sql_mode")) {
      return false;
    }
    in.skip();
    if (!in.accept("=") && !in.accept(":=")) return false;
    const auto before = target_;
    text_ = in.token().kind == Token::Kind::String ? in.string() : std::string();
    target_ = text_.empty() ? base_ : in_mode(base_, text_);
    return before.ansi_quotes != target_.ansi_quotes ||
           before.no_backslash_escapes != target_.no_backslash_escapes;
  }

 private:
  Target base_;
  Target target_;
  std::string text_;
};

// Gives how far it came: to the end, or behind a statement that changed the mode.
std::size_t split_by_words(std::string_view text, std::size_t base, Mode& mode,
                           std::vector<Range>& out) {
  const auto target = mode.target();
  const auto tokens = scan(text, target);
  Cursor in(text, tokens, target);
  std::size_t begin = 0;
  while (!in.done()) {
    Nesting nesting(in);
    std::size_t count = 0;
    for (; !in.done(); in.skip(), ++count) {
      if (in.is(";") && nesting.outside()) break;
      nesting.token(count);
    }
    const std::size_t end = in.token().begin;
    const std::size_t after = in.token().end;
    if (count > 0) out.push_back({base + begin, base + end, mode.text()});
    if (count > 0 && mode.follow(text.substr(begin, end - begin))) return after;
    begin = after;
    in.skip();
  }
  return text.size();
}

// The next delimiter that is outside strings and comments.
std::size_t find_delimiter(std::string_view text, std::size_t at, std::string_view delimiter,
                           bool escapes) {
  while (at < text.size()) {
    const char c = text[at];
    if (text.substr(at).starts_with(delimiter)) return at;
    if (c == '\'' || c == '"' || c == '`') {
      for (++at; at < text.size() && text[at] != c; ++at) {
        if (text[at] == '\\' && c != '`' && escapes) ++at;
      }
      ++at;
    } else if (text.substr(at).starts_with("/*")) {
      // Version comments are code: only plain ones are passed over.
      const bool code = text.substr(at).starts_with("/*!") || text.substr(at).starts_with("/*M!");
      const auto end = text.find("*/", at + 2);
      at = code ? at + 3 : end == std::string_view::npos ? text.size() : end + 2;
    } else if (c == '#' ||
               (text.substr(at).starts_with("--") && at + 2 < text.size() &&
                (text[at + 2] == ' ' || text[at + 2] == '\t' || text[at + 2] == '\n'))) {
      while (at < text.size() && text[at] != '\n') ++at;
    } else {
      ++at;
    }
  }
  return std::string_view::npos;
}

bool at_delimiter_line(std::string_view line) {
  return line.size() > 10 && same_name(line.substr(0, 9), "delimiter") &&
         (line[9] == ' ' || line[9] == '\t');
}

void split_by_delimiter(std::string_view text, std::size_t base, std::string_view delimiter,
                        Mode& mode, std::vector<Range>& out) {
  for (std::size_t at = 0; at < text.size();) {
    const auto found = find_delimiter(text, at, delimiter, !mode.target().no_backslash_escapes);
    const auto end = std::min(found, text.size());
    const auto statement = text.substr(at, end - at);
    if (scan(statement, mode.target()).size() > 1) {
      out.push_back({base + at, base + end, mode.text()});
      mode.follow(statement);
    }
    at = found == std::string_view::npos ? text.size() : found + delimiter.size();
  }
}

}  // namespace

Target in_mode(Target target, std::string_view sql_mode) {
  target.ansi_quotes = holds(sql_mode, "ANSI");  // ANSI and ANSI_QUOTES
  for (const auto* const name : {"ORACLE", "MSSQL", "DB2", "MAXDB", "POSTGRESQL"})
    target.ansi_quotes = target.ansi_quotes || holds(sql_mode, name);
  target.no_backslash_escapes = holds(sql_mode, "NO_BACKSLASH_ESCAPES");
  return target;
}

std::vector<Range> split_file(std::string_view text, const Target& target) {
  std::vector<Range> out;
  Mode mode(target);
  std::string delimiter = ";";
  std::size_t begin = 0;
  const auto flush = [&](std::size_t end) {
    const auto piece = text.substr(begin, end - begin);
    if (delimiter != ";") return split_by_delimiter(piece, begin, delimiter, mode, out);
    for (std::size_t at = 0; at < piece.size();)
      at += split_by_words(piece.substr(at), begin + at, mode, out);
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto newline = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, newline - at);
    const auto blank = std::min(line.find_first_not_of(" \t"), line.size());
    line.remove_prefix(blank);
    if (at_delimiter_line(line)) {
      flush(at);
      line.remove_prefix(std::min(line.find_first_not_of(" \t", 9), line.size()));
      const auto end = line.find_first_of(" \t\r");
      if (!line.empty()) delimiter = std::string(line.substr(0, end));
      begin = std::min(newline + 1, text.size());
    }
    at = newline + 1;
  }
  flush(text.size());
  return out;
}

}  // namespace sluice::schema
