#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Backup, restore and rebuild with real services: what is whole comes back, what is not is refused, and a kill at any moment leaves
nothing that only looks whole.

    tests/end_to_end/backup.py BIN_FOLDER [ROUNDS]

ROUNDS (default 12) is how often each command is killed, and how many places of a backup are altered. The last line is
`N passed, N failed[, N skipped]`."""
import glob
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

bin_dir = os.path.abspath(sys.argv[1])
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 12
row = ["intake", "triage", "routing", "signalling", "monitoring"]
work = tempfile.mkdtemp(prefix="doorbraak-backup-")
passed = failed = skipped = 0
chance = random.Random(7)


def check(name, good, more=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"FAIL  {name}\n      | " + str(more).strip().replace("\n", "\n      | ")[-1500:], flush=True)


def path(*parts):
    return os.path.join(work, *parts)


def tool(*arguments, expect=None, name=None, says=""):
    done = subprocess.run([f"{bin_dir}/doorbraak", *arguments], cwd=work, capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL)
    if expect is not None:
        check(name or " ".join(arguments[:3]), done.returncode == expect and says in done.stdout + done.stderr,
              f"{' '.join(arguments)}\nstatus {done.returncode}, not {expect}; or it does not say '{says}'\n"
              f"{done.stdout}{done.stderr}")
    return done


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        threading.Event().wait(0.05)
    return False


class Up:
    """`doorbraak up` in a folder, until the end of the block."""

    def __init__(self, run, wait=True):
        self.run, self.wait = run, wait

    def __enter__(self):
        self.log = open(path(f"{self.run}.up"), "w+")
        self.process = subprocess.Popen([f"{bin_dir}/doorbraak", "up", "--run", self.run, "--ports", "0"], cwd=work,
                                        stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        if self.wait:
            check(f"{self.run}: up", wait_for(lambda: tool("health", "--run", self.run).returncode == 0), self.said())
        return self

    def said(self):
        self.log.flush()
        with open(self.log.name) as f:
            return f.read()

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.log.close()


def submit(run, wait=True):
    return tool("submit", "--run", run, *(["--wait"] if wait else []), "--source", "portal", "--message", "CaseSubmitted", "--by",
                "LOCAL_TEAM@LT-GM1669", "--with", "{municipality: GM1669, submitter: LOCAL_TEAM, asks: PROCESS_DIRECTION}")


def backup(run, to, *more):
    done = tool("backup", "--data", run, "--to", to, "--recipient", "key.pub", "--json", *more)
    if done.returncode != 0:
        check("a backup", False, done.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])["backup"]


def folders(data):
    return [s for s in row if os.path.isdir(path(data, s))]


def new_folder(name):
    os.makedirs(path(name))
    return name


def verified(run, name):
    done = tool("verify", "--data", run)
    check(name, done.returncode == 0, done.stdout + done.stderr)


def head(run, service):
    done = tool("health", "--run", run, "--json")
    for line in done.stdout.splitlines():
        value = json.loads(line)
        if value.get("service") == service:
            return value
    return {}


# ---- keys and complaints ---------------------------------------------------------------------------------------------------------

def keys():
    tool("backup", "keygen", "key", expect=0)
    check("the secret half is for its owner alone", os.stat(path("key")).st_mode & 0o777 == 0o400)
    tool("backup", "keygen", "key", expect=2, name="a key is not written over", says="take another name")
    tool("backup", "keygen", "other", expect=0)
    tool("backup", "--to", "backups", "--recipient", "key", expect=2, name="the secret half is refused as recipient", says="secret half")
    tool("backup", "--to", "nowhere", "--recipient", "key.pub", expect=2, name="the folder must be there", says="make the folder first")
    tool("backup", "--recipient", "key.pub", expect=2, name="where to")
    tool("restore", "--secret", "key", expect=2, name="which backup")
    tool("rebuild", "intake", expect=2, name="intake is not rebuilt", says="restore")


# ---- hot -------------------------------------------------------------------------------------------------------------------------

def load(run, stop, said):
    while not stop.is_set():
        said.append(submit(run, wait=False).returncode)


def hot_backups(run):
    """While cases come in, every set fits: no consumer in it is ahead of its producer."""
    stop, said, made = threading.Event(), [], []
    thread = threading.Thread(target=load, args=(run, stop, said))
    thread.start()
    for _ in range(rounds):
        made.append(backup(run, "backups"))
    stop.set()
    thread.join()
    check("cases went on coming in", said and not any(said), said)
    for file in made:
        done = tool("restore", "--secret", "key", "--check", file)
        check("a hot backup is whole, and its copies fit", done.returncode == 0, done.stderr)
    kept = backup(run, "backups", "--keep", "3")
    files = sorted(glob.glob(path("backups", "doorbraak-all-*.backup")))
    check("three are kept, the new one among them", len(files) == 3 and path(kept) == files[-1], files)
    return kept


def to_standard_output(run):
    """For containers: no folder is needed there. And each data folder may stand in a place of its own."""
    with open(path("key.pub")) as f:
        public = f.read().strip()
    done = subprocess.run([f"{bin_dir}/doorbraak", "backup", "--data", f"{work}/{run}/%s", "--to", "-", "--recipient", public,
                           "--service", "intake"], cwd=work, capture_output=True)
    with open(path("out.backup"), "wb") as f:
        f.write(done.stdout)
    check("a backup to standard output", done.returncode == 0, done.stderr)
    tool("restore", "--secret", "key", "--check", "--service", "intake", "out.backup", expect=0, name="is whole")
    with open("/dev/full", "wb") as full:
        done = subprocess.run([f"{bin_dir}/doorbraak", "backup", "--data", run, "--to", "-", "--recipient", "key.pub"], cwd=work,
                              stdout=full, stderr=subprocess.PIPE)
    check("one that could not be written out", done.returncode == 1 and b"no backup" in done.stderr, done.stderr)


def rotation_waits_for_the_new_one(run):
    before = sorted(os.listdir(path("backups")))
    done = tool("backup", "--data", "no-such-data", "--to", "backups", "--recipient", "key.pub", "--keep", "1")
    check("no new one, no old one goes", done.returncode != 0 and sorted(os.listdir(path("backups"))) == before, done.stderr)


# ---- what is not whole -----------------------------------------------------------------------------------------------------------

def refused(name, files, *more, expect=(1, 2), says=""):
    """Nothing may stand in the target afterwards."""
    shutil.rmtree(path("target"), ignore_errors=True)
    done = tool("restore", "--secret", "key", "--data", "target", *more, *files)
    left = [f for f in os.listdir(path("target")) if not f.endswith(".lock")] if os.path.isdir(path("target")) else []
    check(name, done.returncode in expect and says in done.stderr and not left, f"status {done.returncode}, left {left}\n{done.stderr}")


def altered(file):
    with open(path(file), "rb") as f:
        good = f.read()
    size = len(good)
    places = [0, 20, 60, 140, 160, size // 2, size - 1] + [chance.randrange(size) for _ in range(rounds)]
    for at in places:
        with open(path("bad"), "wb") as f:
            f.write(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
        refused(f"byte {at} flipped", ["bad"])
    piece = 65536 + 17
    body = good[152:]
    for name, bad in {
            "cut by a byte": good[:-1], "cut at a piece": good[:152 + piece * (len(body) // piece)], "cut in half": good[:size // 2],
            "only the head": good[:152], "empty": b"", "a byte behind": good + b"\0",
            "two pieces exchanged": good[:152] + body[piece:2 * piece] + body[:piece] + body[2 * piece:],
            "a piece left out": good[:152] + body[:piece] + body[2 * piece:],
            "another file": b"not a backup" * 100}.items():
        with open(path("bad"), "wb") as f:
            f.write(bad)
        refused(name, ["bad"])
    shutil.rmtree(path("target"), ignore_errors=True)
    tool("restore", "--secret", "other", "--data", "target", file, expect=2, name="for another key", says="made for the holder of another key")
    os.chmod(path("other"), 0o444)
    tool("restore", "--secret", "other", "--check", file, expect=2, name="a secret that others may read", says="chmod 400")


def sets(run):
    new_folder("single")
    intake = backup(run, "single", "--service", "intake")
    check("its name says what is in it", os.path.basename(intake).startswith("doorbraak-intake-"))
    refused("the others are missing", [intake], says="none of the backups")
    submit(run)
    triage = backup(run, "single", "--service", "triage")
    refused("intake copied before triage", [intake, triage], "--service", "intake", "--service", "triage", says="made before that of its consumer",
            expect=(1,))
    later = backup(run, "single", "--service", "intake")
    refused("a service in two backups", [intake, later], "--service", "intake", says="two of the backups")
    shutil.rmtree(path("target"), ignore_errors=True)
    os.makedirs(path("each", "intake"))
    tool("restore", "--secret", "key", "--data", "each/%s/store", "--service", "intake", later, expect=0, name="each in a place of its own")
    check("it is there", os.path.exists(path("each", "intake", "store", "data.mdb")))
    tool("restore", "--secret", "key", "--data", "target", "--service", "intake", "--service", "triage", later, triage, expect=0,
         name="downstream first, intake last: they fit")
    tool("restore", "--secret", "key", "--data", "target", "--service", "intake", later, expect=2, name="nothing is written over", says="not empty")


# ---- restore, and what is behind -------------------------------------------------------------------------------------------------

def whole_restore(file):
    tool("restore", "--secret", "key", "--data", "restored", file, expect=0)
    with Up("restored") as up:
        check("a restored system takes cases", submit("restored").returncode == 0, up.said())
        tool("verify", "--run", "restored", expect=0, name="and every record follows")
    check("who looked is restored, too", os.path.exists(path("restored", "intake", "access", "data.mdb")))


def intake_restored_behind_the_others(file):
    """Intake from a backup, the others as they are now: they have read more than it holds."""
    shutil.copytree(path("run"), path("behind"))
    shutil.rmtree(path("behind", "intake"))
    tool("restore", "--secret", "key", "--data", "behind", "--service", "intake", file, expect=0, name="intake alone", says="begins history")
    with Up("behind", wait=False) as up:
        check("triage stops loudly", wait_for(lambda: "refuses this service's cursor" in up.said()), up.said())
    with open(path("behind", "triage.log")) as f:
        said = f.read()
    check("and says what to do", "`doorbraak rebuild triage`" in said, said)
    for service in row[1:]:
        done = tool("rebuild", service, "--data", "behind", "--json")
        told = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}
        check(f"{service} is rebuilt, and says from where it differs", done.returncode == 1 and told.get("differs_at", 0) > 1,
              done.stdout + done.stderr)
    verified("behind", "every record follows from the restored intake")
    with Up("behind") as up:
        check("it goes on", submit("behind").returncode == 0, up.said())
    check("what stood there is kept aside", os.path.exists(path("behind", "triage.old", "data.mdb")))


# ---- rebuild ---------------------------------------------------------------------------------------------------------------------

def rebuild(run):
    with Up(run):
        tool("rebuild", "triage", "--data", run, expect=2, name="a service that runs", says="in use")
    before = {s: open(path(run, s, "access", "data.mdb"), "rb").read() for s in row if os.path.exists(path(run, s, "access", "data.mdb"))}
    for service in row[1:]:
        tool("rebuild", service, "--data", run, expect=0, name=f"rebuild {service}", says="came out the same")
    for service, was in before.items():
        with open(path(run, service, "access", "data.mdb"), "rb") as f:
            check(f"the access log of {service} went over", f.read() == was)
    check("nothing is left over", not glob.glob(path(run, "*.rebuild")) and not glob.glob(path(run, "*.old")), os.listdir(path(run)))
    verified(run, "and every record follows")
    tool("rebuild", "triage", "--data", run, "--keep-old", expect=0, says="triage.old")
    tool("rebuild", "triage", "--data", run, expect=2, name="an older one aside is not written over", says="earlier rebuild")
    shutil.rmtree(path(run, "triage.old"))
    with Up(run):
        check("those behind it go on where they were", submit(run).returncode == 0)
        tool("verify", "--run", run, expect=0, name="with services that run")


def rebuild_from_one_that_runs(run):
    intake = subprocess.Popen([f"{bin_dir}/doorbraak-intake", "--data", path(run, "intake"), "--listen", f"ipc://{path('i.sock')}", "--http", "none"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    address = path(run, "intake.address")
    try:
        wait_for(lambda: os.path.exists(address) and "i.sock" in open(address).read())
        tool("rebuild", "triage", "--data", run, "--run", run, expect=0, name="from an upstream that runs", says="came out the same")
    finally:
        intake.send_signal(signal.SIGTERM)
        intake.wait(30)


def rebuild_what_is_damaged(run):
    """A byte of its records is altered in the store: the same records come out as before the damage, and the damage is told."""
    shutil.copytree(path(run), path("damaged"))
    with open(path("damaged", "routing", "data.mdb"), "r+b") as f:
        data = f.read()
        f.seek(0)
        f.write(data.replace(b"portal", b"Portal"))
    check("the damage is there", tool("verify", "--data", "damaged").returncode != 0)
    tool("rebuild", "routing", "--data", "damaged", expect=1, name="a damaged one is rebuilt", says="is not what stood there")
    verified("damaged", "and is as it was")


# ---- killed ----------------------------------------------------------------------------------------------------------------------

def kill_at_random(arguments, longest, delay):
    process = subprocess.Popen([f"{bin_dir}/doorbraak", *arguments], cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               stdin=subprocess.DEVNULL)
    try:
        process.wait(delay * longest)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return process.returncode


def took(*arguments):
    began = time.monotonic()
    check(arguments[0], tool(*arguments).returncode == 0)
    return time.monotonic() - began


def killed(run, file):
    new_folder("killed")
    how = ["backup", "--data", run, "--to", "killed", "--recipient", "key.pub", "--keep", "2"]
    longest = took(*how)
    ended = [kill_at_random(how, longest, chance.random()) for _ in range(rounds)]
    check("some backups were killed", -9 in ended, ended)
    for name in glob.glob(path("killed", "*.backup")):
        tool("restore", "--secret", "key", "--check", name, expect=0, name="what has its name is whole")
    tool(*how, expect=0, name="the next one clears up")
    check("nothing half is left", not [f for f in os.listdir(path("killed")) if f.endswith(".part")] and
          not glob.glob(path(run, ".doorbraak*")), os.listdir(path("killed")))

    how = ["restore", "--secret", "key", "--data", "again", file]
    longest = took(*how)
    ended = []
    for _ in range(rounds):
        shutil.rmtree(path("again"))
        ended.append(kill_at_random(how, longest, chance.random()))
        there = folders("again") if os.path.isdir(path("again")) else []
        check("what stands there is the beginning of the row", there == row[:len(there)], there)
        if len(there) < 5:
            for service in there:
                shutil.rmtree(path("again", service))
            tool(*how, expect=0, name="and a restore after it works")
    check("some restores were killed", -9 in ended, ended)
    verified("again", "what was restored after kills")

    how = ["rebuild", "routing", "--data", "again"]
    longest = took(*how)
    ended = [kill_at_random(how, longest, chance.random()) for _ in range(rounds)]
    check("some rebuilds were killed", -9 in ended, ended)
    verified("again", "what stands there after killed rebuilds")
    tool(*how, expect=0, name="a rebuild after them")
    check("it cleared up", not glob.glob(path("again", "*.rebuild")))


# ---- namespaces ------------------------------------------------------------------------------------------------------------------

def another_namespace(run):
    """A tool that cannot see the service's process must not read beside it."""
    global skipped
    unshare = ["unshare", "--pid", "--fork", "--mount-proc"]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode != 0:
        skipped += 1
        print("skip  a service in another process-id namespace: unshare is not allowed here")
        return
    with Up(run):
        done = subprocess.run([*unshare, f"{bin_dir}/doorbraak", "backup", "--data", run, "--to", "backups", "--recipient", "key.pub"],
                              cwd=work, capture_output=True, text=True)
        check("a service that cannot be seen", done.returncode == 2 and "cannot be seen from here" in done.stderr, done.stderr)
    done = subprocess.run([*unshare, f"{bin_dir}/doorbraak", "backup", "--data", run, "--to", "backups", "--recipient", "key.pub"],
                          cwd=work, capture_output=True, text=True)
    check("once it is stopped, from anywhere", done.returncode == 0, done.stderr)


def main():
    new_folder("backups")
    keys()
    with Up("run"):
        tool("registry", "adopt", "--shipped", expect=0)
        tool("policy", "adopt", "--shipped", expect=0)
        tool("submit", "--source", "operator", "--message", "SourceRegistered", "--by", "ADMINISTRATOR@NAT-VWS", "--with",
             "{source: portal, organisations: [LT-GM1669, ET-JZ32], roles: [LOCAL_TEAM, CHAIR]}", expect=0)
        submit("run")
        file = hot_backups("run")
        to_standard_output("run")
        rotation_waits_for_the_new_one("run")
        for _ in range(3):
            submit("run")
        sets("run")
    altered(file)
    whole_restore(file)
    intake_restored_behind_the_others(file)
    rebuild("run")
    rebuild_from_one_that_runs("run")
    rebuild_what_is_damaged("run")
    killed("run", file)
    another_namespace("run")


try:
    main()
finally:
    shutil.rmtree(work, ignore_errors=True)
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(failed != 0)
