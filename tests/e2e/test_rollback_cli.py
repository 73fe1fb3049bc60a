"""`sluice rollback --binlog`: random changes undone on both engines, and the named cases of what is refused, and why."""

import os
import pathlib
import random
import subprocess

import pytest

import harness
import rollback_rounds

ROUNDS = int(os.environ.get("SLUICE_ROLLBACK_ROUNDS", "6"))
SEED = int(os.environ.get("SLUICE_ROLLBACK_SEED", "1"))
MODES = ("sql", "exact", "auto")
SESSION = ("SET time_zone = '+00:00'", "SET sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'")


class Case:
    """One server with a log of its own file, connections to it, and the command."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        if not server.pid:
            pytest.skip("the log's files are those of a server that this run started")
        self.data = pathlib.Path(server.sql("SELECT @@datadir")[0][0])

    def connect(self, database, *more):
        connection = self.server.connect(database, autocommit=True)
        with connection.cursor() as cursor:
            for statement in (*SESSION, *more):
                cursor.execute(statement)
        return connection

    def log(self):
        """A new file of the log: what it will hold begins now."""
        self.server.sql("FLUSH BINARY LOGS")
        return self.data / self.server.sql("SHOW BINARY LOGS")[-1][0]

    def gtids(self):
        name = "gtid_executed" if self.server.engine == "mysql" else "gtid_binlog_pos"
        return self.server.sql(f"SELECT @@GLOBAL.{name}")[0][0].replace("\n", "")

    def schema(self, database, tables):
        file = self.folder / "schema.sql"
        file.write_text("".join(f"{self.server.sql(f'SHOW CREATE TABLE {database}.{t}')[0][1]};\n" for t in tables))
        return file

    def rollback(self, *arguments):
        return subprocess.run([harness.SLUICE, "rollback", *map(str, arguments)], capture_output=True, timeout=120, check=False)

    def apply(self, script):
        client = harness.cache() / "mysql97/current/bin/mysql" if self.server.engine == "mysql" else "mariadb"
        command = [client, "--no-defaults", "-h", self.server.host, "-P", str(self.server.port), "-u", self.server.root_user, "--binary-mode"]
        return subprocess.run(command, env={**os.environ, "MYSQL_PWD": self.server.root_password}, input=script, capture_output=True,
                              timeout=120, check=False)


@pytest.fixture
def case(server, tmp_path):
    return Case(server, tmp_path)


def execute(connection, statement):
    """True when the server took it. Keys collide and values do not fit now and then: then in the twin, too."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement)
        except Exception as fault:  # noqa: BLE001  the driver has a class for each group of errors
            return fault.args[0]
    return 0


def content(case, database, tables):
    with case.connect(database) as connection, connection.cursor() as cursor:
        rows = {}
        for table in tables:
            cursor.execute(table.show())
            rows[table.name] = cursor.fetchall()
        # MariaDB's sum of a table with generated columns differs between copies of the same rows.
        summed = [table.name for table in tables if case.server.engine == "mysql" or not table.generated]
        if summed:
            cursor.execute("CHECKSUM TABLE " + ", ".join(summed))
        return rows, [sum_ for _, sum_ in cursor.fetchall()] if summed else []


def options_of(r, engine):
    """What the session of the change asks of the log."""
    if engine == "mariadb":
        return []
    return [option for option in ("SET binlog_transaction_compression = 1", "SET binlog_row_value_options = 'PARTIAL_JSON'",
                                  "SET binlog_rows_query_log_events = 1") if r.random() < 0.3]


