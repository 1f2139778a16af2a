// SPDX-License-Identifier: EUPL-1.2
// policy.js - what is in force: numbers, deadlines, the rows of the tables with their sources, who serves which region.

import { ask } from "./api.js";
import { h, table } from "./dom.js";
import { capital, count, date, number } from "./format.js";
import { organisation, regionName, regions } from "./organisations.js";
import { asOf, card, choice, english, heading } from "./parts.js";
import { documentName, factName, factValue, saying } from "./rules.js";
import { anyWord, events, factWord, units, values } from "./rule_words.js";
import { messages, word, words, wordOf } from "./words.js";

const SCOPES = {
	accept: "Wanneer een bericht wordt aangenomen",
	effects: "Wat er dan gebeurt",
	triage: "Wie een casus krijgt",
	signals: "Wie een signaal krijgt",
};
const TESTS = { AT_LEAST: "ten minste", FROM: "vanaf", HAS: "bevat" };
const VERBS = {
	accept: "aannemen",
	reject: "weigeren",
	state: "stand wordt",
	track: "spoor wordt",
	flag: "vastleggen",
	owner: "eigenaar wordt",
	ask: "overdracht vragen aan",
	support: "gaat ondersteunen",
	leave: "stopt met ondersteunen",
	offer: "biedt steun aan",
	require: "gemeente moet aan tafel",
	unrequire: "gemeente hoeft niet aan tafel",
	team: "team wordt het genoemde team",
	redirect: "doorverwijzen naar",
	governance: "opschaling",
	move: "naar de nieuwe gemeente",
	set: "termijn start",
	set_months: "termijn in maanden",
	due: "termijn op datum",
	earlier: "termijn wordt korter",
	clear: "termijn gedaan",
	end: "termijn vervalt",
	drop: "vervalt",
	forget: "telt niet meer",
	invite: "uitnodigen",
	actions: "acties",
	warn: "waarschuwen",
	note: "noteren",
	stop: "klaar",
	raise: "signaal:",
	raise_for: "signaal over",
	tell: "ook vertellen aan",
	clear_for: "signaal voorbij over",
	clear_deadline: "signaal voorbij:",
	clear_all: "alle signalen voorbij, behalve",
	count: "tellen",
	uncount: "niet meer tellen",
	alarm: "opletten op",
	alarm_wd: "opletten op",
	criterion: "complex omdat",
};

const term = (text) => {
	const [, amount, unit] = /^(\d+) (wd|d|months)$/.exec(text) ?? [];
	return amount ? count(amount, ...units[unit]) : text === "none" ? "loopt niet" : text;
};

// A term that is a number of the policy, with that number in words.
function termShown(text, data) {
	const value = (data.values ?? []).find((v) => v.key === text);
	return value
		? [
				count(value.value ?? 0, ...(units[value.unit] ?? ["", ""])),
				h("span", { class: "hint" }, ` ${text}`),
			]
		: term(text);
}

function sourceCell(from) {
	return from?.document
		? h(
				"div",
				null,
				documentName(from.document),
				(from.nl || from.point) && h("p", { class: "hint" }, saying(from)),
			)
		: "–";
}

function numbers(data) {
	return card(
		"De getallen",
		{ class: "card wide", key: "numbers" },
		h(
			"p",
			{ class: "hint" },
			"Hoe lang iets mag duren, en vanaf hoeveel iets telt. Een regio mag eigen getallen hebben, behalve waar “wet” staat.",
		),
		table({
			caption: "Getallen van het beleid",
			rows: data.values ?? [],
			key: (v) => v.key,
			columns: [
				{ title: "Nummer", cell: (v) => h("span", { class: "code" }, v.key) },
				{ title: "Wat", class: "long", cell: (v) => values[v.key] ?? english(v.meaning) },
				{
					title: "Waarde",
					number: true,
					cell: (v) => count(v.value ?? 0, ...(units[v.unit] ?? ["", ""])),
				},
				{ title: "Vast", cell: (v) => v.hard && h("span", { class: "tag" }, "wet") },
			],
		}),
	);
}

function terms(data) {
	return card(
		"De termijnen",
		{ class: "card wide", key: "terms" },
		table({
			caption: "Termijnen",
			rows: data.deadlines ?? [],
			key: (d) => d.kind,
			columns: [
				{
					title: "Termijn",
					class: "long",
					cell: (d) => [
						capital(word(d.kind)),
						d.hard && [" ", h("span", { class: "tag" }, "wet")],
					],
				},
				{
					title: "Hoe lang",
					cell: (d) =>
						d.terms?.length > 0
							? h(
									"ul",
									{ class: "plain" },
									d.terms.map((t) =>
										h(
											"li",
											null,
											t.track
												? `${capital(word(t.track))}: `
												: "",
											termShown(t.term, data),
										),
									),
								)
							: "eigen datum",
				},
				{ title: "Regel", cell: (d) => d.rule },
				{ title: "Bron", class: "long", cell: (d) => sourceCell(d.source) },
			],
		}),
	);
}

