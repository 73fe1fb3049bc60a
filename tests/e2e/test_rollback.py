"""Step 7 of the tutorial over HTTP on both engines: the failure first, then the rollback, the rollback of the rollback, and so on; and what stands in a rollback's way."""

import datetime
import pathlib

import pymysql
import pytest

import admin
import harness

RDS = pathlib.Path(__file__).with_name("rds.sql").read_text()
REMOVE_RDS = "DROP PROCEDURE IF EXISTS mysql.rds_show_configuration; DROP PROCEDURE IF EXISTS mysql.rds_set_configuration; DROP TABLE IF EXISTS mysql.rds_configuration"


def tasks_of(issue):
    return [task for stage in issue["stages"] for task in stage["tasks"]]


class Tutorial:
    """A workspace in which steps 1 to 5 are done: a database with the table t1."""

    def __init__(self, workspace, server, name):
        self.w, self.server, self.name = workspace, server, name
        workspace.set_up()
        self.instance = workspace.add_instance(server, "Amazon Aurora MySQL")
        self.project = workspace.post("/api/v1/projects", {"name": "TestAurora", "key": "TAR", "mode": "standard"}).json["id"]
        made = self.ask("database.create", f"Create {name}", {"instance": self.instance["id"], "name": name})
        self.database = tasks_of(self.settled(made))[0]["database"]["id"]
        self.settled(self.ask("schema.update", "Create t1", {"database": self.database},
                              statement="CREATE TABLE t1 (id INT NOT NULL PRIMARY KEY, name VARCHAR(64) NOT NULL DEFAULT '')"))

    def ask(self, kind, title, target, **more):
        return self.w.post("/api/v1/issues", {"project": self.project, "type": kind, "title": title, "targets": [target], **more}).json

    def explain(self, issue):
        return str([(t["status"], t["reason"], [c for c in t["checks"] if c["status"] != "passed"])
                    for t in tasks_of(self.w.get(f"/api/v1/issues/{issue['id']}").json)])

    def settled(self, issue, status="done"):
        """The issue once its tasks have that status; what only warned is let go, as a person would."""
        path = f"/api/v1/issues/{issue['id']}"

        def is_there():
            for task in tasks_of(self.w.get(path).json):
                if task["status"] == "pending_approval" and task["checks_status"] == "warning":
                    self.w.call("POST", f"/api/v1/tasks/{task['id']}/run")
            return all(task["status"] == status for task in tasks_of(self.w.get(path).json))

        harness.wait_for(is_there, f"the tasks to be {status}", lambda: self.explain(issue))
        return self.w.get(path).json

    def change_data(self, statement, **more):
        return self.settled(self.ask("data.update", "Add data", {"database": self.database}, statement=statement, **more))

    def checked(self, issue):
        path = f"/api/v1/issues/{issue['id']}"
        harness.wait_for(lambda: all(t["checks_status"] not in ("not_run", "running") for t in tasks_of(self.w.get(path).json)), "the checks")
        return self.w.get(path).json

    def roll_back(self, issue, **body):
        """Preview rollback issue, Create, Approve; the rollback issue once it ran."""
        made = self.w.post(f"/api/v1/issues/{issue['id']}/rollback", body or None).json
        made = self.checked(made)
        assert made["approval"]["status"] == "pending", self.explain(made)
        self.w.post(f"/api/v1/issues/{made['id']}/approve", None, expect=200)
        return self.settled(made)

    def query(self):
        answer = self.w.post("/api/v1/sql", {"database": self.database, "statement": "SELECT name FROM t1 ORDER BY id", "mode": "read"}, expect=200)
        return [row[0] for row in answer["rows"]]


@pytest.fixture
def tutorial(server, request, tmp_path):
    name = "rollback_" + "".join(c if c.isalnum() else "_" for c in request.node.name)[-40:]
    server.sql(f"DROP DATABASE IF EXISTS {name}")
    with admin.Workspace(tmp_path / "sluice", "") as running:
        yield Tutorial(running, server, name)
    server.sql(f"SET GLOBAL binlog_format = 'ROW'; DROP DATABASE IF EXISTS {name}")


