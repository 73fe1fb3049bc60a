"""`sluice serve` as a service: listeners, reload, tokens, host blocking, drain, refusal of a bad configuration."""

import os
import signal
import socket
import ssl
import struct
import subprocess
import threading
import urllib.error
import urllib.request

import MySQLdb
import pytest

import harness
import raw
from test_bad_peers import one_more


def certificate(folder, name):
    """A self-signed one for localhost; its file and its key's."""
    files = folder / f"{name}.pem", folder / f"{name}-key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext",
                    "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files


# --- listeners --------------------------------------------------------------------------------------------------------------------

def test_unix_socket(server, proxy):
    """It is a secure transport: an account that requires TLS may come, and a full login needs no key."""
    path = str(proxy.folder / "socket")
    assert os.stat(path).st_mode & 0o777 == 0o777
    c = MySQLdb.connect(unix_socket=path, user=proxy.user, passwd=proxy.password)
    cursor = c.cursor()
    cursor.execute("SELECT 1 + 1")
    assert cursor.fetchall() == ((2,),)
    c.close()
    with raw.Raw(path) as c:
        assert c.login("tls", proxy.password)[:1] == b"\0"
        assert raw.rows(c.query("SELECT 'local'")) == [("local",)]
    with raw.Raw(path) as c:
        number, _, text = raw.error(c.login(proxy.user, "wrong"))
        assert number == 1045 and "'localhost'" in text


V2 = b"\r\n\r\n\0\r\nQUIT\n"
IPV4 = bytes([192, 0, 2, 7, 127, 0, 0, 1]) + struct.pack(">HH", 4711, 3306)


@pytest.fixture(scope="module")
def balanced(server, tmp_path_factory):
    """A proxy with one listener behind a load balancer."""
    folder, port = tmp_path_factory.mktemp("balanced"), harness.free_port()
    listener = f'[[listener]]\nlisten = "127.0.0.1:{port}"\nproxy_protocol = true\n'
    with harness.Proxy(server, folder, listener, mysql={"listen": None, "max_connect_errors": 3}, port=port) as running:
        yield running


@pytest.mark.parametrize("header, host", [
    (b"PROXY TCP4 192.0.2.7 127.0.0.1 4711 3306\r\n", "192.0.2.7"), (b"PROXY TCP6 2001:db8::7 ::1 4711 3306\r\n", "2001:db8::7"),
    (b"PROXY UNKNOWN\r\n", "127.0.0.1"), (V2 + b"\x21\x11\0\x0c" + IPV4, "192.0.2.7"),
    (V2 + b"\x21\x21\0\x24" + socket.inet_pton(socket.AF_INET6, "2001:db8::7") + bytes(15) + b"\1" + struct.pack(">HH", 4711, 3306), "2001:db8::7"),
    (V2 + b"\x21\x11\0\x13" + IPV4 + b"\x04\0\4skip", "192.0.2.7"), (V2 + b"\x20\0\0\0", "127.0.0.1"),
], ids=["v1-tcp4", "v1-tcp6", "v1-unknown", "v2-ipv4", "v2-ipv6", "v2-extension", "v2-local"])
def test_proxy_protocol(balanced, header, host):
    """The client's address is the header's, whether it comes at once or byte by byte, and the login behind it is served."""
    with raw.Raw(balanced.host, balanced.port, first=header) as c:
        assert c.login(balanced.user, balanced.password)[:1] == b"\0"
        assert raw.rows(c.query("SELECT 1")) == [("1",)]
    with raw.Raw(balanced.host, balanced.port, greet=False) as c:
        for byte in header:
            c.socket.sendall(bytes([byte]))
        c.greet()
        assert f"@'{host}'" in raw.error(c.login(balanced.user, "wrong"))[2]


@pytest.mark.parametrize("header", [b"PROXY TCP4 192.0.2.7\r\n", b"PROXY TCP9 a b 1 2\r\n", b"P" * 200, V2 + b"\x31\x11\0\x0c" + IPV4,
                                    V2 + b"\x21\x11\xff\xff", b"\x20\0\0\1" + bytes(32)])
