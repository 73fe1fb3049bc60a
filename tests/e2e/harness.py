"""Servers, the proxy and clients as processes; no test is in here."""

import contextlib
import dataclasses
import json
import os
import pathlib
import random
import shlex
import signal
import socket
import subprocess
import time
import urllib.request

import pymysql
import pytest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
SLUICE = pathlib.Path(os.environ.get("SLUICE_BIN", ROOT / "build/dev/sluice"))
INSTANCE = f"e2e-{os.getpid()}"
CLIENT_SECONDS = 180


@dataclasses.dataclass
class Endpoint:
    """Where a client connects and as whom."""

    engine: str
    host: str
    port: int
    user: str
    password: str
    ca: str = ""
    tools: str = "/usr/bin"

    def environment(self, database="", **more):
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith("SLUICE_")},
            "DB_ENGINE": self.engine, "DB_HOST": self.host, "DB_PORT": str(self.port), "DB_USER": self.user,
            "DB_PASSWORD": self.password, "DB_NAME": database, "DB_CA": self.ca, "MYSQL_PWD": self.password, **more,
        }

    def connect(self, database=None, **more):
        return pymysql.connect(host=self.host, port=self.port, user=self.user, password=self.password,
                               database=database, charset="utf8mb4", local_infile=True, **more)


@dataclasses.dataclass
class Server(Endpoint):
    root_user: str = ""
    root_password: str = ""
    pid: int = 0  # of a server of our own

    def sql(self, text):
        """Runs statements as root, directly; the last one's rows."""
        connection = pymysql.connect(host=self.host, port=self.port, user=self.root_user, password=self.root_password,
                                     client_flag=pymysql.constants.CLIENT.MULTI_STATEMENTS, autocommit=True)
        with connection, connection.cursor() as cursor:
            cursor.execute(text)
            rows = cursor.fetchall()
            while cursor.nextset():
                rows = cursor.fetchall()
            return rows


@contextlib.contextmanager
def row_held(server, database, table, key):
    """Inside, an INSERT of that key into `table (id, …)` waits: a transaction has the row, and is rolled back at the end. (What is killed while
    it waits is not missed, however slow the machine is.) A server that was killed meanwhile has no such row any more."""
    connection = pymysql.connect(host=server.host, port=server.port, user=server.root_user, password=server.root_password, database=database)
    with contextlib.closing(connection):
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(f"INSERT INTO {table} (id) VALUES ({key})")
        yield
        with contextlib.suppress(pymysql.err.Error):
            connection.rollback()


def cache():
    home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(os.environ.get("SLUICE_CACHE") or pathlib.Path(home) / "sluice")


def dev_mysql(action, engine, name, options=()):
    own = ["--", *options] if options else []
    return subprocess.run([ROOT / "dev", "mysql", action, "--engine", engine, "--name", INSTANCE + name, *own],
                          capture_output=True, text=True, timeout=600, check=False)


def start_server(engine, name="", options=()):
    """None when the engine cannot be had; what went wrong is on stderr. With a name it is another server than the tests' common one."""
    outcome = dev_mysql("start", engine, name, options)
    if outcome.returncode != 0:
        print(outcome.stderr)
        return None
    found = dict(shlex.split(line)[0].split("=", 1) for line in outcome.stdout.splitlines())
    get = lambda name, default="": found.get(f"SLUICE_{engine.upper()}_{name}", default)  # noqa: E731
    return Server(engine, get("HOST"), int(get("PORT")), get("APP_USER", get("USER")), get("APP_PASSWORD", get("PASSWORD")),
                  get("CA"), get("TOOLS", "/usr/bin"), get("USER"), get("PASSWORD"), int(get("PID", 0)))


def stop_server(engine, name=""):
    dev_mysql("stop", engine, name)


def has_serve():
    return SLUICE.exists() and subprocess.run([SLUICE, "serve", "--help"], capture_output=True, check=False).returncode == 0


def as_account(server, name):
    """Arguments for a Proxy that uses a server account of its own, so that its sessions can be told from others'."""
    server.sql(f"CREATE USER IF NOT EXISTS {name} IDENTIFIED BY '{name}-password'; GRANT ALL ON *.* TO {name}")
    return {"user": name, "password_env": "OWN_PASSWORD"}, {"OWN_PASSWORD": f"{name}-password"}


def sessions_of(server, name):
    return server.sql(f"SELECT COUNT(*) FROM information_schema.processlist WHERE user = '{name}'")[0][0]


_ports_given = set()


def free_port():
    """Below those that the system gives to clients, so that no connection takes it meanwhile; never the same one twice. (The servers' are from 20000.)"""
    while True:
        port = random.randrange(10000, 20000)
        if port in _ports_given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _ports_given.add(port)
        return port


def settings(values):
    """Lines of TOML; a value of None leaves the setting out."""
    return [f"{key} = {json.dumps(value)}" for key, value in values.items() if value is not None]


