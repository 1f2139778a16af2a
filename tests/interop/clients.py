#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""libdoorbraak as it is installed, and the clients of docs/clients in C, Python and JavaScript, against real services: publishing is
retried over a service that is killed, and counts once; following goes on over a kill of either side, without a gap and without the
same twice: what was printed and not yet kept when a subscriber is killed counts as undone, as in a transaction of both.

    clients.py BIN

The last line is `N passed, N failed[, N skipped]`."""
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from services import ROOT, Count, Services, free_ports, generate_python, node_modules, remove, until, work_folder  # noqa: E402

BIN = os.path.abspath(sys.argv[1])
WORK = work_folder()
USR = f"{WORK}/usr"
CLIENTS = f"{ROOT}/docs/clients"
count = Count()
environment = dict(os.environ, PYTHONPATH=f"{WORK}/python", PROTO_DIR=f"{ROOT}/proto", LD_LIBRARY_PATH=f"{USR}/lib",
                   PKG_CONFIG_PATH=f"{USR}/lib/pkgconfig")


def run(*command, **more):
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, **more)


# ---- the library, as it is installed ------------------------------------------------------------------------------------------------


def declared():
    header = re.sub(r"/\*.*?\*/", "", open(f"{ROOT}/client/doorbraak.h").read(), flags=re.S)
    return set(re.findall(r"\b(doorbraak_\w+)\(", header))


def exported(*nm):
    return {line.split()[-1].split("@")[0] for line in run("nm", *nm).stdout.splitlines() if " T " in line}


def library():
    made = run("make", "-s", "-C", ROOT, "install", f"PREFIX={USR}")
    if not count.check("make install", made.returncode == 0, made.stdout + made.stderr):
        return
    shared = f"{USR}/lib/libdoorbraak.so"
    count.check("the shared library gives the functions of the header, and nothing else",
                exported("-D", "--defined-only", shared) == declared(), exported("-D", "--defined-only", shared) ^ declared())
    others = [line for line in run("nm", "-g", "--defined-only", f"{USR}/lib/libdoorbraak.a").stdout.splitlines()
              if re.match(r"^[0-9a-f]+ [A-Z] ", line) and line.split()[-1] not in declared()]
    count.check("so does the archive", exported("-g", "--defined-only", f"{USR}/lib/libdoorbraak.a") == declared() and not others, others)
    head = run("readelf", "-d", shared).stdout
    count.check("it has a soname", "soname: [libdoorbraak.so.0]" in head, head)
    count.check("it needs libzmq, libprotobuf-c, libsodium (keys) and libc only",
                sorted(re.findall(r"NEEDED.*\[(.*?)\.so", head)) == ["libc", "libprotobuf-c", "libsodium", "libzmq"], head)
    page = run("man", "-l", f"{USR}/share/man/man3/doorbraak.3").stdout if os.path.exists("/usr/bin/man") else \
        open(f"{USR}/share/man/man3/doorbraak.3").read().replace("\\-", "-")
    count.check("the manual has every function", all(name in page for name in declared()), [n for n in declared() if n not in page])
    page = open(f"{USR}/share/man/man1/doorbraak.1").read().replace("\\-", "-")
    commands = re.findall(r"^  (\S+(?: [a-z]+)?)  +\S", run(f"{BIN}/doorbraak", "--help").stdout.split("commands:")[1].split("\n\n")[0], re.M)
    count.check("and every command", commands and all(f".SS doorbraak {c} - " in page for c in commands), commands)
    for compiler in [["cc", "-std=c11"], ["c++", "-xc++", "-std=c++11"]]:
        made = run(*compiler, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", f"-I{USR}/include", f"{USR}/include/doorbraak.h")
        count.check(f"the header by itself: {compiler[0]}", made.returncode == 0 or "not found" in made.stderr, made.stderr)


def compile_client(name, static):
    """As docs/clients.md says."""
    flags = run("pkg-config", "--cflags", "--libs", "doorbraak", "libprotobuf-c", *(["libzmq", "libsodium"] if static else [])).stdout.split()
    if static:
        flags = [f"{USR}/lib/libdoorbraak.a" if f == "-ldoorbraak" else f for f in flags]
    generated = [f"{WORK}/c/{f}" for f in ["doorbraak/v1/submission.pb-c.c", "doorbraak/v1/journal.pb-c.c", "doorbraak/v1/answer.pb-c.c",
                                          "doorbraak/v1/codes.pb-c.c", "doorbraak/v1/policy.pb-c.c", "google/protobuf/timestamp.pb-c.c"]]
    return run("cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-o", f"{WORK}/{name}", f"{CLIENTS}/{name}.c", f"-I{WORK}/c", *generated, *flags)


def compile_clients():
    os.makedirs(f"{WORK}/c")
    protodir = run("pkg-config", "--variable=protodir", "doorbraak").stdout.strip()
    protos = [f"doorbraak/v1/{f}" for f in sorted(os.listdir(f"{protodir}/doorbraak/v1"))] + ["google/protobuf/timestamp.proto"]
    made = run("protoc-c", f"--c_out={WORK}/c", "-I", protodir, "-I", "/usr/include", *protos)
    count.check("protoc-c of the installed contract", made.returncode == 0, made.stderr)
    for name, static in [("publish", True), ("subscribe", False)]:
        made = compile_client(name, static)
        count.check(f"{name}.c, by pkg-config{', the archive' if static else ''}", made.returncode == 0, made.stderr)


# ---- the clients -----------------------------------------------------------------------------------------------------------------


def kept(state):
    """Number of the record that a cursor stands behind."""
    bytes_ = open(state, "rb").read() if os.path.exists(state) else b""
    if state.endswith("HTTP.cursor"):
        return int(bytes_.decode().split(".")[1] or 0) if bytes_ else 0
    if state.endswith("C.cursor"):  # struct doorbraak_cursor
        return int.from_bytes(bytes_[-8:], sys.byteorder)
    from doorbraak.v1 import door_pb2  # once it was generated
    return door_pb2.Cursor.FromString(bytes_).seq


class Subscriber:
    def __init__(self, command, address, state, lines):
        self.state, self.lines = state, lines
        self.file = open(lines, "a")
        self.process = subprocess.Popen([*command, address, state, "region/", "case/"], env=environment,
                                        stdout=self.file, stderr=subprocess.STDOUT)

    def heard(self, case):
        return until(lambda: any(case in line for line in open(self.lines)), 30)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.file.close()
        told = [line for line in open(self.lines) if int(line.split()[0]) <= kept(self.state)]
        open(self.lines, "w").writelines(told)


def states(services):
    """What every case state in monitoring's journal looks like to a subscriber."""
    lines = []
    for line in services.tool("journal", "monitoring", "--json").stdout.splitlines():
        said = json.loads(line)
        state = said["record"].get("answer", {}).get("case_state")
        if state:
            lines.append(f"{said['seq']} {state['case_id']} CASE_STATE_{state['state']} owner {state.get('owner', '')}")
    return lines


