"""What the change engine lives through: programs that are killed, stores that stop, fill up or are locked, instances that restart. Every task ends once."""

import concurrent.futures
import contextlib
import dataclasses
import os
import shutil
import signal
import sqlite3
import subprocess

import pytest

import admin
import harness
import wires
from admin import ask, explain, settled, tasks_of


@pytest.fixture(scope="module")
def postgres():
    if not (admin.Postgres.BIN / "initdb").exists():
        pytest.skip("PostgreSQL 15 cannot be had on this machine")
    found = admin.Postgres()
    found.start()
    yield found
    found.stop()


def quiet(workspace):
    """Nothing of the review asks for a person: tasks in Test run by themselves."""
    for environment in workspace.get("/api/v1/environments")["items"]:
        workspace.patch(f"/api/v1/environments/{environment['id']}", {"review": {"*": {"level": "off"}}})


def databases(workspace, server, instance, names, table="CREATE TABLE t (id INT NOT NULL PRIMARY KEY, n INT NOT NULL DEFAULT 0)"):
    """The ids of databases that are there, each with a table."""
    for name in names:
        server.sql(f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name}; USE {name}; {table}")
    synced = workspace.post(f"/api/v1/instances/{instance}/sync", None, expect=200).json
    ids = {d["name"]: d["id"] for d in synced["databases"]}
    return [ids[name] for name in names]


def issue_of(workspace, issue):
    return workspace.get(f"/api/v1/issues/{issue['id']}").json


def second_program(first, folder, url):
    """Another program on the same store; its key file is the store's."""
    (folder / "data").mkdir(parents=True, mode=0o700)
    shutil.copy(first.folder / "data/key", folder / "data/key")
    other = admin.Workspace(folder, url)
    other.token = first.token
    return other


def test_two_programs_run_every_task_once_though_one_is_killed_and_the_store_restarts(server, postgres, tmp_path):
    url = postgres.new_database()
    names = [f"load_{n}" for n in range(4)]
    with admin.Workspace(tmp_path / "a", url) as a:
        a.set_up()
        quiet(a)
        ids = databases(a, server, a.add_instance(server)["id"], names)
        b = second_program(a, tmp_path / "b", url)
        b.start()
        harness.wait_for(b.answers, "the second program", b.explain)

        def file(number):
            # Run twice it would be a duplicate key, or a second row in `log`.
            return ask((a, b)[number % 2], "DEFAULT", "data.update", f"load {number}", [{"database": ids[number % len(ids)]}],
                       f"INSERT INTO t (id, n) SELECT {number}, SLEEP(0.1); UPDATE t SET n = n + 1 WHERE id = {number}")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            issues = list(pool.map(file, range(24)))
        done = lambda: sum(server.sql(f"SELECT COUNT(*) FROM {name}.t")[0][0] for name in names)  # noqa: E731
        harness.wait_for(lambda: done() >= 4, "some to run", a.explain)
        postgres.restart()
        harness.wait_for(lambda: done() >= 8, "some more to run", a.explain)
        b.kill()
        for issue in issues:
            settled(a, issue)
        for n, name in enumerate(names):
            assert server.sql(f"SELECT id, n FROM {name}.t ORDER BY id") == tuple((i, 1) for i in range(n, 24, len(names)))
        changes = a.get("/api/v1/changes?limit=500")["items"]
        of_issues = sorted(c["issue"] for c in changes if c["issue"])  # without the first records of the databases
        assert of_issues == sorted(i["id"] for i in issues), "one history entry each"
        for name in names:
            server.sql(f"DROP DATABASE {name}")


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_an_instance_that_is_killed_in_the_middle_of_a_task(tmp_path, engine):
    """SIGKILL of the server during the second of three statements; the task waits for it and ends with each statement's rows once."""
    crashing = harness.start_server(engine, "faults")
    if crashing is None:
        pytest.skip(f"{engine} cannot be had on this machine")
    try:
        with wires.Wire(crashing.host, crashing.port) as wire, admin.Workspace(tmp_path / "sluice") as w, contextlib.ExitStack() as held:
            w.set_up()
            quiet(w)
            reached = dataclasses.replace(crashing, port=wire.port)
            [database] = databases(w, crashing, w.add_instance(reached)["id"], ["faults"])
            held.enter_context(harness.row_held(crashing, "faults", "t", 2))
            issue = ask(w, "DEFAULT", "data.update", "slow", [{"database": database}],
                        "INSERT INTO t (id) VALUES (1); INSERT INTO t (id, n) VALUES (2, 0); INSERT INTO t (id) VALUES (3)")
            running = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '/* sluice task=%' AND info LIKE '%VALUES (2, 0)%'"
            harness.wait_for(lambda: crashing.sql(running)[0][0], "the statement to run", lambda: str(explain(issue_of(w, issue))))
            os.kill(crashing.pid, signal.SIGKILL)
            back = harness.start_server(engine, "faults")
            wire.target = back.host, back.port
            ended = settled(w, issue)
            assert back.sql("SELECT GROUP_CONCAT(id ORDER BY id) FROM faults.t") == (("1,2,3",),)
            assert tasks_of(ended)[0]["attempts"] == 1
            [change] = w.get(f"/api/v1/changes?issue={issue['id']}")["items"]
            assert [s["state"] for s in w.get(f"/api/v1/changes/{change['id']}")["statements"]] == ["done"] * 3
    finally:
        harness.stop_server(engine, "faults")


