"""A workspace whose proxy stands before one server twice: as `test`, in Test, and as `prod`, in Prod. No test is in here."""

import os
import subprocess

import pymysql

import admin
import harness

PLUGINS = {"mysql": "caching_sha2_password", "mariadb": "mysql_native_password"}


class Gated:
    """Ada owns the workspace, Bob is a DBA; both have accounts of their names. `app` is an application's account."""

    def __init__(self, server, workspace):
        self.server, self.w = server, workspace
        workspace.set_up()
        self.ada = workspace.get("/api/v1/me")["id"]
        self.bob = workspace.add_user("Bob", "dba")[0]["id"]
        self.instances = {name: workspace.add_instance(server, name, environment)["id"]
                          for name, environment in (("test", "Test"), ("prod", "Prod"))}
        self.accounts = {"app": self.add_account("app", "service"), "ada": self.add_account("ada", "human", self.ada),
                         "bob": self.add_account("bob", "human", self.bob)}

    def add_account(self, name, kind, user=None, **more):
        body = {"name": name, "kind": kind, "password": admin.PASSWORD, "plugin": PLUGINS[self.server.engine], **more}
        if user:
            body["user"] = user
        return self.w.post("/api/v1/accounts", body)["id"]

    def sync(self):
        for instance in self.instances.values():
            self.w.post(f"/api/v1/instances/{instance}/sync", {}, expect=200)

    def database(self, name, instance="test"):
        found = self.w.get(f"/api/v1/databases?name={name}&instance={self.instances[instance]}")["items"]
        assert len(found) == 1, found
        return found[0]

    def rules(self, environment, **levels):
        """Only these review rules are on; others have tests of their own."""
        all_of_them = self.w.get("/api/v1/environments")["items"]
        found = next(e for e in all_of_them if e["name"] == environment)
        review = {"*": {"level": "off"}, **{rule: {"level": level} for rule, level in levels.items()}}
        self.w.patch(f"/api/v1/environments/{found['id']}", {"review": review})

    def gate(self, environment, **gate):
        found = next(e for e in self.w.get("/api/v1/environments")["items"] if e["name"] == environment)
        self.w.patch(f"/api/v1/environments/{found['id']}", {"gate": gate})

    def at(self, account, instance):
        endpoint = self.w.mysql(f"{account}@{instance}")
        endpoint.engine, endpoint.tools = self.server.engine, self.server.tools
        return endpoint

    def connect(self, account, instance, database=None, **more):
        return self.at(account, instance).connect(database, autocommit=True, **more)

    def sql(self, account, instance, text, database=None):
        """The statement's rows, as dictionaries."""
        with self.connect(account, instance, database, cursorclass=pymysql.cursors.DictCursor) as connection:
            with connection.cursor() as cursor:
                cursor.execute(text)
                return list(cursor.fetchall())

    def refused(self, account, instance, text, database=None):
        """The error's number and message."""
        try:
            self.sql(account, instance, text, database)
        except pymysql.err.Error as error:
            return error.args
        raise AssertionError(f"{text} was not refused")

    def issue_of(self, message):
        """The number in "Sluice: change #42 needs review: URL"."""
        assert "Sluice: change #" in message, message
        return int(message.split("Sluice: change #")[1].split(" ")[0])

    def status(self, issue, account="bob"):
        return self.sql(account, "prod", f"CALL sluice.issue({issue})")[0]["status"]

    def wait_for(self, issue, status):
        harness.wait_for(lambda: self.status(issue) == status, f"issue {issue} to be {status}",
                         lambda: str(self.w.get(f"/api/v1/issues/{issue}").json) + self.w.explain())

    def approve(self, issue, account="bob"):
        """By another person than its author, once its checks have run."""
        checked = lambda: all(t["checks_status"] not in ("not_run", "running")  # noqa: E731
                              for s in self.w.get(f"/api/v1/issues/{issue}")["stages"] for t in s["tasks"])
        harness.wait_for(checked, "the checks", self.w.explain)
        self.sql(account, "prod", f"CALL sluice.approve({issue})")

    def history(self, database, instance="test", account="ada"):
        """Newest first; without the first record of what was there before."""
        return [e for e in self.sql(account, instance, f"CALL sluice.history('{database}')") if e["type"] != "schema.baseline"]

    def no_drift(self, database, instance="test"):
        path = f"/api/v1/databases/{self.database(database, instance)['id']}/scan"
        # A change of a table that a client had locked is recorded when it is free.
        harness.wait_for(lambda: self.w.post(path, {}, expect=200)["state"] != "busy", "the changes to be recorded", self.w.explain)
        scanned = self.w.post(path, {}, expect=200)
        anomalies = self.w.get("/api/v1/anomalies?status=open")["items"]
        assert scanned["state"] == "same", f"{scanned.text} {anomalies}"

    def client(self, account, instance, text, database=""):
        """Standard output and error of the stock command line client."""
        endpoint = self.at(account, instance)
        name = "mysql" if self.server.engine == "mysql" else "mariadb"
        program = f"{endpoint.tools}/{name}" if os.path.exists(f"{endpoint.tools}/{name}") else name
        command = [program, "--host=127.0.0.1", f"--port={endpoint.port}", f"--user={endpoint.user}", "--batch", "--force", database or "--no-auto-rehash"]
        done = subprocess.run(command, input=text, env={**os.environ, "MYSQL_PWD": endpoint.password}, capture_output=True, text=True,
                              timeout=harness.CLIENT_SECONDS, check=False)
        return done.stdout, done.stderr
