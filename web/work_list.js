// SPDX-License-Identifier: EUPL-1.2
// work_list.js - what one owner has to do, by next deadline, with the reason; or of a region, when nobody is named.

import { askAll, askToday } from "./api.js";
import { h, table } from "./dom.js";
import { addDays, capital, count, daysBetween } from "./format.js";
import { names } from "./names.js";
import { organisation, organisationName, regionName, regions } from "./organisations.js";
import { asOf, caseLink, choice, deadlineName, due, heading, signalTags, track } from "./parts.js";
import { ruleNote } from "./rules.js";
import { signalNumber, word } from "./words.js";

const LISTS = [
	["", "Alle open casussen"],
	["te-laat", "Alleen te laat"],
	["deze-week", "Alleen deze week"],
];
const EVERYBODY = "alles";
const KEPT = "doorbraak.owner";
const LIMIT = 1000;

// By when something must be done, as people plan their week.
const GROUPS = [
	["Vandaag", (days) => days <= 0],
	["Morgen", (days) => days === 1],
	["Deze week", (days) => days <= 6],
	["Volgende week", (days) => days <= 13],
	["Later", () => true],
];

function ownerForm(owner, context) {
	const go = (event) => {
		event.preventDefault();
		const text = new FormData(event.currentTarget).get("owner").trim();
		const code = /^[A-Za-z0-9-]+$/.test(text) ? text.toUpperCase() : text.match(/\(([A-Z0-9-]+)\)$/)?.[1];
		if (code) {
			localStorage.setItem(KEPT, code);
			location.hash = context.link(`werklijst/${encodeURIComponent(code)}`).slice(1);
		}
	};
	return h(
		"form",
		{ class: "owner", key: "owner", onsubmit: go },
		h(
			"div",
			{ class: "field" },
			h("label", { for: "owner" }, "Wiens werklijst?"),
			h("input", {
				id: "owner",
				name: "owner",
				list: "owners",
				value: owner ?? "",
				autocomplete: "off",
				spellcheck: "false",
				size: "28",
				"aria-describedby": "owner-hint",
			}),
			h(
				"datalist",
				{ id: "owners" },
				context.owners.map((code) => h("option", { value: code }, organisationName(code))),
			),
		),
		h("button", { type: "submit" }, "Toon"),
		h(
			"p",
			{ class: "hint", id: "owner-hint" },
			"Code van de organisatie, bijvoorbeeld LT-GM0268 of ET-JZ32.",
		),
	);
}

// A missed deadline leaves the open ones: that it was not made good is told by its signal.
const missed = (c) => (c.signals ?? []).filter((s) => signalNumber(s.code) === "S02").length;

function whatFor(c) {
	const late = missed(c);
	return [
		c.next
			? h(
					"span",
					null,
					deadlineName(c.next),
					" ",
					ruleNote(c.next.rule),
					c.next.hard && [" ", h("span", { class: "tag" }, "wet")],
				)
			: h("span", { class: "none" }, "niets"),
		late > 0 &&
			h(
				"span",
				{ class: "late-count block" },
				`▲ ${count(late, "termijn", "termijnen")} gemist en nog niet ingehaald`,
			),
	];
}

function groups(data) {
	const left = new Set(data.rows);
	const filled = GROUPS.map(([title, fits]) => {
		const rows = [...left].filter((c) => c.next && fits(daysBetween(data.today, c.next.due)));
		rows.forEach((c) => left.delete(c));
		return [title, rows];
	});
	return [...filled, ["Zonder termijn", [...left]]]
		.filter(([, rows]) => rows.length > 0)
		.map(([title, rows]) => ({ title, rows, note: count(rows.length, "casus", "casussen") }));
}

