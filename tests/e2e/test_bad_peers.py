"""Clients and networks that break the rules: slow, cut, lying. The proxy refuses, counts, closes, and serves the next one."""

import contextlib
import dataclasses
import os
import re
import socket
import struct
import urllib.request
import zlib

import MySQLdb
import pytest

import harness
import raw
import wires

FULL_LENGTH = b"\xff\xff\xff"


def metric(proxy, name, **labels):
    text = urllib.request.urlopen(f"http://127.0.0.1:{proxy.admin_port}/metrics", timeout=30).read().decode()
    wanted = "".join(f'{key}="{value}"' for key, value in labels.items())
    found = re.search(rf"^{name}(?:\{{[^}}]*{wanted}[^}}]*\}})? ([-+.\de]+)$", text, re.M)
    assert found, f"{name} {labels} is not among the metrics"
    return float(found[1])


def ended(proxy, reason):
    return metric(proxy, "sluice_sessions_ended_total", reason=reason)


@contextlib.contextmanager
def one_more(proxy, *reasons):
    """Inside, one session ends for one of these reasons."""
    before = sum(ended(proxy, reason) for reason in reasons)
    yield
    harness.wait_for(lambda: sum(ended(proxy, reason) for reason in reasons) >= before + 1, f"a session to end with {reasons}", proxy.explain)


def at_rest(proxy):
    """No client is there, and every server connection is idle."""
    harness.wait_for(lambda: metric(proxy, "sluice_sessions") == 0, "the sessions to end", proxy.explain)
    harness.wait_for(lambda: metric(proxy, "sluice_instance_connections") == metric(proxy, "sluice_instance_connections_idle"),
                     "the server connections to be idle", proxy.explain)


def own_descriptors(proxy):
    """How many descriptors the proxy has open beside its server connections."""
    return raw.descriptors(proxy.process.pid) - metric(proxy, "sluice_instance_connections")


def serves(endpoint):
    with raw.logged_in(endpoint) as connection:
        assert raw.rows(connection.query("SELECT 'alive'")) == [("alive",)]


@pytest.fixture(autouse=True)
def still_serves(request):
    """After each test here, the proxy serves, and nothing is left of the sessions before."""
    yield
    if "proxy" in request.fixturenames:
        running = request.getfixturevalue("proxy")
        serves(running)
        harness.wait_for(lambda: metric(running, "sluice_sessions") == 0, "the sessions to end", running.explain)


# --- slow -------------------------------------------------------------------------------------------------------------------------

def through_wires(server, folder, piece, tls, account=None):
    """A proxy that reaches the server through a wire."""
    wire = wires.Wire(server.host, server.port, piece)
    behind = dataclasses.replace(server, port=wire.port)
    own, environment = harness.as_account(server, account) if account else ({}, {})
    return wire, harness.Proxy(behind, folder, backend_tls="required" if tls else "disabled", instance=own, environment=environment)


