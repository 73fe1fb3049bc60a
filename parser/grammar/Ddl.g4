parser grammar Ddl;

// Data definition other than tables: schemas, views, indexes, events, triggers, routines, tablespaces and the rest of
// the manual's chapter 15.1. The conventions are those of Table.g4.

ddlStatement
  : createTable | alterTable | dropTable | renameTable | truncateTable | importTable
  | createSchema | alterSchema | dropSchema
  | createIndex | dropIndex
  | createView | alterView | dropView
  | createTrigger | dropTrigger
  | createEvent | alterEvent | dropEvent
  | createProcedure | alterProcedure | dropProcedure
  | createFunction | createLoadableFunction | alterFunction | dropFunction
  | mysqlCreateLibrary | mysqlAlterLibrary | mysqlDropLibrary
  | createServer | alterServer | dropServer
  | mysqlCreateTablespace | mysqlAlterTablespace | mysqlDropTablespace
  | mysqlCreateLogfileGroup | mysqlAlterLogfileGroup | mysqlDropLogfileGroup
  | mysqlCreateSrs | mysqlDropSrs
  | mysqlAlterInstance
  | mariaCreateSequence | mariaAlterSequence | mariaDropSequence
  | mysqlCreateMaskingPolicy | mysqlDropMaskingPolicy
  ;

dataType
  : (INT | INTEGER | TINYINT | SMALLINT | MEDIUMINT | BIGINT | INT1 | INT2 | INT3 | INT4 | INT8 | MIDDLEINT)
    typeLength? numericFlag*
  | (DECIMAL | NUMERIC | FIXED | DEC | FLOAT | FLOAT4) typePrecision? numericFlag*
  | (REAL | FLOAT8 | DOUBLE PRECISION?) realPrecision? numericFlag*
  | (BIT | BINARY | BLOB) typeLength?
  | VARBINARY typeLength
  | BOOL | BOOLEAN
  | (CHAR | CHARACTER) VARYING typeLength charsetFlags?
  | (CHAR | CHARACTER) typeLength? charsetFlags?
  | (VARCHAR | VARCHARACTER) typeLength charsetFlags?
  | (NCHAR | NATIONAL (CHAR | CHARACTER)) (VARYING typeLength | typeLength)? BINARY?
  | NCHAR (VARCHAR | VARCHARACTER) typeLength BINARY?
  | NVARCHAR typeLength BINARY?
  | NATIONAL (VARCHAR | VARCHARACTER) typeLength BINARY?
  | (YEAR | SQL_TSI_YEAR) typeLength? numericFlag*
  | DATE
  | (TIME | TIMESTAMP | DATETIME) fractionDigits?
  | TINYBLOB | MEDIUMBLOB | LONGBLOB
  | LONG (VARBINARY | (CHAR VARYING | VARCHAR | VARCHARACTER)? charsetFlags?)
  | TEXT typeLength? charsetFlags?
  | (TINYTEXT | MEDIUMTEXT | LONGTEXT) charsetFlags?
  | (ENUM | SET) OP_LPAREN memberText (OP_COMMA memberText)* OP_RPAREN charsetFlags?
  | SERIAL
  | JSON
  | (GEOMETRY | GEOMETRYCOLLECTION | GEOMCOLLECTION | POINT | MULTIPOINT | LINESTRING | MULTILINESTRING | POLYGON | MULTIPOLYGON)
    mariaGeometryPrecision?
  | VECTOR typeLength?
  | mariaType
  ;

