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


@pytest.mark.parametrize("statement", ["UPDATE t SET a = 5", "INSERT INTO t (a) VALUES (5)", "INSERT INTO t (id) VALUES (9)", "DELETE FROM t WHERE id = 2"])
def test_a_partial_row_image_is_refused(case, database, statement):
    table = "CREATE TABLE t (id INT NOT NULL DEFAULT 7 PRIMARY KEY, a INT, b VARCHAR(20) DEFAULT 'b')"
    if not is_admin(case):
        pytest.skip("the tests' account may not set binlog_row_image")
    log, gtids = change(case, database, table, ROWS, ["SET SESSION binlog_row_image = 'MINIMAL'", statement])
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


def by_url(case):
    server = case.server
    url = f"mysql://{server.root_user}@{server.host}:{server.port}"
    return lambda *options: case.rollback("--url", url, *options, environment={"SLUICE_PASSWORD": server.root_password})


@pytest.mark.parametrize("mode", ["sql", "exact"])
def test_rows_that_were_changed_since_are_listed(case, database, mode):
    log, gtids = change(case, database, T, (*ROWS, "INSERT INTO t VALUES (4, 40, NULL), (5, 50, 'v'), (6, 60, 'w')"),
                        ["BEGIN", "UPDATE t SET a = a + 1 WHERE id <= 4", "DELETE FROM t WHERE id = 5", "INSERT INTO t VALUES (7, 70, 'new')", "COMMIT"],
                        ["UPDATE t SET a = 99 WHERE id = 2", "DELETE FROM t WHERE id = 3", "INSERT INTO t VALUES (5, 0, 'taken')",
                         "UPDATE t SET b = 'later' WHERE id = 4"])
    held = rows_of(case, database)
    rollback = by_url(case)
    options = ("--start-file", log.name, "--gtid", gtids, "--mode", mode)
    done = rollback(*options)
    assert done.returncode == 1 and done.stdout == b"", done.stderr
    listed = [line for line in done.stderr.decode().splitlines() if line.startswith("conflict: ")]
    t = f"conflict: `{database}`.`t`"
    expected = [f"{t} (`id`='5'): the change deleted the row; now there is `id`='5', `a`='0', `b`='taken'",
                f"{t} (`id`='3'): the change left `id`='3', `a`='31', `b`='z'; now there is no such row",
                f"{t} (`id`='2'): the change left `a`='21'; now `a`='99'"]
    if mode == "exact":  # whole rows come back, so that another column counts, too
        expected.insert(1, f"{t} (`id`='4'): the change left `b`=NULL; now `b`='later'")
    assert listed == expected, done.stderr
    assert b"--conflicts leave" in done.stderr
    assert rows_of(case, database) == held

    done = rollback(*options, "--conflicts", "leave")
    assert done.returncode == 1 and b"conflict: " in done.stderr, done.stderr
    applied = case.apply(done.stdout)
    assert applied.returncode == 0, applied.stderr
    fourth = (4, 40, "later") if mode == "sql" else (4, 41, "later")
    assert rows_of(case, database) == ((1, 10, "x"), (2, 99, "y"), fourth, (5, 0, "taken"), (6, 60, "w"))


def test_a_conflict_of_a_table_without_a_key(case, database):
    log, gtids = change(case, database, "CREATE TABLE t (a INT, b VARCHAR(20))", ("INSERT INTO t VALUES (1, 'x'), (2, 'y')",),
                        ["UPDATE t SET b = 'z'"], ["UPDATE t SET b = 'other' WHERE a = 2"])
    done = by_url(case)("--start-file", log.name, "--gtid", gtids)
    assert done.returncode == 1 and done.stdout == b"", done.stderr
    assert f"conflict: `{database}`.`t`: the change left `a`='2', `b`='z'; no row is like it now" in done.stderr.decode()
    assert case.rollback("--binlog", log, "--conflicts", "leave").returncode == 2


@pytest.fixture
def small_packets(server):
    """A server that takes statements of a mebibyte at most, from new sessions."""
    if not server.pid:
        pytest.skip("max_allowed_packet is changed on a server that this run started")
    before = server.sql("SELECT @@GLOBAL.max_allowed_packet")[0][0]
    yield lambda: server.sql("SET GLOBAL max_allowed_packet = 1048576")
    server.sql(f"SET GLOBAL max_allowed_packet = {before}")


@pytest.mark.parametrize("mode", ["sql", "exact"])
def test_statements_stay_under_the_servers_max_allowed_packet(case, database, small_packets, mode):
    values = ", ".join(f"({i}, REPEAT(CHAR({i} + 64), 90000))" for i in range(1, 21))
    log, gtids = change(case, database, "CREATE TABLE t (id INT PRIMARY KEY, a LONGBLOB)", (f"INSERT INTO t VALUES {values}",),
                        ["BEGIN", "UPDATE t SET a = REPEAT('y', 90000) WHERE id <= 15", "DELETE FROM t WHERE id > 15",
                         "INSERT INTO t SELECT id + 100, a FROM t", "COMMIT"])
    small_packets()
    rollback = by_url(case)
    done = rollback("--start-file", log.name, "--gtid", gtids, "--mode", mode)
    assert done.returncode == 0, done.stderr
    longest = max(map(len, done.stdout.split(b";\n")))
    assert 500_000 < longest < 1_048_576 - 1000
    applied = case.apply(done.stdout)
    assert applied.returncode == 0, applied.stderr
    assert case.server.sql(f"SELECT COUNT(*), SUM(a = REPEAT(CHAR(id + 64), 90000)) FROM {database}.t") == ((20, 20),)


