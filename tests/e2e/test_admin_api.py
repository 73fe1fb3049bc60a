"""The API of a running `sluice serve`, on both stores: from setup to a MySQL login that was made over HTTP."""

import concurrent.futures
import json
import pathlib
import shutil
import ssl
import subprocess

import pymysql
import pytest

import admin
import harness


@pytest.fixture(scope="module")
def postgres():
    if not (admin.Postgres.BIN / "initdb").exists():
        pytest.skip("PostgreSQL 15 cannot be had on this machine")
    found = admin.Postgres()
    found.start()
    yield found
    found.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request):
    """The URL of an empty store: "" for SQLite."""
    return request.getfixturevalue("postgres").new_database() if request.param == "postgres" else ""


@pytest.fixture
def workspace(store, tmp_path):
    with admin.Workspace(tmp_path / "sluice", store) as running:
        yield running


def login(endpoint, **more):
    with endpoint.connect(connect_timeout=30, **more) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 6 * 7")
        return cursor.fetchone()[0]


def refused(endpoint):
    with pytest.raises(pymysql.err.OperationalError) as caught:
        login(endpoint)
    return caught.value.args[0]


def test_from_setup_to_a_mysql_login(server, workspace):
    w = workspace
    assert refused(w.mysql("shop")) == 1105  # no instance yet
    w.set_up()
    dba, dba_token = w.add_user("Grace", "dba")
    ci = w.post("/api/v1/tokens", {"name": "ci"}, token=dba_token)
    assert [t["name"] for t in w.get("/api/v1/tokens", token=ci["token"])["items"]] == ["ci"]
    staging = w.post("/api/v1/environments", {"name": "Staging", "order": 1, "approval": "manual",
                                              "gate": {"human": {"dml": "deny"}}}, token=ci["token"])
    assert staging["gate"]["human"]["dml"] == "deny" and staging["gate"]["human"]["ddl"] == "review"
    project = w.post("/api/v1/projects", {"name": "TestProject", "key": "TAR", "mode": "standard"})
    w.call("PUT", f"/api/v1/projects/{project['id']}/members", {"user": dba["id"], "role": "owner"}, expect=200)
    instance = w.add_instance(server)
    account = w.post("/api/v1/accounts", {"name": "shop", "kind": "service", "password": admin.PASSWORD,
                                          "instances": [instance["id"]]})
    # The account acts at once; the instance has been asked who it is by the first login at the latest.
    assert login(w.mysql("shop")) == 42
    assert login(w.mysql("shop@main")) == 42
    assert refused(w.mysql("shop", "wrong password")) == 1045
    state = w.get(f"/api/v1/instances/{instance['id']}")["state"]
    assert state["up"] and ("MariaDB" in state["version"]) == (server.engine == "mariadb")

    path = f"/api/v1/accounts/{account['id']}"
    w.patch(path, {"password": "a new password", "plugin": "mysql_native_password"})
    assert refused(w.mysql("shop")) == 1045
    assert login(w.mysql("shop", "a new password")) == 42
    w.patch(path, {"disabled": True})
    assert refused(w.mysql("shop", "a new password")) == 1045
    w.patch(path, {"disabled": False, "require_tls": True})
    assert refused(w.mysql("shop", "a new password")) == 1045
    assert login(w.mysql("shop", "a new password"), ssl={"ca": None, "check_hostname": False, "verify_mode": False}) == 42
    w.delete(path)
    assert refused(w.mysql("shop", "a new password")) == 1045
    actions = [e["action"] for e in w.get("/api/v1/audit?limit=500")["items"]]
    assert actions.count("accounts.change") == 3 and actions[-1] == "setup"
    assert w.get("/api/v1/audit/verify")["ok"]
    verify = [harness.SLUICE, "audit", "verify", "--data", w.folder / "data", *(["--store", w.store] if w.store else [])]
    done = subprocess.run(verify, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and "entries, the chain is whole" in done.stdout, done.stderr + done.stdout
    # That the log was read is written into it a moment later.
    assert int(done.stdout.split()[0]) >= len(actions)


def test_sessions_end_with_their_account(server, workspace):
    w = workspace
    w.set_up()
    instance = w.add_instance(server)
    person, _ = w.add_user("Eve", "developer")
    w.post("/api/v1/accounts", {"name": "eve", "kind": "human", "user": person["id"], "password": admin.PASSWORD,
                                "instances": [instance["id"]]})
    with w.mysql("eve").connect() as connection:
        listed = w.get("/api/v1/connections?account=eve")["items"]
        assert [c["id"] for c in listed] == [connection.thread_id()]
        w.patch(f"/api/v1/users/{person['id']}", {"active": False})
        harness.wait_for(lambda: not w.get("/api/v1/connections?account=eve")["items"], "the session to end", w.explain)
        with pytest.raises(pymysql.err.Error):
            connection.query("SELECT 1")
    assert refused(w.mysql("eve")) == 1045
    w.patch(f"/api/v1/users/{person['id']}", {"active": True})
    with w.mysql("eve").connect() as connection:
        w.delete(f"/api/v1/connections/{connection.thread_id()}")
        harness.wait_for(lambda: not w.get("/api/v1/connections")["items"], "the session to end", w.explain)
        with pytest.raises(pymysql.err.Error):
            connection.query("SELECT 1")
    w.delete(f"/api/v1/instances/{instance['id']}")
    assert refused(w.mysql("eve")) in (1045, 1105)  # its only instance is gone: it reaches none


def test_an_account_stays_in_its_databases(server, workspace, database):
    w = workspace
    w.set_up()
    instance = w.add_instance(server)
    server.sql(f"CREATE TABLE {database}.t (a INT); CREATE DATABASE IF NOT EXISTS e2e_secret; CREATE TABLE IF NOT EXISTS e2e_secret.t (a INT)")
    w.post("/api/v1/accounts", {"name": "shop", "kind": "service", "password": admin.PASSWORD, "instances": [instance["id"]],
                                "databases": [database]})
    with w.mysql("shop").connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO t VALUES (1)")
        cursor.execute("SELECT a FROM t")
        assert cursor.fetchall() == ((1,),)
        for text in ("SELECT * FROM e2e_secret.t", "INSERT INTO t SELECT * FROM e2e_secret.t",
                     "PREPARE s FROM 'SELECT * FROM e2e_secret.t'", "SET @v = 'SELECT * FROM e2e_secret.t'; PREPARE s FROM @v"):
            with pytest.raises(pymysql.err.Error) as caught:
                for part in text.split("; "):
                    cursor.execute(part)
            assert "account.databases" in caught.value.args[1], text
        # The schema may be entered without a statement; what is then read there is judged by it.
        connection.select_db("e2e_secret")
        with pytest.raises(pymysql.err.Error) as caught:
            cursor.execute("SELECT * FROM t")
        assert "e2e_secret" in caught.value.args[1]
    server.sql("DROP DATABASE e2e_secret")


def test_what_is_kept_outlives_the_program(store, tmp_path):
    with admin.Workspace(tmp_path / "sluice", store) as w:
        w.set_up()
        w.post("/api/v1/projects", {"name": "Shop", "key": "SHOP"})
        token = w.token
        w.kill()
        w.start()
        harness.wait_for(w.answers, "the admin port to answer again", w.explain)
        w.token = token
        assert [p["name"] for p in w.get("/api/v1/projects")["items"]] == ["Default", "Shop"]
        assert w.call("POST", "/api/v1/setup", {"name": "E", "email": "e@x.org", "password": admin.PASSWORD}).status == 409


def test_of_many_setups_at_once_one_wins(workspace):
    def set_up(i):
        return workspace.call("POST", "/api/v1/setup", {"name": f"n{i}", "email": f"n{i}@example.org", "password": admin.PASSWORD}).status
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(set_up, range(8))) == [201] + [409] * 7


