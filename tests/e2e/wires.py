"""A wire between two programs that can be slow or be cut: it forwards connections to a target. No test is in here."""

import selectors
import socket
import threading


class Wire:
    """Forwards each connection. `piece`: so many bytes are sent at a time; `cut`: each connection is reset after so many bytes in the
    direction of `cut_to` ("target" or "client"). `target`, `cut` and `cut_to` may be changed for the connections that follow."""

    def __init__(self, host, port, piece=65536, cut=None, cut_to="target"):
        self.target, self.piece, self.cut, self.cut_to = (host, port), piece, cut, cut_to
        self.moved = {"target": 0, "client": 0}
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = self.listener.getsockname()[1]
        self.open = set()
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for one in list(self.open):
            one.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.forward, args=(client,), daemon=True).start()

    def forward(self, client):
        try:
            target = socket.create_connection(self.target)
        except OSError:
            return client.close()
        ends = {client: (target, "target"), target: (client, "client")}
        self.open |= ends.keys()
        moved = {"target": 0, "client": 0}
        with client, target, selectors.DefaultSelector() as selector:
            for one in ends:
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(one, selectors.EVENT_READ)
            try:
                while all([self.move(key.fileobj, *ends[key.fileobj], moved) for key, _ in selector.select()]):
                    pass
            except (OSError, ValueError):
                pass
        self.open -= ends.keys()
        return None

    def move(self, source, into, name, moved):
        data = source.recv(65536)
        cut = self.cut if name == self.cut_to else None
        if cut is not None:
            data = data[:max(0, cut - moved[name])]
        for at in range(0, len(data), self.piece):
            into.sendall(data[at:at + self.piece])
        moved[name] += len(data)
        self.moved[name] = max(self.moved[name], moved[name])
        return bool(data) and (cut is None or moved[name] < cut)
