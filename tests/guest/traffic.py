#!/usr/bin/env python3
"""TCP servers that answer with a name, and clients that count the names.

    traffic.py serve NAME PORT          returns as soon as the server listens; it ends with the guest
    traffic.py ask ADDRESS PORT COUNT   prints who answered, sorted: "rs1=5 rs2=5", "none=1"
"""
import collections
import os
import socket
import sys


def serve(name, port):
    listener = socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=128)
    if os.fork() > 0:
        os._exit(0)
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    while True:
        connection, _ = listener.accept()
        connection.sendall(name.encode())
        connection.close()


def answer(address, port):
    try:
        with socket.create_connection((address, port), timeout=5) as connection:
            return connection.recv(100).decode() or "nothing"
    except OSError:
        return "none"


def ask(address, port, count):
    names = collections.Counter(answer(address, port) for _ in range(count))
    print(" ".join(f"{name}={names[name]}" for name in sorted(names)))


if sys.argv[1] == "serve":
    serve(sys.argv[2], int(sys.argv[3]))
else:
    ask(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
