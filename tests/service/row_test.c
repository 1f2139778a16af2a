// SPDX-License-Identifier: EUPL-1.2
/* The row: five services in one process; replayed from its intake journal it comes to the same bytes. And the archive: the
 * journal of a service that is stopped, read from its folder. */
#include "tests/service/played.h"

#include "common/archive.h"

#define STEPS 80u
#define SEED  21

static struct temp_path
dir_of(const struct played *p, unsigned i)
{
	return temp_path(&p->dir, service_of_row(i)->name);
}

static struct row *
replay_open(const struct temp *dir, const struct row_source *source)
{
	const struct row_options options = {.dir = dir->dir, .fast = true, .source = source};
	struct row *row;
	struct why why;

	if (row_open(&row, &options, &why) != ERR_NONE)
		fail_msg("%s", why.text);
	return row;
}

static void
assert_equal_but_intake(struct row *row, const struct played *p)
{
	for (unsigned i = 1; i < SERVICE_COUNT; i++) {
		struct node_status status;
		node_status(row_node(row, i), &status);
		assert_int_equal(status.head.seq, p->heads[i].seq);
		assert_memory_equal(status.head.digest.b, p->heads[i].digest.b, DIGEST_SIZE);
		assert_int_equal(status.cursor.applied, p->heads[0].seq);
	}
}

/* ---- the row ----------------------------------------------------------------------------------------------------- */

static void
test_what_is_handed_in_reaches_the_end_of_the_row(void **state)
{
	struct played *p = *state;
	bool moved;

	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		struct node_status status;
		node_status(row_node(p->row, i), &status);
		assert_true(status.head.seq > 0);
		assert_true(status.caught_up);
		if (i > 0) {
			assert_int_equal(status.cursor.seq, p->heads[i - 1].seq);
			assert_int_equal(status.cursor.applied, p->heads[0].seq);
			assert_memory_equal(status.cursor.digest.b, p->heads[i - 1].digest.b, DIGEST_SIZE);
		}
	}
	assert_int_equal(row_turn(p->row, &moved), ERR_NONE);
	assert_false(moved);
}

static void
test_a_service_of_the_row_answers_questions(void **state)
{
	struct played *p = *state;
	pb_Request request;
	pb_StatusRequest status;
	pb_PullRequest pull;

	pb_Request_init(&request);
	pb_StatusRequest_init(&status);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_STATUS;
	request.status = &status;
	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		request.request_id = 100 + i;
		const pb_Reply *reply = row_ask(p->row, i, &request, &p->arena);
		assert_int_equal(reply->request_id, 100 + i);
		assert_int_equal(reply->status->service, service_of_row(i)->id);
		assert_int_equal(reply->status->head->seq, p->heads[i].seq);
		assert_true(reply->status->ready);
	}
	pb_PullRequest_init(&pull);
	pull.from = DOORBRAAK__V1__PULL_FROM__PULL_FROM_CURSOR;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_PULL;
	request.pull = &pull;
	const pb_Reply *reply = row_ask(p->row, 4, &request, &p->arena);
	assert_int_equal(reply->pull->n_entries, p->heads[4].seq);
	/* Nobody is there who could bring more: a question that would wait is told so. */
	pull.after = reply->pull->upto;
	assert_null(row_ask(p->row, 4, &request, &p->arena));
	assert_string_equal(row_why(p->row), "monitoring gave no answer");
	pull.no_wait = true;
	reply = row_ask(p->row, 4, &request, &p->arena);
	assert_int_equal(reply->pull->n_entries, 0);
	assert_int_equal(reply->pull->applied, p->heads[0].seq);
}

static void
test_a_journal_of_the_row_is_read_in_pieces(void **state)
{
	struct played *p = *state;
	struct journal_entry entries[7];
	struct digest before = {{0}};
	uint64_t after = 0;
	size_t n;

	while ((n = row_read(p->row, 2, &p->arena, after, entries, COUNT_OF(entries))) > 0) {
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(entries[i].seq, after + 1 + i);
			before = digest_chain(before, entries[i].seq, entries[i].record);
			assert_memory_equal(entries[i].digest.b, before.b, DIGEST_SIZE);
		}
		after += n;
	}
	assert_int_equal(after, p->heads[2].seq);
	assert_memory_equal(before.b, p->heads[2].digest.b, DIGEST_SIZE);
	assert_int_equal(row_read(p->row, 2, &p->arena, after - 1, entries, COUNT_OF(entries)), 1);
	assert_int_equal(row_read(p->row, 2, &p->arena, 0, entries, 0), 0);
}

