// The record of a database's schema: what its text holds, and what becomes of it when a change
// ends. Pure; any thread.
//
// The text is DDL that a server takes. Kinds of objects that the account could not see whole are
// named in its first line, so that an account that sees more later is no drift:
//
//   -- not seen: PROCEDURE, FUNCTION
//   ALTER DATABASE CHARACTER SET utf8mb4 …
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/change/snapshot.h"

namespace sluice::change {

[[nodiscard]] std::string record_text(const Snapshot& snapshot);
// `text` with that first line; without one when nothing is unseen.
[[nodiscard]] std::string with_unseen(const std::vector<schema::ObjectKind>& kinds,
                                      std::string text);
// The kinds that the text's first line names.
[[nodiscard]] std::vector<schema::ObjectKind> unseen_in(std::string_view text);

struct SchemaText {
  std::string text;
  std::string server_version;  // of the server that it was read from: "9.7.4"
};

// What is recorded once a change has taken the schema from `before` to `after`. Usually `after`.
// Where `before` was not as recorded, the schema had drifted; the change's own effect goes into the
// record, and the drift does not: the next scan still finds it. An object that drifted and was then
// changed gets the same change; when it cannot be had on the recorded one, the record keeps it as
// it was, and a person decides.
[[nodiscard]] std::string schema_to_record(const SchemaText& recorded, const SchemaText& before,
                                           const SchemaText& after);

// A new baseline: `live`, with what the record has of kinds that `live` could not see.
[[nodiscard]] std::string keep_unseen(const std::string& recorded,
                                      const std::string& recorded_version, const std::string& live,
                                      const schema::Target& target);

// What an entry says that takes a drift into the record: the statements that ran outside, when they
// are all of what makes `live` of `recorded`; `ddl`, which does, otherwise.
[[nodiscard]] std::string adopted_text(const SchemaText& recorded, const SchemaText& live,
                                       const std::string& database,
                                       const std::vector<std::string>& statements,
                                       const std::string& ddl);

// Whether the two mean the same schema, as far as both can see.
[[nodiscard]] bool same_schema(const SchemaText& a, const SchemaText& b);

}  // namespace sluice::change
