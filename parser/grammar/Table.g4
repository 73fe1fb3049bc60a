parser grammar Table;

// CREATE TABLE and ALTER TABLE: columns, keys, options and partitions of both servers. A rule that begins with `maria`
// or `mysql` is a form of that server alone; parser/dialect_check.cpp refuses it on the other. Rules named after what
// happens to an object (newTable, alteredTable, …) are what parser/object_facts.cpp takes the facts from.

createTable
  : CREATE mariaOrReplace? (TEMPORARY | mysqlExternal)? TABLE ifNotExists? newTable createTableBody?
  ;

mysqlExternal : EXTERNAL ;

createTableBody
  : tableLike
  | OP_LPAREN tableLike OP_RPAREN
  | OP_LPAREN tableElement (OP_COMMA tableElement)* OP_RPAREN tableOptions? partitionBy? tableQuery?
  | tableOptions partitionBy? tableQuery?
  | partitionBy tableQuery?
  | tableQuery
  ;

tableLike : LIKE readTable ;

tableQuery : (IGNORE | REPLACE)? AS? queryExpression ;

tableElement
  : columnName fieldDefinition
  | tableConstraint
  | mariaPeriod
  ;

mariaPeriod : PERIOD ifNotExists? FOR identifier OP_LPAREN columnName OP_COMMA columnName OP_RPAREN ;

columnName : identifier mariaOwnTable? ;
// MariaDB lets the table's name stand before the column's.
mariaOwnTable : (OP_DOT identifier)+ ;

// The server takes REFERENCES after everything else of a column.
fieldDefinition : dataType ((COLLATE collationName)? generatedAs generatedAttribute* | columnAttribute*) (mariaReferenceName? references)? ;
mariaReferenceName : CONSTRAINT identifier? ;

columnAttribute
  : NOT? NULL_
  | mysqlNotSecondary
  | DEFAULT defaultValue
  | ON UPDATE now
  | AUTO_INCREMENT
  | SERIAL DEFAULT VALUE
  | PRIMARY? KEY
  | UNIQUE KEY?
  | COMMENT text
  | COLLATE collationName
  | mysqlColumnStorage
  | mysqlSrid
  | mysqlMaskingPolicy
  | mysqlExternalFormat
  | mysqlVisible
  | INVISIBLE
  | mysqlEngineAttribute
  | checkConstraint mysqlEnforced?
  | mariaColumnAttribute
  ;

// MariaDB lets fewer attributes follow a generated column's expression.
generatedAttribute
  : UNIQUE KEY? | COMMENT text | INVISIBLE | checkConstraint mysqlEnforced? | mariaColumnAttribute | mysqlGeneratedAttribute
  ;
mysqlGeneratedAttribute
  : NOT? NULL_ | PRIMARY? KEY | COLLATE collationName | mysqlColumnStorage | mysqlMaskingPolicy | mysqlNotSecondary | mysqlSrid | mysqlVisible | mysqlEngineAttribute
  ;

mysqlColumnStorage : COLUMN_FORMAT (FIXED | DYNAMIC | DEFAULT) | STORAGE (DISK | MEMORY | DEFAULT) ;
mysqlMaskingPolicy : MASKING POLICY identifier ;
mysqlExternalFormat : EXTERNAL_FORMAT text ;
mysqlNotSecondary : NOT SECONDARY ;
mysqlSrid : SRID whole ;
mysqlVisible : VISIBLE ;
mysqlEngineAttribute : (ENGINE_ATTRIBUTE | SECONDARY_ENGINE_ATTRIBUTE) eq? text ;
mysqlEnforced : NOT? ENFORCED ;

generatedAs : (GENERATED ALWAYS)? AS (OP_LPAREN expr OP_RPAREN (VIRTUAL | STORED | mariaPersistent)? | mariaRowPeriod) ;
mariaRowPeriod : ROW (START | END) ;
mariaPersistent : PERSISTENT ;

mariaColumnAttribute
  : COMPRESSED (eq identifier)? charsetFlags?
  | COLLATE mariaDefaultWord
  | (WITH | WITHOUT) SYSTEM VERSIONING
  | REF_SYSTEM_ID OP_EQ INT_NUM
  | optionName eq mariaOptionValue
  ;

defaultValue
  : now
  | literal
  | (OP_PLUS | OP_MINUS) number
  | OP_LPAREN expr OP_RPAREN
  | mariaDefault
  ;

mariaDefault : NEXT VALUE FOR readTable | nameOrCall | specialCall | systemVariable ;

now : (CURRENT_TIMESTAMP | LOCALTIME | LOCALTIMESTAMP | NOW) (OP_LPAREN number? OP_RPAREN)? ;

checkConstraint : mysqlCheckName? CHECK OP_LPAREN expr OP_RPAREN ;

