parser grammar Simple;

simpleStatement
  : transactionStatement | setStatement | useStatement | callStatement | doStatement | handlerStatement | prepareStatement
  | executeStatement | deallocateStatement | lockStatement | xaStatement | showStatement | explainStatement | helpStatement
  ;
transactionStatement
  : START TRANSACTION (transactionMode (OP_COMMA transactionMode)*)?
  | BEGIN WORK?
  | (COMMIT | ROLLBACK) WORK? (AND NO CHAIN)? (NO? RELEASE)?
  | (COMMIT | ROLLBACK) WORK? AND CHAIN (NO RELEASE)?
  | SAVEPOINT identifier
  | ROLLBACK WORK? TO SAVEPOINT? identifier
  | RELEASE SAVEPOINT identifier
  ;
transactionMode : WITH CONSISTENT SNAPSHOT | READ (ONLY | WRITE) ;
setStatement : SET (setTransaction | setItem (OP_COMMA setItem)*) ;
setTransaction : (GLOBAL | SESSION | LOCAL)? TRANSACTION transactionTraits ;
transactionTraits : isolationLevel (OP_COMMA accessMode)? | accessMode (OP_COMMA isolationLevel)? ;
isolationLevel : ISOLATION LEVEL (REPEATABLE READ | READ (COMMITTED | UNCOMMITTED) | SERIALIZABLE) ;
accessMode : READ (WRITE | ONLY) ;
setItem
  : userVariable (OP_EQ | OP_ASSIGN) expr
  | systemVariable (OP_EQ | OP_ASSIGN) setValue
  | (GLOBAL | SESSION | LOCAL | mysqlPersist) variableName (OP_EQ | OP_ASSIGN) setValue
  | variableName (OP_EQ | OP_ASSIGN) setValue
  | NAMES (charsetOrName setCollation? | DEFAULT mariaSetCollation?)
  | charsetWords (charsetOrName | DEFAULT)
  ;
setCollation : COLLATE (textOrIdentifier | mariaDefaultWord) ;
mariaSetCollation : setCollation ;
mysqlPersist : PERSIST | PERSIST_ONLY ;
variableName : identifier (OP_DOT identifier)? | DEFAULT OP_DOT identifier ;
setValue : ON | ALL | ROW | SYSTEM | BINARY | expr ;
useStatement : USE identifier ;
callStatement : CALL executedRoutine mariaPackageRoutine? (OP_LPAREN exprList? OP_RPAREN)? ;
executedRoutine : identifier (OP_DOT identifier)? ;
mariaPackageRoutine : OP_DOT identifier ;
doStatement : DO exprList | DO mysqlDoItems ;
mysqlDoItems : (OP_STAR | selectItem) (OP_COMMA selectItem)* ;
handlerStatement
  : HANDLER readTable OPEN ((AS | mariaEqualsAlias)? identifier)?
  | HANDLER openHandler CLOSE
  | HANDLER openHandler READ (FIRST | NEXT | identifier (FIRST | NEXT | PREV | LAST) | identifier handlerOp rowOfValues) whereClause? limitClause?
  ;
openHandler : identifier ;
handlerOp : OP_EQ | OP_LT | OP_LE | OP_GT | OP_GE ;
rowOfValues : OP_LPAREN exprList OP_RPAREN ;
prepareStatement : PREPARE identifier FROM (TEXT_STRING | userVariable | mariaTextExpression) ;
mariaTextExpression : expr ;
executeStatement : EXECUTE (mariaImmediate | identifier) (USING executeArgument (OP_COMMA executeArgument)*)? ;
executeArgument : userVariable | mariaArgument ;
mariaArgument : expr ;
mariaImmediate : IMMEDIATE expr ;
deallocateStatement : (DEALLOCATE | DROP) PREPARE identifier ;
lockStatement
  : LOCK (TABLE | TABLES) lockItem (OP_COMMA lockItem)* mariaWait?
  | LOCK mysqlInstanceWord FOR BACKUP | UNLOCK (TABLE | TABLES | mysqlInstanceWord)
  ;
mysqlInstanceWord : INSTANCE ;
lockItem : readTable ((AS | mariaEqualsAlias)? identifier)? (READ LOCAL? | mariaLowPriority WRITE | WRITE mariaConcurrent?) ;
mariaLowPriority : LOW_PRIORITY ;
mariaConcurrent : CONCURRENT ;
xaStatement
  : XA ( (START | BEGIN) xid (JOIN | RESUME)? | END xid (SUSPEND (FOR MIGRATE)?)? | PREPARE xid | COMMIT xid (ONE PHASE)?
       | ROLLBACK xid | RECOVER (mysqlConvertXid | mariaXaFormat)? )
  ;
mysqlConvertXid : CONVERT XID ;
mariaXaFormat : FORMAT OP_EQ text ;
xid : xidText (OP_COMMA xidText (OP_COMMA (INT_NUM | LONG_NUM | ULONG_NUM | HEX_NUM))?)? ;
xidText : TEXT_STRING | HEX_NUM | BIN_NUM ;
helpStatement : HELP (identifier | text) ;
explainStatement
  : (EXPLAIN | DESCRIBE | DESC) explainedTable
  | (EXPLAIN | DESCRIBE | DESC) explainOptions? explained
  | (EXPLAIN | DESCRIBE | DESC) explainFormat? FOR CONNECTION expr
  | mariaAnalyze explainFormat? explained
  ;
