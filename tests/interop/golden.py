#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Golden messages (tests/golden), read and written by Python and JavaScript with the contract as it is now; by C in
tests/unit/golden_test.c. The last line is `N passed, N failed[, N skipped]`, messages counted."""
import base64
import glob
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from services import ROOT, Count, generate_python, node_modules, remove, work_folder  # noqa: E402

WORK = work_folder()
count = Count()
generate_python(f"{WORK}/python")
from google.protobuf import json_format, symbol_database  # noqa: E402
from doorbraak.v1 import door_pb2, journal_pb2, submission_pb2  # noqa: E402,F401

files = sorted(glob.glob(f"{ROOT}/tests/golden/*.jsonl"))
lines = [line for file in files for line in open(file)]
for line in lines:
    golden = json.loads(line)
    kind = symbol_database.Default().GetSymbol(f"doorbraak.v1.{golden['message']}")
    raw = base64.b64decode(golden["bytes"])
    message = kind.FromString(raw)
    ok = json_format.MessageToDict(message) == golden["json"] and message.SerializeToString() == raw
    count.check(f"{golden['message']} in Python", ok and json_format.ParseDict(golden["json"], kind()) == message, message)
modules = node_modules("zeromq@6.8.0", "protobufjs@8.8.1")
if modules:
    done = subprocess.run(["node", f"{ROOT}/tests/interop/golden.js", *files], capture_output=True, text=True, timeout=120,
                          env=dict(os.environ, NODE_PATH=modules, PROTO_DIR=f"{ROOT}/proto"))
    count.check("the messages in JavaScript", done.returncode == 0 and done.stdout.strip() == str(len(lines)), done.stdout + done.stderr)
else:
    count.skip("JavaScript: npm, or what it installs, is not there")
remove(WORK)
count.end()
