// SPDX-License-Identifier: EUPL-1.2
/* page.h - the page for people: its files, and where it finds the services. Served without a key: it shows nothing that it
 * did not ask for with the key of who looks.
 *
 *   GET /                 web/index.html
 *   GET /assets/{name}    the other files of web/; with a tag, so that a browser asks once a version
 *   GET /v1/services      {"intake":URL,"signalling":URL,"openDoor":true,"version":"0.1.0"}
 *
 * The page may load its own files only, and may ask the three services only: the policy of its content (CSP) says so. An
 * address that is not given is that of the page itself: behind a proxy all stand under one. */
#ifndef DOORBRAAK_PAGE_H
#define DOORBRAAK_PAGE_H

#include "common/http.h"

#define PAGE_ADDRESS_MAX 255u

struct page_file {
	const char *name, *type;
	const char *tag; /* in quotes, as the header wants it */
	struct bytes body;
};

/* Made of web/ by tools/embed. */
extern const struct page_file page_files[];
extern const unsigned page_file_count;

struct page_options {
	const char *intake, *signalling; /* "http://127.0.0.1:7201"; "": where the page is */
	bool open_door;
};

struct page {
	char policy[2 * PAGE_ADDRESS_MAX + 256];
	char services[2 * PAGE_ADDRESS_MAX + 256];
};

/* The addresses are origins, as the configuration takes them: nothing in them needs escaping. */
void page_init(struct page *page, const struct page_options *options);
/* Its routes; the page outlives the server. */
struct http_table page_table(struct page *page);

#endif
