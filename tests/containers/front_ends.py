# SPDX-License-Identifier: EUPL-1.2
"""Front ends at work on intake's door, whatever happens behind it: an implementation of the protocol apart from the programs'.

Keeps submissions on their way, sends again what gets no answer, and keeps every acknowledgement. In the end acknowledged() says which
of them intake's journal does not hold as they were told."""
import datetime, random, threading, time
import zmq
from google.protobuf.json_format import ParseDict
from doorbraak.v1 import door_pb2 as door, journal_pb2 as journal, submission_pb2 as submission

WINDOW, AGAIN_S, SOURCE = 32, 0.7, "portal"
# The way of a case: who says what.
WAY = [
    ("ROLE_LOCAL_TEAM", "LT-GM1669", "caseSubmitted",
     {"municipality": "GM1669", "submitter": "SUBMITTER_KIND_LOCAL_TEAM", "asks": "ASK_CONSULTATION"}),
    ("ROLE_CHAIR", "ET-MIDDEN-LIMBURG", "screeningDecided", {"decision": "SCREENING_DECISION_ADVICE_ONLY"}),
    ("ROLE_CHAIR", "ET-MIDDEN-LIMBURG", "adviceGiven", {"adviceCode": "ADVICE_CODE_LOCAL_HELP"}),
    ("ROLE_LOCAL_TEAM", "LT-GM1669", "stuckDeclared", {"stuckOn": "STUCK_ON_MONEY"}),
]


class FrontEnds(threading.Thread):
    def __init__(self, address, seed, began):
        super().__init__(daemon=True)
        self.address, self.random, self.clock = address, random.Random(seed), began
        self.acks, self.rejected, self.resent, self.made, self.failed = {}, 0, 0, 0, None
        self.cases, self.flights, self.stopping = [], {}, threading.Event()
        self.context = zmq.Context.instance()
        self.keys = {}  # of the doors, by address; and our own

    def connect(self, address=None):
        socket = self.context.socket(zmq.DEALER)
        socket.linger = 0
        if self.keys:
            socket.curve_serverkey = self.keys[address or self.address]
            socket.curve_publickey, socket.curve_secretkey = self.keys["public"], self.keys["secret"]
        socket.connect(address or self.address)
        return socket

    def next(self):
        """A case goes a step on, or a new one begins."""
        ready = [c for c in self.cases if c[1] < len(WAY) and not c[2]]
        case = self.random.choice(ready) if ready and self.random.random() < 0.7 else ["", 0, False]
        if case[1] == 0:
            self.cases.append(case)
        case[2] = True
        role, organisation, body, content = WAY[case[1]]
        self.made += 1
        said = {"source": SOURCE, "id": f"message-{self.made}", "caseId": case[0], "actor": {"role": role, "organisation": organisation},
                "occurredAt": self.clock.strftime("%Y-%m-%dT%H:%M:%SZ"), body: content}
        packed = ParseDict(said, submission.Submission()).SerializeToString()
        return case, said["id"], door.Request(request_id=self.made, submit=door.SubmitRequest(submission=packed)).SerializeToString()

    def land(self, reply):
        flight = self.flights.get(reply.request_id)
        if flight is None or reply.WhichOneof("body") == "refused":
            return  # answered before, or sent again later
        case, message, _, _ = self.flights.pop(reply.request_id)
        case[2] = False
        if reply.WhichOneof("body") == "accepted":
            self.acks[message] = (reply.accepted.seq, reply.accepted.case_id)
            case[0], case[1] = reply.accepted.case_id, case[1] + 1
        else:
            self.rejected += 1
            case[1] = len(WAY)
            self.failed = self.failed or str(reply)

    def run(self):
        socket = self.connect()
        while self.flights or not self.stopping.is_set():
            while len(self.flights) < WINDOW and not self.stopping.is_set():
                case, message, question = self.next()
                self.flights[self.made] = [case, message, question, 0]
            for flight in self.flights.values():
                if time.monotonic() - flight[3] > AGAIN_S:
                    self.resent += flight[3] != 0
                    try:
                        socket.send(flight[2], zmq.NOBLOCK)
                        flight[3] = time.monotonic()
                    except zmq.Again:
                        break
            while socket.poll(20):
                self.land(door.Reply.FromString(socket.recv()))
        socket.close()

    def ask(self, seconds=30, at=None, **body):
        """One question of its own, to intake or elsewhere; asked again until it is answered."""
        end = time.monotonic() + seconds
        with self.connect(at) as socket:
            while time.monotonic() < end:
                socket.send(door.Request(**body).SerializeToString())
                if socket.poll(2000):
                    return door.Reply.FromString(socket.recv())
        raise TimeoutError(f"{at or self.address} gives no answer within {seconds} s")

    def pass_time(self, hours):
        """The driven clock goes on."""
        later = self.clock + datetime.timedelta(hours=hours)
        question = door.ClockRequest()
        question.now.FromDatetime(later.replace(tzinfo=None))
        self.ask(clock=question)
        self.clock = later  # not before intake's: what has not happened yet is rejected

    def journalled(self):
        """What intake's journal holds of us: message -> every (seq, case id) under which it stands."""
        found, question, head = {}, door.PullRequest(), self.ask(status=door.StatusRequest()).status.head.seq
        while question.after.seq < head:
            pull = self.ask(pull=question).pull
            for entry in pull.entries:
                record = journal.JournalRecord.FromString(entry.record)
                accepted = record.intake.accepted.submission
                if record.WhichOneof("entry") == "intake" and accepted.source == SOURCE:
                    found.setdefault(accepted.id, []).append((entry.seq, accepted.case_id))
            question.after.CopyFrom(pull.upto)
        return found


def lost(acks, journalled):
    """Acknowledgements that the journal does not bear out, each exactly once, under the number and the case that were told."""
    return [message for message, told in acks.items() if journalled.get(message) != [told]]
