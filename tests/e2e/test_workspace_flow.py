"""What a workspace does beyond the tutorial's first steps, over HTTP on both engines: tenants, stages, schedules, edits, roles, checks, cancellation."""

import datetime
import http.client
import json

import pytest

import admin
import harness
import raw
from admin import ask, explain, settled, tasks_of


@pytest.fixture
def workspace(tmp_path):
    with admin.Workspace(tmp_path / "sluice") as running:
        running.set_up()
        yield running


@pytest.fixture
def names(server, request):
    """Names of databases that are not there before the test, and not after it."""
    stem = "flow_" + "".join(c if c.isalnum() else "_" for c in request.node.originalname)[-30:]
    found = [f"{stem}_{n}" for n in range(3)]
    for name in found:
        server.sql(f"DROP DATABASE IF EXISTS {name}")
    yield found
    for name in found:
        server.sql(f"DROP DATABASE IF EXISTS {name}")


TABLE = "CREATE TABLE t (id INT NOT NULL PRIMARY KEY, n INT NOT NULL DEFAULT 0)"


def known(w, server, instance, names):
    """The ids of databases that are made beside Sluice and found by a sync."""
    for name in names:
        server.sql(f"CREATE DATABASE IF NOT EXISTS {name}; USE {name}; {TABLE.replace('TABLE', 'TABLE IF NOT EXISTS', 1)}")
    synced = w.post(f"/api/v1/instances/{instance['id']}/sync", None, expect=200).json["databases"]
    return [next(d["id"] for d in synced if d["name"] == name) for name in names]


def environment(w, name, **settings):
    found = next(e for e in w.get("/api/v1/environments")["items"] if e["name"] == name)
    return w.patch(f"/api/v1/environments/{found['id']}", settings).json


def quiet(w):
    for name in ("Test", "Prod"):
        environment(w, name, review={"*": {"level": "off"}})


def get(w, issue, **more):
    return w.get(f"/api/v1/issues/{issue['id']}", **more).json


def checked(w, issue):
    harness.wait_for(lambda: all(t["checks_status"] not in ("not_run", "running") for t in tasks_of(get(w, issue))), "the checks",
                     lambda: str(explain(get(w, issue))))
    return get(w, issue)


def checks(issue, kind):
    return [c for c in tasks_of(issue)[0]["checks"] if c["kind"] == kind]


def test_one_issue_changes_every_tenant_that_has_the_labels(server, workspace, names):
    w = workspace
    quiet(w)
    ids = known(w, server, w.add_instance(server), names)
    project = w.post("/api/v1/projects", {"name": "Tenants", "key": "TEN", "mode": "tenant"}).json
    for database, labels in zip(ids, ({"tier": "paid", "region": "eu"}, {"tier": "paid"}, {"tier": "free"})):
        moved = w.patch(f"/api/v1/databases/{database}", {"project": "TEN", "labels": labels}).json
        assert moved["project"] == project["id"] and moved["labels"] == labels
    made = ask(w, "TEN", "schema.update", "Add a column", [{"labels": {"tier": "paid"}}], "ALTER TABLE t ADD c INT")
    assert [t["database"]["name"] for t in tasks_of(made)] == names[:2]
    settled(w, made)
    for name, columns in zip(names, (3, 3, 2)):
        assert server.sql(f"SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = '{name}'") == ((columns,),)
    body = {"project": "TEN", "type": "schema.update", "title": "x", "statement": "ALTER TABLE t ADD d INT", "targets": [{"labels": {"tier": "gold"}}]}
    nobody = w.post("/api/v1/issues", body, expect=400)
    assert "no database of the project has them" in nobody.text
    w.patch(f"/api/v1/databases/{ids[0]}", {"project": "DEFAULT"})
    standard = w.post("/api/v1/issues", {**body, "project": "DEFAULT", "targets": [{"labels": {"tier": "paid"}}]}, expect=400)
    assert "tenant mode" in standard.text
    refused = w.post("/api/v1/issues", {**body, "targets": [{"database": ids[0]}]}, expect=400)
    assert "the project has no such database" in refused.text


