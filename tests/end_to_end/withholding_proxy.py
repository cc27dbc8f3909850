"""Stands between clients and a PostgreSQL server, and passes an answer on only when as many queries
are under way on its connection as are asked for. Who awaits each answer before it asks again gets
none."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

REST, NOTE = b"\0rest\0", b"\0note\0"  # how a Bind message of such a statement begins


class _Connection:
    """The messages of one client, and how many of its queries are under way."""

    def __init__(self, client: socket.socket, server: socket.socket, depth: int) -> None:
        self._client, self._server, self._depth = client, server, depth
        self._changed = threading.Condition()
        self._under_way: list[bytes] = []  # each a REST or a NOTE
        self._is_over = False
        self.most = 0

    def pass_on(self) -> None:
        """In both directions, until one of them ends."""
        back = threading.Thread(target=self._pass_answers, daemon=True)
        back.start()
        with contextlib.suppress(OSError):
            size = struct.unpack(">I", first := _receive(self._client, 4))[0]
            self._server.sendall(first + _receive(self._client, size - 4))
            while True:
                kind, body = _message(self._client)
                if kind == b"B" and body.startswith((REST, NOTE)):
                    with self._changed:
                        self._under_way.append(body[:6])
                        self.most = max(self.most, len(self._under_way))
                        self._changed.notify()
                self._server.sendall(_packed(kind, body))
        with self._changed:
            self._is_over = True
            self._changed.notify()
        self._shut_down()
        back.join()

    def _pass_answers(self) -> None:
        """The server is ready once before any query: when it lets the client in."""
        is_answer = False
        with contextlib.suppress(OSError):
            while True:
                kind, body = _message(self._server)
                if kind == b"2":  # the Bind is complete: an answer begins
                    is_answer = True
                    with self._changed:
                        self._changed.wait_for(self._may_answer)
                if kind == b"Z" and is_answer:  # before the client sees it and sends another
                    is_answer = False
                    with self._changed:
                        self._under_way[:1] = []
                self._client.sendall(_packed(kind, body))
        self._shut_down()

    def _may_answer(self) -> bool:
        """A rest is the last of those that are under way: nothing comes behind it."""
        full = len(self._under_way) >= self._depth
        return self._is_over or full or self._under_way[-1:] == [REST]

    def _shut_down(self) -> None:
        for peer in (self._client, self._server):
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)


class WithholdingProxy:
    """Listens on a port of its own, for a server at that of `server_port`."""

    def __init__(self, server_port: int, depth: int) -> None:
        self._server_port, self._depth = server_port, depth
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._connections: list[_Connection] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def most_under_way(self) -> int:
        """On any connection, so far."""
        return max((connection.most for connection in self._connections), default=0)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                server = socket.create_connection(("127.0.0.1", self._server_port))
                for peer in (client, server):
                    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._connections.append(_Connection(client, server, self._depth))
                threading.Thread(target=self._connections[-1].pass_on, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextlib.contextmanager
def withholding_proxy(server_port: int, depth: int) -> Iterator[WithholdingProxy]:
    proxy = WithholdingProxy(server_port, depth)
    try:
        yield proxy
    finally:
        proxy.close()


def _receive(peer: socket.socket, size: int) -> bytes:
    """So many bytes; raises OSError when the connection ends before."""
    data = b""
    while len(data) < size:
        if not (piece := peer.recv(size - len(data))):
            raise OSError("the connection has ended")
        data += piece
    return data


def _message(peer: socket.socket) -> tuple[bytes, bytes]:
    kind, size = struct.unpack(">cI", _receive(peer, 5))
    return kind, _receive(peer, size - 4)


def _packed(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">cI", kind, len(body) + 4) + body
