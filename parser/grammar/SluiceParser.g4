parser grammar SluiceParser;

// The grammar of both servers. Its tokens are the lexer's; parser/token_source.cpp joins a few of them. Expressions are
// flat lists of operands and operators, so that one token of lookahead decides almost everywhere.

options {
  tokenVocab = SluiceTokens;
  superClass = SqlParserBase;
  contextSuperClass = SqlContext;
}

tokens { ON_DUPLICATE, TEMPORAL_TEXT, DOT_DOT, SELECT_WORD, MATCH_IN, POINT_WORD, HISTORY_WORD }

import Names, Expr, Select, Dml, Simple, Ddl, Table, Account, Server, Program;

@parser::header {#include "parser/parser_base.h"}

// The automata's source, of which every thread makes its own copy.
@parser::members {
  static const std::vector<uint16_t>& serialized() { return _serializedATN; }
}

// What parse() enters, once for each statement of a text.
oneStatement : (statement | mariaOutside)? (OP_SEMI | EOF) ;
// MariaDB runs the statements of a program outside of programs, too.
mariaOutside : mariaCompound ;

// The order decides where two read the same words: ANALYZE TABLE t is no EXPLAIN, SET PASSWORD no variable.
statement
  : queryStatement | withStatement | insertStatement | updateStatement | deleteStatement | loadStatement
  | ddlStatement | accountStatement | serverStatement | simpleStatement | diagnosticStatement | mariaSetStatement
  | mariaNotAtomicBlock
  ;

mariaNotAtomicBlock : BEGIN mariaNotAtomic declaration* (programStatement OP_SEMI)* END ;
