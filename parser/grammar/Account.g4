parser grammar Account;

// Account management (the manual's chapter 15.7.1) of both servers. The conventions are those of Table.g4.

accountStatement
  : createUser | alterUser | dropUser | renameUser
  | createRole | dropRole
  | grant | revoke
  | setPassword | setRole | setDefaultRole
  ;

user : textOrIdentifier hostPart? | CURRENT_USER (OP_LPAREN OP_RPAREN)? | mariaCurrentRole ;
mariaCurrentRole : CURRENT_ROLE (OP_LPAREN OP_RPAREN)? ;

hostPart : OP_AT (HOSTNAME | textOrIdentifier) ;
userList : user (OP_COMMA user)* ;

newUser : user ;
alteredUser : user ;
droppedUser : user ;
newRole : role ;
droppedRole : role ;
role : textOrIdentifier mysqlRoleHost? | mariaCurrentRole ;
mysqlRoleHost : hostPart ;
roleList : role mysqlMoreRoles? ;
mysqlMoreRoles : (OP_COMMA role)+ ;

createUser
  : CREATE mariaOrReplace? USER ifNotExists? newUserItem (OP_COMMA newUserItem)* mysqlDefaultRoles?
    requireClause? resourceLimits? passwordOrLock* mysqlUserAttribute?
  ;
newUserItem
  : newUser (identification (mysqlInitialAuthentication | mysqlMoreFactors)?)?
  | newUser mysqlMoreFactors
  ;
mysqlInitialAuthentication : INITIAL AUTHENTICATION identification ;
mysqlMoreFactors : (AND identification)+ ;

identification
  : IDENTIFIED BY text
  | mysqlRandomPassword
  | mariaIdentifiedByPassword
  | IDENTIFIED WITH textOrIdentifier (AS TEXT_STRING | mysqlByText | mysqlByRandom | mariaPluginSecret)? mariaMorePlugins?
  | mariaIdentifiedVia
  ;
mariaPluginSecret : USING (text | mariaPasswordOf) | AS mariaPasswordOf ;
mariaPasswordOf : PASSWORD OP_LPAREN text OP_RPAREN ;
mariaMorePlugins : (OR mariaPlugin)+ ;
mysqlRandomPassword : IDENTIFIED BY RANDOM PASSWORD ;
mysqlByText : BY text | AS HEX_NUM ;
mysqlByRandom : BY RANDOM PASSWORD ;
mariaIdentifiedByPassword : IDENTIFIED BY PASSWORD text ;
mariaIdentifiedVia : IDENTIFIED VIA mariaPlugin (OR mariaPlugin)* ;
mariaPlugin : textOrIdentifier ((USING | AS) (text | mariaPasswordOf))? ;

requireClause : REQUIRE (SSL | X509 | NONE | requireItem (AND? requireItem)*) ;
requireItem : (SUBJECT | ISSUER | CIPHER) text ;
resourceLimits : WITH resourceLimit+ ;
resourceLimit
  : (MAX_QUERIES_PER_HOUR | MAX_UPDATES_PER_HOUR | MAX_CONNECTIONS_PER_HOUR) mariaPlus? lenient
  | MAX_USER_CONNECTIONS (lenient | mariaConnections)
  | mariaStatementTime
  ;
mariaPlus : OP_PLUS ;
mariaConnections : (OP_PLUS | OP_MINUS) number ;
mariaStatementTime : MAX_STATEMENT_TIME number ;
passwordOrLock
  : ACCOUNT (LOCK | UNLOCK)
  | PASSWORD EXPIRE (DEFAULT | NEVER | INTERVAL whole dayWord)?
  | mysqlPasswordRule
  ;
mysqlPasswordRule
  : PASSWORD HISTORY (DEFAULT | whole)
  | PASSWORD REUSE INTERVAL (DEFAULT | whole dayWord)
  | PASSWORD REQUIRE CURRENT (DEFAULT | OPTIONAL)?
  | FAILED_LOGIN_ATTEMPTS whole
  | PASSWORD_LOCK_TIME (whole | UNBOUNDED)
  ;
dayWord : DAY | SQL_TSI_DAY ;
mysqlUserAttribute : (COMMENT | ATTRIBUTE) text ;

alterUser
  : ALTER USER ifExists? alteredUserItem (OP_COMMA alteredUserItem)* requireClause? resourceLimits? passwordOrLock*
    mysqlUserAttribute?
  | ALTER USER ifExists? alteredUser mysqlDefaultRole
  | ALTER USER ifExists? alteredUser mysqlRegistration
  | ALTER USER ifExists? mysqlCurrentUser
  ;
mysqlDefaultRoles : DEFAULT ROLE userList ;
mysqlDefaultRole : DEFAULT ROLE (ALL | NONE | userList) ;
alteredUserItem
  : alteredUser (identification mysqlReplacePassword? mysqlRetain? | mysqlDiscardOld | mysqlFactorChange)?
  ;
mysqlReplacePassword : REPLACE text ;
mysqlRetain : RETAIN CURRENT PASSWORD ;
mysqlDiscardOld : DISCARD OLD PASSWORD ;
mysqlFactorChange
  : ADD INT_NUM FACTOR identification (ADD INT_NUM FACTOR identification)?
  | MODIFY INT_NUM FACTOR identification (MODIFY INT_NUM FACTOR identification)?
  | DROP INT_NUM FACTOR (DROP INT_NUM FACTOR)?
  ;