mysqlCheckName : CONSTRAINT identifier? ;

references
  : REFERENCES readTable (OP_LPAREN identifier (OP_COMMA identifier)* OP_RPAREN)? (MATCH (FULL | PARTIAL | SIMPLE))?
    (ON DELETE referenceAction (ON UPDATE referenceAction)? | ON UPDATE referenceAction (ON DELETE referenceAction)?)?
  ;

referenceAction : (RESTRICT | CASCADE | SET NULL_ | NO ACTION | SET DEFAULT) ;

tableConstraint
  : keyOrIndex mariaIfNotExists? indexNameAndType? keyList indexOption*
  | FULLTEXT keyOrIndex? mariaIfNotExists? identifier? keyList fulltextOption*
  | SPATIAL keyOrIndex? mariaIfNotExists? identifier? keyList commonIndexOption*
  | mariaVectorKey
  | (CONSTRAINT mariaIfNotExists? identifier?)? PRIMARY KEY mariaIfNotExists? indexNameAndType? keyList indexOption*
  | (CONSTRAINT mariaIfNotExists? identifier?)? UNIQUE keyOrIndex? mariaIfNotExists? indexNameAndType? keyList indexOption*
  | (CONSTRAINT mariaIfNotExists? identifier?)? FOREIGN KEY mariaIfNotExists? identifier? keyList references
  | (CONSTRAINT mariaIfNotExists? identifier?)? CHECK OP_LPAREN expr OP_RPAREN mysqlEnforced?
  ;

mariaVectorKey : VECTOR keyOrIndex? ifNotExists? identifier? keyList indexOption* ;

keyOrIndex : KEY | INDEX ;
indexNameAndType : identifier indexType? | indexType ;
indexType : (USING | TYPE) (BTREE | RTREE | HASH) ;

keyList : OP_LPAREN keyPart (OP_COMMA keyPart)* (OP_COMMA mariaWithoutOverlaps)? OP_RPAREN ;
keyPart : identifier (OP_LPAREN INT_NUM OP_RPAREN)? (ASC | DESC)? | mysqlKeyExpression (ASC | DESC)? ;
mysqlKeyExpression : OP_LPAREN expr OP_RPAREN ;
mariaWithoutOverlaps : identifier WITHOUT OVERLAPS ;

indexOption : indexType | commonIndexOption ;
fulltextOption : WITH PARSER identifier | commonIndexOption ;
commonIndexOption
  : KEY_BLOCK_SIZE eq? lenient
  | COMMENT text
  | VISIBLE
  | mysqlInvisible
  | mysqlEngineAttribute
  | mariaIndexOption
  ;

mysqlInvisible : INVISIBLE ;
mariaIndexOption : NOT? IGNORED | optionName eq mariaOptionValue ;

// Names of engine-defined attributes; those that are words of the grammar are left to it.
optionName : IDENT | IDENT_QUOTED ;

mariaOptionValue : text | INT_NUM | LONG_NUM | ULONG_NUM | HEX_NUM | identifier | DEFAULT | NO ;

tableOptions : tableOption (OP_COMMA? tableOption)* ;

tableOption
  : ENGINE eq? textOrIdentifier
  | SECONDARY_ENGINE eq? (NULL_ | textOrIdentifier)
  | (MAX_ROWS | MIN_ROWS | AVG_ROW_LENGTH | AUTO_INCREMENT) eq? number
  | KEY_BLOCK_SIZE eq? lenient
  | (PASSWORD | COMMENT | COMPRESSION | ENCRYPTION | CONNECTION) eq? text
  | (PACK_KEYS | STATS_AUTO_RECALC | STATS_PERSISTENT | STATS_SAMPLE_PAGES) eq? (lenient | DEFAULT)
  | (CHECKSUM | TABLE_CHECKSUM | DELAY_KEY_WRITE) eq? lenient
  | ROW_FORMAT eq? (DEFAULT | FIXED | DYNAMIC | COMPRESSED | REDUNDANT | COMPACT | mariaPage)
  | UNION eq? OP_LPAREN (writtenTable (OP_COMMA writtenTable)*)? OP_RPAREN
  | DEFAULT? (CHARSET | CHARACTER SET) eq? (charsetName | mariaDefaultWord)
  | DEFAULT? COLLATE eq? (collationName | mariaDefaultWord)
  | INSERT_METHOD eq? (NO | FIRST | LAST)
  | (DATA | INDEX) DIRECTORY eq? text
  | TABLESPACE mysqlEq? identifier
  | STORAGE (DISK | MEMORY)
  | mysqlStartTransaction
  | mysqlAutoextendSize
  | mysqlExternalOption
  | (ENGINE_ATTRIBUTE | SECONDARY_ENGINE_ATTRIBUTE) eq? text
  | mariaTableOption
  ;

