#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""The sandbox of the programs as they are shipped, from inside: each thread of each service is made to do what an intruder would, by
ptrace(2) from outside, and what becomes of it is looked at. Ends with `N passed, N failed[, N skipped]`.

    inside.py BIN

Needs root, or the right to look into processes, and x86-64; otherwise only what /proc tells is looked at."""
import ctypes
import json
import os
import platform
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from services import ROW, Count, Services, free_ports, remove, until, work_folder  # noqa: E402

BIN, WORK = os.path.abspath(sys.argv[1]), work_folder()
ATTACH, DETACH, STEP, GET, SET, WALL = 16, 17, 9, 12, 13, 0x40000000
REGISTERS = ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs "
             "gs").split()
OPENAT, SOCKET, EXECVE, PTRACE, BIND, FORK = 257, 41, 59, 101, 49, 57
AT_FDCWD, NETLINK = 2 ** 64 - 100, 16
count = Count()
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


class Registers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulonglong) for name in REGISTERS]


def trace(request, thread, data=None):
    if libc.ptrace(request, thread, None, data) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


class Killed(Exception):
    pass


def stopped(thread):
    _, status = os.waitpid(thread, WALL)
    if os.WIFSIGNALED(status):
        raise Killed(os.WTERMSIG(status))


def make(pid, thread, call, *arguments):
    """Has a thread make a system call; its result, negative for an error. An argument of bytes is put into its memory."""
    trace(ATTACH, thread)
    stopped(thread)
    was, now = Registers(), Registers()
    trace(GET, thread, ctypes.byref(was))
    ctypes.memmove(ctypes.byref(now), ctypes.byref(was), ctypes.sizeof(was))
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
        memory.seek(was.rip - 2)
        if memory.read(2) != b"\x0f\x05":  # it does not wait in the kernel
            trace(DETACH, thread)
            return None
        values = []
        for n, argument in enumerate(arguments):
            if isinstance(argument, bytes):
                at = was.rsp - 8192 + n * 1024
                memory.seek(at)
                memory.write(argument + b"\0")
                argument = at
            values.append(argument)
    now.rip, now.rax, now.orig_rax = was.rip - 2, call, 2 ** 64 - 1
    for name, value in zip(("rdi", "rsi", "rdx", "r10"), values + [0] * 4):
        setattr(now, name, value)
    trace(SET, thread, ctypes.byref(now))
    trace(STEP, thread)
    stopped(thread)
    trace(GET, thread, ctypes.byref(now))
    result = ctypes.c_longlong(now.rax).value
    trace(SET, thread, ctypes.byref(was))
    trace(DETACH, thread)
    return result


def outcome(services, service, which, call, *arguments):
    """Of the `which`-th thread, 0 the first: a number, or the signal that ended the process."""
    pid = until(lambda: services.pid(service))
    until(lambda: os.path.exists(f"{WORK}/run/{service}.address") and in_force(pid))
    threads = sorted(int(t) for t in os.listdir(f"/proc/{pid}/task"))
    try:
        return until(lambda: (lambda r: None if r is None else (r,))(make(pid, threads[which], call, *arguments)))[0]
    except Killed as end:
        return signal.Signals(end.args[0]).name


def in_force(pid):
    """Both lists of calls, in every thread."""
    def fields(thread):
        return dict(line.split(":\t", 1) for line in open(f"/proc/{pid}/task/{thread}/status").read().splitlines() if ":\t" in line)
    all_ = [fields(t) for t in os.listdir(f"/proc/{pid}/task")]
    return all_ and all(f["Seccomp"] == "2" and f["Seccomp_filters"] == "2" and f["NoNewPrivs"] == "1" for f in all_)


def look(services):
    for service in ROW:
        pid = services.pid(service)
        count.check(f"{service}: every thread is limited", until(lambda: in_force(pid), 10))
        said = [json.loads(line) for line in open(f"{WORK}/run/{service}.log") if '"hardened"' in line][0]
        count.check(f"{service}: the log says so", said["landlock"] >= 1 and said["seccomp"] is True and said["missing"] == ""
                    and said["level"] == "info", said)


def intrude(services):
    for service, other in zip(ROW, ROW[1:] + ROW[:1]):
        own, others = (f"{WORK}/run/{s}/data.mdb".encode() for s in (service, other))
        for thread in (0, 1, 2):
            who = f"{service}, thread {thread}"
            count.check(f"{who}: its own data", (outcome(services, service, thread, OPENAT, AT_FDCWD, own, 0) or -1) >= 0)
            for path in (others, b"/proc/self/environ", b"/root", b"/tmp", BIN.encode() + b"/doorbraak"):
                is_now = outcome(services, service, thread, OPENAT, AT_FDCWD, path, 0)
                count.check(f"{who}: {path.decode()}", is_now == -13, is_now)
            is_now = outcome(services, service, thread, SOCKET, NETLINK, 3, 0)
            count.check(f"{who}: netlink", is_now == -97, is_now)
    for service, thread, call, name in (("routing", 0, EXECVE, "execve"), ("signalling", 2, EXECVE, "execve"), ("triage", 1, PTRACE, "ptrace"),
                                        ("monitoring", 0, FORK, "fork"), ("intake", 2, BIND, "bind")):
        is_now = outcome(services, service, thread, call, b"/bin/true", 0, 0)
        count.check(f"{service}, thread {thread}: {name} ends it", is_now == "SIGSYS", is_now)
    count.check("all are back", until(lambda: services.tool("health", status=None).returncode == 0, 60))


def switched_off():
    os.environ["DOORBRAAK_SANDBOX"] = "no"
    with Services(BIN, f"{WORK}/off", ports=free_ports()) as services:
        said = [json.loads(line) for line in open(f"{WORK}/off/routing.log") if '"hardened"' in line][0]
        count.check("switched off, it says so at warning", said["level"] == "warn" and said["missing"] == "sandbox: no" and not said["seccomp"], said)
        count.check("and is not limited", not in_force(services.pid("routing")))


def main():
    began = time.monotonic()
    with Services(BIN, f"{WORK}/run", ports=free_ports()) as services:
        look(services)
        if os.geteuid() != 0 or platform.machine() != "x86_64":
            count.skip("making services do what they may not needs root and x86-64")
        else:
            intrude(services)
    count.check("the services stop well", services.status == 0, services.status)
    switched_off()
    count.check("in good time", time.monotonic() - began < 300)


main()
remove(WORK)
count.end()