def test_step_7(tutorial):
    t, w, server = tutorial, tutorial.w, tutorial.server
    # Step 6 on an instance whose binlog_format is not ROW.
    server.sql("SET GLOBAL binlog_format = 'STATEMENT'")
    adela = t.change_data("INSERT INTO\n  t1\nVALUES\n  (1, 'Adela');")
    assert adela["rollback"] is False

    # 1, 2: the switch, and why it cannot be.
    assert w.patch(f"/api/v1/issues/{adela['id']}", {"rollback": True})["rollback"] is True
    shown = w.get(f"/api/v1/issues/{adela['id']}/rollback").json
    assert shown["possible"] is False and "binlog_format is STATEMENT" in shown["reason"], shown
    refused = w.post(f"/api/v1/issues/{adela['id']}/rollback", None, expect=409)
    assert "binlog_format is STATEMENT" in refused["detail"] and "SET" in refused["detail"]

    # 3, 4, 8: the parameter group, the reboot.
    server.sql("SET GLOBAL binlog_format = 'ROW'")
    # 5 to 7: the procedures of RDS, in admin mode.
    try:
        if server.engine == "mysql":
            run_script(server, RDS)

            def by_hand(statement):
                return w.post("/api/v1/sql", {"database": t.database, "statement": statement, "mode": "admin"}, expect=200)["rows"]

            by_hand("call mysql.rds_set_configuration('binlog retention hours', 24);")
            rows = by_hand("CALL mysql.rds_show_configuration;")
            assert ["binlog retention hours", "24"] in [row[:2] for row in rows]
    finally:
        server.sql(REMOVE_RDS)

    # 9: step 6 again; now there is a preview, and an issue is made of it.
    bella = t.change_data("INSERT INTO\n  t1\nVALUES\n  (2, 'Bella');", rollback=True)
    shown = w.get(f"/api/v1/issues/{bella['id']}/rollback").json
    task = shown["tasks"][0]
    assert shown["possible"] is True and task["source"] == "binlog" and task["row_count"] == 1
    assert task["rows"] == [{"schema": t.name, "table": "t1", "change": "insert", "before": None, "after": {"id": "2", "name": "Bella"}}]
    assert len(task["statements"]) == 1 and task["statements"][0].startswith("DELETE FROM") and "Bella" in task["statements"][0]
    assert task["conflicts"]["count"] == 0 and task["conflicts"]["rows_checked"] == 1
    assert t.query() == ["Adela", "Bella"]
    made = t.checked(w.post(f"/api/v1/issues/{bella['id']}/rollback", {}).json)
    assert made["type"] == "data.rollback" and made["rollback_of"] == bella["id"] and made["title"] == "Roll back: Add data"

    # 10: it needs explicit approval, also in an automatic environment. 11: Bella is still there.
    assert made["approval"]["status"] == "pending" and tasks_of(made)[0]["status"] == "pending_approval", t.explain(made)
    assert w.call("POST", f"/api/v1/tasks/{tasks_of(made)[0]['id']}/run").status == 409
    assert t.query() == ["Adela", "Bella"]
    # 12: approved by the one person there is, it runs. 13: Bella is gone.
    w.post(f"/api/v1/issues/{made['id']}/approve", None, expect=200)
    made = t.settled(made)
    assert t.query() == ["Adela"]
    change = w.get(f"/api/v1/changes/{tasks_of(made)[0]['change']}").json
    assert change["type"] == "data.rollback" and change["affected_rows"] == 1 and change["gtids"]

    # The rollback too, and the rollback of that.
    again = t.roll_back(made)
    assert t.query() == ["Adela", "Bella"]
    t.roll_back(again)
    assert t.query() == ["Adela"]
    assert [c["type"] for c in w.get(f"/api/v1/changes?database={t.database}")["items"]][:3] == ["data.rollback"] * 3


def run_script(server, text):
    """Statements of which some have bodies with semicolons, as the mysql client's DELIMITER serves."""
    statement = ""
    depth = 0
    for line in text.splitlines():
        if line.startswith("--"):
            continue
        statement += line + "\n"
        depth += line.strip() in ("BEGIN",)
        depth -= line.strip() == "END;"
        if line.rstrip().endswith(";") and depth == 0:
            server.sql(statement.strip().rstrip(";"))
            statement = ""