def test_proxy_protocol_refuses(balanced, header):
    with one_more(balanced, "handshake_failed"), raw.Raw(balanced.host, balanced.port, greet=False) as c:
        c.socket.sendall(header)
        assert c.ends()


def test_a_host_is_blocked_after_failures_in_a_row_and_no_other(balanced):
    """1129 for it even with the right password; a success in between begins the count anew."""
    def come(host, password):
        if password != balanced.password:  # it is counted when its session has ended
            with one_more(balanced, "access_denied"):
                return knock(host, password)
        return knock(host, password)

    def knock(host, password):
        try:
            with raw.Raw(balanced.host, balanced.port, first=f"PROXY TCP4 {host} 127.0.0.1 4711 3306\r\n".encode()) as c:
                problem = raw.error(c.login(balanced.user, password))
                return problem and problem[0]
        except ConnectionRefusedError as refused:
            return refused.args[0][0]

    with one_more(balanced, "host_blocked"):
        assert [come("198.51.100.1", p) for p in ("no", "no", balanced.password, "no", "no", "no", balanced.password)] == \
            [1045, 1045, None, 1045, 1045, 1045, 1129]
    assert come("198.51.100.2", balanced.password) is None


# --- reload -----------------------------------------------------------------------------------------------------------------------

def served_certificate(proxy):
    with raw.Raw(proxy.host, proxy.port) as c:
        assert c.login(proxy.user, proxy.password, tls=raw.unverified())[:1] == b"\0"
        return c.socket.getpeercert(binary_form=True)


def hang_up(proxy, event):
    """Sends SIGHUP and waits for the log to say how it went."""
    count = proxy.explain().count(event)
    proxy.process.send_signal(signal.SIGHUP)
    harness.wait_for(lambda: proxy.explain().count(event) > count, event, proxy.explain)


def test_sighup_takes_new_certificates_without_ending_sessions(server, tmp_path):
    first, second = certificate(tmp_path, "first"), certificate(tmp_path, "second")
    extra = f'[mysql.tls]\ncertificate = "{first[0]}"\nkey = "{first[1]}"\n'
    with harness.Proxy(server, tmp_path, extra) as running:
        assert served_certificate(running) == ssl.PEM_cert_to_DER_cert(first[0].read_text())
        with raw.Raw(running.host, running.port) as old:
            assert old.login(running.user, running.password, tls=raw.unverified())[:1] == b"\0"
            for new, place in zip(second, first):
                place.write_bytes(new.read_bytes())
            hang_up(running, "event=reloaded")
            assert served_certificate(running) == ssl.PEM_cert_to_DER_cert(second[0].read_text())
            assert raw.rows(old.query("SELECT 'old'")) == [("old",)]
            first[0].write_text("this is no certificate")
            hang_up(running, "event=reload_incomplete")
            assert served_certificate(running) == ssl.PEM_cert_to_DER_cert(second[0].read_text()), "the last good one is served"


def test_sighup_takes_a_new_configuration_or_refuses_it(server, tmp_path):
    with harness.Proxy(server, tmp_path) as running:
        good = running.config.read_text()
        with raw.Raw(running.host, running.port) as c:
            assert raw.error(c.login("later", running.password))[0] == 1045
        running.config.write_text(good.replace('name = "empty"', 'name = "later"').replace("EMPTY_PASSWORD", "ACCOUNT_PASSWORD")
                                  .replace("max_connect_errors = 0", "max_connect_errors = 0\nmax_allowed_packet = 2048"))
        hang_up(running, "event=reloaded")
        with raw.Raw(running.host, running.port) as c:
            assert c.login("later", running.password)[:1] == b"\0", "an account that was added may log in"
            c.send(3, "SELECT '" + "x" * 4000 + "'")
            assert raw.error(c.read())[0] == 1153, "a limit that was changed holds for new sessions"
        with raw.Raw(running.host, running.port) as c:
            assert raw.error(c.login("empty", ""))[0] == 1045, "an account that was taken away may not"
        running.config.write_text(good.replace("max_connect_errors = 0", "max_connect_errors = 0\nmax_conections = 5"))
        hang_up(running, "event=reload_refused")
        assert "max_conections" in running.explain() and "sluice.toml:" in running.explain()
        with raw.Raw(running.host, running.port) as c:
            assert c.login("later", running.password)[:1] == b"\0", "the last good configuration is in force"


