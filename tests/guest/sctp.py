#!/usr/bin/env python3
"""SCTP servers and clients of the guest's tests (the kernel's own SCTP, one association a socket).

    sctp.py serve NAME ADDRESS PORT...  returns as soon as the server listens; it ends with the guest
    sctp.py client                      does what its standard input says, a line an order, and
                                        answers each with a line:
        connect FROM PORT ADDRESS PORT  begins an association from a port: "called"
        send BYTES                      a message there and its echo back: "rs1 sent back 5000 bytes"
        leave                           asks the server to end the association: "asked"
        shutdown                        ends the association from here: "closed"
        abort                           the same without a word of parting: "aborted"
        end                             of the association, gracefully or not: "ended" or why
    sctp.py broken FROM ADDRESS PORT    sends one packet whose checksum is wrong

A message is a word, its length in four bytes, then bytes that follow from their place.
"""
import os
import select
import signal
import socket
import struct
import sys

SCTP = 132
SCTP_INITMSG = 2
LONGEST_WAIT_S = 30


def body(length):
    return bytes((7 * place + length) % 251 for place in range(length))


def read_exactly(connection, length):
    data = b""
    while len(data) < length:
        more = connection.recv(length - len(data))
        if not more:
            raise OSError("the association ended")
        data += more
    return data


def read_message(connection):
    word, length = struct.unpack("!8sI", read_exactly(connection, 12))
    data = read_exactly(connection, length)
    if data != body(length):
        raise OSError("the message is not what was sent")
    return word.rstrip(b"\0").decode(), length


def send_message(connection, word, length):
    connection.sendall(struct.pack("!8sI", word.encode(), length) + body(length))


def serve_one(connection, name):
    while True:
        word, length = read_message(connection)
        if word == "leave":
            return
        send_message(connection, name, length)


def listen(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, SCTP)
    listener.bind((address, port))
    listener.listen(64)
    return listener


def serve(name, address, ports):
    listeners = [listen(address, port) for port in ports]
    if os.fork() > 0:
        os._exit(0)
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        for listener in select.select(listeners, [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                try:
                    serve_one(connection, name)
                except OSError:
                    pass
                connection.close()
                os._exit(0)
            connection.close()


class Client:
    def __init__(self):
        self.connection = None

    def connect(self, source, source_port, address, port):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.connection = socket.socket(family, socket.SOCK_STREAM, SCTP)
        # INIT and COOKIE ECHO are sent again every two seconds.
        self.connection.setsockopt(SCTP, SCTP_INITMSG, struct.pack("HHHH", 0, 0, 0, 2000))
        self.connection.bind((source, int(source_port)))
        self.connection.setblocking(False)
        self.connection.connect_ex((address, int(port)))
        return "called"

    def wait_for(self, events):
        poll = select.poll()
        poll.register(self.connection, events)
        if not poll.poll(1000 * LONGEST_WAIT_S):
            raise OSError("nothing in time")

    def established(self):
        self.wait_for(select.POLLOUT)
        self.connection.setblocking(True)
        self.connection.settimeout(LONGEST_WAIT_S)

    def send(self, length):
        self.established()
        send_message(self.connection, "echo", int(length))
        name, got = read_message(self.connection)
        return f"{name} sent back {got} bytes"

    def leave(self):
        self.established()
        send_message(self.connection, "leave", 0)
        return "asked"

    def shutdown(self):
        self.connection.close()
        return "closed"

    def abort(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        return "aborted"

    def end(self):
        self.connection.setblocking(True)
        self.connection.settimeout(LONGEST_WAIT_S)
        if self.connection.recv(1):
            raise OSError("data, not the end")
        self.connection.close()
        return "ended"

    def obey(self):
        for line in sys.stdin:
            order, *words = line.split()
            try:
                answer = getattr(self, order)(*words)
            except OSError as error:
                answer = f"{order}: {error}"
            print(answer, flush=True)


def broken(source, address, port):
    """An INIT with a wrong CRC, over a raw socket."""
    init = struct.pack("!BBHIIHHI", 1, 0, 20, 0x01020304, 65535, 1, 1, 1)
    packet = struct.pack("!HHII", 40000, port, 0, 0xDEADBEEF) + init
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    raw = socket.socket(family, socket.SOCK_RAW, SCTP)
    raw.bind((source, 0))
    raw.sendto(packet, (address, 0))


if sys.argv[1] == "serve":
    serve(sys.argv[2], sys.argv[3], [int(port) for port in sys.argv[4:]])
elif sys.argv[1] == "broken":
    broken(sys.argv[2], sys.argv[3], int(sys.argv[4]))
else:
    Client().obey()
