// SPDX-License-Identifier: EUPL-1.2
// base_set.js - what is registered of a case for the figures: codes, dates and counts, never a name.

import { h } from "./dom.js";
import { capital, date } from "./format.js";
import { organisationName } from "./organisations.js";
import { card, fact } from "./parts.js";
import { word } from "./words.js";

// Those that people ask about; the rest is in the figures.
const FIELDS = [
	["submitter", "Aangemeld door"],
	["asks", "Vraag"],
	["ageBand", "Leeftijd"],
	["measure", "Maatregel"],
	["careDomains", "Soort zorg"],
	["lifeDomains", "Leefgebieden"],
	["criteria", "Waarom complex"],
	["stuckOn", "Vastgelopen op"],
	["missingSupply", "Wat ontbrak"],
	["screening", "Besluit na screening"],
	["screenedOn", "Screening op"],
	["timesReturned", "Keer teruggestuurd"],
	["acceptedOn", "In behandeling sinds"],
	["meetingsOn", "Overleggen"],
	["meetingsWithFamily", "Overleggen met het gezin erbij"],
	["planOn", "Plan van"],
	["plans", "Plannen"],
	["waitingExpectedDays", "Verwachte wachttijd in dagen"],
	["bridgingStartedOn", "Overbruggingszorg sinds"],
	["timesRealised", "Keer dat er hulp kwam"],
	["timesNotEffective", "Keer dat hulp niet werkte"],
	["highestLevel", "Hoogste trede"],
	["evaluatedOn", "Geëvalueerd op"],
];

function shown(value) {
	if (Array.isArray(value)) return value.map(shown).join(", ");
	if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return date(value);
	if (typeof value === "string") return /^[A-Z]+_/.test(value) ? word(value) : organisationName(value);
	return String(value);
}

export function baseSet(c) {
	const set = c.baseSet ?? {};
	const known = FIELDS.filter(([field]) => set[field] !== undefined && set[field].length !== 0);
	return card(
		"Wat er is vastgelegd",
		{ class: "card wide", key: "base" },
		h(
			"p",
			{ class: "hint" },
			"Alleen codes, datums en aantallen. Namen en verhalen staan niet in Doorbraak.",
		),
		h(
			"details",
			null,
			h("summary", null, "Toon de basisset"),
			h(
				"dl",
				{ class: "summary" },
				known.map(([field, title]) => fact(title, capital(shown(set[field])))),
			),
		),
	);
}
