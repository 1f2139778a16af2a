// SPDX-License-Identifier: EUPL-1.2
/* The turn of a node: durable first, told later; and what becomes of it when a commit fails, the store is full, the upstream
 * repeats itself, lies or is another, or the process ends anywhere. */
#include "tests/service/booth.h"

#include "tests/load/load.h"
#include "tests/service/played.h"

#define STEPS 300u
#define SEED  11
#define MIB   ((size_t)1 << 20)

/* ---- what everything else must equal ------------------------------------------------------------------------------ */

static int
set_up(void **state)
{
	struct played *f = calloc(1, sizeof *f);

	assert_non_null(f);
	played_open(f, SEED, STEPS, 0);
	assert_true(f->heads[4].seq > 200); /* the load says something */
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct played *f = *state;

	played_close(f);
	free(f);
	return 0;
}

/* Hands what the row's journal holds to a booth: the upstream of service i. */
static void
booth_upstream(struct booth *p, struct played *f, unsigned i)
{
	size_t n;

	while ((n = row_read(f->row, i - 1, &p->arena, p->count, p->entries + p->count,
			     BOOTH_UPSTREAM_MAX - p->count)) > 0)
		p->count += n;
	assert_true(p->count < BOOTH_UPSTREAM_MAX);
}

/* `booth_feed()` in batches of `step`, as the upstream gives them. */
static enum err
feed_on(struct booth *p, size_t step)
{
	for (;;) {
		const uint64_t seq = booth_status_of(p).cursor.seq;
		const size_t last = p->count < seq + step ? p->count : seq + step;
		if (seq == p->count)
			return ERR_NONE;
		booth_send(p, seq + 1, last, 0);
		const enum err err = booth_try(p);
		if (err != ERR_NONE)
			return err;
	}
}

static void
assert_head(struct booth *p, const struct played *f, unsigned i)
{
	const struct journal_head head = booth_head(p);

	assert_int_equal(head.seq, f->heads[i].seq);
	assert_memory_equal(head.digest.b, f->heads[i].digest.b, DIGEST_SIZE);
}

/* What stands in the journal so far is the beginning of what must stand there. */
static void
assert_beginning(struct booth *p, struct played *f, unsigned i)
{
	const struct journal_head head = booth_head(p);
	struct journal_entry entry;

	if (head.seq == 0)
		return;
	assert_int_equal(row_read(f->row, i, &p->arena, head.seq - 1, &entry, 1), 1);
	assert_memory_equal(entry.digest.b, head.digest.b, DIGEST_SIZE);
}

/* ---- batches are invisible --------------------------------------------------------------------------------------- */

static const uint32_t batches[] = {1, 7, 64, 2048};

static void
test_batches_of_any_size_give_the_same_five_journals(void **state)
{
	const struct played *one = *state;

	for (size_t b = 0; b < COUNT_OF(batches); b++) {
		struct played f;
		played_open(&f, SEED, STEPS, batches[b]);
		for (unsigned i = 0; i < SERVICE_COUNT; i++) {
			assert_int_equal(f.heads[i].seq, one->heads[i].seq);
			assert_memory_equal(f.heads[i].digest.b, one->heads[i].digest.b, DIGEST_SIZE);
		}
		played_close(&f);
	}
}

/* In the row above a batch is what one submission causes; here it is as large as it may be. */
static void
test_a_replay_in_batches_of_any_size_gives_the_same_journals(void **state)
{
	struct played *f = *state;
	const struct row_source source = played_source(f);

	for (size_t b = 0; b < COUNT_OF(batches); b++) {
		const struct temp dir = temp_make();
		const struct row_options options = {
		    .dir = dir.dir, .fast = true, .turn_records_max = batches[b], .source = &source};
		struct row *row;
		struct why why;
		assert_int_equal(row_open(&row, &options, &why), ERR_NONE);
		assert_int_equal(row_settle(row), ERR_NONE);
		for (unsigned i = 1; i < SERVICE_COUNT; i++) {
			struct node_status status;
			node_status(row_node(row, i), &status);
			assert_int_equal(status.head.seq, f->heads[i].seq);
			assert_memory_equal(status.head.digest.b, f->heads[i].digest.b, DIGEST_SIZE);
			assert_int_equal(status.cursor.applied, f->heads[0].seq);
		}
		row_close(&row);
		temp_remove(&dir);
	}
}

