parser grammar Server;

// Server administration (the manual's chapters 15.4, 15.7.2 to 15.7.4, 15.7.8) of both servers. The conventions are those of
// Table.g4.

serverStatement
  : analyzeTable | checkTable | checksumTable | optimizeTable | repairTable
  | installPlugin | uninstallPlugin | installComponent | uninstallComponent
  | cloneStatement
  | createResourceGroup | alterResourceGroup | dropResourceGroup | setResourceGroup
  | cacheIndex | loadIndex
  | flush | kill | resetStatement | restart | shutdown | binlogEvent | purge
  | changeReplicationSource | changeReplicationFilter
  | startReplica | stopReplica | startGroupReplication | stopGroupReplication
  | mariaBackup
  ;

checkedTables : (TABLE | TABLES) checkedTable (OP_COMMA checkedTable)* ;

analyzeTable : ANALYZE noWriteToBinlog? (TABLE | TABLES) analyzedTable (OP_COMMA analyzedTable)* mysqlHistogram? ;
analyzedTable : checkedTable mariaPersistentFor? ;
mariaPersistentFor
  : PERSISTENT FOR (ALL | COLUMNS (ALL | OP_LPAREN (identifier (OP_COMMA identifier)*)? OP_RPAREN)
      INDEXES (ALL | OP_LPAREN ((identifier | PRIMARY) (OP_COMMA (identifier | PRIMARY))*)? OP_RPAREN))
  ;
mysqlHistogram
  : UPDATE HISTOGRAM ON identifier (OP_COMMA identifier)* ((WITH INT_NUM BUCKETS)? ((MANUAL | AUTO) UPDATE)? | USING DATA text)
  | DROP HISTOGRAM ON identifier (OP_COMMA identifier)*
  ;
checkTable : CHECK (checkedTables checkOption* | mariaView checkedTable (OP_COMMA checkedTable)* (FOR UPGRADE)?) ;
mariaView : VIEW ;
checkOption : FOR UPGRADE | QUICK | FAST | MEDIUM | EXTENDED | CHANGED ;
checksumTable : CHECKSUM checkedTables (QUICK | EXTENDED)? ;
optimizeTable : OPTIMIZE noWriteToBinlog? checkedTables mariaWait? ;
repairTable
  : REPAIR noWriteToBinlog? (checkedTables repairOption* | mariaView checkedTable (OP_COMMA checkedTable)* (FROM MYSQL)?)
  ;
repairOption : QUICK | EXTENDED | USE_FRM ;

installPlugin : INSTALL PLUGIN mariaIfNotExists? identifier SONAME text | mariaInstallSoname ;
mariaInstallSoname : INSTALL SONAME text ;
uninstallPlugin : UNINSTALL PLUGIN mariaIfExists? identifier | mariaUninstallSoname ;
mariaUninstallSoname : UNINSTALL SONAME mariaIfExists? text ;
installComponent
  : INSTALL mysqlComponent text (OP_COMMA text)* (SET componentVariable (OP_COMMA componentVariable)*)?
  ;
mysqlComponent : COMPONENT ;
componentVariable : (GLOBAL | PERSIST)? identifier (OP_DOT identifier)? eq (expr | ON) ;
uninstallComponent : UNINSTALL mysqlComponent text (OP_COMMA text)* ;

cloneStatement
  : mysqlClone LOCAL DATA DIRECTORY eq? text
  | mysqlClone INSTANCE FROM textOrIdentifier hostPart OP_COLON lenient IDENTIFIED BY text (DATA DIRECTORY eq? text)? (REQUIRE NO? SSL)?
  ;
mysqlClone : CLONE ;

mysqlResource : RESOURCE GROUP ;
createResourceGroup
  : CREATE mysqlResource identifier TYPE eq? (USER | SYSTEM) resourceCpus? resourcePriority? (ENABLE | DISABLE)?
  ;
