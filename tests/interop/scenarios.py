#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Every scenario, published by a client in Python, by one in JavaScript and by one over HTTP against real services, leads to what `doorbraak play` leads
to: each answer of intake, and every record of all five journals, compared as JSON (case ids apart, which intake draws, and the order in which the
answers to one cause stand, which hangs on them).

    scenarios.py BIN [SCENARIO...]

The last line is `N passed, N failed[, N skipped]`."""
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from services import ROOT, ROW, Count, Services, generate_python, node_modules, remove, work_folder  # noqa: E402

BIN = os.path.abspath(sys.argv[1])
WORK = work_folder()
count = Count()
ID = re.compile(r"c-(?:[0-9a-z]{5}-){3}[0-9a-z]{5}")


def journal(services, name):
    """Every record of a service as it stands there."""
    import zmq
    from doorbraak.v1 import door_pb2 as door, journal_pb2 as journals
    records, question = [], door.Request(request_id=1, pull=door.PullRequest(no_wait=True))
    with zmq.Context.instance().socket(zmq.DEALER) as socket:
        socket.linger = 0
        socket.connect(services.address(name))
        while True:
            socket.send(question.SerializeToString())
            if not socket.poll(30000):
                raise RuntimeError(f"{name} gives no answer")
            pull = door.Reply.FromString(socket.recv()).pull
            if not pull.entries:
                return records
            records += [journals.JournalRecord.FromString(e.record) for e in pull.entries]
            question.pull.after.CopyFrom(pull.upto)


def in_order(records):
    """By cause; the answers to one cause by what they say. On a day on which several cases have something due, they come in the order
    of their ids, which are others each time."""
    def place(record):
        answer = record.get("answer", {})
        answer.pop("index", None)
        return int(record.get("intake", {}).get("seq", 0) or answer.get("cause", 0)), "answer" in record, json.dumps(record, sort_keys=True)
    return sorted(records, key=place)


def difference(services, record, ids):
    """The first record that is not as it was played; None: there is none."""
    from google.protobuf import json_format
    wanted = {name: [] for name in ROW}
    for line in open(record):
        if line.startswith('{"service"'):
            said = json.loads(ID.sub(lambda m: ids.get(m[0], m[0]), line))
            wanted[said["service"]].append(said["record"])
    if not services.settled(len(wanted["intake"])):
        return f"monitoring does not come to record {len(wanted['intake'])} of intake"
    for name in ROW:
        got = journal(services, name)
        is_so = in_order(map(json_format.MessageToDict, got))
        for i, (is_, should) in enumerate(zip(is_so, in_order(wanted[name]))):
            if is_ != should:
                return f"{name} {i + 1}: {json.dumps(is_, sort_keys=True)[:700]}, not {json.dumps(should, sort_keys=True)[:700]}"
        if len(got) != len(wanted[name]):
            return f"{name} has {len(got)} records, not {len(wanted[name])}"
    return None


def publish(language, scenario):
    run, ids = os.path.join(WORK, f"{language[:2]}-{scenario}"), os.path.join(WORK, f"{language}-{scenario}.ids")
    record = os.path.join(WORK, "record", f"{scenario}.jsonl")
    program = {"Python": ["/usr/bin/python3", "say_again.py"], "JavaScript": ["node", "say_again.js"],
               "HTTP": ["/usr/bin/python3", "say_again_http.py"]}[language]
    environment = dict(os.environ, PYTHONPATH=f"{WORK}/python", NODE_PATH=modules or "", PROTO_DIR=f"{ROOT}/proto")
    try:
        with Services(BIN, run, open_door=language == "HTTP") as services:
            doors = [services.address("intake")] + ([services.address("intake", "http")] if language == "HTTP" else [])
            said = subprocess.run([program[0], f"{ROOT}/tests/interop/{program[1]}", *doors, record, ids],
                                  env=environment, capture_output=True, text=True, timeout=300)
            found = said.stderr + said.stdout if said.returncode != 0 else difference(services, record, json.load(open(ids)))
        if found is None and services.status != 0:
            found = "the services do not stop well"
    except Exception as trouble:  # of this scenario; the others go on
        found = f"{type(trouble).__name__}: {trouble}"
    remove(run)
    return language, scenario, found


os.makedirs(f"{WORK}/record")
generate_python(f"{WORK}/python")
modules = node_modules("zeromq@6.8.0", "protobufjs@8.8.1")
files = sys.argv[2:] or sorted(glob.glob(f"{ROOT}/tests/scenarios/*.yaml"))
played = subprocess.run([f"{BIN}/doorbraak", "play", "--in-process", "--record", f"{WORK}/record", *files], capture_output=True, text=True)
count.check("the scenarios are played", played.returncode == 0, played.stdout + played.stderr)
names = sorted(f[:-6] for f in os.listdir(f"{WORK}/record"))
count.check("each has a record", len(names) == len(files), names)
languages = ["Python", "HTTP"] + (["JavaScript"] if modules else [])
if not modules:
    count.skip("JavaScript: npm, or what it installs, is not there")
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for language, scenario, found in pool.map(lambda at: publish(*at), [(l, s) for s in names for l in languages]):
        count.check(f"{scenario} in {language}", found is None, found)
remove(WORK)
count.end()
