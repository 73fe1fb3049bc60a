// openapi.yaml as the tests hold answers to it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "admin/http/message.h"
#include "admin/http/openapi.h"
#include "tests/support/json_schema.h"
#include "tests/support/yaml_subset.h"

namespace sluice::http {

class Contract {
 public:
  static const Contract& get() {
    static const Contract kContract;
    return kContract;
  }

  // "GET /api/v1/users/{id}" to the operation's id.
  [[nodiscard]] const std::map<std::string, std::string>& operations() const { return operations_; }

  // What of an answer, or of the request that it answers, is not in the contract.
  [[nodiscard]] std::vector<std::string> check(std::string_view method, std::string_view pattern,
                                               std::string_view request_body,
                                               const Response& response) const {
    const std::string key = std::string(method) + ' ' + std::string(pattern);
    if (!operations_.contains(key)) return {key + " is not in openapi.yaml"};
    const auto& operation = document_.at("paths").at(pattern).at(small(method)).as_object();
    const auto& responses = operation.at("responses").as_object();
    const auto* found = responses.if_contains(std::to_string(response.status));
    if (found == nullptr && response.status >= 400) found = responses.if_contains("default");
    if (found == nullptr) return {key + ": no answer " + std::to_string(response.status)};
    testing_support::JsonSchema schema(document_);
    auto faults = check_content(schema, schema.resolve(*found).as_object(), response);
    // A request that was taken fits its schema too.
    if (const auto* body = operation.if_contains("requestBody");
        body != nullptr && response.status < 300 && !request_body.empty()) {
      const auto& wanted = body->at("content").at("application/json").at("schema");
      for (auto& fault : schema.check(wanted, boost::json::parse(request_body))) {
        faults.push_back("request " + fault);
      }
    }
    for (auto& fault : faults) fault = key + ": " + fault;
    return faults;
  }

 private:
  Contract() : document_(testing_support::YamlSubset::read(openapi_yaml())) {
    for (const auto& [path, methods] : document_.at("paths").as_object()) {
      for (const auto& [method, operation] : methods.as_object()) {
        if (method == "parameters") continue;
        std::string verb(method);
        for (char& c : verb) c = static_cast<char>(c - 'a' + 'A');
        operations_[verb + ' ' + std::string(path)] =
            std::string(operation.at("operationId").as_string());
      }
    }
  }

  static std::string small(std::string_view method) {
    std::string text(method);
    for (char& c : text) c = static_cast<char>(c - 'A' + 'a');
    return text;
  }

  static std::vector<std::string> check_content(testing_support::JsonSchema& schema,
                                                const boost::json::object& wanted,
                                                const Response& response) {
    const auto* content = wanted.if_contains("content");
    if (content == nullptr) {
      if (response.body.empty()) return {};
      return {"a body where there is none"};
    }
    const auto type = response.content_type.substr(0, response.content_type.find(';'));
    const auto* media = content->as_object().if_contains(type);
    if (media == nullptr) return {"the content type is " + type};
    if (type != "application/json" && type != "application/problem+json") return {};
    boost::system::error_code fault;
    const auto value = boost::json::parse(response.body, fault);
    if (fault) return {"the body is no JSON"};
    return schema.check(media->at("schema"), value);
  }

  const boost::json::value document_;
  std::map<std::string, std::string> operations_;
};

}  // namespace sluice::http