@pytest.mark.parametrize("how", ["plain", "tls", "compressed", "tls-compressed"])
def test_one_byte_at_a_time(server, tmp_path, database, how):
    """Every byte of both sides arrives by itself: login, statements, a large row, a prepared statement, CHANGE_USER."""
    wire, slow = through_wires(server, tmp_path, 1, "tls" in how)
    with wire, slow, wires.Wire(slow.host, slow.port, 1) as front:
        options = {"ssl": {"cipher": "HIGH"}} if "tls" in how else {}
        c = MySQLdb.connect(host=front_host(), port=front.port, user=slow.user, passwd=slow.password, db=database, compress="compressed" in how,
                            autocommit=True, **options)
        cursor = c.cursor()
        cursor.execute("CREATE TABLE t (id INT PRIMARY KEY, s MEDIUMTEXT)")
        cursor.executemany("INSERT INTO t VALUES (%s, %s)", [(1, "a"), (2, "b" * 20000)])
        cursor.execute("SELECT id, s FROM t ORDER BY id")
        assert cursor.fetchall() == ((1, "a"), (2, "b" * 20000))
        with pytest.raises(MySQLdb.ProgrammingError):
            cursor.execute("SELECT * FROM absent")
        cursor.execute("PREPARE p FROM 'SELECT ? + 1'")
        cursor.execute("SET @n = 41")
        cursor.execute("EXECUTE p USING @n")
        assert int(cursor.fetchall()[0][0]) == 42
        c.ping()
        c.close()
        with raw.Raw(front_host(), front.port) as hand:
            tls = raw.unverified() if "tls" in how else None
            assert hand.login(slow.user, slow.password, database=database, tls=tls)[:1] == b"\0"
            statement = hand.prepare("SELECT s FROM t WHERE id = ?")
            answer = hand.command(0x17, statement + b"\0\1\0\0\0" + b"\0\1\x08\0" + struct.pack("<q", 2))
            assert len(answer[3]) > 20000 and answer[3].endswith(b"bbbb")


def front_host():
    return "127.0.0.1"


def test_silence_and_half_a_command_end_in_time(server, tmp_path):
    """A client that says nothing, or begins and stops, does not keep its connection."""
    with harness.Proxy(server, tmp_path, mysql={"handshake_timeout_seconds": 1}) as strict:
        harness.wait_for(lambda: strict.is_ready(), "the server to be known")
        with one_more(strict, "handshake_timeout"), raw.Raw(strict.host, strict.port) as silent:
            assert silent.ends()
        with one_more(strict, "handshake_timeout"), raw.Raw(strict.host, strict.port) as begun:
            begun.socket.sendall(b"\x20\0\0\1\0")
            assert begun.ends()
    # Who logs in has the usual time for it.
    (tmp_path / "idle").mkdir()
    with harness.Proxy(server, tmp_path / "idle", mysql={"read_timeout_seconds": 1, "idle_timeout_seconds": 1}) as strict:
        harness.wait_for(lambda: strict.is_ready(), "the server to be known")
        with one_more(strict, "client_timeout"), raw.logged_in(strict) as half:
            half.socket.sendall(b"\x09\0\0\0\x03SEL")
            assert half.ends()
        with one_more(strict, "client_timeout"), raw.logged_in(strict) as idle:
            assert raw.error(idle.read())[0] == 4031
            assert idle.ends()


