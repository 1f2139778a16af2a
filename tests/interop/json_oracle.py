#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""The JSON of the contract against another implementation of the proto3 mapping, python3-protobuf's json_format, both
ways: every message of the contract with random content, and texts that were damaged at random. Ends with
`N passed, N failed`.

    json_oracle.py JSON_PEER [ROUNDS [SEED]]

What json_format refuses is refused, but for the short codes of enums; what only we refuse has one of REASONS."""
import collections
import json
import random
import re
import subprocess
import sys
import tempfile

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor as F

peer_path, rounds, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20, int(sys.argv[3]) if len(sys.argv) > 3 else 1
draw = random.Random(seed)
folder = tempfile.TemporaryDirectory(prefix="doorbraak-oracle-")
FILES = ["codes", "policy", "submission", "answer", "journal", "door"]
subprocess.run(["protoc", "-Iproto", f"--python_out={folder.name}", *(f"proto/doorbraak/v1/{f}.proto" for f in FILES)], check=True)
sys.path.insert(0, folder.name)
modules = [__import__(f"doorbraak.v1.{f}_pb2", fromlist=["x"]) for f in FILES]
MESSAGES = {name: getattr(m, name) for m in modules for name in m.DESCRIPTOR.message_types_by_name}
peer = subprocess.Popen([peer_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
failed = passed = 0


def ask(verb, name, data):
    peer.stdin.write(f"{verb} {name} {data.hex()}\n")
    peer.stdin.flush()
    return peer.stdout.readline().rstrip("\n")


def check(holds, *what):
    global passed, failed
    if holds:
        passed += 1
        return
    failed += 1
    if failed <= 10:
        print("FAIL ", *what)


# ---- messages with random content

TEXTS = ["", "A", "ET-JZ32", "2021-03-01", 'a"b\\c/d\n\r\t\b\f\x01\x1f\x7f', "\u00eb\u20ac\u2028\U0001f600", "null", "x" * 300]
NUMBERS = {F.TYPE_INT32: (-2**31, 2**31 - 1), F.TYPE_INT64: (-2**63, 2**63 - 1), F.TYPE_UINT32: (0, 2**32 - 1), F.TYPE_UINT64: (0, 2**64 - 1)}


def random_value(field):
    if field.type in NUMBERS:
        low, high = NUMBERS[field.type]
        return draw.choice([low, high, 0, 1, draw.randint(low, high), draw.randint(0, 1000)])
    if field.type == F.TYPE_STRING:
        return draw.choice(TEXTS)
    if field.type == F.TYPE_BYTES:
        return draw.randbytes(draw.choice([0, 1, 2, 3, 16, 32]))
    if field.type == F.TYPE_BOOL:
        return draw.random() < 0.5
    assert field.type == F.TYPE_ENUM, field.full_name
    return draw.choice(field.enum_type.values).number


def fill(message, density):
    if message.DESCRIPTOR.full_name == "google.protobuf.Timestamp":
        message.seconds = draw.randint(820454400, 7226582400)  # 1996 to 2198
        message.nanos = draw.choice([0, 250_000_000, 999_000_000, 1000, 123_456_000, 1, 999_999_999])
        return
    chosen = {oneof.name: draw.choice(oneof.fields).name for oneof in message.DESCRIPTOR.oneofs}
    for field in message.DESCRIPTOR.fields:
        if field.containing_oneof is not None and chosen[field.containing_oneof.name] != field.name:
            continue
        if draw.random() > density:
            continue
        if field.label == F.LABEL_REPEATED:
            for _ in range(draw.randint(0, 3)):
                if field.type == F.TYPE_MESSAGE:
                    fill(getattr(message, field.name).add(), density)
                else:
                    getattr(message, field.name).append(random_value(field))
        elif field.type == F.TYPE_MESSAGE:
            getattr(message, field.name).SetInParent()
            fill(getattr(message, field.name), density)
        else:
            setattr(message, field.name, random_value(field))


def raw(message):
    return message.SerializeToString(deterministic=True)


VARIANTS = [{}, {"preserving_proto_field_name": True}, {"use_integers_for_enums": True}, {"including_default_value_fields": True},
            {"indent": None, "ensure_ascii": False, "sort_keys": True}]


def both_ways(name, message):
    ours = ask("write", name, raw(message))
    check(json_format.Parse(ours, MESSAGES[name]()) == message, "ours read by json_format:", name, ours)
    check(json.loads(ours) == json_format.MessageToDict(message), "the same values:", name, ours)
    for variant in VARIANTS:
        text = json_format.MessageToJson(message, **variant)
        check(ask("read", name, text.encode()) == f"ok {raw(message).hex()}", "json_format's read by us:", name, text)


# ---- damaged texts

ODD = [None, True, False, 0, 1, -1, 1.5, 1.0, 1e3, 2**31, 2**32, 2**63, 2**64, -2**31 - 1, 1e400, "", "1", "-1", " 1", "1.0", "1e2", "0x1",
       "x", "true", "null", [], {}, [None], [1], [[]], {"a": 1}, "ROLE_YOUTH", "YOUTH", "2021-03-01T09:00:00Z", "2021-03-01t09:00:00Z",
       "2021-03-01T09:00:00+01:00", "2021-03-01T09:00:00-23:59", "2021-03-01T09:00:00", "0000-00-00T00:00:00Z", "2021-03-01T24:00:00Z",
       "2021-03-01T09:00:00.1234567891Z", "2021-03-01T09:00:00.5Z", "2021-03-01T09:00:60Z", "Zg==", "Zg", "Z", "-_-_", "Zh==", "=", "\u0000", "\ud800"]


SHORT = {}
for module in modules:
    for enum in module.DESCRIPTOR.enum_types_by_name.values():
        prefix = len(re.sub("(?<!^)([A-Z])", r"_\1", enum.name)) + 1
        SHORT.update({value.name: value.name[prefix:] for value in enum.values})


def places(value, found):
    """Every container and key in it."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        found.append((value, key))
        places(inner, found)
    return found


