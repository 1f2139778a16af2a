#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# webhooks.py - deliveries to real receivers, over real sockets and TLS, with everybody dying now and then.
#
#   tests/end_to_end/webhooks.py BIN [ROUNDS]       the folder of the programs; how often everybody dies under way (2)
#
# Receivers are servers of this process. Signals come from a scenario that is played against services on a driven clock.
# What every receiver must have got is read from signalling's journal. The last line is `N passed, N failed`.
import base64, datetime, hashlib, hmac, http.server, json, os, shutil, signal, socket, ssl, subprocess, sys, tempfile, threading, time

ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 2
BIN = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/release/bin")
os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
WORK = tempfile.mkdtemp()
RUN, HOOKS = os.path.join(WORK, "run"), os.path.join(WORK, "hooks")
ORIGIN, SOURCE = "doorbraak.example.nl", "urn:nld:oin:00000000000000000001:systeem:doorbraak-test"
passed = failed = 0


def check(name, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    if not ok:
        print(f"FAIL: {name} {detail}", flush=True)
    return ok


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def tool(*arguments, status=0, timeout=120):
    done = subprocess.run([f"{BIN}/doorbraak", *arguments], capture_output=True, text=True, timeout=timeout)
    if status is not None and done.returncode != status:
        check("doorbraak " + " ".join(arguments[:3]), False, f"status {done.returncode}: {done.stderr[-600:]}")
    return done


# --- receivers ---------------------------------------------------------------------------------------------------------


class Receiver:
    """A server that keeps every event by (source, id). What it answers is one word in `mood`."""

    def __init__(self, name, cert=None, mood="fine", rate=None):
        self.name, self.cert, self.mood, self.rate = name, cert, mood, rate
        self.port, self.server, self.lock = 0, None, threading.Lock()
        self.kept, self.order, self.attempts, self.handshakes, self.bad, self.times, self.again = {}, [], 0, 0, [], [], 0
        self.start()

    def start(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_OPTIONS(self):
                receiver.handshakes += 1
                allowed = receiver.mood != "no handshake" and self.headers["WebHook-Request-Origin"] == ORIGIN
                self.send_response(200)
                if allowed:
                    self.send_header("WebHook-Allowed-Origin", ORIGIN)
                    if receiver.rate:
                        self.send_header("WebHook-Allowed-Rate", str(receiver.rate))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_POST(self):
                receiver.attempts += 1
                receiver.times.append(time.monotonic())
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = receiver.mood
                if answer in ("fine", "huge", "slow"):
                    receiver.take(self.headers, body)
                if answer == "slow":
                    time.sleep(0.03)
                if answer == "drip":
                    try:
                        for c in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 3000:
                            self.wfile.write(bytes([c]))
                            self.wfile.flush()
                            time.sleep(0.05)
                    except OSError:
                        pass
                    self.close_connection = True
                    return
                if answer == "big head":
                    try:
                        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200000)
                    except OSError:
                        pass
                    self.close_connection = True
                    return
                status = {"fine": 204, "slow": 204, "huge": 200, "redirect": 302, "busy": 429, "gone": 410, "broken": 500}[answer]
                self.send_response(status)
                if answer == "redirect":
                    self.send_header("Location", f"http://127.0.0.1:{receiver.port}/elsewhere")
                if answer == "busy":
                    self.send_header("Retry-After", "2")
                self.send_header("Content-Length", str(10**9 if answer == "huge" else 0))
                self.end_headers()
                if answer == "huge":
                    try:
                        for _ in range(1000):
                            self.wfile.write(b"z" * 10**6)
                    except OSError:
                        pass
                self.close_connection = True

        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        if self.cert:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.cert)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def url(self):
        return ("https://localhost" if self.cert else "http://127.0.0.1") + f":{self.port}/in"

    def take(self, headers, body):
        key = base64.b64decode(open(f"{HOOKS}/{self.name}.key").read().strip()[len("whsec_"):])
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode()
        event = json.loads(body)

        def mac(b):
            return "v1," + base64.b64encode(hmac.new(key, signed + b, hashlib.sha256).digest()).decode()

        with self.lock:
            if headers["webhook-signature"] != mac(body) or headers["webhook-signature"] == mac(body + b" "):
                self.bad.append("signature")
            if headers["webhook-id"] != event["id"]:
                self.bad.append("id")
            if not headers["Content-Type"].startswith("application/cloudevents+json"):
                self.bad.append("type")
            if abs(int(headers["webhook-timestamp"]) - time.time()) > 60:
                self.bad.append("timestamp")
            known = (event["source"], event["id"])
            if known in self.kept:
                self.again += 1
                if self.kept[known] != body:
                    self.bad.append("another event with the same id")
            else:
                self.kept[known] = body
                self.order.append(event)

    def numbers(self):
        with self.lock:
            return [int(e["sequence"]) for e in self.order]


