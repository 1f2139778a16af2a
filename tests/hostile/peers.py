# SPDX-License-Identifier: EUPL-1.2
"""Peers that mean harm, over sockets of their own: bytes as they like them, without a library that would hold them back. Each is
a function `attack(target, stop, strength)` that runs in a process of its own until `stop` is set; `strength` is how many."""
import itertools
import os
import select
import socket
import struct
import time

PAGE = os.urandom(65536)


def frame(body, more=False, command=False):
    flags = (1 if more else 0) | (4 if command else 0)
    if len(body) < 256:
        return bytes([flags, len(body)]) + body
    return bytes([flags | 2]) + struct.pack(">Q", len(body)) + body


def greeting(mechanism=b"NULL"):
    return b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\x00" + mechanism.ljust(20, b"\0") + b"\0" * 32


def ready(identity=b"", kind=b"DEALER"):
    def one(name, value):
        return bytes([len(name)]) + name + struct.pack(">I", len(value)) + value
    return frame(b"\x05READY" + one(b"Socket-Type", kind) + one(b"Identity", identity), command=True)


def connect(target, seconds=2):
    return socket.create_connection(target, timeout=seconds)


def shaken(target, identity=b""):
    """A connection of which the other side thinks that a library speaks."""
    s = connect(target)
    s.sendall(greeting() + ready(identity))
    end, got = time.monotonic() + 2, b""
    while len(got) < 70 and time.monotonic() < end:
        piece = s.recv(4096)
        if not piece:
            break
        got += piece
    return s


def is_closed(s):
    """Has the other side ended it? What it said until then is thrown away."""
    try:
        while select.select([s], [], [], 0)[0]:
            if not s.recv(65536):
                return True
    except OSError:
        return True
    return False


def push(s, data):
    """As much as goes at once; False: it is closed."""
    try:
        s.setblocking(False)
        s.send(data)
    except BlockingIOError:
        pass
    except OSError:
        return False
    return True


def keep(opening, target, stop, strength, step=lambda s: None, wait=0.01):
    """`strength` connections made by `opening(target)`; what the other side closes is made again; `step(s)` on each, again
    and again, until told to stop. False of a step: it is closed."""
    held = []
    while not stop.is_set():
        try:
            while len(held) < strength and not stop.is_set():
                held.append(opening(target))
        except OSError:
            time.sleep(wait)
        for s in list(held):
            if is_closed(s) or step(s) is False:
                s.close()
                held.remove(s)
        time.sleep(wait)
    for s in held:
        s.close()


# ---- ZMTP


def declare_four_gigabytes(target, stop, strength):
    def opening(target):
        s = shaken(target)
        s.sendall(b"\x02" + struct.pack(">Q", 4 << 30) + PAGE[:1000])
        return s
    keep(opening, target, stop, strength)


def endless_multipart(target, stop, strength):
    keep(shaken, target, stop, strength, lambda s: push(s, frame(PAGE, more=True)), wait=0)


def the_same_id(target, stop, strength):
    keep(lambda t: shaken(t, b"\x01the-same"), target, stop, strength, lambda s: push(s, frame(b"hello")))


def idle(target, stop, strength):
    keep(connect, target, stop, strength)


def shaken_and_idle(target, stop, strength):
    keep(shaken, target, stop, strength)


def bad_handshakes(target, stop, strength):
    """`strength` a second, of several kinds."""
    kinds = [b"GET / HTTP/1.1\r\n\r\n", PAGE[:64], greeting(b"CURVE") + PAGE[:200], greeting(b"PLAIN"),
             greeting() + frame(b"\x05READY" + b"\xff" * 200, command=True), greeting() + frame(PAGE, command=True),
             greeting() + ready(kind=b"PUB")]
    n = 0
    while not stop.is_set():
        try:
            with connect(target) as s:
                s.sendall(kinds[n % len(kinds)])
        except OSError:
            pass
        n += 1
        time.sleep(1 / strength)


