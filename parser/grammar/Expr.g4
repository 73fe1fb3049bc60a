parser grammar Expr;

// Operands and operators in source order; parser/expression_check.cpp holds them to the servers' precedence.
expr : operand (infix operand | isTest | COLLATE textOrIdentifier)* ;
bitExpr : expr ;

infix
  : OR | OP_OR_OR | OP_CONCAT | XOR | AND | OP_AND_AND | OP_EQ | OP_NULL_SAFE_EQ | OP_NE | OP_LT | OP_LE | OP_GT | OP_GE
  | OP_PIPE | OP_AMP | OP_SHL | OP_SHR | OP_PLUS | OP_MINUS | OP_STAR | OP_SLASH | OP_PERCENT | OP_CARET | DIV | MOD
  | OP_ASSIGN | OP_ARROW | OP_DOUBLE_ARROW | ESCAPE
  | (NOT | NOT2)? (IN | LIKE | RLIKE | REGEXP | BETWEEN)
  | SOUNDS LIKE | MEMBER OF?
  ;
isTest : IS NOT? (NULL_ | TRUE | FALSE | UNKNOWN) ;

operand : (OP_PLUS | OP_MINUS | OP_TILDE | OP_BANG | NOT | NOT2 | BINARY | mariaPointWord)* primary ;
// TIMESTAMP or TRANSACTION before the second point of FOR SYSTEM_TIME BETWEEN.
mariaPointWord : POINT_WORD ;

primary
  : literal
  | OP_QUESTION
  | userVariable
  | systemVariable
  | parenthesised
  | quantified
  | EXISTS OP_LPAREN queryExpression OP_RPAREN
  | ROW OP_LPAREN exprList OP_RPAREN
  | CASE expr? (WHEN expr THEN expr)+ (ELSE expr)? END
  | INTERVAL expr intervalUnit?
  | OP_LBRACE identifier expr OP_RBRACE
  | MATCH (OP_LPAREN columnRef (OP_COMMA columnRef)* OP_RPAREN | columnRef (OP_COMMA columnRef)*)
    AGAINST OP_LPAREN expr matchMode? OP_RPAREN
  | defaultWord
  | DEFAULT OP_LPAREN columnRef OP_RPAREN
  | mariaIgnoreWord
  | valuesCall
  | specialCall
  | nameOrCall
  ;
// What an INSERT, UPDATE or SET takes for a value and no expression does.
defaultWord : DEFAULT ;
mariaIgnoreWord : IGNORE ;
valuesCall : VALUES OP_LPAREN columnRef OP_RPAREN ;

quantified : (ALL | ANY | SOME) OP_LPAREN queryExpression OP_RPAREN ;
parenthesised : OP_LPAREN parenBody OP_RPAREN ;
parenBody
  : expr (OP_COMMA expr)* (setOperation queryEnd? | queryEnd)?
  | withClause queryStart queryTail
  | plainQuery queryTail
  ;

exprList : expr (OP_COMMA expr)* ;
matchMode : IN NATURAL LANGUAGE MODE (WITH QUERY EXPANSION)? | MATCH_IN BOOLEAN MODE | WITH QUERY EXPANSION ;

// A column, a local variable, or a call of a function that has no grammar of its own.
nameOrCall
  : identifier ( OP_DOT identifier (OP_DOT identifier mariaPackageArguments? | callArguments)? | callArguments )?
  | mariaLeadingDot identifier OP_DOT identifier
  ;
mariaLeadingDot : OP_DOT ;
mariaPackageArguments : callArguments ;
columnRef : (identifier | mariaLeadingDot identifier) (OP_DOT identifier (OP_DOT identifier)?)? ;
callArguments : OP_LPAREN (argument (OP_COMMA argument)*)? OP_RPAREN ;
argument : expr (AS? argumentAlias)? ;
argumentAlias : identifier | TEXT_STRING ;
nullTreatment : (RESPECT | IGNORE) NULLS ;
overClause : OVER (identifier | windowSpec) ;

