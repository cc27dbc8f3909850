"""multiprocessing.Pool.apply_async with a callback: each query is a task for a pool of processes,
and a thread of the parent calls back with its result, which then asks for the next one. A worker
waits, in the kernel; a connection belongs to whichever worker has it, so there is one worker for
each. A switch costs two pickled messages through pipes, four threads of the parent, and the
interpreter's lock.
"""

import os
import threading
from multiprocessing import Pool

from lib.order import Order

ORDER = Order()


def start():
    """In a new worker: its own connection, and its first request."""
    global connection, request
    connection = ORDER.connect()
    request = ORDER.request


def ask():
    """One query, in a worker. False when the connection was closed."""
    global request
    connection.sendall(request)
    reply = bytearray()
    while len(reply) < ORDER.reply_bytes:
        piece = connection.recv(ORDER.reply_bytes - len(reply))
        if not piece:
            return False
        reply += piece
    request = ORDER.chained(reply)
    return True


def answered(goes_on):
    if not goes_on:
        os._exit(0)  # a pool cannot be ended from its own callback
    pool.apply_async(ask, callback=answered, error_callback=failed)


def failed(error):
    print(error, flush=True)
    os._exit(1)


pool = Pool(ORDER.connections, initializer=start)
for _ in range(ORDER.connections):
    pool.apply_async(ask, callback=answered, error_callback=failed)
threading.Event().wait()
