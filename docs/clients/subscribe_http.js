// SPDX-License-Identifier: EUPL-1.2
// Follows case states over HTTP, and goes on where it was: subscribe_http.js MONITORING_URL CURSOR_FILE TOPIC..., with a key in $TOKEN.
// Nothing but fetch (an EventSource cannot send the key); in a browser, keep the place in localStorage.
const fs = require('fs'), [url, file, ...topics] = process.argv.slice(2);
function take(event) {
  const { id, event: name, data } = Object.fromEntries(event.split('\n').map((line) => line.split(/: ?(.*)/s, 2)));
  if (!id) return; // a sign of life
  const said = JSON.parse(data ?? '{}'), seq = id.split('.')[1];
  if (name === 'case-left' || said.erased) console.log(`${seq} ${said.caseId} left`); // gone, or not yours any more: off the screen
  else if (name === 'case-state') console.log(`${seq} ${said.caseId} ${said.state} owner ${said.owner ?? ''}`);
  fs.writeFileSync(`${file}.new`, id); // keep the place with what you did with the event
  fs.renameSync(`${file}.new`, file);
}
async function follow() {
  const query = new URLSearchParams(fs.existsSync(file) ? { cursor: fs.readFileSync(file, 'utf8') } : { from: 'snapshot' });
  topics.forEach((topic) => query.append('topic', topic));
  const answer = await fetch(`${url}/v1/case-states/stream?${query}`, { headers: { Authorization: `Bearer ${process.env.TOKEN}` } });
  if (![200, 429, 503].includes(answer.status)) { console.error(await answer.text()); process.exit(1); } // 429, 503: not now
  let events = ['']; // the last one is not whole yet
  for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
    events = (events[0] + text).split('\n\n');
    events.splice(0, events.length - 1).forEach(take);
  }
}
(function again() { follow().catch(() => {}).then(() => setTimeout(again, 1000)); })(); // cut off: come back
