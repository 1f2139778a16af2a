// SPDX-License-Identifier: EUPL-1.2
/* said.c - see said.h. By way of the same tree that scenario files become. */
#include "tests/load/said.h"

static struct tree *
node_of(struct arena *a, enum tree_kind kind, const char *key, const char *text)
{
	struct tree *t = ARENA_NEW(a, struct tree);

	*t = (struct tree){.kind = kind, .key = key, .text = text};
	return t;
}

static void
hang(struct tree *parent, struct tree *child)
{
	struct tree **last = &parent->first;

	while (*last != NULL)
		last = &(*last)->next;
	*last = child;
}

static const char *
piece(struct arena *a, const char **text, char end)
{
	const char *from = *text;
	const char *to = strchr(from, end);

	if (to == NULL)
		to = from + strlen(from);
	*text = *to == '\0' ? to : to + 1;
	return arena_str(a, bytes_of(from, (size_t)(to - from)));
}

static struct tree *
element(struct arena *a, const ProtobufCFieldDescriptor *f, const char *text)
{
	static const char *const parts[] = {"id", "organisation", "due"};

	if (f->descriptor != &pb_PlanAction_descriptor)
		return node_of(a, TREE_SCALAR, NULL, text);
	struct tree *map = node_of(a, TREE_MAP, NULL, NULL);
	for (unsigned i = 0; i < 3 && *text != '\0'; i++)
		hang(map, node_of(a, TREE_SCALAR, parts[i], piece(a, &text, ':')));
	return map;
}

static struct tree *
body_tree(struct arena *a, const ProtobufCMessageDescriptor *d, const char *with, int64_t at_ms)
{
	struct tree *map = node_of(a, TREE_MAP, NULL, NULL);
	char today[11];

	cal_format(cal_local_day(at_ms), today);
	while (*with != '\0') {
		const char *pair = piece(a, &with, ' ');
		const char *key = piece(a, &pair, '=');
		const char *value = strcmp(pair, "TODAY") == 0 ? arena_str(a, bytes_str(today)) : pair;
		const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field_by_name(d, key);
		if (f == NULL)
			fatal("said: %s has no field `%s`", d->short_name, key);
		const bool list = f->label == PROTOBUF_C_LABEL_REPEATED;
		struct tree *child = node_of(a, list ? TREE_LIST : TREE_SCALAR, key, value);
		while (list && *value != '\0')
			hang(child, element(a, f, piece(a, &value, ',')));
		hang(map, child);
	}
	return map;
}

/* PlanAgreed -> plan_agreed */
static const char *
field_of(struct arena *a, const char *message)
{
	char *out = ARENA_ARRAY(a, char, 2 * strlen(message) + 1);
	size_t n = 0;

	for (const char *p = message; *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'Z' && p != message)
			out[n++] = '_';
		out[n++] = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
	}
	return out;
}

struct bytes
said_pack(struct arena *a, const struct said *s)
{
	const ProtobufCMessageDescriptor *d = record_message(s->message);
	struct tree *map = node_of(a, TREE_MAP, NULL, NULL);
	char at[32];
	struct why why;

	if (d == NULL)
		fatal("said: there is no message `%s`", s->message);
	cal_format_timestamp(s->at_ms, at);
	hang(map, node_of(a, TREE_SCALAR, "source", s->source));
	hang(map, node_of(a, TREE_SCALAR, "id", s->id));
	if (s->case_id[0] != '\0')
		hang(map, node_of(a, TREE_SCALAR, "case_id", s->case_id));
	hang(map, node_of(a, TREE_SCALAR, "occurred_at", arena_str(a, bytes_str(at))));
	hang(map, node_of(a, TREE_SCALAR, "actor", s->actor));
	if (s->sequence != 0)
		hang(map, node_of(a, TREE_SCALAR, "sequence", arena_printf(a, "%lld", (long long)s->sequence)));
	struct tree *body = body_tree(a, d, s->with, s->at_ms);
	body->key = field_of(a, s->message);
	hang(map, body);
	pb_Submission *m = record_from_tree(a, &pb_Submission_descriptor, map, &why);
	if (m == NULL)
		fatal("said: %s %s: %s", s->message, s->with, why.text);
	return RECORD_PACK(a, m);
}
