// SPDX-License-Identifier: EUPL-1.2
// Asks a service with keys how it is: keys.js DOOR PUBLIC_KEY_OF_THE_DOOR SECRET_FILE. The .proto files are found in $PROTO_DIR.
const zmq = require('zeromq'), protobuf = require('protobufjs'), fs = require('fs');
const [address, curveServerKey, file] = process.argv.slice(2);
const own = Object.fromEntries(fs.readFileSync(file, 'ascii').trim().split('\n').map((line) => line.split(': '))); // of `doorbraak keys pair`
const root = new protobuf.Root();
root.resolvePath = (_, name) => (name.startsWith('google/') ? name : `${process.env.PROTO_DIR}/${name}`);

async function main() {
  await root.load('doorbraak/v1/door.proto');
  const [Request, Reply] = ['Request', 'Reply'].map((name) => root.lookupType(`doorbraak.v1.${name}`));
  const socket = new zmq.Dealer({ linger: 0, sendTimeout: 5000, receiveTimeout: 5000, curveServerKey, curvePublicKey: own.public, curveSecretKey: own.secret });
  socket.connect(address);
  await socket.send(Request.encode({ status: {} }).finish());
  const [bytes] = await socket.receive(); // nothing in time: does the door have this key, and do we stand in the list?
  console.log(`head ${Reply.decode(bytes).status.head.seq}`);
}
main().then(() => process.exit(0), (error) => { console.error(error.message); process.exit(1); });