alterResourceGroup : ALTER mysqlResource identifier resourceCpus? resourcePriority? ((ENABLE | DISABLE) FORCE? | FORCE)? ;
dropResourceGroup : DROP mysqlResource identifier FORCE? ;
setResourceGroup : SET mysqlResource identifier (FOR whole (OP_COMMA? whole)*)? ;
resourceCpus : VCPU eq? cpuRange (OP_COMMA? cpuRange)* ;
cpuRange : INT_NUM (OP_MINUS INT_NUM)? ;
resourcePriority : THREAD_PRIORITY eq? OP_MINUS? INT_NUM ;

cacheIndex
  : CACHE INDEX cachedTable (OP_COMMA cachedTable)* IN (identifier | DEFAULT)
  | CACHE INDEX checkedTable PARTITION OP_LPAREN allOrNames OP_RPAREN cacheKeys? IN (identifier | DEFAULT)
  ;
cachedTable : checkedTable cacheKeys? ;
cacheKeys : keyOrIndex OP_LPAREN ((identifier | PRIMARY) (OP_COMMA (identifier | PRIMARY))*)? OP_RPAREN ;
loadIndex
  : LOAD INDEX INTO CACHE loadedTable (OP_COMMA loadedTable)*
  | LOAD INDEX INTO CACHE checkedTable PARTITION OP_LPAREN allOrNames OP_RPAREN cacheKeys? (IGNORE LEAVES)?
  ;
loadedTable : checkedTable cacheKeys? (IGNORE LEAVES)? ;

flush
  : FLUSH noWriteToBinlog? (TABLE | TABLES) flushedTables?
  | FLUSH noWriteToBinlog? flushOption (OP_COMMA flushOption)*
  ;
flushedTables
  : WITH READ LOCK mariaAndDisable?
  | checkedTable (OP_COMMA checkedTable)* (WITH READ LOCK mariaAndDisable? | FOR EXPORT)?
  ;
mariaAndDisable : AND DISABLE CHECKPOINT ;
flushOption
  : (ERROR | ENGINE | GENERAL | SLOW | BINARY) LOGS
  | RELAY LOGS (FOR CHANNEL text)?
  | LOGS | STATUS | PRIVILEGES | USER_RESOURCES | mysqlFlushCosts
  | mariaFlush
  ;
mysqlFlushCosts : OPTIMIZER_COSTS ;
mariaFlush
  : HOSTS | QUERY CACHE | MASTER | (SLAVE | REPLICA) (text | FOR CHANNEL text)? | DES_KEY_FILE | (GLOBAL | SESSION | LOCAL) STATUS | SSL
  | RELAY LOGS text (FOR CHANNEL text)?
  | BINARY LOGS DELETE_DOMAIN_ID eq OP_LPAREN (number (OP_COMMA number)*)? OP_RPAREN
  | flushWord
  ;
// Tables of SHOW that FLUSH empties; the words are no words of the lexer.
flushWord : IDENT | THREADS ;

kill : KILL mariaKillStrength? (CONNECTION | QUERY mariaQueryId?)? (expr | mariaKillUser) ;
mariaKillStrength : HARD | SOFT ;
mariaQueryId : ID ;
mariaKillUser : USER user ;

resetStatement : RESET resetOption (OP_COMMA resetOption)* | mysqlResetPersist ;
resetOption
  : oldMaster (TO number)?
  | mysqlResetBinlog
  | (oldSlave | REPLICA) ALL? (FOR CHANNEL text)?
  | mariaResetSlave
  | mariaResetCache
  ;
