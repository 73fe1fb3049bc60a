"""What the gate records and reviews, from any client: in the history with who, what and where; and what becomes of it when a process ends."""

import concurrent.futures
import contextlib

import pymysql
import pytest

import admin
import gated
import harness


@pytest.fixture
def workspace(tmp_path):
    with admin.Workspace(tmp_path / "sluice") as running:
        yield running


@pytest.fixture
def gate(server, workspace, database):
    found = gated.Gated(server, workspace)
    found.sync()
    for environment in ("Test", "Prod"):
        found.rules(environment)
    return found


def test_with_the_command_line_client_only(gate, database):
    """DDL in Test runs and is recorded; in Prod it is an issue, which another person approves; the retry answers OK."""
    out, err = gate.client("ada", "test", "CREATE TABLE orders (id INT PRIMARY KEY, total INT);", database)
    assert err == "", err
    out, err = gate.client("ada", "test", f"CALL sluice.history('{database}');")
    assert "ada@example.org" in out and "CREATE TABLE orders" in out and "+CREATE TABLE `orders`" in out, out + err
    gate.no_drift(database)

    statement = "ALTER TABLE orders ADD note VARCHAR(20);"
    out, err = gate.client("ada", "prod", statement, database)
    assert "ERROR 1105 (45000)" in err and f"needs review: http://127.0.0.1:{gate.w.admin_port}/issues/" in err, err
    issue = gate.issue_of(err)
    assert "note" not in str(gate.server.sql(f"SHOW CREATE TABLE {database}.orders"))
    assert f"#{issue} " in gate.client("ada", "prod", statement, database)[1]
    out, err = gate.client("ada", "prod", f"CALL sluice.approve({issue});")
    assert "ERROR" in err, out  # nobody approves their own
    gate.approve(issue)
    gate.wait_for(issue, "done")
    out, err = gate.client("ada", "prod", statement, database)
    assert err == "", err
    assert gate.issue_of(gate.client("ada", "prod", statement, database)[1]) != issue  # once
    entry = gate.history(database, "prod")[0]
    assert entry["person"] == "ada@example.org" and entry["issue"] == str(issue) and entry["gtids"], entry


def test_who_what_and_where(gate, database):
    with gate.connect("app", "test", database, program_name="migrate-tool") as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (id INT PRIMARY KEY, n INT)")
        cursor.execute("ALTER TABLE t ADD INDEX by_n (n)")
        assert cursor.execute("INSERT INTO t VALUES (1, 1)") == 1  # passes: an application's rows are not recorded
    by_app = gate.history(database)
    assert [e["statement"] for e in by_app] == ["ALTER TABLE t ADD INDEX by_n (n)", "CREATE TABLE t (id INT PRIMARY KEY, n INT)"]
    for entry in by_app:
        assert entry["account"] == "app" and entry["person"] == "app" and entry["program"] == "migrate-tool", entry
        assert entry["host"] == "127.0.0.1" and entry["source"] == "proxy" and entry["gtids"] and entry["status"] == "done", entry
    gate.sql("ada", "test", "UPDATE t SET n = 5 WHERE id = 1", database)
    entry = gate.history(database)[0]
    assert entry["type"] == "data.update" and entry["affected_rows"] == "1" and entry["person"] == "ada@example.org"
    change = gate.w.get(f"/api/v1/changes/{entry['change']}").json
    assert change["binlog"]["before"]["position"] < change["binlog"]["after"]["position"] and change["gtids"], change
    assert change["account"] == "ada" and change["client_host"] == "127.0.0.1"
    gate.no_drift(database)


def test_a_transaction_is_one_change_and_a_rollback_none(gate, database):
    gate.sql("app", "test", "CREATE TABLE t (id INT PRIMARY KEY, n INT)", database)
    with gate.connect("ada", "test", database) as connection, connection.cursor() as cursor:
        for text in ("BEGIN", "INSERT INTO t VALUES (1, 1)", "INSERT INTO t VALUES (2, 1)", "COMMIT",
                     "BEGIN", "DELETE FROM t", "ROLLBACK"):
            cursor.execute(text)
    found = gate.history(database)
    assert len(found) == 2 and found[0]["affected_rows"] == "2", found
    assert "INSERT INTO t VALUES (1, 1)" in found[0]["statement"] and "(2, 1)" in found[0]["statement"]


