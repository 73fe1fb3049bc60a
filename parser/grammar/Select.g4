parser grammar Select;

queryStatement : queryStart queryTail ;
withStatement : withClause (queryStart queryTail | mysqlWithChange) ;
mysqlWithChange : updateStatement | deleteStatement ;
queryExpression : withClause? queryStart queryTail ;

withClause : WITH RECURSIVE? commonTable (OP_COMMA commonTable)* ;
commonTable : identifier columnNames? AS OP_LPAREN queryExpression OP_RPAREN mariaCycle? ;
mariaCycle : CYCLE identifier (OP_COMMA identifier)* RESTRICT ;
columnNames : OP_LPAREN identifier (OP_COMMA identifier)* OP_RPAREN ;

// A query without what follows its first block.
queryStart : plainQuery | OP_LPAREN queryExpression OP_RPAREN ;
// The same without VALUES.
tableQueryStart : querySpec | mysqlTableQuery | OP_LPAREN queryExpression OP_RPAREN ;
plainQuery : querySpec | VALUES rowValue (OP_COMMA rowValue)* | mysqlTableQuery ;
mysqlTableQuery : TABLE readTable ;
rowValue : mysqlRowConstructor | mariaRow ;
mysqlRowConstructor : ROW OP_LPAREN exprList? OP_RPAREN ;
mariaRow : OP_LPAREN exprList? OP_RPAREN ;
queryTail : (setOperation)? queryEnd? ;
setOperation : (setOperator queryStart)+ ;
setOperator : (UNION | EXCEPT | INTERSECT) (ALL | DISTINCT)? ;
queryEnd : orderClause limitClause? queryEnding* | limitClause queryEnding* | queryEnding+ ;
queryEnding : lockClause | intoClause | mariaProcedureClause ;

querySpec
  : SELECT OPTIMIZER_HINT? selectOption* (OP_STAR | selectItem) (OP_COMMA selectItem)* intoClause?
    fromClause? whereClause? groupClause? havingClause? windowClause? mysqlQualify?
  ;
selectOption
  : ALL | DISTINCT | DISTINCTROW | HIGH_PRIORITY | STRAIGHT_JOIN | SQL_SMALL_RESULT | SQL_BIG_RESULT
  | SQL_CALC_FOUND_ROWS | SELECT_WORD | mariaSelectOption
  ;
mariaSelectOption : UNIQUE ;
selectItem : tableWild | expr selectAlias? ;
selectAlias : AS (identifier | TEXT_STRING) | identifier | TEXT_STRING ;
tableWild : identifier OP_DOT (identifier OP_DOT)? OP_STAR ;
intoClause
  : INTO ( OUTFILE TEXT_STRING (charsetWords charsetOrName)? fieldsClause? linesClause?
         | DUMPFILE TEXT_STRING
         | intoTarget (OP_COMMA intoTarget)* )
  ;
intoTarget : userVariable | identifier mariaField? ;
charsetWords : CHARSET | (CHARACTER | CHAR) SET ;
fieldsClause : (FIELDS | COLUMNS) ((TERMINATED | OPTIONALLY? ENCLOSED | ESCAPED) BY fileText | mysqlNotEnclosed)+ ;
mysqlNotEnclosed : NOT ENCLOSED ;
fileText : TEXT_STRING | HEX_NUM | BIN_NUM ;
linesClause : LINES ((TERMINATED | STARTING) BY fileText)+ ;
fromClause : FROM (DUAL | tableReferences) ;
whereClause : WHERE expr ;
groupClause : GROUP BY grouping | GROUP BY groupItem (OP_COMMA groupItem)* WITH_ROLLUP? ;
groupItem : expr mariaDirection? ;
mariaDirection : ASC | DESC ;
// MariaDB reads the first as a call of a stored function.
grouping : groupingCall | mysqlGroupingSets ;
groupingCall : (ROLLUP | CUBE) OP_LPAREN exprList OP_RPAREN ;
mysqlGroupingSets : GROUPING SETS OP_LPAREN groupingSet (OP_COMMA groupingSet)* OP_RPAREN ;
groupingSet : OP_LPAREN exprList? OP_RPAREN ;
havingClause : HAVING expr ;
mysqlQualify : QUALIFY expr ;
windowClause : WINDOW identifier AS windowSpec (OP_COMMA identifier AS windowSpec)* ;
windowSpec
  : OP_LPAREN identifier? (PARTITION BY exprList)? orderClause? ((ROWS | RANGE | GROUPS) frame frameExclusion?)? OP_RPAREN
  ;
