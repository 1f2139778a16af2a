#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Opens a case: publish.py INTAKE_DOOR ID SECONDS. The same id and moment again count once: the answer is that of the first time."""
import sys, zmq
from doorbraak.v1 import codes_pb2 as codes, door_pb2 as door, submission_pb2 as submission

case = submission.Submission(source="portal", id=sys.argv[2])
case.occurred_at.FromSeconds(int(sys.argv[3]))  # when it happened: kept with the id
case.actor.role, case.actor.organisation = codes.ROLE_LOCAL_TEAM, "LT-GM1669"
case.case_submitted.municipality = "GM1669"
case.case_submitted.submitter, case.case_submitted.asks = codes.SUBMITTER_KIND_LOCAL_TEAM, codes.ASK_PROCESS_DIRECTION

socket = zmq.Context().socket(zmq.DEALER)
socket.immediate = True  # sending waits for a connection
socket.linger = 0
socket.connect(sys.argv[1])
question = door.Request(submit=door.SubmitRequest(submission=case.SerializeToString()))
reply = door.Reply()
while reply.WhichOneof("body") is None or reply.refused.retry_after_ms:  # no answer, or not now: hand in the same again
    socket.send(question.SerializeToString())
    if socket.poll(reply.refused.retry_after_ms or 1000):
        reply = door.Reply.FromString(socket.recv())
if reply.WhichOneof("body") != "accepted":
    sys.exit(str(reply))  # rejected: all that is wrong; refused: why
print("accepted: case", reply.accepted.case_id, "record", reply.accepted.seq, *["again"] * reply.accepted.duplicate)
