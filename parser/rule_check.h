// What the servers' parsers refuse and the grammar lets pass: a form that depends on a number, on
// how often a clause stands, on a word's use, or on where in the statement it is.
//
// Pure; on any thread that owns the tree.
#pragma once

#include <antlr4-runtime.h>

#include "parser/dialect.h"
#include "parser/token_source.h"

namespace sluice::parser {

// The token at which the server's parser would stop because of this rule's node itself, or null.
// Its children are checked by calls of their own.
[[nodiscard]] const antlr4::Token* rule_fault(antlr4::ParserRuleContext& context,
                                              const SqlTokenStream& tokens, const Dialect& dialect);

// The part of rule_fault() that is about queries: where INTO may stand, what parentheses may hold.
[[nodiscard]] const antlr4::Token* query_fault(antlr4::ParserRuleContext& context,
                                               const SqlTokenStream& tokens,
                                               const Dialect& dialect);

// The part of rule_fault() that is about names and the words that are none.
[[nodiscard]] const antlr4::Token* name_fault(antlr4::ParserRuleContext& context,
                                              const SqlTokenStream& tokens, const Dialect& dialect);

// The part of rule_fault() that is about calls of functions and their arguments.
[[nodiscard]] const antlr4::Token* call_fault(antlr4::ParserRuleContext& context,
                                              const SqlTokenStream& tokens, const Dialect& dialect);

// The parts that are about data definition, partitions, and the server; each falls back on the
// next.
[[nodiscard]] const antlr4::Token* server_fault(antlr4::ParserRuleContext& context,
                                                const SqlTokenStream& tokens,
                                                const Dialect& dialect);
[[nodiscard]] const antlr4::Token* ddl_fault(antlr4::ParserRuleContext& context,
                                             const SqlTokenStream& tokens, const Dialect& dialect);
[[nodiscard]] const antlr4::Token* partition_fault(antlr4::ParserRuleContext& context,
                                                   const SqlTokenStream& tokens,
                                                   const Dialect& dialect);

}  // namespace sluice::parser