def start_fails(w):
    w.start()
    status = w.process.wait(60)
    w.log.close()
    return status, w.explain()


def test_a_store_that_is_not_this_programs_is_refused(store, tmp_path):
    with admin.Workspace(tmp_path / "sluice", store) as w:
        w.set_up()
    key = w.folder / "data/key"
    assert key.stat().st_mode & 0o777 == 0o600
    kept = key.read_text()
    key.write_text("0" * 64 + "\n")
    status, log = start_fails(w)
    assert status == 3 and "put the key file back" in log and kept.strip() not in log, log
    key.write_text(kept)
    key.chmod(0o640)
    status, log = start_fails(w)
    assert status == 3 and "chmod 600" in log, log
    key.chmod(0o600)
    if not store:
        shutil.copy(w.folder / "data/sluice.db", w.folder / "kept")
        (w.folder / "data/sluice.db").write_bytes(b"not a database at all, but long enough to be looked at" * 20)
        status, log = start_fails(w)
        assert status == 3 and "sluice.db" in log, log


def test_two_programs_on_one_store_follow_each_other(server, postgres, tmp_path):
    url = postgres.new_database()
    with admin.Workspace(tmp_path / "a", url) as a:
        a.set_up()
        (tmp_path / "b/data").mkdir(parents=True, mode=0o700)
        shutil.copy(a.folder / "data/key", tmp_path / "b/data/key")
        with admin.Workspace(tmp_path / "b", url) as b:
            b.token = a.token
            a.add_instance(server)
            account = a.post("/api/v1/accounts", {"name": "shop", "kind": "service", "password": admin.PASSWORD})

            def enters():
                try:
                    return login(b.mysql("shop")) == 42
                except pymysql.err.OperationalError:
                    return False
            harness.wait_for(enters, "the other proxy to know the account", b.explain)
            b.delete(f"/api/v1/accounts/{account['id']}")
            harness.wait_for(lambda: a.get("/api/v1/accounts")["items"] == [], "the list to be empty", a.explain)
            assert refused(b.mysql("shop")) == 1045


