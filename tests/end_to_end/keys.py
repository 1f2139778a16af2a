#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""keys.py - the five services with keys: the clients of the pages, rotation and revocation while they run, secrets that are open to
others; the commands of docs/operations.md that begin with ```sh keys.

  tests/end_to_end/keys.py BIN      ends with `N passed, N failed[, N skipped]`"""
import json, os, re, shutil, signal, subprocess, sys, tempfile, threading, time
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BIN = os.path.abspath(sys.argv[1])
SERVICES = ["intake", "triage", "routing", "signalling", "monitoring"]
WORK = tempfile.mkdtemp()
RUN = f"{WORK}/run"
LIMIT_S = 60
passed = failed = skipped = 0
counting = threading.Lock()


def check(name, ok, detail=""):
    global passed, failed
    with counting:
        passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok   ' if ok else 'FAIL '} {name}{'' if ok or not detail else ': ' + str(detail)[-900:]}", flush=True)
    return ok


def skip(name):
    global skipped
    skipped += 1
    print(f"skip  {name}", flush=True)


def until(condition, seconds=LIMIT_S):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


def tool(*arguments):
    return run(f"{BIN}/doorbraak", *arguments, cwd=WORK)


def listed(name):
    return next(json.loads(line) for line in tool("keys", "list", "--json").stdout.splitlines() if json.loads(line)["name"] == name)


def address(service):
    return re.search(r"^door: (.*)$", open(f"{RUN}/{service}.address").read(), re.M)[1]


def status_of(client, service, secret):
    """Exit status of a client of the pages."""
    command = [sys.executable, f"{ROOT}/docs/clients/keys.py"] if client == "py" else ["node", f"{ROOT}/docs/clients/keys.js"]
    door = [c["public"] for c in listed(service)["curve"] if not c["revoked"]][-1]
    return run(*command, address(service), door, secret, cwd=WORK,
               env={**os.environ, "PYTHONPATH": f"{WORK}/python", "PROTO_DIR": f"{ROOT}/proto"})


def healthy():
    return tool("health").returncode == 0


def page():
    block, blocks = None, []
    for line in open(f"{ROOT}/docs/operations.md"):
        if line.startswith("```"):
            if block is not None:
                blocks.append("".join(block))
            block = [] if line.strip() == "```sh keys" else None
        elif block is not None:
            block.append(line)
    return blocks


def clients():
    secret = f"{WORK}/front.secret"
    public = tool("keys", "pair", secret).stdout.strip()
    check("a pair of one's own: mode 0400", os.stat(secret).st_mode & 0o777 == 0o400 and len(public) == 40)
    made = tool("keys", "new", "--name", "front", "--role", "SYSTEM", "--organisation", "LT-GM1669", "--scope", "national", "--public", public)
    check("its public key is listed", made.returncode == 0, made.stderr)
    kinds = ["py"] if run("protoc", "--version").returncode == 0 and run(sys.executable, "-c", "import zmq, google.protobuf").returncode == 0 else []
    if kinds:
        os.makedirs(f"{WORK}/python")
        run("protoc", f"--python_out={WORK}/python", "-I", f"{ROOT}/proto", "-I", "/usr/include",
            *[f"{ROOT}/proto/doorbraak/v1/{n}" for n in os.listdir(f"{ROOT}/proto/doorbraak/v1")])
    else:
        skip("docs/clients/keys.py: needs python3-zmq, python3-protobuf and protobuf-compiler (tools/packages test)")
    modules = run(f"{ROOT}/tools/node-modules", "zeromq@6.8.0", "protobufjs@8.8.1")
    if shutil.which("node") and modules.returncode == 0:
        os.environ["NODE_PATH"] = modules.stdout.strip()
        kinds.append("js")
    else:
        skip("docs/clients/keys.js: needs node, and npm with zeromq and protobufjs (tools/packages extra)")
    stranger = f"{WORK}/stranger"
    tool("keys", "pair", stranger)
    together(*[(comes_in, kind, secret) for kind in kinds], *[(stays_out, kind, stranger) for kind in kinds])


