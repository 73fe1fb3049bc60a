// Tables to and from JSON, as the schema editor has them: what it shows is what it sends back.
#pragma once

#include "admin/http/json.h"
#include "parser/schema/edit.h"

namespace sluice::http {

[[nodiscard]] json::object table_json(const schema::Table& table, const schema::Target& target);
// The fields `tables` and `dropped` of a body; what is wrong with them goes into the body's faults.
[[nodiscard]] schema::SchemaEdit read_schema_edit(Body& body);

}  // namespace sluice::http