memberText : text | HEX_NUM | BIN_NUM ;
// UUID, INET4, INET6, the geometries and the types that plugins add.
mariaType : optionName typePrecision? | optionName OP_DOT dataType ;
mariaGeometryPrecision : typePrecision ;
typeLength : OP_LPAREN lengthNumber OP_RPAREN ;
fractionDigits : OP_LPAREN INT_NUM OP_RPAREN ;
realPrecision : OP_LPAREN INT_NUM OP_COMMA INT_NUM OP_RPAREN ;
typePrecision : OP_LPAREN INT_NUM OP_COMMA INT_NUM OP_RPAREN | typeLength ;
lengthNumber : INT_NUM | LONG_NUM | ULONG_NUM | DECIMAL_NUM ;
numericFlag : SIGNED | UNSIGNED | ZEROFILL ;
charsetFlags
  : ASCII BINARY? | BINARY ASCII | UNICODE BINARY? | BINARY UNICODE | BYTE
  | (CHARSET | CHARACTER SET | CHAR SET) charsetName BINARY?
  | BINARY ((CHARSET | CHARACTER SET | CHAR SET) charsetName)?
  ;

textOrIdentifier : identifier | TEXT_STRING ;
charsetName : textOrIdentifier | BINARY | ASCII ;
collationName : textOrIdentifier | BINARY ;
eq : OP_EQ | OP_ASSIGN ;
ifExists : IF EXISTS ;
ifNotExists : IF NOT EXISTS ;
mariaIfExists : IF EXISTS ;
mariaIfNotExists : IF NOT EXISTS ;
mariaOrReplace : OR REPLACE ;
definer : DEFINER OP_EQ user ;

// What happens to an object: the names that the facts are taken from.
newTable : qualifiedName ;
alteredTable : qualifiedName ;
droppedTable : qualifiedName ;
checkedTable : qualifiedName ;
truncatedTable : qualifiedName ;
renamedTable : qualifiedName ;
renamedTo : qualifiedName ;
newView : qualifiedName ;
alteredView : qualifiedName ;
droppedView : qualifiedName ;
newSchema : identifier ;
alteredSchema : identifier ;
droppedSchema : identifier ;
newTrigger : qualifiedName ;
droppedTrigger : qualifiedName ;
newEvent : qualifiedName ;
alteredEvent : qualifiedName ;
renamedEvent : qualifiedName ;
droppedEvent : qualifiedName ;
newRoutine : qualifiedName ;
alteredRoutine : qualifiedName ;
droppedRoutine : qualifiedName ;
newLibrary : qualifiedName ;
alteredLibrary : qualifiedName ;
droppedLibrary : qualifiedName ;
readLibrary : qualifiedName ;
newSequence : qualifiedName ;
alteredSequence : qualifiedName ;
droppedSequence : qualifiedName ;
newServer : textOrIdentifier ;
alteredServer : textOrIdentifier ;
droppedServer : textOrIdentifier ;
newTablespace : identifier ;
alteredTablespace : identifier ;
droppedTablespace : identifier ;

dropTable : DROP TEMPORARY? (TABLE | TABLES) ifExists? droppedTable (OP_COMMA droppedTable)* mariaWait? (RESTRICT | CASCADE)? ;

renameTable : RENAME (TABLE | TABLES) mariaIfExists? renamePair (OP_COMMA renamePair)* ;
renamePair : renamedTable mariaWait? TO renamedTo ;

truncateTable : TRUNCATE TABLE? truncatedTable mariaWait? ;
importTable : mysqlImport text (OP_COMMA text)* ;
mysqlImport : IMPORT TABLE FROM ;

createSchema : CREATE mariaOrReplace? (DATABASE | SCHEMA) ifNotExists? newSchema schemaOption* ;
alterSchema : ALTER (DATABASE | SCHEMA) alteredSchema? schemaAlterOption+ | mariaUpgradeSchema ;
mariaUpgradeSchema : ALTER (DATABASE | SCHEMA) alteredSchema UPGRADE DATA DIRECTORY NAME ;
dropSchema : DROP (DATABASE | SCHEMA) ifExists? droppedSchema ;
schemaOption
  : DEFAULT? (CHARSET | CHARACTER SET) eq? (charsetName | mariaDefaultWord)
  | DEFAULT? COLLATE eq? (collationName | mariaDefaultWord)
  | mysqlEncryption
  | mariaSchemaComment
  ;
