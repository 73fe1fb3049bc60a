"""Logins in every form, pipelines, bulk, late errors, the sandbox, replication: what a session must carry through unchanged."""

import os
import re
import shutil
import socket
import struct
import subprocess
import threading

import pytest

import harness
import raw
from test_bad_peers import metric


def both(server, proxy, action):
    """The outcome of an action directly and through the proxy, which must be one."""
    direct, through = action(server), action(proxy)
    assert direct == through
    return direct


# --- logins -----------------------------------------------------------------------------------------------------------------------

def verifier(password):
    """What `sluice verifier` prints for it, key by key."""
    done = subprocess.run([harness.SLUICE, "verifier"], input=password, capture_output=True, text=True, timeout=60, check=True)
    return dict(re.findall(r'^(\w+) = "?([^"\n]+)"?$', done.stdout, re.M))


@pytest.fixture(scope="module")
def full(server, tmp_path_factory):
    """A proxy whose account `slow` has the verifier of the full login only, as one that was copied from mysql.user has."""
    text = verifier("the slow password")["verifier"]
    account = f'[[account]]\nname = "slow"\nkind = "service"\nverifier = "{text}"\ninstances = ["main"]\n'
    native = '[[account]]\nname = "native"\nkind = "service"\npassword_env = "ACCOUNT_PASSWORD"\nplugin = "mysql_native_password"\n'
    with harness.Proxy(server, tmp_path_factory.mktemp("full"), account + native) as running:
        harness.wait_for(running.is_ready, "the server to be known", running.explain)
        yield running


@pytest.mark.parametrize("tls", [False, True], ids=["rsa", "tls"])
def test_a_full_login_teaches_the_fast_one(server, tmp_path, tls):
    text = verifier("the slow password")["verifier"]
    account = f'[[account]]\nname = "slow"\nkind = "service"\nverifier = "{text}"\ninstances = ["main"]\n'
    with harness.Proxy(server, tmp_path, account) as running:
        harness.wait_for(running.is_ready, "the server to be known", running.explain)
        seen = []
        for password in ("wrong", "the slow password", "the slow password", "wrong"):
            with raw.Raw(running.host, running.port) as c:
                answer = c.login("slow", password, tls=raw.unverified() if tls else None, plugin="caching_sha2_password")
                seen.append((raw.error(answer)[0] if raw.error(answer) else None, b"\x01\x04" in c.authentication))
                if answer[:1] == b"\0":
                    assert raw.rows(c.query("SELECT 'in'")) == [("in",)]
        assert seen[:3] == [(1045, True), (None, True), (None, False)]
        assert seen[3][0] == 1045


def test_the_97_client_logs_in_in_full_over_rsa_and_not_without_the_key(full):
    mysql = harness.cache() / "mysql97/current/bin/mysql"
    if not mysql.exists():
        pytest.skip("the mysql 9.7 client cannot be had on this machine")
    command = [mysql, "--no-defaults", "-h", full.host, "-P", str(full.port), "-u", "slow", "--ssl-mode=DISABLED", "-N", "-e", "SELECT 'rsa'"]
    environment = {**os.environ, "MYSQL_PWD": "the slow password"}
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert refused.returncode != 0 and "2061" in refused.stderr
    assert subprocess.run([*command, "--get-server-public-key"], capture_output=True, text=True, timeout=60, check=True, env=environment).stdout == "rsa\n"


def test_a_wrong_password_and_an_unknown_account_look_alike(full):
    """The same packets and the same error, whichever plugin and verifier the account has, and whether there is one."""
    seen = {}
    for user in ("slow", "unknown", "unknown@main", "unknown@nowhere", full.user):
        with raw.Raw(full.host, full.port) as c:
            number, state, text = raw.error(c.login(user, "wrong"))
            assert text == f"Access denied for user '{user}'@'127.0.0.1' (using password: YES)"
            seen[user] = number, state, c.authentication[:-1]
    assert len({str(outcome) for user, outcome in seen.items() if user.startswith("unknown")}) == 1
    assert {outcome[:2] for outcome in seen.values()} == {(1045, "28000")}