def test_an_edit_voids_the_approval_and_a_schedule_is_kept(server, workspace, names):
    w = workspace
    quiet(w)
    _, other = w.add_user("Grace", "dba")
    [database] = known(w, server, w.add_instance(server, environment="Prod"), names[:1])

    def scheduled(seconds):
        start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
        made = w.post("/api/v1/issues", {"project": "DEFAULT", "type": "data.update", "title": "later", "targets": [{"database": database}],
                                         "statement": "INSERT INTO t (id) VALUES (1)", "earliest_start": start.isoformat()}).json
        checked(w, made)
        return start, w.post(f"/api/v1/issues/{made['id']}/approve", None, expect=200, token=other).json
    _, tomorrow = scheduled(86400)
    [task] = tasks_of(tomorrow)
    assert task["status"] == "pending" and tomorrow["approval"]["status"] == "approved"
    edited = w.call("PUT", f"/api/v1/tasks/{task['id']}/statement", {"statement": "INSERT INTO t (id) VALUES (2)"}, expect=200).json
    assert tasks_of(edited)[0]["status"] == "pending_approval" and edited["approval"]["status"] == "pending"
    now = checked(w, tomorrow)
    assert tasks_of(now)[0]["status"] == "pending_approval", "what was approved is not what would run"
    assert any(a["kind"] == "edit" for a in now["activity"])
    assert "author" in w.post(f"/api/v1/issues/{tomorrow['id']}/approve", None, expect=409)["detail"]
    again = w.post(f"/api/v1/issues/{tomorrow['id']}/approve", None, expect=200, token=other).json
    assert tasks_of(again)[0]["status"] == "pending"
    start, soon = scheduled(3)
    ended = tasks_of(settled(w, soon))[0]
    assert datetime.datetime.fromisoformat(ended["started_at"].replace("Z", "+00:00")) >= start
    assert server.sql(f"SELECT id FROM {names[0]}.t") == ((1,),), "tomorrow's has not run"


def test_stages_go_in_the_environments_order_and_a_failure_stops_the_next(server, workspace, names):
    w = workspace
    quiet(w)
    _, other = w.add_user("Grace", "dba")
    [first] = known(w, server, w.add_instance(server, "in test", "Test"), names[:1])
    [second] = known(w, server, w.add_instance(server, "in prod", "Prod"), names[1:2])
    server.sql(f"INSERT INTO {names[0]}.t (id) VALUES (7)")
    made = ask(w, "DEFAULT", "data.update", "both", [{"database": second}, {"database": first}], "INSERT INTO t (id) VALUES (7)")
    assert [s["environment"]["name"] for s in made["stages"]] == ["Test", "Prod"]
    path = f"/api/v1/issues/{made['id']}"
    harness.wait_for(lambda: tasks_of(get(w, made))[0]["status"] == "failed", "the first to fail", lambda: str(explain(get(w, made))))
    assert "statement 1 (line 1): 1062" in tasks_of(get(w, made))[0]["reason"]
    checked(w, made)
    w.post(f"{path}/approve", None, expect=409, token=other)
    w.post(f"{path}/resolve", None, expect=409)
    failed = f"/api/v1/tasks/{tasks_of(made)[0]['id']}"
    w.post(f"{failed}/skip", {"reason": ""}, expect=400)
    w.post(f"{failed}/skip", {"reason": "it has the row already"}, expect=200)
    w.post(f"{path}/approve", None, expect=200, token=other)
    harness.wait_for(lambda: tasks_of(get(w, made))[1]["status"] == "done", "the second", lambda: str(explain(get(w, made))))
    assert [t["status"] for t in tasks_of(get(w, made))] == ["skipped", "done"]
    assert w.post(f"{path}/resolve", None, expect=200)["status"] == "done"
    assert server.sql(f"SELECT id FROM {names[1]}.t") == ((7,),)


