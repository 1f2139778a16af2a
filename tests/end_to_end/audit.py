#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""The access log of a service that runs, and what somebody with the disk in hands may do to it: an edited record, a tail cut off, a log
written anew. `audit verify` names the first bad record, and checkpoints show what a chain cannot. Ends with `N passed, N failed`.

    audit.py BIN"""
import csv
import io
import json
import os
import re
import shutil
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from services import Count, Services, remove, work_folder  # noqa: E402

BIN, WORK = os.path.abspath(sys.argv[1]), work_folder()
RUN, SIGNED, ACCESS = f"{WORK}/run", f"{WORK}/signed", f"{WORK}/run/monitoring/access"
count = Count()


def look(services, times):
    base = services.address("monitoring", "http")
    for i in range(times):
        request = urllib.request.Request(f"{base}/v1/cases?limit={i % 3 + 1}", headers={"Purpose": "QUALITY"})
        urllib.request.urlopen(request, timeout=30).read()


def verify(services, *more):
    return services.tool("audit", "verify", "--service", "monitoring", *more, status=None)


def signed(services, folder=None):
    return verify(services, "--checkpoints", folder or SIGNED, "--public-key", f"{WORK}/keys/audit.public")


def with_services(work):
    with Services(BIN, RUN, driven=False, open_door=True) as services:
        done = work(services)
    count.check("the services stop well", services.status == 0, services.status)
    return done


def check_export(services):
    look(services, 3)
    rows = list(csv.DictReader(io.StringIO(services.tool("audit", "export", "--service", "monitoring").stdout)))
    cases = [row for row in rows if row["access_point"] == "/v1/cases"]
    count.check("who looked, as CSV", len(cases) >= 3 and all(
        (row["event"], row["action"], row["outcome"], row["object_class"], row["purpose"], row["emergency"]) ==
        ("SEARCH", "R", "ANSWERED", "CASE", "QUALITY", "no") for row in cases), rows[-1:])
    again = [json.loads(line) for line in services.tool("audit", "export", "--service", "monitoring", "--json").stdout.splitlines()]
    count.check("reading the log is in the log", sum(row["event"] == "READ_ACCESS_LOG" for row in again) >= 1, again[-1:])
    day = again[0]["moment"][:10]
    none = services.tool("audit", "export", "--service", "monitoring", "--json", "--to", "2001-01-01").stdout
    some = services.tool("audit", "export", "--service", "monitoring", "--json", "--from", f"{int(day[:4]) - 1}-01-01").stdout
    count.check("by days", none == "" and some != "", (none, some))
    count.check("by organisation", services.tool("audit", "export", "--json", "--organisation", "ET-JZ32").stdout == "")


def check_attacks(kept):
    """`kept`: the log as it was earlier. The services are stopped between the attacks."""
    whole = f"{WORK}/whole"
    shutil.copytree(ACCESS, whole)
    away = f"{WORK}/away"  # where who changes the log cannot come
    shutil.copytree(SIGNED, away)

    def put(folder):
        shutil.rmtree(ACCESS)
        shutil.copytree(folder, ACCESS)

    text = bytearray(open(f"{ACCESS}/data.mdb", "rb").read())
    at = text.rindex(b"/v1/cases")
    text[at + 4:at + 9] = b"caves"
    open(f"{ACCESS}/data.mdb", "wb").write(text)
    edited = with_services(verify)
    count.check("an edited record is named", edited.returncode == 1 and re.search(r"record \d+ of the access log does not follow", edited.stderr), edited)
    put(kept)
    cut, plain = with_services(lambda s: (signed(s, away), verify(s)))
    later = with_services(signed)
    count.check("so does a service that signs less than before", "it was cut short, or a line was put elsewhere" in later.stderr, later)
    count.check("a tail that was cut off shows by checkpoints", cut.returncode == 1 and "was signed: it was cut short" in cut.stderr, cut)
    count.check("and only by them", plain.returncode == 0, plain)
    shutil.rmtree(ACCESS)

    def write_anew(services):
        look(services, 60)
        return signed(services, away)

    os.environ.pop("DOORBRAAK_AUDIT_KEY")
    anew = with_services(write_anew)
    os.environ["DOORBRAAK_AUDIT_KEY"] = f"{WORK}/keys/audit.secret"
    count.check("a log written anew shows", anew.returncode == 1 and "it was written anew" in anew.stderr, anew)
    put(whole)
    lines = open(f"{away}/monitoring.checkpoints").read().splitlines(True)
    open(f"{away}/monitoring.checkpoints", "w").writelines([re.sub(r" \d+ ", " 1 ", lines[0], count=1)] + lines[1:])
    forged = with_services(lambda s: signed(s, away))
    count.check("a checkpoint that was changed is named with its line",
                forged.returncode == 1 and "monitoring.checkpoints:1: was not signed by this key" in forged.stderr, forged)
    open(f"{away}/monitoring.checkpoints", "w").writelines(lines)
    fine = with_services(lambda s: signed(s, away))
    count.check("the log as it was is fine again", fine.returncode == 0, fine)


def main():
    os.mkdir(SIGNED)
    os.environ["DOORBRAAK_AUDIT_KEY"], os.environ["DOORBRAAK_CHECKPOINTS"] = f"{WORK}/keys/audit.secret", SIGNED
    os.system(f"{BIN}/doorbraak audit keygen {WORK}/keys >/dev/null")
    count.check("the secret is for its owner", os.stat(f"{WORK}/keys/audit.secret").st_mode & 0o777 == 0o400)
    count.check("a key is never written over", os.system(f"{BIN}/doorbraak audit keygen {WORK}/keys >/dev/null 2>&1") >> 8 == 2)
    with_services(check_export)
    shutil.copytree(ACCESS, f"{WORK}/earlier")

    def more(services):
        look(services, 20)
        done = signed(services)
        count.check("checkpoints agree with the log", done.returncode == 0 and re.search(r"[1-9]\d* checkpoints", done.stdout), done)

    with_services(more)
    check_attacks(f"{WORK}/earlier")


try:
    main()
finally:
    remove(WORK)
count.end()
