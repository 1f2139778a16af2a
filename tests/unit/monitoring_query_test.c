// SPDX-License-Identifier: EUPL-1.2
/* monitoring_query_test.c - every question about cases, against a look at all of them.
 *
 * Cases change at random, in all that can be asked for; each question is asked page by page, and must give what a filter over
 * all cases gives, sorted. Then the same while cases change between the pages: what did not change is given once, in its place. */
#include "services/monitoring/monitoring_query.h"
#include "tests/load/load.h"
#include "tests/unit/unit.h"

#define CASES 700u

/* A case as the test knows it: what was last written. */
struct known {
	bool there, changed;
	int state, track;
	bool overdue;
	cal_day due, moved_on;
	const char *owner, *team, *centre, *region;
	char id[16];
};

struct fixture {
	struct temp temp;
	struct store *store;
	struct monitoring_db db;
	struct load_random random;
	struct known cases[CASES];
	cal_day today; /* of the last change */
};

static int
set_up(void **state)
{
	static struct fixture f;
	struct why why;

	f = (struct fixture){.temp = temp_make(), .random = {7}, .today = cal_from_date(2024, 2, 20)};
	const struct temp_path dir = temp_path(&f.temp, "store");
	const struct store_options options = {.dir = dir.s, .fast = true};
	assert_int_equal(store_open(&f.store, &options, &why), ERR_NONE);
	struct store_txn *txn = store_begin_write(f.store);
	f.db = monitoring_db_open(txn);
	assert_int_equal(store_commit(txn), ERR_NONE);
	for (unsigned i = 0; i < CASES; i++)
		snprintf(f.cases[i].id, sizeof f.cases[i].id, "case-%u", i);
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	store_close(&f->store);
	temp_remove(&f->temp);
	return 0;
}

/* ---- writing ---- */

static pb_OpenDeadline *
deadline(struct arena *a, cal_day due)
{
	pb_OpenDeadline *d = ARENA_NEW(a, pb_OpenDeadline);

	pb_OpenDeadline_init(d);
	d->kind = (Doorbraak__V1__DeadlineKind)DEADLINE_KIND_REVIEW;
	d->due = record_date(a, due);
	return d;
}

static void
signals(struct picture *p, bool overdue)
{
	const int codes[] = {SIGNAL_CODE_S02_DEADLINE_MISSED, SIGNAL_CODE_S08_HELP_NOT_EFFECTIVE};
	pb_CaseView *v = p->view;

	v->signals = ARENA_ARRAY(p->arena, pb_OpenSignal *, 2);
	v->n_signals = 0;
	for (unsigned i = overdue ? 0 : 1; i < 2; i++) {
		pb_OpenSignal *s = ARENA_NEW(p->arena, pb_OpenSignal);
		pb_OpenSignal_init(s);
		s->code = (Doorbraak__V1__SignalCode)codes[i];
		v->signals[v->n_signals++] = s;
	}
}

static void
write_case(struct fixture *f, struct store_txn *txn, struct known *k)
{
	struct picture p;

	assert_true(monitoring_case_get(&f->db, txn, k->id, &p) == k->there);
	p.view->state = (Doorbraak__V1__CaseState)k->state;
	p.view->track = (Doorbraak__V1__Track)k->track;
	p.view->owner = record_text(p.arena, k->owner);
	p.view->team = record_text(p.arena, k->team);
	p.view->expertise_centre = record_text(p.arena, k->centre);
	p.view->region = record_text(p.arena, k->region);
	p.view->next = k->due == CAL_NONE ? NULL : deadline(p.arena, k->due);
	p.moved_on = k->moved_on;
	signals(&p, k->overdue);
	monitoring_case_put(&f->db, txn, &p);
	k->there = true;
	k->changed = true;
}

static const char *
one_of(struct fixture *f, const char *const *codes, unsigned count)
{
	return codes[load_below(&f->random, count)];
}

static const char *const owners[] = {"LT-GM0988", "LT-GM0957", "ET-A", "ET-B"};
static const char *const teams[] = {"", "ET-A", "ET-B"};
static const char *const centres[] = {"", "EC-LIMBURG"};
static const char *const regions[] = {"JZ42", "JZ43", "JZ4"};