def wrong_mechanisms(target, stop, strength):
    """At a door that wants CURVE: `strength` connections that speak NULL and ask, PLAIN, or CURVE with keys that are none."""
    kinds = [greeting() + ready() + frame(b"\x08\x01" * 100) * 20, greeting(b"PLAIN") + frame(b"\x05HELLO\x01a\x01b", command=True),
             greeting(b"CURVE") + frame(b"\x05HELLO\x01\0" + b"\0" * 72 + os.urandom(120), command=True)]
    turn = itertools.count()

    def opening(target):
        s = connect(target)
        push(s, kinds[next(turn) % len(kinds)])
        return s
    keep(opening, target, stop, strength)


def largest_questions(target, stop, strength):
    """Malformed ones of just under the limit, as fast as they go."""
    whole = frame(b"\xff" * (1 << 20))
    at = {}

    def step(s):
        offset = at.get(s, 0)
        try:
            s.setblocking(False)
            sent = s.send(whole[offset:])
        except BlockingIOError:
            return None
        except OSError:
            return False
        at[s] = (offset + sent) % len(whole)
        return None
    keep(shaken, target, stop, strength, step, wait=0)


def pulls_without_reading(question):
    """The amplification: few bytes ask for many, again and again, and nobody reads what comes."""
    def attack(target, stop, strength):
        held = []
        while not stop.is_set():
            while len(held) < strength:
                s = shaken(target)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                held.append(s)
            for s in held:
                push(s, frame(question) * 20)
            time.sleep(0.01)
        for s in held:
            s.close()
    return attack


# ---- HTTP


def half_requests(target, stop, strength):
    def opening(target):
        s = connect(target)
        s.sendall(b"POST /v1/submissions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        return s
    keep(opening, target, stop, strength)


def dripping(target, stop, strength):
    """A byte each half second, so that no single read takes long."""
    keep(connect, target, stop, strength, lambda s: push(s, b"a"), wait=0.5)


def endless_headers(target, stop, strength):
    line = b"X-" + b"a" * 1000 + b": " + b"b" * 3000 + b"\r\n"

    def opening(target):
        s = connect(target)
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        return s
    keep(opening, target, stop, strength, lambda s: push(s, line * 16), wait=0)


def huge_bodies(target, stop, strength):
    def opening(target):
        s = connect(target)
        s.sendall(b"POST /v1/submissions HTTP/1.1\r\nHost: x\r\nContent-Length: 209715200\r\n\r\n")
        return s
    keep(opening, target, stop, strength, lambda s: push(s, PAGE), wait=0)


def full_bodies(target, stop, strength):
    """As large as is allowed, but for the last byte."""
    size = (1 << 20) - 1
    left = {}

    def opening(target):
        s = connect(target)
        s.sendall(f"POST /v1/submissions HTTP/1.1\r\nHost: x\r\nContent-Length: {size + 1}\r\n\r\n".encode())
        left[s] = size
        return s

    def step(s):
        if left[s] == 0:
            return None
        try:
            s.setblocking(False)
            left[s] -= s.send(PAGE[:left[s]])
        except BlockingIOError:
            return None
        except OSError:
            return False
        return None
    keep(opening, target, stop, strength, step)


def pipelining(target, stop, strength):
    """Requests without end, and nobody reads the answers."""
    held = []
    requests = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 500
    while not stop.is_set():
        held = [s for s in held if push(s, requests)]
        try:
            while len(held) < strength:
                s = connect(target)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                held.append(s)
        except OSError:
            pass
        time.sleep(0.01)
    for s in held:
        s.close()


def deaf_streams(path):
    def attack(target, stop, strength):
        held = []
        while not stop.is_set():
            try:
                while len(held) < strength and not stop.is_set():
                    s = connect(target)
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                    s.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                    held.append(s)
            except OSError:
                pass
            time.sleep(0.05)
        for s in held:
            s.close()
    return attack
