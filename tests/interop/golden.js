// SPDX-License-Identifier: EUPL-1.2
// Golden messages, read and written by protobufjs: golden.js FILE... (NODE_PATH: protobufjs; PROTO_DIR: the .proto files)
// Prints how many were the same; status 1 with those that were not.
const assert = require('assert'), fs = require('fs'), protobuf = require('protobufjs');
const root = new protobuf.Root();
root.resolvePath = (_, file) => (file.startsWith('google/') ? file : `${process.env.PROTO_DIR}/${file}`);
const files = fs.readdirSync(`${process.env.PROTO_DIR}/doorbraak/v1`).map((file) => `doorbraak/v1/${file}`);

// As the proto3 mapping has it; protobufjs writes moments as seconds and nanos.
function mapped(value) {
  if (Array.isArray(value)) return value.map(mapped);
  if (value === null || typeof value !== 'object') return value;
  if (Object.keys(value).sort().join() === 'nanos,seconds')
    return new Date(Number(value.seconds) * 1000 + value.nanos / 1e6).toISOString();
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, mapped(inside)]));
}

root.load(files).then(() => {
  let same = 0, wrong = 0;
  for (const line of process.argv.slice(2).flatMap((file) => fs.readFileSync(file, 'utf8').trim().split('\n'))) {
    const golden = JSON.parse(line), type = root.lookupType(`doorbraak.v1.${golden.message}`), bytes = Buffer.from(golden.bytes, 'base64');
    try {
      const message = type.decode(bytes);
      assert.deepStrictEqual(mapped(type.toObject(message, { enums: String, longs: String, bytes: String })), golden.json);
      assert.ok(Buffer.from(type.encode(message).finish()).equals(bytes));
      same++;
    } catch (difference) {
      wrong++;
      console.log(`${golden.message}: ${difference.message.slice(0, 500)}`);
    }
  }
  console.log(same);
  process.exit(wrong > 0 ? 1 : 0);
});
