// SPDX-License-Identifier: EUPL-1.2
// dom.js - elements from data, and a tree brought up to date in place.
//
// Text only ever becomes a text node: data cannot become markup. patch() keeps the elements that stay, and with them
// focus, scroll position and what was folded open.

const SVG = "http://www.w3.org/2000/svg";

function dispatch(event) {
	this.handlers[event.type]?.(event);
}

function listen(element, type, handler) {
	element.handlers ??= {};
	if (!(type in element.handlers)) element.addEventListener(type, dispatch);
	element.handlers[type] = handler;
}

function fill(element, attributes, children) {
	for (const [name, value] of Object.entries(attributes ?? {})) {
		if (value === undefined || value === null || value === false) continue;
		if (name.startsWith("on")) listen(element, name.slice(2), value);
		else if (name === "key") element.key = value;
		else if (name === "vars")
			// custom properties: set by the object model, which a strict policy allows
			element.vars = value;
		else element.setAttribute(name, value === true ? "" : value);
	}
	setVars(element);
	element.append(
		...children.flat(Infinity).filter((c) => c !== undefined && c !== null && c !== false && c !== ""),
	);
	return element;
}

function setVars(element) {
	for (const [name, value] of Object.entries(element.vars ?? {})) element.style.setProperty(name, value);
}

// h("p", {class: "lead", onclick: f}, "text", node, [more])
export function h(name, attributes, ...children) {
	return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes, ...children) {
	return fill(document.createElementNS(SVG, name), attributes, children);
}

function isSame(a, b) {
	return a.nodeType === b.nodeType && a.nodeName === b.nodeName && a.key === b.key && a.id === b.id;
}

// What a person set is left alone: open or closed, and the text of a field that has the focus.
function takeAttributes(old, fresh) {
	for (const { name } of [...old.attributes]) {
		if (!fresh.hasAttribute(name) && name !== "open" && name !== "style") old.removeAttribute(name);
	}
	for (const { name, value } of fresh.attributes) {
		if (name !== "open" && name !== "style" && old.getAttribute(name) !== value)
			old.setAttribute(name, value);
	}
	old.vars = fresh.vars;
	setVars(old);
	for (const [type, handler] of Object.entries(fresh.handlers ?? {})) listen(old, type, handler);
	if (old.nodeName === "INPUT" && old !== document.activeElement && old.value !== fresh.value)
		old.value = fresh.value;
	if (old.nodeName === "INPUT" && old.checked !== fresh.checked) old.checked = fresh.checked;
}

function morph(old, fresh) {
	if (old.nodeType === Node.TEXT_NODE) {
		if (old.data !== fresh.data) old.data = fresh.data;
		return;
	}
	if (old.refresh) {
		// draws itself; only what it draws is new
		old.refresh(fresh);
		return;
	}
	takeAttributes(old, fresh);
	patch(old, [...fresh.childNodes]);
	if (old.nodeName === "SELECT" && old !== document.activeElement) old.value = fresh.value;
}

// Makes the children of an element equal to these nodes. Nodes with a `key` are found again where they moved.
export function patch(parent, nodes) {
	const fresh = nodes.flat(Infinity).filter((n) => n !== undefined && n !== null && n !== false && n !== "");
	const byKey = new Map([...parent.childNodes].filter((n) => n.key !== undefined).map((n) => [n.key, n]));
	let at = parent.firstChild;

	for (const node of fresh.map((n) => (n instanceof Node ? n : document.createTextNode(n)))) {
		const known = node.key === undefined ? undefined : byKey.get(node.key);
		if (known && known !== at && isSame(known, node)) {
			parent.insertBefore(known, at);
			morph(known, node);
		} else if (at && isSame(at, node)) {
			morph(at, node);
			at = at.nextSibling;
		} else {
			parent.insertBefore(node, at);
		}
	}
	while (at) {
		const next = at.nextSibling;
		at.remove();
		at = next;
	}
}

let speaking;
// For people who do not see the page: said once, when there is a pause.
export function say(text) {
	clearTimeout(speaking);
	speaking = setTimeout(() => (document.getElementById("said").textContent = text), 150);
}

// A table that scrolls by itself; on a narrow screen each row is a card (parts.css), of which the roles keep saying that it is
// a row of a table. columns: [{title, cell: row => node, number}]; the first column names the row.
// groups: [{title, rows, note}] in place of rows: each with a heading of its own.
export function table({ caption, columns, rows = [], groups, key, empty, unseenCaption, rowClass }) {
	if (rows.length === 0 && !groups && empty) return h("p", { class: "empty" }, empty);
	const cell = (column, row, i) =>
		h(
			i === 0 ? "th" : "td",
			{
				scope: i === 0 ? "row" : null,
				role: i === 0 ? "rowheader" : "cell",
				class: column.number ? "number" : column.class,
				"data-title": i === 0 ? null : column.title,
			},
			column.cell(row),
		);

	const isFigures = columns.length > 1 && columns.slice(1).every((column) => column.number); // stays a table

	return h(
		"div",
		{ class: isFigures ? "scroll" : "scroll cards", tabindex: "0", role: "region", "aria-label": caption },
		h(
			"table",
			{ role: "table" },
			h("caption", { class: unseenCaption === false ? null : "unseen" }, caption),
			h(
				"thead",
				{ role: "rowgroup" },
				h(
					"tr",
					{ role: "row" },
					columns.map((c) =>
						h(
							"th",
							{ scope: "col", role: "columnheader", class: c.number ? "number" : null },
							c.title,
						),
					),
				),
			),
			(groups ?? [{ rows }]).map((group, at) =>
				h(
					"tbody",
					{ key: group.title ?? `${at}`, role: "rowgroup" },
					group.title &&
						h(
							"tr",
							{ key: "title", role: "row" },
							h(
								"th",
								{
									scope: "rowgroup",
									role: "rowheader",
									colspan: columns.length,
									class: "group",
								},
								group.title,
								" ",
								h("span", { class: "hint" }, group.note),
							),
						),
					group.rows.map((row, n) =>
						h(
							"tr",
							{
								key: key ? key(row) : `${n}`,
								role: "row",
								class: rowClass?.(row, group),
							},
							columns.map((c, i) => cell(c, row, i)),
						),
					),
				),
			),
		),
	);
}
