"""The tutorial's bonus section over HTTP on both engines, with a five-second interval: an ALTER past Sluice, its anomaly with author and
statement, the diff, a new baseline, and the drift is gone."""

import time

import pymysql
import pytest

import admin
import harness


@pytest.fixture
def workspace(tmp_path):
    with admin.Workspace(tmp_path / "sluice") as running:
        running.set_up()
        test = next(e for e in running.get("/api/v1/environments")["items"] if e["name"] == "Test")
        running.patch(f"/api/v1/environments/{test['id']}", {"drift_interval_seconds": 5})
        yield running


@pytest.fixture
def name(server, request):
    found = "drift_" + "".join(c if c.isalnum() else "_" for c in request.node.name)[-40:]
    server.sql(f"DROP DATABASE IF EXISTS {found}; CREATE DATABASE {found} CHARACTER SET utf8mb4; "
               f"CREATE TABLE {found}.t1 (id INT NOT NULL PRIMARY KEY, name VARCHAR(64) NOT NULL DEFAULT '')")
    yield found
    server.sql(f"DROP DATABASE IF EXISTS {found}")


@pytest.fixture
def outsider(server, name):
    """A person with an account of their own, who goes past Sluice."""
    server.sql(f"DROP USER IF EXISTS 'grace'@'%'; CREATE USER 'grace'@'%' IDENTIFIED BY 'p'; GRANT ALL ON {name}.* TO 'grace'@'%'")
    connection = pymysql.connect(host=server.host, port=server.port, user="grace", password="p", database=name, autocommit=True)
    yield connection
    connection.close()
    server.sql("DROP USER 'grace'@'%'")


