// SPDX-License-Identifier: EUPL-1.2
// organisations.js - codes of organisations and regions as people call them.

import { h } from "./dom.js";
import { names } from "./names.js";

const FIXED = {
	"NAT-VWS": "landelijk team complexe zorgvragen",
	OZJ: "OZJ",
	CCE: "CCE",
	DESK: "Het Juiste Loket",
	COURT: "kinderrechter",
	BOARD: "Raad voor de Kinderbescherming",
};
const KINDS = {
	ET: "expertteam",
	LP: "landingsplaats",
	EC: "expertisecentrum",
	SG: "stuurgroep",
	PC: "plaatsingscoördinatie",
	GI: "GI",
	P: "aanbieder",
};

// Where a region stands in the grid, column and row; a picture of the country, not a map.
const PLACES = {
	JZ02: [5, 1],
	JZ01: [6, 1],
	JZ03: [3, 2],
	JZ05: [4, 2],
	JZ04: [6, 2],
	JZ06: [3, 3],
	JZ09: [4, 3],
	JZ08: [5, 3],
	JZ07: [6, 3],
	JZ14: [7, 3],
	JZ10: [2, 4],
	JZ11: [3, 4],
	JZ13: [4, 4],
	JZ16: [5, 4],
	JZ12: [6, 4],
	JZ17: [7, 4],
	JZ18: [2, 5],
	JZ15: [3, 5],
	JZ19: [4, 5],
	JZ20: [5, 5],
	JZ21: [6, 5],
	JZ25: [7, 5],
	JZ24: [1, 6],
	JZ27: [2, 6],
	JZ22: [3, 6],
	JZ26: [4, 6],
	JZ23: [5, 6],
	JZ28: [6, 6],
	JZ29: [1, 7],
	JZ31: [2, 7],
	JZ30: [4, 7],
	JZ32: [6, 7],
	JZ33: [5, 7],
	JZ38: [1, 8],
	JZ36: [2, 8],
	JZ34: [3, 8],
	JZ35: [4, 8],
	JZ39: [5, 8],
	JZ37: [6, 8],
	JZ43: [5, 9],
	JZ42: [6, 9],
	JZ41: [6, 10],
};

const SHORT = {
	JZ02: "Friesland",
	JZ03: "Kop van N-H",
	JZ06: "Alkmaar",
	JZ09: "Zaanstreek-Waterland",
	JZ10: "IJmond",
	JZ11: "Zuid-Kennemerland",
	JZ13: "Amsterdam",
	JZ16: "Gooi en Vecht",
	JZ17: "Midden-IJssel",
	JZ23: "Zuidoost-Utrecht",
	JZ28: "Centraal-Gelderland",
	JZ31: "Zuid-Holland Zuid",
	JZ32: "Nijmegen",
	JZ33: "Noordoost-Brabant",
	JZ34: "West-Brabant Oost",
	JZ35: "Midden-Brabant",
	JZ36: "West-Brabant West",
	JZ42: "M-Limburg Oost",
	JZ43: "M-Limburg West",
};

const titled = (text) =>
	text
		.split("-")
		.map((part) => part[0] + part.slice(1).toLowerCase())
		.join("-");

export const regions = [...names]
	.filter(([code]) => code.startsWith("JZ"))
	.map(([code, name]) => ({ code, name, short: SHORT[code] ?? name, place: PLACES[code] }))
	.sort((a, b) => a.name.localeCompare(b.name, "nl"));

export function regionName(code) {
	return names.get(code) ?? code ?? "";
}

export function organisationName(code) {
	if (!code) return "";
	if (FIXED[code]) return FIXED[code];
	const [kind, ...rest] = code.split("-");
	const tail = rest.join("-");
	if (/^GM\d+$/.test(code)) return `gemeente ${names.get(code) ?? code}`;
	if (kind === "LT") return `lokaal team ${names.get(tail) ?? tail}`;
	if (KINDS[kind] && tail) return `${KINDS[kind]} ${names.get(tail) ?? titled(tail)}`;
	return code;
}

// The name, and small behind it the code by which others know it.
export function organisation(code) {
	return code
		? h("span", { class: "org" }, organisationName(code), " ", h("span", { class: "code" }, code))
		: h("span", { class: "none" }, "niemand");
}

export function region(code) {
	return code
		? h("span", { class: "org" }, regionName(code), " ", h("span", { class: "code" }, code))
		: h("span", { class: "none" }, "geen");
}
