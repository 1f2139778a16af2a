#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""A disk that fills, for real: each service on a small file system of its own, filled by something else. It warns, refuses with a reason,
stays alive, accepts nothing that it does not keep, survives ENOSPC, and goes on by itself when there is room. Ends with
`N passed, N failed[, N skipped]`.

    disk.py BIN

Calls itself in a namespace of its own, where file systems can be mounted that nobody else sees."""
import json
import os
import random
import signal
import subprocess
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from services import Count, remove, until, work_folder  # noqa: E402

BIN, MIB = os.path.abspath(sys.argv[1]), 1 << 20
SIZE, RESERVE, WARN, MAP = 48, 8, 16, 24
count = Count()


class Service:
    """One process on a file system of SIZE MiB."""

    def __init__(self, work, name, upstream=None):
        self.name, self.disk, self.upstream = name, f"{work}/{name}", upstream
        os.makedirs(self.disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "doorbraak-test", self.disk], check=True)
        self.log, self.filler = f"{work}/{name}.log", f"{self.disk}/filler"
        self.start()

    def start(self):
        link = ["--upstream", self.upstream] if self.upstream else []
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [f"{BIN}/doorbraak-{self.name}", "--data", f"{self.disk}/data", "--listen", f"ipc://{self.disk}/door", "--http", "127.0.0.1:0",
                 "--publish", "none", "--disk-reserve", f"{RESERVE}M", "--disk-warn", f"{WARN}M", "--map-size", f"{MAP}M", "--open-door", "yes", *link],
                stderr=log)

    def door(self):
        return f"ipc://{self.disk}/door"

    def http(self):
        try:
            with open(f"{self.disk}/data.address") as lines:
                return next((line.split(" ", 1)[1].strip() for line in lines if line.startswith("http: ")), None)
        except FileNotFoundError:
            return None

    def get(self, path, body=None):
        request = urllib.request.Request((self.http() or "http://127.0.0.1:1") + path, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError:
            return 0, ""

    def codes(self):
        status, text = self.get("/readyz")
        return json.loads(text).get("codes", []) if status else None

    def value(self, metric):
        for line in self.get("/metrics")[1].splitlines():
            if line.startswith(f"doorbraak_{metric} "):
                return float(line.split()[1])
        return None

    def leave(self, mib):
        """Fills the disk up to so much."""
        fs = os.statvfs(self.disk)
        kept = os.path.getsize(self.filler) if os.path.exists(self.filler) else 0
        wanted = kept + fs.f_bavail * fs.f_frsize - int(mib * MIB)
        with open(self.filler, "ab") as out:
            if wanted < kept:
                out.truncate(max(wanted, 0))
            try:
                for _ in range(max(0, wanted - kept) // 4096):
                    out.write(b"\1" * 4096)
                    out.flush()
            except OSError:
                pass

    def clean(self):
        if os.path.exists(self.filler):
            os.remove(self.filler)

    def said(self, event):
        return f'"event":"{event}"' in open(self.log).read()

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


made = 0


def submit(intake):
    """Status and seq of a new submission."""
    global made
    made += 1
    body = {"source": "portal", "id": f"d{made}", "occurredAt": "2026-03-01T09:00:00Z", "actor": {"role": "ROLE_LOCAL_TEAM", "organisation": "LT-GM0988"},
            "caseSubmitted": {"municipality": "GM0988", "submitter": "SUBMITTER_KIND_PARENT", "asks": "ASK_CONSULTATION"}}
    status, text = intake.get("/v1/submissions", json.dumps(body).encode())
    return status, text


def tool(service, *arguments):
    return subprocess.run([f"{BIN}/doorbraak", *arguments, "--run", service.disk + "/run"], capture_output=True, text=True, timeout=60)


def check_intake(intake):
    intake.leave(WARN - 2)
    count.check("a warning comes first", until(lambda: intake.said("disk_warn")) and intake.codes() == [], intake.codes())
    count.check("and everything goes on", submit(intake)[0] == 201)
    intake.leave(RESERVE - 1)
    count.check("at the reserve it is not ready", until(lambda: intake.codes() == ["disk_low"]), intake.codes())
    status, text = submit(intake)
    count.check("a submission is refused with the reason", status == 503 and "disk_low" in text, (status, text))
    intake.leave(0)
    count.check("a full disk: it says that nothing is written", until(lambda: set(intake.codes()) == {"disk_low", "refusing"}), intake.codes())
    head = intake.value("journal_head")
    count.check("still refused", submit(intake)[0] == 503)
    count.check("alive all the same", intake.get("/healthz")[0] == 200 and intake.process.poll() is None)
    count.check("its journal stands still", intake.value("journal_head") == head)
    intake.clean()
    count.check("room returns: ready by itself", until(lambda: intake.codes() == [], 5), intake.codes())
    count.check("and takes again", submit(intake)[0] == 201)
    count.check("the log told it all", all(map(intake.said, ("disk_low", "disk_has_room", "disk_fine"))))


def check_downstream(intake, triage):
    triage.leave(0)
    count.check("downstream: not ready, with the reason", until(lambda: "refusing" in (triage.codes() or [])), triage.codes())
    cursor = triage.value("upstream_cursor")
    for _ in range(5):
        submit(intake)
    # Its upstream has more; a second is long enough for a service that would take it.
    until(lambda: False, 1)
    count.check("downstream: takes nothing, and is alive", triage.value("upstream_cursor") == cursor and triage.get("/healthz")[0] == 200)
    triage.clean()
    count.check("downstream: room returns, it catches up", until(
        lambda: triage.codes() == [] and triage.value("upstream_cursor") == intake.value("journal_head"), 10), triage.codes())


def check_access_log(monitoring):
    """Who looked cannot be written down: nobody is shown anything."""
    count.check("questions are answered", monitoring.get("/v1/cases")[0] == 200, monitoring.get("/v1/cases"))
    monitoring.leave(0)
    count.check("no room for the access log", until(lambda: "refusing" in (monitoring.codes() or [])), monitoring.codes())
    status, text = monitoring.get("/v1/cases")
    count.check("no line of who looked, no answer", status == 503 and "access_log" in text, (status, text))
    monitoring.clean()
    count.check("with room it is answered again", until(lambda: monitoring.get("/v1/cases")[0] == 200, 5))


def check_enospc(intake):
    """Real ENOSPC in the middle: the reserve is off, and what fills the disk is ours alone."""
    intake.end()
    intake.process = subprocess.Popen(
        [f"{BIN}/doorbraak-intake", "--data", f"{intake.disk}/data", "--listen", intake.door(), "--http", "127.0.0.1:0", "--disk-reserve", "0",
         "--disk-warn", "0", "--map-size", f"{MAP}M", "--open-door", "yes"], stderr=open(intake.log, "a"))
    until(lambda: intake.get("/healthz")[0] == 200)
    accepted = []
    chance = random.Random(6)
    for _ in range(12):
        intake.leave(chance.choice((0, 0.02, 0.1)))
        for _ in range(40):
            status, text = submit(intake)
            if status == 201:
                accepted.append(int(json.loads(text)["seq"]))
            if intake.process.poll() is not None:
                break
        if intake.process.poll() is not None:
            break
    ended = until(lambda: intake.process.poll() is not None, 10)
    count.check("without a reserve a commit fails, and the process ends with 1", ended and intake.process.poll() == 1, len(accepted))
    intake.leave(0)
    intake.start()
    status = intake.process.wait(20) if until(lambda: intake.process.poll() is not None, 10) else None
    if status is not None:
        count.check("started on a full disk it ends with 1: start it again", status == 1, (status, open(intake.log).read()[-300:]))
        intake.clean()
        intake.start()
    intake.clean()
    count.check("with room it starts", until(lambda: intake.codes() == [], 20), open(intake.log).read()[-300:])
    count.check("what was accepted is kept", intake.value("journal_head") >= max(accepted, default=0), (intake.value("journal_head"), accepted))


def main():
    work = work_folder()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "doorbraak-test", work], check=True)
    intake = Service(work, "intake")
    triage = Service(work, "triage", intake.door())
    monitoring = Service(work, "monitoring", f"ipc://{work}/nobody")
    try:
        os.makedirs(f"{intake.disk}/run")
        os.symlink("../data.address", f"{intake.disk}/run/intake.address")
        until(lambda: intake.codes() == [] and triage.codes() == [] and monitoring.codes() is not None)
        for arguments in (("registry", "adopt", "--shipped"), ("policy", "adopt", "--shipped"),
                          ("submit", "--source", "operator", "--message", "SourceRegistered", "--by", "ADMINISTRATOR@NAT-VWS", "--with",
                           "{source: portal, organisations: [LT-GM0988], roles: [LOCAL_TEAM]}")):
            done = tool(intake, *arguments)
            count.check(" ".join(arguments[:2]), done.returncode == 0, done.stderr)
        check_intake(intake)
        check_downstream(intake, triage)
        check_access_log(monitoring)
        check_enospc(intake)
    finally:
        for service in (monitoring, triage, intake):
            service.end()
            subprocess.run(["umount", "-l", service.disk])
        subprocess.run(["umount", "-l", work])
        remove(work)
    count.end()


if "DOORBRAAK_DISK_TEST" in os.environ:
    main()
elif subprocess.run(["unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=1m doorbraak-test /mnt"], capture_output=True).returncode != 0:
    count.skip("file systems of its own: no namespace may be made here")
    count.end()
else:
    os.environ["DOORBRAAK_DISK_TEST"] = "yes"
    os.execvp("unshare", ["unshare", "-rm", "/usr/bin/python3", os.path.abspath(__file__), BIN])
