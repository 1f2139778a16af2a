#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Erasure in services that run: of 100 youths 50 are erased; a raw search through the folders of all five, their access logs, logs and
the list of erasures finds none of those and all of the others; `verify` still agrees; a store put back from before erases them again.
Ends with `N passed, N failed`.

    erase.py BIN"""
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from services import Count, Services, remove, until, work_folder  # noqa: E402

BIN, WORK = os.path.abspath(sys.argv[1]), work_folder()
RUN, CASES = f"{WORK}/run", 100
count = Count()


def key(i):
    return f"canary-{i:04d}-q7wzk4n2hp"


def opening(i, again=""):
    return {"source": "portal", "id": f"m-{i}{again}", "actor": {"role": "LOCAL_TEAM", "organisation": "LT-GM0988"},
            "occurred_at": "2026-01-05T10:00:00Z",
            "case_submitted": {"municipality": "GM0988", "submitter": "PARENT", "asks": "CONSULTATION", "youth_key": key(i)}}


def found(folder):
    """Which keys stand in any file below."""
    keys = set()
    for here, _, names in os.walk(folder):
        for name in names:
            try:
                text = open(os.path.join(here, name), "rb").read()
            except (FileNotFoundError, OSError):
                continue
            keys |= {int(i) for i in re.findall(rb"canary-(\d{4})-q7wzk4n2hp", text)}
    return keys


def pending(services):
    line = services.tool("health", "--service", "intake", "--json", status=None).stdout.splitlines()[0]
    return int(json.loads(line)["status"].get("erasures_pending", 0))


def submit(services, items):
    path = f"{WORK}/items.jsonl"
    with open(path, "w") as file:
        file.writelines(json.dumps(item) + "\n" for item in items)
    lines = [json.loads(line) for line in services.tool("submit", "--json", path).stdout.splitlines()]
    return [line for line in lines if "case_id" in line or "caseId" in line or "case" in line]


def case_ids(services):
    cases = {}
    for line in services.tool("journal", "intake", "--json").stdout.splitlines():
        for source_id, case in re.findall(r'"id":"(m-\d+)".*?"case_id":"(c-[^"]+)"', line) or re.findall(
                r'"case_id":"(c-[^"]+)".*?"id":"(m-\d+)"', line):
            cases[source_id] = case
    return [cases[f"m-{i}"] for i in range(CASES)]


def put_back(folder):
    """Intake alone, on a store from before."""
    log = f"{WORK}/back.log"
    program = subprocess.Popen([f"{BIN}/doorbraak-intake", f"--data={folder}/intake", f"--listen=ipc://{WORK}/back.door",
                                "--http=127.0.0.1:0", f"--erasures={RUN}/intake.erasures", "--erase-within=60", "--log=json"],
                               stderr=open(log, "w"))
    try:
        gone = until(lambda: found(f"{folder}/intake").isdisjoint(range(0, CASES, 2)), 60)
        count.check("a store put back erases them again", gone, open(log).read()[-1500:])
        count.check("and says how many", re.search(r'"event":"erased_again".*"cases":"?50', open(log).read()), open(log).read()[-1500:])
        count.check("and only them", found(f"{folder}/intake") == set(range(1, CASES, 2)))
    finally:
        program.terminate()
        count.check("intake stops well", program.wait(30) == 0)


def check_erasure(services):
    cases = case_ids(services)
    one = services.tool("erase", cases[0], "--ground", "COURT_ORDER", status=None)
    count.check("a case that is open is not erased just so", one.returncode == 1 and "is open" in one.stderr, one)
    one = services.tool("erase", "c-never-heard-of-it", "--ground", "COURT_ORDER", status=None)
    count.check("nor one that nobody knows", one.returncode == 1 and "UNKNOWN_CASE" in one.stderr, one)
    count.check("they stand in intake's files", found(RUN) == set(range(CASES)), len(found(RUN)))
    done = services.tool("erase", *cases[::2], "--ground", "COURT_ORDER", "--open", "--wait", "60")
    count.check("fifty are erased, and left the file", done.stdout.count("erased  c-") == 50 and "nothing of it is left" in done.stdout, done)
    left = found(RUN)
    count.check("no trace of the fifty in any file", left.isdisjoint(range(0, CASES, 2)), sorted(left))
    count.check("the others are there", left == set(range(1, CASES, 2)), len(left))
    lines = open(f"{RUN}/intake.erasures").read().splitlines()
    count.check("the list of erasures has them", [line.split()[1:] for line in lines] == [[c, "COURT_ORDER"] for c in cases[::2]], lines[:2])
    figures = urllib.request.urlopen(services.address("intake", "http") + "/metrics", timeout=30).read().decode()
    count.check("and the figures", re.search(r"^doorbraak_erasures_pending(\{.*\})? 0$", figures, re.M) and
                re.search(r"^doorbraak_erasures_total(\{.*\})? 50$", figures, re.M), figures[:200])
    services.tool("verify")
    submit(services, [opening(0, "-again"), opening(1, "-again")])
    return cases


def main():
    os.environ["DOORBRAAK_ERASE_WITHIN"] = "60"
    with Services(BIN, RUN, driven=False) as services:
        services.tool("submit", "--message", "SourceRegistered", "--by", "ADMINISTRATOR@NAT-VWS", "--set", "source=portal", "--set",
                      "organisations=[LT-GM0988]", "--set", "roles=[LOCAL_TEAM]")
        services.tool("registry", "adopt", "--shipped")
        services.tool("policy", "adopt", "--shipped")
        submit(services, [opening(i) for i in range(CASES)])
    before = found(RUN)
    count.check("all are there", before == set(range(CASES)), len(before))
    shutil.copytree(RUN, f"{WORK}/before")
    with Services(BIN, RUN, driven=False) as services:
        until(lambda: services.settled(CASES))
        check_erasure(services)
        services.kill("intake")
        until(lambda: services.tool("health", status=None).returncode == 0)
        count.check("after kill -9 nothing comes back but what came in again", until(lambda: found(RUN) == set(range(1, CASES, 2)) | {0}),
                    len(found(RUN)))
        services.tool("verify")
    count.check("the services stop well", services.status == 0, services.status)
    put_back(f"{WORK}/before")


try:
    main()
finally:
    remove(WORK)
count.end()