def test_a_postgresql_that_restarts_is_found_again(postgres, tmp_path):
    with admin.Workspace(tmp_path / "sluice", postgres.new_database()) as w:
        w.set_up()
        postgres.restart()
        harness.wait_for(lambda: w.call("GET", "/api/v1/me").status == 200, "the store to be back", w.explain)
        assert w.call("GET", "/healthz").status == 200


def test_events_arrive_as_things_change(workspace):
    w = workspace
    w.set_up()

    def next_event(stream):
        fields = {}
        while True:
            line = stream.readline().decode().rstrip("\n")
            if line.startswith(":"):
                continue
            if not line and fields:
                return fields
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
    with w.open("GET", "/api/v1/events") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        w.post("/api/v1/projects", {"name": "Shop", "key": "SHOP"})
        first = next_event(stream)
        assert first["event"] == "project" and json.loads(first["data"])["what"] == "created"
    w.post("/api/v1/environments", {"name": "Staging"})
    with w.open("GET", "/api/v1/events", headers={"Last-Event-ID": first["id"]}) as stream:
        assert next_event(stream)["event"] == "environment"
        w.delete("/api/v1/sessions/current")
        assert stream.read() == b""  # the session is over, and so is its stream
    with pytest.raises(Exception) as caught:
        w.open("GET", "/api/v1/events")
    assert caught.value.code == 401


def test_events_of_one_program_reach_the_pages_of_another(postgres, tmp_path):
    url = postgres.new_database()
    with admin.Workspace(tmp_path / "a", url) as a:
        a.set_up()
        (tmp_path / "b/data").mkdir(parents=True, mode=0o700)
        shutil.copy(a.folder / "data/key", tmp_path / "b/data/key")
        with admin.Workspace(tmp_path / "b", url) as b:
            b.token = a.token
            with b.open("GET", "/api/v1/events", timeout=60) as stream:
                a.post("/api/v1/projects", {"name": "Shop", "key": "SHOP"})
                heard = b""
                while b"event: project" not in heard:
                    line = stream.readline()
                    assert line, "the stream ended"
                    heard += line
                a.delete("/api/v1/sessions/current")
                assert b"created" in stream.read(), "the session is over, and with it its stream at the other program"


