// SPDX-License-Identifier: EUPL-1.2
// ladder.js - the ladder as a picture: how many cases stand on each rung, by track, and how many went up or down.

import { h, table } from "./dom.js";
import { addMonths, capital, month, number } from "./format.js";
import { card } from "./parts.js";
import { flowPlot } from "./plot.js";
import { short, words, wordOf } from "./words.js";

const LEVELS = ["NATIONAL", "SUPRAREGIONAL", "REGIONAL", "LOCAL"];
const WHO = {
	NATIONAL: "landelijk team",
	SUPRAREGIONAL: "expertisecentrum",
	REGIONAL: "expertteam of landingsplaats",
	LOCAL: "lokaal team of gemeente",
};
const TRACKS = Object.keys(words.TRACK);

function rungs(data) {
	return LEVELS.map((code) => {
		const cells = (data.cells ?? []).filter((c) => short("LEVEL", c.level) === code);
		const of = (track) =>
			cells
				.filter((c) => short("TRACK", c.track) === track)
				.reduce((sum, c) => sum + Number(c.open ?? 0), 0);
		const tracks = TRACKS.map((track) => ({ track, open: of(track) }));
		return { code, tracks, open: tracks.reduce((sum, t) => sum + t.open, 0) };
	});
}

// Between a rung and the one above it: a step over several rungs passes each of them.
function between(data, upper, months) {
	const rank = (level) => LEVELS.indexOf(short("LEVEL", level));
	const at = LEVELS.indexOf(upper);
	const moves = (data.levelFlow ?? []).filter((f) => f.from && f.to && months.includes(f.month));
	const sum = (fits) => moves.filter(fits).reduce((total, f) => total + Number(f.cases ?? 0), 0);
	return {
		up: sum((f) => rank(f.from) > at && rank(f.to) <= at),
		down: sum((f) => rank(f.from) <= at && rank(f.to) > at),
	};
}

function rung(one, most) {
	const said = one.tracks
		.filter((t) => t.open > 0)
		.map((t) => `${number(t.open)} ${wordOf("TRACK", t.track)}`)
		.join(", ");
	return h(
		"li",
		{ class: "rung", key: one.code },
		h(
			"div",
			{ class: "rung-name" },
			h("strong", null, capital(wordOf("LEVEL", one.code))),
			" ",
			h("span", { class: "hint" }, WHO[one.code]),
		),
		h(
			"div",
			{ class: "beam" },
			h(
				"span",
				{ class: "beam-fill", "aria-hidden": "true" },
				one.tracks.map(
					(t) =>
						t.open > 0 &&
						h("span", {
							class: `part ${t.track.toLowerCase()}`,
							key: t.track,
							vars: { "--part": t.open / most },
						}),
				),
			),
			h("span", { class: "beam-value" }, number(one.open)),
		),
		h("p", { class: "unseen" }, `${number(one.open)} open casussen: ${said || "geen"}`),
	);
}

function step(upper, flow) {
	return h(
		"li",
		{ class: "step", key: `step-${upper}` },
		h("span", null, h("span", { "aria-hidden": "true" }, "↑ "), `${number(flow.up)} omhoog`),
		h("span", null, h("span", { "aria-hidden": "true" }, "↓ "), `${number(flow.down)} omlaag`),
	);
}

function governance(data) {
	const sum = (code) =>
		(data.cells ?? [])
			.filter((c) => short("GOVERNANCE", c.governance) === code)
			.reduce((total, c) => total + Number(c.open ?? 0), 0);
	return h(
		"p",
		{ class: "governance" },
		"Daarnaast vraagt een casus soms een besluit over samenwerking of geld: ",
		h("strong", null, number(sum("OFFICIAL"))),
		" bij ambtenaren, ",
		h("strong", null, number(sum("EXECUTIVE"))),
		" bij bestuurders.",
	);
}

export function ladder(data) {
	const all = rungs(data);
	const most = Math.max(1, ...all.map((r) => r.open));
	const thisMonth = data.date.slice(0, 7);
	const months = Array.from({ length: 12 }, (_, i) => addMonths(data.date, i - 11));
	const upward = months.map((m) => ({
		month: m,
		steps: LEVELS.slice(0, 3).map((upper) => ({ upper, ...between(data, upper, [m]) })),
	}));
	const total = (m, way) => m.steps.reduce((sum, s) => sum + s[way], 0);

	return card(
		"De ladder",
		{ class: "card", key: "ladder" },
		h(
			"p",
			{ class: "hint" },
			`Op welke trede casussen staan, en hoeveel er in ${month(thisMonth)} een trede omhoog of omlaag gingen.`,
		),
		h(
			"ol",
			{ class: "ladder" },
			all.flatMap((one, i) => [
				rung(one, most),
				i < 3 && step(one.code, between(data, one.code, [thisMonth])),
			]),
		),
		h(
			"ul",
			{ class: "legend", "aria-hidden": "true" },
			TRACKS.map((t) =>
				h("li", null, h("span", { class: `swatch ${t.toLowerCase()}` }), wordOf("TRACK", t)),
			),
		),
		governance(data),
		h("h3", null, "Van trede naar trede, per maand"),
		flowPlot(upward.map((m) => ({ month: m.month, up: total(m, "up"), down: total(m, "down") }))),
		h(
			"details",
			null,
			h("summary", null, "Als tabel"),
			table({
				caption: "Casussen die van trede wisselden, per maand",
				rows: upward,
				key: (m) => m.month,
				columns: [
					{ title: "Maand", cell: (m) => month(m.month) },
					...LEVELS.slice(0, 3).flatMap((upper, i) => [
						{
							title: `Naar ${wordOf("LEVEL", upper)}`,
							number: true,
							cell: (m) => number(m.steps[i].up),
						},
						{
							title: `Terug van ${wordOf("LEVEL", upper)}`,
							number: true,
							cell: (m) => number(m.steps[i].down),
						},
					]),
				],
			}),
		),
	);
}