mysqlStartTransaction : START TRANSACTION ;
mysqlAutoextendSize : AUTOEXTEND_SIZE eq? sizeNumber ;
mysqlExternalOption
  : (ALLOW_MISSING_FILES | STRICT_LOAD | AUTO_REFRESH | VERIFY_KEY_CONSTRAINTS) eq? (number | DEFAULT)
  | AUTO_REFRESH_SOURCE eq? (text | NONE)
  | FILES eq OP_LPAREN fileItem (OP_COMMA? fileItem)* OP_RPAREN
  | FILE_FORMAT eq OP_LPAREN fileFormat+ OP_RPAREN
  ;
fileItem : (URI | FILE_NAME | FILE_PATTERN | FILE_PREFIX) eq? text ;
fileFormat
  : FORMAT textOrIdentifier | HEADER (ON | OFF) | (CHARSET | CHARACTER SET) charsetName | fieldsClause | linesClause
  | IGNORE number (LINES | ROWS)
  ;
mysqlEq : eq ;
mariaPage : PAGE ;
mariaTableOption
  : WITH SYSTEM VERSIONING
  | (TRANSACTIONAL | PAGE_CHECKSUM) eq? (number | DEFAULT)
  | SEQUENCE eq? (number | DEFAULT)
  | optionName eq mariaOptionValue
  ;

sizeNumber : number | identifier ;

partitionBy
  : PARTITION BY partitionMethod (PARTITIONS whole)? subpartitionBy? partitionList?
  ;

partitionMethod
  : LINEAR? HASH OP_LPAREN expr OP_RPAREN
  | LINEAR? KEY (ALGORITHM eq whole)? OP_LPAREN (identifier (OP_COMMA identifier)*)? OP_RPAREN
  | (RANGE | LIST) OP_LPAREN expr OP_RPAREN
  | (RANGE | LIST) COLUMNS OP_LPAREN identifier (OP_COMMA identifier)* OP_RPAREN
  | mariaSystemTime
  ;

mariaSystemTime : SYSTEM_TIME (INTERVAL expr intervalUnit (STARTS expr)? AUTO? | LIMIT OP_PLUS? lenient AUTO?)? ;

subpartitionBy
  : SUBPARTITION BY LINEAR? ( HASH OP_LPAREN expr OP_RPAREN
                            | KEY (ALGORITHM eq whole)? OP_LPAREN (identifier (OP_COMMA identifier)*)? OP_RPAREN )
    (SUBPARTITIONS whole)?
  ;

partitionList : OP_LPAREN partitionDefinition (OP_COMMA partitionDefinition)* OP_RPAREN ;

partitionDefinition
  : (PARTITION | mariaNoPartitionWord) identifier partitionValues? partitionOption*
    (OP_LPAREN subpartitionDefinition (OP_COMMA subpartitionDefinition)* OP_RPAREN)?
  ;

mariaNoPartitionWord : ;

partitionValues
  : VALUES LESS THAN (MAXVALUE | partitionValueList)
  | VALUES IN ( partitionValueList | OP_LPAREN partitionValueList (OP_COMMA partitionValueList)* OP_RPAREN )
  | mariaPartitionKind
  ;
mariaPartitionKind : HISTORY | CURRENT | DEFAULT | VALUES? DEFAULT ;
partitionValueList : OP_LPAREN partitionValue (OP_COMMA partitionValue)* OP_RPAREN ;
partitionValue : MAXVALUE | bitExpr ;

subpartitionDefinition : SUBPARTITION textOrIdentifier partitionOption* ;

partitionOption
  : TABLESPACE eq? identifier
  | STORAGE? ENGINE eq? textOrIdentifier
  | NODEGROUP eq? whole
  | (MAX_ROWS | MIN_ROWS) eq? whole
  | (DATA | INDEX) DIRECTORY eq? text
  | COMMENT eq? text
  | mariaPartitionAttribute
  ;
mariaPartitionAttribute : optionName eq mariaOptionValue ;

alterTable
  : ALTER mariaOnline? mariaIgnore? TABLE mariaIfExists? alteredTable mariaWait? alterTableBody
  ;

mysqlLeadingFlags : (alterFlag OP_COMMA)+ ;
mariaOnline : ONLINE ;
mariaIgnore : IGNORE ;
mariaWait : WAIT number | NOWAIT ;

alterTableBody
  : alterItem (OP_COMMA alterItem)* partitionChange?
  | mysqlLeadingFlags? standaloneAlter
  | partitionChange?
  ;

partitionChange : partitionBy | REMOVE PARTITIONING ;

