// SPDX-License-Identifier: EUPL-1.2
// figures.js - the indicators over time, each as a plot with a table of numerator and denominator beside it; red threads; CSV.

import { ask, askText, askToday, Problem } from "./api.js";
import { h, patch, say, table } from "./dom.js";
import { addMonths, capital, date, lastDayOf, number, percent, shortMonth } from "./format.js";
import { indicators } from "./indicators.js";
import { regions } from "./organisations.js";
import { asOf, card, choice, heading } from "./parts.js";
import { line } from "./plot.js";
import { anyWord } from "./rule_words.js";
import { word, wordOf } from "./words.js";

const PERIODS = [
	["3", "Per kwartaal"],
	["1", "Per maand"],
	["12", "Per jaar"],
];
const HOW_MANY = { 1: 12, 3: 8, 12: 5 };

// Whole periods up to the one that goes on: {from, to} as days.
function span(today, months) {
	const startOf = (month) =>
		`${month.slice(0, 5)}${String(Math.floor((Number(month.slice(5)) - 1) / months) * months + 1).padStart(2, "0")}`;
	const last = startOf(today.slice(0, 7));
	return {
		from: `${addMonths(last, -months * (HOW_MANY[months] - 1))}-01`,
		to: lastDayOf(addMonths(last, months - 1)),
	};
}

function periodName(period, months) {
	const [year, month] = period.periodFrom.split("-");
	if (months === 12) return year;
	return months === 3
		? `k${Math.ceil(Number(month) / 3)} ’${year.slice(2)}`
		: `${shortMonth(period.periodFrom)} ’${year.slice(2)}`;
}

// What kind of figure it is shows in what was counted: values have a median, shares a denominator.
const COUNTS = new Set(["K1"]);
function kindOf(code, values) {
	if (COUNTS.has(code)) return "count";
	if (values.some((v) => v?.median || v?.p90)) return "days";
	return values.some((v) => v?.denominator || v?.suppressed) ? "share" : "count";
}

// The number that the plot shows of an indicator: a share in percent, a median, or a count.
function valueOf(kind, v) {
	if (!v || v.suppressed) return undefined;
	if (kind === "days") return v.denominator > 0 ? Number(v.median ?? 0) : undefined;
	if (kind === "count") return Number(v.numerator ?? 0);
	return v.denominator > 0 ? (100 * Number(v.numerator ?? 0)) / Number(v.denominator) : undefined;
}

const written = {
	share: (v) => `${v.toFixed(0)}%`,
	days: (v) => number(Math.round(v)),
	count: (v) => number(Math.round(v)),
};

function columns(kind, months) {
	const cell = (of) => (row) =>
		row.v?.suppressed ? h("abbr", { title: "Te klein om te tonen" }, "×") : row.v ? of(row.v) : "–";
	const period = { title: "Periode", cell: (row) => periodName(row.period, months) };
	if (kind === "days")
		return [
			period,
			{ title: "Midden", number: true, cell: cell((v) => number(v.median)) },
			{ title: "9 van 10", number: true, cell: cell((v) => number(v.p90)) },
			{ title: "Aantal", number: true, cell: cell((v) => number(v.denominator)) },
		];
	if (kind === "count")
		return [period, { title: "Aantal", number: true, cell: cell((v) => number(v.numerator)) }];
	return [
		period,
		{
			title: "Deel",
			number: true,
			cell: cell((v) => percent(Number(v.numerator ?? 0), Number(v.denominator ?? 0))),
		},
		{ title: "Teller", number: true, cell: cell((v) => number(v.numerator)) },
		{ title: "Noemer", number: true, cell: cell((v) => number(v.denominator)) },
	];
}

// Parts of an indicator that are told beside the whole, or in its place.
const PARTS = {
	PRESENT: "aanwezig",
	INVITED: "uitgenodigd",
	DAYS: "duur",
	LATE: "vertraging",
	ABSENT: "gemeente afwezig zonder mandaat",
	OFFICIAL: "bij ambtenaren",
	EXECUTIVE: "bij bestuurders",
	LEVEL: "opgelost",
	REACHED: "geweest bij",
	FUNCTION: "taak",
};
const BESIDE = new Set(["DAYS", "LATE"]);

function partName(group) {
	const [family, ...rest] = group.split("/");
	return [
		PARTS[family],
		...rest.map((code) =>
			family === "LEVEL" || family === "REACHED"
				? code === "CENTRE"
					? "expertisecentrum"
					: wordOf("LEVEL", code)
				: anyWord(code),
		),
	].join(" ");
}

// What there is to plot of an indicator: the whole, and where there is none its parts.
function seriesOf(code, periods) {
	const values = periods.flatMap((p) => p.indicators ?? []).filter((v) => v.code === code);
	const told = values.some((v) => !v.group && (v.denominator || v.numerator));
	const parts = values.some((v) => v.group && PARTS[v.group.split("/")[0]] && !BESIDE.has(v.group));
	const known = told || (!parts && values.some((v) => v.suppressed));
	const groups = [
		...new Set(
			values
				.map((v) => v.group)
				.filter((g) => g && PARTS[g.split("/")[0]] && (!known || BESIDE.has(g))),
		),
	];
	return [...(known ? [""] : []), ...groups].map((group) => ({
		title: group && partName(group),
		rows: periods.map((period) => ({
			period,
			v: (period.indicators ?? []).find((v) => v.code === code && (v.group ?? "") === group),
		})),
	}));
}

