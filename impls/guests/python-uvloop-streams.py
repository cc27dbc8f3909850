"""async/await on asyncio's streams over uvloop: the same program as python-asyncio-streams, on
another loop. libuv waits and reads; streams, futures and tasks are asyncio's own, and so most of
what a switch costs is, too.
"""

import asyncio

import uvloop

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


uvloop.install()
asyncio.run(main())