mariaDefaultWord : DEFAULT ;
mysqlEncryption : DEFAULT? ENCRYPTION eq? text ;
mariaSchemaComment : COMMENT eq? text ;
schemaAlterOption : schemaOption | mysqlReadOnly ;
mysqlReadOnly : READ ONLY eq? (DEFAULT | lenient) ;

createIndex
  : CREATE mariaOrReplace? (UNIQUE | mariaVector)? INDEX mariaIfNotExists? identifier indexType?
    ON alteredTable keyList mariaWait? indexOption* indexAlterOption*
  | CREATE mariaOrReplace? FULLTEXT INDEX mariaIfNotExists? identifier
    ON alteredTable keyList mariaWait? fulltextOption* indexAlterOption*
  | CREATE mariaOrReplace? SPATIAL INDEX mariaIfNotExists? identifier
    ON alteredTable keyList mariaWait? commonIndexOption* indexAlterOption*
  ;
mariaVector : VECTOR ;
indexAlterOption : algorithmOption | lockOption ;
dropIndex : DROP INDEX mariaIfExists? identifier ON alteredTable mariaWait? mysqlDropIndexOption* ;
mysqlDropIndexOption : indexAlterOption ;

createView
  : CREATE (OR REPLACE)? viewAlgorithm? definer? sqlSecurity? VIEW ifNotExists? newView columnNames? AS viewQuery
  | CREATE (OR REPLACE)? viewAlgorithm? mysqlMaterialized VIEW ifNotExists? newView columnNames? AS viewQuery
  | CREATE (OR REPLACE)? viewAlgorithm? definer? sqlSecurity? mysqlDuality ifNotExists? newView AS viewQuery
  ;
mysqlMaterialized : MATERIALIZED ;
mysqlDuality : JSON RELATIONAL? DUALITY VIEW ;
alterView
  : ALTER viewAlgorithm? definer? sqlSecurity? (VIEW | mysqlDuality) alteredView columnNames? AS viewQuery
  ;
dropView : DROP VIEW ifExists? droppedView (OP_COMMA droppedView)* (RESTRICT | CASCADE)? ;
viewAlgorithm : ALGORITHM OP_EQ (UNDEFINED | MERGE | TEMPTABLE) ;
sqlSecurity : SQL SECURITY (DEFINER | INVOKER) ;
viewQuery : queryExpression (WITH (CASCADED | LOCAL)? CHECK OPTION)? ;

createTrigger
  : CREATE mariaOrReplace? definer? TRIGGER ifNotExists? newTrigger (BEFORE | AFTER) (INSERT | UPDATE | DELETE)
    ON alteredTable FOR EACH ROW ((FOLLOWS | PRECEDES) textOrIdentifier)? programStatement
  ;
dropTrigger : DROP TRIGGER ifExists? droppedTrigger ;

createEvent
  : CREATE mariaOrReplace? definer? EVENT ifNotExists? newEvent ON SCHEDULE schedule onCompletion? eventStatus?
    (COMMENT text)? DO programStatement
  ;
alterEvent
  : ALTER definer? EVENT alteredEvent alterEventSchedule
  ;
// At least one clause, each at most once, in this order.
alterEventSchedule
  : ON SCHEDULE schedule onCompletion? alterEventName?
  | onCompletion alterEventName?
  | alterEventName
  ;
alterEventName : RENAME TO renamedEvent alterEventStatus? | alterEventStatus ;
alterEventStatus : eventStatus (COMMENT text)? (DO programStatement)? | COMMENT text (DO programStatement)? | DO programStatement ;
dropEvent : DROP EVENT ifExists? droppedEvent ;
schedule : AT expr | EVERY expr intervalUnit (STARTS expr)? (ENDS expr)? ;
onCompletion : ON COMPLETION NOT? PRESERVE ;
eventStatus : ENABLE | DISABLE (ON (SLAVE | REPLICA))? ;

