// SPDX-License-Identifier: EUPL-1.2
// Says again, over ZeroMQ, what `doorbraak play --record` wrote down, each message made anew in JavaScript, and compares each answer.
//
//   say_again.js INTAKE_DOOR RECORD IDS     (NODE_PATH: zeromq and protobufjs; PROTO_DIR: the .proto files)
//
// Intake gives out other case ids: IDS becomes a JSON object of those in the record and those given. Status 1: an answer differs.
const assert = require('assert'), fs = require('fs'), zmq = require('zeromq'), protobuf = require('protobufjs');
const [address, record, idsFile] = process.argv.slice(2);
const ids = {};
let wrong = 0;
const root = new protobuf.Root();
root.resolvePath = (_, file) => (file.startsWith('google/') ? file : `${process.env.PROTO_DIR}/${file}`);
const plain = { enums: String, longs: String, bytes: String };

const withIds = (text) => text.replace(/c-(?:[0-9a-z]{5}-){3}[0-9a-z]{5}/g, (id) => ids[id] ?? id);
const moment = (text) => ({ seconds: Math.floor(Date.parse(text) / 1000), nanos: (Date.parse(text) % 1000) * 1e6 });

async function ask(socket, bytes) {
  for (let again = 0; again < 60; again++) {
    await socket.send(bytes);
    const [answer] = await socket.receive().catch(() => []);
    if (answer) return answer;
  }
  throw new Error('intake gives no answer');
}

async function main() {
  await root.load(['doorbraak/v1/door.proto', 'doorbraak/v1/submission.proto']);
  const [Request, Reply, Submission] = ['Request', 'Reply', 'Submission'].map((name) => root.lookupType(`doorbraak.v1.${name}`));
  const socket = new zmq.Dealer({ immediate: true, linger: 0, receiveTimeout: 1000 });
  socket.connect(address);
  for (const line of fs.readFileSync(record, 'utf8').split('\n')) {
    if (!line.startsWith('{"request"')) break;
    const { request, reply: wanted } = JSON.parse(line);
    const [kind] = Object.keys(request);
    if (request[kind].now) request[kind].now = moment(request[kind].now);
    if (kind === 'submit') {
      const raw = Buffer.from(withIds(Buffer.from(request.submit.submission, 'base64').toString('latin1')), 'latin1');
      const made = Submission.encode(Submission.fromObject(Submission.toObject(Submission.decode(raw), plain))).finish();
      request.submit.submission = made.length === raw.length ? made : raw; // one with a field outside the contract, to be rejected
    }
    const reply = Reply.toObject(Reply.decode(await ask(socket, Request.encode(Request.fromObject(request)).finish())), plain);
    if (reply.accepted?.caseId && wanted.accepted?.caseId) ids[wanted.accepted.caseId] ??= reply.accepted.caseId;
    try {
      assert.deepStrictEqual(reply, JSON.parse(withIds(JSON.stringify(wanted))));
    } catch {
      wrong++;
      console.log(`answered ${JSON.stringify(reply).slice(0, 300)}, not ${JSON.stringify(wanted).slice(0, 300)}`);
    }
  }
  fs.writeFileSync(idsFile, JSON.stringify(ids));
}
main().then(() => process.exit(wrong > 0 ? 1 : 0), (error) => { console.error(error); process.exit(2); });
