// SPDX-License-Identifier: EUPL-1.2
/* What if: the same history twice, and only what the change makes different is told. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "common/relay.h"
#include "services/cli/adoption.h"
#include "services/cli/policy_file.h"
#include "services/cli/what_if.h"
#include "tests/service/played.h"

#define STEPS 300u

struct world {
	struct played played;
	struct arena arena;
	struct what_if_change change;
	struct what_if_result result;
};

static void
world_open(struct world *w)
{
	*w = (struct world){.change = {.from = CAL_NONE, .to = CAL_NONE}};
	played_open(&w->played, 11, STEPS, 0);
	arena_init(&w->arena);
}

static void
world_close(struct world *w)
{
	arena_fini(&w->arena);
	played_close(&w->played);
}

/* The shipped policy; with another number of days for the screening, when given. */
static pb_PolicyAdopted *
shipped(struct world *w, int32_t screening)
{
	const char *paths[ADOPTION_POLICY_PATHS];
	struct policy_file file;

	adoption_policy_paths(&w->arena, ".", paths);
	if (!policy_file_read(&w->arena, paths, ADOPTION_POLICY_PATHS, adoption_scopes, ADOPTION_POLICY_SCOPES, &file))
		fail_msg("%s", file.problems.text[0]);
	for (size_t i = 0; i < file.policy->n_values && screening != 0; i++) {
		if (strcmp(file.policy->values[i]->key, "P2") == 0 ||
		    strcmp(file.policy->values[i]->key, "P2_court") == 0)
			file.policy->values[i]->value = screening;
	}
	return file.policy;
}

/* What differs only in a region: the screening takes so many days there. */
static pb_PolicyAdopted *
regional(struct world *w, const char *region, int32_t screening)
{
	pb_PolicyAdopted *policy = ARENA_NEW(&w->arena, pb_PolicyAdopted);
	pb_PolicyValue *value = ARENA_NEW(&w->arena, pb_PolicyValue);

	pb_PolicyAdopted_init(policy);
	pb_PolicyValue_init(value);
	policy->version = record_text(&w->arena, "1.0.0");
	policy->region = record_text(&w->arena, region);
	policy->valid_from = record_text(&w->arena, "2016-01-01");
	value->key = record_text(&w->arena, "P2");
	value->value = screening;
	policy->values = ARENA_ARRAY(&w->arena, pb_PolicyValue *, 1);
	policy->values[policy->n_values++] = value;
	return policy;
}

static void
run(struct world *w)
{
	const struct row_source source = played_source(&w->played);
	const struct progress progress = {NULL};
	struct why why;

	if (what_if_run(&w->result, &w->change, &source, &progress, &why) != ERR_NONE)
		fail_msg("%s", why.text);
}

static size_t
count_differing(const struct world *w, const char *region)
{
	size_t count, differing = 0;
	const struct tracked *tracked = compare_tracked(w->result.compare, &count);

	for (size_t i = 0; i < count; i++)
		differing += tracked[i].differs != 0 && tracked[i].subject == SIGNAL_SUBJECT_CASE &&
			     (region[0] == '\0' || strcmp(tracked[i].region, region) == 0);
	return differing;
}

static const char *
printed(const struct world *w, const char *region, bool json)
{
	char *text = NULL;
	size_t len;
	struct arena a;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	arena_init(&a);
	const struct what_if_printing p = {
	    .out = out, .arena = &a, .change = &w->change, .result = &w->result, .region = region, .all = true};
	if (json)
		what_if_print_json(&p);
	else
		what_if_print(&p);
	fclose(out);
	arena_fini(&a);
	return text;
}

/* ---- the relay says what the row says ---- */

struct heard {
	struct played *played;
	struct arena arena;
	uint64_t next;    /* in signalling's journal */
	uint64_t unheard; /* bits of bodies that are left out */
	size_t answers;
};

