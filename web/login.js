// SPDX-License-Identifier: EUPL-1.2
// login.js - a key is asked for and tried; it stays in this tab only.

import { ask, Problem, token } from "./api.js";
import { h, patch } from "./dom.js";

export function login(reason, done) {
	const error = h("div", { role: "alert" });
	const field = h("input", {
		id: "token",
		name: "token",
		type: "password",
		autocomplete: "off",
		spellcheck: "false",
		required: true,
		"aria-describedby": "token-hint",
	});
	const fail = (text) => {
		patch(error, [h("p", { class: "problem" }, text)]);
		field.setAttribute("aria-invalid", "true");
		field.focus();
	};

	async function enter(event) {
		event.preventDefault();
		if (!field.value.trim()) return fail("Vul uw sleutel in.");
		token.set(field.value.trim());
		try {
			await ask("/v1/registry");
			done();
		} catch (problem) {
			// 403: the key is good, this question is not for its role
			if (problem instanceof Problem && problem.status !== 401 && problem.status !== 0) return done();
			token.clear();
			fail(
				problem.status === 401
					? "Deze sleutel is niet geldig. Kijk of u hem helemaal heeft overgenomen."
					: `${problem.title}. ${problem.detail}`,
			);
		}
	}

	if (reason) patch(error, [h("p", { class: "problem" }, "Uw sleutel is niet meer geldig. Log opnieuw in.")]);
	token.clear();
	return h(
		"div",
		{ class: "login card", key: Symbol("login") },
		h("h1", null, "Inloggen"),
		h(
			"p",
			null,
			"U ziet alleen de casussen die bij uw werk horen. Elke keer dat u een casus bekijkt, wordt dat vastgelegd.",
		),
		error,
		h(
			"form",
			{ onsubmit: enter },
			h("label", { for: "token" }, "Uw sleutel"),
			h(
				"p",
				{ class: "hint", id: "token-hint" },
				"Die begint met dbk_. U kreeg hem van uw beheerder. De sleutel blijft alleen in dit tabblad bewaard.",
			),
			field,
			h("p", { class: "buttons" }, h("button", { type: "submit" }, "Inloggen")),
		),
	);
}