def test_a_row_that_was_changed_since_is_a_conflict_with_a_choice(tutorial):
    t, w = tutorial, tutorial.w
    t.change_data("INSERT INTO t1 VALUES (1, 'Adela'), (2, 'Bella')")
    issue = t.change_data("UPDATE t1 SET name = UPPER(name) WHERE id > 0", rollback=True)
    t.server.sql(f"UPDATE {t.name}.t1 SET name = 'Somebody' WHERE id = 2")
    conflicts = w.get(f"/api/v1/issues/{issue['id']}/rollback").json["tasks"][0]["conflicts"]
    assert conflicts["count"] == 1 and conflicts["items"][0]["conflict"] == "changed"
    assert conflicts["items"][0]["after"] == {"id": "2", "name": "BELLA"}
    assert conflicts["items"][0]["key"] == ["id"] and conflicts["items"][0]["now"] == {"id": "2", "name": "Somebody"}
    stop = t.checked(w.post(f"/api/v1/issues/{issue['id']}/rollback", {"conflicts": "stop"}).json)
    assert tasks_of(stop)[0]["checks_status"] == "error" and "1 row was changed since" in t.explain(stop)
    assert w.post(f"/api/v1/issues/{issue['id']}/rollback", {"conflicts": "perhaps"}, expect=400)
    w.post(f"/api/v1/issues/{stop['id']}/cancel", None, expect=200)
    t.roll_back(issue, conflicts="leave")
    assert t.query() == ["Adela", "Somebody"]


def test_a_thousand_rows_with_every_kind_of_key(tutorial):
    """Batches: what is undone equals what was there."""
    t, server = tutorial, tutorial.server
    server.sql(f"""CREATE TABLE {t.name}.a (id INT PRIMARY KEY, v DECIMAL(20,5), w VARCHAR(20) CHARACTER SET latin1);
                   CREATE TABLE {t.name}.b (x VARCHAR(20), y VARBINARY(20), PRIMARY KEY (x, y));
                   CREATE TABLE {t.name}.c (p INT, q DOUBLE)""")
    rows = range(1500)
    server.sql(f"INSERT INTO {t.name}.a VALUES " + ",".join(f"({i}, {i}.12345, 'r{i}')" for i in rows))
    server.sql(f"INSERT INTO {t.name}.b VALUES " + ",".join(f"('k{i}', 0x{i:08x})" for i in rows))
    server.sql(f"INSERT INTO {t.name}.c VALUES " + ",".join(f"({i % 7}, {i}.5)" for i in rows))

    def all_rows():
        return [server.sql(f"SELECT * FROM {t.name}.{table} ORDER BY 1, 2") for table in "abc"]

    before = all_rows()
    issue = t.change_data("UPDATE a SET v = v * 3, w = CONCAT(w, 0xe9) WHERE id % 2 = 0; DELETE FROM a WHERE id % 5 = 0;"
                          "DELETE FROM b WHERE x LIKE '%3%'; UPDATE b SET y = CONCAT(y, 0x00) WHERE x LIKE '%7';"
                          "DELETE FROM c WHERE p = 3; UPDATE c SET q = q / 3 WHERE p = 4; INSERT INTO c VALUES (1, 1), (1, 1)", rollback=True)
    after = all_rows()
    assert after != before
    rollback = t.roll_back(issue)
    assert all_rows() == before
    t.roll_back(rollback)
    assert all_rows() == after


