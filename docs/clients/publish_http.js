// SPDX-License-Identifier: EUPL-1.2
// Opens a case over HTTP: publish_http.js INTAKE_URL ID SECONDS, with a key in $TOKEN. The same id and moment again count once.
// Nothing but fetch: the same lines work in a browser.
const [url, id, seconds] = process.argv.slice(2);
const submission = {
  source: 'portal', occurredAt: new Date(seconds * 1000).toISOString(), actor: { role: 'ROLE_LOCAL_TEAM', organisation: 'LT-GM1669' },
  caseSubmitted: { municipality: 'GM1669', submitter: 'SUBMITTER_KIND_LOCAL_TEAM', asks: 'ASK_PROCESS_DIRECTION' },
};
const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': id, Authorization: `Bearer ${process.env.TOKEN}` };
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function main() {
  for (;;) { // no answer, or not now: hand in the same again
    const answer = await fetch(`${url}/v1/submissions`, { method: 'POST', headers, body: JSON.stringify(submission) }).catch(() => null);
    if (!answer || answer.status === 429 || answer.status === 503) {
      await pause(Number(answer?.headers.get('Retry-After') ?? 1));
      continue;
    }
    const said = await answer.json();
    if (!answer.ok) throw new Error(JSON.stringify(said)); // a problem: all that is wrong, and what to do
    return console.log(`accepted: case ${said.caseId} record ${said.seq}${said.duplicate ? ' again' : ''}`);
  }
}
main().catch((error) => { console.error(error.message); process.exit(1); });
