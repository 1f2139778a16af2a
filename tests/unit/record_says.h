// SPDX-License-Identifier: EUPL-1.2
/* record_says.h - submissions written as text, and what validation says to them.
 *
 * A verdict is written as the violations in order: "REASON path, REASON path"; "" means accepted. */
#ifndef DOORBRAAK_TESTS_RECORD_SAYS_H
#define DOORBRAAK_TESTS_RECORD_SAYS_H

#include "tests/unit/record_unit.h"

static struct arena arena;

static inline int
setup(void **state UNUSED)
{
	arena_reset(&arena);
	return 0;
}

/* ---- saying something ---- */

static inline const char *
verdict_of(struct bytes b)
{
	struct violations vs = {.count = 0};
	const pb_Submission *s = record_check_submission(&arena, b, &vs);
	const char *verdict = "";

	assert_true((s == NULL) == (vs.count > 0));
	for (unsigned i = 0; i < vs.count; i++) {
		assert_true(strlen(vs.v[i].text) > 0);
		verdict = arena_printf(&arena, "%s%s%s%s%s", verdict, i == 0 ? "" : ", ",
				       record_code_of("Reason", vs.v[i].reason), vs.v[i].field[0] == '\0' ? "" : " ",
				       vs.v[i].field);
	}
	return verdict;
}

/* A submission by `actor` with `rest` behind source, id and moment: case_id and body. */
static inline pb_Submission *
submission(const char *actor, const char *rest)
{
	const char *text =
	    arena_printf(&arena, "{source: S1, id: M-1, occurred_at: 2021-03-01T10:00, actor: %s, %s}", actor, rest);

	return message_of(&arena, &pb_Submission_descriptor, text);
}

static inline const char *
verdict(const char *actor, const char *rest)
{
	return verdict_of(RECORD_PACK(&arena, submission(actor, rest)));
}

struct says {
	const char *actor;
	const char *rest;
	const char *verdict;
};

static inline void
assert_verdicts(const struct says *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *found = verdict(cases[i].actor, cases[i].rest);

		if (strcmp(found, cases[i].verdict) != 0)
			fail_msg("%s, %s: '%s', expected '%s'", cases[i].actor, cases[i].rest, found, cases[i].verdict);
		arena_reset(&arena);
	}
}

#define ASSERT_VERDICTS(cases) assert_verdicts(cases, COUNT_OF(cases))

#endif
