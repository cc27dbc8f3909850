"""Coroutines on Tornado's IOStream: async/await, by Tornado's own streams on asyncio's loop. The
coroutine's frame remembers, the selectors module (epoll) waits. A switch costs what a step of an
asyncio task costs, and the stream's buffers and futures, which are written in Python.
"""

import asyncio

from tornado.iostream import IOStream, StreamClosedError

from lib.order import Order

ORDER = Order()


async def converse():
    stream = IOStream(ORDER.connect())
    request = ORDER.request
    try:
        while True:
            await stream.write(request)
            request = ORDER.chained(await stream.read_bytes(ORDER.reply_bytes))
    except StreamClosedError:
        return


async def main():
    tasks = [asyncio.create_task(converse()) for _ in range(ORDER.connections)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)


asyncio.run(main())
