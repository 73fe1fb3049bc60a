parser grammar Program;

// Stored programs: the compound statements of the manual's chapter 15.6, and the statements that a body may hold. The
// conventions are those of Table.g4.

programStatement
  : statement
  | compoundStatement
  | ifStatement | caseStatement | loopStatement
  | leaveStatement | iterateStatement | returnStatement
  | cursorOpen | cursorFetch | cursorClose
  | mariaForLoop
  ;

leaveStatement : LEAVE identifier ;
iterateStatement : ITERATE identifier ;
returnStatement : RETURN expr ;
cursorOpen : OPEN identifier mariaCursorArguments? ;
cursorFetch : mariaFetchGroup | FETCH (NEXT? FROM)? identifier INTO fetchTarget (OP_COMMA fetchTarget)* ;
mariaFetchGroup : FETCH GROUP NEXT ROW ;
cursorClose : CLOSE identifier ;

mariaCompound : ifStatement | caseStatement | loopStatement | mariaForLoop ;

fetchTarget : identifier ;
mariaCursorArguments : OP_LPAREN (expr (OP_COMMA expr)*)? OP_RPAREN ;

compoundStatement : labelBegin block identifier? | block ;
block : BEGIN declaration* (programStatement OP_SEMI)* END ;
mariaNotAtomic : NOT ATOMIC ;
labelBegin : identifier OP_COLON ;

declaration
  : DECLARE identifier (OP_COMMA identifier)* declaredType (COLLATE collationName)? (DEFAULT expr)? OP_SEMI
  | DECLARE identifier CONDITION FOR conditionValue OP_SEMI
  | DECLARE (CONTINUE | EXIT) HANDLER FOR handledCondition (OP_COMMA handledCondition)* programStatement OP_SEMI
  | DECLARE identifier CURSOR mariaCursorParameters? FOR (queryExpression | mariaPreparedCursor) OP_SEMI
  ;
declaredType : dataType | mariaTypeOf ;
mariaTypeOf : (TYPE OF columnRef | ROW TYPE OF qualifiedName | ROW OP_LPAREN rowField (OP_COMMA rowField)* OP_RPAREN) ;
rowField : identifier dataType ;
mariaCursorParameters : OP_LPAREN parameter (OP_COMMA parameter)* OP_RPAREN ;
mariaPreparedCursor : identifier ;
conditionValue : number | SQLSTATE VALUE? text ;
handledCondition : conditionValue | identifier | SQLWARNING | NOT FOUND | SQLEXCEPTION ;

statementList : (programStatement OP_SEMI)+ ;

ifStatement : IF expr THEN statementList (ELSEIF expr THEN statementList)* (ELSE statementList)? END IF ;
caseStatement : CASE expr? (WHEN expr THEN statementList)+ (ELSE statementList)? END CASE ;
loopStatement
  : labelBegin loop identifier?
  | loop
  ;
loop
  : LOOP statementList END LOOP
  | REPEAT statementList UNTIL expr END REPEAT
  | WHILE expr DO statementList END WHILE
  ;
mariaForLoop
  : labelBegin? FOR identifier IN REVERSE? (bitExpr DOT_DOT bitExpr | OP_LPAREN queryExpression OP_RPAREN | identifier mariaCursorArguments?)
    DO statementList END FOR identifier?
  ;

// Also outside of programs.
diagnosticStatement : signalStatement | resignalStatement | getDiagnostics ;
signalStatement : SIGNAL signalValue (SET signalItem (OP_COMMA signalItem)*)? ;
resignalStatement : RESIGNAL signalValue? (SET signalItem (OP_COMMA signalItem)*)? ;
conditionItemValue : literal | userVariable | systemVariable | identifier (OP_DOT identifier)? | mariaLeadingDot identifier ;
signalValue : SQLSTATE VALUE? text | identifier ;
signalItem
  : ( CLASS_ORIGIN | SUBCLASS_ORIGIN | CONSTRAINT_CATALOG | CONSTRAINT_SCHEMA | CONSTRAINT_NAME | CATALOG_NAME | SCHEMA_NAME
    | TABLE_NAME | COLUMN_NAME | CURSOR_NAME | MESSAGE_TEXT | MYSQL_ERRNO | mariaRowNumber ) OP_EQ conditionItemValue
  ;
mariaRowNumber : ROW_NUMBER ;
getDiagnostics
  : GET (CURRENT | mysqlStacked)? DIAGNOSTICS ( statementInformation (OP_COMMA statementInformation)*
                                      | CONDITION conditionItemValue conditionInformation (OP_COMMA conditionInformation)* )
  ;
mysqlStacked : STACKED ;
diagnosticTarget : identifier | userVariable ;
statementInformation : diagnosticTarget OP_EQ (NUMBER | ROW_COUNT) ;
conditionInformation
  : diagnosticTarget OP_EQ
    ( CLASS_ORIGIN | SUBCLASS_ORIGIN | CONSTRAINT_CATALOG | CONSTRAINT_SCHEMA | CONSTRAINT_NAME | CATALOG_NAME | SCHEMA_NAME
    | TABLE_NAME | COLUMN_NAME | CURSOR_NAME | MESSAGE_TEXT | MYSQL_ERRNO | RETURNED_SQLSTATE | mariaRowNumber )
  ;

mariaSetStatement : SET STATEMENT statementVariable (OP_COMMA statementVariable)* FOR statement ;
statementVariable : variableName eq setValue ;
