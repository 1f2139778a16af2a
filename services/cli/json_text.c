// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/json_text.h"

#include <stdio.h>

const char *
json_text(struct arena *a, const char *text)
{
	char *json = arena_take(a, 6 * strlen(text) + 3);
	size_t at = 0;

	json[at++] = '"';
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\') {
			json[at++] = '\\';
			json[at++] = *p;
		} else if ((unsigned char)*p < 0x20) {
			at += (size_t)snprintf(json + at, 7, "\\u%04x", (unsigned)(unsigned char)*p);
		} else {
			json[at++] = *p;
		}
	}
	json[at++] = '"';
	json[at] = '\0';
	return json;
}
