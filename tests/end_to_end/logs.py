#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""What the log says and what it must not, and a trace from the request to the event, against services that run. A word that stands nowhere
else goes in by every door, in good input and bad; no log may hold it, nor the id of a case. Ends with `N passed, N failed`.

    logs.py BIN"""
import glob
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from services import Count, generate_python, remove, until, work_folder  # noqa: E402

BIN, WORK = os.path.abspath(sys.argv[1]), work_folder()
RUN, HOOKS = f"{WORK}/run", f"{WORK}/hooks"
CANARY, FLOOD = "Kanarievogel", 400
TRACE, OTHER = ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-5bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")
ORIGIN, SOURCE = "doorbraak.example.nl", "urn:nld:oin:00000000000000000001:systeem:doorbraak-test"
count = Count()
generate_python(f"{WORK}/python")
import zmq  # noqa: E402
from doorbraak.v1 import door_pb2 as door, submission_pb2 as submission  # noqa: E402


def tool(*arguments):
    return subprocess.run([f"{BIN}/doorbraak", *arguments, "--run", RUN], capture_output=True, text=True, timeout=120)


def address(service, key):
    for line in open(f"{RUN}/{service}.address"):
        if line.startswith(key + ": "):
            return line.split(" ", 1)[1].strip()
    return None


def ask(service, path, body=None, **headers):
    """Status and text."""
    request = urllib.request.Request(address(service, "http") + path, body, {k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def opening(id, **more):
    return {"source": "portal", "id": id, "occurredAt": "2026-03-01T09:00:00Z", "actor": {"role": "ROLE_LOCAL_TEAM", "organisation": "LT-GM0988"},
            "caseSubmitted": {"municipality": "GM0988", "submitter": "SUBMITTER_KIND_PARENT", "asks": "ASK_CONSULTATION"}, **more}


def hand_in(body, trace=None):
    status, text = ask("intake", "/v1/submissions", body if isinstance(body, bytes) else json.dumps(body).encode(),
                       Content_Type="application/json", **({"traceparent": trace} if trace else {}))
    return status, json.loads(text)


def say(service, *frames):
    """What a client of ZeroMQ is told; None when nothing."""
    with zmq.Context.instance().socket(zmq.DEALER) as s:
        s.linger = 0
        s.connect(address(service, "door"))
        s.send_multipart(frames)
        return door.Reply.FromString(s.recv_multipart()[-1]) if s.poll(3000) else None


def journal(service):
    return [json.loads(line) for line in tool("journal", service, "--json").stdout.splitlines()]


# ---- a receiver of webhooks that keeps what comes


class Receiver(http.server.BaseHTTPRequestHandler):
    events, mood = [], 204

    def log_message(self, *_):
        pass

    def answer(self, status):
        self.send_response(status)
        self.send_header("WebHook-Allowed-Origin", ORIGIN)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_OPTIONS(self):
        self.answer(200)

    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Receiver.events.append((self.headers["traceparent"], event))
        self.answer(Receiver.mood)


# ---- the trace


def check_trace(receiver):
    status, first = hand_in(opening("t1", sequence=1))
    hand_in(opening("t2", sequence=2), "00-00000000000000000000000000000000-00f067aa0ba902b7-01")
    status, gap = hand_in(opening("t4", sequence=4), TRACE)  # S27: number 3 is missing
    count.check("a submission with a trace is taken", status == 201, gap)
    again = hand_in(opening("t4", sequence=4), OTHER)
    count.check("again with another trace it is the same", again[0] == 200 and again[1]["seq"] == gap["seq"], again)
    count.check("an event came", until(lambda: Receiver.events), receiver)
    header, event = Receiver.events[0]
    count.check("its CloudEvent and its header carry the trace", header == event.get("traceparent") == TRACE, Receiver.events[0])
    for service in ("intake", "triage", "routing", "signalling"):
        about = [e["record"] for e in journal(service) if str(gap["seq"]) in
                 (e["record"].get("intake", {}).get("seq"), e["record"].get("answer", {}).get("cause"))]
        traces = {r.get("answer", r.get("intake", {}).get("accepted", {})).get("traceparent") for r in about}
        count.check(f"every record at {service} that it led to carries it", len(about) > 1 and traces == {TRACE}, traces)
    others = [e for e in journal("signalling") if "traceparent" in json.dumps(e) and TRACE not in json.dumps(e)]
    count.check("one that is not valid is left out, and no other record has any", others == [], others[:1])
    # Over ZeroMQ, and to a receiver that fails: the line in the log names the trace.
    Receiver.mood = 500
    s = submission.Submission(source="portal", id="z7", sequence=7)
    s.occurred_at.FromJsonString("2026-03-01T09:00:00Z")
    s.actor.role, s.actor.organisation = 5, "LT-GM0988"
    s.case_submitted.municipality, s.case_submitted.submitter, s.case_submitted.asks = "GM0988", 1, 1
    reply = say("intake", door.Request(request_id=1, submit=door.SubmitRequest(submission=s.SerializeToString(), traceparent=OTHER))
                .SerializeToString())
    count.check("over ZeroMQ too", reply and reply.WhichOneof("body") == "accepted", reply)
    count.check("the line about a delivery that failed names the trace", until(lambda: OTHER in open(f"{RUN}/signalling.log").read()))
    Receiver.mood = 204


# ---- what must not be said


def throw_canaries():
    """By every door; what comes back is not looked at here."""
    c = CANARY
    for service in ("intake", "signalling", "monitoring"):
        for path in (f"/{c}", f"/v1/cases/{c}", f"/v1/cases?owner={c}&{c}=1", f"/v1/signals?after={c}", f"/healthz?{c}={c}", f"/v1/reports/{c}"):
            ask(service, path, Authorization=f"Bearer {c}", Purpose=c, Last_Event_ID=c, traceparent=c, User_Agent=c)
        host, port = address(service, "http").removeprefix("http://").split(":")
        for raw in (f"{c}\r\n\r\n", f"GET /{c} HTTP/9.9\r\n{c}\r\n\r\n", f"POST /v1/submissions HTTP/1.1\r\nTransfer-Encoding: {c}\r\n\r\n{c}",
                    f"GET / HTTP/1.1\r\nHost: {c}\r\nX: " + c * 1000 + "\r\n\r\n"):
            with socket.create_connection((host, int(port)), timeout=10) as s:
                s.sendall(raw.encode())
                s.shutdown(socket.SHUT_WR)
                s.recv(100)
    for body in (c.encode(), b'{"id":"%s' % c.encode(), {c: c}, opening(c), opening(c, source=c), opening("c1", caseId=c),
                 opening("c2", youthKey=c), opening("c3", actor={"role": c, "organisation": c}), {"submissions": [opening(c), opening(c)]}):
        hand_in(body, c)
    for service in ("intake", "triage", "routing", "signalling", "monitoring"):
        say(service, c.encode())
        say(service, door.Request(request_id=1, submit=door.SubmitRequest(submission=c.encode(), traceparent=c)).SerializeToString())
        say(service, door.Request(request_id=1, pull=door.PullRequest(topics=[c], snapshot_after=c, after=door.Cursor(
            history=c.encode(), seq=1, digest=c.encode()))).SerializeToString())
        say(service, door.Request(request_id=1, cases=door.CasesRequest(after=c)).SerializeToString())
    with zmq.Context.instance().socket(zmq.DEALER) as s:
        s.linger = 1000
        s.connect(address("intake", "door"))
        s.send_multipart([c.encode()] * 5)


def lines(service):
    return [line for line in open(f"{RUN}/{service}.log").read().splitlines() if line]


def check_logs():
    throw_canaries()
    # Another way in: what a person types in the tool and a name that a source chose for itself.
    tool("submit", "--source", CANARY, "--message", "SourceRegistered", "--by", "ADMINISTRATOR@NAT-VWS", "--with",
         "{source: kanarievogel, organisations: [LT-GM0988], roles: [LOCAL_TEAM]}")
    cases = {e["case_id"] for e in journal("intake") if e["case_id"]}
    before = len(lines("intake"))
    for i in range(FLOOD):
        hand_in(opening(f"f{i}", source="nobody"))
    count.check("refusals are told", until(lambda: any('"rejected"' in line for line in lines("intake")[before:])), lines("intake")[-2:])
    flood = [line for line in lines("intake")[before:] if '"rejected"' in line or '"http_refused"' in line]
    count.check("a flood does not flood the log", len(flood) < FLOOD / 10, len(flood))
    count.check("there are cases to keep quiet about", len(cases) > 2)
    for path in sorted(glob.glob(f"{RUN}/*.log")):
        service, text = os.path.basename(path)[:-4], open(path, errors="replace").read()
        count.check(f"{service}: no content in the log", CANARY.lower() not in text.lower(),
                    [line for line in text.splitlines() if CANARY.lower() in line.lower()][:3])
        count.check(f"{service}: no case in the log", not [case for case in cases if case in text])
        entries = [json.loads(line) for line in lines(service)]
        count.check(f"{service}: every line is one object of the same form",
                    entries and all({"ts", "level", "service", "event"} <= set(e) and e["service"] in (service, "libevent") for e in entries))
        count.check(f"{service}: told that it started", any(e["event"] == "started" for e in entries))


def main():
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    port = receiver.server_address[1]
    os.makedirs(HOOKS)
    with open(f"{HOOKS}/settings", "w") as out:
        out.write(f"source: {SOURCE}\norigin: {ORIGIN}\nhosts: 127.0.0.1:{port}\nprivate_hosts: 127.0.0.1:{port}\npause_ms: 50\nfailing_after: 3\n")
    up = subprocess.Popen([f"{BIN}/doorbraak", "up", "--run", RUN, "--ports", "0", "--webhooks", HOOKS, "--open-door"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "DOORBRAAK_LOG_LEVEL": "debug"})
    try:
        count.check("up", until(lambda: tool("health").returncode == 0, 60))
        for arguments in (("registry", "adopt", "--shipped"), ("policy", "adopt", "--shipped"),
                          ("submit", "--wait", "--source", "operator", "--message", "SourceRegistered", "--by", "ADMINISTRATOR@NAT-VWS", "--with",
                           "{source: portal, organisations: [LT-GM0988], roles: [LOCAL_TEAM]}"),
                          ("webhooks", "add", "ours", "--to", "OPERATOR", "--url", f"http://127.0.0.1:{port}/in", "--dir", HOOKS)):
            done = tool(*arguments)
            count.check(" ".join(arguments[:3]), done.returncode == 0, done.stderr)
        check_trace(port)
        check_logs()
    finally:
        up.terminate()
        count.check("it stops as asked", up.wait(60) == 0)
    count.check("told that it stopped", all('"stopped"' in lines(s)[-1] for s in ("intake", "monitoring")))
    remove(WORK)
    count.end()


main()
