// SPDX-License-Identifier: EUPL-1.2
// main.mjs - what must hold of the page, in a browser, against services that run.
//
//   node main.mjs BIN BROWSER [--short | SHOTS]       short: of each kind of proof a little, for every day

import { chromium } from "playwright-core";
import { accessible, keyboard, narrow } from "./access.mjs";
import { dutch } from "./dutch.mjs";
import { finish, holds } from "./judge.mjs";
import { appears, live } from "./live.mjs";
import { looksAt, Watch } from "./look.mjs";
import { neglected } from "./neglected.mjs";
import { Services } from "./services.mjs";
import { views } from "./views.mjs";
import { wordsAreWhole } from "./words.mjs";
import { world } from "./world.mjs";

const [bin, browserPath, more] = process.argv.slice(2);
const short = more === "--short";
const shots = short ? undefined : more;
const FEW = ["overzicht", "casus", "signalen", "tabel"];
const services = new Services(bin);
let browser;

async function everything() {
	await holds("every code of the contract has a Dutch word", wordsAreWhole);
	await services.start("--open-door");
	await services.play(JSON.stringify(world()));
	browser = await chromium.launch({
		executablePath: browserPath,
		args: [
			"--no-sandbox",
			"--disable-gpu",
			"--disable-quic",
			"--no-first-run",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
		],
	});
	const watch = new Watch();
	if (!short) await views(browser, services, watch);
	await neglected(browser, services, watch);
	await dutch(browser, services, watch, { short });
	await accessible(browser, services, watch, { only: short ? FEW : undefined });
	if (!short) await keyboard(browser, services, watch);
	await narrow(browser, services, watch, { only: short ? FEW : undefined });
	if (shots) await looksAt(browser, services, watch, shots);
	await holds(
		"no error in the console, no breach of the content policy",
		() => watch.said.length === 0 || watch.said.slice(0, 5).join(" | "),
	);
	await (short ? appears : live)(browser, services);
}

try {
	await everything();
} catch (error) {
	await holds("the test itself", () => {
		throw error;
	});
} finally {
	await browser?.close();
	await services.stop();
}
process.exit(finish());