def make(case, database, r):
    """The database and its twin, with the same rows."""
    tables = [rollback_rounds.Table(r, case.server.engine, f"t{i}") for i in range(r.randint(1, 3))]
    sessions = [rollback_rounds.Session(r, own, tables) for own in rollback_rounds.OWNERS]
    fill = [session.insert() for session in sessions for _ in range(3)]
    for name in (database, database + "_twin"):
        case.server.sql(f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET utf8mb4")
        with case.connect(name) as connection:
            for statement in [table.create() for table in tables] + fill:
                execute(connection, statement)
    return tables, sessions


def run_change(case, database, sessions, r):
    """Sessions of both databases by turns; the change is A's. Gives the thread and the GTIDs of the change."""
    gtids = []
    own = options_of(r, case.server.engine)
    log = case.log()
    connections = {s.own: case.connect(database, *(own if s.own == "A" else ())) for s in sessions}
    twin = case.connect(database + "_twin")
    for connection in (*connections.values(), twin):  # the rows' moments, not the clock's
        execute(connection, "SET timestamp = 1700000000")
    for _ in range(14):
        session = r.choice(sessions)
        group = session.transaction() if r.random() < 0.5 else [session.statement()]
        before = case.gtids()
        for statement in group:
            outcome = execute(connections[session.own], statement)
            if session.own != "A":
                assert execute(twin, statement) == outcome, statement
        after = case.gtids()
        if session.own == "A" and after != before:
            gtids.append((before, after))
    thread = connections["A"].thread_id()
    for connection in (*connections.values(), twin):
        connection.close()
    return log, thread, gtids


def gtid_option(case, pairs):
    if case.server.engine == "mariadb":
        return ",".join(after for _, after in pairs)
    subtracted = [case.server.sql(f"SELECT GTID_SUBTRACT('{after}', '{before}')")[0][0].replace("\n", "") for before, after in pairs]
    return ",".join(subtracted)


@pytest.mark.parametrize("seed", range(SEED, SEED + ROUNDS))
def test_the_change_is_gone_and_nothing_else(case, database, seed):
    r = random.Random(f"{seed} {case.server.engine}")
    tables, sessions = make(case, database, r)
    log, thread, gtids = run_change(case, database, sessions, r)
    expected = content(case, database + "_twin", tables)
    if not gtids:
        return
    by_thread = case.server.engine == "mysql" and r.random() < 0.5
    chosen = ["--thread-id", thread] if by_thread else ["--gtid", gtid_option(case, gtids)]
    mode = MODES[seed % 3]
    schema = case.schema(database, [table.name for table in tables])
    done = case.rollback("--binlog", log, *chosen, "--schema", schema, "--mode", mode)
    if done.returncode == 3 and b"no row of such a change" in done.stderr:
        assert content(case, database, tables) == expected
        return
    assert done.returncode == 0, done.stderr.decode()
    applied = case.apply(done.stdout)
    (case.folder / "rollback.sql").write_bytes(done.stdout)
    assert applied.returncode == 0, f"{case.folder}: {applied.stderr.decode()}"
    rows, sums = content(case, database, tables)
    for table in tables:
        assert rows[table.name] == expected[0][table.name], f"{table.create()} in {case.folder}"
    assert sums == expected[1], [table.create() for table in tables]
    case.server.sql(f"DROP DATABASE {database}_twin")


# --- named cases -------------------------------------------------------------------------------------------------------------------


def change(case, database, definition, before, statements, after=()):
    """Makes a table `t` and runs a change and what comes after it; the file of the log and the GTIDs of the change."""
    with case.connect(database) as connection:
        for statement in (definition, *before):
            assert execute(connection, statement) == 0, statement
        log = case.log()
        first = case.gtids()
        for statement in statements:
            assert execute(connection, statement) == 0, statement
        gtids = gtid_option(case, [(first, case.gtids())])
        for statement in after:
            assert execute(connection, statement) == 0, statement
    return log, gtids


def refused(done, *words):
    assert done.returncode == 3, done.stdout.decode() + done.stderr.decode()
    assert b"UPDATE" not in done.stdout and b"INSERT" not in done.stdout
    for word in words:
        assert word in done.stderr.decode(), done.stderr.decode()


T = "CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(20))"
ROWS = ("INSERT INTO t VALUES (1, 10, 'x'), (2, 20, 'y'), (3, 30, 'z')",)


def rows_of(case, database):
    return case.server.sql(f"SELECT * FROM {database}.t ORDER BY 1, 2")


@pytest.mark.parametrize("mode", ["sql", "exact"])
def test_a_row_that_was_changed_since_is_a_conflict(case, database, mode):
    log, gtids = change(case, database, T, ROWS, ["UPDATE t SET a = a + 1"], ["UPDATE t SET a = 99 WHERE id = 2"])
    held = rows_of(case, database)
    done = case.rollback("--binlog", log, "--gtid", gtids, "--mode", mode, "--schema", case.schema(database, ["t"]))
    assert done.returncode == 0, done.stderr
    applied = case.apply(done.stdout)
    assert applied.returncode != 0 and b"1242" in applied.stderr
    assert rows_of(case, database) == held


def test_another_column_that_was_changed_since_stays(case, database):
    log, gtids = change(case, database, T, ROWS, ["UPDATE t SET a = a + 1"], ["UPDATE t SET b = 'later' WHERE id = 2"])
    done = case.rollback("--binlog", log, "--gtid", gtids, "--mode", "sql", "--schema", case.schema(database, ["t"]))
    assert case.apply(done.stdout).returncode == 0
    assert rows_of(case, database) == ((1, 10, "x"), (2, 20, "later"), (3, 30, "z"))


def test_rollback_of_the_rollback(case, database):
    log, gtids = change(case, database, T, ROWS, ["BEGIN", "UPDATE t SET id = id + 1 ORDER BY id DESC", "DELETE FROM t WHERE id = 3", "COMMIT"])
    changed = rows_of(case, database)
    for _ in range(4):
        done = case.rollback("--binlog", log, "--gtid", gtids, "--mode", "sql", "--schema", case.schema(database, ["t"]))
        assert done.returncode == 0, done.stderr
        log, before = case.log(), case.gtids()
        assert case.apply(done.stdout).returncode == 0
        gtids = gtid_option(case, [(before, case.gtids())])
    assert rows_of(case, database) == changed


def test_statements_in_the_change_are_refused(case, database):
    log, gtids = change(case, database, T, ROWS, ["DELETE FROM t WHERE id = 1", "TRUNCATE TABLE t"])
    if case.server.engine == "mariadb":
        gtids = ",".join(f"0-{case.server.sql('SELECT @@server_id')[0][0]}-{int(gtids.rsplit('-', 1)[1]) - n}" for n in (1, 0))
    refused(case.rollback("--binlog", log, "--gtid", gtids), "logged as text", "TRUNCATE")


@pytest.mark.parametrize("statement", ["TRUNCATE TABLE t", "DROP TABLE t", "RENAME TABLE t TO t2", "ALTER TABLE t RENAME TO t3"])
def test_a_table_that_is_gone_is_refused(case, database, statement):
    log, gtids = change(case, database, T, ROWS, ["DELETE FROM t WHERE id = 1"], [statement])
    refused(case.rollback("--binlog", log, "--gtid", gtids), "after the change its table")


def test_a_table_altered_since_needs_its_definition(case, database):
    log, gtids = change(case, database, T, ROWS, ["UPDATE t SET b = 'q' WHERE id < 3", "DELETE FROM t WHERE id = 3"][:1],
                        ["ALTER TABLE t ADD COLUMN c INT DEFAULT 5 AFTER id, MODIFY a BIGINT"])
    refused(case.rollback("--binlog", log, "--gtid", gtids), "altered", "--schema")
    schema = case.schema(database, ["t"])
    refused(case.rollback("--binlog", log, "--gtid", gtids, "--mode", "exact", "--schema", schema), "was altered")
    done = case.rollback("--binlog", log, "--gtid", gtids, "--schema", schema)
    assert done.returncode == 0, done.stderr
    assert case.apply(done.stdout).returncode == 0
    assert rows_of(case, database) == ((1, 5, 10, "x"), (2, 5, 20, "y"), (3, 5, 30, "z"))


def test_a_column_that_became_narrower_is_refused(case, database):
    log, gtids = change(case, database, "CREATE TABLE t (id INT PRIMARY KEY, a DECIMAL(10,4), b DATETIME(6))",
                        ["INSERT INTO t VALUES (1, 1.2345, '2024-01-01 00:00:00.123456')"], ["UPDATE t SET a = 2"], ["ALTER TABLE t MODIFY a DECIMAL(10,2)"])
    refused(case.rollback("--binlog", log, "--gtid", gtids, "--schema", case.schema(database, ["t"])), "`a`", "not that of the log")


def test_a_partial_row_image_is_refused(case, database):
    scope = "SESSION"
    log, gtids = change(case, database, T, ROWS, [f"SET {scope} binlog_row_image = 'MINIMAL'", "UPDATE t SET a = 5"]) if is_admin(case) else (None, None)
    if log is None:
        pytest.skip("the tests' account may not set binlog_row_image")
    for mode in ("sql", "exact"):
        done = case.rollback("--binlog", log, "--gtid", gtids, "--mode", mode, "--schema", case.schema(database, ["t"]))
        assert done.returncode == 3 and b"binlog_row_image" in done.stderr
        assert b"COMMIT" not in done.stdout


def is_admin(case):
    with case.connect(None) as connection:
        return execute(connection, "SET SESSION binlog_row_image = 'MINIMAL'") == 0


def test_triggers_fire_once(case, database):
    log, gtids = change(case, database, T, ("CREATE TABLE seen (id INT, a INT)", *ROWS,
                                            "CREATE TRIGGER tr AFTER UPDATE ON t FOR EACH ROW INSERT INTO seen VALUES (NEW.id, NEW.a)"), ["UPDATE t SET a = a + 1"])
    schema = case.schema(database, ["t", "seen"])
    text = case.server.sql(f"SHOW CREATE TRIGGER {database}.tr")[0][2]
    schema.write_text(schema.read_text() + f"DELIMITER //\n{text}//\nDELIMITER ;\n")
    refused(case.rollback("--binlog", log, "--gtid", gtids, "--mode", "sql", "--schema", schema), "triggers", "exact")
    done = case.rollback("--binlog", log, "--gtid", gtids, "--schema", schema)
    assert done.returncode == 0 and b"exact mode" in done.stderr
    assert case.apply(done.stdout).returncode == 0
    assert rows_of(case, database) == ((1, 10, "x"), (2, 20, "y"), (3, 30, "z"))
    assert case.server.sql(f"SELECT COUNT(*) FROM {database}.seen") == ((0,),)


@pytest.mark.parametrize("mode", ["sql", "exact"])
def test_cascades_are_undone_or_refused(case, database, mode):
    child = "CREATE TABLE child (id INT PRIMARY KEY, t_id INT, FOREIGN KEY (t_id) REFERENCES t (id) ON DELETE CASCADE ON UPDATE CASCADE)"
    log, gtids = change(case, database, T, (child, *ROWS, "INSERT INTO child VALUES (7, 1), (8, 2), (9, 3)"),
                        ["UPDATE t SET id = 100 WHERE id = 1", "DELETE FROM t WHERE id = 2"])
    if case.server.engine == "mariadb":
        gtids = ",".join(f"0-{case.server.sql('SELECT @@server_id')[0][0]}-{int(gtids.rsplit('-', 1)[1]) - n}" for n in (1, 0))
    done = case.rollback("--binlog", log, "--gtid", gtids, "--mode", mode, "--schema", case.schema(database, ["t", "child"]))
    if case.server.engine == "mariadb":
        refused(done, "child", "does not log")
        return
    assert done.returncode == 0, done.stderr
    applied = case.apply(done.stdout)
    assert applied.returncode == 0, applied.stderr
    assert rows_of(case, database) == ((1, 10, "x"), (2, 20, "y"), (3, 30, "z"))
    assert case.server.sql(f"SELECT * FROM {database}.child ORDER BY 1") == ((7, 1), (8, 2), (9, 3))


def test_prepared_transactions(case, database):
    statements = ["XA START 'one'", "UPDATE t SET a = 0 WHERE id = 1", "XA END 'one'", "XA PREPARE 'one'", "XA ROLLBACK 'one'",
                  "XA START 'two'", "UPDATE t SET a = 0 WHERE id = 2", "XA END 'two'", "XA PREPARE 'two'", "XA COMMIT 'two'"]
    log, _ = change(case, database, T, ROWS, statements)
    done = case.rollback("--binlog", log, "--mode", "sql")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(b"UPDATE `") == 1
    assert case.apply(done.stdout).returncode == 0
    assert rows_of(case, database) == ((1, 10, "x"), (2, 20, "y"), (3, 30, "z"))


def test_wrong_use_and_what_is_not_there(case, database, tmp_path):
    log, gtids = change(case, database, T, ROWS, ["UPDATE t SET a = 0"])
    assert case.rollback().returncode == 2
    assert case.rollback("--binlog", log, "--gtid", "nonsense").returncode == 2
    assert case.rollback("--binlog", log, "--table", "t").returncode == 2
    assert case.rollback("--binlog", log, "--start-datetime", "yesterday").returncode == 2
    refused(case.rollback("--binlog", tmp_path / "absent"), "absent")
    other = "00000000-0000-0000-0000-000000000001:7" if case.server.engine == "mysql" else "9-9-9"
    refused(case.rollback("--binlog", log, "--gtid", other), other)
    refused(case.rollback("--binlog", log, "--start-datetime", "2099-01-01 00:00:00"), "no row of such a change")
    if case.server.engine == "mariadb":
        refused(case.rollback("--binlog", log, "--thread-id", 1), "no thread")
    else:
        refused(case.rollback("--binlog", log, "--thread-id", 4294967295), "--thread-id")
    damaged = bytearray(log.read_bytes())
    damaged[-200] ^= 1
    (tmp_path / "damaged").write_bytes(damaged)
    refused(case.rollback("--binlog", tmp_path / "damaged", "--mode", "exact"), "checksum", "position")
    (tmp_path / "text").write_text("not a log at all")
    refused(case.rollback("--binlog", tmp_path / "text"), "no binary log file")


def test_positions_and_tables_select(case, database):
    log, _ = change(case, database, T, (*ROWS, "CREATE TABLE u (id INT PRIMARY KEY)"),
                    ["UPDATE t SET a = 11 WHERE id = 1", "INSERT INTO u VALUES (1)", "UPDATE t SET a = 12 WHERE id = 1"])
    done = case.rollback("--binlog", log, "--mode", "sql", "--table", f"{database}.t")
    assert done.stdout.count(b"UPDATE `") == 2 and b"DELETE" not in done.stdout
    events = case.server.sql(f"SHOW BINLOG EVENTS IN '{log.name}'")
    starts = [row[1] for row in events if row[2].lower().startswith(("gtid", "anonymous")) and row[2].lower() != "gtid_list"]
    assert len(starts) == 3
    done = case.rollback("--binlog", log, "--mode", "sql", "--start-position", starts[1], "--stop-position", starts[2])
    assert done.stdout.count(b"DELETE FROM") == 1 and b"UPDATE `" not in done.stdout
    inside = next(row[1] for row in events if row[2].startswith(("Update_rows", "Write_rows")))
    refused(case.rollback("--binlog", log, "--mode", "sql", "--start-position", inside), "table map")
