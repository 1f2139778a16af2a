// SPDX-License-Identifier: EUPL-1.2
// asyncapi.js - parses an AsyncAPI document; status 1 with what is wrong.
const fs = require("fs");
const { Parser } = require("@asyncapi/parser");

new Parser().parse(fs.readFileSync(process.argv[2], "utf8"), { source: require("path").resolve(process.argv[2]) }).then(({ document, diagnostics }) => {
	const wrong = diagnostics.filter((d) => d.severity <= 1);
	for (const d of wrong)
		console.error(`${process.argv[2]}:${d.range.start.line + 1}: ${d.code}: ${d.message} (${d.path.join(".")})`);
	if (!document || wrong.length > 0)
		process.exit(1);
	console.log(`check-api: ${process.argv[2]}: ${document.channels().length} channels, ${document.operations().length} operations`);
});