/* Chance as the row of the fixture draws it: the same numbers in the same order give the same case ids. */
static void
draw_as_row(void *ctx, uint8_t *out, size_t len)
{
	struct booth *p = ctx;

	for (size_t done = 0; done < len;) {
		uint8_t block[16];
		put_u64(block, SEED);
		put_u64(block + 8, p->drawn++);
		const struct digest d = digest_of(bytes_of(block, sizeof block));
		const size_t n = len - done < DIGEST_SIZE ? len - done : DIGEST_SIZE;
		memcpy(out + done, d.b, n);
		done += n;
	}
}

static void
intake_as_row(struct booth *p)
{
	booth_init(p, &intake_service);
	p->options.io.random = draw_as_row;
}

/* One turn with submissions first..first+count-1 of the load. */
static enum err
submit_some(struct booth *p, const struct played *f, size_t first, size_t count)
{
	for (size_t i = first; i < first + count && i < f->count; i++)
		booth_put(p, (unsigned)(i - first), booth_submit(p, f->items[i].submission, f->items[i].at_ms));
	return booth_try(p);
}

static void
test_intake_gives_the_same_journal_for_batches_of_any_size(void **state)
{
	const struct played *f = *state;

	for (size_t b = 0; b < 3; b++) {
		struct booth p;
		intake_as_row(&p);
		booth_start(&p);
		for (size_t i = 0; i < f->count; i += batches[b])
			assert_int_equal(submit_some(&p, f, i, batches[b]), ERR_NONE);
		assert_head(&p, f, 0);
		booth_close(&p);
	}
}

/* ---- durable first, told later ----------------------------------------------------------------------------------- */

static void
test_nothing_is_told_before_the_commit(void **state)
{
	const struct played *f = *state;
	struct booth p;

	booth_open(&p, &intake_service);
	p.commits_fail = ERR_IO;
	booth_put(&p, 1, booth_submit(&p, f->items[0].submission, f->items[0].at_ms));
	booth_put(&p, 2, booth_clock(&p, f->items[0].at_ms));
	booth_put(&p, 3, booth_status(&p));
	booth_put_bytes(&p, 4, bytes_str("nonsense"));
	assert_int_equal(booth_try(&p), ERR_IO);
	assert_int_equal(p.told_count, 0);
	assert_int_equal(p.published, 0);
	assert_non_null(strstr(node_why(p.node), "intake: a commit failed"));
	assert_non_null(strstr(node_why(p.node), "The process must end and start again: look at the disk"));
	/* As after the end of the process: nothing was kept, and it is taken as new. */
	p.commits_fail = ERR_NONE;
	booth_restart(&p);
	assert_int_equal(booth_head(&p).seq, 1);
	assert_string_equal(booth_ask(&p, 1, booth_submit(&p, f->items[0].submission, f->items[0].at_ms)),
			    "accepted 3");
	booth_close(&p);
}

static void
test_nothing_is_told_before_the_commit_downstream(void **state)
{
	struct played *f = *state;
	struct booth p;

	booth_open(&p, &routing_service);
	booth_upstream(&p, f, 2);
	booth_turn(&p);
	p.commits_fail = ERR_IO;
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, NULL)), "nothing"); /* waits */
	booth_send(&p, 1, p.count, p.count);
	assert_int_equal(booth_try(&p), ERR_IO);
	assert_int_equal(p.told_count, 0);
	assert_int_equal(p.published, 0);
	assert_int_equal(booth_status_of(&p).cursor.seq, 0);
	assert_non_null(strstr(node_why(p.node), "routing: a commit failed"));
	p.commits_fail = ERR_NONE;
	booth_restart(&p);
	assert_int_equal(booth_head(&p).seq, 0);
	assert_int_equal(feed_on(&p, p.count), ERR_NONE);
	assert_true(p.published > 0);
	assert_head(&p, f, 2);
	booth_close(&p);
}

static void
test_a_start_that_cannot_be_made_durable_fails(void **state UNUSED)
{
	/* Making the environment, the boot row, the databases, the logic version. */
	for (unsigned good = 0; good < 4; good++) {
		struct booth p;
		booth_init(&p, &intake_service);
		p.good_commits = good;
		p.commits_fail = ERR_IO;
		assert_non_null(strstr(booth_start_fails(&p, ERR_IO), p.dir.dir));
		p.commits_fail = ERR_NONE;
		booth_start(&p);
		assert_int_equal(booth_head(&p).seq, 1);
		booth_close(&p);
	}
}

/* ---- the store is full ------------------------------------------------------------------------------------------- */