def test_the_admin_port_speaks_tls(tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    config = tmp_path / "sluice.toml"
    config.write_text(f'[admin.tls]\ncertificate = "{certificate}"\nkey = "{key}"\n')
    context = ssl.create_default_context(cafile=str(certificate))
    w = admin.Workspace(tmp_path / "sluice", "", ["--config", config], scheme="https")
    plain = w.call
    w.call = lambda *a, **k: plain(*a, **{**k, "context": context})
    with w:
        made = w.set_up()
        assert "; Secure" in made.headers["Set-Cookie"] and "HttpOnly" in made.headers["Set-Cookie"]
        assert made.headers["Strict-Transport-Security"]
        assert w.get("/api/v1/me")["email"] == "ada@example.org"
        with pytest.raises(Exception):  # noqa: B017 – plain HTTP gets no answer
            admin.Workspace.call(type("Plain", (), {"open": admin.Workspace.open, "url": w.url.replace("https", "http"), "token": None})(),
                                 "GET", "/healthz")


def test_every_answer_has_the_security_headers_and_the_contract_is_served(workspace):
    w = workspace
    for path in ("/healthz", "/api/v1/me", "/nothing", "/api/openapi.yaml"):
        headers = w.call("GET", path).headers
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer", path
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
    assert w.get("/api/openapi.yaml").text == (pathlib.Path(harness.ROOT) / "admin/http/openapi.yaml").read_text()
    big = w.call("POST", "/api/v1/setup", {"name": "x" * 100_000, "email": "a@x.org", "password": admin.PASSWORD})
    assert big.status == 413
    metrics = w.get("/metrics").text
    assert 'sluice_http_requests_total{method="GET",route="/api/v1/me",status="401"} 1' in metrics


def test_guessing_passwords_is_slowed_and_then_refused(workspace):
    w = workspace
    w.set_up()
    w.token = None
    statuses = []
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        guesses = [pool.submit(w.call, "POST", "/api/v1/sessions", {"email": "ada@example.org", "password": f"guess {i}"}) for i in range(14)]
        answers = [g.result() for g in guesses]
        statuses = [a.status for a in answers]
    assert statuses.count(401) >= 10 and 429 in statuses, statuses
    blocked = next(a for a in answers if a.status == 429)
    assert 1 <= int(blocked.headers["Retry-After"]) <= 60


@pytest.mark.skipif(shutil.which("dpkg") is None or shutil.which("readelf") is None, reason="no Debian packages on this machine")
def test_about_names_every_library_of_the_program(tmp_path):
    with admin.Workspace(tmp_path / "sluice") as w:
        w.set_up()
        parts = w.get("/api/v1/about")["parts"]
    assert all(part["name"] and part["version"] and part["licence"] for part in parts), parts
    needed = subprocess.run(["readelf", "-d", harness.SLUICE], check=True, capture_output=True, text=True).stdout
    libraries = [line.split("[")[1].rstrip("]") for line in needed.splitlines() if "(NEEDED)" in line]
    assert len(libraries) > 5, needed
    # The version of the package that a library is from: a library that is missing in the list has one that no part has.
    loaded = subprocess.run(["ldd", harness.SLUICE], check=True, capture_output=True, text=True).stdout
    for library in libraries:
        place = next((line.split("=>")[1].split()[0] for line in loaded.splitlines() if line.strip().startswith(f"{library} =>")), None)
        if place is None:  # the loader itself
            continue
        # As the package has it: /lib may be a link to /usr/lib.
        owner = subprocess.run(["dpkg", "-S", f"*/{pathlib.Path(place).name}"], check=True, capture_output=True, text=True).stdout
        package = owner.splitlines()[0].split(": ")[0].split(",")[0]
        version = subprocess.run(["dpkg-query", "-W", "-f=${source:Version} ${Version}", package], check=True, capture_output=True,
                                 text=True).stdout.split()
        assert any(part["version"] in version for part in parts), f"{library} of {package} {version} is not among the parts"
