// SPDX-License-Identifier: EUPL-1.2
// judge.mjs - counts what holds; the last line is what tools/run-tests reads.

let passed = 0;
let failed = 0;

export async function holds(what, test) {
	try {
		const said = await test();
		if (said !== undefined && said !== true)
			throw new Error(typeof said === "string" ? said : JSON.stringify(said));
		passed++;
		console.log(`ok    ${what}`);
	} catch (error) {
		failed++;
		console.log(
			`FAIL  ${what}\n      ${String(error.stack ?? error)
				.split("\n")
				.slice(0, 6)
				.join("\n      ")}`,
		);
	}
}

export function finish() {
	console.log(`${passed} passed, ${failed} failed`);
	return failed === 0 ? 0 : 1;
}

// Asks again until it is so, or time is up.
export async function until(what, is, ms = 20000) {
	const end = Date.now() + ms;
	let last;
	for (;;) {
		try {
			last = await is();
			if (last) return last;
		} catch (error) {
			last = error.message;
		}
		if (Date.now() > end)
			throw new Error(`${what}: not within ${ms / 1000} s (last: ${String(last).slice(0, 200)})`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}
