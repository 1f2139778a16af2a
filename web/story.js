// SPDX-License-Identifier: EUPL-1.2
// story.js - the way of a case in sentences: what came in, what was decided, and why; and what comes when nobody acts.

import { h } from "./dom.js";
import { capital, count, date, dayOf, moment, when } from "./format.js";
import { organisationName } from "./organisations.js";
import { card } from "./parts.js";
import { why } from "./rules.js";
import { messages, short, signalNumber, word, wordOf } from "./words.js";

const named = (deadline) => word(deadline.kind) + (deadline.reference ? ` (${deadline.reference})` : "");
const told = (to) => (to ?? []).map((one) => wordOf("ADDRESSEE", one)).join(", ");

// What a RouteDecided says, beyond what was so before it.
function route(r) {
	const says = [];
	if (short("ROUTE_KIND", r.kind) === "OPENED") says.push(`Casus geopend, ${word(r.toState)}`);
	else if (short("ROUTE_KIND", r.kind) === "REDIRECT")
		says.push(`Doorverwezen naar ${organisationName(r.redirectTo)}`);
	else if (short("ROUTE_KIND", r.kind) === "SUPPORT_ASKED") says.push("Het team is gevraagd te ondersteunen");
	else if (r.fromState !== r.toState && r.toState)
		says.push(
			r.fromState && short("CASE_STATE", r.fromState) !== "RECEIVED"
				? `Van “${word(r.fromState)}” naar “${word(r.toState)}”`
				: `Stand: ${word(r.toState)}`,
		);
	else says.push("Genoteerd; de stand blijft gelijk");
	says.push(...(r.warnings ?? []).map((w) => `Let op: ${word(w)}`));
	return says;
}

const SENTENCES = {
	caseRegistered: () => ["De casus kreeg een nummer"],
	caseOpened: (b) => [
		short("ROUTE_KIND", b.kind) === "LINKED"
			? "Hoort bij een casus die al loopt"
			: "Er is een casus geopend",
	],
	routeDecided: route,
	ownerAssigned: (b) => [
		b.pending
			? `Gevraagd om over te nemen: ${organisationName(b.pending)}`
			: b.owner
				? `Eigenaar is ${organisationName(b.owner)}${b.former ? `, eerst ${organisationName(b.former)}` : ""}`
				: "Er is geen eigenaar meer",
	],
	deadlineSet: (b) => [`Termijn: ${named(b)}, uiterlijk ${date(b.due)}`],
	deadlineWarning: (b) => [`Termijn komt dichtbij: ${named(b)}, uiterlijk ${date(b.due)}`],
	deadlineMissed: (b) => [`Termijn gemist: ${named(b)}, het was uiterlijk ${date(b.due)}`],
	deadlineCleared: (b) => [
		b.superseded
			? `Termijn vervalt: ${named(b)}`
			: b.lateWd > 0
				? `Gedaan, ${count(b.lateWd, "werkdag", "werkdagen")} te laat: ${named(b)}`
				: `Op tijd gedaan: ${named(b)}`,
	],
	signalRaised: (b) => [
		`Signaal ${signalNumber(b.code)}: ${word(b.code)}${b.stage > 1 ? `, trede ${b.stage}` : ""}. Aan: ${told(b.to)}`,
	],
	signalUpdated: (b) => [
		short("SIGNAL_CHANGE", b.change) === "ACKNOWLEDGED"
			? `Signaal ${signalNumber(b.code)} bevestigd door ${organisationName(b.by)}: ${word(b.followUp)}`
			: short("SIGNAL_CHANGE", b.change) === "NOT_ACKNOWLEDGED"
				? `Signaal ${signalNumber(b.code)} is niet bevestigd. Nu ook aan: ${told(b.added)}`
				: `Signaal ${signalNumber(b.code)}: het werd er meer`,
	],
	signalCleared: (b) => [`Signaal ${signalNumber(b.code)} is voorbij`],
	messageRejected: (b) => [`Niet aangenomen: ${word(b.reason)}`],
};
const SERIOUS = new Set(["deadlineMissed", "messageRejected", "signalRaised"]);
const QUIET = new Set(["caseState", "deadlineWarning", "caseRegistered"]);

function bodyOf(decision) {
	const kind = Object.keys(SENTENCES).find((name) => decision.answer?.[name]);
	return kind ? { kind, body: decision.answer[kind] } : undefined;
}

