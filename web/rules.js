// SPDX-License-Identifier: EUPL-1.2
// rules.js - why: the rule, the row that decided, where it comes from, and the facts that were looked at.

import { h } from "./dom.js";
import { date } from "./format.js";
import { organisationName, regionName } from "./organisations.js";
import { english } from "./parts.js";
import { facts, factWord } from "./rule_words.js";
import { wordOf } from "./words.js";

const DOCUMENTS = {
	s0: "Brief aan de Tweede Kamer (2021)",
	s1: "Actieplan gesloten jeugdhulp (2019)",
	s3: "Bericht van cliëntenorganisaties",
	s4: "Basisnotitie Midden-Limburg (2021)",
	project: "Keuze van het project: de bronnen zeggen hier niets over",
};

export function ruleNote(rule) {
	return rule ? h("span", { class: "rule" }, `regel ${rule}`) : "";
}

// "s4 5.7" as people know it.
export function documentName(text) {
	const [first, ...rest] = (text ?? "").split(" ");
	if (!DOCUMENTS[first]) return text ?? "";
	return rest.length > 0 ? `${DOCUMENTS[first]}, ${rest.join(" ")}` : DOCUMENTS[first];
}

// What the row says, in Dutch; a region that wrote a row of its own may have said it in its own words only.
export function saying(from) {
	return from.nl || english(from.point);
}

export function source(from) {
	return from?.document
		? h(
				"p",
				{ class: "source" },
				h("strong", null, "Bron: "),
				documentName(from.document),
				(from.nl || from.point) && [". ", saying(from)],
			)
		: "";
}

export function factValue(value, fact) {
	if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return date(value);
	if (/^JZ\d/.test(value)) return regionName(value);
	if (/^(GM|LT-|ET-|EC-|LP-|SG-|NAT-)/.test(value)) return organisationName(value);
	return (
		value
			.split(/[ ,]+/)
			.filter(Boolean)
			.map((code) => factWord(fact, code))
			.join(", ") || "geen"
	);
}

export function factName(name) {
	return facts[name] ?? name;
}

function wanted(near) {
	const values = (near.wanted?.values ?? []).map((value) => factValue(value, near.fact)).join(" of ");
	return values ? `moest zijn: ${values}` : "paste niet";
}

// The whole answer to "waarom?" of one decision.
export function why(decision) {
	const basis = decision.answer?.basis ?? {};
	return h(
		"details",
		{ class: "why" },
		h("summary", null, "Waarom? ", ruleNote(basis.rule)),
		source(decision.source ?? decision.row?.source),
		basis.facts?.length > 0 &&
			h(
				"dl",
				{ class: "facts" },
				basis.facts.map((f) =>
					h(
						"div",
						null,
						h("dt", null, factName(f.name)),
						h("dd", null, factValue(f.value ?? "", f.name)),
					),
				),
			),
		decision.near?.length > 0 && [
			h("p", { class: "hint" }, "Dit was bijna een ander besluit geworden:"),
			h(
				"ul",
				{ class: "near" },
				decision.near.map((n) =>
					h(
						"li",
						null,
						h("span", { class: "rule" }, n.row),
						` ${factName(n.fact)} was ${factValue(n.value || "", n.fact)}; ${wanted(n)}`,
					),
				),
			),
		],
		decision.takenIn?.length > 0 &&
			h(
				"p",
				null,
				`Dit bericht kan wel als de casus zo staat: ${decision.takenIn.map((s) => wordOf("CASE_STATE", s)).join(", ")}.`,
			),
		basis.policyVersion &&
			h(
				"p",
				{ class: "hint" },
				`Beleid ${basis.policyVersion}${basis.row ? `, rij ${basis.row}` : ""}${basis.registryVersion ? `, register ${basis.registryVersion}` : ""}`,
			),
	);
}
