"""What a guest in Python was told to do: its last argument, as impls/guests/README.md has it."""

import json
import socket
import sys


class Order:
    """Attributes: `family` and `address` as the socket module wants them, `connections`,
    `request` (bytes), `reply_bytes`."""

    def __init__(self):
        words = json.loads(sys.argv[-1])
        unix = words.get("unix")
        self.family = socket.AF_UNIX if unix else socket.AF_INET
        self.address = "\0" + unix if unix else (words["host"], words["port"])
        self.connections = words["connections"]
        self.request = bytes.fromhex(words["request"])
        self.reply_bytes = words["reply_bytes"]

    def connect(self):
        """A connected socket, which blocks."""
        connection = socket.socket(self.family, socket.SOCK_STREAM)
        connection.connect(self.address)
        return connection

    def chained(self, reply):
        """The request after this reply, which carries the reply's last 8 bytes."""
        return self.request[:8] + bytes(reply[-8:]) + self.request[16:]
