"""What the gate recorded of a client's session is rolled back like a change of an issue: over the API, and by CALL sluice.rollback()."""

import pytest

import admin
import gated
import harness


@pytest.fixture
def gate(server, tmp_path, database):
    with admin.Workspace(tmp_path / "sluice") as running:
        found = gated.Gated(server, running)
        found.sync()
        for environment in ("Test", "Prod"):
            found.rules(environment)
        yield found


def run(gate, issue):
    """The rollback issue's task is checked, approved and done."""
    path = f"/api/v1/issues/{issue}"
    tasks = lambda: [task for stage in gate.w.get(path)["stages"] for task in stage["tasks"]]  # noqa: E731
    harness.wait_for(lambda: all(t["checks_status"] not in ("not_run", "running") for t in tasks()), "the checks")
    assert all(t["status"] == "pending_approval" for t in tasks()), tasks()
    gate.w.post(f"{path}/approve", None, expect=200)
    harness.wait_for(lambda: all(t["status"] == "done" for t in tasks()), "the rollback", lambda: str(tasks()))


def rows(gate, database):
    return gate.server.sql(f"SELECT id, n FROM {database}.t ORDER BY id")


def test_a_recorded_change_of_a_session_is_rolled_back(gate, database):
    gate.sql("app", "test", "CREATE TABLE t (id INT PRIMARY KEY, n INT)", database)
    gate.sql("app", "test", "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)", database)
    with gate.connect("ada", "test", database) as connection, connection.cursor() as cursor:
        for text in ("BEGIN", "UPDATE t SET n = n * 10 WHERE id <= 2", "DELETE FROM t WHERE id = 3", "COMMIT"):
            cursor.execute(text)
    changed = rows(gate, database)
    assert changed == ((1, 10), (2, 20))
    change = gate.history(database)[0]["change"]
    shown = gate.w.get(f"/api/v1/changes/{change}/rollback")
    assert shown["possible"] and shown["tasks"][0]["row_count"] == 3, shown.json
    made = gate.w.post(f"/api/v1/changes/{change}/rollback", None)
    assert made["type"] == "data.rollback"
    run(gate, made["id"])
    assert rows(gate, database) == ((1, 1), (2, 2), (3, 3))

    # The rollback has an issue, so a client can ask for its rollback.
    answer = gate.sql("ada", "test", f"CALL sluice.rollback({made['id']})")
    assert answer[0]["status"] == "pending_approval" and "/issues/" in answer[0]["url"], answer
    run(gate, int(answer[0]["issue"]))
    assert rows(gate, database) == changed
    # DDL is no change of data.
    ddl = [entry for entry in gate.history(database) if entry["type"] == "schema.update"][0]["change"]
    refused = gate.w.call("GET", f"/api/v1/changes/{ddl}/rollback")
    assert refused.status == 409 and "Only changes of data" in refused["detail"], refused.text


def test_an_accounts_changes_of_a_time_are_rolled_back_together(gate, database):
    gate.sql("app", "test", "CREATE TABLE t (id INT PRIMARY KEY, n INT)", database)
    gate.sql("app", "test", "INSERT INTO t VALUES (1, 1), (2, 2)", database)
    for text in ("UPDATE t SET n = 10 WHERE id = 1", "UPDATE t SET n = 11 WHERE id = 1", "INSERT INTO t VALUES (3, 3)"):
        gate.sql("ada", "test", text, database)
    instance = [c for c in gate.w.get("/api/v1/changes")["items"] if c["type"] == "data.update"][0]["instance"]["id"]
    made = gate.w.post("/api/v1/rollbacks", {"instance": instance, "account": "ada"})
    run(gate, made["id"])
    assert rows(gate, database) == ((1, 1), (2, 2))