static void
test_a_batch_that_does_not_fit_is_refused_as_a_whole(void **state)
{
	const struct played *f = *state;
	struct booth p;

	intake_as_row(&p);
	booth_start(&p);
	assert_int_equal(submit_some(&p, f, 0, 1), ERR_NONE);
	const struct journal_head before = booth_head(&p);
	const struct node_status was = booth_status_of(&p);
	const uint64_t drawn = p.drawn;
	p.commits_fail = ERR_STORE_FULL;
	booth_put(&p, 7, booth_pull_of(&p, booth_from(&p, NULL)));
	booth_put(&p, 8, booth_status(&p));
	booth_put_bytes(&p, 9, bytes_str("nonsense"));
	assert_int_equal(submit_some(&p, f, 1, 3), ERR_STORE_FULL);
	for (unsigned i = 0; i < 3; i++)
		assert_string_equal(booth_line_to(&p, i), "refused DISK_LOW retry 1000");
	/* Who only reads is answered, and told that it is refusing. */
	assert_string_equal(booth_line_to(&p, 7), "1-3 upto 3 head 3 applied 3");
	assert_string_equal(booth_told(&p, 8)->status->not_ready[0], "refusing");
	assert_string_equal(booth_line_to(&p, 9), "refused MALFORMED_REQUEST");
	assert_int_equal(p.told_count, 6);
	assert_int_equal(p.published, 0);
	assert_int_equal(booth_head(&p).seq, before.seq);
	const struct node_status is = booth_status_of(&p);
	assert_true(is.refusing);
	assert_int_equal(is.batches_undone, 1);
	assert_int_equal(is.records_in, was.records_in);
	assert_int_equal(is.answers_out, was.answers_out);
	assert_true(is.clock_ms == was.clock_ms);

	/* There is room again: the same submissions come again, and it is as if nothing had been. */
	p.commits_fail = ERR_NONE;
	p.drawn = drawn;
	assert_int_equal(submit_some(&p, f, 1, f->count), ERR_NONE);
	assert_false(booth_status_of(&p).refusing);
	assert_head(&p, f, 0);
	booth_close(&p);
}

static void
test_a_downstream_batch_that_does_not_fit_is_tried_again(void **state)
{
	struct played *f = *state;

	for (unsigned i = 1; i < SERVICE_COUNT; i++) {
		struct booth p;
		booth_open(&p, service_of_row(i));
		booth_upstream(&p, f, i);
		for (unsigned round = 0; booth_status_of(&p).cursor.seq < p.count; round++) {
			const uint64_t seq = booth_status_of(&p).cursor.seq;
			const size_t last = p.count < seq + 40 ? p.count : seq + 40;
			p.commits_fail = round % 3 == 2 ? ERR_NONE : ERR_STORE_FULL; /* two of three */
			booth_send(&p, seq + 1, last, 0);
			assert_int_equal(booth_try(&p), p.commits_fail);
			assert_int_equal(booth_status_of(&p).refusing, p.commits_fail != ERR_NONE);
			assert_int_equal(booth_status_of(&p).cursor.seq, p.commits_fail == ERR_NONE ? last : seq);
			assert_int_equal(booth_status_of(&p).head.seq, booth_head(&p).seq);
			assert_int_equal(booth_status_of(&p).records_in, booth_status_of(&p).cursor.seq);
		}
		assert_head(&p, f, i);
		booth_restart(&p);
		assert_memory_equal(booth_status_of(&p).history.b, p.history.b, HISTORY_SIZE);
		booth_close(&p);
	}
}

static void
test_a_full_store_downstream_refuses_until_there_is_room_and_asks_again(void **state)
{
	struct played *f = *state;
	struct booth p;

	booth_open(&p, &triage_service);
	booth_upstream(&p, f, 1);
	booth_turn(&p);
	assert_int_equal(p.asks, 1);
	p.commits_fail = ERR_STORE_FULL;
	booth_send(&p, 1, p.count, p.count);
	assert_int_equal(booth_try(&p), ERR_STORE_FULL);
	assert_int_equal(node_wait_ms(p.node, p.now), 200);
	booth_wait(&p, 200);
	booth_turn(&p);
	assert_true(booth_status_of(&p).refusing);
	assert_int_equal(p.asks, 2);
	assert_int_equal(p.asked->after->seq, 0);
	booth_send(&p, 1, p.count, p.count);
	assert_int_equal(booth_try(&p), ERR_STORE_FULL);
	p.commits_fail = ERR_NONE;
	assert_int_equal(feed_on(&p, p.count), ERR_NONE);
	assert_false(booth_status_of(&p).refusing);
	assert_head(&p, f, 1);
	booth_close(&p);
}