/* Days near each other, so that many cases share one. */
static cal_day
some_day(struct fixture *f)
{
	return cal_from_date(2024, 3, 1) + (cal_day)load_below(&f->random, 20);
}

static void
change(struct fixture *f, struct known *k)
{
	struct load_random *r = &f->random;
	const bool anew = !k->there;

	if (anew || load_chance(r, 30))
		k->state = 1 + (int)load_below(r, CASE_STATE_CLOSED);
	if (anew || load_chance(r, 20))
		k->track = 1 + (int)load_below(r, 3);
	if (anew || load_chance(r, 30))
		k->overdue = load_chance(r, 15);
	if (anew || load_chance(r, 50))
		k->due = load_chance(r, 10) ? CAL_NONE : some_day(f);
	if (anew || load_chance(r, 50))
		k->moved_on = load_chance(r, 5) ? CAL_NONE : some_day(f);
	if (anew || load_chance(r, 30) || k->state == CASE_STATE_CLOSED)
		k->owner = k->state == CASE_STATE_CLOSED ? "" : one_of(f, owners, COUNT_OF(owners));
	if (anew || load_chance(r, 20))
		k->team = one_of(f, teams, COUNT_OF(teams));
	if (anew || load_chance(r, 20))
		k->centre = one_of(f, centres, COUNT_OF(centres));
	if (anew || load_chance(r, 20))
		k->region = one_of(f, regions, COUNT_OF(regions));
}

static void
change_some(struct fixture *f, unsigned count)
{
	struct store_txn *txn = store_begin_write(f->store);

	/* So that the marks go along all the days that there are. */
	if (load_chance(&f->random, 10))
		f->today++;
	for (unsigned i = 0; i < count; i++) {
		struct known *k = &f->cases[load_below(&f->random, CASES)];

		/* Some times in a row, as on one cause. */
		do {
			change(f, k);
			write_case(f, txn, k);
		} while (load_chance(&f->random, 40));
	}
	monitoring_index_settle(&f->db.index, txn, f->today);
	assert_int_equal(store_commit(txn), ERR_NONE);
}

/* ---- the look at all of them ---- */

static bool
is(const char *asked, const char *has)
{
	return asked[0] == '\0' || strcmp(asked, has) == 0;
}

static bool
fits(const pb_CasesRequest *q, const struct known *k)
{
	return k->there && is(q->owner, k->owner) && is(q->team, k->team) && is(q->centre, k->centre) &&
	       is(q->region, k->region) && (q->state == 0 || (int)q->state == k->state) &&
	       (q->track == 0 || (int)q->track == k->track) && (!q->overdue || k->overdue) &&
	       (!q->open_only || k->state != CASE_STATE_CLOSED) &&
	       (q->due_before[0] == '\0' || (k->due != CAL_NONE && k->due < record_day(q->due_before))) &&
	       (q->not_moved_since[0] == '\0' || k->moved_on == CAL_NONE ||
		k->moved_on < record_day(q->not_moved_since));
}

static int
order_of(const pb_CasesRequest *q)
{
	if (q->order != 0)
		return (int)q->order;
	return q->due_before[0] != '\0'        ? CASES_ORDER_BY_NEXT_DEADLINE
	       : q->not_moved_since[0] != '\0' ? CASES_ORDER_BY_LAST_MOVEMENT
					       : CASES_ORDER_BY_ID;
}

static bool
comes_before(int order, const struct known *a, const struct known *b)
{
	const int64_t last = INT64_MAX;
	int64_t x = 0, y = 0;

	if (order == CASES_ORDER_BY_NEXT_DEADLINE) {
		x = a->due == CAL_NONE ? last : a->due;
		y = b->due == CAL_NONE ? last : b->due;
	} else if (order == CASES_ORDER_BY_LAST_MOVEMENT) {
		x = a->moved_on; /* CAL_NONE is before every day */
		y = b->moved_on;
	}
	return x != y ? x < y : strcmp(a->id, b->id) < 0;
}

