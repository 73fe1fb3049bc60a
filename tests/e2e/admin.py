"""`sluice serve` with a store of its own, and a client of its API; a PostgreSQL for stores. No test is in here."""

import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request

import harness

PASSWORD = "correct horse battery"


class Postgres:
    """A PostgreSQL 15 of the distribution's on a Unix socket, as an unprivileged user when we are root."""

    BIN = pathlib.Path("/usr/lib/postgresql/15/bin")

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sluice-pg-"))
        self.count = 0
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            user = pwd.getpwnam("postgres")
            self.as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        else:
            self.as_user = {}

    def run(self, program, *arguments):
        subprocess.run([self.BIN / program, *arguments], check=True, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       **self.as_user)

    def start(self):
        self.run("initdb", "-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-t", "300", "-l", str(self.folder / "log"), "-o",
                 f"-c listen_addresses='' -k {self.folder} -c fsync=off", "start")

    def new_database(self):
        self.count += 1
        self.run("createdb", "-h", str(self.folder), "-U", "postgres", f"s{self.count}")
        return f"postgresql:///s{self.count}?host={self.folder}&user=postgres"

    def restart(self):
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-t", "300", "-m", "immediate", "-l", str(self.folder / "log"), "restart")

    def stop(self):
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


class Answer:
    """An answer of the API: its status, headers and JSON (or text)."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.text = status, headers, body.decode()
        self.json = json.loads(body) if "json" in (headers.get("Content-Type") or "") else None

    def __getitem__(self, key):
        return self.json[key]


class Workspace:
    """`sluice serve` on a folder (and a PostgreSQL when `store` is a URL), without any configuration file."""

    def __init__(self, folder, store="", arguments=(), scheme="http"):
        self.folder, self.store, self.arguments, self.scheme = pathlib.Path(folder), store, list(arguments), scheme
        self.mysql_port, self.admin_port, self.process, self.token = harness.free_port(), harness.free_port(), None, None

    def start(self):
        self.folder.mkdir(exist_ok=True)
        command = [harness.SLUICE, "serve", "--data", self.folder / "data", "--mysql-listen", f"127.0.0.1:{self.mysql_port}",
                   "--admin-listen", f"127.0.0.1:{self.admin_port}", *self.arguments]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SLUICE_")}
        if self.store:
            environment["SLUICE_STORE_URL"] = self.store
        self.log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        return self

    def __enter__(self):
        self.start()
        harness.wait_for(self.answers, "the admin port to answer", self.explain)
        return self

    def answers(self):
        assert self.process.poll() is None, self.explain()
        try:
            return self.call("GET", "/healthz").status == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    def explain(self):
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.log.close()
        assert status == 0, f"sluice serve ended with {status}: {self.explain()}"

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.admin_port}"

    def open(self, method, path, body=None, token=None, headers=None, timeout=120, context=None):
        request = urllib.request.Request(self.url + path, method=method, headers=dict(headers or {}))
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if token or self.token:
            request.add_header("Authorization", f"Bearer {token or self.token}")
        return urllib.request.urlopen(request, timeout=timeout, context=context)

    def call(self, method, path, body=None, token=None, headers=None, expect=None, context=None):
        try:
            with self.open(method, path, body, token, headers, context=context) as found:
                answer = Answer(found.status, found.headers, found.read())
        except urllib.error.HTTPError as refused:
            with refused:
                answer = Answer(refused.code, refused.headers, refused.read())
        assert expect is None or answer.status == expect, f"{method} {path}: {answer.status}, not {expect}: {answer.text}"
        return answer

    def get(self, path, **more):
        return self.call("GET", path, expect=200, **more)

    def post(self, path, body, expect=201, **more):
        return self.call("POST", path, body, expect=expect, **more)

    def patch(self, path, body, expect=200, **more):
        return self.call("PATCH", path, body, expect=expect, **more)

    def delete(self, path, expect=204, **more):
        return self.call("DELETE", path, expect=expect, **more)

    def set_up(self):
        """Makes the first person and is it from then on."""
        made = self.post("/api/v1/setup", {"name": "Ada", "email": "ada@example.org", "password": PASSWORD})
        self.token = made["token"]
        return made

    def add_user(self, name, role):
        """Adds a person and signs in; the user and its token."""
        email = f"{name.lower()}@example.org"
        user = self.post("/api/v1/users", {"name": name, "email": email, "password": PASSWORD, "role": role}).json
        return user, self.sign_in(email)

    def sign_in(self, email, password=PASSWORD):
        return self.post("/api/v1/sessions", {"email": email, "password": password})["token"]

    def add_instance(self, server, name="main", environment="Test"):
        return self.post("/api/v1/instances", {
            "name": name, "engine": "mysql", "environment": environment, "host": server.host, "port": server.port,
            "username": server.root_user, "password": server.root_password, "tls": {"mode": "preferred"}}).json

    def mysql(self, user, password=PASSWORD):
        """How a MySQL client reaches the proxy as that account."""
        return harness.Endpoint("mysql", "127.0.0.1", self.mysql_port, user, password)


def tasks_of(issue):
    return [task for stage in issue["stages"] for task in stage["tasks"]]


def explain(issue):
    return [(task["status"], task["reason"], [(c["kind"], c["status"], c["title"], c["detail"]) for c in task["checks"] if c["status"] != "passed"])
            for task in tasks_of(issue)]


def settled(workspace, issue, status="done"):
    """The issue once its tasks have that status. What only warned in an automatic environment is let go, as a person would."""
    path = f"/api/v1/issues/{issue['id']}"

    def is_there():
        now = workspace.get(path).json
        for task in tasks_of(now):
            if task["status"] == "pending_approval" and task["checks_status"] == "warning":
                workspace.call("POST", f"/api/v1/tasks/{task['id']}/run")
        return all(task["status"] == status for task in tasks_of(now))

    harness.wait_for(is_there, f"the tasks to be {status}", lambda: str(explain(workspace.get(path).json)))
    return workspace.get(path).json


def resolve(workspace, issue):
    assert workspace.post(f"/api/v1/issues/{issue['id']}/resolve", None, expect=200)["status"] == "done"


def ask(workspace, project, kind, title, targets, statement=None):
    body = {"project": project, "type": kind, "title": title, "targets": targets}
    if statement is not None:
        body["statement"] = statement
    return workspace.post("/api/v1/issues", body).json