function list(data) {
	return h(
		"section",
		{ class: "card", key: "list" },
		table({
			caption: "Casussen naar hun volgende termijn",
			groups: groups(data),
			key: (c) => c.caseId,
			rowClass: (c) => (missed(c) > 0 ? "late" : null),
			columns: [
				{ title: "Uiterlijk", cell: (c) => due(c.next?.due, data.today) },
				{ title: "Wat moet er gebeuren", class: "long", cell: whatFor },
				{ title: "Casus", cell: (c) => caseLink(c.caseId) },
				{ title: "Stand", cell: (c) => capital(word(c.state)) },
				{ title: "Spoor", cell: (c) => track(c.track) },
				...(data.owner ? [] : [{ title: "Eigenaar", cell: (c) => organisation(c.owner) }]),
				{ title: "Signalen", cell: (c) => signalTags(c.signals) },
			],
		}),
	);
}

async function load(context) {
	const { query, rest, signal } = context;
	const owner = rest[0] === EVERYBODY ? "" : (rest[0] ?? localStorage.getItem(KEPT) ?? "");
	const today = await askToday(signal);
	const lists = { "te-laat": { overdue: true }, "deze-week": { dueBefore: addDays(today, 7) } };
	const conditions = {
		openOnly: true,
		order: "CASES_ORDER_BY_NEXT_DEADLINE",
		region: owner ? "" : query.get("regio"),
		owner,
		...lists[query.get("lijst")],
	};
	const { rows, more } =
		owner && !query.get("lijst")
			? await askAll(`/v1/owners/${encodeURIComponent(owner)}/work-list`, {}, "cases", {
					limit: LIMIT,
					signal,
				})
			: await askAll("/v1/cases", conditions, "cases", { limit: LIMIT, signal });
	context.owners = [
		...new Set(
			[...rows.map((c) => c.owner), ...names.keys()]
				.filter((code) => code && !/^(JZ|PC)/.test(code))
				.flatMap((code) => (/^GM/.test(code) ? [`LT-${code}`, code] : [code])),
		),
	].sort();
	return {
		owner,
		today,
		more,
		rows:
			query.get("lijst") === "deze-week"
				? rows.filter((c) => c.next && daysBetween(today, c.next.due) >= 0)
				: rows,
	};
}

export const workList = {
	title: (context, data) => (data?.owner ? `Werklijst van ${organisationName(data.owner)}` : "Werklijst"),
	load,
	// All that the key may see: a case that goes to another owner is told of under the new one.
	stream: () => ({ service: "monitoring", path: "/v1/case-states/stream" }),
	isTouched: (change, context) => {
		const owner = context.app.data?.owner;
		return (
			!owner ||
			change.owner === owner ||
			context.app.data.rows.some((c) => c.caseId === change.caseId)
		);
	},
	render: (data, context) => {
		const regio = data.owner ? "" : context.query.get("regio");
		const whose = data.owner
			? `van ${organisationName(data.owner)}`
			: regio
				? `in ${regionName(regio)}`
				: "in heel Nederland";
		return [
			heading(workList.title(context, data), asOf(data.today)),
			h(
				"div",
				{ class: "choices", key: "choices" },
				ownerForm(data.owner, context),
				choice("Welke casussen", "lijst", LISTS, context.query.get("lijst") ?? "", (lijst) =>
					context.set({ lijst }),
				),
				!data.owner &&
					choice(
						"Gebied",
						"regio",
						[["", "Heel Nederland"], ...regions.map((r) => [r.code, r.name])],
						regio ?? "",
						(value) => context.set({ regio: value }),
					),
				data.owner &&
					h(
						"p",
						{ class: "field" },
						h(
							"a",
							{ href: context.link(`werklijst/${EVERYBODY}`) },
							"Toon alle eigenaren",
						),
					),
			),
			h(
				"p",
				{ class: "lead", key: "lead" },
				data.rows.length === 0
					? ""
					: `${count(data.rows.length, "casus", "casussen")} ${whose}${data.more ? ", en er zijn er meer" : ""}.`,
			),
			data.rows.length === 0
				? h(
						"div",
						{ class: "empty big", key: "empty" },
						h("p", null, `Hier staat niets open ${whose}.`),
						h(
							"p",
							{ class: "hint" },
							"Kies een andere eigenaar of een ander gebied.",
						),
					)
				: list(data),
		];
	},
};
