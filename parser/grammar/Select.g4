parser grammar Select;

queryStatement : queryStart queryTail ;
withStatement : withClause (queryStart queryTail | updateStatement | deleteStatement) ;
queryExpression : withClause? queryStart queryTail ;

withClause : WITH RECURSIVE? commonTable (OP_COMMA commonTable)* ;
commonTable : identifier columnNames? AS OP_LPAREN queryExpression OP_RPAREN ;
columnNames : OP_LPAREN identifier (OP_COMMA identifier)* OP_RPAREN ;

// A query without what follows its first block.
queryStart : plainQuery | OP_LPAREN queryExpression OP_RPAREN ;
// The same without VALUES.
tableQueryStart : querySpec | TABLE readTable | OP_LPAREN queryExpression OP_RPAREN ;
plainQuery : querySpec | VALUES rowValue (OP_COMMA rowValue)* | TABLE readTable ;
rowValue : ROW? OP_LPAREN exprList? OP_RPAREN ;
queryTail : (setOperation)? queryEnd? ;
setOperation : (setOperator queryStart)+ ;
setOperator : (UNION | EXCEPT | INTERSECT) (ALL | DISTINCT)? ;
queryEnd : (orderClause | limitClause | lockClause | intoClause)+ ;

querySpec
  : SELECT OPTIMIZER_HINT? selectOption* (OP_STAR | selectItem) (OP_COMMA selectItem)* intoClause?
    fromClause? whereClause? groupClause? havingClause? windowClause? qualifyClause? mariaProcedureClause?
  ;
selectOption
  : ALL | DISTINCT | DISTINCTROW | HIGH_PRIORITY | STRAIGHT_JOIN | SQL_SMALL_RESULT | SQL_BIG_RESULT
  | SQL_CALC_FOUND_ROWS | SELECT_WORD
  ;
selectItem : tableWild | expr selectAlias? ;
selectAlias : AS (identifier | TEXT_STRING) | identifier | TEXT_STRING ;
tableWild : identifier OP_DOT (identifier OP_DOT)? OP_STAR ;
intoClause
  : INTO ( OUTFILE TEXT_STRING (charsetWords charsetOrName)? fieldsClause? linesClause?
         | DUMPFILE TEXT_STRING
         | intoTarget (OP_COMMA intoTarget)* )
  ;
intoTarget : userVariable | identifier ;
charsetWords : CHARSET | (CHARACTER | CHAR) SET ;
fieldsClause : (FIELDS | COLUMNS) ((TERMINATED | OPTIONALLY? ENCLOSED | ESCAPED) BY (literal | text))+ ;
linesClause : LINES ((TERMINATED | STARTING) BY literal)+ ;
fromClause : FROM (DUAL | tableReferences) ;
whereClause : WHERE expr ;
groupClause : GROUP BY orderItem (OP_COMMA orderItem)* WITH_ROLLUP? | GROUP BY ROLLUP OP_LPAREN exprList OP_RPAREN ;
havingClause : HAVING expr ;
qualifyClause : QUALIFY expr ;
windowClause : WINDOW identifier AS windowSpec (OP_COMMA identifier AS windowSpec)* ;
windowSpec
  : OP_LPAREN identifier? (PARTITION BY exprList)? orderClause? ((ROWS | RANGE | GROUPS) frame)? OP_RPAREN
  ;
frame : frameBound | BETWEEN frameBound AND frameBound ;
frameBound : CURRENT ROW | UNBOUNDED (PRECEDING | FOLLOWING) | expr (PRECEDING | FOLLOWING) ;
mariaProcedureClause : PROCEDURE identifier OP_LPAREN exprList? OP_RPAREN ;
orderClause : ORDER BY orderItem (OP_COMMA orderItem)* ;
orderItem : expr (ASC | DESC)? ;
limitClause
  : LIMIT (limitValue ((OP_COMMA | OFFSET) limitValue)?)? (ROWS EXAMINED limitValue)?
  | (OFFSET limitValue (ROW | ROWS))? FETCH (FIRST | NEXT) limitValue? (ROW | ROWS) (ONLY | WITH TIES)
  ;
limitValue : INT_NUM | LONG_NUM | ULONG_NUM | HEX_NUM | BIN_NUM | OP_QUESTION | identifier ;
lockClause : FOR (UPDATE | SHARE) (OF qualifiedName (OP_COMMA qualifiedName)*)? lockWait? | LOCK IN SHARE MODE lockWait? ;
lockWait : NOWAIT | SKIP LOCKED | WAIT INT_NUM ;

tableReferences : tableReference (OP_COMMA tableReference)* ;
// Joins nest by their ON: parser/references.cpp does not mind, the check counts them.
tableReference : tableFactor (joinOperator tableFactor | ON expr | USING columnNames)* ;
joinOperator
  : (INNER | CROSS)? JOIN | STRAIGHT_JOIN | (LEFT | RIGHT) OUTER? JOIN | NATURAL (INNER | (LEFT | RIGHT) OUTER?)? JOIN
  ;
tableFactor
  : baseTable
  | LATERAL? OP_LPAREN derivedBody OP_RPAREN (AS? identifier columnNames?)?
  | OP_LBRACE identifier tableReference OP_RBRACE
  | JSON_TABLE OP_LPAREN expr OP_COMMA expr jsonColumns OP_RPAREN (AS? identifier)?
  ;
derivedBody : plainQuery queryTail | withClause queryStart queryTail | tableReferences (setOperation queryEnd? | queryEnd)? ;
baseTable : readTable partitionNames? systemTime? (AS? identifier)? indexHint* tableSample? ;
readTable : qualifiedName ;
partitionNames : PARTITION OP_LPAREN identifier (OP_COMMA identifier)* OP_RPAREN ;
systemTime : FOR SYSTEM_TIME (ALL | AS OF expr | FROM expr TO expr | BETWEEN expr) ;
indexHint
  : (USE | FORCE | IGNORE) (INDEX | KEY) (FOR (JOIN | ORDER BY | GROUP BY))?
    OP_LPAREN (indexName (OP_COMMA indexName)*)? OP_RPAREN (OP_COMMA indexHint)?
  ;
indexName : identifier | PRIMARY ;
tableSample : TABLESAMPLE (SYSTEM | identifier) OP_LPAREN expr OP_RPAREN ;
jsonColumns : COLUMNS OP_LPAREN jsonColumn (OP_COMMA jsonColumn)* OP_RPAREN ;
jsonColumn
  : identifier (FOR ORDINALITY | dataType (COLLATE charsetOrName)? EXISTS? PATH text onEmptyError*)
  | NESTED PATH? text jsonColumns
  ;
qualifiedName : identifier (OP_DOT identifier)? | OP_DOT identifier ;