createProcedure
  : CREATE mariaOrReplace? definer? PROCEDURE ifNotExists? newRoutine OP_LPAREN (parameter (OP_COMMA parameter)*)? OP_RPAREN
    routineOption* routineBody
  ;
alterProcedure : ALTER PROCEDURE alteredRoutine routineOption* ;
dropProcedure : DROP PROCEDURE ifExists? droppedRoutine ;
createFunction
  : CREATE mariaOrReplace? definer? mariaAggregate? FUNCTION ifNotExists? newRoutine
    OP_LPAREN (functionParameter (OP_COMMA functionParameter)*)? OP_RPAREN RETURNS dataType (COLLATE collationName)? routineOption* routineBody
  ;
mariaAggregate : AGGREGATE ;
createLoadableFunction
  : CREATE mariaOrReplace? AGGREGATE? FUNCTION ifNotExists? newRoutine RETURNS (STRING | INT | INTEGER | REAL | DECIMAL)
    SONAME text
  ;
alterFunction : ALTER FUNCTION alteredRoutine routineOption* ;
dropFunction : DROP FUNCTION ifExists? droppedRoutine ;
parameter : (IN | OUT | INOUT)? identifier declaredType (COLLATE collationName)? mariaParameterDefault? ;
functionParameter : mariaParameterMode? identifier declaredType (COLLATE collationName)? mariaParameterDefault? ;
mariaParameterMode : IN | OUT | INOUT ;
mariaParameterDefault : DEFAULT expr ;
routineOption
  : COMMENT text
  | LANGUAGE (SQL | mysqlLanguage)
  | NOT? DETERMINISTIC
  | NO SQL | CONTAINS SQL | READS SQL DATA | MODIFIES SQL DATA
  | sqlSecurity
  | mysqlUsing
  ;
mysqlLanguage : identifier ;
mysqlUsing : USING OP_LPAREN (usedLibrary (OP_COMMA usedLibrary)*)? OP_RPAREN ;
usedLibrary : readLibrary (AS? identifier)? ;
routineBody : programStatement | mysqlForeignBody ;
mysqlForeignBody : AS (TEXT_STRING | DOLLAR_STRING) ;

mysqlCreateLibrary
  : CREATE LIBRARY ifNotExists? newLibrary libraryOption+ AS libraryText
  ;
libraryOption : COMMENT text | LANGUAGE identifier ;
libraryText : text | DOLLAR_STRING | UNDERSCORE_CHARSET? (HEX_NUM | BIN_NUM) ;
mysqlAlterLibrary : ALTER LIBRARY alteredLibrary COMMENT text ;
mysqlDropLibrary : DROP LIBRARY ifExists? droppedLibrary ;

createServer
  : CREATE mariaOrReplace? SERVER mariaIfNotExists? newServer FOREIGN DATA WRAPPER textOrIdentifier
    OPTIONS OP_LPAREN serverOption (OP_COMMA serverOption)* OP_RPAREN
  ;
alterServer : ALTER SERVER alteredServer OPTIONS OP_LPAREN serverOption (OP_COMMA serverOption)* OP_RPAREN ;
dropServer : DROP SERVER ifExists? droppedServer ;
serverOption : (USER | HOST | DATABASE | SCHEMA | OWNER | PASSWORD | SOCKET) text | PORT lenient | mariaServerOption ;
mariaServerOption : identifier text ;

mysqlCreateTablespace
  : CREATE TABLESPACE newTablespace (ADD DATAFILE text)? (USE LOGFILE GROUP identifier)?
    (tablespaceOption (OP_COMMA? tablespaceOption)*)?
  | CREATE UNDO TABLESPACE newTablespace ADD DATAFILE text undoOptions?
  ;
