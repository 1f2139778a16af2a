#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Submits a case and follows its state: submit_and_follow.py INTAKE_DOOR MONITORING_DOOR [HOW_MANY_STATES]"""
import sys, uuid, zmq
from doorbraak.v1 import codes_pb2 as codes, door_pb2 as door, journal_pb2 as journal, submission_pb2 as submission

def ask(socket, request):  # again and again until there is an answer: nothing counts twice
    while True:
        socket.send(request.SerializeToString())
        if socket.poll(15000):
            return door.Reply.FromString(socket.recv())

def open_door(address):
    socket = zmq.Context.instance().socket(zmq.REQ)
    socket.setsockopt(zmq.REQ_RELAXED, 1)    # it may ask again without an answer,
    socket.setsockopt(zmq.REQ_CORRELATE, 1)  # and a late answer is dropped
    socket.connect(address)
    return socket

message = submission.Submission(source="portal", id=str(uuid.uuid4()))
message.occurred_at.GetCurrentTime()
message.actor.role, message.actor.organisation = codes.ROLE_LOCAL_TEAM, "LT-GM1669"
message.case_submitted.municipality = "GM1669"
message.case_submitted.submitter = codes.SUBMITTER_KIND_LOCAL_TEAM
message.case_submitted.asks = codes.ASK_PROCESS_DIRECTION
reply = ask(open_door(sys.argv[1]), door.Request(submit=door.SubmitRequest(submission=message.SerializeToString())))
if reply.WhichOneof("body") != "accepted":
    sys.exit(str(reply))  # rejected: every violation; refused: why, and when to try again
print("accepted", reply.accepted.case_id, "as record", reply.accepted.seq, flush=True)

monitoring, told, wanted = open_door(sys.argv[2]), 0, int(sys.argv[3]) if len(sys.argv) > 3 else 0
question = door.Request(pull=door.PullRequest(topics=["case/" + reply.accepted.case_id]))
while not wanted or told < wanted:
    pull = ask(monitoring, question).pull
    for entry in pull.entries:
        state = journal.JournalRecord.FromString(entry.record).answer.case_state
        print(codes.CaseState.Name(state.state), "owner", state.owner, "next", state.next.due, flush=True)
        told += 1
    question.pull.after.CopyFrom(pull.upto)  # keep it to go on after a restart