frame : frameBound | BETWEEN frameBound AND frameBound ;
frameExclusion : EXCLUDE (CURRENT ROW | GROUP | TIES | NO OTHERS) ;
frameBound : CURRENT ROW | UNBOUNDED (PRECEDING | FOLLOWING) | expr (PRECEDING | FOLLOWING) ;
mariaProcedureClause : PROCEDURE identifier OP_LPAREN exprList? OP_RPAREN ;
orderClause : ORDER BY orderItem (OP_COMMA orderItem)* ;
orderItem : expr (ASC | DESC)? ;
limitClause
  : LIMIT limitValue ((OP_COMMA | OFFSET) limitValue)? mariaRowsExamined?
  | LIMIT mariaRowsExamined
  | mariaFetch
  ;
mariaRowsExamined : ROWS EXAMINED limitValue ;
mariaFetch : OFFSET limitValue (ROW | ROWS) fetchClause? | fetchClause ;
fetchClause : FETCH (FIRST | NEXT) limitValue? (ROW | ROWS) (ONLY | WITH TIES) ;
limitValue : INT_NUM | LONG_NUM | ULONG_NUM | OP_QUESTION | identifier mariaField? ;
mariaField : OP_DOT identifier ;
lockClause
  : FOR UPDATE mysqlLockOf? lockWait?
  | mysqlForShare mysqlLockOf? lockWait?
  | LOCK IN SHARE MODE mariaLockWait?
  ;
mysqlForShare : FOR SHARE ;
mysqlLockOf : OF qualifiedName (OP_COMMA qualifiedName)* ;
lockWait : NOWAIT | SKIP LOCKED | mariaWait ;
mariaLockWait : NOWAIT | SKIP LOCKED | WAIT number ;

tableReferences : tableReference (OP_COMMA tableReference)* ;
// Joins nest by their ON: parser/references.cpp does not mind, the check counts them.
tableReference : tableFactor (joinOperator tableFactor | ON expr | USING columnNames)* ;
joinOperator
  : (INNER | CROSS)? JOIN | STRAIGHT_JOIN | (LEFT | RIGHT) OUTER? JOIN | NATURAL (INNER | (LEFT | RIGHT) OUTER?)? JOIN
  | mariaNaturalStraight
  ;
mariaNaturalStraight : NATURAL STRAIGHT_JOIN ;
tableFactor
  : baseTable
  | mysqlLateral? OP_LPAREN derivedBody OP_RPAREN mariaSystemTimeOf? ((AS | mariaEqualsAlias)? identifier mysqlColumnAliases?)?
  | OP_LBRACE identifier tableReference OP_RBRACE
  | JSON_TABLE OP_LPAREN expr OP_COMMA jsonText jsonColumns OP_RPAREN ((AS | mariaEqualsAlias)? identifier)?
  ;
// FROM t = a is FROM t AS a.
mariaEqualsAlias : OP_EQ ;
mysqlLateral : LATERAL ;
mysqlColumnAliases : columnNames ;
derivedBody : plainQuery queryTail | withClause queryStart queryTail | tableReferences (setOperation queryEnd? | queryEnd)? ;
baseTable : readTable partitionNames? mariaSystemTimeOf? ((AS | mariaEqualsAlias)? identifier)? indexHint* mysqlTableSample? ;
readTable : qualifiedName ;
partitionNames : PARTITION OP_LPAREN identifier (OP_COMMA identifier)* OP_RPAREN ;
mariaSystemTimeOf
  : FOR SYSTEM_TIME (ALL | AS OF systemTimePoint | FROM systemTimePoint TO systemTimePoint | BETWEEN systemTimePoint)
  ;
systemTimePoint : (TIMESTAMP | TRANSACTION)? expr ;
indexHint
  : USE (INDEX | KEY) hintPurpose? OP_LPAREN (indexName (OP_COMMA indexName)*)? OP_RPAREN
  | (FORCE | IGNORE) (INDEX | KEY) hintPurpose? OP_LPAREN indexName (OP_COMMA indexName)* OP_RPAREN
  ;
hintPurpose : FOR (JOIN | ORDER BY | GROUP BY) ;
indexName : identifier | PRIMARY ;
mysqlTableSample : TABLESAMPLE (SYSTEM | identifier) OP_LPAREN expr OP_RPAREN ;
jsonColumns : COLUMNS OP_LPAREN jsonColumn (OP_COMMA jsonColumn)* OP_RPAREN ;
jsonColumn
  : identifier (FOR ORDINALITY | dataType (COLLATE (collationName | mariaDefaultWord))? EXISTS? PATH jsonText onEmptyError*)
  | NESTED PATH? jsonText jsonColumns
  ;
jsonText : UNDERSCORE_CHARSET? TEXT_STRING | NCHAR_STRING ;
qualifiedName : identifier (OP_DOT identifier)? | mariaLeadingDot identifier ;
