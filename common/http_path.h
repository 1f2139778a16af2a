// SPDX-License-Identifier: EUPL-1.2
/* http_path.h - paths with parameters, and queries. Pure.
 *
 * Values are decoded (%41, and in a query + for a space). What is left must be printable ASCII: everything that the API
 * asks for is a code, an id, a date or a token. */
#ifndef DOORBRAAK_HTTP_PATH_H
#define DOORBRAAK_HTTP_PATH_H

#include "common/arena.h"

#define HTTP_PARAMETERS_MAX 4u
#define HTTP_PAIRS_MAX      32u /* of a query */

struct http_pair {
	const char *key, *value;
};

struct http_pairs {
	struct http_pair pairs[HTTP_PAIRS_MAX];
	unsigned count;
};

/* Does the path fit the pattern? Then the values of its parameters. */
bool http_path_match(struct arena *a, const char *pattern, const char *path, struct http_pairs *parameters);

enum http_query_fault {
	HTTP_QUERY_UNKNOWN,  /* no such key */
	HTTP_QUERY_REPEATED, /* given twice */
	HTTP_QUERY_ENCODING, /* %0, or something else than printable ASCII */
	HTTP_QUERY_MANY,     /* more than HTTP_PAIRS_MAX */
};
struct http_query_finding {
	enum http_query_fault fault;
	const char *key; /* as it was given, without what is not printable; "" with MANY */
};

/* Reads a query ("a=1&b=2"; NULL is none). `known` as in struct http_route. How many findings: 0 when all is well; each
 * key is told once. */
unsigned http_query_read(struct arena *a, const char *known, const char *query, struct http_pairs *pairs,
			 struct http_query_finding findings[HTTP_PAIRS_MAX + 1]);

/* The value of a key; NULL when it is not there. */
const char *http_pairs_get(const struct http_pairs *pairs, const char *key);

#endif