specialCall
  : (CURRENT_TIME | CURRENT_TIMESTAMP | LOCALTIME | LOCALTIMESTAMP | UTC_TIME | UTC_TIMESTAMP) (OP_LPAREN INT_NUM? OP_RPAREN)?
  | (CURRENT_DATE | UTC_DATE | CURRENT_USER | CURRENT_ROLE) (OP_LPAREN OP_RPAREN)?
  | (NOW | SYSDATE | CURTIME) OP_LPAREN INT_NUM? OP_RPAREN
  | (CURDATE | DATABASE | SCHEMA | SESSION_USER | SYSTEM_USER | USER) OP_LPAREN OP_RPAREN
  | COUNT OP_LPAREN (ALL? OP_STAR | ALL? expr | DISTINCT exprList) OP_RPAREN overClause?
  | (SUM | AVG) OP_LPAREN DISTINCT? ALL? expr OP_RPAREN overClause?
  | (MIN | MAX) OP_LPAREN DISTINCT? ALL? expr OP_RPAREN overClause?
  | (STD | STDDEV | STDDEV_POP | STDDEV_SAMP | VARIANCE | VAR_POP | VAR_SAMP | BIT_AND | BIT_OR | BIT_XOR)
    OP_LPAREN ALL? expr OP_RPAREN overClause?
  | mysqlCollect
  | GROUP_CONCAT OP_LPAREN DISTINCT? exprList orderClause? (SEPARATOR (TEXT_STRING | HEX_NUM | BIN_NUM))? mariaAggregateLimit? OP_RPAREN
    overClause?
  | MEDIAN OP_LPAREN expr OP_RPAREN mariaMedianOver
  | (PERCENTILE_CONT | PERCENTILE_DISC) OP_LPAREN expr OP_RPAREN WITHIN GROUP OP_LPAREN ORDER BY orderItem OP_RPAREN mariaMedianOver
  | (CUME_DIST | DENSE_RANK | PERCENT_RANK | RANK | ROW_NUMBER) OP_LPAREN OP_RPAREN overClause
  | FIRST_VALUE OP_LPAREN expr OP_RPAREN mysqlNullTreatment? overClause
  | LAST_VALUE OP_LPAREN exprList? OP_RPAREN mysqlNullTreatment? overClause?
  | (LAG | LEAD) OP_LPAREN expr (OP_COMMA expr mysqlLagDefault?)? OP_RPAREN mysqlNullTreatment? overClause
  | NTH_VALUE OP_LPAREN expr OP_COMMA expr OP_RPAREN mysqlNthFrom? mysqlNullTreatment? overClause
  | NTILE OP_LPAREN expr OP_RPAREN overClause
  | CAST OP_LPAREN expr mysqlAtTimeZone? AS castType mysqlArray? OP_RPAREN
  | CONVERT OP_LPAREN expr (OP_COMMA castType | USING charsetOrName) OP_RPAREN
  | (SUBSTRING | SUBSTR | MID) OP_LPAREN expr (FROM expr (FOR expr)? | OP_COMMA expr (OP_COMMA expr)?) OP_RPAREN
  | POSITION OP_LPAREN expr OP_RPAREN
  | TRIM OP_LPAREN ((LEADING | TRAILING | BOTH) expr? FROM expr | expr (FROM expr)?) OP_RPAREN
  | EXTRACT OP_LPAREN intervalUnit FROM expr OP_RPAREN
  | (DATE_ADD | DATE_SUB | ADDDATE | SUBDATE) OP_LPAREN expr OP_COMMA expr OP_RPAREN
  | (TIMESTAMPADD | TIMESTAMPDIFF) OP_LPAREN simpleUnit OP_COMMA expr OP_COMMA expr OP_RPAREN
  | GET_FORMAT OP_LPAREN (DATE | TIME | DATETIME | TIMESTAMP) OP_COMMA expr OP_RPAREN
  | (CHAR | CHARACTER) OP_LPAREN exprList (USING charsetOrName)? OP_RPAREN
  | (IF | LEFT | RIGHT | REPLACE | INSERT | REPEAT | MOD | GROUPING | COLLATION | TRUNCATE | FORMAT) OP_LPAREN exprList OP_RPAREN
  | JSON_VALUE OP_LPAREN expr OP_COMMA expr mysqlJsonReturning? mysqlJsonErrors? OP_RPAREN
  | JSON_ARRAYAGG OP_LPAREN DISTINCT? ALL? expr orderClause? mariaAggregateLimit? mysqlJsonNull? OP_RPAREN overClause?
  | JSON_OBJECTAGG OP_LPAREN expr OP_COMMA expr OP_RPAREN overClause?
  | (COLUMN_CREATE | COLUMN_ADD) OP_LPAREN columnItem (OP_COMMA columnItem)* OP_RPAREN
  | COLUMN_GET OP_LPAREN expr OP_COMMA expr columnType OP_RPAREN
  | mariaNextValue
  | WEIGHT_STRING OP_LPAREN expr (AS (CHAR | BINARY) typeLength)? mariaWeightLevels? OP_RPAREN
  | JSON_DUALITY_OBJECT OP_LPAREN dualityTags? dualityMember (OP_COMMA dualityMember)* mysqlJsonNull? OP_RPAREN
  ;
mysqlCollect : ST_COLLECT OP_LPAREN DISTINCT? expr OP_RPAREN overClause? ;
mariaAggregateLimit : LIMIT limitValue ((OP_COMMA | OFFSET) limitValue)? ;
mariaMedianOver : OVER OP_LPAREN (PARTITION BY exprList)? OP_RPAREN ;
mysqlNullTreatment : nullTreatment ;
mysqlLagDefault : OP_COMMA expr ;
mysqlNthFrom : FROM (FIRST | LAST) ;
mysqlAtTimeZone : AT (TIME ZONE INTERVAL? text | LOCAL) ;
mysqlArray : ARRAY ;
mysqlJsonReturning : RETURNING castType ;
mysqlJsonErrors : onEmptyError onEmptyError? ;
mysqlJsonNull : (NULL_ | ABSENT) ON NULL_ ;
columnItem : expr columnType? ;
columnType : AS columnCastType ;
columnCastType : castType | INT UNSIGNED ;
mariaNextValue : (NEXT | PREVIOUS) VALUE FOR qualifiedName ;
mariaWeightLevels
  : LEVEL ( weightLevel (OP_COMMA weightLevel)* | number OP_MINUS number ) ;