/* The next answer of the journal in which all three have written. */
static void
compare_with_journal(void *ctx, const struct record *in)
{
	struct heard *h = ctx;
	struct journal_entry entry;
	struct record there;
	struct why why;
	pb_JournalRecord packed;

	do {
		assert_int_equal(row_read(h->played->row, 3, &h->arena, h->next++, &entry, 1), 1);
		assert_true(record_read(&h->arena, entry.record, &there, &why));
	} while (there.intake != NULL || there.answer->service == (int)SERVICE_INTAKE ||
		 (h->unheard >> there.answer->body_case & 1) != 0);
	pb_JournalRecord_init(&packed);
	packed.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_ANSWER;
	packed.answer = (pb_Answer *)(uintptr_t)in->answer;
	assert_true(bytes_equal(RECORD_PACK(&h->arena, &packed), entry.record));
	h->answers++;
}

/* A copy of it goes on in its place. */
static void
go_on_as_copy(struct relay **relay, const struct relay_options *options)
{
	struct relay_options more = *options;
	struct relay *copy;
	struct why why;

	more.copy_of = *relay;
	assert_int_equal(relay_open(&copy, &more, &why), ERR_NONE);
	relay_close(relay);
	*relay = copy;
}

static void
says_what_was_journaled(bool copied, uint64_t unheard)
{
	struct world w;
	struct heard h = {.unheard = unheard};
	struct relay *relay;
	struct journal_entry entries[64];
	struct record records[64];
	struct why why;
	uint64_t after = 0;
	size_t n;

	world_open(&w);
	h.played = &w.played;
	arena_init(&h.arena);
	const struct relay_options options = {
	    .services = 3, .ctx = &h, .said = compare_with_journal, .unheard = unheard};
	assert_int_equal(relay_open(&relay, &options, &why), ERR_NONE);
	while ((n = row_read(w.played.row, 0, &w.arena, after, entries, 64)) > 0) {
		relay_begin(relay);
		for (size_t i = 0; i < n; i++) {
			assert_true(record_read(&w.arena, entries[i].record, &records[i], &why));
			if (records[i].intake != NULL)
				relay_take(relay, &records[i]);
		}
		assert_int_equal(relay_end(relay), ERR_NONE);
		after = entries[n - 1].seq;
		if (copied)
			go_on_as_copy(&relay, &options);
	}
	assert_true(h.answers > STEPS);
	/* And nothing is left there. */
	while (row_read(w.played.row, 3, &w.arena, h.next++, entries, 1) > 0) {
		assert_true(record_read(&w.arena, entries[0].record, &records[0], &why));
		assert_true(records[0].answer == NULL || records[0].answer->service == (int)SERVICE_INTAKE ||
			    (unheard >> records[0].answer->body_case & 1) != 0);
	}
	relay_close(&relay);
	arena_fini(&h.arena);
	world_close(&w);
}

static void
a_relay_says_byte_for_byte_what_the_services_journaled(void **state)
{
	(void)state;
	says_what_was_journaled(false, 0);
}

static void
a_copy_of_a_relay_goes_on_where_it_was(void **state)
{
	(void)state;
	says_what_was_journaled(true, 0);
}

static void
what_nobody_listens_to_is_left_out_and_nothing_else(void **state)
{
	(void)state;
	says_what_was_journaled(false, (uint64_t)1 << DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED |
					   (uint64_t)1 << DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED);
}

/* ---- differences ---- */

static void
the_same_policy_changes_nothing(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	w.change.policies[w.change.policy_count++] = shipped(&w, 0);
	run(&w);
	assert_true(w.result.cases > 20);
	assert_int_equal(count_differing(&w, ""), 0);
	const char *text = printed(&w, "", false);
	assert_non_null(strstr(text, "no case would have gone another way"));
	free((void *)(uintptr_t)text);
	what_if_free(&w.result);
	world_close(&w);
}