def test_a_rule_at_error_level_refuses_with_its_finding(gate, database):
    gate.rules("Test", **{"table.require-pk": "error"})
    number, message = gate.refused("app", "test", "CREATE TABLE t (id INT)", database)
    assert number == 1105 and "rule table.require-pk" in message, message
    assert gate.server.sql(f"SHOW TABLES IN {database}") == ()
    explained = gate.sql("app", "test", "CALL sluice.explain('CREATE TABLE t (id INT)')", database)
    assert explained[0]["verdict"] == "record" and explained[0]["finding"].startswith("table.require-pk"), explained
    gate.sql("app", "test", "CREATE TABLE t (id INT PRIMARY KEY)", database)


def test_policy_and_freeze_act_at_the_next_statement_of_open_sessions(gate, database):
    with gate.connect("app", "test", database) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (id INT PRIMARY KEY)")
        gate.gate("Test", service={"ddl": "deny"})
        with pytest.raises(pymysql.err.Error, match="gate.ddl"):
            cursor.execute("ALTER TABLE t ADD a INT")
        gate.gate("Test", service={"ddl": "record"})
        cursor.execute("ALTER TABLE t ADD a INT")
        path = f"/api/v1/databases/{gate.database(database)['id']}"
        gate.w.patch(path, {"frozen": True, "freeze_reason": "a release is on"})
        with pytest.raises(pymysql.err.Error, match="a release is on"):
            cursor.execute("ALTER TABLE t ADD b INT")
        with pytest.raises(pymysql.err.Error, match="a release is on"):
            cursor.execute("INSERT INTO t (id) VALUES (1)")
        cursor.execute("SELECT COUNT(*) FROM t")
        gate.w.patch(path, {"frozen": False})
        cursor.execute("ALTER TABLE t ADD b INT")


def test_what_a_routine_or_trigger_does_is_judged(gate, database):
    for text in ("CREATE TABLE t (id INT PRIMARY KEY, n INT)", "CREATE PROCEDURE looks() BEGIN SELECT COUNT(*) FROM t; END",
                 "CREATE PROCEDURE writes() BEGIN DELETE FROM t; END", "CREATE PROCEDURE calls() BEGIN CALL writes(); END",
                 "CREATE FUNCTION bump() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM t; RETURN 1; END",
                 "CREATE VIEW v AS SELECT bump() AS b"):
        gate.sql("app", "test", text, database)
    gate.gate("Test", service={"dml": "deny"})
    gate.sql("app", "test", "CALL looks()", database)
    for text in ("CALL writes()", "CALL calls()", "SELECT bump()", "SELECT * FROM v"):
        assert gate.refused("app", "test", text, database)[0] == 1105, text


def test_a_call_is_recorded_in_its_routines_database(gate, database):
    """By the stock client of each engine, with the result sets that the body gives."""
    gate.sql("app", "test", "CREATE TABLE t (id INT PRIMARY KEY, n INT)", database)
    out, err = gate.client("ada", "test", "DELIMITER //\nCREATE PROCEDURE p(x INT) BEGIN INSERT INTO t VALUES (x, x); UPDATE t SET n = n + 1 WHERE id = x; "
                           "SELECT COUNT(*) AS c FROM t; END//\nDELIMITER ;\nCALL p(1);\nBEGIN;\nCALL p(2);\nCOMMIT;\n", database)
    assert (out, err) == ("c\n1\nc\n2\n", "")
    out, err = gate.client("ada", "test", f"CALL {database}.p(3);")
    assert (out, err) == ("c\n3\n", "")
    recorded = [(e["type"], e["statement"].rsplit(".", 1)[-1]) for e in gate.history(database)][:3]
    assert recorded == [("data.update", "p(3)"), ("data.update", "CALL p(2)"), ("data.update", "CALL p(1)")], gate.history(database)
    # The rows of its body are undone like any others; MariaDB names only the last of its transactions.
    change = gate.history(database)[0]["change"]
    shown = gate.w.get(f"/api/v1/changes/{change}/rollback")
    assert shown["possible"] is (gate.server.engine == "mysql"), shown.json
    assert not shown["possible"] or shown["tasks"][0]["row_count"] == 2, shown.json
    # Where it is reviewed, it does not run.
    assert "needs review" in gate.client("ada", "prod", "CALL p(4);", database)[1]
    assert gate.server.sql(f"SELECT COUNT(*) FROM {database}.t") == ((3,),)


