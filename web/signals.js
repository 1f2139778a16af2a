// SPDX-License-Identifier: EUPL-1.2
// signals.js - open signals, by what they are about, with the evidence; and acknowledging one.

import { acknowledge } from "./acknowledge.js";
import { askAll, askToday } from "./api.js";
import { h, table } from "./dom.js";
import { capital, count, date, daysBetween, number } from "./format.js";
import { organisation, organisationName, regionName, regions } from "./organisations.js";
import { asOf, caseLink, check, choice, heading } from "./parts.js";
import { short, signalNumber, word, words, wordOf } from "./words.js";

const LIMIT = 1000;
const SHOWN = 15;
const UNITS = {
	EVENTS: ["keer", "keer"],
	DAYS: ["dag", "dagen"],
	"WORKING-DAYS": ["werkdag", "werkdagen"],
	CASES: ["casus", "casussen"],
	TIMES: ["keer", "keer"],
	MONTHS: ["maand", "maanden"],
	CONTACTS: ["contact", "contacten"],
	EXTENSIONS: ["verlenging", "verlengingen"],
	MEETINGS: ["overleg", "overleggen"],
	"MEETING-DAYS": ["overlegdag", "overlegdagen"],
	"PER-MILLE": ["promille", "promille"],
	PLACEMENTS: ["plaatsing", "plaatsingen"],
	SECLUSIONS: ["afzondering", "afzonderingen"],
	TASKS: ["taak", "taken"],
	TRANSFERS: ["overplaatsing", "overplaatsingen"],
	PERCENT: ["procent", "procent"],
	REGIONS: ["regio", "regio's"],
	CENTRES: ["centrum", "centra"],
	MESSAGES: ["bericht", "berichten"],
};

function subject(s) {
	switch (short("SIGNAL_SUBJECT", s.subject)) {
		case "CASE":
			return caseLink(s.subjectId);
		case "REGION":
			return regionName(s.subjectId);
		case "STUCK_REASON":
			return h("span", { class: "code" }, s.subjectId);
		default:
			return organisation(s.subjectId);
	}
}

// "3 van 3 keer": what was counted against the threshold.
function evidence(s) {
	const [one, many] = UNITS[s.unit] ?? [s.unit ?? "", s.unit ?? ""];
	if (!s.threshold && !s.evidence) return "–";
	return h(
		"span",
		null,
		`${number(s.evidence)} ${s.evidence === 1 ? one : many}`,
		s.threshold > 1 && h("span", { class: "hint block" }, `grens ${number(s.threshold)}`),
	);
}

function toWhom(s) {
	const list = (s.organisations ?? []).map(organisationName);
	return h(
		"span",
		null,
		(s.to ?? []).map((a) => wordOf("ADDRESSEE", a)).join(", "),
		list.length > 0 && h("span", { class: "hint block" }, list.join(", ")),
	);
}

function taken(s, context) {
	const name = `${signalNumber(s.code)} over ${s.subjectId}`;
	return s.acknowledgedBy
		? h(
				"span",
				null,
				capital(word(s.followUp)),
				h("span", { class: "hint block" }, organisationName(s.acknowledgedBy)),
			)
		: h(
				"button",
				{
					type: "button",
					class: "quiet",
					"aria-label": `Bevestig ${name}`,
					onclick: () => acknowledge(s, context),
				},
				"Bevestig",
			);
}

// Of a long group the first are shown, until somebody wants all.
function more(code, all, context) {
	return (
		all.length > SHOWN &&
		!context.opened.has(code) &&
		h(
			"p",
			{ class: "buttons" },
			h(
				"button",
				{
					type: "button",
					class: "quiet",
					onclick: () => {
						context.opened.add(code);
						context.render();
					},
				},
				`Toon alle ${number(all.length)}`,
			),
		)
	);
}