static size_t
all_that_fit(struct fixture *f, const pb_CasesRequest *q, const struct known *found[CASES])
{
	size_t count = 0;

	for (unsigned i = 0; i < CASES; i++) {
		size_t at = count;

		if (!fits(q, &f->cases[i]))
			continue;
		for (; at > 0 && comes_before(order_of(q), &f->cases[i], found[at - 1]); at--)
			found[at] = found[at - 1];
		found[at] = &f->cases[i];
		count++;
	}
	return count;
}

/* ---- asking ---- */

static pb_CasesRequest
some_question(struct fixture *f, struct arena *a)
{
	struct load_random *r = &f->random;
	pb_CasesRequest q;

	pb_CasesRequest_init(&q);
	if (load_chance(r, 25))
		q.owner = record_text(a, one_of(f, owners, COUNT_OF(owners)));
	if (load_chance(r, 25))
		q.team = record_text(a, one_of(f, teams, COUNT_OF(teams)));
	if (load_chance(r, 25))
		q.centre = record_text(a, one_of(f, centres, COUNT_OF(centres)));
	if (load_chance(r, 25))
		q.region = record_text(a, one_of(f, regions, COUNT_OF(regions)));
	if (load_chance(r, 15))
		q.state = (Doorbraak__V1__CaseState)(1 + load_below(r, CASE_STATE_CLOSED));
	if (load_chance(r, 15))
		q.track = (Doorbraak__V1__Track)(1 + load_below(r, 3));
	q.overdue = load_chance(r, 20);
	q.open_only = load_chance(r, 40);
	if (load_chance(r, 25))
		q.due_before = record_date(a, some_day(f));
	if (load_chance(r, 25))
		q.not_moved_since = record_date(a, some_day(f));
	q.order = (Doorbraak__V1__CasesOrder)load_below(r, 4);
	return q;
}

/* One page; *next lives in `a`. */
static size_t
ask_page(struct fixture *f, struct arena *a, pb_CasesRequest *q, uint32_t limit, const char **ids, char **next)
{
	struct store_txn *txn = store_begin_read(f->store);
	pb_CasesReply reply;
	struct why why = {{0}};

	pb_CasesReply_init(&reply);
	q->after = *next;
	q->limit = limit;
	if (!monitoring_query(&f->db, txn, q, &reply, &why))
		fail_msg("%s", why.text);
	assert_true(reply.n_cases <= limit);
	for (size_t i = 0; i < reply.n_cases; i++)
		ids[i] = arena_str(a, bytes_str(reply.cases[i]->case_id));
	*next = record_text(a, reply.next);
	store_abort(txn);
	return reply.n_cases;
}

static const char *
question_text(struct arena *a, pb_CasesRequest *q)
{
	q->after = record_text(a, "");
	return record_json(a, &q->base, true);
}

static void
test_every_question_gives_what_a_look_at_all_cases_gives(void **state)
{
	static const uint32_t limits[] = {1, 7, 500};
	struct fixture *f = *state;
	struct arena a;
	unsigned answered = 0;

	arena_init(&a);
	for (unsigned round = 0; round < 400; round++) {
		const struct known *wanted[CASES];
		const char *got[CASES + 500];
		size_t count = 0;

		arena_reset(&a);
		change_some(f, 12);
		pb_CasesRequest q = some_question(f, &a);
		const size_t expected = all_that_fit(f, &q, wanted);
		char *next = record_text(&a, "");
		/* Page by page of one is slow over many. */
		const uint32_t limit = limits[expected > 60 ? 1 + round % 2 : round % 3];

		do
			count += ask_page(f, &a, &q, limit, got + count, &next);
		while (next[0] != '\0' && count <= CASES);
		if (count != expected)
			fail_msg("%zu instead of %zu: %s", count, expected, question_text(&a, &q));
		for (size_t i = 0; i < count; i++)
			if (strcmp(got[i], wanted[i]->id) != 0)
				fail_msg("%s instead of %s: %s", got[i], wanted[i]->id, question_text(&a, &q));
		answered += count > 0;
	}
	assert_true(answered > 200);
	arena_fini(&a);
}

static size_t
place_of(const char *const *got, size_t count, const char *id, size_t *times)
{
	size_t at = 0;

	*times = 0;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(got[i], id) != 0)
			continue;
		at = i;
		++*times;
	}
	return at;
}

