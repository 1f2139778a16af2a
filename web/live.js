// SPDX-License-Identifier: EUPL-1.2
// live.js - the stream of changes, by fetch (so that the token travels in a header), resumed behind the last event.
//
// States: "off", "connecting", "live", "lost". Every event carries an id; after a break the stream goes on behind it, so
// that nothing is missed or told twice. A hidden page lets go of its connection and takes it up when it is seen again.

import { address, headers, Problem, problemOf } from "./api.js";

const WAIT_MS = [500, 1000, 2000, 4000, 8000, 15000];
const SILENCE_MS = 40000; // the service says something at least every 15 seconds
const HIDDEN_MS = 60000;

// Calls onEvent({id, event, data}) for each whole event of a text/event-stream; onLife for everything that comes.
async function read(body, onEvent, onLife) {
	const reader = body.pipeThrough(new TextDecoderStream()).getReader();
	let rest = "";
	let event = { id: "", event: "message", data: [] };

	for (;;) {
		const { value, done } = await reader.read();
		if (done) return;
		onLife();
		const lines = (rest + value).split(/\r\n|\n|\r/);
		rest = lines.pop();
		for (const line of lines) {
			const [, field, text] = /^([^:]*):? ?(.*)$/s.exec(line);
			if (line === "") {
				if (event.id || event.data.length > 0)
					onEvent({ ...event, data: event.data.join("\n") });
				event = { id: "", event: "message", data: [] };
			} else if (field === "data") {
				event.data.push(text);
			} else if (field === "id" || field === "event") {
				event[field] = text;
			}
		}
	}
}

export class Live {
	// options: onEvent(event), onState(state, detail)
	constructor(options) {
		this.options = options;
		this.state = "off";
		this.last = "";
		this.tries = 0;
		document.addEventListener("visibilitychange", () => this.seen());
	}

	// Follows a stream, {service, path, topics}, from now on; undefined: none. One that is followed already goes on.
	follow(stream) {
		const key = JSON.stringify(stream ?? null);
		if (key === this.key && this.stopped === false) return;
		this.stop();
		this.key = key;
		if (!stream) return;
		this.stream = stream;
		this.stopped = false;
		this.connect();
	}

	stop() {
		this.stopped = true;
		this.last = "";
		this.tries = 0;
		this.end();
		this.tell("off");
	}

	// Try now, not later.
	again() {
		this.tries = 0;
		this.end();
		this.connect();
	}

	end() {
		clearTimeout(this.timer);
		clearTimeout(this.watch);
		this.abort?.abort();
		this.abort = undefined;
	}

	seen() {
		clearTimeout(this.hiding);
		if (this.stopped !== false) return;
		if (document.hidden) this.hiding = setTimeout(() => this.end(), HIDDEN_MS);
		else if (!this.abort) this.again();
	}

	tell(state, detail) {
		this.state = state;
		this.options.onState(state, detail);
	}

	alive(abort) {
		clearTimeout(this.watch);
		this.watch = setTimeout(() => abort.abort(new Error("silence")), SILENCE_MS);
	}

	async connect() {
		const abort = new AbortController();
		const resuming = this.last !== "";
		const { service, path, topics = [] } = this.stream;
		const query = new URLSearchParams([
			...topics.map((topic) => ["topic", topic]),
			...(resuming ? [] : [["from", "head"]]),
		]);

		this.abort = abort;
		if (this.state !== "lost") this.tell("connecting");
		try {
			this.alive(abort);
			const response = await fetch(`${address(service)}${path}?${query}`, {
				headers: headers({
					Accept: "text/event-stream",
					...(resuming ? { "Last-Event-ID": this.last } : {}),
				}),
				signal: abort.signal,
			});
			if (!response.ok) throw await problemOf(response);
			this.tries = 0;
			this.tell("live", { resumed: resuming });
			await read(
				response.body,
				(event) => this.take(event),
				() => this.alive(abort),
			);
			throw new Error("ended");
		} catch (error) {
			if (this.abort === abort) this.lose(error);
		}
	}

	take(event) {
		if (event.id) this.last = event.id;
		if (event.data) this.options.onEvent(event);
	}

	lose(error) {
		this.end();
		if (this.stopped) return;
		if (error instanceof Problem && error.status === 401) {
			this.tell("off", { problem: error });
			return;
		}
		if (error instanceof Problem && error.status === 403) {
			this.tell("off"); // not for this key: the view stands without
			return;
		}
		if (
			error instanceof Problem &&
			error.status >= 400 &&
			error.status < 500 &&
			error.status !== 429 &&
			this.last
		) {
			this.last = ""; // the place is not known there any more: begin at the head, and look at everything anew
			this.tell("lost", { anew: true, seconds: 0 });
		}
		const wait = WAIT_MS[Math.min(this.tries++, WAIT_MS.length - 1)];
		this.tell("lost", { seconds: Math.round(wait / 1000) });
		this.timer = setTimeout(() => this.connect(), wait);
	}
}
