#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""POST /v1/submissions of services that run: every wrong input of docs/http-submissions.md with its answer, keys, batches, and what is
left after kill -9. Ends with `N passed, N failed`.

    submissions.py BIN"""
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from services import ROOT, Count, Services, remove, until, work_folder  # noqa: E402

BIN, WORK = os.path.abspath(sys.argv[1]), work_folder()
count = Count()


def send(url, body, token=None, method="POST", **headers):
    """Status, headers and JSON of an answer."""
    given = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {}),
             **{name.replace("_", "-"): value for name, value in headers.items()}}
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {k: v for k, v in given.items() if v is not None}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as refused:
        text = refused.read()
        return refused.code, refused.headers, json.loads(text) if refused.headers["Content-Type"] == "application/problem+json" else None


def told(answer):
    """As a row of the table: status, code, violations."""
    status, headers, body = answer
    said = ", ".join(f"{v['field']} {v['code']}".strip() for v in (body or {}).get("violations", []))
    return str(status), (body or {}).get("code", ""), said


def opening(**more):
    return {"source": "portal", "occurredAt": "2021-03-01T09:00:00Z", "actor": {"role": "ROLE_LOCAL_TEAM", "organisation": "LT-GM0988"},
            "caseSubmitted": {"municipality": "GM0988", "submitter": "SUBMITTER_KIND_PARENT", "asks": "ASK_CONSULTATION"}, **more}


def about(case, id, **body):
    return {k: v for k, v in opening(caseId=case, id=id, **(body or {"consentRecorded": {"givenBy": ["PARENT"]}})).items() if k != "caseSubmitted"}


def wrong_inputs(url, token, other):
    """By the names of the table."""
    good = json.dumps(opening(id="a")).encode()
    with_id, without = opening(id="w"), opening()
    yield "nothing", send(url, b"", token)
    yield "text that is no JSON", send(url, b"source=portal", token)
    yield "half a text of JSON", send(url, good[:-1], token)
    yield "something behind the value", send(url, good + b"{}", token)
    yield "not UTF-8", send(url, b'{"id":"\xff"}', token)
    yield "too many levels", send(url, b"[" * 33 + b"]" * 33, token)
    yield "a list instead of an object", send(url, [with_id], token)
    yield "an unknown field, and a wrong type", send(url, {"colour": 1, "id": 2}, token)
    yield "a name twice", send(url, b'{"id":"a","id":"b"}', token)
    yield "a name in both spellings", send(url, {"caseId": "a", "case_id": "a"}, token)
    yield "two bodies", send(url, opening(id="a", planReviewed={}), token)
    yield "an unknown code", send(url, opening(actor={"role": "ROLE_KING"}), token)
    yield "no moment", send(url, opening(occurredAt="2021-03-01"), token)
    yield "a number out of range", send(url, opening(sequence=2**63), token)
    yield "a wrong value deep inside", send(url, {"planAgreed": {"actions": [{}, {"tailored": "yes"}]}}, token)
    yield "another key than the id", send(url, with_id, token, Idempotency_Key="v")
    yield "a key with a list", send(url, {"submissions": [with_id]}, token, Idempotency_Key="w")
    yield "an empty list", send(url, {"submissions": []}, token)
    yield "a list of 101", send(url, {"submissions": [with_id] * 101}, token)
    yield "something beside the list", send(url, {"submissions": [with_id], "id": "a"}, token)
    yield "a question behind the path", send(url + "?dryRun=true", with_id, token)
    yield "no token", send(url, with_id)
    yield "a token that is none", send(url, with_id, token[:-1] + ("a" if token[-1] != "a" else "b"))
    yield "a key without the right", send(url, with_id, other)
    yield "a source of another", send(url, opening(id="a", source="elsewhere"), token)
    yield "GET", send(url, None, token, method="GET")
    yield "not said to be JSON", send(url, with_id, token, Content_Type="text/plain")
    yield "nothing but {}", send(url, {}, token)
    yield "an unknown source", send(url, opening(id="a", source="nobody"), token)
    yield "an organisation of another", send(url, opening(id="a", actor={"role": "ROLE_LOCAL_TEAM", "organisation": "LT-GM1669"}), token)
    yield "an unknown case", send(url, about("c-none", "a"), token)
    send(url, opening(id="used"), token)
    yield "an id that was used", send(url, opening(id="used", occurredAt="2021-03-01T09:00:01Z"), token)
    yield "what looks like an address", send(url, opening(id="1234AB"), token)
    large = about("c-none", "a", planAgreed={"actions": [{"id": "A" * (64 << 10)}]})
    yield "a submission of more than 64 KiB", send(url, large, token)
    try:
        yield "a body of more than 1 MiB", send(url, b" " * (1 << 20) + b"{}", token)
    except (BrokenPipeError, ConnectionError, urllib.error.URLError):  # it stops reading, and the answer may be lost
        yield "a body of more than 1 MiB", (413, {}, None)


def table():
    """The rows of the page."""
    text = open(f"{ROOT}/docs/http-submissions.md").read().split("| input | status |")[1]
    rows = [[cell.strip(" `") for cell in line.strip().strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")]
    return {row[0]: tuple(re.sub(" +", " ", cell) for cell in row[1:4]) for row in rows if row[0] != "input"}


def check_table(url, token, other, rows):
    for name, answer in wrong_inputs(url, token, other):
        wanted, got = rows.pop(name, None), told(answer)
        count.check(f"{name}: as the page says", got == wanted, f"{got}, not {wanted}")
        if answer[2] is not None:
            titled = all(answer[2].get(k) for k in ("type", "title", "detail")) and all(v["text"] for v in answer[2].get("violations", []))
            count.check(f"{name}: has a title, a detail, and what to do", titled, answer[2])
        if answer[0] == 405:
            count.check(f"{name}: what is allowed", answer[1]["Allow"] == "POST", answer[1])


def figure(address, name):
    text = urllib.request.urlopen(address + "/metrics", timeout=30).read().decode()
    return float(re.search(rf"^doorbraak_{name}(?:{{[^}}]*}})? (\S+)$", text, re.M)[1])


def check_batches(base, url, token):
    before = figure(base, "commits_total")
    status, _, body = send(url, {"submissions": [opening(id=f"b-{i}") for i in range(100)]}, token)
    results = body["results"]
    count.check("a batch of 100 is accepted", status == 200 and [r["status"] for r in results] == [201] * 100, results[:3])
    count.check("in its order", [r["index"] for r in results] == list(range(100)) and
                [int(r["seq"]) for r in results] == sorted(int(r["seq"]) for r in results), results[:3])
    count.check("by one commit", figure(base, "commits_total") - before == 1, figure(base, "commits_total") - before)
    mixed = [opening(id="b-1"), opening(id=7), opening(id="b-x", source="elsewhere"), about("c-none", "b-y"), opening(id="b-100"),
             about(results[0]["caseId"], "b-z")]
    status, _, body = send(url, {"submissions": mixed}, token)
    results = [(r["status"], r.get("problem", {}).get("code")) for r in body["results"]]
    count.check("each of a batch by itself", results == [(200, None), (400, "malformed"), (403, "source"), (422, "rejected"), (201, None),
                                                         (201, None)], results)
    status, _, body = send(url, {"submissions": [opening(id=1)]}, token)
    count.check("a batch with nothing good", (status, body["results"][0]["status"]) == (200, 400), body)


def check_once(services, url, token):
    status, headers, first = send(url, opening(), token, Idempotency_Key='"k-1"')
    count.check("a key of a client is the id", status == 201 and first["caseId"].startswith("c-"), first)
    services.kill("intake")
    again = until(lambda: try_again(services.address("intake", "http"), opening(id="k-1"), token))
    count.check("answered is durable: after kill -9 it is a duplicate", again == (200, {**first, "duplicate": True}), (first, again))


def try_again(url, body, token):
    try:
        status, _, answer = send(url + "/v1/submissions", body, token)
    except (urllib.error.URLError, ConnectionError):
        return None
    return None if status == 503 else (status, answer)


def check_audit(services):
    lines = [json.loads(line) for line in services.tool("audit", "list", "--service", "intake", "--json").stdout.splitlines()]
    refused = [line for line in lines if "REFUSED" in json.dumps(line) and "/v1/submissions" in json.dumps(line)]
    count.check("what was refused to a key is written down", len(refused) >= 3, lines[-3:])


def check_full_disk(rows):
    """Intake alone, on a disk on which nothing may be kept."""
    data = f"{WORK}/full"
    program = subprocess.Popen([f"{BIN}/doorbraak-intake", f"--data={data}", f"--listen=ipc://{WORK}/full.door", "--http=127.0.0.1:0",
                                "--open-door=yes", "--disk-reserve=1000G"], stderr=open(f"{WORK}/full.log", "w"))
    try:
        address = until(lambda: re.search(r"http: (\S+)", open(f"{data}.address").read()) if os.path.exists(f"{data}.address") else None)
        answer = until(lambda: try_full(address[1] + "/v1/submissions")) if address else None
        count.check("a full disk: as the page says", answer and told(answer) == rows.pop("a full disk"), answer or open(f"{WORK}/full.log").read())
        count.check("a full disk: when to try again", answer and int(answer[1]["Retry-After"]) >= 1, answer and answer[1])
    finally:
        program.terminate()
        count.check("intake stops well", program.wait(30) == 0)


def try_full(url):
    try:
        return send(url, opening(id="a"))
    except (urllib.error.URLError, ConnectionError):
        return None


def main():
    rows = table()
    with Services(BIN, f"{WORK}/run", driven=False) as services:
        for source, roles in (("portal", "[LOCAL_TEAM]"), ("elsewhere", "[LOCAL_TEAM]")):
            services.tool("submit", "--message", "SourceRegistered", "--by", "ADMINISTRATOR@NAT-VWS", "--set", f"source={source}",
                          "--set", "organisations=[LT-GM0988]", "--set", f"roles={roles}")
        token, other = (re.search(r"dbk_[A-Za-z0-9_-]+", services.tool(
            "keys", "new", "--name", name, "--role", role, "--organisation", "LT-GM0988", *scopes).stdout)[0] for name, role, scopes in (
                ("portal", "SYSTEM", ["--scope", "source:portal", "--scope", "source:nobody"]), ("reader", "CHAIR", ["--scope", "region:JZ43"])))
        base = services.address("intake", "http")
        url = base + "/v1/submissions"
        known = until(lambda: send(url, {}, token)[0] == 422 and send(url, {}, other)[0] == 403, 30)
        count.check("new keys are read", known)
        check_table(url, token, other, rows)
        check_batches(base, url, token)
        check_once(services, url, token)
        check_audit(services)
    count.check("the services stop well", services.status == 0, services.status)
    check_full_disk(rows)
    count.check("every row of the page is tried", not rows, list(rows))


main()
remove(WORK)
count.end()