// A row that only took note of something.
const isNote = ({ kind, body }) =>
	kind === "routeDecided" &&
	body.fromState === body.toState &&
	short("ROUTE_KIND", body.kind) !== "OPENED" &&
	!body.warnings?.length;

// What one row of the tables decided stands together, with one "waarom?". A note is only told where nothing else is.
function groupsOf(event) {
	const all = (event.decisions ?? [])
		.map((decision) => ({ decision, ...bodyOf(decision) }))
		.filter((one) => one.kind && !QUIET.has(one.kind));
	const told = all.some((one) => !isNote(one)) ? all.filter((one) => !isNote(one)) : all.slice(0, 1);
	const groups = new Map();
	for (const one of told) {
		const basis = one.decision.answer.basis ?? {};
		const key = basis.row || basis.rule || "";
		groups.set(key, [...(groups.get(key) ?? []), one]);
	}
	return [...groups];
}

function decided([key, group]) {
	return h(
		"li",
		{ key },
		group.flatMap((one) =>
			SENTENCES[one.kind](one.body).map((text) =>
				h("p", { class: SERIOUS.has(one.kind) ? "serious" : null }, text),
			),
		),
		why(group[0].decision),
	);
}

function said(event) {
	const actor = event.message?.actor;
	return actor
		? h("p", { class: "hint" }, [
				capital(word(actor.role)),
				actor.organisation &&
					organisationName(actor.organisation) !== word(actor.role) &&
					`, ${organisationName(actor.organisation)}`,
			])
		: undefined;
}

function told_(event) {
	if (event.kind === "Tick") {
		const kinds = (event.decisions ?? []).map((d) => bodyOf(d)?.kind);
		return kinds.includes("deadlineMissed")
			? "Een termijn is gemist"
			: kinds.includes("signalRaised")
				? "Een waarschuwing"
				: "Een nieuwe dag";
	}
	return messages[event.kind] ?? event.kind;
}

// An event of which nothing is told but that a term comes near is left out.
function isTold(event) {
	return event.kind !== "Tick" || (event.decisions ?? []).some((d) => bodyOf(d) && !QUIET.has(bodyOf(d).kind));
}

// ---- what silence brings again and again, told once

const FOLD_FROM = 3;

// What a day brought, when nobody said anything and nothing changed hands: two days with the same key are alike.
function silence(event) {
	if (event.kind !== "Tick") return undefined;
	const all = (event.decisions ?? []).map(bodyOf).filter(Boolean);
	const of = (kind) => all.filter((one) => one.kind === kind).map((one) => one.body);
	const moved = of("routeDecided").some((r) => r.fromState !== r.toState) || of("ownerAssigned").length > 0;
	const list = (bodies, name) => [...new Set(bodies.map(name))].sort().join(", ");
	const unheard = of("signalUpdated").filter(
		(s) => short("SIGNAL_CHANGE", s.change) === "NOT_ACKNOWLEDGED",
	);

	if (moved) return undefined;
	if (of("deadlineMissed").length > 0) return `gemist: ${list(of("deadlineMissed"), named)}`;
	if (of("signalRaised").length > 0)
		return `signaal: ${list(of("signalRaised"), (s) => `${signalNumber(s.code)} ${word(s.code)}`)}`;
	if (unheard.length > 0) return `niet bevestigd: ${list(unheard, (s) => `signaal ${signalNumber(s.code)}`)}`;
	return undefined;
}

// Between two messages, the days that are alike stand together where the last of them stood. [event] or {key, said, all}
function folded(events) {
	const out = [];
	let groups = new Map();
	let behind = "now"; // the message that came after these days

	for (const event of events) {
		const said = silence(event);
		if (event.kind !== "Tick") {
			groups = new Map();
			behind = event.cause;
		}
		if (said && groups.has(said)) {
			groups.get(said).all.push(event);
			continue;
		}
		const group = { key: `${behind}/${said ?? event.cause}`, said, all: [event] };
		if (said) groups.set(said, group);
		out.push(group);
	}
	return out.flatMap((group) => (group.all.length < FOLD_FROM ? group.all.map((e) => ({ all: [e] })) : [group]));
}

function eventItem(event) {
	return h(
		"li",
		{ key: event.cause },
		h("div", { class: "moment" }, h("time", { datetime: event.at }, moment(event.at))),
		h(
			"div",
			{ class: "event" },
			h("h3", null, told_(event)),
			said(event),
			h("ul", { class: "decisions" }, groupsOf(event).map(decided)),
		),
	);
}

