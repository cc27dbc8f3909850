"""Threads of concurrent.futures, one for each connection. The kernel waits, and a thread's own stack
remembers; but only the thread that holds the interpreter's lock runs. A switch costs the kernel's,
and the lock, which is given up for each call that may block and waited for after it.
"""

import os
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from lib.order import Order

ORDER = Order()


def converse():
    connection = ORDER.connect()
    request = ORDER.request
    reply = bytearray(ORDER.reply_bytes)
    while True:
        connection.sendall(request)
        received = 0
        while received < len(reply):
            got = connection.recv_into(memoryview(reply)[received:])
            if got == 0:
                return
            received += got
        request = ORDER.chained(reply)


executor = ThreadPoolExecutor(ORDER.connections)
done, _ = wait(
    [executor.submit(converse) for _ in range(ORDER.connections)], return_when=FIRST_COMPLETED
)
os._exit(1 if any(future.exception() for future in done) else 0)  # the others may still wait
