#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Hostile peers against the programs as they are shipped, sandbox and all. During each attack an honest client goes on asking, over
ZeroMQ and over HTTP. Ends with `N passed, N failed`.

    hostile.py BIN [--long]

What must hold: memory grows by no more than MEMORY_MAX, or the process ends and is back (only where that is said); what the honest client
waits stays under 500 ms for 99 of 100 questions (95 where fewer than 300 were asked), longer by as much as the machine has more to do than
processors; afterwards the processor is at rest and all is as before."""
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import urllib.parse

import zmq

import peers

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from services import ROOT, Count, Services, free_ports, generate_python, remove, until, work_folder  # noqa: E402

BIN, WORK, LONG = os.path.abspath(sys.argv[1]), work_folder(), "--long" in sys.argv
generate_python(f"{WORK}/python")
from doorbraak.v1 import door_pb2 as door  # noqa: E402

SECONDS = 10 if LONG else 1
MEMORY_MAX = 64 << 20
WAIT_MAX_S = 0.5
count = Count()
context = zmq.Context()


def host_port(url):
    parts = urllib.parse.urlparse(url)
    return parts.hostname, parts.port


def anonymous_bytes(pid):
    """What it holds besides its files."""
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) << 10
    return 0


def cpu_share(pid, seconds=0.5):
    def spent():
        fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    before = spent()
    time.sleep(seconds)
    return (spent() - before) / seconds


# ---- the honest client


class Honest:
    """Asks for the status at the door, and /healthz over a new connection, in turn; keeps how long each took."""

    keys = None  # of doors with keys: own public and secret key, and that of the door

    def __init__(self, door_url, http_url):
        self.door, self.http = door_url, host_port(http_url)
        self.socket = None
        self.over_door, self.over_http = [], []

    def ask_door(self):
        if self.socket is None:
            self.socket = context.socket(zmq.DEALER)
            self.socket.linger = 0
            if self.keys is not None:
                self.socket.curve_publickey, self.socket.curve_secretkey, self.socket.curve_serverkey = self.keys
            self.socket.connect(self.door)
        began = time.monotonic()
        self.socket.send(door.Request(request_id=7, status=door.StatusRequest()).SerializeToString())
        if not self.socket.poll(10000):
            self.socket.close()
            self.socket = None
            return 10.0
        self.socket.recv_multipart()
        return time.monotonic() - began

    def ask_http(self):
        began = time.monotonic()
        try:
            with peers.connect(self.http, 10) as s:
                s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                return time.monotonic() - began if s.recv(12).endswith(b" 200") else 10.0
        except OSError:
            return 10.0

    def ask_for(self, seconds):
        self.over_door, self.over_http = [], []
        end = time.monotonic() + seconds
        while time.monotonic() < end or len(self.over_door) < 20:
            self.over_door.append(self.ask_door())
            self.over_http.append(self.ask_http())
            if self.over_door[-1] + self.over_http[-1] > 5 and time.monotonic() > end:
                break
            time.sleep(0.005)
        return most(self.over_door), most(self.over_http)


def most(times):
    """How long nearly all of them took at most."""
    return sorted(times)[len(times) * (99 if len(times) >= 300 else 95) // 100]


def patience():
    return WAIT_MAX_S * max(1, os.getloadavg()[0] / os.cpu_count())


# ---- an attack


class Watch(threading.Thread):
    """The most that a process held."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most, self.done, self.died = pid, 0, False, False

    def run(self):
        while not self.done:
            try:
                self.most = max(self.most, anonymous_bytes(self.pid))
            except (FileNotFoundError, ProcessLookupError):
                self.died = True
                return
            time.sleep(0.02)


def under_attack(services, service, name, *how, **more):
    """Once more when something did not hold: what the rest of the machine does may pass, a hole does not."""
    found = attempt(services, service, name, *how, **more)
    if not all(ok for _, ok, _ in found):
        found = attempt(services, service, name, *how, **more)
    for one in found:
        count.check(*one)


