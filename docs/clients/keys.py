#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Asks a service with keys how it is: keys.py DOOR PUBLIC_KEY_OF_THE_DOOR SECRET_FILE."""
import sys, zmq
from doorbraak.v1 import door_pb2 as door

own = dict(line.split(": ") for line in open(sys.argv[3]).read().splitlines())  # what `doorbraak keys pair` wrote
socket = zmq.Context().socket(zmq.DEALER)
socket.linger = 0
socket.curve_serverkey = sys.argv[2].encode()
socket.curve_publickey, socket.curve_secretkey = own["public"].encode(), own["secret"].encode()
socket.connect(sys.argv[1])
socket.send(door.Request(status=door.StatusRequest()).SerializeToString())
if not socket.poll(5000):
    sys.exit("no answer: does the door have this key, and do we stand in the list?")
print("head", door.Reply.FromString(socket.recv()).status.head.seq)