@pytest.mark.parametrize("capabilities, plugin", [
    (raw.USUAL & ~raw.PLUGIN_AUTH, "mysql_native_password"), (raw.USUAL, "mysql_native_password"), (raw.USUAL, "sha256_password"), (raw.USUAL, "no_such_plugin"),
    (raw.PROTOCOL_41 | raw.SECURE, "mysql_native_password"),
], ids=["no-plugin-auth", "native", "sha256", "unknown-plugin", "bare"])
def test_clients_that_begin_with_another_plugin(full, capabilities, plugin):
    """The account's plugin is asked for by an AuthSwitch; a client that knows none is served where its native answer is right."""
    with raw.Raw(full.host, full.port) as c:
        assert c.login("native", full.password, capabilities, plugin=plugin)[:1] == b"\0"
        assert raw.rows(c.query("SELECT 1")) == [("1",)]


def test_empty_passwords_in_their_three_forms(server, proxy):
    """Length 0, length 1 (libmysqlclient sends a zero byte), and an empty answer to an AuthSwitch."""
    for endpoint in (server, proxy):
        for answer in (b"\0", b"\1\0"):
            with raw.Raw(endpoint.host, endpoint.port) as c:
                c.capabilities = raw.USUAL
                plugin = c.plugin.encode()
                c.write(struct.pack("<IIB23s", raw.USUAL, 1 << 24, 45, b"") + b"empty\0" + answer + plugin + b"\0")
                outcome = c.authenticate(b"", c.nonce)
                assert outcome[:1] == b"\0" or server.engine == "mariadb" and answer == b"\1\0", raw.error(outcome)
    with raw.Raw(proxy.host, proxy.port) as c:
        assert c.login("empty", "", plugin="no_such_plugin")[:1] == b"\0"
        assert b"\xfe" in {step[:1] for step in c.authentication}


def test_require_tls_holds_at_the_proxy(proxy):
    with raw.Raw(proxy.host, proxy.port) as c:
        number, _, text = raw.error(c.login("tls", proxy.password))
        assert number == 1045 and text == "Access denied for user 'tls'@'127.0.0.1' (using password: YES)"
    with raw.Raw(proxy.host, proxy.port) as c:
        assert c.login("tls", proxy.password, tls=raw.unverified())[:1] == b"\0"


def test_collation_255_and_a_maximum_of_nothing(server, proxy):
    """MariaDB does not know 255 and falls back; old drivers say that their packets are of 0 bytes."""
    def session(endpoint):
        with raw.Raw(endpoint.host, endpoint.port) as c:
            assert c.login(endpoint.user, endpoint.password, collation=255, max_packet=0)[:1] == b"\0"
            return raw.rows(c.query("SELECT @@collation_connection, @@character_set_client, REPEAT('x', 70000) = ''"))

    assert both(server, proxy, session)


@pytest.mark.parametrize("collation", [8, 45, 33, 28, 13, 224, 63, 11])
def test_the_logins_collation_is_the_sessions(server, proxy, collation):
    """Also where a server's connection is used again, whatever the client before did to its character sets."""
    def session(endpoint):
        found = []
        for _ in range(3):
            with raw.Raw(endpoint.host, endpoint.port) as c:
                assert c.login(endpoint.user, endpoint.password, collation=collation)[:1] == b"\0"
                found.append(raw.rows(c.query(
                    "SELECT @@collation_connection, @@character_set_client, @@character_set_results, @@character_set_connection")))
                c.query("SET NAMES latin2")
                c.query("SET character_set_results = NULL")
                c.send(1)
                assert c.ends()
        assert found[0] == found[1] == found[2]
        return found

    assert both(server, proxy, session)


def test_change_user(server, proxy, database):
    """With a schema, attributes and another account; a wrong password ends the session, as the server does."""
    def change(endpoint, user, password, more=b""):
        with raw.logged_in(endpoint, capabilities=raw.USUAL | raw.ATTRIBUTES, attributes={"program_name": "e2e"}) as c:
            c.query("SET @left_over = 1")
            response = raw.RESPONSES[c.plugin](password.encode(), c.nonce)
            c.send(0x11, user.encode() + b"\0" + bytes([len(response)]) + response + database.encode() + b"\0" + struct.pack("<H", 45) + c.plugin.encode()
                   + b"\0" + more)
            answer = c.authenticate(password.encode(), c.nonce)
            if raw.error(answer):
                return raw.error(answer)[:2], c.ends()
            return raw.rows(c.query("SELECT @left_over, DATABASE()")), c.query("DO 1")

    attributes = raw.lenenc(raw.lenenc("program_name") + raw.lenenc("changed"))
    assert both(server, proxy, lambda e: change(e, e.user, e.password, attributes))[0] == [(None, database)]
    if server.engine == "mysql":  # MariaDB goes on as the account before; through the proxy the session ends
        assert change(server, server.user, "wrong", attributes) == ((1045, "28000"), True)
    for user in (proxy.user, "nobody"):
        assert change(proxy, user, "wrong", attributes) == ((1045, "28000"), True)


