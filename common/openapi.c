// SPDX-License-Identifier: EUPL-1.2
#include "common/openapi.h"

static void
tell(void *ctx, struct http_request *request)
{
	(void)ctx;
	http_answer(request, 200, HTTP_TYPE_JSON, bytes_of(openapi_json, openapi_json_len));
}

struct http_table
openapi_table(void)
{
	static const struct http_route routes[] = {
	    {.path = "/v1/openapi.json", .methods = HTTP_METHOD_GET, .answer = tell, .query = "", .all_origins = true},
	};

	return (struct http_table){routes, sizeof(routes) / sizeof(routes[0]), NULL};
}