def test_a_server_with_a_small_max_allowed_packet(tutorial):
    """Batches stay under it; one row above it is refused before anything is approved."""
    t, w, server = tutorial, tutorial.w, tutorial.server
    if not server.pid:
        pytest.skip("max_allowed_packet is changed on a server that this run started")
    held = server.sql("SELECT @@GLOBAL.max_allowed_packet")[0][0]
    server.sql(f"CREATE TABLE {t.name}.b (id INT PRIMARY KEY, a LONGBLOB)")
    server.sql(f"INSERT INTO {t.name}.b VALUES " + ", ".join(f"({i}, REPEAT('x', 90000))" for i in range(12)))
    sums = f"SELECT COUNT(*), SUM(a = REPEAT('x', 90000)) FROM {t.name}.b"
    try:
        server.sql("SET GLOBAL max_allowed_packet = 1048576")
        issue = t.change_data("UPDATE b SET a = REPEAT('y', 90000) WHERE id < 8; DELETE FROM b WHERE id >= 8", rollback=True)
        assert server.sql(sums) == ((8, 0),)
        t.roll_back(issue)
        assert server.sql(sums) == ((12, 12),)
        large = t.change_data("UPDATE b SET a = REPEAT('z', 1000000) WHERE id = 1", rollback=True)
        shown = w.get(f"/api/v1/issues/{large['id']}/rollback").json
        assert shown["possible"] is False and "max_allowed_packet (1048576 bytes)" in shown["reason"], shown
        refused = w.post(f"/api/v1/issues/{large['id']}/rollback", None, expect=409)
        assert "Set max_allowed_packet to" in refused["detail"]
    finally:
        server.sql(f"SET GLOBAL max_allowed_packet = {held}")
    t.roll_back(large)
    assert server.sql(sums) == ((12, 12),)


def without_row_events(t):
    """From now on the instance's account may not apply row events: rollbacks are SQL."""
    account = f"undo_{t.instance['id']}_{t.server.port}"
    t.server.sql(f"CREATE USER {account} IDENTIFIED BY 'Secret_123'; GRANT ALL ON {t.name}.* TO {account};"
                 f"GRANT REPLICATION SLAVE, REPLICATION CLIENT, PROCESS ON *.* TO {account}")
    t.w.patch(f"/api/v1/instances/{t.instance['id']}", {"username": account, "password": "Secret_123"})
    return account


@pytest.mark.parametrize("mode", ["exact", "sql"])
def test_what_foreign_keys_cascaded_is_undone(tutorial, mode):
    """Three levels, a table that refers to itself, SET NULL, and inserts of the same change: MySQL 9.6 and later log all of it."""
    t, server = tutorial, tutorial.server
    if server.engine == "mariadb":
        pytest.skip("MariaDB does not log what cascades; test_rollback_cli.py has its refusals")
    server.sql(f"""USE {t.name};
        CREATE TABLE s (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES s (id) ON DELETE CASCADE);
        CREATE TABLE p (id INT PRIMARY KEY, a INT);
        CREATE TABLE c (id INT PRIMARY KEY, p_id INT, FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE ON UPDATE CASCADE);
        CREATE TABLE d (id INT PRIMARY KEY, c_id INT, FOREIGN KEY (c_id) REFERENCES c (id) ON DELETE SET NULL);
        INSERT INTO s VALUES (1, NULL), (2, 1), (3, 2), (4, NULL);
        INSERT INTO p VALUES (1, 1), (4, 4);
        INSERT INTO c VALUES (10, 1), (40, 4);
        INSERT INTO d VALUES (100, 10), (400, 40)""")
    account = without_row_events(t) if mode == "sql" else None

    def all_rows():
        return [server.sql(f"SELECT * FROM {t.name}.{table} ORDER BY 1") for table in "spcd"]

    before = all_rows()
    issue = t.change_data("DELETE FROM s WHERE id = 1; DELETE FROM p WHERE id = 1; UPDATE p SET id = 44 WHERE id = 4; INSERT INTO p VALUES (7, 7); INSERT INTO s VALUES (5, 4)", rollback=True)
    after = all_rows()
    assert after == [((4, None), (5, 4)), ((7, 7), (44, 4)), ((40, 44),), ((100, None), (400, 40))]
    shown = t.w.get(f"/api/v1/issues/{issue['id']}/rollback")
    assert shown["possible"] and shown["tasks"][0]["mode"] == mode, shown.json
    # What came since and refers to a row that goes is not left behind.
    server.sql(f"INSERT INTO {t.name}.c VALUES (70, 7)")
    made = t.checked(t.w.post(f"/api/v1/issues/{issue['id']}/rollback", None).json)
    t.w.post(f"/api/v1/issues/{made['id']}/approve", None, expect=200)
    failed = t.settled(made, "failed")
    assert "1 rows of table c came since and refer to rows that would go" in t.explain(failed)
    server.sql(f"DELETE FROM {t.name}.c WHERE id = 70")
    assert all_rows() == after
    t.w.post(f"/api/v1/issues/{made['id']}/cancel", None, expect=200)
    rollback = t.roll_back(issue)
    assert all_rows() == before
    t.roll_back(rollback)
    assert all_rows() == after
    if account:
        server.sql(f"DROP USER {account}")