# --- commands ---------------------------------------------------------------------------------------------------------------------

def test_thousands_of_commands_before_their_answers(server, proxy):
    """As Connector/J 2.7's batches do; the answers stay in order, with a row set or an error among them."""
    count = 4355

    def session(endpoint):
        with raw.logged_in(endpoint) as c:
            def send():
                for i in range(count):
                    c.send(3, f"SELECT {i}" if i % 7 else f"SELECT absent_{i}")

            sender = threading.Thread(target=send)
            sender.start()
            answers = [c.answer() for _ in range(count)]
            sender.join()
            return [raw.error(a[-1]) or raw.rows(a) for a in answers]

    found = both(server, proxy, session)
    assert found[1] == [("1",)] and "absent_7" in found[7][2] and len(found) == count


def test_pipelining_behind_commands_without_an_answer(server, proxy):
    """LONG_DATA and CLOSE are answered by nothing; what is sent right behind them is."""
    def session(endpoint):
        with raw.logged_in(endpoint) as c:
            statement = c.prepare("SELECT LENGTH(?)")
            piece = statement + b"\0\0" + b"l" * 100_000
            run = raw.packet(0, b"\x18" + piece) * 30
            run += raw.packet(0, b"\x17" + statement + b"\0\1\0\0\0" + b"\0\1\xfc\0")
            run += raw.packet(0, b"\x19" + statement) + raw.packet(0, b"\x0e") + raw.packet(0, b"\x03SELECT 'behind'")
            threading.Thread(target=c.socket.sendall, args=(run,)).start()
            return c.answer(0x17)[-2:], c.answer(0x0E), raw.rows(c.answer())

    found = both(server, proxy, session)
    assert struct.pack("<I", 3_000_000) in found[0][0] and found[2] == [("behind",)]


def test_bulk_execute(server, proxy, database):
    """MariaDB's COM_STMT_BULK_EXECUTE: many rows in one command."""
    if server.engine != "mariadb":
        pytest.skip("MySQL has no COM_STMT_BULK_EXECUTE")
    server.sql(f"CREATE TABLE {database}.b (id INT PRIMARY KEY, s VARCHAR(20))")

    def session(endpoint):
        server.sql(f"DELETE FROM {database}.b")
        with raw.Raw(endpoint.host, endpoint.port) as c:
            capabilities = (raw.USUAL & ~raw.LONG_PASSWORD) | raw.MARIADB_BULK
            assert c.login(endpoint.user, endpoint.password, capabilities, database)[:1] == b"\0"
            statement = c.prepare("INSERT INTO b VALUES (?, ?)")
            rows = b"".join(b"\0" + struct.pack("<i", i) + (b"\0" + raw.lenenc(f"row {i}") if i % 3 else b"\1") for i in range(2000))
            answer = c.command(0xFA, statement + struct.pack("<H", 128) + b"\x03\0\xfd\0" + rows)
            assert answer[0][:1] == b"\0", raw.error(answer[0])
            again = c.command(0xFA, statement + struct.pack("<H", 128) + b"\x03\0\xfd\0" + rows[:20])
            return answer, raw.error(again[0])[:2], raw.rows(c.query("SELECT COUNT(*), COUNT(s), SUM(id), MAX(s) FROM b"))

    assert both(server, proxy, session)[2] == [("2000", "1333", "1999000", "row 998")]