# --- services ----------------------------------------------------------------------------------------------------------


class Services:
    def start(self):
        out = open(f"{WORK}/up.out", "w")
        self.up = subprocess.Popen(
            [f"{BIN}/doorbraak", "up", "--ports", "0", "--driven", "--json", "--run", RUN, "--webhooks", HOOKS],
            stdout=out, stderr=open(f"{WORK}/up.err", "a"), stdin=subprocess.DEVNULL)
        if not until(lambda: os.path.getsize(f"{WORK}/up.out") > 0 or self.up.poll() is not None, 60) or self.up.poll() is not None:
            print(open(f"{WORK}/up.err").read())
            sys.exit(1)
        self.pids = {k: v["pid"] for k, v in json.load(open(f"{WORK}/up.out")).items()}

    def stop(self):
        self.up.send_signal(signal.SIGTERM)
        return self.up.wait(60)

    def signalling(self):
        """The process as it is now: it may have been started again."""
        path = f"{RUN}/signalling.address"
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    line = open(f"/proc/{name}/cmdline").read()
                except OSError:
                    continue
                if "doorbraak-signalling" in line and f"--data={RUN}/signalling\0" in line:
                    return int(name)
        return 0


def journal(service):
    """Number and record, in order."""
    for line in tool("journal", service, "--json", "--run", RUN).stdout.splitlines():
        entry = json.loads(line)
        yield entry["seq"], entry["record"]


def submission(record):
    return record.get("intake", {}).get("accepted", {}).get("submission", {})


def states(subscription):
    """What intake was told, in order."""
    told = [submission(r).get("delivery_reported", {}) for _, r in journal("intake")]
    return [t["state"] for t in told if t.get("subscription") == subscription]


def wanted(subscription, addressee=None, scope=None, region=None, centre=None):
    """The numbers of the signals that a subscription must get, reckoned from the journal alone."""
    begun, known, numbers = False, set(), []
    for number, r in journal("signalling"):
        if submission(r).get("subscription_registered", {}).get("subscription") == subscription:
            begun, known, numbers = True, set(), []  # anew: what came before is another's
        answer = r.get("answer", {})
        cleared = answer.get("signal_cleared")
        body = answer.get("signal_raised") or answer.get("signal_updated") or cleared
        if not begun or body is None:
            continue
        key = tuple(str(body.get(k, "")) for k in ("code", "subject", "subject_id", "deadline_kind", "reference", "due"))
        if cleared:
            mine = key in known
            known.discard(key)
        else:
            mine = ((addressee in body.get("to", []) if addressee else True) and (scope in body.get("organisations", []) if scope else True)
                    and region in (None, body.get("region")) and centre in (None, body.get("expertise_centre")))
            if mine:
                known.add(key)
        if mine:
            numbers.append(number)
    return numbers


def journals():
    """All that stands in the journals of intake, routing and signalling but our own reports, as text."""
    return {s: tool("journal", s, "--json", "--run", RUN).stdout for s in ("intake", "routing", "signalling")}


