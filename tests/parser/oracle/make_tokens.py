#!/usr/bin/python3
"""Writes parser/keywords.inc and parser/grammar/SluiceTokens.tokens from the keyword lists of two live servers.

usage: make_tokens.py keywords.json ROOT, where keywords.json is {"mysql": {WORD: reserved}, "mariadb": {WORD: reserved}}
as information_schema.KEYWORDS of MySQL gives them, and MariaDB's with a probe `SELECT 1 AS word`.
"""
import json
import sys

MYSQL_FUNCTIONS = """ADDDATE BIT_AND BIT_OR BIT_XOR CAST COUNT CURDATE CURTIME DATE_ADD DATE_SUB EXTRACT GROUP_CONCAT
JSON_ARRAYAGG JSON_DUALITY_OBJECT JSON_OBJECTAGG MAX MID MIN NOW POSITION SESSION_USER STD STDDEV STDDEV_POP STDDEV_SAMP
ST_COLLECT SUBDATE SUBSTR SUBSTRING SUM SYSDATE SYSTEM_USER TRIM VARIANCE VAR_POP VAR_SAMP""".split()
MARIADB_FUNCTIONS = """ADDDATE BIT_AND BIT_OR BIT_XOR CAST COUNT CUME_DIST CURDATE CURTIME DATE_ADD DATE_SUB DENSE_RANK
EXTRACT FIRST_VALUE GROUP_CONCAT JSON_ARRAYAGG JSON_OBJECTAGG LAG LEAD MAX MEDIAN MID MIN NOW NTH_VALUE NTILE POSITION
PERCENT_RANK PERCENTILE_CONT PERCENTILE_DISC RANK SESSION_USER STD STDDEV STDDEV_POP STDDEV_SAMP SUBDATE SUBSTR SUBSTRING
SUM SYSTEM_USER TRIM VARIANCE VAR_POP VAR_SAMP""".split()
# Words of the replication statements that MySQL dropped with 8.4 (manual 1.4, "What Is New in MySQL 8.4").
DROPPED_84 = """GET_MASTER_PUBLIC_KEY MASTER_AUTO_POSITION MASTER_BIND MASTER_COMPRESSION_ALGORITHMS MASTER_CONNECT_RETRY
MASTER_DELAY MASTER_HEARTBEAT_PERIOD MASTER_HOST MASTER_LOG_FILE MASTER_LOG_POS MASTER_PASSWORD MASTER_PORT
MASTER_PUBLIC_KEY_PATH MASTER_RETRY_COUNT MASTER_SSL MASTER_SSL_CA MASTER_SSL_CAPATH MASTER_SSL_CERT MASTER_SSL_CIPHER
MASTER_SSL_CRL MASTER_SSL_CRLPATH MASTER_SSL_KEY MASTER_SSL_VERIFY_SERVER_CERT MASTER_TLS_CIPHERSUITES MASTER_TLS_VERSION
MASTER_USER MASTER_ZSTD_COMPRESSION_LEVEL""".split()
SINCE = {}
for version, words in {
    50705: "OPTIMIZER_COSTS",
    80000: "EXCEPT PERSIST INVISIBLE VISIBLE",
    80001: "CUBE GROUPING OF RECURSIVE COMPONENT LOCKED NOWAIT SKIP ROLE",
    80002: "CUME_DIST DENSE_RANK FIRST_VALUE GROUPS LAG LAST_VALUE LEAD NTH_VALUE NTILE OVER PERCENT_RANK RANK "
           "ROW_NUMBER WINDOW BUCKETS EXCLUDE FOLLOWING HISTOGRAM NULLS OTHERS PERSIST_ONLY PRECEDING RESPECT "
           "TIES UNBOUNDED",
    80003: "SYSTEM CLONE HISTORY RESOURCE REUSE SRID THREAD_PRIORITY VCPU",
    80004: "EMPTY JSON_TABLE DEFINITION DESCRIPTION NESTED ORDINALITY ORGANIZATION PATH REFERENCE RESTART",
    80011: "GEOMCOLLECTION",
    80013: "OPTIONAL SECONDARY_ENGINE SECONDARY_LOAD SECONDARY_UNLOAD",
    80014: "ACTIVE INACTIVE LATERAL OLD RETAIN",
    80016: "ENFORCED NETWORK_NAMESPACE SECONDARY",
    80017: "ARRAY MEMBER",
    80018: "PRIVILEGE_CHECKS_USER RANDOM",
    80019: "FAILED_LOGIN_ATTEMPTS PASSWORD_LOCK_TIME REQUIRE_ROW_FORMAT",
    80020: "OFF REQUIRE_TABLE_PRIMARY_KEY_CHECK STREAM",
    80021: "ATTRIBUTE ENGINE_ATTRIBUTE JSON_VALUE RETURNING SECONDARY_ENGINE_ATTRIBUTE TLS",
    80022: "REPLICA REPLICAS SOURCE_CONNECTION_AUTO_FAILOVER ZONE",
    80023: "ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS GET_SOURCE_PUBLIC_KEY SOURCE_AUTO_POSITION SOURCE_BIND "
           "SOURCE_COMPRESSION_ALGORITHMS SOURCE_CONNECT_RETRY SOURCE_DELAY SOURCE_HEARTBEAT_PERIOD SOURCE_HOST "
           "SOURCE_LOG_FILE SOURCE_LOG_POS SOURCE_PASSWORD SOURCE_PORT SOURCE_PUBLIC_KEY_PATH SOURCE_RETRY_COUNT "
           "SOURCE_SSL SOURCE_SSL_CA SOURCE_SSL_CAPATH SOURCE_SSL_CERT SOURCE_SSL_CIPHER SOURCE_SSL_CRL "
           "SOURCE_SSL_CRLPATH SOURCE_SSL_KEY SOURCE_SSL_VERIFY_SERVER_CERT SOURCE_TLS_CIPHERSUITES "
           "SOURCE_TLS_VERSION SOURCE_USER SOURCE_ZSTD_COMPRESSION_LEVEL",
    80024: "KEYRING",
    80027: "AUTHENTICATION CHALLENGE_RESPONSE FACTOR FINISH GTID_ONLY INITIAL INITIATE REGISTRATION UNREGISTER",
    80031: "INTERSECT",
    80032: "BULK GENERATE GTIDS LOG URL",
    80100: "BERNOULLI MANUAL PARALLEL PARSE_TREE QUALIFY S3 TABLESAMPLE",
    80400: "AUTO",
    90000: "VECTOR",
    90200: "LIBRARY",
    90300: "ABSENT ALLOW_MISSING_FILES AUTO_REFRESH AUTO_REFRESH_SOURCE DUALITY EXTERNAL EXTERNAL_FORMAT FILES "
           "FILE_FORMAT FILE_NAME FILE_PATTERN FILE_PREFIX GUIDED HEADER MASKING MATERIALIZED "
           "PARAMETERS POLICY RELATIONAL SETS STRICT_LOAD TYPES URI VALIDATE VERIFY_KEY_CONSTRAINTS "
           "JSON_DUALITY_OBJECT ST_COLLECT",
}.items():
    for w in words.split():
        SINCE[w] = version