@pytest.mark.parametrize("mode", ["sql", "exact"])
def test_a_row_larger_than_max_allowed_packet_is_refused(case, database, small_packets, mode):
    log, gtids = change(case, database, "CREATE TABLE t (id INT PRIMARY KEY, a LONGBLOB)", ("INSERT INTO t VALUES (1, 'x')",),
                        ["UPDATE t SET a = REPEAT('y', 1000000)"])
    small_packets()
    done = by_url(case)("--start-file", log.name, "--gtid", gtids, "--mode", mode)
    refused(done, "max_allowed_packet (1048576 bytes)", "Set max_allowed_packet to")
    assert b"COMMIT" not in done.stdout


def stops_until_the_newer_child_goes(case, database, done, parent):
    """Child 2, which came since and refers to `parent`, stops the rollback and stays; without it everything is undone."""
    assert done.returncode == 0, done.stderr
    applied = case.apply(done.stdout)
    assert applied.returncode != 0 and b"1242" in applied.stderr, applied.stderr
    assert case.server.sql(f"SELECT * FROM {database}.child ORDER BY 1") == ((1, parent), (2, parent))
    case.server.sql(f"DELETE FROM {database}.child WHERE id = 2")
    applied = case.apply(done.stdout)
    assert applied.returncode == 0, applied.stderr
    assert rows_of(case, database) == ((1, 10, "x"), (2, 20, "y"), (3, 30, "z"))


@pytest.mark.parametrize("mode", ["sql", "exact"])
@pytest.mark.parametrize("action", ["CASCADE", "SET NULL"])
def test_rows_that_came_since_do_not_go_with_those_that_they_refer_to(case, database, mode, action):
    child = f"CREATE TABLE child (id INT PRIMARY KEY, t_id INT, FOREIGN KEY (t_id) REFERENCES t (id) ON DELETE {action})"
    log, gtids = change(case, database, T, (child, *ROWS), ["BEGIN", "INSERT INTO t VALUES (7, 70, 'new')", "INSERT INTO child VALUES (1, 7)", "COMMIT"],
                        ["INSERT INTO child VALUES (2, 7)"])
    done = by_url(case)("--start-file", log.name, "--gtid", gtids, "--mode", mode)
    stops_until_the_newer_child_goes(case, database, done, 7)


@pytest.mark.parametrize("mode", ["sql", "exact"])
def test_rows_that_came_since_are_not_left_behind_by_a_cascade(case, database, mode):
    """Undoing what cascaded goes without the server's checks of foreign keys."""
    child = "CREATE TABLE child (id INT PRIMARY KEY, t_id INT, FOREIGN KEY (t_id) REFERENCES t (id) ON UPDATE CASCADE)"
    log, gtids = change(case, database, T, (child, *ROWS, "INSERT INTO child VALUES (1, 1)"),
                        ["BEGIN", "UPDATE t SET id = 100 WHERE id = 1", "INSERT INTO t VALUES (4, 40, 'q')", "COMMIT"], ["INSERT INTO child VALUES (2, 100)"])
    done = by_url(case)("--start-file", log.name, "--gtid", gtids, "--mode", mode)
    if case.server.engine == "mariadb":
        refused(done, "child", "does not log")
        return
    stops_until_the_newer_child_goes(case, database, done, 100)
    assert case.server.sql(f"SELECT * FROM {database}.child") == ((1, 1),)


@pytest.mark.parametrize("mode", ["sql", "exact"])
def test_long_values_come_back_whole(case, database, mode):
    """MariaDB cuts a value of 64 KiB in a derived table of VALUES."""
    log, gtids = change(case, database, "CREATE TABLE t (id INT PRIMARY KEY, a LONGBLOB, b LONGTEXT)",
                        ("INSERT INTO t VALUES (1, REPEAT('x', 90000), REPEAT('é', 40000)), (2, REPEAT('y', 65536), REPEAT('z', 17000)), (3, 'a', 'b')",),
                        ["UPDATE t SET a = 'short', b = 'too'"])
    done = by_url(case)("--start-file", log.name, "--gtid", gtids, "--mode", mode)
    assert done.returncode == 0, done.stderr
    applied = case.apply(done.stdout)
    assert applied.returncode == 0, applied.stderr
    rows = case.server.sql(f"SELECT a, b FROM {database}.t ORDER BY id")
    assert rows == ((b"x" * 90000, "é" * 40000), (b"y" * 65536, "z" * 17000), (b"a", "b"))
