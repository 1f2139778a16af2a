// SPDX-License-Identifier: EUPL-1.2
// parts.js - small pieces that several views are made of.

import { h } from "./dom.js";
import { capital, date, daysBetween, shortDate, when } from "./format.js";
import { link } from "./route.js";
import { short, signalNumber, word } from "./words.js";

// "c-f2pv6-hs56g-gvszy-78d8m" is long: its first groups are enough to tell two apart, the whole stands in its view.
export function caseLink(id) {
	return h(
		"a",
		{ href: link(`casus/${encodeURIComponent(id)}`), class: "code case" },
		id.length > 14 ? `${id.slice(0, 13)}…` : id,
	);
}

export function heading(title, ...more) {
	return h("div", { class: "heading", key: "heading" }, h("h1", { key: "title" }, title), more);
}

export function card(title, attributes, ...children) {
	return h("section", { class: "card", ...attributes }, h("h2", null, title), children);
}

export function fact(term, ...value) {
	return h("div", { class: "fact" }, h("dt", null, term), h("dd", null, value));
}

// Overdue, today or soon: a mark with a form of its own and a word, never only a colour.
export function due(day, today) {
	if (!day) return h("span", { class: "none" }, "geen termijn");
	const days = daysBetween(today, day);
	const kind = days < 0 ? "late" : days <= 2 ? "soon" : "";
	return h(
		"span",
		{ class: `due ${kind}` },
		h(
			"span",
			{ class: "day" },
			shortDate(day),
			day.slice(0, 4) === today.slice(0, 4) ? "" : ` ${day.slice(0, 4)}`,
		),
		" ",
		h(
			"span",
			{ class: "left" },
			kind && h("span", { "aria-hidden": "true", class: "mark" }, kind === "late" ? "▲" : "●"),
			when(day, today),
		),
	);
}

export function deadlineName(deadline) {
	return capital(word(deadline.kind)) + (deadline.reference ? ` (${deadline.reference})` : "");
}

export function signalTag(signal) {
	return h(
		"span",
		{ class: "tag signal", title: capital(word(signal.code)) },
		`${signalNumber(signal.code)}${signal.stage > 1 ? ` trede ${signal.stage}` : ""}`,
	);
}

// Signals of a case as one short line: the same code once, with how many.
export function signalTags(signals) {
	const grouped = new Map();
	for (const signal of signals ?? []) {
		const known = grouped.get(signal.code) ?? { ...signal, times: 0 };
		grouped.set(signal.code, {
			...known,
			times: known.times + 1,
			stage: Math.max(known.stage, signal.stage),
		});
	}
	return h(
		"span",
		{ class: "tags" },
		[...grouped.values()].map((s) =>
			h(
				"span",
				{ class: "tag signal" },
				h("abbr", { title: capital(word(s.code)) }, signalNumber(s.code)),
				s.times > 1 ? ` ×${s.times}` : "",
			),
		),
	);
}

export function track(name) {
	return h(
		"span",
		{ class: "track" },
		h("span", { class: `swatch ${short("TRACK", name).toLowerCase()}`, "aria-hidden": "true" }),
		word(name),
	);
}

// A select with its label; `choose` gets the value.
export function choice(label, id, options, chosen, choose) {
	return h(
		"div",
		{ class: "field" },
		h("label", { for: id }, label),
		h(
			"select",
			{ id, onchange: (event) => choose(event.currentTarget.value) },
			options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)),
		),
	);
}

export function check(label, id, checked, choose) {
	return h(
		"div",
		{ class: "field check" },
		h("input", { type: "checkbox", id, checked, onchange: (event) => choose(event.currentTarget.checked) }),
		h("label", { for: id }, label),
	);
}

export function asOf(day) {
	return h("p", { class: "as-of" }, day ? `Stand van ${date(day)}` : "");
}

// Where a text stands in English, the language says so to a screen reader.
export function english(text) {
	return text ? h("span", { lang: "en" }, text) : "";
}
