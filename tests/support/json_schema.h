// Whether a JSON value fits a schema, in as much of JSON Schema 2020-12 as openapi.yaml uses. A
// keyword that is not known is a fault: nothing is passed over.
#pragma once

#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

namespace sluice::testing_support {

class JsonSchema {
 public:
  using Value = boost::json::value;
  using Object = boost::json::object;

  // `root` holds what "#/…" refers to, and must outlive this object.
  explicit JsonSchema(const Value& root) : root_(root) {}

  // What does not fit, each with its place; empty: it fits.
  [[nodiscard]] std::vector<std::string> check(const Value& schema, const Value& value) {
    faults_.clear();
    walk(schema, value, "$");
    return faults_;
  }
  // What a "#/a/b" refers to; throws when it is not there.
  [[nodiscard]] const Value& resolve(const Value& schema) const {
    const auto* object = schema.if_object();
    const auto* ref = object == nullptr ? nullptr : object->if_contains("$ref");
    if (ref == nullptr) return schema;
    std::string pointer(ref->as_string());
    return resolve(root_.at_pointer(pointer.substr(1)));
  }

 private:
  void fault(const std::string& at, const std::string& what) {
    faults_.push_back(at + ": " + what);
  }

  static bool is_type(std::string_view type, const Value& value) {
    if (type == "null") return value.is_null();
    if (type == "boolean") return value.is_bool();
    if (type == "string") return value.is_string();
    if (type == "array") return value.is_array();
    if (type == "object") return value.is_object();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    return type == "number" && (value.is_number());
  }

  static bool fits_type(const Value& type, const Value& value) {
    if (type.is_string()) return is_type(type.get_string(), value);
    for (const auto& one : type.as_array()) {
      if (is_type(one.as_string(), value)) return true;
    }
    return false;
  }

  void walk(const Value& reference, const Value& value, const std::string& at) {
    const Object& schema = resolve(reference).as_object();
    if (const auto* type = schema.if_contains("type"); type && !fits_type(*type, value)) {
      fault(at, "is no " + boost::json::serialize(*type) + ": " + boost::json::serialize(value));
      return;
    }
    for (const auto& [keyword, rule] : schema) {
      if (keyword == "oneOf" || keyword == "anyOf") {
        any_of(rule, value, at);
      } else if (keyword == "allOf") {
        for (const auto& one : rule.as_array()) walk(one, value, at);
      } else if (keyword == "enum" || keyword == "const") {
        one_of(keyword == "const" ? boost::json::array{rule} : rule.as_array(), value, at);
      } else if (!scalar_rule(keyword, rule, value, at) && !kNotes.contains(keyword)) {
        fault(at, "the checker does not know the keyword " + std::string(keyword));
      }
    }
    if (const auto* object = value.if_object()) walk_object(schema, *object, at);
    if (const auto* array = value.if_array()) walk_array(schema, *array, at);
  }

  void any_of(const Value& rule, const Value& value, const std::string& at) {
    for (const auto& one : rule.as_array()) {
      JsonSchema inner(root_);
      if (inner.check(one, value).empty()) return;
    }
    fault(at, "fits none of its alternatives: " + boost::json::serialize(value));
  }

  void one_of(const boost::json::array& words, const Value& value, const std::string& at) {
    for (const auto& word : words) {
      if (word == value) return;
    }
    fault(at, "is none of " + boost::json::serialize(words) + ": " + boost::json::serialize(value));
  }

  // True: it was such a rule.
  bool scalar_rule(std::string_view keyword, const Value& rule, const Value& value,
                   const std::string& at) {
    if (keyword == "minimum" || keyword == "maximum") {
      if (!value.is_number()) return true;
      const auto number = value.to_number<double>();
      const auto limit = rule.to_number<double>();
      if (keyword == "minimum" ? number < limit : number > limit) fault(at, "is out of range");
    } else if (keyword == "minLength" || keyword == "maxLength") {
      if (!value.is_string()) return true;
      const auto size = value.get_string().size();
      const auto limit = rule.to_number<std::size_t>();
      if (keyword == "minLength" ? size < limit : size > limit) fault(at, "has a wrong length");
    } else if (keyword == "pattern") {
      if (!value.is_string()) return true;
      const std::regex pattern(std::string(rule.as_string()));
      if (!std::regex_search(std::string(value.get_string()), pattern))
        fault(at, "has no such form");
    } else if (keyword == "minItems" || keyword == "maxItems") {
      if (!value.is_array()) return true;
      const auto size = value.get_array().size();
      const auto limit = rule.to_number<std::size_t>();
      if (keyword == "minItems" ? size < limit : size > limit) fault(at, "has a wrong size");
    } else {
      return false;
    }
    return true;
  }

  void walk_object(const Object& schema, const Object& object, const std::string& at) {
    if (const auto* required = schema.if_contains("required")) {
      for (const auto& name : required->as_array()) {
        if (!object.contains(name.as_string())) fault(at, "lacks " + boost::json::serialize(name));
      }
    }
    const auto* properties = schema.if_contains("properties");
    const auto* rest = schema.if_contains("additionalProperties");
    for (const auto& [name, value] : object) {
      const std::string place = at + '.' + std::string(name);
      const auto* own = properties == nullptr ? nullptr : properties->as_object().if_contains(name);
      if (own != nullptr) {
        walk(*own, value, place);
      } else if (rest != nullptr && rest->is_bool()) {
        if (!rest->get_bool()) fault(place, "is not in the schema");
      } else if (rest != nullptr) {
        walk(*rest, value, place);
      }
    }
  }

  void walk_array(const Object& schema, const boost::json::array& array, const std::string& at) {
    const auto* items = schema.if_contains("items");
    if (items == nullptr) return;
    for (std::size_t i = 0; i < array.size(); ++i) {
      walk(*items, array[i], at + '[' + std::to_string(i) + ']');
    }
  }

  // Looked at elsewhere, or saying nothing of what fits.
  inline static const std::set<std::string, std::less<>> kNotes{
      "$ref",       "type",   "required",    "properties", "additionalProperties",
      "items",      "title",  "description", "default",    "examples",
      "deprecated", "format", "writeOnly",   "readOnly",   "contentEncoding"};

  const Value& root_;
  std::vector<std::string> faults_;
};

}  // namespace sluice::testing_support
