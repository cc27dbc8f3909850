"""Callbacks on Twisted: the reactor (epoll) waits and reads, and calls a Protocol's dataReceived.
The Protocol object remembers. A switch costs a walk through the reactor's layers of Python.
"""

from twisted.internet import epollreactor

epollreactor.install()

from twisted.internet import protocol, reactor  # noqa: E402  # the reactor is chosen first

from lib.order import Order  # noqa: E402

ORDER = Order()


class Conversation(protocol.Protocol):
    """Asks again when a whole reply has come."""

    def connectionMade(self):
        self.received = bytearray()
        self.transport.write(ORDER.request)

    def dataReceived(self, data):
        self.received += data
        if len(self.received) == ORDER.reply_bytes:
            self.transport.write(ORDER.chained(self.received))
            self.received.clear()

    def connectionLost(self, reason=protocol.connectionDone):
        if reactor.running:
            reactor.stop()


class Conversations(protocol.ClientFactory):
    protocol = Conversation
    noisy = False


for _ in range(ORDER.connections):
    if isinstance(ORDER.address, str):
        reactor.connectUNIX(ORDER.address, Conversations())
    else:
        reactor.connectTCP(*ORDER.address, Conversations())
reactor.run()
