"""Steps 1 to 6 of the tutorial over HTTP only, on both engines and both stores: from the first person to the history entry with its schema diff."""

import pytest

import admin
import harness
from admin import ask, explain, resolve, settled, tasks_of


@pytest.fixture(scope="module")
def postgres():
    if not (admin.Postgres.BIN / "initdb").exists():
        pytest.skip("PostgreSQL 15 cannot be had on this machine")
    found = admin.Postgres()
    found.start()
    yield found
    found.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def workspace(request, tmp_path):
    store = request.getfixturevalue("postgres").new_database() if request.param == "postgres" else ""
    with admin.Workspace(tmp_path / "sluice", store) as running:
        yield running


@pytest.fixture
def name(server, request):
    """Of a database that is not there before the test, and not after it."""
    found = "tutorial_" + "".join(c if c.isalnum() else "_" for c in request.node.name)[-40:]
    server.sql(f"DROP DATABASE IF EXISTS {found}")
    yield found
    server.sql(f"DROP DATABASE IF EXISTS {found}")


def test_steps_1_to_6(server, workspace, name):
    w = workspace
    w.set_up()  # step 1: the Workspace Owner
    assert w.get("/api/v1/me")["role"] == "owner"
    instance = w.add_instance(server, "Amazon Aurora MySQL")  # step 2, in Test
    project = w.post("/api/v1/projects", {"name": "TestAurora", "key": "TAR", "mode": "standard"}).json  # step 3

    # Step 4: a database, made by an issue that runs by itself.
    made = ask(w, project["id"], "database.create", f"Create {name}",
               [{"instance": instance["id"], "name": name, "character_set": "utf8mb4", "collation": "utf8mb4_general_ci"}])
    assert made["status"] == "open" and made["stages"][0]["environment"]["name"] == "Test"
    made = settled(w, made)
    database = tasks_of(made)[0]["database"]["id"]
    assert database and {c["kind"] for c in tasks_of(made)[0]["checks"]} >= {"connection", "walk_through"}
    resolve(w, made)

    # Step 5: a table; its task checks, among them SQL review; the change's schema diff.
    table = ask(w, project["id"], "schema.update", "Create t1", [{"database": database}],
                "CREATE TABLE t1 (\n  id INT NOT NULL PRIMARY KEY,\n  name VARCHAR(64) NOT NULL DEFAULT ''\n);")
    table = settled(w, table)
    assert {c["kind"] for c in tasks_of(table)[0]["checks"]} >= {"connection", "syntax", "sql_review", "walk_through", "privileges"}
    resolve(w, table)
    change = w.get(f"/api/v1/changes/{tasks_of(table)[0]['change']}").json
    assert change["status"] == "done" and change["type"] == "schema.update" and change["actor"] == "ada@example.org"
    assert "t1" not in change["schema_before"] and "CREATE TABLE `t1`" in change["schema_after"]
    assert "+CREATE TABLE `t1`" in change["diff"] and not any(line.startswith("-CREATE") for line in change["diff"].splitlines())
    assert change["binlog"]["before"]["file"] and change["binlog"]["after"]["position"] > change["binlog"]["before"]["position"]
    assert change["gtids"] and change["thread_id"] > 0

    # Step 6: some data, which is there.
    data = ask(w, project["id"], "data.update", "Add data", [{"database": database}], "INSERT INTO\n  t1\nVALUES\n  (1, 'Adela');")
    data = settled(w, data)
    resolve(w, data)
    assert server.sql(f"SELECT id, name FROM {name}.t1") == ((1, "Adela"),)
    change = w.get(f"/api/v1/changes/{tasks_of(data)[0]['change']}").json
    assert change["affected_rows"] == 1 and change["schema_before"] == change["schema_after"] and change["diff"] == ""
    assert [s["state"] for s in change["statements"]] == ["done"]

    history = w.get(f"/api/v1/changes?database={database}")["items"]
    assert [c["type"] for c in history] == ["data.update", "schema.update", "database.create"]
    assert [i["status"] for i in w.get(f"/api/v1/issues?project={project['id']}")["items"]] == ["done"] * 3


def test_prod_waits_for_somebody_else_and_a_review_finds_first(server, workspace, name):
    w = workspace
    w.set_up()
    _, other = w.add_user("Grace", "dba")
    instance = w.add_instance(server, "prod", "Prod")
    made = ask(w, "DEFAULT", "database.create", "Create it", [{"instance": instance["id"], "name": name}])
    path = f"/api/v1/issues/{made['id']}"
    harness.wait_for(lambda: tasks_of(w.get(path).json)[0]["checks_status"] not in ("not_run", "running"), "the checks")
    assert "author" in w.post(f"{path}/approve", None, expect=409)["detail"]
    assert w.get(path).json["approval"]["status"] == "pending"
    w.post(f"{path}/approve", None, expect=200, token=other)
    database = tasks_of(settled(w, made))[0]["database"]["id"]
    found = w.post("/api/v1/review", {"database": database, "statement": "CREATE TABLE x (a INT);\nALTER TABLE nowhere ADD b INT"}, expect=200)
    assert any(f["rule"] == "statement.walk-through" and f["line"] == 2 for f in found["findings"]), found.json


def test_a_killed_program_ends_its_tasks_at_the_next_start(server, workspace, name):
    """SIGKILL while a statement runs; the same workspace started again ends the task once."""
    w = workspace
    w.set_up()
    instance = w.add_instance(server)
    made = ask(w, "DEFAULT", "database.create", "Create it", [{"instance": instance["id"], "name": name}])
    database = tasks_of(settled(w, made))[0]["database"]["id"]
    table = ask(w, "DEFAULT", "schema.update", "t", [{"database": database}], "CREATE TABLE t (id INT NOT NULL PRIMARY KEY, n INT NOT NULL DEFAULT 0)")
    settled(w, table)

    def runs():
        for task in tasks_of(w.get(f"/api/v1/issues/{data['id']}").json):
            if task["status"] == "pending_approval" and task["checks_status"] == "warning":
                w.call("POST", f"/api/v1/tasks/{task['id']}/run")
        return server.sql("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '/* sluice task=%' AND info LIKE '%VALUES (1, 77)%'")[0][0]

    with harness.row_held(server, name, "t", 1):
        data = ask(w, "DEFAULT", "data.update", "slow", [{"database": database}],
                   "INSERT INTO t (id, n) VALUES (1, 77); INSERT INTO t (id, n) VALUES (2, 2)")
        harness.wait_for(runs, "the statement to run", lambda: str(explain(w.get(f"/api/v1/issues/{data['id']}").json)))
        w.kill()
    w.start()
    harness.wait_for(w.answers, "the next start", w.explain)
    ended = settled(w, data)
    assert server.sql(f"SELECT GROUP_CONCAT(id ORDER BY id) FROM {name}.t") == (("1,2",),)
    assert len(w.get(f"/api/v1/changes?issue={data['id']}")["items"]) == 1
    assert tasks_of(ended)[0]["attempts"] == 1
