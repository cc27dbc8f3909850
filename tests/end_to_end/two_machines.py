"""Two network namespaces with a slow and lossy link between them, as two machines have.

The link is a veth pair with netem where the kernel has that; else two tun devices, between which a
thread carries the packets, as late and with as many losses.
"""

from __future__ import annotations

import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time
import uuid

DELAY_S, LOSS = 0.002, 0.005  # in each direction
# A clock of its own, as another machine has: it is ahead by some days.
OTHER_CLOCK = ["unshare", "--time", "--fork", "--kill-child", "--monotonic", "500000"]
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


def ip(*words: str) -> None:
    """Carries out a command of iproute2."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"


class TwoMachines:
    """`here` and `there` are words that start a command in either; `there` has the addresses `ipv4`
    and `ipv6`. `kind` says what the link is made of."""

    ipv4, ipv6 = "10.77.0.2", "fd77::2"

    def __init__(self) -> None:
        tag = uuid.uuid4().hex[:8]
        self._names = [f"waitbench-{tag}-here", f"waitbench-{tag}-there"]
        self._devices = [f"wb{tag}h", f"wb{tag}t"]
        self._carrier: _Carrier | None = None
        for name in self._names:
            ip("netns", "add", name)
        self.kind = "veth with netem" if self._add_veth() else "tun"
        if self.kind == "tun":
            self._carrier = _Carrier(self._devices)
            for name, device in zip(self._names, self._devices):
                ip("link", "set", device, "netns", name)
        for number, (name, device) in enumerate(zip(self._names, self._devices), 1):
            ip("-n", name, "addr", "add", f"10.77.0.{number}/24", "dev", device)
            ip("-n", name, "addr", "add", f"fd77::{number}/64", "dev", device, "nodad")
            for one in (device, "lo"):
                ip("-n", name, "link", "set", one, "up")
        self.here, self.there = (["ip", "netns", "exec", name] for name in self._names)

    def _add_veth(self) -> bool:
        """Whether this kernel can delay and lose what goes through a pair."""
        (here, there), (one, other) = self._names, self._devices
        ip("link", "add", one, "netns", here, "type", "veth", "peer", "name", other, "netns", there)
        for name, device in zip(self._names, self._devices):
            done = subprocess.run(
                ["tc", "-n", name, "qdisc", "add", "dev", device, "root", "netem",
                 "delay", f"{DELAY_S * 1000:g}ms", "loss", f"{LOSS:.2%}"],
                capture_output=True, timeout=60,
            )  # fmt: skip
            if done.returncode != 0:
                ip("-n", here, "link", "del", one)
                return False
        return True

    def close(self) -> None:
        """Leaves nothing of them."""
        if self._carrier is not None:
            self._carrier.close()
        for name in self._names:
            ip("netns", "del", name)


class _Carrier:
    """Two tun devices and the thread that carries packets between them."""

    def __init__(self, devices: list[str]) -> None:
        self._ends = [self._open(name) for name in devices]
        self._stop, self._stopping = os.pipe()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    @staticmethod
    def _open(name: str) -> int:
        end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        request = struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI)
        fcntl.ioctl(end, _TUNSETIFF, request)
        return end

    def _carry(self) -> None:
        luck = random.Random(1)
        under_way: list[tuple[float, int, int, bytes]] = []  # due, number, to, packet
        number = 0
        while True:
            rest = max(0.0, under_way[0][0] - time.monotonic()) if under_way else None
            ready, _, _ = select.select([*self._ends, self._stop], [], [], rest)
            if self._stop in ready:
                return
            for end in ready:
                packet = self._read(end)
                if packet and luck.random() >= LOSS:
                    number += 1
                    to = self._ends[1 - self._ends.index(end)]
                    heapq.heappush(under_way, (time.monotonic() + DELAY_S, number, to, packet))
            while under_way and under_way[0][0] <= time.monotonic():
                _, _, to, packet = heapq.heappop(under_way)
                self._write(to, packet)

    @staticmethod
    def _read(end: int) -> bytes:
        try:
            return os.read(end, 65536)
        except OSError:  # the device is not up yet, or no more
            return b""

    @staticmethod
    def _write(end: int, packet: bytes) -> None:
        try:
            os.write(end, packet)
        except OSError:  # a network loses what it cannot carry
            pass

    def close(self) -> None:
        os.write(self._stopping, b"x")
        self._thread.join(timeout=20)
        for end in (*self._ends, self._stop, self._stopping):
            os.close(end)
