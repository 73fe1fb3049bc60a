"""PyMySQL: text protocol, transactions, multi-statements, LOCAL INFILE, large packets, errors. Prints `feature<TAB>outcome`."""

import os
import sys
import tempfile

import pymysql
from pymysql.constants import CLIENT, COMMAND, SERVER_STATUS

ENV = os.environ


def connect(**more):
    return pymysql.connect(**{**dict(host=ENV["DB_HOST"], port=int(ENV["DB_PORT"]), user=ENV["DB_USER"], password=ENV["DB_PASSWORD"],
                           database=ENV["DB_NAME"], charset="utf8mb4", local_infile=True), **more})


def rows(connection, sql, values=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall(), [(d[0], d[1]) for d in cursor.description or ()]


def feature(name, action):
    try:
        outcome = repr(action())
    except pymysql.MySQLError as error:
        outcome = f"error {type(error).__name__} {error.args}"
    print(f"{name}\t{outcome}"[:2000], flush=True)


TYPES = """CREATE TABLE types (i INT, u BIGINT UNSIGNED, d DECIMAL(20,6), f DOUBLE, s VARCHAR(80), b VARBINARY(40), t DATETIME(6),
  y YEAR, j JSON, e ENUM('a','b'), bits BIT(9), n INT NULL)"""


def all_types(c):
    rows(c, TYPES)
    rows(c, "INSERT INTO types VALUES (-5, 18446744073709551615, 12345.678901, 1.5, 'grün 🐟', 0x00ff275c, '2026-01-02 03:04:05.678901', 2026,"
            " '{\"a\": [1, 2]}', 'b', b'101010101', NULL)")
    return rows(c, "SELECT * FROM types")


def transactions(c):
    flags = []
    for sql in ("BEGIN", "INSERT INTO types (i) VALUES (1)", "ROLLBACK", "SET autocommit = 0", "SET autocommit = 1",
                "START TRANSACTION READ ONLY", "COMMIT"):
        rows(c, sql)
        flags.append((c.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS != 0, c.get_autocommit()))
    return flags, rows(c, "SELECT COUNT(*) FROM types")


def multi_statements(c):
    with c.cursor() as cursor:
        cursor.execute("SELECT 1; INSERT INTO types (i) VALUES (7); SELECT i FROM types WHERE i = 7; DELETE FROM types WHERE i = 7")
        found = [cursor.fetchall()]
        while cursor.nextset():
            found.append((cursor.fetchall() if cursor.description else (), cursor.rowcount))
        return found


def second_statement_fails(c):
    with c.cursor() as cursor:
        cursor.execute("SELECT 1; SELECT * FROM absent")
        cursor.nextset()


def local_infile(c):
    rows(c, "CREATE TABLE loaded (a INT, b VARCHAR(20))")
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.write("".join(f"{i},row {i}\n" for i in range(5000)))
        file.flush()
        with c.cursor() as cursor:
            count = cursor.execute(f"LOAD DATA LOCAL INFILE '{file.name}' INTO TABLE loaded FIELDS TERMINATED BY ','")
    return count, rows(c, "SELECT COUNT(*), SUM(a), MAX(b) FROM loaded")


def local_infile_absent(c):
    with c.cursor() as cursor:
        cursor.execute("LOAD DATA LOCAL INFILE '/nonexistent/file' INTO TABLE loaded")


def routine(c):
    rows(c, "CREATE PROCEDURE two_sets(IN n INT, OUT twice INT) BEGIN SELECT n; SELECT n + 1, 'x'; SET twice = n * 2; END")
    with c.cursor() as cursor:
        cursor.callproc("two_sets", (20, 0))
        found = [cursor.fetchall()]
        while cursor.nextset():
            found.append(cursor.fetchall())
    return found, rows(c, "SELECT @_two_sets_1")


def found_rows(**flags):
    c = connect(**flags)
    rows(c, "CREATE TABLE IF NOT EXISTS same (a INT)")
    rows(c, "DELETE FROM same")
    rows(c, "INSERT INTO same VALUES (1), (1)")
    with c.cursor() as cursor:
        return cursor.execute("UPDATE same SET a = 1")


def edge(c, payload):
    """A COM_QUERY of exactly that many bytes, and a row whose value has as many."""
    head, tail = "SELECT LENGTH('", "')"
    text = head + "x" * (payload - 1 - len(head) - len(tail)) + tail
    value = rows(c, f"SELECT REPEAT('y', {payload})")[0][0][0]
    return rows(c, text)[0], len(value), value.strip("y")


def pipelined(c):
    """Fifty commands sent before the first answer is read."""
    for i in range(50):
        c._next_seq_id = 0
        c._execute_command(COMMAND.COM_QUERY, f"SELECT {i}, REPEAT('z', {i * 100})")
    found = []
    for _ in range(50):
        c._next_seq_id = 1
        c._read_query_result()
        found.append((c._result.rows[0][0], len(c._result.rows[0][1])))
    c._result = None
    return found


def raw_command(c, command, argument=b""):
    c._execute_command(command, argument)
    packet = c._read_packet()
    return packet.get_all_data()[:1]


def kill_query(c):
    """A KILL QUERY by the greeting's thread id ends the statement of the other session, which then goes on."""
    other = connect(read_timeout=60)
    other._execute_command(COMMAND.COM_QUERY, "SELECT SLEEP(50), BENCHMARK(1, 1) FROM (SELECT 1 UNION SELECT 2) AS t")
    me = other.thread_id()
    wait = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(50)%'"
    while not rows(c, wait)[0][0][0]:
        pass
    rows(c, f"KILL QUERY {me}")
    try:
        other._read_query_result()
        first = "ended with a row"
    except pymysql.MySQLError as error:
        first = error.args[0]
    other._result = None
    return first, rows(other, "SELECT 'alive'")


def kill_connection(c):
    other = connect()
    rows(c, f"KILL {other.thread_id()}")
    try:
        for _ in range(100):
            rows(other, "SELECT 1")
    except (pymysql.MySQLError, OSError) as error:
        return error.args[0] in (2006, 2013)
    return "lived on"


def warnings(c):
    rows(c, "SET sql_mode = ''")
    rows(c, "INSERT INTO types (y, e) VALUES (99999, 'zzz')")
    return c._result.warning_count, rows(c, "SHOW WARNINGS"), rows(c, "SELECT 1/0")


def insert_ids(c):
    rows(c, "CREATE TABLE ids (id INT AUTO_INCREMENT PRIMARY KEY, v INT)")
    with c.cursor() as cursor:
        cursor.execute("INSERT INTO ids (v) VALUES (1), (2), (3)")
        first = cursor.lastrowid, cursor.rowcount, c._result.message
        cursor.execute("UPDATE ids SET v = 9 WHERE id > 1")
        return first, c._result.message, rows(c, "SELECT LAST_INSERT_ID(), ROW_COUNT()")


def identity(c):
    version, me = rows(c, "SELECT VERSION(), CONNECTION_ID()")[0][0]
    return version == c.get_server_info(), me == c.thread_id(), version


def temporary_state(c):
    rows(c, "CREATE TEMPORARY TABLE t (a INT)")
    rows(c, "INSERT INTO t VALUES (1)")
    rows(c, "SET @v = 'kept'")
    kept = rows(c, "SELECT a, @v FROM t")
    locks = rows(c, "SELECT GET_LOCK('e2e', 1), IS_USED_LOCK('e2e') = CONNECTION_ID(), RELEASE_LOCK('e2e')")
    fresh = connect()
    return kept, locks, rows(fresh, "SELECT @v")


def idle_timeout():
    """The server's word that it closes an idle session, or its silence, arrives as it would directly."""
    c = connect()
    rows(c, "SET SESSION wait_timeout = 1")
    received = b""
    try:
        while piece := c._sock.recv(4096):
            received += piece
    except ConnectionResetError:
        pass
    return received[5:7]


def unbuffered(c):
    with c.cursor(pymysql.cursors.SSCursor) as cursor:
        cursor.execute("SELECT a, b FROM loaded ORDER BY a")
        first = cursor.fetchmany(3)
        return first, len(cursor.fetchall())


def change_database(c):
    c.select_db("information_schema")
    one = rows(c, "SELECT DATABASE()")[0]
    c.select_db(ENV["DB_NAME"])
    return one, rows(c, "SELECT DATABASE()")[0]


def main():
    c = connect(autocommit=True)
    several = connect(autocommit=True, client_flag=CLIENT.MULTI_STATEMENTS)
    feature("identity", lambda: identity(c))
    feature("types", lambda: all_types(c))
    feature("transactions and status flags", lambda: transactions(c))
    feature("multi-statements", lambda: multi_statements(several))
    feature("refused: second statement fails", lambda: second_statement_fails(several))
    feature("after a failed second statement", lambda: rows(several, "SELECT 1"))
    feature("refused: multi-statements without the capability", lambda: rows(c, "SELECT 1; SELECT 2"))
    feature("local infile", lambda: local_infile(c))
    feature("refused: local infile of an absent file", lambda: local_infile_absent(c))
    feature("after a refused local infile", lambda: rows(c, "SELECT COUNT(*) FROM loaded"))
    feature("procedure with result sets and OUT", lambda: routine(c))
    feature("rows found", lambda: found_rows(client_flag=CLIENT.FOUND_ROWS))
    feature("rows changed", lambda: found_rows())
    for payload in (0xFFFFFE, 0xFFFFFF, 0x1000000, 0x1FFFFFE, 0x1FFFFFF):
        feature(f"payload of {payload:#x}", lambda payload=payload: edge(c, payload))
    feature("pipelined", lambda: pipelined(c))
    feature("COM_PING", lambda: raw_command(c, COMMAND.COM_PING))
    feature("COM_STATISTICS", lambda: raw_command(c, COMMAND.COM_STATISTICS))
    feature("refused: an empty COM_INIT_DB", lambda: c.select_db(""))
    feature("refused: syntax", lambda: rows(c, "SELEC 1"))
    feature("refused: no table", lambda: rows(c, "SELECT * FROM absent"))
    feature("refused: duplicate key", lambda: (rows(c, "CREATE TABLE k (a INT PRIMARY KEY)"), rows(c, "INSERT INTO k VALUES (1), (1)")))
    feature("refused: no such database", lambda: c.select_db("absent_database"))
    feature("refused: signal", lambda: (rows(c, "CREATE PROCEDURE s() SIGNAL SQLSTATE '45123' SET MESSAGE_TEXT = 'über', MYSQL_ERRNO = 31999"),
                                        rows(c, "CALL s()")))
    feature("kill query", lambda: kill_query(c))
    feature("kill connection", lambda: kill_connection(c))
    feature("warnings", lambda: warnings(c))
    feature("insert ids and info", lambda: insert_ids(c))
    feature("session state", lambda: temporary_state(c))
    feature("idle time-out", idle_timeout)
    feature("unbuffered", lambda: unbuffered(c))
    feature("COM_INIT_DB", lambda: change_database(c))
    feature("character sets", lambda: [rows(connect(charset=cs), "SELECT 'grün', CHARSET('x')") for cs in ("latin1", "utf8mb4")])
    feature("refused: wrong password", lambda: connect(password="wrong").ping())
    feature("refused: unknown account", lambda: connect(user="nobody", password="x").ping())
    feature("empty password", lambda: rows(connect(user="empty", password="", database=None), "SELECT 1"))
    feature("refused: TLS is required", lambda: connect(user="tls", ssl_disabled=True, database=None).ping())


if __name__ == "__main__":
    sys.exit(main())
