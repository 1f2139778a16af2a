// SPDX-License-Identifier: EUPL-1.2
// format.js - dates and numbers as people write them in Dutch. Days are text YYYY-MM-DD; moments RFC 3339.

const MONTHS = [
	"januari",
	"februari",
	"maart",
	"april",
	"mei",
	"juni",
	"juli",
	"augustus",
	"september",
	"oktober",
	"november",
	"december",
];
const DAYS = ["zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"];
const DAY_MS = 86400000;

const parts = (day) => day.split("-").map(Number);
const utc = (day) => Date.UTC(parts(day)[0], (parts(day)[1] ?? 1) - 1, parts(day)[2] ?? 1);

// "3 maart 2027"
export function date(day) {
	if (!day) return "";
	const [year, month, number] = parts(day);
	return `${number} ${MONTHS[month - 1]} ${year}`;
}

// "wo 3 mrt"
export function shortDate(day) {
	const [, month, number] = parts(day);
	return `${DAYS[new Date(utc(day)).getUTCDay()].slice(0, 2)} ${number} ${month === 3 ? "mrt" : MONTHS[month - 1].slice(0, 3)}`;
}

// "maart 2027"
export function month(text) {
	const [year, number] = parts(text);
	return `${MONTHS[number - 1]} ${year}`;
}

export function shortMonth(text) {
	const number = parts(text)[1];
	return number === 3 ? "mrt" : MONTHS[number - 1].slice(0, 3);
}

// Days from `a` to `b`.
export function daysBetween(a, b) {
	return Math.round((utc(b) - utc(a)) / DAY_MS);
}

export function addDays(day, count) {
	return new Date(utc(day) + count * DAY_MS).toISOString().slice(0, 10);
}

// The month that lies so many months from this day's: YYYY-MM.
export function addMonths(day, count) {
	const [year, number] = parts(day);
	return new Date(Date.UTC(year, number - 1 + count, 1)).toISOString().slice(0, 7);
}

export function lastDayOf(text) {
	const [year, number] = parts(text);
	return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}

// "vandaag", "over 3 dagen", "4 dagen te laat"
export function when(day, today) {
	const days = daysBetween(today, day);
	if (days === 0) return "vandaag";
	if (days === 1) return "morgen";
	if (days > 1) return `over ${number(days)} dagen`;
	return days === -1 ? "1 dag voorbij" : `${number(-days)} dagen voorbij`;
}

// 1.234
export function number(value) {
	return String(value ?? 0).replace(/\B(?=(\d{3})+$)/g, ".");
}

export function count(value, one, many) {
	return `${number(value)} ${Number(value) === 1 ? one : many}`;
}

// "25,0%"
export function percent(numerator, denominator) {
	return denominator > 0 ? `${((100 * numerator) / denominator).toFixed(1).replace(".", ",")}%` : "–";
}

const local = new Intl.DateTimeFormat("nl-NL", {
	timeZone: "Europe/Amsterdam",
	day: "numeric",
	month: "long",
	year: "numeric",
	hour: "2-digit",
	minute: "2-digit",
});
const localDay = new Intl.DateTimeFormat("sv-SE", {
	timeZone: "Europe/Amsterdam",
	year: "numeric",
	month: "2-digit",
	day: "2-digit",
});
const localTime = new Intl.DateTimeFormat("nl-NL", {
	timeZone: "Europe/Amsterdam",
	hour: "2-digit",
	minute: "2-digit",
});

// "3 maart 2027 om 09:00"
export function moment(text) {
	return local.format(new Date(text));
}

// The local day of a moment.
export function dayOf(text) {
	return localDay.format(new Date(text));
}

// A moment on that day that has surely come: now, or on a clock that is not today's the begin of the day.
export function momentOn(day) {
	const now = new Date();
	if (dayOf(now.toISOString()) === day) return now.toISOString();
	const before = addDays(day, -1);
	return [`${before}T22:00:00.000Z`, `${before}T23:00:00.000Z`].find((text) => dayOf(text) === day);
}

export function timeOf(instant) {
	return localTime.format(instant);
}

export function capital(text) {
	return text ? text[0].toUpperCase() + text.slice(1) : "";
}
