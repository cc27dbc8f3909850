"""async/await on trio: structured concurrency, whose tasks live no longer than the nursery that
started them. The coroutine's frame remembers, epoll waits in trio's own loop. A switch costs a step
of the task, and the check for cancellation that each operation makes.
"""

import trio

from lib.order import Order

ORDER = Order()


async def converse(cancel_scope):
    stream = trio.SocketStream(trio.socket.from_stdlib_socket(ORDER.connect()))
    request = ORDER.request
    reply = bytearray()
    while True:
        await stream.send_all(request)
        while len(reply) < ORDER.reply_bytes:
            piece = await stream.receive_some()
            if not piece:
                return cancel_scope.cancel()
            reply += piece
        request = ORDER.chained(reply)
        reply.clear()


async def main():
    async with trio.open_nursery() as nursery:
        for _ in range(ORDER.connections):
            nursery.start_soon(converse, nursery.cancel_scope)


trio.run(main)
