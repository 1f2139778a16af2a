#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
# webhooks.py - deliveries to real receivers, over real sockets and TLS, with everybody dying now and then.
#
#   tests/end_to_end/webhooks.py BIN        the folder of the programs
#
# Receivers are servers of this process. Signals come from a scenario that is played against services on a driven clock.
# What every receiver must have got is read from signalling's journal. The last line is `N passed, N failed`.
import base64, hashlib, hmac, http.server, json, os, shutil, signal, socket, ssl, subprocess, sys, tempfile, threading, time

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
        self.kept, self.order, self.attempts, self.handshakes, self.bad, self.times = {}, [], 0, 0, [], []
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
                if answer == "fine" or answer == "huge":
                    receiver.take(self.headers, body)
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
                status = {"fine": 204, "huge": 200, "redirect": 302, "busy": 429, "gone": 410, "broken": 500}[answer]
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
    for i, line in enumerate(tool("journal", service, "--json", "--run", RUN).stdout.splitlines(), 1):
        yield i, json.loads(line)


def states(subscription):
    return [s["delivery_reported"]["state"] for s in submissions() if s.get("delivery_reported", {}).get("subscription") == subscription]


def submissions():
    for _, r in journal("intake"):
        yield from find(r, "submission")


def find(value, key):
    if isinstance(value, dict):
        for k, v in value.items():
            if k == key:
                yield v
            yield from find(v, key)
    elif isinstance(value, list):
        for v in value:
            yield from find(v, key)


def wanted(addressee=None, scope=None):
    """The numbers of the signals that a subscription must get, reckoned from the journal alone."""
    known, numbers = set(), []
    for number, r in journal("signalling"):
        for body, raised in ((b, kind == "signal_raised") for kind in ("signal_raised", "signal_cleared") for b in find(r, kind)):
            key = tuple(str(body.get(k, "")) for k in ("code", "subject", "subject_id", "deadline_kind", "reference"))
            if raised:
                if (addressee is None or addressee in body.get("to", [])) and (scope is None or scope in body.get("organisations", [])):
                    known.add(key)
                    numbers.append(number)
            elif key in known:
                known.discard(key)
                numbers.append(number)
    return numbers
