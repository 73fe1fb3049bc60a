"""The protocol by hand: for what no client library sends, and to compare answers byte for byte. No test is in here."""

import hashlib
import os
import socket
import ssl
import struct

LONG_PASSWORD, FOUND_ROWS, LONG_FLAG, WITH_DB, COMPRESS, LOCAL_FILES, IGNORE_SPACE = 1, 2, 4, 8, 1 << 5, 1 << 7, 1 << 8
PROTOCOL_41, SSL, TRANSACTIONS, SECURE = 1 << 9, 1 << 11, 1 << 13, 1 << 15
MULTI_STATEMENTS, MULTI_RESULTS, PS_MULTI_RESULTS, PLUGIN_AUTH, ATTRIBUTES = 1 << 16, 1 << 17, 1 << 18, 1 << 19, 1 << 20
EXPIRED_PASSWORDS, SESSION_TRACK, DEPRECATE_EOF, OPTIONAL_METADATA = 1 << 22, 1 << 23, 1 << 24, 1 << 25
ZSTD, QUERY_ATTRIBUTES = 1 << 26, 1 << 27
MARIADB_BULK, MARIADB_EXTENDED_METADATA, MARIADB_CACHE_METADATA = 1 << 34, 1 << 35, 1 << 36
USUAL = LONG_PASSWORD | LONG_FLAG | PROTOCOL_41 | TRANSACTIONS | SECURE | MULTI_RESULTS | PS_MULTI_RESULTS | PLUGIN_AUTH
MORE_RESULTS, CURSOR_EXISTS, PS_OUT_PARAMS = 8, 64, 4096
WAIT_SECONDS = 60


class Closed(Exception):
    """The other side ended the connection, or broke it."""


def packet(sequence, payload):
    frames = b""
    while True:
        piece, payload = payload[:0xFFFFFF], payload[0xFFFFFF:]
        frames += struct.pack("<I", len(piece))[:3] + bytes([sequence & 255]) + piece
        sequence += 1
        if len(piece) < 0xFFFFFF:
            return frames


def lenenc(data):
    data = data.encode() if isinstance(data, str) else data
    size = len(data)
    head = bytes([size]) if size < 251 else b"\xfc" + struct.pack("<H", size) if size < 65536 else b"\xfd" + struct.pack("<I", size)[:3]
    return head + data


def read_lenenc(payload, at):
    first = payload[at]
    if first < 251:
        return first, at + 1
    size = {0xFC: 2, 0xFD: 3, 0xFE: 8}[first]
    return int.from_bytes(payload[at + 1:at + 1 + size], "little"), at + 1 + size


def error(payload):
    """(number, SQLSTATE, text) of an ERR packet, None of any other."""
    if payload[:1] != b"\xff":
        return None
    text = payload[3:]
    state = text[1:6].decode() if text[:1] == b"#" else ""
    return int.from_bytes(payload[1:3], "little"), state, text[6 if state else 0:].decode("utf-8", "replace")


def native(password, nonce):
    one = hashlib.sha1(password).digest()
    return bytes(a ^ b for a, b in zip(one, hashlib.sha1(nonce + hashlib.sha1(one).digest()).digest())) if password else b""


def fast(password, nonce):
    one = hashlib.sha256(password).digest()
    return bytes(a ^ b for a, b in zip(one, hashlib.sha256(hashlib.sha256(one).digest() + nonce).digest())) if password else b""


RESPONSES = {"mysql_native_password": native, "caching_sha2_password": fast}


