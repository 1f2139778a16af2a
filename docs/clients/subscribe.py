#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Follows case states, and goes on where it was: subscribe.py MONITORING_DOOR CURSOR_FILE TOPIC..."""
import os, sys, zmq
from doorbraak.v1 import codes_pb2 as codes, door_pb2 as door, journal_pb2 as journal
socket = zmq.Context().socket(zmq.DEALER)
socket.immediate = True  # sending waits for a connection
socket.connect(sys.argv[1])
question = door.Request(request_id=1, pull=door.PullRequest(topics=sys.argv[3:]))
with open(sys.argv[2], "ab+") as file:
    question.pull.after.ParseFromString(file.seek(0) or file.read())  # empty at first: from the very start
while True:
    socket.send(question.SerializeToString())
    reply = door.Reply.FromString(socket.recv()) if socket.poll(1000) else door.Reply()
    if reply.WhichOneof("body") == "refused":
        sys.exit(str(reply))  # the place is one in another history: begin anew
    if reply.request_id == question.request_id:  # else nothing yet, or an answer that came twice: ask again
        for entry in reply.pull.entries:
            state = journal.JournalRecord.FromString(entry.record).answer.case_state
            if state.case_id:
                print(entry.seq, state.case_id, codes.CaseState.Name(state.state), "owner", state.owner, flush=True)
        question = door.Request(request_id=reply.request_id + 1, pull=door.PullRequest(topics=sys.argv[3:], after=reply.pull.upto))
        with open(sys.argv[2] + ".new", "wb") as file:  # keep the place with what you did with the records
            file.write(reply.pull.upto.SerializeToString())
        os.replace(file.name, sys.argv[2])
