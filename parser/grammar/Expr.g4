parser grammar Expr;

// Operands and operators in source order; parser/expression_check.cpp holds them to the servers' precedence.
expr : operand (infix operand | isTest | COLLATE charsetOrName)* ;
bitExpr : expr ;

infix
  : OR | OP_OR_OR | OP_CONCAT | XOR | AND | OP_AND_AND | OP_EQ | OP_NULL_SAFE_EQ | OP_NE | OP_LT | OP_LE | OP_GT | OP_GE
  | OP_PIPE | OP_AMP | OP_SHL | OP_SHR | OP_PLUS | OP_MINUS | OP_STAR | OP_SLASH | OP_PERCENT | OP_CARET | DIV | MOD
  | OP_ASSIGN | OP_ARROW | OP_DOUBLE_ARROW | ESCAPE
  | (NOT | NOT2)? (IN | LIKE | RLIKE | REGEXP | BETWEEN)
  | SOUNDS LIKE | MEMBER OF?
  ;
isTest : IS NOT? (NULL_ | TRUE | FALSE | UNKNOWN) ;

operand : (OP_PLUS | OP_MINUS | OP_TILDE | OP_BANG | NOT | NOT2 | BINARY)* primary ;

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
  | DEFAULT (OP_LPAREN columnRef OP_RPAREN)?
  | VALUES OP_LPAREN columnRef OP_RPAREN
  | specialCall
  | nameOrCall
  ;

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
  : identifier ( OP_DOT identifier (OP_DOT identifier | callArguments)? | callArguments )?
  | OP_DOT identifier OP_DOT identifier
  ;
columnRef : identifier (OP_DOT identifier (OP_DOT identifier)?)? ;
callArguments : OP_LPAREN ((ALL | DISTINCT)? argument (OP_COMMA argument)*)? OP_RPAREN nullTreatment? overClause? ;
argument : expr (AS? argumentAlias)? ;
argumentAlias : identifier | TEXT_STRING ;
nullTreatment : (FROM (FIRST | LAST))? (RESPECT | IGNORE) NULLS | FROM (FIRST | LAST) ;
overClause : OVER (identifier | windowSpec) ;

specialCall
  : (CURRENT_DATE | CURRENT_TIME | CURRENT_TIMESTAMP | LOCALTIME | LOCALTIMESTAMP | UTC_DATE | UTC_TIME | UTC_TIMESTAMP
    | CURRENT_USER) (OP_LPAREN INT_NUM? OP_RPAREN)?
  | (NOW | SYSDATE | CURTIME | CURDATE | DATABASE | SCHEMA | SESSION_USER | SYSTEM_USER | USER | CURRENT_ROLE)
    OP_LPAREN expr? OP_RPAREN
  | (COUNT | SUM | MIN | MAX | STD | STDDEV | STDDEV_POP | STDDEV_SAMP | VARIANCE | VAR_POP | VAR_SAMP | BIT_AND
    | BIT_OR | BIT_XOR | AVG)
    OP_LPAREN (ALL | DISTINCT)? (OP_STAR | exprList) OP_RPAREN overClause?
  | GROUP_CONCAT OP_LPAREN DISTINCT? exprList orderClause? (SEPARATOR text)? limitClause? OP_RPAREN
  | (CUME_DIST | DENSE_RANK | FIRST_VALUE | LAG | LAST_VALUE | LEAD | NTH_VALUE | NTILE | PERCENT_RANK | RANK | ROW_NUMBER)
    OP_LPAREN exprList? OP_RPAREN nullTreatment? overClause
  | CAST OP_LPAREN expr (AT TIME ZONE INTERVAL? text)? AS castType ARRAY? OP_RPAREN
  | CONVERT OP_LPAREN expr (OP_COMMA castType | USING charsetOrName) OP_RPAREN
  | (SUBSTRING | SUBSTR | MID) OP_LPAREN expr (FROM expr (FOR expr)? | OP_COMMA expr (OP_COMMA expr)?) OP_RPAREN
  | POSITION OP_LPAREN expr OP_RPAREN
  | TRIM OP_LPAREN ((LEADING | TRAILING | BOTH) expr? FROM expr | expr (FROM expr)?) OP_RPAREN
  | EXTRACT OP_LPAREN intervalUnit FROM expr OP_RPAREN
  | (DATE_ADD | DATE_SUB | ADDDATE | SUBDATE) OP_LPAREN expr OP_COMMA expr OP_RPAREN
  | (TIMESTAMPADD | TIMESTAMPDIFF) OP_LPAREN intervalUnit OP_COMMA expr OP_COMMA expr OP_RPAREN
  | GET_FORMAT OP_LPAREN (DATE | TIME | DATETIME | TIMESTAMP) OP_COMMA expr OP_RPAREN
  | CHAR OP_LPAREN exprList (USING charsetOrName)? OP_RPAREN
  | (IF | LEFT | RIGHT | REPLACE | INSERT | REPEAT | MOD | GROUPING | COLLATION | TRUNCATE | FORMAT) OP_LPAREN exprList OP_RPAREN
  | JSON_VALUE OP_LPAREN expr OP_COMMA text (RETURNING castType)? onEmptyError* OP_RPAREN
  | (JSON_ARRAYAGG | JSON_OBJECTAGG) OP_LPAREN exprList OP_RPAREN overClause?
  | (NEXT | PREVIOUS) VALUE FOR qualifiedName
  | WEIGHT_STRING OP_LPAREN expr (AS (CHAR | BINARY) typeLength)? OP_RPAREN
  | JSON_DUALITY_OBJECT OP_LPAREN dualityTags? (dualityMember (OP_COMMA dualityMember)*)? OP_RPAREN
  ;