mysqlResetBinlog : BINARY LOGS AND GTIDS (TO whole)? ;
mariaResetCache : QUERY CACHE ;
mariaResetSlave : (SLAVE | REPLICA) text ALL? ;
mysqlResetPersist : RESET PERSIST (ifExists? identifier (OP_DOT identifier)?)? ;
restart : mysqlRestart ;
mysqlRestart : RESTART ;
shutdown : SHUTDOWN mariaWaitReplicas? ;
mariaWaitReplicas : WAIT FOR ALL (SLAVES | REPLICAS) ;
binlogEvent : BINLOG TEXT_STRING | mariaBinlogFragments ;
mariaBinlogFragments : BINLOG userVariable OP_COMMA userVariable ;
purge : PURGE (BINARY | oldMaster) LOGS (TO text | BEFORE expr) ;

changeReplicationSource
  : CHANGE (oldMaster mariaConnectionName? TO | mysqlReplicationSource TO) sourceOption (OP_COMMA sourceOption)* (FOR CHANNEL text)?
  ;
mariaConnectionName : text ;
mysqlReplicationSource : REPLICATION SOURCE ;
sourceOption
  : sourceWord OP_EQ (text | number | HEX_NUM | LOCAL | NO | TRUE | FALSE | NULL_ | ON | OFF | STREAM | GENERATE | identifier | OP_LPAREN (number (OP_COMMA number)*)? OP_RPAREN | user)
  ;
sourceWord
  : oldSourceWord | mysqlSourceWord | IGNORE_SERVER_IDS | mariaDomainWord | RELAY_LOG_FILE | RELAY_LOG_POS
  ;
oldSourceWord
  : MASTER_AUTO_POSITION | MASTER_BIND | MASTER_COMPRESSION_ALGORITHMS | MASTER_CONNECT_RETRY
  | MASTER_DELAY | MASTER_DEMOTE_TO_SLAVE | MASTER_DEMOTE_TO_REPLICA | MASTER_GTID_POS | MASTER_HEARTBEAT_PERIOD
  | MASTER_HOST | MASTER_LOG_FILE | MASTER_LOG_POS | MASTER_PASSWORD
  | MASTER_PORT | MASTER_PUBLIC_KEY_PATH | MASTER_RETRY_COUNT | MASTER_SERVER_ID
  | MASTER_SSL | MASTER_SSL_CA | MASTER_SSL_CAPATH | MASTER_SSL_CERT
  | MASTER_SSL_CIPHER | MASTER_SSL_CRL | MASTER_SSL_CRLPATH | MASTER_SSL_KEY
  | MASTER_SSL_VERIFY_SERVER_CERT | MASTER_TLS_CIPHERSUITES | MASTER_TLS_VERSION | MASTER_USER
  | MASTER_USE_GTID | MASTER_ZSTD_COMPRESSION_LEVEL
  | GET_MASTER_PUBLIC_KEY
  ;
mysqlSourceWord
  : SOURCE_AUTO_POSITION | SOURCE_BIND | SOURCE_COMPRESSION_ALGORITHMS | SOURCE_CONNECTION_AUTO_FAILOVER
  | SOURCE_CONNECT_RETRY | SOURCE_DELAY | SOURCE_HEARTBEAT_PERIOD | SOURCE_HOST
  | SOURCE_LOG_FILE | SOURCE_LOG_POS | SOURCE_PASSWORD | SOURCE_PORT
  | SOURCE_PUBLIC_KEY_PATH | SOURCE_RETRY_COUNT | SOURCE_SSL | SOURCE_SSL_CA
  | SOURCE_SSL_CAPATH | SOURCE_SSL_CERT | SOURCE_SSL_CIPHER | SOURCE_SSL_CRL
  | SOURCE_SSL_CRLPATH | SOURCE_SSL_KEY | SOURCE_SSL_VERIFY_SERVER_CERT | SOURCE_TLS_CIPHERSUITES
  | SOURCE_TLS_VERSION | SOURCE_USER | SOURCE_ZSTD_COMPRESSION_LEVEL
  | GET_SOURCE_PUBLIC_KEY | NETWORK_NAMESPACE | PRIVILEGE_CHECKS_USER | REQUIRE_ROW_FORMAT | GTID_ONLY
  | REQUIRE_TABLE_PRIMARY_KEY_CHECK | ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS
  ;