class Proxy(Endpoint):
    """`sluice serve` before one server. The accounts have the server's names and passwords, so that a client needs no change."""

    def __init__(self, server, folder, extra="", mysql=None, backend_tls="disabled", instance=None, environment=None, port=None):
        """`mysql` and `instance`: more settings of those sections; `extra`: more text behind everything."""
        super().__init__(server.engine, "127.0.0.1", port or free_port(), server.user, server.password, "", server.tools)
        self.server, self.folder, self.admin_port, self.process = server, folder, free_port(), None
        self.mysql, self.instance, self.environment_too = mysql or {}, {"tls": backend_tls, **(instance or {})}, environment or {}
        self.config = folder / "sluice.toml"
        self.config.write_text(self.text(extra))

    def text(self, extra):
        plugin = "caching_sha2_password" if self.engine == "mysql" else "mysql_native_password"
        account = '[[account]]\nname = "{}"\nkind = "service"\npassword_env = "{}"\nplugin = "{}"\ninstances = ["main"]\n'
        return "\n".join([
            "[mysql]",
            *settings({"listen": [f"127.0.0.1:{self.port}", f"unix:{self.folder}/socket"], "max_connect_errors": 0, **self.mysql}),
            "[admin]", f'listen = "127.0.0.1:{self.admin_port}"',
            "[store]", f'data = "{self.folder}/data"',
            "[[instance]]", 'name = "main"', f'engine = "{self.engine}"', f'host = "{self.server.host}"',
            *settings({"port": self.server.port, "user": self.user, "password_env": "BACKEND_PASSWORD", **self.instance}),
            account.format(self.user, "ACCOUNT_PASSWORD", plugin) + "may_replicate = true",
            account.format("empty", "EMPTY_PASSWORD", plugin),
            account.format("tls", "ACCOUNT_PASSWORD", plugin) + "require_tls = true", extra, "",
        ])

    def __enter__(self):
        environment = {**os.environ, **self.environment_too, "BACKEND_PASSWORD": self.password, "ACCOUNT_PASSWORD": self.password, "EMPTY_PASSWORD": ""}
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen([SLUICE, "serve", "--config", self.config], env=environment, stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        wait_for(self.answers, "the proxy to listen", self.explain)
        return self

    def answers(self):
        assert self.process.poll() is None, self.explain()
        for port in (self.port, self.admin_port):
            with socket.socket() as probe:
                if probe.connect_ex((self.host, port)) != 0:
                    return False
        return True

    def is_ready(self):
        """Whether the server behind it has been logged in to."""
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/readyz", timeout=30).status == 200
        return False

    def explain(self):
        self.log.flush()
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.log.close()
        assert status == 0, f"sluice serve ended with {status}: {self.explain_closed()}"

    def explain_closed(self):
        return (self.folder / "log").read_text(errors="replace")[-4000:]


def wait_for(condition, what, explain=lambda: "", seconds=120):
    """Until another process has done something; a limit, not a measurement."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s for {what}: {explain()}"
        time.sleep(0.05)


def run_client(command, endpoint, database, stdin=None, **more):
    """A client program's standard output; its failure is the test's."""
    done = subprocess.run(command, env=endpoint.environment(database, **more), input=stdin, capture_output=True,
                          timeout=CLIENT_SECONDS, check=False)
    output = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stderr.decode('utf-8', 'replace')}\n{output[-2000:]}"
    return output


def parse(output):
    lines = [line.split("\t", 1) for line in output.splitlines() if "\t" in line]
    found = dict(lines)
    assert len(found) == len(lines), "a feature was named twice"
    return found


def features(output, least):
    """The lines `feature<TAB>outcome` of a feature script. A feature fails exactly when its name says so ("refused: …")."""
    found = parse(output)
    assert len(found) >= least, f"only {len(found)} features ran: {output[-2000:]}"
    for name, outcome in found.items():
        assert outcome.startswith("error") == name.startswith("refused"), f"{name}: {outcome}"
    return found


def differences(direct, through):
    return {name: (direct.get(name), through.get(name)) for name in {**direct, **through} if direct.get(name) != through.get(name)}


def same_outcomes(command, server, proxy, database, least, known=None, **more):
    """Runs the feature script directly, then through the proxy, each in an emptied database.

    `known` names features that still differ, each with the reason: the test is then an expected failure that says so. Any other
    difference is a failure, and so is a feature that is missing on one side.
    """
    outcomes = []
    for endpoint, read in ((server, lambda output: features(output, least)), (proxy, parse)):
        server.sql(f"DROP DATABASE IF EXISTS {database}; CREATE DATABASE {database} CHARACTER SET utf8mb4")
        outcomes.append(read(run_client(command, endpoint, database, **more)))
    found = differences(*outcomes)
    unexpected = {name: pair for name, pair in found.items() if name not in (known or {})}
    assert not unexpected, "\n".join(f"{name}:\n  directly {pair[0]}\n  through  {pair[1]}" for name, pair in unexpected.items())
    if found:
        pytest.xfail("; ".join(f"{name}: {known[name]}" for name in found))
