#!/usr/bin/python3
"""What the tests of clients share: services that run, generated Python, node modules, counting. Nothing sleeps longer than a step
of a wait with a deadline."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROW = ["intake", "triage", "routing", "signalling", "monitoring"]


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, name, ok, detail=""):
        self.passed, self.failed = self.passed + bool(ok), self.failed + (not ok)
        if not ok:
            print(f"FAIL  {name} {str(detail)[:1500]}", flush=True)
        return ok

    def skip(self, name):
        self.skipped += 1
        print(f"skip  {name}", flush=True)

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else ""))
        sys.exit(self.failed > 0)


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    return None


def generate_python(into):
    """The contract in Python, importable."""
    os.makedirs(into, exist_ok=True)
    protos = [f"doorbraak/v1/{f}" for f in sorted(os.listdir(f"{ROOT}/proto/doorbraak/v1"))]
    subprocess.run(["protoc", f"--python_out={into}", "-I", f"{ROOT}/proto", "-I", "/usr/include", *protos], check=True)
    sys.path.insert(0, into)


def node_modules(*packages):
    """The folder of these packages; None where there is no npm, or it cannot install them."""
    done = subprocess.run([f"{ROOT}/tools/node-modules", *packages], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def free_ports():
    """A base for `up --ports` that nobody listens at: HTTP keeps its address over a restart then."""
    for base in range(21000 + os.getpid() % 50 * 200, 61000, 200):
        sockets = []
        try:
            for offset in [*range(1, 16), *range(101, 106)]:
                sockets.append(socket.create_server(("127.0.0.1", base + offset)))
            return base
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()
    raise RuntimeError("no free ports")


class Services:
    """All five, by `doorbraak up`, which starts again what is killed."""

    def __init__(self, bin_dir, run, driven=True, open_door=False, ports=0, ready=True):
        """ready: waits until they are; else until each can be asked."""
        self.bin, self.run = bin_dir, run
        self.log = open(run + ".up", "w+")
        self.up = subprocess.Popen(
            [f"{bin_dir}/doorbraak", "up", "--ports", str(ports), "--run", run, *(["--driven"] if driven else []),
             *(["--open-door"] if open_door else [])],
            stdout=self.log, stderr=subprocess.STDOUT)
        if not until(lambda: self.tool("health", status=None).returncode in ((0,) if ready else (0, 1)), 60):
            self.log.seek(0)
            raise RuntimeError("the services do not come up: " + self.log.read()[-2000:])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.up.terminate()
        self.status = self.up.wait(60)
        self.log.close()

    def tool(self, *arguments, status=0):
        done = subprocess.run([f"{self.bin}/doorbraak", *arguments, "--run", self.run], capture_output=True, text=True, timeout=120)
        if status is not None and done.returncode != status:
            raise RuntimeError(f"doorbraak {' '.join(arguments)}: status {done.returncode}: {done.stderr[-1000:]}")
        return done

    def address(self, service, key="door"):
        def read():
            try:
                for line in open(f"{self.run}/{service}.address"):
                    if line.startswith(key + ": "):
                        return line.split(" ", 1)[1].strip()
            except FileNotFoundError:
                return None
        return until(read)

    def pid(self, service):
        children = open(f"/proc/{self.up.pid}/task/{self.up.pid}/children").read().split()
        for child in children:
            try:
                if f"doorbraak-{service}" in open(f"/proc/{child}/cmdline").read().split("\0")[0]:
                    return int(child)
            except FileNotFoundError:
                pass
        return None

    def kill(self, service):
        os.kill(self.pid(service), signal.SIGKILL)

    def settled(self, seq, seconds=60):
        def applied():
            lines = self.tool("health", "--service", "monitoring", "--json", status=None).stdout.splitlines()
            status = json.loads(lines[0])["status"] if lines else None
            return status and int(status.get("applied", 0)) >= seq
        return until(applied, seconds)


def work_folder():
    return tempfile.mkdtemp(prefix="doorbraak-interop-")


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)
