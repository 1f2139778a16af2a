// SPDX-License-Identifier: EUPL-1.2
/* json_peer.c - our side of json_oracle.py: a question on a line, an answer on a line, until the end of the input.
 *
 *   write MESSAGE HEX    the message of these bytes as JSON
 *   read MESSAGE HEX     the JSON text of these bytes as a message: `ok HEX`, or `no CODE PATH, CODE PATH..` */
#include <stdio.h>

#include "common/json_wire.h"

#define LINE_MAX_BYTES (1u << 20)

static struct bytes
from_hex(struct arena *a, const char *hex)
{
	const size_t len = strlen(hex) / 2;
	uint8_t *bytes = arena_take(a, len + 1);
	unsigned byte;

	for (size_t i = 0; i < len; i++) {
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			fatal("no hexadecimal: %s", hex);
		bytes[i] = (uint8_t)byte;
	}
	return bytes_of(bytes, len);
}

static void
write_json(struct arena *a, const ProtobufCMessageDescriptor *d, struct bytes b)
{
	struct why why;
	const ProtobufCMessage *m = record_unpack(a, d, b, LINE_MAX_BYTES, &why);

	printf("%s\n", m == NULL ? why.text : json_from_message(a, m));
}

static void
read_json(struct arena *a, const ProtobufCMessageDescriptor *d, struct bytes text)
{
	struct json_problems ps = {.count = 0};
	ProtobufCMessage *m;

	if (!json_to_message(a, d, text, &m, &ps)) {
		for (unsigned i = 0; i < ps.count; i++)
			printf("%s %s %s", i == 0 ? "no" : ",", ps.p[i].code, json_quote(a, ps.p[i].path));
		printf("\n");
		return;
	}
	const struct bytes packed = record_pack(a, m);
	char *hex = arena_take(a, 2 * packed.len + 1);

	bytes_hex(packed, hex);
	printf("ok %s\n", hex);
}

int
main(void)
{
	static char line[LINE_MAX_BYTES];
	struct arena a;

	arena_init(&a);
	while (fgets(line, sizeof line, stdin) != NULL) {
		char *message = strchr(line, ' ');
		char *hex = message == NULL ? NULL : strchr(message + 1, ' ');
		if (hex == NULL)
			fatal("not VERB MESSAGE HEX: %s", line);
		*message++ = *hex++ = '\0';
		hex[strcspn(hex, "\n")] = '\0';
		const ProtobufCMessageDescriptor *d = record_message(message);
		if (d == NULL)
			fatal("no message %s", message);
		if (strcmp(line, "write") == 0)
			write_json(&a, d, from_hex(&a, hex));
		else
			read_json(&a, d, from_hex(&a, hex));
		fflush(stdout);
		arena_reset(&a);
	}
	arena_fini(&a);
	return 0;
}