function condition(c) {
	const test = TESTS[(c.test ?? "").replace("RULE_TEST_", "")];
	return h(
		"li",
		null,
		`${factName(c.fact)}${test ? ` ${test} ` : ": "}${(c.values ?? []).map((value) => factValue(value, c.fact)).join(" of ")}`,
	);
}

// Of which enum the arguments of a verb are.
const VERB_KINDS = {
	state: "CASE_STATE",
	track: "TRACK",
	governance: "GOVERNANCE",
	reject: "REASON",
	set: "DEADLINE_KIND",
	set_months: "DEADLINE_KIND",
	due: "DEADLINE_KIND",
	earlier: "DEADLINE_KIND",
	clear: "DEADLINE_KIND",
	end: "DEADLINE_KIND",
	warn: "WARNING",
	criterion: "COMPLEXITY_CRITERION",
	tell: "ADDRESSEE",
};
const SIGNAL_VERBS = new Set(["raise", "raise_for", "clear", "clear_for", "clear_deadline", "clear_all"]);
const signalNames = new Map(
	Object.keys(words.SIGNAL_CODE).map((code) => [
		code.slice(0, 3),
		`${code.slice(0, 3)} ${words.SIGNAL_CODE[code]}`,
	]),
);

function argument(e, text, i) {
	if (SIGNAL_VERBS.has(e.verb) && signalNames.has(text)) return signalNames.get(text);
	if (e.verb.startsWith("raise"))
		return /^\d+$/.test(text)
			? `trede ${text}`
			: (words.ADDRESSEE[text] ?? words.SIGNAL_SUBJECT[text] ?? text);
	if (e.verb === "flag") return i === 0 ? `${factName(text)}:` : factWord(e.arguments[0], text);
	return words[VERB_KINDS[e.verb]]?.[text] ?? anyWord(text);
}

function effect(e) {
	const told = (e.arguments ?? []).map((text, i) => argument(e, text, i)).join(e.verb === "flag" ? " " : ", ");
	return h("li", null, `${VERBS[e.verb] ?? e.verb}${told ? ` ${told}` : ""}`);
}

function eventName(event) {
	const [head, ...rest] = event.split(".");
	if (head === "MISSED") return `Gemist: ${wordOf("DEADLINE_KIND", rest.join("."))}`;
	return messages[event] ?? events[event] ?? event;
}

function rowsCard(data) {
	return (data.rows ?? []).map((one) =>
		card(
			eventName(one.event),
			{ class: "card wide", key: `rows/${one.event}` },
			(one.blocks ?? []).map((block, n) =>
				table({
					caption: `${eventName(one.event)}, deel ${n + 1}: de eerste rij die past geldt`,
					unseenCaption: one.blocks.length < 2 ? undefined : false,
					rows: block.rows ?? [],
					key: (r) => r.id,
					columns: [
						{ title: "Rij", cell: (r) => h("span", { class: "code" }, r.id) },
						{
							title: "Als",
							class: "long",
							cell: (r) =>
								r.when?.length > 0
									? h(
											"ul",
											{ class: "plain" },
											r.when.map(condition),
										)
									: "altijd",
						},
						{
							title: "Dan",
							class: "long",
							cell: (r) =>
								r.then?.length > 0
									? h(
											"ul",
											{ class: "plain" },
											r.then.map(effect),
										)
									: "niets",
						},
						{ title: "Bron", class: "long", cell: (r) => sourceCell(r.source) },
					],
				}),
			),
		),
	);
}

function tables(data, context) {
	const { query, set } = context;
	const scope = query.get("tabel") ?? "";
	const events = (data.tables ?? []).filter((t) => t.scope === scope);
	const scopes = [...new Set((data.tables ?? []).map((t) => t.scope))];

	return [
		card(
			"De beslistabellen",
			{ class: "card wide", key: "tables" },
			h(
				"p",
				{ class: "hint" },
				"Elke rij zegt wanneer zij geldt, wat er dan gebeurt, en waar dat vandaan komt.",
			),
			h(
				"div",
				{ class: "choices" },
				choice(
					"Tabel",
					"tabel",
					[["", "Kies een tabel"], ...scopes.map((s) => [s, SCOPES[s] ?? s])],
					scope,
					(tabel) => set({ tabel, bij: "" }),
				),
				scope &&
					choice(
						"Bij welk bericht",
						"bij",
						[
							["", "Kies een bericht"],
							...events.map((t) => [
								t.event,
								`${eventName(t.event)} (${count(t.rows, "rij", "rijen")})`,
							]),
						],
						query.get("bij") ?? "",
						(bij) => set({ bij }),
					),
			),
		),
		scope && query.get("bij") && rowsCard(data),
	];
}

