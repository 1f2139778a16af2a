// SPDX-License-Identifier: EUPL-1.2
/* Every stage of every signal: silent one below its threshold, raised at it, cleared by its event (rules of section 6).
 * What happens stands in signal_cases.c. */
#include "tests/service/signal_cases.h"
#include "tests/service/signal_desk.h"
#include "tests/service/signal_play.h"

static void
open_case(struct bench *b, const struct signal_case_of *c)
{
	bench_open(b, &signalling_service, c->start);
	signal_desk_adopt(b);
	if (c->policy != NULL)
		signal_desk_adopt_region(b, c->policy);
	bench_listen(b);
}

/* Is it the stage itself, as the head of a line: "+S11" but not "+S11.2"? About the same, where that is said. */
static bool
is_stage(const char *line, const char *name, const char *raised)
{
	const size_t len = strlen(name);
	const char *about = strchr(raised, '@'), *of = strchr(line, '@');

	return line[0] == '+' && strncmp(line + 1, name, len) == 0 && strchr(" /", line[len + 1]) != NULL &&
	       (about == NULL ? of == NULL : of != NULL && strcmp(about, of) == 0);
}

static const pb_SignalRaised *
find(struct bench *b, const struct signal_case_of *c, unsigned *count)
{
	const pb_SignalRaised *found = NULL;

	*count = 0;
	for (size_t i = 0; i < b->said_count; i++) {
		const char *line = signal_line(&b->arena, b->said[i]);

		if (!is_stage(line, c->name, c->raised))
			continue;
		/* S02 and S03 go with much else: only what is asked for counts. */
		(*count)++;
		if (strcmp(line, c->raised) == 0)
			found = b->said[i]->signal_raised;
	}
	return found;
}

static bool
is_said(struct bench *b, const char *line)
{
	for (size_t i = 0; i < b->said_count; i++) {
		if (strcmp(signal_line(&b->arena, b->said[i]), line) == 0)
			return true;
	}
	return false;
}

static void
check_privacy(const struct signal_case_of *c, const pb_SignalRaised *raised)
{
	for (size_t i = 0; i < raised->n_to; i++) {
		if ((int)raised->to[i] == ADDRESSEE_INSPECTORATES && (int)raised->subject == SIGNAL_SUBJECT_CASE)
			fail_msg("%s: the inspectorates see a case", c->name);
		if ((int)raised->to[i] == ADDRESSEE_NATIONAL && (int)raised->subject == SIGNAL_SUBJECT_CASE &&
		    (int)raised->code != SIGNAL_CODE_S22_BACK_AT_NATIONAL_LEVEL)
			fail_msg("%s: the national level sees a case", c->name);
	}
}

static struct journal_head
play_case(const struct signal_case_of *c, bool restarts)
{
	struct bench b;
	struct signal_play p = {.bench = &b};
	unsigned count;

	open_case(&b, c);
	signal_play(&p, c->below);
	find(&b, c, &count);
	if (count != 0)
		fail_msg("%s is raised below its threshold: %s", c->name, signal_story(&b));
	if (restarts)
		bench_restart(&b);
	bench_listen(&b);
	signal_play(&p, c->reaches);
	const pb_SignalRaised *raised = find(&b, c, &count);

	if (raised == NULL || count != 1)
		fail_msg("%s\nwas not raised once, but:\n%s", c->raised, signal_story(&b));
	assert_string_equal(arena_printf(&b.arena, "%d of %d %s", raised->evidence, raised->threshold, raised->unit),
			    c->counted);
	assert_string_not_equal(raised->source, "");
	check_privacy(c, raised);
	if (restarts)
		bench_restart(&b);
	bench_listen(&b);
	signal_play(&p, c->ends);
	if (!is_said(&b, c->cleared))
		fail_msg("%s\nwas not said, but:\n%s", c->cleared, signal_story(&b));
	const struct journal_head head = bench_journal(&b);

	bench_close(&b);
	return head;
}

static void
test_each_stage_at_its_threshold_one_below_and_after_its_end(void **state UNUSED)
{
	for (size_t i = 0; i < signal_case_count; i++)
		play_case(&signal_cases[i], false);
}

static void
test_the_same_again_gives_the_same_bytes_also_with_restarts(void **state UNUSED)
{
	for (size_t i = 0; i < signal_case_count; i++) {
		const struct journal_head first = play_case(&signal_cases[i], false);
		const struct journal_head second = play_case(&signal_cases[i], true);

		assert_int_equal(first.seq, second.seq);
		assert_memory_equal(first.digest.b, second.digest.b, DIGEST_SIZE);
	}
}

static bool
is_proven(const char *name)
{
	for (size_t i = 0; i < signal_case_count; i++) {
		if (strcmp(signal_cases[i].name, name) == 0)
			return true;
	}
	return false;
}

/* Whatever the tables raise has a case here. */
static void
test_no_stage_of_the_tables_is_left_out(void **state UNUSED)
{
	struct arena a;

	arena_init(&a);
	const pb_PolicyTables *tables = signal_desk_policy(&a)->tables;

	for (size_t t = 0; t < tables->n_tables; t++) {
		for (size_t l = 0; l < tables->tables[t]->n_blocks; l++) {
			const pb_RuleBlock *block = tables->tables[t]->blocks[l];

			for (size_t r = 0; r < block->n_rows; r++) {
				for (size_t e = 0; e < block->rows[r]->n_then; e++) {
					const pb_RuleEffect *effect = block->rows[r]->then[e];
					const size_t at = strcmp(effect->verb, "raise_for") == 0 ? 1 : 0;

					if (at == 0 && strcmp(effect->verb, "raise") != 0)
						continue;
					const char *code = effect->arguments[at], *stage = effect->arguments[at + 1];
					const char *name = strcmp(stage, "1") == 0
							       ? arena_printf(&a, "%.3s", code)
							       : arena_printf(&a, "%.3s.%s", code, stage);

					if (!is_proven(name))
						fail_msg("%s of row %s has no case", name, block->rows[r]->id);
				}
			}
		}
	}
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_stage_at_its_threshold_one_below_and_after_its_end),
	    cmocka_unit_test(test_the_same_again_gives_the_same_bytes_also_with_restarts),
	    cmocka_unit_test(test_no_stage_of_the_tables_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
