#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Says again, over HTTP with nothing but urllib, what `doorbraak play --record` wrote down, and compares each answer. Time is moved
over ZeroMQ: that is for a driven clock only, and not for clients.

    say_again_http.py INTAKE_DOOR INTAKE_URL RECORD IDS     (PYTHONPATH: the contract in Python)

Intake gives out other case ids: IDS becomes a JSON object of those in the record and those given. Status 1: an answer differs."""
import json
import re
import sys
import urllib.error
import urllib.request

import zmq
from google.protobuf import json_format
from doorbraak.v1 import door_pb2 as door, submission_pb2 as submission

address, url, record, ids_file = sys.argv[1:]
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
            return json_format.MessageToDict(door.Reply.FromString(socket.recv()))
    sys.exit("intake gives no answer")


def move(moment):
    reply = ask(door.Request(request_id=1, clock=door.ClockRequest(now=moment)))
    return "clock" in reply


def post(text, key):
    request = urllib.request.Request(url + "/v1/submissions", text.encode(),
                                     {"Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def camel(path):
    return re.sub("_([a-z])", lambda m: m[1].upper(), path)


def is_told(status, body, reply):
    """Is this what HTTP makes of a reply of the door? A value that the contract does not have is no JSON of it: then the
    sentence is another."""
    if "accepted" in reply:
        return status == (200 if reply["accepted"].get("duplicate") else 201) and body == reply["accepted"]
    wanted = [(v["reason"][7:], camel(v.get("field", "")), v["text"]) for v in reply["rejected"]["violations"]]
    got = [(v["code"], camel(v["field"]), v["text"]) for v in body.get("violations", [])]
    return got == wanted if status == 422 else status == 400 and [v[:2] for v in got] == [v[:2] for v in wanted]


# Each way in which the mapping may be written, one after the other.
VARIANTS = [{}, {"preserving_proto_field_name": True}, {"use_integers_for_enums": True}, {"including_default_value_fields": True}]

for number, line in enumerate(open(record)):
    said, status, body, made = json.loads(line), None, None, None
    if "request" not in said:
        break
    request = json_format.ParseDict(said["request"], door.Request())
    wanted = json.loads(with_ids(json.dumps(said["reply"])))
    if request.WhichOneof("body") != "submit":
        is_so = ask(request) == wanted
    else:
        if request.submit.HasField("now") and not move(request.submit.now):
            sys.exit("the clock does not move")
        message = submission.Submission.FromString(request.submit.submission)
        known = json_format.Parse(json_format.MessageToJson(message), submission.Submission())
        strange = known.SerializeToString() != request.submit.submission
        made = json.loads(with_ids(json_format.MessageToJson(message, **VARIANTS[number % len(VARIANTS)])))
        key = made.pop("id", None) if number % 2 == 0 else None
        if strange:  # with a field outside the contract, to be rejected
            made["outsideTheContract"] = 1
        status, body = post(json.dumps(made), key)
        if "accepted" in said["reply"] and "caseId" in said["reply"]["accepted"] and status < 300:
            ids.setdefault(said["reply"]["accepted"]["caseId"], body.get("caseId"))
            wanted = json.loads(with_ids(json.dumps(said["reply"])))
        is_so = "rejected" in wanted and status == 400 if strange else is_told(status, body, wanted)
    if not is_so:
        wrong += 1
        print(f"answered {status} {json.dumps(body)[:400]}, not {json.dumps(wanted)[:400]}, to {json.dumps(made)[:300]}")
json.dump(ids, open(ids_file, "w"))
sys.exit(wrong > 0)