mariaDomainWord : DO_DOMAIN_IDS | IGNORE_DOMAIN_IDS ;
changeReplicationFilter
  : mysqlFilter replicationFilter (OP_COMMA replicationFilter)* (FOR CHANNEL text)?
  ;
mysqlFilter : CHANGE REPLICATION FILTER ;
replicationFilter
  : (REPLICATE_DO_DB | REPLICATE_IGNORE_DB) OP_EQ OP_LPAREN (identifier (OP_COMMA identifier)*)? OP_RPAREN
  | (REPLICATE_DO_TABLE | REPLICATE_IGNORE_TABLE) OP_EQ OP_LPAREN (filteredTable (OP_COMMA filteredTable)*)? OP_RPAREN
  | (REPLICATE_WILD_DO_TABLE | REPLICATE_WILD_IGNORE_TABLE) OP_EQ OP_LPAREN (text (OP_COMMA text)*)? OP_RPAREN
  | REPLICATE_REWRITE_DB OP_EQ OP_LPAREN (rewritePair (OP_COMMA rewritePair)*)? OP_RPAREN
  ;
filteredTable : identifier OP_DOT identifier ;
rewritePair : OP_LPAREN identifier OP_COMMA identifier OP_RPAREN ;

// Spellings that MySQL 8.4 took away; MariaDB keeps them.
oldMaster : MASTER ;
oldSlave : SLAVE ;

startReplica
  : START (oldSlave | REPLICA) mariaConnectionName? replicaThreads? mysqlReplicaLogin? (FOR CHANNEL text)?
  | START (oldSlave | REPLICA) mariaConnectionName? replicaThreads? UNTIL untilOption (OP_COMMA untilOption)* mysqlReplicaLogin?
    mysqlForChannel?
  | mariaStartAll
  ;
mariaStartAll : START ALL (SLAVES | REPLICAS) replicaThreads? ;
stopReplica : STOP (oldSlave | REPLICA) mariaConnectionName? replicaThreads? (FOR CHANNEL text)? | mariaStopAll ;
mariaStopAll : STOP ALL (SLAVES | REPLICAS) replicaThreads? ;
replicaThreads : replicaThread moreThreads* | mariaNoThread moreThreads+ ;
moreThreads : OP_COMMA (replicaThread | mariaNoThread) ;
// MariaDB's list may have gaps.
mariaNoThread : ;
replicaThread : SQL_THREAD | IO_THREAD | RELAY_THREAD ;
untilOption : (SQL_BEFORE_GTIDS | SQL_AFTER_GTIDS) OP_EQ text | sourceWord OP_EQ (text | number) | SQL_AFTER_MTS_GAPS ;
// In this order.
mysqlReplicaLogin
  : USER OP_EQ text (PASSWORD OP_EQ text)? (DEFAULT_AUTH OP_EQ text)? (PLUGIN_DIR OP_EQ text)?
  | PASSWORD OP_EQ text (DEFAULT_AUTH OP_EQ text)? (PLUGIN_DIR OP_EQ text)?
  | DEFAULT_AUTH OP_EQ text (PLUGIN_DIR OP_EQ text)?
  | PLUGIN_DIR OP_EQ text
  ;
mysqlForChannel : FOR CHANNEL text ;
startGroupReplication : mysqlGroupStart groupLogin? ;
mysqlGroupStart : START GROUP_REPLICATION ;
groupLogin : groupLoginItem (OP_COMMA groupLoginItem)* ;
groupLoginItem : (USER | PASSWORD | DEFAULT_AUTH) OP_EQ text ;
stopGroupReplication : mysqlGroupStop ;
mysqlGroupStop : STOP GROUP_REPLICATION ;

mariaBackup
  : BACKUP (STAGE (START | FLUSH | END | identifier) | LOCK checkedTable | UNLOCK)
  ;
