// SPDX-License-Identifier: EUPL-1.2
// services.mjs - five services of our own, in a folder of our own, on a clock that is driven.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { until } from "./judge.mjs";

const run = promisify(execFile);

export class Services {
	constructor(bin) {
		this.bin = bin;
	}

	async tool(...args) {
		const { stdout } = await run(path.join(this.bin, "doorbraak"), args, {
			maxBuffer: 64 << 20,
			timeout: 120000,
		});
		return stdout;
	}

	// options: more arguments of `doorbraak up`
	async start(...options) {
		this.dir = await mkdtemp(path.join(tmpdir(), "doorbraak-page-"));
		this.run = path.join(this.dir, "run");
		this.up = spawn(
			path.join(this.bin, "doorbraak"),
			["up", "--run", this.run, "--ports", "0", "--driven", "--json", ...options],
			{ stdio: ["ignore", "pipe", "pipe"] },
		);
		let out = "";
		let errors = "";
		this.up.stdout.on("data", (text) => (out += text));
		this.up.stderr.on("data", (text) => (errors += text));
		await until(
			"services",
			() => {
				if (this.up.exitCode !== null) throw new Error(`doorbraak up ended: ${errors}`);
				return out.includes("\n");
			},
			30000,
		);
		this.doors = JSON.parse(out.split("\n")[0]);
	}

	url(service) {
		return this.doors[service].http;
	}

	async play(scenario) {
		const file = path.join(this.dir, "world.yaml");
		await writeFile(file, scenario);
		await this.tool("play", "--run", this.run, file);
	}

	async ask(service, question) {
		const response = await fetch(this.url(service) + question);
		if (!response.ok) throw new Error(`${question}: ${response.status} ${await response.text()}`);
		return response.json();
	}

	async stop() {
		if (this.up && this.up.exitCode === null) {
			this.up.kill("SIGTERM");
			await until("the services stop", () => this.up.exitCode !== null, 20000).catch(() =>
				this.up.kill("SIGKILL"),
			);
		}
		if (this.dir) await rm(this.dir, { recursive: true, force: true });
	}
}