def damaged(text):
    kind = draw.random()
    if kind < 0.3:  # a byte goes, comes or changes
        at = draw.randrange(len(text))
        return text[:at] + draw.choice(["", text[at] * 2, draw.choice('{}[]",:0a\\ \n-.e')]) + text[at + 1:]
    tree = json.loads(text)
    found = places(tree, [])
    if not found:
        return json.dumps(draw.choice(ODD))
    for _ in range(draw.choice([1, 1, 2])):
        holder, key = draw.choice(found)
        if isinstance(holder, dict) and key in holder and draw.random() < 0.3:
            new = draw.choice([key + "X", key.upper(), re.sub("([A-Z])", r"_\1", key).lower(), "colour"])
            holder[new] = holder.pop(key) if draw.random() < 0.5 else holder[key]
        elif isinstance(holder, dict) and key not in holder:
            continue
        elif isinstance(holder[key], str) and draw.random() < 0.3:
            holder[key] = SHORT.get(holder[key], holder[key])
        else:
            holder[key] = draw.choice(ODD)
    return json.dumps(tree, ensure_ascii=draw.random() < 0.5) if draw.random() < 0.95 else json.dumps(tree)[:-1]


# What we refuse and json_format takes, by what the contract or the RFC has.
REASONS = {
    "WRONG_VALUE": "whole only after rounding, digits that only Python reads; a moment outside 1996 to 2199; base64 with other signs",
    "UNKNOWN_CODE": "an enum number that the contract does not have, as text, or as a fraction",
    "WRONG_TYPE": "an enum as true or false; an empty list or text as an object",
    "DUPLICATE": "a field once in each spelling",
    "NOT_JSON": "\\u0000, Infinity, NaN",
}
strict = collections.Counter()
kept = collections.Counter()


def agree(name, text):
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = text.encode(errors="surrogatepass")
    ours = ask("read", name, data)
    try:
        theirs = json_format.Parse(data, MESSAGES[name]())
    except Exception:  # a text that is no object at all ends there as a TypeError
        theirs = None
    if ours.startswith("ok"):
        if theirs is None:
            # Only short codes are more than json_format takes: in full names it is the same text, and taken.
            full = json_format.MessageToJson(MESSAGES[name].FromString(bytes.fromhex(ours[3:])))
            check(ask("read", name, full.encode()) == ours and is_short(name, text), "json_format refuses:", name, text)
            kept["short code"] += 1
        else:
            check(ours == f"ok {raw(theirs).hex()}", "taken, but otherwise:", name, text)
            kept["taken by both"] += 1
    elif theirs is None:
        check(True)
        kept["refused by both"] += 1
    else:
        code = ours.split()[1]
        strict[code] += 1
        check(code in REASONS, "only we refuse:", ours, name, text)


def lengthen(value, message):
    """A tree with full names instead of short codes."""
    if isinstance(value, dict):
        names = {f.name: f for f in message.fields} | {f.json_name: f for f in message.fields} if message else {}
        return {k: lengthen_field(v, names.get(k)) for k, v in value.items()}
    return value


def lengthen_field(value, field):
    if field is None:
        return value
    if isinstance(value, list):
        return [lengthen_field(v, field) for v in value]
    if field.type == F.TYPE_MESSAGE:
        return lengthen(value, field.message_type)
    if field.type == F.TYPE_ENUM and isinstance(value, str):
        for known in field.enum_type.values:
            if known.name.endswith("_" + value):
                return known.name
    return value


def is_short(name, text):
    tree = lengthen(json.loads(text), MESSAGES[name].DESCRIPTOR)
    try:
        json_format.ParseDict(tree, MESSAGES[name]())
        return True
    except json_format.ParseError:
        return False


for _ in range(rounds):
    for name, make in MESSAGES.items():
        message = make()
        fill(message, draw.choice([0.2, 0.6, 1.0]))
        both_ways(name, message)
        text = json_format.MessageToJson(message, indent=None)
        for _ in range(3):
            agree(name, damaged(text))
peer.stdin.close()
check(peer.wait() == 0, "json_peer ended with", peer.returncode)
for wanted in ("taken by both", "refused by both", "short code"):
    check(kept[wanted] > 0, "no damaged text was", wanted)
print(f"{len(MESSAGES)} messages, seed {seed}; damaged texts: {dict(kept)}, refused by us alone: {dict(strict)}")
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
