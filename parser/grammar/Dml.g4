parser grammar Dml;

insertStatement
  : (INSERT | REPLACE) OPTIMIZER_HINT? insertOption* INTO? writtenTable partitionNames? insertBody
    (AS identifier columnNames?)? onDuplicate? returning?
  ;
insertOption : LOW_PRIORITY | DELAYED | HIGH_PRIORITY | IGNORE ;
writtenTable : qualifiedName ;
insertBody
  : OP_LPAREN (insertColumn (OP_COMMA insertColumn)*)? OP_RPAREN insertSource
  | insertSource
  | SET assignment (OP_COMMA assignment)*
  ;
insertColumn : columnRef ;
// VALUES with something behind its rows is a query.
insertSource : (VALUES | VALUE) insertRow (OP_COMMA insertRow)* queryTail | insertQuery ;
insertQuery : withClause queryStart queryTail | tableQueryStart queryTail ;
insertRow : ROW? OP_LPAREN (expr (OP_COMMA expr)*)? OP_RPAREN ;
onDuplicate : ON_DUPLICATE KEY UPDATE assignment (OP_COMMA assignment)* ;
assignment : columnRef (OP_EQ | OP_ASSIGN) expr ;
returning : RETURNING (OP_STAR | selectItem) (OP_COMMA selectItem)* ;

updateStatement
  : UPDATE OPTIMIZER_HINT? (LOW_PRIORITY | IGNORE)* tableReferences portion? SET assignment (OP_COMMA assignment)*
    whereClause? orderClause? limitClause?
  ;
portion : FOR PORTION OF identifier FROM expr TO expr ;

deleteStatement
  : DELETE OPTIMIZER_HINT? (LOW_PRIORITY | QUICK | IGNORE)*
    ( FROM deleteTarget (OP_COMMA deleteTarget)* partitionNames? portion? (USING tableReferences)?
    | deleteTarget (OP_COMMA deleteTarget)* FROM tableReferences
    ) whereClause? orderClause? limitClause? returning?
  ;
deleteTarget : writtenTable (OP_DOT OP_STAR)? (AS? identifier)? ;

loadStatement
  : LOAD (DATA | XML) FROM? (LOW_PRIORITY | CONCURRENT)? LOCAL? (INFILE | URL | S3)? TEXT_STRING (COUNT INT_NUM)? (IN PRIMARY KEY ORDER)?
    (REPLACE | IGNORE)? INTO TABLE writtenTable partitionNames? (charsetWords charsetOrName)? (ROWS IDENTIFIED BY text)?
    fieldsClause? linesClause? (IGNORE INT_NUM (LINES | ROWS))?
    (OP_LPAREN (loadColumn (OP_COMMA loadColumn)*)? OP_RPAREN)? (SET assignment (OP_COMMA assignment)*)?
  ;
loadColumn : columnRef | userVariable ;