def run(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def database_of(w, name):
    found = []
    harness.wait_for(lambda: found.extend(w.get(f"/api/v1/databases?name={name}")["items"]) or
                     (found and found[-1]["schema_recorded_at"]), "the database to be found and recorded")
    return found[-1]


def open_drifts(w, database):
    return w.get(f"/api/v1/anomalies?status=open&kind=schema.drift&database={database['id']}")["items"]


def named(w, database):
    """The open drift with a statement that the binary log named, or nothing."""
    for one in open_drifts(w, database):
        shown = w.get(f"/api/v1/anomalies/{one['id']}").json
        if shown["statements"]:
            return shown
    return None


def until_named(w, database, change):
    """change(1), change(2), … – each another change of the schema – until one is named: the log is followed from then on."""
    count = 0

    def seen():
        nonlocal count
        count += 1
        change(count)
        return named(w, database)

    harness.wait_for(seen, "the log to be followed", w.explain)
    return named(w, database)


def task_done(w, issue):
    def is_done():
        tasks = [t for s in w.get(f"/api/v1/issues/{issue['id']}")["stages"] for t in s["tasks"]]
        for task in tasks:
            if task["status"] == "pending_approval" and task["checks_status"] == "warning":
                w.call("POST", f"/api/v1/tasks/{task['id']}/run")
        return all(t["status"] == "done" for t in tasks)

    harness.wait_for(is_done, "the task to be done", lambda: w.get(f"/api/v1/issues/{issue['id']}").text[-3000:])


def test_the_bonus_section(server, workspace, name, outsider):
    w = workspace
    instance = w.add_instance(server)
    w.post(f"/api/v1/instances/{instance['id']}/sync", {}, expect=200)
    database = database_of(w, name)
    assert [c["type"] for c in w.get(f"/api/v1/changes?database={database['id']}")["items"]] == ["schema.baseline"]

    # Until the log is followed an ALTER would only be found by the scan: a first one shows that it is.
    until_named(w, database, lambda n: run(outsider, f"ALTER TABLE t1 ADD COLUMN c{n} integer"))

    began = time.monotonic()
    run(outsider, "ALTER TABLE t1\nADD COLUMN age integer")

    def said_of():
        """The drift that says of this statement, and the statement."""
        drift = named(w, database)
        if drift and "ADD COLUMN age" in drift["detail"]:
            return drift, drift["statements"][-1]
        return None

    harness.wait_for(said_of, "the drift with its statement", w.explain)
    print(f"{server.engine}: drift with statement and author after {time.monotonic() - began:.2f} s")
    drift, said = said_of()
    assert said["statement"] == "ALTER TABLE t1\nADD COLUMN age integer" and said["account"] == "grace" and said["host"]
    assert said["thread_id"] == outsider.thread_id() and said["binlog"]["file"]
    assert "grace" in drift["detail"] and "ADD COLUMN age" in drift["detail"] and drift["objects"] == ["TABLE t1"]
    assert "+  `age` int" in drift["diff"] and "DROP COLUMN `age`" in drift["revert"] and "ADD COLUMN `age`" in drift["adopt"]

    # Establish new baseline, Resolve, and it is gone by itself.
    issue = w.post(f"/api/v1/anomalies/{drift['id']}/baseline", {}).json
    task_done(w, issue)
    w.post(f"/api/v1/issues/{issue['id']}/resolve", None, expect=200)
    harness.wait_for(lambda: w.get(f"/api/v1/anomalies/{drift['id']}")["status"] == "resolved", "the drift to be over", w.explain)
    assert not open_drifts(w, database)
    newest = w.get(f"/api/v1/changes?database={database['id']}")["items"][0]
    assert newest["type"] == "schema.baseline" and newest["issue"] == issue["id"] and newest["schema_changed"]


def test_adopted_and_reverted(server, workspace, name, outsider):
    w = workspace
    w.add_instance(server)
    database = database_of(w, name)
    run(outsider, "CREATE TABLE stray (id INT PRIMARY KEY)")
    harness.wait_for(lambda: open_drifts(w, database), "the drift", w.explain)
    issue = w.post(f"/api/v1/anomalies/{open_drifts(w, database)[0]['id']}/adopt", {}).json
    task_done(w, issue)
    harness.wait_for(lambda: not open_drifts(w, database), "the drift to be over", w.explain)
    entry = w.get(f"/api/v1/changes?issue={issue['id']}")["items"][0]
    change = w.get(f"/api/v1/changes/{entry['id']}").json
    assert "CREATE TABLE" in change["statement"] and "stray" in change["statement"]

    run(outsider, "ALTER TABLE stray ADD COLUMN x int")
    harness.wait_for(lambda: open_drifts(w, database), "the second drift", w.explain)
    issue = w.post(f"/api/v1/anomalies/{open_drifts(w, database)[0]['id']}/revert", {}).json
    assert issue["type"] == "schema.update"
    task_done(w, issue)
    harness.wait_for(lambda: not open_drifts(w, database), "the drift to be over", w.explain)
    assert server.sql(f"SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = '{name}' AND column_name = 'x'")[0][0] == 0


def test_what_ran_while_sluice_was_down_is_named_after_its_start(server, workspace, name, outsider):
    w = workspace
    w.add_instance(server)
    database = database_of(w, name)
    until_named(w, database, lambda n: run(outsider, f"ALTER TABLE t1 ADD COLUMN c{n} integer"))
    w.kill()
    run(outsider, "CREATE TABLE meanwhile (id INT PRIMARY KEY)")
    server.sql("FLUSH BINARY LOGS")
    run(outsider, "ALTER TABLE meanwhile ADD COLUMN x int")
    w.start()
    harness.wait_for(w.answers, "the next start", w.explain)
    meanwhile = lambda: [s["statement"] for s in (named(w, database) or {"statements": []})["statements"] if "meanwhile" in s["statement"]]  # noqa: E731
    harness.wait_for(lambda: len(meanwhile()) == 2, "both statements", w.explain)
    assert meanwhile() == ["CREATE TABLE meanwhile (id INT PRIMARY KEY)", "ALTER TABLE meanwhile ADD COLUMN x int"]


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_a_server_where_names_mean_the_same_whatever_their_case(workspace, engine):
    found = harness.start_server(engine, "lower", ["--lower-case-table-names=1"])
    if found is None:
        pytest.skip(f"{engine} cannot be had on this machine")
    try:
        w = workspace
        found.sql("CREATE DATABASE ShopCase CHARACTER SET utf8mb4; CREATE TABLE ShopCase.Orders (Id INT NOT NULL PRIMARY KEY); "
                  "CREATE VIEW ShopCase.AllOrders AS SELECT Id FROM ShopCase.Orders")
        w.add_instance(found)
        database = database_of(w, "shopcase")
        assert w.post(f"/api/v1/databases/{database['id']}/scan", {}, expect=200)["state"] == "same"
        drift = until_named(w, database, lambda n: found.sql(f"ALTER TABLE SHOPCASE.ORDERS ADD COLUMN Age{n} INT"))
        assert drift["objects"] == ["TABLE orders"] and "SHOPCASE.ORDERS" in drift["statements"][-1]["statement"]
        task_done(w, w.post(f"/api/v1/anomalies/{drift['id']}/revert", {}).json)
        harness.wait_for(lambda: not open_drifts(w, database), "the drift to be over", w.explain)
    finally:
        harness.stop_server(engine, "lower")


def replicate(source, replica, name, delay):
    """From now on, by GTID, that database alone: others' tests run on the source."""
    replica.sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    created = source.sql(f"SHOW CREATE TABLE {name}.t1")[0][1]
    replica.sql(f"USE {name}; {created}")
    login = f"HOST = '{source.host}', {{0}}PORT = {source.port}, {{0}}USER = '{source.root_user}', {{0}}PASSWORD = '{source.root_password}'"
    if source.engine == "mysql":
        replica.sql(f"RESET BINARY LOGS AND GTIDS; SET GLOBAL gtid_purged = '{source.sql('SELECT @@gtid_executed')[0][0]}'")
        replica.sql(f"CHANGE REPLICATION FILTER REPLICATE_WILD_DO_TABLE = ('{name}.%')")
        replica.sql(f"CHANGE REPLICATION SOURCE TO SOURCE_{login.format('SOURCE_')}, SOURCE_SSL = 1, SOURCE_AUTO_POSITION = 1, "
                    f"SOURCE_DELAY = {delay}; START REPLICA")
    else:
        position = source.sql("SELECT @@gtid_current_pos")[0][0]
        replica.sql(f"RESET MASTER; SET GLOBAL gtid_slave_pos = '{position}'; SET GLOBAL replicate_wild_do_table = '{name}.%'")
        replica.sql(f"CHANGE MASTER TO MASTER_{login.format('MASTER_')}, MASTER_USE_GTID = slave_pos, MASTER_DELAY = {delay}; START SLAVE")


def columns_of(server, name):
    return {row[0] for row in server.sql(f"SELECT column_name FROM information_schema.columns WHERE table_schema = '{name}'")}


def lags(w):
    return [a for a in w.get("/api/v1/anomalies?status=open&kind=instance.replication")["items"] if "behind" in a["detail"]]


def test_a_replica_that_lags_and_is_promoted(server, workspace, name, outsider):
    """A delayed replica is an anomaly; promoted, it is followed from where the old server was: nothing is missed, nothing named twice."""
    mysql = server.engine == "mysql"
    other = harness.start_server(server.engine, "failover", ["--server-id=4711", "--log-slave-updates=ON"])
    try:
        w = workspace
        test = next(e for e in w.get("/api/v1/environments")["items"] if e["name"] == "Test")
        w.patch(f"/api/v1/environments/{test['id']}", {"drift": {"replica_lag_seconds": 1}})
        main = w.add_instance(server)
        database = database_of(w, name)
        until_named(w, database, lambda n: run(outsider, f"ALTER TABLE t1 ADD COLUMN c{n} integer"))
        replicate(server, other, name, delay=3600)
        run(outsider, "ALTER TABLE t1 ADD COLUMN on_both integer")
        reader = w.post("/api/v1/instances", {"name": "reader", "engine": "mysql", "environment": "Test", "host": other.host, "port": other.port,
                                              "username": other.root_user, "password": other.root_password}).json
        harness.wait_for(lambda: lags(w), "the lag to be seen", w.explain)
        assert lags(w)[0]["instance"] == reader["id"] and "seconds behind" in lags(w)[0]["detail"]
        assert "on_both" not in columns_of(other, name), "it waits"
        other.sql("STOP REPLICA SQL_THREAD; CHANGE REPLICATION SOURCE TO SOURCE_DELAY = 0; START REPLICA" if mysql else
                  "STOP SLAVE; CHANGE MASTER TO MASTER_DELAY = 0; START SLAVE")
        harness.wait_for(lambda: "on_both" in columns_of(other, name), "the replica to have caught up", w.explain)
        harness.wait_for(lambda: not lags(w), "the lag to be over", w.explain)
        w.delete(f"/api/v1/instances/{reader['id']}")

        # Promoted and changed before Sluice is told.
        other.sql("STOP REPLICA; RESET REPLICA ALL" if mysql else "STOP SLAVE; RESET SLAVE ALL")
        other.sql(f"ALTER TABLE {name}.t1 ADD COLUMN only_there INT")
        w.patch(f"/api/v1/instances/{main['id']}", {"port": other.port, "username": other.root_user, "password": other.root_password})
        there = lambda: [s["statement"] for s in (named(w, database) or {"statements": []})["statements"]]  # noqa: E731
        harness.wait_for(lambda: any("only_there" in s for s in there()), "what ran on the promoted server", w.explain)
        assert sum("on_both" in s for s in there()) == 1, "a transaction that both servers have is named once"
        run(outsider, "ALTER TABLE t1 ADD COLUMN on_the_old_one integer")
        other.sql(f"ALTER TABLE {name}.t1 ADD COLUMN later INT")
        harness.wait_for(lambda: any("later" in s for s in there()), "what runs on it", w.explain)
        assert not any("on_the_old_one" in s for s in there())
        shown = w.get("/metrics").text
        assert 'sluice_watch_state{instance="main",state="following"} 1' in shown
        assert 'sluice_watch_outside_statements_total{instance="main"}' in shown and 'sluice_watch_lag_seconds{instance="main"}' in shown
    finally:
        harness.stop_server(server.engine, "failover")