static void
test_the_seed_decides_what_chance_gives(void **state)
{
	const struct played *p = *state;
	static const struct {
		uint64_t seed;
		bool same;
	} table[] = {{SEED, true}, {SEED + 1, false}, {0, false}};

	for (size_t k = 0; k < COUNT_OF(table); k++) {
		struct played again;
		played_open(&again, table[k].seed, STEPS, 0);
		for (unsigned i = 0; i < SERVICE_COUNT; i++)
			assert_int_equal(digest_equal(again.heads[i].digest, p->heads[i].digest), table[k].same);
		played_close(&again);
	}
}

static void
test_a_row_goes_on_where_it_stopped(void **state)
{
	const struct played *p = *state;
	const struct row_options options = {.fast = true, .seed = SEED};
	struct played again;
	struct why why;

	played_open(&again, SEED, STEPS, 0);
	row_close(&again.row);
	struct row_options same = options;
	same.dir = again.dir.dir;
	assert_int_equal(row_open(&again.row, &same, &why), ERR_NONE);
	assert_int_equal(row_settle(again.row), ERR_NONE);
	assert_equal_but_intake(again.row, p);
	/* What was accepted in its earlier life is known. */
	const pb_Reply *reply = played_hand_in(&again, again.items[0].submission, again.items[again.count - 1].at_ms);
	assert_int_equal(reply->body_case, DOORBRAAK__V1__REPLY__BODY_ACCEPTED);
	assert_true(reply->accepted->duplicate);
	played_close(&again);
}

static void
test_a_row_without_a_folder_says_so(void **state UNUSED)
{
	struct row *row = NULL;
	struct why why;
	const struct temp dir = temp_make();
	const struct temp_path absent = temp_path(&dir, "absent");
	const struct row_options options = {.dir = absent.s, .fast = true};

	assert_int_equal(row_open(&row, &options, &why), ERR_REFUSED);
	assert_null(row);
	assert_non_null(strstr(why.text, absent.s));
	temp_remove(&dir);
}

/* ---- a replay ---------------------------------------------------------------------------------------------------- */

static void
test_a_replay_comes_to_the_same_journals(void **state)
{
	struct played *p = *state;
	const struct row_source source = played_source(p);
	const struct temp dir = temp_make();
	struct row *row = replay_open(&dir, &source);

	assert_null(row_node(row, 0));
	assert_int_equal(row_settle(row), ERR_NONE);
	assert_equal_but_intake(row, p);
	for (unsigned i = 1; i < SERVICE_COUNT; i++) {
		struct node_status status;
		node_status(row_node(row, i), &status);
		assert_memory_equal(status.history.b, source.history.b, HISTORY_SIZE);
	}
	row_close(&row);
	temp_remove(&dir);
}

static void
test_a_replay_can_be_stopped_and_goes_on(void **state)
{
	struct played *p = *state;
	struct row_source source = played_source(p);
	const struct temp dir = temp_make();
	bool moved;

	for (unsigned turns = 1; turns < 8; turns++) {
		struct row *row = replay_open(&dir, &source);
		for (unsigned i = 0; i < turns; i++)
			assert_int_equal(row_turn(row, &moved), ERR_NONE);
		row_close(&row);
	}
	struct row *row = replay_open(&dir, &source);
	assert_int_equal(row_settle(row), ERR_NONE);
	assert_equal_but_intake(row, p);
	row_close(&row);
	temp_remove(&dir);
}

/* A source that lies about one record. */
struct liar {
	struct row_source source;
	uint64_t about;
};