alterItem
  : ADD COLUMN? mariaIfNotExists? columnName fieldDefinition columnPlace?
  | ADD COLUMN? mariaIfNotExists? OP_LPAREN tableElement (OP_COMMA tableElement)* OP_RPAREN
  | ADD tableConstraint
  | ADD mariaPeriod
  | ADD mariaAddVersioning
  | CHANGE COLUMN? mariaIfExists? columnName columnName fieldDefinition columnPlace?
  | MODIFY COLUMN? mariaIfExists? columnName fieldDefinition columnPlace?
  | DROP COLUMN? mariaIfExists? columnName (RESTRICT | CASCADE)?
  | DROP PRIMARY KEY
  | DROP keyOrIndex mariaIfExists? identifier
  | DROP FOREIGN KEY mariaIfExists? identifier
  | DROP CONSTRAINT mariaIfExists? identifier
  | DROP mysqlCheckWord identifier
  | mariaDropItem
  | (ENABLE | DISABLE) KEYS
  | ALTER COLUMN? mariaIfExists? columnName alterColumn
  | ALTER keyOrIndex mariaIfExists? identifier alterIndex
  | ALTER (CHECK | CONSTRAINT) identifier mysqlEnforced
  | RENAME (TO | eq | AS)? renamedTo
  | RENAME keyOrIndex mariaIfExists? identifier TO identifier
  | RENAME COLUMN mariaIfExists? columnName TO columnName
  | CONVERT TO (CHARACTER SET | CHARSET) (DEFAULT | charsetName) (COLLATE (collationName | mariaDefaultWord))?
  | FORCE
  | ORDER BY orderKey (OP_COMMA orderKey)*
  | alterFlag
  | tableOptions
  ;

orderKey : columnRef (ASC | DESC)? ;

mysqlCheckWord : CHECK ;
mariaAddVersioning : SYSTEM VERSIONING ;
mariaDropItem : DROP SYSTEM VERSIONING | DROP PERIOD ifExists? FOR identifier ;

columnPlace : FIRST | AFTER identifier ;

alterColumn
  : SET DEFAULT (literal | (OP_PLUS | OP_MINUS) number | OP_LPAREN expr OP_RPAREN | mariaAlterDefault)
  | DROP DEFAULT
  | SET (mysqlVisible | mysqlInvisible | mysqlMaskingPolicy)
  | mysqlDropPolicy
  ;
mariaAlterDefault : now | NEXT VALUE FOR readTable | nameOrCall | specialCall ;

mysqlDropPolicy : DROP MASKING POLICY ;

alterIndex : mysqlVisible | mysqlInvisible | mariaIndexOption ;

alterFlag : algorithmOption | lockOption | mysqlValidation ;
mysqlValidation : (WITH | WITHOUT) VALIDATION ;

algorithmOption : ALGORITHM eq? (DEFAULT | identifier) ;
lockOption : LOCK eq? (DEFAULT | identifier) ;

standaloneAlter
  : (DISCARD | IMPORT) TABLESPACE
  | ADD PARTITION mariaIfNotExists? noWriteToBinlog? (partitionList | PARTITIONS whole)?
  | DROP PARTITION mariaIfExists? identifier (OP_COMMA identifier)*
  | REBUILD PARTITION noWriteToBinlog? allOrNames
  | OPTIMIZE PARTITION noWriteToBinlog? allOrNames mariaNoWriteBehind?
  | ANALYZE PARTITION noWriteToBinlog? allOrNames
  | CHECK PARTITION allOrNames checkOption*
  | REPAIR PARTITION noWriteToBinlog? allOrNames repairOption*
  | COALESCE PARTITION noWriteToBinlog? whole
  | TRUNCATE PARTITION allOrNames
  | REORGANIZE PARTITION noWriteToBinlog? (identifier (OP_COMMA identifier)* INTO partitionList)?
  | EXCHANGE PARTITION identifier WITH TABLE alteredTable ((WITH | WITHOUT) VALIDATION)?
  | mysqlPartitionTablespace
  | mysqlSecondary
  | mariaConvertPartition
  ;

mysqlSecondary
  : (SECONDARY_LOAD | SECONDARY_UNLOAD) (PARTITION OP_LPAREN identifier (OP_COMMA identifier)* OP_RPAREN)?
  ;
mysqlPartitionTablespace : (DISCARD | IMPORT) PARTITION allOrNames TABLESPACE ;

mariaConvertPartition
  : CONVERT PARTITION identifier TO TABLE newTable
  | CONVERT TABLE droppedTable TO partitionDefinition ((WITH | WITHOUT) VALIDATION)?
  ;

allOrNames : ALL | identifier (OP_COMMA identifier)* ;
noWriteToBinlog : LOCAL | NO_WRITE_TO_BINLOG ;
mariaNoWriteBehind : noWriteToBinlog ;
