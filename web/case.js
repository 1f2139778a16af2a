// SPDX-License-Identifier: EUPL-1.2
// case.js - one case: what must happen now, who is at the table, what happens if nobody acts, and how it came here.

import { ask, askToday } from "./api.js";
import { baseSet } from "./base_set.js";
import { h, table } from "./dom.js";
import { capital, date } from "./format.js";
import { organisation, organisationName, region } from "./organisations.js";
import { card, deadlineName, due, fact, heading, track } from "./parts.js";
import { ruleNote } from "./rules.js";
import { ahead, timeLine } from "./story.js";
import { short, signalNumber, word } from "./words.js";

const AHEAD_DAYS = 120;

const stateOf = (answer) => answer?.caseState ?? answer;
const list = (codes) =>
	codes?.length > 0
		? h(
				"ul",
				{ class: "plain" },
				codes.map((code) => h("li", null, organisation(code))),
			)
		: h("span", { class: "none" }, "niemand");

function summary(c) {
	return h(
		"dl",
		{ class: "summary", key: "summary" },
		fact("Stand", capital(word(c.state))),
		fact("Trede", capital(word(c.level))),
		fact("Spoor", track(c.track)),
		fact(
			"Eigenaar",
			organisation(c.owner),
			c.pendingOwner &&
				h("p", { class: "hint" }, "gevraagd om over te nemen: ", organisation(c.pendingOwner)),
		),
		fact("Gemeente die betaalt", organisation(c.funder)),
		fact("Jeugdregio", region(c.region)),
		fact("Team", organisation(c.team)),
		fact("Aangemeld", date(c.submittedOn) || "–"),
		fact(
			"Toestemming",
			capital(word(c.consent)) || "–",
			c.consentBy?.length > 0 &&
				h("span", { class: "hint" }, ` door ${c.consentBy.map(word).join(" en ")}`),
		),
		fact("Mandaat", capital(word(c.mandate)) || "–"),
		short("GOVERNANCE", c.governance) !== "NONE" &&
			c.governance &&
			fact("Opschaling", capital(word(c.governance))),
		c.closedOn &&
			fact("Gesloten", date(c.closedOn), h("span", { class: "hint" }, ` ${word(c.closeReason)}`)),
	);
}

function flags(c) {
	const on = [
		[c.urgent, "spoed"],
		[c.measureActive, "maatregel loopt"],
		[c.placed, "gesloten geplaatst"],
		[c.top100, "top 100"],
		[c.supportAsked, "team om steun gevraagd"],
	];
	return h(
		"p",
		{ class: "tags", key: "flags" },
		on.filter(([is]) => is).map(([, text]) => h("span", { class: "tag" }, text)),
	);
}

function next(c, data) {
	if (!c.next)
		return card(
			"Nu aan de beurt",
			{ class: "card now", key: "now" },
			h(
				"p",
				null,
				c.closedOn
					? "Deze casus is gesloten. Er loopt geen termijn meer."
					: "Er loopt geen termijn.",
			),
		);
	return card(
		"Nu aan de beurt",
		{ class: "card now", key: "now" },
		h(
			"p",
			{ class: "next" },
			h("strong", null, deadlineName(c.next)),
			h("br"),
			due(c.next.due, data.today),
		),
		h("p", null, "Aan zet: ", organisation(c.owner), " ", ruleNote(c.next.rule)),
		c.next.hard &&
			h(
				"p",
				{ class: "hint" },
				"Deze termijn staat in de wet of in een landelijke afspraak. Een regio kan hem niet veranderen.",
			),
	);
}

function atTable(c) {
	return card(
		"Wie zit er aan tafel?",
		{ class: "card", key: "table" },
		h(
			"dl",
			{ class: "stack" },
			fact("Altijd", "de jeugdige en de ouders"),
			fact("Moet erbij zijn", list(c.requiredParticipants)),
			fact("Ondersteunt", list(c.supporters)),
			c.offered?.length > 0 && fact("Steun aangeboden", list(c.offered)),
			fact("Expertisecentrum van de regio", organisation(c.expertiseCentre)),
		),
	);
}

function deadlines(c, data) {
	return card(
		"Open termijnen",
		{ class: "card", key: "deadlines" },
		table({
			caption: "Open termijnen",
			rows: c.deadlines ?? [],
			key: (d) => `${d.kind}/${d.reference ?? ""}`,
			empty: "Er lopen geen termijnen.",
			columns: [
				{ title: "Wat", cell: (d) => deadlineName(d) },
				{ title: "Uiterlijk", cell: (d) => due(d.due, data.today) },
				{
					title: "Regel",
					cell: (d) =>
						h(
							"span",
							null,
							d.rule,
							d.hard && [" ", h("span", { class: "tag" }, "wet")],
						),
				},
			],
		}),
	);
}

