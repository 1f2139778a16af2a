#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""The doors over HTTP of services that run: every wrong input of docs/http.md with its answer, what a key sees, who looked, and streams
that are killed and go on. Ends with `N passed, N failed`.

    http_doors.py BIN"""
import json
import os
import re
import socket
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from services import ROOT, Count, Services, remove, until, work_folder  # noqa: E402

BIN, WORK = os.path.abspath(sys.argv[1]), work_folder()
BEFORE, LATER = ([f"{ROOT}/tests/scenarios/{name}.yaml" for name in names] for names in (("SC1", "SC2"), ("SC34", "SC4B", "SC43")))
count = Count()


# ---- a client that knows no library: what leaves and what comes is bytes


def connect(base):
    host, port = urllib.parse.urlparse(base).netloc.split(":")
    return socket.create_connection((host, int(port)), timeout=30)


def raw(base, request):
    """All that comes until the other side closes."""
    with connect(base) as s:
        try:
            s.sendall(request)
        except (BrokenPipeError, ConnectionResetError):
            pass
        got = b""
        try:
            while piece := s.recv(65536):
                got += piece
        except ConnectionResetError:
            pass
        return got


def ask(base, path, token=None, method="GET", headers="", body=b""):
    """Status, headers, body."""
    key = f"Authorization: Bearer {token}\r\n" if token else ""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return read(raw(base, f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{key}{length}{headers}\r\n".encode() + body))


def read(answer):
    if not answer:
        return None, {}, b""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    return int(lines[0].split(" ")[1]), {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}, body


def told(answer):
    """As a row of the table: status, code, violations."""
    status, headers, body = answer
    problem = json.loads(body) if headers.get("content-type") == "application/problem+json" else {}
    said = ", ".join(f"{v['field']} {v['code']}".strip() for v in problem.get("violations", []))
    return "none" if status is None else str(status), problem.get("code", ""), said


# ---- wrong input


def after(base, request, at_least, at_most):
    """Nothing comes, and it is closed in that time."""
    began = time.monotonic()
    answer = read(raw(base, request))
    took = time.monotonic() - began
    count.check(f"closed after {at_least} to {at_most} s", at_least <= took <= at_most, took)
    return answer


def dripping(base):
    began, got = time.monotonic(), b""
    with connect(base) as s:
        s.settimeout(0.2)
        s.sendall(b"GET /v1/cases HTTP/1.1\r\nX: ")
        while time.monotonic() - began < 30:
            try:
                s.sendall(b"x")
                piece = s.recv(100)
                if not piece:
                    break
                got += piece
            except TimeoutError:
                continue
            except OSError:
                break
    count.check("dripping does not help", 9 <= time.monotonic() - began < 15, time.monotonic() - began)
    return read(got)


def first_id(base, token):
    with connect(base) as s:
        s.sendall(f"GET /v1/case-states/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        got = b""
        while not re.search(rb"id: (\S+)\n\n", got):
            got += s.recv(65536)
        return re.search(rb"id: (\S+)\n\n", got)[1].decode()


def wrong_inputs(base, keys, elsewhere):
    """By the names of the table."""
    all_, one = keys["all"], keys["one"]
    yield "a path that is not there", ask(base, "/v1/nowhere", all_)
    yield "a slash behind the path", ask(base, "/v1/cases/", all_)
    yield "a method that is not for this path", ask(base, "/v1/cases", all_, "DELETE")
    yield "a method that does not exist", ask(base, "/v1/cases", all_, "BREW")
    yield "unknown and repeated parameters", ask(base, "/v1/cases?colour=1&owner=A&owner=B", all_)
    yield "a parameter that is badly encoded", ask(base, "/v1/cases?owner=%4", all_)
    yield "more than 32 parameters", ask(base, "/v1/case-states/stream?" + "&".join(["topic=a"] * 33), all_)
    yield "wrong types of values", ask(base, "/v1/cases?state=ASLEEP&openOnly=1&limit=many", all_)
    yield "a date that is none", ask(base, "/v1/cases?dueBefore=soon", all_)
    page = json.loads(ask(base, "/v1/cases?order=BY_LAST_MOVEMENT&limit=1", all_)[2])["next"]
    yield "the page token of another question", ask(base, f"/v1/cases?region=JZ42&order=BY_LAST_MOVEMENT&pageToken={page}", all_)
    yield "a report that is none", ask(base, "/v1/reports/INDICATORS?from=2021-01-02&to=2021-01-03", all_)
    yield "an unknown purpose", ask(base, "/v1/cases", all_, headers="Purpose: CURIOSITY\r\n")
    yield "no key", ask(base, "/v1/cases")
    yield "a key that is none", ask(base, "/v1/cases", all_[:-1] + ("a" if all_[-1] != "a" else "b"))
    yield "a key that was revoked", ask(base, "/v1/cases", keys["revoked"])
    yield "a role that may not", ask(base, "/v1/cases", keys["inspectorate"])
    yield "an operator who asks for cases", ask(base, f"/v1/cases/{elsewhere}", keys["operator"])
    yield "a case that is not there", ask(base, "/v1/cases/c-00000-00000-00000-00000", one)
    yield "a case of another region", ask(base, f"/v1/cases/{elsewhere}", one)
    yield "an id that cannot be one", ask(base, "/v1/cases/c%20d", one)
    yield "a stream from nowhere", ask(base, "/v1/case-states/stream?from=middle", all_)
    yield "a stream with 17 topics", ask(base, "/v1/case-states/stream?" + "&".join(["topic=a"] * 17), all_)
    yield "a place that is none", ask(base, "/v1/case-states/stream", all_, headers="Last-Event-ID: 12\r\n")
    place = first_id(base, all_).split(".")
    yield "a place of another history", ask(base, f"/v1/case-states/stream?cursor={'0' * 31}1.{place[1]}.{place[2]}", all_)
    yield "a place where something else stands", ask(base, f"/v1/case-states/stream?cursor={place[0]}.{place[1]}.{'0' * 64}", all_)
    yield "a Transfer-Encoding", ask(base, "/v1/cases", all_, "POST", "Transfer-Encoding: chunked\r\n\r\n0\r\n")
    yield "a head of more than 8 KiB", ask(base, "/v1/cases", all_, headers=f"X: {'x' * 8192}\r\n")
    yield "a body of more than 64 KiB", ask(base, "/v1/cases", all_, "POST", body=b"x" * 65537)
    yield "bytes that are no HTTP", read(raw(base, b"\x16\x03\x01\x02\x00\x01\r\n\r\n"))
    yield "half a request and silence", after(base, b"GET /v1/cases HTTP/1.1\r\nHo", 4, 9)
    yield "a request that comes byte by byte", dripping(base)


def table():
    text = open(f"{ROOT}/docs/http.md").read().split("| input | status |")[1]
    rows = [[cell.strip(" `") for cell in line.strip().strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")]
    return {row[0]: (row[1].split(":")[0], row[2], re.sub(" +", " ", row[3])) for row in rows if row[0] not in ("input", "---")}


def check_table(base, keys, elsewhere):
    rows = table()
    for name, answer in wrong_inputs(base, keys, elsewhere):
        wanted, got = rows.pop(name, None), told(answer)
        count.check(f"{name}: as the page says", got == wanted, f"{got}, not {wanted}")
        if got[1]:
            problem, headers = json.loads(answer[2]), answer[1]
            count.check(f"{name}: has a title and a detail", problem["title"] and problem["detail"] and problem["status"] == answer[0], problem)
            count.check(f"{name}: has the headers", headers.get("api-version") == "1.0.0" and headers.get("x-content-type-options") == "nosniff" and
                        headers.get("cache-control") == "no-store" and "frame-ancestors 'none'" in headers.get("content-security-policy", ""), headers)
        if answer[0] == 405:
            count.check(f"{name}: what is allowed", answer[1]["allow"] == "GET, HEAD", answer[1])
        if answer[0] == 401:
            count.check(f"{name}: how to show one", answer[1]["www-authenticate"].startswith("Bearer"), answer[1])
    count.check("every row of the page is tried", not rows, list(rows))


# ---- what a key sees


def check_scopes(base, signalling, keys, elsewhere):
    cases = json.loads(ask(base, "/v1/cases", keys["all"])[2])["cases"]
    mine = json.loads(ask(base, "/v1/cases", keys["one"])[2])["cases"]
    count.check("national sees all regions", {c["region"] for c in cases} >= {"JZ42", "JZ43"}, cases)
    count.check("a region sees its own", mine and {c["region"] for c in mine} == {"JZ42"}, mine)
    count.check("all of its own", len(mine) == sum(c["region"] == "JZ42" for c in cases))
    absent = ask(base, "/v1/cases/c-00000-00000-00000-00000", keys["one"])
    other = ask(base, f"/v1/cases/{elsewhere}", keys["one"])
    drop_date = lambda answer: (answer[0], {k: v for k, v in answer[1].items() if k != "date"}, answer[2])  # noqa: E731
    count.check("absent and another's are the same bytes", drop_date(absent) == drop_date(other), (absent, other))
    for path in ("/v1/cases?region=JZ43", "/v1/cases?region=JZ4"):
        count.check(f"{path}: nothing there", ask(base, path, keys["one"])[2] == b'{"cases":[]}')
    owner = next(c["owner"] for c in cases if c["region"] == "JZ43" and c.get("owner")) if any(c.get("owner") for c in cases if c["region"] == "JZ43") else "LT-GM0988"
    listed = json.loads(ask(base, f"/v1/owners/{owner}/work-list", keys["one"])[2])
    count.check("a work list of another region is empty", listed == {"cases": []}, listed)
    for name, status in (("all", 200), ("one", 200), ("inspectorate", 200), ("operator", 200)):
        answer = ask(base, "/v1/reports/INDICATORS?from=2021-01-01&to=2021-03-31", keys[name])
        count.check(f"figures for {name}", answer[0] == status, answer)
    count.check("signals of all", len(json.loads(ask(signalling, "/v1/signals", keys["all"])[2])["signals"]) > 0)
    told_to = json.loads(ask(signalling, "/v1/signals", keys["steering"])[2])["signals"]
    count.check("signals of whom they were told to", told_to and all("SG-MIDDEN-LIMBURG" in s["organisations"] for s in told_to), told_to)
    count.check("a steering group sees no cases", ask(base, "/v1/cases", keys["steering"])[0] == 403)


def check_audit(services, elsewhere):
    records = [json.loads(line)["record"] for line in services.tool("audit", "list", "--service", "monitoring", "--json").stdout.splitlines()]
    mine = [r for r in records if elsewhere in r.get("case_ids", [])]
    count.check("who asked for a case is written down", any(r["outcome"] == "NOTHING_THERE" and r["key"] == "one" for r in mine), mine)
    count.check("who saw it, too", any(r["outcome"] == "ANSWERED" and r["key"] == "all" for r in mine), mine)
    count.check("with role, organisation, scope and purpose",
                any((r.get("role"), r.get("organisation"), r.get("scope"), r.get("purpose")) == ("CHAIR", "ET-MIDDEN-LIMBURG", "region:JZ42", "CARE")
                    for r in records), records[:2])
    count.check("who may not, too", any(r["outcome"] == "REFUSED" and r["key"] == "inspectorate" for r in records))
    count.check("who has no key, too", sum(r.get("times", 0) for r in records if r["outcome"] == "NO_TOKEN") >= 3)
    count.check("the log holds", "follows from the one before" in services.tool("audit", "verify").stdout)
    listed = services.tool("audit", "list", "--case", elsewhere, "--key", "one").stdout
    count.check("one case, one key", listed and all(elsewhere in line and "one" in line for line in listed.splitlines()), listed)


# ---- streams


class Reader(threading.Thread):
    """Reads a stream for ever: comes back with the last id when it breaks."""

    def __init__(self, services, token, path):
        super().__init__(daemon=True)
        self.services, self.token, self.path = services, token, path
        self.events, self.last, self.breaks, self.stopped = [], None, 0, False
        self.start()

    def run(self):
        while not self.stopped:
            try:
                self.read_one()
            except (OSError, TypeError):
                pass
            self.breaks += 1
            time.sleep(0.05)

    def read_one(self):
        back = f"Last-Event-ID: {self.last}\r\n" if self.last else ""
        with connect(self.services.address("monitoring", "http")) as s:
            s.settimeout(1)
            s.sendall(f"GET {self.path} HTTP/1.0\r\nAuthorization: Bearer {self.token}\r\n{back}\r\n".encode())
            got = b""
            while not self.stopped:
                try:
                    piece = s.recv(65536)
                except TimeoutError:
                    continue
                if not piece:
                    return
                got += piece
                while b"\n\n" in got:
                    block, _, got = got.partition(b"\n\n")
                    self.take(block.decode())

    def take(self, block):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and line.split(": ", 1)[0] in ("id", "event", "data"))
        if "id" in fields:
            self.last = fields["id"]
        if "event" in fields:
            self.events.append((fields["event"], fields["id"], json.loads(fields["data"])))

    def numbers(self):
        """Of the records behind the snapshot."""
        return [int(id.split(".")[1]) for event, id, _ in self.events if event == "case-state" and id.count(".") == 2]


def check_streams(services, keys):
    wide = Reader(services, keys["all"], "/v1/case-states/stream?from=snapshot")
    narrow = Reader(services, keys["one"], "/v1/case-states/stream?from=snapshot")
    count.check("the snapshot ends", until(lambda: all(any(e[0] == "snapshot-end" for e in r.events) for r in (wide, narrow))), wide.events)
    began = int(next(e[1] for e in wide.events if e[0] == "snapshot-end").split(".")[1])
    known = {e[2]["caseId"] for e in wide.events if e[0] == "case-state"}
    count.check("the snapshot has all cases", known == {c["caseId"] for c in json.loads(ask(services.address("monitoring", "http"), "/v1/cases", keys["all"])[2])["cases"]})
    for scenario in LATER:
        seen = len(wide.events)
        killer = threading.Thread(target=lambda: until(lambda: len(wide.events) > seen + 20) and services.kill("monitoring"))
        killer.start()
        services.tool("play", scenario)
        killer.join()
    journal = [json.loads(line) for line in services.tool("journal", "monitoring", "--from", str(began + 1), "--json").stdout.splitlines()]
    states = [int(line["seq"]) for line in journal if "case_state" in json.dumps(line)]
    count.check("something happened", len(states) > 100, len(states))
    until(lambda: wide.numbers() and wide.numbers()[-1] == states[-1], 30)
    count.check("killed and back: every state once, in order", wide.numbers() == states, (len(wide.numbers()), len(states)))
    count.check("it was killed", wide.breaks >= len(LATER) and narrow.breaks >= len(LATER), (wide.breaks, narrow.breaks))
    regions = {e[2].get("region") for e in narrow.events if e[0] == "case-state"}
    count.check("a stream of one region", regions == {"JZ42"}, regions)
    mine = [int(e[1].split(".")[1]) for e in wide.events if e[0] == "case-state" and e[1].count(".") == 2 and e[2].get("region") == "JZ42"]
    until(lambda: narrow.numbers() == mine)
    left = [line for line in journal if "case_left" in json.dumps(line)]
    here = [line["seq"] for line in left if '"region":"JZ42"' in json.dumps(line).replace(" ", "")]
    gone = [e for e in narrow.events if e[0] == "case-left"]
    count.check("a case that leaves a region is told to who follows the region, and nobody else's is",
                [int(e[1].split(".")[1]) for e in gone] == [int(seq) for seq in here], (gone, here))
    count.check("it is told by its number only", len(left) > 0 and all(sorted(e[2]) == ["asOf", "caseId"] for e in wide.events if e[0] == "case-left"), len(left))
    count.check("killed and back: all of one region", narrow.numbers() == mine, (len(narrow.numbers()), len(mine)))
    # A key that is revoked loses its stream.
    services.tool("keys", "revoke", "all")
    count.check("a key that ends ends its stream", until(lambda: any(e[0] == "problem" for e in wide.events) or ended(services, keys), 30), wide.events[-1])
    wide.stopped = narrow.stopped = True


def ended(services, keys):
    return ask(services.address("monitoring", "http"), "/v1/cases", keys["all"])[0] == 401


KEYS = {
    "all": ("NATIONAL_TEAM", "NAT-VWS", "national"),
    "one": ("CHAIR", "ET-MIDDEN-LIMBURG", "region:JZ42"),
    "inspectorate": ("INSPECTORATE", "NAT-IGJ", "national"),
    "operator": ("OPERATOR", "NAT-VWS", "operator"),
    "steering": ("STEERING_GROUP", "SG-MIDDEN-LIMBURG", "region:JZ42"),
    "revoked": ("CHAIR", "ET-MIDDEN-LIMBURG", "national"),
}


def main():
    with Services(BIN, f"{WORK}/run") as services:
        keys = {name: json.loads(services.tool("keys", "new", "--name", name, "--role", role, "--organisation", organisation, "--scope", scope, "--json").stdout)["token"]
                for name, (role, organisation, scope) in KEYS.items()}
        services.tool("keys", "revoke", "revoked")
        services.tool("play", *BEFORE)
        base, signalling = services.address("monitoring", "http"), services.address("signalling", "http")
        count.check("new keys are read", until(lambda: ask(base, "/v1/cases", keys["steering"])[0] == 403 and ask(signalling, "/v1/signals", keys["all"])[0] == 200))
        elsewhere = next(c["caseId"] for c in json.loads(ask(base, "/v1/cases", keys["all"])[2])["cases"] if c["region"] == "JZ43")
        check_table(base, keys, elsewhere)
        check_scopes(base, signalling, keys, elsewhere)
        check_audit(services, elsewhere)
        check_streams(services, keys)
    count.check("the services stop well", services.status == 0, services.status)


main()
remove(WORK)
count.end()