def test_what_nobody_can_tell_is_settled_by_a_person(server, tmp_path):
    """SIGKILL of the program while a procedure runs, whose CALL no binary log keeps."""
    with admin.Workspace(tmp_path / "sluice") as w:
        w.set_up()
        quiet(w)
        _, viewer = w.add_user("Vera", "developer")
        [database] = databases(w, server, w.add_instance(server)["id"], ["settled"])
        server.sql("USE settled; CREATE PROCEDURE slow() INSERT INTO t (id, n) VALUES (1, 77)")
        running = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%VALUES (1, 77)%' AND id <> CONNECTION_ID()"

        def runs():
            for task in tasks_of(issue_of(w, issue)):
                if task["status"] == "pending_approval" and task["checks_status"] == "warning":
                    w.call("POST", f"/api/v1/tasks/{task['id']}/run")
            return server.sql(running)[0][0]
        with harness.row_held(server, "settled", "t", 1):
            issue = ask(w, "DEFAULT", "data.update", "slow", [{"database": database}], "CALL slow()")
            harness.wait_for(runs, "the procedure to run", lambda: str(explain(issue_of(w, issue))))
            w.kill()
        w.start()
        harness.wait_for(w.answers, "the next start", w.explain)
        task = tasks_of(settled(w, issue, "needs_person"))[0]
        path = f"/api/v1/tasks/{task['id']}/settle"
        assert "settle" in task["reason"]
        w.post(path, {"outcome": "done", "reason": "x"}, expect=403, token=viewer)
        w.post(path, {"outcome": "done", "reason": ""}, expect=400)
        done = tasks_of(w.post(path, {"outcome": "done", "reason": "the row is there"}, expect=200).json)[0]
        assert done["status"] == "done" and done["change"] != task["change"]
        entry = w.get(f"/api/v1/changes/{done['change']}").json
        assert entry["status"] == "done" and entry["actor"] == "ada@example.org" and [s["state"] for s in entry["statements"]] == ["settled"]
        w.post(path, {"outcome": "failed", "reason": "no"}, expect=409)
        assert [e["outcome"] for e in w.get("/api/v1/audit?action=tasks.settle")["items"]] == ["failed", "done", "failed", "denied"]
        assert w.post(f"/api/v1/issues/{issue['id']}/resolve", None, expect=200)["status"] == "done"
        server.sql("DROP DATABASE settled")


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a file system of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "none", folder], check=False, capture_output=True).returncode != 0:
        pytest.skip("no file system may be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_said_and_nothing_is_lost(server, small_disk, tmp_path):
    """A task that runs meanwhile ends when there is space again; what was refused is not there, what was accepted is."""
    w = admin.Workspace(tmp_path / "sluice")
    w.folder.mkdir()
    (w.folder / "data").symlink_to(small_disk)
    with w:
        w.set_up()
        quiet(w)
        [database] = databases(w, server, w.add_instance(server)["id"], ["full_disk"])
        running = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '/* sluice task=%' AND info LIKE '%VALUES (1, 0)%'"
        with harness.row_held(server, "full_disk", "t", 1):
            issue = ask(w, "DEFAULT", "data.update", "slow", [{"database": database}],
                        "INSERT INTO t (id, n) VALUES (1, 0); INSERT INTO t (id) VALUES (2)")
            harness.wait_for(lambda: server.sql(running)[0][0], "the statement to run", w.explain)
            with pytest.raises(OSError), open(small_disk / "filler", "wb", buffering=0) as filler:
                while True:
                    filler.write(b"x" * 4096)
        accepted = refused = 0
        while refused == 0 and accepted < 500:
            answer = w.call("POST", "/api/v1/projects", {"name": f"Project {accepted}" + "x" * 150, "key": f"P{accepted}"})
            if answer.status == 201:
                accepted += 1
            else:
                refused = answer.status
                assert answer.status in (503, 507) and "space" in answer["detail"] or "audit log" in answer["detail"], answer.text
        assert refused, "the disk was never full"
        harness.wait_for(lambda: server.sql(running)[0][0] == 0, "the statement to end", w.explain)
        assert w.call("GET", "/healthz").status == 200
        (small_disk / "filler").unlink()
        ended = settled(w, issue)
        assert [t["attempts"] for t in tasks_of(ended)] == [1]
        assert server.sql("SELECT GROUP_CONCAT(id ORDER BY id) FROM full_disk.t") == (("1,2",),)
        kept = [p["key"] for p in w.get("/api/v1/projects?limit=500")["items"]]
        assert all(f"P{n}" in kept for n in range(accepted))
        assert w.get("/api/v1/audit/verify")["ok"] is True
        server.sql("DROP DATABASE full_disk")
    assert subprocess.run([harness.SLUICE, "audit", "verify", "--data", w.folder / "data"], check=False, capture_output=True).returncode == 0


def test_a_locked_database_is_waited_for_and_then_said(tmp_path):
    with admin.Workspace(tmp_path / "sluice") as w:
        w.set_up()
        locker = sqlite3.connect(w.folder / "data/sluice.db", isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        refused = w.call("POST", "/api/v1/projects", {"name": "Shop", "key": "SHOP"})
        assert refused.status == 503 and refused.headers["Retry-After"] and "busy" in refused["detail"], refused.text
        assert w.get("/api/v1/me")["email"] == "ada@example.org", "reading goes on"
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(w.call, "POST", "/api/v1/projects", {"name": "Shop", "key": "SHOP"})
            with pytest.raises(concurrent.futures.TimeoutError):
                waiting.result(0.3)
            locker.execute("ROLLBACK")
            assert waiting.result().status == 201
        locker.close()