function foldedItem({ key, said, all }) {
	const [last, first] = [all[0], all[all.length - 1]];
	return h(
		"li",
		{ key },
		h("div", { class: "moment" }, h("time", { datetime: last.at }, moment(last.at))),
		h(
			"div",
			{ class: "event" },
			h("h3", null, `${count(all.length, "keer", "keer")} ${said}`),
			h("p", { class: "serious" }, `Laatste op ${date(dayOf(last.at))}, eerste op ${date(dayOf(first.at))}.`),
			h(
				"details",
				{ class: "folded" },
				h("summary", null, `Toon alle ${all.length}`),
				h("ol", { class: "time-line" }, all.map(eventItem)),
			),
		),
	);
}

export function timeLine(story, { more } = {}) {
	const events = (story.events ?? []).filter(isTold);
	return card(
		"Tijdlijn",
		{ class: "card wide", key: "time" },
		h(
			"p",
			{ class: "hint" },
			"Wat er binnenkwam, wat daarop is besloten, en volgens welke regel. Het nieuwste staat bovenaan.",
		),
		events.length === 0
			? h("p", { class: "empty" }, "Er is nog niets gebeurd.")
			: h(
					"ol",
					{ class: "time-line" },
					folded(events).map((one) =>
						one.all.length === 1 ? eventItem(one.all[0]) : foldedItem(one),
					),
				),
		more &&
			h(
				"p",
				{ class: "buttons" },
				h(
					"button",
					{ type: "button", class: "quiet", onclick: more },
					"Toon wat eerder gebeurde",
				),
			),
	);
}

// Of what comes when nobody acts, what people would notice: what is missed, what starts, who is told.
function foreseen(event) {
	const all = (event.decisions ?? []).map(bodyOf).filter((one) => one && !QUIET.has(one.kind));
	const says = all
		.filter(
			({ kind, body }) =>
				kind === "deadlineMissed" ||
				kind === "deadlineSet" ||
				kind === "ownerAssigned" ||
				(kind === "routeDecided" && body.fromState !== body.toState) ||
				(kind === "signalRaised" && !["S01", "S02"].includes(signalNumber(body.code))),
		)
		.flatMap(({ kind, body }) => SENTENCES[kind](body));
	const unheard = all.filter(
		({ kind, body }) =>
			kind === "signalUpdated" && short("SIGNAL_CHANGE", body.change) === "NOT_ACKNOWLEDGED",
	);
	const added = [...new Set(unheard.flatMap(({ body }) => body.added ?? []))];
	if (unheard.length > 0)
		says.push(
			`${unheard.length === 1 ? "Een signaal is" : `${unheard.length} signalen zijn`} niet bevestigd. Nu ook aan: ${told(added)}`,
		);
	return says;
}

const AHEAD_SHOWN = 4;

// What happens if nobody acts: only what changes something for people.
export function ahead(story, today) {
	const events = (story.ahead ?? [])
		.map((event) => ({ day: dayOf(event.at), says: foreseen(event) }))
		.filter((event) => event.says.length > 0);
	const list = (some) =>
		h(
			"ol",
			{ class: "ahead" },
			some.map((event) =>
				h(
					"li",
					{ key: event.day },
					h("strong", null, date(event.day)),
					" ",
					h("span", { class: "hint" }, when(event.day, today)),
					h(
						"ul",
						null,
						event.says.map((text) => h("li", { key: text }, text)),
					),
				),
			),
		);

	return card(
		"Wat gebeurt er als niemand iets doet?",
		{ class: "card", key: "ahead" },
		events.length === 0
			? h(
					"p",
					{ class: "empty" },
					story.aheadTo
						? `Tot ${date(story.aheadTo)} gebeurt er niets.`
						: "Dit kan voor deze casus niet worden berekend.",
				)
			: [
					list(events.slice(0, AHEAD_SHOWN)),
					events.length > AHEAD_SHOWN &&
						h(
							"details",
							null,
							h("summary", null, `En daarna, tot ${date(story.aheadTo)}`),
							list(events.slice(AHEAD_SHOWN)),
						),
				],
		events.length > 0 &&
			h("p", { class: "hint" }, "Berekend met de regels van vandaag, voor deze casus alleen."),
	);
}