SINCE["ST_COLLECT"] = 80024
# Words that came to MariaDB with these versions (its manual's "Reserved Words" and release notes). VECTOR is not in the list
# of a server before 11.7.
MARIADB_SINCE = {}
for version, words in {
    100200: "OVER",
    100201: "RECURSIVE",
    100204: "ROWS",
    100300: "EXCEPT INTERSECT",
    100303: "MEDIAN PERCENTILE_CONT PERCENTILE_DISC",
    100403: "PORTION",
    100501: "REPLICA REPLICAS",
    100503: "OVERLAPS",
    100600: "EMPTY IGNORED JSON_TABLE LOCKED NESTED OFFSET ORDINALITY PATH SKIP",
    100701: "ROW_NUMBER",
    101000: "MASTER_DEMOTE_TO_REPLICA MASTER_DEMOTE_TO_SLAVE",
    110701: "VECTOR",
}.items():
    for w in words.split():
        MARIADB_SINCE[w] = version

# (TokenKind, token name, spelling or None): everything that is not a word. The order is the numbering.
OTHERS = [
    ("Identifier", "IDENT", None), ("QuotedIdentifier", "IDENT_QUOTED", None), ("TextString", "TEXT_STRING", None),
    ("NationalString", "NCHAR_STRING", None), ("DollarString", "DOLLAR_STRING", None),
    ("CharsetIntroducer", "UNDERSCORE_CHARSET", None), ("Hostname", "HOSTNAME", None), ("IntegerNumber", "INT_NUM", None),
    ("LongNumber", "LONG_NUM", None), ("UnsignedLongNumber", "ULONG_NUM", None), ("DecimalNumber", "DECIMAL_NUM", None),
    ("FloatNumber", "FLOAT_NUM", None), ("HexNumber", "HEX_NUM", None), ("BitNumber", "BIN_NUM", None), ("Hint", "OPTIMIZER_HINT", None),
    ("WithRollup", "WITH_ROLLUP", None), ("Placeholder", "OP_QUESTION", "?"),
    ("LeftParen", "OP_LPAREN", "("), ("RightParen", "OP_RPAREN", ")"), ("LeftBrace", "OP_LBRACE", "{"),
    ("RightBrace", "OP_RBRACE", "}"), ("Comma", "OP_COMMA", ","), ("Dot", "OP_DOT", "."), ("Semicolon", "OP_SEMI", ";"),
    ("AtSign", "OP_AT", "@"), ("Colon", "OP_COLON", ":"), ("Plus", "OP_PLUS", "+"), ("Dash", "OP_MINUS", "-"),
    ("Star", "OP_STAR", "*"), ("Slash", "OP_SLASH", "/"), ("Percent", "OP_PERCENT", "%"), ("Caret", "OP_CARET", "^"),
    ("Tilde", "OP_TILDE", "~"), ("Ampersand", "OP_AMP", "&"), ("Pipe", "OP_PIPE", "|"), ("Bang", "OP_BANG", "!"),
    ("Equal", "OP_EQ", "="), ("NullSafeEqual", "OP_NULL_SAFE_EQ", "<=>"), ("NotEqual", "OP_NE", "<>"),
    ("LessThan", "OP_LT", "<"), ("LessEqual", "OP_LE", "<="), ("GreaterThan", "OP_GT", ">"), ("GreaterEqual", "OP_GE", ">="),
    ("ShiftLeft", "OP_SHL", "<<"), ("ShiftRight", "OP_SHR", ">>"), ("DoubleAmpersand", "OP_AND_AND", "&&"),
    ("DoublePipe", "OP_OR_OR", "||"), ("ConcatPipes", "OP_CONCAT", None), ("Not2", "NOT2", None),
    ("Assign", "OP_ASSIGN", ":="), ("Arrow", "OP_ARROW", "->"), ("DoubleArrow", "OP_DOUBLE_ARROW", "->>"),
    ("Unterminated", "UNTERMINATED", None), ("Invalid", "INVALID_TEXT", None),
]


