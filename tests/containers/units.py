#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""units.py - the units of systemd: verified, rated, installed; and what they ask of a service, tried on each of the five.

  tests/containers/units.py BIN      ends with `N passed, N failed[, N skipped]`

Readiness, watchdog and stopping are tried against a socket of this test's own, which does what the service manager does."""
import os, re, shutil, signal, socket, subprocess, sys, tempfile, time

BIN = os.path.abspath(sys.argv[1])
os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
WORK = tempfile.mkdtemp()
SERVICES = ["intake", "triage", "routing", "signalling", "monitoring"]
EXPOSURE_MAX = 1.5
WATCHDOG_S = 0.8
NOBODY = 65532 if os.getuid() == 0 else os.getuid()
passed = failed = skipped = 0


def check(name, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok   ' if ok else 'FAIL '} {name}{'' if ok or not detail else ': ' + str(detail)[-800:]}", flush=True)
    return ok


def skip(name):
    global skipped
    skipped += 1
    print(f"skip  {name}", flush=True)


def units():
    folder = f"{WORK}/units"
    done = subprocess.run(["make", "--no-print-directory", "-s", "install-systemd", f"DESTDIR={WORK}/root", "PREFIX=/usr"],
                          capture_output=True, text=True)
    installed = f"{WORK}/root/etc/systemd/system"
    check("make install SYSTEMD=yes installs them", done.returncode == 0 and sorted(os.listdir(installed)) ==
          ["doorbraak.target", "doorbraak@.service"], done.stderr)
    text = open(f"{installed}/doorbraak@.service").read()
    check("they name the programs where they are installed", "ExecStart=/usr/bin/doorbraak-%i\n" in text)
    target = open(f"{installed}/doorbraak.target").read()
    check("the target starts all five", all(f"doorbraak@{s}.service" in target for s in SERVICES))
    shutil.copytree(installed, folder)
    subprocess.run(["make", "--no-print-directory", "-s", "uninstall-systemd", f"DESTDIR={WORK}/root"], capture_output=True)
    check("make uninstall SYSTEMD=yes takes them away", os.listdir(installed) == [])
    if shutil.which("systemd-analyze") is None:
        return skip("systemd-analyze is not there (package systemd)")
    # Verified with the programs where they are now.
    open(f"{folder}/doorbraak@.service", "w").write(text.replace("/usr/bin/doorbraak-", f"{BIN}/doorbraak-"))
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": folder + ":", "SYSTEMD_LOG_LEVEL": "warning"}

    def verify():
        return subprocess.run(["systemd-analyze", "verify", "--man=no", "doorbraak.target",
                               *(f"doorbraak@{s}.service" for s in SERVICES)], capture_output=True, text=True, env=environment)
    done = verify()
    check("systemd-analyze verify has nothing to say", done.returncode == 0 and "doorbraak" not in done.stderr, done.stderr)
    rated = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={int(EXPOSURE_MAX * 10)}", "--no-pager",
                            "doorbraak@routing.service"], capture_output=True, text=True, env=environment)
    level = re.search(r"exposure level.*: ([0-9.]+)", rated.stdout)
    check(f"systemd-analyze security: at most {EXPOSURE_MAX} ({level and level[1]})", rated.returncode == 0 and level, rated.stdout[-300:])
    open(f"{folder}/doorbraak@.service", "w").write(text.replace("WatchdogSec=30s", "WatchdogSec=often"))
    done = verify()
    check("and a fault in a unit would be seen", done.returncode != 0 or "doorbraak" in done.stderr)


class Manager:
    """Listens where the service manager would."""

    def __init__(self, service, upstream):
        self.service, self.data = service, f"{WORK}/{service}"
        path = f"{WORK}/{service}.notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        os.chmod(path, 0o777)
        arguments = [f"{WORK}/doorbraak-{service}", f"--data={self.data}", f"--listen=ipc://{WORK}/{service}.door", "--http=127.0.0.1:0"]
        arguments += ["--publish=none", f"--upstream=ipc://{WORK}/{upstream}.door"] if upstream else []
        self.log = open(f"{WORK}/{service}.log", "w")
        self.process = subprocess.Popen(arguments, stderr=self.log, user=NOBODY if os.getuid() == 0 else None, env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": str(int(WATCHDOG_S * 1e6))})

    def hear(self, wanted, seconds):
        """Waits for a word; how long it took, or None."""
        began, end = time.monotonic(), time.monotonic() + seconds
        while time.monotonic() < end:
            self.socket.settimeout(max(end - time.monotonic(), 0.001))
            try:
                said = self.socket.recv(4096).decode().split("\n")
            except TimeoutError:
                break
            if wanted in said:
                return time.monotonic() - began
        return None

    def silent(self, seconds):
        self.socket.settimeout(0.001)
        try:
            while True:
                self.socket.recv(4096)
        except TimeoutError:
            pass
        return self.hear("WATCHDOG=1", seconds) is None


def notified():
    upstream = ""
    managers = []
    # Not as root, where it can be helped: then the programs must stand where everybody may read.
    for service in SERVICES:
        shutil.copy(f"{BIN}/doorbraak-{service}", WORK)
    if os.getuid() == 0:
        os.chown(WORK, NOBODY, NOBODY)
    for service in SERVICES:
        m = Manager(service, upstream)
        managers.append(m)
        upstream = service
        if not check(f"{service} says READY=1", m.hear("READY=1", 20) is not None, open(f"{WORK}/{service}.log").read()):
            continue
        check(f"{service} can be asked by then", subprocess.run(
            [f"{BIN}/doorbraak", "health", "--service", service, "--door", f"ipc://{WORK}/{service}.door"],
            capture_output=True).returncode in (0, 1))
        limits = open(f"/proc/{m.process.pid}/limits").read()
        check(f"{service} leaves no core dump, and nobody looks into it", re.search(r"core file size +0 +0 ", limits)
              and os.stat(f"/proc/{m.process.pid}/environ").st_uid != NOBODY, limits)
        check(f"{service} may have many files open", re.search(r"open files +(8192|[0-9]{5,}) ", limits), limits)
        beats = [m.hear("WATCHDOG=1", WATCHDOG_S) for _ in range(4)]
        check(f"{service} is heard within its watchdog's time, again and again", None not in beats, beats)
    for m in managers:
        m.process.send_signal(signal.SIGSTOP)
    check("one that hangs is not", all([m.silent(2 * WATCHDOG_S) for m in managers]))
    for m in managers:
        m.process.send_signal(signal.SIGCONT)
    for m in managers:
        beat = m.hear("WATCHDOG=1", 5)
        m.process.terminate()
        stopping = m.hear("STOPPING=1", 5)
        check(f"{m.service} says STOPPING=1 and ends with status 0", beat is not None and stopping is not None
              and m.process.wait(20) == 0, m.process.poll())


try:
    units()
    notified()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(failed != 0)
