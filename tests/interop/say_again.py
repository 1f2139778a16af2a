#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Says again, over ZeroMQ, what `doorbraak play --record` wrote down, each message made anew in Python, and compares each answer.

    say_again.py INTAKE_DOOR RECORD IDS     (PYTHONPATH: the contract in Python)

Intake gives out other case ids: IDS becomes a JSON object of those in the record and those given. Status 1: an answer differs."""
import json
import re
import sys

import zmq
from google.protobuf import json_format
from doorbraak.v1 import door_pb2 as door, submission_pb2 as submission

address, record, ids_file = sys.argv[1:]
ids, wrong = {}, 0
socket = zmq.Context().socket(zmq.DEALER)
socket.immediate, socket.linger = True, 0
socket.connect(address)


def with_ids(text):
    return re.sub(r"c-(?:[0-9a-z]{5}-){3}[0-9a-z]{5}", lambda m: ids.get(m[0], m[0]), text)


def ask(request):
    for again in range(60):
        socket.send(request.SerializeToString())
        if socket.poll(1000):
            return door.Reply.FromString(socket.recv())
    sys.exit("intake gives no answer")


for line in open(record):
    said = json.loads(line)
    if "request" not in said:
        break
    request = json_format.ParseDict(said["request"], door.Request())
    if request.WhichOneof("body") == "submit":
        message = submission.Submission.FromString(request.submit.submission)
        raw = with_ids(request.submit.submission.decode("latin-1")).encode("latin-1")
        made = json_format.Parse(with_ids(json_format.MessageToJson(message)), submission.Submission()).SerializeToString()
        request.submit.submission = made if len(made) == len(raw) else raw  # one with a field outside the contract, to be rejected
    reply = json_format.MessageToDict(ask(request))
    wanted = said["reply"]
    if "accepted" in reply and "accepted" in wanted and "caseId" in wanted["accepted"]:
        ids.setdefault(wanted["accepted"]["caseId"], reply["accepted"].get("caseId"))
    if reply != json.loads(with_ids(json.dumps(wanted))):
        wrong += 1
        print(f"answered {json.dumps(reply)[:300]}, not {json.dumps(wanted)[:300]}, to {json.dumps(said['request'])[:200]}")
json.dump(ids, open(ids_file, "w"))
sys.exit(wrong > 0)