@pytest.mark.parametrize("change, says", [
    (('"127.0.0.1:', '"127.0.0.256:'), "127.0.0.256"), (("[admin]", "[admn]"), "admn"), (("max_connect_errors = 0", 'max_connect_errors = "no"'), "max_connect_errors"),
    (('kind = "service"', 'kind = "robot"'), "robot"), (("ACCOUNT_PASSWORD", "ABSENT_VARIABLE"), "ABSENT_VARIABLE"), (("[mysql]", "[mysql"), "sluice.toml"),
])
def test_a_bad_configuration_is_refused_with_its_place(server, tmp_path, change, says):
    made = harness.Proxy(server, tmp_path)
    made.config.write_text(made.config.read_text().replace(*change))
    done = subprocess.run([harness.SLUICE, "serve", "--config", made.config], capture_output=True, text=True, timeout=60, check=False,
                          env={**os.environ, "BACKEND_PASSWORD": "x", "ACCOUNT_PASSWORD": "x", "EMPTY_PASSWORD": ""})
    assert done.returncode not in (0, -signal.SIGSEGV, -signal.SIGABRT)
    assert says in done.stderr + done.stdout


def test_a_port_that_is_taken_is_named(server, tmp_path, proxy):
    second = harness.Proxy(server, tmp_path, port=proxy.port)
    done = subprocess.run([harness.SLUICE, "serve", "--config", second.config], capture_output=True, text=True, timeout=60, check=False,
                          env={**os.environ, "BACKEND_PASSWORD": "x", "ACCOUNT_PASSWORD": "x", "EMPTY_PASSWORD": ""})
    assert done.returncode == 3 and str(proxy.port) in done.stderr + done.stdout


# --- tokens -----------------------------------------------------------------------------------------------------------------------

def test_a_token_command_gives_the_password(server, tmp_path):
    """It runs once for several connections; what it prints in vain, or a failure, is told to the client."""
    log, token = tmp_path / "runs", tmp_path / "token"
    token.write_text(server.password + "\n")
    instance = {"password_env": None, "token_command": f"echo run >> {log}; cat {token}"}
    with harness.Proxy(server, tmp_path, instance=instance) as running:
        harness.wait_for(running.is_ready, "the server to be known", running.explain)
        clients = [raw.logged_in(running) for _ in range(3)]
        for c in clients:
            assert raw.rows(c.query("SELECT 'by token'")) == [("by token",)]
        assert log.read_text().count("run") == 1, "one token serves until it is old"
        for c in clients:
            c.close()
    token.write_text("")
    with harness.Proxy(server, tmp_path, instance=instance) as running:
        with pytest.raises(ConnectionRefusedError) as refused:
            raw.Raw(running.host, running.port)
        assert "token command" in refused.value.args[0][2]


class ClearPasswordServer:
    """A server that wants mysql_clear_password over TLS, as Aurora does of an IAM account. It keeps what it is given."""

    def __init__(self, files):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*files)
        self.passwords = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        c = raw.Raw.__new__(raw.Raw)
        c.socket, c.sequence = client, 0
        capabilities = raw.USUAL | raw.SSL
        try:
            c.write(b"\x0a8.0.39\0" + struct.pack("<I", 7) + b"n" * 8 + b"\0" + struct.pack("<HBHHB", capabilities & 0xFFFF, 45, 2, capabilities >> 16, 21)
                    + bytes(10) + b"n" * 12 + b"\0mysql_native_password\0")
            c.read()
            c.socket = self.context.wrap_socket(client, server_side=True)
            c.read()
            c.write(b"\xfemysql_clear_password\0")
            self.passwords.append(c.read())
            c.write(b"\0\0\0\2\0\0\0")
            while True:
                c.read()
                c.write(b"\0\0\0\2\0\0\0")
        except (raw.Closed, OSError):
            client.close()


