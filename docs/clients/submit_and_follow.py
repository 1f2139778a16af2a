#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Submits a case and follows its state until it is closed: submit_and_follow.py INTAKE_DOOR MONITORING_DOOR [--once]"""
import sys, uuid, zmq
from doorbraak.v1 import codes_pb2 as codes, door_pb2 as door, journal_pb2 as journal, submission_pb2 as submission

def ask(address, **body):
    with zmq.Context.instance().socket(zmq.DEALER) as socket:
        socket.connect(address)
        while True:  # nothing counts twice: ask the same again until there is an answer
            socket.send(door.Request(**body).SerializeToString())
            if socket.poll(15000):
                return door.Reply.FromString(socket.recv())

case = submission.Submission(source="portal", id=str(uuid.uuid4()))
case.occurred_at.GetCurrentTime()
case.actor.role, case.actor.organisation = codes.ROLE_LOCAL_TEAM, "LT-GM1669"
case.case_submitted.municipality = "GM1669"
case.case_submitted.submitter, case.case_submitted.asks = codes.SUBMITTER_KIND_LOCAL_TEAM, codes.ASK_PROCESS_DIRECTION
reply = ask(sys.argv[1], submit=door.SubmitRequest(submission=case.SerializeToString()))
if reply.WhichOneof("body") != "accepted":
    sys.exit(str(reply))  # rejected: all that is wrong; refused: why, and when to try again
print("accepted: case", reply.accepted.case_id, "record", reply.accepted.seq, flush=True)

state, question = None, door.PullRequest(topics=["case/" + reply.accepted.case_id])
while state is None or not (state.state == codes.CASE_STATE_CLOSED or "--once" in sys.argv):
    pull = ask(sys.argv[2], pull=question).pull
    for entry in pull.entries:
        state = journal.JournalRecord.FromString(entry.record).answer.case_state
        print(codes.CaseState.Name(state.state), "owner", state.owner, "next", state.next.due, flush=True)
    question.after.CopyFrom(pull.upto)  # who keeps this place goes on behind it after a restart