def test_break_glass_is_recorded_and_filed(gate, database):
    gate.sql("app", "test", "CREATE TABLE t (id INT PRIMARY KEY)", database)
    assert "may not" in gate.refused("ada", "prod", "CALL sluice.break_glass('fire')")[1]
    gate.w.patch(f"/api/v1/accounts/{gate.accounts['ada']}", {"may_break_glass": True})
    with gate.connect("ada", "prod", database) as connection, connection.cursor() as cursor:
        with pytest.raises(pymysql.err.Error, match="needs review"):
            cursor.execute("ALTER TABLE t ADD a INT")
        cursor.execute("CALL sluice.break_glass('the shop is down')")
        cursor.execute("ALTER TABLE t ADD a INT")
        cursor.execute("INSERT INTO t VALUES (1, 1)")
    issues = [i for i in gate.w.get("/api/v1/issues")["items"] if i["title"].startswith("Break-glass")]
    assert len(issues) == 1 and "the shop is down" in issues[0]["title"]
    whole = gate.w.get(f"/api/v1/issues/{issues[0]['id']}").json
    assert [t["status"] for t in whole["stages"][0]["tasks"]] == ["done", "done"]
    assert any(e["action"] == "gate.break_glass" and e["outcome"] == "done" for e in gate.w.get("/api/v1/audit")["items"])


@pytest.mark.parametrize("form", ["query", "execute"])
def test_sigkill_between_run_and_record(gate, database, form):
    """The statement waits on its server when the proxy is killed, runs, and is found by its tag; what was prepared before, by its session."""
    gate.sql("app", "test", "CREATE TABLE t (id INT PRIMARY KEY)", database)
    blocker = pymysql.connect(host=gate.server.host, port=gate.server.port, user=gate.server.root_user, password=gate.server.root_password,
                              database=database)
    with blocker.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM t")
    waits = lambda: "metadata lock" in str(gate.server.sql("SELECT STATE FROM information_schema.PROCESSLIST"))  # noqa: E731

    def send():
        with contextlib.suppress(pymysql.err.Error):
            if form == "query":
                gate.sql("app", "test", "ALTER TABLE t ADD killed INT", database)
                return
            with gate.connect("app", "test", database) as connection, connection.cursor() as cursor:
                cursor.execute("PREPARE s FROM 'ALTER TABLE t ADD killed INT'")
                cursor.execute("EXECUTE s")

    with concurrent.futures.ThreadPoolExecutor() as pool:
        sent = pool.submit(send)
        harness.wait_for(waits, "the statement to wait", gate.w.explain)
        gate.w.kill()
        sent.result(60)
    blocker.commit()
    blocker.close()
    ran = lambda: "killed" in str(gate.server.sql(f"SHOW CREATE TABLE {database}.t"))  # noqa: E731
    harness.wait_for(lambda: not waits(), "the statement to end")
    with gate.w:
        if ran():
            harness.wait_for(lambda: gate.history(database)[0]["statement"] == "ALTER TABLE t ADD killed INT", "the change to be found",
                             gate.w.explain)
            assert gate.history(database)[0]["status"] == "done"
        else:
            gone = lambda: "did not run" in gate.w.explain() or "before it" in gate.w.explain()  # noqa: E731
            harness.wait_for(gone, "the change to be settled", gate.w.explain)
            assert len(gate.history(database)) == 1
        gate.no_drift(database)