dualityTags : WITH OP_LPAREN dualityTag (OP_COMMA dualityTag)* OP_RPAREN ;
dualityTag : NO? (INSERT | UPDATE | DELETE) ;
dualityMember : TEXT_STRING OP_COLON expr dualityTags? ;
onEmptyError : (NULL_ | ERROR | DEFAULT literal) ON (EMPTY | ERROR) ;
castType
  : (BINARY | CHAR | NCHAR | VARCHAR) typeLength? charsetFlags?
  | (SIGNED | UNSIGNED) (INT | INTEGER)? | DATE | YEAR | JSON | REAL | DOUBLE PRECISION?
  | (TIME | DATETIME | TIMESTAMP) typeLength? | (DECIMAL | FLOAT) typePrecision?
  | POINT | LINESTRING | POLYGON | MULTIPOINT | MULTILINESTRING | MULTIPOLYGON | GEOMETRYCOLLECTION | INTEGER | INT
  | NCHAR | VECTOR typeLength? | mariaCastType
  ;
mariaCastType : identifier typeLength? ;
intervalUnit
  : MICROSECOND | SECOND | MINUTE | HOUR | DAY | WEEK | MONTH | QUARTER | YEAR | SECOND_MICROSECOND | MINUTE_MICROSECOND
  | MINUTE_SECOND | HOUR_MICROSECOND | HOUR_SECOND | HOUR_MINUTE | DAY_MICROSECOND | DAY_SECOND | DAY_MINUTE | DAY_HOUR
  | YEAR_MONTH
  ;
literal : number | text | TEMPORAL_TEXT | NULL_ | TRUE | FALSE | HEX_NUM | BIN_NUM | UNDERSCORE_CHARSET (TEXT_STRING | HEX_NUM | BIN_NUM) ;
number : INT_NUM | LONG_NUM | ULONG_NUM | DECIMAL_NUM | FLOAT_NUM ;
text : TEXT_STRING | NCHAR_STRING ;
userVariable : OP_AT (HOSTNAME | IDENT | IDENT_QUOTED | TEXT_STRING)? ;
systemVariable : OP_AT OP_AT (DEFAULT OP_DOT)? identifier (OP_DOT identifier)* ;
charsetOrName : identifier | TEXT_STRING | BINARY ;
