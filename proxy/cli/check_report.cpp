#include "proxy/cli/check_report.h"

#include <algorithm>

#include <boost/json.hpp>

#include "proxy/cli/printable.h"

namespace sluice::cli {
namespace {

namespace json = boost::json;
using policy::rules::Finding;
using policy::rules::Level;

constexpr std::size_t kShownBytes = 160;  // of a source line; more does not fit a screen

// The source line of a finding, cut around it when it is long, and the mark below it.
std::string source_lines(const Finding& finding, std::string_view text) {
  const auto offset = std::min(finding.offset, text.size());
  const auto before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  std::size_t start = before == std::string_view::npos ? 0 : before + 1;
  std::size_t end = std::min(text.find('\n', offset), text.size());
  const auto continues = [&](std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  std::string head;
  std::string tail;
  if (offset - start > kShownBytes / 2) {
    start = offset - kShownBytes / 2;
    while (continues(start)) ++start;
    head = "…";
  }
  if (end - start > kShownBytes) {
    end = start + kShownBytes;
    while (continues(end)) --end;
    tail = "…";
  }
  if (end > start && text[end - 1] == '\r') --end;
  const auto number = std::to_string(finding.line);
  const auto lead = head + printable(text.substr(start, offset - start));
  std::string out = "  " + number + " | " + lead +
                    printable(text.substr(offset, std::max(end, offset) - offset)) + tail + "\n";
  out += "  " + std::string(number.size(), ' ') + " | ";
  for (const char c : lead) {
    if (c == '\t') out += '\t';
    if (c != '\t' && (static_cast<unsigned char>(c) & 0xC0U) != 0x80U) out += ' ';
  }
  const auto marked = printable(text.substr(
      offset, std::min(finding.end, end) - std::min(offset, std::min(finding.end, end))));
  const auto width = std::count_if(marked.begin(), marked.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  });
  return out + "^" + std::string(width > 1 ? static_cast<std::size_t>(width) - 1 : 0, '~') + "\n";
}

std::string shown_name(const CheckedFile& file) {
  return file.name == "-" ? "standard input" : printable(file.name);
}

json::object finding_json(const Finding& finding) {
  return {{"rule", finding.rule},          {"level", name(finding.level)},
          {"title", finding.title},        {"detail", utf8(finding.detail)},
          {"line", finding.line},          {"column", finding.column},
          {"offset", finding.offset},      {"end", finding.end},
          {"statement", finding.statement}};
}

// RFC 3986: what a path may hold as it is, all else as %XX.
std::string uri(const std::string& path) {
  if (path == "-") return "stdin";
  std::string out = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("/-._~").find(c) != std::string_view::npos;
    constexpr std::string_view kHex = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    if (plain)
      out += c;
    else
      out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
  }
  return out;
}

json::object sarif_result(const Finding& finding, const CheckedFile& file) {
  // The end's place, counted on from the beginning's.
  std::uint32_t line = finding.line;
  std::uint32_t column = finding.column;
  for (std::size_t i = finding.offset; i < std::min(finding.end, file.text.size()); ++i) {
    const auto byte = static_cast<unsigned char>(file.text[i]);
    if (byte == '\n') {
      ++line;
      column = 1;
    } else if ((byte & 0xC0U) != 0x80U) {
      ++column;
    }
  }
  const auto& catalog = policy::rules::catalog();
  const auto index = policy::rules::find_rule(finding.rule) - catalog.data();
  const json::object region{{"startLine", finding.line},
                            {"startColumn", finding.column},
                            {"endLine", line},
                            {"endColumn", column}};
  const json::object place{{"artifactLocation", json::object{{"uri", uri(file.name)}}},
                           {"region", region}};
  return {{"ruleId", finding.rule},
          {"ruleIndex", index},
          {"level", name(finding.level)},
          {"message", json::object{{"text", utf8(finding.detail)}}},
          {"locations", json::array{json::object{{"physicalLocation", place}}}}};
}

}  // namespace

CheckCounts count(const std::vector<CheckedFile>& files) {
  CheckCounts out;
  for (const auto& file : files) {
    out.statements += file.review.statements;
    for (const auto& finding : file.review.findings)
      ++(finding.level == Level::kError ? out.errors : out.warnings);
  }
  return out;
}

std::string check_text(const std::vector<CheckedFile>& files) {
  std::string out;
  for (const auto& file : files) {
    for (const auto& finding : file.review.findings) {
      out += shown_name(file) + ":" + std::to_string(finding.line) + ":" +
             std::to_string(finding.column) + ": " + std::string(name(finding.level)) + ": " +
             printable(finding.detail) + " [" + finding.rule + "]\n";
      out += source_lines(finding, file.text);
    }
  }
  return out;
}

std::string check_json(const std::vector<CheckedFile>& files) {
  json::array list;
  for (const auto& file : files) {
    json::array findings;
    for (const auto& finding : file.review.findings) findings.push_back(finding_json(finding));
    list.push_back(json::object{{"file", utf8(file.name)},
                                {"statements", file.review.statements},
                                {"findings", std::move(findings)}});
  }
  const auto counts = count(files);
  const json::object out{
      {"files", std::move(list)}, {"errors", counts.errors}, {"warnings", counts.warnings}};
  return json::serialize(out) + "\n";
}

std::string check_sarif(const std::vector<CheckedFile>& files,
                        const policy::rules::RuleSet& rules) {
  json::array described;
  for (const auto& rule : policy::rules::catalog()) {
    const auto level = rules.setting(rule).level;
    described.push_back(
        json::object{{"id", rule.id},
                     {"shortDescription", json::object{{"text", rule.title}}},
                     {"defaultConfiguration",
                      json::object{{"enabled", level != Level::kOff},
                                   {"level", level == Level::kOff ? "warning" : name(level)}}},
                     {"properties", json::object{{"category", rule.category()}}}});
  }
  json::array results;
  for (const auto& file : files) {
    for (const auto& finding : file.review.findings) results.push_back(sarif_result(finding, file));
  }
  const json::object driver{
      {"name", "sluice"}, {"version", SLUICE_VERSION}, {"rules", std::move(described)}};
  const json::object run{{"tool", json::object{{"driver", driver}}},
                         {"columnKind", "unicodeCodePoints"},
                         {"results", std::move(results)}};
  const json::object out{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                         {"version", "2.1.0"},
                         {"runs", json::array{run}}};
  return json::serialize(out) + "\n";
}

std::string rules_text(const policy::rules::RuleSet& rules) {
  std::string out;
  for (const auto& rule : policy::rules::catalog()) {
    const auto& setting = rules.setting(rule);
    out += std::string(rule.id) + " (" + std::string(name(setting.level)) +
           "): " + std::string(rule.title) + "\n";
    for (std::size_t i = 0; i < rule.parameters.size(); ++i) {
      out += "    " + std::string(rule.parameters[i].name) + " = " +
             policy::rules::to_text(setting.values[i]) + ": " +
             std::string(rule.parameters[i].says) + "\n";
    }
  }
  return out;
}

}  // namespace sluice::cli