class Time:
    """The driven clock: each step is days in which deadlines come near and pass."""
    day = 0

    def until_signals(self, subscription="swift"):
        """Time passes until there is more for a subscription that wants those of OWNER."""
        before = len(wanted(subscription, "OWNER"))
        for _ in range(60):
            self.go(4)
            if until(lambda: len(wanted(subscription, "OWNER")) > before, 1):
                return
        check("time brings signals", False)

    def go(self, days):
        self.day += days
        now = datetime.date(2023, 11, 13) + datetime.timedelta(days=self.day)
        tool("submit", "--run", RUN, "--wait", "--now", f"{now}T09:00", "--source", "operator", "--message", "SourceRegistered", "--by",
             "ADMINISTRATOR@NAT-VWS", "--with", "{source: clock-%d, organisations: [LT-GM0402], roles: [LOCAL_TEAM]}" % self.day)


def certificates():
    """An authority of our own, a certificate for localhost of it, and one that signed itself."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=WORK)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority")
    for name, host in (("good", "localhost"), ("other", "other.example.nl")):
        openssl("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={host}")
        open(f"{WORK}/{name}.ext", "w").write(f"subjectAltName=DNS:{host}\n")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", f"{name}.ext", "-out", f"{name}.pem")
    openssl("req", "-x509", *key, "-keyout", "self.key", "-out", "self.pem", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost")


def cert(name):
    return f"{WORK}/{name}.pem", f"{WORK}/{name}.key"


def add(receiver, *more, status=0):
    return tool("webhooks", "add", receiver.name, *more, "--url", receiver.url(), "--dir", HOOKS, "--run", RUN, status=status)


def hook_log():
    return open(f"{RUN}/signalling.log").read()


# --- the story ---------------------------------------------------------------------------------------------------------


def settings(receivers, more=""):
    os.makedirs(HOOKS, exist_ok=True)
    hosts = ", ".join(f"localhost:{r.port}, 127.0.0.1:{r.port}" for r in receivers)
    open(f"{HOOKS}/settings", "w").write(
        f"source: {SOURCE}\norigin: {ORIGIN}\nhosts: inside.example.nl, 127.0.0.1:9\nprivate_hosts: {hosts}\nca: {WORK}/ca.pem\n"
        "pause_ms: 50\ndeadline_ms: 1500\nfailing_after: 3\n" + more)


def where():
    """Region and centre of the first signal that stands somewhere."""
    for _, r in journal("signalling"):
        body = r.get("answer", {}).get("signal_raised", {})
        if body.get("region") and body.get("expertise_centre"):
            return body["region"], body["expertise_centre"]
    return "", ""


def given_up(services, clock, receivers):
    """One fails for as long as the settings say, and is told nothing more; the others go on."""
    swift, lost = receivers[0], receivers[-1]
    settings(receivers, "give_up: 2 s\n")
    services.start()
    add(lost, "--to", "OWNER")
    check("lost: agreed", until(lambda: lost.handshakes > 0))
    lost.stop()
    clock.until_signals()
    check("GIVEN_UP is told, behind FAILING", until(lambda: states("lost") == ["FAILING", "GIVEN_UP"], 40), states("lost"))
    lost.start()
    clock.until_signals()
    has_all(swift, addressee="OWNER")
    check("nothing after GIVEN_UP", lost.numbers() == [] and states("lost") == ["FAILING", "GIVEN_UP"])
    listed = tool("webhooks", "list", "--run", RUN).stdout
    check("the list says so", any(line.startswith("lost") and line.endswith("GIVEN_UP") for line in listed.splitlines()), listed)
    # Registered anew it is another one, and gets what comes from then on.
    add(lost, "--to", "OWNER")
    clock.until_signals()
    has_all(lost, addressee="OWNER")


def has_all(receiver, **whom):
    want = []

    def same():
        want[:] = wanted(receiver.name, **whom)
        return receiver.numbers() == want
    same()
    ok = until(lambda: receiver.numbers() == want, 40) or until(same, 5)
    check(f"{receiver.name}: everything, in order, once", ok and want, f"has {len(receiver.numbers())} of {len(want)}")
    check(f"{receiver.name}: signatures and attributes", not receiver.bad, receiver.bad[:3])
    return ok


def main():
    certificates()
    swift, other, dead = Receiver("swift", cert("good")), Receiver("plain", rate=3000), Receiver("dead")
    wrong, selfsigned, refusing = Receiver("wrong", cert("other")), Receiver("selfsigned", cert("self")), Receiver("refusing", mood="no handshake")
    odd, regional, central, elsewhere, lost = (Receiver(n) for n in ("odd", "regional", "central", "elsewhere", "lost"))
    all_of_them = [swift, other, dead, wrong, selfsigned, refusing, odd, regional, central, elsewhere, lost]
    settings(all_of_them)
    services, clock = Services(), Time()
    services.start()
    played = tool("play", "--run", RUN, "tests/scenarios/SC37.yaml")
    check("a world with cases", "1 passed, 0 failed" in played.stdout, played.stdout[-300:])

    # Who may be sent to.
    refused = tool("webhooks", "add", "x", "--to", "OWNER", "--url", "https://elsewhere.example.nl/in", "--dir", HOOKS, "--run", RUN, status=2)
    check("a host that is not listed is refused", "not one of `hosts`" in refused.stderr, refused.stderr)
    refused = tool("webhooks", "add", "x", "--to", "OWNER", "--url", "http://inside.example.nl/in", "--dir", HOOKS, "--run", RUN, status=2)
    check("plain http to a listed host is refused", "https" in refused.stderr, refused.stderr)
    tool("webhooks", "add", "inside", "--to", "OWNER", "--url", "https://127.0.0.1:9/in", "--dir", HOOKS, "--run", RUN)

    dead.stop()
    region, centre = where()
    limits = {"plain": {"scope": "LT-GM0402"}, "regional": {"region": region}, "central": {"addressee": "OWNER", "centre": centre},
              "elsewhere": {"centre": "EC-NOORD" if centre != "EC-NOORD" else "EC-LIMBURG"}}
    for r in all_of_them[:-1]:
        add(r, *(w for k, v in limits.get(r.name, {"addressee": "OWNER"}).items() for w in ("--to" if k == "addressee" else "--" + k, v)))
    listed = tool("webhooks", "list", "--run", RUN).stdout
    check("the list", all(r.name in listed for r in all_of_them[:-1]) and region in listed and centre in listed, listed)
    began = time.monotonic()
    clock.until_signals()
    if has_all(swift, addressee="OWNER") and has_all(other, scope="LT-GM0402"):
        check("a dead receiver delays nobody", time.monotonic() - began < 10)
    check("nothing before the handshake", until(lambda: refusing.handshakes > 3) and refusing.attempts == 0)
    check("a certificate for another host is refused", until(lambda: "hostname mismatch" in hook_log()) and wrong.attempts == 0, hook_log()[-500:])
    check("a certificate that signed itself is refused", until(lambda: "self-signed certificate" in hook_log()) and selfsigned.attempts == 0)
    check("a private address is refused unless it is listed as one", "no address that may be used" in hook_log())
    for name in ("dead", "refusing", "wrong", "selfsigned", "inside"):
        check(f"{name}: FAILING is told, once", until(lambda: states(name) == ["FAILING"]), states(name))
    for r in (wrong, selfsigned, refusing):
        tool("webhooks", "end", r.name, "--run", RUN)
    tool("webhooks", "end", "inside", "--run", RUN)

    # Answers that are none.
    for mood, tries in (("broken", 4), ("redirect", 2), ("drip", 2), ("big head", 2), ("busy", 2)):
        before = odd.attempts
        odd.mood = mood
        clock.until_signals()
        check(f"{mood}: tried again, nothing lost", until(lambda: odd.attempts >= before + tries, 20), odd.attempts - before)
        odd.mood = "fine"
        has_all(odd, addressee="OWNER")
    gaps = [b - a for a, b in zip(odd.times, odd.times[1:])]
    check("Retry-After is waited for", max(gaps) >= 1.9, max(gaps))
    odd.mood = "huge"
    clock.until_signals()
    has_all(odd, addressee="OWNER")
    odd.mood = "fine"
    until(lambda: states("odd")[-1:] == ["RECOVERED"])
    told = states("odd")
    check("FAILING and RECOVERED take turns", told == ["FAILING", "RECOVERED"] * (len(told) // 2) and told, told)
    odd.mood = "gone"
    clock.until_signals()
    check("410 ends it", until(lambda: states("odd")[-1:] == ["ENDED"]), states("odd"))
    attempts = odd.attempts
    clock.until_signals()
    has_all(swift, addressee="OWNER")
    check("nothing after 410", odd.attempts == attempts)

    # A week away, then everything.
    for _ in range(7):
        clock.until_signals()
    has_all(swift, addressee="OWNER")
    types = {e["type"] for e in swift.order}
    check("raised, updated, cleared", types == {f"nl.jeugdcasussen.signaal-{w}" for w in ("gegeven", "bijgewerkt", "opgeheven")}, types)
    check("the dead one still has nothing", dead.numbers() == [])
    before = journals()
    dead.start()
    has_all(dead, addressee="OWNER")
    check("dead: RECOVERED is told, once", until(lambda: states("dead") == ["FAILING", "RECOVERED"]), states("dead"))
    check("deliveries leave nothing in a journal, save one report", journals()["intake"].count("\n") == before["intake"].count("\n") + 1)

    # Everybody dies, now and then, under way.
    for round in range(ROUNDS):
        swift.stop()
        for _ in range(3):
            clock.until_signals()
        waits = len(wanted("swift", "OWNER"))
        swift.mood = "slow"  # kept, and signalling dies before it hears so
        swift.start()
        check("it catches up", until(lambda: len(swift.numbers()) > waits - 15 + 3 * round, 60), waits - len(swift.numbers()))
        pid = services.signalling()
        os.kill(pid, signal.SIGKILL)
        if round % 2 == 0:
            swift.stop()
        check("signalling is started again", until(lambda: services.signalling() not in (0, pid), 30))
        check("and answers", until(lambda: tool("health", "--service", "signalling", "--run", RUN, status=None).returncode == 0, 30))
        if round % 2 == 0:
            swift.start()
        has_all(swift, addressee="OWNER")
        swift.mood = "fine"
    check("some came twice, under the same id", swift.again > 0)
    for r in (swift, dead):
        has_all(r, addressee="OWNER")
    for r in (other, regional, central):
        has_all(r, **limits[r.name])
    check("nothing of another centre", elsewhere.handshakes > 0 and elsewhere.numbers() == [] == wanted("elsewhere", **limits["elsewhere"]))
    check("all are level", until(lambda: all(json.loads(line)["lag"] == 0 for line in tool("health", "--run", RUN, "--json").stdout.splitlines())))
    gaps = [b - a for a, b in zip(other.times, other.times[1:])]
    check("the allowed rate is kept", min(gaps) > 0.01 and len(gaps) > 10, min(gaps))
    check("shutdown is clean", services.stop() == 0, open(f"{WORK}/up.err").read()[-500:])
    given_up(services, clock, all_of_them)
    check("shutdown is clean again", services.stop() == 0, open(f"{WORK}/up.err").read()[-500:])
    verified = tool("verify", "--data", RUN)
    check("verify holds", verified.returncode == 0, verified.stdout[:1500])


try:
    main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
