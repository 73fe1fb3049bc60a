"""`sluice rollback --binlog`: the named cases of what is undone, what is refused, and why. Random changes: test_rollback_property.py."""

import pytest

from rollback_case import Case, execute, gtid_option


@pytest.fixture
def case(server, tmp_path):
    return Case(server, tmp_path)


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


def test_the_log_is_read_from_the_server(case, database):
    """With the tables as they are now, read from there, too."""
    log, gtids = change(case, database, T, ROWS, ["UPDATE t SET a = a + 1"], ["INSERT INTO t VALUES (4, 40, 'later')"])
    server = case.server
    url = f"mysql://{server.root_user}@{server.host}:{server.port}"
    password = {"SLUICE_PASSWORD": server.root_password}
    files = case.rollback("--binlog", log, "--gtid", gtids, "--mode", "sql", "--schema", case.schema(database, ["t"]))
    for options in (("--start-file", log.name), ("--start-file", log.name, "--start-position", 4, "--stop-file", log.name), ()):
        done = case.rollback("--url", url, "--gtid", gtids, "--mode", "sql", *options, environment=password)
        assert done.returncode == 0, done.stderr
        assert done.stdout == files.stdout
    assert case.apply(done.stdout).returncode == 0
    assert rows_of(case, database) == ((1, 10, "x"), (2, 20, "y"), (3, 30, "z"), (4, 40, "later"))
    refused(case.rollback("--url", url, "--start-file", "none.000001", environment=password), "binary log cannot be read")
    assert case.rollback("--url", url, "--binlog", log, environment=password).returncode == 2
    assert case.rollback("--url", url, "--start-position", 9, environment=password).returncode == 2
    assert case.rollback("--url", url + "/" + database, environment=password).returncode == 2
    refused(case.rollback("--url", url, environment={"SLUICE_PASSWORD": "wrong"}), "Access denied")