/* Every case whose screening ran, and no other; each with the row and the term that made it. */
static void
a_longer_screening_moves_the_due_day_of_each_screening(void **state)
{
	struct world w;
	struct journal_entry entry;
	struct record r;
	struct why why;
	size_t screened = 0, count, differing = 0;
	uint64_t after = 0;
	const char *ids[512];

	(void)state;
	world_open(&w);
	w.change.policies[w.change.policy_count++] = shipped(&w, 7);
	run(&w);
	while (row_read(w.played.row, 2, &w.arena, after++, &entry, 1) > 0) {
		assert_true(record_read(&w.arena, entry.record, &r, &why));
		if (r.answer == NULL || r.answer->body_case != DOORBRAAK__V1__ANSWER__BODY_DEADLINE_SET ||
		    r.answer->deadline_set->kind != (int)DEADLINE_KIND_SCREENING)
			continue;
		size_t i = 0;
		while (i < screened && strcmp(ids[i], r.answer->case_id) != 0)
			i++;
		if (i == screened && screened < 512)
			ids[screened++] = r.answer->case_id;
	}
	assert_true(screened > 5);
	const struct tracked *tracked = compare_tracked(w.result.compare, &count);
	for (size_t i = 0; i < count; i++) {
		const struct tracked *t = &tracked[i];
		if ((t->differs >> WHAT_IF_DEADLINE & 1) == 0)
			continue;
		const struct difference *d = &t->differences[WHAT_IF_DEADLINE];
		differing++;
		bool found = false;
		for (size_t j = 0; j < screened; j++)
			found = found || strcmp(ids[j], t->id) == 0;
		assert_true(found);
		assert_int_equal(d->side[WHAT_IF_RECORDED].code, DEADLINE_KIND_SCREENING);
		assert_true(d->side[WHAT_IF_CHANGED].due > d->side[WHAT_IF_RECORDED].due);
		assert_string_equal(d->side[WHAT_IF_RECORDED].basis->row, d->side[WHAT_IF_CHANGED].basis->row);
		assert_non_null(strstr(reason_what(&w.arena, d, WHAT_IF_DEADLINE), "deadline SCREENING due "));
	}
	assert_int_equal(differing, screened);
	const char *text = printed(&w, "", false);
	assert_non_null(strstr(text, "term of SCREENING 5 wd -> 7 wd"));
	free((void *)(uintptr_t)text);
	what_if_free(&w.result);
	world_close(&w);
}

static void
before_the_first_day_everything_is_as_it_was(void **state)
{
	struct world w;
	size_t count;

	(void)state;
	world_open(&w);
	w.change.policies[w.change.policy_count++] = shipped(&w, 7);
	run(&w);
	const cal_day middle = w.result.first + (w.result.last - w.result.first) / 2;
	const size_t all = count_differing(&w, "");
	what_if_free(&w.result);

	w.change.from = middle;
	run(&w);
	const struct tracked *tracked = compare_tracked(w.result.compare, &count);
	for (size_t i = 0; i < count; i++) {
		for (unsigned aspect = 0; aspect < WHAT_IF_ASPECTS; aspect++)
			assert_true((tracked[i].differs >> aspect & 1) == 0 ||
				    tracked[i].differences[aspect].day >= middle);
	}
	assert_in_range(count_differing(&w, ""), 1, all - 1);
	what_if_free(&w.result);

	/* And behind the last day nothing is looked at. */
	w.change.from = CAL_NONE;
	w.change.to = middle;
	run(&w);
	assert_int_equal(w.result.last, middle);
	assert_in_range(count_differing(&w, ""), 1, all - 1);
	what_if_free(&w.result);
	world_close(&w);
}

static void
the_policy_of_a_region_holds_there_only(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	w.change.policies[w.change.policy_count++] = regional(&w, "JZ32", 9);
	run(&w);
	assert_true(count_differing(&w, "JZ32") > 0);
	assert_int_equal(count_differing(&w, ""), count_differing(&w, "JZ32"));
	assert_true(hearing_knows_region(w.result.hearing, "JZ32"));
	assert_false(hearing_knows_region(w.result.hearing, "JZ99"));
	const char *text = printed(&w, "JZ31", false);
	assert_non_null(strstr(text, "no case would have gone another way"));
	assert_non_null(strstr(text, "cases of other regions differ too"));
	free((void *)(uintptr_t)text);
	what_if_free(&w.result);
	world_close(&w);
}

