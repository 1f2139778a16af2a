// SPDX-License-Identifier: EUPL-1.2
// views.mjs - each view shows what the services say.

import { readFile } from "node:fs/promises";
import { holds, until } from "./judge.mjs";
import { open, places, show } from "./look.mjs";

const text = (page, selector) => page.locator(selector).first().innerText();
const equal = (what, is, should) => String(is) === String(should) || `${what}: ${is}, not ${should}`;

export async function views(browser, services, watch) {
	const page = await open(browser, services, watch);
	const overview = await services.ask("monitoring", "/v1/overview");
	const at = await places(services);

	await holds("overview: open, overdue and due this week are what monitoring says", async () => {
		const shown = await page.locator(".figure .value").allInnerTexts();
		return equal("numbers", shown.slice(0, 3), [overview.open, overview.overdue, overview.dueThisWeek]);
	});
	await holds("overview: the rungs of the ladder add up to the open cases", async () => {
		const rungs = await page.locator(".beam-value").allInnerTexts();
		return (
			rungs.length === 4 &&
			equal(
				"sum",
				rungs.reduce((sum, n) => sum + Number(n), 0),
				overview.open,
			)
		);
	});
	await holds("overview: 42 regions, with their numbers", async () => {
		const tiles = await page.locator(".tile").count();
		const sum = (await page.locator(".tile-value").allInnerTexts()).reduce(
			(total, n) => total + Number(n),
			0,
		);
		return equal("tiles", tiles, 42) && equal("sum", sum, overview.open);
	});
	await holds("overview: who waits longest comes first", async () => {
		const first = await page.locator("tbody th a").first().getAttribute("href");
		const longest = overview.longest[0].caseState ?? overview.longest[0];
		return equal("case", first, `#/casus/${longest.caseId}`);
	});
	await holds("the page says that the door is open", async () =>
		(await text(page, "#open-door")).includes("zonder inloggen"),
	);

	await show(page, at.werklijst);
	await holds("work list: every case of the owner, by next deadline, with the rule", async () => {
		const owner = at.werklijst.split("/").pop();
		const { cases } = await services.ask("monitoring", `/v1/owners/${owner}/work-list`);
		const shown = await page
			.locator("tbody a.case")
			.evaluateAll((links) => links.map((a) => a.getAttribute("href").split("/").pop()));
		return (
			equal(
				"cases",
				shown,
				cases.map((c) => c.caseId),
			) && (await text(page, "tbody")).includes("regel ")
		);
	});

	await show(page, at.casus);
	await holds("case: what is next, what happens if nobody acts, who is at the table", async () => {
		const main = await text(page, "main");
		const wanted = [
			"Nu aan de beurt",
			"Wat gebeurt er als niemand iets doet?",
			"Wie zit er aan tafel?",
			"Open termijnen",
			"Tijdlijn",
		];
		return (
			wanted.filter((title) => !main.includes(title)).join(", ") ||
			(await page.locator(".ahead > li").count()) > 0 ||
			"nothing ahead"
		);
	});
	await holds("case: a decision tells its rule and its source", async () => {
		await page.locator(".why > summary").last().click();
		return (await text(page, ".why[open]")).includes("Bron: ") || "no source";
	});

	await signals(page, services, at);
	await figuresAndPolicy(page, services, at);
	await holds("an absent case is told, not shown", async () => {
		await show(page, at.afwezig);
		return (await text(page, "main")).includes("Code voor de beheerder");
	});
	await page.context().close();
}

async function signals(page, services, at) {
	const { cases } = await services.ask("monitoring", "/v1/cases?openOnly=true&overdue=true&limit=100");
	const one = cases.find((c) => c.signals.length < 10); // of more, the view shows the first

	await show(page, `#/signalen?casus=${one.caseId}`);
	await holds("signals: those of a case, with evidence", async () => {
		const rows = await page.locator("tbody tr").count();
		return equal("rows", rows, one.signals.length);
	});
	await holds("signals: acknowledging one is a submission to intake, and is shown", async () => {
		const { signals: open } = await services.ask(
			"signalling",
			`/v1/signals?subject=CASE&subjectId=${one.caseId}`,
		);
		const to = open.find((s) => s.organisations?.length > 0);
		await page
			.getByRole("button", { name: new RegExp(`Bevestig ${to.code.match(/S\d\d/)[0]}`) })
			.first()
			.click();
		await page.getByLabel("Opgepakt").check();
		await page.getByLabel("Vanuit welk systeem?").fill("nergens");
		await page.getByRole("button", { name: "Bevestig", exact: true }).last().click();
		await page.waitForSelector("dialog .problem"); // an unknown sender is refused, in words
		await page
			.getByLabel("Vanuit welk systeem?")
			.fill(
				await sourceOf(
					services,
					await page.getByLabel("Namens welke organisatie?").inputValue(),
				),
			);
		await page.getByRole("button", { name: "Bevestig", exact: true }).last().click();
		return until(
			"acknowledged",
			async () =>
				(await page.locator("dialog").count()) === 0 &&
				(await page.locator("tbody").allInnerTexts()).join().includes("Opgepakt"),
		);
	});
	await show(page, at.signalen);
	await holds("signals: all are counted", async () => /\d+ open signal/.test(await text(page, "main")));
}

// `play` registers a source for each organisation that speaks; any that may speak for it will do.
async function sourceOf(services, organisation) {
	const journal = (await services.tool("journal", "intake", "--run", services.run, "--json"))
		.split("\n")
		.filter(Boolean)
		.map((line) => JSON.parse(line));
	const registered = journal.map((r) => r.record.intake?.accepted?.submission?.source_registered).filter(Boolean);
	return registered.reverse().find((s) => s.organisations?.includes(organisation))?.source ?? "geen";
}

async function figuresAndPolicy(page, services, at) {
	await show(page, at.cijfers);
	await holds("figures: indicators as plots, with numerator and denominator beside", async () => {
		const cards = page.locator(".indicator");
		return (
			(await cards.count()) >= 27 &&
			(await page.locator(".indicator svg").count()) > 10 &&
			(await text(page, "#K3 thead")).includes("Noemer")
		);
	});
	await holds("figures: a file for a spreadsheet", async () => {
		const [file] = await Promise.all([
			page.waitForEvent("download"),
			page.getByRole("button", { name: /CSV/ }).click(),
		]);
		const csv = await readFile(await file.path(), "utf8");
		return (csv.includes("K1") && !csv.startsWith("{")) || csv.slice(0, 200);
	});
	await show(page, at.beleid);
	await holds("policy: numbers, deadlines, versions and the drawing", async () => {
		const main = await text(page, "main");
		const drawn = await page
			.locator(".drawing img")
			.evaluate((img) => img.decode().then(() => img.naturalWidth > 500));
		return (
			drawn &&
			["De getallen", "De termijnen", "1.0.0", "Wie doet wat in welke regio?"].every((title) =>
				main.includes(title),
			)
		);
	});
	await show(page, at.tabel);
	await holds("policy: the rows of a table with their sources", async () =>
		(await text(page, "main")).includes("R17.1"),
	);
}
