// SPDX-License-Identifier: EUPL-1.2
// route.js - addresses within the page. They stand behind the #: a case id never travels in the address of a request for
// the page, nor into the log of a proxy.

// link("signalen", {regio: "JZ32"})
export function link(path, query) {
	const search = new URLSearchParams(Object.entries(query ?? {}).filter(([, value]) => value)).toString();
	return `#/${path}${search ? `?${search}` : ""}`;
}

// {name: "casus", rest: ["c-..."], query: URLSearchParams}
export function place() {
	const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
	const [name, ...rest] = path.split("/").map(decodeURIComponent);
	return { name, rest, query: new URLSearchParams(query) };
}