class Raw:
    """One connection; `greet=False` leaves even the greeting unread."""

    def __init__(self, host, port=None, greet=True, first=b""):
        self.socket = socket.socket(socket.AF_INET if port else socket.AF_UNIX)
        self.socket.settimeout(WAIT_SECONDS)
        self.socket.connect((host, port) if port else host)
        if port:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.capabilities, self.sequence, self.authentication = 0, 0, []
        if first:
            self.socket.sendall(first)
        if greet:
            self.greet()

    def greet(self):
        payload = self.read()
        if problem := error(payload):
            raise ConnectionRefusedError(problem)
        end = payload.index(b"\0", 1)
        self.version, rest = payload[1:end].decode(), payload[end + 1:]
        self.thread_id = int.from_bytes(rest[:4], "little")
        low, self.collation, self.status, high, _ = struct.unpack("<HBHHB", rest[13:21])
        self.offered = low | high << 16 | (0 if low & LONG_PASSWORD else int.from_bytes(rest[27:31], "little") << 32)
        self.nonce = rest[4:12] + rest[31:43]
        self.plugin = rest[44:].rstrip(b"\0").decode()

    def close(self):
        self.socket.close()

    def abort(self):
        """Ends with a reset instead of an orderly end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def exactly(self, size):
        data = bytearray(size)
        view, have = memoryview(data), 0
        while have < size:
            try:
                count = self.socket.recv_into(view[have:])
            except (ConnectionError, ssl.SSLError) as problem:
                raise Closed(problem) from problem
            if not count:
                raise Closed(f"after {have} of {size} bytes")
            have += count
        return bytes(data)

    def read(self):
        """One packet's payload; self.sequence is the next number."""
        payload = b""
        while True:
            head = self.exactly(4)
            self.sequence = head[3] + 1
            size = int.from_bytes(head[:3], "little")
            payload += self.exactly(size)
            if size < 0xFFFFFF:
                return payload

    def write(self, payload, sequence=None):
        self.socket.sendall(packet(self.sequence if sequence is None else sequence, payload))

    def ends(self):
        """True when the other side closes, whatever it says before."""
        try:
            while self.socket.recv(65536):
                pass
        except (ConnectionError, ssl.SSLError):
            pass
        return True

    def login(self, user, password, capabilities=USUAL, database=None, collation=45, attributes=None, max_packet=1 << 24, tls=None,
              plugin=None):
        """The OK or ERR that ends the login. `capabilities` are sent as they are, but for those that an argument implies."""
        user, password = user.encode(), password.encode()
        capabilities |= (WITH_DB if database is not None else 0) | (SSL if tls else 0) | (ATTRIBUTES if attributes is not None else 0)
        self.capabilities = capabilities & (self.offered | LONG_PASSWORD)
        mariadb = capabilities >> 32
        head = struct.pack("<IIB19sI", capabilities & 0xFFFFFFFF & ~(LONG_PASSWORD if mariadb else 0), max_packet, collation, b"", mariadb)
        if tls:
            self.write(head)
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
            self.sequence += 1
        plugin = plugin or (self.plugin if capabilities & PLUGIN_AUTH else "mysql_native_password")
        response = RESPONSES.get(plugin, native)(password, self.nonce)
        body = head + user + b"\0" + bytes([len(response)]) + response
        body += (database.encode() + b"\0") if database is not None else b""
        body += (plugin.encode() + b"\0") if capabilities & PLUGIN_AUTH else b""
        if attributes is not None:
            body += lenenc(b"".join(lenenc(k) + lenenc(v) for k, v in attributes.items()))
        self.write(body)
        return self.authenticate(password, self.nonce)

    def authenticate(self, password, nonce):
        while True:
            payload = self.read()
            self.authentication.append(payload[:2])
            if payload[:1] == b"\xfe":
                plugin, _, data = payload[1:].partition(b"\0")
                nonce = data.rstrip(b"\0") if len(data) == 21 else data
                self.write(RESPONSES[plugin.decode()](password, nonce))
            elif payload == b"\x01\x04":
                self.full_login(password, nonce)
            elif payload[:1] != b"\x01":
                return payload

    def full_login(self, password, nonce):
        if isinstance(self.socket, ssl.SSLSocket) or self.socket.family == socket.AF_UNIX:
            return self.write(password + b"\0")
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import padding
        self.write(b"\x02")
        key = serialization.load_pem_public_key(self.read()[1:])
        sealed = bytes(b ^ nonce[i % len(nonce)] for i, b in enumerate(password + b"\0"))
        sha1 = hashes.SHA1()
        return self.write(key.encrypt(sealed, padding.OAEP(mgf=padding.MGF1(sha1), algorithm=sha1, label=None)))

    def command(self, byte, argument=b""):
        """Sends a command and reads its whole answer: the payloads of its packets."""
        self.send(byte, argument)
        return [] if byte in (0x18, 0x19) else self.answer(byte)

    def send(self, byte, argument=b""):
        argument = argument.encode() if isinstance(argument, str) else argument
        self.write(bytes([byte]) + argument, 0)

    def query(self, sql):
        return self.command(3, (b"\0\1" if self.capabilities & QUERY_ATTRIBUTES else b"") + sql.encode())

    def answer(self, byte=3):
        if byte == 0x16:
            return self.prepared()
        packets = []
        while True:
            packets.append(self.read())
            if byte in (0x09, 0x0E, 0x02, 0x1F, 0x1A, 0x1B) or packets[-1][:1] == b"\xff":
                return packets
            if byte in (0x04, 0x1C):
                packets += self.until_end(packets.pop())
                return packets
            if packets[-1][:1] == b"\0" and not (self.capabilities & OPTIONAL_METADATA and len(packets[-1]) < 4):
                if not self.more(packets[-1]):
                    return packets
                continue
            if packets[-1][:1] == b"\xfb":
                return packets
            out = self.result_set(packets)
            if packets[-1][:1] == b"\xff" or not (out or self.more(packets[-1])):
                return packets

    def result_set(self, packets):
        """Behind the column count: definitions, their EOF, rows and what ends them. True: it is one of OUT parameters, and more follows."""
        out = False
        optional = bool(self.capabilities & OPTIONAL_METADATA)
        count, end = read_lenenc(packets[-1], 1 if optional else 0)
        follows = not optional or packets[-1][0] != 0
        if self.capabilities & MARIADB_CACHE_METADATA:  # definitions that an execution before had are left out
            follows = packets[-1][end] != 0
        packets += [self.read() for _ in range(count if follows else 0)]
        if not self.capabilities & DEPRECATE_EOF:
            packets.append(self.read())
            status = int.from_bytes(packets[-1][3:5], "little")
            if packets[-1][:1] == b"\xff" or status & CURSOR_EXISTS:
                return False
            out = bool(status & PS_OUT_PARAMS)
        packets += self.until_end(self.read())
        return out

    def until_end(self, payload):
        packets = [payload]
        while not (payload[:1] == b"\xff" or (payload[:1] == b"\xfe" and len(payload) < (0xFFFFFF if self.capabilities & DEPRECATE_EOF else 9))):
            payload = self.read()
            packets.append(payload)
        return packets

    def more(self, payload):
        if payload[:1] == b"\xfe" and not self.capabilities & DEPRECATE_EOF:
            return int.from_bytes(payload[3:5], "little") & MORE_RESULTS
        at = read_lenenc(payload, read_lenenc(payload, 1)[1])[1]
        return int.from_bytes(payload[at:at + 2], "little") & MORE_RESULTS

    def prepared(self):
        packets = [self.read()]
        if packets[0][:1] == b"\xff":
            return packets
        columns, parameters = struct.unpack("<HH", packets[0][5:9])
        if self.capabilities & OPTIONAL_METADATA and packets[0][12:13] == b"\0":
            return packets
        for count in (parameters, columns):
            packets += [self.read() for _ in range(count)]
            if count and not self.capabilities & DEPRECATE_EOF:
                packets.append(self.read())
        return packets

    def prepare(self, sql):
        """The statement's id."""
        packets = self.command(0x16, sql)
        assert packets[0][:1] == b"\0", error(packets[0])
        return packets[0][1:5]


def rows(packets):
    """Text values of the rows of one result set that was read with EOF packets or without."""
    found = []
    count, _ = read_lenenc(packets[0], 0)
    for payload in packets[1 + count:]:
        if payload[:1] in (b"\xfe", b"\xff") and len(payload) < 200:
            continue
        at, row = 0, []
        while at < len(payload):
            if payload[at] == 0xFB:
                row.append(None)
                at += 1
                continue
            size, at = read_lenenc(payload, at)
            row.append(payload[at:at + size].decode("utf-8", "replace"))
            at += size
        found.append(tuple(row))
    return found


def unverified():
    """A TLS context of a client that does not look at certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def logged_in(endpoint, **more):
    """A Raw that is logged in at the endpoint."""
    found = Raw(endpoint.host, endpoint.port)
    outcome = found.login(endpoint.user, endpoint.password, **more)
    assert outcome[:1] == b"\0", error(outcome)
    return found


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def memory(pid, field="VmRSS"):
    """Bytes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field + ":"))