/* A map that is really too small, in several sizes, so that it is full at another place each time. */
static void
test_a_downstream_service_whose_map_is_full_resumes_with_a_larger_one(void **state)
{
	struct played *f = *state;

	for (unsigned i = 1; i < SERVICE_COUNT; i++) {
		for (unsigned percent = 30; percent <= 90; percent += 20) {
			struct booth p;
			booth_init(&p, service_of_row(i));
			p.options.store.map_bytes = (size_t)(f->used_bytes[i] * percent / 100);
			booth_start(&p);
			booth_upstream(&p, f, i);
			assert_int_equal(feed_on(&p, 20), ERR_STORE_FULL);
			assert_true(booth_status_of(&p).refusing);
			assert_beginning(&p, f, i);
			const uint64_t seq = booth_status_of(&p).cursor.seq;
			/* It goes on answering; what it read before is whole. */
			booth_put(&p, 1, booth_status(&p));
			booth_put(&p, 2, booth_pull_of(&p, booth_from(&p, NULL)));
			(void)!booth_try(&p);
			assert_int_equal(booth_told(&p, 1)->status->upstream->seq, seq);
			if (booth_head(&p).seq > 0)
				assert_int_equal(booth_told(&p, 2)->pull->entries[0]->seq, 1);
			p.options.store.map_bytes = 256 * MIB;
			booth_restart(&p);
			assert_int_equal(booth_status_of(&p).cursor.seq, seq);
			assert_int_equal(feed_on(&p, 20), ERR_NONE);
			assert_head(&p, f, i);
			booth_close(&p);
		}
	}
}

static void
test_intake_whose_map_is_full_resumes_with_a_larger_one(void **state)
{
	struct played *f = *state;

	for (unsigned percent = 30; percent <= 90; percent += 20) {
		struct booth p;
		size_t next = 0;
		uint64_t drawn = 0;
		enum err err = ERR_NONE;
		intake_as_row(&p);
		p.options.store.map_bytes = (size_t)(f->used_bytes[0] * percent / 100);
		booth_start(&p);
		for (; err == ERR_NONE; next += err == ERR_NONE ? 5 : 0) {
			drawn = p.drawn;
			err = submit_some(&p, f, next, 5);
			assert_true(next < f->count);
		}
		assert_int_equal(err, ERR_STORE_FULL);
		for (unsigned i = 0; i < 5 && next + i < f->count; i++)
			assert_string_equal(booth_line_to(&p, i), "refused DISK_LOW retry 1000");
		assert_beginning(&p, f, 0);
		p.drawn = drawn;
		p.options.store.map_bytes = 256 * MIB;
		booth_restart(&p);
		while (next < f->count) {
			assert_int_equal(submit_some(&p, f, next, 5), ERR_NONE);
			next += 5;
		}
		assert_head(&p, f, 0);
		booth_close(&p);
	}
}

/* ---- the disk is nearly full, and stopping ----------------------------------------------------------------------- */

static void
test_submissions_are_refused_while_the_disk_is_low(void **state)
{
	const struct played *f = *state;
	struct booth p;

	booth_open(&p, &intake_service);
	booth_reserve(&p, 3);
	assert_string_equal(booth_ask(&p, 1, booth_submit(&p, f->items[0].submission, f->items[0].at_ms)),
			    "refused DISK_LOW retry 1000");
	assert_true(booth_status_of(&p).disk_low);
	assert_int_equal(booth_head(&p).seq, 1);
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, NULL)), "1 upto 1 head 1 applied 1");
	p.options.disk_reserve_bytes = 1;
	booth_restart(&p);
	assert_string_equal(booth_ask(&p, 1, booth_submit(&p, f->items[0].submission, f->items[0].at_ms)),
			    "accepted 3");
	booth_close(&p);
}