def clients(language, publish, subscribe, door="door"):
    moment = str(int(time.time()))
    state, lines = f"{WORK}/{language}.cursor", f"{WORK}/{language}.lines"

    def published(services, id_):
        done = run(*publish, services.address("intake", door), id_, moment)
        match = re.fullmatch(r"accepted: case (c-\S+) record (\d+)( again)?\n", done.stdout)
        return match.groups() if count.check(f"{language}: published", match, done.stdout + done.stderr) else ("", "", "")

    with Services(BIN, f"{WORK}/{language}", driven=False, ports=0 if door == "door" else free_ports()) as services:
        services.tool("registry", "adopt", "--shipped")
        services.tool("policy", "adopt", "--shipped")
        services.tool("submit", "--source", "operator", "--message", "SourceRegistered", "--by", "ADMINISTRATOR@NAT-VWS",
                      "--with", "{source: portal, organisations: [LT-GM1669], roles: [LOCAL_TEAM]}")
        made = services.tool("keys", "new", "--json", "--name", "portal", "--role", "LOCAL_TEAM", "--organisation", "LT-GM1669",
                             "--scope", "owner:LT-GM1669", "--scope", "source:portal")
        environment["TOKEN"] = json.loads(made.stdout)["token"]
        until(lambda: door == "door" or known(services), 20)
        subscriber = Subscriber(subscribe, services.address("monitoring", door), state, lines)
        case, seq, again = published(services, "one")
        count.check(f"{language}: fresh", again is None)
        count.check(f"{language}: the same again is not another case", published(services, "one") == (case, seq, " again"))
        count.check(f"{language}: the subscriber hears it", subscriber.heard(case), open(lines).read())

        # Intake is killed; who publishes meanwhile waits, and is accepted once it is back.
        services.kill("intake")
        second = published(services, "two")
        count.check(f"{language}: another case", second[0] != case and second[2] is None, second)
        count.check(f"{language}: heard as well", subscriber.heard(second[0]), open(lines).read())

        # Monitoring is killed: the subscriber waits for it and goes on.
        services.kill("monitoring")
        third = published(services, "three")
        count.check(f"{language}: over a restart of monitoring", subscriber.heard(third[0]), open(lines).read())

        # The subscriber is killed: what came meanwhile is heard when it is started again.
        subscriber.stop()
        fourth = published(services, "four")
        subscriber = Subscriber(subscribe, services.address("monitoring", door), state, lines)
        count.check(f"{language}: by the cursor kept", subscriber.heard(fourth[0]), open(lines).read())
        count.check(f"{language}: the place behind it is kept", until(lambda: kept(state) >= int(open(lines).read().splitlines()[-1].split()[0])))
        subscriber.stop()
        services.settled(int(fourth[1] or 0))
        heard = open(lines).read().splitlines()
        count.check(f"{language}: no gap, nothing twice", heard == states(services)[:len(heard)] and len(heard) >= 4,
                    f"{heard} {states(services)}")

        if door == "http":
            leaves(services, fourth[0], Subscriber(subscribe, services.address("monitoring", door), state, lines))

        # A cursor of another history is refused, with words.
        wrong = refused(subscribe, services, state, door)
        count.check(f"{language}: a cursor of another history is refused", wrong.returncode != 0 and wrong.stderr.strip(), wrong.stderr)
    count.check(f"{language}: the services stop well", services.status == 0)
    remove(f"{WORK}/{language}")