def camel(word):
    return "".join(p[:1] + p[1:].lower() for p in word.split("_"))


def main():
    lists = json.load(open(sys.argv[1]))
    root = sys.argv[2]
    mysql, maria = dict(lists["mysql"]), dict(lists["mariadb"])
    words = sorted(set(mysql) | set(maria) | set(MYSQL_FUNCTIONS) | set(MARIADB_FUNCTIONS) | set(DROPPED_84))

    def use(word, table, functions):
        if word in functions:
            return "Function"
        if word not in table:
            return "None"
        return "Reserved" if table[word] else "Plain"

    rows, tokens = [], []
    number = 0
    for kind, name, spelling in OTHERS:
        number += 1
        rows.append(f'SLUICE_TOKEN({kind}, "{name}", "{spelling or ""}")')
        tokens.append(f"{name}={number}")
        if spelling:
            tokens.append(f"'{spelling}'={number}")
    for w in words:
        number += 1
        m = use(w, mysql, MYSQL_FUNCTIONS)
        since, until = SINCE.get(w, 0), 0
        if w in DROPPED_84:
            m, until = "Plain", 80400
        a = "Plain" if w == "VECTOR" else use(w, maria, MARIADB_FUNCTIONS)
        rows.append(f'SLUICE_KEYWORD({camel(w)}, "{w}", {m}, {since}, {until}, {a}, {MARIADB_SINCE.get(w, 0)})')
        tokens.append(("NULL_" if w == "NULL" else w) + f"={number}")
    head = ("// Every token: punctuation and literals first, then each word of both servers. Written by\n"
            "// tests/parser/oracle/make_tokens.py from information_schema.KEYWORDS; the order is the token's number.\n"
            "//   SLUICE_TOKEN(kind, grammar name, spelling or \"\")\n"
            "//   SLUICE_KEYWORD(kind, word, use on MySQL, first MySQL version or 0, first version without it or 0, use on MariaDB,\n"
            "//                  first MariaDB version or 0)\n"
            "// clang-format off\n")
    open(root + "/parser/keywords.inc", "w").write(head + "\n".join(rows) + "\n// clang-format on\n")
    open(root + "/parser/grammar/SluiceTokens.tokens", "w").write("\n".join(tokens) + "\n")


main()
