#include "admin/http/handlers/schema_json.h"

#include <array>
#include <utility>

#include "parser/schema/print.h"

namespace sluice::http {
namespace {

using Kind = schema::Index::Kind;

// 64 characters are the servers' limit; they are at most 3 bytes each in an identifier.
constexpr TextRule kName{0, 192, false};
constexpr TextRule kType{0, 64 * 1024, false};  // ENUM has its members
constexpr TextRule kDefault{1, 4096, true};
constexpr TextRule kExpression{0, 4096, true};
constexpr TextRule kComment{0, 8192, true};
constexpr std::int64_t kMaxPrefix = 3072;  // bytes of an index (InnoDB, manual 17.21)

constexpr std::array<std::pair<std::string_view, Kind>, 6> kKinds = {{{"primary", Kind::Primary},
                                                                      {"unique", Kind::Unique},
                                                                      {"key", Kind::Key},
                                                                      {"fulltext", Kind::Fulltext},
                                                                      {"spatial", Kind::Spatial},
                                                                      {"vector", Kind::Vector}}};

std::optional<Kind> kind_of(std::string_view word) {
  for (const auto& [name, kind] : kKinds) {
    if (name == word) return kind;
  }
  return std::nullopt;
}

json::value number_or_null(const std::optional<std::uint32_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::object column_json(const schema::Column& column, const schema::Table& table,
                         const schema::Target& target) {
  const auto value = print_default(column.default_value, target);
  return {
      {"name", column.name},
      {"type", print_type(column.type, table, target)},
      {"nullable", column.nullable},
      {"default", value.empty() ? json::value(nullptr) : json::value(value)},
      {"on_update", number_or_null(column.on_update)},
      {"auto_increment", column.auto_increment},
      {"generated", column.generated ? json::value(column.generated->sql) : json::value(nullptr)},
      {"comment", column.comment}};
}

json::object index_json(const schema::Index& index) {
  json::array columns;
  json::array parts;
  for (const auto& part : index.parts) {
    columns.emplace_back(part.column.empty() ? "(" + part.expression + ")" : part.column);
    parts.push_back({{"column", part.column},
                     {"expression", part.expression},
                     {"prefix", number_or_null(part.prefix)},
                     {"descending", part.descending}});
  }
  std::string_view kind = "key";
  for (const auto& [name, one] : kKinds) {
    if (one == index.kind) kind = name;
  }
  return {{"name", index.name},
          {"unique", index.kind == Kind::Primary || index.kind == Kind::Unique},
          {"kind", kind},
          {"columns", std::move(columns)},
          {"parts", std::move(parts)}};
}

json::array texts_json(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

json::object foreign_key_json(const schema::ForeignKey& key) {
  return {{"name", key.name},
          {"columns", texts_json(key.columns)},
          {"schema", key.schema},
          {"table", key.table},
          {"referenced", texts_json(key.referenced)},
          {"on_delete", key.on_delete},
          {"on_update", key.on_update}};
}

schema::ColumnEdit read_column_edit(Body& body) {
  schema::ColumnEdit out;
  out.was = body.maybe_text("was", kName).value_or("");
  out.name = body.text("name", kName);
  out.type = body.text("type", kType);
  out.nullable = body.maybe_flag("nullable").value_or(true);
  out.default_value = body.maybe_text("default", kDefault);
  if (const auto precision = body.maybe_integer("on_update", 0, 6))
    out.on_update = static_cast<std::uint32_t>(*precision);
  out.auto_increment = body.maybe_flag("auto_increment").value_or(false);
  out.comment = body.maybe_text("comment", kComment).value_or("");
  (void)body.raw("generated");  // is shown, and stays as it is
  return out;
}

schema::IndexPart read_part(Body& body) {
  schema::IndexPart out;
  out.column = body.maybe_text("column", kName).value_or("");
  out.expression = body.maybe_text("expression", kExpression).value_or("");
  if (const auto prefix = body.maybe_integer("prefix", 1, kMaxPrefix))
    out.prefix = static_cast<std::uint32_t>(*prefix);
  out.descending = body.maybe_flag("descending").value_or(false);
  return out;
}

// Each object of a list, read by `read`, its faults under the list's field.
template <class Read>
auto read_list(Body& body, const std::string& field, Read read) {
  std::vector<decltype(read(body))> out;
  auto bodies = body.objects(field);
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    out.push_back(read(bodies[i]));
    body.take(field + "[" + std::to_string(i) + "]", bodies[i]);
  }
  return out;
}

schema::IndexEdit read_index_edit(Body& body) {
  schema::IndexEdit out;
  out.was = body.maybe_text("was", kName).value_or("");
  out.name = body.maybe_text("name", kName).value_or("");
  out.kind = body.maybe_choice("kind", kind_of, "primary, unique, key, fulltext, spatial, vector")
                 .value_or(Kind::Key);
  out.parts = read_list(body, "parts", read_part);
  return out;
}

std::string read_action(Body& body, std::string_view field) {
  const auto known = [](std::string_view word) -> std::optional<std::string> {
    for (const std::string_view one :
         {"", "RESTRICT", "CASCADE", "SET NULL", "NO ACTION", "SET DEFAULT"}) {
      if (one == word) return std::string(word);
    }
    return std::nullopt;
  };
  const auto word = body.maybe_text(field, kName);
  if (!word) return {};
  auto action = known(*word);
  if (!action)
    body.fault(field, "expected one of RESTRICT, CASCADE, SET NULL, NO ACTION, SET DEFAULT");
  return action.value_or("");
}

schema::ForeignKeyEdit read_foreign_key_edit(Body& body) {
  schema::ForeignKeyEdit out;
  out.was = body.maybe_text("was", kName).value_or("");
  out.key.name = body.maybe_text("name", kName).value_or("");
  out.key.columns = body.maybe_texts("columns", kName).value_or(std::vector<std::string>());
  out.key.schema = body.maybe_text("schema", kName).value_or("");
  out.key.table = body.maybe_text("table", kName).value_or("");
  out.key.referenced = body.maybe_texts("referenced", kName).value_or(std::vector<std::string>());
  out.key.on_delete = read_action(body, "on_delete");
  out.key.on_update = read_action(body, "on_update");
  return out;
}

schema::TableEdit read_table_edit(Body& body) {
  schema::TableEdit out;
  out.was = body.maybe_text("was", kName).value_or("");
  out.name = body.text("name", kName);
  out.engine = body.maybe_text("engine", kName).value_or("");
  out.comment = body.maybe_text("comment", kComment).value_or("");
  out.columns = read_list(body, "columns", read_column_edit);
  out.indexes = read_list(body, "indexes", read_index_edit);
  out.foreign_keys = read_list(body, "foreign_keys", read_foreign_key_edit);
  return out;
}

}  // namespace

json::object table_json(const schema::Table& table, const schema::Target& target) {
  json::array columns;
  for (const auto& column : table.columns) columns.push_back(column_json(column, table, target));
  json::array indexes;
  for (const auto& index : table.indexes) indexes.push_back(index_json(index));
  json::array foreign_keys;
  for (const auto& key : table.foreign_keys) foreign_keys.push_back(foreign_key_json(key));
  return {{"name", table.name},
          {"engine", table.options.engine},
          {"comment", table.options.comment},
          {"columns", std::move(columns)},
          {"indexes", std::move(indexes)},
          {"foreign_keys", std::move(foreign_keys)}};
}

schema::SchemaEdit read_schema_edit(Body& body) {
  schema::SchemaEdit out;
  out.tables = read_list(body, "tables", read_table_edit);
  out.dropped = body.maybe_texts("dropped", kName).value_or(std::vector<std::string>());
  return out;
}

}  // namespace sluice::http
