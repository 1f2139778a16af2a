// SPDX-License-Identifier: EUPL-1.2
// Follows case states, and goes on where it was: subscribe.js MONITORING_DOOR CURSOR_FILE TOPIC...
// The .proto files are found in $PROTO_DIR.
const fs = require('fs'), zmq = require('zeromq'), protobuf = require('protobufjs');
const [address, file, ...topics] = process.argv.slice(2);
const root = new protobuf.Root();
root.resolvePath = (_, name) => (name.startsWith('google/') ? name : `${process.env.PROTO_DIR}/${name}`);

async function main() {
  await root.load(['doorbraak/v1/door.proto', 'doorbraak/v1/journal.proto']);
  const [Request, Reply, JournalRecord, Cursor] = ['Request', 'Reply', 'JournalRecord', 'Cursor'].map((n) => root.lookupType(`doorbraak.v1.${n}`));
  const states = root.lookupEnum('doorbraak.v1.CaseState').valuesById;
  const socket = new zmq.Dealer({ immediate: true, linger: 0, receiveTimeout: 1000 }); // sending waits for a connection
  socket.connect(address);
  let after = fs.existsSync(file) ? Cursor.decode(fs.readFileSync(file)) : null;
  for (let requestId = 1; ;) {
    await socket.send(Request.encode({ requestId, pull: { after, topics } }).finish());
    const reply = await socket.receive().then(([bytes]) => Reply.decode(bytes), () => ({}));
    if (reply.refused) throw new Error(reply.refused.text); // the place is one in another history: begin anew
    if (Number(reply.requestId) !== requestId) continue; // nothing yet, or an answer that came twice: ask again
    for (const { seq, record } of reply.pull.entries) {
      const state = JournalRecord.decode(record).answer?.caseState;
      if (state) console.log(`${seq} ${state.caseId} ${states[state.state]} owner ${state.owner}`);
    }
    requestId++;
    after = reply.pull.upto; // keep the place with what you did with the records
    fs.writeFileSync(`${file}.new`, Cursor.encode(after).finish());
    fs.renameSync(`${file}.new`, file);
  }
}
main().catch((error) => { console.error(error.message); process.exit(1); });
