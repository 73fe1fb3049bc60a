"""The gate's verdicts between a stock client, the workspace and a real server: held statements, limits of rows, shadow mode, collected issues,
and what becomes of a change when a client, a server or a policy goes away in the middle of it."""

import concurrent.futures
import contextlib
import socket

import pymysql
import pytest

import admin
import gated
import harness

GROUPS = ("dml", "ddl", "opaque")


@pytest.fixture
def workspace(tmp_path):
    with admin.Workspace(tmp_path / "sluice") as running:
        yield running


@pytest.fixture
def gate(server, workspace, database):
    found = gated.Gated(server, workspace)
    server.sql(f"CREATE TABLE {database}.t (id INT PRIMARY KEY, note VARCHAR(50)) ENGINE=InnoDB; "
               f"INSERT INTO {database}.t VALUES (1, 'a'), (2, 'b'), (3, 'c')")
    found.sync()
    for environment in ("Test", "Prod"):
        found.rules(environment)
    return found


def verdicts(gate, verdict, **more):
    row = {group: verdict for group in GROUPS}
    gate.gate("Prod", service=row, human=row, **more)


def columns(gate, database):
    return [row[0] for row in gate.server.sql(f"SHOW COLUMNS FROM {database}.t")]


def cut(connection):
    """As a client that is killed: a close would wait for the thread that reads."""
    connection._sock.shutdown(socket.SHUT_RDWR)


def open_issues(gate):
    return gate.sql("bob", "prod", "CALL sluice.issues()")


def first_issue(gate):
    harness.wait_for(lambda: open_issues(gate), "the issue", gate.w.explain)
    return int(open_issues(gate)[0]["issue"])


def test_a_held_statement_runs_in_its_session_when_somebody_approves(gate, database):
    verdicts(gate, "hold", hold_seconds=120)
    with gate.connect("ada", "prod", database) as connection, connection.cursor() as cursor, concurrent.futures.ThreadPoolExecutor() as pool:
        cursor.execute("SET @note = 'of this session'")
        held = pool.submit(cursor.execute, "UPDATE t SET note = @note WHERE id < 3")
        gate.approve(first_issue(gate))
        assert held.result(60) == 2
    assert gate.server.sql(f"SELECT note FROM {database}.t WHERE id = 2") == (("of this session",),)
    entry = gate.history(database, "prod")[0]
    assert entry["status"] == "done" and entry["person"] == "ada@example.org", entry


def test_a_held_client_that_is_killed_withdraws(gate, database):
    verdicts(gate, "hold", hold_seconds=120)
    connection = gate.connect("ada", "prod", database)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        held = pool.submit(connection.cursor().execute, "ALTER TABLE t ADD gone INT")
        issue = first_issue(gate)
        cut(connection)
        with contextlib.suppress(Exception):
            held.result(60)
    harness.wait_for(lambda: gate.status(issue) == "canceled", "the issue to be canceled", lambda: gate.status(issue))
    assert columns(gate, database) == ["id", "note"]


def test_an_approval_while_the_client_goes_away_runs_at_most_once(gate, database):
    """Whoever wins: the statement ran once and is in the history, or it did not run at all."""
    verdicts(gate, "hold", hold_seconds=120)
    for turn in range(4):
        connection = gate.connect("ada", "prod", database)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            held = pool.submit(connection.cursor().execute, f"INSERT INTO t VALUES ({turn + 10}, 'race')")
            issue = first_issue(gate)
            approved = pool.submit(gate.approve, issue)
            cut(connection)
            for each in (held, approved):
                with contextlib.suppress(Exception):
                    each.result(60)
        harness.wait_for(lambda: gate.status(issue) in ("done", "canceled"), "the issue to end", lambda: gate.status(issue))  # noqa: B023
        rows = gate.server.sql(f"SELECT COUNT(*) FROM {database}.t WHERE id = {turn + 10}")[0][0]
        entries = [e for e in gate.history(database, "prod") if f"({turn + 10}," in e["statement"] and e["status"] == "done"]
        assert rows == len(entries), (turn, rows, entries, gate.status(issue))