def test_roles_decide_who_makes_approves_and_runs(server, workspace, names):
    w = workspace
    quiet(w)
    [database] = known(w, server, w.add_instance(server, environment="Prod"), names[:1])
    project = w.post("/api/v1/projects", {"name": "Shop", "key": "SHOP"}).json
    w.patch(f"/api/v1/databases/{database}", {"project": "SHOP"})
    people = {}
    for name, role in (("Olga", "owner"), ("Dev", "developer"), ("Vera", "viewer"), ("Nobody", None)):
        user, people[name] = w.add_user(name, "developer")
        if role:
            w.call("PUT", f"/api/v1/projects/{project['id']}/members", {"user": user["id"], "role": role})
    members = w.get(f"/api/v1/projects/{project['id']}/members")["items"]
    assert sorted(m["role"] for m in members) == ["developer", "owner", "viewer"]
    body = {"project": "SHOP", "type": "data.update", "title": "x", "statement": "INSERT INTO t (id) VALUES (1)", "targets": [{"database": database}]}
    for name, status in (("Vera", 403), ("Nobody", 403), ("Dev", 201)):
        answer = w.call("POST", "/api/v1/issues", body, token=people[name], expect=status)
    made = answer.json
    path = f"/api/v1/issues/{made['id']}"
    checked(w, made)
    assert w.call("GET", path, token=people["Nobody"]).status == 403 and w.call("GET", path, token=people["Vera"]).status == 200
    for name in ("Dev", "Vera", "Nobody"):
        w.post(f"{path}/approve", None, expect=403, token=people[name])
    w.post(f"{path}/comments", {"text": "seen"}, expect=200, token=people["Vera"])
    assert w.post(f"{path}/approve", None, expect=409, token=people["Olga"]).json["detail"], "the environment asks for a DBA"
    environment(w, "Prod", project_owner_may_approve=True)
    w.post(f"{path}/approve", None, expect=200, token=people["Olga"])
    settled(w, made)
    own = w.post("/api/v1/issues", {**body, "statement": "INSERT INTO t (id) VALUES (2)"}, token=people["Olga"]).json
    checked(w, own)
    w.post(f"/api/v1/issues/{own['id']}/approve", None, expect=409, token=people["Olga"])
    environment(w, "Prod", allow_self_approval=True)
    w.post(f"/api/v1/issues/{own['id']}/approve", None, expect=200, token=people["Olga"])
    settled(w, own)
    denied = w.get("/api/v1/audit?action=issues.approve")["items"]
    assert {e["actor"] for e in denied if e["outcome"] == "denied"} == {"dev@example.org", "vera@example.org", "nobody@example.org"}
    # What was only read is in the log as well.
    harness.wait_for(lambda: any(e["actor"] == "vera@example.org" and e["target"] == path for e in w.get("/api/v1/audit?action=issues.get")["items"]),
                     "the reading to be in the audit log")


def test_a_running_statement_is_cancelled_on_the_server_and_retried(server, workspace, names):
    w = workspace
    quiet(w)
    [database] = known(w, server, w.add_instance(server), names[:1])
    with server.connect() as blocker, blocker.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(f"INSERT INTO {names[0]}.t (id) VALUES (2)")
        made = ask(w, "DEFAULT", "data.update", "waits", [{"database": database}], "INSERT INTO t (id) VALUES (1); INSERT INTO t (id) VALUES (2)")
        running = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '/* sluice task=%' AND info LIKE '%VALUES (2)%'"
        harness.wait_for(lambda: server.sql(running)[0][0], "the statement to wait for the row", lambda: str(explain(get(w, made))))
        w.post(f"/api/v1/issues/{made['id']}/cancel", None, expect=409)
        task = f"/api/v1/tasks/{tasks_of(made)[0]['id']}"
        w.post(f"{task}/cancel", None, expect=200)
        ended = tasks_of(settled(w, made, "canceled"))[0]
        cursor.execute("ROLLBACK")
    assert server.sql(running)[0][0] == 0 and ended["statements_done"] == 1
    change = w.get(f"/api/v1/changes/{ended['change']}").json
    assert change["status"] == "canceled" and [s["state"] for s in change["statements"]] == ["done", "failed"]
    w.call("PUT", f"{task}/statement", {"statement": "INSERT INTO t (id) VALUES (3)"}, expect=200)
    w.post(f"{task}/retry", None, expect=200)
    settled(w, made)
    assert server.sql(f"SELECT GROUP_CONCAT(id ORDER BY id) FROM {names[0]}.t") == (("1,3",),)
    metrics = w.get("/metrics").text
    assert 'sluice_task_runs_total{type="data.update",state="canceled"} 1' in metrics
    assert 'sluice_task_runs_total{type="data.update",state="done"} 1' in metrics


def test_a_task_is_no_way_around_a_freeze(server, workspace, names):
    w = workspace
    quiet(w)
    frozen, free = known(w, server, w.add_instance(server), names[:2])
    w.patch(f"/api/v1/databases/{frozen}", {"frozen": True, "freeze_reason": "Quarter end"})
    insert = "INSERT INTO t (id) VALUES (1)"
    waits = checked(w, ask(w, "DEFAULT", "data.update", "waits", [{"database": frozen}], insert))
    assert "Quarter end" in checks(waits, "frozen")[0]["detail"]
    w.post(f"/api/v1/tasks/{tasks_of(waits)[0]['id']}/run", None, expect=200)
    settled(w, ask(w, "DEFAULT", "data.update", "runs", [{"database": free}], insert))
    assert tasks_of(get(w, waits))[0]["status"] == "pending"
    w.patch(f"/api/v1/databases/{frozen}", {"frozen": False})
    settled(w, waits)
    assert server.sql(f"SELECT id FROM {names[0]}.t") == ((1,),)