def test_errors_in_the_middle_of_a_result(server, proxy, database):
    """1317 by KILL QUERY with the greeting's id, and a time limit, while rows are on their way; the session goes on."""
    server.sql(f"CREATE TABLE {database}.n (i INT PRIMARY KEY)")
    server.sql(f"INSERT INTO {database}.n VALUES " + ",".join(f"({i})" for i in range(1000)))

    def killed(endpoint):
        with raw.logged_in(endpoint, database=database) as c, raw.logged_in(endpoint) as killer:
            c.send(3, "SELECT REPEAT('x', 1000), a.i FROM n a, n b, n c")
            first = [c.read() for _ in range(20)]
            assert killer.query(f"KILL QUERY {c.thread_id}")[0][:1] == b"\0"
            end = c.until_end(c.read())[-1]
            assert len(first) == 20
            return raw.error(end), raw.rows(c.query("SELECT 'on'"))

    def limited(endpoint):
        limit = "SET max_execution_time = 50" if server.engine == "mysql" else "SET max_statement_time = 0.05"
        with raw.logged_in(endpoint, database=database) as c:
            assert c.query(limit)[0][:1] == b"\0"
            end = c.query("SELECT REPEAT('x', 100), a.i FROM n a, n b, n c")[-1]
            return raw.error(end), raw.rows(c.query("SELECT 'on'"))

    assert both(server, proxy, killed)[0][0] == 1317
    assert both(server, proxy, limited)[0][0] in (3024, 1969)


def test_kill_by_command_and_by_statement(server, proxy):
    """COM_PROCESS_KILL and KILL take the greeting's id; a stranger's id is unknown (1094)."""
    if server.engine == "mysql":
        server_kill = None  # COM_PROCESS_KILL is gone from 9.x: the proxy's own sessions still understand it
    else:
        server_kill = server
    for endpoint in filter(None, (server_kill, proxy)):
        with raw.logged_in(endpoint) as victim, raw.logged_in(endpoint) as killer:
            answer = killer.command(0x0C, struct.pack("<I", victim.thread_id))
            assert answer[0][:1] == b"\0", raw.error(answer[0])
            assert victim.ends()
            assert raw.error(killer.query("KILL 4294967290")[0])[0] == 1094


def test_process_info_is_answered_as_the_server_does(server, proxy):
    def session(endpoint):
        with raw.logged_in(endpoint) as c:
            answer = c.command(0x0A)
            return raw.error(answer[0]) and raw.error(answer[0])[:2], raw.rows(c.query("SELECT 'on'"))

    found = both(server, proxy, session)
    assert server.engine == "mariadb" or found[0][0] == 1047


def test_an_expired_password_of_the_servers_account(server, tmp_path):
    """The sandbox (1820) reaches a client that can handle it, and it can leave it; another is told why it gets no connection (1862)."""
    expire = "ALTER USER sandbox PASSWORD EXPIRE"
    leave = "SET PASSWORD = PASSWORD('sandbox-password')" if server.engine == "mariadb" else "ALTER USER USER() IDENTIFIED BY 'sandbox-password'"
    own, environment = harness.as_account(server, "sandbox")
    with harness.Proxy(server, tmp_path, instance={**own, "max_idle": 0}, environment=environment) as running:
        harness.wait_for(running.is_ready, "the server to be known", running.explain)
        server.sql(expire)
        with raw.logged_in(running, capabilities=raw.USUAL | raw.EXPIRED_PASSWORDS) as c:
            assert raw.error(c.query("SELECT 1")[0])[0] == 1820
            assert c.query(leave)[0][:1] == b"\0"
            assert raw.rows(c.query("SELECT 1")) == [("1",)]
        server.sql(expire)
        with raw.logged_in(running) as c:
            assert raw.error(c.query("SELECT 1")[0])[0] in (1862, 1820)
    server.sql("DROP USER sandbox")


# --- replication ------------------------------------------------------------------------------------------------------------------

def test_the_binary_log_is_relayed_to_an_account_that_may(server, proxy, database):
    """The binlog tool of each engine reads the server's binary log through the proxy, and gets what it gets directly."""
    tool = str(harness.cache() / "mysql97/current/bin/mysqlbinlog") if server.engine == "mysql" else shutil.which("mariadb-binlog")
    if not tool or not os.path.exists(tool):
        pytest.skip("the binlog tool cannot be had on this machine")
    server.sql(f"CREATE TABLE {database}.logged (a INT, b MEDIUMTEXT)")
    server.sql(f"INSERT INTO {database}.logged VALUES (1, REPEAT('b', 100000)), (2, 'two')")
    server.sql("FLUSH BINARY LOGS")
    files = [row[0] for row in server.sql("SHOW BINARY LOGS")]

    def read(endpoint, user=None):
        command = [tool, "--no-defaults", "--read-from-remote-server", "-h", endpoint.host, "-P", str(endpoint.port), "-u", user or endpoint.user,
                   "--base64-output=DECODE-ROWS", "-v", files[-2]]
        command += ["--ssl-mode=REQUIRED"] if server.engine == "mysql" else []
        return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=120, check=False, env={**os.environ, "MYSQL_PWD": endpoint.password})

    direct, through = read(server), read(proxy)
    assert direct.returncode == 0, direct.stderr
    assert through.returncode == 0, through.stderr
    assert "INSERT INTO" in direct.stdout and database in direct.stdout
    assert direct.stdout == through.stdout


