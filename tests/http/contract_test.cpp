#include "tests/http/contract.h"

#include <set>

#include "admin/http/api.h"
#include "admin/http/handlers/health.h"
#include "tests/http/api_fixture.h"

namespace sluice::http {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_support::JsonSchema;
using testing_support::YamlSubset;

TEST(OpenApi, EveryRouteHasItsOperationAndTheOtherWayRound) {
  std::map<std::string, std::string> routes;
  for (const auto& row : api_routes()) {
    routes[std::string(row.method) + ' ' + std::string(row.pattern)] = row.operation;
  }
  auto operations = Contract::get().operations();
  for (const auto& route : health_routes({})) {
    EXPECT_EQ(operations.erase(route.method + ' ' + route.pattern), 1U) << route.pattern;
  }
  EXPECT_EQ(operations, routes);
}

// Every reference leads somewhere: at_pointer throws otherwise.
void resolve_all(const JsonSchema& schema, const json::value& value, int& count) {
  if (const auto* object = value.if_object()) {
    if (object->contains("$ref")) {
      EXPECT_NO_THROW((void)schema.resolve(value)) << json::serialize(value);
      ++count;
    }
    for (const auto& [key, inner] : *object) resolve_all(schema, inner, count);
  } else if (const auto* array = value.if_array()) {
    for (const auto& inner : *array) resolve_all(schema, inner, count);
  }
}

TEST(OpenApi, EveryReferenceLeadsSomewhereAndEverySchemaIsUsed) {
  const auto document = YamlSubset::read(openapi_yaml());
  const JsonSchema schema(document);
  int count = 0;
  resolve_all(schema, document, count);
  EXPECT_GT(count, 100);
  const std::string text(openapi_yaml());
  for (const auto& [name, value] : document.at("components").at("schemas").as_object()) {
    EXPECT_THAT(text, HasSubstr("#/components/schemas/" + std::string(name) + '"'));
  }
}

TEST(OpenApi, TheContractNoticesWhatDoesNotFit) {
  const auto faults = [](std::string_view body, unsigned status = 200) {
    Response response;
    response.status = status;
    response.body = body;
    return Contract::get().check("GET", "/api/v1/tokens", "", response);
  };
  EXPECT_THAT(faults(R"({"items":[],"next_cursor":null})"), IsEmpty());
  EXPECT_THAT(faults(R"({"items":[]})"), Contains(HasSubstr("lacks")));
  EXPECT_THAT(faults(R"({"items":[{"id":"1"}],"next_cursor":null})"),
              Contains(HasSubstr("items[0].id")));
  EXPECT_THAT(faults(R"({"items":[],"next_cursor":null,"more":1})"), Contains(HasSubstr("$.more")));
  EXPECT_THAT(faults("[]"), Contains(HasSubstr("is no \"object\"")));
  EXPECT_THAT(faults("x"), Contains(HasSubstr("no JSON")));
  EXPECT_THAT(faults("{}", 201), Contains(HasSubstr("no answer 201")));
  EXPECT_THAT(faults("{}", 404), Contains(HasSubstr("content type")));
  EXPECT_THAT(Contract::get().check("GET", "/nothing", "", {}), Contains(HasSubstr("is not in")));
}

TEST(YamlSubset, ReadsBlocksAndFlows) {
  const auto value = YamlSubset::read(
      "# a comment\n"
      "a: {b: [1, two, \"three: 3\"], \"c\": null}\n"
      "\"200\":\n"
      "  - x: 1\n"
      "    y: true\n"
      "  - {$ref: \"#/a\"}\n"
      "text: with the \"quotes\" and a colon:no blank\n");
  EXPECT_EQ(json::serialize(value),
            R"({"a":{"b":[1,"two","three: 3"],"c":null},"200":[{"x":1,"y":true},{"$ref":"#/a"}],)"
            R"("text":"with the \"quotes\" and a colon:no blank"})");
  for (const auto* bad : {"a: {b: 1", "a: [1", "a: |\n  x", "a: b: c", "a: 1\na: 2",
                          "a:\n  b: 1\n c: 2", "a: 1\n  b: 2", "word"}) {
    EXPECT_THROW((void)YamlSubset::read(bad), std::runtime_error) << bad;
  }
}

class OpenApiServed : public ApiTest {};

TEST_F(OpenApiServed, IsTheDocumentItself) {
  const auto answer = get("/api/openapi.yaml");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.content_type, "application/yaml");
  EXPECT_EQ(answer.body, openapi_yaml());
}

}  // namespace
}  // namespace sluice::http