explainedTable : readTable (identifier | text)? ;
mariaAnalyze : ANALYZE ;
explainOptions
  : explainFormat mysqlExplainInto? mysqlExplainFor?
  | mariaExplainOption
  | mysqlExplainAnalyze mysqlExplainInto? mysqlExplainFor?
  | mysqlExplainInto mysqlExplainFor?
  | mysqlExplainFor
  ;
mysqlExplainAnalyze : ANALYZE explainFormat? ;
mysqlExplainInto : INTO userVariable ;
mysqlExplainFor : FOR (SCHEMA | DATABASE) identifier ;
mariaExplainOption : EXTENDED ALL? | PARTITIONS ;
explainFormat : FORMAT OP_EQ (identifier | text) ;
explained : queryStatement | withStatement | insertStatement | updateStatement | deleteStatement ;

// The class of each form is in classify_show.cpp, by its words.
showStatement
  : SHOW CREATE (DATABASE | SCHEMA) ifNotExists? identifier
  | SHOW CREATE (EVENT | FUNCTION | PROCEDURE | TABLE | TRIGGER | VIEW) qualifiedName
  | SHOW CREATE USER user
  | SHOW mysqlShowCreate
  | SHOW mariaShowCreate
  | SHOW (DATABASES | SCHEMAS) showFilter?
  | SHOW mysqlShowExtended? FULL? TABLES inSchema? showFilter?
  | SHOW FULL? TRIGGERS inSchema? showFilter?
  | SHOW EVENTS inSchema? showFilter?
  | SHOW TABLE STATUS inSchema? showFilter?
  | SHOW OPEN TABLES inSchema? showFilter?
  | SHOW mysqlShowExtended? FULL? (COLUMNS | FIELDS) (FROM | IN) qualifiedName inSchema? showFilter?
  | SHOW mysqlShowExtended? (INDEX | INDEXES | KEYS) (FROM | IN) qualifiedName inSchema? whereClause?
  | SHOW (GLOBAL | SESSION | LOCAL)? (VARIABLES | STATUS) showFilter?
  | SHOW FULL? PROCESSLIST
  | SHOW (COUNT OP_LPAREN OP_STAR OP_RPAREN) (WARNINGS | ERRORS)
  | SHOW (WARNINGS | ERRORS) limitClause?
  | SHOW GRANTS (FOR user mysqlUsingRoles?)?
  | SHOW PLUGINS mariaShowSoname?
  | SHOW (PRIVILEGES | PROFILES)
  | SHOW PROFILE (profileType (OP_COMMA profileType)*)? (FOR QUERY INT_NUM)? limitClause?
  | SHOW BINARY LOGS
  | SHOW mysqlShowReplication
  | SHOW mariaShowReplication
  | SHOW BINLOG EVENTS (IN text)? (FROM number)? limitClause?
  | SHOW RELAYLOG mariaConnectionName? EVENTS (IN text)? (FROM number)? limitClause? (FOR CHANNEL text)?
  | SHOW REPLICA STATUS (FOR CHANNEL text)?
  | SHOW (CHARACTER SET | CHAR SET | CHARSET | COLLATION) showFilter?
  | SHOW STORAGE? ENGINES
  | SHOW ENGINE (textOrIdentifier | ALL) (STATUS | MUTEX | LOGS)
  | SHOW (FUNCTION | PROCEDURE) (STATUS showFilter? | CODE qualifiedName)
  | SHOW mysqlShowLibrary
  | SHOW mariaShowPackage
  | SHOW mariaShowOther
  ;
showFilter : LIKE TEXT_STRING | whereClause ;
inSchema : (FROM | IN) identifier ;
mysqlShowExtended : EXTENDED ;
mysqlShowCreate : CREATE (LIBRARY qualifiedName | MASKING POLICY identifier) ;
mariaShowCreate : CREATE (SEQUENCE qualifiedName | PACKAGE BODY? qualifiedName | USER) ;
mysqlUsingRoles : USING userList ;
mariaShowSoname : SONAME (text | showFilter)? ;
profileType : ALL | BLOCK IO | CONTEXT SWITCHES | CPU | IPC | MEMORY | PAGE FAULTS | SOURCE | SWAPS ;
mysqlShowReplication : BINARY LOG STATUS | REPLICAS ;
mariaShowReplication
  : MASTER (LOGS | STATUS) | BINLOG STATUS | SLAVE STATUS (FOR CHANNEL text)? | (SLAVE | REPLICA) text STATUS
  | ALL (SLAVES | REPLICAS) STATUS | (SLAVE | REPLICA) HOSTS
  ;
mysqlShowLibrary : LIBRARY STATUS showFilter? ;
mariaShowPackage : PACKAGE BODY? STATUS showFilter? | PACKAGE BODY CODE qualifiedName ;
// Plugins add tables to SHOW; these are the ones that the server itself brings.
mariaShowOther
  : AUTHORS | CONTRIBUTORS
  | (EXPLAIN | ANALYZE) explainFormat? FOR expr
  | identifier whereClause?
  ;
