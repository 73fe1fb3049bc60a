parser grammar Dml;

insertStatement
  : INSERT OPTIMIZER_HINT? (LOW_PRIORITY | DELAYED | HIGH_PRIORITY)? IGNORE? INTO? writtenTable partitionNames? insertBody
    mysqlRowAlias? onDuplicate? mariaReturning?
  | REPLACE OPTIMIZER_HINT? (LOW_PRIORITY | DELAYED)? INTO? writtenTable partitionNames? insertBody mariaReturning?
  ;
mysqlRowAlias : AS identifier columnNames? ;
writtenTable : qualifiedName ;
insertBody
  : OP_LPAREN (insertColumn (OP_COMMA insertColumn)*)? OP_RPAREN insertSource
  | insertSource
  | SET assignment (OP_COMMA assignment)*
  ;
insertColumn : columnRef mariaAllColumns? ;
mariaAllColumns : OP_DOT OP_STAR ;
// VALUES with something behind its rows is a query.
insertSource : (VALUES | VALUE) insertRow (OP_COMMA insertRow)* queryTail | insertQuery ;
insertQuery : withClause queryStart queryTail | tableQueryStart queryTail ;
mysqlRowWord : ROW ;
insertRow : mysqlRowWord? OP_LPAREN (expr (OP_COMMA expr)*)? OP_RPAREN ;
onDuplicate : ON_DUPLICATE KEY UPDATE assignment (OP_COMMA assignment)* ;
assignment : columnRef (OP_EQ | OP_ASSIGN) expr ;
mariaReturning : RETURNING (OP_STAR | selectItem) (OP_COMMA selectItem)* ;

updateStatement
  : UPDATE OPTIMIZER_HINT? LOW_PRIORITY? IGNORE? tableReferences mariaPortion? SET assignment (OP_COMMA assignment)*
    whereClause? orderClause? countLimit?
  ;
countLimit : LIMIT limitValue ;
mariaPortion : FOR PORTION OF identifier FROM expr TO expr ;

deleteStatement
  : DELETE OPTIMIZER_HINT? (LOW_PRIORITY | QUICK | IGNORE)*
    ( FROM deleteTarget mysqlDeleteAlias? partitionNames? mariaPortion? whereClause? orderClause? countLimit? mariaReturning?
    | FROM deleteTarget (OP_COMMA deleteTarget)* USING tableReferences whereClause?
    | deleteTarget (OP_COMMA deleteTarget)* FROM tableReferences whereClause?
    )
  | mariaDeleteHistory
  ;
deleteTarget : writtenTable (OP_DOT OP_STAR)? ;
mysqlDeleteAlias : AS? identifier ;
// token_source.cpp tells the word from a table's name.
mariaDeleteHistory : DELETE HISTORY_WORD FROM writtenTable partitionNames? (BEFORE SYSTEM_TIME systemTimePoint)? ;

loadStatement
  : LOAD (DATA | XML) (LOW_PRIORITY | CONCURRENT)? mysqlLoadFrom? LOCAL? (INFILE | mysqlLoadSource) TEXT_STRING mysqlLoadCount? mysqlKeyOrder?
    (REPLACE | IGNORE)? INTO TABLE writtenTable partitionNames? (charsetWords charsetOrName)? mysqlLoadCompression?
    (ROWS IDENTIFIED BY text)? fieldsClause? linesClause? (IGNORE INT_NUM (LINES | ROWS))?
    (OP_LPAREN (loadColumn (OP_COMMA loadColumn)*)? OP_RPAREN)? (SET assignment (OP_COMMA assignment)*)? mysqlLoadBulk*
  ;
mysqlLoadFrom : FROM ;
mysqlLoadSource : URL | URI | S3 ;
mysqlLoadCount : COUNT INT_NUM | identifier INT_NUM ;
mysqlKeyOrder : IN PRIMARY KEY ORDER ;
mysqlLoadCompression : COMPRESSION OP_EQ text ;
mysqlLoadBulk : PARALLEL OP_EQ INT_NUM | MEMORY OP_EQ sizeNumber | ALGORITHM OP_EQ BULK ;
loadColumn : columnRef | userVariable ;
