// SPDX-License-Identifier: EUPL-1.2
// access.mjs - for everybody: no finding of axe on any view in both themes, keyboard only, and 400 % zoom.

import { AxeBuilder } from "@axe-core/playwright";
import { holds } from "./judge.mjs";
import { open, places, show, stands, THEMES } from "./look.mjs";

export async function findings(page) {
	const { violations } = await new AxeBuilder({ page })
		.withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"])
		.analyze();
	return (
		violations.length === 0 ||
		violations
			.map(
				(v) =>
					`${v.id} (${v.nodes.length}): ${v.nodes[0].target} ${v.nodes[0].failureSummary?.split("\n")[1]?.trim()}`,
			)
			.join("; ")
	);
}

export async function accessible(browser, services, watch, { only } = {}) {
	for (const theme of only ? ["dark"] : THEMES) {
		const page = await open(browser, services, watch, { theme });
		for (const [name, hash] of Object.entries(await places(services))) {
			if (only && !only.includes(name)) continue;
			await show(page, hash);
			if (name === "casus") await page.locator(".why > summary:visible").first().click();
			await holds(`axe finds nothing: ${name}, ${theme}`, () => findings(page));
		}
		if (only) return page.context().close();
		await show(page, (await places(services)).signalen);
		await page
			.getByRole("button", { name: /^Bevestig S/ })
			.first()
			.click();
		await holds(`axe finds nothing: the dialog, ${theme}`, () => findings(page));
		await page.context().close();
	}
}

// The element that has the focus, and whether one can see that it has.
const focused = (page) =>
	page.evaluate(() => {
		const e = document.activeElement;
		const style = getComputedStyle(e);
		const box = e.getBoundingClientRect();
		return {
			name: `${e.nodeName} ${(e.getAttribute("aria-label") ?? e.innerText ?? e.id ?? "").slice(0, 40)}`,
			ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
			body: e === document.body,
			seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
		};
	});

export async function keyboard(browser, services, watch) {
	const page = await open(browser, services, watch);
	await page.reload();
	await stands(page, ".figure");
	await page.evaluate(() => document.activeElement.blur());
	await holds("keyboard: the first stop skips to the content", async () => {
		await page.evaluate(() => document.getElementById("skip").focus());
		await page.keyboard.press("Enter");
		return page.evaluate(() => document.activeElement.id === "inhoud");
	});
	await holds("keyboard: every stop of every view can be seen", async () => {
		const unseen = [];
		for (const [name, hash] of Object.entries(await places(services))) {
			await show(page, hash);
			for (let i = 0; i < 60; i++) {
				await page.keyboard.press("Tab");
				const at = await focused(page);
				if (at.body) break;
				if (!at.ring || !at.seen) unseen.push(`${name}: ${at.name}`);
			}
		}
		return unseen.length === 0 || unseen.slice(0, 5).join("; ");
	});
	await holds("keyboard: from the menu to a signal, its dialog and back", async () => {
		await show(page, "#/");
		await page.locator("#menu a", { hasText: "Signalen" }).focus();
		await page.keyboard.press("Enter");
		await page.waitForSelector("td button");
		const title = await page.evaluate(() => document.activeElement.nodeName);
		await page.locator("td button").first().focus();
		await page.keyboard.press("Enter");
		await page.waitForSelector("dialog[open]");
		const inside = await page.evaluate(() =>
			document.querySelector("dialog").contains(document.activeElement),
		);
		await page.keyboard.press("Escape");
		await page.waitForSelector("dialog", { state: "detached" });
		const back = await page.evaluate(() => document.activeElement.textContent);
		return (title === "H1" && inside && back === "Bevestig") || `${title}, ${inside}, ${back}`;
	});
	await page.context().close();
}

// 320 points wide is 1280 at 400 %: nothing needs scrolling in two directions but tables of figures and the drawing, in their own box.
export async function narrow(browser, services, watch, { only } = {}) {
	const page = await open(browser, services, watch, { width: 320, height: 800 });
	for (const [name, hash] of Object.entries(await places(services))) {
		if (only && !only.includes(name)) continue;
		await show(page, hash);
		await holds(`320 points wide: ${name} fits`, async () => {
			const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
			return over <= 0 || `${over} points too wide`;
		});
		await holds(`320 points wide: the rows of ${name} are cards, nothing scrolls sideways`, async () => {
			const wide = await page.evaluate(() =>
				[...document.querySelectorAll(".cards")]
					.filter((e) => e.scrollWidth > e.clientWidth)
					.map((e) => e.getAttribute("aria-label")),
			);
			return wide.length === 0 || wide.join("; ");
		});
		await holds(`320 points wide: no two names along a plot of ${name} touch`, async () => {
			const touching = await page.evaluate(() =>
				[...document.querySelectorAll(".plot svg")].flatMap((plot) => {
					const names = [...plot.querySelectorAll("text.axis")].map((e) => ({
						text: e.textContent,
						box: e.getBoundingClientRect(),
					}));
					return names.flatMap((a, i) =>
						names
							.slice(i + 1)
							.filter(
								({ box }) =>
									box.left < a.box.right &&
									a.box.left < box.right &&
									box.top < a.box.bottom - 4 &&
									a.box.top < box.bottom - 4,
							)
							.map((b) => `${a.text}, ${b.text}`),
					);
				}),
			);
			return touching.length === 0 || touching.slice(0, 5).join("; ");
		});
	}
	await page.context().close();
}
