// SPDX-License-Identifier: EUPL-1.2
// look.mjs - pages of the browser, what they complain about, and pictures of them.

import path from "node:path";

export const THEMES = ["light", "dark"];
export const WIDTHS = [320, 768, 1440];

// What the browser breaks off when a network interface of this machine comes or goes, as other tests bring about.
const BROKEN_OFF = /ERR_NETWORK_CHANGED/;

// Refusals that a test brings about: the browser tells every one.
const isExpected = (message) =>
	BROKEN_OFF.test(message.text()) ||
	(/status of 4\d\d/.test(message.text()) && /c-00000|v1\/submissions/.test(message.location().url));

// Errors of the console and breaches of the content policy, of all pages that are watched.
export class Watch {
	constructor() {
		this.said = [];
	}

	add(page) {
		page.on(
			"console",
			(message) =>
				["error", "warning"].includes(message.type()) &&
				!isExpected(message) &&
				this.said.push(message.text()),
		);
		page.on("pageerror", (error) => this.said.push(error.message));
	}
}

// Waits for a part of the page; says what is still awaited, and what stands there, when it does not come.
export async function stands(page, part = "main h1") {
	try {
		await page.waitForSelector(part);
		await shown(page);
	} catch (error) {
		const main = await page.locator("main").innerText();
		const list = (of) => [...of].join(", ") || "nothing";
		throw new Error(
			`${error.message.split("\n")[0]}; awaited: ${list(page.awaited)}; failed: ${list(page.missed)}; there: ${main.slice(0, 200)}`,
		);
	}
}

export async function open(
	browser,
	services,
	watch,
	{ theme = "light", width = 1280, height = 900, hash = "#/" } = {},
) {
	const context = await browser.newContext({
		viewport: { width, height },
		colorScheme: theme,
		locale: "nl-NL",
		reducedMotion: "reduce",
	});
	const page = await context.newPage();
	page.setDefaultTimeout(60000);
	page.awaited = new Set();
	page.missed = [];
	watch?.add(page);
	page.on("request", (request) => page.awaited.add(request.url()));
	page.on("requestfinished", (request) => page.awaited.delete(request.url()));
	page.on("requestfailed", (request) => {
		page.awaited.delete(request.url());
		page.missed.push(`${request.url()} ${request.failure()?.errorText}`);
	});
	page.on("pageerror", (error) => page.missed.push(error.message));
	await page.goto(`${services.url("monitoring")}/${hash}`);
	for (let tries = 0; tries < 5 && page.missed.some((what) => BROKEN_OFF.test(what)); tries++) {
		page.missed = [];
		await page.reload(); // as the page says
	}
	await stands(page);
	return page;
}

// The view stands: it has a title, and nothing is being fetched.
export async function shown(page) {
	await page.waitForSelector("main h1");
	await page.waitForFunction(() => !document.querySelector("main .loading"));
}

export async function show(page, hash) {
	await page.evaluate((to) => (location.hash = to), hash);
	await page.waitForFunction(() => !document.querySelector("main .loading"));
	await page.waitForTimeout(250); // what comes in its place is asked for now
	await shown(page);
}

// The views, with a case and an owner that there are.
export async function places(services) {
	const { cases } = await services.ask("monitoring", "/v1/cases?openOnly=true&limit=100");
	const one =
		cases.find((c) => c.signals?.length > 0 && c.deadlines?.length > 1 && c.actions?.length > 0) ??
		cases[0];
	return {
		overzicht: "#/",
		regio: `#/?regio=${one.region}`,
		werklijst: `#/werklijst/${one.owner}`,
		alle: "#/werklijst/alles",
		casus: `#/casus/${one.caseId}`,
		signalen: "#/signalen",
		cijfers: "#/cijfers",
		beleid: "#/beleid",
		tabel: "#/beleid?tabel=effects&bij=ScreeningDecided",
		toegankelijkheid: "#/toegankelijkheid",
		afwezig: "#/casus/c-00000-00000-00000-00000",
	};
}

export async function looksAt(browser, services, watch, folder) {
	for (const theme of THEMES) {
		for (const width of WIDTHS) {
			const page = await open(browser, services, watch, { theme, width });
			for (const [name, hash] of Object.entries(await places(services))) {
				if (name === "afwezig") continue;
				await show(page, hash);
				await page.screenshot({
					path: path.join(folder, `${name}-${theme}-${width}.png`),
					fullPage: true,
				});
			}
			await page.context().close();
		}
	}
}