def comes_in(kind, secret):
    last = []
    check(f"docs/clients/keys.{kind} gets in and is answered", until(lambda: last.append(status_of(kind, "monitoring", secret)) or last[-1].returncode == 0),
          last[-1].stderr)


def stays_out(kind, secret):
    check(f"docs/clients/keys.{kind} with a key that nobody knows does not", status_of(kind, "monitoring", secret).returncode == 1)


def without_a_key():
    check("without a key there is no answer", tool("health", "--keys", "/nowhere").returncode == 3)


def together(*jobs):
    """Most of each is waiting."""
    with ThreadPoolExecutor(len(jobs) or 1) as pool:
        for one in [pool.submit(*job) for job in jobs]:
            one.result()


def revoked_while_it_is_connected():
    """The tool follows a journal with a key that is revoked meanwhile."""
    tool("keys", "new", "--name", "reader", "--role", "SYSTEM", "--organisation", "LT-GM1669", "--scope", "journals", "--curve")
    secret = f"{RUN}/keys/reader/secret"
    ask = lambda: tool("journal", "intake", "--secret", secret)
    check("a new key holds within a minute", until(lambda: ask().returncode == 0), ask().stderr)
    began = time.monotonic()
    tool("keys", "revoke", "reader")
    gone = until(lambda: ask().returncode != 0)
    check(f"revoked, it is refused within a minute ({time.monotonic() - began:.0f} s), without a restart", gone)
    denied = [json.loads(line) for line in tool("audit", "list", "--json").stdout.splitlines()]
    check("who was turned away stands in the access log", any("NO_TOKEN" in json.dumps(line) for line in denied), denied[-3:])


def at_the_stream(zmq, server, name):
    """A subscriber with a key of its own, and what becomes of its connections."""
    tool("keys", "new", "--name", name, "--role", "SYSTEM", "--organisation", "LT-GM1669", "--scope", "national", "--curve")
    keys = dict(line.strip().split(": ") for line in open(f"{RUN}/keys/{name}/secret"))
    socket = zmq.Context.instance().socket(zmq.SUB)
    socket.linger, socket.reconnect_ivl_max = 0, 500
    socket.curve_publickey, socket.curve_secretkey, socket.curve_serverkey = keys["public"].encode(), keys["secret"].encode(), server.encode()
    return socket, socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_AUTH)


def revoked_at_the_stream(up):
    """The stream is made anew inside the sandbox, where nobody may bind any more."""
    try:
        import zmq
        from zmq.utils.monitor import recv_monitor_message
    except ImportError:
        return skip("a key of a live stream that is revoked: needs python3-zmq")
    happens = lambda monitor, event: monitor.poll(LIMIT_S * 1000) and recv_monitor_message(monitor)["event"] == event
    pid = lambda: run("pgrep", "-P", str(up.pid), "-f", "doorbraak-monitoring").stdout.split()
    was, server = pid(), listed("monitoring")["curve"][0]["public"]
    stream = re.search(r"^publish: (.*)$", open(f"{RUN}/monitoring.address").read(), re.M)[1]
    (one, one_is), (two, two_is) = [at_the_stream(zmq, server, name) for name in ("screen-1", "screen-2")]
    # Monitoring has read the list once the later of the two is heard at its door.
    until(lambda: tool("journal", "monitoring", "--secret", f"{RUN}/keys/screen-2/secret").returncode == 0)
    one.connect(stream), two.connect(stream)
    check("two at the live stream", happens(one_is, zmq.EVENT_HANDSHAKE_SUCCEEDED) and happens(two_is, zmq.EVENT_HANDSHAKE_SUCCEEDED))
    tool("keys", "revoke", "screen-1")
    check("of whom one is revoked: it is turned away", happens(one_is, zmq.EVENT_HANDSHAKE_FAILED_AUTH))
    check("and the other comes back", happens(two_is, zmq.EVENT_HANDSHAKE_SUCCEEDED))
    limits = lambda: {re.search(r"^Seccomp_filters:\t(\d)", open(f"/proc/{was[0]}/task/{t}/status").read(), re.M)[1] for t in os.listdir(f"/proc/{was[0]}/task")}
    check("the process is the same, and limited as before", pid() == was and limits() == {"2"})
    for socket in (one_is, two_is, one, two):
        socket.close()


