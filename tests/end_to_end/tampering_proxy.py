"""A proxy between the harness and a backend that changes, delays or repeats what passes.

It knows the frames of both protocols (harness/backend/control.hpp and
harness/workloads/delay/wire.hpp), and leaves it to the test what becomes of each.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable

CONTROL_MAGIC = struct.pack("<I", 0x43425791)
ORDER_BYTES, REPORT_BYTES, REPLY_HEADER_BYTES = 48, 160, 40

# Kinds of orders and reports.
WATCH, OPEN, RUN, RELEASE, DISMISS, HANG_UP, CYCLES, STATISTICS, DESCRIBE = range(1, 10)
DONE, STATISTICS_REPORT, REFUSED, HELD, OVERFLOW, OFFENCE, CYCLES_REPORT, TEXT = range(1, 9)

_REPORT = struct.Struct("<IHHII5Q7q3Q16s2I")
_REPORT_FIELDS = (
    "magic version kind sequence trial in_flight peak idle_connections answered lost opened_ns "
    "exhausted_ns held_ns cpu_opened_ns cpu_held_ns delay_error_sum_ns delay_error_max_ns accepted "
    "served dropped workload offence reserved"
).split()
_REPLY = struct.Struct("<IIQqqq")
_REPLY_FIELDS = "magic payload_bytes id received_ns due_ns sent_ns".split()
assert _REPORT.size == REPORT_BYTES and _REPLY.size == REPLY_HEADER_BYTES

Fields = dict[str, int]
Bytes = list[bytes]


def kind_of(frame: bytes) -> int:
    """The kind of an order or a report."""
    return struct.unpack_from("<H", frame, 6)[0]


def changed_report(frame: bytes, change: Callable[[Fields], None]) -> bytes:
    """The report after `change` has had its fields."""
    fields = dict(zip(_REPORT_FIELDS, _REPORT.unpack(frame)))
    change(fields)
    return _REPORT.pack(*fields.values())


def changed_reply(header: bytes, change: Callable[[Fields], None]) -> bytes:
    """The header of a reply after `change` has had its fields."""
    fields = dict(zip(_REPLY_FIELDS, _REPLY.unpack(header)))
    change(fields)
    return _REPLY.pack(*fields.values())


def _receive(peer: socket.socket, size: int) -> bytes:
    """So many bytes; raises OSError when the connection ends before."""
    data = b""
    while len(data) < size:
        if not (piece := peer.recv(size - len(data))):
            raise OSError("the connection has ended")
        data += piece
    return data


class TamperingProxy:
    """Listens on a port of its own. Each hook gets a whole frame, and returns the frames that are
    to be passed on instead; it may take its time."""

    def __init__(
        self,
        backend: str,
        on_order: Callable[[bytes], Bytes] = lambda frame: [frame],
        on_report: Callable[[bytes], Bytes] = lambda frame: [frame],
        on_reply: Callable[[bytes], bytes] = lambda header: header,
    ) -> None:
        """`backend` is HOST:PORT."""
        host, port = backend.rsplit(":", 1)
        self._backend = (host, int(port))
        self._on_order, self._on_report, self._on_reply = on_order, on_report, on_reply
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.endpoint = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._peers: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Ends all connections."""
        for peer in [self._listener, *self._peers]:
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
            peer.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                server = socket.create_connection(self._backend)
                for peer in (client, server):
                    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._peers += [client, server]
                threading.Thread(target=self._serve, args=(client, server), daemon=True).start()

    def _serve(self, client: socket.socket, server: socket.socket) -> None:
        """Passes on in both directions until one of them ends."""
        with contextlib.suppress(OSError):
            first = _receive(client, 4)
            back = self._pass_reports if first == CONTROL_MAGIC else self._pass_replies
            threading.Thread(target=back, args=(client, server), daemon=True).start()
            if first == CONTROL_MAGIC:
                self._pass_orders(first, client, server)
            server.sendall(first)
            while data := client.recv(65536):
                server.sendall(data)
        self._end(client, server)

    def _pass_orders(self, first: bytes, client: socket.socket, server: socket.socket) -> None:
        while True:
            frame = first + _receive(client, ORDER_BYTES - len(first))
            first = b""
            for changed in self._on_order(frame):
                server.sendall(changed)

    def _pass_reports(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                for changed in self._on_report(_receive(server, REPORT_BYTES)):
                    client.sendall(changed)
        self._end(client, server)

    def _pass_replies(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                header = _receive(server, REPLY_HEADER_BYTES)
                payload = _receive(server, struct.unpack_from("<I", header, 4)[0])
                client.sendall(self._on_reply(header) + payload)
        self._end(client, server)

    @staticmethod
    def _end(client: socket.socket, server: socket.socket) -> None:
        for peer in (client, server):
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
