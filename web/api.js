// SPDX-License-Identifier: EUPL-1.2
// api.js - questions to the services, and what went wrong in words.

let addresses = { monitoring: "", intake: "", signalling: "" };
const TOKEN = "doorbraak.token";

export const token = {
	get: () => sessionStorage.getItem(TOKEN) ?? "",
	set: (text) => sessionStorage.setItem(TOKEN, text),
	clear: () => sessionStorage.removeItem(TOKEN),
};

// Where the other services are; an address left out is that of the page itself.
export function setAddresses(services) {
	addresses = { monitoring: "", intake: services.intake ?? "", signalling: services.signalling ?? "" };
}

export function address(service) {
	return addresses[service] ?? "";
}

export function headers(more) {
	const all = { Purpose: "CARE", ...more };
	if (token.get()) all.Authorization = `Bearer ${token.get()}`;
	return all;
}

// What went wrong. status 0: there was no answer.
export class Problem extends Error {
	constructor(status, body) {
		super(body.title ?? "Er ging iets mis");
		this.title = this.message;
		this.status = status;
		this.code = body.code ?? "";
		this.detail = body.detail ?? "";
		this.violations = body.violations ?? [];
	}
}

const WORDS = {
	0: ["Geen verbinding met de dienst", "De dienst antwoordt niet. Probeer het zo nog eens."],
	401: ["U bent niet ingelogd", "Uw sleutel is niet of niet meer geldig."],
	403: [
		"U mag dit niet zien",
		"Uw sleutel geeft geen toegang tot dit onderdeel. Vraag uw beheerder om een andere sleutel.",
	],
	404: ["Niet gevonden", "Dit is er niet, of het hoort niet bij uw werk."],
	429: ["Het is even te druk", "Probeer het zo nog eens."],
	503: ["De dienst kan nu niet antwoorden", "Probeer het zo nog eens."],
};

export async function problemOf(response) {
	let body = {};
	try {
		body = await response.json();
	} catch {
		// not every answer has a body
	}
	const [title, detail] = WORDS[response.status] ?? [
		"Er ging iets mis",
		`De dienst antwoordde met code ${response.status}.`,
	];
	return new Problem(response.status, { ...body, title: body.title || title, detail: body.detail || detail });
}

export function noAnswer() {
	return new Problem(0, { title: WORDS[0][0], detail: WORDS[0][1], code: "NO_ANSWER" });
}

function urlOf(service, path, query) {
	const search = new URLSearchParams();
	for (const [name, value] of Object.entries(query ?? {})) {
		for (const one of [value].flat()) {
			if (one !== undefined && one !== null && one !== "" && one !== false) search.append(name, one);
		}
	}
	const text = search.toString();
	return `${address(service)}${path}${text ? `?${text}` : ""}`;
}

async function call(service, path, query, options) {
	let response;
	try {
		response = await fetch(urlOf(service, path, query), options);
	} catch (error) {
		if (error.name === "AbortError") throw error;
		throw noAnswer();
	}
	if (!response.ok) throw await problemOf(response);
	return response;
}

export async function ask(path, query, { service = "monitoring", signal } = {}) {
	const response = await call(service, path, query, { headers: headers({ Accept: "application/json" }), signal });
	return response.json();
}

export async function askText(path, query, type) {
	const response = await call("monitoring", path, query, { headers: headers({ Accept: type }) });
	return response.text();
}

export async function submit(submission) {
	const response = await call("intake", "/v1/submissions", null, {
		method: "POST",
		headers: headers({ "Content-Type": "application/json", Accept: "application/json" }),
		body: JSON.stringify(submission),
	});
	return response.json();
}

// Today, by the clock of the services. What is in force has it too, and is no look at a case.
export async function askToday(signal) {
	return (await ask("/v1/registry", { region: "JZ01" }, { signal })).date;
}

// All pages of a list, up to `limit` rows. Returns {rows, more}.
export async function askAll(path, query, field, { limit = 500, ...options } = {}) {
	const rows = [];
	let pageToken = "";
	do {
		const page = await ask(path, { ...query, pageToken }, options);
		rows.push(...(page[field] ?? []));
		pageToken = page.next ?? "";
	} while (pageToken && rows.length < limit);
	return { rows, more: pageToken !== "" };
}
