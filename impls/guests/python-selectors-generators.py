"""Generators on the selectors module, by hand: `yield` hands a wait to the loop, and `yield from`
passes on the yields of the generator that it calls, as asyncio did before there was await. The
generator's frame remembers where it was, epoll waits. A switch costs a send() into the innermost
generator, through all of those between.
"""

import selectors

from lib.order import Order

ORDER = Order()
SELECTOR = selectors.DefaultSelector()


def readable(connection):
    """Waits until the socket can be read."""
    yield connection


def receive(connection, size):
    reply = bytearray()
    while len(reply) < size:
        yield from readable(connection)
        piece = connection.recv(size - len(reply))
        if not piece:
            raise EOFError
        reply += piece
    return reply


def converse(connection):
    request = ORDER.request
    while True:
        connection.sendall(request)
        reply = yield from receive(connection, ORDER.reply_bytes)
        request = ORDER.chained(reply)


def run():
    for _ in range(ORDER.connections):
        connection = ORDER.connect()
        conversation = converse(connection)
        SELECTOR.register(connection, selectors.EVENT_READ, conversation)
        next(conversation)
    while True:
        for key, _ in SELECTOR.select():
            key.data.send(None)


try:
    run()
except EOFError:
    pass
