// SPDX-License-Identifier: EUPL-1.2
#include "common/trace.h"

#define TRACE_AT 3u
#define SPAN_AT  36u
#define FLAGS_AT 53u

static bool
is_hex(const char *text, size_t len)
{
	return strspn(text, "0123456789abcdef") >= len;
}

static bool
is_zero(const char *text, size_t len)
{
	return strspn(text, "0") >= len;
}

bool
trace_read(const char *text, char out[TRACE_LEN + 1])
{
	const size_t len = text == NULL ? 0 : strlen(text);

	out[0] = '\0';
	if (len < TRACE_LEN || text[2] != '-' || text[SPAN_AT - 1] != '-' || text[FLAGS_AT - 1] != '-')
		return false;
	if (!is_hex(text, 2) || !is_hex(text + TRACE_AT, 32) || !is_hex(text + SPAN_AT, 16) ||
	    !is_hex(text + FLAGS_AT, 2))
		return false;
	const bool later = text[0] != '0' || text[1] != '0';

	if (strncmp(text, "ff", 2) == 0 || (!later && len > TRACE_LEN) || (len > TRACE_LEN && text[TRACE_LEN] != '-'))
		return false;
	if (is_zero(text + TRACE_AT, 32) || is_zero(text + SPAN_AT, 16))
		return false;
	memcpy(out, text, TRACE_LEN);
	out[TRACE_LEN] = '\0';
	if (later) {
		/* What other flags mean there is not known. */
		memcpy(out, "00", 2);
		memcpy(out + FLAGS_AT, strchr("13579bdf", text[FLAGS_AT + 1]) != NULL ? "01" : "00", 2);
	}
	return true;
}
