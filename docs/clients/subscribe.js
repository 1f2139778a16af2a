// SPDX-License-Identifier: EUPL-1.2
// Follows case states, and goes on where it was: subscribe.js MONITORING_DOOR CURSOR_FILE TOPIC..., with the .proto files in $PROTO_DIR.
const fs = require('fs'), zmq = require('zeromq'), protobuf = require('protobufjs');
const [address, file, ...topics] = process.argv.slice(2), root = new protobuf.Root();
root.resolvePath = (_, name) => (name.startsWith('google/') ? name : `${process.env.PROTO_DIR}/${name}`);
root.loadSync(['doorbraak/v1/door.proto', 'doorbraak/v1/journal.proto']);
const [Request, Reply, JournalRecord, Cursor] = ['Request', 'Reply', 'JournalRecord', 'Cursor'].map((n) => root.lookupType(`doorbraak.v1.${n}`));
(async () => {
  const socket = new zmq.Dealer({ immediate: true, linger: 0, receiveTimeout: 1000 }); // sending waits for a connection
  socket.connect(address);
  for (let requestId = 1, after = fs.existsSync(file) ? Cursor.decode(fs.readFileSync(file)) : null; ;) {
    await socket.send(Request.encode({ requestId, pull: { after, topics } }).finish());
    const reply = await socket.receive().then(([bytes]) => Reply.decode(bytes), () => ({}));
    if (reply.refused) throw new Error(reply.refused.text); // the place is one in another history: begin anew
    if (Number(reply.requestId) !== requestId) continue; // nothing yet, or an answer that came twice: ask again
    for (const { seq, record } of reply.pull.entries) {
      const state = JournalRecord.toObject(JournalRecord.decode(record), { enums: String }).answer?.caseState;
      if (state) console.log(`${seq} ${state.caseId} ${state.state} owner ${state.owner ?? ''}`);
    }
    after = reply.pull.upto; // keep the place with what you did with the records
    fs.writeFileSync(`${file}.new`, Cursor.encode(after).finish());
    fs.renameSync(`${file}.new`, file);
    requestId++;
  }
})().catch((error) => { console.error(error.message); process.exit(1); });
