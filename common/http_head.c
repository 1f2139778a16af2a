// SPDX-License-Identifier: EUPL-1.2
#include "common/http_head.h"

#include <strings.h>

size_t
http_head_length(struct bytes input)
{
	const uint8_t *end = input.len < 4 ? NULL : memmem(input.data, input.len, "\r\n\r\n", 4);

	return end == NULL ? 0 : (size_t)(end - input.data) + 4;
}

int
http_head_status(struct bytes head)
{
	int status = 0;

	if (head.len < 13 || memcmp(head.data, "HTTP/1.", 7) != 0 || head.data[8] != ' ' ||
	    (head.data[12] != ' ' && head.data[12] != '\r'))
		return 0;
	for (size_t i = 9; i < 12; i++) {
		if (head.data[i] < '0' || head.data[i] > '9')
			return 0;
		status = status * 10 + (head.data[i] - '0');
	}
	return status < 100 || status > 599 ? 0 : status;
}

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool
copy_value(struct bytes line, char value[HTTP_VALUE_MAX + 1])
{
	while (line.len > 0 && is_space(line.data[0]))
		line = bytes_of(line.data + 1, line.len - 1);
	while (line.len > 0 && is_space(line.data[line.len - 1]))
		line.len--;
	if (line.len > HTTP_VALUE_MAX || memchr(line.data, '\0', line.len) != NULL)
		return false;
	memcpy(value, line.data, line.len);
	value[line.len] = '\0';
	return true;
}

bool
http_head_get(struct bytes head, const char *name, char value[HTTP_VALUE_MAX + 1])
{
	const size_t name_len = strlen(name);
	bool found = false;

	value[0] = '\0';
	for (size_t at = 0; at < head.len;) {
		const uint8_t *end = memmem(head.data + at, head.len - at, "\r\n", 2);
		const size_t line_end = end == NULL ? head.len : (size_t)(end - head.data);
		const struct bytes line = bytes_of(head.data + at, line_end - at);

		at = line_end + 2;
		if (line.len <= name_len || line.data[name_len] != ':' ||
		    strncasecmp((const char *)line.data, name, name_len) != 0)
			continue;
		if (found || !copy_value(bytes_of(line.data + name_len + 1, line.len - name_len - 1), value))
			return false;
		found = true;
	}
	return found;
}