def leaves(services, case, subscriber):
    """A case that is closed has no owner: it is no longer one of the key of an owner."""
    services.tool("submit", "--wait", "--source", "portal", "--message", "CaseClosed", "--by", "LOCAL_TEAM@LT-GM1669", "--case", case,
                  "--with", "{reason: WITHDRAWN_BY_FAMILY, approver_role: MUNICIPALITY, approver_organisation: GM1669}")
    count.check("HTTP: a case that leaves says so, as the last thing of it",
                until(lambda: [line for line in open(subscriber.lines) if case in line][-1].split()[1:] == [case, "left"], 30),
                open(subscriber.lines).read())
    subscriber.stop()


def refused(subscribe, services, state, door):
    before, history, other = open(state, "rb").read(), services_history(services), b"another history!"
    changed = before.replace(history, other).replace(history.hex().encode(), other.hex().encode())
    open(state + ".wrong", "wb").write(changed)
    return run(*subscribe, services.address("monitoring", door), state + ".wrong", "case/")


def known(services):
    """Do all that are asked over HTTP know the key?"""
    request = [urllib.request.Request(services.address(service, "http") + path, headers={"Authorization": f"Bearer {environment['TOKEN']}"})
               for service, path in [("intake", "/v1/submissions"), ("monitoring", "/v1/cases")]]
    try:
        urllib.request.urlopen(request[1], timeout=10)
        urllib.request.urlopen(request[0], timeout=10)
    except urllib.error.HTTPError as answer:
        return answer.code == 405  # known: intake has nothing to read
    return False


def services_history(services):
    return bytes.fromhex(json.loads(services.tool("health", "--service", "monitoring", "--json").stdout)["status"]["head"]["history"])


library()
compile_clients()
generate_python(f"{WORK}/python")
clients("C", [f"{WORK}/publish"], [f"{WORK}/subscribe"])
clients("Python", ["/usr/bin/python3", f"{CLIENTS}/publish.py"], ["/usr/bin/python3", f"{CLIENTS}/subscribe.py"])
modules = node_modules("zeromq@6.8.0", "protobufjs@8.8.1")
if modules:
    environment["NODE_PATH"] = modules
    clients("JavaScript", ["node", f"{CLIENTS}/publish.js"], ["node", f"{CLIENTS}/subscribe.js"])
else:
    count.skip("JavaScript: npm, or what it installs, is not there")
if shutil.which("node"):
    clients("HTTP", ["node", f"{CLIENTS}/publish_http.js"], ["node", f"{CLIENTS}/subscribe_http.js"], "http")
else:
    count.skip("HTTP: node is not there")
made = run("make", "-s", "-C", ROOT, "uninstall", f"PREFIX={USR}")
left = [os.path.join(folder, file) for folder, _, files in os.walk(USR) for file in files]
count.check("make uninstall leaves nothing", made.returncode == 0 and not left, left)
remove(WORK)
count.end()