function group(code, all, data, context) {
	const rows = context.opened.has(code) ? all : all.slice(0, SHOWN);
	const name = `${signalNumber(code)} ${capital(word(code))}`;
	return h(
		"section",
		{ class: "card", key: code },
		h("h2", null, name, " ", h("span", { class: "hint" }, count(all.length, "signaal", "signalen"))),
		table({
			caption: name,
			rows,
			key: (s) => [s.subjectId, s.deadlineKind, s.reference].join("/"),
			columns: [
				{ title: "Over", cell: subject },
				{
					title: "Termijn",
					cell: (s) =>
						s.deadlineKind
							? capital(word(s.deadlineKind)) +
								(s.reference ? ` (${s.reference})` : "")
							: "–",
				},
				{ title: "Trede", number: true, cell: (s) => number(s.stage) },
				{
					title: "Sinds",
					cell: (s) =>
						h(
							"span",
							null,
							date(s.raisedOn),
							h(
								"span",
								{ class: "hint block" },
								`${count(daysBetween(s.raisedOn, data.today), "dag", "dagen")} geleden`,
							),
						),
				},
				{ title: "Geteld", cell: evidence },
				{ title: "Aan", class: "long", cell: toWhom },
				{ title: "Bevestigd", cell: (s) => taken(s, context) },
			],
		}),
		more(code, all, context),
	);
}

function grouped(rows) {
	const codes = [...new Set(rows.map((s) => s.code))].sort();
	return codes.map((code) => [
		code,
		rows
			.filter((s) => s.code === code)
			.sort((a, b) => (b.stage ?? 0) - (a.stage ?? 0) || (a.raisedOn < b.raisedOn ? -1 : 1)),
	]);
}

const options = (kind, all) => [
	["", all],
	...Object.keys(words[kind]).map((code) => [`${kind}_${code}`, capital(words[kind][code])]),
];

function choices(context) {
	const { query, set } = context;
	const chosen = (name) => query.get(name) ?? "";
	return h(
		"div",
		{ class: "choices", key: "choices" },
		choice("Voor wie", "aan", options("ADDRESSEE", "Iedereen"), chosen("aan"), (aan) => set({ aan })),
		choice(
			"Welk signaal",
			"code",
			[
				["", "Alle"],
				...Object.keys(words.SIGNAL_CODE).map((c) => [
					`SIGNAL_CODE_${c}`,
					`${c.slice(0, 3)} ${words.SIGNAL_CODE[c]}`,
				]),
			],
			chosen("code"),
			(code) => set({ code }),
		),
		choice(
			"Gebied",
			"regio",
			[["", "Heel Nederland"], ...regions.map((r) => [r.code, r.name])],
			chosen("regio"),
			(regio) => set({ regio }),
		),
		check("Alleen wat niemand oppakte", "open", chosen("open") === "1", (on) =>
			set({ open: on ? "1" : "" }),
		),
		query.get("casus") &&
			h(
				"p",
				null,
				"Alleen over casus ",
				h("span", { class: "code" }, query.get("casus")),
				". ",
				h(
					"button",
					{ type: "button", class: "quiet", onclick: () => set({ casus: "" }) },
					"Toon alle",
				),
			),
	);
}

export const signals = {
	title: () => "Signalen",
	load: async ({ query, signal }) => {
		const aboutCase = query.get("casus");
		const [list, today] = await Promise.all([
			askAll(
				"/v1/signals",
				{
					addressee: query.get("aan"),
					code: query.get("code"),
					region: query.get("regio"),
					unacknowledged: query.get("open") === "1",
					subject: aboutCase && "SIGNAL_SUBJECT_CASE",
					subjectId: aboutCase,
				},
				"signals",
				{ limit: LIMIT, service: "signalling", signal },
			),
			askToday(signal),
		]);
		return { ...list, today };
	},
	stream: () => ({ service: "signalling", path: "/v1/signals/stream" }),
	isTouched: () => true,
	render: (data, context) =>
		(context.opened ??= new Set()) && [
			heading("Signalen", asOf(data.today)),
			h(
				"p",
				{ class: "lead", key: "lead" },
				"Een signaal vertelt dat een casus, een regio of een team vastloopt. Het gaat pas weg als er iets verandert. Bevestigen betekent: wij weten het, en dit doen wij ermee.",
			),
			choices(context),
			data.rows.length === 0
				? h(
						"div",
						{ class: "empty big", key: "empty" },
						h("p", null, "Er zijn geen open signalen."),
						h("p", { class: "hint" }, "Of er past geen signaal bij uw keuze."),
					)
				: [
						h(
							"p",
							{ key: "count" },
							`${count(data.rows.length, "open signaal", "open signalen")}${data.more ? ", en er zijn er meer. Kies hierboven wat u wilt zien." : "."}`,
						),
						grouped(data.rows).map(([code, rows]) =>
							group(code, rows, data, context),
						),
					],
		],
};