def test_every_check_says_what_and_where(server, workspace, names):
    w = workspace
    instance = w.add_instance(server)
    [database] = known(w, server, instance, names[:1])

    def made(kind, statement, **more):
        return checked(w, w.post("/api/v1/issues", {"project": "DEFAULT", "type": kind, "title": "x", "statement": statement,
                                                    "targets": [{"database": database}], **more}).json)
    bad = made("schema.update", "ALTER TABLE t ADD c INT;\nALTER TABEL t;")
    assert [(c["status"], c["line"]) for c in checks(bad, "syntax")] == [("error", 2)]
    assert tasks_of(bad)[0]["status"] == "pending_approval"
    w.post(f"/api/v1/tasks/{tasks_of(bad)[0]['id']}/run", None, expect=409)
    unfit = made("schema.update", "\nDELETE FROM t WHERE id = 1")
    assert [(c["status"], c["line"]) for c in checks(unfit, "kind")] == [("error", 2)]
    walk = made("schema.update", "ALTER TABLE t ADD a INT;\nALTER TABLE t ADD a INT;\nALTER TABLE t DROP COLUMN nowhere")
    assert [c["line"] for c in checks(walk, "walk_through") if c["status"] == "error"] == [2, 3]
    review = made("schema.update", "CREATE TABLE no_key (a INT)")
    assert any(c["title"].startswith("table.require-pk") and c["line"] == 1 for c in checks(review, "sql_review")), explain(review)
    rows = made("data.update", "UPDATE t SET n = 1 WHERE id < 100", rollback=True)
    assert checks(rows, "affected_rows") and checks(rows, "binlog") and checks(rows, "locks")
    # An account that may only look.
    server.sql("DROP USER IF EXISTS looker; CREATE USER looker IDENTIFIED BY 'looker-password'; GRANT SELECT ON *.* TO looker")
    body = {"engine": "mysql", "host": server.host, "port": server.port, "username": "looker", "password": "looker-password"}
    report = w.post("/api/v1/instances/test", body, expect=200).json
    assert report["flavor"] in ("MySQL", "MariaDB") and report["version"]
    assert any("GRANT" in f["detail"] for f in report["findings"]), report
    w.patch(f"/api/v1/instances/{instance['id']}", {"username": "looker", "password": "looker-password"})
    denied = made("schema.update", "ALTER TABLE t ADD z INT")
    assert any(c["status"] == "error" and "ALTER is missing" in c["title"] for c in checks(denied, "privileges")), explain(denied)
    server.sql("DROP USER looker")


def test_an_unreachable_instance_may_be_kept_and_says_so(server, workspace):
    w = workspace
    made = w.post("/api/v1/instances", {"name": "away", "engine": "mysql", "environment": "Test", "host": "127.0.0.1", "port": harness.free_port(),
                                        "username": "u", "password": "p"}).json
    path = f"/api/v1/instances/{made['id']}"
    harness.wait_for(lambda: (w.get(path)["state"] or {}).get("up") is False, "it to be known as away")
    w.post(f"{path}/sync", None, expect=502)
    [anomaly] = w.get("/api/v1/anomalies?status=open")["items"]
    assert anomaly["kind"] == "instance.connection"
    w.delete(path)
    w.call("GET", path, expect=404)


def test_a_hostile_name_is_a_name(server, workspace):
    """SQL and HTML in a database's name and an issue's texts stay texts, on the server and in the API."""
    w = workspace
    name = "a`; DROP DATABASE mysql; -- '\"<b>"
    quoted = "`" + name.replace("`", "``") + "`"
    server.sql(f"DROP DATABASE IF EXISTS {quoted}")
    quiet(w)
    made = ask(w, "DEFAULT", "database.create", "<script>alert(1)</script>", [{"instance": w.add_instance(server)["id"], "name": name}])
    done = settled(w, made)
    assert done["title"] == "<script>alert(1)</script>" and tasks_of(done)[0]["database"]["name"] == name
    database = tasks_of(done)[0]["database"]["id"]
    settled(w, ask(w, "DEFAULT", "schema.update", "t", [{"database": database}], TABLE))
    assert server.sql(f"SELECT COUNT(*) FROM {quoted}.t") == ((0,),)
    assert server.sql("SELECT COUNT(*) > 0 FROM mysql.user") == ((1,),)
    server.sql(f"DROP DATABASE {quoted}")