mysqlAlterTablespace
  : ALTER TABLESPACE alteredTablespace
    ( (ADD | DROP) DATAFILE text (tablespaceOption (OP_COMMA? tablespaceOption)*)?
    | RENAME TO identifier
    | tablespaceOption (OP_COMMA? tablespaceOption)* )
  | ALTER UNDO TABLESPACE alteredTablespace SET (ACTIVE | INACTIVE) undoOptions?
  ;
mysqlDropTablespace
  : DROP TABLESPACE droppedTablespace (tablespaceOption (OP_COMMA? tablespaceOption)*)?
  | DROP UNDO TABLESPACE droppedTablespace undoOptions?
  ;
undoOptions : undoOption (OP_COMMA? undoOption)* ;
undoOption : STORAGE? ENGINE eq? textOrIdentifier ;
// Which of them a statement takes is in server_check.cpp.
tablespaceOption
  : (INITIAL_SIZE | AUTOEXTEND_SIZE | MAX_SIZE | EXTENT_SIZE | UNDO_BUFFER_SIZE | REDO_BUFFER_SIZE) eq? sizeNumber
  | NODEGROUP eq? whole
  | FILE_BLOCK_SIZE eq? sizeNumber
  | STORAGE? ENGINE eq? textOrIdentifier
  | WAIT | NO_WAIT
  | (COMMENT | ENCRYPTION | ENGINE_ATTRIBUTE) eq? text
  ;
mysqlCreateLogfileGroup
  : CREATE LOGFILE GROUP newTablespace ADD (UNDOFILE | REDOFILE) text (tablespaceOption (OP_COMMA? tablespaceOption)*)?
  ;
mysqlAlterLogfileGroup : ALTER LOGFILE GROUP alteredTablespace ADD UNDOFILE text (tablespaceOption (OP_COMMA? tablespaceOption)*)? ;
mysqlDropLogfileGroup : DROP LOGFILE GROUP droppedTablespace (tablespaceOption (OP_COMMA? tablespaceOption)*)? ;

mysqlCreateSrs : CREATE (OR REPLACE SPATIAL REFERENCE SYSTEM | SPATIAL REFERENCE SYSTEM ifNotExists?) whole srsAttribute* ;
srsAttribute
  : (NAME | DEFINITION | DESCRIPTION) text
  | ORGANIZATION text IDENTIFIED BY whole
  ;
mysqlDropSrs : DROP SPATIAL REFERENCE SYSTEM ifExists? whole ;

mysqlAlterInstance
  : ALTER INSTANCE ( ROTATE identifier MASTER KEY
                   | (ENABLE | DISABLE) identifier identifier
                   | RELOAD TLS (FOR CHANNEL identifier)? (NO ROLLBACK ON ERROR)?
                   | RELOAD KEYRING )
  ;

mariaCreateSequence
  : CREATE OR REPLACE TEMPORARY? SEQUENCE newSequence sequenceRange* tableOption*
  | CREATE TEMPORARY? SEQUENCE ifNotExists? newSequence sequenceRange* tableOption*
  ;
mariaAlterSequence : ALTER SEQUENCE ifExists? alteredSequence alterSequenceOption+ ;
mariaDropSequence : DROP TEMPORARY? SEQUENCE ifExists? droppedSequence (OP_COMMA droppedSequence)* ;
alterSequenceOption : sequenceRange | RESTART (WITH | eq)? signedNumber | RESTART ;
sequenceRange
  : START (WITH | eq)? signedNumber
  | INCREMENT (BY | eq)? signedNumber
  | (MINVALUE | MAXVALUE) eq? signedNumber
  | NO (MINVALUE | MAXVALUE)
  | NOMINVALUE | NOMAXVALUE | NOCACHE | NOCYCLE | CYCLE
  | CACHE eq? signedNumber
  ;
signedNumber : (OP_PLUS | OP_MINUS)? number ;

mysqlCreateMaskingPolicy
  : CREATE MASKING POLICY ifNotExists? identifier OP_LPAREN identifier OP_RPAREN expr
  ;
mysqlDropMaskingPolicy : DROP MASKING POLICY ifExists? identifier ;