static size_t
read_lies(void *ctx, struct arena *a, uint64_t after, struct journal_entry *entries, size_t max)
{
	const struct liar *liar = ctx;
	const size_t n = liar->source.read(liar->source.ctx, a, after, entries, max);

	if (liar->about > after && liar->about <= after + n) {
		const struct bytes record = entries[liar->about - after - 1].record;
		((uint8_t *)(uintptr_t)record.data)[record.len / 2] ^= 1;
	}
	return n;
}

static void
test_a_replay_of_a_changed_journal_stops_with_words(void **state)
{
	struct played *p = *state;
	struct liar liar = {played_source(p), 10};
	const struct row_source source = {&liar, liar.source.history, liar.source.head, read_lies, 0};
	const struct temp dir = temp_make();
	struct row *row = replay_open(&dir, &source);

	assert_int_equal(row_settle(row), ERR_CORRUPT);
	assert_non_null(strstr(row_why(row), "triage: the chain digest does not fit at record 10"));
	row_close(&row);
	temp_remove(&dir);
}

/* ---- the archive ------------------------------------------------------------------------------------------------- */

static void
test_the_archive_reads_what_the_row_wrote(void **state UNUSED)
{
	struct played p;
	struct archive *archive;
	struct row_source archived;
	struct why why;

	played_open(&p, SEED, STEPS, 0);
	const struct row_source source = played_source(&p);
	row_close(&p.row);
	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		for (unsigned twice = 0; twice < 2; twice++) {
			const struct temp_path path = dir_of(&p, i);
			struct journal_entry entries[50];
			struct digest before = {{0}};
			uint64_t after = 0;
			size_t n;
			assert_int_equal(archive_open(&archive, path.s, &archived, &why), ERR_NONE);
			assert_int_equal(archived.head, p.heads[i].seq);
			assert_memory_equal(archived.history.b, source.history.b, HISTORY_SIZE);
			while ((n = archived.read(archived.ctx, &p.arena, after, entries, COUNT_OF(entries))) > 0) {
				for (size_t k = 0; k < n; k++)
					before = digest_chain(before, entries[k].seq, entries[k].record);
				after = entries[n - 1].seq;
			}
			assert_int_equal(after, p.heads[i].seq);
			assert_memory_equal(before.b, p.heads[i].digest.b, DIGEST_SIZE);
			archive_close(&archive);
			assert_null(archive);
		}
	}
	played_close(&p);
}

static void
test_a_replay_from_the_archive_comes_to_the_same_journals(void **state)
{
	const struct played *was = *state;
	const struct temp dir = temp_make();
	struct played p;
	struct archive *archive;
	struct row_source source;
	struct why why;

	played_open(&p, SEED, STEPS, 0);
	row_close(&p.row);
	assert_int_equal(archive_open(&archive, dir_of(&p, 0).s, &source, &why), ERR_NONE);
	struct row *row = replay_open(&dir, &source);
	assert_int_equal(row_settle(row), ERR_NONE);
	assert_equal_but_intake(row, was);
	row_close(&row);
	archive_close(&archive);
	temp_remove(&dir);
	played_close(&p);
}

static void
test_the_archive_of_a_service_that_runs_is_refused(void **state)
{
	const struct played *p = *state;
	struct archive *archive = NULL;
	struct row_source source;
	struct why why;

	assert_int_equal(archive_open(&archive, dir_of(p, 1).s, &source, &why), ERR_REFUSED);
	assert_null(archive);
	assert_non_null(strstr(why.text, "is in use"));
}

static void
test_an_archive_is_not_made(void **state UNUSED)
{
	const struct temp dir = temp_make();
	const struct temp_path absent = temp_path(&dir, "absent"), empty = temp_path(&dir, "empty");
	struct archive *archive = NULL;
	struct row_source source;
	struct why why;

	assert_int_equal(archive_open(&archive, absent.s, &source, &why), ERR_REFUSED);
	assert_non_null(strstr(why.text, absent.s));
	assert_false(path_exists(absent.s));
	assert_int_equal(mkdir(empty.s, 0700), 0);
	assert_int_equal(archive_open(&archive, empty.s, &source, &why), ERR_REFUSED);
	assert_non_null(strstr(why.text, empty.s));
	assert_int_equal(rmdir(empty.s), 0); /* nothing was put into it */
	assert_null(archive);
	temp_remove(&dir);
}