static void
test_a_case_that_does_not_change_between_pages_is_given_once_in_its_place(void **state)
{
	struct fixture *f = *state;
	struct arena a;

	arena_init(&a);
	change_some(f, 1500);
	for (unsigned round = 0; round < 60; round++) {
		const struct known *wanted[CASES];
		const char **got = NULL;
		size_t count = 0, times, behind = 0;

		arena_reset(&a);
		got = ARENA_ARRAY(&a, const char *, 4 * CASES);
		pb_CasesRequest q = some_question(f, &a);
		const size_t expected = all_that_fit(f, &q, wanted);
		char *next = record_text(&a, "");
		bool fitted[CASES];

		for (unsigned i = 0; i < CASES; i++) {
			f->cases[i].changed = false;
			fitted[i] = fits(&q, &f->cases[i]);
		}
		do {
			count += ask_page(f, &a, &q, 7, got + count, &next);
			change_some(f, 3);
		} while (next[0] != '\0' && count + 7 < 4 * (size_t)CASES);
		for (size_t i = 0; i < expected; i++) {
			if (wanted[i]->changed)
				continue;
			const size_t at = place_of(got, count, wanted[i]->id, &times);
			if (times != 1 || at < behind)
				fail_msg("%s %zu times: %s", wanted[i]->id, times, question_text(&a, &q));
			behind = at;
		}
		for (unsigned i = 0; i < CASES; i++) {
			place_of(got, count, f->cases[i].id, &times);
			if (!f->cases[i].changed && !fitted[i])
				assert_int_equal(times, 0);
		}
	}
	arena_fini(&a);
}

/* ---- tokens and wrong questions ---- */

static const char *
refusal(struct fixture *f, struct arena *a, const pb_CasesRequest *q)
{
	struct store_txn *txn = store_begin_read(f->store);
	pb_CasesReply reply;
	struct why why = {{0}};

	pb_CasesReply_init(&reply);
	const bool answered = monitoring_query(&f->db, txn, q, &reply, &why);
	store_abort(txn);
	return answered ? "" : arena_str(a, bytes_str(why.text));
}

static void
test_a_page_token_belongs_to_its_question(void **state)
{
	struct fixture *f = *state;
	struct arena a;
	const char *ids[1];
	pb_CasesRequest q;

	arena_init(&a);
	change_some(f, 1500);
	pb_CasesRequest_init(&q);
	q.region = record_text(&a, "JZ42");
	char *next = record_text(&a, "");
	assert_int_equal(ask_page(f, &a, &q, 1, ids, &next), 1);
	q.after = next;
	q.limit = 20; /* a page of another size is the same question */
	assert_string_equal(refusal(f, &a, &q), "");
	q.region = record_text(&a, "JZ43");
	assert_non_null(strstr(refusal(f, &a, &q), "ask for the first page"));
	q.region = record_text(&a, "JZ42");
	q.order = (Doorbraak__V1__CasesOrder)CASES_ORDER_BY_NEXT_DEADLINE;
	assert_non_null(strstr(refusal(f, &a, &q), "ask for the first page"));
	pb_CasesRequest_init(&q);
	q.after = next;
	assert_non_null(strstr(refusal(f, &a, &q), "ask for the first page"));
	q.after = record_text(&a, "case-5"); /* without a condition a token is a case */
	assert_string_equal(refusal(f, &a, &q), "");
	q.open_only = true;
	assert_non_null(strstr(refusal(f, &a, &q), "ask for the first page"));
	arena_fini(&a);
}

static void
test_a_condition_that_cannot_be_is_refused(void **state)
{
	struct fixture *f = *state;
	struct arena a;
	pb_CasesRequest q;

	arena_init(&a);
	pb_CasesRequest_init(&q);
	q.due_before = record_text(&a, "2024-02-30");
	assert_string_equal(refusal(f, &a, &q), "due_before is no date: write YYYY-MM-DD");
	pb_CasesRequest_init(&q);
	q.not_moved_since = record_text(&a, "yesterday");
	assert_string_equal(refusal(f, &a, &q), "not_moved_since is no date: write YYYY-MM-DD");
	pb_CasesRequest_init(&q);
	q.state = (Doorbraak__V1__CaseState)1000;
	assert_non_null(strstr(refusal(f, &a, &q), "state 1000 is none of the contract's"));
	pb_CasesRequest_init(&q);
	q.track = (Doorbraak__V1__Track)-1;
	assert_non_null(strstr(refusal(f, &a, &q), "track -1"));
	pb_CasesRequest_init(&q);
	q.order = (Doorbraak__V1__CasesOrder)4;
	assert_non_null(strstr(refusal(f, &a, &q), "order 4"));
	arena_fini(&a);
}

