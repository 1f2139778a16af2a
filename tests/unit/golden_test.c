// SPDX-License-Identifier: EUPL-1.2
/* Golden messages (tests/golden): what an earlier contract wrote is read as the same, and written as the same bytes, from protobuf and
 * from JSON. Python and JavaScript read the same files in tests/interop/golden.py. */
#include "tests/unit/unit.h"

#include <glob.h>
#include <sodium.h>
#include <stdio.h>

#include "common/json_wire.h"

#define LINE_MAX_BYTES (1u << 16)
#define GOLDEN         "tests/golden/*.jsonl"

/* The same values under the same names, in whatever order. */
static bool
same(const struct tree *a, const struct tree *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == TREE_SCALAR)
		return strcmp(a->text, b->text) == 0;
	unsigned count[2] = {0, 0};
	const struct tree *y = b->first;
	for (const struct tree *x = a->first; x != NULL; x = x->next, count[0]++) {
		const struct tree *other = a->kind == TREE_MAP ? tree_get(b, x->key) : y;
		if (other == NULL || !same(x, other))
			return false;
		y = y == NULL ? NULL : y->next;
	}
	for (y = b->first; y != NULL; y = y->next)
		count[1]++;
	return count[0] == count[1];
}

static struct bytes
decode64(struct arena *a, const char *text)
{
	uint8_t *out = arena_take(a, strlen(text));
	size_t len;

	assert_int_equal(
	    sodium_base642bin(out, strlen(text), text, strlen(text), NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL),
	    0);
	return bytes_of(out, len);
}

static void
look_at(struct arena *a, const char *line)
{
	struct json_problems problems = {0};
	ProtobufCMessage *read;
	struct why why;
	const struct tree *golden = json_parse(a, bytes_str(line), &problems);

	assert_non_null(golden);
	const char *name = tree_get(golden, "message")->text;
	const ProtobufCMessageDescriptor *d = record_message(name);
	const struct bytes bytes = decode64(a, tree_get(golden, "bytes")->text);
	assert_non_null(d);
	const ProtobufCMessage *m = record_unpack(a, d, bytes, RECORD_REPLY_MAX, &why);
	if (m == NULL)
		fail_msg("%s: %s", name, why.text);
	assert_true(bytes_equal(record_pack(a, m), bytes));
	const struct tree *told = json_parse(a, bytes_str(json_from_message(a, m)), &problems);
	assert_non_null(told);
	if (!same(told, tree_get(golden, "json")))
		fail_msg("%s: %s, not %s", name, json_from_message(a, m), line);
	if (!json_fill(a, d, tree_get(golden, "json"), &read, &problems))
		fail_msg("%s: %s: %s", name, problems.p[0].path, problems.p[0].text);
	assert_true(bytes_equal(record_pack(a, read), bytes));
}

static void
test_golden_messages_are_read_and_written_as_they_were(void **state)
{
	static char line[LINE_MAX_BYTES];
	struct arena a;
	unsigned count = 0;
	glob_t files;

	(void)state;
	assert_int_equal(glob(GOLDEN, 0, NULL, &files), 0);
	arena_init(&a);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		FILE *f = fopen(files.gl_pathv[i], "re");
		assert_non_null(f);
		for (; fgets(line, sizeof line, f) != NULL; count++) {
			assert_non_null(strchr(line, '\n'));
			look_at(&a, line);
			arena_reset(&a);
		}
		fclose(f);
	}
	assert_true(count > 80);
	arena_fini(&a);
	globfree(&files);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden_messages_are_read_and_written_as_they_were)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
