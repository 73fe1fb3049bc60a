// Settings as rows of tables: a row says the key, its shape (with unit and range) and where its
// value goes. The same rows read files, the environment and flags, write the documentation, and
// tell which changes a reload can apply.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "proxy/config_node.h"

namespace sluice::proxy {

// What a setting takes.
struct Shape {
  enum class Kind : std::uint8_t { kBoolean, kInteger, kText, kChoice, kFile, kTextList };
  Kind kind = Kind::kText;
  std::string unit;                  // kInteger: "seconds", "bytes", "connections", …
  std::int64_t min = 0;              // kInteger
  std::int64_t max = 0;              // kInteger
  std::vector<std::string> choices;  // kChoice

  // "an integer from 1 to 100000 (connections)"
  [[nodiscard]] std::string describe() const;
};

using Scalar = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

// A tree's value in that shape, or a sentence: what was expected and what is there.
// kFile must name a file that can be read.
[[nodiscard]] boost::system::result<Scalar, Sentence> shape_node(const Shape& shape,
                                                                 const Node& node);
// The same of text, as the environment and flags have it. A list is separated by commas.
[[nodiscard]] boost::system::result<Scalar, Sentence> shape_text(const Shape& shape,
                                                                 std::string_view text);
[[nodiscard]] std::string show(const Scalar& value);

// The known word nearest to `word` by edit distance, when it is near enough to be a slip.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 std::span<const std::string> known);

enum class Reload : std::uint8_t { kApplies, kNeedsRestart };

template <class Target>
struct Field {
  std::string key;   // dotted below a section: "mysql.max_connections"
  std::string what;  // one line
  Shape shape;
  Reload reload = Reload::kApplies;
  // Puts a value of that shape; a sentence when the target refuses it.
  std::function<std::optional<std::string>(Target&, const Scalar&)> put;
  std::function<Scalar(const Target&)> get;  // absent: it cannot be compared or shown
  bool secret = false;                       // may hold one: never shown
};

namespace field_detail {
template <class T>
struct IsDuration : std::false_type {};
template <class Rep, class Period>
struct IsDuration<std::chrono::duration<Rep, Period>> : std::true_type {};
}  // namespace field_detail

// An integer or a duration (in the duration's own unit). `member` gives the place in the target.
template <class Target, class Member>
Field<Target> integer(std::string key, std::string unit, std::int64_t min, std::int64_t max,
                      std::string what, Member member, Reload reload = Reload::kApplies) {
  using Place = std::remove_cvref_t<decltype(member(std::declval<Target&>()))>;
  Field<Target> field{std::move(key), std::move(what), {}, reload, {}, {}};
  field.shape = {Shape::Kind::kInteger, std::move(unit), min, max, {}};
  field.put = [member](Target& target, const Scalar& value) -> std::optional<std::string> {
    if constexpr (field_detail::IsDuration<Place>::value) {
      member(target) = Place(std::get<std::int64_t>(value));
    } else {
      member(target) = static_cast<Place>(std::get<std::int64_t>(value));
    }
    return std::nullopt;
  };
  field.get = [member](const Target& target) -> Scalar {
    // The accessors are written once, for writing; reading through a copy keeps them so.
    auto copy = target;
    if constexpr (field_detail::IsDuration<Place>::value) {
      return static_cast<std::int64_t>(member(copy).count());
    } else {
      return static_cast<std::int64_t>(member(copy));
    }
  };
  return field;
}

template <class Target, class Member>
Field<Target> boolean(std::string key, std::string what, Member member,
                      Reload reload = Reload::kApplies) {
  Field<Target> field{std::move(key), std::move(what), {}, reload, {}, {}};
  field.shape.kind = Shape::Kind::kBoolean;
  field.put = [member](Target& target, const Scalar& value) -> std::optional<std::string> {
    member(target) = std::get<bool>(value);
    return std::nullopt;
  };
  field.get = [member](const Target& target) -> Scalar {
    auto copy = target;
    return member(copy);
  };
  return field;
}

template <class Target, class Member>
Field<Target> text(std::string key, std::string what, Member member,
                   Reload reload = Reload::kApplies, Shape::Kind kind = Shape::Kind::kText) {
  Field<Target> field{std::move(key), std::move(what), {}, reload, {}, {}};
  field.shape.kind = kind;
  field.put = [member](Target& target, const Scalar& value) -> std::optional<std::string> {
    member(target) = std::get<std::string>(value);
    return std::nullopt;
  };
  field.get = [member](const Target& target) -> Scalar {
    auto copy = target;
    return member(copy);
  };
  return field;
}

// A word of `words`; its place in the list is the enumerator's value.
template <class Target, class Member>
Field<Target> choice(std::string key, std::vector<std::string> words, std::string what,
                     Member member, Reload reload = Reload::kApplies) {
  using Place = std::remove_cvref_t<decltype(member(std::declval<Target&>()))>;
  Field<Target> field{std::move(key), std::move(what), {}, reload, {}, {}};
  field.shape.kind = Shape::Kind::kChoice;
  field.shape.choices = words;
  field.put = [member, words](Target& target, const Scalar& value) -> std::optional<std::string> {
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] == std::get<std::string>(value)) member(target) = static_cast<Place>(i);
    }
    return std::nullopt;
  };
  field.get = [member, words](const Target& target) -> Scalar {
    auto copy = target;
    return words[static_cast<std::size_t>(member(copy))];
  };
  return field;
}

// Reads a record (`[[instance]]`) whose keys are not dotted. `label` names it in sentences.
// Unknown keys are faults, with the nearest known one.
template <class Target>
void read_record(const Node& node, std::string_view label, std::span<const Field<Target>> fields,
                 Target& target, Faults& faults) {
  const auto* table = std::get_if<Node::Table>(&node.value);
  if (table == nullptr) {
    faults.push_back(node.origin.text + ": " + std::string(label) + ": expected a table, found " +
                     std::string(node.type_name()));
    return;
  }
  std::vector<std::string> known;
  for (const auto& field : fields) known.push_back(field.key);
  for (const auto& [key, value] : *table) {
    const std::string at = value.key_origin.text + ": " + std::string(label) + "." + key + ": ";
    const Field<Target>* found = nullptr;
    for (const auto& field : fields) {
      if (field.key == key) found = &field;
    }
    if (found == nullptr) {
      const auto near = nearest(key, known);
      faults.push_back(at + "unknown key" +
                       (near ? "; the nearest known key is '" + *near + "'" : ""));
      continue;
    }
    const auto shaped = shape_node(found->shape, value);
    if (!shaped) {
      faults.push_back(at + shaped.error().text);
    } else if (auto refusal = found->put(target, *shaped)) {
      faults.push_back(at + *refusal);
    }
  }
}

}  // namespace sluice::proxy
