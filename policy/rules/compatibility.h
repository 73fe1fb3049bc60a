// Whether what ran against the old form of a table runs against the new one: the parts of
// schema.backward-compatibility that compare. Pure.
#pragma once

#include <string>

#include "policy/rules/defined.h"

namespace sluice::policy::rules {

// What a program may meet when a column changes so: a half sentence, empty when nothing breaks. A
// type that takes every old value (INT to BIGINT, VARCHAR(20) to VARCHAR(40)) breaks nothing. Both
// are canonical.
[[nodiscard]] std::string breaks(const schema::Column& from, const schema::Column& to,
                                 const schema::Target& target);
// The same of a column that is new in a table that is used.
[[nodiscard]] std::string breaks_as_new(const schema::Column& added);
// A new UNIQUE index or primary key refuses nothing that was accepted before: a narrower one was
// there, or a new column of it is NULL or numbered by itself in every old write.
[[nodiscard]] bool accepts_all(const schema::Index& index, const Definition& definition);
[[nodiscard]] bool accepts_all(const schema::ForeignKey& key, const Definition& definition);

}  // namespace sluice::policy::rules