def test_a_statement_of_64_megabytes_is_kept_and_a_longer_one_refused(server, workspace, names):
    w = workspace
    quiet(w)
    [database] = known(w, server, w.add_instance(server, environment="Prod"), names[:1])
    longest = 64 << 20
    start, end = "INSERT INTO t (id) VALUES (1) /* ", " */"
    statement = start + "x" * (longest - len(start) - len(end)) + end
    body = {"project": "DEFAULT", "type": "data.update", "title": "long", "targets": [{"database": database}], "statement": statement}
    made = w.post("/api/v1/issues", body).json
    [task] = tasks_of(made)
    assert task["statement_bytes"] == longest and task["statement_cut"] and len(task["statement"]) <= 65536
    assert w.get(f"/api/v1/tasks/{task['id']}/statement")["statement"] == statement
    assert tasks_of(checked(w, made))[0]["checks_status"] in ("passed", "warning"), explain(get(w, made))
    refused = w.post("/api/v1/issues", {**body, "statement": statement + " "}, expect=400)
    assert "split it" in refused.text


def test_a_long_answer_passes_through_without_being_kept(server, workspace, names):
    """80 MB of rows over the SQL endpoint, read slowly enough to hold the server back; then a client that goes in the middle."""
    w = workspace
    (database,) = known(w, server, w.add_instance(server), names[:1])
    digits = "SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7"
    server.sql(f"USE {names[0]}; INSERT INTO t (id) SELECT a.d + 8 * b.d + 64 * c.d FROM ({digits}) a, ({digits}) b, ({digits}) c")
    call = {"database": database, "statement": "SELECT a.id, REPEAT('x', 4000) FROM t a, t b LIMIT 20000", "limit": 10_000_000, "max_bytes": 1 << 30}

    with w.open("POST", "/api/v1/sql", call | {"limit": 1}) as warm:
        assert warm.headers["Content-Length"] and json.loads(warm.read())["truncated_by"] == "rows"
    before = raw.memory(w.process.pid)
    with w.open("POST", "/api/v1/sql", call) as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked" and answer.status == 200
        read, most, piece, last = 0, 0, b" ", b""
        while piece:
            piece = answer.read(1 << 20)
            read += len(piece)
            most = max(most, raw.memory(w.process.pid))
            last = (last + piece)[-2000:]
    assert read > 80_000_000 and last.endswith(b"}")
    end = json.loads(b'{"rows":[' + last[last.rindex(b"],\"truncated\""):])
    assert end["truncated"] is False and end["error"] is None and end["duration"] > 0
    assert most - before < 16 << 20, f"{(most - before) >> 20} MB were kept of {read // 1_000_000}"

    statements = f"SELECT id FROM information_schema.processlist WHERE db = '{names[0]}' AND info LIKE 'SELECT a.id, REPEAT%'"
    with w.open("POST", "/api/v1/sql", call | {"statement": "SELECT a.id, REPEAT('x', 4000) FROM t a, t b, t c"}) as cut:
        cut.read(1 << 20)
        assert server.sql(statements), "it runs"
    harness.wait_for(lambda: not server.sql(statements), "the statement to end with its client", w.explain)


def test_a_client_that_goes_ends_its_statement_before_the_first_row(server, workspace, names):
    """No byte of the answer has come when the client closes: in both modes, and with its next request sent already."""
    w = workspace
    (database,) = known(w, server, w.add_instance(server), names[:1])
    sessions = f"SELECT id FROM information_schema.processlist WHERE db = '{names[0]}' AND id <> CONNECTION_ID()"
    for mode, ahead in (("read", b""), ("admin", b""), ("read", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")):
        client = http.client.HTTPConnection("127.0.0.1", w.admin_port, timeout=60)
        body = {"database": database, "mode": mode, "statement": "SELECT SLEEP(600)", "timeout_seconds": 600}
        client.request("POST", "/api/v1/sql", json.dumps(body), {"Authorization": f"Bearer {w.token}", "Content-Type": "application/json"})
        client.sock.sendall(ahead)
        harness.wait_for(lambda: server.sql(sessions + " AND info = 'SELECT SLEEP(600)'"), "the statement to run", w.explain)
        client.close()
        harness.wait_for(lambda: not server.sql(sessions), "the statement and its session to end with their client", w.explain)
    assert w.post("/api/v1/sql", {"database": database, "statement": "SELECT 1"}, expect=200)["rows"] == [[1]]