weightLevel : number (ASC | DESC)? REVERSE? ;
dualityTags : WITH (OP_LPAREN dualityTag (OP_COMMA dualityTag)* OP_RPAREN | dualityTag (OP_COMMA dualityTag)*) ;
dualityTag : NO? (INSERT | UPDATE | DELETE) ;
dualityMember : TEXT_STRING OP_COLON expr dualityTags? ;
onEmptyError : (NULL_ | ERROR | DEFAULT jsonDefault) ON (EMPTY | ERROR) ;
jsonDefault : mariaNullDefault | (OP_PLUS | OP_MINUS)? number | text | NCHAR_STRING | TRUE | FALSE | HEX_NUM | BIN_NUM
  | UNDERSCORE_CHARSET (TEXT_STRING | HEX_NUM | BIN_NUM) | TEMPORAL_TEXT ;
mariaNullDefault : NULL_ ;
castType
  : BINARY typeLength?
  | (CHAR | CHARACTER) typeLength? charsetFlags? mariaCastCollate?
  | (NCHAR | mysqlNationalChar) typeLength?
  | mariaVarchar typeLength charsetFlags? mariaCastCollate?
  | (SIGNED | UNSIGNED) (INT | INTEGER)?
  | DATE
  | (TIME | DATETIME) fractionDigits?
  | (DECIMAL | DEC) typePrecision?
  | FLOAT mysqlFloatLength? | FLOAT4
  | (DOUBLE | FLOAT8) (PRECISION | mariaDoublePrecision)?
  | mysqlCastType
  | mariaCastType
  ;
mysqlNationalChar : NATIONAL (CHAR | CHARACTER) ;
mysqlFloatLength : typeLength ;
mysqlCastType
  : YEAR | SQL_TSI_YEAR | JSON | REAL
  | POINT | LINESTRING | POLYGON | MULTIPOINT | MULTILINESTRING | MULTIPOLYGON | GEOMETRYCOLLECTION | GEOMCOLLECTION
  ;
mariaVarchar : VARCHAR ;
mariaCastCollate : COLLATE (collationName | DEFAULT) ;
mariaDoublePrecision : realPrecision ;
mariaCastType
  : INT | INTEGER | INT4
  | INTERVAL DAY_SECOND typeLength?
  | mariaPluginType
  ;
// UUID, INET4, INET6 and the types that plugins add.
mariaPluginType : optionName typeLength? ;
intervalUnit
  : MICROSECOND | SECOND | MINUTE | HOUR | DAY | WEEK | MONTH | QUARTER | YEAR | SECOND_MICROSECOND | MINUTE_MICROSECOND
  | MINUTE_SECOND | HOUR_MICROSECOND | HOUR_SECOND | HOUR_MINUTE | DAY_MICROSECOND | DAY_SECOND | DAY_MINUTE | DAY_HOUR
  | YEAR_MONTH | SQL_TSI_SECOND | SQL_TSI_MINUTE | SQL_TSI_HOUR | SQL_TSI_DAY | SQL_TSI_WEEK | SQL_TSI_MONTH | SQL_TSI_QUARTER
  | SQL_TSI_YEAR
  ;
simpleUnit
  : MICROSECOND | SECOND | MINUTE | HOUR | DAY | WEEK | MONTH | QUARTER | YEAR | SQL_TSI_SECOND | SQL_TSI_MINUTE | SQL_TSI_HOUR
  | SQL_TSI_DAY | SQL_TSI_WEEK | SQL_TSI_MONTH | SQL_TSI_QUARTER | SQL_TSI_YEAR
  ;
literal : number | text | NCHAR_STRING | TEMPORAL_TEXT | NULL_ | TRUE | FALSE | HEX_NUM | BIN_NUM | UNDERSCORE_CHARSET (TEXT_STRING | HEX_NUM | BIN_NUM) ;
number : INT_NUM | LONG_NUM | ULONG_NUM | DECIMAL_NUM | FLOAT_NUM ;
text : TEXT_STRING ;
// Numbers without a fraction; and those of which the server takes the whole part.
whole : INT_NUM | LONG_NUM | ULONG_NUM | HEX_NUM ;
lenient : number | HEX_NUM ;
userVariable : OP_AT (HOSTNAME | IDENT | IDENT_QUOTED | TEXT_STRING)? ;
systemVariable : OP_AT OP_AT (DEFAULT OP_DOT)? identifier (OP_DOT (identifier | mariaConnectionName))* ;
charsetOrName : identifier | TEXT_STRING | BINARY ;