def dump(connection, file, position, flags):
    return connection.send(0x12, struct.pack("<IHI", position, flags, 4242) + file.encode())


def test_a_dump_that_waits_gets_events_as_they_happen(server, proxy, database):
    """A replica's way: register, dump without end, an event for each change; and its end is the client's."""
    server.sql(f"CREATE TABLE {database}.live (a INT)")
    server.sql("FLUSH BINARY LOGS")
    file = server.sql("SHOW BINARY LOGS")[-1][0]
    with raw.logged_in(proxy) as c:
        c.query("SET @master_binlog_checksum = 'NONE'")
        c.query("SET @source_binlog_checksum = 'NONE'")
        assert c.command(0x15, struct.pack("<I", 4242) + b"\0\0\0" + struct.pack("<HII", 3306, 0, 0))[0][:1] == b"\0"
        dump(c, file, 4, 0)
        assert c.read()[:1] == b"\0", "the rotate event that begins a dump"
        server.sql(f"INSERT INTO {database}.live VALUES (20261126)")
        seen = b""
        while struct.pack("<I", 20261126) not in seen:
            seen = c.read()
            assert seen[:1] == b"\0", raw.error(seen)
    harness.wait_for(lambda: metric(proxy, "sluice_sessions") == 0, "the session to end", proxy.explain)


def test_the_binary_log_is_refused_to_others(server, tmp_path):
    account = '[[account]]\nname = "plain"\nkind = "service"\npassword_env = "ACCOUNT_PASSWORD"\ninstances = ["main"]\n'
    with harness.Proxy(server, tmp_path, account) as running:
        with raw.Raw(running.host, running.port) as c:
            assert c.login("plain", running.password)[:1] == b"\0"
            for byte, argument in ((0x12, struct.pack("<IHI", 4, 0, 1)), (0x1E, bytes(22)), (0x15, bytes(18))):
                c.send(byte, argument)
                assert raw.error(c.read())[0] == 1227
            assert raw.rows(c.query("SELECT 'on'")) == [("on",)]


# --- Aurora -----------------------------------------------------------------------------------------------------------------------

def test_instances_are_reached_by_name(server, tmp_path):
    """`account@instance` chooses one; one that the account may not reach is as an unknown account; the default is its first."""
    second = "\n".join(["[[instance]]", 'name = "reader"', f'engine = "{server.engine}"', f'host = "{server.host}"', f"port = {server.port}",
                        f'user = "{server.user}"', 'password_env = "BACKEND_PASSWORD"', 'tls = "disabled"', ""])
    with harness.Proxy(server, tmp_path, second + '[[account]]\nname = "both"\nkind = "service"\npassword_env = "ACCOUNT_PASSWORD"\n') as running:
        for user, number in [("both", None), ("both@main", None), ("both@reader", None), ("both@absent", 1045), (f"{server.user}@main", None),
                             (f"{server.user}@reader", 1045)]:
            with raw.Raw(running.host, running.port) as c:
                answer = c.login(user, running.password)
                assert (raw.error(answer) and raw.error(answer)[0]) == number, user
        assert metric(running, "sluice_instance_up", instance="main") == 1


def test_the_greeting_before_the_server_was_ever_there(tmp_path):
    """A client is told that the server is away, in the words of 2003, before any login."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        gone = harness.Server("mysql", "127.0.0.1", taken.getsockname()[1], "app", "password")
    with harness.Proxy(gone, tmp_path) as running:
        with pytest.raises(ConnectionRefusedError) as refused:
            raw.Raw(running.host, running.port)
        assert refused.value.args[0][0] == 2003 and "main" in refused.value.args[0][2]
        assert not running.is_ready()
