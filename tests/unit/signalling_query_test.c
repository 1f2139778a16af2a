// SPDX-License-Identifier: EUPL-1.2
/* signalling_query_test.c - questions about open signals, against a look at all of them. */
#include "services/signalling/signalling_query.h"
#include "tests/load/load.h"
#include "tests/unit/unit.h"

#define SIGNALS 300u

/* A signal as the test knows it. */
struct known {
	bool open, acknowledged;
	int code, stage;
	unsigned told; /* bits: which of the organisations were told */
	char subject[16];
	const char *region;
};

struct fixture {
	struct temp temp;
	struct store *store;
	struct signalling_db db;
	struct signal_memo memo;
	struct load_random random;
	struct known signals[SIGNALS];
};

static const char *const organisations[] = {"LT-GM0988", "ET-A", "GM0988"};
static const int addressees[] = {ADDRESSEE_OWNER, ADDRESSEE_PROCESS_DIRECTOR, ADDRESSEE_MUNICIPALITY_OFFICIALS};
static const char *const regions[] = {"", "JZ42", "JZ43"};

static int
set_up(void **state)
{
	static struct fixture f;
	struct why why;

	f = (struct fixture){.temp = temp_make(), .random = {3}};
	const struct temp_path dir = temp_path(&f.temp, "store");
	const struct store_options options = {.dir = dir.s, .fast = true};
	assert_int_equal(store_open(&f.store, &options, &why), ERR_NONE);
	struct store_txn *txn = store_begin_write(f.store);
	f.db = signalling_db_open(txn, &f.memo);
	assert_int_equal(store_commit(txn), ERR_NONE);
	for (unsigned i = 0; i < SIGNALS; i++) {
		f.signals[i].code = 1 + (int)(i % 3);
		f.signals[i].region = regions[i % 7 % 3];
		snprintf(f.signals[i].subject, sizeof f.signals[i].subject, "case-%03u", i / 3);
	}
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

/* ---- changes ---- */

static struct signal_key
key_of(const struct known *k)
{
	return (struct signal_key){.subject = SIGNAL_SUBJECT_CASE,
				   .subject_id = k->subject,
				   .code = k->code,
				   .due = CAL_NONE,
				   .reference = ""};
}

static void
put(struct fixture *f, struct store_txn *txn, const struct known *k)
{
	const char *told[COUNT_OF(organisations)];
	struct signal_open open = {.key = key_of(k),
				   .stage = k->stage,
				   .raised_on = 19000,
				   .region = code_of(k->region),
				   .evidence = k->stage * 10,
				   .threshold = 10,
				   .unheard_on = CAL_NONE};

	for (unsigned i = 0; i < COUNT_OF(organisations); i++) {
		if ((k->told >> i & 1) == 0)
			continue;
		open.told.to |= (uint64_t)1 << addressees[i];
		told[open.told.count++] = organisations[i];
	}
	open.told.organisations = told;
	if (k->acknowledged) {
		open.heard_by = code_of("LT-GM0988");
		open.follow_up = FOLLOW_UP_CODE_TAKEN_UP;
	}
	signalling_open_put(&f->db, txn, &open);
}

/* Of a higher stage another is told, and it may stand in another region. */
static void
raise_one(struct fixture *f, struct store_txn *txn, struct known *k, unsigned to)
{
	k->stage = k->open ? k->stage % 9 + 1 : 1;
	k->told = k->open ? k->told | 1u << to : 1u << to;
	k->acknowledged = false;
	k->open = true;
	k->region = regions[load_below(&f->random, COUNT_OF(regions))];
	put(f, txn, k);
}

static void
change_some(struct fixture *f, unsigned count)
{
	struct store_txn *txn = store_begin_write(f->store);

	for (unsigned i = 0; i < count; i++) {
		struct known *k = &f->signals[load_below(&f->random, SIGNALS)];
		const unsigned who = (unsigned)load_below(&f->random, COUNT_OF(organisations));

		if (load_chance(&f->random, 50)) {
			raise_one(f, txn, k, who);
		} else if (k->open && load_chance(&f->random, 40)) {
			k->acknowledged = true;
			put(f, txn, k);
		} else if (k->open) {
			const struct signal_key key = key_of(k);
			struct signal_open open;
			assert_true(signalling_open_get(&f->db, txn, &key, &open) > 0);
			signalling_open_delete(&f->db, txn, &open);
			k->open = false;
		}
	}
	signalling_open_settle(&f->db, txn);
	assert_int_equal(store_commit(txn), ERR_NONE);
}

/* ---- questions ---- */

static bool
fits(const pb_SignalsRequest *q, const struct known *k)
{
	bool told = q->addressee == 0 && q->organisation[0] == '\0';

	for (unsigned i = 0; i < COUNT_OF(organisations) && q->organisation[0] != '\0'; i++)
		told = told || ((k->told >> i & 1) != 0 && strcmp(q->organisation, organisations[i]) == 0);
	for (unsigned i = 0; i < COUNT_OF(addressees) && q->addressee != 0; i++) {
		const bool is_it = (int)q->addressee == addressees[i];
		if (is_it)
			told = (told || q->organisation[0] == '\0') && (k->told >> i & 1) != 0;
	}
	return k->open && told && (q->code == 0 || (int)q->code == k->code) &&
	       (q->region[0] == '\0' || strcmp(q->region, k->region) == 0) &&
	       (q->subject_id[0] == '\0' || strcmp(q->subject_id, k->subject) == 0) &&
	       !(q->unacknowledged && k->acknowledged);
}

static pb_SignalsRequest
some_question(struct fixture *f, struct arena *a)
{
	struct load_random *r = &f->random;
	pb_SignalsRequest q;

	pb_SignalsRequest_init(&q);
	if (load_chance(r, 30))
		q.addressee = (Doorbraak__V1__Addressee)addressees[load_below(r, COUNT_OF(addressees))];
	if (load_chance(r, 30))
		q.organisation = record_text(a, organisations[load_below(r, COUNT_OF(organisations))]);
	if (load_chance(r, 30))
		q.code = (Doorbraak__V1__SignalCode)(1 + load_below(r, 3));
	if (load_chance(r, 30))
		q.region = record_text(a, regions[load_below(r, COUNT_OF(regions))]);
	if (load_chance(r, 30))
		q.subject = (Doorbraak__V1__SignalSubject)SIGNAL_SUBJECT_CASE;
	if (q.subject != 0 && load_chance(r, 40))
		q.subject_id = record_text(a, f->signals[load_below(r, SIGNALS)].subject);
	q.unacknowledged = load_chance(r, 30);
	return q;
}

/* False with the remedy in *why. */
static bool
ask_page(struct fixture *f, struct arena *a, const pb_SignalsRequest *q, const pb_SignalsReply **told, struct why *why)
{
	struct store_txn *txn = store_begin_read(f->store);
	pb_SignalsReply reply;
	struct why ignored;

	pb_SignalsReply_init(&reply);
	const bool answered = signalling_query(&f->db, txn, q, &reply, why);
	*told = record_unpack(a, &pb_SignalsReply_descriptor, RECORD_PACK(a, &reply), RECORD_REPLY_MAX, &ignored);
	store_abort(txn);
	return answered;
}

static void
test_every_question_gives_what_a_look_at_all_signals_gives(void **state)
{
	static const uint32_t limits[] = {1, 7, 500};
	struct fixture *f = *state;
	struct arena a;
	unsigned given = 0;

	arena_init(&a);
	for (unsigned round = 0; round < 400; round++) {
		const pb_SignalsReply *reply;
		size_t at = 0;
		struct why why;

		arena_reset(&a);
		change_some(f, 20);
		pb_SignalsRequest q = some_question(f, &a);
		q.limit = limits[round % COUNT_OF(limits)];
		do {
			if (!ask_page(f, &a, &q, &reply, &why))
				fail_msg("%s", why.text);
			for (size_t i = 0; i < reply->n_signals; i++, at++, given++) {
				const pb_SignalView *v = reply->signals[i];
				while (at < SIGNALS && !fits(&q, &f->signals[at]))
					at++;
				assert_true(at < SIGNALS);
				assert_string_equal(v->subject_id, f->signals[at].subject);
				assert_int_equal(v->code, f->signals[at].code);
				assert_int_equal(v->stage, f->signals[at].stage);
				assert_int_equal(v->evidence, f->signals[at].stage * 10);
				assert_true((v->acknowledged_by[0] != '\0') == f->signals[at].acknowledged);
			}
			q.after = reply->next;
		} while (reply->next[0] != '\0');
		while (at < SIGNALS && !fits(&q, &f->signals[at]))
			at++;
		assert_int_equal(at, SIGNALS);
	}
	assert_true(given > 2000);
	arena_fini(&a);
}

static void
test_questions_that_cannot_be_are_refused(void **state)
{
	struct fixture *f = *state;
	const pb_SignalsReply *reply;
	struct arena a;
	struct why why;
	pb_SignalsRequest q;

	arena_init(&a);
	change_some(f, 400);
	pb_SignalsRequest_init(&q);
	q.limit = 1;
	assert_true(ask_page(f, &a, &q, &reply, &why));
	const char *next = reply->next;
	q.code = (Doorbraak__V1__SignalCode)SIGNAL_CODE_S02_DEADLINE_MISSED;
	q.after = record_text(&a, next);
	assert_false(ask_page(f, &a, &q, &reply, &why)); /* a token of another question */
	assert_non_null(strstr(why.text, "ask for the first page"));
	q.after = record_text(&a, "x");
	assert_false(ask_page(f, &a, &q, &reply, &why));
	pb_SignalsRequest_init(&q);
	q.code = (Doorbraak__V1__SignalCode)99;
	assert_false(ask_page(f, &a, &q, &reply, &why));
	assert_non_null(strstr(why.text, "code 99"));
	pb_SignalsRequest_init(&q);
	q.subject_id = record_text(&a, "case-001");
	assert_false(ask_page(f, &a, &q, &reply, &why));
	assert_non_null(strstr(why.text, "give `subject` too"));
	arena_fini(&a);
}

static void
test_what_an_addressee_passes_on_is_not_taken_up(void **state)
{
	struct fixture *f = *state;
	const pb_SignalsReply *reply;
	struct arena a;
	struct why why;
	pb_SignalsRequest q;
	struct signal_open open = {.key = key_of(&f->signals[0]),
				   .stage = 1,
				   .unheard_on = CAL_NONE,
				   .heard_by = code_of("ET-A"),
				   .follow_up = FOLLOW_UP_CODE_NOT_FOR_US};

	arena_init(&a);
	pb_SignalsRequest_init(&q);
	q.unacknowledged = true;
	for (unsigned taken_up = 0; taken_up <= 1; taken_up++) {
		struct store_txn *txn = store_begin_write(f->store);
		signalling_open_put(&f->db, txn, &open);
		signalling_open_settle(&f->db, txn);
		assert_int_equal(store_commit(txn), ERR_NONE);
		assert_true(ask_page(f, &a, &q, &reply, &why));
		assert_int_equal(reply->n_signals, taken_up == 0 ? 1 : 0);
		open.follow_up = FOLLOW_UP_CODE_TAKEN_UP;
	}
	arena_fini(&a);
}

/* Cases of the inspectorates are counted, and no page token tells one either. */
static void
test_who_may_not_see_cases_is_told_how_many(void **state)
{
	static const struct {
		int addressee, shown, s13, s22;
	} asked[] = {{ADDRESSEE_INSPECTORATES, 2, 3, 2},
		     {ADDRESSEE_NATIONAL, 4, 3, 0}, /* S22: its own desk was asked */
		     {ADDRESSEE_OWNER, 7, 0, 0}};
	static const char *const regions_told[] = {"JZ42", "JZ43"};
	struct fixture *f = *state;
	struct store_txn *txn = store_begin_write(f->store);
	const pb_SignalsReply *reply;
	struct arena a;
	struct why why;

	arena_init(&a);
	for (unsigned i = 0; i < 7; i++) {
		struct signal_open open = {
		    .key = {.subject = i < 5 ? SIGNAL_SUBJECT_CASE : SIGNAL_SUBJECT_REGION,
			    .subject_id = i < 5 ? f->signals[3 * i].subject : regions_told[i - 5],
			    .code = i < 3 || i >= 5 ? SIGNAL_CODE_S13_EXTENDED_FOR_LACK_OF_FOLLOW_UP
						    : SIGNAL_CODE_S22_BACK_AT_NATIONAL_LEVEL,
			    .due = CAL_NONE,
			    .reference = ""},
		    .stage = 1,
		    .unheard_on = CAL_NONE};
		for (unsigned k = 0; k < COUNT_OF(asked); k++)
			open.told.to |= (uint64_t)1 << asked[k].addressee;
		signalling_open_put(&f->db, txn, &open);
	}
	signalling_open_settle(&f->db, txn);
	assert_int_equal(store_commit(txn), ERR_NONE);
	for (unsigned k = 0; k < COUNT_OF(asked); k++) {
		int shown = 0, s13 = 0, s22 = 0;
		pb_SignalsRequest q;
		pb_SignalsRequest_init(&q);
		q.addressee = (Doorbraak__V1__Addressee)asked[k].addressee;
		q.limit = 1;
		do {
			assert_true(ask_page(f, &a, &q, &reply, &why));
			shown += (int)reply->n_signals;
			for (size_t i = 0; i < reply->n_counts; i++)
				*(reply->counts[i]->code == (int)SIGNAL_CODE_S13_EXTENDED_FOR_LACK_OF_FOLLOW_UP
				      ? &s13
				      : &s22) += (int)reply->counts[i]->count;
			char hidden[2 * sizeof f->signals[0].subject];
			bytes_hex(bytes_str(f->signals[0].subject), hidden);
			assert_true(asked[k].shown == 7 || strstr(reply->next, hidden) == NULL);
			q.after = reply->next;
		} while (reply->next[0] != '\0');
		assert_int_equal(shown, asked[k].shown);
		assert_int_equal(s13, asked[k].s13);
		assert_int_equal(s22, asked[k].s22);
		/* Nor may it ask whether one case is among them. */
		q.subject = (Doorbraak__V1__SignalSubject)SIGNAL_SUBJECT_CASE;
		q.subject_id = f->signals[0].subject;
		assert_int_equal(ask_page(f, &a, &q, &reply, &why), asked[k].shown == 7);
	}
	arena_fini(&a);
}

static void
test_signals_about_sources_are_counted_within_a_batch(void **state)
{
	struct fixture *f = *state;
	struct store_txn *txn = store_begin_write(f->store);
	struct signal_open open = {
	    .key =
		{.subject = SIGNAL_SUBJECT_SOURCE, .subject_id = "src-1", .code = 27, .due = CAL_NONE, .reference = ""},
	    .stage = 1,
	    .unheard_on = CAL_NONE,
	};

	assert_int_equal(signalling_open_sources(&f->db, txn), 0);
	signalling_open_put(&f->db, txn, &open);
	assert_int_equal(signalling_open_sources(&f->db, txn), 1);
	assert_true(signalling_is_open(&f->db, txn, &open.key));
	assert_int_equal(signalling_open_get(&f->db, txn, &open.key, &open), 1);
	signalling_open_delete(&f->db, txn, &open);
	assert_int_equal(signalling_open_sources(&f->db, txn), 0);
	assert_false(signalling_is_open(&f->db, txn, &open.key));
	assert_int_equal(store_commit(txn), ERR_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_every_question_gives_what_a_look_at_all_signals_gives, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(test_questions_that_cannot_be_are_refused, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_what_an_addressee_passes_on_is_not_taken_up, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_who_may_not_see_cases_is_told_how_many, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_signals_about_sources_are_counted_within_a_batch, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
