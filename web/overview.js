// SPDX-License-Identifier: EUPL-1.2
// overview.js - where children wait, at a glance: numbers, the ladder, who waits longest, the regions.

import { ask } from "./api.js";
import { h, table } from "./dom.js";
import { addDays, capital, count, daysBetween, number, shortDate, timeOf } from "./format.js";
import { ladder } from "./ladder.js";
import { organisation, regionName, regions } from "./organisations.js";
import { asOf, card, caseLink, choice, due, heading, signalTags, track } from "./parts.js";
import { bars } from "./plot.js";
import { regionGrid } from "./region_grid.js";
import { words, wordOf } from "./words.js";

const stateOf = (answer) => answer.caseState ?? answer;

function figure(value, title, detail, href, kind) {
	return h(
		"li",
		{ class: `figure ${kind ?? ""}`, key: title },
		h(
			"a",
			{ href },
			h("span", { class: "value" }, number(value)),
			" ",
			h("span", { class: "title" }, title),
		),
		h("p", { class: "hint" }, detail),
	);
}

function figures(data, context) {
	const regio = context.query.get("regio");
	const longest = data.longest?.[0] && stateOf(data.longest[0]);
	const waited = longest ? daysBetween(data.waits?.[0]?.movedOn || data.date, data.date) : 0;

	return h(
		"ul",
		{ class: "figures", key: "figures" },
		figure(
			data.open,
			Number(data.open) === 1 ? "open casus" : "open casussen",
			"Elke open casus heeft een eigenaar en een volgende stap.",
			context.link("werklijst/alles", { regio }),
		),
		figure(
			data.overdue,
			"te laat",
			"Een termijn is gemist en nog niet ingehaald.",
			context.link("werklijst/alles", { regio, lijst: "te-laat" }),
			"late",
		),
		figure(
			data.dueThisWeek,
			"deze week aan de beurt",
			`Termijn tot en met ${shortDate(addDays(data.date, 6))}.`,
			context.link("werklijst/alles", { regio, lijst: "deze-week" }),
			"soon",
		),
		figure(
			waited,
			waited === 1 ? "dag wachten" : "dagen wachten",
			longest ? "Zo lang kwam er geen bericht over de casus die het langst stilstaat." : "Er staat niets open.",
			longest ? context.link(`casus/${longest.caseId}`) : context.link(""),
		),
	);
}

function states(data) {
	const rows = Object.keys(words.CASE_STATE)
		.filter((code) => code !== "CLOSED" && code !== "RECEIVED")
		.map((code) => {
			const cells = (data.cells ?? []).filter((c) => c.state === `CASE_STATE_${code}`);
			const sum = (field) => cells.reduce((total, c) => total + Number(c[field] ?? 0), 0);
			return {
				name: capital(wordOf("CASE_STATE", code)),
				open: sum("open"),
				overdue: sum("overdue"),
			};
		});
	const most = Math.max(1, ...rows.map((r) => r.open));

	return card(
		"Waar staan de casussen?",
		{ class: "card", key: "states" },
		h(
			"ul",
			{ class: "bars" },
			rows.map((r) =>
				h(
					"li",
					{ key: r.name },
					h("span", { class: "bar-name" }, r.name),
					h(
						"span",
						{ class: "bar-track", "aria-hidden": "true" },
						h("span", { class: "bar-fill", vars: { "--part": r.open / most } }),
						h("span", { class: "bar-late", vars: { "--part": r.overdue / most } }),
					),
					h(
						"span",
						{ class: "bar-value" },
						number(r.open),
						r.overdue > 0 &&
							h(
								"span",
								{ class: "late-count" },
								` ▲ ${number(r.overdue)} te laat`,
							),
					),
				),
			),
		),
	);
}

function ago(day, today) {
	return day
		? h(
				"span",
				null,
				shortDate(day),
				h("span", { class: "hint block" }, `${count(daysBetween(day, today), "dag", "dagen")} geleden`),
			)
		: h("span", { class: "none" }, "geen");
}