def rotate(up):
    old = listed("triage")["curve"][0]["public"]
    done = tool("keys", "rotate", "triage", "--days", "1")
    check("a service gets a new pair beside the old one", done.returncode == 0 and len(listed("triage")["curve"]) == 2, done.stderr)
    # Until it is started again it runs with the old one, and whoever asks it finds that out.
    check("the services go on", until(healthy))
    pid = int(run("pgrep", "-P", str(up.pid), "-f", "doorbraak-triage").stdout.split()[0])
    os.kill(pid, signal.SIGTERM)
    check("started again it has the new one, and the row closes by itself", until(lambda: run("pgrep", "-P", str(up.pid), "-f", "doorbraak-triage").stdout.strip() not in ("", str(pid)) and healthy()),
          tool("health").stdout)
    tool("keys", "revoke", "triage", "--public", old)
    check("without the old one, too", [c["revoked"] for c in listed("triage")["curve"]] == [True, False] and until(healthy))


def secrets_that_are_open():
    secret = f"{RUN}/keys/intake/secret"
    service = [f"{BIN}/doorbraak-intake", f"--data={WORK}/other", f"--listen=ipc://{WORK}/other.door", "--http=none", f"--keys={RUN}/keys", f"--secret={secret}"]
    for mode in (0o404, 0o444, 0o460):
        os.chmod(secret, mode)
        done = run(*service)
        check(f"a secret of mode {mode:04o} is refused", done.returncode == 2 and "chmod 0400" in done.stderr, done.stderr)
    os.chmod(secret, 0o400)
    service[-1] = f"--secret={RUN}/keys/triage/secret"
    done = run(*service)
    check("the secret of another service, too", done.returncode == 2 and "does not stand there" in done.stderr, done.stderr)
    done = run(f"{BIN}/doorbraak-intake", "--listen=tcp://0.0.0.0:7101", "--check-config")
    check("without keys nothing leaves the machine", done.returncode == 2 and "leaves this machine" in done.stderr, done.stderr)


def everything():
    for block in page():
        done = run("bash", "-eu", "-c", block, cwd=WORK, env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"})
        check("page: " + next(line for line in block.splitlines() if not line.startswith("#")), done.returncode == 0, done.stdout + done.stderr)
    check("the page has commands for keys", len(page()) >= 3)
    up = subprocess.Popen([f"{BIN}/doorbraak", "up", "--run", RUN, "--ports", "0"], stdout=subprocess.DEVNULL, stderr=open(f"{WORK}/up.log", "w"))
    try:
        check("five services with keys", until(healthy), open(f"{WORK}/up.log").read() + tool("health").stderr)
        check("the operator adopts", tool("registry", "adopt", "--shipped").returncode == 0 and tool("policy", "adopt", "--shipped").returncode == 0)
        check("and verifies", tool("verify").returncode == 0)
        done = tool("cases")
        check("and asks nothing about cases", done.returncode == 4 and "NOT_ALLOWED" in done.stderr, done.stderr)
        together((without_a_key,), (clients,), (revoked_while_it_is_connected,), (revoked_at_the_stream, up), (rotate, up))
        secrets_that_are_open()
        logs = "".join(open(f"{RUN}/{s}.log").read() for s in SERVICES)
        secrets = [line.split(": ")[1] for d, _, files in os.walk(f"{RUN}/keys") for f in files if f == "secret"
                   for line in open(f"{d}/{f}").read().splitlines() if line.startswith("secret: ")]
        arguments = "".join(open(f"/proc/{p}/cmdline").read() + open(f"/proc/{p}/environ").read() for p in run("pgrep", "-P", str(up.pid)).stdout.split())
        check("no secret stands in a log, an argument or the environment", secrets and not any(s in logs + arguments for s in secrets))
    finally:
        up.send_signal(signal.SIGTERM)
        check("they stop as asked", up.wait(60) == 0)


try:
    everything()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(failed != 0)