static void
test_nothing_is_written_below_half_the_reserve(void **state)
{
	struct played *f = *state;
	struct booth p;

	booth_open(&p, &intake_service);
	booth_reserve(&p, 1);
	const struct bytes submission = f->items[0].submission;
	booth_put(&p, 1, booth_submit(&p, submission, f->items[0].at_ms));
	booth_put(&p, 2, booth_pull_of(&p, booth_from(&p, NULL)));
	assert_int_equal(booth_try(&p), ERR_STORE_FULL);
	assert_string_equal(booth_line_to(&p, 1), "refused DISK_LOW retry 1000");
	assert_string_equal(booth_line_to(&p, 2), "1 upto 1 head 1 applied 1"); /* reading goes on */
	assert_true(booth_status_of(&p).refusing && booth_status_of(&p).disk_low && booth_status_of(&p).disk_warn);
	assert_int_equal(booth_status_of(&p).batches_undone, 0);
	booth_close(&p);

	booth_open(&p, &triage_service);
	booth_upstream(&p, f, 1);
	booth_reserve(&p, 1);
	booth_send(&p, 1, p.count, 0);
	assert_int_equal(booth_try(&p), ERR_STORE_FULL);
	assert_int_equal(booth_status_of(&p).cursor.seq, 0);
	/* Between half of the reserve and all of it, what was accepted is worked off. */
	booth_reserve(&p, 3);
	assert_int_equal(feed_on(&p, 512), ERR_NONE);
	assert_true(booth_status_of(&p).disk_low && !booth_status_of(&p).refusing);
	assert_head(&p, f, 1);
	booth_close(&p);
}

static void
test_the_warning_is_only_a_warning(void **state)
{
	const struct played *f = *state;
	struct booth p;

	booth_init(&p, &intake_service);
	p.options.disk_warn_bytes = UINT64_MAX;
	booth_start(&p);
	assert_string_equal(booth_ask(&p, 1, booth_submit(&p, f->items[0].submission, f->items[0].at_ms)),
			    "accepted 3");
	assert_true(booth_status_of(&p).disk_warn && !booth_status_of(&p).disk_low);
	booth_close(&p);
}

static void
test_a_service_that_stops_takes_nothing_more_and_still_answers(void **state)
{
	const struct played *f = *state;
	struct booth p;

	booth_open(&p, &intake_service);
	assert_string_equal(booth_ask(&p, 1, booth_submit(&p, f->items[0].submission, f->items[0].at_ms)),
			    "accepted 3");
	node_drain(p.node);
	assert_string_equal(booth_ask(&p, 1, booth_submit(&p, f->items[1].submission, f->items[1].at_ms)),
			    "refused DRAINING retry 1000");
	/* Also what was accepted before: whether it is known is not looked at any more. */
	assert_string_equal(booth_ask(&p, 1, booth_submit(&p, f->items[0].submission, f->items[0].at_ms)),
			    "refused DRAINING retry 1000");
	assert_string_equal(booth_pull(&p, 1, booth_from(&p, NULL)), "1-3 upto 3 head 3 applied 3");
	assert_int_equal(booth_head(&p).seq, 3);
	booth_close(&p);
}

/* ---- an upstream that repeats itself, lags or skips -------------------------------------------------------------- */

static void
test_repeated_late_and_gapped_answers_are_harmless(void **state)
{
	struct played *f = *state;

	for (unsigned i = 1; i < SERVICE_COUNT; i++) {
		struct booth p;
		struct load_random random = {.state = i};
		uint64_t steps = 0;
		booth_open(&p, service_of_row(i));
		booth_upstream(&p, f, i);
		while (booth_status_of(&p).cursor.seq < p.count) {
			const uint64_t seq = booth_status_of(&p).cursor.seq;
			const size_t from = load_below(&random, 2) == 0 ? seq : load_below(&random, p.count);
			const size_t first = 1 + from;
			const size_t last = first + load_below(&random, 40);
			booth_send(&p, first, last < p.count ? last : p.count, 0);
			booth_turn(&p);
			if (first > seq + 1)
				assert_int_equal(booth_status_of(&p).cursor.seq, seq);
			assert_true(booth_status_of(&p).cursor.seq >= seq);
			assert_true(++steps < 5000);
		}
		booth_send(&p, 1, 0, f->heads[0].seq); /* nothing new but that all is complete */
		booth_turn(&p);
		assert_int_equal(booth_status_of(&p).cursor.applied, 0); /* not up to where this one is */
		booth_send(&p, p.count + 1, p.count, f->heads[0].seq);
		booth_turn(&p);
		assert_int_equal(booth_status_of(&p).cursor.applied, f->heads[0].seq);
		assert_true(booth_status_of(&p).caught_up);
		assert_head(&p, f, i);
		booth_close(&p);
	}
}

