// SPDX-License-Identifier: EUPL-1.2
/* The reader of JSON against any text, as a submission, as a reply of any kind, and as the tool reads it.
 *
 * What is taken is written again and read again as the same message, byte for byte. What is refused has problems, each with a
 * code and a sentence that can be shown: in quotes they are JSON, and they hold nothing that is forbidden. */
#include "common/json_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look_at_problems(struct arena *a, const struct json_problems *ps)
{
	ASSERT(ps->count > 0 && ps->count <= JSON_PROBLEMS_MAX);
	for (unsigned i = 0; i < ps->count; i++) {
		struct json_problems none = {.count = 0};
		const struct json_problem *p = &ps->p[i];

		ASSERT(p->code[0] != '\0' && p->text[0] != '\0');
		ASSERT(!record_is_forbidden(p->text));
		const struct tree *text = json_parse(a, bytes_str(json_quote(a, p->text)), &none);
		ASSERT(text != NULL && strcmp(text->text, p->text) == 0);
		ASSERT(json_parse(a, bytes_str(json_quote(a, p->path)), &none) != NULL);
	}
}

static void
look_at(struct arena *a, const ProtobufCMessageDescriptor *d, struct bytes b)
{
	struct json_problems ps = {.count = 0};
	ProtobufCMessage *m, *again;

	if (!json_to_message(a, d, b, &m, &ps)) {
		look_at_problems(a, &ps);
		return;
	}
	ASSERT(ps.count == 0);
	const struct bytes packed = record_pack(a, m);
	ASSERT(json_to_message(a, d, bytes_str(json_from_message(a, m)), &again, &ps));
	ASSERT(bytes_equal(record_pack(a, again), packed));
}

static void
look_at_tree(struct arena *a, struct bytes b)
{
	struct json_problems ps = {.count = 0};
	const struct tree *tree = json_parse(a, b, &ps);
	struct why why;

	if (tree != NULL && record_from_tree(a, &pb_Submission_descriptor, tree, &why) == NULL)
		ASSERT(why.text[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes b = bytes_of(data, size);
	struct arena arena;

	arena_init(&arena);
	look_at(&arena, &pb_Submission_descriptor, b);
	look_at(&arena, &pb_Reply_descriptor, b);
	look_at_tree(&arena, b);
	arena_fini(&arena);
	return 0;
}