function adoptions(list, what) {
	return table({
		caption: what,
		rows: list ?? [],
		key: (a) => `${a.seq}`,
		empty: "Er is nog niets vastgesteld.",
		columns: [
			{ title: "Versie", cell: (a) => h("span", { class: "code" }, a.version) },
			{ title: "Geldt vanaf", cell: (a) => date(a.validFrom) },
			{ title: "Vastgesteld op", cell: (a) => date(a.adoptedOn) },
			{ title: "Voor", cell: (a) => (a.region ? regionName(a.region) : "heel Nederland") },
			{ title: "Rijen", number: true, cell: (a) => number(a.rows) },
			{ title: "Nu", cell: (a) => (a.inForce ? h("span", { class: "tag good" }, "geldt nu") : "") },
		],
	});
}

function registry(data) {
	return card(
		"Wie doet wat in welke regio?",
		{ class: "card wide", key: "registry" },
		h("p", { class: "hint" }, `Register ${data.version ?? ""}. `),
		table({
			caption: "Regio's en wie hen dient",
			rows: data.regions ?? [],
			key: (r) => r.region,
			empty: "Er is nog geen register vastgesteld.",
			columns: [
				{ title: "Regio", cell: (r) => regionName(r.region) },
				{
					title: "Team",
					cell: (r) =>
						r.team
							? organisation(r.team)
							: r.landingPlace
								? organisation(r.landingPlace)
								: h("span", { class: "none" }, "geen team"),
				},
				{ title: "Expertisecentrum", cell: (r) => organisation(r.expertiseCentre) },
				{
					title: "Taken van het team",
					cell: (r) =>
						r.functions?.length > 0
							? r.functions.map(word).join(", ")
							: h("span", { class: "none" }, "niet opgegeven"),
				},
				{ title: "Gemeenten", number: true, cell: (r) => number(r.municipalities?.length) },
			],
		}),
		h("h3", null, "Versies van het register"),
		adoptions(data.adoptions, "Versies van het register"),
	);
}

const hex = (base64) =>
	base64 ? [...atob(base64)].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("") : "";

export const policy = {
	title: () => "Beleid",
	load: async ({ query, signal }) => {
		const region = query.get("regio");
		const scope = query.get("bij") ? query.get("tabel") : "";
		const [inForce, register] = await Promise.all([
			ask("/v1/policies", { region, scope, event: scope && query.get("bij") }, { signal }),
			ask("/v1/registry", { region }, { signal }),
		]);
		return { inForce, register };
	},
	render: ({ inForce, register }, context) => [
		heading(
			"Beleid",
			asOf(inForce.date),
			choice(
				"Gebied",
				"regio",
				[["", "Heel Nederland"], ...regions.map((r) => [r.code, r.name])],
				context.query.get("regio") ?? "",
				(regio) => context.set({ regio }),
			),
		),
		h(
			"p",
			{ class: "lead", key: "lead" },
			inForce.version
				? [
						"Nu geldt versie ",
						h("strong", null, inForce.version),
						inForce.hash && [
							", kenmerk ",
							h("span", { class: "code" }, hex(inForce.hash).slice(0, 16)),
						],
						".",
					]
				: "Er is nog geen beleid vastgesteld.",
		),
		card(
			"De levensloop van een casus",
			{ class: "card wide", key: "cycle" },
			h(
				"p",
				{ class: "hint" },
				"Een lijn is een bericht dat de casus verder brengt. Een streepjeslijn is een termijn die werd gemist. Gemaakt van de tabellen zoals Doorbraak ze meelevert.",
			),
			h(
				"div",
				{
					class: "scroll drawing",
					tabindex: "0",
					role: "region",
					"aria-label": "Tekening van de levensloop",
				},
				h("img", {
					src: "/assets/life-cycle.svg",
					alt: "Stroomschema. Een nieuwe casus begint met screening of met hulp dichtbij zoeken. Na de screening volgt advies, hulp dichtbij of het team: wachten op overleg, overleg, plan in uitvoering. Als de hulp er is, kijkt men of die werkt; dan nazorg, en dan sluiten.",
					width: "1600",
					height: "640",
					loading: "lazy",
				}),
			),
			h("p", null, h("a", { href: "/assets/life-cycle.svg" }, "Open de tekening apart")),
		),
		numbers(inForce),
		terms(inForce),
		tables(inForce, context),
		card(
			"Versies van het beleid",
			{ class: "card wide", key: "adoptions" },
			adoptions(inForce.adoptions, "Versies van het beleid"),
		),
		registry(register),
	],
};