mysqlRegistration
  : INT_NUM FACTOR (INITIATE REGISTRATION | UNREGISTER | FINISH REGISTRATION SET CHALLENGE_RESPONSE AS text)
  ;
mysqlCurrentUser
  : USER OP_LPAREN OP_RPAREN (IDENTIFIED BY (text | RANDOM PASSWORD) mysqlReplacePassword? mysqlRetain? | mysqlDiscardOld | mysqlFactorChange | mysqlRegistration)
  ;

dropUser : DROP USER ifExists? droppedUser (OP_COMMA droppedUser)* ;
renameUser : RENAME USER alteredUser TO newUser (OP_COMMA alteredUser TO newUser)* ;
createRole : CREATE mariaOrReplace? ROLE ifNotExists? newRole (OP_COMMA newRole)* mariaWithAdmin? ;
mariaWithAdmin : WITH ADMIN (user | mariaCurrentRole) ;
dropRole : DROP ROLE ifExists? droppedRole (OP_COMMA droppedRole)* ;

grant
  : GRANT PROXY ON user TO grantees (WITH GRANT OPTION)?
  | GRANT privileges ON grantObject TO grantees grantTail
  | GRANT roleList TO grantees (WITH ADMIN OPTION)?
  ;
grantees : grantee (OP_COMMA grantee)* ;
plainGrantees : alteredUser (OP_COMMA alteredUser)* ;
grantee : alteredUser mariaGrantIdentification? ;
mariaGrantIdentification : identification ;
grantTail : mariaGrantRequire? (WITH grantOption+)? mysqlGrantAs? ;
mariaGrantRequire : requireClause ;
grantOption : GRANT OPTION | mariaGrantLimit ;
mariaGrantLimit : resourceLimit ;
mysqlGrantAs : AS user (WITH ROLE (DEFAULT | NONE | ALL (EXCEPT userList)? | userList))? ;

revoke
  : REVOKE mysqlIfExists? PROXY ON user FROM plainGrantees mysqlIgnoreUnknown?
  | REVOKE mysqlIfExists? privileges ON grantObject FROM plainGrantees mysqlIgnoreUnknown?
  | REVOKE mysqlIfExists? ALL PRIVILEGES? OP_COMMA GRANT OPTION FROM plainGrantees mysqlIgnoreUnknown?
  | REVOKE mysqlIfExists? mariaAdminFor? roleList FROM plainGrantees mysqlIgnoreUnknown?
  ;
mysqlIfExists : IF EXISTS ;
mysqlIgnoreUnknown : IGNORE UNKNOWN USER ;
mariaAdminFor : ADMIN OPTION FOR ;

privileges : ALL PRIVILEGES? | privilege (OP_COMMA privilege)* ;
privilege
  : (SELECT | INSERT | UPDATE | REFERENCES) columnNames?
  | DELETE | INDEX | DROP | EXECUTE | RELOAD | SHUTDOWN | PROCESS | FILE | SUPER | EVENT | TRIGGER | USAGE
  | GRANT OPTION
  | CREATE (TEMPORARY TABLES | VIEW | ROUTINE | USER | TABLESPACE | mysqlRoleWord)?
  | ALTER ROUTINE?
  | mysqlDropRolePrivilege
  | SHOW (DATABASES | VIEW)
  | LOCK TABLES
  | REPLICATION (CLIENT | SLAVE | mariaReplicationPrivilege)
  | mariaPrivilege
  | mysqlDynamicPrivilege
  ;
mysqlDynamicPrivilege : textOrIdentifier columnNames? ;
mysqlRoleWord : ROLE ;
mysqlDropRolePrivilege : DROP ROLE ;
mariaReplicationPrivilege : MASTER ADMIN | REPLICA ADMIN? | SLAVE ADMIN ;
mariaPrivilege
  : DELETE HISTORY | CONNECTION ADMIN | READ_ONLY ADMIN | READ ONLY ADMIN | FEDERATED ADMIN | SET USER
  | BINLOG (ADMIN | MONITOR | REPLAY) | SLAVE MONITOR | REPLICA MONITOR
  ;

grantObject : (TABLE | FUNCTION | PROCEDURE | mysqlLibraryWord)? grantName ;
mysqlLibraryWord : LIBRARY ;
grantName : OP_STAR (OP_DOT OP_STAR)? | identifier (OP_DOT (OP_STAR | identifier))? | mariaLeadingDot identifier ;

setPassword
  : SET PASSWORD (FOR alteredUser)? (eq text | mysqlToRandom | mariaPasswordFunction) mysqlReplacePassword? mysqlRetain?
  ;
mysqlToRandom : TO RANDOM ;
mariaPasswordFunction : eq (PASSWORD | OLD_PASSWORD) OP_LPAREN text OP_RPAREN ;
setRole : SET ROLE (NONE | mysqlRoles | roleList) ;
mysqlRoles : DEFAULT | ALL (EXCEPT userList)? ;
setDefaultRole : SET DEFAULT ROLE (NONE | mysqlAll | roleList | mariaCurrentRole) (mysqlToUsers | mariaForUser | mariaForCaller) ;
mariaForCaller : ;
mysqlAll : ALL ;
mysqlToUsers : TO userList ;
mariaForUser : FOR user ;
