// SPDX-License-Identifier: EUPL-1.2
// sbom.js - a bill of materials against the strict schema of CycloneDX 1.6: status 0 when it fits, and a seeded fault does not.
const fs = require('fs');
const { Spec, Validation } = require('@cyclonedx/cyclonedx-library');

const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
(async () => {
	const text = fs.readFileSync(process.argv[2], 'utf8');
	const wrong = await validator.validate(text);
	if (wrong !== null) {
		console.error(JSON.stringify(wrong, null, 1));
		process.exit(1);
	}
	const faulty = JSON.parse(text);
	faulty.components[0].type = 'thing';
	process.exit((await validator.validate(JSON.stringify(faulty))) === null ? 1 : 0);
})();
