// SPDX-License-Identifier: EUPL-1.2
// region_grid.js - the 42 youth regions, about where they lie, each with its numbers; or as a table.

import { h, table } from "./dom.js";
import { number } from "./format.js";
import { regions } from "./organisations.js";
import { card } from "./parts.js";

const STEPS = 4; // of shade; the number stands in the tile

function tile(region, figures, most, context) {
	const open = Number(figures?.open ?? 0);
	const late = Number(figures?.overdue ?? 0);
	const chosen = context.query.get("regio") === region.code;
	const shade = open === 0 ? 0 : Math.min(STEPS, 1 + Math.floor(((open - 1) * STEPS) / most));

	return h(
		"li",
		{ key: region.code, vars: { "--column": region.place?.[0] ?? 1, "--row": region.place?.[1] ?? 1 } },
		h(
			"a",
			{
				class: `tile shade-${shade}`,
				href: context.link("", { regio: chosen ? "" : region.code }),
				"aria-current": chosen ? "true" : null,
				"aria-label": `${region.name}: ${number(open)} open, ${number(late)} te laat`,
			},
			h("span", { class: "tile-name" }, region.short),
			h("span", { class: "tile-value" }, number(open)),
			late > 0 && h("span", { class: "tile-late" }, `▲ ${number(late)}`),
		),
	);
}

export function regionGrid(rows, context) {
	const byCode = new Map(rows.map((r) => [r.region, r]));
	const most = Math.max(1, ...rows.map((r) => Number(r.open ?? 0)));
	const listed = regions.map((r) => ({ ...r, ...byCode.get(r.code) }));

	return card(
		"De 42 jeugdregio's",
		{ class: "card wide", key: "regions" },
		h(
			"p",
			{ class: "hint" },
			"Het grote getal is het aantal open casussen, ▲ het aantal dat te laat is. Kies een regio om alleen die te zien.",
		),
		h(
			"ul",
			{ class: "tiles" },
			regions.map((r) => tile(r, byCode.get(r.code), most, context)),
		),
		h(
			"details",
			null,
			h("summary", null, "Als tabel"),
			table({
				caption: "Open casussen per jeugdregio",
				rows: listed,
				key: (r) => r.code,
				columns: [
					{
						title: "Regio",
						cell: (r) =>
							h("a", { href: context.link("", { regio: r.code }) }, r.name),
					},
					{ title: "Code", cell: (r) => h("span", { class: "code" }, r.code) },
					{ title: "Open", number: true, cell: (r) => number(r.open) },
					{ title: "Te laat", number: true, cell: (r) => number(r.overdue) },
					{ title: "Deze week", number: true, cell: (r) => number(r.dueThisWeek) },
				],
			}),
		),
	);
}