static void
test_behind_a_gap_nothing_is_applied_and_it_asks_for_what_is_missing(void **state UNUSED)
{
	struct booth p;

	booth_open(&p, &triage_service);
	booth_write_ticks(&p, 9);
	booth_send(&p, 1, 3, 0);
	booth_turn(&p);
	booth_send(&p, 5, 9, 9);
	booth_turn(&p);
	assert_int_equal(booth_status_of(&p).cursor.seq, 3);
	assert_int_equal(booth_status_of(&p).cursor.applied, 0);
	assert_int_equal(p.asked->after->seq, 3);
	assert_memory_equal(p.asked->after->digest.data, p.entries[2].digest.b, DIGEST_SIZE);
	booth_feed(&p);
	assert_int_equal(booth_head(&p).seq, 9);
	booth_close(&p);
}

static void
test_an_unanswered_question_is_asked_again(void **state UNUSED)
{
	struct booth p;

	booth_open(&p, &triage_service);
	booth_turn(&p);
	assert_int_equal(p.asks, 1);
	assert_int_equal(p.asked->after->seq, 0);
	booth_wait(&p, NODE_REPEAT_MS - 1);
	booth_turn(&p);
	assert_int_equal(p.asks, 1);
	assert_int_equal(node_wait_ms(p.node, p.now), 1);
	booth_wait(&p, 1);
	booth_turn(&p);
	assert_int_equal(p.asks, 2);
	node_upstream_changed(p.node);
	booth_turn(&p);
	assert_int_equal(p.asks, 3);
	booth_close(&p);
}

/* ---- an upstream that is damaged, or another --------------------------------------------------------------------- */

static void
test_a_changed_byte_upstream_is_seen_and_nothing_of_the_answer_applied(void **state)
{
	struct played *f = *state;
	static const int places[] = {0, 50, -1};

	for (unsigned i = 1; i < SERVICE_COUNT; i++) {
		for (size_t k = 0; k < COUNT_OF(places); k++) {
			struct booth p;
			booth_open(&p, service_of_row(i));
			booth_upstream(&p, f, i);
			assert_int_equal(feed_on(&p, 20), ERR_NONE);
			const struct journal_head head = booth_head(&p);
			booth_close(&p);

			booth_open(&p, service_of_row(i));
			booth_upstream(&p, f, i);
			booth_send(&p, 1, 20, 0);
			booth_turn(&p);
			const struct journal_head before = booth_head(&p);
			struct bytes *bad = &p.entries[29].record;
			const size_t at =
			    places[k] < 0 || (size_t)places[k] >= bad->len ? bad->len - 1 : (size_t)places[k];
			((uint8_t *)(uintptr_t)bad->data)[at] ^= 1;
			booth_send(&p, 21, 40, 0);
			assert_int_equal(booth_try(&p), ERR_CORRUPT);
			assert_non_null(strstr(node_why(p.node), "the chain digest does not fit at record 30"));
			assert_non_null(strstr(node_why(p.node), "Nothing was applied from it"));
			assert_int_equal(booth_head(&p).seq, before.seq);

			((uint8_t *)(uintptr_t)bad->data)[at] ^= 1; /* mended */
			booth_restart(&p);
			assert_int_equal(booth_status_of(&p).cursor.seq, 20);
			assert_int_equal(feed_on(&p, 20), ERR_NONE);
			assert_memory_equal(booth_head(&p).digest.b, head.digest.b, DIGEST_SIZE);
			booth_close(&p);
		}
	}
}

static void
test_a_record_that_fits_the_chain_but_cannot_be_read_is_seen(void **state UNUSED)
{
	struct booth p;
	pb_JournalRecord empty;

	booth_open(&p, &triage_service);
	booth_write_ticks(&p, 2);
	pb_JournalRecord_init(&empty);
	empty.entry_case = DOORBRAAK__V1__JOURNAL_RECORD__ENTRY_INTAKE;
	empty.intake = ARENA_NEW(&p.arena, pb_IntakeRecord);
	pb_IntakeRecord_init(empty.intake);
	booth_write(&p, &empty);
	booth_send(&p, 1, 3, 3);
	assert_int_equal(booth_try(&p), ERR_CORRUPT);
	assert_non_null(strstr(node_why(p.node), "at record 3 of the upstream journal"));
	assert_int_equal(booth_head(&p).seq, 0);
	booth_close(&p);
}