function seriesShown(one, series, data) {
	const kind = kindOf(
		one.code,
		series.rows.map((r) => r.v),
	);
	const points = series.rows.map(({ period, v }) => ({
		name: periodName(period, data.months),
		value: valueOf(kind, v),
		withheld: v?.suppressed,
	}));
	const label = series.title ? `${one.name}, ${series.title}` : one.name;

	return [
		series.title && h("h3", null, capital(series.title)),
		h(
			"div",
			{ class: "plot-and-table", key: label },
			line({ label, points, text: written[kind], top: kind === "share" ? 100 : 0 }),
			table({
				caption: `${label}: cijfers`,
				rows: series.rows,
				key: (r) => r.period.periodFrom,
				columns: columns(kind, data.months),
			}),
		),
	];
}

function indicatorCard(one, data) {
	const all = seriesOf(one.code, data.periods);
	return h(
		"section",
		{ class: "card indicator", key: one.code, id: one.code },
		h("h2", null, h("span", { class: "code" }, one.code), " ", one.name),
		h("p", { class: "hint" }, one.formula),
		all.length === 0
			? h("p", { class: "empty" }, "In deze periodes is hier niets te tellen.")
			: all.map((series) => seriesShown(one, series, data)),
	);
}

function themes(data) {
	const last = data.periods.at(-1);
	const rows = [...(last?.themes ?? [])].sort((a, b) => Number(b.count ?? 0) - Number(a.count ?? 0));
	const most = Math.max(1, ...rows.map((t) => Number(t.count ?? 0)));
	const trend = (t) =>
		t.trendSuppressed || t.suppressed
			? "×"
			: t.trend > 0
				? `↑ ${t.trend} meer`
				: t.trend < 0
					? `↓ ${-t.trend} minder`
					: "gelijk";

	return card(
		"Rode draden",
		{ class: "card wide", key: "themes" },
		h(
			"p",
			{ class: "hint" },
			`Waarop casussen vastlopen${last ? ` van ${date(last.periodFrom)} tot en met ${date(last.periodTo)}` : ""}, met het verschil met de periode ervoor.`,
		),
		table({
			caption: "Rode draden",
			rows,
			key: (t) => `${t.stuckOn}/${t.missingSupply ?? ""}`,
			empty: "Er liep niets vast in deze periode.",
			columns: [
				{ title: "Vastgelopen op", cell: (t) => capital(word(t.stuckOn)) },
				{
					title: "Wat ontbrak",
					cell: (t) => (t.missingSupply ? capital(word(t.missingSupply)) : "–"),
				},
				{
					title: "Aantal",
					cell: (t) =>
						t.suppressed
							? "×"
							: h(
									"span",
									{ class: "bar-cell" },
									h(
										"span",
										{
											class: "bar-track",
											"aria-hidden": "true",
										},
										h("span", {
											class: "bar-fill",
											vars: {
												"--part":
													Number(
														t.count ??
															0,
													) / most,
											},
										}),
									),
									h("span", null, number(t.count)),
								),
				},
				{ title: "Verschil", cell: trend },
			],
		}),
	);
}

// Through the same door with the token, and then as a file of the page's own making.
async function download(data, note) {
	const last = data.periods.at(-1);
	try {
		const text = await askText(
			"/v1/reports/INDICATORS",
			{ subject: data.subject, from: last.periodFrom, to: last.periodTo },
			"text/csv",
		);
		const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
		const a = h("a", {
			href: url,
			download: `doorbraak-cijfers-${data.subject || "nederland"}-${last.periodFrom}.csv`,
		});
		document.body.append(a);
		a.click();
		a.remove();
		setTimeout(() => URL.revokeObjectURL(url), 1000);
		patch(note, ["Het bestand staat bij uw downloads."]);
		say("Het bestand staat bij uw downloads");
	} catch (problem) {
		patch(note, [
			problem instanceof Problem
				? `${problem.title}. ${problem.detail}`
				: "Downloaden is niet gelukt.",
		]);
	}
}

export const figures = {
	title: () => "Cijfers",
	load: async ({ query, signal }) => {
		const today = await askToday(signal);
		const months = Number(query.get("periode") || 3);
		const { from, to } = span(today, months);
		const reply = await ask(
			"/v1/indicators",
			{ subject: query.get("regio"), from, to, months },
			{ signal },
		);
		return { today, months, subject: query.get("regio") ?? "", periods: reply.periods ?? [] };
	},
	render: (data, context) => [
		heading("Cijfers", asOf(data.today)),
		h(
			"p",
			{ class: "lead", key: "lead" },
			"Elk deel staat met zijn teller en noemer. × betekent: te weinig casussen om te tonen zonder dat iemand herkenbaar wordt. Bij dagen staat het midden (de helft duurt korter) en hoe lang 9 van de 10 ten hoogste duren.",
		),
		h(
			"div",
			{ class: "choices", key: "choices" },
			choice(
				"Gebied",
				"regio",
				[["", "Heel Nederland"], ...regions.map((r) => [r.code, r.name])],
				context.query.get("regio") ?? "",
				(regio) => context.set({ regio }),
			),
			choice("Periode", "periode", PERIODS, String(data.months), (periode) =>
				context.set({ periode: periode === "3" ? "" : periode }),
			),
			h(
				"div",
				{ class: "field" },
				h(
					"button",
					{
						type: "button",
						class: "quiet",
						onclick: (event) =>
							download(data, event.currentTarget.nextElementSibling),
					},
					"Download laatste periode (CSV)",
				),
				h("span", { class: "hint", role: "status" }),
			),
		),
		themes(data),
		h(
			"div",
			{ class: "indicators", key: "indicators" },
			indicators.filter((one) => one.code !== "K26").map((one) => indicatorCard(one, data)),
		),
		h(
			"p",
			{ class: "hint", key: "note" },
			`De laatste periode loopt nog. Gegevens tot en met ${date(data.today)}.`,
		),
	],
};
