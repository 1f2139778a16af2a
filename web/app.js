// SPDX-License-Identifier: EUPL-1.2
// app.js - the frame: which view stands where, logging in, and what is live.

import { accessibility } from "./accessibility.js";
import { ask, Problem, setAddresses, token } from "./api.js";
import { caseView } from "./case.js";
import { h, patch, say } from "./dom.js";
import { figures } from "./figures.js";
import { dayOf, timeOf } from "./format.js";
import { Live } from "./live.js";
import { login } from "./login.js";
import { overview } from "./overview.js";
import { policy } from "./policy.js";
import { link, place } from "./route.js";
import { signals } from "./signals.js";
import { workList } from "./work_list.js";

// name in the address: view. A view has a title, load(context) for its data and render(data, context); and optionally
// stream(context), which changes it follows, and isTouched(change, context): does one concern it, so that it is asked
// for again?
const views = {
	"": overview,
	werklijst: workList,
	casus: caseView,
	signalen: signals,
	cijfers: figures,
	beleid: policy,
	toegankelijkheid: accessibility,
};
const menu = [
	["", "Overzicht"],
	["werklijst", "Werklijst"],
	["signalen", "Signalen"],
	["cijfers", "Cijfers"],
	["beleid", "Beleid"],
];

const RELOAD_MS = 3000; // a view is asked for again at most this often
const SLOW_MS = 200; // before this nothing is shown of loading
const DAY_CHECK_MS = 60000;
const RESUMED_MS = 15000; // how long it is told that the connection is back

const main = document.getElementById("inhoud");
const app = {
	view: undefined,
	context: undefined,
	data: undefined,
	loadedAt: undefined,
	openDoor: false,
	caughtUp: 0,
	recent: [],
};

// ---- where we are

function here() {
	const at = place();
	return views[at.name] ? at : { ...at, name: "" };
}

function showMenu(name) {
	patch(
		document.getElementById("menu"),
		menu.map(([path, title]) =>
			h(
				"li",
				{ key: path },
				h("a", { href: link(path), "aria-current": path === name ? "page" : null }, title),
			),
		),
	);
}

// ---- showing

function show(...nodes) {
	patch(main, nodes);
}

function showProblem(problem, again) {
	show(
		h("h1", { tabindex: "-1", key: "title" }, problem.title),
		h(
			"div",
			{ class: "problem", role: "alert" },
			h("p", null, problem.detail),
			h(
				"p",
				{ class: "buttons" },
				h("button", { type: "button", onclick: again }, "Probeer opnieuw"),
				" ",
				h("a", { href: link("") }, "Naar het overzicht"),
			),
			problem.code &&
				h("p", { class: "hint" }, "Code voor de beheerder: ", h("code", { class: "code" }, problem.code)),
		),
	);
}

function showLoading(title) {
	show(
		h("h1", { tabindex: "-1", key: "title" }, title),
		h(
			"div",
			{ class: "loading", "aria-busy": "true" },
			h("p", null, "Gegevens worden opgehaald…"),
			h("div", { class: "bone wide" }),
			h("div", { class: "bone" }),
			h("div", { class: "bone" }),
		),
	);
}

function render() {
	const { view, context, data } = app;
	document.title = `${view.title(context, data)} · Doorbraak`;
	show(view.render(data, context));
}

function focusTitle() {
	const title = main.querySelector("h1");
	title?.setAttribute("tabindex", "-1");
	title?.focus({ preventScroll: true });
	scrollTo(0, 0);
}

function showLogin(reason) {
	live.stop();
	document.title = "Inloggen · Doorbraak";
	show(login(reason, go));
	focusTitle();
}

// ---- loading

// Data of the view that stands; when another came in the meantime, what comes back is dropped.
async function load({ quiet }) {
	const { view, context } = app;
	const slow = quiet
		? undefined
		: setTimeout(() => app.context === context && showLoading(view.title(context)), SLOW_MS);

	try {
		const data = await view.load(context);
		if (app.context !== context) return false;
		app.data = data;
		app.loadedAt = new Date();
		render();
		return true;
	} catch (problem) {
		if (app.context !== context || problem.name === "AbortError") return false;
		// What is there no more, because it was erased or left the scope of the key, leaves the screen as well.
		const isGone = problem instanceof Problem && problem.status === 404;
		if (isGone) app.data = undefined;
		if (problem instanceof Problem && problem.status === 401) showLogin(token.get() ? problem : undefined);
		else if (!quiet || isGone)
			showProblem(
				problem instanceof Problem
					? problem
					: new Problem(-1, {
							title: "Er ging iets mis op deze pagina",
							detail: String(problem.message),
						}),
				go,
			);
		if (!(problem instanceof Problem)) console.error(problem);
		return false;
	} finally {
		clearTimeout(slow);
	}
}

async function go({ keepFocus } = {}) {
	const { name, rest, query } = here();
	app.abort?.abort();
	app.abort = new AbortController();
	app.view = views[name];
	app.data = undefined;
	app.context = {
		rest,
		query,
		signal: app.abort.signal,
		app,
		link,
		reload: () => load({ quiet: true }),
		render: () => app.data !== undefined && render(),
		set: (changes) => setQuery(changes),
	};
	showMenu(name);
	document.getElementById("leave").hidden = !token.get();
	live.follow(app.view.stream?.(app.context)); // before the view is asked for: what happens meanwhile is heard
	const before = document.activeElement;
	await load({ quiet: false });
	if (!keepFocus || !before?.isConnected) focusTitle();
}