static void
test_an_answer_that_is_no_reply_is_seen(void **state UNUSED)
{
	struct booth p;

	booth_open(&p, &triage_service);
	node_hear(p.node, bytes_str("nonsense"));
	assert_int_equal(booth_try(&p), ERR_CORRUPT);
	assert_non_null(strstr(node_why(p.node), "at record 1 of the upstream journal"));
	booth_close(&p);
}

static void
test_another_history_upstream_is_seen(void **state UNUSED)
{
	struct booth p;

	booth_open(&p, &triage_service);
	booth_write_ticks(&p, 5);
	booth_send(&p, 1, 3, 0);
	booth_turn(&p);
	p.history.b[15] ^= 1;
	booth_send(&p, 4, 5, 5);
	assert_int_equal(booth_try(&p), ERR_CORRUPT);
	assert_non_null(strstr(node_why(p.node), "another history begins"));
	assert_int_equal(booth_head(&p).seq, 3);
	booth_restart(&p); /* also a later life knows whose journal it reads */
	booth_send(&p, 4, 5, 5);
	assert_int_equal(booth_try(&p), ERR_CORRUPT);
	p.history.b[15] ^= 1;
	booth_restart(&p);
	booth_feed(&p);
	assert_int_equal(booth_head(&p).seq, 5);
	booth_close(&p);
}

static void
test_what_the_upstream_refuses_ends_the_process_or_is_asked_again(void **state UNUSED)
{
	static const struct {
		int reason;
		enum err err;
	} table[] = {
	    {REFUSED_REASON_HISTORY_UNKNOWN, ERR_REFUSED},
	    {REFUSED_REASON_DIGEST_DIFFERS, ERR_REFUSED},
	    {REFUSED_REASON_CURSOR_AHEAD, ERR_REFUSED},
	    {REFUSED_REASON_WRONG_SERVICE, ERR_REFUSED},
	    {REFUSED_REASON_BUSY, ERR_NONE},
	    {REFUSED_REASON_DRAINING, ERR_NONE},
	    {REFUSED_REASON_DISK_LOW, ERR_NONE},
	    {REFUSED_REASON_TOO_LARGE, ERR_NONE},
	};

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct booth p;
		booth_open(&p, &triage_service);
		booth_turn(&p);
		booth_send_refusal(&p, table[i].reason);
		assert_int_equal(booth_try(&p), table[i].err);
		assert_int_equal(p.asks, 1); /* not at once */
		if (table[i].err != ERR_NONE) {
			assert_non_null(strstr(node_why(p.node), "restore the upstream"));
		} else {
			booth_wait(&p, NODE_REPEAT_MS);
			booth_turn(&p);
			assert_int_equal(p.asks, 2);
		}
		booth_close(&p);
	}
}

/* The first batch of a life is undone: whose journal it was is forgotten with it. */
static void
test_a_history_of_an_undone_batch_is_not_kept(void **state UNUSED)
{
	static const struct history none;
	struct booth p;

	booth_open(&p, &triage_service);
	booth_write_ticks(&p, 5);
	p.commits_fail = ERR_STORE_FULL;
	booth_send(&p, 1, 5, 5);
	assert_int_equal(booth_try(&p), ERR_STORE_FULL);
	assert_memory_equal(booth_status_of(&p).history.b, none.b, HISTORY_SIZE);
	p.commits_fail = ERR_NONE;
	booth_feed(&p);
	booth_restart(&p);
	assert_memory_equal(booth_status_of(&p).history.b, p.history.b, HISTORY_SIZE);
	booth_close(&p);
}

/* ---- lives of a process ------------------------------------------------------------------------------------------ */

/* The process ends between the records of one cause: the place of the next answer and the submission that all is about stand
 * in the store. */
static void
test_batches_of_one_with_a_restart_after_each_give_the_same_journals(void **state)
{
	struct played *f = *state;

	for (unsigned i = 1; i < SERVICE_COUNT; i++) {
		struct booth p;
		booth_open(&p, service_of_row(i));
		booth_upstream(&p, f, i);
		p.count = p.count < 400 ? p.count : 400;
		while (booth_status_of(&p).cursor.seq < p.count) {
			const uint64_t seq = booth_status_of(&p).cursor.seq + 1;
			booth_send(&p, seq, seq, 0);
			booth_turn(&p);
			booth_restart(&p);
			assert_int_equal(booth_status_of(&p).cursor.seq, seq);
		}
		assert_beginning(&p, f, i);
		booth_close(&p);
	}
}

/* (cause, service, index) is the place of an answer: each has one of its own, also when several records of the upstream have
 * the same cause. */
