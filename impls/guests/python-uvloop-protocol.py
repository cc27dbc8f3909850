"""Callbacks on uvloop: the same program as python-asyncio-protocol, on another loop. libuv waits
and reads, compiled code calls the Protocol's data_received, and the Protocol object remembers. A
switch costs that one call in Python.
"""

import asyncio

import uvloop

from lib.order import Order

ORDER = Order()


class Conversation(asyncio.Protocol):
    """Asks again when a whole reply has come."""

    def __init__(self, closed):
        self.closed = closed
        self.received = bytearray()

    def connection_made(self, transport):
        self.transport = transport
        transport.write(ORDER.request)

    def data_received(self, data):
        self.received += data
        if len(self.received) == ORDER.reply_bytes:
            self.transport.write(ORDER.chained(self.received))
            self.received.clear()

    def connection_lost(self, exc):
        if not self.closed.done():
            self.closed.set_result(None)


async def main():
    loop = asyncio.get_running_loop()
    closed = loop.create_future()
    for _ in range(ORDER.connections):
        await loop.create_connection(lambda: Conversation(closed), sock=ORDER.connect())
    await closed


uvloop.install()
asyncio.run(main())