function waiting(data) {
	const movedOn = new Map((data.waits ?? []).map((w) => [w.caseId, w.movedOn]));
	const rows = (data.longest ?? []).map(stateOf);
	return card(
		"Wie wacht het langst?",
		{ class: "card wide", key: "longest" },
		h("p", { class: "hint" }, "Casussen waarin het langst geen bericht kwam."),
		table({
			caption: "Casussen waarin het langst niets gebeurde",
			rows,
			key: (c) => c.caseId,
			empty: "Er wacht niemand: er zijn geen open casussen.",
			columns: [
				{ title: "Casus", cell: (c) => caseLink(c.caseId) },
				{ title: "Laatste bericht", cell: (c) => ago(movedOn.get(c.caseId), data.date) },
				{
					title: "Sinds aanmelding",
					number: true,
					cell: (c) =>
						c.submittedOn
							? count(daysBetween(c.submittedOn, data.date), "dag", "dagen")
							: "–",
				},
				{ title: "Stand", cell: (c) => capital(wordOf("CASE_STATE", c.state)) },
				{ title: "Spoor", cell: (c) => track(c.track) },
				{ title: "Eigenaar", cell: (c) => organisation(c.owner) },
				{ title: "Volgende termijn", cell: (c) => due(c.next?.due, data.date) },
				{ title: "Signalen", cell: (c) => signalTags(c.signals) },
			],
		}),
	);
}

function coming(data) {
	const known = new Map((data.due ?? []).map((d) => [d.date, Number(d.open ?? 0)]));
	const days = Array.from({ length: 28 }, (_, i) => addDays(data.date, i));

	return card(
		"Wat komt eraan?",
		{ class: "card", key: "coming" },
		h("p", { class: "hint" }, "Casussen naar de dag van hun volgende termijn, vier weken vooruit."),
		bars({
			label: "Termijnen per dag",
			points: days.map((day) => ({ name: shortDate(day), value: known.get(day) ?? 0 })),
			every: 7,
		}),
	);
}

function recent(context) {
	const rows = context.app.recent.filter(
		(c) => !context.query.get("regio") || c.region === context.query.get("regio"),
	);
	return card(
		"Zojuist veranderd",
		{ class: "card", key: "recent" },
		rows.length === 0
			? h(
					"p",
					{ class: "empty" },
					"Nog niets sinds u deze pagina opende. Nieuwe casussen en besluiten verschijnen hier vanzelf.",
				)
			: h(
					"ul",
					{ class: "recent" },
					rows.map((c) =>
						h(
							"li",
							{ key: c.caseId },
							h(
								"time",
								{ class: "hint", datetime: c.seenAt.toISOString() },
								timeOf(c.seenAt),
							),
							" ",
							caseLink(c.caseId),
							" ",
							h("span", null, wordOf("CASE_STATE", c.state)),
							" ",
							h("span", { class: "hint" }, regionName(c.region)),
						),
					),
				),
	);
}

export const overview = {
	title: () => "Overzicht",
	load: ({ query, signal }) =>
		ask("/v1/overview", { region: query.get("regio"), months: 12, longest: 10 }, { signal }).then(
			async (data) =>
				query.get("regio")
					? { ...data, country: await ask("/v1/overview", { longest: 1 }, { signal }) }
					: data,
		),
	stream: () => ({ service: "monitoring", path: "/v1/case-states/stream" }),
	isTouched: () => true,
	render: (data, context) => [
		heading(
			"Overzicht",
			asOf(data.date),
			choice(
				"Gebied",
				"regio",
				[["", "Heel Nederland"], ...regions.map((r) => [r.code, r.name])],
				context.query.get("regio") ?? "",
				(regio) => context.set({ regio }),
			),
		),
		figures(data, context),
		h(
			"div",
			{ class: "columns", key: "first" },
			ladder(data),
			h("div", null, states(data), coming(data), recent(context)),
		),
		waiting(data),
		regionGrid((data.country ?? data).regions ?? [], context),
	],
};