def attempt(services, service, name, attack, target, strength, memory=MEMORY_MAX, may_restart=False, http=True):
    honest = Honest(services.address(service), services.address(service, "http"))
    honest.ask_for(0.2)
    pid = services.pid(service)
    before = anonymous_bytes(pid)
    stop, watch = multiprocessing.Event(), Watch(pid)
    attacker = multiprocessing.Process(target=attack, args=(target, stop, strength), daemon=True)
    attacker.start()
    watch.start()
    during = honest.ask_for(SECONDS)
    stop.set()
    attacker.join(20)
    if attacker.is_alive():
        attacker.kill()
        attacker.join()
    watch.done = True
    watch.join()
    grown = watch.most - before
    figures = f"{grown / (1 << 20):.1f} MiB, {during[0] * 1000:.0f} ms at the door, {during[1] * 1000:.0f} ms over HTTP"
    print(f"      {name}: {figures}{', restarted' if watch.died else ''}", flush=True)
    found = [(f"{name}: the process holds", may_restart or not watch.died, figures), (f"{name}: memory", grown <= memory, figures)]
    for way, waited in (("the door", during[0]), ("HTTP", during[1]))[:0 if may_restart else 2 if http else 1]:
        found.append((f"{name}: honest clients of {way}", waited < patience(), figures))
    found.append((f"{name}: well afterwards", until(lambda: Honest(services.address(service), services.address(service, "http")).ask_door() < 5), ""))
    found.append((f"{name}: at rest afterwards", until(lambda: (pid := services.pid(service)) and cpu_share(pid) < 0.2, 30), ""))
    return found


def few_descriptors(services):
    """120 connections where 64 descriptors are allowed: nobody can come in any more, but who was there is served."""
    pid = services.pid("intake")
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (64, limits[1]))
    try:
        under_attack(services, "intake", "120 idle connections with 64 descriptors", peers.shaken_and_idle,
                     host_port(services.address("intake")), 120, http=False)
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)


def pair(folder):
    return dict(line.strip().split(": ") for line in open(f"{folder}/secret"))


def with_keys():
    """Doors that want CURVE."""
    run = f"{WORK}/locked"
    os.mkdir(run)
    subprocess.run([f"{BIN}/doorbraak", "keys", "init", "--dir", f"{run}/keys"], check=True, stdout=subprocess.DEVNULL)
    own, of_door = pair(f"{run}/keys/operator"), pair(f"{run}/keys/intake")
    with Services(BIN, run, ports=free_ports()) as services:
        Honest.keys = own["public"].encode(), own["secret"].encode(), of_door["public"].encode()
        under_attack(services, "intake", "mechanisms that the door does not want", peers.wrong_mechanisms,
                     host_port(services.address("intake")), 200)
        Honest.keys = None
        plain = context.socket(zmq.DEALER)
        plain.linger = 0
        plain.connect(services.address("intake"))
        plain.send(door.Request(request_id=7, status=door.StatusRequest()).SerializeToString())
        count.check("who speaks NULL where CURVE is wanted is told nothing", not plain.poll(1000))
        plain.close()
    count.check("the services with keys stop well", services.status == 0, services.status)


def main():
    many = 4 if LONG else 1
    with Services(BIN, f"{WORK}/run", open_door=True, ports=free_ports()) as services:
        services.tool("play", f"{ROOT}/tests/scenarios/SC1.yaml")
        at_door, at_http = host_port(services.address("intake")), host_port(services.address("intake", "http"))
        pull = door.Request(request_id=1, pull=door.PullRequest(no_wait=True)).SerializeToString()

        for name, attack, strength, more in (
                ("100 connections that declare 4 GiB", peers.declare_four_gigabytes, 100, {}),
                ("endless multipart", peers.endless_multipart, 4 * many, {"memory": 512 << 20, "may_restart": True}),
                ("one routing id for all", peers.the_same_id, 20 * many, {}),
                ("idle connections", peers.idle, 500 * many, {}),
                ("connections that shake hands and are idle", peers.shaken_and_idle, 200 * many, {}),
                ("100 bad handshakes a second", peers.bad_handshakes, 100, {}),
                ("largest questions", peers.largest_questions, 4 * many, {"memory": 512 << 20, "may_restart": True}),
                # 64 MiB of answers in a turn, and as much that waits to be read.
                ("pulls that nobody reads", peers.pulls_without_reading(pull), 8 * many, {"memory": 160 << 20})):
            under_attack(services, "intake", name, attack, at_door, strength, **more)
        few_descriptors(services)
        for name, attack, strength in (
                ("idle over HTTP", peers.idle, 500 * many),
                ("a byte each half second", peers.dripping, 200),
                ("half requests", peers.half_requests, 200),
                ("headers without end", peers.endless_headers, 20),
                ("bodies of 200 MiB", peers.huge_bodies, 20),
                ("bodies that lack a byte", peers.full_bodies, 200),
                ("pipelining without reading", peers.pipelining, 50)):
            under_attack(services, "intake", name, attack, at_http, strength)
        under_attack(services, "monitoring", "streams that nobody reads", peers.deaf_streams("/v1/case-states/stream?from=snapshot"),
                     host_port(services.address("monitoring", "http")), 300 * many)
        count.check("what was accepted is there, and right", services.tool("verify", status=None).returncode == 0)
    count.check("the services stop well", services.status == 0, services.status)


main()
with_keys()
remove(WORK) if not count.failed else print("kept:", WORK)
count.end()