def test_rows_of_any_session_are_chosen(tutorial):
    """What no change of Sluice's made: of a session (MySQL's log names it) or of GTIDs, within a time."""
    t, w, server = tutorial, tutorial.w, tutorial.server
    now = datetime.datetime.now(datetime.timezone.utc)
    times = {"from": (now - datetime.timedelta(minutes=1)).isoformat(), "to": (now + datetime.timedelta(minutes=9)).isoformat()}
    server.sql(f"INSERT INTO {t.name}.t1 VALUES (1, 'Adela')")
    connection = pymysql.connect(host=server.host, port=server.port, user=server.root_user, password=server.root_password,
                                 database=t.name, autocommit=True)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        thread = cursor.fetchone()[0]
        cursor.execute("INSERT INTO t1 VALUES (2, 'Bella'), (3, 'Cleo')")
        cursor.execute("SELECT @@last_gtid" if server.engine == "mariadb" else "SELECT @@GLOBAL.gtid_executed")
        gtid = cursor.fetchone()[0].replace("\n", "")
        server.sql(f"INSERT INTO {t.name}.t1 VALUES (4, 'Dora')")
    body = {"instance": "Amazon Aurora MySQL", **times}
    if server.engine == "mysql":
        body["thread"] = thread
    else:
        body["gtid"] = gtid
        refused = w.post("/api/v1/rollbacks", {"instance": "Amazon Aurora MySQL", "thread": thread, **times}, expect=409)
        assert "MariaDB" in refused["detail"]
    shown = w.post("/api/v1/rollbacks", {**body, "preview": True}, expect=200)
    assert shown["possible"] and shown["tasks"][0]["row_count"] == 2 and shown["tasks"][0]["change"] is None, shown.json
    made = t.checked(w.post("/api/v1/rollbacks", body).json)
    assert made["type"] == "data.rollback" and made["rollback_of"] is None
    w.post(f"/api/v1/issues/{made['id']}/approve", None, expect=200)
    made = t.settled(made)
    assert t.query() == ["Adela", "Dora"]
    t.roll_back(made)
    assert t.query() == ["Adela", "Bella", "Cleo", "Dora"]
    # A table that was altered behind the rows is known only as it is now.
    server.sql(f"ALTER TABLE {t.name}.t1 ADD COLUMN age INT")
    altered = w.post("/api/v1/rollbacks", body, expect=409)
    assert "changed after them" in altered["detail"]


def test_without_a_binary_log_rows_are_read_in_the_changes_own_transaction(tutorial):
    t, w, server = tutorial, tutorial.w, tutorial.server
    t.change_data("INSERT INTO t1 VALUES (1, 'Adela'), (2, 'Bella')")
    server.sql("SET GLOBAL binlog_format = 'STATEMENT'")
    issue = t.change_data("UPDATE t1 SET name = 'x' WHERE id = 1; DELETE FROM t1 WHERE id = 2; INSERT INTO t1 VALUES (3, 'Cleo')", rollback=True)
    said = [c for c in tasks_of(issue)[0]["checks"] if c["kind"] == "binlog"]
    assert said[0]["status"] == "passed" and "before and after each statement" in said[0]["title"]
    shown = w.get(f"/api/v1/issues/{issue['id']}/rollback")["tasks"][0]
    assert shown["source"] == "rows" and shown["mode"] == "sql" and shown["row_count"] == 3, shown
    rollback = t.roll_back(issue)
    assert t.query() == ["Adela", "Bella"]
    t.roll_back(rollback)
    assert t.query() == ["x", "Cleo"]
