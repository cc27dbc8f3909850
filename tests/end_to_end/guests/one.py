"""A guest that a test plays: an honest one, or one that cheats as its first argument says."""

import json
import os
import selectors
import socket
import subprocess
import sys
import threading
import time

WAY, ORDER = sys.argv[1], json.loads(sys.argv[-1])
REQUEST = bytes.fromhex(ORDER["request"])


def connect():
    unix = ORDER.get("unix")
    connection = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
    connection.connect("\0" + unix if unix else (ORDER["host"], ORDER["port"]))
    return connection


def read(connection, size):
    reply = b""
    while len(reply) < size:
        piece = connection.recv(size - len(reply))
        if not piece:
            os._exit(7 if WAY == "ends-badly" else 0)
        reply += piece
    return reply


def next_request(reply):
    proof = b"unread!!" if WAY == "unread" else reply[-8:]
    return REQUEST[:8] + proof + REQUEST[16:]


def honest():
    selector = selectors.DefaultSelector()
    for _ in range(ORDER["connections"]):
        connection = connect()
        selector.register(connection, selectors.EVENT_READ)
        connection.sendall(REQUEST * (2 if WAY == "asks-twice" else 1))
    while True:
        for key, _ in selector.select():
            key.fileobj.sendall(next_request(read(key.fileobj, ORDER["reply_bytes"])))


def serial():
    connections = [connect() for _ in range(ORDER["connections"])]
    requests = {connection: REQUEST for connection in connections}
    while True:
        for connection in connections:
            connection.sendall(requests[connection])
            requests[connection] = next_request(read(connection, ORDER["reply_bytes"]))


def spin():
    while True:
        pass


def work_now_and_then():
    while True:
        end = time.thread_time() + 0.002
        while time.thread_time() < end:
            pass
        time.sleep(0.02)


def crash():
    print("some words\nand the last ones", file=sys.stderr, flush=True)
    os._exit(3)


if WAY == "daemonizes" and os.fork() > 0:
    os._exit(0)
if WAY == "leaves-children":
    subprocess.Popen(["sleep", "600"], start_new_session=True)
    if os.fork() == 0:
        os.setsid()
        if os.fork() > 0:
            os._exit(0)  # its child is an orphan now
        time.sleep(600)
if WAY == "answers-itself":
    listener = socket.create_server(("127.0.0.1", 0))
    ORDER["host"], ORDER["port"] = listener.getsockname()
    ORDER.pop("unix", None)
    threading.Thread(target=lambda: [listener.accept() for _ in range(9999)], daemon=True).start()
if WAY == "crashes":
    crash()
if WAY in ("spins", "works-while-held"):
    busy = spin if WAY == "spins" else work_now_and_then
    threading.Thread(target=busy, daemon=True).start()
serial() if WAY == "serial" else honest()