# --- cut --------------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("side", ["server", "client"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("to", ["target", "client"])
def test_cut_after_every_so_many_bytes(server, tmp_path, side, tls, to):
    """The connection to the server, or to the client, ends after n bytes of one direction, for n over the whole of login, statement and
    quit. Each time the proxy tells what there is to tell, and afterwards it has nothing open."""
    wire, cut = through_wires(server, tmp_path, 65536, tls and side == "server", "cut")
    with wire, cut, wires.Wire(cut.host, cut.port) as front:
        harness.wait_for(cut.is_ready, "the server to be known", cut.explain)
        target = wire if side == "server" else front
        context = raw.unverified() if tls and side == "client" else None
        short_session(cut, front, context)
        whole = target.moved[to]
        assert whole > 60
        at_rest(cut)
        before, outcomes = own_descriptors(cut), set()
        target.cut_to = to
        for target.cut in range(0, whole, 1 if whole < 300 else 1 + whole // 150):
            outcomes.add(short_session(cut, front, context))
        target.cut = None
        assert outcomes - {"whole"}, "no cut was felt"
        assert short_session(cut, front, context) == "whole"
        at_rest(cut)
        harness.wait_for(lambda: own_descriptors(cut) <= before, "the descriptors to be closed", cut.explain)
    harness.wait_for(lambda: harness.sessions_of(server, "cut") == 0, "the server to have no session of the proxy")


def short_session(endpoint, front, context):
    """What became of it, in a word."""
    try:
        with raw.Raw(front_host(), front.port) as c:
            answer = c.login(endpoint.user, endpoint.password, tls=context)
            if answer[:1] == b"\0":
                answer = c.query("SELECT 'cut'")[-1]
                c.send(1)
            problem = raw.error(answer)
            assert problem is None or problem[0] in (2003, 2013, 2012, 2026, 1045, 1156), problem
            return "whole" if problem is None else f"error {problem[0]}"
    except ConnectionRefusedError as refused:
        return f"refused {refused.args[0][0]}"
    except (raw.Closed, OSError):
        return "closed"


# --- lying ------------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("first", [1, 2, 255])
def test_a_wrong_sequence_id(proxy, first):
    with one_more(proxy, "protocol"), raw.logged_in(proxy) as c:
        c.write(b"\x03SELECT 1", first)
        assert raw.error(c.read())[0] == 1156
        assert c.ends()


def test_a_gap_between_two_frames_of_a_command(proxy):
    with one_more(proxy, "protocol"), raw.logged_in(proxy) as c:
        c.socket.sendall(FULL_LENGTH + b"\0\x03" + b"x" * 0xFFFFFE + b"\1\0\0\7y")
        assert raw.error(c.read())[0] == 1156
        assert c.ends()


def test_a_length_of_a_gigabyte_takes_no_memory(proxy):
    """Headers that claim 64 full frames, of which nothing follows: memory follows what arrives, not what is claimed."""
    before = raw.memory(proxy.process.pid, "VmHWM")
    with one_more(proxy, "client_vanished"), raw.logged_in(proxy) as c:
        c.socket.sendall(FULL_LENGTH + b"\0\x03SELECT 1")
    assert raw.memory(proxy.process.pid, "VmHWM") - before < 8 << 20
    # A gigabyte in earnest is refused as soon as it passes max_allowed_packet.
    with one_more(proxy, "packet_too_large"), raw.logged_in(proxy) as c:
        sent = 0
        try:
            for i in range(64):
                c.socket.sendall(FULL_LENGTH + bytes([i]) + b"\x03" + b"y" * 0xFFFFFE)
                sent += 1
        except ConnectionError:
            pass
        assert sent <= 8, "it went on reading"
    assert raw.memory(proxy.process.pid) - before < 160 << 20


@pytest.mark.parametrize("bad", [
    b"\x05\0\0\1\x0f\xa2\x3a\0\1", b"\0\0\0\1", b"\x20\0\0\5" + bytes(32), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\1\2\0\1\0\1\xfc\x03\x03" + bytes(40),
    FULL_LENGTH + b"\1" + b"\xff" * 1000, b"\xff\xff\1\1" + b"\xff" * 0x1FFFF, b"\x22\0\0\1" + struct.pack("<IIB23s", raw.USUAL & ~raw.PROTOCOL_41, 0, 0, b"") + b"u\0",
    b"\x26\0\0\1" + struct.pack("<IIB23s", raw.USUAL | raw.ATTRIBUTES, 0, 0, b"") + b"u\0\xff\xff\xff\xff",
], ids=["short", "empty", "sequence", "http", "tls-at-once", "16-mib", "128-kib", "old-protocol", "attributes"])
def test_bytes_that_are_no_login(proxy, bad):
    with one_more(proxy, "handshake_failed", "client_vanished"), raw.Raw(proxy.host, proxy.port) as c:
        with contextlib.suppress(OSError):  # refused already
            c.socket.sendall(bad)
            c.socket.shutdown(socket.SHUT_WR)
        assert c.ends()


def test_tls_that_turns_to_rubbish(proxy):
    """An SSLRequest and then no ClientHello; and a TLS session in the middle of which plain bytes come."""
    with one_more(proxy, "tls_failed"), raw.Raw(proxy.host, proxy.port) as c:
        c.write(struct.pack("<IIB23s", raw.USUAL | raw.SSL, 1 << 24, 45, b""))
        c.socket.sendall(b"this is no ClientHello" * 30)
        assert c.ends()
    with one_more(proxy, "client_vanished", "client_closed", "protocol"), raw.Raw(proxy.host, proxy.port) as c:
        assert c.login(proxy.user, proxy.password, tls=raw.unverified())[:1] == b"\0"
        assert raw.rows(c.query("SELECT 1")) == [("1",)]
        with os.fdopen(os.dup(c.socket.fileno()), "wb", 0) as below:
            below.write(b"\x09\0\0\0\x03SELECT 1")
        assert c.ends()


def compressed(sequence, claimed, body):
    return struct.pack("<I", len(body))[:3] + bytes([sequence]) + struct.pack("<I", claimed)[:3] + body


@pytest.mark.parametrize("what, bad", [
    ("inflates beyond its claim", compressed(0, 100, zlib.compress(b"\x09\0\0\0\x03SELECT 1" * 1000))),
    ("inflates to less than its claim", compressed(0, 5000, zlib.compress(b"\x09\0\0\0\x03SELECT 1"))),
    ("is a bomb that claims little", compressed(0, 51, zlib.compress(bytes(15 << 20)))),
    ("is not compressed though it says so", compressed(0, 60, b"\x09\0\0\0\x03SELECT 1" * 4)),
    ("has a tail behind the stream", compressed(0, 13, zlib.compress(b"\x09\0\0\0\x03SELECT 1") + b"tail")),
])
def test_a_compressed_packet_that(proxy, what, bad):
    before = raw.memory(proxy.process.pid, "VmHWM")
    with one_more(proxy, "client_vanished", "client_closed", "protocol"), raw.logged_in(proxy, capabilities=raw.USUAL | raw.COMPRESS) as c:
        c.socket.sendall(compressed(0, 0, b"\1\0\0\0\x0e"))
        assert c.exactly(7 + 11)[11:12] == b"\0", "an OK comes for the PING, compressed"
        c.socket.sendall(bad)
        assert c.ends()
    assert raw.memory(proxy.process.pid, "VmHWM") - before < 24 << 20, what


def test_commands_that_nobody_knows(proxy):
    """Each byte that is no command, and each that is refused, is answered, and the session goes on. (Directly, some of them end it.)"""
    with raw.logged_in(proxy) as c:
        for byte in [*range(0x21, 0x80), 0xC8, 0xFB, 0xFF]:
            c.send(byte, b"something")
            assert raw.error(c.read())[0] == 1047, hex(byte)
        for byte in (0x00, 0x05, 0x06, 0x07, 0x08, 0x0B, 0x0D, 0x0F, 0x10, 0x13, 0x14, 0x1D, 0x20):
            c.send(byte, b"\0")
            number, _, text = raw.error(c.read())
            assert number == 1047 and "COM_" in text, hex(byte)
        c.write(b"", 0)
        assert raw.error(c.read())[0] == 1047
        assert raw.rows(c.query("SELECT 'on'")) == [("on",)]


@pytest.mark.parametrize("size", [0xFFFFFC, 0xFFFFFD, 0xFFFFFE])
def test_a_spurious_empty_packet_behind_a_large_one(server, proxy, size):
    """mysql2 for Node sends it for these sizes; the server takes it for a command of its own, and so do we."""
    outcomes = []
    for endpoint in (server, proxy):
        with raw.logged_in(endpoint) as c:
            text = b"\x03SELECT LENGTH('" + b"x" * (size - 17) + b"')"
            c.socket.sendall(raw.packet(0, text) + b"\0\0\0\1")
            got = []
            with contextlib.suppress(raw.Closed):
                got += [len(c.answer())]
                got += [raw.error(c.read())[0]]
                got += [raw.rows(c.query("SELECT 1"))]
            outcomes.append(got[:1])
    assert outcomes[0] == outcomes[1] and outcomes[0]