/* ---- limits ---- */

/* Open cases of one region: so many, next deadlines backwards. */
static void
fill(struct fixture *f, unsigned from, unsigned count)
{
	for (unsigned i = from; i < count;) {
		struct store_txn *txn = store_begin_write(f->store);
		for (unsigned n = 0; n < 1000 && i < count; n++, i++) {
			struct known k = {.state = CASE_STATE_QUEUED,
					  .track = TRACK_VOLUNTARY,
					  .due = cal_from_date(2024, 3, 1) - (cal_day)i,
					  .moved_on = cal_from_date(2024, 1, 1),
					  .owner = "LT-GM0988",
					  .team = "",
					  .centre = "",
					  .region = "JZ42"};
			snprintf(k.id, sizeof k.id, "c-%05u", i);
			write_case(f, txn, &k);
		}
		monitoring_index_settle(&f->db.index, txn, cal_from_date(2024, 3, 1));
		assert_int_equal(store_commit(txn), ERR_NONE);
	}
}

static void
test_a_list_is_sorted_or_walked_with_the_same_outcome(void **state)
{
	struct fixture *f = *state;
	const char *ids[3];
	struct arena a;
	pb_CasesRequest q;

	arena_init(&a);
	for (unsigned count = MONITORING_SORT_MAX; count <= MONITORING_SORT_MAX + 1; count++) {
		char *next = record_text(&a, "");
		fill(f, count == MONITORING_SORT_MAX ? 0 : MONITORING_SORT_MAX, count);
		pb_CasesRequest_init(&q);
		q.region = record_text(&a, "JZ42");
		q.order = (Doorbraak__V1__CasesOrder)CASES_ORDER_BY_NEXT_DEADLINE;
		assert_int_equal(ask_page(f, &a, &q, 2, ids, &next), 2);
		assert_string_equal(ids[0], arena_printf(&a, "c-%05u", count - 1));
		assert_string_equal(ids[1], arena_printf(&a, "c-%05u", count - 2));
		assert_int_equal(ask_page(f, &a, &q, 1, ids, &next), 1);
		assert_string_equal(ids[0], arena_printf(&a, "c-%05u", count - 3));
	}
	arena_fini(&a);
}

static void
test_a_page_looks_at_so_many_cases_and_goes_on(void **state)
{
	struct fixture *f = *state;
	const char *ids[500];
	struct arena a;
	pb_CasesRequest q;

	arena_init(&a);
	for (unsigned more = 0; more <= 1; more++) {
		char *next = record_text(&a, "");
		fill(f, more == 0 ? 0 : MONITORING_SCAN_MAX, MONITORING_SCAN_MAX + more);
		pb_CasesRequest_init(&q);
		q.region = record_text(&a, "JZ42");
		q.not_moved_since = record_text(&a, "2023-01-01"); /* none fits */
		q.order = (Doorbraak__V1__CasesOrder)CASES_ORDER_BY_ID;
		assert_int_equal(ask_page(f, &a, &q, 500, ids, &next), 0);
		assert_true((next[0] != '\0') == (more == 1));
		if (more == 1)
			assert_int_equal(ask_page(f, &a, &q, 500, ids, &next), 0);
		assert_string_equal(next, "");
	}
	arena_fini(&a);
}

/* ---- the lists by day ---- */

static uint64_t
rows(struct fixture *f)
{
	struct store_txn *txn = store_begin_read(f->store);
	const uint64_t count = store_count(txn, f->db.index.lists);

	assert_int_equal(store_commit(txn), ERR_NONE);
	return count;
}