/* The chair of the team that was cannot decide for the team that is. */
static void
another_team_in_the_registry_refuses_the_former_one(void **state)
{
	struct world w;
	pb_RegistryRow row;
	pb_RegistryRow *rows[] = {&row};
	pb_RegistryAdopted adopted;
	size_t count, refused = 0;

	(void)state;
	world_open(&w);
	pb_RegistryRow_init(&row);
	pb_RegistryAdopted_init(&adopted);
	row.row = (Doorbraak__V1__RegistryRowKind)REGISTRY_ROW_KIND_REGION;
	row.region = record_text(&w.arena, "JZ32");
	row.expert_team = record_text(&w.arena, "ET-ANDERS");
	row.expertise_centre = record_text(&w.arena, "EC-OOST");
	adopted.version = record_text(&w.arena, "2.0.0");
	adopted.valid_from = record_text(&w.arena, "2016-01-01");
	adopted.rows = rows;
	adopted.n_rows = 1;
	w.change.rows[w.change.row_count++] = &adopted;
	const struct row_source source = played_source(&w.played);
	const struct progress progress = {NULL};
	struct why why;

	/* A row that leans on nothing is refused, with what is missing. */
	row.expertise_centre = record_text(&w.arena, "EC-NERGENS");
	assert_int_equal(what_if_run(&w.result, &w.change, &source, &progress, &why), ERR_REFUSED);
	assert_non_null(strstr(why.text, "do not fit"));
	what_if_free(&w.result);

	pb_RegistryRow team, centre;
	pb_RegistryRow *more[] = {&row, &team, &centre};
	pb_RegistryRow_init(&team);
	pb_RegistryRow_init(&centre);
	team.row = (Doorbraak__V1__RegistryRowKind)REGISTRY_ROW_KIND_EXPERT_TEAM;
	team.region = record_text(&w.arena, "JZ32");
	team.organisation = record_text(&w.arena, "ET-ANDERS");
	centre.row = (Doorbraak__V1__RegistryRowKind)REGISTRY_ROW_KIND_EXPERTISE_CENTRE;
	centre.organisation = record_text(&w.arena, "EC-NERGENS");
	centre.municipality = record_text(&w.arena, "GM0944");
	adopted.rows = more;
	adopted.n_rows = 3;
	run(&w);
	const struct tracked *tracked = compare_tracked(w.result.compare, &count);
	for (size_t i = 0; i < count; i++) {
		if ((tracked[i].differs >> WHAT_IF_MESSAGE & 1) == 0)
			continue;
		assert_string_equal(tracked[i].region, "JZ32");
		refused++;
	}
	assert_true(refused > 0);
	what_if_free(&w.result);
	world_close(&w);
}

static void
twice_the_same_bytes_and_the_journals_untouched(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	w.change.policies[w.change.policy_count++] = shipped(&w, 7);
	for (unsigned json = 0; json < 2; json++) {
		run(&w);
		const char *first = printed(&w, "", json == 1);
		what_if_free(&w.result);
		run(&w);
		const char *second = printed(&w, "", json == 1);
		what_if_free(&w.result);
		assert_string_equal(first, second);
		for (const char *line = first; json == 0 && line != NULL; line = strchr(line, '\n')) {
			line += line[0] == '\n';
			assert_true(strcspn(line, "\n") <= 100);
		}
		free((void *)(uintptr_t)first);
		free((void *)(uintptr_t)second);
	}
	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		struct node_status status;
		node_status(row_node(w.played.row, i), &status);
		assert_int_equal(status.head.seq, w.played.heads[i].seq);
		assert_true(digest_equal(status.head.digest, w.played.heads[i].digest));
	}
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_relay_says_byte_for_byte_what_the_services_journaled),
	    cmocka_unit_test(a_copy_of_a_relay_goes_on_where_it_was),
	    cmocka_unit_test(what_nobody_listens_to_is_left_out_and_nothing_else),
	    cmocka_unit_test(the_same_policy_changes_nothing),
	    cmocka_unit_test(a_longer_screening_moves_the_due_day_of_each_screening),
	    cmocka_unit_test(before_the_first_day_everything_is_as_it_was),
	    cmocka_unit_test(the_policy_of_a_region_holds_there_only),
	    cmocka_unit_test(another_team_in_the_registry_refuses_the_former_one),
	    cmocka_unit_test(twice_the_same_bytes_and_the_journals_untouched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