function actions(c, data) {
	return (
		c.actions?.length > 0 &&
		card(
			"Afspraken uit het plan",
			{ class: "card", key: "actions" },
			table({
				caption: "Afspraken uit het plan",
				rows: c.actions,
				key: (a) => a.id,
				columns: [
					{ title: "Actie", cell: (a) => h("span", { class: "code" }, a.id) },
					{ title: "Wie", cell: (a) => organisation(a.organisation) },
					{
						title: "Uiterlijk",
						cell: (a) => (a.doneOn ? date(a.due) : due(a.due, data.today)),
					},
					{ title: "Gedaan", cell: (a) => (a.doneOn ? date(a.doneOn) : "nog niet") },
				],
			}),
		)
	);
}

// One signal after another of the same kind stand together: how many, since when, and all of them one key away.
function signalsOf(code, all) {
	const [first, last] = [all[0], all[all.length - 1]];
	const one = (s) =>
		h("span", null, s.stage > 1 && ` (trede ${s.stage})`, h("span", { class: "hint" }, ` sinds ${date(s.raisedOn)}`));
	return h(
		"li",
		{ key: code },
		h("strong", null, signalNumber(code)),
		` ${word(code)}`,
		all.length === 1
			? one(first)
			: h(
					"details",
					null,
					h(
						"summary",
						null,
						`${all.length} keer, de eerste sinds ${date(first.raisedOn)}, de laatste sinds ${date(last.raisedOn)}`,
					),
					h(
						"ul",
						null,
						all.map((s, i) => h("li", { key: `${i}` }, one(s))),
					),
				),
	);
}

function openSignals(c, context) {
	const codes = [...new Set((c.signals ?? []).map((s) => s.code))];
	const of = (code) =>
		c.signals.filter((s) => s.code === code).sort((a, b) => (a.raisedOn < b.raisedOn ? -1 : 1));

	return card(
		"Open signalen",
		{ class: "card", key: "signals" },
		c.signals?.length > 0
			? h(
					"ul",
					{ class: "signal-list" },
					codes.map((code) => signalsOf(code, of(code))),
					h(
						"li",
						null,
						h(
							"a",
							{ href: context.link("signalen", { casus: c.caseId }) },
							"Bekijk en bevestig deze signalen",
						),
					),
				)
			: h("p", { class: "empty" }, "Geen open signalen."),
	);
}

async function load(context) {
	const id = context.rest[0] ?? "";
	const story = await ask(
		`/v1/cases/${encodeURIComponent(id)}/story`,
		{ aheadDays: AHEAD_DAYS, limit: 100 },
		{ signal: context.signal },
	);
	const today = await askToday(context.signal);
	const state =
		stateOf(story.caseState) ??
		(await ask(`/v1/cases/${encodeURIComponent(id)}`, {}, { signal: context.signal }));
	const older = context.olderEvents ?? [];
	return {
		story: { ...story, events: [...(story.events ?? []), ...older] },
		next: context.olderNext ?? story.next,
		case: state,
		today,
	};
}

async function loadOlder(data, context) {
	const page = await ask(
		`/v1/cases/${encodeURIComponent(context.rest[0])}/story`,
		{ pageToken: data.next, limit: 100 },
		{ signal: context.signal },
	);
	context.olderEvents = [...(context.olderEvents ?? []), ...(page.events ?? [])];
	context.olderNext = page.next ?? "";
	data.story.events = [...data.story.events, ...(page.events ?? [])];
	data.next = page.next;
	context.render();
}

export const caseView = {
	title: (context) => `Casus ${context.rest[0] ?? ""}`,
	load,
	stream: ({ rest }) => ({ service: "monitoring", path: "/v1/case-states/stream", topics: [`case/${rest[0]}`] }),
	isTouched: (change, context) => change.caseId === context.app.data?.case?.caseId,
	render: (data, context) => {
		const c = data.case;
		return [
			h(
				"p",
				{ class: "back", key: "back" },
				h(
					"a",
					{
						href: context.link(
							c.owner
								? `werklijst/${encodeURIComponent(c.owner)}`
								: "werklijst",
						),
					},
					c.owner ? `Werklijst van ${organisationName(c.owner)}` : "Werklijst",
				),
			),
			heading(h("span", null, "Casus ", h("span", { class: "code" }, c.caseId))),
			flags(c),
			summary(c),
			h(
				"div",
				{ class: "columns", key: "now" },
				h(
					"div",
					null,
					next(c, data),
					deadlines(c, data),
					actions(c, data),
					openSignals(c, context),
				),
				h("div", null, ahead(data.story, data.today), atTable(c)),
			),
			timeLine(data.story, { more: data.next ? () => loadOlder(data, context) : undefined }),
			baseSet(c),
		];
	},
};
