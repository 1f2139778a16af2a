// SPDX-License-Identifier: EUPL-1.2
// neglected.mjs - a case that nobody looks after can still be read: what comes again and again is told once.

import { holds } from "./judge.mjs";
import { open, show } from "./look.mjs";

export async function neglected(browser, services, watch) {
	const page = await open(browser, services, watch);
	const { longest, waits, date } = await services.ask("monitoring", "/v1/overview");
	const id = (longest[0].caseState ?? longest[0]).caseId;
	const { events } = await services.ask("monitoring", `/v1/cases/${id}/story?limit=100`);
	const days = (Date.parse(date) - Date.parse(waits[0].movedOn)) / 86400000;

	await holds("overview: who waits longest waits since the last message about the case", async () => {
		const said = events.filter((e) => e.kind !== "Tick").map((e) => e.at.slice(0, 10));
		const row = await page.locator("tr", { has: page.locator(`a[href="#/casus/${id}"]`) }).first().innerText();
		const figure = await page.locator(".figure .value").nth(3).innerText();
		return (
			(waits[0].caseId === id &&
				said[0] === waits[0].movedOn &&
				row.includes(`${days} dagen geleden`) &&
				figure === String(days)) ||
			`${said[0]}, ${waits[0].movedOn}, ${days}, ${figure}: ${row}`
		);
	});
	await show(page, `#/casus/${id}`);
	const top = page.locator(".time-line").first().locator(":scope > li");
	const misses = events.filter((e) => e.kind === "Tick" && e.decisions?.some((d) => d.answer?.deadlineMissed));
	await holds("a neglected case: misses of one kind stand together, with how often and when last", async () => {
		const fold = await page.locator(".event", { has: page.locator(":scope > .folded") }).allInnerTexts();
		const shown = await top.count();
		return (
			(misses.length > 5 &&
				shown * 2 < events.length &&
				fold.some((text) => /^\d+ keer gemist: [^]*Laatste op .*, eerste op /.test(text))) ||
			`${misses.length} misses, ${events.length} events, ${shown} shown: ${fold.join(" | ")}`
		);
	});
	await holds("a neglected case: every single one is one key away, and nothing is lost", async () => {
		const summaries = page.locator(".folded > summary");
		for (let i = 0; i < (await summaries.count()); i++) {
			await summaries.nth(i).focus();
			await page.keyboard.press("Enter");
		}
		const seen = await page.locator(".event p", { hasText: /^Termijn gemist: / }).evaluateAll(
			(all) => all.filter((e) => e.checkVisibility()).length,
		);
		const all = misses.flatMap((e) => e.decisions).filter((d) => d.answer?.deadlineMissed).length;
		return seen === all || `${seen} of ${all}`;
	});
	await holds("a neglected case: its open signals of one kind stand together", async () => {
		const said = await page.locator(".signal-list details > summary").first().innerText();
		return /^\d+ keer, de eerste sinds .*, de laatste sinds /.test(said) || said;
	});
	await page.context().close();
}