/* ---- a journal that was changed on disk -------------------------------------------------------------------------- */

static void
change_record(const char *dir, uint64_t seq)
{
	const struct store_options options = {.dir = dir, .fast = true};
	struct store *store;
	struct why why;
	struct bytes value;
	uint8_t key[8], changed[4096];

	assert_int_equal(store_open(&store, &options, &why), ERR_NONE);
	struct store_txn *txn = store_begin_write(store);
	const struct store_db journal = store_db_open(txn, "journal");
	put_u64(key, seq);
	assert_true(store_get(txn, journal, bytes_of(key, sizeof key), &value));
	assert_true(value.len <= sizeof changed);
	memcpy(changed, value.data, value.len);
	changed[value.len - 1] ^= 1;
	store_put(txn, journal, bytes_of(key, sizeof key), bytes_of(changed, value.len));
	assert_int_equal(store_commit(txn), ERR_NONE);
	store_close(&store);
}

static void
read_all(struct row_source *source)
{
	struct journal_entry entries[4];
	struct arena a;
	uint64_t after = 0;
	size_t n;

	arena_init(&a);
	while ((n = source->read(source->ctx, &a, after, entries, COUNT_OF(entries))) > 0)
		after = entries[n - 1].seq;
	arena_fini(&a);
}

static void
read_archive(void *dir)
{
	struct archive *archive;
	struct row_source source;
	struct why why;

	if (archive_open(&archive, dir, &source, &why) == ERR_NONE)
		read_all(&source);
}

static void
read_row(void *dir)
{
	const struct row_options options = {.dir = dir, .fast = true};
	struct played p = {0};
	struct why why;

	if (row_open(&p.row, &options, &why) != ERR_NONE)
		return;
	struct row_source source = played_source(&p);
	read_all(&source);
}

/* Taken for the end of the journal, a damage would make all that comes after it disappear without a word. */
static void
test_a_damaged_journal_is_not_a_short_one(void **state UNUSED)
{
	struct played p;

	played_open(&p, SEED, 5, 0);
	row_close(&p.row);
	change_record(dir_of(&p, 0).s, p.heads[0].seq - 2);
	struct temp_path intake = dir_of(&p, 0);
	assert_true(ends_by_fatal(read_archive, intake.s, "the journal is damaged behind record"));
	assert_true(ends_by_fatal(read_row, p.dir.dir, "intake: the journal is damaged behind record"));
	played_close(&p);
}

/* ------------------------------------------------------------------------------------------------------------------ */

static int
set_up(void **state)
{
	struct played *p = calloc(1, sizeof *p);

	assert_non_null(p);
	played_open(p, SEED, STEPS, 0);
	*state = p;
	return 0;
}

static int
tear_down(void **state)
{
	struct played *p = *state;

	played_close(p);
	free(p);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_handed_in_reaches_the_end_of_the_row),
	    cmocka_unit_test(test_a_service_of_the_row_answers_questions),
	    cmocka_unit_test(test_a_journal_of_the_row_is_read_in_pieces),
	    cmocka_unit_test(test_the_seed_decides_what_chance_gives),
	    cmocka_unit_test(test_a_row_goes_on_where_it_stopped),
	    cmocka_unit_test(test_a_row_without_a_folder_says_so),
	    cmocka_unit_test(test_a_replay_comes_to_the_same_journals),
	    cmocka_unit_test(test_a_replay_can_be_stopped_and_goes_on),
	    cmocka_unit_test(test_a_replay_of_a_changed_journal_stops_with_words),
	    cmocka_unit_test(test_the_archive_reads_what_the_row_wrote),
	    cmocka_unit_test(test_a_replay_from_the_archive_comes_to_the_same_journals),
	    cmocka_unit_test(test_the_archive_of_a_service_that_runs_is_refused),
	    cmocka_unit_test(test_an_archive_is_not_made),
	    cmocka_unit_test(test_a_damaged_journal_is_not_a_short_one),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
