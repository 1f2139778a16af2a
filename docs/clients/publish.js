// SPDX-License-Identifier: EUPL-1.2
// Opens a case: publish.js INTAKE_DOOR ID SECONDS. The same id and moment again count once: the answer is that of the first time.
// The .proto files are found in $PROTO_DIR.
const zmq = require('zeromq'), protobuf = require('protobufjs');
const [address, id, seconds] = process.argv.slice(2), root = new protobuf.Root();
root.resolvePath = (_, file) => (file.startsWith('google/') ? file : `${process.env.PROTO_DIR}/${file}`);
root.loadSync(['doorbraak/v1/door.proto', 'doorbraak/v1/submission.proto']);
const [Request, Reply, Submission] = ['Request', 'Reply', 'Submission'].map((name) => root.lookupType(`doorbraak.v1.${name}`));
const submission = Submission.encode(Submission.fromObject({
  source: 'portal', id, occurredAt: { seconds }, actor: { role: 'ROLE_LOCAL_TEAM', organisation: 'LT-GM1669' },
  caseSubmitted: { municipality: 'GM1669', submitter: 'SUBMITTER_KIND_LOCAL_TEAM', asks: 'ASK_PROCESS_DIRECTION' },
})).finish();
(async () => {
  const socket = new zmq.Dealer({ immediate: true, linger: 0, receiveTimeout: 1000 }); // sending waits for a connection
  socket.connect(address);
  let reply = {};
  while (!reply.body || reply.refused?.retryAfterMs) { // no answer, or not now: hand in the same again
    await socket.send(Request.encode({ submit: { submission } }).finish());
    reply = await socket.receive().then(([bytes]) => Reply.decode(bytes), () => ({}));
  }
  if (!reply.accepted) throw new Error(JSON.stringify(reply)); // rejected: all that is wrong; refused: why
  const { caseId, seq, duplicate } = reply.accepted;
  console.log(`accepted: case ${caseId} record ${seq}${duplicate ? ' again' : ''}`);
})().then(() => process.exit(0), (error) => { console.error(error.message); process.exit(1); });
