#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Golden messages: one for every message a client sends or gets, every field filled, as bytes and as JSON, a line each.

    make.py FOLDER_OF_GENERATED_PYTHON >tests/golden/NUMBER.jsonl

A file is kept as it is for ever: what was written by this contract must be read by every later one, in every language, as the same.
New messages and fields go into a new file."""
import base64
import json
import sys

sys.path.insert(0, sys.argv[1])
from google.protobuf import descriptor as d, json_format, timestamp_pb2  # noqa: E402
from doorbraak.v1 import door_pb2 as door, journal_pb2 as journal, submission_pb2 as submission  # noqa: E402


def scalar(field, turn):
    if field.type == d.FieldDescriptor.TYPE_ENUM:
        values = [v.number for v in field.enum_type.values if v.number]
        return values[(field.number + turn) % len(values)]
    return {d.FieldDescriptor.CPPTYPE_STRING: f"T-{field.number}-{turn}" if field.type != d.FieldDescriptor.TYPE_BYTES
            else bytes([0, field.number, 255, turn]),
            d.FieldDescriptor.CPPTYPE_BOOL: True, d.FieldDescriptor.CPPTYPE_INT32: -field.number - turn,
            d.FieldDescriptor.CPPTYPE_UINT32: 2**32 - 1 - field.number - turn, d.FieldDescriptor.CPPTYPE_INT64: -2**62 - field.number,
            d.FieldDescriptor.CPPTYPE_UINT64: 2**64 - 1 - field.number}[field.cpp_type]


def fill(message, without=()):
    """Every field outside of a oneof, two of each list."""
    if isinstance(message, timestamp_pb2.Timestamp):
        message.seconds, message.nanos = 1614589200, 250000000
        return message
    for field in message.DESCRIPTOR.fields:
        if field.containing_oneof is None:
            put(message, field)
        elif field.containing_oneof.fields[0] is field:
            put(message, field)  # of a oneof inside, the first
    return message


def put(message, field):
    if field.label == field.LABEL_REPEATED:
        values = getattr(message, field.name)
        for turn in range(2):
            if field.message_type:
                fill(values.add())
            else:
                values.append(scalar(field, turn))
    elif field.message_type:
        fill(getattr(message, field.name))
        getattr(message, field.name).SetInParent()
    else:
        setattr(message, field.name, scalar(field, 0))


def one_of_each(kind, oneof):
    """The message once with each part that it can hold."""
    for field in kind.DESCRIPTOR.oneofs_by_name[oneof].fields:
        message = fill(kind())
        message.ClearField(oneof)
        put(message, field)
        yield message


def tell(message):
    print(json.dumps({"message": message.DESCRIPTOR.name, "bytes": base64.b64encode(message.SerializeToString()).decode(),
                      "json": json_format.MessageToDict(message)}, sort_keys=True))


for kind, oneof in [(submission.Submission, "body"), (door.Request, "body"), (door.Reply, "body"), (journal.IntakeRecord, "body"),
                    (journal.JournalRecord, "entry")]:
    for message in one_of_each(kind, oneof):
        tell(message)
for message in one_of_each(type(journal.JournalRecord().answer), "body"):
    tell(message)
tell(fill(door.LiveRecord()))
tell(fill(door.Cursor()))