def test_two_hundred_sessions_on_one_table(gate, database):
    gate.sql("app", "test", "CREATE TABLE t (id INT PRIMARY KEY)", database)

    def add(i):
        connection = None
        while connection is None:  # as many at once as the instance's pool has connections; the others try again
            try:
                connection = gate.connect("app", "test", database, connect_timeout=60)
            except pymysql.err.OperationalError as error:
                assert error.args[0] == 1203, error
        with connection, connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE t ADD c{i} INT")

    with concurrent.futures.ThreadPoolExecutor(200) as pool:
        list(pool.map(add, range(200)))
    changes, cursor = [], ""
    while True:
        page = gate.w.get(f"/api/v1/changes?database={gate.database(database)['id']}&limit=100{cursor}").json
        changes += page["items"]
        if not page["next_cursor"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    changes = [c for c in changes if c["type"] == "schema.update"]
    assert len(changes) == 201 and all(c["status"] == "done" for c in changes)
    gate.no_drift(database)


@pytest.fixture(scope="module")
def postgres():
    if not (admin.Postgres.BIN / "initdb").exists():
        pytest.skip("PostgreSQL 15 cannot be had on this machine")
    found = admin.Postgres()
    found.start()
    yield found
    found.stop()


def test_a_store_that_is_away_refuses_changes_and_lets_reads_pass(server, database, postgres, tmp_path):
    with admin.Workspace(tmp_path / "sluice", postgres.new_database()) as workspace:
        gate = gated.Gated(server, workspace)
        gate.sync()
        gate.rules("Test")
        with gate.connect("app", "test", database) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE t (id INT PRIMARY KEY)")
            postgres.run("pg_ctl", "-D", str(postgres.folder / "data"), "-m", "immediate", "stop")
            with pytest.raises(pymysql.err.Error, match="store-unavailable"):
                cursor.execute("ALTER TABLE t ADD a INT")
            cursor.execute("SELECT COUNT(*) FROM t")
            assert cursor.fetchall() == ((0,),)
            cursor.execute("INSERT INTO t VALUES (1)")  # an application's rows pass
            postgres.run("pg_ctl", "-D", str(postgres.folder / "data"), "-w", "-t", "300", "-l", str(postgres.folder / "log"), "-o",
                         f"-c listen_addresses='' -k {postgres.folder} -c fsync=off", "start")

            def again():
                try:
                    cursor.execute("ALTER TABLE t ADD a INT")
                except pymysql.err.Error:
                    return False
                return True

            harness.wait_for(again, "the store to be used again", workspace.explain)
        assert len(gate.history(database)) == 2
        gate.no_drift(database)


def test_the_calls_keep_to_what_the_console_allows(gate, database):
    gate.sql("app", "test", "CREATE TABLE t (id INT PRIMARY KEY)", database)
    issue = gate.issue_of(gate.refused("app", "prod", "DROP TABLE t", database)[1])
    eve, _ = gate.w.add_user("Eve", "developer")
    gate.add_account("eve", "human", eve["id"])
    gate.add_account("other", "service")
    for account in ("eve", "other"):
        assert gate.sql(account, "prod", "CALL sluice.issues()") == []
        for call in (f"issue({issue})", f"approve({issue})", f"reject({issue}, 'no')", f"wait({issue}, 1)"):
            assert "no issue" in gate.refused(account, "prod", f"CALL sluice.{call}")[1], (account, call)
    assert "database" in gate.refused("eve", "prod", f"CALL sluice.history('{database}')")[1]
    assert [row["issue"] for row in gate.sql("app", "prod", "CALL sluice.issues()")] == [str(issue)]
    gate.sql("bob", "prod", f"CALL sluice.reject({issue}, 'we need it')")
    assert "rejected: we need it" in gate.refused("app", "prod", "DROP TABLE t", database)[1]
    status = {row["name"]: row["value"] for row in gate.sql("ada", "prod", "CALL sluice.status()", database)}
    assert status["environment"] == "Prod" and status["person"] == "ada@example.org" and status["verdict.ddl"] == "review"
