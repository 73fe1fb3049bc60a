"""Answers byte for byte: for each client's capabilities, a script of commands directly and through the proxy.

Only what names the connection or the time is left out of the comparison.
"""

import re
import struct

import pytest

import raw

TRACKED = raw.USUAL | raw.SESSION_TRACK | raw.MULTI_STATEMENTS
MODERN = TRACKED | raw.DEPRECATE_EOF
# The capability flags that these clients were seen to send (without transport and login bits of the server's choice).
CLIENTS = {
    "mysql-9.7": 0x19BEA28D & ~(raw.SSL | raw.ATTRIBUTES | 1 << 28),
    "libmariadb": 0x00BEA28D & ~raw.ATTRIBUTES,
    "pymysql": 0x003AA20D & ~raw.ATTRIBUTES,
    "mysql2": 0x18BAF3CF & ~(raw.ATTRIBUTES | 1 << 28),
    "old-node-mysql": 0x0006F3CF,
    "connector-j": 0x01BEA38A & ~raw.ATTRIBUTES,
    "mysqlnd": 0x001AA28D & ~raw.ATTRIBUTES,
    "go-sql-driver": 0x000AA28D,
    "usual": raw.USUAL,
    "ignore-space": raw.USUAL | raw.IGNORE_SPACE | raw.MULTI_STATEMENTS,
    "tracked": TRACKED,
    "without-eof": MODERN,
    "optional-metadata": MODERN | raw.OPTIONAL_METADATA,
    "mariadb-extended": MODERN & ~raw.LONG_PASSWORD | raw.MARIADB_BULK | raw.MARIADB_EXTENDED_METADATA | raw.MARIADB_CACHE_METADATA,
}

SETUP = [
    "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, s VARCHAR(30), d DATETIME(6), f DOUBLE, n DECIMAL(30,10), b BLOB, u BIGINT UNSIGNED)",
    "INSERT INTO t VALUES (1, 'grün', '2026-01-02 03:04:05.000006', 1.5, 12.5, 0x00ff27, 18446744073709551615), "
    "(2, NULL, NULL, NULL, NULL, NULL, NULL)",
    "CREATE PROCEDURE both_ways(IN n INT, INOUT i INT, OUT o VARCHAR(10)) BEGIN SELECT n; SET i = i + n, o = 'out'; END",
    "CREATE PROCEDURE fails_late() BEGIN SELECT 1; SELECT 2; SIGNAL SQLSTATE '45001' SET MESSAGE_TEXT = 'late', MYSQL_ERRNO = 31001; END",
]

QUERIES = [
    "SELECT * FROM t ORDER BY id", "SELECT 1 AS a, 'x' AS b FROM DUAL WHERE 0", "UPDATE t SET s = 'grün' WHERE id < 3", "UPDATE t SET s = s",
    "SELECT 1; SELECT 2; UPDATE t SET s = s; DO 0", "SELECT 1; SELECT * FROM absent; SELECT 3", "SELECT count (*) FROM t", "SELEC", "",
    "INSERT INTO t (s) VALUES ('a'), ('b'), ('c')", "DELETE FROM t WHERE id > 2", "SHOW WARNINGS", "SELECT CAST('7x' AS SIGNED)",
    "BEGIN", "SELECT 1", "INSERT INTO t (id) VALUES (100)", "ROLLBACK", "SET autocommit = 0", "SELECT 1", "COMMIT", "SET autocommit = 1",
    "START TRANSACTION READ ONLY", "SELECT 1", "COMMIT",
    "SET sql_mode = 'NO_BACKSLASH_ESCAPES'", "SELECT 'a\\'", "SET sql_mode = 'ANSI_QUOTES'", 'SELECT 1 AS "q"', "SET sql_mode = DEFAULT",
    "SET session_track_schema = 1", "USE information_schema", "USE `{database}`", "SET session_track_system_variables = 'autocommit,character_set_client,character_set_results,sql_mode,time_zone'", "SET NAMES latin1",
    "SET time_zone = '+03:00'", "SET NAMES utf8mb4", "SET session_track_state_change = 1", "SET @v = 5", "CREATE TEMPORARY TABLE own (a INT)",
    "SET session_track_transaction_info = 'CHARACTERISTICS'", "START TRANSACTION READ WRITE", "INSERT INTO own VALUES (1)", "SELECT * FROM own",
    "COMMIT", "SET session_track_transaction_info = 'OFF'", "SET session_track_state_change = 0", "SET session_track_system_variables = ''",
    "CALL both_ways(1, @v, @o)", "SELECT @v, @o", "CALL fails_late()", "SELECT 'after'", "SELECT REPEAT('r', 70000), 'end'",
    "DO SLEEP(0)", "SHOW TABLES", "KILL 4294967200", "SELECT * FROM t WHERE id = 1 INTO @a, @b, @c, @d, @e, @f, @g",
    "LOAD DATA LOCAL INFILE '/nonexistent' INTO TABLE t", "PREPARE p FROM 'SELECT ? + 1'", "EXECUTE p USING @v", "DEALLOCATE PREPARE p",
    "SELECT @@session_track_system_variables, @@session_track_schema", "SET NAMES latin1", "SET sql_mode = 'ANSI_QUOTES'",
    "SET sql_mode = DEFAULT", "SET session_track_schema = 0", "USE information_schema", "USE `{database}`", "SET NAMES utf8mb4",
    "SELECT CONNECTION_ID() = CONNECTION_ID(), 1", "PREPARE s FROM 'SET NAMES latin2'", "EXECUTE s", "SHOW WARNINGS", "SET NAMES utf8mb4",
    "SET PERSIST_ONLY absent_variable = 1", "SELECT GET_LOCK('transcript', 1), RELEASE_LOCK('transcript')", "EXPLAIN SELECT 1",
]


