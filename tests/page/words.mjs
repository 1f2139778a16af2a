// SPDX-License-Identifier: EUPL-1.2
// words.mjs - are the words of the page whole? The contract is the measure.

import { readFile } from "node:fs/promises";
import { messages, words } from "../../web/words.js";

// Name in words.js: name of the enum.
const kindOf = (name) => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();

export async function wordsAreWhole() {
	const codes = await readFile(new URL("../../proto/doorbraak/v1/codes.proto", import.meta.url), "utf8");
	const submission = await readFile(
		new URL("../../proto/doorbraak/v1/submission.proto", import.meta.url),
		"utf8",
	);
	const missing = [];

	for (const [, name, body] of codes.matchAll(/^enum (\w+) \{\n(.*?)^\}/gms)) {
		const kind = kindOf(name);
		if (!words[kind]) continue;
		for (const [, code] of body.matchAll(new RegExp(`^ +${kind}_(\\w+) = \\d+;`, "gm"))) {
			if (code !== "UNSPECIFIED" && !words[kind][code]) missing.push(`${kind}_${code}`);
		}
	}
	const body = /^message Submission \{.*?oneof body \{(.*?)^ {2}\}/ms.exec(submission)[1];
	for (const [, message] of body.matchAll(/^ +([A-Z]\w+) \w+ = \d+;/gm)) {
		if (
			!messages[message] &&
			!["SourceRegistered", "SubscriptionRegistered", "DeliveryReported"].includes(message)
		)
			missing.push(message);
	}
	return missing.length === 0 || `without a word: ${missing.join(", ")}`;
}