static void
test_the_answers_of_a_service_to_one_cause_are_numbered(void **state)
{
	struct played *f = *state;
	unsigned apart = 0; /* answers to different records of one cause */

	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		struct journal_entry entry;
		struct record record;
		struct why why;
		uint64_t cause = 0, last = 0;
		uint32_t index = 0;
		for (uint64_t seq = 0; row_read(f->row, i, &f->arena, seq, &entry, 1) == 1; seq = entry.seq) {
			assert_true(record_read(&f->arena, entry.record, &record, &why));
			if (record.answer == NULL || (int)record.answer->service != service_of_row(i)->id)
				continue;
			apart += record.cause == cause && entry.seq > last + 1;
			index = record.cause == cause ? index + 1 : 1;
			assert_int_equal(record.answer->index, index);
			cause = record.cause;
			last = entry.seq;
		}
	}
	assert_true(apart > 10);
}

static void
test_the_first_turns_of_a_fresh_upstream_bring_nothing(void **state UNUSED)
{
	struct booth p;
	pb_PullReply pull;
	pb_Cursor upto;
	pb_Reply reply;

	booth_open(&p, &routing_service);
	pb_Reply_init(&reply);
	pb_PullReply_init(&pull);
	pb_Cursor_init(&upto);
	reply.body_case = DOORBRAAK__V1__REPLY__BODY_PULL;
	reply.pull = &pull;
	booth_send_reply(&p, &reply); /* without upto */
	booth_turn(&p);
	pull.upto = &upto; /* without a history yet */
	pull.applied = 3;
	booth_send_reply(&p, &reply);
	booth_turn(&p);
	assert_int_equal(booth_status_of(&p).cursor.applied, 0);
	booth_write_ticks(&p, 2);
	booth_feed(&p);
	assert_int_equal(booth_head(&p).seq, 2);
	booth_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_batches_of_any_size_give_the_same_five_journals),
	    cmocka_unit_test(test_a_replay_in_batches_of_any_size_gives_the_same_journals),
	    cmocka_unit_test(test_intake_gives_the_same_journal_for_batches_of_any_size),
	    cmocka_unit_test(test_nothing_is_told_before_the_commit),
	    cmocka_unit_test(test_nothing_is_told_before_the_commit_downstream),
	    cmocka_unit_test(test_a_start_that_cannot_be_made_durable_fails),
	    cmocka_unit_test(test_a_batch_that_does_not_fit_is_refused_as_a_whole),
	    cmocka_unit_test(test_a_downstream_batch_that_does_not_fit_is_tried_again),
	    cmocka_unit_test(test_a_full_store_downstream_refuses_until_there_is_room_and_asks_again),
	    cmocka_unit_test(test_a_downstream_service_whose_map_is_full_resumes_with_a_larger_one),
	    cmocka_unit_test(test_intake_whose_map_is_full_resumes_with_a_larger_one),
	    cmocka_unit_test(test_submissions_are_refused_while_the_disk_is_low),
	    cmocka_unit_test(test_nothing_is_written_below_half_the_reserve),
	    cmocka_unit_test(test_the_warning_is_only_a_warning),
	    cmocka_unit_test(test_a_service_that_stops_takes_nothing_more_and_still_answers),
	    cmocka_unit_test(test_repeated_late_and_gapped_answers_are_harmless),
	    cmocka_unit_test(test_behind_a_gap_nothing_is_applied_and_it_asks_for_what_is_missing),
	    cmocka_unit_test(test_an_unanswered_question_is_asked_again),
	    cmocka_unit_test(test_a_changed_byte_upstream_is_seen_and_nothing_of_the_answer_applied),
	    cmocka_unit_test(test_a_record_that_fits_the_chain_but_cannot_be_read_is_seen),
	    cmocka_unit_test(test_an_answer_that_is_no_reply_is_seen),
	    cmocka_unit_test(test_another_history_upstream_is_seen),
	    cmocka_unit_test(test_what_the_upstream_refuses_ends_the_process_or_is_asked_again),
	    cmocka_unit_test(test_a_history_of_an_undone_batch_is_not_kept),
	    cmocka_unit_test(test_batches_of_one_with_a_restart_after_each_give_the_same_journals),
	    cmocka_unit_test(test_the_answers_of_a_service_to_one_cause_are_numbered),
	    cmocka_unit_test(test_the_first_turns_of_a_fresh_upstream_bring_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