@pytest.mark.parametrize("tls, given", [("verify_identity", True), ("verify_ca", True), ("required", False), ("preferred", False)])
def test_a_token_is_given_in_clear_to_a_verified_server_only(tmp_path, tls, given):
    files = certificate(tmp_path, "aurora")
    aurora = ClearPasswordServer(files)
    server = harness.Server("mysql", "127.0.0.1", aurora.port, "iam", "account-password")
    instance = {"password_env": None, "token_command": "echo the-token", "tls": tls, **({"ca": str(files[0])} if "verify" in tls else {})}
    with harness.Proxy(server, tmp_path, instance=instance) as running:
        if given:
            harness.wait_for(running.is_ready, "the server to be known", running.explain)
            with raw.logged_in(running) as c:
                assert c.query("DO 1")[0][:1] == b"\0"
            assert set(aurora.passwords) == {b"the-token\0"}
        else:
            with pytest.raises(ConnectionRefusedError) as refused:
                raw.Raw(running.host, running.port)
            assert "verify_identity" in refused.value.args[0][2]
            assert not aurora.passwords
    aurora.listener.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(server, tmp_path):
    other = certificate(tmp_path, "other")
    with harness.Proxy(server, tmp_path, instance={"tls": "verify_ca", "ca": str(other[0])}) as running:
        with pytest.raises(ConnectionRefusedError) as refused:
            raw.Raw(running.host, running.port)
        assert "TLS" in refused.value.args[0][2]
    with harness.Proxy(server, tmp_path, instance={"tls": "verify_ca", "ca": server.ca}) as running, raw.logged_in(running) as c:
        cipher = raw.rows(c.query("SHOW STATUS LIKE 'Ssl_cipher'"))
        assert cipher[0][1] != "", "the server's side is encrypted"


# --- drain ------------------------------------------------------------------------------------------------------------------------

def refuses(host, port):
    try:
        raw.Raw(host, port).close()
    except OSError:
        return True
    return False


def test_sigterm_lets_a_transaction_end_and_refuses_who_comes(server, tmp_path, database):
    server.sql(f"CREATE TABLE {database}.t (a INT)")
    with harness.Proxy(server, tmp_path) as running:
        idle, busy = raw.logged_in(running), raw.logged_in(running, database=database)
        busy.query("BEGIN")
        busy.query("INSERT INTO t VALUES (1)")
        running.process.send_signal(signal.SIGTERM)
        assert raw.error(idle.read())[0] == 1053
        assert idle.ends()
        harness.wait_for(lambda: refuses(running.host, running.port), "the listeners of all threads to close")
        with pytest.raises(OSError):  # nobody is there, or somebody who goes
            urllib.request.urlopen(f"http://127.0.0.1:{running.admin_port}/readyz", timeout=30)
        assert busy.query("INSERT INTO t VALUES (2)")[0][:1] == b"\0"
        assert busy.query("COMMIT")[0][:1] == b"\0"
        assert busy.ends()
        assert running.process.wait(60) == 0
    assert server.sql(f"SELECT COUNT(*) FROM {database}.t") == ((2,),)


def test_a_second_sigterm_cuts(server, tmp_path, database):
    server.sql(f"CREATE TABLE {database}.t (a INT)")
    with harness.Proxy(server, tmp_path) as running:
        busy = raw.logged_in(running, database=database)
        busy.query("BEGIN")
        busy.query("INSERT INTO t VALUES (1)")
        running.process.send_signal(signal.SIGTERM)
        harness.wait_for(lambda: "event=draining" in running.explain(), "the drain to begin")
        running.process.send_signal(signal.SIGTERM)
        assert busy.ends()
        assert running.process.wait(60) == 0
    assert server.sql(f"SELECT COUNT(*) FROM {database}.t") == ((0,),)
