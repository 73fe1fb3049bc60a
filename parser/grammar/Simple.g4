parser grammar Simple;

simpleStatement
  : transactionStatement | setStatement | useStatement | callStatement | doStatement | handlerStatement | prepareStatement
  | executeStatement | deallocateStatement | lockStatement | xaStatement | showStatement | explainStatement | helpStatement
  ;
transactionStatement
  : START TRANSACTION (transactionMode (OP_COMMA transactionMode)*)?
  | BEGIN WORK?
  | (COMMIT | ROLLBACK) WORK? (AND NO? CHAIN)? (NO? RELEASE)?
  | SAVEPOINT identifier
  | ROLLBACK WORK? TO SAVEPOINT? identifier
  | RELEASE SAVEPOINT identifier
  ;
transactionMode : WITH CONSISTENT SNAPSHOT | READ (ONLY | WRITE) ;
setStatement : SET (setTransaction | setItem (OP_COMMA setItem)*) ;
setTransaction : (GLOBAL | SESSION | LOCAL)? TRANSACTION transactionTrait (OP_COMMA transactionTrait)? ;
transactionTrait
  : ISOLATION LEVEL (REPEATABLE READ | READ (COMMITTED | UNCOMMITTED) | SERIALIZABLE) | READ (WRITE | ONLY)
  ;
setItem
  : userVariable (OP_EQ | OP_ASSIGN) expr
  | systemVariable (OP_EQ | OP_ASSIGN) setValue
  | (GLOBAL | SESSION | LOCAL | PERSIST | PERSIST_ONLY) variableName (OP_EQ | OP_ASSIGN) setValue
  | variableName (OP_EQ | OP_ASSIGN) setValue
  | NAMES (charsetOrName (COLLATE charsetOrName)? | DEFAULT)
  | charsetWords (charsetOrName | DEFAULT)
  ;
variableName : identifier (OP_DOT identifier)? | DEFAULT OP_DOT identifier ;
setValue : expr | ON | ALL | ROW | SYSTEM ;
useStatement : USE identifier ;
callStatement : CALL executedRoutine (OP_LPAREN exprList? OP_RPAREN)? ;
executedRoutine : qualifiedName ;
doStatement : DO selectItem (OP_COMMA selectItem)* ;
handlerStatement
  : HANDLER readTable ( OPEN (AS? identifier)? | CLOSE
    | READ (identifier? (FIRST | NEXT | PREV | LAST) | identifier handlerOp OP_LPAREN exprList OP_RPAREN) whereClause? limitClause? )
  ;
handlerOp : OP_EQ | OP_LT | OP_LE | OP_GT | OP_GE ;
prepareStatement : PREPARE identifier FROM (text | userVariable) ;
executeStatement : EXECUTE (IMMEDIATE expr | identifier) (USING exprList)? ;
deallocateStatement : (DEALLOCATE | DROP) PREPARE identifier ;
lockStatement
  : LOCK (TABLE | TABLES) lockItem (OP_COMMA lockItem)*
  | LOCK INSTANCE FOR BACKUP | UNLOCK (TABLE | TABLES | INSTANCE)
  ;
lockItem : readTable (AS? identifier)? (READ LOCAL? | LOW_PRIORITY? WRITE) ;
xaStatement
  : XA ( (START | BEGIN) xid (JOIN | RESUME)? | END xid (SUSPEND (FOR MIGRATE)?)? | PREPARE xid | COMMIT xid (ONE PHASE)?
       | ROLLBACK xid | RECOVER (CONVERT XID)? )
  ;
xid : (TEXT_STRING | HEX_NUM | BIN_NUM) (OP_COMMA (TEXT_STRING | HEX_NUM | BIN_NUM) (OP_COMMA INT_NUM)?)? ;
helpStatement : HELP (identifier | text) ;
explainStatement
  : (EXPLAIN | DESCRIBE | DESC | mariaAnalyze)
    ( readTable (identifier | text)?
    | explainOption* (INTO userVariable)? (FOR (SCHEMA | DATABASE) identifier)? explained
    | explainOption* FOR CONNECTION INT_NUM )
  ;
mariaAnalyze : ANALYZE ;
explainOption : EXTENDED | PARTITIONS | ANALYZE | FORMAT OP_EQ (identifier | text) ;
explained : queryStatement | withStatement | insertStatement | updateStatement | deleteStatement ;
// SHOW has one shape: words, names, and a filter. The word after SHOW decides; parser/facts_simple.cpp knows them all.
showStatement : SHOW showWord+ showFilter? ;
showWord
  : identifier | IF NOT? EXISTS | text | INT_NUM | OP_AT | HOSTNAME | OP_DOT | OP_COMMA | FROM | IN | CREATE | TABLE | SCHEMA | DATABASE | KEYS | INDEX
  | COLUMNS | FOR | ALL | GRANTS | PROCEDURE | FUNCTION | TRIGGER | USER | DATABASES | SCHEMAS | CHARACTER | CHAR | SET
  | BINARY | UNION | ON | USING | LIMIT | COUNT OP_LPAREN OP_STAR OP_RPAREN | STATUS | CURRENT_USER | OP_LPAREN | OP_RPAREN
  ;
showFilter : LIKE text | whereClause ;