/* By team, centre and region where there is one, by owner too; overdue; by state, track, id, deadline and movement. */
static uint64_t
true_rows(const struct fixture *f)
{
	uint64_t count = 2; /* the marks */

	for (unsigned i = 0; i < CASES; i++) {
		const struct known *k = &f->cases[i];

		if (k->there)
			count += 5u + (k->owner[0] != '\0' ? 1u : 0u) + (k->team[0] != '\0' ? 1u : 0u) +
				 (k->centre[0] != '\0' ? 1u : 0u) + (k->region[0] != '\0' ? 1u : 0u) +
				 (k->overdue ? 1u : 0u);
	}
	return count;
}

static void
settle_on(struct fixture *f, cal_day today)
{
	struct store_txn *txn = store_begin_write(f->store);

	monitoring_index_settle(&f->db.index, txn, today);
	assert_int_equal(store_commit(txn), ERR_NONE);
}

static void
open_again(struct fixture *f)
{
	struct store_txn *txn = store_begin_write(f->store);

	f->db = monitoring_db_open(txn);
	assert_int_equal(store_commit(txn), ERR_NONE);
}

static void
test_what_is_no_longer_true_goes_when_the_mark_comes_by(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 100; i++)
		change_some(f, 12);
	assert_true(rows(f) > true_rows(f) + 100);
	const cal_day last = f->today + 60;

	for (unsigned i = 0; i < 500; i++) {
		if (i % 100 == 0)
			open_again(f);
		settle_on(f, last);
	}
	assert_int_equal(rows(f), true_rows(f));

	/* Behind the mark a case leaves at once. */
	f->today = last;
	change_some(f, 12);
	assert_int_equal(rows(f), true_rows(f));
}

static bool
has_mark(struct fixture *f, enum monitoring_list list)
{
	const uint8_t key[] = {INDEX_MARK, (uint8_t)list};
	struct store_txn *txn = store_begin_read(f->store);
	const bool has = store_get(txn, f->db.index.lists, bytes_of(key, sizeof key), NULL);

	assert_int_equal(store_commit(txn), ERR_NONE);
	return has;
}

static void
test_the_marks_stand_a_week_ahead_and_a_fortnight_behind(void **state)
{
	struct fixture *f = *state;
	const cal_day day = cal_from_date(2024, 3, 1);
	struct known k = {.id = "c-1",
			  .state = CASE_STATE_QUEUED,
			  .track = TRACK_VOLUNTARY,
			  .owner = "LT-GM0988",
			  .team = "",
			  .centre = "",
			  .region = "JZ42",
			  .due = day,
			  .moved_on = day};
	struct store_txn *txn = store_begin_write(f->store);

	write_case(f, txn, &k);
	monitoring_index_settle(&f->db.index, txn, day - 100);
	k.due = k.moved_on = day + 200;
	write_case(f, txn, &k);
	monitoring_index_settle(&f->db.index, txn, day - 100);
	assert_int_equal(store_commit(txn), ERR_NONE);
	const uint64_t all = rows(f);

	settle_on(f, day - INDEX_DUE_AHEAD);
	assert_int_equal(rows(f), all);
	assert_false(has_mark(f, LIST_DUE));
	settle_on(f, day - INDEX_DUE_AHEAD + 1);
	assert_int_equal(rows(f), all); /* one place less, and the mark */
	assert_true(has_mark(f, LIST_DUE));
	settle_on(f, day + INDEX_MOVED_BEHIND);
	assert_int_equal(rows(f), all);
	assert_false(has_mark(f, LIST_MOVED));
	settle_on(f, day + INDEX_MOVED_BEHIND + 1);
	assert_int_equal(rows(f), all);
	assert_true(has_mark(f, LIST_MOVED));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_every_question_gives_what_a_look_at_all_cases_gives, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(test_a_case_that_does_not_change_between_pages_is_given_once_in_its_place,
					    set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_a_page_token_belongs_to_its_question, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_a_condition_that_cannot_be_is_refused, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_a_list_is_sorted_or_walked_with_the_same_outcome, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_a_page_looks_at_so_many_cases_and_goes_on, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_what_is_no_longer_true_goes_when_the_mark_comes_by, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_the_marks_stand_a_week_ahead_and_a_fortnight_behind, set_up,
					    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
