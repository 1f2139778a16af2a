// SPDX-License-Identifier: EUPL-1.2
// acknowledge.js - the dialog in which an addressee says what is done with a signal: a submission to intake like any other.

import { Problem, submit } from "./api.js";
import { h, patch, say } from "./dom.js";
import { capital, momentOn } from "./format.js";
import { organisationName } from "./organisations.js";
import { signalNumber, word, words } from "./words.js";

const KEPT = "doorbraak.speaker"; // as whom somebody last spoke; in this tab only
const ROLES = [
	"LOCAL_TEAM",
	"MUNICIPALITY",
	"ALDERMAN",
	"CHAIR",
	"PROCESS_DIRECTOR",
	"STEERING_GROUP",
	"EXPERTISE_CENTRE",
	"NATIONAL_TEAM",
	"PROVIDER",
	"CERTIFIED_BODY",
	"PLACEMENT_COORDINATION",
	"INSPECTORATE",
	"PURCHASING",
	"CCE",
	"OPERATOR",
];

function freshId() {
	return [...crypto.getRandomValues(new Uint8Array(16))]
		.map((b) => b.toString(16).padStart(2, "0"))
		.join("")
		.replace(/(.{8})/g, "$1-x")
		.replace(/-x$/, "");
}

function guessRole(code) {
	const kinds = {
		LT: "LOCAL_TEAM",
		GM: "MUNICIPALITY",
		ET: "CHAIR",
		LP: "CHAIR",
		SG: "STEERING_GROUP",
		EC: "EXPERTISE_CENTRE",
		NAT: "NATIONAL_TEAM",
		GI: "CERTIFIED_BODY",
		PC: "PLACEMENT_COORDINATION",
		P: "PROVIDER",
	};
	return kinds[code.match(/^(GM|[A-Z]+)/)?.[1]] ?? "PROCESS_DIRECTOR";
}

function form(signal, speaker) {
	const organisations = [...new Set([...(signal.organisations ?? []), speaker.organisation].filter(Boolean))];
	const first = organisations.includes(speaker.organisation) ? speaker.organisation : (organisations[0] ?? "");
	const role = speaker.organisation === first && speaker.role ? speaker.role : guessRole(first);

	return [
		h(
			"fieldset",
			null,
			h("legend", null, "Wat doet u ermee?"),
			Object.entries(words.FOLLOW_UP_CODE).map(([code, text], i) =>
				h(
					"div",
					{ class: "radio" },
					h("input", {
						type: "radio",
						name: "followUp",
						id: `follow-${code}`,
						value: `FOLLOW_UP_CODE_${code}`,
						checked: i === 0,
					}),
					h("label", { for: `follow-${code}` }, capital(text)),
				),
			),
		),
		h(
			"div",
			{ class: "field" },
			h("label", { for: "ack-org" }, "Namens welke organisatie?"),
			h("input", {
				id: "ack-org",
				name: "organisation",
				list: "ack-orgs",
				value: first,
				required: true,
				autocomplete: "off",
				spellcheck: "false",
			}),
			h(
				"datalist",
				{ id: "ack-orgs" },
				organisations.map((code) => h("option", { value: code }, organisationName(code))),
			),
		),
		h(
			"div",
			{ class: "field" },
			h("label", { for: "ack-role" }, "In welke rol?"),
			h(
				"select",
				{ id: "ack-role", name: "role" },
				ROLES.map((code) =>
					h(
						"option",
						{ value: `ROLE_${code}`, selected: code === role },
						capital(words.ROLE[code]),
					),
				),
			),
		),
		h(
			"div",
			{ class: "field" },
			h("label", { for: "ack-source" }, "Vanuit welk systeem?"),
			h("input", {
				id: "ack-source",
				name: "source",
				value: speaker.source ?? "",
				required: true,
				autocomplete: "off",
				spellcheck: "false",
				"aria-describedby": "ack-source-hint",
			}),
			h(
				"p",
				{ class: "hint", id: "ack-source-hint" },
				"De naam waaronder uw organisatie bij Doorbraak is aangemeld.",
			),
		),
	];
}

function violations(problem) {
	return [
		h("p", null, h("strong", null, problem.title), problem.detail && ` ${problem.detail}`),
		problem.violations.length > 0 &&
			h(
				"ul",
				null,
				problem.violations.map((v) =>
					h(
						"li",
						null,
						v.title ?? word(`REASON_${v.code}`),
						v.field && [" (", h("code", null, v.field), ")"],
						v.text && h("span", { class: "hint", lang: "en" }, ` ${v.text}`),
					),
				),
			),
	];
}

export function acknowledge(signal, context) {
	const speaker = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
	const error = h("div", { class: "error", role: "alert" });
	const id = freshId(); // the same for each try: it counts once
	const dialog = h(
		"dialog",
		{ class: "dialog", "aria-labelledby": "ack-title" },
		h(
			"form",
			{ onsubmit: send },
			h("h2", { id: "ack-title" }, `Bevestig ${signalNumber(signal.code)}: ${word(signal.code)}`),
			error,
			form(signal, speaker),
			h(
				"p",
				{ class: "buttons" },
				h("button", { type: "submit" }, "Bevestig"),
				" ",
				h(
					"button",
					{ type: "button", class: "quiet", onclick: () => dialog.close() },
					"Annuleer",
				),
			),
		),
	);

	async function send(event) {
		event.preventDefault();
		const given = Object.fromEntries(new FormData(event.currentTarget));
		sessionStorage.setItem(
			KEPT,
			JSON.stringify({
				organisation: given.organisation,
				role: given.role.replace("ROLE_", ""),
				source: given.source,
			}),
		);
		try {
			const caseId = signal.subject === "SIGNAL_SUBJECT_CASE" ? { caseId: signal.subjectId } : {};
			await submit({
				source: given.source,
				id,
				...caseId,
				occurredAt: momentOn(context.app.data.today),
				actor: { role: given.role, organisation: given.organisation.toUpperCase() },
				signalAcknowledged: {
					code: signal.code,
					subject: signal.subject,
					subjectId: signal.subjectId,
					followUp: given.followUp,
					deadlineKind: signal.deadlineKind,
					reference: signal.reference,
				},
			});
			dialog.close();
			say("Het signaal is bevestigd");
			setTimeout(context.reload, 600);
		} catch (problem) {
			patch(error, [
				h(
					"div",
					{ class: "problem" },
					problem instanceof Problem ? violations(problem) : String(problem.message),
				),
			]);
		}
	}

	dialog.addEventListener("close", () => dialog.remove());
	document.body.append(dialog);
	dialog.showModal();
}