// Other choices on the same view: in the address, so that they can be kept and sent.
function setQuery(changes) {
	const { name, rest, query } = here();
	for (const [key, value] of Object.entries(changes)) {
		if (value) query.set(key, value);
		else query.delete(key);
	}
	history.replaceState(
		null,
		"",
		link([name, ...rest].filter(Boolean).map(encodeURIComponent).join("/"), Object.fromEntries(query)),
	);
	go({ keepFocus: true });
}

// The first change is shown at once, many in a row every few seconds.
let reloading;
let lastLoad = -RELOAD_MS;
function reloadSoon() {
	clearTimeout(reloading);
	reloading = setTimeout(
		() => {
			lastLoad = performance.now();
			load({ quiet: true });
		},
		Math.max(100, RELOAD_MS - (performance.now() - lastLoad)),
	);
}

// ---- live

const RECENT = 8;

function onEvent(event) {
	const change = JSON.parse(event.data);
	app.caughtUp += 1;
	if (app.resumed) showResumed();
	// A case that left is told before the picture of it, if that comes at all; of one that was erased nothing is shown any more.
	if (event.event === "case-left" || change.erased)
		app.recent = app.recent.filter((c) => c.caseId !== change.caseId);
	else if (event.event === "case-state")
		app.recent = [
			{ ...change, seenAt: new Date() },
			...app.recent.filter((c) => c.caseId !== change.caseId),
		].slice(0, RECENT);
	if (app.view?.isTouched?.(change, app.context)) reloadSoon();
}

function showLive(state, { seconds = 0, resumed, anew, problem } = {}) {
	const at = app.loadedAt ? timeOf(app.loadedAt) : "";
	const shown = {
		off: ["", ""],
		connecting: ["Verbinden…", "wait"],
		live: ["Live", "on"],
		lost: ["Geen verbinding", "lost"],
	}[state];
	const box = document.getElementById("connection");

	patch(
		document.getElementById("live"),
		shown[0] ? [h("span", { class: `dot ${shown[1]}`, "aria-hidden": "true" }), shown[0]] : [],
	);
	if (problem) return showLogin(problem);
	if (state !== "live") app.resumed = undefined;
	if (state === "off") {
		app.wasLost = false;
		patch(box, []);
	} else if (state === "lost") {
		app.wasLost = true;
		app.caughtUp = 0;
		patch(box, [
			h(
				"div",
				{ class: "banner lost" },
				h(
					"p",
					null,
					h("strong", null, "De verbinding is weg."),
					` U ziet de stand van ${at || "eerder"}. `,
					anew
						? "De pagina wordt opnieuw opgebouwd."
						: `Wij proberen het opnieuw${seconds > 1 ? `, over ${seconds} seconden` : ""}.`,
				),
				" ",
				h(
					"button",
					{ type: "button", class: "quiet", onclick: () => live.again() },
					"Nu proberen",
				),
			),
		]);
	} else if (state === "live" && app.wasLost) {
		app.wasLost = false;
		app.resumed = resumed ? "behind" : "anew";
		reloadSoon();
		showResumed();
	}
}

// What was missed comes behind the last event that was heard, as soon as the service has it: it is counted while it comes.
function showResumed() {
	const box = document.getElementById("connection");
	const close = () => {
		app.resumed = undefined;
		patch(box, []);
	};
	const caughtUp = app.caughtUp === 1 ? "1 wijziging ingehaald." : `${app.caughtUp} wijzigingen ingehaald.`;

	patch(box, [
		h(
			"div",
			{ class: "banner resumed" },
			h(
				"p",
				null,
				h("strong", null, "Weer verbonden."),
				app.resumed === "anew"
					? " Alles is opnieuw opgehaald."
					: app.caughtUp > 0
						? ` ${caughtUp}`
						: " U ziet weer wat er nu gebeurt.",
			),
			" ",
			h("button", { type: "button", class: "quiet", onclick: close }, "Sluiten"),
		),
	]);
	clearTimeout(app.closing);
	app.closing = setTimeout(() => live.state === "live" && close(), RESUMED_MS);
}

const live = new Live({ onEvent, onState: showLive });

// ---- begin

document.getElementById("skip").addEventListener("click", (event) => {
	event.preventDefault();
	main.focus();
});
document.getElementById("leave").addEventListener("click", () => {
	token.clear();
	document.getElementById("leave").hidden = true;
	showLogin();
	say("U bent uitgelogd");
});
addEventListener("hashchange", () => go());
// A day that passes changes what is due, also where nothing happens.
setInterval(() => {
	const aged = app.loadedAt && dayOf(app.loadedAt) !== dayOf(new Date());
	if (aged && live.state === "live" && !document.hidden && app.data !== undefined) load({ quiet: true });
}, DAY_CHECK_MS);

async function begin() {
	try {
		const services = await ask("/v1/services");
		setAddresses(services);
		app.openDoor = services.openDoor === true;
		document.getElementById("open-door").hidden = !app.openDoor;
		document.getElementById("version").textContent = services.version
			? `Doorbraak ${services.version}`
			: "";
	} catch (problem) {
		showProblem(problem, begin);
		return;
	}
	if (!token.get() && !app.openDoor && here().name !== "toegankelijkheid") {
		showMenu("");
		showLogin();
		return;
	}
	go();
}

begin();
