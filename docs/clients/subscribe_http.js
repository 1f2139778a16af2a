// SPDX-License-Identifier: EUPL-1.2
// Follows case states over HTTP, and goes on where it was: subscribe_http.js MONITORING_URL CURSOR_FILE TOPIC..., with a key in $TOKEN.
// Nothing but fetch (an EventSource cannot send the key); in a browser, keep the place in localStorage.
const fs = require('fs');
const [url, file, ...topics] = process.argv.slice(2);
let place = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';

function take(event) {
  const field = Object.fromEntries(event.split('\n').map((line) => line.split(/: ?(.*)/s, 2)));
  if (field.event === 'case-state') {
    const state = JSON.parse(field.data), seq = field.id.split('.')[1];
    console.log(`${seq} ${state.caseId} ${state.state} owner ${state.owner ?? ''}`);
  }
  if (!field.id) return;
  fs.writeFileSync(`${file}.new`, place = field.id); // keep the place with what you did with the event
  fs.renameSync(`${file}.new`, file);
}

async function follow() {
  const query = new URLSearchParams([...topics.map((topic) => ['topic', topic]), ['from', place ? 'cursor' : 'snapshot'], ...(place ? [['cursor', place]] : [])]);
  const answer = await fetch(`${url}/v1/case-states/stream?${query}`, { headers: { Authorization: `Bearer ${process.env.TOKEN}` } });
  if (answer.status === 429 || answer.status === 503) return; // not now: come back
  if (!answer.ok) throw Object.assign(new Error(await answer.text()), { final: true });
  let text = '';
  for await (const bytes of answer.body.pipeThrough(new TextDecoderStream())) {
    const events = (text + bytes).split('\n\n');
    text = events.pop();
    events.filter((event) => !event.startsWith(':')).forEach(take);
  }
}
const again = () => follow().catch((error) => { if (error.final) { console.error(error.message); process.exit(1); } }).then(() => setTimeout(again, 1000));
again();