def execute(connection, statement, cursor=0, values=()):
    """COM_STMT_EXECUTE with text parameters; None is NULL."""
    named = connection.capabilities & raw.QUERY_ATTRIBUTES
    body = statement + bytes([cursor]) + struct.pack("<I", 1)
    if values:
        body += bytes([len(values)]) if named else b""
        nulls = bytearray((len(values) + 7) // 8)
        for i, value in enumerate(values):
            nulls[i // 8] |= (value is None) << i % 8
        body += bytes(nulls) + b"\1" + (b"\xfd\0\0" if named else b"\xfd\0") * len(values) + b"".join(raw.lenenc(v) for v in values if v is not None)
    return body


def infile(connection, packets):
    """Ends a LOAD DATA LOCAL with no data."""
    if packets[-1][:1] != b"\xfb":
        return packets
    connection.write(b"")
    return packets + connection.answer()


def text_protocol(connection, database):
    for sql in QUERIES:
        yield sql, infile(connection, connection.query(sql.replace("{database}", database)))


def commands(connection, database):
    for name, byte, argument in [
        ("ping", 0x0E, b""), ("use", 0x02, database), ("use nothing", 0x02, b""), ("use an absent one", 0x02, b"absent_database"),
        ("reset", 0x1F, b""), ("multi-statements on", 0x1B, b"\0\0"), ("multi-statements off", 0x1B, b"\1\0"), ("bad option", 0x1B, b"\7\0"),
        ("field list", 0x04, b"t\0"), ("field list of an absent table", 0x04, b"absent\0"), ("execute unknown", 0x17, b"\x63\0\0\0\0\1\0\0\0"),
        ("reset unknown", 0x1A, b"\x63\0\0\0"), ("fetch unknown", 0x1C, b"\x63\0\0\0\1\0\0\0"), ("close unknown", 0x19, b"\x63\0\0\0"),
    ]:
        yield name, connection.command(byte, argument)
    yield "database", connection.query("SELECT DATABASE()")


def prepared(connection, _):
    yield "use", connection.command(0x02, _)
    yield "bad", connection.command(0x16, "SELECT FROM")
    for sql, values in [("SELECT * FROM t ORDER BY id", ()), ("SELECT ?, ? FROM t", ("a", None)), ("UPDATE t SET s = ? WHERE id = ?", ("z", "1")),
                        ("DO ?", ("1",)), ("CALL both_ways(?, ?, ?)", ("2", "3", None)), ("SELECT * FROM t WHERE s = ?", ("nothing",))]:
        answer = connection.command(0x16, sql)
        yield f"prepare {sql}", answer
        statement = answer[0][1:5]
        yield f"execute {sql}", connection.command(0x17, execute(connection, statement, 0, values))
        yield f"again {sql}", connection.command(0x17, execute(connection, statement, 0, values))
        yield f"reset {sql}", connection.command(0x1A, statement)
        connection.command(0x19, statement)
        yield f"closed {sql}", connection.command(0x1A, statement)


def cursors(connection, _):
    yield "use", connection.command(0x02, _)
    statement = connection.prepare("SELECT a.id, b.s FROM t a, t b ORDER BY 1, 2")
    yield "open", connection.command(0x17, execute(connection, statement, 1))
    for size in (1, 2, 100, 1):
        yield f"fetch {size}", connection.command(0x1C, statement + struct.pack("<I", size))
    yield "open again", connection.command(0x17, execute(connection, statement, 1))
    yield "another statement meanwhile", connection.query("SELECT 'between'")
    yield "close it", connection.command(0x1A, statement)
    yield "fetch nothing", connection.command(0x1C, statement + struct.pack("<I", 1))


SCRIPTS = {"text": text_protocol, "commands": commands, "prepared": prepared, "cursors": cursors}


def in_order(ok):
    """An OK packet with its system variables sorted: MariaDB tells several that were set at once in an order that depends on the session's past."""
    at = raw.read_lenenc(ok, raw.read_lenenc(ok, 1)[1])[1]
    if not int.from_bytes(ok[at:at + 2], "little") & 0x4000:
        return ok
    info, at = raw.read_lenenc(ok, at + 4)
    size, at = raw.read_lenenc(ok, at + info)
    items, begin, end = [], at, at + size
    while at < end:
        length, data = raw.read_lenenc(ok, at + 1)
        items.append(ok[at:data + length])
        at = data + length
    variables = iter(sorted(item for item in items if item[0] == 0))
    return ok[:begin] + b"".join(next(variables) if item[0] == 0 else item for item in items) + ok[end:]


def alike(packets, numbers):
    """The packets with statement ids counted from 1: a server connection that was used before may go on with its own."""
    def number(statement):
        return numbers.setdefault(statement, len(numbers) + 1)

    if packets and packets[0][:1] == b"\0" and len(packets[0]) in (12, 13) and packets[0][9:10] == b"\0":
        packets = [b"\0" + struct.pack("<I", number(int.from_bytes(packets[0][1:5], "little"))) + packets[0][5:], *packets[1:]]
    return [re.sub(rb"(handler|statement) \((\d+)\)", lambda m: m[1] + b" (%d)" % number(int(m[2])), p) if p[:1] == b"\xff" else p for p in packets]


def outcome(endpoint, database, script, flags):
    connection = raw.Raw(endpoint.host, endpoint.port)
    plugin = None if flags & raw.PLUGIN_AUTH else "mysql_native_password"
    login = connection.login(endpoint.user, endpoint.password, flags, database, plugin=plugin)
    if login[:1] != b"\0":
        return {"login": raw.error(login)}
    numbers = {99: 99}
    with connection:
        answers = [(name, alike(packets, numbers)) for name, packets in script(connection, database)]
        if connection.capabilities & raw.SESSION_TRACK:
            answers = [(name, [in_order(packets[0]), *packets[1:]] if name.startswith("SET NAMES") else packets) for name, packets in answers]
        return {"login": login, "agreed": connection.capabilities, **{f"{i} {name}": packets for i, (name, packets) in enumerate(answers)}}


def fresh(server, database):
    server.sql(f"DROP DATABASE IF EXISTS {database}; CREATE DATABASE {database} CHARACTER SET utf8mb4")
    with server.connect(database, autocommit=True) as connection, connection.cursor() as cursor:
        for statement in SETUP:
            cursor.execute(statement)


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("client", CLIENTS)
def test_transcript(server, proxy, database, client, script):
    if CLIENTS[client] >> 32 and server.engine == "mysql":
        pytest.skip("MySQL has no extended capabilities")
    found = []
    for endpoint in (server, proxy):
        fresh(server, database)
        found.append(outcome(endpoint, database, SCRIPTS[script], CLIENTS[client]))
    direct, through = found
    if "agreed" not in direct:
        assert direct.keys() == through.keys()
        pytest.skip("this client cannot log in directly either: " + str(direct["login"]))
    assert len(direct) > 10 or script == "text"
    different = {name: (direct.get(name), through.get(name)) for name in {**direct, **through} if direct.get(name) != through.get(name)}
    assert not different, "\n".join(f"{name}:\n  directly {pair[0]}\n  through  {pair[1]}" for name, pair in different.items())
