// SPDX-License-Identifier: EUPL-1.2
// dutch.mjs - care workers read Dutch: no sentence of the tables, and no other, stands there in English.

import { holds } from "./judge.mjs";
import { open, places, show } from "./look.mjs";

// Words that no Dutch sentence has, and names of the tables that nobody gave a Dutch word.
const ENGLISH = /\b(the|and|with|which|from|not|their|has|have|been|this|will|must|case|team's)\b/i;
const NAME = /\b(?!WCAG\b)([A-Z]{4,}|[A-Z]+_[A-Z_]+|[a-z]+_[a-z_]+)\b/;

// What is hidden counts as well: it is one key away.
async function englishOf(page) {
	const found = await page.evaluate(([pattern, name]) => {
		const [english, code] = [new RegExp(pattern, "i"), new RegExp(name)];
		const marked = [...document.querySelectorAll("main [lang=en]")].map((e) => e.textContent);
		const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
		while (walk.nextNode()) {
			const { data, parentNode } = walk.currentNode;
			const isCode = code.test(data) && !parentNode.closest(".code, .rule");
			if (english.test(data) || isCode) marked.push(data);
		}
		return marked;
	}, [ENGLISH.source, NAME.source]);
	return found.length === 0 || `in English: ${[...new Set(found)].slice(0, 5).join(" | ")}`;
}

export async function dutch(browser, services, watch, { short = false } = {}) {
	const page = await open(browser, services, watch);
	const at = await places(services);
	const told = async (hash) => {
		await show(page, hash);
		return englishOf(page);
	};

	await holds("no English on any view", async () => {
		for (const [name, hash] of Object.entries(at)) {
			const said = await told(hash);
			if (said !== true) return `${name}: ${said}`;
		}
	});
	await holds("no English in the story of a case", async () => {
		const { cases } = await services.ask("monitoring", "/v1/cases?limit=100");
		for (const one of cases.slice(0, short ? 4 : 40)) {
			const said = await told(`#/casus/${one.caseId}`);
			if (said !== true) return `${one.caseId}: ${said}`;
		}
	});
	await holds("no English in any table of the policy", async () => {
		const { tables } = await services.ask("monitoring", "/v1/policies");
		for (const { scope, event } of tables.filter((_, i) => !short || i % 20 === 0)) {
			const said = await told(`#/beleid?tabel=${scope}&bij=${event}`);
			if (said !== true) return `${scope}/${event}: ${said}`;
		}
		return tables.length > 100;
	});
	await holds("why: the Dutch sentence of the row, and where it comes from", async () => {
		await show(page, at.tabel);
		const cell = await page.locator("tr", { hasText: "R17.3" }).first().innerText();
		return cell.includes("Dichtbij is nog niet genoeg gedaan.") || cell;
	});
	await page.context().close();
}
