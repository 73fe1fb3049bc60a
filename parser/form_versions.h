// Which versions of which server take a form of the grammar. A rule of the grammar whose name
// begins with `maria` or `mysql` is a form of that server; the table in form_versions.cpp says
// since when and until when, and what depends on the version although both servers know it.
// Versions are the manuals' ("as of MySQL 8.0.19"; MySQL 1.3 "What Is New", MariaDB's release
// notes); what is older than MySQL 5.7 and MariaDB 10.0 is taken for known.
//
// Pure; on any thread that owns the tree.
#pragma once

#include <antlr4-runtime.h>

#include "parser/dialect.h"

namespace sluice::parser {

// The token at which that server's parser would stop because it does not know the form yet, or no
// more; null when it knows it. Looks at the node and its children, not below them.
[[nodiscard]] const antlr4::Token* version_fault(const antlr4::ParserRuleContext& context,
                                                 const Dialect& dialect);

}  // namespace sluice::parser
