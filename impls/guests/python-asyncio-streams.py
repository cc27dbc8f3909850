"""async/await on asyncio's streams: a task reads as much as it wants, and its coroutine's frame
remembers where it was. The selectors module (epoll) waits; a stream buffers, and wakes the task by
a future. A switch costs what a callback of asyncio costs, a future, and a step of the task.
"""

import asyncio

from lib.order import Order

ORDER = Order()


async def converse():
    reader, writer = await asyncio.open_connection(sock=ORDER.connect())
    request = ORDER.request
    while True:
        writer.write(request)
        await writer.drain()
        request = ORDER.chained(await reader.readexactly(ORDER.reply_bytes))


async def main():
    tasks = [asyncio.create_task(converse()) for _ in range(ORDER.connections)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)


asyncio.run(main())
