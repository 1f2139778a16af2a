// SPDX-License-Identifier: EUPL-1.2
// live.mjs - what happens is shown without a reload; a service that dies and comes back leaves no gap; keys.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { findings } from "./access.mjs";
import { holds, until } from "./judge.mjs";
import { open, Watch } from "./look.mjs";
import { Services } from "./services.mjs";
import { LAST } from "./world.mjs";

let count = 0;

// A new case of the local team of Nijmegen, by HTTP. Its id.
async function submit(services) {
	const journal = (await services.tool("journal", "intake", "--run", services.run, "--json"))
		.split("\n")
		.filter(Boolean)
		.map((line) => JSON.parse(line));
	const registered = journal
		.map((r) => r.record.intake?.accepted?.submission?.source_registered)
		.find((s) => s?.organisations?.includes("LT-GM0268"));
	const response = await fetch(`${services.url("intake")}/v1/submissions`, {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify({
			source: registered.source,
			id: `page-${++count}`,
			occurredAt: `${LAST}T09:00:00Z`,
			actor: { role: "ROLE_LOCAL_TEAM", organisation: "LT-GM0268" },
			caseSubmitted: {
				municipality: "GM0268",
				submitter: "SUBMITTER_KIND_LOCAL_TEAM",
				asks: "ASK_PROCESS_DIRECTION",
				ageBand: "AGE_BAND_UNDER_12",
			},
		}),
	});
	if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
	return (await response.json()).caseId;
}

const openCases = async (page) => Number(await page.locator(".figure .value").first().innerText());

// Which cases the page was told of, in order: each change counts once.
const recent = (page) =>
	page.locator(".recent a").evaluateAll((links) => links.map((a) => a.getAttribute("href").split("/").pop()));

// The first part by itself. The page that was opened, and how many cases it showed.
async function opened(browser, services, watch) {
	const page = await open(browser, services, watch);
	await page.waitForSelector(".dot.on");
	await page.evaluate(() => (window.notReloaded = true));
	const before = await openCases(page);

	await holds("a case that is submitted over HTTP appears without a reload", async () => {
		const id = await submit(services);
		await until(
			"the case",
			async () => (await recent(page)).includes(id) && (await openCases(page)) === before + 1,
		);
		return page.evaluate(() => window.notReloaded === true);
	});
	return { page, before };
}

// A closed case is erased while people look at it, and at the overview.
async function erased(browser, services, watch) {
	const { cases } = await services.ask("monitoring", "/v1/cases?state=CASE_STATE_CLOSED&limit=1");
	const id = cases[0].caseId;
	const page = await open(browser, services, watch, { hash: `#/casus/${id}` });
	const other = await open(browser, services, watch);
	await page.waitForSelector(".dot.on");
	await other.waitForSelector(".dot.on");
	await holds("a case that is erased leaves the screen of who looks at it", async () => {
		if (!(await page.locator("main").innerText()).includes("Tijdlijn")) return "the case was not there";
		await services.tool("erase", id, "--ground", "REQUEST_OF_SUBJECT", "--run", services.run);
		await page.waitForSelector(".problem");
		const left = await page.locator("main").innerText();
		return (!left.includes(id) && !left.includes("Tijdlijn")) || left;
	});
	await holds("and is no news on the overview", async () => {
		const next = await submit(services); // told behind it
		await until("the case behind it", async () => (await recent(other)).includes(next));
		return !(await recent(other)).includes(id);
	});
	await page.context().close();
	await other.context().close();
}

export async function appears(browser, services) {
	const { page } = await opened(browser, services);
	await page.context().close();
	await erased(browser, services);
}

export async function live(browser, services) {
	const watch = new Watch();
	const { page, before } = await opened(browser, services, watch);
	await erased(browser, services);
	const complaints = watch.said.length;
	await holds("a service that dies: the page says so, and of when its numbers are", async () => {
		process.kill(services.doors.monitoring.pid, "SIGKILL");
		await page.waitForSelector(".banner.lost", { timeout: 15000 });
		const said = (await page.locator(".banner.lost").innerText()).includes("U ziet de stand van");
		return said && findings(page);
	});
	await holds("it comes back: resumed behind the last change, nothing missed, without a reload", async () => {
		const ids = [await submit(services), await submit(services)];
		await page.waitForSelector(".banner.resumed", { timeout: 40000 });
		await until("both cases", async () => (await openCases(page)) === before + 4);
		const shown = await recent(page);
		const banner = await until("told how much", async () => {
			const text = await page.locator(".banner.resumed").innerText();
			return text.includes("ingehaald") && text;
		});
		const reloaded = !(await page.evaluate(() => window.notReloaded === true));
		return (
			(ids.every((id) => shown.filter((one) => one === id).length === 1) &&
				/ingehaald/.test(banner) &&
				!reloaded) ||
			`${shown}; ${banner}; ${reloaded}`
		);
	});
	await holds("no error before it died", () => complaints === 0 || watch.said.slice(0, 3).join(" | "));
	await page.context().close();
	await keys(browser, services.bin);
}

async function keys(browser, bin) {
	const services = new Services(bin);
	const dir = await mkdtemp(path.join(tmpdir(), "doorbraak-keys-"));
	try {
		const told = await services.tool(
			"keys",
			"new",
			"--dir",
			dir,
			"--role",
			"PROCESS_DIRECTOR",
			"--scope",
			"region:JZ32",
			"--organisation",
			"ET-JZ32",
			"--name",
			"proef",
		);
		await services.start("--keys", dir);
		await services.tool(
			"registry",
			"adopt",
			"--shipped",
			"--now",
			`${LAST}T09:00:00Z`,
			"--run",
			services.run,
		);
		await services.tool(
			"policy",
			"adopt",
			"--shipped",
			"--now",
			`${LAST}T09:00:00Z`,
			"--run",
			services.run,
		);
		const page = await open(browser, services);
		await holds("axe finds nothing: logging in", () => findings(page));
		await holds("with keys: the page asks for one, and refuses a wrong one in words", async () => {
			await page.getByLabel("Uw sleutel").fill("dbk_verkeerd");
			await page.getByRole("button", { name: "Inloggen" }).click();
			return until("refused", async () =>
				(await page.locator("[role=alert]").innerText()).includes("niet geldig"),
			);
		});
		await holds("with keys: the right one opens the overview, and leaving closes it", async () => {
			await page.getByLabel("Uw sleutel").fill(/dbk_\S+/.exec(told)[0]);
			await page.getByRole("button", { name: "Inloggen" }).click();
			await page.waitForSelector(".figure", { timeout: 10000 });
			await page.getByRole("button", { name: "Uitloggen" }).click();
			await page.waitForSelector("#token");
			return page.evaluate(() => sessionStorage.length === 0);
		});
		await page.context().close();
	} finally {
		await services.stop();
		await rm(dir, { recursive: true, force: true });
	}
}