def test_more_rows_than_allowed_are_rolled_back(gate, database):
    gate.gate("Test", max_affected_rows=2)
    number, message = gate.refused("app", "test", "DELETE FROM t", database)
    assert number == 1105 and "changed 3 rows, and in Test one may change at most 2" in message
    assert gate.server.sql(f"SELECT COUNT(*) FROM {database}.t")[0][0] == 3
    with gate.connect("ada", "test", database) as connection, connection.cursor() as cursor:
        assert cursor.execute("DELETE FROM t WHERE id < 3") == 2
    assert gate.history(database)[0]["statement"] == "DELETE FROM t WHERE id < 3"


def test_shadow_mode_lets_everything_pass_and_counts_it(gate, database):
    gate.gate("Prod", shadow=True)
    gate.sql("ada", "prod", "ALTER TABLE t ADD seen INT", database)
    assert "seen" in columns(gate, database)
    metrics = gate.w.get("/metrics").text
    assert 'sluice_shadow_verdicts_total{verdict="review"} 1' in metrics, metrics


def test_a_policy_acts_between_prepare_and_execute_and_within_a_transaction(gate, database):
    verdicts(gate, "pass")
    with gate.connect("ada", "prod", database) as connection, connection.cursor() as cursor:
        cursor.execute("PREPARE s FROM 'ALTER TABLE t ADD late INT'")
        cursor.execute("BEGIN")
        cursor.execute("DELETE FROM t WHERE id = 1")
        verdicts(gate, "review")
        with pytest.raises(pymysql.err.Error, match="needs review"):
            cursor.execute("EXECUTE s")
        with pytest.raises(pymysql.err.Error, match="needs review"):
            cursor.execute("DELETE FROM t WHERE id = 2")
        cursor.execute("COMMIT")
    assert columns(gate, database) == ["id", "note"]
    assert gate.server.sql(f"SELECT COUNT(*) FROM {database}.t")[0][0] == 2


def test_the_stock_client_that_connects_makes_no_issue_and_no_history(gate, database):
    """It begins with "select $$", which a server that has dollar quotes does not understand; nor is a slip of the keyboard a change."""
    for instance in ("test", "prod"):
        assert "1" in gate.client("ada", instance, "SELECT 1;", database)[0]
        assert gate.refused("ada", instance, "SELEC 1", database)[0] == 1064
    assert open_issues(gate) == []
    assert gate.history(database) == []


def test_several_statements_become_one_issue(gate, database):
    with gate.connect("ada", "prod", database) as connection, connection.cursor() as cursor:
        cursor.execute("CALL sluice.begin('two columns')")
        cursor.execute("ALTER TABLE t ADD a INT")
        cursor.execute("ALTER TABLE t ADD b INT")
        cursor.execute("CALL sluice.submit()")
        issue = int(cursor.fetchall()[0][0])
    assert columns(gate, database) == ["id", "note"]
    gate.approve(issue)
    gate.wait_for(issue, "done")
    assert columns(gate, database) == ["id", "note", "a", "b"]


def test_a_server_session_that_is_killed_while_a_change_runs(gate, database):
    """The client hears of the loss; the history is told what the server did."""
    blocker = pymysql.connect(host=gate.server.host, port=gate.server.port, user=gate.server.root_user, password=gate.server.root_password,
                              database=database)
    with blocker.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM t")
    waiting = lambda: gate.server.sql("SELECT ID FROM information_schema.PROCESSLIST WHERE STATE LIKE '%metadata lock%'")  # noqa: E731
    with concurrent.futures.ThreadPoolExecutor() as pool:
        sent = pool.submit(gate.refused, "app", "test", "ALTER TABLE t ADD cut INT", database)
        harness.wait_for(waiting, "the statement to wait", gate.w.explain)
        gate.server.sql(f"KILL {waiting()[0][0]}")
        assert sent.result(60)[0] in (1317, 2013, 1927)
    blocker.commit()
    blocker.close()
    assert columns(gate, database) == ["id", "note"]
    settled = lambda: all(e["status"] != "running" for e in gate.history(database))  # noqa: E731
    harness.wait_for(settled, "the change to be settled", lambda: str(gate.history(database)) + gate.w.explain())
    gate.sql("app", "test", "ALTER TABLE t ADD cut INT", database)
    path = f"/api/v1/databases/{gate.database(database)['id']}/scan"
    harness.wait_for(lambda: gate.w.post(path, {}, expect=200)["state"] != "busy", "the lost change to be found out", gate.w.explain)
    gate.no_drift(database)
