// SPDX-License-Identifier: EUPL-1.2
// plot.js - small plots as SVG, drawn at the width there is, so that text keeps its size. Beside each plot stands a table.

import { h, svg } from "./dom.js";
import { number, shortMonth } from "./format.js";

const HEIGHT = 150;
const LEFT = 38;
const NAME_WIDTH = 72; // "wo 18 nov", and room behind it
const BOTTOM = 22;
const TOP = 10;
const RIGHT = 14;

const redraw = new ResizeObserver((entries) => entries.forEach((entry) => entry.target.draw?.()));

// A box that draws itself whenever its width changes. draw(width) gives the children of the svg.
function drawing(label, height, draw) {
	const box = h("div", { class: "plot", role: "img", "aria-label": label });
	box.draw = () => {
		const width = Math.floor(box.clientWidth);
		if (width > 0 && width !== box.drawnAt) {
			box.drawnAt = width;
			box.replaceChildren(
				svg(
					"svg",
					{
						width,
						height,
						viewBox: `0 0 ${width} ${height}`,
						"aria-hidden": "true",
						focusable: "false",
					},
					box.paint(width),
				),
			);
		}
	};
	box.paint = draw;
	box.refresh = (fresh) => {
		box.paint = fresh.paint;
		box.setAttribute("aria-label", fresh.getAttribute("aria-label"));
		box.drawnAt = undefined;
		box.draw();
	};
	redraw.observe(box);
	return box;
}

// Round steps up to at least `most`: at most four.
function ticks(most) {
	const raw = Math.max(1, most) / 4;
	const power = 10 ** Math.floor(Math.log10(raw));
	const step = Math.max(
		most <= 4 ? 1 : 0,
		[1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw),
	);
	return Array.from({ length: Math.ceil(Math.max(1, most) / step) + 1 }, (_, i) => i * step);
}

function axis(width, values, y, text = number) {
	return values.map((v) => [
		svg("line", { class: "grid", x1: LEFT, x2: width, y1: y(v), y2: y(v) }),
		svg("text", { class: "axis", x: LEFT - 6, y: y(v) + 4, "text-anchor": "end" }, text(v)),
	]);
}

// One bar a point. points: [{name, value}]; every: which names are written, fewer where they would touch.
export function bars({ label, points, every = 1 }) {
	const most = Math.max(0, ...points.map((p) => p.value));
	const total = points.reduce((sum, p) => sum + p.value, 0);
	return drawing(`${label}: samen ${number(total)}, hoogste ${number(most)}`, HEIGHT, (width) => {
		const steps = ticks(most);
		const top = steps.at(-1);
		const y = (v) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - v / top);
		const wide = (width - LEFT) / points.length;
		const written = every * Math.max(1, Math.ceil(NAME_WIDTH / (every * wide)));
		return [
			axis(width, steps, y),
			points.map((p, i) => [
				svg(
					"rect",
					{
						class: "bar",
						x: LEFT + i * wide + wide * 0.15,
						width: wide * 0.7,
						y: y(p.value),
						height: y(0) - y(p.value),
					},
					svg("title", null, `${p.name}: ${number(p.value)}`),
				),
				i % written === 0 &&
					svg("text", { class: "axis", x: LEFT + i * wide + 2, y: HEIGHT - 6 }, p.name),
			]),
		];
	});
}

// Up above the line, down below it. months: [{month, up, down}]
export function flowPlot(months) {
	const most = Math.max(1, ...months.flatMap((m) => [m.up, m.down]));
	const sum = (way) => months.reduce((total, m) => total + m[way], 0);
	return drawing(
		`Twaalf maanden: ${number(sum("up"))} keer omhoog, ${number(sum("down"))} keer omlaag`,
		HEIGHT,
		(width) => {
			const steps = ticks(most);
			const top = steps.at(-1);
			const middle = (HEIGHT - BOTTOM + TOP) / 2;
			const size = (v) => ((HEIGHT - BOTTOM - TOP) / 2) * (v / top);
			const wide = (width - LEFT) / months.length;
			const every = wide < 34 ? 3 : 1;
			return [
				[top, 0, -top].map((v) => [
					svg("line", {
						class: v === 0 ? "grid zero" : "grid",
						x1: LEFT,
						x2: width,
						y1: middle - size(v),
						y2: middle - size(v),
					}),
					svg(
						"text",
						{
							class: "axis",
							x: LEFT - 6,
							y: middle - size(v) + 4,
							"text-anchor": "end",
						},
						v > 0 ? `↑ ${v}` : v < 0 ? `↓ ${-v}` : "0",
					),
				]),
				months.map((m, i) => [
					svg(
						"rect",
						{
							class: "bar up",
							x: LEFT + i * wide + wide * 0.18,
							width: wide * 0.64,
							y: middle - size(m.up),
							height: size(m.up),
						},
						svg("title", null, `${shortMonth(m.month)}: ${m.up} omhoog`),
					),
					svg(
						"rect",
						{
							class: "bar down",
							x: LEFT + i * wide + wide * 0.18,
							width: wide * 0.64,
							y: middle,
							height: size(m.down),
						},
						svg("title", null, `${shortMonth(m.month)}: ${m.down} omlaag`),
					),
					i % every === 0 &&
						svg(
							"text",
							{
								class: "axis",
								x: LEFT + i * wide + wide * 0.5,
								y: HEIGHT - 6,
								"text-anchor": "middle",
							},
							shortMonth(m.month),
						),
				]),
			];
		},
	);
}

// A line with a mark at each point; where a point is withheld or there is nothing, the line is broken.
// points: [{name, value | undefined, withheld}]; text(value) writes one.
export function line({ label, points, text, top: atLeast = 0 }) {
	const values = points.map((p) => p.value).filter((v) => v !== undefined);
	return drawing(
		`${label}: ${points.map((p) => `${p.name} ${p.value === undefined ? (p.withheld ? "niet getoond" : "geen") : text(p.value)}`).join(", ")}`,
		HEIGHT,
		(width) => {
			const steps = atLeast ? [0, atLeast / 2, atLeast] : ticks(Math.max(1, ...values));
			const most = Math.max(steps.at(-1), ...values);
			const y = (v) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - v / most);
			const wide = (width - LEFT - RIGHT) / points.length;
			const x = (i) => LEFT + (i + 0.5) * wide;
			const every = Math.max(1, Math.ceil(64 / wide));
			const path = points.reduce(
				(d, p, i) =>
					p.value === undefined
						? d
						: `${d}${i > 0 && points[i - 1].value !== undefined ? "L" : "M"}${x(i).toFixed(1)},${y(p.value).toFixed(1)}`,
				"",
			);
			return [
				axis(width, steps, y, text),
				path && svg("path", { class: "curve", d: path }),
				points.map((p, i) => [
					p.value !== undefined &&
						svg(
							"circle",
							{ class: "point", cx: x(i), cy: y(p.value), r: 4 },
							svg("title", null, `${p.name}: ${text(p.value)}`),
						),
					p.value === undefined &&
						p.withheld &&
						svg(
							"text",
							{
								class: "axis",
								x: x(i),
								y: y(0) - 6,
								"text-anchor": "middle",
							},
							"×",
							svg("title", null, `${p.name}: niet getoond`),
						),
					(points.length - 1 - i) % every === 0 &&
						svg(
							"text",
							{
								class: "axis",
								x: x(i),
								y: HEIGHT - 6,
								"text-anchor": "middle",
							},
							p.name,
						),
				]),
			];
		},
	);
}
