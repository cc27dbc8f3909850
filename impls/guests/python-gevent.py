"""Greenlets of gevent: a program that is written as if it blocked. The greenlet's own stack, copied
away and back where it must be, remembers where it was; libev (epoll) waits in the hub, the greenlet
to which all others switch when they would block. A switch costs two changes of greenlets.
"""

import gevent
from gevent import monkey

monkey.patch_all()

from lib.order import Order  # noqa: E402  # after the patch: its sockets are to be gevent's

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


gevent.wait([gevent.spawn(converse) for _ in range(ORDER.connections)], count=1)
