// SPDX-License-Identifier: EUPL-1.2
#include "common/page.h"

#include <stdio.h>
#include <string.h>

#define INDEX "index.html"

void
page_init(struct page *page, const struct page_options *options)
{
	snprintf(page->policy, sizeof page->policy,
		 "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' %s %s; "
		 "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		 options->intake, options->signalling);
	snprintf(page->services, sizeof page->services,
		 "{\"intake\":\"%s\",\"signalling\":\"%s\",\"openDoor\":%s,\"version\":\"%s\"}", options->intake,
		 options->signalling, options->open_door ? "true" : "false", DOORBRAAK_VERSION);
}

static void
answer_file(const struct page *page, struct http_request *request, const struct page_file *file)
{
	const char *known = http_asked_header(request, "If-None-Match");
	const bool is_known = known != NULL && strcmp(known, file->tag) == 0;

	http_header(request, "Content-Security-Policy", page->policy);
	http_header(request, "Cache-Control", "no-cache");
	http_header(request, "ETag", file->tag);
	if (is_known)
		http_answer(request, 304, NULL, bytes_of(NULL, 0));
	else
		http_answer(request, 200, file->type, file->body);
}

static void
answer_named(const struct page *page, struct http_request *request, const char *name)
{
	for (unsigned i = 0; i < page_file_count; i++) {
		if (strcmp(page_files[i].name, name) == 0) {
			answer_file(page, request, &page_files[i]);
			return;
		}
	}
	http_problem(request, 404, "not_found", "Dit adres bestaat hier niet.");
}

static void
on_index(void *ctx, struct http_request *request)
{
	answer_named(ctx, request, INDEX);
}

static void
on_asset(void *ctx, struct http_request *request)
{
	answer_named(ctx, request, http_parameter(request, "name"));
}

static void
on_services(void *ctx, struct http_request *request)
{
	const struct page *page = ctx;

	http_answer(request, 200, HTTP_TYPE_JSON, bytes_str(page->services));
}

struct http_table
page_table(struct page *page)
{
	static const struct http_route routes[] = {
	    {.path = "/", .methods = HTTP_METHOD_GET, .answer = on_index},
	    {.path = "/assets/{name}", .methods = HTTP_METHOD_GET, .query = "", .answer = on_asset},
	    {.path = "/v1/services", .methods = HTTP_METHOD_GET, .query = "", .answer = on_services},
	};

	return (struct http_table){routes, sizeof routes / sizeof routes[0], page};
}
