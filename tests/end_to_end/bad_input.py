#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Sends bad input to services that run, as docs/protocol.md lists it, and looks at what happens. Ends with
`N passed, N failed`.

    bad_input.py RUN_FOLDER FOLDER_OF_GENERATED_PYTHON

Needs a registry, a policy, and the source `portal` for LT-GM1669 as LOCAL_TEAM and ET-JZ32 as CHAIR."""
import sys
import time
import uuid

import zmq

sys.path.insert(0, sys.argv[2])
from doorbraak.v1 import codes_pb2 as codes, door_pb2 as door, journal_pb2 as journal, submission_pb2 as submission  # noqa: E402

WAIT_MS = 10000
context = zmq.Context()
failed = passed = 0


def address(service):
    for line in open(f"{sys.argv[1]}/{service}.address"):
        if line.startswith("door: "):
            return line[6:].strip()


def send(frames, service="intake", wait_ms=WAIT_MS):
    with context.socket(zmq.DEALER) as socket:
        socket.linger = 0
        socket.connect(address(service))
        socket.send_multipart(frames)
        return door.Reply.FromString(socket.recv_multipart()[-1]) if socket.poll(wait_ms) else None


def ask(service="intake", wait_ms=WAIT_MS, **body):
    return send([door.Request(request_id=1, **body).SerializeToString()], service, wait_ms)


def submit(message, **more):
    raw = message if isinstance(message, bytes) else message.SerializeToString()
    return ask(submit=door.SubmitRequest(submission=raw, **more))


def told(reply):
    """The answer in words: `rejected MALFORMED case_id`, `refused TOO_LARGE`, `accepted`."""
    if reply is None:
        return "nothing"
    kind = reply.WhichOneof("body")
    if kind == "rejected":
        fields = [v.field for v in reply.rejected.violations]
        return f"rejected {codes.Reason.Name(reply.rejected.reason)[7:]} {fields[0]}".strip()
    if kind == "refused":
        return f"refused {door.RefusedReason.Name(reply.refused.reason)[15:]}"
    return "accepted duplicate" if kind == "accepted" and reply.accepted.duplicate else kind


def expect(name, reply, wanted):
    global passed, failed
    is_so = told(reply) == wanted
    passed, failed = passed + is_so, failed + (not is_so)
    print(f"ok    {name}: {wanted}" if is_so else f"FAIL  {name}: {told(reply)}, wanted {wanted}")


def message(role=codes.ROLE_LOCAL_TEAM, organisation="LT-GM1669", source="portal", case_id=""):
    m = submission.Submission(source=source, id=str(uuid.uuid4()), case_id=case_id)
    m.occurred_at.GetCurrentTime()
    m.actor.role, m.actor.organisation = role, organisation
    return m


def case(**who):
    m = message(**who)
    m.case_submitted.municipality = "GM1669"
    m.case_submitted.submitter, m.case_submitted.asks = codes.SUBMITTER_KIND_LOCAL_TEAM, codes.ASK_PROCESS_DIRECTION
    return m


def changed(change, m=None):
    m = m or case()
    change(m)
    return m


def administrator():
    return message(codes.ROLE_ADMINISTRATOR, "NAT-VWS", "operator")


def the_door():
    expect("bytes that are no request", send([b"\xff\xff\xff"]), "refused MALFORMED_REQUEST")
    expect("a request without a body", send([b""]), "refused MALFORMED_REQUEST")
    expect("several frames", send([b"", b"x", b"y"]), "refused MALFORMED_REQUEST")
    big = door.SubmitRequest(submission=b"a" * ((1 << 20) + 4200))
    expect("a large request", ask(submit=big), "refused TOO_LARGE")
    expect("a large frame", send([b"a" * 1500000], wait_ms=500), "nothing")
    expect("a submission at triage", ask("triage", submit=door.SubmitRequest()), "refused WRONG_SERVICE")
    expect("cases at routing", ask("routing", cases=door.CasesRequest()), "refused WRONG_SERVICE")
    expect("a snapshot at routing", ask("routing", pull=door.PullRequest(**{"from": door.PULL_FROM_SNAPSHOT})),
           "refused WRONG_SERVICE")
    expect("too many topics", ask(pull=door.PullRequest(topics=["a"] * 17)), "refused TOO_LARGE")
    expect("time from outside", submit(case(), now={"seconds": 1700000000}), "refused TIME_FROM_OUTSIDE")
    other = door.Cursor(history=b"1" * 16, seq=1, digest=b"2" * 32)
    expect("a cursor of another history", ask(pull=door.PullRequest(after=other)), "refused HISTORY_UNKNOWN")
    head = ask(status=door.StatusRequest()).status.head
    head.digest = b"3" * 32
    expect("another digest", ask(pull=door.PullRequest(after=head)), "refused DIGEST_DIFFERS")
    head.seq += 1000
    expect("a cursor beyond the head", ask(pull=door.PullRequest(after=head)), "refused CURSOR_AHEAD")


def submissions():
    expect("bytes that are no submission", submit(b"\xff\xff"), "rejected MALFORMED")
    expect("a large submission", submit(changed(lambda m: setattr(m, "id", "x" * 70000))), "rejected MALFORMED")
    expect("text that is not UTF-8", submit(b"\x0a\x02\xff\xfe" + case().SerializeToString()), "rejected MALFORMED source")
    expect("an unknown field", submit(case().SerializeToString() + b"\xf8\x7f\x01"), "rejected FORBIDDEN_CONTENT")
    expect("an unknown code", submit(changed(lambda m: setattr(m.case_submitted, "asks", 99))),
           "rejected UNKNOWN_CODE case_submitted.asks")
    expect("a name where a code belongs", submit(changed(lambda m: setattr(m.case_submitted, "municipality", "Roermond"))),
           "rejected MALFORMED case_submitted.municipality")
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)  # the eleven test
    looks = next(n for n in map(str, range(100000000, 100000100)) if sum(int(c) * w for c, w in zip(n, weights)) % 11 == 0)
    expect("what looks like a citizen number", submit(changed(lambda m: setattr(m.case_submitted, "youth_key", looks))),
           "rejected FORBIDDEN_CONTENT case_submitted.youth_key")
    expect("an unknown sender", submit(case(source="nobody")), "rejected UNKNOWN_SOURCE source")
    expect("for another organisation", submit(case(organisation="LT-GM0505")), "rejected SENDER_NOT_ALLOWED actor.organisation")
    expect("in another role", submit(case(role=codes.ROLE_MUNICIPALITY)), "rejected SENDER_NOT_ALLOWED actor.role")
    expect("in the future", submit(changed(lambda m: setattr(m.occurred_at, "seconds", m.occurred_at.seconds + 400))),
           "rejected OCCURRED_IN_FUTURE occurred_at")
    expect("in 1970", submit(changed(lambda m: setattr(m.occurred_at, "seconds", 1))), "rejected MALFORMED occurred_at")
    expect("without a message", submit(message()), "rejected MISSING_FIELD body")


def cases():
    first = case()
    reply = submit(first)
    expect("a case", reply, "accepted")
    expect("the same again", submit(first), "accepted duplicate")
    first.case_submitted.urgent = True
    expect("the same id, other content", submit(first), "rejected ID_REUSED id")
    mine = reply.accepted.case_id
    review = message(case_id=mine)
    review.plan_reviewed.SetInParent()
    expect("a role that may not publish this", submit(review), "rejected SENDER_NOT_ALLOWED actor.role")
    meeting = message(codes.ROLE_CHAIR, "ET-JZ32", case_id=mine)
    meeting.meeting_scheduled.meeting_on = "2026-02-30"
    expect("30 February", submit(meeting), "rejected MALFORMED meeting_scheduled.meeting_on")
    works = message(case_id="c-00000-00000-00000-00000")
    works.help_effective_confirmed.asked.append(codes.PERSON_PARENT)
    expect("a case that does not exist", submit(works), "rejected UNKNOWN_CASE case_id")
    works.case_id = mine
    reply = submit(works)
    expect("not valid in this state", reply, "accepted")
    return mine, reply.accepted.seq


def rejected_by_routing(case_id, cause):
    """Routing's answer to a message that does not fit, from its journal."""
    question = door.PullRequest(topics=["case/" + case_id])
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        reply = ask("routing", wait_ms=2000, pull=question)
        for entry in reply.pull.entries if reply else []:
            answer = journal.JournalRecord.FromString(entry.record).answer
            if answer.cause == cause and answer.WhichOneof("body") == "message_rejected":
                return codes.Reason.Name(answer.message_rejected.reason)[7:]
        if reply:
            question.after.CopyFrom(reply.pull.upto)
    return "nothing"


def administration():
    m = administrator()
    m.registry_adopted.version, m.registry_adopted.valid_from = "9.9.9", "2090-01-01"
    m.registry_adopted.rows.add(row=codes.REGISTRY_ROW_KIND_MUNICIPALITY, municipality="GM1669", region="JZ99")
    expect("a registry with a gap", submit(m), "rejected UNKNOWN_CODE registry_adopted.rows[0].region")
    m = administrator()
    m.policy_adopted.version, m.policy_adopted.valid_from, m.policy_adopted.region = "9.9.9", "2090-01-01", "JZ42"
    row = m.policy_adopted.tables.tables.add(scope="effects", event="PlanAgreed").blocks.add().rows.add(id="R28.1", rule="R28")
    row.when.add(fact="stat", test=1, values=["EXECUTING"])
    row.source.document = "project"
    expect("a policy with a typo", submit(m), "rejected UNKNOWN_CODE effects/PlanAgreed R28.1")


the_door()
submissions()
mine, cause = cases()
administration()
said = rejected_by_routing(mine, cause)
passed, failed = passed + (said == "WRONG_STATE"), failed + (said != "WRONG_STATE")
print(f"{'ok   ' if said == 'WRONG_STATE' else 'FAIL '} and routing says so: {said}")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
